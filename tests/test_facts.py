"""What a sealed record says to the tables, against a recount in plain Python over the record's own data."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import SAMPLES, opened, sample
from support_register import site, visit

from engine.days import parse_day
from engine.inspections.opening import evaluate, new_record
from engine.library.files import Place
from engine.model.findings import Evaluation
from engine.model.record import PaperData, RecordFile
from engine.model.workspace import Facts, KeptFinding
from engine.register.facts import facts_of, findings_of, goods_value
from engine.register.recurring import Again, came_back, not_put_right

NAMES = sorted(path.stem for path in SAMPLES.glob("*.yaml"))
SEALED = parse_day("2024-03-01")


def _record(name: str, folder: Path, place: Place, **changes: Any) -> tuple[RecordFile, Evaluation]:
    """Return a sample's record, every third finding rejected and every fourth put right on the spot."""
    sheet = sample(name)
    inspection = opened(sheet | changes, folder, place, as_made=True)
    evaluation = evaluate(inspection)
    record = new_record(inspection, evaluation)
    decided = tuple(
        f.model_copy(update={
            "status": "rejected" if f.number % 3 == 0 else "confirmed", "on_the_spot": f.number % 4 == 1,
        })
        for f in record.findings
    )  # fmt: skip
    return record.model_copy(update={"findings": decided}), evaluation


def _facts(record: RecordFile, evaluation: Evaluation, **changes: Any) -> Facts:
    assert SEALED is not None
    inspection = visit(1, "S00001", **changes)
    return facts_of(
        inspection, record, evaluation, site(1, site_type=record.site_type, chain="store", areas=("车站",)), [], SEALED
    )


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_what_one_counts_in_the_record(name: str, tmp_path: Path, packaged: Place) -> None:
    record, evaluation = _record(name, tmp_path, packaged)
    facts = _facts(record, evaluation, assisting=("稽查大队",), online=True)
    data = record.model_dump(mode="json", by_alias=True)  # counted from what would be printed, not from the models
    assert str(facts.date) == data["visit"]["date"]
    assert [p.name for p in facts.inspectors] == [i["name"] for i in data["visit"]["inspectors"]]
    assert (facts.site_type, facts.unit, facts.assisting, facts.online) == (
        data["site_type"], visit(1, "x").unit, ("稽查大队",), True,
    )  # fmt: skip
    assert set(facts.attributes) == {k for k, v in data["site"]["attributes"].items() if v}
    kept = [f for f in data["findings"] if f["status"] == "confirmed"]
    assert [f.id for f in facts.findings] == [f"2024-0001-{f['number']}" for f in kept]
    assert [f.rule for f in facts.findings] == [f["id"] for f in kept]
    assert [f.on_the_spot for f in facts.findings] == [f["number"] % 4 == 1 for f in kept]
    grades = {f.number: f for f in evaluation.findings}
    assert [(f.grade, f.red_line) for f in facts.findings] == [
        (grades[f["number"]].grade, grades[f["number"]].red_line) for f in kept
    ]
    trace = _table(data["answers"].get("trace"))
    assert [(p.product, p.batch) for p in facts.products] == [
        (row["product"], row.get("batch") or "") for row in trace if row.get("product")
    ]
    assert facts.earlier == sum("result" in row for row in _table(data["answers"].get("follow-up")))
    assert facts.goods == _goods(data, kept)


def _table(answer: Any) -> list[dict[str, Any]]:
    if isinstance(answer, dict):
        answer = answer.get("answer")
    return [row for row in answer or [] if isinstance(row, dict)] if isinstance(answer, list) else []


def _goods(data: dict[str, Any], kept: list[dict[str, Any]]) -> int:
    """Count each distinct row that a confirmed finding with a product names: in 分, half a 分 upwards."""
    total, seen = Decimal(0), []
    for answer in data["answers"].values():
        for row in _table(answer):
            named = any(
                f["subject"].get("product") and all(str(row.get(k, "")) == v for k, v in f["subject"].items())
                for f in kept
            )
            if named and row not in seen:
                seen.append(row)
                if row.get("quantity") is not None and row.get("unit_price") is not None:
                    total += Decimal(str(row["quantity"])) * Decimal(str(row["unit_price"])) * 100
    return int(total + Decimal("0.5"))


def test_some_sample_has_each_kind_of_fact(tmp_path: Path, packaged: Place) -> None:
    """The recount above would be true of nothing at all, too."""
    found = [_facts(*_record(name, tmp_path, packaged)) for name in NAMES]
    for field in ("products", "findings", "goods", "earlier", "attributes", "trade", "category"):
        assert any(getattr(facts, field) for facts in found), field


