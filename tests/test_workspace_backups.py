"""A backup comes back as it was, or not at all; what is no backup of ours never makes a folder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support_documents import Invoke
from support_workspace import ACTING, Forked, filled, finding, state, write

from engine.problems import ProblemError
from engine.workspace import backups
from engine.workspace.backups import MANIFEST, back_up, restore
from engine.workspace.folder import DATABASE, FILES, open_workspace
from engine.workspace.kept_files import keep, path_of


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("ws") / "ws")


@pytest.fixture(scope="module")
def archive(ws: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backed_up(ws, tmp_path_factory.mktemp("zip") / "a.zip")


def backed_up(ws: Path, target: Path) -> Path:
    with open_workspace(ws) as workspace:
        back_up(workspace, target)
    return target


def parts_of(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_backup_comes_back_as_it_was(ws: Path, archive: Path, tmp_path: Path) -> None:
    head = restore(archive, tmp_path / "back")
    assert state(tmp_path / "back") == state(ws)
    assert state(ws)[0] == str(head)  # type: ignore[index]
    with open_workspace(tmp_path / "back") as workspace:
        write(workspace, "goes-on")


def test_the_same_state_gives_the_same_bytes(ws: Path, archive: Path, tmp_path: Path) -> None:
    assert backed_up(ws, tmp_path / "b.zip").read_bytes() == archive.read_bytes()
    restore(archive, tmp_path / "back")
    assert backed_up(tmp_path / "back", tmp_path / "c.zip").read_bytes() == archive.read_bytes()
    with open_workspace(ws) as workspace:
        keep(workspace.files, b"nothing names this")
        with workspace.store.reading() as reader:
            list(reader.trail())
            assert backed_up(ws, tmp_path / "d.zip").read_bytes() == archive.read_bytes()


def test_a_backup_holds_what_it_says(archive: Path) -> None:
    parts = parts_of(archive)
    manifest = json.loads(parts.pop(MANIFEST))
    assert list(parts) == [DATABASE, *sorted(name for name in parts if name != DATABASE)]
    assert manifest["parts"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in parts.items()
    }
    with zipfile.ZipFile(archive) as opened:
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_commands_say_the_head_and_take_it_back(ws: Path, tmp_path: Path, invoke: Invoke) -> None:
    target = tmp_path / "备份.zip"
    run = invoke("workspace", "backup", ws, "-o", target)
    assert run.code == 0
    head = state(ws)[0]  # type: ignore[index]
    beside = (tmp_path / "备份.zip.txt").read_text(encoding="utf-8-sig")
    assert head in run.out
    assert head in beside
    assert hashlib.sha256(target.read_bytes()).hexdigest() in beside
    assert invoke("workspace", "backup", ws, "-o", target).code == 2, "an old backup is not replaced"
    assert invoke("workspace", "backup", ws, "-o", target, "--force").code == 0
    assert invoke("workspace", "backup", ws, "-o", tmp_path / "备份.rar").code == 2
    assert invoke("workspace", "restore", target, tmp_path / "back", "--head", head).code == 0
    other = invoke("workspace", "restore", target, tmp_path / "other", "--head", f"3-{'0' * 64}")
    assert other.code == 1
    assert "被截断或重写" in other.err
    assert not (tmp_path / "other").exists()
    taken = invoke("workspace", "restore", target, tmp_path / "back")
    assert taken.code == 1
    assert "E810" in taken.err


def test_a_backup_made_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    filled(tmp_path / "ws")
    with Forked() as process:
        process.begin(tmp_path, "write", "ws", "w", "40")
        for number in range(6):
            process.line()
            backed_up(tmp_path / "ws", tmp_path / f"{number}.zip")
            restore(tmp_path / f"{number}.zip", tmp_path / f"{number}")
            assert state(tmp_path / f"{number}") is not None
        _, code = process.rest()
        assert code == 0


# ── what is not backed up


def test_a_workspace_that_was_changed_or_lacks_a_file_is_not_backed_up(ws: Path, tmp_path: Path) -> None:
    import sqlite3

    changed = Path(shutil.copytree(ws, tmp_path / "changed"))
    with sqlite3.connect(changed / DATABASE) as database:
        database.execute("UPDATE unit SET data = replace(data, '瑶1', '瑶9')")
    database.close()
    lacking = Path(shutil.copytree(ws, tmp_path / "lacking"))
    next(
        path for path in (lacking / FILES).rglob("*") if path.is_file() and path.read_bytes().startswith(b"%PDF")
    ).unlink()
    rotten = Path(shutil.copytree(ws, tmp_path / "rotten"))
    path = next(
        path for path in (rotten / FILES).rglob("*") if path.is_file() and path.read_bytes().startswith(b"%PDF")
    )
    path.chmod(0o644)
    path.write_bytes(b"%PDF-1.7 other")
    for folder in (changed, lacking, rotten):
        with pytest.raises(ProblemError, match="E814"):
            backed_up(folder, tmp_path / "new.zip")
        assert not (tmp_path / "new.zip").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"changed", "lacking", "rotten"}


# ── what does not come back


Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def changed(archive: Path, target: Path, change: Change, **options: Any) -> Path:
    """Write the archive with its parts and its manifest changed."""
    parts = parts_of(archive)
    manifest = json.loads(parts.pop(MANIFEST))
    change(parts, manifest)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(MANIFEST, json.dumps(manifest))
        for name, content in parts.items():
            made.writestr(name, content)
    return target


def _named(name: str) -> Change:
    def change(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
        parts[name] = b"x"
        manifest["parts"][name] = {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}

    return change


def _drop_database(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del parts[DATABASE], manifest["parts"][DATABASE]


def _drop_file(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = next(name for name in parts if name != DATABASE)
    del parts[name], manifest["parts"][name]


def _change_file(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = next(name for name in parts if name != DATABASE)
    parts[name] = bytes(len(parts[name]))


def _longer(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts[DATABASE] += bytes(4096)


def _claim(**fields: Any) -> Change:
    return lambda parts, manifest: manifest.update(fields)


def _size(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["parts"][DATABASE]["bytes"] = 10**15


def _bomb(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    content = bytes(64 * 1024 * 1024)
    digest = hashlib.sha256(content).hexdigest()
    parts[f"{FILES}/{digest[:2]}/{digest}"] = content
    manifest["parts"][f"{FILES}/{digest[:2]}/{digest}"] = {"sha256": digest, "bytes": len(content)}


HOSTILE: dict[str, tuple[Change, str]] = {
    "leaves upwards": (_named("../evil"), "里面有不是备份的文件"),
    "leaves by the root": (_named("/evil"), "里面有不是备份的文件"),
    "leaves on Windows": (_named("..\\evil"), "里面有不是备份的文件"),
    "leaves under files": (_named(f"files/../../{'a' * 64}"), "里面有不是备份的文件"),
    "a file of another name": (_named("files/ab/" + "ab" * 32), "里面有不是备份的文件"),
    "a log beside the database": (_named("chunfeng.db-wal"), "里面有不是备份的文件"),
    "no database": (_drop_database, "清单不完整"),
    "a file is missing": (_drop_file, "没有这个文件"),
    "a file was changed": (_change_file, "与清单上的大小或 SHA-256 不符"),
    "the database is longer": (_longer, "与清单上的大小或 SHA-256 不符"),
    "another head": (_claim(head=f"3-{'0' * 64}"), "清单上是"),
    "no head": (_claim(head="x"), "清单不完整"),
    "another kind": (_claim(kind="x"), "清单读不出来"),
    "more in the manifest": (_claim(more=1), "清单读不出来"),
    "a newer shape": (_claim(shape="9999"), "更新版本的程序"),
    "a false size": (_size, "解压后大得不合理"),
    "a bomb": (_bomb, "解压后大得不合理"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_backup_that_lies_makes_no_folder(name: str, archive: Path, tmp_path: Path, invoke: Invoke) -> None:
    change, said = HOSTILE[name]
    target = changed(archive, tmp_path / "hostile.zip", change)
    (tmp_path / "in").mkdir()
    run = invoke("workspace", "restore", target, tmp_path / "in" / "new")
    assert run.code == 1, run
    assert said in run.err, run.err
    assert list((tmp_path / "in").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"hostile.zip", "in"}


def test_a_part_that_is_larger_than_it_declares_is_stopped(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory of the archive lies about the size; what comes out is counted."""
    target = changed(archive, tmp_path / "hostile.zip", _longer)
    content = target.read_bytes()
    true, told = (
        size.to_bytes(4, "little") for size in (len(parts_of(target)[DATABASE]), len(parts_of(archive)[DATABASE]))
    )
    assert content.count(true) >= 2
    target.write_bytes(content.replace(true, told))
    with pytest.raises(ProblemError, match="E816"):
        restore(target, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_manifest_too_large_is_not_read(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "MAX_MANIFEST", 100)
    with pytest.raises(ProblemError, match="清单过大"):
        restore(archive, tmp_path / "new")


def test_a_backup_packed_in_an_unusual_way_is_refused(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lzma.zip", "w", zipfile.ZIP_LZMA) as made:
        for name, content in parts_of(archive).items():
            made.writestr(name, content)
    with pytest.raises(ProblemError, match="压缩方法"):
        restore(tmp_path / "lzma.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_part_twice_is_refused(archive: Path, tmp_path: Path) -> None:
    parts = parts_of(archive)
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr(DATABASE, parts[DATABASE])
    with pytest.raises(ProblemError, match="与清单不一致"):
        restore(tmp_path / "twice.zip", tmp_path / "new")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_a_message(content: bytes, tmp_path: Path, invoke: Invoke) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    run = invoke("workspace", "restore", tmp_path / "x.zip", tmp_path / "new")
    assert run.code == 1
    assert "E816" in run.err
    assert "E101" in invoke("workspace", "restore", tmp_path / "missing.zip", tmp_path / "new").err


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_backup_never_comes_back_as_something_else(
    archive: Path, ws: Path, tmp_path: Path, seed: int
) -> None:
    dice, content = random.Random(seed), bytearray(archive.read_bytes())
    if seed % 3 == 0:
        del content[dice.randrange(len(content)) :]
    else:
        for _ in range(dice.choice([1, 5])):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    (tmp_path / "damaged.zip").write_bytes(bytes(content))
    try:
        restore(tmp_path / "damaged.zip", tmp_path / "new")
    except ProblemError:
        assert not (tmp_path / "new").exists()
    else:
        assert state(tmp_path / "new") == state(ws), "harmless bytes only"


def test_a_backup_of_a_longer_trail_keeps_every_file_that_any_version_names(tmp_path: Path) -> None:
    filled(tmp_path / "ws")
    with open_workspace(tmp_path / "ws") as workspace:
        with workspace.store.writing(action="更正", **ACTING) as writer:
            writer.put(finding("J-1-1", keep(workspace.files, b"better photo")))
        before = state(tmp_path / "ws")
    restore(backed_up(tmp_path / "ws", tmp_path / "a.zip"), tmp_path / "back")
    assert state(tmp_path / "back") == before
    assert len(before[1]) == 4  # type: ignore[index]
    assert os.access(path_of(tmp_path / "back" / FILES, min(before[1])), os.R_OK)  # type: ignore[index]
