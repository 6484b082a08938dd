"""Photographs that came with answers: they lie in a folder beside the sheet and become evidence of its record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.inspections.evidence import examine
from engine.model.checklist import Checklist
from engine.model.findings import Evaluation
from engine.model.record import Evidence
from engine.model.sheet import MAX_SHORT, AnswerSheet, SheetPhoto
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


def gather(sheet: AnswerSheet, source: Path, inside: Mapping[str, bytes], target: Path) -> Gathered:
    """Return the sheet that was read from source as it is to be written to target.

    inside: the files that source itself holds, by name. A photograph that lies in the folder of target or below stays
    where it is; any other is to be written into photo_folder(target). Each is held against its SHA-256.
    """
    told = sheet.provenance
    if told is None or not told.photos:
        return Gathered(sheet, (), ())
    kept: list[SheetPhoto] = []
    files: list[tuple[Path, bytes]] = []
    notices: list[str] = []
    for photo in told.photos:
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
