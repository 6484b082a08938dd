"""A table as it is laid out: headings of two levels, a row a unit, the sum, what the figures mean (STATS §5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from engine.model.tables import Column, OfRegister, Part, Share, TableFile
from engine.reports.computing import Computed, Figures, Row, is_flow
from engine.reports.figures import title_of, written

DEFAULT_LAYOUT = "本系统默认表式"
"""Stands on a table until the bureau's own header is mapped."""
PEOPLE_WORDS = {
    "person-days": "人次按人·日计：同一执法人员一天只计一次",
    "person-visits": "人次按人·户计：同一执法人员检查一户计一次",
}
MOST_SAID = 8
"""Columns named in a note."""
NO_UNIT = "（未分配单位）"
TOTAL = "合计"
Of = Literal["period", "total"]


class Leaf(NamedTuple):
    """A printed column: its heading, and which figure stands in it."""

    name: str
    column: Column
    of: Of
    group: str
    sub: str
    """Second level; empty where the first goes down to the figures."""


class Sheet(NamedTuple):
    """A part of a table, printed side by side."""

    title: str
    leaves: tuple[Leaf, ...]


class Filled(NamedTuple):
    """What is said on a table beside its figures."""

    unit: str
    """填报单位。"""
    head: str = ""
    """Of the audit trail, as it is printed."""
    layout: str = DEFAULT_LAYOUT
    number: str = ""
    """第几次报送。"""
    reporter: str = ""
    reviewer: str = ""
    phone: str = ""
    filed: str = ""
    notes: tuple[str, ...] = ()
    """更正、零报告 and whatever else belongs to this filing."""
    zero: bool = False


def sheets_of(table: TableFile) -> list[Sheet]:
    """Return the printed columns of each part; those of a chart are printed as bars."""
    return [Sheet(part.title, tuple(_leaves(table, part))) for part in table.parts if not part.chart]


def _leaves(table: TableFile, part: Part) -> Iterable[Leaf]:
    for name, column in part.columns.items():
        number = f"{column.number} " if column.number else ""
        if table.shows == "total":
            same = len({c.unit for c in part.columns.values() if c.title[0] == column.title[0]}) == 1
            sub = column.title[1] if len(column.title) > 1 else ""
            group = f"{number}{column.title[0]}"
            if sub and not same:
                sub = sub if column.unit.startswith(sub) else f"{sub}（{column.unit}）"
            else:
                group = f"{group}（{column.unit}）"
            yield Leaf(name, column, "total", group, sub)
            continue
        group = f"{number}{title_of(column)}（{column.unit}）"
        if isinstance(column.source, (OfRegister, Share)) or not is_flow(column, table):
            yield Leaf(name, column, "total", group, "")
        else:
            yield Leaf(name, column, "period", group, "本期")
            yield Leaf(name, column, "total", group, "累计")


def value_of(row: Row, leaf: Leaf) -> int | None:
    """Return the figure that stands in a printed column; None is blank."""
    figures = row.period if leaf.of == "period" else row.total
    return figures[leaf.name].value


def groups(leaves: Sequence[Leaf]) -> list[tuple[str, list[Leaf]]]:
    """Return the first level of headings, each with the columns under it."""
    found: list[tuple[str, list[Leaf]]] = []
    for leaf in leaves:
        if leaf.sub and found and found[-1][0] == leaf.group and found[-1][1][-1].sub:
            found[-1][1].append(leaf)
        else:
            found.append((leaf.group, [leaf]))
    return found


def rows_of(computed: Computed) -> list[tuple[str, Row]]:
    """Return the rows with the names printed for their units, without the sum."""
    return [(row.unit or NO_UNIT, row) for row in computed.rows]


def period_words(computed: Computed) -> str:
    """Return which days the table is about."""
    span = computed.span
    total = f"累计 {span.begin} 至 {span.end}"
    return total if computed.table.shows == "total" else f"本期 {span.start} 至 {span.end}，{total}"


def notes_of(computed: Computed, names: Collection[str] | None = None, *, general: bool = True) -> list[str]:
    """Return what stands below the table: what its figures mean, what is blank, late or still to come.

    names: only what belongs to these columns; general: with what concerns the table as a whole.
    """
    table = computed.table
    columns = {name: column for name, column in table.columns.items() if names is None or name in names}
    found = []
    if general:
        found = [f"口径：{words}" for words in (PEOPLE_WORDS[computed.people], *table.notes)]
    found += [f"口径：{note}" for note in dict.fromkeys(c.note for c in columns.values() if c.note)]
    blank = [title_of(c) for name, c in columns.items() if computed.whole.total[name].value is None]
    if blank:
        found.append(f"空白是没有填报，不是 0：{'、'.join(blank)}")
    if general and computed.outside:
        ids = [id_ for _, id_ in computed.outside]
        more = f" 等 {len(ids)} 次" if len(ids) > MOST_SAID else ""
        found.append(f"行动期外的检查不计入本表：{'、'.join(ids[:MOST_SAID])}{more}")
    whole = computed.whole
    found += _moved("补报（日期在本期以前，本期才归档或登记，已计入本期）", whole.late, columns)
    found += _moved("截止日以后归档，计入下一次", whole.pending, columns)
    return found


def _moved(words: str, figures: Figures, columns: Mapping[str, Column]) -> list[str]:
    parts = [f"{title_of(c)} {written(c, figures[name].value)} {c.unit}"
             for name, c in columns.items() if name in figures and c.within is None]  # fmt: skip
    more = f" 等 {len(parts)} 栏" if len(parts) > MOST_SAID else ""
    return [f"{words}：{'，'.join(parts[:MOST_SAID])}{more}"] if parts else []


def footer_words(filled: Filled) -> str:
    """Return the line at the foot of a table."""
    return (
        f"填报单位（盖章）：{filled.unit}　填报人：{filled.reporter or '＿＿＿＿＿'}　"
        f"审核人：{filled.reviewer or '＿＿＿＿＿'}　联系电话：{filled.phone or '＿＿＿＿＿＿'}　"
        f"填报日期：{filled.filed or '＿＿＿＿＿＿'}"
    )


def plain_text(computed: Computed, filled: Filled, row: Row | None = None) -> str:
    """Return a row of the table for the screen, a column a line; that of all together if none is given."""
    row = row or computed.whole
    lines = [computed.table.title, f"{filled.unit}　{period_words(computed)}"]
    for sheet in sheets_of(computed.table):
        lines.append(f"\n{sheet.title}")
        for name in dict.fromkeys(leaf.name for leaf in sheet.leaves):
            column = computed.table.columns[name]
            of = {leaf.of for leaf in sheet.leaves if leaf.name == name}
            words = [f"本期 {_word(column, row.period[name].value)}"] if "period" in of else []
            words += [f"累计 {_word(column, row.total[name].value)}"]
            lines.append(f"  {name}　{title_of(column)}：{'，'.join(words)} {column.unit}")
    return "\n".join([*lines, "", *notes_of(computed), *filled.notes])


def _word(column: Column, value: int | None) -> str:
    return "（空白）" if value is None else written(column, value)
