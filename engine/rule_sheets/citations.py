"""Citations from cells: replaced, added, taken out. What is cited must be among the instruments, or say 待核."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.problems import Problem, did_you_mean, problem
from engine.rule_sheets.columns import CITATIONS
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.reading import Line
from engine.rule_sheets.splicing import written
from engine.rule_sheets.state import Entry, State
from engine.rule_sheets.values import GONE, wrong
from engine.rule_sheets.words import SIDE_WORDS, SIDES, YES, flat, read_article, read_law
from engine.rule_sheets.writing import Done, Writer
from engine.source import Loc

_KEYS = {"law": "cite", "article": "article", "proof": "proof", "sites": "sites"}


def write_citations(writer: Writer, changes: Sequence[Change]) -> None:
    """Write the changed and the new citations, then take out what is to go, the last of each list first."""
    rows: dict[str, list[Change]] = {}
    for change in changes:
        if change.line.sheet is CITATIONS and change.entry is not None:
            rows.setdefault(change.line.key, []).append(change)
    removed = []
    for group in rows.values():
        drop = next((c for c in group if c.column == "drop"), None)
        if drop is None:
            _replace(writer, group)
        elif flat(drop.new) != YES:
            writer.draft.problems.append(
                wrong(drop.line, "drop", f"“{drop.new}” 不认识", "要去掉请写 是，不去掉请留空")
            )
        else:
            removed.append(drop)
    for change in changes:
        if change.line.sheet is CITATIONS and change.entry is None:
            _add(writer, change)
    for drop in sorted(removed, key=lambda c: (c.line.key.rsplit("|", 1)[0], -_place(c))):
        _remove(writer, drop)


def _place(change: Change) -> int:
    assert change.entry is not None
    return int(change.entry.loc[-1])


def _replace(writer: Writer, group: list[Change]) -> None:
    line, entry = group[0].line, group[0].entry
    assert entry is not None
    values, problems = citation_of(line, {**entry.cells, **line.cells}, writer.state, entry)
    writer.draft.problems += problems
    if problems:
        return
    text = writer.text(entry.priority)
    for change in group:
        key = _KEYS.get(change.column)
        if key is None:
            continue
        value = values.get(key, GONE)
        current = text.at((*entry.loc, key)) if text.has((*entry.loc, key)) else GONE
        if value != current and not (value is GONE and current is GONE):
            kept, before = writer.put(text, entry.loc, key, value, change)
            writer.draft.done.append(Done(change, entry.loc, entry.priority, kept, before))


def citation_of(
    line: Line, cells: Mapping[str, str], state: State, entry: Entry | None, column: str = ""
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the keys of a citation that cells say, or what is wrong with them.

    column: the cell to blame where all of them were written in one.
    """

    def at(key: str) -> str:
        return column or key

    problems: list[Problem] = []
    cite = read_law(cells.get("law", ""), state.laws)
    if cite is None:
        suggestion = did_you_mean(cells.get("law", ""), state.laws.known)
        problems.append(
            problem("E920", line.mark(at("law")), name=cells.get("law", "") or "空白", suggestion=suggestion)
        )
    article, is_one = read_article(cells.get("article", ""))
    if not is_one:
        todo = "写作 第五十五条、55、第二十三条第二款、161(8)；没有见到原文的写 待核"
        problems.append(wrong(line, at("article"), f"“{cells.get('article', '')}” 不是条款", todo))
    proof = [piece.strip() for piece in cells.get("proof", "").split("\n") if piece.strip()]
    if article is not None and not proof:
        problems.append(wrong(line, at("proof"), "写了条款，没有写原文里的字", "请照抄这一条里的几个字，别的条没有的"))
    if is_one and article is None and proof:
        problems.append(wrong(line, at("article"), "没有写条款，却写了原文里的字", "请写上是第几条，或清空原文里的字"))
    if any(not 2 <= len(piece) <= 60 for piece in proof):
        problems.append(wrong(line, at("proof"), "每处要 2 到 60 个字", "请截短，或分成几行"))
    sites, unknown = state.sites.read(cells.get("sites", ""))
    outside = [s for s in sites if entry is not None and s not in entry.sites]
    if unknown or outside:
        allowed = state.sites.show(entry.sites if entry is not None else state.sites.known.values())
        shown = "、".join(unknown) or state.sites.show(outside)
        problems.append(wrong(line, at("sites"), f"“{shown}” 不在这个项目的单位类型里", f"可用：{allowed}"))
    values: dict[str, Any] = {"cite": cite, "article": int(article) if article and article.isdigit() else article}
    values |= {"proof": proof} if proof else {}
    values |= {"sites": list(sites)} if sites else {}
    return values, problems


def _add(writer: Writer, change: Change) -> None:
    line, state = change.line, writer.state
    named = flat(line.cells.get("codes", ""))
    found = _owner(state, named)
    if found is None:
        reason = f"没有项目或问题 “{named}”" if named else "没有写是哪个项目的依据"
        writer.draft.problems.append(wrong(line, "codes", reason, "请写印刷编号（YD-14）、规则编号或问题编号"))
        return
    entry, basis = found
    sides, unknown = SIDE_WORDS.read(line.cells.get("side", ""))
    if unknown or len(sides) != 1:
        writer.draft.problems.append(wrong(line, "side", "没有写清用途", f"请写：{'、'.join(SIDES.values())}"))
        return
    values, problems = citation_of(line, line.cells, state, entry)
    writer.draft.problems += problems
    text = writer.text(entry.priority)
    loc: Loc = (*basis, sides[0])
    if problems or (text.has(loc) and values in text.at(loc)):  # type: ignore[operator]
        return  # it stands there already
    if text.has(loc):
        text.append(loc, written(values))
    else:
        later = [s for s in SIDES if list(SIDES).index(s) > list(SIDES).index(sides[0])]
        text.insert(basis, sides[0], f"[{written(values)}]", later)
    entries = text.at(loc)
    assert isinstance(entries, list)
    row = Change(line, "added", "", written(values), entry)
    writer.draft.done.append(Done(row, (*loc, len(entries) - 1), entry.priority))


def _owner(state: State, named: str) -> tuple[Entry, Loc] | None:
    """Return the rule or the further finding with a basis of its own that is named, and where its basis stands."""
    codes = {code.strip() for code in named.upper().split(";") if code.strip()}
    for key, entry in state.rows["items"].items():
        if named and (named == key or (codes and codes <= set(entry.cells["codes"].split("；")))):
            return entry, (*entry.loc, "basis")
    further = state.rows["further"].get(named)
    has_own = any(key.startswith(f"{named}|") for key in state.rows["citations"])
    return (further, (*further.loc, "basis")) if further is not None and has_own else None


def _remove(writer: Writer, change: Change) -> None:
    entry = change.entry
    assert entry is not None
    text = writer.text(entry.priority)
    entries = text.at(entry.loc[:-1])
    assert isinstance(entries, list)
    basis = text.at(entry.loc[:-2])
    if len(entries) == 1 and isinstance(basis, dict) and entry.loc[-2] == "duty" and "power" not in basis:
        todo = "请先在最后的空行补一条新的义务，导入以后再去掉这一条；或者直接把这一条改成新的"
        writer.draft.problems.append(wrong(change.line, "drop", "这是唯一的义务依据，不能去掉", todo))
        return
    kept = text.raw(entry.loc)
    text.remove(entry.loc[:-1] if len(entries) == 1 else entry.loc)
    writer.draft.done.append(Done(change, entry.loc[:-2], entry.priority, kept))
