"""What people decided about the findings of a record, put into its file. The rest of the file stays as it is.

As with lines of evidence (engine.inspections.attaching), the file is not written anew from what was read: each value is
put in the place of the old one, and the text is read again: it must say what it said before, and the decisions.
"""

from __future__ import annotations

import codecs
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engine.inspections.opening import MAX_SHEET_BYTES, read_record
from engine.model.record import RecordFile
from engine.problems import Mark, Problem, problem
from engine.schema import validate
from engine.source import Document, parse, read_text
from engine.writing import write_atomically

Decision: TypeAlias = Literal["confirmed", "rejected"]
_Loc: TypeAlias = tuple[str | int, ...]


def decide(
    path: Path, decisions: Mapping[int, Decision], *, by: tuple[str, ...], why: str, day: str,
    due: str | None = None, sentences: Mapping[int, str] | None = None, authority: str = "", number: str = "",
) -> tuple[RecordFile | None, list[Problem]]:  # fmt: skip
    """Write into the record at path what was decided about findings by their numbers; return it, or everything wrong.

    by: who decided; why: the reason, needed for what is rejected; day, due: 2024-01-31, when it was decided and until
    when what is confirmed is to be corrected; sentences: descriptions to print instead of those that are there, by the
    numbers of the findings; authority, number: of the record itself, where given.
    Raises ProblemError if the record cannot be written.
    """
    document, record, problems = read_record(path)
    if document is None or record is None:
        return None, problems
    places = {finding.number: index for index, finding in enumerate(record.findings)}
    allowed = "、".join(map(str, places)) or "（没有问题）"
    problems = [
        problem("E738", Mark(str(path)), number=n, allowed=allowed)
        for n in {**decisions, **(sentences or {})}
        if n not in places
    ]
    if "rejected" in decisions.values() and not why:
        rejected = "、".join(str(n) for n, decision in decisions.items() if decision == "rejected")
        problems.append(problem("E701", Mark(str(path)), number=rejected, status="不认定", what="理由"))
    text, unread = read_text(path, document.path, MAX_SHEET_BYTES)
    if problems or unread:
        return None, [*problems, *unread]
    changes: dict[_Loc, Any] = {}
    for finding, decision in decisions.items():
        values = {"status": decision, "by": list(by), "date": day}
        values |= {"why": why} if decision == "rejected" else {}
        values |= {"due": due} if due is not None and decision == "confirmed" else {}
        changes |= {("findings", places[finding], key): value for key, value in values.items()}
    changes |= {("findings", places[n], "sentence"): sentence for n, sentence in (sentences or {}).items()}
    changes |= {(key,): value for key, value in (("authority", authority), ("number", number)) if value}
    text, problems = _with_values(document, text, changes)
    if problems:
        return None, problems
    mark = codecs.BOM_UTF8 if path.read_bytes()[:3] == codecs.BOM_UTF8 else b""
    write_atomically(path, mark + text.encode())
    return read_record(path)[1:]


def _with_values(document: Document, text: str, changes: Mapping[_Loc, Any]) -> tuple[str, list[Problem]]:
    """Return the text with the values changed, or why that cannot be done without touching the rest."""
    rows = text.splitlines(keepends=True)
    newline = "\r\n" if "\r\n" in text else "\n"
    expected = copy.deepcopy(document.data)
    edits: list[tuple[int, int, int, str]] = []
    for loc, value in changes.items():
        holder: Any = expected
        for step in loc[:-1]:
            holder = holder[step]
        written = "null" if value is None else json.dumps(value, ensure_ascii=False)
        if loc[-1] in holder:
            mark = document.mark(loc)
            edits.append((mark.line - 1, mark.column - 1, mark.length, written))
        else:  # behind a key that is always there
            beside = document.mark((*loc[:-1], "number" if len(loc) > 1 else "kind"), key=True)
            indent = " " * (beside.column - 1)
            edits.append((beside.line, 0, 0, f"{indent}{loc[-1]}: {written}{newline}"))
        holder[loc[-1]] = value
    for line, column, length, written in sorted(edits, reverse=True):
        if line == len(rows):
            rows.append(written)
        else:
            rows[line] = rows[line][:column] + written + rows[line][column + length :]
    changed, problems = parse("".join(rows), document.path)
    if problems or changed is None or changed.data != expected:
        return "", [problem("E960", Mark(document.path))]
    problems = validate(changed, RecordFile)[1]
    return ("", problems) if problems else ("".join(rows), [])
