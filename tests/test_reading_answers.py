"""answers read: the format is told by content, JSON is read strictly, and every mistake has its place."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support import SAMPLES
from support_answers import KINDS, PLACE, checklist_of, sheets
from support_documents import Invoke

from engine.answering.data import DataDocument
from engine.answering.head import MAX_HEAD, SheetHead, head_text, opener
from engine.formats import format_of, load_format, open_file, read_sheet
from engine.inspections.opening import open_sheet
from engine.problems import Mark

PHARMACY = checklist_of("2024", "retail-pharmacy", date(2024, 1, 15))


def sheet(answers: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    return {
        "kind": "answers", "campaign": "2024", "lock": PHARMACY.lock, "checklist": PHARMACY.id,
        "site_type": "retail-pharmacy", "routine": False, "site": {"name": "甲药店"},
        "visit": {"date": "2024-01-15"}, "answers": answers or {},
    } | parts  # fmt: skip


def put(folder: Path, content: Any, name: str = "答卷.json") -> Path:
    path = folder / name
    raw = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(raw)
    return path


# ── JSON


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"kind": "answers", "kind": "answers"}', "重复的键 “kind”"),
        (b'{"kind": "answers", "answers": {"YD-14": NaN}}', "NaN"),
        (b'{"kind": "answers", "answers": {"YD-14": 1e999}}', "超出可用范围"),
        (b'{"kind": "answers", "answers": {"YD-14": 440106199001011234}}', "超出可用范围"),
        (b'{"kind": "answers", "answers": ' + b"[" * 100_000, "嵌套"),
        (b'{"kind": "answers", "answers": ' + b"[" * 60 + b"]" * 60 + b"}", "嵌套"),
        (b'{"kind": "answers", ' + b"1" * 5000 + b"}", "JSON 语法错误"),
        (b'{"kind": "answers", "x": ' + b"1" * 5000 + b"}", "超出可用范围"),
        (b'{"kind": "answers", "x": [' + b"1," * 250_000 + b"1]}", "内容过多"),
        (b'{"kind": "answers", "x": "\\ud800"}', "不能使用的字符"),
        (b'{"kind": "answers", "x": "\\u0000"}', "不能使用的字符"),
        (b'{"kind": "answers", "x": ', "JSON 语法错误"),
        (b'{"kind": "findings"}', "JSON 里没有答卷"),
        (b'{"kind": "checklist", "sheet": []}', "JSON 里没有答卷"),
        ('{"kind": "答卷"}'.encode("gb18030"), "不是 UTF-8"),
    ],
)  # fmt: skip
def test_json_that_is_no_sheet_is_refused(content: bytes, word: str, tmp_path: Path) -> None:
    document, problems = read_sheet(PLACE, put(tmp_path, content))
    assert document is None
    assert len(problems) == 1
    assert word in problems[0].message


def test_a_mistake_in_json_is_told_by_its_keys(tmp_path: Path) -> None:
    path = put(tmp_path, sheet({"YD-09": "也许", "YD-14": [{"reading": "冷"}], "trace": [{"product": "甲"}]}))
    inspection, problems = open_file(PLACE, path)
    assert inspection is None
    assert {p.mark.cell for p in problems} == {"answers.YD-09", "answers.YD-14.1.reading", "answers.trace.1"}
    assert all(str(path) in p.render() for p in problems)


def test_the_blank_json_filled_in_is_read(tmp_path: Path) -> None:
    blank = json.loads(load_format("json").write_checklist(PHARMACY))
    blank["sheet"]["answers"]["YD-09"] = {"answer": "是", "note": "好"}
    inspection, problems = open_file(PLACE, put(tmp_path, blank))
    assert inspection is not None, problems
    assert inspection.sheet.answers["YD-09"].value == "是"


# ── formats


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*"])
def test_a_picture_is_no_sheet_and_the_message_says_what_to_do(content: bytes, tmp_path: Path, invoke: Invoke) -> None:
    run = invoke("answers", "read", put(tmp_path, content + b"x" * 100, "检查表.yaml"), "-o", tmp_path / "出.yaml")
    assert run.code == 1
    assert "answers scan" in run.err
    assert not (tmp_path / "出.yaml").exists()


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    for name in ("答卷.xlsx", "答卷", "答卷.pdf"):
        inspection, problems = open_file(PLACE, put(tmp_path, sheet({"YD-09": "是"}), name))
        assert inspection is not None, problems


def test_every_blank_sheet_is_recognised_as_its_own_format() -> None:
    for name in ("yaml", "json"):
        assert format_of(load_format(name).write_checklist(PHARMACY)) == name


# ── the head of a blank sheet


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lock": "0" * 64}, "E617"), ({"campaign": "1999"}, "E613"), ({"site_type": "bank"}, "E614"),
        ({"checklist": "0" * 12}, "E620"), ({"campaign": "../../etc"}, "E642"), ({"more": 1}, "E642"),
        ({"version": 2}, "E642"), ({"date": "2024-02-30"}, "E642"),
    ],
)  # fmt: skip
def test_a_head_that_was_changed_is_refused(change: dict[str, Any], code: str) -> None:
    text = json.dumps(json.loads(head_text(PHARMACY)) | change)
    checklist, problems = opener(PLACE)(text, Mark("表.xlsx", cell="A1"))
    assert checklist is None
    assert [(p.code, p.mark.cell) for p in problems] == [(code, "A1")]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "x" * (MAX_HEAD + 1), "null", '{"kind": "chunfeng-sheet"}'])
def test_what_is_no_head_is_refused(text: str) -> None:
    checklist, problems = opener(PLACE)(text, Mark("表.xlsx"))
    assert checklist is None
    assert [p.code for p in problems] == ["E642"]
    assert SheetHead.model_validate_json(head_text(PHARMACY)).checklist == PHARMACY.id


# ── the command


def test_several_files_go_into_a_folder_and_one_that_fails_stops_none(tmp_path: Path, invoke: Invoke) -> None:
    good, bad = put(tmp_path, sheet({"YD-09": "是"}), "甲.json"), put(tmp_path, sheet({"YD-09": 3}), "乙.json")
    run = invoke("answers", "read", bad, good, "-o", tmp_path / "读出")
    assert run.code == 1
    assert "乙.json:answers.YD-09" in run.err
    assert [p.name for p in (tmp_path / "读出").iterdir()] == ["甲.yaml"]
    assert invoke("answers", "read", good, "-o", tmp_path / "读出").code == 2, (
        "what was read before is not written over"
    )
    assert invoke("answers", "read", good, "-o", good).code == 2


def test_who_when_and_on_what_is_kept_apart_from_the_answers(tmp_path: Path, invoke: Invoke) -> None:
    path, target = put(tmp_path, sheet({"YD-09": "是"})), tmp_path / "出.yaml"
    run = invoke(
        "answers", "read", path, "-o", target, "--by", "张三", "--at", "2024-01-15 16:30", "--basis", "document"
    )
    assert (run.code, run.err) == (0, "")
    inspection, _ = open_file(PLACE, target)
    assert inspection is not None
    told = inspection.sheet.provenance
    assert told is not None
    assert (told.sources[0].way, told.sources[0].file, len(told.sources[0].sha256)) == ("json", "答卷.json", 64)
    assert (told.sources[0].by, told.sources[0].at) == ("张三", "2024-01-15 16:30")
    assert told.answers["YD-09"].basis == "document"
    one, two = (invoke("evaluate", p, "--format", "json").out for p in (path, target))
    assert one == two


@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda k: f"{k[1]}-{k[0]}")
@given(data=st.data())
def test_unsettled_answers_never_reach_the_evaluation(kind: tuple[str, str, date], data: Any) -> None:
    one = data.draw(sheets(checklist_of(*kind)))
    if not one["answers"]:
        return
    code = data.draw(st.sampled_from(sorted(one["answers"])))
    answer = one["answers"].pop(code)
    one["unsettled"] = {code: {"kind": "unsure", "why": "淡", "candidates": [{"answer": answer, "confidence": 0.5}]}}
    inspection, problems = open_sheet(PLACE, DataDocument("答卷", one))
    assert inspection is None
    assert [(p.code, p.mark.cell) for p in problems] == [("E640", f"unsettled.{code}")]
    inspection, problems = open_sheet(PLACE, DataDocument("答卷", one), waiting=True)
    assert inspection is not None, problems


# ── photographs that answers name


def _seller(folder: Path, *screenshots: str) -> Path:
    """Write the sample of an online seller with these pictures beside it, and return its path."""
    shutil.copy(SAMPLES / "online-seller-2024.yaml", folder / "答卷.yaml")
    for name in screenshots:
        Image.new("RGB", (60, 40), "white").save(folder / name)
    return folder / "答卷.yaml"


def test_a_picture_that_an_answer_names_becomes_evidence(tmp_path: Path, invoke: Invoke) -> None:
    """It lies beside the file, as ODK Collect leaves it; one that is not there is said, and the answer stays."""
    shown = _seller(tmp_path, "wx03-zhuye.png", "wx06-rx.png")
    (tmp_path / "别处").mkdir()
    target = tmp_path / "别处" / "记录.yaml"
    run = invoke("record", "new", shown, "-o", target)
    assert run.code == 0, run.err
    assert "wx04-zhuye.png" in run.err, "it is not there"
    assert "wx03-zhuye.png" not in run.err
    record = yaml.safe_load(target.read_text(encoding="utf-8"))
    evidence = {line["file"]: line for line in record["evidence"]}
    assert sorted(evidence) == ["记录.photos/wx03-zhuye.png", "记录.photos/wx06-rx.png"]
    for name, line in evidence.items():
        content = (target.parent / name).read_bytes()
        assert content == (tmp_path / Path(name).name).read_bytes()
        assert line["sha256"] == hashlib.sha256(content).hexdigest()
    assert evidence["记录.photos/wx06-rx.png"]["proves"].startswith("WX-06 ")


@pytest.mark.parametrize("name", ["../外面.png", "/etc/外面.png"])
def test_a_picture_outside_the_folder_is_not_taken(name: str, tmp_path: Path, invoke: Invoke) -> None:
    inner = tmp_path / "里面"
    inner.mkdir()
    Image.new("RGB", (60, 40), "white").save(tmp_path / "外面.png")
    sheet = _seller(inner)
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("wx03-zhuye.png", name), encoding="utf-8")
    run = invoke("record", "new", sheet, "-o", inner / "记录.yaml")
    assert run.code == 0, run.err
    assert "外面.png" in run.err
    assert not (inner / "记录.photos").exists()
    assert yaml.safe_load((inner / "记录.yaml").read_text(encoding="utf-8")).get("evidence", []) == []
