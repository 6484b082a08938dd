"""The bundle where it will be used: without network, compiler, Python or fonts, as an ordinary user.

Two roots: Debian 11 with its glibc 2.31, and one without any glibc at all, so that the age of an office's does not
matter. `make bundle-test` runs this; it needs root, unshare, and the Debian packages debootstrap and busybox-static.
"""

from __future__ import annotations

import fcntl
import os
import pty
import resource
import select
import shutil
import subprocess
import tarfile
import termios
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support import ROOT, SAMPLES
from support_answers import checklist_of

from engine.documents.papers import checklist_pdf
from tools.bundle.archive import SUMS

BUNDLE = os.environ.get("CHUNFENG_BUNDLE", "")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not BUNDLE, reason="CHUNFENG_BUNDLE names no archive: make bundle, then make bundle-test"),
]
MIRROR = "http://deb.debian.org/debian"
USER = 1000
FOLDER = "药 剂 科"
WAIT = 300.0
"""Seconds: a busy machine starts a program slowly."""
LIMIT = 250_000_000
"""Bytes of the archive, which travels on a stick and through mail gates."""


def _needs(what: str, *command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{what}\n{' '.join(map(str, command))}\n{done.stdout[-800:]}\n{done.stderr[-800:]}"


def _debian(root: Path) -> None:
    """Make the smallest Debian 11: glibc 2.31, no Python, no compiler, no fonts."""
    _needs(
        "apt-get install debootstrap; is the mirror there?",
        "debootstrap",
        "--variant=minbase",
        "bullseye",
        root,
        MIRROR,
    )


def _bare(root: Path) -> None:
    """Make a root with one static program, which is its shell: no library of any kind."""
    busybox = shutil.which("busybox") or pytest.fail("apt-get install busybox-static")
    linked = subprocess.run(["readelf", "-lW", busybox], capture_output=True, encoding="utf-8", check=True).stdout
    assert "INTERP" not in linked, "this busybox needs libraries: apt-get install busybox-static"
    for name in ("bin", "dev/shm", "tmp", "home", "etc"):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    _needs("busybox", "chroot", root, "/bin/busybox", "--install", "-s", "/bin")
    for name, numbers in {"null": "1 3", "zero": "1 5", "urandom": "1 9", "tty": "5 0"}.items():
        _needs("mknod needs root", "mknod", "-m", "666", root / "dev" / name, "c", *numbers.split())
    for name in ("tmp", "dev/shm"):
        (root / name).chmod(0o1777)


class Office:
    """A root with a home in which the bundle was unpacked."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "home" / "user"
        (self.home / FOLDER).mkdir(parents=True)
        with tarfile.open(BUNDLE) as archive:
            archive.extractall(self.home / FOLDER, filter="tar")
        (self.bundle,) = (self.home / FOLDER).iterdir()
        shutil.copy(SAMPLES / "retail-pharmacy-2024.yaml", self.home / "答卷样例.yaml")
        _needs("chown needs root", "chown", "-R", f"{USER}:{USER}", self.home)
        self.before = self.files()

    def command(self, *arguments: str | bytes, **environment: str) -> list[str | bytes]:
        """Return the command that runs the bundle there: without network, as the user, with nothing of ours around."""
        told = {"HOME": "/home/user", "PATH": "/bin:/usr/bin", "TERM": "vt100", "LANG": "zh_CN.UTF-8"} | environment
        program = "/" + str(self.bundle.relative_to(self.root)) + "/chunfeng"
        enter = ["unshare", "--net", "chroot", f"--userspec={USER}:{USER}", str(self.root), "/usr/bin/env"]
        if not (self.root / "usr" / "bin" / "env").exists():
            enter[-1:] = ["/bin/env"]
        inside = ["-i", *(f"{k}={v}" for k, v in told.items()), "/bin/sh", "-c", 'cd; exec "$0" "$@"', program]
        return [*enter, *inside, *arguments]

    def run(self, *arguments: str | bytes, code: int = 0, encoding: str = "utf-8", **environment: str) -> str:
        """Return what the bundle printed on both outputs; it must end with the code."""
        done = subprocess.run(
            self.command(*arguments, **environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
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


@pytest.fixture(scope="module", params=["bare", "debian-11"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if os.getuid() != 0:
        pytest.fail("a root of its own needs root: sudo make bundle-test")
    root = tmp_path_factory.mktemp("roots") / request.param
    root.mkdir()
    {"bare": _bare, "debian-11": _debian}[request.param](root)
    yield Office(root)
    shutil.rmtree(root, ignore_errors=True)


class Terminal:
    """The bundle at a terminal of 80 columns."""

    def __init__(self, command: list[str | bytes]) -> None:
        self.seen = b""
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (30, 80))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)

    def answer(self, question: str, typed: str) -> None:
        """Wait for the question, then type."""
        end = time.monotonic() + WAIT
        while question.encode() not in self.seen:
            if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
                self.process.kill()
                raise AssertionError(f"“{question}” was not shown, but:\n{self.seen.decode(errors='replace')}")
            self.seen += os.read(self._master, 65536)
        self.seen = self.seen.partition(question.encode())[2]
        os.write(self._master, typed.encode())

    def ended(self) -> tuple[int, str]:
        """Return the exit code and what was shown last."""
        try:
            while content := os.read(self._master, 65536):
                self.seen += content
        except OSError:  # the program has closed its side
            pass
        os.close(self._master)
        return self.process.wait(timeout=WAIT), self.seen.decode()


def test_the_archive_is_small_enough_and_holds_no_links() -> None:
    size = Path(BUNDLE).stat().st_size
    with tarfile.open(BUNDLE) as archive:
        entries = archive.getmembers()
    print(f"\narchive {size / 1e6:.0f} MB, unpacked {sum(entry.size for entry in entries) / 1e6:.0f} MB")
    assert size < LIMIT
    assert {entry.type for entry in entries} == {tarfile.DIRTYPE, tarfile.REGTYPE}, "a stick may know no links"


def test_the_office_has_nothing_that_helps(office: Office) -> None:
    helpful = ("python*", "gcc*", "cc", "*.ttf", "*.otf", "*.ttc", "libpango*")
    found = [path for pattern in helpful for path in office.root.rglob(pattern) if path.is_file()]
    assert [path for path in found if not path.is_relative_to(office.bundle)] == []


def test_the_whole_way_from_a_checklist_to_a_paper_that_is_checked(office: Office) -> None:
    home = office.home
    blank = ("checklist", "retail-pharmacy", "--campaign", "2024", "--date", "2024-01-15")
    office.run(*blank, "-o", "检查 表.pdf")
    ours = checklist_pdf(checklist_of("2024", "retail-pharmacy", date(2024, 1, 15)))
    assert (home / "检查 表.pdf").read_bytes() == ours, "printed in the office, it is not what is printed here"

    office.run(*blank, "--as", "json", "-o", "空白表.json")
    keyed = ("answers", "key", "空白表.json", "-o", "答卷.yaml", "--by", "张三", "--at", "2024-01-15 16:30")
    terminal = Terminal(office.command(*keyed))
    terminal.answer("开始 > ", "\r")
    terminal.answer("YD-01 > ", "n")
    terminal.answer("细目 > ", "20251231\r")
    terminal.answer("细目 > ", "13\r")
    terminal.answer("YD-02 > ", "q")
    code, shown = terminal.ended()
    assert code == 0, shown
    assert "没有答案的 19 项" in shown
    assert "2025-12-31" in (home / "答卷.yaml").read_text(encoding="utf-8")

    office.run("record", "new", "答卷样例.yaml", "-o", "记录.yaml")
    office.run("record", "print", "记录.yaml", "-o", "笔录.pdf")
    assert "一致" in office.run("verify", "笔录.pdf")


def test_the_table_of_a_campaign_and_papers_made_by_several_processes(office: Office) -> None:
    office.run("workspace", "demo", "演示", "--sites", "6", "--visits", "3", "--units", "2")
    office.run("table", "show", "演示", "t0", "--to", "2024-01-26", "-o", "数据统计表.xlsx")
    office.run("table", "show", "演示", "t0", "--to", "2024-01-26", "-o", "数据统计表.pdf")
    assert (office.home / "数据统计表.xlsx").read_bytes().startswith(b"PK")
    office.run("record", "new", "答卷样例.yaml", "-o", "甲.yaml", "--force")
    office.run("record", "new", "答卷样例.yaml", "-o", "乙.yaml", "--force")
    office.run("record", "print", "甲.yaml", "乙.yaml", "--jobs", "2", "-o", "几份")
    assert sorted(path.name for path in (office.home / "几份").iterdir()) == ["乙.pdf", "甲.pdf"]


def test_consoles_of_other_sets_show_what_can_be_read(office: Office) -> None:
    assert "用法" in office.run("--help", LANG="C", LC_ALL="C")
    assert "用法" in office.run("--help", encoding="gb18030", LANG="zh_CN.GBK")
    typed = ["checklist", "clinic", "--campaign", "2024", "--as", "yaml", "-o", "诊所.yaml".encode("gbk")]
    assert "诊所.yaml" in office.run(*typed, encoding="gb18030", LANG="zh_CN.GBK")
    assert (office.home / "诊所.yaml").is_file(), "files are named in UTF-8 whatever the console"
    wrong = office.run("checklist", "诊", "--campaign", "2024", "-o", "a.pdf", code=1, LC_ALL="C")
    assert "没有单位类型 “诊”" in wrong


def test_the_start_is_quick(office: Office) -> None:
    office.run("--help")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    office.run("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\nchunfeng --help: {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f} s CPU")


def test_rules_are_changed_and_taken_back(office: Office) -> None:
    from engine.library.packs import packed_rules

    files = office.root / "rules"
    for name in ("rules", "checklists"):
        shutil.copytree(ROOT / name, files / name, dirs_exist_ok=True)
    (files / "rules" / "README.md").write_text("2025\n", encoding="utf-8")
    pack = office.home / "规则包.zip"
    pack.write_bytes(packed_rules(files))
    shutil.rmtree(files)
    assert "已启用规则" in office.run("rules", "update", "规则包.zip")
    assert "错误 0" in office.run("rules", "check")
    assert "已换回规则 程序自带" in office.run("rules", "update", "--undo")
    shutil.rmtree(office.bundle / "app" / "packages" / "engine" / "_data" / "packs")


def test_nothing_was_written_but_what_was_asked_for(office: Office) -> None:
    """After all the tests above."""
    work = str(office.home.relative_to(office.root)) + "/"
    own = str(office.bundle.relative_to(office.root)) + "/"
    after = office.files()
    changed = {name for name in after.keys() | office.before.keys() if after.get(name) != office.before.get(name)}
    assert [name for name in changed if name.startswith(own) or not name.startswith(work)] == []
    hidden = [name for name in changed if name.removeprefix(work).startswith(".")]
    assert hidden == [], "the home has new settings or caches"
    done = subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=office.bundle, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert list((office.bundle / "var" / "tmp").iterdir()) == []


def test_two_versions_lie_side_by_side_moved_and_read_only(office: Office) -> None:
    other = office.home / "另一版 $HOME"
    shutil.copytree(office.bundle, other, ignore=shutil.ignore_patterns("var"))
    first, office.bundle = office.bundle, other
    try:  # it belongs to root now: the user can write nothing into it
        office.run("checklist", "clinic", "--campaign", "2024", "-o", "另一版.pdf")
    finally:
        office.bundle = first
        shutil.rmtree(other)
    assert not (office.home / ".cache").exists()
    office.run("checklist", "clinic", "--campaign", "2024", "-o", "这一版.pdf")
    assert (office.home / "这一版.pdf").read_bytes() == (office.home / "另一版.pdf").read_bytes()
