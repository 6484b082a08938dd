"""The papers of sealed inspections, printed into an archive from their records: a record alone opens in no office."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from engine.documents.case_view import TITLES
from engine.documents.fonts import font_folder
from engine.documents.printing import PaperTask, print_paper
from engine.documents.workers import Workers
from engine.inspections.opening import read_record
from engine.model.bureau import PaperName
from engine.model.workspace import Inspection
from engine.problems import Problem
from engine.source import dump
from engine.workspace.archive_names import Named

_SEALED = ("final", "closed")
_ALWAYS: tuple[PaperName, ...] = ("inspection-record", "checklist")


class Printed(NamedTuple):
    """Papers that were printed, with their places, and what kept others from it."""

    papers: tuple[Named, ...]
    problems: tuple[Problem, ...]


def print_papers(
    archive: Path, visits: Iterable[Inspection], files: Iterable[Named], bureau: object, rules: Path | None, jobs: int
) -> Printed:
    """Print the papers of every sealed inspection beside its record: the record, the checklist, those with a number.

    archive: the folder, the kept files already in it; bureau: the profile as in its setting. One that cannot be printed
    is told and the others go on.
    """
    sealed = {visit.id: visit.files["record"] for visit in visits if visit.state in _SEALED and "record" in visit.files}
    records = [each for each in files if sealed.get(each.owner) == each.digest]
    with tempfile.TemporaryDirectory() as spare:
        profile = Path(spare) / "bureau.yaml"
        profile.write_text(dump(bureau), encoding="utf-8")
        tasks = {task: named for record in records for task, named in _tasks(archive, record, profile, rules)}
        if not tasks:
            return Printed((), ())
        font_folder()  # built once, and not by each worker
        printed, problems = [], list[Problem]()
        with Workers(jobs) as workers:
            for task, made, wrong in workers.each(print_paper, tasks):
                problems += wrong
                if made is not None:
                    printed.append(tasks[task])
    return Printed(tuple(printed), tuple(problems))


def _tasks(archive: Path, record: Named, profile: Path, rules: Path | None) -> Iterator[tuple[PaperTask, Named]]:
    _, kept, _ = read_record(archive / record.path)
    listed: tuple[PaperName, ...] = ("evidence-list",) if kept is not None and kept.evidence else ()
    for paper in dict.fromkeys((*_ALWAYS, *(kept.papers if kept else ()), *listed)):
        place = str(Path(record.path).with_name(f"{TITLES[paper]}.pdf").as_posix())
        if not (archive / place).exists():
            task = PaperTask(archive / record.path, archive / place, paper, profile, rules=rules)
            yield task, Named("", place, record.owner, TITLES[paper])
