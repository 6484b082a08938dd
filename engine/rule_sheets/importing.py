"""A workbook of rules taken in: read, compared, written in memory and checked; on the disk when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.model.rule_changes import RuleChange
from engine.problems import Mark, Problem, ProblemError, did_you_mean, errors, problem, sort
from engine.reading import read_bytes
from engine.rule_sheets.adding import Adder
from engine.rule_sheets.cases import follow_limits
from engine.rule_sheets.checking import check_changed
from engine.rule_sheets.citations import write_citations
from engine.rule_sheets.columns import CITATIONS, ITEMS, SHEETS
from engine.rule_sheets.comparing import Change, compare
from engine.rule_sheets.entries import campaign_path
from engine.rule_sheets.leaving_out import taken_in, write_left_out
from engine.rule_sheets.notes import notes_path, read_notes, with_notes
from engine.rule_sheets.plan_writing import write_campaign, write_clauses
from engine.rule_sheets.reading import read_rules
from engine.rule_sheets.stale_words import stale_words
from engine.rule_sheets.state import state_of
from engine.rule_sheets.writing import Done, Writer
from engine.source import decode
from engine.splicing import Text
from engine.writing import make_folder, write_atomically

_BOM = b"\xef\xbb\xbf"


@dataclass
class Import:
    """What a workbook would change: shown to people first, written when they say so."""

    campaign: str = ""
    notes: tuple[RuleChange, ...] = ()
    """One a change, in the order of the sheets."""
    cells: tuple[str, ...] = ()
    """Where each of the changes stands in the workbook."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What is to be written, by relative path; the notes are the first."""
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()


def read_import(place: Place, path: Path, campaign: str | None, by: str, at: str) -> Import:
    """Return what the workbook would change in the rules at the place, with all problems; nothing is written.

    campaign: needed only when the workbook has lost its own. by, at: who and when, for the change notes.
    """
    returned = read_rules(path)
    name = campaign or returned.campaign
    found = Import(campaign=name, problems=sort(returned.problems), remarks=tuple(returned.remarks))
    if not name and not returned.problems:
        found.problems = (
            problem("E910", Mark(str(path)), what="看不出是哪次行动的规则（“程序用”页不在了，可用 --campaign 写明）"),
        )
    if found.problems:
        return found
    library = load_library(place)
    wrong = errors(check_library(library))
    refused = _refused(library, name, returned.campaign, path)
    if wrong or refused is not None:
        found.problems = wrong or ((refused,) if refused else ())
        return found
    notes, problems = read_notes(place, name)
    if problems:
        found.problems = sort(problems)
        return found
    state = state_of(library, name)
    compared = compare(returned, state, notes, by)
    writer = Writer(state, lambda file: _opened(place, file), notes)
    writer.draft.problems += [*returned.cell_problems, *compared.problems]
    writer.cells(compared.changes)
    write_citations(writer, compared.changes)
    adder = Adder(writer)
    added = [adder.add(c) for c in compared.changes if c.line.sheet is ITEMS and c.entry is None]
    write_left_out(writer, campaign_path(name), compared.changes)
    added += write_campaign(writer, compared.changes)
    write_clauses(writer, compared.changes)
    found.remarks = (*found.remarks, *compared.remarks, *(remark for remark in added if remark))
    changed = {file: text for file, text in sorted(writer.draft.texts.items()) if text.text != _text(place, file)}
    problems = [*writer.draft.problems]
    after = library
    if not problems and changed:
        after, problems = check_changed(library, changed, writer.draft.done)
    if not errors(problems) and changed:
        out, remarks = taken_in(state, after, returned.lines, compared.changes)
        found.remarks += remarks
        if out:
            write_left_out(writer, campaign_path(name), out)
            compared.changes = sorted([*compared.changes, *out], key=_in_order)
            changed[campaign_path(name)] = writer.text(campaign_path(name))
            after, problems = check_changed(library, changed, writer.draft.done)
    found.problems = sort(problems)
    if errors(found.problems):
        return found
    found.remarks += (*stale_words(after, writer.draft.done), *follow_limits(writer, library, after))
    done = _ordered(writer.draft.done, compared.changes)
    found.notes = tuple(_note(d, returned.export or "0" * 12, by, at) for d in done)
    found.cells = tuple(d.change.line.mark(d.change.column).cell for d in done)
    if done:
        notes_file = _text(place, notes_path(name)) if place.file(notes_path(name)).exists() else ""
        fresh = _not_noted(found.notes, notes)
        found.files = {notes_path(name): with_notes(notes_file, name, fresh).encode()} if fresh else {}
        found.files |= {relative: _bytes(place, relative, text) for relative, text in changed.items()}
    return found


