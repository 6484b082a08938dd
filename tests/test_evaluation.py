"""What an inspector would find in the sample inspections, and that nothing else is found."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import durable_rules_engine
import pytest
from support import ROOT, evaluated, opened, sample

from engine.documents.text import evaluation_text
from engine.evaluation.evaluate import Evaluator
from engine.inference import judge
from engine.inference.durable import DurableBackend, DurableProgram
from engine.inference.ir import FlatFacts
from engine.inspections.opening import evaluate
from engine.library.files import Place
from engine.model.findings import Evaluation, Finding
from engine.problems import ProblemError

SUPPLIER = "channel-legality.supplier-qualification"
VOUCHERS = "channel-legality.purchase-vouchers"
EXPIRED = "expired-stock.expired-drugs"
FRIDGE = "cold-chain.refrigerator-temperature"
ILLEGAL = "escalation.suspected-illegal-channel"

FAULTS = {"2019": ("缬沙坦胶囊", "盐酸二甲双胍片"), "2024": ("连花清瘟胶囊", "布洛芬缓释胶囊")}
"""The product bought from a man without a licence and without papers, and the one that lacks only the invoice."""


def key(finding: Finding) -> tuple[str, str]:
    return finding.id, finding.subject.get("product", "")


def cites(finding: Finding) -> tuple[set[str], set[str]]:
    return tuple({f"{c.cite} {c.article}" for c in side} for side in (finding.duty, finding.liability))  # type: ignore[return-value]


@pytest.mark.parametrize("campaign", ["2019", "2024"])
def test_the_pharmacy_gives_one_finding_a_fault_and_one_escalation(
    campaign: str, tmp_path: Path, packaged: Place
) -> None:
    evaluation = evaluated(sample(f"retail-pharmacy-{campaign}"), tmp_path, packaged)
    unlicensed, unpaid = FAULTS[campaign]
    assert Counter(map(key, evaluation.findings)) == Counter(
        [
            (SUPPLIER, unlicensed), (VOUCHERS, unlicensed), (VOUCHERS, unpaid), (EXPIRED, "板蓝根颗粒"),
            (EXPIRED, "健胃消食片"), (FRIDGE, ""), (ILLEGAL, unlicensed),
        ]
    )  # fmt: skip
    assert [f.number for f in evaluation.findings] == list(range(1, 8))
    assert evaluation.notices == ()


@pytest.mark.parametrize(
    ("campaign", "law", "supplier", "expired", "gsp_liability"),
    [
        ("2019", "drug-administration-law@2015", ("34", "79"), ("49.3(3)", "74"), "78"),
        ("2024", "drug-administration-law@2019", ("55", "129"), ("98.3(5)", "117.1"), "126"),
    ],
)
def test_each_finding_cites_the_law_of_its_year(
    campaign: str,
    law: str,
    supplier: tuple[str, str],
    expired: tuple[str, str],
    gsp_liability: str,
    tmp_path: Path,
    packaged: Place,
) -> None:
    evaluation = evaluated(sample(f"retail-pharmacy-{campaign}"), tmp_path, packaged)
    found = {f.id: cites(f) for f in evaluation.findings}
    assert found[SUPPLIER] == ({f"{law} {supplier[0]}"}, {f"{law} {supplier[1]}"})
    assert found[ILLEGAL] == ({f"{law} {supplier[0]}"}, {f"{law} {supplier[1]}"})
    assert found[EXPIRED] == ({f"{law} {expired[0]}"}, {f"{law} {expired[1]}"})
    assert found[FRIDGE] == ({"drug-gsp@2016 161(8)"}, {f"{law} {gsp_liability}"})
    assert found[VOUCHERS] == ({"drug-gsp@2016 66", "drug-gsp@2016 152"}, {f"{law} {gsp_liability}"})
    other = "drug-administration-law@2019" if campaign == "2019" else "drug-administration-law@2015"
    text = json.dumps([f.model_dump(mode="json") for f in evaluation.findings])
    assert other not in text
    assert ("drug-distribution-measures" in text) is False


def _without_supplier(sheet: dict[str, Any]) -> None:
    _row(sheet, 1)["supplier_licence"] = "有效"


def _with_papers(sheet: dict[str, Any]) -> None:
    _row(sheet, 1).update(invoice="是", delivery_note="是")


def _with_invoice(sheet: dict[str, Any]) -> None:
    _row(sheet, 2)["invoice"] = "是"


def _row(sheet: dict[str, Any], index: int) -> dict[str, Any]:
    row = sheet["answers"]["trace"][index]
    assert isinstance(row, dict)
    return row


def _first_expired_gone(sheet: dict[str, Any]) -> None:
    del sheet["answers"]["YD-08"]["answer"][0]


def _cold_fridge(sheet: dict[str, Any]) -> None:
    sheet["answers"]["YD-14"]["answer"][0]["reading"] = 8


@pytest.mark.parametrize("campaign", ["2019", "2024"])
def test_removing_a_fault_removes_exactly_its_findings(campaign: str, tmp_path: Path, packaged: Place) -> None:
    unlicensed, unpaid = FAULTS[campaign]
    whole = Counter(map(key, evaluated(sample(f"retail-pharmacy-{campaign}"), tmp_path, packaged).findings))
    for remove, gone in (
        (_without_supplier, [(SUPPLIER, unlicensed), (ILLEGAL, unlicensed)]),
        (_with_papers, [(VOUCHERS, unlicensed), (ILLEGAL, unlicensed)]),
        (_with_invoice, [(VOUCHERS, unpaid)]),
        (_first_expired_gone, [(EXPIRED, "板蓝根颗粒")]),
        (_cold_fridge, [(FRIDGE, "")]),
    ):
        sheet = sample(f"retail-pharmacy-{campaign}")
        remove(sheet)
        left = Counter(map(key, evaluated(sheet, tmp_path, packaged).findings))
        assert whole - left == Counter(gone), remove.__name__
        assert left - whole == Counter(), remove.__name__


def test_two_products_with_one_fault_each_do_not_escalate(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    _row(sheet, 1).update(invoice="是", delivery_note="是")
    found = Counter(map(key, evaluated(sheet, tmp_path, packaged).findings))
    assert found[(SUPPLIER, FAULTS["2024"][0])] == 1
    assert found[(VOUCHERS, FAULTS["2024"][1])] == 1
    assert not any(id_ == ILLEGAL for id_, _ in found)


def test_the_same_product_from_two_suppliers_escalates_only_for_the_purchase_with_both_faults(
    tmp_path: Path, packaged: Place
) -> None:
    sheet = sample("retail-pharmacy-2024")
    second = dict(_row(sheet, 1), supplier="安徽乙医药有限公司", supplier_licence="有效")
    sheet["answers"]["trace"].append(second)
    raised = [f for f in evaluated(sheet, tmp_path, packaged).findings if f.id == ILLEGAL]
    assert [f.subject["supplier"] for f in raised] == ["王某（个人）"]


def test_an_escalation_names_its_parents(tmp_path: Path, packaged: Place) -> None:
    findings = evaluated(sample("retail-pharmacy-2024"), tmp_path, packaged).findings
    raised = findings[-1]
    assert raised.layer == 2
    assert raised.code is None
    assert [findings[n - 1].id for n in raised.parents] == [SUPPLIER, VOUCHERS]
    assert {findings[n - 1].subject["product"] for n in raised.parents} == {raised.subject["product"]}
    assert "问题1、问题2" in raised.sentence


def test_a_third_layer_reads_the_second(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2019")
    sheet["answers"]["YD-06"] = {"answer": "否", "note": "柜台下有刮码药品 12 盒"}
    findings = evaluated(sheet, tmp_path, packaged).findings
    top = [f for f in findings if f.layer == 3]
    assert [f.id for f in top] == ["escalation.police-referral"]
    assert {findings[n - 1].id for n in top[0].parents} == {ILLEGAL, "channel-legality.recycled-drugs"}


def test_recurrence_makes_an_earlier_finding_heavier(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["earlier"] = [{"finding": EXPIRED, "date": "2023-02-01"}, {"finding": "storage-display.display-order"}]
    before = evaluated(sample("retail-pharmacy-2024"), tmp_path, packaged).findings
    after = evaluated(sheet, tmp_path, packaged).findings
    extra = [f for f in after if f.id == "escalation.recurrence"]
    assert len(extra) == 1, "two expired products are one kind of finding that recurs; the other earlier one does not"
    assert [after[n - 1].id for n in extra[0].parents] == [EXPIRED, EXPIRED]
    assert extra[0].grade == "critical"
    assert len(after) == len(before) + 1


def test_every_finding_explains_itself(tmp_path: Path, packaged: Place) -> None:
    evaluation = evaluated(sample("retail-pharmacy-2024"), tmp_path, packaged)
    for finding in evaluation.findings:
        assert finding.condition, finding.id
        assert finding.passing, finding.id
        assert finding.reasons, finding.id
        assert finding.duty, finding.id
        assert finding.clauses, finding.id
        assert all(c.quote != c.id for c in finding.clauses)
        assert "＿" not in finding.sentence
    fridge = next(f for f in evaluation.findings if f.id == FRIDGE)
    assert [(r.where, r.found, r.limit, r.passes) for r in fridge.reasons] == [
        ("1号冷藏柜 上层", "9.6 ℃", "读数大于 8 ℃", "读数不大于 8 ℃")
    ]
    assert "9.6" in fridge.sentence
    assert "7.2" not in fridge.sentence


def test_results_are_kept_apart(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    answers = sheet["answers"]
    answers["YD-09"] = "不适用"
    del answers["YD-11"]
    answers["YD-12"] = {"answer": "是"}
    evaluation = evaluated(sheet, tmp_path, packaged)
    results = {item.code: item.result.label for item in evaluation.items}
    assert results["YD-04"] == "不符合"
    assert results["YD-09"] == "不适用"
    assert results["YD-11"] == "未检查"
    assert results["YD-12"] == "无法判定"  # the largest single sale was not looked up
    assert results["YD-13"] == "合理缺项"
    assert results["YD-17"] == "符合"
    assert "YD-06" not in results  # no clause of 2024 reaches it: a routine item, not asked


def test_an_empty_sheet_finds_nothing_and_complies_with_nothing(tmp_path: Path, packaged: Place) -> None:
    for name in ("retail-pharmacy-2024", "clinic-2024", "retail-pharmacy-2019"):
        sheet = sample(name)
        sheet["answers"] = {}
        sheet["earlier"] = []
        evaluation = evaluated(sheet, tmp_path, packaged)
        assert evaluation.findings == ()
        assert {i.result.label for i in evaluation.items} <= {"未检查", "合理缺项"}


def test_leaving_answers_out_never_adds_a_finding(tmp_path: Path, packaged: Place) -> None:
    """Unknown never makes a finding: with any part of the answers missing, the findings are among those of all."""
    rng = random.Random(20240115)
    whole = Counter(map(key, evaluated(sample("retail-pharmacy-2024"), tmp_path, packaged).findings))
    for _ in range(15):
        sheet = sample("retail-pharmacy-2024")
        for code in rng.sample(sorted(sheet["answers"]), 8):
            del sheet["answers"][code]
        for row in sheet["answers"].get("trace", []):
            for column in rng.sample(["invoice", "delivery_note", "supplier_licence", "expiry", "stock"], 2):
                row.pop(column, None)
        left = Counter(map(key, evaluated(sheet, tmp_path, packaged).findings))
        assert left - whole == Counter()


def test_an_expired_product_in_the_trace_grid_is_found_once(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    _row(sheet, 0).update(expiry="2024-01-14")
    found = Counter(map(key, evaluated(sheet, tmp_path, packaged).findings))
    assert found[("expired-stock.expired-in-trace", "阿莫西林胶囊")] == 1
    listed = {"product": "阿莫西林胶囊", "batch": "A230801", "expiry": "2024-01-14", "defect": "过期"}
    sheet["answers"]["YD-08"]["answer"].append(listed)
    found = Counter(map(key, evaluated(sheet, tmp_path, packaged).findings))
    assert found[("expired-stock.expired-in-trace", "阿莫西林胶囊")] == 0
    assert found[(EXPIRED, "阿莫西林胶囊")] == 1


def test_the_order_of_answers_and_rows_does_not_change_what_is_found(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    whole = evaluated(sheet, tmp_path, packaged)
    rng = random.Random(7)
    for _ in range(3):
        mixed = copy.deepcopy(sheet)
        mixed["answers"] = dict(rng.sample(list(mixed["answers"].items()), len(mixed["answers"])))
        again = evaluated(mixed, tmp_path, packaged)
        assert again.model_dump_json() == whole.model_dump_json()
        rng.shuffle(mixed["answers"]["trace"])
        assert Counter(map(key, evaluated(mixed, tmp_path, packaged).findings)) == Counter(map(key, whole.findings))


def test_a_date_outside_the_campaign_is_said(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["visit"]["date"] = "2024-04-01"
    assert "不在行动期间" in evaluated(sheet, tmp_path, packaged).notices[0]


def test_rows_with_faults_speak_against_not_applicable(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    whole = evaluated(sheet, tmp_path, packaged)
    sheet["answers"]["YD-05"] = "不适用"
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert evaluation.findings == whole.findings
    assert ["YD-05" in notice for notice in evaluation.notices] == [True]


def test_not_applicable_silences_an_item_of_its_own(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-14"] = "不适用"
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert not [f for f in evaluation.findings if f.code == "YD-14"]
    assert {i.code: i.result.label for i in evaluation.items}["YD-14"] == "不适用"


def test_a_table_or_readings_without_a_row_is_not_an_inspection(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] |= {"trace": [], "YD-14": [], "YD-16": {"answer": [], "humidity": 50, "contemporaneous": "是"}}
    results = {i.code: i.result.label for i in evaluated(sheet, tmp_path, packaged).items}
    assert {code: results[code] for code in ("YD-04", "YD-05", "YD-14", "YD-16")} == {
        "YD-04": "未检查", "YD-05": "未检查", "YD-14": "未检查", "YD-16": "无法判定",
    }  # fmt: skip


def test_no_problem_products_is_an_answer(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] |= {"YD-08": []}
    results = {i.code: i.result.label for i in evaluated(sheet, tmp_path, packaged).items}
    assert results["YD-08"] == "符合"


def test_what_is_still_open_is_said_before_no_problem_is(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] = {}
    inspection = opened(sheet, tmp_path, packaged)
    assert "答卷还没有作答" in evaluation_text(evaluate(inspection), inspection.checklist, explain=False)
    sheet["answers"] = {"YD-09": "是"}
    inspection = opened(sheet, tmp_path, packaged)
    assert "不能得出没有问题的结论" in evaluation_text(evaluate(inspection), inspection.checklist, explain=False)


@pytest.mark.parametrize("name", ["a-count", "zz-count"])
def test_counts_see_what_answers_showed_and_no_escalation(name: str, tmp_path: Path, packaged: Place) -> None:
    """Whatever the ids of escalations are: their order must not decide what they count."""
    sheet = sample("retail-pharmacy-2024")
    inspection = opened(sheet, tmp_path, packaged)
    release = inspection.locked.release
    red = sum(f.red_line for f in evaluate(inspection).findings if f.layer == 1)
    model = next(e for e in release.escalations if e.over == "site" and e.layer == 2)
    for limit, fires in ((red, 1), (red + 1, 0)):
        added = model.model_copy(
            update={"id": f"escalation.{name}", "condition": f"findings(red_line = true) >= {limit}"}
        )
        escalations = tuple(sorted((*release.escalations, added), key=lambda e: (e.layer, e.id)))
        locked = inspection.locked._replace(release=release.model_copy(update={"escalations": escalations}))
        found = evaluate(inspection._replace(locked=locked)).findings
        assert sum(f.id == added.id for f in found) == fires


# ── the two backends


class _Liar(DurableProgram):
    """Says that one rule holds that does not, or keeps silent about one that does."""

    lie = ""

    def evaluate(self, facts: FlatFacts) -> list[str]:
        found = super().evaluate(facts)
        if self.lie not in self._order:
            return found
        different = set(found) ^ {self.lie}
        return sorted(different, key=self._order.__getitem__)


class _LyingBackend(DurableBackend):
    def __init__(self, lie: str) -> None:
        self.lie = lie

    def compile(self, rules):  # type: ignore[no-untyped-def]
        program = _Liar(rules)
        program.lie = self.lie
        return program


@pytest.mark.parametrize("lie", [FRIDGE, "expired-stock.expiry-control", ILLEGAL, SUPPLIER])
def test_a_wrong_rule_in_one_backend_stops_the_evaluation(lie: str, tmp_path: Path, packaged: Place) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    evaluator = Evaluator(inspection.locked, "retail-pharmacy", _LyingBackend(lie))
    with pytest.raises(ProblemError) as caught:
        evaluator.evaluate(inspection.checklist, inspection.sheet)
    evaluator.close()
    first = caught.value.problems[0]
    assert first.code == "E801"
    assert lie in first.message
    assert "合肥市瑶海区安康大药房" in first.message


def test_a_stopped_evaluation_writes_nothing(
    tmp_path: Path, packaged: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.commands import main

    monkeypatch.setattr(judge, "durable_backend", lambda: _LyingBackend(FRIDGE))
    target = tmp_path / "record.yaml"
    monkeypatch.setattr(
        sys,
        "argv",
        ["chunfeng", "record", "new", str(ROOT / "checklists/samples/retail-pharmacy-2024.yaml"), "-o", str(target)],
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "E801" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_stops_the_evaluation(tmp_path: Path) -> None:
    blocker = "import sys; sys.modules['durable_rules_engine'] = None\n"
    script = blocker + "from engine.commands import main\nmain()\n"
    answers = ROOT / "checklists/samples/retail-pharmacy-2024.yaml"
    run = subprocess.run(
        [sys.executable, "-c", script, "evaluate", str(answers)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 1
    assert "E802" in run.stderr
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_failing_library_stops_the_evaluation(
    tmp_path: Path, packaged: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    monkeypatch.setattr(DurableProgram, "evaluate", lambda *_: (_ for _ in ()).throw(RuntimeError("worker died")))
    with pytest.raises(ProblemError) as caught:
        evaluate(inspection)
    assert caught.value.problems[0].code == "E802"
    assert "worker died" in caught.value.problems[0].message


def test_an_evaluation_calls_durable_rules(tmp_path: Path, packaged: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    for name in (
        "create_ruleset",
        "assert_fact",
        "start_action_for_state",
        "complete_and_start_action",
        "retract_fact",
        "delete_ruleset",
    ):
        real = getattr(durable_rules_engine, name)

        def counting(*arguments: object, real=real, name: str = name) -> object:  # type: ignore[no-untyped-def]
            calls[name] += 1
            return real(*arguments)

        monkeypatch.setattr(durable_rules_engine, name, counting)
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    findings = evaluate(inspection).findings
    assert calls["create_ruleset"] > 0
    assert calls["assert_fact"] > calls["create_ruleset"], "no fact beyond the warm-up reached the library"
    assert calls["complete_and_start_action"] >= len(findings)
    assert calls["delete_ruleset"] == calls["create_ruleset"]
    calls.clear()
    clean = sample("retail-pharmacy-2024")
    clean["answers"] = {"YD-17": "是"}
    assert evaluate(opened(clean, tmp_path, packaged)).findings == ()
    assert calls["assert_fact"] > calls["create_ruleset"], "a clean site must be judged by the library too"


def test_one_evaluator_serves_many_sheets(tmp_path: Path, packaged: Place) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    clean = sample("retail-pharmacy-2024")
    for remove in (
        _without_supplier,
        _with_papers,
        _with_invoice,
        _first_expired_gone,
        _first_expired_gone,
        _cold_fridge,
    ):
        remove(clean)
    other = opened(clean, tmp_path, packaged)
    evaluator = Evaluator(inspection.locked, "retail-pharmacy")
    first = evaluator.evaluate(inspection.checklist, inspection.sheet)
    assert evaluator.evaluate(other.checklist, other.sheet).findings == ()
    assert evaluator.evaluate(inspection.checklist, inspection.sheet) == first
    evaluator.close()


def test_findings_do_not_depend_on_hash_seed_or_directory(tmp_path: Path) -> None:
    answers = ROOT / "checklists/samples/retail-pharmacy-2024.yaml"
    outputs = set()
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": "America/Lima" if seed == "1" else "Asia/Shanghai"}
        command = [sys.executable, str(ROOT / "cli.py"), "evaluate", str(answers), "--format", "json"]
        run = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=tmp_path)
        assert run.returncode == 1, run.stderr.decode()
        outputs.add(run.stdout)
    assert len(outputs) == 1
    assert Evaluation.model_validate(
        {k: v for k, v in json.loads(outputs.pop()).items() if k not in ("kind", "schema")}, strict=False
    )


# ── unknown stays unknown


def test_a_half_filled_row_is_named(tmp_path: Path, packaged: Place) -> None:
    """Another row of the table has a fault: this one must not disappear behind it."""
    sheet = sample("retail-pharmacy-2024")
    del sheet["answers"]["trace"][-1]["supplier_licence"]
    evaluation = evaluated(sheet, tmp_path, packaged)
    last = len(sheet["answers"]["trace"])
    assert any(n.startswith("YD-04") and f"第 {last} 行" in n for n in evaluation.notices), evaluation.notices


def _escalate(condition: str, sheet: dict[str, Any], tmp_path: Path, packaged: Place, over: str = "site") -> int:
    """Return how often an escalation with this condition fires on the sheet."""
    inspection = opened(sheet, tmp_path, packaged)
    release = inspection.locked.release
    model = next(e for e in release.escalations if e.over == over and e.layer == 2)
    added = model.model_copy(update={"id": "escalation.trial", "condition": condition})
    escalations = tuple(sorted((*release.escalations, added), key=lambda e: (e.layer, e.id)))
    locked = inspection.locked._replace(release=release.model_copy(update={"escalations": escalations}))
    found = evaluate(inspection._replace(locked=locked)).findings
    return sum(f.id == added.id for f in found)


@pytest.mark.parametrize(
    ("equipment", "fires"),
    [("是", 1), ("否", 0), (None, 0)],
)
def test_a_finding_left_open_is_not_absent(equipment: str | None, fires: int, tmp_path: Path, packaged: Place) -> None:
    """The item has one finding and another is open: “not the other” is unknown, not true."""
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-14"]["equipment"] = equipment
    condition = "finding('cold-chain.refrigerator-temperature') and not finding('cold-chain.no-refrigerator')"
    assert _escalate(condition, sheet, tmp_path, packaged) == fires


def test_an_item_that_was_not_asked_is_not_compliant(tmp_path: Path, packaged: Place) -> None:
    """YD-06 is a routine item that no clause of 2024 reaches."""
    sheet = sample("retail-pharmacy-2024")
    condition = "finding('cold-chain.refrigerator-temperature') and not finding('channel-legality.recycled-drugs')"
    assert _escalate(condition, sheet, tmp_path, packaged) == 0


def test_a_no_that_no_finding_tells_is_not_called_compliant(tmp_path: Path, packaged: Place) -> None:
    """否 with 许可证过期 beside a date to come: the inspector saw something, the date says otherwise."""
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-01"] = {"answer": "否", "valid_until": "2027-05-31", "fault": ["许可证过期"]}
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert {i.code: i.result.label for i in evaluation.items}["YD-01"] == "无法判定"
    assert [n for n in evaluation.notices if n.startswith("YD-01：答为“否”")]
    sheet["answers"]["YD-01"]["fault"] = ["许可证过期", "未悬挂"]
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert {i.code: i.result.label for i in evaluation.items}["YD-01"] == "不符合"
    assert not [n for n in evaluation.notices if n.startswith("YD-01")]


def test_a_listed_product_without_a_fault_is_named(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    rows = sheet["answers"]["YD-08"]
    rows = rows["answer"] if isinstance(rows, dict) else rows
    rows.append({"product": "维生素C片", "batch": "C1", "expiry": "2030-01-01", "defect": "过期"})
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert {i.code: i.result.label for i in evaluation.items}["YD-08"] == "不符合"
    assert [n for n in evaluation.notices if n.startswith(f"YD-08：表中第 {len(rows)} 行，但所填内容还不构成问题")]
    del rows[:-1]
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert {i.code: i.result.label for i in evaluation.items}["YD-08"] == "无法判定"
