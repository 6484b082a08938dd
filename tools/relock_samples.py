"""Write the current locks into the sample answer sheets, after a campaign was released."""

from __future__ import annotations

import re
import sys

from engine.library.files import place
from engine.library.releases import current_release
from engine.writing import write_atomically


def main() -> int:
    """Rewrite the lock line of every sample; return the exit code."""
    at = place()
    for path in sorted((at.root / "checklists" / "samples").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        campaign = re.search(r'(?m)^campaign: "(.+)"$', text).group(1)
        locked, problems = current_release(at, campaign)
        if locked is None:
            print("\n".join(p.render() for p in problems))
            return 1
        write_atomically(path, re.sub(r"(?m)^lock: .*$", f'lock: "{locked.lock}"', text).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
