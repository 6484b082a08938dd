"""Photographs that came with answers: they lie in a folder beside the sheet and become evidence of its record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.inspections.evidence import examine
from engine.model.checklist import Checklist
from engine.model.findings import Evaluation
from engine.model.questions import Photo
from engine.model.record import Evidence
from engine.model.sheet import MAX_SHORT, AnswerSheet, Provenance, SheetPhoto
from engine.problems import ProblemError


class Gathered(NamedTuple):
    """A sheet whose photographs are named as they lie beside the file to be written, and what has to be done for it."""

    sheet: AnswerSheet
    files: tuple[tuple[Path, bytes], ...]
    """Photographs to write first."""
    notices: tuple[str, ...]
    """In Chinese: those that are lost or were changed. The sheet does not name them any more."""


def photo_folder(written: Path) -> Path:
    """Return the folder for the photographs of a file: 答卷.photos beside 答卷.yaml."""
    return written.with_name(f"{written.stem}.photos")


def gather(
    sheet: AnswerSheet, checklist: Checklist, source: Path, inside: Mapping[str, bytes], target: Path
) -> Gathered:
    """Return the sheet that was read from source as it is to be written to target.

    inside: the files that source itself holds, by name. A photograph that lies in the folder of target or below stays
    where it is; any other is to be written into photo_folder(target). Each is held against its SHA-256. A file beside
    source that the answer to a photograph question names is one of them, as ODK Collect leaves them.
    """
    told = sheet.provenance or Provenance()
    kept: list[SheetPhoto] = []
    files: list[tuple[Path, bytes]] = []
    beside, notices = _named_files(sheet, checklist, source.parent, {photo.file for photo in told.photos})
    if not told.photos and not beside:
        return Gathered(sheet, (), tuple(notices))
    for photo in (*told.photos, *beside):
        content = inside.get(photo.file)
        try:
            near = None if content is not None else _near(source.parent, photo, target.parent)
            if content is None and near is None:
                content = (source.parent / photo.file).read_bytes()
        except ProblemError as refused:
            notices += [f"{found.message}，没有列入" for found in refused.problems]
            continue
        if content is not None:
            path = photo_folder(target) / Path(photo.file).name
            files.append((path, content))
            near = f"{path.parent.name}/{path.name}"
        kept.append(photo.model_copy(update={"file": near}))
    told = told.model_copy(update={"photos": tuple(kept)})
    return Gathered(sheet.model_copy(update={"provenance": told}), tuple(files), tuple(notices))


def _named_files(
    sheet: AnswerSheet, checklist: Checklist, folder: Path, known: Collection[str]
) -> tuple[list[SheetPhoto], list[str]]:
    """Return the photographs in the folder that answers name, and in Chinese those that are named but not there."""
    found: list[SheetPhoto] = []
    notices: list[str] = []
    for code, name in _names_of_files(sheet, checklist):
        if name in known or name in {photo.file for photo in found}:
            continue
        try:
            digest, _ = examine(folder, Evidence(number=f"（{code} 的照片）", what="照片", file=name))
        except ProblemError as refused:
            notices += [f"{each.message}，没有列入" for each in refused.problems]
            continue
        found.append(SheetPhoto(file=name, item=code, sha256=digest))
    return found, notices


def _names_of_files(sheet: AnswerSheet, checklist: Checklist) -> Iterator[tuple[str, str]]:
    """Yield the item and the file that each answer to a photograph question names; other words are no file."""
    for item in (entry.item for entry in checklist.items()):
        answer = sheet.answers.get(item.code)
        if answer is None:
            continue
        told = [(item.answer, answer.value), *((item.details[name], answer.details[name]) for name in answer.details)]
        for spec, value in told:
            if isinstance(spec, Photo) and isinstance(value, str) and Path(value).suffix.lower() in _PICTURES:
                yield item.code, value


_PICTURES = (".jpg", ".jpeg", ".png", ".heic")


def _near(folder: Path, photo: SheetPhoto, target: Path) -> str | None:
    """Return the name of a photograph as seen from the folder of target, None if it lies elsewhere.

    Raises ProblemError if it is not where the sheet says, leads out of the sheet's folder or is another file by now.
    """
    line = Evidence(number=f"（{photo.item} 的照片）", what="照片", file=photo.file, sha256=photo.sha256)
    examine(folder, line)
    path = (folder / photo.file).resolve()
    return path.relative_to(target.resolve()).as_posix() if path.is_relative_to(target.resolve()) else None


def evidence_of(sheet: AnswerSheet, checklist: Checklist, evaluation: Evaluation) -> tuple[Evidence, ...]:
    """Return a line of evidence for each photograph of a sheet: what it shows, and the finding of its item.

    Which of several findings it proves, who took it, when and where is left to people: the form does not ask.
    """
    told = sheet.provenance
    items = {entry.item.code: entry.item for entry in checklist.items()}
    lines: list[Evidence] = []
    for number, photo in enumerate(told.photos if told is not None else (), 1):
        found = tuple(finding.number for finding in evaluation.findings if finding.code == photo.item)
        shown = f"{photo.item} {items[photo.item].check}" if photo.item in items else ""
        grid = checklist.grids.get(photo.item)
        lines.append(
            Evidence(
                number=str(number), what="照片", proves=(shown or (grid.title if grid else "检查现场"))[:MAX_SHORT],
                findings=found if len(found) == 1 else (),
                file=photo.file, sha256=photo.sha256,
            )
        )  # fmt: skip
    return tuple(lines)