def _not_noted(wanted: Sequence[RuleChange], notes: Sequence[RuleChange]) -> list[RuleChange]:
    """Return the notes that are not yet the last of their cell: an import may have ended between notes and rules."""
    last = {(n.sheet, n.row, n.column): (n.old, n.new, n.by, n.export) for n in notes}
    return [n for n in wanted if last.get((n.sheet, n.row, n.column)) != (n.old, n.new, n.by, n.export)]


def write_import(place: Place, wanted: Import) -> list[Path]:
    """Write the files of an import into the layer, the change notes first. Raises ProblemError if there is no layer."""
    place.write_target("rules")
    targets = []
    for relative, content in wanted.files.items():
        target = place.write_target(relative)
        make_folder(target.parent)
        write_atomically(target, content)
        targets.append(target)
    return targets


def _refused(library: Library, name: str, written: str, path: Path) -> Problem | None:
    if name not in library.campaigns:
        known = "、".join(sorted(library.campaigns))
        return problem("E613", campaign=name, suggestion=did_you_mean(name, library.campaigns) + f"可用行动：{known}")
    if written and written != name:
        return problem("E910", Mark(str(path)), what=f"这是行动 {written} 的规则，不是 {name} 的")
    if library.campaigns[name].value.status == "released":
        return problem("E921", Mark(str(path)), campaign=name)
    return None


def _opened(place: Place, relative: str) -> Text:
    """Return the text of a file under the name that it will have in the layer, where citations may be unverified."""
    shown = str(place.write_target(relative)) if place.layer is not None else place.shown(relative)
    return Text(_text(place, relative), shown)


def _text(place: Place, relative: str) -> str:
    raw, problems = read_bytes(place.file(relative), place.shown(relative))
    text, more = decode(raw, place.shown(relative)) if not problems else ("", [])
    if problems or more:
        raise ProblemError([*problems, *more])
    return text


def _bytes(place: Place, relative: str, text: Text) -> bytes:
    raw, _ = read_bytes(place.file(relative), place.shown(relative))
    return (_BOM if raw.startswith(_BOM) else b"") + text.text.encode()


def _in_order(change: Change) -> tuple[int, int]:
    return SHEETS.index(change.line.sheet), change.line.number


def _ordered(done: Sequence[Done], changes: Sequence[Change]) -> list[Done]:
    """Return what was done in the order of the sheets; cases that follow a limit stand behind it."""
    order = {(c.line.sheet.key, c.line.number, c.column): n for n, c in enumerate(changes)}
    rows: dict[tuple[str, int], int] = {}
    for (sheet, number, _), n in order.items():
        rows[sheet, number] = max(n, rows.get((sheet, number), 0))

    def place(each: Done) -> int:
        line = each.change.line
        return order.get((line.sheet.key, line.number, each.change.column), rows.get((line.sheet.key, line.number), 0))

    return sorted(done, key=place)


def _note(done: Done, export: str, by: str, at: str) -> RuleChange:
    change = done.change
    entry = change.entry
    cells = entry.cells if entry is not None else change.line.cells
    named = cells.get("codes") or cells.get("code") or (entry.rule if entry is not None else "")
    item = (change.new.split(" ")[0] if entry is None else "") or named or "—"
    row = done.row or change.line.key or (change.new[:40] if entry is None else entry.rule)
    return RuleChange(
        sheet=change.line.sheet.key, row=row, column=change.column, item=item, what=change.title, old=change.old,
        new=change.new, reason=change.reason, by=by, at=at, export=export, kept=done.kept, before=done.before,
    )  # fmt: skip


def difference(wanted: Import) -> Iterator[str]:
    """Yield what an import changes in plain Chinese, a line a change, under the sheet that it stands on."""
    titles = {s.key: s.title for s in SHEETS}
    sheet = ""
    for note, cell in zip(wanted.notes, wanted.cells, strict=True):
        if note.sheet != sheet:
            sheet = note.sheet
            yield f"〔{titles[sheet]}〕"
        reason = f"　原因：{note.reason}" if note.reason else ""
        yield f"  {cell}　{note.item}　{_said(note)}{reason}"


def _said(note: RuleChange) -> str:
    old, new = (_short(text) for text in (note.old, note.new))
    if note.column == "added":
        return f"新增：{new}"
    if note.column == "drop":
        return "去掉这条依据" if note.sheet == CITATIONS.key else "去掉"
    if note.column == "asked":
        return "本次行动停用" if note.new.strip() == "否" else "重新列入本次行动"
    return f"{note.what}：{old} → {new}"


def _short(text: str) -> str:
    text = text.replace("\n", " / ") or "（空白）"
    return text if len(text) <= 80 else f"{text[:80]}…"
