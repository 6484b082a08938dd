"""A workbook of rules taken in: read, compared, written in memory and checked; on the disk when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import Library, Loaded, load_library
from engine.model.rule_changes import RuleChange
from engine.model.rules import CampaignFile, PriorityFile
from engine.problems import Mark, Problem, ProblemError, did_you_mean, errors, problem, sort
from engine.reading import read_bytes
from engine.rule_sheets.adding import Adder
from engine.rule_sheets.citations import write_citations
from engine.rule_sheets.columns import APPLICATIONS, CITATIONS, FURTHER, ITEMS, NEEDS_REASON, SheetKind
from engine.rule_sheets.comparing import Change, compare
from engine.rule_sheets.leaving_out import write_left_out
from engine.rule_sheets.notes import notes_path, read_notes, with_notes
from engine.rule_sheets.reading import read_rules
from engine.rule_sheets.splicing import Text
from engine.rule_sheets.stale_words import stale_words
from engine.rule_sheets.state import state_of
from engine.rule_sheets.writing import Done, Writer
from engine.schema import validate
from engine.source import Document, Loc, decode
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
    compared = compare(returned, state, notes)
    writer = Writer(state, lambda p: _opened(place, f"rules/priorities/{p}.yaml"), notes)
    writer.draft.problems += [*returned.cell_problems, *compared.problems]
    writer.cells(compared.changes)
    write_citations(writer, compared.changes)
    adder = Adder(writer)
    added = [adder.add(c) for c in compared.changes if c.line.sheet is ITEMS and c.entry is None]
    own = _opened(place, f"rules/campaigns/{name}.yaml")
    left_out, wrong_out = write_left_out(own, compared.changes)
    writer.draft.problems += wrong_out
    found.remarks = (*found.remarks, *compared.remarks, *(remark for remark in added if remark))
    changed = _changed(place, library, writer, own, name)
    problems = [*writer.draft.problems]
    after = library
    if not problems and changed:
        after, problems = _check(library, changed, writer.draft.done, left_out)
    found.problems = sort(problems)
    if errors(found.problems):
        return found
    found.remarks += (*stale_words(after, writer.draft.done), *_broken_cases(after, writer.draft.done))
    done = _ordered([*writer.draft.done, *(Done(c, (), "") for c in left_out)], compared.changes)
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


def _changed(place: Place, library: Library, writer: Writer, own: Text, name: str) -> dict[str, Text]:
    changed = {}
    for priority, text in sorted(writer.draft.texts.items()):
        relative = f"rules/priorities/{priority}.yaml"
        if any(d.priority == priority for d in writer.draft.done) and text.text != _text(place, relative):
            changed[relative] = text
    relative = f"rules/campaigns/{name}.yaml"
    if own.text != _text(place, relative):
        changed[relative] = own
    return changed


def _check(
    library: Library, changed: Mapping[str, Text], done: Sequence[Done], left_out: Sequence[Change]
) -> tuple[Library, list[Problem]]:
    """Return the changed rules, and what is wrong with them that was not before, at the cells that are to blame."""
    priorities, campaigns = dict(library.priorities), dict(library.campaigns)
    wrong: list[Problem] = []
    for relative, text in changed.items():
        folder, stem = relative.split("/")[1:]
        model: Any = PriorityFile if folder == "priorities" else CampaignFile
        value, problems = validate(text.document, model)
        wrong += [_at_cell(found, text.document, done, stem.removesuffix(".yaml")) for found in problems]
        if value is not None:
            (priorities if folder == "priorities" else campaigns)[stem.removesuffix(".yaml")] = Loaded(
                text.document, value
            )
    after = replace(library, priorities=priorities, campaigns=campaigns)
    if wrong:
        return after, wrong
    known = {(p.code, p.message) for p in check_library(library)}
    documents = {text.document.path: (text.document, relative.split("/")[2].removesuffix(".yaml"))
                 for relative, text in changed.items()}  # fmt: skip
    for found in check_library(after):
        unverified = found.code == "E503" and library.place.layer is None  # only looked at: the bureau's own may be
        if (found.code, found.message) not in known and not unverified:
            document, stem = documents.get(found.mark.path, (None, ""))
            if document is not None and stem in campaigns and stem not in priorities:
                found = _at_left_out(found, document, left_out)
            elif document is not None:
                found = _at_cell(found, document, done, stem)
            wrong.append(found)
    return after, wrong


def _broken_cases(after: Library, done: Sequence[Done]) -> Iterator[str]:
    """Yield for each rule whose limits were changed how many of its cases no longer hold."""
    rules = {d.change.entry.rule: d.change.entry.cells["codes"] for d in done
             if d.change.entry is not None and d.change.column in NEEDS_REASON}  # fmt: skip
    if not rules:
        return
    from engine.rulebook.cases import run_cases  # brings both inferences along

    for rule, codes in rules.items():
        broken = [p for p in run_cases(after, rule).problems if p.code == "E404"]
        if broken:
            yield (
                f"{codes} 改了限值，规则自带的用例有 {len(broken)} 个不再成立（{broken[0].message}），"
                "rules test 会列出，请让懂规则的人照新的限值改 cases"
            )


def _at_cell(found: Problem, document: Document, done: Sequence[Done], priority: str) -> Problem:
    """Return the problem at the cell whose change stands nearest before its place in the file."""
    place = (found.mark.line, found.mark.column)
    best: tuple[tuple[int, int], Done] | None = None
    rule = _rule_at(document, place)
    for each in done:
        if each.priority != priority or each.loc[:2] != rule:
            continue
        mark = document.mark(each.loc)
        first = (mark.line, mark.column)
        inside = first <= place
        if inside and (best is None or first >= best[0]):
            best = (first, each)
    if best is None:  # it stands at the rule as a whole: any change of it is to blame
        of_rule = next((d for d in done if d.priority == priority and d.loc[:2] == rule), None)
        return found if of_rule is None else replace(found, mark=of_rule.change.line.mark(of_rule.change.column))
    line = best[1].change.line
    column = _column(line.sheet, document, best[1], place) or best[1].change.column
    return replace(found, mark=line.mark(column))


def _at_left_out(found: Problem, document: Document, left_out: Sequence[Change]) -> Problem:
    """Return the problem at the cell that takes the rule out in whose line of the campaign's changes it stands."""
    data = document.data
    entries = data.get("changes") or [] if isinstance(data, dict) else []
    marks = [document.mark(("changes", number)) for number in range(len(entries))]
    number = sum((m.line, m.column) <= (found.mark.line, found.mark.column) for m in marks) - 1
    rule = entries[number]["rule"] if number >= 0 else ""
    change = next((c for c in left_out if c.entry is not None and c.entry.rule == rule), None)
    return found if change is None else replace(found, mark=change.line.mark("asked"))


