"""Write tests/problems/*/expected.txt from what is printed now. Read every change before committing it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import load_library

ROOT = Path(__file__).parent.parent


def expected(case: Path) -> str:
    """Return what a case prints beyond the problems of the rules themselves, its own folder left out of the paths."""
    known = set(check_library(load_library(Place(ROOT))))
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder) / "layer"
        shutil.copytree(case, layer, ignore=shutil.ignore_patterns("expected.txt"))
        found = [p for p in check_library(load_library(Place(ROOT, layer))) if p not in known]
        text = "\n".join(p.render() for p in found if p.severity != "unverified" or p.code == "V502")
    return text.replace(f"{layer}/", "") + "\n"


if __name__ == "__main__":
    for each in sorted((ROOT / "tests" / "problems").iterdir()):
        (each / "expected.txt").write_text(expected(each), encoding="utf-8")
