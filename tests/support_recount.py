"""An exported campaign counted a second time in plain Python, from its records and its trail: nothing of the engine.

What a filing saw is what the trail had brought until then; what a visit says is read from its RECORD.yaml. The columns
are those of STATS.md, written here by hand and not read from rules/tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PHARMACY, DEVICES = ("retail-pharmacy", "clinic"), ("device-distributor", "contact-lens-seller")


class Item(NamedTuple):
    """Something that counts: whose, on which day, known since when, which, how much, and what counts only once."""

    unit: str
    day: str
    known: str
    id: str
    amount: int = 1
    key: str = ""


Flows = dict[str, list[Item]]


@dataclass
class World:
    """What the trail has brought so far."""

    folder: Path
    files: dict[str, str]
    kept: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)
    recurring: set[str] = field(default_factory=set)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.kept.setdefault(kind, {})

    def take(self, entry: list[Any]) -> None:
        """Take one entry of the trail in."""
        _, at, _, action, _, changes, _, _ = entry
        if action.startswith("归档 "):
            self._seal(action.removeprefix("归档 "), at[:10], changes)
        for kind, id_, data in changes:
            self.of(kind)[id_] = json.loads(data)

    def _seal(self, id_: str, day: str, changes: list[list[str]]) -> None:
        self.sealed[id_] = day
        new = [json.loads(data) for kind, _, data in changes if kind == "finding"]
        for f in new:
            for old in self.of("finding").values():
                same = all(old[k] == f[k] for k in ("site", "rule")) and old.get("state") == "corrected"
                if same and old["found"] < f["found"] and old["settled"] < f["found"]:
                    self.recurring.add(id_)

    def visits(self) -> list[dict[str, Any]]:
        """Return the sealed visits with what their records say."""
        return [self._visit(v) for v in self.of("inspection").values() if v["id"] in self.sealed]

    def _visit(self, kept: dict[str, Any]) -> dict[str, Any]:
        digest = kept["files"]["record"]
        if digest not in self.records:
            text = (self.folder / self.files[digest]).read_text(encoding="utf-8")
            self.records[digest] = yaml.load(text, Loader=yaml.BaseLoader)
        record, site = self.records[digest], self.of("site")[kept["site"]]
        held = {n: v == "true" for n, v in record["site"].get("attributes", {}).items()}
        rows = list(record["answers"].get("trace", []))
        found = [f for f in record["findings"] if f["status"] == "confirmed"]
        return {
            "id": kept["id"], "unit": kept["unit"], "assisting": kept.get("assisting", []), "day": record["visit"]["date"],
            "known": self.sealed[kept["id"]], "site": kept["site"], "type": record["site_type"], "chain": site.get("chain"),
            "attributes": {n for n, has in (site.get("attributes", {}) | held).items() if has},
            "areas": site.get("areas", []), "online": kept.get("online", False), "people": record["visit"]["inspectors"],
            "products": {r["product"] for r in rows}, "batches": {(r["product"], r["batch"]) for r in rows},
            "rules": [f["id"] for f in found], "spot": any(f.get("on_the_spot") == "true" for f in found),
            "grades": [self.of("finding")[f"{kept['id']}-{f['number']}"]["grade"] for f in found],
            "earlier": any(r.get("result") for r in record["answers"].get("follow-up", [])),
            "recurs": kept["id"] in self.recurring,
        }  # fmt: skip

    def lines(self, ledger: str) -> list[dict[str, Any]]:
        return [e for e in self.of("entry").values() if e["ledger"] == ledger and not e.get("voided")]

    def registered(self, table: str, end: str) -> dict[str, list[dict[str, Any]]]:
        """Return by column the sites that are open at the end of a day."""
        wanted = {
            "t0": {"self_due": ("device-distributor",)},
            "t1": {"registered": PHARMACY},
            "t2": {"registered": DEVICES},
        }
        open_ = [s for s in self.of("site").values() if not s.get("closed") or s["closed"] > end]
        return {c: [s for s in open_ if s["site_type"] in types] for c, types in wanted.get(table, {}).items()}


def flows(world: World, table: str) -> Flows:
    """Return what counts in the columns of a table that count what happened."""
    return {"t0": _t0, "t1": _t1, "t2": _t2, "t3": _t3, "t4": _t4}[table](world)


Test = Callable[[dict[str, Any]], object]


def _count(visits: Iterable[dict[str, Any]], test: Test = lambda v: True, amount: Callable[[Any], int] = lambda v: 1) -> list[Item]:  # fmt: skip
    return [Item(v["unit"], v["day"], v["known"], v["id"], amount(v)) for v in visits if test(v) and amount(v)]


def _sites(visits: Iterable[dict[str, Any]]) -> list[Item]:
    return [Item(v["unit"], v["day"], v["known"], v["id"], 1, v["site"]) for v in visits]


def _people(visits: Iterable[dict[str, Any]]) -> list[Item]:
    found = []
    for v in visits:
        for p in v["people"]:
            unit = p.get("unit") if p.get("unit") in [v["unit"], *v["assisting"]] else v["unit"]
            found.append(Item(unit, v["day"], v["known"], v["id"], 1, f"{p['certificate']}|{v['day']}"))
    return found


def _of_type(visits: Iterable[dict[str, Any]], *types: str) -> list[dict[str, Any]]:
    return [v for v in visits if v["type"] in types]


def _about(*starts: str) -> Test:
    return lambda v: any(rule.split(".")[0] in starts or rule in starts for rule in v["rules"])


def _findings(world: World, visits: Iterable[dict[str, Any]], what: str) -> list[Item]:
    """Return the visits with something ordered, all put right, something not put right; what was waived; notices."""
    found = []
    for v in visits:
        own = [f for f in world.of("finding").values() if f["inspection"] == v["id"]]
        ordered = [f for f in own if f.get("ordered")]
        state = lambda name, some: [f for f in some if f.get("state", "open") == name]  # noqa: E731
        item = lambda day, id_=v["id"], v=v: Item(v["unit"], day, max(day, v["known"]), id_)  # noqa: E731
        done = state("corrected", ordered)
        if what == "ordered" and ordered:
            found.append(item(min(f["ordered"] for f in ordered)))
        elif what == "corrected" and done and len(done) == len(ordered):
            found.append(item(max(f["settled"] for f in done)))
        elif what == "not-corrected" and state(what, own):
            found.append(item(min(f["settled"] for f in state(what, own))))
        elif what == "waived":
            found += [item(f["settled"], f["id"]) for f in state(what, own)]
        elif what == "notices":
            numbers = sorted({f["notice"] for f in ordered if f.get("notice")})
            for some in ([f for f in ordered if f.get("notice") == n] for n in numbers):
                found.append(item(min(f["ordered"] for f in some), min(f["id"] for f in some)))
    return found


def _lines(
    world: World, ledger: str, day: str, amount: str = "", key: str = "", **where: tuple[Any, ...]
) -> list[Item]:
    found = []
    for e in world.lines(ledger):
        values = e["values"]
        on = str(values.get(day) or "")[:10]
        if on and all(values.get(name) in wanted for name, wanted in where.items()):
            counted = values.get(amount, 0) if amount else 1
            if counted:
                found.append(Item(e["unit"], on, on, e["id"], counted, values[key] if key else ""))
    return found


def _keyed(world: World) -> Flows:
    figures = {
        "reactions_drug": "药品不良反应报告",
        "reactions_device": "医疗器械不良事件报告",
        "reactions_cosmetics": "化妆品不良反应报告",
    }
    return {
        column: [
            Item(e["unit"], e["date"], e["date"], e["id"], e["values"]["value"])
            for e in world.lines("keyed") if e["values"]["figure"] == figure
        ]
        for column, figure in figures.items()
    }  # fmt: skip


def _t0(world: World) -> Flows:
    visits = world.visits()
    kinds = {column: _of_type(visits, *types) for column, types in KINDS.items()}
    online, cosmetics, pharmacies = kinds["online"], kinds["cosmetics"], kinds["pharmacies"]
    areas = {"scenic": "旅游景区", "station": "车站", "dock": "码头", "fringe": "城乡结合部", "village": "农村"}
    return {
        "people": _people(visits), "visits": _count(visits), "sites": _sites(visits),
        **{column: _count(some) for column, some in kinds.items()},
        **{f"{column}_faulty": _count(some, lambda v: v["rules"]) for column, some in kinds.items()},
        "producers_assisted": _count(kinds["producers"], lambda v: v["assisting"]),
        "pharmacies_single": _count(pharmacies, lambda v: v["chain"] == "single"),
        "pharmacies_chain": _count(pharmacies, lambda v: v["chain"] == "store"),
        "online_patrol": _count(online, lambda v: v["online"]), "online_on_site": _count(online, lambda v: not v["online"]),
        "devices_lens": _count(_of_type(visits, "contact-lens-seller")),
        "cosmetics_salon": _count(cosmetics, lambda v: "salon" in v["attributes"]),
        "products": _count(visits, amount=lambda v: len(v["products"])),
        "batches": _count(visits, amount=lambda v: len(v["batches"])),
        "faulty": _count(visits, lambda v: v["rules"]), "findings": _count(visits, amount=lambda v: len(v["rules"])),
        "on_the_spot": _count(visits, lambda v: v["spot"]), "revisits": _count(visits, lambda v: v["earlier"]),
        "recurred": _count(visits, lambda v: v["recurs"]),
        **{f"area_{n}": _count(visits, lambda v, area=area: area in v["areas"]) for n, area in areas.items()},  # type: ignore[misc]
        **{g: _count(visits, amount=lambda v, g=g: v["grades"].count(g)) for g in ("critical", "major", "minor")},  # type: ignore[misc]
        **{c: _findings(world, visits, c) for c in ("ordered", "notices", "corrected", "waived")},
        "not_corrected": _findings(world, visits, "not-corrected"), **_t0_lines(world), **_keyed(world),
    }  # fmt: skip


KINDS = {
    "producers": ("decoction-manufacturer",), "wholesalers": ("drug-wholesaler",), "pharmacies": ("retail-pharmacy",),
    "clinics": ("clinic",), "vaccination": ("vaccination-unit",), "hospitals": ("medical-institution",),
    "logistics": ("vaccine-logistics",), "online": ("online-seller",), "device_makers": ("device-manufacturer",),
    "devices": DEVICES, "cosmetics": ("cosmetics-seller",),
}  # fmt: skip
"""Columns of T0 for kinds of sites; each has one beside it for the visits that found something."""


def _t0_lines(world: World) -> Flows:
    clue = lambda *s: _lines(world, "clue", "received", source=s)  # noqa: E731
    case = lambda day="filed", amount="", **w: _lines(world, "case", day, amount, **w)  # noqa: E731
    letter = lambda *k: _lines(world, "letter", "sent", kind=k)  # noqa: E731
    told = lambda amount, *k: _lines(world, "publicity", "held", amount, **({"kind": k} if k else {}))  # noqa: E731
    complaint = lambda day, *k: _lines(world, "complaint", day, kind=k)  # noqa: E731
    return {
        "talks": _lines(world, "interview", "held", kind=("约谈",)),
        "admonitions": _lines(world, "interview", "held", kind=("告诫",)),
        "clues": _lines(world, "clue", "received"), "clues_complaint": clue("投诉举报"), "clues_sampling": clue("监督抽验"),
        "clues_transfer": clue("部门移送"), "clues_inspection": clue("检查发现"), "cases": case(),
        "cases_drug": case(product_class=("药品",)), "cases_device": case(product_class=("医疗器械",)),
        "cases_cosmetics": case(product_class=("化妆品",)), "suspended": case("decided", suspended=(True,)),
        "revoked": case("decided", licence_revoked=(True,)), "cancelled": case("decided", record_cancelled=(True,)),
        "banned": case("decided", "banned"), "dishonest": case("dishonest"), **_money(world),
        "supervised": _lines(world, "supervision", "listed"), "assistance": letter("协查函"),
        "told_health": letter("通报卫健"), "told_insurance": letter("通报医保"), "told_cyberspace": letter("通报网信"),
        "told_others": letter("其他"), "complaints": complaint("accepted", "投诉"),
        "reports": complaint("accepted", "举报"), "complaints_done": complaint("done", "投诉", "举报"),
        "sampled": _lines(world, "sampling", "report_date"),
        "sampled_failed": _lines(world, "sampling", "report_date", failed=(True,)),
        "opinions": _lines(world, "opinion", "handled", kind=("舆情",)),
        "emergencies": _lines(world, "opinion", "reported", kind=("突发报告",)),
        "law_sessions": told("sessions", "普法宣传"), "science_sessions": told("sessions", "科普宣传"),
        "audience": told("audience"), "handouts": told("handouts"), "media": told("pieces", "媒体报道", "宣传报道"),
        **{f"media_{name}": _lines(world, "publicity", "held", "pieces", kind=("媒体报道", "宣传报道"), level=(word,))
           for name, word in (("central", "中央"), ("province", "省级"), ("city", "市级"), ("county", "县级"))},
        "warnings": told("pieces", "安全警示"), "government_news": told("pieces", "政务信息"),
        "self_received": _lines(world, "self-report", "received", key="site"),
    }  # fmt: skip


def _money(world: World) -> Flows:
    """Return what T0 and T3 both say of cases."""
    case = lambda day, amount="": _lines(world, "case", day, amount)  # noqa: E731
    return {
        "closed": case("closed"), "value": case("filed", "value"), "fines": case("decided", "fine"),
        "confiscated": case("decided", "confiscated"), "police": _lines(world, "transfer", "transferred"),
        "police_persons": _lines(world, "transfer", "transferred", "persons"),
        "punished": [i._replace(amount=1) for i in case("decided", "persons")],
        "punished_persons": case("decided", "persons"), "typical": case("typical"),
    }  # fmt: skip


def _t1(world: World) -> Flows:
    visits = _of_type(world.visits(), *PHARMACY)
    cases = [i for i in _lines(world, "case", "filed") if _type_of_case(world, i.id) in PHARMACY]
    return {
        "visits": _count(visits), "people": _people(visits), "in_areas": _count(visits, lambda v: v["areas"]),
        "products": _count(visits, amount=lambda v: len(v["products"])), "sites": _sites(visits), "cases": cases,
        "channel": _count(visits, _about("channel-legality", "traceability")),
        "recycled": _count(visits, _about("channel-legality.recycled-drugs")),
        "expired": _count(visits, _about("expired-stock")), "prescriptions": _count(visits, _about("prescription-drugs")),
        "storage": _count(visits, _about("storage-display", "cold-chain")), "ordered": _findings(world, visits, "ordered"),
    }  # fmt: skip


def _type_of_case(world: World, id_: str) -> str:
    """Return the type of the site of a case: its own, or that of its clue or of the inspection the clue came from."""
    entry = world.of("entry")[id_]
    clue = world.of("entry").get(entry["values"].get("clue", ""), {"values": {}})
    for each in (entry, clue):
        for site in (
            each["values"].get("site"),
            world.of("inspection").get(each.get("inspection", ""), {}).get("site"),
        ):
            if site:
                return str(world.of("site")[site]["site_type"])
    return ""


def _t2(world: World) -> Flows:
    visits = _of_type(world.visits(), *DEVICES)
    return {
        "visits": _count(visits), "people": _people(visits), "lens": _count(_of_type(visits, "contact-lens-seller")),
        "implant": _count(_of_type(visits, "device-distributor"), lambda v: "implant" in v["attributes"]),
        "online": _count(visits, lambda v: "online" in v["attributes"]), "faulty": _count(visits, lambda v: v["rules"]),
        "findings": _count(visits, amount=lambda v: len(v["rules"])), "ordered": _findings(world, visits, "ordered"),
        "cases": _lines(world, "case", "filed", product_class=("医疗器械",)),
    }  # fmt: skip


def _t3(world: World) -> Flows:
    clue = lambda *s: _lines(world, "clue", "received", source=s)  # noqa: E731
    return {
        "clues_complaint": clue("投诉举报"), "clues_sampling": clue("监督抽验"), "clues_transfer": clue("部门移送"),
        "clues_inspection": clue("检查发现", "其他"), "cases": _lines(world, "case", "filed"), **_money(world),
        "investigated": _lines(world, "clue", "decided", decision=("立案", "不立案", "移送")),
    }  # fmt: skip


def _t4(world: World) -> Flows:
    signal = lambda day, **where: _lines(world, "signal", day, **where)  # noqa: E731
    return {
        "clusters": signal("found", kind=("药品聚集性信号",)), "serious": signal("found", kind=("器械严重不良事件",)),
        "warned": signal("warned"), "handled": signal("handled"),
        "opinions": _lines(world, "opinion", "handled", kind=("舆情",)), **_keyed(world),
    }  # fmt: skip


DERIVED: dict[str, dict[str, tuple[str, str, str]]] = {
    "t0": {"penalties": ("+", "fines", "confiscated"), "self_missing": ("-", "self_due", "self_received")},
    "t1": {"coverage": ("%", "sites", "registered")}, "t2": {}, "t3": {"penalties": ("+", "fines", "confiscated")}, "t4": {},
}  # fmt: skip
KEYED = {"reactions_drug", "reactions_device", "reactions_cosmetics"}
STOCK = {"registered", "self_due", "self_missing", "coverage"}
"""Columns that say how things stand, not what happened."""
ONCE = {"sites", "self_received"}
"""Columns whose figures do not add up over periods."""


class Filed(NamedTuple):
    """What a filing must say."""

    start: str
    period: dict[str, int]
    total: dict[str, int]
    late: dict[str, list[str]]
    corrections: dict[str, int]
    ids: dict[str, list[str]]


@dataclass
class Series:
    """What the filings of a unit, a table and a series have counted."""

    last: str = ""
    first: str = ""
    counted: dict[str, set[str]] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)


class Recount:
    """Counts every filing of an export again, in the order of the trail."""

    def __init__(self, folder: Path, begin: str, last: str, authority: str) -> None:
        self.files = json.loads((folder / "archive.json").read_text(encoding="utf-8"))["files"]
        self.world = World(folder, self.files)
        self._folder, self._begin, self._last, self._authority = folder, begin, last, authority
        self._series: dict[tuple[str, str, str], Series] = {}
        self.columns: dict[str, set[str]] = {}
        """Those that were counted, by table."""

    def filings(self) -> Iterable[tuple[dict[str, Any], Filed]]:
        """Yield every filing of the trail with what it must say."""
        with (self._folder / "data" / "trail.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                filed = [json.loads(data) for kind, _, data in entry[5] if kind == "filing"]
                counted: dict[str, Flows] = {}
                for filing in filed:
                    table = filing["table"]
                    counted.setdefault(table, flows(self.world, table))
                    yield filing, self._one(filing, counted[table])
                self.world.take(entry)

    def _one(self, filing: dict[str, Any], found: Flows) -> Filed:
        table, unit, end = filing["table"], filing["unit"], filing["cut_off"]
        daily = filing.get("series", "regular") == "daily"
        series = self._series.setdefault((table, unit, "daily" if daily else "regular"), Series())
        start = end if daily else _next(series.last) if series.last else self._begin
        if daily and (not series.last or _next(series.last) != end):
            series = self._series[table, unit, "daily"] = Series(first=end)
        floor = series.first if daily else self._begin
        period: dict[str, int | None] = {}
        total: dict[str, int | None] = {}
        late, ids = {}, {}
        for column, items in found.items():
            mine = [i for i in items if unit in (self._authority, i.unit)]
            known = [i for i in mine if self._begin <= i.day <= min(end, self._last) and i.known <= end]
            before = series.counted.get(column, set())
            new = [i for i in known if i.id not in before and i.day >= floor]
            old = {i.key for i in known if i.id in before} if column == "people" else set()
            blank = column in KEYED and not known
            total[column] = None if blank else _value(known, set())
            period[column] = None if blank else _value(new, old)
            if more := sorted({i.id for i in new if i.day < start}):
                late[column] = more
            ids[column] = [] if blank else sorted({i.id for i in new})
            series.counted[column] = (before | {i.id for i in new}) & {i.id for i in known}
        for column, sites in self.world.registered(table, end).items():
            period[column] = total[column] = sum(unit in (self._authority, s["unit"]) for s in sites)
        for figures in (period, total):
            _derive(table, figures)
        if filing.get("zero"):
            for figures in (period, total):
                figures.update({c: 0 for c, value in figures.items() if value is None and c not in STOCK})
        corrections = {
            c: change for c in period if c not in STOCK and series.total and (change := _change(c, series.total, period, total))
        }  # fmt: skip
        series.last, series.total = end, {c: v or 0 for c, v in total.items()}
        self.columns.setdefault(table, set()).update(period)
        return Filed(start, _told(period), _told(total), late, corrections, ids)


def _change(column: str, before: dict[str, int], period: dict[str, int | None], total: dict[str, int | None]) -> int:
    change = (total[column] or 0) - before[column]
    return min(0, change) if column in ONCE else change - (period[column] or 0)


def _value(items: list[Item], without: set[str]) -> int:
    return sum(i.amount for i in items if not i.key) + len({i.key for i in items if i.key} - without)


def _derive(table: str, figures: dict[str, int | None]) -> None:
    for column, (sign, one, other) in DERIVED[table].items():
        a, b = figures[one] or 0, figures[other] or 0
        if sign == "%":
            figures[column] = None if not b else (2 * a * 10000 + b) // (2 * b)
        else:
            figures[column] = a + b if sign == "+" else a - b


def _told(figures: dict[str, int | None]) -> dict[str, int]:
    return {column: value for column, value in figures.items() if value is not None}


def _next(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()
