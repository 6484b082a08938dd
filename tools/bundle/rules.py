"""Make dist/chunfeng-rules-DIGEST.zip, the rules and checklists alone: `python -m tools.bundle.rules`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.library.packs import packed_rules

ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    """Write the pack; its name carries the first digits of its SHA-256."""
    packed = packed_rules(ROOT)
    digest = hashlib.sha256(packed).hexdigest()
    target = ROOT / "dist" / f"chunfeng-rules-{digest[:12]}.zip"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(packed)
    print(f"{target}: {len(packed) / 1e6:.1f} MB, SHA-256 {digest}")


if __name__ == "__main__":
    main()
