"""Records whose papers are hard to lay out: the longest texts, many findings, many people, and nothing at all."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from support import ROOT, opened, sample
from test_photos import encoded, picture

from engine.demo import confirm_all
from engine.documents.case_view import NOT_AGAIN, NUMBERED, PARTY, TITLES, papers_due
from engine.documents.papers import record_pdf
from engine.inspections.evidence import EvidenceFiles, Photo
from engine.inspections.opening import Recorded, evaluate, new_record
from engine.inspections.photos import Print, read_photo
from engine.library.files import Place
from engine.model.base import Disposition, ItemResult
from engine.model.bureau import BureauFile, PaperName
from engine.model.findings import Evaluation
from engine.model.record import Evidence, HeldItem, PaperData, RecordedFinding, TakenSample
from engine.model.sheet import MAX_SHORT, Inspector, Person

UNBROKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnop"
"""52 characters without a place to break: longer than the widest of what people type, such as a batch number."""
RARE = "䶮𬭎㛃"
"""Characters of names that are not in the built fonts."""
NAME = f"安徽省合肥市瑶海区{RARE}龙岗综合经济开发区大药房连锁有限责任公司第一百二十八分公司（长江东路旗舰店）"
ADDRESS = "安徽省合肥市瑶海区龙岗综合经济开发区长江东路与王岗路交口向北二百米路西尚泽大都会A座商业裙楼一层101-118号"
FACT = (
    "经现场检查，该单位二楼阴凉库东侧第三排货架第二层存放的标示为“注射用头孢曲松钠（规格：1.0g×10瓶/盒）”的药品"
    "二十盒，其外包装标示有效期至2023年11月，已超过有效期；现场温湿度监测系统显示温度为26.8℃，相对湿度为78%；"
    "该单位质量负责人不能当场提供上述药品的购进票据、随货同行单、供货单位资质证明文件和验收记录"
)


def longest(seed: str, length: int = MAX_SHORT) -> str:
    """Return a text of this length, as long as a field allows: the seed again and again, unbroken Latin among it."""
    return (f"{seed}{UNBROKEN}" * (length // len(seed) + 1))[:length]


class Case(NamedTuple):
    """A record with what its papers are printed from."""

    recorded: Recorded
    bureau: BureauFile
    files: EvidenceFiles

    def papers(self) -> list[str]:
        """Return every paper that the record prints."""
        return ["inspection-record", "checklist", *papers_due(self.recorded)]

    def pdf(self, name: str, photos_per_page: int = 4) -> bytes:
        """Return a paper of the record."""
        return record_pdf(self.recorded, name, self.bureau, files=self.files, photos_per_page=photos_per_page)


BUREAU = BureauFile(
    kind="bureau", authority="瑶海区市场监督管理局", header="合肥市", address="长江东路1号", phone="0551-12345678",
    contact="李明", reconsideration="瑶海区人民政府", court="瑶海区人民法院",
)  # fmt: skip


@cache
def plain(*, final: bool = True) -> Case:
    """Return a record as it usually is that calls for every paper there is: goods, photographs, a crime, a review."""
    recorded = _opened(_follow_up(sample("retail-pharmacy-2024"), 2))
    first, *others = recorded.evaluation.findings
    crime = first.model_copy(update={"dispositions": (*first.dispositions, Disposition.POLICE_TRANSFER)})
    recorded = _judged(recorded, recorded.evaluation.model_copy(update={"findings": (crime, *others)}))
    held = tuple(h.model_copy(update={"measure": "扣押", "place": "局证物室"}) for h in recorded.record.held)
    evidence = tuple(_photo_line(n, "冷藏柜温度显示", "2024-01-15 营业厅", "张伟、刘洋") for n in range(1, 6))
    papers = {name: PaperData(number=f"（瑶）市监责改〔2024〕{n}号") for n, name in enumerate(NUMBERED, 1)}
    record = recorded.record.model_copy(update={"held": held, "evidence": evidence, "papers": papers})
    if not final:
        findings = tuple(f.model_copy(update={"status": "proposed", "by": ()}) for f in record.findings)
        record = record.model_copy(update={"findings": findings})
    return Case(recorded._replace(record=record), BUREAU, _files(evidence))


@cache
def crowded() -> Case:
    """Return what may happen: long but possible texts, 40 findings, 12 inspectors, three joint units, 30 photographs."""
    recorded = _visited(_many(_opened(_long_answers())), NAME, ADDRESS)
    record = recorded.record
    held = tuple(_held(n, FACT[:40], "国药集团三益药业（芜湖）有限公司") for n in range(1, 41))
    samples = tuple(_taken(n, FACT[:40], "国药集团三益药业（芜湖）有限公司") for n in range(1, 13))
    evidence = tuple(_photo_line(n, FACT, f"2024-01-15 09:30 {ADDRESS}", "张伟、刘洋") for n in range(1, 13))
    evidence += (Evidence(number="31", what="录音录像", proves=FACT, file=f"{UNBROKEN}.mp4", sha256="b" * 64),)
    papers: dict[PaperName, PaperData] = {
        name: PaperData(
            number=f"（瑶）市监责改〔2024〕蚌3-{n}号", date=date(2024, 1, 16), note=FACT, by=("张伟", "刘洋")
        )
        for n, name in enumerate(TITLES, 1)
    }
    record = record.model_copy(
        update={
            "held": held,
            "samples": samples,
            "evidence": evidence,
            "papers": papers,
            "attachments": (FACT[:80],) * 8,
        }
    )
    return Case(recorded._replace(record=record), BUREAU, _files(evidence))


@cache
def longest_texts() -> Case:
    """Return what the models allow: every short text 400 characters, the long ones more, runs without a break."""
    text, long = longest("甲乙丙丁"), longest(FACT, 900)
    recorded = _visited(_opened(_follow_up(sample("retail-pharmacy-2024"), 2, text)), text, text)
    first, *others = recorded.evaluation.findings
    crime = first.model_copy(update={"dispositions": (*first.dispositions, Disposition.POLICE_TRANSFER)})
    recorded = _rejudged(recorded, recorded.evaluation.model_copy(update={"findings": (crime, *others)}))
    record = recorded.record
    findings = tuple(
        f.model_copy(update={"sentence": long, "correction": long, "promised": text, "by": (text, text)})
        for f in record.findings
    )
    held = (_held(1, text, text), _held(2, long, text))
    samples = (_taken(1, text, text),)
    evidence = (_photo_line(1, text, text, text), _photo_line(2, "短", "短", "短"), _photo_line(3, text, text, text))
    data = PaperData(number=text, date=date(2024, 1, 16), to=text, by=(text, text), note=long)
    record = record.model_copy(
        update={
            "findings": findings, "held": held, "samples": samples, "evidence": evidence, "authority": text,
            "number": text, "papers": dict.fromkeys(TITLES, data), "attachments": (text,) * 3,
        }
    )  # fmt: skip
    bureau = BureauFile(
        kind="bureau", authority=text, header=text, address=text, phone=text, contact=text, reconsideration=text,
        court=text, remedy=long,
    )  # fmt: skip
    return Case(recorded._replace(record=record), bureau, _files(evidence))


@cache
def clean() -> Case:
    """Return a visit that found nothing, and of which little is written down."""
    sheet = sample("retail-pharmacy-2024")
    sheet["site"] = {"name": "安康大药房", "attributes": sheet["site"]["attributes"]}
    sheet["visit"] = {"date": sheet["visit"]["date"]}
    recorded = _opened(sheet)
    items = tuple(i.model_copy(update={"result": _good(i.result)}) for i in recorded.evaluation.items)
    nothing = recorded.evaluation.model_copy(update={"findings": (), "notices": (), "items": items})
    empty = recorded.record.model_copy(update={"findings": (), "held": (), "samples": (), "evidence": ()})
    return Case(Recorded(empty, recorded.inspection, nothing), BUREAU, _files(()))


CASES = {"plain": plain, "crowded": crowded, "longest": longest_texts, "clean": clean}


# ── how they are made


def _good(result: ItemResult) -> ItemResult:
    return ItemResult.COMPLIANT if result is ItemResult.NON_COMPLIANT else result


def _opened(sheet: dict[str, Any]) -> Recorded:
    with tempfile.TemporaryDirectory() as folder:
        inspection = opened(sheet, Path(folder), Place(ROOT))
    evaluation = evaluate(inspection)
    return Recorded(confirm_all(new_record(inspection, evaluation)), inspection, evaluation)


def _follow_up(sheet: dict[str, Any], rows: int, text: str = "冷藏柜超温") -> dict[str, Any]:
    """Return the sheet of a site that was inspected before."""
    sheet.pop("checklist", None)
    sheet["site"]["attributes"]["prior"] = True
    row = {
        "item": "甲-1", "problem": text, "law": text[:200], "due": "2023-02-01", "promised": text[:200], "result": "未整改",
    }  # fmt: skip
    sheet["answers"]["follow-up"] = [row | {"item": f"甲-{n}"} for n in range(2, rows + 1)]
    sheet["answers"]["follow-up"].append(row | {"item": "甲-1", "result": "未整改"})
    return sheet


def _long_answers() -> dict[str, Any]:
    sheet = _follow_up(sample("retail-pharmacy-2024"), 25, FACT)
    for code, answer in sheet["answers"].items():
        if isinstance(answer, dict):
            answer["note"] = FACT
        elif code in ("YD-09", "YD-11", "YD-17"):
            sheet["answers"][code] = {"answer": answer, "note": f"{FACT}{UNBROKEN}"}
    row = sheet["answers"]["trace"][0]
    sheet["answers"]["trace"] = [
        row | {"product": f"{FACT[:60]}{n}", "producer": ADDRESS, "supplier": NAME, "batch": UNBROKEN}
        for n in range(30)
    ]
    return sheet


def _judged(recorded: Recorded, evaluation: Evaluation) -> Recorded:
    """Return the record with another evaluation, everything in it confirmed."""
    record = new_record(recorded.inspection, evaluation)
    return Recorded(confirm_all(record), recorded.inspection, evaluation)


def _rejudged(recorded: Recorded, evaluation: Evaluation) -> Recorded:
    judged = _judged(recorded, evaluation)
    return judged._replace(record=judged.record.model_copy(update={"visit": recorded.record.visit}))


def _many(recorded: Recorded, count: int = 40) -> Recorded:
    """Return the record with its findings repeated, each with a long sentence; some are crimes, all are passed on."""
    found = [f for f in recorded.evaluation.findings if f.id not in NOT_AGAIN]
    more = (Disposition.POLICE_TRANSFER, Disposition.NOTIFY_INSURANCE)
    findings = tuple(
        found[n % len(found)].model_copy(
            update={
                "number": n + 1, "layer": 1, "parents": (), "sentence": f"{FACT}（第{n + 1}处，批号 {UNBROKEN[:44]}）",
                "dispositions": (Disposition.ORDER_CORRECTION, Disposition.CASE_CLUE, *(more if n % 3 == 0 else ())),
            }
        )
        for n in range(count)
    )  # fmt: skip
    return _judged(recorded, recorded.evaluation.model_copy(update={"findings": findings}))


def _visited(recorded: Recorded, name: str, address: str) -> Recorded:
    """Return the record of a visit by many to a site with a long name, where the party refused to sign."""
    record, fields = recorded.record, recorded.inspection.checklist.type.identity
    identity = {i.id: address if i.id in (*PARTY, "registered_address") else name for i in fields}
    units = ("合肥市瑶海区卫生健康委员会", "合肥市瑶海区医疗保障局", "合肥市公安局瑶海分局食品药品和环境犯罪侦查大队")
    visit = record.visit.model_copy(
        update={
            "inspectors": tuple(_inspector(n, "瑶海区城东市场监管所") for n in range(1, 13)),
            "joint": tuple(_inspector(n, units[n % 3]) for n in range(13, 19)),
            "place": address, "task": name, "approval": address, "notice": address, "times": address,
            "present": tuple(_person(f"{n}号{RARE}", address) for n in range(1, 5)),
            "witness": _person(f"见证人{RARE}", address), "recorder": "刘洋", "statement": FACT, "refusal": FACT,
            "recordings": address, "recusal": "申请回避", "recusal_decision": FACT,
        }
    )  # fmt: skip
    site = record.site.model_copy(update={"name": name, "identity": identity})
    sheet = recorded.inspection.sheet.model_copy(update={"visit": visit, "site": site})
    checklist = recorded.inspection.checklist.model_copy(update={"site": site})
    inspection = recorded.inspection._replace(sheet=sheet, checklist=checklist)
    names = tuple(i.name for i in visit.inspectors[:2])
    findings = tuple(f.model_copy(update={"by": names}) for f in record.findings)
    record = record.model_copy(update={"visit": visit, "site": site, "findings": findings})
    return Recorded(record, inspection, recorded.evaluation)


def _inspector(number: int, unit: str) -> Inspector:
    return Inspector(name=f"欧阳{RARE}第{number}", certificate=f"皖A010{number:02}2024{number:06}", unit=unit)


def _person(name: str, text: str) -> Person:
    return Person(name=name, position="质量负责人兼门店经理", document="340102199001011234", relation=text)


def _held(number: int, product: str, producer: str) -> HeldItem:
    return HeldItem(
        findings=(1,), product=f"{number} {product}", spec="0.25g×24粒", batch=UNBROKEN, expiry="2025-07-31",
        producer=producer, supplier=producer, quantity="12 盒", unit_price="12.50 元", measure="先行登记保存",
        place=ADDRESS, decide_by=date(2024, 1, 22),
    )  # fmt: skip


def _taken(number: int, product: str, producer: str) -> TakenSample:
    return TakenSample(
        findings=(1,), product=product, spec="0.25g×24粒", batch=UNBROKEN, producer=producer, supplier=producer,
        number=f"皖抽2024-{number:04}", taken="3 盒", base="120 盒", storage="阴凉（不超过20℃）",
    )  # fmt: skip


@cache
def _shot(number: int) -> tuple[str, Print]:
    content = encoded(picture(320 + number, 240))
    taken = read_photo(content)
    assert isinstance(taken, Print)
    return hashlib.sha256(content).hexdigest(), taken


def _photo_line(number: int, proves: str, taken: str, by: str) -> Evidence:
    sha256, _ = _shot(number)
    return Evidence(
        number=str(number), what="照片", proves=proves, findings=(1, 2), taken=taken, by=by, pages="1 张",
        file=f"IMG_{number}.jpg", sha256=sha256,
    )  # fmt: skip


def _files(evidence: tuple[Evidence, ...]) -> EvidenceFiles:
    photos = tuple(Photo(line, line.sha256, _shot(int(line.number))[1]) for line in evidence if line.what == "照片")
    return EvidenceFiles(photos, {line.number: line.sha256 for line in evidence}, ())


def proposed(case: Case) -> Case:
    """Return the record before anybody decided: each of its papers is a draft."""

    def open_again(finding: RecordedFinding) -> RecordedFinding:
        return finding.model_copy(update={"status": "proposed", "by": ()})

    record = case.recorded.record
    findings = tuple(map(open_again, record.findings))
    return case._replace(recorded=case.recorded._replace(record=record.model_copy(update={"findings": findings})))
