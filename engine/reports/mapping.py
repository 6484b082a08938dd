"""A bureau's own header: which of its columns is which of ours, guessed by title, and its workbook filled in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
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
_UNIT_TITLES = re.compile(r"(填报|报送|责任|监管|所属)?(辖区|地区|市场监管|[省市县区局所队乡镇单位部门]+)(名称)?")
_PLACE_NUMBER = re.compile(r"[（(]?(\d[\d=＝+＋\-－*×/≥ ]*|[A-Za-z甲乙丙丁])[）)]?")
"""What stands below headings to number the columns: 3, (3), 6=4+5, 甲."""
_SITES, _PEOPLE = frozenset({"家次", "家", "户次", "户"}), frozenset({"人次", "人"})
_OTHERS = frozenset({"个", "批次", "次", "起", "件", "份", "条", "篇", "场"})
_FAMILIES = {
    **dict.fromkeys(("家次", "家数", "家", "户次", "户数", "户"), _SITES),
    **dict.fromkeys(("人次", "人数", "人"), _PEOPLE),
    **dict.fromkeys((*_OTHERS, "个数", "件数", "份数", "条数", "问题数"), _OTHERS),
    "万元": frozenset({"万元"}), "元": frozenset(), "%": frozenset({"%"}),
}  # fmt: skip
_ENDINGS = ("家次", "家数", "户次", "户数", "人次", "人数", "个数", "件数", "份数", "条数", "批次", "问题数")
"""Units of our columns that can stand under theirs; none for 元, for we give 万元."""
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
    best: tuple[tuple[int, float, int], MappingFile, dict[str, tuple[str, ...]]] | None = None
    for grid in grids:
        for top in range(1, min(MOST_HEADER_ROWS, grid.rows) + 1):
            if _is_group(grid, top - 1):
                continue
            for bottom in range(top, min(top + _DEEPEST, grid.rows + 1)):
                if _is_banner(grid, bottom):
                    break
                if _is_group(grid, bottom):
                    continue
                mapping, likeness, unclear = _read_header(table, grid, top, bottom)
                known = sum(map(len, unclear.values())) + sum(1 for column in mapping.columns.values() if column.column)
                rank = known, round(likeness, 6), bottom
                if known and (best is None or rank > best[0]):
                    best = rank, mapping, unclear
    down = max((_down(table, grid) for grid in grids), default=0)
    if down > max(2, best[0][0] if best else 0):
        reason = f"项目上下排列（一列里有本表的 {down} 个栏目），只能填一栏一列的表。请改成一栏一列，或用本系统的表式"
        return None, [problem("E866", Mark(shown), text=shown, reason=reason)]
    if best is None:
        return None, [problem("E866", Mark(shown), text=shown, reason="没有认出表头：没有一栏与本表的栏目相像")]
    _, mapping, unclear = best
    return Guess(mapping, tuple(_notes(table, mapping, unclear))), []


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
    below += [*notes_of(computed, named), *filled.notes, *_left_empty(computed, mapping, grid)]
    below += [f"办理记录链末：{filled.head}"] if filled.head else []
    if problems:
        return b"", problems
    return fill_book(content, shown, mapping.sheet, puts, below, computed.span.end)


def _read_header(
    table: TableFile, grid: Grid, top: int, bottom: int
) -> tuple[MappingFile, float, dict[str, tuple[str, ...]]]:  # fmt: skip
    """Return what the rows from top to bottom say as a header, how like ours it is, and which titles are alike."""
    titles = {column: _title(grid, column, top, bottom) for column in range(1, grid.columns + 1)}
    titles = {column: parts for column, parts in titles.items() if parts}
    number = next((c for c, parts in titles.items() if _plain("".join(parts)) in _NUMBER_TITLES), None)
    unit = next(
        (c for c, parts in titles.items() if c != number and _UNIT_TITLES.fullmatch(_bare("".join(parts)))), None
    )
    rest = {c: parts for c, parts in titles.items() if c not in (number, unit) and _plain("".join(parts)) not in _SUMS}
    chosen, likeness, alike = _assigned(table, rest)
    columns = {
        _letter(c): MappedColumn(title=" / ".join(parts)[:300],
                                 column=chosen.get(c, (None, "total"))[0], of=chosen.get(c, (None, "total"))[1])
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
    return mapping, likeness, {name: tuple(map(_letter, sorted(places))) for name, places in alike.items()}


def _down(table: TableFile, grid: Grid) -> int:
    """Return how many of our columns stand below each other in one column of a sheet."""
    known = {"".join(each) for names in _names(table).values() for each in names}
    known |= {f"检查{each}" for each in known}
    found = Tally(column for (_, column), text in grid.texts.items() if _plain(text) in known)
    return max(found.values(), default=0)


def _is_group(grid: Grid, row: int) -> bool:
    """Return whether a row holds the groups of what is below, and is not a title or a line such as 填报单位：.

    Without its group a heading such as 家数 is taken for another.
    """
    texts = {column: text for (r, column), text in grid.texts.items() if r == row}
    if len(set(texts.values())) < 2 or any("：" in text or ":" in text for text in texts.values()):
        return False
    below = {c: text for (r, c), text in grid.texts.items() if r == row + 1 and not _PLACE_NUMBER.fullmatch(text)}
    return any(
        text == texts.get(c + 1) and c in below and below.get(c + 1, below[c]) != below[c] for c, text in texts.items()
    )


def _is_banner(grid: Grid, row: int) -> bool:
    """Return whether a row has one text only, such as the title over all columns, or none."""
    return len({text for (r, _), text in grid.texts.items() if r == row}) < 2


def _title(grid: Grid, column: int, top: int, bottom: int) -> tuple[str, ...]:
    """Return the levels of a heading. A group that is not merged goes on to the right while something is below it."""
    parts: list[str] = []
    for row in range(top, bottom + 1):
        if _numbers(grid, row):
            continue
        text = grid.texts.get((row, column), "")
        if not text and row < bottom and grid.texts.get((row + 1, column)):
            left = [c for c in range(column - 1, 0, -1) if grid.texts.get((row, c))]
            text = grid.texts[row, left[0]] if left else ""
        if text and text not in parts:
            parts.append(" ".join(text.split()))
    return tuple(parts)


def _numbers(grid: Grid, row: int) -> bool:
    """Return whether a row only numbers the columns."""
    texts = [text for (r, _), text in grid.texts.items() if r == row]
    return len(texts) > 1 and all(_PLACE_NUMBER.fullmatch(text) for text in texts)


def _assigned(
    table: TableFile, titles: dict[int, tuple[str, ...]]
) -> tuple[dict[int, tuple[str, Literal["period", "total"]]], float, dict[str, list[int]]]:
    """Return our column for theirs, the sum of their likenesses, and theirs that are like the same one of ours.

    The likest pairs come first, each of ours once for 本期 and once for 累计. What is alike, a person decides.
    """
    pairs = []
    names = _names(table)
    total = 0.0
    for place, parts in titles.items():
        of = _of("".join(parts))
        words = [word for part in parts if (word := _without_of(_plain(part)))]
        counted = _counted(parts)
        for name, column in table.columns.items():
            likeness = max(_likeness(words, each) for each in names[name])
            if likeness >= LIKE_ENOUGH and (counted is None or column.unit in counted):
                pairs.append((-likeness, place, name, of if is_flow(column, table) else "total"))
    chosen: dict[int, tuple[str, Literal["period", "total"]]] = {}
    taken = set()
    alike: dict[str, list[int]] = {}
    unclear: set[int] = set()
    for likeness, place, name, of in sorted(pairs):
        if place in chosen or place in unclear or (name, of) in taken:
            continue
        taken.add((name, of))
        total -= likeness
        rivals = [p for each, p, n, o in pairs if (each, n, o) == (likeness, name, of) and p not in chosen]
        if len(rivals) > 1:
            unclear.update(rivals)
            alike[name] = sorted({*alike.get(name, ()), *rivals})
        else:
            chosen[place] = (name, of)
    return chosen, total, alike


def _counted(parts: Sequence[str]) -> frozenset[str] | None:
    """Return which units of ours a title can mean by what it says it counts; None if it does not say."""
    for part in reversed(parts):
        text = unicodedata.normalize("NFKC", part)
        said = [word for word in _MEASURES.findall(text) if word]
        words = [word.split(":")[-1].strip() for word in said] or [word for word in _ENDINGS if text.endswith(word)]
        if found := next((_FAMILIES[word] for word in words if word in _FAMILIES), None):
            return found
        if any(word in _FAMILIES for word in words):
            return frozenset()
    return None


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
    if len(theirs) > 2:  # a group over all of it, such as 检查情况
        return max(_alike(theirs, ours), _alike(theirs[1:], ours) * 0.97)
    return _alike(theirs, ours)


def _alike(theirs: Sequence[str], ours: Sequence[str]) -> float:
    whole, own, last = "".join(theirs), "".join(ours), theirs[-1]
    if len(ours) == 1 and last == own:
        return 0.97 if len(theirs) == 1 else 0.85
    bare, wanted = (word.replace("检查", "").replace("其中", "") for word in (whole, own))
    if bare and bare == wanted:
        return 0.95
    return SequenceMatcher(None, bare, wanted, autojunk=False).ratio() * 0.94


def _of(title: str) -> Literal["period", "total"]:
    return "period" if any(word in title for word in _PERIOD) else "total"


def _without_of(word: str) -> str:
    for each in (*_PERIOD, *_TOTAL_WORDS):
        word = word.replace(each, "")
    return word


def _bare(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))  # （家） is no noise here: 单位（家） is a figure


def _plain(text: str) -> str:
    return _NOISE.sub("", _MEASURES.sub("", unicodedata.normalize("NFKC", text)))


def _letter(column: int) -> str:
    return cell_name(1, column).removesuffix("1")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _notes(table: TableFile, mapping: MappingFile, unclear: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    named = {m.column for m in mapping.columns.values() if m.column}
    for name, letters in sorted(unclear.items()):
        yield f"{'、'.join(letters)} 列都像 “{title_of(table.columns[name])}”，分不清，不填：请在对照文件里写明是哪一栏"
    doubtful = {letter for letters in unclear.values() for letter in letters}
    for letter, mapped in mapping.columns.items():
        if mapped.column is None and letter not in doubtful:
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


def _left_empty(computed: Computed, mapping: MappingFile, grid: Grid) -> list[str]:
    """Return in words which units of theirs stayed empty although ours had to be written under other names."""
    if mapping.unit_column is None:
        return []
    unit, ours = _column(mapping.unit_column), {name for name, _ in rows_of(computed)}
    rows = range(mapping.first_row, mapping.last_row or grid.rows + 1)
    theirs = [grid.texts[r, unit] for r in rows if (r, unit) in grid.texts]
    empty = [name for name in theirs if name not in ours]
    if not empty or ours <= set(theirs):
        return []
    more = f" 等 {len(empty)} 行" if len(empty) > MOST_SAID else ""
    return [f"没有填的行（没有叫这个名称的责任单位，另起行填写）：{'、'.join(empty[:MOST_SAID])}{more}"]


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
