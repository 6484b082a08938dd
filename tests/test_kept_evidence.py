"""Photographs and files of a record lie in the workspace: they go where it goes, and nothing is lost with a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from support import sample
from support_documents import Invoke
from support_register import ACTING, begun
from test_photos import encoded, picture

from engine.model.workspace import Inspection
from engine.source import dump, load
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import is_whole, path_of
from engine.workspace.verifying import verify_workspace

AT = ("--by", "王芳", "--at", "2024-01-20 10:00")
VISIT = "2024-0001"
FRONT, SHELF = encoded(picture()), encoded(picture(70, 50))
VIDEO = b"\x00\x00\x00\x18ftypmp42" + b"\x07" * 3_000_000


@pytest.fixture
def folder(invoke: Invoke, tmp_path: Path) -> Path:
    """A workspace with a planned visit, and answers beside which two photographs of one name lie."""
    made = begun(tmp_path / "w")
    fields = ("名称=合肥市瑶海区安康大药房", "地址=长江东路100号", "责任单位=城东所")
    assert invoke("sites", "add", made, "药店", *fields, *ACTING).code == 0
    assert invoke("visits", "add", made, "S00001", "--date", "2024-01-15", *ACTING).code == 0
    number = ("--paper", "inspection-record", "--inspection", VISIT)
    assert invoke("number", "take", made, *number, *ACTING).code == 0
    sheet = sample("retail-pharmacy-2024")
    del sheet["site"]["identity"]["credit_code"]
    photos = [_photo(tmp_path, "前/IMG_1.jpg", FRONT, "visit"), _photo(tmp_path, "后/IMG_1.jpg", SHELF, "YD-14")]
    sheet["provenance"] = {"sources": [{"way": "offline-form"}], "photos": photos}
    (tmp_path / "答卷.yaml").write_text(dump(sheet), encoding="utf-8")
    return made


def _photo(folder: Path, name: str, content: bytes, item: str) -> dict[str, str]:
    (folder / name).parent.mkdir()
    (folder / name).write_bytes(content)
    return {"file": name, "item": item, "sha256": hashlib.sha256(content).hexdigest()}


def _inspection(folder: Path) -> Inspection:
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = reader.get(Inspection, VISIT)
    assert found is not None
    return found


def _proposed(invoke: Invoke, folder: Path, tmp_path: Path) -> Path:
    run = invoke("visits", "answer", folder, VISIT, tmp_path / "答卷.yaml", *AT)
    assert "照片 2 张" in run.out, run.said
    record = tmp_path / "外勤" / "记录.yaml"
    record.parent.mkdir()
    run = invoke("visits", "evaluate", folder, VISIT, "-o", record, *AT)
    assert run.code == 0, run.said
    return record


def _data(record: Path) -> dict[str, Any]:
    document, problems = load(record)
    assert document is not None, problems
    assert isinstance(document.data, dict)
    return document.data


def _rewritten(record: Path, *more: dict[str, Any]) -> Path:
    """Confirm every finding, and add lines of evidence."""
    data = _data(record)
    for finding in data["findings"]:
        finding |= {"status": "confirmed", "by": ["张伟", "刘洋"]}
    data["evidence"] = [*data["evidence"], *more]
    record.write_text(dump(data), encoding="utf-8")
    return record


def test_photographs_go_from_the_answers_to_the_archive(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    record = _proposed(invoke, folder, tmp_path)
    lines = _data(record)["evidence"]
    found = {hashlib.sha256((record.parent / line["file"]).read_bytes()).hexdigest() for line in lines}
    assert found == {hashlib.sha256(each).hexdigest() for each in (FRONT, SHELF)}, "both, though of one name"
    assert [line["findings"] for line in lines if "findings" in line] != [], "the one of an item names its finding"
    (record.parent / "执法记录仪.mp4").write_bytes(VIDEO)
    _rewritten(record, {"number": "9", "what": "录音录像", "file": "执法记录仪.mp4"})
    run = invoke("visits", "record", folder, VISIT, record, *AT)
    assert "可以归档" in run.out, run.said
    kept = _inspection(folder).evidence
    assert kept["执法记录仪.mp4"] == hashlib.sha256(VIDEO).hexdigest()
    for each in (record.parent, tmp_path / "前", tmp_path / "后"):
        for path in sorted(each.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert invoke("visits", "seal", folder, VISIT, *AT).code == 0
    with open_workspace(folder) as workspace:
        assert all(is_whole(workspace.files, digest) for digest in kept.values())
        assert not verify_workspace(workspace)[1]
    listed = tmp_path / "清单.pdf"
    run = invoke("visits", "print", folder, VISIT, "--document", "evidence-list", "-o", listed, *AT)
    assert run.code == 0, run.said
    assert invoke("workspace", "export", folder, "-o", tmp_path / "归档", "--jobs", "1").code == 0
    there = [p for p in (tmp_path / "归档").rglob("*") if p.suffix in (".mp4", ".jpg")]
    assert {p.read_bytes() for p in there} == {FRONT, SHELF, VIDEO}
    assert [*(tmp_path / "归档").rglob("证据清单.pdf")], "printed with its photographs beside the record"
    assert invoke("workspace", "import", tmp_path / "归档", tmp_path / "again").code == 0
    assert _inspection(tmp_path / "again").evidence == kept


def test_evidence_that_does_not_come_along_keeps_a_record_from_being_sealed(
    invoke: Invoke, folder: Path, tmp_path: Path
) -> None:
    record = _rewritten(
        _proposed(invoke, folder, tmp_path), {"number": "8", "what": "复印件", "file": "许可证.pdf", "sha256": ""}
    )
    photographs = [path for path in record.parent.rglob("*.jpg") if path.unlink() is None]
    assert len(photographs) == 2
    run = invoke("visits", "record", folder, VISIT, record, *AT)
    assert run.out.count("归档前须补正") == 1, "the photographs are kept already: " + run.said
    assert "许可证.pdf" in run.out
    run = invoke("visits", "seal", folder, VISIT, *AT)
    assert (run.code, "许可证.pdf" in run.err) == (1, True)
    (record.parent / "许可证.pdf").write_bytes(b"%PDF-1.4 x")
    assert "可以归档" in invoke("visits", "record", folder, VISIT, record, *AT).out
    assert invoke("visits", "seal", folder, VISIT, *AT).code == 0


@pytest.mark.parametrize("name", ["../w/chunfeng.db", "/etc/hostname", "C:x", "a\\b"])
def test_a_record_cannot_fetch_files_from_elsewhere(invoke: Invoke, folder: Path, tmp_path: Path, name: str) -> None:
    record = _rewritten(_proposed(invoke, folder, tmp_path), {"number": "8", "what": "其他", "file": name})
    before = _inspection(folder)
    run = invoke("visits", "record", folder, VISIT, record, *AT)
    assert (run.code, "E731" in run.err) == (1, True), run.said
    assert _inspection(folder) == before


def test_a_photograph_that_was_changed_is_refused(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    record = _rewritten(_proposed(invoke, folder, tmp_path))
    first = next(path for path in record.parent.rglob("*.jpg") if path.read_bytes() == FRONT)
    first.write_bytes(encoded(picture(80, 40)))
    run = invoke("visits", "record", folder, VISIT, record, *AT)
    assert run.code == 1, "beside the record lies another photograph than the one that is kept"
    assert "E733" in run.err


def test_kept_evidence_that_was_tampered_with_is_found(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    record = _rewritten(_proposed(invoke, folder, tmp_path))
    assert invoke("visits", "record", folder, VISIT, record, *AT).code == 0
    with open_workspace(folder) as workspace:
        path = path_of(workspace.files, next(iter(_inspection(folder).evidence.values())))
    path.chmod(0o644)
    path.write_bytes(SHELF[:-1] + b"x")
    run = invoke("visits", "print", folder, VISIT, "--document", "evidence-list", "-o", tmp_path / "x.pdf", *AT)
    assert run.code == 1
    assert not (tmp_path / "x.pdf").exists()
    assert invoke("workspace", "verify", folder).code == 1
