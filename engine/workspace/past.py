"""Past inspections to judge again: the sealed records of a workspace, records and answer sheets in files and folders.

Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from engine.answering.replaying import Past
from engine.formats import open_file
from engine.inspections.opening import MAX_SHEET_BYTES, answers_of
from engine.inspections.previous import MAX_FILES, SUFFIXES
from engine.library.files import Place
from engine.model.difference import LeftOut
from engine.model.workspace import Inspection, RegisteredSite
from engine.problems import Mark, Problem, ProblemError, problem
from engine.register.life import is_counted
from engine.source import load
from engine.workspace.folder import DATABASE, open_workspace
from engine.workspace.kept_files import path_of

FORMATS = (*SUFFIXES, ".xlsx", ".csv", ".json", ".pdf", ".html", ".xml")
"""Endings of files that a folder is searched for; a file that is named may have any."""


def pasts_in(place: Place, paths: Sequence[Path]) -> Iterator[Past | LeftOut]:
    """Yield the inspections of workspaces, folders and files, in the order given and by name in a folder.

    What cannot be opened is yielded with the reason. Raises ProblemError for a path that is not there or not readable,
    and if there is nothing to judge at all.
    """
    missing = [problem("E101", Mark(str(path)), reason="没有这个文件或目录") for path in paths if not path.exists()]
    if missing:
        raise ProblemError(missing)
    count = 0
    for path in paths:
        for past in _in(place, path):
            count += 1
            yield past
    if not count:
        raise ProblemError([problem("E951", where="、".join(map(str, paths)))])


def _in(place: Place, path: Path) -> Iterator[Past | LeftOut]:
    if (path / DATABASE).is_file():
        yield from _sealed(place, path)
    elif path.is_dir():
        for each in _files(path):
            yield _file(place, each, each.relative_to(path).as_posix())
    else:
        yield _file(place, path, path.name)


def _sealed(place: Place, folder: Path) -> Iterator[Past | LeftOut]:
    with open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            sealed = sorted((i for i in reader.all(Inspection) if is_counted(i)), key=lambda i: i.id)
            names = {site.id: site.name for site in reader.all(RegisteredSite)}
        for inspection in sealed:
            path = path_of(workspace.files, inspection.files["record"])
            yield _record(place, path, inspection.id, names.get(inspection.site, ""))


def _files(folder: Path) -> list[Path]:
    found = list(islice((p for p in folder.rglob("*") if p.suffix.lower() in FORMATS and p.is_file()), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        raise ProblemError(
            [problem("E120", Mark(str(folder)), what="文件数", size=f"超过 {MAX_FILES}", limit=MAX_FILES)]
        )
    return sorted(found)


def _file(place: Place, path: Path, name: str) -> Past | LeftOut:
    if path.suffix.lower() in SUFFIXES:
        document, _ = load(path, limit=MAX_SHEET_BYTES)
        if document is not None and isinstance(document.data, dict) and document.data.get("kind") == "record":
            return _record(place, path, name)
    inspection, problems = open_file(place, path, as_made=True, waiting=True)
    if inspection is None:
        return _left_out(name, "", problems)
    return Past(name, inspection)


def _record(place: Place, path: Path, name: str, site: str = "") -> Past | LeftOut:
    document, problems = load(path, limit=MAX_SHEET_BYTES)
    read, found = answers_of(place, document) if document is not None else (None, problems)
    if read is None:
        return _left_out(name, site, found)
    record, inspection = read
    return Past(name, inspection, record)


def _left_out(name: str, site: str, problems: Sequence[Problem]) -> LeftOut:
    return LeftOut(name=name, site=site, reason="；".join(f"{p.code} {p.message}" for p in problems)[:2000])
