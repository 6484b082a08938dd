"""A workspace folder: begun, opened."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from engine.model.bureau import BureauFile
from engine.model.workspace import Setting, Unit
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.workspace.migrating import bring_forward, known_shapes, make_tables, newest_shape
from engine.workspace.store import Store, open_database, shape_of
from engine.workspace.trouble import cannot_be_written, told
from engine.writing import keep_name, make_folder

DATABASE = "chunfeng.db"
FILES = "files"


class Workspace(NamedTuple):
    """An open workspace: its folder and what is kept in it."""

    folder: Path
    store: Store

    @property
    def files(self) -> Path:
        """Return the folder of files by their SHA-256."""
        return self.folder / FILES


def begin_workspace(folder: Path, bureau: BureauFile, campaign: str, *, by: str, at: str) -> None:
    """Make a workspace with the bureau's profile, its units and the campaign; whole or not at all.

    The folder must be empty or missing. Raises ProblemError.
    """
    with new_folder(folder) as new, empty_store(new) as store, \
            store.writing(by=by, at=at, action="建立工作目录") as writer:  # fmt: skip
        writer.put(Setting(id="bureau", value=bureau.model_dump(mode="json", exclude_defaults=True)))
        writer.put(Setting(id="campaign", value=campaign))
        for station in bureau.stations:
            writer.put(Unit(id=station.name, block=station.block))


@contextmanager
def empty_store(folder: Path) -> Iterator[Store]:
    """Yield the store of a folder that has nothing yet: its tables are made."""
    (folder / FILES).mkdir()
    engine = open_database(folder / DATABASE)
    try:
        make_tables(engine)
        yield Store(engine)
    finally:
        engine.dispose()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill; it takes its name when that is done, whole or not at all.

    The folder must be empty or missing. Raises ProblemError.
    """
    with told(folder):
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise ProblemError([problem("E810", Mark(str(folder)), folder=folder)])
    target = folder.absolute()
    make_folder(target.parent)
    try:
        new = Path(tempfile.mkdtemp(prefix=".chunfeng-", dir=target.parent))
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(folder)), path=folder, reason=system_reason(error))]) from error
    try:
        with told(folder):
            yield new
            os.chmod(new, 0o755)  # noqa: S103 - as any folder that people make
            for path in (new, *sorted(path for path in new.rglob("*") if path.is_dir())):
                keep_name(path)
            if os.name == "nt" and target.exists():
                target.rmdir()  # the empty one; there nothing takes the name of a folder that is there
            os.replace(new, target)
            keep_name(target.parent)
    except ProblemError as error:
        raise ProblemError(as_named(error.problems, new, folder)) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def as_named(problems: Iterable[Problem], new: Path, folder: Path) -> list[Problem]:
    """Return the problems of a folder that is still being filled as people know it: by the name that it will have."""
    return [
        replace(
            each,
            mark=each.mark._replace(path=each.mark.path.replace(str(new), str(folder))),
            message=each.message.replace(str(new), str(folder)),
        )
        for each in problems
    ]


@contextmanager
def open_workspace(folder: Path) -> Iterator[Workspace]:
    """Yield the workspace of a folder, its tables brought forward.

    Where nothing can be written it can still be read. Raises ProblemError if it is none, a newer one, damaged, or if
    what is done with it meets a full disk or the like: then what was kept before is as it was.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise ProblemError([problem("E811", Mark(str(folder)), folder=folder)])
    with told(folder, files=False), _opened(folder, database) as engine:
        yield Workspace(folder, Store(engine))


@contextmanager
def _opened(folder: Path, database: Path) -> Iterator[Engine]:
    engine = open_database(database)
    try:
        try:
            _in_shape(engine, folder)
        except DBAPIError as error:
            engine.dispose()
            if not cannot_be_written(error) or _unsaved(database):
                raise
            engine = open_database(database, frozen=True)
            _in_shape(engine, folder)
        yield engine
    finally:
        engine.dispose()


def _unsaved(database: Path) -> bool:
    """Return whether a part of the database still lies in its log beside it: without the log it would be an old one."""
    log = database.with_name(database.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _in_shape(engine: Engine, folder: Path) -> None:
    with engine.connect() as connection:
        shape = shape_of(connection)
    if shape is None or shape not in known_shapes():
        raise ProblemError([problem("E812", Mark(str(folder)), folder=folder)])
    if shape != newest_shape():
        with told(folder):
            bring_forward(engine, folder / DATABASE)
