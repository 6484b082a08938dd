"""Python, glibc and the libraries of Pango, out of Debian's packages.

The bundle carries its own glibc and starts Python through its own loader, so that the age of the office's glibc does
not matter: the kernel alone does, and Debian 12's glibc asks for 3.2 of 2012.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

SUITE = "bookworm"
"""Debian 12: the packages below, and Python 3.11, are those of this release."""
PYTHON = "python3.11"
PACKAGES = (
    "base-files", "gcc-12-base", "libblkid1", "libbrotli1", "libbz2-1.0", "libc6", "libdatrie1", "libexpat1",
    "libffi8", "libfontconfig1", "libfreetype6", "libfribidi0", "libgcc-s1", "libglib2.0-0", "libgraphite2-3",
    "libharfbuzz-subset0", "libharfbuzz0b", "liblzma5", "libmount1", "libpango-1.0-0", "libpangoft2-1.0-0",
    "libpcre2-8-0", "libpng16-16", "libpython3.11-minimal", "libpython3.11-stdlib", "libselinux1", "libsqlite3-0",
    "libssl3", "libstdc++6", "libthai-data", "libthai0", "libuuid1", "python3.11-minimal", "zlib1g",
)  # fmt: skip
OPENED_BY_NAME = (
    "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1",
    "libgobject-2.0.so.0", "libgcc_s.so.1",
)  # fmt: skip
"""Libraries that no file names as needed: WeasyPrint opens them by these names, glibc the last one."""
LOADER = "ld-linux-x86-64.so.2"
UNUSED = ("ensurepip", "lib2to3", "pydoc_data", "turtledemo", "idlelib", "tkinter", "__pycache__")
"""Parts of the standard library that the program has no use for."""
UNUSED_MODULES = (
    "_crypt",
    "_curses_panel",
    "_dbm",
    "_gdbm",
    "_test*",
    "_ctypes_test",
    "_xx*",
    "audioop",
    "nis",
    "xx*",
    "_curses",
    "readline",
)
"""Extension modules for tests, and those that need libraries which nothing else needs; readline is under the GPL."""


def fetch(folder: Path) -> list[Path]:
    """Return the packages' files in the folder, sorted by name; apt holds each against Debian's signatures.

    Ends the program if this machine's apt is not that of the suite.
    """
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    if f"VERSION_CODENAME={SUITE}" not in release.splitlines():
        raise SystemExit(f"make bundle needs Debian's packages of {SUITE}; this machine has another release")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.deb"):
        old.unlink()
    command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.glob("*.deb"))


def unpack(packages: Iterable[Path], folder: Path) -> None:
    """Unpack the packages over each other into the folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for package in packages:
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)


def versions(packages: Iterable[Path]) -> list[str]:
    """Return name and version of each package, as Debian writes them."""
    return [" ".join(package.name.replace("%3a", ":").split("_")[:2]) for package in packages]


def place_python(root: Path, home: Path) -> None:
    """Copy Python and its standard library from the unpacked packages to home/bin and home/lib."""
    library = home / "lib" / PYTHON
    (home / "bin").mkdir(parents=True)
    shutil.copy2(root / "usr" / "bin" / PYTHON, home / "bin" / PYTHON)
    shutil.copytree(root / "usr" / "lib" / PYTHON, library, ignore=shutil.ignore_patterns(*UNUSED))
    for name in UNUSED_MODULES:
        for module in (library / "lib-dynload").glob(f"{name}.*.so"):
            module.unlink()


def place_libraries(root: Path, home: Path) -> list[str]:
    """Copy what the programs and modules under home load, and what that loads, to home/lib by the names they ask for.

    Return the names, sorted. Links are resolved: a stick formatted for Windows has none. Ends the program if a name is
    found neither among the packages nor beside the module that asks for it.
    """
    sources = {path.name: path for path in sorted(root.rglob("*.so*")) if path.is_file() and ".so" in path.name}
    carried = {path.name for path in home.rglob("*.so*")}
    placed: set[str] = set()
    wanted = {LOADER, *OPENED_BY_NAME, *_needed(binaries(home))}
    while missing := sorted(wanted - placed - carried):
        lost = [name for name in missing if name not in sources]
        if lost:
            raise SystemExit(f"no package of tools/bundle/debian.py holds {', '.join(lost)}")
        for name in missing:
            shutil.copy2(sources[name].resolve(), home / "lib" / name)
            (home / "lib" / name).chmod(0o755)
            placed.add(name)
        wanted = _needed(home / "lib" / name for name in missing)
    return sorted(placed)


def place_licences(root: Path, folder: Path) -> None:
    """Copy the licence of each package to folder/NAME.txt, and those that they refer to in full."""
    folder.mkdir(parents=True, exist_ok=True)
    for licence in sorted(root.glob("usr/share/doc/*/copyright")):
        if licence.is_file():
            shutil.copyfile(licence, folder / f"{licence.parent.name}.txt")
    shutil.copytree(root / "usr" / "share" / "common-licenses", folder / "common-licenses")


def binaries(folder: Path) -> list[Path]:
    """Return the files of the folder in the format of programs and libraries, sorted."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(path)
    return found


def _needed(files: Iterable[Path]) -> set[str]:
    """Return the names of libraries that the files ask the loader for."""
    told = os.environ | {"LC_ALL": "C"}  # elsewhere readelf speaks the language of the machine
    command = ["readelf", "-dW", *files]
    listed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=told).stdout
    return set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.+)\]", listed))
