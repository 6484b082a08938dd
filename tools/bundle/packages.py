"""The program and what it needs from PyPI, as a folder that Python finds; compiled so that nothing is written later."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements") / "bundle.txt"
"""What an installed program needs and all its extras, with hashes."""
UNUSED = ("tests", "test", "testing/data", "bin", "include")
UNUSED_FILES = (
    "*.pyi", "*.pxd", "*.pyx", "*.h", "*.c", "*.cpp", "*.a", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json",
)  # fmt: skip
UNUSED_IN_OPENCV = "cv2/data"
"""Trained models of faces."""


def install(root: Path, target: Path) -> None:
    """Install the locked packages and the program itself from the repository at root into the target folder.

    The environment's Python must be of the version that the bundle carries: durable_rules is compiled for it.
    """
    if sys.version_info[:2] != (3, 11):
        raise SystemExit(f"make bundle needs .venv made with Python 3.11, this is {sys.version.split()[0]}")
    _pip(target, "--require-hashes", "--no-deps", "-r", str(root / LOCK))
    _pip(target, "--no-deps", str(root))
    if not (target / "engine" / "_data" / "fonts" / "recipe.txt").is_file():
        raise SystemExit("the fonts are not built: run tools/setup.sh runtime")
    _drop_unused(target)
    for library in target.glob("durable_rules_engine*.so"):
        subprocess.run(["strip", "--strip-debug", library], check=True)  # paths of the machine that compiled it


def _pip(target: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-build-isolation", "--no-warn-conflicts", "--upgrade", "--target", str(target), *what]
    subprocess.run(command, check=True)


def _drop_unused(target: Path) -> None:
    for pattern in UNUSED_FILES:
        for path in target.rglob(pattern):
            if not path.is_relative_to(target / "engine"):
                path.unlink()
    folders = [path for path in target.rglob("*") if path.is_dir() and path.name in UNUSED]
    for path in [*folders, target / UNUSED_IN_OPENCV]:
        if not path.is_relative_to(target / "engine"):
            shutil.rmtree(path, ignore_errors=True)


def compile_all(home: Path) -> None:
    """Compile every module under home, never to be held against its source again, with paths from home in its errors.

    One process in one order: the bytes that the compiler writes depend on what it read before.
    """
    for path in sorted(home.rglob("*.py")):
        shown = str(path.relative_to(home))
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(path), dfile=shown, doraise=True, invalidation_mode=mode)


def fixed_seed() -> None:
    """Start this program again with a fixed order of sets, unless it has one: constants of modules hold sets."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {"PYTHONHASHSEED": "0"})  # noqa: S606
