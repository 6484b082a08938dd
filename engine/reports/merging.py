"""Files handed in, merged into one: sums, sites distinct again, joint visits once; in any order, twice, same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from engine.model.roll_up import MAX_JOINT, Joint, Node, ReportFile
from engine.model.tables import OfColumns, Share, TableFile
from engine.problems import Mark, Problem, problem
from engine.reports.computing import Computed, Figure, Row, Span, derive
from engine.reports.figures import title_of
from engine.reports.footing import faults_of_row
from engine.reports.handing_up import Read, definition_digest, is_distinct
from engine.reports.layout import MOST_SAID
from engine.reports.situation import said_situation

Values = dict[str, tuple[int | None, int | None]]


class Handed(NamedTuple):
    """What the clerk who merges says: which unit it is for, what was expected by when, what arrived when."""

    unit: str
    expected: tuple[str, ...] = ()
    deadline: str | None = None
    received: Mapping[str, str] = {}  # of a tuple: nobody can change it
    by: str = ""
    reviewer: str = ""
    phone: str = ""
    version: int = 1


class Merged(NamedTuple):
    """The merged file, and in Chinese what is to be known about it."""

    report: ReportFile
    notes: tuple[str, ...]


def merge(table: TableFile, files: Sequence[Read], handed: Handed) -> tuple[Merged | None, list[Problem]]:
    """Return the files merged, or None and what stands against it.

    A file of the unit itself, merged before, is taken as what it was merged from: so files that arrive later can be
    added to it.
    """
    problems = list(_strangers(table, files)) or [p for each in files for p in node_problems(table, each)]
    if problems:
        return None, problems
    own = [each.report.node for each in files if each.report.node.unit == handed.unit]
    nodes = [_received(n, handed) for each in files for n in _below(each.report.node, handed.unit)]
    children, notes, problems = _one_each(nodes)
    problems += _of_one_day(children)
    deadlines = {d for d in (handed.deadline, *(n.deadline for n in own)) if d}
    if len(deadlines) > 1:
        problems.append(problem("E862", what="报送期限", text="、".join(sorted(deadlines))))
    unknown = sorted(set(handed.received) - {child.unit for child in children})
    problems += [problem("E863", unit=unit) for unit in unknown]
    if problems or not children:
        return None, problems or [problem("E864")]
    first = files[0].report
    dropped = list(_doubles(children))
    joint = _kept_joint(children, dropped)
    if len(joint) > MAX_JOINT:
        return None, [problem("E862", what="联合检查的次数", text=f"{len(joint)} 次，上限 {MAX_JOINT}，请分开汇总")]
    values, sites = _added(table, children, dropped)
    node = Node(
        unit=handed.unit, start=min(n.start for n in children), cut_off=children[0].cut_off,
        serial=max(n.serial for n in children), version=max([handed.version, *(n.version for n in own)]),
        by=handed.by or _only(n.by for n in own), reviewer=handed.reviewer or _only(n.reviewer for n in own),
        phone=handed.phone or _only(n.phone for n in own), zero=all(n.zero for n in children),
        values=values, sites=sites, joint=joint, children=tuple(children),
        deadline=min(deadlines, default=None),
        expected=tuple(sorted({*handed.expected, *(u for n in own for u in n.expected)})),
    )  # fmt: skip
    report = first.model_copy(update={"node": node})
    notes += [f"联合检查只计一次：{joint.day}，{joint.lead} 报的不再计入（{child} 与它报了同一单位同一天的联合检查）"
              for _, joint, child in dropped]  # fmt: skip
    said = [line for child in node.children for line in said_situation(f"{child.unit} ", child.situation)]
    return Merged(report, (*notes, *standing(node), *said)), []


def standing(node: Node) -> list[str]:
    """Return in Chinese who did not file, filed late, filed nothing but zeros."""
    present = {child.unit: child for child in node.children}
    missing = [unit for unit in node.expected if unit not in present]
    late = [c.unit for c in node.children if node.deadline and c.received and c.received > node.deadline]
    unknown = [c.unit for c in node.children if node.deadline and not c.received]
    zero = [child.unit for child in node.children if child.zero]
    listed = (
        ("未报", missing),
        (f"迟报（期限 {node.deadline}）", late),
        ("没有登记收到时间", unknown),
        ("零报告", zero),
    )
    return [f"{word}：{'、'.join(units)}" for word, units in listed if units]


def computed_of_report(table: TableFile, report: ReportFile, begin: date) -> Computed:
    """Return a file as a table: a row for each unit that it was merged from, and all together."""
    node = report.node
    rows = tuple(_row(table, child) for child in node.children) or (_row(table, node),)
    whole = _row(table, node)
    return Computed(table, Span(begin, node.cut_off, node.start, node.cut_off), report.people, rows, whole)


def node_problems(table: TableFile, read: Read) -> list[Problem]:
    """Return what does not fit in the figures of a file, below as well."""
    return list(_node_problems(table, read.report.node, read.name))


def _node_problems(table: TableFile, node: Node, name: str) -> Iterator[Problem]:
    faults = list(_strange_columns(table, node)) or [*_loose_keys(node), *_wrong_figures(table, node)]
    yield from (problem("E860", Mark(name), file=name, reason=f"{node.unit}：{fault}") for fault in faults)
    for child in node.children:
        yield from _node_problems(table, child, name)


def _strange_columns(table: TableFile, node: Node) -> Iterator[str]:
    distinct = {name for name, column in table.columns.items() if is_distinct(column)}
    joint = {name for each in node.joint for name in each.counts}
    if set(node.values) != set(table.columns) or set(node.sites) != distinct or not joint <= set(table.columns):
        yield "栏目与表式不符"


def _loose_keys(node: Node) -> Iterator[str]:
    """Yield what the lists of a node say that its figures do not."""
    for column, both in node.sites.items():
        for keys, value in zip(both, node.values[column], strict=True):
            if list(keys) != sorted(set(keys)) or len(keys) != (value or 0):
                yield f"{column} 的家数与单位标识不符"
    for column in sorted({name for joint in node.joint for name in joint.counts}):
        if sum(joint.counts.get(column, 0) for joint in node.joint) > (node.values[column][1] or 0):
            yield f"{column} 的联合检查多于累计"
    if node.start > node.cut_off or len({child.unit for child in node.children}) < len(node.children):
        yield "期间不对，或同一单位报了两次"


def _wrong_figures(table: TableFile, node: Node) -> Iterator[str]:
    row = _row(table, node)
    for figures in (row.period, row.total):
        again = dict(figures)
        derive(table, again)
        if {name: figure.value for name, figure in again.items()} != {n: f.value for n, f in figures.items()}:
            yield "合计的栏目与组成它的栏目不符"
    yield from (fault.text for fault in faults_of_row(table, row, "") if fault.hard)


def _strangers(table: TableFile, files: Sequence[Read]) -> Iterator[Problem]:
    """Yield files of another table, campaign, layout or meaning of 人次."""
    if not files:
        return
    first = files[0].report
    for each in files:
        report, mark = each.report, Mark(each.name)
        if report.table != table.table:
            yield problem("E861", mark, file=each.name, what="统计表", own=report.table, other=table.table)
        elif report.definition != definition_digest(table):
            yield problem("E871", mark, file=each.name, table=table.table, text=_other_columns(table, report.node))
        elif report.campaign != first.campaign:
            yield problem("E861", mark, file=each.name, what="行动", own=report.campaign, other=first.campaign)
        elif report.people != first.people:
            words = {"person-days": "人·日", "person-visits": "人·户"}
            own, other = words[report.people], words[first.people]
            yield problem("E861", mark, file=each.name, what="人次口径", own=own, other=other)


def _other_columns(table: TableFile, node: Node) -> str:
    """Return how the columns of a file differ from those of the table."""
    lacking = [title_of(column) for name, column in table.columns.items() if name not in node.values]
    beyond = [name for name in node.values if name not in table.columns]
    said = [f"{words} {len(names)} 栏：{'、'.join(names[:MOST_SAID])}{' 等' if len(names) > MOST_SAID else ''}"
            for words, names in (("文件里没有", lacking), ("文件里多出", beyond)) if names]  # fmt: skip
    return "；".join(said) or "栏目名称相同，取数的办法不同"


def _below(node: Node, unit: str) -> tuple[Node, ...]:
    """Return what a file brings: itself, or what it was merged from if it is of the unit that merges."""
    return node.children if node.unit == unit and node.children else (node,)


def _received(node: Node, handed: Handed) -> Node:
    moment = handed.received.get(node.unit)
    return node.model_copy(update={"received": moment}) if moment else node


def _one_each(nodes: Iterable[Node]) -> tuple[list[Node], list[str], list[Problem]]:
    """Return one node a unit: the newest version; older ones are named, and two that say the same version refused."""
    by_unit: dict[str, list[Node]] = {}
    for node in nodes:
        by_unit.setdefault(node.unit, []).append(node)
    chosen, notes, problems = [], [], []
    for unit, versions in sorted(by_unit.items()):
        bare = {_bare(n): n for n in versions}
        newest = max((n.cut_off, n.serial, n.version) for n in bare.values())
        best = [n for n in bare.values() if (n.cut_off, n.serial, n.version) == newest]
        if len(best) > 1:
            text = f"第 {newest[1]} 次第 {newest[2]} 版，内容不同的有 {len(best)} 份"
            problems.append(problem("E865", unit=unit, text=text))
        moments = [n.received for n in versions if n.received and _bare(n) == _bare(best[0])]
        chosen.append(best[0].model_copy(update={"received": min(moments, default=None)}))
        older = sorted(f"第 {n.serial} 次第 {n.version} 版（{n.cut_off}）" for n in bare.values() if n not in best)
        notes += [f"{unit} 报了几版，用第 {newest[1]} 次第 {newest[2]} 版，没有用：{'、'.join(older)}"] if older else []
    return chosen, notes, problems


def _bare(node: Node) -> str:
    return node.model_copy(update={"received": None}).model_dump_json()


def _of_one_day(nodes: Sequence[Node]) -> list[Problem]:
    days = sorted({node.cut_off for node in nodes})
    if len(days) < 2:
        return []
    text = "；".join(f"{day}：{'、'.join(n.unit for n in nodes if n.cut_off == day)}" for day in days)
    return [problem("E862", what="截止日", text=text)]


def _doubles(nodes: Sequence[Node]) -> Iterator[tuple[str, Joint, str]]:
    """Yield joint visits that a second unit reports as well: whose file, the visit, whose it is counted for.

    The same site on the same day, in both files with another unit taking part: of the units, the first by name keeps
    it. As many visits are kept as any one unit reports.
    """
    seen: dict[tuple[str, date], list[tuple[str, Joint]]] = {}
    for node in nodes:
        for joint in node.joint:
            seen.setdefault((joint.site, joint.day), []).append((node.unit, joint))
    for found in seen.values():
        units = sorted({unit for unit, _ in found})
        most = max(units, key=lambda unit: (sum(u == unit for u, _ in found), [-ord(char) for char in unit]))
        yield from ((unit, joint, most) for unit, joint in found if unit != most)


def _kept_joint(nodes: Sequence[Node], dropped: Sequence[tuple[str, Joint, str]]) -> tuple[Joint, ...]:
    gone = [(unit, joint) for unit, joint, _ in dropped]
    kept = [joint for node in nodes for joint in node.joint if (node.unit, joint) not in gone]
    return tuple(sorted(kept, key=lambda j: (j.day, j.site, j.lead, sorted(j.counts.items()))))


def _added(
    table: TableFile, nodes: Sequence[Node], dropped: Sequence[tuple[str, Joint, str]]
) -> tuple[Values, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]]:
    period: dict[str, Figure] = {}
    total: dict[str, Figure] = {}
    sites: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for name, column in table.columns.items():
        if isinstance(column.source, (OfColumns, Share)):
            continue
        if is_distinct(column):
            first, second = (tuple(sorted({k for n in nodes for k in n.sites[name][of]})) for of in (0, 1))
            sites[name] = (first, second)
            period[name], total[name] = Figure(len(first)), Figure(len(second))
            continue
        twice = [(joint.counts.get(name, 0), joint.period) for _, joint, _ in dropped]
        period[name] = _sum([n.values[name][0] for n in nodes], sum(c for c, inside in twice if inside))
        total[name] = _sum([n.values[name][1] for n in nodes], sum(c for c, _ in twice))
    for figures in (period, total):
        derive(table, figures)
    return {name: (period[name].value, total[name].value) for name in table.columns}, sites


def _sum(values: Sequence[int | None], less: int) -> Figure:
    """Return a sum; that of blanks is blank."""
    return Figure(None if all(v is None for v in values) else sum(v or 0 for v in values) - less)


def _row(table: TableFile, node: Node) -> Row:
    period = {name: Figure(node.values[name][0]) for name in table.columns}
    total = {name: Figure(node.values[name][1]) for name in table.columns}
    return Row(node.unit, period, total)


def _only(words: Iterable[str]) -> str:
    return min((word for word in words if word), default="")
