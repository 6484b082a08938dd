"""The shape of the tables: made for a new workspace, brought forward for an old one."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, Engine

from engine.workspace.store import copy_database, shape_of
from engine.writing import keep_name

_SCRIPTS = Path(__file__).parent / "migrations"


def newest_shape() -> str:
    """Return the last step that this version of the program knows."""
    return max(known_shapes())


def known_shapes() -> set[str]:
    """Return every step that this version of the program knows: the names of the files say them.

    Alembic is loaded only where there is a step to take: it takes as long as the rest of a command.
    """
    return {path.stem.removeprefix("step_") for path in (_SCRIPTS / "versions").glob("step_*.py")}


def make_tables(engine: Engine) -> None:
    """Take every step in a new database."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _upgrade(connection)


def bring_forward(engine: Engine, database: Path) -> None:
    """Take every step that is missing, all or none; the database as it was is kept beside it first.

    The copy is made while nobody else can write, so it is what the steps begin with. Raises OSError.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        shape = shape_of(connection)
        if shape == newest_shape():
            return  # another process was quicker
        kept = database.with_name(f"{database.stem}-{shape}-{newest_shape()}{database.suffix}")
        new = kept.with_name(f".{kept.name}.tmp")
        new.unlink(missing_ok=True)
        copy_database(engine, new)
        os.replace(new, kept)
        keep_name(kept.parent)
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
