"""Tables against an independent recount, and what must hold of them whatever is counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_tables import BEGIN, LAST, SQUAD, county

from engine.library.check_tables import check_tables, read_table_file
from engine.library.files import Place
from engine.library.load import Library
from engine.model.tables import TableFile
from engine.reports.computing import Computed, Row, Span, compute, is_additive
from engine.reports.counting import Kept
from engine.reports.filing import adds_up
from engine.reports.footing import faults_of
from engine.reports.layout import notes_of

TABLES = ("t0", "t1", "t2", "t3", "t4")
seeds = st.integers(min_value=0, max_value=10**6)
cuts = st.integers(min_value=0, max_value=100).map(lambda n: BEGIN + timedelta(days=n))


class Tables(dict[str, TableFile]):
    def __repr__(self) -> str:
        return "tables"


@pytest.fixture(scope="module")
def tables(packaged: Place) -> Tables:
    found = {name: read_table_file(packaged, name) for name in TABLES}
    assert not [p.render() for _, problems in found.values() for p in problems]
    return Tables({name: table for name, (table, _) in found.items() if table is not None})


# ── the recount: plain Python over what is exported, written without looking at the engine


@dataclass
class Plain:
    """What is kept as plain data."""

    visits: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    sites: list[dict[str, Any]]


def _plain(kept: Kept) -> Plain:
    def dumped(things: Any) -> list[dict[str, Any]]:
        return [json.loads(thing.model_dump_json()) for thing in things]

    visits = [
        {"id": i["id"], **i["facts"]}
        for i in dumped(kept.inspections)
        if i["facts"] and i["state"] in ("final", "closed")
    ]
    entries = [e for e in dumped(kept.entries) if not e["voided"]]
    return Plain(visits, dumped(kept.findings), entries, dumped(kept.sites))


def _recount(plain: Plain, unit: str | None, start: date, end: date) -> dict[str, int]:
    """Return figures of T0 between two days, everything sealed by the end, of a unit or of all."""
    a, b = start.isoformat(), min(end, LAST).isoformat()
    of = lambda u: unit is None or u == unit  # noqa: E731
    sealed = [v for v in plain.visits if v["sealed"] <= end.isoformat()]
    now = [v for v in sealed if a <= v["date"] <= b]
    mine = [v for v in now if of(v["unit"])]
    out: dict[str, int] = {"visits": len(mine), "sites": len({v["site"] for v in mine})}
    kinds = {"pharmacies": ["retail-pharmacy"], "clinics": ["clinic"], "hospitals": ["medical-institution"],
             "vaccination": ["vaccination-unit"], "wholesalers": ["drug-wholesaler"], "cosmetics": ["cosmetics-seller"],
             "devices": ["device-distributor", "contact-lens-seller"], "online": ["online-seller"],
             "logistics": ["vaccine-logistics"], "producers": ["decoction-manufacturer"], "device_makers": ["device-manufacturer"]}  # fmt: skip
    for column, types in kinds.items():
        out[column] = sum(v["site_type"] in types for v in mine)
    out["pharmacies_single"] = sum(v["site_type"] == "retail-pharmacy" and v["chain"] == "single" for v in mine)
    out["cosmetics_salon"] = sum(v["site_type"] == "cosmetics-seller" and "salon" in v["attributes"] for v in mine)
    out["online_patrol"] = sum(v["site_type"] == "online-seller" and v["online"] for v in mine)
    out["producers_assisted"] = sum(
        v["site_type"] == "decoction-manufacturer" and len(v["assisting"]) > 0 for v in mine
    )
    for column, area in (("area_scenic", "旅游景区"), ("area_village", "农村")):
        out[column] = sum(area in v["areas"] for v in mine)
    days = set()
    for v in now:
        for p in v["inspectors"]:
            whose = p["unit"] if p["unit"] in [v["unit"], *v["assisting"]] else v["unit"]
            if of(whose):
                days.add((p["certificate"] or p["name"], v["date"]))
    out["people"] = len(days)
    out["faulty"] = sum(bool(v["findings"]) for v in mine)
    out["findings"] = sum(len(v["findings"]) for v in mine)
    for grade in ("critical", "major", "minor"):
        out[grade] = sum(f["grade"] == grade for v in mine for f in v["findings"])
    out["on_the_spot"] = sum(any(f["on_the_spot"] for f in v["findings"]) for v in mine)
    out["recurred"] = sum(any(f["recurs"] for f in v["findings"]) for v in mine)
    out["revisits"] = sum(v["earlier"] > 0 for v in mine)
    out["products"] = sum(len({p["product"] for p in v["products"]}) for v in mine)
    out["batches"] = sum(len({(p["product"], p["batch"]) for p in v["products"]}) for v in mine)
    by_id = {v["id"]: v for v in sealed if of(v["unit"])}
    return out | _recount_follow_up(plain, by_id, a, b) | _recount_lines(plain, unit, end, a, b)


def _recount_follow_up(plain: Plain, by_id: dict[str, Any], a: str, b: str) -> dict[str, int]:
    out: dict[str, int] = {}
    grouped: dict[str, list[dict[str, Any]]] = {}
    for f in plain.findings:
        grouped.setdefault(f["inspection"], []).append(f)
    out |= dict.fromkeys(("ordered", "corrected", "not_corrected", "waived"), 0)
    for id_, found in grouped.items():
        if id_ not in by_id:
            continue
        ordered = [f for f in found if f["ordered"] or f["state"] in ("ordered", "extended", "not-corrected")]
        done = [f for f in ordered if f["state"] == "corrected"]
        failed = [f["settled"] for f in found if f["state"] == "not-corrected"]
        out["ordered"] += bool(ordered) and a <= min(f["ordered"] or f["found"] for f in ordered) <= b
        out["corrected"] += bool(done) and len(done) == len(ordered) and a <= max(f["settled"] for f in done) <= b
        out["not_corrected"] += bool(failed) and a <= min(failed) <= b
        out["waived"] += sum(f["state"] == "waived" and a <= f["settled"] <= b for f in found)
    notices: dict[tuple[str, str], str] = {}
    for id_, found in grouped.items():
        for f in found:
            if id_ in by_id and f["notice"]:  # whoever has a notice has the day of its order
                key = (id_, f["notice"])
                notices[key] = min(notices.get(key, "9999"), f["ordered"] or f["found"])
    out["notices"] = sum(a <= day <= b for day in notices.values())
    return out


def _recount_lines(plain: Plain, unit: str | None, end: date, a: str, b: str) -> dict[str, int]:
    out: dict[str, int] = {}
    of = lambda u: unit is None or u == unit  # noqa: E731

    def lines(ledger: str, day: str, **where: Any) -> list[dict[str, Any]]:
        return [
            e["values"] for e in plain.entries
            if e["ledger"] == ledger and of(e["unit"]) and a <= str(e["values"].get(day, ""))[:10] <= b
            and all(e["values"].get(k) == v for k, v in where.items())
        ]  # fmt: skip

    out["clues"] = len(lines("clue", "received"))
    out["clues_sampling"] = len(lines("clue", "received", source="监督抽验"))
    out["cases"] = len(lines("case", "filed"))
    out["cases_device"] = len(lines("case", "filed", product_class="医疗器械"))
    out["closed"] = len(lines("case", "closed"))
    out["value"] = sum(e["value"] for e in lines("case", "filed"))
    out["fines"] = sum(e["fine"] for e in lines("case", "decided"))
    out["penalties"] = sum(e["fine"] + e["confiscated"] for e in lines("case", "decided"))
    out["suspended"] = len(lines("case", "decided", suspended=True))
    out["punished"] = sum(e["persons"] > 0 for e in lines("case", "decided"))
    out["punished_persons"] = sum(e["persons"] for e in lines("case", "decided"))
    out["typical"] = len(lines("case", "typical"))
    out["police"] = len(lines("transfer", "transferred"))
    out["police_persons"] = sum(e["persons"] for e in lines("transfer", "transferred"))
    out["complaints"] = len(lines("complaint", "accepted", kind="投诉"))
    out["talks"] = len(lines("interview", "held", kind="约谈"))
    out["assistance"] = len(lines("letter", "sent", kind="协查函"))
    out["sampled"] = len(lines("sampling", "report_date"))
    out["sampled_failed"] = len(lines("sampling", "report_date", failed=True))
    out["self_received"] = len({e["site"] for e in lines("self-report", "received")})
    out["audience"] = sum(e["audience"] for e in lines("publicity", "held"))
    out["media_city"] = sum(e["pieces"] for e in lines("publicity", "held", kind="媒体报道", level="市级"))
    out["opinions"] = len(lines("opinion", "handled", kind="舆情"))
    out["self_due"] = sum(
        s["site_type"] == "device-distributor"
        and of(s["unit"])
        and (s["closed"] is None or s["closed"] > end.isoformat())
        for s in plain.sites
    )
    keyed = [e["values"]["value"] for e in plain.entries if e["ledger"] == "keyed" and of(e["unit"])
             and e["values"]["figure"] == "药品不良反应报告" and BEGIN.isoformat() <= e["date"] <= b]  # fmt: skip
    if keyed:
        out["reactions_drug"] = sum(
            e["values"]["value"] for e in plain.entries if e["ledger"] == "keyed" and of(e["unit"])
            and e["values"]["figure"] == "药品不良反应报告" and a <= e["date"] <= b
        )  # fmt: skip
    return out


def _span(start: date, end: date) -> Span:
    return Span(BEGIN, LAST, start, end)


def _rows(computed: Computed) -> list[tuple[str | None, Row]]:
    return [(row.unit, row) for row in computed.rows] + [(None, computed.whole)]


@given(seed=seeds, start=cuts, length=st.integers(0, 60))
def test_the_recount_agrees(seed: int, start: date, length: int, tables: Tables) -> None:
    units, kept = county(seed, visits=60)
    end = start + timedelta(days=length)
    computed = compute(tables["t0"], kept, _span(start, end), [u.id for u in units])
    plain = _plain(kept)
    for unit, row in _rows(computed):
        for figures, first in ((row.period, start), (row.total, BEGIN)):
            wanted = _recount(plain, unit, first, end)
            found = {name: figures[name].value for name in wanted}
            assert found == wanted, (unit, first)


@given(seed=seeds)
def test_the_recount_can_fail(seed: int, tables: Tables) -> None:
    """One record more is one 家次 more, with its id in the list, and changes the recount as well."""
    _, kept = county(seed, visits=40)
    final = next(i for i in kept.inspections if i.facts and i.state == "final" and BEGIN <= i.facts.date <= LAST)
    more = final.model_copy(update={"id": "JC99999"})
    span = _span(BEGIN, LAST + timedelta(days=30))
    before = compute(tables["t0"], kept, span).whole.total["visits"]
    after = compute(tables["t0"], kept._replace(inspections=[*kept.inspections, more]), span).whole.total["visits"]
    assert (after.value, set(after.ids) - set(before.ids)) == ((before.value or 0) + 1, {"JC99999"})


# ── what always holds


@given(seed=seeds, name=st.sampled_from(TABLES), end=cuts)
def test_figures_fit_each_other(seed: int, name: str, end: date, tables: Tables) -> None:
    units, kept = county(seed, visits=50)
    computed = compute(tables[name], kept, _span(BEGIN, end), [u.id for u in units])
    assert [fault.text for fault in faults_of(computed) if fault.hard] == []


@given(seed=seeds, name=st.sampled_from(TABLES), end=cuts)
def test_units_add_up_and_distinct_sites_do_not_exceed_their_sum(
    seed: int, name: str, end: date, tables: Tables
) -> None:
    units, kept = county(seed, visits=50)
    table = tables[name]
    computed = compute(table, kept, _span(BEGIN, end), [u.id for u in units])
    for id_, column in table.columns.items():
        added = sum(row.total[id_].value or 0 for row in computed.rows)
        whole = computed.whole.total[id_].value or 0
        if is_additive(column, table):
            assert added == whole, id_
        elif column.unit == "家":
            assert whole <= added, id_


@given(seed=seeds, name=st.sampled_from(TABLES), days=st.lists(cuts, min_size=1, max_size=5, unique=True))
def test_periods_add_up_to_the_cumulative_figure(seed: int, name: str, days: list[date], tables: Tables) -> None:
    """Weeks one after the other, everything sealed on its day: nothing is late, nothing is counted twice."""
    units, kept = county(seed, visits=50)
    prompt = [
        i.model_copy(update={"facts": i.facts.model_copy(update={"sealed": i.facts.date})}) if i.facts else i
        for i in kept.inspections
    ]
    kept = kept._replace(inspections=prompt)
    table, start, added = tables[name], BEGIN, dict.fromkeys(tables[name].columns, 0)
    for day in sorted(days):
        row = compute(table, kept, _span(start, day), [u.id for u in units]).whole
        for id_ in added:
            added[id_] += row.period[id_].value or 0
        start = day + timedelta(days=1)
    for id_, column in table.columns.items():
        if adds_up(column, table):
            assert added[id_] == (row.total[id_].value or 0), id_


@given(seed=seeds, name=st.sampled_from(TABLES))
def test_the_order_of_what_is_kept_does_not_matter(seed: int, name: str, tables: Tables) -> None:
    units, kept = county(seed, visits=40)
    turned = Kept(*(list(reversed(part)) for part in kept))
    span = _span(BEGIN + timedelta(days=10), BEGIN + timedelta(days=40))
    names = [u.id for u in units]
    assert compute(tables[name], kept, span, names) == compute(tables[name], turned, span, names[::-1])


@given(seed=seeds)
def test_every_figure_has_its_list(seed: int, tables: Tables) -> None:
    """A figure that counts things has as many in its list; none has one without the other."""
    units, kept = county(seed, visits=50)
    computed = compute(tables["t0"], kept, _span(BEGIN, LAST), [u.id for u in units])
    for id_, column in tables["t0"].columns.items():
        figure = computed.whole.total[id_]
        assert ((figure.value or 0) > 0) <= bool(figure.ids), id_
        if column.source.type == "visits" and column.source.count == "visits":
            assert len(figure.ids) == figure.value, id_


def test_a_joint_visit_counts_once_for_the_lead_and_its_people_for_their_units(tables: Tables) -> None:
    units, kept = county(3, visits=80)
    joint = next(
        i
        for i in kept.inspections
        if i.facts and i.facts.assisting and i.state in ("final", "closed") and BEGIN <= i.facts.date <= LAST
    )
    alone = kept._replace(inspections=[joint], findings=[], entries=[])
    computed = compute(tables["t0"], alone, _span(BEGIN, LAST + timedelta(days=30)), [u.id for u in units])
    rows = {row.unit: row.total for row in computed.rows}
    assert (rows[joint.facts.unit]["visits"].value, rows[SQUAD]["visits"].value) == (1, 0)
    assert (rows[joint.facts.unit]["people"].value, rows[SQUAD]["people"].value) == (2, 2)
    assert computed.whole.total["visits"].value == 1
    assert computed.whole.total["people"].value == 4


def test_a_record_from_outside_the_campaign_counts_nowhere_and_is_named(tables: Tables) -> None:
    _, kept = county(2, visits=80)
    computed = compute(tables["t0"], kept, _span(BEGIN, LAST + timedelta(days=60)))
    final = [i for i in kept.inspections if i.facts and i.state in ("final", "closed")]
    outside = {i.id for i in final if i.facts and not BEGIN <= i.facts.date <= LAST}
    assert outside
    assert {id_ for _, id_ in computed.outside} == outside
    assert outside.isdisjoint(computed.whole.total["visits"].ids)
    assert any(note.startswith("行动期外的检查不计入本表") for note in notes_of(computed))


def test_people_a_day_or_people_a_visit(tables: Tables) -> None:
    _, kept = county(5, visits=80)
    span = _span(BEGIN, LAST)
    by_day = compute(tables["t0"], kept, span, people="person-days").whole.total["people"].value or 0
    by_visit = compute(tables["t0"], kept, span, people="person-visits").whole.total["people"].value or 0
    final = [
        i.facts
        for i in kept.inspections
        if i.facts and i.state in ("final", "closed") and i.facts.date >= BEGIN and i.facts.sealed <= LAST
    ]
    assert by_visit == sum(len(facts.inspectors) for facts in final)
    assert by_day < by_visit


def test_what_was_not_keyed_is_blank_and_not_zero(tables: Tables) -> None:
    empty = compute(tables["t4"], Kept(), _span(BEGIN, LAST), ["第1市场监管所"])
    assert empty.rows[0].total["reactions_drug"].value is None
    assert empty.rows[0].total["clusters"].value == 0
    assert empty.whole.total["reactions_drug"].value is None


# ── the tables of the package and mistakes in them


def test_the_tables_of_the_package_name_only_what_there_is(library: Library) -> None:
    assert [p.render() for p in check_tables(library)] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ledger: clue, day: received", "ledger: cleu, day: received", "是否想写 “clue”？"),
        ("ledger: clue, day: received", "ledger: clue, day: recieved", "是否想写 “received”？"),
        ("where: {source: [投诉举报]}", "where: {source: [投诉举抱]}", "是否想写 “投诉举报”？"),
        ("site_types: [clinic]", "site_types: [clinik]", "是否想写 “clinic”？"),
        ("attributes: [salon]", "attributes: [saloon]", "是否想写 “salon”？"),
        ("areas: [码头]", "areas: [马头]", "找不到 “马头”"),
        ("within: pharmacies,", "within: pharmacy,", "是否想写 “pharmacies”？"),
        ("add: [fines, confiscated]", "add: [fines, banned]", "找不到 “banned”"),
        ("field: fine}", "field: persons}", "求和的栏目应为金额"),
        ("unit: 万元, clauses: [CF2024-2.2-k], note", "unit: 件, clauses: [CF2024-2.2-k], note", "求和的栏目应为金额"),
        ("clauses: [CF2019-2.1-c]", "clauses: [CF2019-9.1-c]", "CF2019-9.1-c"),
        ("table: t0\n", "table: t9\n", "文件名应与编号一致"),
        ("right: [visits]}", "right: [visist]}", "是否想写 “visits”？"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_is_said_with_its_place(
    old: str, new: str, said: str, tmp_path: Any, packaged: Place
) -> None:
    from engine.library.load import load_library

    text = (packaged.root / "rules/tables/t0.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/t0.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = list(check_tables(load_library(Place(packaged.root, tmp_path))))
    assert any(said in p.render() for p in problems), [p.render() for p in problems]
    assert all(p.mark.line for p in problems)
