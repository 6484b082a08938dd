"""Files that go up: any order and twice the same bytes, sites distinct again, joint visits once, hostile files refused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_documents import Invoke
from support_tables import BEGIN, LAST, SQUAD, county

from engine.library.check_tables import read_table_file
from engine.library.files import place
from engine.model.tables import TableFile
from engine.model.workspace import CountedPerson, Facts, Filing, Inspection, RegisteredSite
from engine.reports.computing import Row, Span, compute, is_additive
from engine.reports.counting import Kept
from engine.reports.figures import title_of
from engine.reports.filing import Act, make_filing
from engine.reports.handing_up import Read, parse_report, report_bytes, report_of, site_keys
from engine.reports.merging import Handed, Merged, computed_of_report, merge, standing

TOP = "某市市场监督管理局"
END = date(2024, 2, 20)
seeds = st.integers(min_value=0, max_value=10**6)


def _table(name: str = "t0") -> TableFile:
    table, problems = read_table_file(place(), name)
    assert table is not None, problems
    return table


def _filing(
    table: TableFile, kept: Kept, unit: str, row: Row | None = None, end: date = END, serial: int = 1
) -> Filing:
    computed = compute(table, kept, Span(BEGIN, LAST, BEGIN, end), filed={}, floor=BEGIN)
    act = Act("2024-02-20 16:00", "王芳", "1-" + "0" * 64, reviewer="赵强", phone="0551-1", zero=True)
    filing, problems = make_filing(computed, row or computed.whole, unit, [], act)
    assert problems == []
    return filing.model_copy(update={"serial": serial})


def _read(table: TableFile, kept: Kept, unit: str, **options: Any) -> Read:
    report = report_of(table, kept, "2024", [_filing(table, kept, unit, **options)])
    read, problems = parse_report(report_bytes(report), unit)
    assert read is not None, problems
    return read


def _merged(table: TableFile, reads: Sequence[Read], unit: str = TOP, **said: Any) -> Merged:
    merged, problems = merge(table, reads, Handed(unit, **said))
    assert merged is not None, [p.render() for p in problems]
    return merged


def _reread(merged: Merged) -> Read:
    read, problems = parse_report(report_bytes(merged.report), "merged")
    assert read is not None, problems
    return read


def _counties(seed: int, count: int) -> list[tuple[str, Kept]]:
    """Counties with sites of their own and some that two of them have in their registers."""
    return [(f"第{n}县市场监督管理局", county(seed * 10 + n, visits=30)[1]) for n in range(count)]


@given(seed=seeds, name=st.sampled_from(("t0", "t1", "t3")))
def test_any_order_and_twice_give_the_same_bytes(seed: int, name: str) -> None:
    table = _table(name)
    reads = [_read(table, kept, unit) for unit, kept in _counties(seed, 3)]
    bytes_of = {report_bytes(_merged(table, list(order)).report) for order in itertools.permutations(reads)}
    bytes_of.add(report_bytes(_merged(table, [*reads, *reads]).report))
    step = _merged(table, reads[:2])
    bytes_of.add(report_bytes(_merged(table, [_reread(step), reads[2]]).report))
    bytes_of.add(report_bytes(_merged(table, [reads[2], _reread(step), reads[0]]).report))
    bytes_of.add(report_bytes(_merged(table, [_reread(_merged(table, reads))]).report))
    assert len(bytes_of) == 1


@given(seed=seeds)
def test_what_is_merged_is_what_all_together_would_count(seed: int) -> None:
    """Units of one workspace handed up one by one make the table that the workspace itself computes."""
    table = _table()
    units, kept = county(seed, visits=60)
    whole = compute(table, kept, Span(BEGIN, LAST, BEGIN, END), [u.id for u in units], filed={}, floor=BEGIN)
    reads = []
    for row in whole.rows:
        report = report_of(table, kept, "2024", [_filing(table, kept, row.unit, row)])
        read, problems = parse_report(report_bytes(report), row.unit)
        assert read is not None, problems
        reads.append(read)
    node = _merged(table, reads).report.node
    for id_, column in table.columns.items():
        value = node.values[id_][1]
        if is_additive(column, table) or column.unit == "家":
            assert (value or 0) == (whole.whole.total[id_].value or 0), id_


@given(seed=seeds)
def test_merged_upward_keeps_every_figure(seed: int) -> None:
    table = _table()
    reads = [_read(table, kept, unit) for unit, kept in _counties(seed, 3)]
    flat = _merged(table, reads, "某省").report.node
    city = _reread(_merged(table, reads[:2], "某市"))
    stepped = _merged(table, [city, reads[2]], "某省").report.node
    assert stepped.values == flat.values
    assert stepped.sites == flat.sites
    assert [child.unit for child in stepped.children[0].children] or stepped.children[1].children


def _joint(lead: str, other: str, n: int = 0, **more: Any) -> Kept:
    site = RegisteredSite(
        id=f"DW{n}", name="春天大药房", site_type="retail-pharmacy", unit=lead, credit_code="91340102MA2N00001X"
    )
    people = (CountedPerson(name=f"{lead}甲", unit=lead), CountedPerson(name=f"{lead}乙", unit=lead))
    facts = Facts(date=date(2024, 1, 10), sealed=date(2024, 1, 10), site=site.id, site_name=site.name, site_type=site.site_type,
                  unit=lead, assisting=(other,), inspectors=people, **more)  # fmt: skip
    visit = Inspection(id=f"JC-{lead}", campaign="2024", site=site.id, unit=lead, state="final", facts=facts)
    return Kept(inspections=[visit], sites=[site])


def test_a_joint_visit_in_two_files_counts_once_and_its_people_both() -> None:
    table = _table()
    station, squad = "城东所", SQUAD
    reads = [_read(table, _joint(station, squad), station), _read(table, _joint(squad, station, 7), squad)]
    merged = _merged(table, reads)
    values = {id_: both[1] for id_, both in merged.report.node.values.items()}
    assert (values["visits"], values["pharmacies"], values["sites"], values["people"]) == (1, 1, 1, 4)
    assert any("联合检查只计一次：2024-01-10" in note for note in merged.notes)
    assert [c.values["visits"][1] for c in merged.report.node.children] == [1, 1], "what the units filed stays"


def test_two_visits_of_a_day_that_were_not_joint_count_twice() -> None:
    table = _table()
    kept = _joint("城东所", SQUAD)
    alone = [
        i.model_copy(update={"facts": i.facts.model_copy(update={"assisting": ()})})
        for i in kept.inspections
        if i.facts
    ]
    reads = [_read(table, kept._replace(inspections=alone), "城东所"), _read(table, _joint(SQUAD, "城东所", 7), SQUAD)]
    assert _merged(table, reads).report.node.values["visits"] == (2, 2)


def test_the_same_site_in_two_registers_is_one() -> None:
    """By the credit code, however the name is written; sites without one by type and name."""
    table = _table()
    one = RegisteredSite(id="A1", name="春天 大药房", site_type="retail-pharmacy", credit_code="91340102MA2N00001X")
    two = one.model_copy(update={"id": "B9", "name": "春天大药房（长江路店）"})
    assert site_keys([one])["A1"] == site_keys([two])["B9"]
    bare, same = (
        one.model_copy(update={"credit_code": ""}),
        two.model_copy(update={"credit_code": "", "name": "春天大药房"}),
    )
    assert site_keys([bare])["A1"] == site_keys([same])["B9"]
    assert site_keys([one, two])["A1"] != site_keys([one, two])["B9"], "two of one register stay two"
    assert table.columns["sites"].unit == "家"


def test_who_is_missing_late_or_filed_zeros() -> None:
    table = _table("t4")
    reads = [_read(table, Kept(), unit) for unit in ("甲所", "乙所", "丙所")]
    node = _merged(
        table, reads, expected=("甲所", "丁所"), deadline="2024-02-20 15:00",
        received={"甲所": "2024-02-20 14:59", "乙所": "2024-02-20 15:01"},
    ).report.node  # fmt: skip
    assert standing(node) == [
        "未报：丁所",
        "迟报（期限 2024-02-20 15:00）：乙所",
        "没有登记收到时间：丙所",
        "零报告：丙所、乙所、甲所",
    ]


def test_a_newer_version_is_taken_and_the_older_named() -> None:
    table = _table("t3")
    unit, kept = _counties(3, 1)[0]
    old, new = _read(table, kept, unit), _read(table, kept._replace(entries=kept.entries[:10]), unit)
    newer = new.report.model_copy(update={"node": new.report.node.model_copy(update={"version": 2})})
    read, _ = parse_report(report_bytes(newer), "v2")
    assert read is not None
    for order in ([old, read], [read, old]):
        merged = _merged(table, order)
        assert merged.report.node.children[0].version == 2
        assert any("用第 1 次第 2 版，没有用：第 1 次第 1 版" in note for note in merged.notes)
    refused, problems = merge(table, [old, new], Handed(TOP))
    assert refused is None
    assert [p.code for p in problems] == ["E865"]


def test_different_cut_offs_tables_and_meanings_of_people_are_refused() -> None:
    table = _table("t3")
    unit, kept = _counties(3, 1)[0]
    first = _read(table, kept, "甲")
    week = _read(table, kept, "乙", end=END + timedelta(days=7))
    assert [p.code for p in merge(table, [first, week], Handed(TOP))[1]] == ["E862"]
    assert [p.code for p in merge(_table("t4"), [first], Handed(TOP))[1]] == ["E861"]
    other = first.report.model_copy(
        update={"people": "person-visits", "node": first.report.node.model_copy(update={"unit": "丙"})}
    )
    read, _ = parse_report(report_bytes(other), "丙")
    assert read is not None
    assert [p.code for p in merge(table, [first, read], Handed(TOP))[1]] == ["E861"]
    assert [p.code for p in merge(table, [first], Handed(TOP, received={unit: "2024-01-01 00:00"}))[1]] == ["E863"]


def test_a_file_of_another_version_of_the_table_says_what_differs_and_the_way_out() -> None:
    table = _table("t3")
    _, kept = _counties(3, 1)[0]
    report = _read(table, kept, "甲").report
    gone, *rest = report.node.values
    older = report.node.model_copy(
        update={"values": {name: report.node.values[name] for name in rest} | {"retired": (1, 1)}}
    )
    for node, words in (
        (older, "文件里没有 1 栏："),
        (older, "文件里多出 1 栏：retired"),
        (report.node, "取数的办法不同"),
    ):
        other = report.model_copy(update={"definition": "0" * 16, "node": node})
        merged, problems = merge(table, [Read("旧.json", "", other)], Handed(TOP))
        assert merged is None
        assert [p.code for p in problems] == ["E871"]
        assert words in problems[0].message
        assert "再导出一次" in str(problems[0].hint)
    assert (
        title_of(table.columns[gone])
        in merge(
            table, [Read("旧.json", "", report.model_copy(update={"definition": "0" * 16, "node": older}))], Handed(TOP)
        )[1][0].message
    )


# ── hostile files


def _tampered(change: Any) -> list[str]:
    table = _table()
    unit, kept = _counties(5, 1)[0]
    data = json.loads(report_bytes(_read(table, kept, unit).report))
    change(data)
    content = (json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
    read, problems = parse_report(content, "x.json")
    if read is not None:
        problems = merge(table, [read], Handed(TOP))[1]
    return [p.message for p in problems]


def _visits(data: dict[str, Any], value: Any) -> None:
    data["node"]["values"]["visits"] = value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: _visits(d, [0, 0]), "大于"),
        (lambda d: _visits(d, [-5, -5]), "小于 0"),
        (lambda d: _visits(d, [10**16, 1]), "应有的样子"),
        (lambda d: _visits(d, ["1", 1]), "应有的样子"),
        (lambda d: _visits(d, [1.5, 1]), "应有的样子"),
        (lambda d: d["node"]["values"].pop("visits"), "栏目与表式不符"),
        (lambda d: d["node"]["values"].update(extra=[0, 0]), "栏目与表式不符"),
        (lambda d: d["node"]["values"].update(sites=[1, 99999]), "家数与单位标识不符"),
        (lambda d: d["node"]["sites"]["sites"][1].append("0" * 16), "家数与单位标识不符"),
        (lambda d: d["node"]["values"].update(penalties=[0, 1]), "组成它的栏目不符"),
        (lambda d: d.update(definition="0" * 16), "另一版程序或规则目录"),
        (lambda d: d["node"].update(start="2024-03-01"), "期间不对"),
        (lambda d: d["node"].update(children=[dict(d["node"]), dict(d["node"])]), "报了两次"),
        (lambda d: d.update(node={**d["node"], "surprise": 1}), "应有的样子"),
        (lambda d: d["node"].update(unit=""), "应有的样子"),
        (lambda d: d["node"].update(by="张\x00三"), "看不见的字符"),
        (lambda d: d["node"].update(situation="一\n二\x1b[2J"), "看不见的字符"),
        (lambda d: d["node"].update(expected=["甲\n所"]), "字符"),
        (lambda d: d["node"].update(joint=[{"site": "0" * 16, "day": "2024-01-10", "lead": "甲", "period": True, "counts": {"visits": -9}}]), "应有的样子"),
        (lambda d: d["node"].update(joint=[{"site": "0" * 16, "day": "2024-01-10", "lead": "甲", "period": True, "counts": {"visits": 10**6}}]), "联合检查"),
    ],
)  # fmt: skip
def test_a_tampered_file_is_refused(change: Any, said: str) -> None:
    messages = _tampered(change)
    assert messages
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff\xfe", b'{"kind":"table-report"', b"[" * 100_000, b"PK\x03\x04", b'{"node":' * 3000,
     "“全角”".encode("gb18030"), b"null", b"1e999"],
    ids=str,
)  # fmt: skip
def test_bytes_that_are_no_such_file_are_refused(content: bytes) -> None:
    read, problems = parse_report(content, "x.json")
    assert read is None
    assert [p.code for p in problems] == ["E860"]


def test_a_file_that_was_saved_by_another_program_is_refused() -> None:
    table = _table()
    unit, kept = _counties(5, 1)[0]
    data = json.loads(report_bytes(_read(table, kept, unit).report))
    read, problems = parse_report(json.dumps(data, ensure_ascii=False, indent=1).encode(), "x.json")
    assert read is None
    assert "不是本程序写出的样子" in problems[0].message


def test_a_file_nested_too_deep_is_refused() -> None:
    table = _table("t4")
    read = _read(table, Kept(), "县0")
    for level in range(1, 6):
        merged, problems = merge(table, [read], Handed(f"级{level}"))
        assert merged is not None, problems
        again, problems = parse_report(report_bytes(merged.report), "deep")
        if again is None:
            assert "下级超过 5 层" in problems[0].message
            assert level == 5
            return
        read = again
    pytest.fail("six levels were taken")


# ── from files to paper


def test_files_merged_from_the_command_line(tmp_path: Path, invoke: Invoke) -> None:
    table = _table("t1")
    for number, (unit, kept) in enumerate(_counties(9, 3)):
        (tmp_path / f"{number}.json").write_bytes(report_bytes(_read(table, kept, unit).report))
    names = [tmp_path / f"{number}.json" for number in range(3)]
    first = invoke(
        "table", "merge", "t1", *names, "--as", TOP, "-o", tmp_path / "a.json", "--print", tmp_path / "a.xlsx"
    )
    assert first.code == 0, first.err
    second = invoke(
        "table",
        "merge",
        "t1",
        *names[::-1],
        names[0],
        "--as",
        TOP,
        "-o",
        tmp_path / "b.json",
        "--print",
        tmp_path / "b.xlsx",
    )
    assert second.code == 0, second.err
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert "SHA-256" in first.out
    read, problems = parse_report((tmp_path / "a.json").read_bytes(), "a")
    assert read is not None, problems
    computed = computed_of_report(table, read.report, BEGIN)
    assert [row.unit for row in computed.rows] == [unit for unit, _ in _counties(9, 3)]
    (tmp_path / "0.json").write_bytes(b"{}")
    broken = invoke("table", "merge", "t1", *names, "--as", TOP, "-o", tmp_path / "c.json")
    assert broken.code == 1
    assert not (tmp_path / "c.json").exists()
