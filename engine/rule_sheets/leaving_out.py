"""Items taken out of a campaign, and taken in again: `changes` of the campaign's file. The rules stay."""

from __future__ import annotations

from collections.abc import Sequence

from engine.library.load import Library
from engine.library.resolve import resolve
from engine.problems import Problem
from engine.rule_sheets.columns import APPLICATIONS, CLAUSES, ITEMS, SheetKind
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.entries import Entry
from engine.rule_sheets.reading import Line
from engine.rule_sheets.state import State
from engine.rule_sheets.values import wrong
from engine.rule_sheets.words import BETWEEN, NO, PART, YES, flat
from engine.rule_sheets.writing import Done, Writer
from engine.source import Loc
from engine.splicing import Text, written

KEY = "changes"
_SHOWN = 12
"""Items that a remark names."""


def write_left_out(writer: Writer, file: str, changes: Sequence[Change]) -> None:
    """Write into the campaign's file what it leaves out now."""
    for change in changes:
        if change.column != "asked" or change.entry is None:
            continue
        text, wanted = writer.text(file), flat(change.new)
        site = change.line.key.split("|")[1] if change.line.sheet is APPLICATIONS else None
        found = None
        if wanted == NO:
            if _is_out(text, change.entry.rule, site):
                continue
            _leave_out(text, change.entry.rule, site, change.reason)
        elif wanted == YES:
            found = _take_in(text, change, site)
        else:
            hint = f"请写 {YES} 或 {NO}" + (f"；“{PART}”只是现状" if change.line.sheet is ITEMS else "")
            found = wrong(change.line, "asked", f"“{change.new}” 不认识", hint)
        if found is not None:
            writer.draft.problems.append(found)
        else:
            writer.draft.done.append(Done(change, (KEY,), file))


def taken_in(
    state: State, after: Library, lines: Sequence[Line], changes: Sequence[Change]
) -> tuple[list[Change], tuple[str, ...]]:
    """Return the items that the changed clauses take in although their row says 否, as changes that leave them out.

    Only rows with a reason and no other change say that somebody wants them out: the others are told in the remarks.
    after: the rules with the changes, without errors.
    """
    if not any(c.line.sheet is CLAUSES or c.column == "clauses" for c in changes):
        return [], ()
    asked: set[str] = set()
    for site, kind in resolve(after, state.campaign).site_types.items():
        asked |= {name for item in kind.items if item.clauses for name in (item.rule, f"{item.rule}|{site}")}
    changed = {(c.line.sheet.key, c.line.key) for c in changes}
    out: list[Change] = []
    told: dict[SheetKind, list[str]] = {}
    for line in lines:
        entry = state.rows[line.sheet.key].get(line.key)
        if (
            line.sheet not in (ITEMS, APPLICATIONS)
            or entry is None
            or not _says_no(line, entry)
            or line.key not in asked
        ):
            continue
        if (line.sheet.key, line.key) not in changed and line.cells.get("reason"):
            out.append(Change(line, "asked", YES, NO, entry))
        elif line.sheet is ITEMS and (line.sheet.key, line.key) not in changed:
            told.setdefault(line.sheet, []).append(entry.cells["codes"])
    remarks = tuple(
        f"“{sheet.title}”页有 {len(codes)} 个项目导出时不列入本次行动，对上条款以后就列入了：{_some(codes)}；"
        "不要的，在那一行写明变更原因（“列入本次行动”仍是“否”）再导入"
        for sheet, codes in told.items()
    )
    return out, remarks


def _says_no(line: Line, entry: Entry) -> bool:
    return entry.cells["asked"] == NO == flat(line.cells.get("asked", "")) and "asked" not in entry.special


def _some(codes: Sequence[str]) -> str:
    shown = BETWEEN.join(codes[:_SHOWN])
    return f"{shown} 等" if len(codes) > _SHOWN else shown


def _entries(text: Text) -> list[dict[str, object]]:
    found = text.at((KEY,)) if text.has((KEY,)) else []
    return list(found) if isinstance(found, list) else []


def _drops(text: Text, rule: str) -> list[tuple[int, dict[str, object]]]:
    """Return the entries that take the rule out, each with its number."""
    return [(n, e) for n, e in enumerate(_entries(text)) if e.get("rule") == rule and e.get("drop")]


def _is_out(text: Text, rule: str, site: str | None) -> bool:
    mine = [entry for _, entry in _drops(text, rule)]
    return any(not e.get("sites") or (site is not None and site in e["sites"]) for e in mine)  # type: ignore[operator]


def _leave_out(text: Text, rule: str, site: str | None, why: str) -> None:
    entry = {"rule": rule} | ({"sites": [site]} if site else {}) | {"drop": True, "why": why}
    if text.has((KEY,)):
        text.append((KEY,), written(entry))
    else:
        text.insert((), KEY, f"{text.newline}  - {written(entry)}", ())


def _take_in(text: Text, change: Change, site: str | None) -> Problem | None:
    assert change.entry is not None
    rule = change.entry.rule
    mine = [n for n, e in _drops(text, rule) if site is None or _names(e, site)]
    if not mine:
        todo = "请在“方案条款”栏写上要求它的条款"
        return wrong(change.line, "asked", "没有停用过：是本次方案没有条款要求它", todo)
    if site is not None and any(not _entries(text)[n].get("sites") for n in mine):
        return wrong(
            change.line, "asked", "整条规则已停用，不能只列入一种单位", "请先在“项目”页改为“是”，再停用其他单位"
        )
    for number in reversed(mine):
        loc: Loc = (KEY, number)
        sites = _entries(text)[number].get("sites") or []
        if site is not None and len(sites) > 1:  # type: ignore[arg-type]
            text.remove((*loc, "sites", sites.index(site)))  # type: ignore[attr-defined]
        else:
            text.remove((KEY,) if len(_entries(text)) == 1 else loc)
    return None


def _names(entry: dict[str, object], site: str) -> bool:
    sites = entry.get("sites")
    return not sites or site in sites  # type: ignore[operator]
