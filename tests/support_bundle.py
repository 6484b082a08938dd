"""Roots in which the bundle is tried: with an old glibc, with none; without network, compiler, Python or fonts."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from support import SAMPLES

MIRROR = "http://deb.debian.org/debian"
USER = 1000
FOLDER = "药 剂 科"
WAIT = 300.0
"""Seconds: a busy machine starts a program slowly."""


def needs(what: str, *command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{what}\n{' '.join(map(str, command))}\n{done.stdout[-800:]}\n{done.stderr[-800:]}"


def _debian(root: Path) -> None:
    """Make the smallest Debian 11: glibc 2.31, no Python, no compiler, no fonts."""
    needs(
        "apt-get install debootstrap; is the mirror there?",
        "debootstrap",
        "--variant=minbase",
        "bullseye",
        root,
        MIRROR,
    )
    (root / "dev" / "shm").chmod(0o1777)  # where a system mounts memory that all may write to


def _bare(root: Path) -> None:
    """Make a root with one static program, which is its shell: no library of any kind."""
    busybox = shutil.which("busybox") or pytest.fail("apt-get install busybox-static")
    linked = subprocess.run(["readelf", "-lW", busybox], capture_output=True, encoding="utf-8", check=True).stdout
    assert "INTERP" not in linked, "this busybox needs libraries: apt-get install busybox-static"
    for name in ("bin", "dev/shm", "tmp", "home", "etc"):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    needs("busybox", "chroot", root, "/bin/busybox", "--install", "-s", "/bin")
    for name, numbers in {"null": "1 3", "zero": "1 5", "urandom": "1 9", "tty": "5 0"}.items():
        needs("mknod needs root", "mknod", "-m", "666", root / "dev" / name, "c", *numbers.split())
    for name in ("tmp", "dev/shm"):
        (root / name).chmod(0o1777)


class Office:
    """A root with a home in which the bundle was unpacked."""

    def __init__(self, root: Path, archive: Path) -> None:
        self.root, self.home = root, root / "home" / "user"
        (self.home / FOLDER).mkdir(parents=True)
        with tarfile.open(archive) as opened:
            opened.extractall(self.home / FOLDER, filter="tar")
        (self.bundle,) = (self.home / FOLDER).iterdir()
        shutil.copy(SAMPLES / "retail-pharmacy-2024.yaml", self.home / "答卷样例.yaml")
        needs("chown needs root", "chown", "-R", f"{USER}:{USER}", self.home)
        self.before = self.files()

    def command(
        self, *arguments: str | bytes, program: str = "chunfeng", folder: str = "", **environment: str
    ) -> list[str | bytes]:
        """Return the command that runs the bundle there: without network, as the user, with nothing of ours around.

        program: another one in its folder; folder: where it is run, the home if "".
        """
        home = "/" + str(self.home.relative_to(self.root))
        told = {"HOME": home, "PATH": "/bin:/usr/bin", "TERM": "vt100", "LANG": "zh_CN.UTF-8"} | environment
        program = f"/{self.bundle.relative_to(self.root)}/{program}" if "/" not in program else program
        enter = ["unshare", "--net", "chroot", f"--userspec={USER}:{USER}", str(self.root), "/usr/bin/env"]
        if not (self.root / "usr" / "bin" / "env").exists():
            enter[-1:] = ["/bin/env"]
        inside = ["-i", *(f"{k}={v}" for k, v in told.items()), "/bin/sh", "-c", 'cd "$1" && shift && exec "$0" "$@"']
        inside += [program, folder or home]
        return [*enter, *inside, *arguments]

    def run(
        self, *arguments: str | bytes, code: int = 0, encoding: str = "utf-8", program: str = "chunfeng",
        **environment: str,
    ) -> str:  # fmt: skip
        """Return what the bundle printed on both outputs; it must end with the code."""
        done = subprocess.run(
            self.command(*arguments, program=program, **environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=WAIT * 4, check=False,
        )  # fmt: skip
        shown = done.stdout.decode(encoding)
        assert done.returncode == code, shown[-3000:]
        assert "�" not in shown
        return shown

    def files(self) -> dict[str, tuple[int, int]]:
        """Return size and time of every file outside the bundle's own folder for what it writes, and of every link."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            if Path(folder) == self.bundle:
                folders[:] = [name for name in folders if name != "var"]
            for name in names:
                status = os.lstat(os.path.join(folder, name))
                found[os.path.relpath(os.path.join(folder, name), self.root)] = (status.st_size, status.st_mtime_ns)
        return found


ROOTS = {"bare": _bare, "debian-11": _debian}
"""What makes each root in a folder."""