def _rule_at(document: Document, place: tuple[int, int]) -> Loc:
    """Return the rule in which a place of a priority stands."""
    data = document.data
    rules = data.get("rules") if isinstance(data, dict) else None
    marks = [document.mark(("rules", n)) for n in range(len(rules))] if isinstance(rules, list) else []
    return ("rules", sum((m.line, m.column) <= place for m in marks) - 1)


_NEW: dict[str, str] = {
    "applies_to": "sites", "answer": "answer", "finding_if": "op", "basis": "law", "only_if": "scope", "id": "key",
    "cases": "op", "clauses": "clauses", "check": "check", "finding": "finding", "grade": "grade",
    "method": "method", "evidence": "evidence", "dispositions": "dispositions", "red_line": "red_line",
}  # fmt: skip


def _column(sheet: SheetKind, document: Document, done: Done, place: tuple[int, int]) -> str | None:
    """Return for a new item the column of the key in which a problem stands."""
    if done.change.column != "added" or sheet is not ITEMS:
        return "law" if sheet is CITATIONS else None
    best = None
    rule = document.at(done.loc)
    for key in rule if isinstance(rule, dict) else ():
        mark = document.mark((*done.loc, key), key=True)
        if (mark.line, mark.column) <= place:
            best = _NEW.get(key)
    return best


def _ordered(done: Sequence[Done], changes: Sequence[Change]) -> list[Done]:
    order = {(c.line.sheet.key, c.line.number, c.column): n for n, c in enumerate(changes)}
    return sorted(done, key=lambda d: order.get((d.change.line.sheet.key, d.change.line.number, d.change.column), 0))


def _note(done: Done, export: str, by: str, at: str) -> RuleChange:
    change = done.change
    entry = change.entry
    cells = entry.cells if entry is not None else change.line.cells
    item = (change.new.split(" ")[0] if entry is None else "") or cells.get("codes") or cells.get("code") or "—"
    row = change.line.key or (change.new[:40] if entry is None else entry.rule)
    return RuleChange(
        sheet=change.line.sheet.key, row=row, column=change.column, item=item, what=change.title, old=change.old,
        new=change.new, reason=change.reason, by=by, at=at, export=export, kept=done.kept, before=done.before,
    )  # fmt: skip


def difference(wanted: Import) -> Iterator[str]:
    """Yield what an import changes in plain Chinese, a line a change, under the sheet that it stands on."""
    titles = {s.key: s.title for s in (ITEMS, APPLICATIONS, FURTHER, CITATIONS)}
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
        return "去掉这条依据"
    if note.column == "asked":
        return "本次行动停用" if note.new.strip() == "否" else "重新列入本次行动"
    return f"{note.what}：{old} → {new}"


def _short(text: str) -> str:
    text = text.replace("\n", " / ") or "（空白）"
    return text if len(text) <= 80 else f"{text[:80]}…"