def test_goods_are_counted_exactly_and_once(tmp_path: Path, packaged: Place) -> None:
    record, _ = _record("retail-pharmacy-2024", tmp_path, packaged)
    finding = record.findings[0].model_copy(update={"status": "confirmed", "subject": {"product": "甲", "batch": "1"}})
    rows = [
        {"product": "甲", "batch": "1", "quantity": 3, "unit_price": 0.1},
        {"product": "甲", "batch": "1", "quantity": 3, "unit_price": 0.1},
        {"product": "甲", "batch": "2", "quantity": 100, "unit_price": 99.0},
        {"product": "甲", "batch": "1", "quantity": 1, "unit_price": 19.995},
    ]  # fmt: skip
    again = finding.model_copy(update={"number": 2})
    record = record.model_copy(update={"findings": (finding, again), "answers": {"trace": rows}})
    assert goods_value(record) == 30 + 2000
    rejected = tuple(f.model_copy(update={"status": "rejected"}) for f in record.findings)
    assert goods_value(record.model_copy(update={"findings": rejected})) == 0


def test_findings_start_where_the_record_leaves_them(tmp_path: Path, packaged: Place) -> None:
    record, evaluation = _record("retail-pharmacy-2024", tmp_path, packaged)
    inspection = visit(1, "S00001")
    by_id = {f.id: f for f in findings_of(inspection, record, evaluation, [])}
    assert by_id["2024-0001-1"].state == "corrected"
    assert by_id["2024-0001-1"].settled == record.visit.date
    assert by_id["2024-0001-2"].state == "open"
    noticed = record.model_copy(update={"papers": {"correction-notice": PaperData(number="（某）市监责改〔2024〕1号")}})
    states = {f.id: f.state for f in findings_of(inspection, noticed, evaluation, [])}
    ordered = {f"2024-0001-{f.number}" for f in evaluation.findings if "order-correction" in f.dispositions}
    assert {i for i, s in states.items() if s == "ordered"} == ordered & {
        i for i, f in by_id.items() if f.state == "open"
    }


# ── recurrence


STATES = st.sampled_from(["open", "ordered", "extended", "corrected", "corrected", "not-corrected", "waived"])


def _kept(
    number: int, rule: str, subject: dict[str, str], found: str, state: str = "corrected", after: int = 5
) -> KeptFinding:
    settled = date.fromisoformat(found) + timedelta(days=after)
    return KeptFinding.model_validate({
        "id": f"2023-{number:04}-1", "inspection": f"2023-{number:04}", "site": "S00001", "unit": "x", "rule": rule,
        "grade": "minor", "subject": subject, "sentence": "x", "found": found, "state": state,
        "settled": settled.isoformat() if state in ("corrected", "not-corrected") else None,
    }, strict=False)  # fmt: skip


RULES = st.sampled_from(["a.one", "a.two"])
SUBJECTS = st.sampled_from([{}, {"product": "甲"}, {"product": "甲", "batch": "1"}, {"product": "乙"}])
DAYS = st.sampled_from(["2022-01-01", "2023-01-01", "2023-06-01", "2024-01-20"])
TODAY = date(2024, 1, 15)


@given(RULES, SUBJECTS, st.lists(st.tuples(RULES, SUBJECTS, DAYS, STATES, st.integers(0, 400)), max_size=8))
def test_a_finding_has_come_back_if_the_same_was_corrected_before(
    rule: str, subject: dict[str, str], earlier: list[tuple[str, dict[str, str], str, str, int]]
) -> None:
    """By hand: same rule, corrected on an earlier day; the same subject first, then the newest."""
    kept = [_kept(n, *each) for n, each in enumerate(earlier)]
    before = [f for f in kept if f.rule == rule and f.found < TODAY]
    done = [f for f in before if f.state == "corrected" and f.settled is not None and f.settled < TODAY]
    wanted = [f for f in done if f.subject == subject] or done
    found = came_back(Again(rule, subject, TODAY), kept)
    assert (found and found.id) == (max((f.found, f.id) for f in wanted)[1] if wanted else None)
    assert came_back(Again(rule, subject, TODAY), reversed(kept)) == found
    waiting = [(f.found, f.id) for f in before if f.state != "corrected" and f.subject == subject]
    still = not_put_right(Again(rule, subject, TODAY), kept)
    assert (still and still.id) == (max(waiting)[1] if waiting else None)


def test_width_of_letters_does_not_hide_that_a_finding_is_about_the_same() -> None:
    olds = [_kept(1, "a.one", {"product": "AB片"}, "2022-01-01"), _kept(2, "a.one", {"product": "甲"}, "2023-01-01")]
    found = came_back(Again("a.one", {"product": "ＡＢ 片"}, TODAY), olds)
    assert found == olds[0]


def test_only_earlier_days_count(tmp_path: Path, packaged: Place) -> None:
    record, evaluation = _record("retail-pharmacy-2024", tmp_path, packaged)
    first = evaluation.findings[0]
    same = {day: _kept(1, first.id, first.subject, day, after=0) for day in ("2024-01-14", "2024-01-15", "2024-01-16")}
    for day, earlier in same.items():
        found = findings_of(visit(1, "S00001"), record, evaluation, [earlier])[0]
        assert (found.recurs == earlier.id) is (day == "2024-01-14"), day
