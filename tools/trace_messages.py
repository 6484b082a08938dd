"""Add to tests/messages.txt a test for each message that no wrong file of tests/problems and no listed test triggers.

    python tools/trace_messages.py tests/test_x.py …

Runs the tests named and notes which problems the engine really makes in them. Lines that name a test that is gone are
dropped; messages that none of the tests triggered are printed, and the exit code is 1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.catalogue import CATALOGUE
from engine.writing import write_atomically

ROOT = Path(__file__).parent.parent
LISTED = ROOT / "tests" / "messages.txt"
HEAD = "# A message and a test that triggers it; kept true by tests/conftest.py, made by tools/trace_messages.py.\n"


def main(tests: list[str]) -> int:
    """Run the tests, write the list, print what is still missing; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "traced.txt"
        environment = os.environ | {"CHUNFENG_TRACE_MESSAGES": str(traced), "PYTHONPATH": str(ROOT)}
        if tests:
            subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], cwd=ROOT, env=environment, check=False)
        made = _pairs(traced)
    wrong_files = {path.name.partition("-")[0] for path in (ROOT / "tests" / "problems").iterdir()}
    found: dict[str, str] = {code: node for code, node in reversed(_pairs(LISTED)) if _exists(node)}
    for code, node in sorted(made, key=lambda pair: (pair[0], len(pair[1]), pair[1])):
        found.setdefault(code, node)
    wanted = [code for code in sorted(CATALOGUE) if code not in wrong_files]
    lines = [f"{code} {found[code]}\n" for code in wanted if code in found]
    write_atomically(LISTED, (HEAD + "".join(lines)).encode())
    missing = [code for code in wanted if code not in found]
    print(f"{LISTED.relative_to(ROOT)}: {len(lines)}; still missing: {' '.join(missing) or 'none'}")
    return 1 if missing else 0


def _pairs(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [(code, node) for code, _, node in (line.partition(" ") for line in lines) if code in CATALOGUE]


def _exists(node: str) -> bool:
    path, _, name = node.partition("::")
    pattern = rf"(?m)^def {re.escape(name)}\("
    return (ROOT / path).is_file() and bool(re.search(pattern, (ROOT / path).read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
