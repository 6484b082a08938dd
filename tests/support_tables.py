"""A county by the seed: units, sites, inspections, findings, papers and ledgers, as the workspace keeps them."""

from __future__ import annotations

import random
from datetime import date, timedelta

from engine.model.base import Disposition, Grade
from engine.model.workspace import (
    CountedFinding,
    CountedPerson,
    CountedProduct,
    Facts,
    Inspection,
    KeptFinding,
    LedgerEntry,
    RegisteredSite,
    Unit,
)
from engine.reports.counting import Kept

BEGIN, LAST = date(2024, 1, 2), date(2024, 3, 31)
SITE_TYPES = (
    "retail-pharmacy", "retail-pharmacy", "clinic", "medical-institution", "vaccination-unit", "drug-wholesaler",
    "device-distributor", "contact-lens-seller", "cosmetics-seller", "online-seller", "vaccine-logistics",
    "decoction-manufacturer", "device-manufacturer",
)  # fmt: skip
RULES = (
    "channel-legality.supplier-qualification", "channel-legality.recycled-drugs", "expired-stock.expired-drugs",
    "prescription-drugs.prescription-kept", "storage-display.cool-storage", "cold-chain.refrigerator-temperature",
    "cosmetics.medical-claims", "licensing.licence-valid",
)  # fmt: skip
AREAS = ("旅游景区", "车站", "码头", "城乡结合部", "农村")
SQUAD = "稽查大队"


def county(seed: int, visits: int = 60, units: int = 4, sites: int = 30) -> tuple[tuple[Unit, ...], Kept]:
    """Return the units and everything kept; the same seed gives the same county."""
    rng = random.Random(seed)
    names = [f"第{n}市场监管所" for n in range(1, units)] + [SQUAD]
    registered = [_site(rng, n, names) for n in range(sites)]
    inspections, findings = [], []
    for n in range(visits):
        inspection = _visit(rng, n, rng.choice(registered), names)
        inspections.append(inspection)
        if inspection.facts is not None and inspection.state in ("final", "closed"):
            findings += _findings(rng, inspection)
    entries = [_entry(rng, n, names, registered, inspections) for n in range(visits)]
    entries += [_keyed(rng, n, names) for n in range(units * 2)]
    units_kept = tuple(Unit(id=name, kind="team" if name == SQUAD else "station") for name in names)
    return units_kept, Kept(inspections, findings, entries, registered)


def _site(rng: random.Random, n: int, names: list[str]) -> RegisteredSite:
    kind = rng.choice(SITE_TYPES)
    closed = BEGIN + timedelta(days=rng.randrange(90)) if rng.random() < 0.1 else None
    return RegisteredSite(
        id=f"DW{n:05d}", name=f"单位{n}号", site_type=kind, unit=rng.choice(names), closed=closed,
        credit_code=f"91340102MA2N{n:05d}X"[:18] if rng.random() < 0.8 else "",
        chain=rng.choice(("single", "store", None)) if kind == "retail-pharmacy" else None,
        attributes={"salon": rng.random() < 0.5, "implant": rng.random() < 0.4},
    )  # fmt: skip


def _visit(rng: random.Random, n: int, site: RegisteredSite, names: list[str]) -> Inspection:
    day = BEGIN + timedelta(days=rng.randrange(-3, 93))
    unit = site.unit if rng.random() < 0.9 else rng.choice(names)
    assisting = (SQUAD,) if unit != SQUAD and rng.random() < 0.2 else ()
    people = [
        CountedPerson(name=f"{unit}{k}", certificate=f"{names.index(unit)}-{k}", unit=unit if k else "")
        for k in rng.sample(range(4), 2)
    ]
    people += [CountedPerson(name=f"大队{k}", unit=SQUAD) for k in range(2) if assisting]
    found = [
        CountedFinding(
            id=f"JC{n:05d}-{k}", rule=rng.choice(RULES), grade=rng.choice(list(Grade)), on_the_spot=rng.random() < 0.2,
            recurs=f"JC{k:05d}-1" if rng.random() < 0.1 else None,
            dispositions=(Disposition.ORDER_CORRECTION,),
        )
        for k in range(1, rng.choice((1, 1, 1, 2, 3, 5)))
    ]  # fmt: skip
    products = [
        CountedProduct(product=f"品种{rng.randrange(4)}", batch=f"{rng.randrange(3)}") for _ in range(rng.randrange(6))
    ]
    facts = Facts(
        date=day, sealed=day + timedelta(days=rng.choice((0, 0, 0, 1, 9))), site=site.id, site_name=site.name,
        site_type=site.site_type, unit=unit, assisting=assisting, chain=site.chain, online=rng.random() < 0.3,
        attributes=tuple(name for name, has in site.attributes.items() if has),
        areas=tuple(rng.sample(AREAS, rng.choice((0, 0, 1, 2)))), inspectors=tuple(people), products=tuple(products),
        findings=tuple(found), earlier=rng.choice((0, 0, 0, 1)), goods=rng.randrange(3) * 12345,
    )  # fmt: skip
    state = rng.choice(("final", "final", "closed", "evaluated", "cancelled"))
    return Inspection(id=f"JC{n:05d}", campaign="2024", site=site.id, unit=unit, assisting=assisting, state=state,
                      facts=facts if state != "evaluated" else None)  # fmt: skip


