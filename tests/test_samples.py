"""The sample inspections: each tells a story, and its findings are those of the story, no more and no fewer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support import SAMPLES, evaluated, sample
from support_documents import Paper, flat, paper, recorded

from engine.documents.papers import record_pdf
from engine.documents.text import evaluation_text
from engine.inspections.opening import Recorded, open_record
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.library.load import Library
from engine.model.base import ItemResult

Found = tuple[str, tuple[str, ...]]
"""A finding: its id and the values of its subject, as a row's key or a device's place."""


class Fault(NamedTuple):
    """What is wrong at the site: how to put it right on the sheet, and what it must be found as."""

    name: str
    right: dict[str, Any]
    """Path into the answers, as JZ-07.not_prefilled or trace.3.invoice, and what a faultless sheet says there."""
    finds: tuple[Found, ...]


def fault(name: str, right: dict[str, Any], *finds: str | Found) -> Fault:
    """Return a fault; a finding without a subject is named by its id alone."""
    return Fault(name, right, tuple((f, ()) if isinstance(f, str) else f for f in finds))


_GRANULES, _TABLETS = ("板蓝根颗粒", "20211105"), ("健胃消食片", "0611203")
_GRANULES_2019, _TABLETS_2019 = ("板蓝根颗粒", "20161105"), ("健胃消食片", "0611203")
_LIANHUA, _VALSARTAN = ("连花清瘟胶囊", "L2309112", "王某（个人）"), ("缬沙坦胶囊", "L1809112", "王某（个人）")
_LENS = ("半年抛彩色隐形眼镜（焦糖棕）", "K18C07")

STORIES: dict[str, tuple[Fault, ...]] = {
    "retail-pharmacy-2024": (
        fault(
            "a supplier without licence, whose goods came without papers",
            {"trace.1.supplier_licence": "有效", "trace.1.delivery_note": "是", "trace.1.invoice": "是"},
            ("channel-legality.supplier-qualification", _LIANHUA),
            ("channel-legality.purchase-vouchers", _LIANHUA),
            ("escalation.suspected-illegal-channel", _LIANHUA),
        ),
        fault(
            "a product without invoice",
            {"trace.2.invoice": "是"},
            ("channel-legality.purchase-vouchers", ("布洛芬缓释胶囊", "B23100155", "安徽乙医药有限公司")),
        ),
        fault(
            "two expired medicines",
            {"YD-08.answer": []},
            ("expired-stock.expired-drugs", _GRANULES),
            ("expired-stock.expired-drugs", _TABLETS),
        ),
        fault("a warm refrigerator", {"YD-14.answer.0.reading": 5.0}, "cold-chain.refrigerator-temperature"),
    ),
    "retail-pharmacy-2019": (
        fault(
            "a supplier without licence, whose goods came without papers",
            {"trace.1.supplier_licence": "有效", "trace.1.delivery_note": "是", "trace.1.invoice": "是"},
            ("channel-legality.supplier-qualification", _VALSARTAN),
            ("channel-legality.purchase-vouchers", _VALSARTAN),
            ("escalation.suspected-illegal-channel", _VALSARTAN),
        ),
        fault(
            "a product without invoice",
            {"trace.2.invoice": "是"},
            ("channel-legality.purchase-vouchers", ("盐酸二甲双胍片", "B18100155", "安徽乙医药有限公司")),
        ),
        fault(
            "two expired medicines",
            {"YD-08.answer": []},
            ("expired-stock.expired-drugs", _GRANULES_2019),
            ("expired-stock.expired-drugs", _TABLETS_2019),
        ),
        fault("a warm refrigerator", {"YD-14.answer.0.reading": 5.0}, "cold-chain.refrigerator-temperature"),
    ),
    "clinic-2024": (
        fault("food in the refrigerator", {"ZS-10.medicines_only": "是"}, "cold-chain.mixed-storage"),
        fault(
            "expired syringes, as last year",
            {"ZS-11": [], "follow-up.0.result": "已整改"},
            ("high-risk-devices.expired-devices", ("一次性使用无菌注射器", "20201102")),
            ("follow-up.relapse", ("瑶监检2023-118-1",)),
        ),
    ),
    "drug-wholesaler-2019": (
        fault("one account for two people", {"PF-07": "是"}, "quality-management.shared-accounts"),
        fault("a buyer without papers", {"PF-03.answer": 0}, "channel-legality.customer-qualification"),
        fault("warm at the door", {"PF-10.answer.1.reading": 6.4}, "cold-chain.refrigerator-temperature"),
        fault("old calibration", {"PF-13.calibrated_on": "2018-11-20"}, "cold-chain.calibration-overdue"),
    ),
    "vaccination-unit-2024": (
        fault("a batch without transport record", {"JZ-03.answer": 0}, "vaccines.transport-temperature"),
        fault("the afternoon written in the morning", {"JZ-07.not_prefilled": "是"}, "cold-chain.record-prefilled"),
        fault("old calibration", {"JZ-09.answer": "2023-12-20"}, "cold-chain.thermometer-calibration"),
        fault("vaccine against the wall", {"JZ-11": "是"}, "storage-display.vaccine-against-wall"),
        fault("waste not handed over", {"JZ-13.disposal": "有登记并已上交"}, "expired-stock.vaccine-disposal"),
    ),
    "vaccine-logistics-2019": (
        fault("no drill", {"JK-12": "是"}, "quality-management.no-drill"),
        fault("a gap in a transport record", {"JK-04.incomplete": 0}, "cold-chain.transport-record-gap"),
        fault("one sensor in the vehicle", {"JK-05.answer": 2}, "cold-chain.vehicle-sensors"),
    ),
    "medical-institution-2024": (
        fault(
            "an expired medicine on the emergency trolley",
            {"YL-09": []},
            ("expired-stock.expired-drugs", ("盐酸肾上腺素注射液", "S220106")),
        ),
        fault("an ampoule is missing", {"YL-10.ampoules": "是"}, "special-drugs.ampoules"),
        fault("a case without the implant", {"YL-14.answer": 0}, "high-risk-devices.implant-records"),
        fault(
            "an expired reagent",
            {"YL-15": []},
            ("high-risk-devices.expired-devices", ("葡萄糖测定试剂盒（己糖激酶法）", "G220815")),
        ),
        fault(
            "half of last year's problem is left",
            {"follow-up.0.result": "已整改"},
            ("follow-up.partly-corrected", ("瑶监检2023-201-1",)),
        ),
    ),
    "online-seller-2024": (
        fault("no pharmacist on the page", {"WX-04": "是"}, "online-sales.pharmacist-shown"),
        fault("a prescription by itself", {"WX-05.answer": 0}, "online-sales.prescription-orders"),
        fault("shown before the review", {"WX-05.before_review": "是"}, "online-sales.shown-before-review"),
        fault("no warning", {"WX-06.warning": "是"}, "online-sales.prescription-warning"),
        fault("a warm delivery", {"WX-11.highest": 7.5}, "online-sales.delivery-temperature"),
    ),
    "device-distributor-2024": (
        fault("the head of quality is absent", {"QX-02": "是"}, "licensing.quality-staff-absent"),
        fault(
            "a batch without invoice",
            {"trace.1.invoice": "是"},
            ("channel-legality.purchase-vouchers", ("锁定加压接骨板", "JB2309", "安徽丑医疗器械有限公司")),
        ),
        fault("warm at the door", {"QX-08.answer.1.reading": 6.4}, "storage-display.device-label-storage"),
        fault("no record on the way", {"QX-09.transport_record": "是"}, "cold-chain.device-transport-record"),
        fault(
            "last year's problem is left",
            {"follow-up.0.result": "已整改"},
            ("follow-up.earlier-problems", ("瑶监检2023-077-1",)),
        ),
    ),
    "contact-lens-seller-2019": (
        fault("a lens without registration", {"CT-02.answer": []}, ("high-risk-devices.lens-registration", _LENS)),
        fault(
            "an opened lens to try on",
            {"CT-05": []},
            ("high-risk-devices.opened-lenses", ("软性亲水接触镜（年抛）", "RX180322")),
        ),
        fault(
            "a supplier without papers",
            {"trace.3.supplier_licence": "有效"},
            ("channel-legality.purchase-supplier-file", (*_LENS, "微信号“某某美瞳”")),
        ),
        fault(
            "bought without papers",
            {"trace.3.delivery_note": "是", "trace.3.invoice": "是"},
            ("channel-legality.lens-vouchers", (*_LENS, "微信号“某某美瞳”")),
        ),
        fault("a poster that promises too much", {"CT-12": "是"}, "online-sales.device-claims"),
    ),
    "device-manufacturer-2019": (
        fault("too little pressure", {"QS-03.answer.1.reading": 11}, "device-production.clean-area"),
        fault("water not tested", {"QS-04.answer": "2019-01-08"}, "device-production.water-and-gas"),
        fault("no retained sample", {"QS-06.retained": 0}, "device-production.retained-samples"),
        fault("a supplier not audited", {"QS-08.answer": 0}, "device-production.supplier-audit"),
        fault(
            "the cause is not found yet",
            {"follow-up.0.result": "已整改"},
            ("follow-up.partly-corrected", ("省抽检 2018-0316",)),
        ),
    ),
    "decoction-manufacturer-2019": (
        fault("an unclear origin", {"YP-02.answer": []}, ("key-products.tonic-pieces", ("三七", "SQ181201"))),
        fault("more out than in", {"YP-05.answer": 96.5}, "decoction-production.batch-records"),
        fault("a report before its spectrum", {"YP-07.spectra": "是"}, "decoction-production.spectra"),
        fault("mice", {"YP-09.pest_control": "是"}, "storage-display.decoction-pests"),
        fault("a label without origin", {"YP-11.answer": 0}, "decoction-production.labels"),
    ),
    "cosmetics-seller-2024": (
        fault(
            "hair dye without registration",
            {"HZ-04.answer": []},
            ("cosmetics.hair-dye-registration", ("自然黑染发膏", "R20230811")),
        ),
        fault(
            "an ordinary mask that whitens",
            {"HZ-06": []},
            ("cosmetics.ordinary-claims", ("焕白精华面膜", "P20230602")),
        ),
        fault("shampoo out of a barrel", {"HZ-10": "是"}, "cosmetics.own-filling"),
        fault("no packages on show", {"HZ-13": "是"}, "cosmetics.package-display"),
    ),
}
ASSISTS = {
    "drug-wholesaler-2019": "省药品监督管理局检查分局",
    "device-manufacturer-2019": "省药品监督管理局检查分局（第二、三类）或者市局（第一类）",
    "decoction-manufacturer-2019": "省药品监督管理局检查分局",
}
"""Samples of sites where another authority decides, and which."""

OFTEN = {"retail-pharmacy-2024", "clinic-2024"}
"""Whose papers the short run prints."""
every_story = pytest.mark.parametrize("name", list(STORIES))
every_fault = pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name, story in STORIES.items() for n in range(len(story))]
)


def _set(answers: dict[str, Any], path: str, value: object) -> None:
    first, *rest = path.split(".")
    if not rest:
        answers[first] = value
        return
    place: Any = answers[first]
    for step in rest[:-1]:
        place = place[int(step)] if step.isdigit() else place[step]
    assert rest[-1] in place, f"{path} is not on the sheet"
    place[rest[-1]] = value


def _found(sheet: dict[str, Any], folder: Path, place: Place) -> list[Found]:
    return sorted((f.id, tuple(f.subject.values())) for f in evaluated(sheet, folder, place).findings)


def _expected(story: tuple[Fault, ...]) -> list[Found]:
    return sorted(found for each in story for found in each.finds)


def test_every_site_type_has_a_sample_in_a_campaign_that_reaches_it(library: Library) -> None:
    assert sorted(path.stem for path in SAMPLES.glob("*.yaml")) == sorted(STORIES)
    assert {sample(name)["site_type"] for name in STORIES} == set(library.site_types)
    for name in STORIES:
        sheet = sample(name)
        assert name == f"{sheet['site_type']}-{sheet['campaign']}"
        period = library.campaigns[sheet["campaign"]].value.period
        assert period.start.isoformat() <= str(sheet["visit"]["date"]) <= period.end.isoformat(), name


@every_story
def test_a_sample_gives_exactly_the_findings_of_its_story(name: str, tmp_path: Path, packaged: Place) -> None:
    assert _found(sample(name), tmp_path, packaged) == _expected(STORIES[name])


@every_fault
def test_without_a_fault_exactly_its_findings_go(name: str, number: int, tmp_path: Path, packaged: Place) -> None:
    sheet, each = sample(name), STORIES[name][number]
    for path, value in each.right.items():
        _set(sheet["answers"], path, value)
    rest = [other for other in STORIES[name] if other is not each]
    assert _found(sheet, tmp_path, packaged) == _expected(tuple(rest)), each.name


@every_story
def test_without_its_faults_nothing_is_found_and_nothing_is_open(name: str, tmp_path: Path, packaged: Place) -> None:
    sheet = sample(name)
    for each in STORIES[name]:
        for path, value in each.right.items():
            _set(sheet["answers"], path, value)
    evaluation = evaluated(sheet, tmp_path, packaged)
    assert not evaluation.findings
    assert {item.result for item in evaluation.items} <= {ItemResult.COMPLIANT, ItemResult.REASONABLE_OMISSION}


@every_story
def test_every_item_that_is_asked_was_checked_and_decided(name: str, tmp_path: Path, packaged: Place) -> None:
    evaluation = evaluated(sample(name), tmp_path, packaged)
    assert not evaluation.notices
    decided = {ItemResult.COMPLIANT, ItemResult.NON_COMPLIANT, ItemResult.REASONABLE_OMISSION}
    assert [i.code for i in evaluation.items if i.result not in decided] == []
    good = sum(item.result == ItemResult.COMPLIANT for item in evaluation.items)
    assert good > sum(item.result == ItemResult.NON_COMPLIANT for item in evaluation.items), "most of it is in order"


@every_story
def test_where_the_bureau_assists_every_finding_goes_to_the_authority(
    name: str, tmp_path: Path, packaged: Place
) -> None:
    evaluation = evaluated(sample(name), tmp_path, packaged)
    assert {finding.routed_to for finding in evaluation.findings} == {ASSISTS.get(name)}
    text = evaluation_text(evaluation, recorded(name, final=False).inspection.checklist, explain=False)
    assert text.count("本局不单独结案") == (len(evaluation.findings) if name in ASSISTS else 0)


@every_story
def test_a_sample_gives_text_and_a_record_that_opens_again(name: str, tmp_path: Path, packaged: Place) -> None:
    proposed = recorded(name, final=False)
    text = evaluation_text(proposed.evaluation, proposed.inspection.checklist, explain=True)
    for finding in proposed.evaluation.findings:
        assert finding.sentence in text
    path = tmp_path / "record.yaml"
    path.write_text(record_yaml(proposed.record), encoding="utf-8")
    again, problems = open_record(packaged, path)
    assert again is not None, [p.render() for p in problems]
    assert again.record == proposed.record


@pytest.mark.parametrize("name", [n if n in OFTEN else pytest.param(n, marks=pytest.mark.long) for n in STORIES])
def test_the_record_of_a_sample_prints_what_was_found(name: str) -> None:
    printed = paper("final", name)
    for finding in recorded(name, final=True).evaluation.findings:
        assert flat(finding.sentence) in printed.text
        assert flat(ASSISTS.get(name, "")) in printed.text
    assert flat(sample(name)["site"]["name"]) in printed.text
    assert "草稿" not in printed.text


def test_a_draft_of_a_sample_says_so() -> None:
    of = recorded("drug-wholesaler-2019", final=False)
    printed = Paper(record_pdf(Recorded(of.record, of.inspection, of.evaluation), "inspection-record"))
    assert all("草稿" in page for page in printed.pages)
