"""All SQL there is: kept things are read and put, and every put is written into the audit trail with it.

A transaction that writes has the database for itself from its first statement, so what it reads is still true when it
is committed. What commit() returned from is on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from engine.model.workspace import BY_NAME, Kept
from engine.problems import Mark, Problem, ProblemError, problem
from engine.workspace.chain import NOTHING_YET, Change, Entry, Head, canonical, linked
from engine.workspace.tables import AUDIT, TABLES, indexed

K = TypeVar("K", bound=Kept)
BUSY_SECONDS = 30
"""How long a writer waits for another."""
_STEPS = Table("alembic_version", MetaData(), Column("version_num", Text))
"""Where Alembic notes the step that was taken; a table of its own."""


def open_database(path: Path, *, frozen: bool = False) -> Engine:
    """Return the database of a file: WAL, FULL, and writers that begin IMMEDIATE.

    frozen: nobody writes it and nothing can be written beside it; then it can only be read.
    """
    url = URL.create("sqlite", database=str(path))
    if frozen:
        url = URL.create("sqlite", database=path.absolute().as_uri(), query={"immutable": "1", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def shape_of(connection: Connection) -> str | None:
    """Return the step of Alembic that the tables of a database have reached, None if it has none of ours."""
    if not inspect(connection).has_table(_STEPS.name):
        return None
    reached = connection.execute(select(_STEPS.c.version_num)).scalars().all()
    return str(reached[0]) if len(reached) == 1 else None


def copy_database(engine: Engine, target: Path) -> None:
    """Write a copy of the database as it is at one moment, whoever writes meanwhile: the same state, the same bytes."""
    with engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source: Any = connection.connection.driver_connection
        source.backup(copy)


def _prepare(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: it would begin DEFERRED
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def _upsert(table: Table) -> Insert:
    """Return what puts a row in the place of the one with its id; made once, as thousands may be put."""
    statement = insert(table)
    new = {column.name: statement.excluded[column.name] for column in table.c}
    return statement.on_conflict_do_update(index_elements=["id"], set_=new)


class Reader:
    """One view of the workspace: nothing that others write meanwhile is seen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, kind: type[K], id: str) -> K | None:  # noqa: A002 - the field's name
        """Return the thing of this id, None if there is none."""
        table = TABLES[kind]
        data = self._connection.execute(select(table.c.data).where(table.c.id == id)).scalar_one_or_none()
        return None if data is None else _read(kind, id, data)

    def all(self, kind: type[K], **equal: str) -> list[K]:
        """Return the things of a kind by id, those only whose indexed fields have these values."""
        table = TABLES[kind]
        wanted = select(table.c.id, table.c.data).where(*(table.c[name] == value for name, value in equal.items()))
        found = self._connection.execute(wanted.order_by(table.c.id))
        return [_read(kind, key, data) for key, data in found]

    def rows(self, kind: type[Kept]) -> Iterator[dict[str, str]]:
        """Yield the rows of the table of a kind, by id, as they stand there: id, data and the copies beside it."""
        table = TABLES[kind]
        for row in self._connection.execute(select(table).order_by(table.c.id)).mappings():
            yield dict(row)

    def head(self) -> Head:
        """Return the end of the audit trail."""
        last = select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
        row = self._connection.execute(last).first()
        return Head(0, NOTHING_YET) if row is None else Head(row.seq, row.hash)

    def trail(self, after: int = 0) -> Iterator[Entry]:
        """Yield the entries of the audit trail behind a number, in order."""
        yield from map(
            Entry._make, self._connection.execute(select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq))
        )

    def count(self, kind: type[Kept]) -> int:
        """Return how many things of a kind there are."""
        return self._connection.execute(select(func.count()).select_from(TABLES[kind])).scalar_one()

    def damage(self) -> list[str]:
        """Return what the database finds wrong in its own pages and indexes, in its words; at most twenty."""
        if self._connection.dialect.name != "sqlite":
            return []
        found = self._connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars()
        return [text for text in found if text != "ok"]


def _read(kind: type[K], key: str, data: str) -> K:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise ProblemError([_unreadable(f"{kind.KIND} {key}")]) from error


def _unreadable(what: str) -> Problem:
    todo = "请用 workspace verify 核对；保留现状，从可信的备份恢复"
    return problem("E814", Mark(""), what=what, reason="内容读不出来", todo=todo)


class Writer(Reader):
    """A transaction that may put things. What was put is seen by its own reads."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.changes: list[Change] = []

    def put(self, thing: Kept) -> None:
        """Keep a thing: a new one, or the next version of the one with its id."""
        data = canonical(thing)
        self._keep(thing, data)
        self.changes.append(Change(thing.KIND, thing.id, data))

    def _keep(self, thing: Kept, data: str) -> None:
        row = {"id": thing.id, "data": data} | indexed(thing)
        self._connection.execute(_upsert(TABLES[type(thing)]), row)

    def next_serial(self, kind: type[Kept], prefix: str) -> int:
        """Return the number after the highest one among the ids that are the prefix and a number, from 1."""
        table = TABLES[kind]
        taken = select(table.c.id).where(table.c.id.startswith(prefix, autoescape=True))
        ends = (each.removeprefix(prefix) for each in self._connection.execute(taken).scalars())
        return max((int(end) for end in ends if end.isdecimal()), default=0) + 1

    def replay(self, entry: Entry) -> None:
        """Write an entry of another trail as it is, and put what it put. Raises ProblemError if that cannot be read."""
        for change in entry.changes:
            kind = BY_NAME.get(change.kind)
            if kind is None:
                raise ProblemError([_unreadable(f"办理记录第 {entry.seq} 条")])
            self._keep(_read(kind, change.id, change.data), change.data)
        self._enter(entry)

    def _enter(self, entry: Entry) -> None:
        self._connection.execute(AUDIT.insert().values(dict(zip(AUDIT.c.keys(), entry, strict=True))))


class Store:
    """The database of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Yield one view of what is kept."""
        with self._engine.connect() as connection:
            yield Reader(connection)

    @contextmanager
    def writing(self, *, by: str, at: str, action: str, why: str = "") -> Iterator[Writer]:
        """Yield a transaction; at its end all that it put is kept with an entry of the audit trail, or nothing.

        by: who; at: when, as in the model (Moment); action: what, in Chinese; why: the reason for a change.
        A transaction that puts nothing leaves no entry.
        """
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            writer = Writer(connection)
            yield writer
            if writer.changes:
                writer._enter(linked(writer.head(), at, by, action, why, tuple(writer.changes)))

    @contextmanager
    def replaying(self) -> Iterator[Writer]:
        """Yield a transaction that replays another trail and has no entry of its own."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield Writer(connection)

    def copy(self, target: Path) -> None:
        """Write a copy of the database as it is at one moment."""
        copy_database(self._engine, target)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
