"""Rules packs: what is refused, what is put to use, what a stopped update leaves."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ROOT

from engine.library import packs
from engine.library.files import data_root, place, program_root
from engine.library.packs import packed_rules, read_pack, undo_update, update_rules
from engine.problems import ProblemError

SMALL = {"rules/campaigns/2024.yaml": b"year: 2024\n", "checklists/clinic.yaml": b"clinic: {}\n"}
NEWER = {"rules/campaigns/2025.yaml": b"year: 2025\n", "checklists/clinic.yaml": b"clinic: {new: 1}\n"}


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def pack_of(folder: Path, files: dict[str, bytes]) -> Path:
    """Return a pack of these files."""
    target = folder.with_suffix(".zip")
    target.write_bytes(packed_rules(lay(folder, files)))
    return target


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the program think that it is installed with two small files as its rules, which nothing checks."""
    monkeypatch.setattr("engine.library.files.files", lambda package: tmp_path / "program" / package)
    monkeypatch.setattr(packs, "_problems_of", lambda *what: [])
    return lay(tmp_path / "program" / "engine" / "_data", SMALL)


@pytest.fixture
def really_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the program think that it is installed with the rules of the checkout."""
    data = tmp_path / "program" / "engine" / "_data"
    for name in ("rules", "checklists"):
        shutil.copytree(ROOT / name, data / name)
    (data.parent / "commands").symlink_to(ROOT / "engine" / "commands")  # plans name commands and papers
    (data / "templates").symlink_to(ROOT / "templates")
    monkeypatch.setattr("engine.library.files.files", lambda package: tmp_path / "program" / package)
    return data


def rules_in_use() -> dict[str, bytes]:
    root = data_root()
    found = (path for name in ("rules", "checklists") for path in (root / name).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def code_of(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ProblemError) as caught:
        call()
    first = caught.value.problems[0]
    return first.code, first.message


def test_a_pack_is_put_to_use_and_taken_back(installed: Path, tmp_path: Path) -> None:
    newer = pack_of(tmp_path / "2025", NEWER)
    changed = update_rules(newer)
    assert rules_in_use() == NEWER
    assert place().root == installed / "packs" / changed.now
    assert program_root() == installed, "templates and fonts stay those of the program"
    assert changed.changed == ("checklists/clinic.yaml", "rules/campaigns/2024.yaml", "rules/campaigns/2025.yaml")
    assert update_rules(newer).changed == (), "once more changes nothing"
    back = undo_update()
    assert (back.now, back.before, back.changed) == ("built-in", changed.now, changed.changed)
    assert rules_in_use() == SMALL
    assert code_of(undo_update)[0] == "E974"
    update_rules(newer)
    third = update_rules(pack_of(tmp_path / "third", SMALL | {"rules/escalations.yaml": b"[]\n"}))
    assert undo_update().now == changed.now, "the one before is the pack before, not what came with the program"
    assert not (installed / "packs" / third.now).exists()


def test_the_same_rules_give_the_same_pack(tmp_path: Path) -> None:
    again = dict(reversed(SMALL.items()))
    assert pack_of(tmp_path / "a", SMALL).read_bytes() == pack_of(tmp_path / "b", again).read_bytes()


def test_without_an_installed_program_there_is_nothing_to_change(tmp_path: Path) -> None:
    assert code_of(lambda: update_rules(pack_of(tmp_path / "a", SMALL)))[0] == "E975"
    assert code_of(undo_update)[0] == "E975"


def rewritten(pack: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write the pack again with its files changed, the manifest as it was unless the change names it."""
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return pack


def _listed(files: dict[str, bytes], name: str, raw: bytes) -> None:
    """Put a file into the pack and its manifest, as somebody does who means harm."""
    files[name] = raw
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = {"sha256": packs._sha256(raw), "bytes": len(raw)}
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.update({"checklists/clinic.yaml": b"clinic: []\n"}), "校验值不符"),
        (lambda files: files.pop("checklists/clinic.yaml"), "缺少 checklists/clinic.yaml"),
        (lambda files: files.update({"rules/more.yaml": b""}), "rules/more.yaml 不在清单上"),
        (lambda files: files.pop("manifest.json"), "没有可用的 manifest.json"),
        (lambda files: files.update({"manifest.json": b"{}"}), "没有可用的 manifest.json"),
        (lambda files: _listed(files, "../engine/evil.py", b"1"), "不该有的文件"),
        (lambda files: _listed(files, "rules/../../x.yaml", b"1"), "不该有的文件"),
        (lambda files: _listed(files, "/etc/x.yaml", b"1"), "不该有的文件"),
        (lambda files: _listed(files, "rules\\x.yaml", b"1"), "不该有的文件"),
        (lambda files: _listed(files, "templates/record/template.html", b"{{ 1 }}"), "不该有的文件"),
        (lambda files: _listed(files, "rules/run.py", b"1"), "不该有的文件"),
        (lambda files: _listed(files, "rules/.hidden.yaml", b"1"), "不该有的文件"),
        (lambda files: files.update({"rules/big.yaml": b" " * (packs.MAX_UNPACKED + 1)}), "内容过多"),
        (lambda files: files.update({"rules/big.yaml": b" " * (packs.MAX_FILE + 1)}), "过大"),
    ],
)  # fmt: skip
def test_what_is_not_right_in_a_pack_is_refused(
    change: Callable[[dict[str, bytes]], None], told: str, installed: Path, tmp_path: Path
) -> None:
    pack = rewritten(pack_of(tmp_path / "2025", NEWER), change)
    code, message = code_of(lambda: update_rules(pack))
    assert code == "E971"
    assert told in message
    assert rules_in_use() == SMALL
    assert not (installed / "packs").exists()


