"""A workspace folder: begun, opened."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from engine.model.bureau import BureauFile
from engine.model.workspace import Setting, Unit
from engine.problems import Mark, ProblemError, problem, system_reason
from engine.workspace.migrating import bring_forward, known_shapes, newest_shape, shape_of
from engine.workspace.store import Store, open_database
from engine.writing import make_folder

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
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProblemError([problem("E810", Mark(str(folder)), folder=folder)])
    make_folder(folder.resolve().parent)
    try:
        new = Path(tempfile.mkdtemp(prefix=".chunfeng-", dir=folder.resolve().parent))
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(folder)), path=folder, reason=system_reason(error))]) from error
    try:
        (new / FILES).mkdir()
        engine = open_database(new / DATABASE)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            bring_forward(connection)
        store = Store(engine)
        with store.writing(by=by, at=at, action="建立工作目录") as writer:
            writer.put(Setting(id="bureau", value=bureau.model_dump(mode="json", exclude_defaults=True)))
            writer.put(Setting(id="campaign", value=campaign))
            for station in bureau.stations:
                writer.put(Unit(id=station.name, block=station.block))
        store.close()
        new.chmod(0o755)
        os.replace(new, folder.resolve())
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(folder)), path=folder, reason=system_reason(error))]) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def open_workspace(folder: Path) -> Iterator[Workspace]:
    """Yield the workspace of a folder, its tables brought forward. Raises ProblemError if it is none or a newer one."""
    if not (folder / DATABASE).is_file():
        raise ProblemError([problem("E811", Mark(str(folder)), folder=folder)])
    engine = open_database(folder / DATABASE)
    try:
        _in_shape(engine, folder)
        yield Workspace(folder, Store(engine))
    finally:
        engine.dispose()


def _in_shape(engine: Engine, folder: Path) -> None:
    try:
        with engine.connect() as connection:
            shape = shape_of(connection)
        if shape is None or shape not in known_shapes():
            raise ProblemError([problem("E812", Mark(str(folder)), folder=folder)])
        if shape != newest_shape():
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                bring_forward(connection)
    except DatabaseError as error:
        raise ProblemError([problem("E813", Mark(str(folder)), folder=folder, reason=str(error.orig))]) from error
