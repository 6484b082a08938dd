"""The bundle where it will be used: without network, compiler, Python or fonts, as an ordinary user.

Two roots: Debian 11 with its glibc 2.31, and one without any glibc at all, so that the age of an office's does not
matter. `make bundle-test` runs this; it needs root, unshare, and the Debian packages debootstrap and busybox-static.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from support import ROOT
from support_answers import checklist_of
from support_bundle import ROOTS, USER, Office, needs
from support_terminal import OLD, WIDE, Terminal
from test_bundle_parts import unquoted

from engine.commands.console import cells
from engine.documents.papers import checklist_pdf
from tools.bundle.archive import SUMS
from tools.bundle.debian import binaries

BUNDLE = os.environ.get("CHUNFENG_BUNDLE", "")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not BUNDLE, reason="CHUNFENG_BUNDLE names no archive: make bundle, then make bundle-test"),
]
KERNEL = (3, 2, 0)
"""As docs/bundle.md and 使用说明.txt promise."""
LIMIT = 250_000_000
"""Bytes of the archive, which travels on a stick and through mail gates."""


@pytest.fixture(scope="module", params=ROOTS)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if os.getuid() != 0:
        pytest.fail("a root of its own needs root: sudo make bundle-test")
    root = tmp_path_factory.mktemp("roots") / request.param
    root.mkdir()
    ROOTS[request.param](root)
    yield Office(root, Path(BUNDLE))
    shutil.rmtree(root, ignore_errors=True)


def test_the_archive_is_small_enough_and_holds_no_links() -> None:
    size = Path(BUNDLE).stat().st_size
    with tarfile.open(BUNDLE) as archive:
        entries = archive.getmembers()
    print(f"\narchive {size / 1e6:.0f} MB, unpacked {sum(entry.size for entry in entries) / 1e6:.0f} MB")
    assert size < LIMIT
    assert {entry.type for entry in entries} == {tarfile.DIRTYPE, tarfile.REGTYPE}, "a stick may know no links"


def test_the_libraries_ask_for_a_kernel_of_2012(tmp_path: Path) -> None:
    """No glibc of the system is used, so what decides is the oldest kernel that each part says it runs on."""
    with tarfile.open(BUNDLE) as archive:
        archive.extractall(tmp_path, filter="data")
    told = subprocess.run(
        ["readelf", "-nW", *binaries(tmp_path)], capture_output=True, encoding="utf-8", check=True
    ).stdout
    asked = {tuple(map(int, version.split("."))) for version in re.findall(r"OS: Linux, ABI: ([\d.]+)", told)}
    assert asked
    assert max(asked) <= KERNEL


def test_built_again_it_is_the_same_bytes(tmp_path: Path) -> None:
    """From this checkout, at another time, in another folder."""
    with tarfile.open(BUNDLE) as archive:
        first = {entry.name: entry for entry in archive}
    told = os.environ | {"SOURCE_DATE_EPOCH": str(int(next(iter(first.values())).mtime))}
    command = [sys.executable, "-m", "tools.bundle", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=told, check=True, umask=0o077)
    (again,) = tmp_path.iterdir()
    assert differences(Path(BUNDLE), again) == []
    assert again.read_bytes() == Path(BUNDLE).read_bytes()


def differences(first: Path, second: Path) -> list[str]:
    """Return the names of what is not the same in two archives."""
    with tarfile.open(first) as one, tarfile.open(second) as other:
        digests = [
            {entry.name: hashlib.sha256(read.read() if (read := archive.extractfile(entry)) else b"").digest() for entry in archive}
            for archive in (one, other)
        ]  # fmt: skip
    return sorted(
        name for name in digests[0].keys() | digests[1].keys() if digests[0].get(name) != digests[1].get(name)
    )


def test_the_rules_alone_are_the_same_bytes_from_another_checkout(tmp_path: Path) -> None:
    from engine.library.packs import packed_rules

    for name in ("rules", "checklists"):
        shutil.copytree(ROOT / name, tmp_path / name, copy_function=shutil.copyfile)
    assert packed_rules(tmp_path) == packed_rules(ROOT)


def test_the_office_has_nothing_that_helps(office: Office) -> None:
    helpful = ("bin/python*", "bin/gcc*", "bin/cc", "*.ttf", "*.otf", "*.ttc", "libpango*")
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
    terminal = Terminal(command=office.command(*keyed))
    for question, typed in (
        ("开始 > ", "\r"), ("YD-01 > ", "n"), ("细目 > ", "20251231\r"), ("细目 > ", "13\r"), ("YD-02 > ", "q"),
    ):  # fmt: skip
        terminal.wait_for(question)
        terminal.type(typed)
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
    assert sorted(path.name for path in (office.home / "几份").iterdir()) == [
        "乙-inspection-record.pdf",
        "甲-inspection-record.pdf",
    ]


def test_consoles_of_other_sets_show_what_can_be_read(office: Office) -> None:
    assert "用法" in office.run("--help", LANG="C", LC_ALL="C")
    assert "用法" in office.run("--help", encoding="gb18030", LANG="zh_CN.GBK")
    typed = ["checklist", "clinic", "--campaign", "2024", "--as", "yaml", "-o", "诊所.yaml".encode("gbk")]
    assert "诊所.yaml" in office.run(*typed, encoding="gb18030", LANG="zh_CN.GBK")
    assert (office.home / "诊所.yaml").is_file(), "files are named in UTF-8 whatever the console"
    wrong = office.run("checklist", "诊", "--campaign", "2024", "-o", "a.pdf", code=1, LC_ALL="C")
    assert "没有单位类型 “诊”" in wrong


# ── the menu


BLANK = (
    ("1\r", "请选"), ("1\r", "一家单位"), ("2024\r", "哪一次行动"), ("诊所\r", "哪种单位"), ("\r", "有哪些业务"),
    ("20240115\r", "检查日期"), ("1\r", "打印用的 PDF"),
)  # fmt: skip
"""What is typed for a blank checklist, each with the words that stand on the screen then, up to the name of the file."""


def typed_up_to_the_name(terminal: Terminal) -> None:
    for typed, words in BLANK:
        terminal.wait_until(words)
        terminal.type(typed)
    terminal.wait_until("写到哪个文件")


CONSOLES = {
    "C": ("utf-8", {"LANG": "C", "LC_ALL": "C"}, OLD),
    "GBK": ("gb18030", {"LANG": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"}, OLD),
    "1366x768": ("utf-8", {}, WIDE),
}
"""Encoding of a console, its variables, its lines and columns."""


@pytest.mark.parametrize("console", CONSOLES)
def test_the_menu_prints_a_checklist_on_every_console(console: str, office: Office) -> None:
    encoding, variables, size = CONSOLES[console]
    paper = office.home / f"菜单 {console}.pdf"
    terminal = Terminal(command=office.command(**variables), encoding=encoding, size=size)
    try:
        typed_up_to_the_name(terminal)
        asked = "".join(terminal.shown).split("\n")
        assert [line for line in asked if cells(line) > size[1]] == [], "lines run over the edge"
        for typed, words in (
            (f"{paper.name}\r", ""), ("p\r", f"{paper.name}：个体诊所"), ("\r", "没有打印命令"), ("0\r", "请选"), ("0\r", "【春风】")
        ):  # fmt: skip
            if words:
                terminal.wait_until(words)
            terminal.type(typed)
        code, shown = terminal.ended()
        assert code == 0, shown
        assert "�" not in "".join(terminal.shown) + shown
    finally:
        terminal.close()
    assert paper.read_bytes() == checklist_pdf(checklist_of("2024", "clinic", date(2024, 1, 15)))


@pytest.mark.parametrize("end", ["Ctrl-C", "closed"])
def test_what_is_broken_off_leaves_nothing_half_written(end: str, office: Office) -> None:
    """At a question, and while a paper is being set: it is not there, or whole where it was quicker."""
    before, paper = office.files(), office.home / "断.pdf"
    for at in ("question", "typesetting"):
        terminal = Terminal(command=office.command())
        try:
            typed_up_to_the_name(terminal)
            if at == "typesetting":
                terminal.type(f"{paper.name}\r")
                terminal.wait_for("正在排版")
            if end == "closed":
                assert terminal.hang_up() in (0, 1, 120, -1)  # 120: what was to be shown last has no terminal
                continue
            terminal.type("\x03")
            if at == "typesetting":
                terminal.wait_until("已中止，没有写出文件")
                terminal.type("\r")
            for words in ("请选", "再按一次 Ctrl-C 结束")[at == "question" :]:
                terminal.wait_until(words)
                terminal.type("\x03")
            code, shown = terminal.ended()
            assert (code, shown.strip()[-3:]) == (0, "再见。")
        finally:
            terminal.close()
    if paper.exists():
        assert paper.read_bytes() == checklist_pdf(checklist_of("2024", "clinic", date(2024, 1, 15)))
        paper.unlink()
    assert office.files() == before


def test_the_icon_opens_the_menu(office: Office) -> None:
    """The entry is written where it is asked for; a desktop starts its Exec line in its Path."""
    (office.home / "桌面").mkdir()
    needs("chown needs root", "chown", f"{USER}:{USER}", office.home / "桌面")
    office.run("--yes", program="chunfeng-desktop")
    entry = (office.home / "桌面" / "chunfeng.desktop").read_text(encoding="utf-8")
    lines = dict(line.split("=", 1) for line in entry.splitlines() if "=" in line)
    terminal = Terminal(command=office.command(program=unquoted(f"Exec={lines['Exec']}"), folder=lines["Path"]))
    try:
        assert "【春风】" in terminal.wait_until("请选")
        assert lines["Path"] in "".join(terminal.shown)
        terminal.type("0\r")
        assert terminal.ended()[0] == 0
    finally:
        terminal.close()
    office.run("--remove", program="chunfeng-desktop")
    assert not list(office.home.rglob("chunfeng.desktop"))
    shutil.rmtree(office.home / ".local")


def test_a_paper_goes_to_the_printer_of_the_system(office: Office) -> None:
    """The printer's command gets the file, and nothing of the loader or the folders of the bundle."""
    place = "/" + str(office.home.relative_to(office.root))
    (office.home / "bin").mkdir()
    fake = office.home / "bin" / "lp"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{place}/told\nenv >>{place}/told\n', encoding="utf-8")
    fake.chmod(0o755)
    (office.home / "-表 一.pdf").write_bytes(b"%PDF-1.7\n")
    told = {"PATH": f"{place}/bin:/bin:/usr/bin", "LANG": "zh_CN.GBK"}
    assert "已送打印机" in office.run("print", "--", "-表 一.pdf", encoding="gb18030", **told)
    words = (office.home / "told").read_text(encoding="utf-8").splitlines()
    assert words[:5] == ["-t", "-表 一.pdf", "-n", "1", f"{place}/-表 一.pdf"]
    assert not [word for word in words if word.startswith(("LD_", "PYTHON"))]


# ── figures, rules, what was written


def test_the_start_is_quick(office: Office) -> None:
    """Printed with the load of the machine; cold: the files are read anew."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def forget() -> None:
        subprocess.run(["sync"], check=True)
        with suppress(OSError):
            Path("/proc/sys/vm/drop_caches").write_text("1", encoding="ascii")

    for cold in (True, False):
        if cold:
            forget()
        before = spent()
        office.run("--help")
        helped = spent() - before
        if cold:
            forget()
        before = spent()
        terminal = Terminal(command=office.command())
        terminal.wait_until("【春风】")
        terminal.type("0\r")
        assert terminal.ended()[0] == 0
        opened = spent() - before
        terminal.close()
        print(
            f"\n{'cold' if cold else 'warm'}: --help {helped:.2f} s CPU, menu {opened:.2f} s CPU, load {os.getloadavg()}"
        )


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
