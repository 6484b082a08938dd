"""A bureau's own header: which of its columns is which of ours, guessed by title, and its workbook filled in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from engine.model.tables import MappedColumn, MappingFile, TableFile
from engine.problems import Mark, Problem, problem
from engine.reports.computing import Computed, Row, is_flow
from engine.reports.figures import decimal_of, title_of
from engine.reports.layout import MOST_SAID, TOTAL, Filled, footer_words, notes_of, rows_of
from engine.workbooks.filling import Grid, Put, fill_book, read_grids
from engine.workbooks.table import cell_name

LIKE_ENOUGH = 0.8
"""How like a title must be to ours, from 0 to 1."""
_MEASURES = re.compile(
    r"[（(]\s*(家次|家数|家|户次|户|人次|人|个|批次|批|次|起|件|份|条|篇|场|万元|元|%|单位[:：][^）)]*)\s*[）)]"
)
_NOISE = re.compile(r"[\s\d.、，,:：;；/“”\"'（）()·\-—_]+")
_PERIOD, _TOTAL_WORDS = ("本期", "本周", "本日", "当日", "当周"), ("累计",)
_UNIT_TITLES = {"单位", "填报单位", "责任单位", "单位名称", "所", "辖区", "地区"}
_NUMBER_TITLES = {"序号", "编号", "序"}
_SUMS = {"合计", "总计", "总合计"}
MOST_HEADER_ROWS = 12
_DEEPEST = 4


class Guess(NamedTuple):
    """What was understood of a header, and in Chinese what was not."""

    mapping: MappingFile
    notes: tuple[str, ...]


def guess_mapping(table: TableFile, grids: Sequence[Grid], shown: str) -> tuple[Guess | None, list[Problem]]:
    """Return which columns of the first sheet that has a header are which of ours, or None if there is none."""
    best: tuple[tuple[int, float, int], MappingFile] | None = None
    for grid in grids:
        for top in range(1, min(MOST_HEADER_ROWS, grid.rows) + 1):
            for bottom in range(top, min(top + _DEEPEST, grid.rows + 1)):
                if _is_banner(grid, bottom):
                    break
                found, likeness = _read_header(table, grid, top, bottom)
                known = sum(1 for column in found.columns.values() if column.column)
                rank = known, round(likeness, 6), bottom
                if known and (best is None or rank > best[0]):
                    best = rank, found
    if best is None:
        return None, [problem("E866", Mark(shown), text=shown, reason="没有认出表头：没有一栏与本表的栏目相像")]
    return Guess(best[1], tuple(_notes(table, best[1]))), []


def filled_workbook(
    computed: Computed, filled: Filled, mapping: MappingFile, content: bytes, shown: str
) -> tuple[bytes, list[Problem]]:
    """Return a bureau's workbook filled in, or what stands against it."""
    if mapping.table != computed.table.table:
        return b"", [problem("E867", table=mapping.table, wanted=computed.table.table)]
    unknown = [m.column for m in mapping.columns.values() if m.column and m.column not in computed.table.columns]
    if unknown:
        return b"", [problem("E853", table=mapping.table, name=name, suggestion="请改对照文件") for name in unknown]
    grids, problems = read_grids(content, shown)
    if problems:
        return b"", problems
    grid = next((each for each in grids if each.sheet == mapping.sheet), None)
    if grid is None:
        known = "、".join(each.sheet for each in grids)
        return b"", [problem("E866", Mark(shown), text=mapping.sheet, reason=f"没有这个工作表，有：{known}")]
    puts, problems = _puts(computed, mapping, grid, shown)
    below = [] if any("填报人" in text for text in grid.texts.values()) else [footer_words(filled)]
    named = {mapped.column for mapped in mapping.columns.values() if mapped.column}
    below += [*notes_of(computed, named), *filled.notes]
    below += [f"办理记录链末：{filled.head}"] if filled.head else []
    if problems:
        return b"", problems
    return fill_book(content, shown, mapping.sheet, puts, below, computed.span.end)


