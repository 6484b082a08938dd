"""Evidence of an inspection in the workspace: photographs of its answers, files that its record names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.answering.photographs import gather
from engine.formats import read_attachments
from engine.inspections.evidence import EvidenceFiles, bad_name, examine, read_evidence
from engine.model.checklist import Checklist
from engine.model.record import Evidence, RecordFile
from engine.model.sheet import AnswerSheet
from engine.problems import Problem, ProblemError, problem
from engine.workspace.kept_files import content_of, keep, keep_file

MAX_KEPT_EVIDENCE = 1024**3
"""Bytes of one file: what is larger (a day of a body camera) fits on no memory stick; it is kept elsewhere."""


class Photographs(NamedTuple):
    """The photographs of a sheet as they were kept."""

    sheet: AnswerSheet
    """Names them as the record will."""
    kept: dict[str, str]
    """SHA-256 by the name in the sheet."""
    notices: tuple[str, ...]
    """In Chinese: those that are lost or were changed."""


def keep_photographs(
    files: Path, inspection: str, sheet: AnswerSheet, checklist: Checklist, source: Path
) -> Photographs:
    """Keep the photographs that came inside a sheet or lie beside it. Raises ProblemError if one cannot be written."""
    elsewhere = files / ".none" / f"{inspection}.yaml"  # nothing lies there, so that each is taken and none is left
    gathered = gather(sheet, checklist, source, dict(read_attachments(source)), elsewhere)
    told = gathered.sheet.provenance
    if told is None or not told.photos:
        return Photographs(gathered.sheet, {}, gathered.notices)
    kept: dict[str, str] = {}
    photos = []
    for photo, (path, content) in zip(told.photos, gathered.files, strict=True):
        digest = keep(files, content)
        name = f"{path.parent.name}/{path.name}"
        if kept.get(name, digest) != digest:  # of the same name in two folders
            name = f"{path.parent.name}/{digest[:16]}-{path.name}"
        kept[name] = digest
        photos.append(photo.model_copy(update={"file": name}))
    told = told.model_copy(update={"photos": tuple(photos)})
    return Photographs(gathered.sheet.model_copy(update={"provenance": told}), kept, gathered.notices)


def photographs_beside(files: Path, kept: Mapping[str, str], target: Path) -> list[tuple[Path, bytes]]:
    """Return the photographs to write beside a record, so that its evidence is found there. Raises ProblemError."""
    return [(target.parent / name, content_of(files, digest)) for name, digest in kept.items() if not bad_name(name)]


def keep_evidence_files(
    files: Path, folder: Path, record: RecordFile, before: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Keep the files that a record names as evidence; return SHA-256 by name, and in Chinese what is missing.

    folder: that of the record. before: what is kept already and need not lie there again. Raises ProblemError for a
    file that is another than the record says, or one that may not be followed.
    """
    kept: dict[str, str] = {}
    gaps, problems = [], list[Problem]()
    for line in record.evidence:
        if not line.file.strip():
            continue
        try:
            digest, _ = examine(folder, line)
        except ProblemError as refused:
            digest = before.get(line.file, "")
            if any(each.code != "E732" for each in refused.problems):
                problems += refused.problems
            elif digest and digest == line.sha256:
                kept[line.file] = digest
            else:
                gaps += [each.message for each in refused.problems]
            continue
        path = folder / line.file
        if path.stat().st_size > MAX_KEPT_EVIDENCE:
            gaps.append(f"证据 {line.number}：“{line.file}” 超过 1 GB，工作目录不存；请分段，或另行保存，file 空着")
            continue
        keep_file(files, path, digest)
        kept[line.file] = digest
    if problems:
        raise ProblemError(problems)
    return kept, gaps


def evidence_gaps(record: RecordFile, kept: Mapping[str, str]) -> list[str]:
    """Return in Chinese which evidence of a record is not kept."""
    return [
        f"证据 {line.number} 的文件 “{line.file}” 没有随记录交来"
        for line in record.evidence
        if line.file.strip() and line.file not in kept
    ]


def kept_evidence(files: Path, kept: Mapping[str, str], record: RecordFile) -> tuple[EvidenceFiles, list[Problem]]:
    """Return the kept files of a record's evidence as its photo pages need them, and what is wrong with them."""
    lines = {line.number: line for line in record.evidence}
    there = tuple(_as_kept(line, kept) for line in record.evidence)
    found, problems = read_evidence(files, record.model_copy(update={"evidence": there}))
    lost = [line for line in record.evidence if line.file.strip() and line.file not in kept]
    reason = "没有存入工作目录"
    problems += [problem("E732", number=line.number, file=line.file, reason=reason) for line in lost]
    photos = tuple(photo._replace(evidence=lines[photo.evidence.number]) for photo in found.photos)
    unrecorded = tuple(lines[line.number] for line in found.unrecorded)
    return EvidenceFiles(photos, found.hashes, unrecorded), problems


def _as_kept(line: Evidence, kept: Mapping[str, str]) -> Evidence:
    digest = kept.get(line.file, "")
    return line.model_copy(update={"file": f"{digest[:2]}/{digest}" if digest else ""})