def _findings(rng: random.Random, inspection: Inspection) -> list[KeptFinding]:
    assert inspection.facts is not None
    kept = []
    for finding in inspection.facts.findings:
        state = rng.choice(("open", "ordered", "extended", "corrected", "corrected", "not-corrected", "waived"))
        ordered = (
            inspection.facts.date + timedelta(days=rng.randrange(3)) if state != "open" and rng.random() < 0.8 else None
        )
        settled = (
            inspection.facts.date + timedelta(days=rng.randrange(20))
            if state in ("corrected", "not-corrected", "waived")
            else None
        )
        kept.append(KeptFinding(
            id=finding.id, inspection=inspection.id, site=inspection.site, unit=inspection.unit, rule=finding.rule,
            grade=finding.grade, sentence="查见问题", found=inspection.facts.date, state=state, settled=settled,
            recurs=finding.recurs, ordered=ordered, notice=f"责改〔2024〕{rng.randrange(30)}号" if ordered and rng.random() < 0.9 else "",
        ))  # fmt: skip
    return kept


def _entry(
    rng: random.Random, n: int, names: list[str], sites: list[RegisteredSite], visits: list[Inspection]
) -> LedgerEntry:
    day = BEGIN + timedelta(days=rng.randrange(-5, 95))
    ledger = rng.choice(
        (
            "clue",
            "case",
            "case",
            "complaint",
            "interview",
            "letter",
            "sampling",
            "transfer",
            "self-report",
            "publicity",
            "opinion",
            "signal",
        )
    )
    after = lambda: (day + timedelta(days=rng.randrange(30))).isoformat()  # noqa: E731
    values = {
        "clue": lambda: {"received": day.isoformat(), "source": rng.choice(("投诉举报", "监督抽验", "部门移送", "检查发现", "其他")), "site": rng.choice(sites).id, "decision": rng.choice(("待核查", "立案", "不立案")), "decided": after()},
        "case": lambda: {"filed": day.isoformat(), "product_class": rng.choice(("药品", "医疗器械", "化妆品")), "value": rng.randrange(10**8), "decided": after(), "closed": after(), "fine": rng.randrange(10**7), "confiscated": rng.randrange(10**6), "persons": rng.randrange(3), "suspended": rng.random() < 0.3, "licence_revoked": rng.random() < 0.1, "site": rng.choice(sites).id} | ({"typical": after()} if rng.random() < 0.2 else {}),
        "complaint": lambda: {"accepted": day.isoformat(), "kind": rng.choice(("投诉", "举报", "咨询")), "done": after()},
        "interview": lambda: {"held": day.isoformat(), "kind": rng.choice(("约谈", "告诫")), "site": rng.choice(sites).id},
        "letter": lambda: {"sent": day.isoformat(), "kind": rng.choice(("协查函", "通报卫健", "通报医保", "其他"))},
        "sampling": lambda: {"taken": day.isoformat(), "report_date": after(), "failed": rng.random() < 0.3},
        "transfer": lambda: {"found": day.isoformat(), "transferred": f"{after()} 10:00", "persons": rng.randrange(1, 4)},
        "self-report": lambda: {"received": day.isoformat(), "site": rng.choice(sites).id, "year": 2023},
        "publicity": lambda: {"held": day.isoformat(), "kind": rng.choice(("普法宣传", "科普宣传", "安全警示", "媒体报道", "政务信息")), "level": rng.choice(("中央", "省级", "市级", "县级", None)), "sessions": rng.randrange(3), "audience": rng.randrange(99), "handouts": rng.randrange(500), "pieces": rng.randrange(3)},
        "opinion": lambda: {"found": f"{day} 08:00", "kind": rng.choice(("舆情", "突发报告")), "reported": f"{day} 09:00", "handled": f"{day} 12:00"},
        "signal": lambda: {"found": f"{day} 08:00", "kind": rng.choice(("药品聚集性信号", "器械严重不良事件")), "warned": f"{day} 09:00", "handled": f"{day} 12:00"},
    }[ledger]()  # fmt: skip
    inspection = rng.choice(visits).id if visits and rng.random() < 0.3 else None
    return LedgerEntry(id=f"{ledger}-{n:05d}", ledger=ledger, unit=rng.choice(names), date=day, values=values,
                       inspection=inspection, voided="误记" if rng.random() < 0.05 else "")  # fmt: skip


def _keyed(rng: random.Random, n: int, names: list[str]) -> LedgerEntry:
    day = BEGIN + timedelta(days=rng.randrange(85))
    figure = rng.choice(("药品不良反应报告", "医疗器械不良事件报告"))
    values = {"day": day.isoformat(), "figure": figure, "value": rng.randrange(9)}
    return LedgerEntry(id=f"填报-{n:05d}", ledger="keyed", unit=rng.choice(names), date=day, values=values)
