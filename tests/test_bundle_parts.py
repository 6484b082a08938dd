"""What the bundle adds to the program: the archive, its start on old consoles, its entry on the desktop."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from support import ROOT

from tools.bundle import archive

FILES = ROOT / "tools" / "bundle" / "files"


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = spec_from_file_location("start_of_the_bundle", FILES / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [])
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("locale", "old"),
    [
        ("zh_CN.GBK", True),
        ("zh_CN.gb18030", True),
        ("zh_CN.GB2312", True),
        ("zh_CN", True),
        ("zh_CN.EUC-CN@x", True),
        ("C", False),
        ("zh_CN.UTF-8", False),
        ("en_US", False),
        ("", False),
    ],
)
def test_a_console_of_an_older_set_is_known_by_its_locale(locale: str, old: bool, start: ModuleType) -> None:
    assert start.speaks_gbk(locale) is old


def test_what_was_typed_on_such_a_console_is_read(
    start: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = os.fsdecode("检查表.pdf".encode("gbk"))
    assert start.in_gbk(typed) == "检查表.pdf"
    assert start.in_gbk("检查表.pdf") == "检查表.pdf"
    assert start.in_gbk("--help") == "--help"
    Path(typed).touch()
    assert start.in_gbk(typed) == typed, "a file of this very name is there"


def test_the_same_parts_give_the_same_archive(tmp_path: Path) -> None:
    packed = []
    for number, names in enumerate((["b", "a/汉字.txt"], ["a/汉字.txt", "b"])):
        folder = tmp_path / str(number) / "chunfeng"
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
        (folder / "b").chmod(0o700)
        archive.write_sums(folder)
        done = subprocess.run(["sha256sum", "-c", "--quiet", archive.SUMS], cwd=folder, capture_output=True, check=True)
        assert done.stdout == b""
        os.utime(folder / "b", (number, number))
        archive.pack(folder, tmp_path / f"{number}.tar.gz", 1_700_000_000)
        packed.append((tmp_path / f"{number}.tar.gz").read_bytes())
    assert packed[0] == packed[1]
    with tarfile.open(tmp_path / "0.tar.gz") as opened:
        modes = {entry.name: entry.mode for entry in opened}
    assert modes == {
        "chunfeng": 0o755, "chunfeng/SHA256SUMS": 0o644, "chunfeng/a": 0o755, "chunfeng/a/汉字.txt": 0o644,
        "chunfeng/b": 0o755,
    }  # fmt: skip


def unquoted(line: str) -> str:
    """Return the program that an Exec line names, as the Desktop Entry Specification reads it."""
    value = re.sub(r"\\(.)", r"\1", line.removeprefix("Exec="))  # a string of the file
    assert value[0] == value[-1] == '"'
    return re.sub(r'\\(["`$\\])', r"\1", value[1:-1]).replace("%%", "%")


@pytest.mark.parametrize("name", ["春风 2025", 'a"b', "a$HOME`id`", "100%f", "a\\b\\\\", "plain"])
def test_the_desktop_entry_names_the_program_wherever_it_lies(name: str, tmp_path: Path) -> None:
    folder, home = tmp_path / name, tmp_path / "home"
    folder.mkdir()
    (home / "桌面").mkdir(parents=True)
    script = folder / "chunfeng-desktop"
    script.write_bytes((FILES / script.name).read_bytes())
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}

    def run(*arguments: str, typed: bytes = b"") -> None:
        subprocess.run(["sh", str(script), *arguments], input=typed, env=environment, capture_output=True, check=True)

    entries = [home / ".local/share/applications/chunfeng.desktop", home / "桌面/chunfeng.desktop"]
    run(typed=b"\n")
    assert sorted(path.name for path in home.iterdir()) == ["桌面"], "nothing is written unless it is asked for"
    run(typed=b"y\n")
    for entry in entries:
        lines = entry.read_text(encoding="utf-8").splitlines()
        (program,) = [line for line in lines if line.startswith("Exec=")]
        assert unquoted(program) == f"{folder}/chunfeng"
        assert f"Path={home}/春风资料" in lines
    (home / "春风资料" / "检查表.pdf").touch()
    run("--remove")
    assert not any(entry.exists() for entry in entries)
    assert (home / "春风资料" / "检查表.pdf").exists()