def _read_header(table: TableFile, grid: Grid, top: int, bottom: int) -> tuple[MappingFile, float]:
    """Return what the rows from top to bottom say as a header, and how like ours its titles are altogether."""
    titles = {column: _title(grid, column, top, bottom) for column in range(1, grid.columns + 1)}
    titles = {column: parts for column, parts in titles.items() if parts}
    number = next((c for c, parts in titles.items() if _plain("".join(parts)) in _NUMBER_TITLES), None)
    unit = next((c for c, parts in titles.items() if _plain("".join(parts)) in _UNIT_TITLES), None)
    rest = {c: parts for c, parts in titles.items() if c not in (number, unit) and _plain("".join(parts)) not in _SUMS}
    chosen, likeness = _assigned(table, rest)
    columns = {
        _letter(c): MappedColumn(title=" / ".join(parts)[:300], column=chosen.get(c, (None, "total"))[0],
                                 of=chosen.get(c, (None, "total"))[1])
        for c, parts in rest.items()
    }  # fmt: skip
    sums = [
        row for row in range(bottom + 1, grid.rows + 1)
        if any(_plain(grid.texts.get((row, c), "")) in _SUMS for c in (1, 2, unit or 1))
    ]  # fmt: skip
    mapping = MappingFile(
        kind="table-mapping", table=table.table, sheet=grid.sheet, first_row=max(2, bottom + 1),
        last_row=sums[0] if sums else None, number_column=_letter(number) if number else None,
        unit_column=_letter(unit) if unit else None, columns=columns,
    )  # fmt: skip
    return mapping, likeness


def _is_banner(grid: Grid, row: int) -> bool:
    """Return whether a row has one text only, such as the title over all columns, or none."""
    return len({text for (r, _), text in grid.texts.items() if r == row}) < 2


def _title(grid: Grid, column: int, top: int, bottom: int) -> tuple[str, ...]:
    """Return the levels of a heading. A group that is not merged goes on to the right while something is below it."""
    parts: list[str] = []
    for row in range(top, bottom + 1):
        text = grid.texts.get((row, column), "")
        if not text and row < bottom and grid.texts.get((row + 1, column)):
            left = [c for c in range(column - 1, 0, -1) if grid.texts.get((row, c))]
            text = grid.texts[row, left[0]] if left else ""
        if text and text not in parts:
            parts.append(" ".join(text.split()))
    return tuple(parts)


def _assigned(
    table: TableFile, titles: dict[int, tuple[str, ...]]
) -> tuple[dict[int, tuple[str, Literal["period", "total"]]], float]:
    """Return our column for theirs, and the sum of their likenesses.

    The likest pairs come first, each of ours once for 本期 and once for 累计.
    """
    pairs = []
    names = _names(table)
    total = 0.0
    for place, parts in titles.items():
        of = _of("".join(parts), table)
        words = [word for part in parts if (word := _without_of(_plain(part)))]
        for name, column in table.columns.items():
            likeness = max(_likeness(words, each) for each in names[name])
            if likeness >= LIKE_ENOUGH:
                pairs.append((-likeness, place, name, of if is_flow(column, table) else "total"))
    chosen: dict[int, tuple[str, Literal["period", "total"]]] = {}
    taken = set()
    for likeness, place, name, of in sorted(pairs):
        if place not in chosen and (name, of) not in taken:
            chosen[place] = (name, of)
            taken.add((name, of))
            total -= likeness
    return chosen, total


def _names(table: TableFile) -> dict[str, list[tuple[str, ...]]]:
    """Return what each column may be called: our title, its last level if no other has it, what others call it."""
    levels = {name: tuple(_plain(part) for part in column.title) for name, column in table.columns.items()}
    last = Tally(each[-1] for each in levels.values())
    found: dict[str, list[tuple[str, ...]]] = {}
    for name, own in levels.items():
        found[name] = [own, *((_plain(word),) for word in table.columns[name].also)]
        if len(own) > 1 and own[-1] in ("合计", "家次", "件"):
            found[name].append(own[:1])
        elif len(own) > 1 and last[own[-1]] == 1:
            found[name].append(own[-1:])
    return found


