"""Lines of evidence put into a record's file. Lines are added and nothing else: what people wrote stays as it is.

The file is not written anew from what was read, which would lose comments and the way things are laid out. The new
lines go into the text, and the text is read again: it must say what it said before, and the new evidence.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from pathlib import Path

from engine.inspections.evidence import examine
from engine.inspections.opening import MAX_SHEET_BYTES, read_record
from engine.model.record import Evidence, RecordFile
from engine.problems import Mark, Problem, ProblemError, problem
from engine.schema import validate
from engine.source import Document, dump, parse, read_text
from engine.writing import write_atomically

_KEY = ("evidence",)


def attach(path: Path, files: Sequence[Path], template: Evidence) -> tuple[tuple[Evidence, ...], list[Problem]]:
    """Add a line of evidence for each file to the record at path; return the lines, or none and everything wrong.

    The files lie in the record's folder and stay there. template says what they all are and prove; its number and file
    are given here: the numbers go on from the highest. Raises ProblemError if the record cannot be written.
    """
    document, record, problems = read_record(path)
    if document is None or record is None:
        return (), problems
    problems = _unknown_findings(record, template)
    added: list[Evidence] = []
    next_number = max((int(e.number) for e in record.evidence if e.number.isdecimal()), default=0) + 1
    for number, file in enumerate(files, next_number):
        line = template.model_copy(update={"number": str(number), "file": str(file), "sha256": ""})
        try:
            line = line.model_copy(update={"file": _name_in(path.parent, file, line)})
            line = line.model_copy(update={"sha256": examine(path.parent, line)[0]})
        except ProblemError as refused:
            problems += refused.problems
            continue
        same = [e for e in (*record.evidence, *added) if e.file == line.file or e.sha256 == line.sha256]
        problems += [problem("E737", number=e.number, file=line.file) for e in same[:1]]
        added.append(line)
    if problems:
        return (), problems
    text, problems = read_text(path, document.path, MAX_SHEET_BYTES)
    if not problems:
        text, problems = _with_lines(document, text, added)
    if problems:
        return (), problems
    mark = codecs.BOM_UTF8 if path.read_bytes()[:3] == codecs.BOM_UTF8 else b""
    write_atomically(path, mark + text.encode())
    return tuple(added), []


def _unknown_findings(record: RecordFile, template: Evidence) -> list[Problem]:
    known = [f.number for f in record.findings]
    allowed = "、".join(map(str, known)) or "（没有问题）"
    return [problem("E738", number=n, allowed=allowed) for n in template.findings if n not in known]


def _name_in(folder: Path, file: Path, line: Evidence) -> str:
    """Return the name of a file as the record says it. Raises ProblemError if it is not in the record's folder."""
    try:
        return (file.parent.resolve() / file.name).relative_to(folder.resolve()).as_posix()
    except (OSError, RuntimeError, ValueError) as error:
        reason = "不在记录所在的文件夹里"
        raise ProblemError([problem("E731", number=line.number, file=file, reason=reason)]) from error


def _with_lines(document: Document, text: str, added: Sequence[Evidence]) -> tuple[str, list[Problem]]:
    """Return the text of a record with the lines added, or why that cannot be done without touching the rest."""
    lines = [line.model_dump(mode="json") for line in added]
    longer = _inserted(document, text, lines)
    if len(longer.encode()) > MAX_SHEET_BYTES:
        return "", [_refused(document, "记录会超过上限")]
    changed, problems = parse(longer, document.path)
    assert isinstance(document.data, dict)
    expected = {**document.data, "evidence": [*document.data.get("evidence", ()), *lines]}
    if problems or changed is None or changed.data != expected:
        return "", [_refused(document, "看不出应写在哪里")]
    return longer, validate(changed, RecordFile)[1]


def _inserted(document: Document, text: str, added: list[dict[str, object]]) -> str:
    """Return the text with the list of evidence made longer, or as it is where its way of writing cannot be told."""
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = text.splitlines(keepends=True)
    if rows and not rows[-1].endswith(("\n", "\r")):
        rows[-1] += newline
    if not isinstance(document.data, dict) or "evidence" not in document.data:
        return "".join([*rows, f"evidence:{newline}", *_block(added, 0, newline)])
    key, value = document.mark(_KEY, key=True), document.mark(_KEY)
    at, start, end = value.line - 1, value.column - 1, value.column - 1 + value.length
    row = rows[at]
    if row[start] != "[":
        place = _end_of_list(rows, _next_key(document, key.line, len(rows)), start)
        return "".join([*rows[:place], *_block(added, start, newline), *rows[place:]])
    if value.length < 2:  # over several lines, comments may stand between the brackets
        return text
    if document.data["evidence"]:
        flow = "".join(f", {json.dumps(each, ensure_ascii=False)}" for each in added)
        rows[at] = row[: end - 1] + flow + row[end - 1 :]
        return "".join(rows)
    rows[at] = row[:start].rstrip() + row[end:]
    return "".join([*rows[: at + 1], *_block(added, key.column - 1, newline), *rows[at + 1 :]])


def _next_key(document: Document, line: int, last: int) -> int:
    """Return how many lines stand before the key that follows a line, all of them if none does."""
    assert isinstance(document.data, dict)
    starts = [document.mark((key,), key=True).line for key in document.data]
    return min((start - 1 for start in starts if start > line), default=last)


def _end_of_list(rows: list[str], end: int, indent: int) -> int:
    """Return before which line a list goes on: blank lines and comments behind it belong to what follows."""
    while end and (not rows[end - 1].strip() or _is_comment(rows[end - 1], indent)):
        end -= 1
    return end


def _is_comment(row: str, indent: int) -> bool:
    """Return whether a line is a comment, not one of a text that is written over several lines further in."""
    return row.lstrip().startswith("#") and len(row) - len(row.lstrip()) <= indent


def _block(added: list[dict[str, object]], indent: int, newline: str) -> list[str]:
    return [" " * indent + row + newline for row in dump(added).splitlines()]


def _refused(document: Document, reason: str) -> Problem:
    mark = document.mark(_KEY, key=True) if document.data else Mark(document.path)
    return problem("E739", mark, reason=reason)
