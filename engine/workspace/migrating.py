"""The shape of the tables: made for a new workspace, brought forward for an old one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_SCRIPTS = Path(__file__).parent / "migrations"


def shape_of(connection: Connection) -> str | None:
    """Return the step that the tables of a database have reached, None if it has none of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_shape() -> str | None:
    """Return the last step that this version of the program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known_shapes() -> set[str]:
    """Return every step that this version of the program knows."""
    return {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def bring_forward(connection: Connection) -> None:
    """Take every step that is missing, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