def test_a_pack_packed_in_an_unusual_way_is_refused(installed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", b"{}" * 50)
    raw = (tmp_path / "x.zip").read_bytes()
    at = raw.index(b"manifest.json") + len("manifest.json")
    (tmp_path / "x.zip").write_bytes(raw[: at + 9] + b"\xff" * 8 + raw[at + 17 :])
    code, message = code_of(lambda: update_rules(tmp_path / "x.zip"))
    assert (code, "压缩方法" in message) == ("E971", True), message
    assert rules_in_use() == SMALL


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 2000), to=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_pack_is_refused_or_means_the_same(at: int, to: int, cut: bool, tmp_path: Path) -> None:
    raw = bytearray(packed_rules(lay(tmp_path / "whole", NEWER)))
    at %= len(raw)
    if cut:
        del raw[at:]
    else:
        raw[at] = to
    file = tmp_path / "damaged.zip"
    file.write_bytes(raw)
    try:
        pack = read_pack(file)
    except ProblemError as refused:
        assert {p.code for p in refused.problems} == {"E971"}
    else:
        assert pack.files == NEWER


class Killed(BaseException):
    """The power goes."""


def _die_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the power go at the step-th thing that is done to the disk."""
    left = [step]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args, **kwargs)

        return call

    for target, name in ((packs, "write_atomically"), (packs, "make_folder"), (packs, "keep_name"),
                         (packs.shutil, "rmtree"), (Path, "rename"), (Path, "chmod")):  # fmt: skip
        monkeypatch.setattr(target, name, counted(getattr(target, name)))


def test_killed_at_any_moment_the_rules_are_the_old_or_the_new(installed: Path, tmp_path: Path) -> None:
    first = SMALL | {"rules/escalations.yaml": b"[]\n"}
    one, two = pack_of(tmp_path / "one", first), pack_of(tmp_path / "two", NEWER)
    update_rules(one)
    seen = []
    for step in range(100):
        with pytest.MonkeyPatch.context() as patch:
            _die_at(step, patch)
            try:
                update_rules(two)
            except Killed:
                pass
            else:
                break
        seen.append(rules_in_use())
        assert seen[-1] in (first, NEWER), f"step {step}"
        if seen[-1] == NEWER:
            undo_update()
        assert rules_in_use() == first, f"step {step}"
    else:
        pytest.fail("the update never came to its end")
    assert first in seen
    assert NEWER in seen
    assert rules_in_use() == NEWER
    assert [path.name for path in (installed / "packs").iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("note", ["", "x", "../..\n", f"{'0' * 64}\n", "built-in\nbuilt-in\nbuilt-in\n", "内"])
def test_a_note_that_cannot_be_understood_stops_everything(note: str, installed: Path) -> None:
    lay(installed, {"packs/current": note.encode()})
    assert code_of(place)[0] == "E970"
    assert code_of(undo_update)[0] == "E970"


def test_real_rules_with_an_error_or_without_a_release_are_not_put_to_use(
    really_installed: Path, tmp_path: Path
) -> None:
    source = shutil.copytree(really_installed, tmp_path / "next")
    clinic = source / "checklists" / "clinic.yaml"
    clinic.write_text(clinic.read_text(encoding="utf-8") + "no_such_key: 1\n", encoding="utf-8")
    pack = tmp_path / "next.zip"
    pack.write_bytes(packed_rules(source))
    with pytest.raises(ProblemError) as caught:
        update_rules(pack)
    first, *others = caught.value.problems
    assert first.code == "E972"
    assert ("E204", "checklists/clinic.yaml") in {(p.code, p.mark.path) for p in others}

    assert "出自" not in first.message
    with zipfile.ZipFile(pack) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    newer = json.dumps(manifest | {"program": "99.1"}).encode()
    rewritten(pack, lambda files: files.update({"manifest.json": newer}))
    assert "规则包出自春风 99.1" in code_of(lambda: update_rules(pack))[1]

    release = next((source / "rules" / "releases").glob("2024/*.json"))
    release.unlink()
    pack.write_bytes(packed_rules(source))
    code, message = code_of(lambda: update_rules(pack))
    assert code == "E973"
    assert f"2024 {release.stem[:12]}" in message
    assert data_root() == really_installed


def test_real_rules_are_taken_and_a_bureau_layer_is_held_against_them(really_installed: Path, tmp_path: Path) -> None:
    source = shutil.copytree(really_installed, tmp_path / "next")
    readme = source / "rules" / "README.md"
    readme.write_text("changed\n", encoding="utf-8")
    pack = tmp_path / "next.zip"
    pack.write_bytes(packed_rules(source))
    layer = lay(tmp_path / "layer", {"checklists/clinic.yaml": b"no: 1\n"})
    assert code_of(lambda: update_rules(pack, place(layer)))[0] == "E972"
    assert data_root() == really_installed
    assert update_rules(pack).changed == ("rules/README.md",)
    assert data_root() != really_installed
