"""A record keeps proposals and decisions apart, and can always be made again from what it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import evaluated, opened, sample

from engine.demo import confirm_all
from engine.inspections.opening import evaluate, missing_for_final, new_record, open_record
from engine.inspections.records import record_yaml
from engine.library.files import Place


@pytest.fixture
def record_text(tmp_path: Path, packaged: Place) -> str:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    text = record_yaml(new_record(inspection, evaluate(inspection)))
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def _open(text: str, tmp_path: Path, place: Place):  # type: ignore[no-untyped-def]
    path = tmp_path / "record.yaml"
    path.write_text(text, encoding="utf-8")
    return open_record(place, path)


def test_a_new_record_proposes_everything_and_decides_nothing(
    record_text: str, tmp_path: Path, packaged: Place
) -> None:
    recorded, problems = _open(record_text, tmp_path, packaged)
    assert recorded is not None, problems
    assert {f.status for f in recorded.record.findings} == {"proposed"}
    assert [f.draft for f in recorded.record.findings] == [f.sentence for f in recorded.evaluation.findings]
    assert recorded.evaluation == evaluated(sample("retail-pharmacy-2024"), tmp_path, packaged)
    assert missing_for_final(recorded) == [
        "问题 1—7 尚未确认",
        "缺执法机关全称（authority）或文书编号（number）",
    ]


def test_decisions_and_edited_sentences_are_kept_beside_the_draft(
    record_text: str, tmp_path: Path, packaged: Place
) -> None:
    head, _, tail = record_text.rpartition("- number: 6\n")
    tail = (
        tail.replace("status: proposed", "status: rejected", 1)
        .replace("by: []", "by: [张伟, 刘洋]", 1)
        .replace('why: ""', "why: 温度计复核后为 7.8 ℃", 1)
    )
    head = (
        head.replace('  sentence: "从没有', '  sentence: "经现场核实，从没有', 1)
        .replace("status: proposed", "status: confirmed")
        .replace("by: []", "by: [张伟]")
    )
    recorded, problems = _open(head + "- number: 6\n" + tail, tmp_path, packaged)
    assert recorded is not None, [p.render() for p in problems]
    first, sixth = recorded.record.findings[0], recorded.record.findings[5]
    assert first.sentence.startswith("经现场核实")
    assert not first.draft.startswith("经现场核实")
    assert (sixth.status, sixth.by) == ("rejected", ("张伟", "刘洋"))


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("status: proposed", "status: confirmed", ["E701"]),
        ("status: proposed", "status: rejected", ["E701", "E701"]),
        ("status: proposed\n  by: []", "status: rejected\n  by: [张伟]", ["E701"]),
        ("status: proposed", "status: maybe", ["E202"]),
        ('  draft: "从没有', '  draft: "未从没有', ["E702"]),
        ("id: cold-chain.refrigerator-temperature", "id: cold-chain.no-refrigerator", ["E702"]),
        ("reading: 9.6", "reading: 7.9", ["E702"]),
        ("kind: record", "kind: answers", ["E622"]),
    ],
)
def test_a_record_that_does_not_hold_together_is_refused(
    old: str, new: str, codes: list[str], record_text: str, tmp_path: Path, packaged: Place
) -> None:
    assert old in record_text
    recorded, problems = _open(record_text.replace(old, new, 1), tmp_path, packaged)
    assert recorded is None
    assert [p.code for p in problems] == codes


def test_a_finding_cannot_be_dropped(record_text: str, tmp_path: Path, packaged: Place) -> None:
    head, _, tail = record_text.partition("- number: 4\n")
    _, _, rest = tail.partition("- number: 5\n")
    recorded, problems = _open(head + "- number: 5\n" + rest, tmp_path, packaged)
    assert recorded is None
    assert [p.code for p in problems] == ["E702"]
    assert "4" in problems[0].message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inspectors": [{"name": "张伟", "certificate": "皖A01001"}]}, "少于 2 名"),
        ({"inspectors": [{"name": "张伟", "certificate": "皖A01001"}, {"name": "刘洋"}]}, "证号"),
        ({"end": None}, "起止时间"),
        ({"recusal": None}, "回避"),
        ({"present": []}, "在场人"),
        ({"certificates_shown": None}, "出示执法证件"),
        ({"certificates_shown": False}, "出示执法证件"),
    ],
)
def test_what_the_law_asks_for_keeps_a_record_a_draft(
    change: dict[str, object], words: str, tmp_path: Path, packaged: Place
) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["visit"] |= change
    inspection = opened(sheet, tmp_path, packaged)
    record = confirm_all(new_record(inspection, evaluate(inspection)))
    recorded, problems = _open(record_yaml(record), tmp_path, packaged)
    assert recorded is not None, [p.render() for p in problems]
    assert any(words in gap for gap in missing_for_final(recorded))


@pytest.mark.parametrize(("rejected", "falls"), [("1", True), ("2", True), ("6", False)])
def test_an_escalation_without_its_parents_keeps_a_record_a_draft(
    rejected: str, falls: bool, tmp_path: Path, packaged: Place
) -> None:
    """Problem 7 rests on 1 and 2; 6 is the refrigerator."""
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    record = confirm_all(new_record(inspection, evaluate(inspection)))
    findings = tuple(
        f.model_copy(update={"status": "rejected", "why": "复核后不成立"}) if str(f.number) == rejected else f
        for f in record.findings
    )
    recorded, problems = _open(record_yaml(record.model_copy(update={"findings": findings})), tmp_path, packaged)
    assert recorded is not None, [p.render() for p in problems]
    assert recorded.unsupported == ((7,) if falls else ())
    assert ["问题 7" in gap for gap in missing_for_final(recorded)] == ([True] if falls else [])


def test_a_complete_confirmed_record_is_final(tmp_path: Path, packaged: Place) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    recorded, _ = _open(record_yaml(confirm_all(new_record(inspection, evaluate(inspection)))), tmp_path, packaged)
    assert missing_for_final(recorded) == []


# ── what people do to a record


def _block(text: str, number: int) -> str:
    """The lines of one finding."""
    head = text.index(f"- number: {number}\n")
    following = text.find(f"- number: {number + 1}\n")
    return text[head : following if following > 0 else text.index("held:", head)]


def test_findings_in_another_order_keep_their_own_law(record_text: str, tmp_path: Path, packaged: Place) -> None:
    """Moved blocks must not put a fact under the article of another one."""
    first, fourth = _block(record_text, 1), _block(record_text, 4)
    moved = record_text.replace(first, "@").replace(fourth, first).replace("@", fourth)
    assert moved != record_text
    recorded, problems = _open(moved, tmp_path, packaged)
    assert recorded is not None, [p.render() for p in problems]
    for kept, finding in zip(recorded.record.findings, recorded.evaluation.findings, strict=True):
        assert (kept.number, kept.id, kept.subject) == (finding.number, finding.id, finding.subject)


@pytest.mark.parametrize("number", ["7", "1", "8"])
def test_a_copied_finding_is_refused(number: str, record_text: str, tmp_path: Path, packaged: Place) -> None:
    copied = _block(record_text, 7).replace("number: 7", f"number: {number}")
    recorded, problems = _open(record_text.replace("\nheld:", "\n" + copied + "held:"), tmp_path, packaged)
    assert recorded is None
    assert [p.code for p in problems] == ["E702"]
    assert number in problems[0].message


@pytest.mark.parametrize(
    ("finding", "record", "words"),
    [
        ({"sentence": "   "}, {}, "描述没有写完"),
        ({"sentence": "货架上有＿＿＿＿盒"}, {}, "描述没有写完"),
        ({"by": ("张伟",)}, {}, "两名检查人员共同决定"),
        ({"by": ("张伟", "某甲")}, {}, "两名检查人员共同决定"),
        ({}, {"authority": " "}, "执法机关全称"),
        ({}, {"number": ""}, "文书编号"),
    ],
)
def test_what_is_not_written_keeps_a_record_a_draft(
    finding: dict[str, object], record: dict[str, object], words: str, tmp_path: Path, packaged: Place
) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    made = confirm_all(new_record(inspection, evaluate(inspection)))
    findings = (made.findings[0].model_copy(update=finding), *made.findings[1:])
    made = made.model_copy(update={"findings": findings, **record})
    recorded, problems = _open(record_yaml(made), tmp_path, packaged)
    assert recorded is not None, [p.render() for p in problems]
    assert [words in gap for gap in missing_for_final(recorded)] == [True]


@pytest.mark.parametrize(
    "inspectors",
    [
        [{"name": "张伟", "certificate": "皖A01001"}, {"name": "张伟", "certificate": "皖A01001"}],
        [{"name": "张伟", "certificate": "皖A01001"}, {"name": "刘洋", "certificate": "皖A01001"}],
        [{"name": " ", "certificate": " "}, {"name": "刘洋", "certificate": "皖A01002"}],
    ],
)
def test_two_inspectors_are_two_people(inspectors: list[dict[str, str]], tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["visit"]["inspectors"] = inspectors
    inspection = opened(sheet, tmp_path, packaged)
    recorded, _ = _open(record_yaml(confirm_all(new_record(inspection, evaluate(inspection)))), tmp_path, packaged)
    assert recorded is not None
    assert any("少于 2 名" in gap for gap in missing_for_final(recorded))


@pytest.mark.parametrize("campaign", ["../../../evil", "x" * 300, "2024/..", "20240"])
def test_the_campaign_of_a_record_is_a_name_and_no_path(
    campaign: str, record_text: str, tmp_path: Path, packaged: Place
) -> None:
    recorded, problems = _open(record_text.replace('campaign: "2024"', f'campaign: "{campaign}"'), tmp_path, packaged)
    assert recorded is None
    assert [p.code for p in problems] == ["E205"]
