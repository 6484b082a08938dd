"""A record in a file to one of its papers in another, alone or many in worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from engine.documents.attachments import SHORT, attach
from engine.documents.case_view import TITLES, papers_due
from engine.documents.evidence_view import PHOTOS_PER_PAGE
from engine.documents.gaps import gaps_of
from engine.documents.own_fonts import read_profile
from engine.documents.papers import record_pdf
from engine.inspections.drawn import LABEL, read_drawn
from engine.inspections.elements import worth_a_look
from engine.inspections.evidence import EvidenceFiles, read_evidence
from engine.inspections.opening import open_record
from engine.library.files import place
from engine.problems import ProblemError
from engine.writing import write_atomically


class PaperTask(NamedTuple):
    """A paper to print: of which record, where to, and with what."""

    record: Path
    target: Path
    document: str = "inspection-record"
    bureau: Path | None = None
    photos_per_page: int = PHOTOS_PER_PAGE
    drawn: tuple[tuple[str, Path], ...] = ()
    rules: Path | None = None


class PaperPrinted(NamedTuple):
    """What was printed: whether 草稿 stands on it, and in Chinese what people must know about it."""

    draft: bool
    notes: tuple[str, ...]


def print_paper(task: PaperTask) -> PaperPrinted:
    """Write the PDF of a paper and return what is to be known about it.

    Raises ProblemError with everything that is wrong with the files of the task, and
    for what record_pdf refuses; then nothing is written.
    """
    recorded, problems = open_record(place(task.rules), task.record)
    if recorded is None:
        raise ProblemError(problems)
    (bureau, own), problems = read_profile(task.bureau)
    files: EvidenceFiles | None = None
    if task.document == "evidence-list":
        files, wrong = read_evidence(task.record.parent, recorded.record)
        problems += wrong
    drawn, wrong = read_drawn(recorded.record, task.drawn)
    if problems or wrong:
        raise ProblemError([*problems, *wrong])
    attached = attach(recorded, task.document, bureau, own, drawn)
    content = record_pdf(
        recorded, task.document, bureau, attached, files, task.photos_per_page, own=own, drawn=drawn
    )  # fmt: skip
    write_atomically(task.target, content)
    gaps = gaps_of(recorded, task.document, bureau)
    notes = [f"定稿前须补正：{gap}" for gap in gaps]
    notes += [f"请核对：{each}" for each in worth_a_look(recorded.record)]
    for line in files.unrecorded if files else ():
        digest = files.hashes[line.number] if files else ""
        notes.append(f"证据 {line.number}（{line.file}）没有记下 SHA-256，现算得 {digest}，请写入记录的 sha256")
    notes += [f"{each.name}：印有{LABEL}，图像文件 SHA-256 {each.sha256}" for each in drawn]
    sha256 = attached.hashes.sha256
    notes.append(f"内容校验 {sha256[:SHORT]}（SHA-256 {sha256}；记入台账，日后用 verify --expect 核对）")
    due = [f"{paper} {TITLES[paper]}" for paper in papers_due(recorded) if paper != task.document]
    if due and task.document == "inspection-record":
        notes.append(f"按发现的问题还可制作：{'、'.join(due)}")
    return PaperPrinted(bool(gaps), tuple(notes))
