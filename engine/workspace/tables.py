"""The tables of a workspace: one for each kind of kept thing, and the audit trail.

A row holds the thing as JSON; the columns beside it are copies of fields that it is looked up by.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text

from engine.model.workspace import KINDS, Kept

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
)  # names of our own: a later migration can address them


def _table(kind: type[Kept]) -> Table:
    columns = (Column(field, Text, nullable=False, index=True) for field in kind.INDEXED)
    return Table(
        kind.KIND, metadata, Column("id", Text, primary_key=True), *columns, Column("data", Text, nullable=False),
        sqlite_strict=True,
    )  # fmt: skip


def indexed(thing: Kept) -> dict[str, str]:
    """Return the copies of a thing's fields that stand beside it; what is not known is the empty text."""
    return {name: str(getattr(thing, name) or "") for name in thing.INDEXED}


TABLES: dict[type[Kept], Table] = {kind: _table(kind) for kind in KINDS}

AUDIT = Table(
    "audit", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("at", "by", "action", "why", "changes", "previous", "hash")),
    sqlite_strict=True,
)  # fmt: skip
