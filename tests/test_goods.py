"""What is held and what is sampled: begun from the findings, completed by people, printed only then."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from support import opened, sample
from support_documents import Paper, recorded

from engine.demo import confirm_all
from engine.documents.papers import record_pdf
from engine.formats.yaml import write_checklist
from engine.holidays import Holidays
from engine.inspections.goods import decide_before, late_decisions
from engine.inspections.opening import (
    Inspection,
    Recorded,
    evaluate,
    missing_for_final,
    new_record,
    open_answers,
    open_record,
)
from engine.inspections.planning import plan_checklist
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.library.load import read_holidays
from engine.model.base import Disposition
from engine.model.plans import CalendarFile
from engine.model.record import MAX_GOODS, HeldItem, RecordFile, TakenSample


def _calendar(year: int, **content: Any) -> CalendarFile:
    whole = {
        "calendar": str(year), "announced": True, "complete": True, "festivals": (), "holidays": (), "working_days": (),
    } | content  # fmt: skip
    return CalendarFile.model_validate(whole)


SPRING = Holidays(
    {
        "2024": _calendar(
            2024,
            holidays=(
                {"name": "春节", "period": {"from": "2024-02-10", "to": "2024-02-17"}, "source": "…", "compared": True},
            ),
            working_days=({"name": "春节", "date": "2024-02-18", "source": "…", "compared": True},),
        )
    }
)


@pytest.mark.parametrize(
    ("day", "holidays", "expected"),
    [
        ("2024-01-15", SPRING, "2024-01-24"),  # over one weekend
        ("2024-02-08", SPRING, "2024-02-23"),  # over the Spring Festival: 9, Sunday 18 that is worked, 19 to 23
        ("2024-01-15", Holidays({}), "2024-01-22"),  # nothing is known of the year: the shorter count
        ("2024-12-27", SPRING, "2025-01-03"),  # the next year is not known
        ("2019-01-15", SPRING, "2019-01-22"),  # before 2021-07-15 days are days
        ("2021-07-14", Holidays({"2021": _calendar(2021)}), "2021-07-21"),
        ("2021-07-15", Holidays({"2021": _calendar(2021)}), "2021-07-26"),
    ],
)
def test_seven_days_are_working_days_since_the_law_says_so(day: str, holidays: Holidays, expected: str) -> None:
    assert decide_before(date.fromisoformat(day), holidays) == date.fromisoformat(expected)


@given(st.dates(date(2024, 1, 1), date(2024, 12, 1)), st.integers(0, 15))
def test_working_days_are_counted_as_one_counts_on_a_wall_calendar(day: date, count: int) -> None:
    found = SPRING.working_days_after(day, count)
    assert found is not None
    passed = [day + timedelta(days=n + 1) for n in range((found - day).days)]
    assert sum(not SPRING.is_free(d) for d in passed) == count
    assert count == 0 or not SPRING.is_free(found)


def _made(tmp_path: Path, packaged: Place, content: dict[str, Any]) -> tuple[Inspection, RecordFile]:
    inspection = opened(content, tmp_path, packaged)
    return inspection, new_record(inspection, evaluate(inspection), read_holidays(packaged))


def test_a_line_is_begun_for_each_product_to_hold_or_to_sample(tmp_path: Path, packaged: Place) -> None:
    inspection, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    evaluation = evaluate(inspection)
    named = {
        (d, f.subject["product"], f.subject.get("batch"))
        for f in evaluation.findings
        for d in f.dispositions
        if f.subject.get("product") and d in (Disposition.SEIZURE, Disposition.SAMPLING)
    }
    assert {(Disposition.SEIZURE, h.product, h.batch) for h in record.held} | {
        (Disposition.SAMPLING, s.product, s.batch) for s in record.samples
    } == named
    assert named, "the sample must show goods to hold"
    numbers = {f.number: f for f in evaluation.findings}
    for line in (*record.held, *record.samples):
        assert line.findings
        assert all(numbers[n].subject["product"] == line.product for n in line.findings)
    assert all(h.measure is None and h.decide_by is not None for h in record.held)
    assert all(s.number == "" for s in record.samples)
    expired = next(h for h in record.held if h.product == "板蓝根颗粒")
    assert (expired.batch, expired.quantity, expired.unit_price) == ("20211105", "6", "12.5")


def test_only_what_people_completed_is_printed(tmp_path: Path, packaged: Place) -> None:
    inspection, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    record = confirm_all(record)

    def text(changed: RecordFile) -> str:
        recorded = Recorded(changed, inspection, evaluate(inspection))
        return Paper(record_pdf(recorded, "inspection-record")).text

    assert "物品清单（" not in text(record)
    assert "抽样记录" not in text(record)
    held = (record.held[0].model_copy(update={"measure": "扣押", "place": "局证物室"}), *record.held[1:])
    taken = tuple(
        s.model_copy(update={"number": "皖抽2024-001", "taken": "3 盒", "base": "20 盒"}) for s in record.samples[:1]
    )
    printed = text(record.model_copy(update={"held": held, "samples": taken}))
    assert "物品清单（查封、扣押或先行登记保存的物品）" in printed
    for part in ("局证物室", "扣押", record.held[0].batch, "七个工作日", "第八十五条"):
        assert part in printed
    assert printed.count("局证物室") == 1
    assert ("皖抽2024-001" in printed) == bool(taken)
    fallen = tuple(f.model_copy(update={"status": "rejected", "why": "复核"}) for f in record.findings)
    assert "局证物室" not in text(record.model_copy(update={"held": held, "findings": fallen}))


def test_lines_that_would_be_lost_unseen_keep_a_record_a_draft(tmp_path: Path, packaged: Place) -> None:
    inspection, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    record = confirm_all(record)

    def gaps(**changed: Any) -> list[str]:
        recorded = Recorded(record.model_copy(update=changed), inspection, evaluate(inspection))
        return [gap for gap in missing_for_final(recorded) if "不会打印" in gap]

    assert gaps() == []
    first, *rest = record.held
    assert len(gaps(held=(first.model_copy(update={"place": "局证物室"}), *rest))) == 1
    assert "第 1 行" in gaps(samples=(TakenSample(product="甲", taken="3 盒"),))[0]
    assert gaps(samples=(TakenSample(product="甲", taken="3 盒", number="抽 1"),)) == []
    fallen = tuple(f.model_copy(update={"status": "rejected", "why": "复核"}) for f in record.findings)
    assert gaps(findings=fallen) == []
    held = (first, rest[0].model_copy(update={"measure": "扣押"}))
    assert gaps(held=held) == []
    assert "第 2 行" in gaps(held=held, findings=fallen)[0]


def test_goods_of_findings_that_are_not_there_are_told_with_their_places(tmp_path: Path, packaged: Place) -> None:
    _, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    held = (record.held[0].model_copy(update={"findings": (4, 99, 100), "measure": "扣押"}), *record.held[1:])
    path = tmp_path / "record.yaml"
    text = record_yaml(record.model_copy(update={"held": held, "samples": (TakenSample(findings=(8,)),)}))
    path.write_text(text, encoding="utf-8")
    recorded, problems = open_record(packaged, path)
    assert recorded is None
    assert [p.code for p in problems] == ["E205"] * 3
    lines = text.splitlines()
    assert [lines[p.mark.line - 1].strip() for p in problems] == ["- 99", f"- {100}", "- 8"]
    assert all("没有第" in p.message for p in problems)


def test_a_list_that_would_take_minutes_to_print_is_refused(tmp_path: Path, packaged: Place) -> None:
    _, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    path = tmp_path / "record.yaml"
    many = (HeldItem(measure="扣押"),) * (MAX_GOODS + 1)
    path.write_text(record_yaml(record.model_copy(update={"held": many})), encoding="utf-8")
    _, problems = open_record(packaged, path)
    assert [p.message for p in problems] == [f"“…” 的写法不对：最多 {MAX_GOODS} 项"]


def test_the_clock_of_2019_is_that_of_the_law_of_2019(tmp_path: Path, packaged: Place) -> None:
    inspection, record = _made(tmp_path, packaged, sample("retail-pharmacy-2019"))
    assert record.held, "the sample must show goods to hold"
    held = tuple(h.model_copy(update={"measure": "先行登记保存"}) for h in record.held)
    recorded = Recorded(record.model_copy(update={"held": held}), inspection, evaluate(inspection))
    printed = Paper(record_pdf(recorded, "inspection-record")).text
    assert "第三十七条第二款" in printed
    assert "工作日" not in printed


def test_joint_authorities_stand_in_the_head(tmp_path: Path, packaged: Place) -> None:
    checklist, _ = plan_checklist("clinic", "2024", joint=("卫生健康局", "医疗保障局"))
    alone, _ = plan_checklist("clinic", "2024")
    assert checklist is not None
    assert alone is not None
    assert checklist.joint == ("卫生健康局", "医疗保障局")
    assert checklist.id == alone.id
    content = sample("retail-pharmacy-2024")
    content["visit"]["joint"] = [{"unit": "医疗保障局", "name": "郑伟民", "certificate": "皖医保0102"}]
    inspection, record = _made(tmp_path, packaged, content)
    for document in ("inspection-record", "checklist"):
        printed = Paper(record_pdf(Recorded(record, inspection, evaluate(inspection)), document)).text
        assert "联合检查" in printed
        assert all(part in printed for part in ("医疗保障局", "郑伟民", "皖医保0102"))


def test_a_joint_authority_that_no_sheet_can_hold_is_refused_at_once(tmp_path: Path, packaged: Place) -> None:
    wrong = ("", "　", "卫" * 401, "行一\n行二", "a\x07b", "\udcff", "\u2028", *(f"局{n}" for n in range(20)))
    checklist, problems = plan_checklist("clinic", "2024", joint=wrong)
    assert checklist is None
    assert [p.code for p in problems] == ["E205"] * 8
    assert all("--joint" in p.message and len(p.message) < 120 for p in problems)
    _, problems = plan_checklist("clinic", "1999", joint=("",))
    assert [p.code for p in problems] == ["E205", "E613"], "all at once"
    good = ("卫" * 400, "甲　局", "<b>& {{7}}", '"# x: &a', *(f"局{n}" for n in range(16)))
    checklist, problems = plan_checklist("clinic", "2024", joint=good)
    assert checklist is not None, problems
    path = tmp_path / "sheet.yaml"
    path.write_bytes(write_checklist(checklist))
    inspection, problems = open_answers(packaged, path)
    assert inspection is not None, problems
    assert tuple(i.unit for i in inspection.sheet.visit.joint) == good


def test_a_joint_authority_without_names_leaves_blanks_to_write_on(tmp_path: Path, packaged: Place) -> None:
    content = sample("retail-pharmacy-2024")
    content["visit"]["joint"] = [
        {"unit": "医疗保障局", "name": "", "certificate": ""}, {"unit": "", "name": "郑伟民", "certificate": ""},
    ]  # fmt: skip
    inspection, record = _made(tmp_path, packaged, content)
    for document in ("inspection-record", "checklist"):
        printed = Paper(record_pdf(Recorded(record, inspection, evaluate(inspection)), document)).text
        assert "医疗保障局" in printed
        assert "郑伟民" in printed
        assert "（）" not in printed


def test_long_words_leave_the_days_of_the_list_readable(tmp_path: Path, packaged: Place) -> None:
    inspection, record = _made(tmp_path, packaged, sample("retail-pharmacy-2024"))
    long = {"measure": "先行登记保存", "place": "长" * 900, "spec": "A" * 900, "batch": "B" * 60}
    held = (record.held[0].model_copy(update=long),)
    recorded = Recorded(record.model_copy(update={"held": held}), inspection, evaluate(inspection))
    pdf = record_pdf(recorded, "inspection-record")
    lines = [line.strip() for page in PdfReader(io.BytesIO(pdf)).pages for line in page.extract_text().splitlines()]
    assert any(str(held[0].decide_by) in line for line in lines)
    assert any(held[0].expiry in line for line in lines)
    assert Paper(pdf).text.count("长") >= 900


def test_somebody_without_a_licence_is_a_person_with_an_address() -> None:
    checklist, problems = plan_checklist("contact-lens-seller", "2019", has="unlicensed,region")
    assert checklist is not None, problems
    fields = [i.id for i in checklist.type.identity_of(checklist.site)]
    assert fields == ["person", "id_number", "address", "phone", "status"]
    codes = {i.item.code for i in checklist.items()}
    assert {"CT-92", "CT-93"} <= codes
    assert not {"CT-01", "CT-10"} & codes
    reasons = {o.code: o.reason for o in checklist.omitted}
    assert reasons["CT-01"] == "没有许可或备案，改查无证经营"
    known = checklist.site.model_copy(update={"identity": {"credit_code": "无", "person": "王某"}})
    assert [i.id for i in checklist.type.identity_of(known)] == [*fields, "credit_code"], "nothing known is lost"


@pytest.mark.parametrize(
    ("law", "measure", "days", "late"),
    [
        ("drug-administration-law@2019", "扣押", 7, False), ("drug-administration-law@2019", "查封", 8, True),
        ("device-regulation@2021", "扣押", 30, False), ("device-regulation@2021", "查封", 31, True),
        ("drug-administration-law@2019", "先行登记保存", 9, False), ("drug-administration-law@2019", None, 40, False),
        ("drug-administration-law@2015", "扣押", 8, True),
    ],
)  # fmt: skip
def test_seized_goods_are_decided_on_in_time(law: str, measure: str | None, days: int, late: bool) -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    found = [
        f.model_copy(
            update={"duty": tuple(c.model_copy(update={"cite": law}) for c in f.duty), "liability": (), "power": ()}
        )
        for f in of.evaluation.findings
    ]
    evaluation = of.evaluation.model_copy(update={"findings": tuple(found)})
    line = of.record.held[0].model_copy(
        update={"measure": measure, "decide_by": of.evaluation.date + timedelta(days=days)}
    )
    gaps = late_decisions(of.record.model_copy(update={"held": (line,)}), evaluation)
    assert bool(gaps) == late
    if late:
        assert "第 1 行" in gaps[0]
        assert line.decide_by is not None
        assert line.decide_by.isoformat() in gaps[0]


def test_a_limit_whose_text_was_not_found_is_not_held_against_an_earlier_day() -> None:
    of = recorded("retail-pharmacy-2019", final=True)
    line = HeldItem(product="血压计", measure="扣押", decide_by=of.evaluation.date + timedelta(days=45))
    assert not late_decisions(of.record.model_copy(update={"held": (line,)}), of.evaluation)


def test_a_late_decision_keeps_the_record_a_draft() -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    line = of.record.held[0].model_copy(update={"measure": "扣押", "place": "本局", "decide_by": date(2024, 3, 1)})
    late = of._replace(record=of.record.model_copy(update={"held": (line,)}))
    assert any("作出处理决定" in gap for gap in missing_for_final(late))