def _likeness(theirs: Sequence[str], ours: Sequence[str]) -> float:
    """Return how like two titles are, the whole of theirs or, of several levels, the last of it."""
    whole, own = "".join(theirs), "".join(ours)
    if not whole:
        return 0.0
    if whole == own:
        return 1.0
    last = theirs[-1]
    if len(ours) == 1 and last == own:
        return 0.97 if len(theirs) == 1 else 0.85
    bare, wanted = (word.replace("检查", "").replace("其中", "") for word in (whole, own))
    if bare and bare == wanted:
        return 0.95
    return SequenceMatcher(None, bare, wanted, autojunk=False).ratio() * 0.94


def _of(title: str, table: TableFile) -> Literal["period", "total"]:
    if table.shows == "both" and any(word in title for word in _PERIOD):
        return "period"
    return "total"


def _without_of(word: str) -> str:
    for each in (*_PERIOD, *_TOTAL_WORDS):
        word = word.replace(each, "")
    return word


def _plain(text: str) -> str:
    return _NOISE.sub("", _MEASURES.sub("", unicodedata.normalize("NFKC", text)))


def _letter(column: int) -> str:
    return cell_name(1, column).removesuffix("1")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _notes(table: TableFile, mapping: MappingFile) -> Iterator[str]:
    named = {m.column for m in mapping.columns.values() if m.column}
    for letter, mapped in mapping.columns.items():
        if mapped.column is None:
            yield f"{letter} 列 “{mapped.title}” 不认识，不填"
    missing = [title_of(column) for name, column in table.columns.items() if name not in named]
    if missing:
        more = " 等" if len(missing) > MOST_SAID else ""
        yield f"他们的表里没有本系统的 {len(missing)} 栏：{'、'.join(missing[:MOST_SAID])}{more}"
    if mapping.unit_column is None:
        yield "没有找到单位一栏：只能填一行"


def _puts(computed: Computed, mapping: MappingFile, grid: Grid, shown: str) -> tuple[list[Put], list[Problem]]:
    """Return what to write where: a row a unit, found by the name that stands there or written in order."""
    rows = rows_of(computed)
    unit = _column(mapping.unit_column) if mapping.unit_column else None
    if unit is None:
        return list(_row_puts(computed, mapping, mapping.first_row, computed.whole)), []
    end = mapping.last_row or mapping.first_row + 10_000
    printed = {
        grid.texts[r, unit]: r for r in range(mapping.first_row, min(end, grid.rows + 1)) if (r, unit) in grid.texts
    }
    free = [r for r in range(mapping.first_row, end) if (r, unit) not in grid.texts]
    rest = [name for name, _ in rows if name not in printed]
    if len(rest) > len(free):
        reason = f"合计以前只有 {len(free)} 个空行，还要填 {len(rest)} 个单位，请在表里加行"
        return [], [problem("E866", Mark(shown), text=grid.sheet, reason=reason)]
    puts: list[Put] = []
    for name, row in rows:
        place = printed.get(name) or free.pop(0)
        if name not in printed:
            puts.append(Put(place, unit, name))
        if mapping.number_column and (place, _column(mapping.number_column)) not in grid.texts:
            puts.append(Put(place, _column(mapping.number_column), place - mapping.first_row + 1))
        puts += _row_puts(computed, mapping, place, row)
    last = mapping.last_row or max((put.row for put in puts), default=mapping.first_row - 1) + 1
    if mapping.last_row is None:
        puts.append(Put(last, unit, TOTAL))
    return [*puts, *_row_puts(computed, mapping, last, computed.whole)], []


def _row_puts(computed: Computed, mapping: MappingFile, place: int, row: Row) -> Iterator[Put]:
    for letter, mapped in mapping.columns.items():
        if mapped.column is None:
            continue
        column = computed.table.columns[mapped.column]
        figures = row.period if mapped.of == "period" else row.total
        value = figures[mapped.column].value
        if value is not None and column.unit in ("万元", "%"):
            yield Put(place, _column(letter), float(decimal_of(column, value)), "0.00")
        else:
            yield Put(place, _column(letter), value, "0")
