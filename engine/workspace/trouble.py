"""What the database or the disk refused, as a message for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, ProgrammingError

from engine.problems import Mark, Problem, ProblemError, problem, system_reason

_UNWRITABLE = {
    sqlite3.SQLITE_FULL: "磁盘已满",
    sqlite3.SQLITE_READONLY: "文件夹或数据库只能读，不能写",
    sqlite3.SQLITE_CANTOPEN: "不能在这个文件夹里写文件",
    sqlite3.SQLITE_PERM: "没有权限",
    sqlite3.SQLITE_IOERR: "磁盘读写出错，或已满",
}
_CANNOT_WRITE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def told(folder: Path, *, files: bool = True) -> Iterator[None]:
    """Turn what the database or the disk refuses into a ProblemError about the workspace.

    files: whether every file that is touched inside is one of the workspace.
    """
    try:
        yield
    except (ProgrammingError, InterfaceError, IntegrityError):
        raise  # ours to mend
    except (DBAPIError, sqlite3.Error) as error:
        raise ProblemError([_problem(error, folder)]) from error
    except UnicodeDecodeError as error:  # the driver reads the words of the database with which it tells of damage
        raise ProblemError([_damaged(folder)]) from error
    except OSError as error:
        if not files:
            raise
        raise ProblemError([problem("E901", Mark(str(folder)), path=folder, reason=system_reason(error))]) from error


def cannot_be_written(error: DBAPIError) -> bool:
    """Return whether the database only says that nothing can be written where it lies."""
    return _code(error) in _CANNOT_WRITE


def _problem(error: DBAPIError | sqlite3.Error, folder: Path) -> Problem:
    code, mark = _code(error), Mark(str(folder))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return problem("E815", mark, folder=folder)
    if code in _UNWRITABLE:
        hint = "已存好的内容没有变。请检查磁盘空间和文件夹的权限"
        return problem("E901", mark, path=folder, reason=_UNWRITABLE[code], hint=hint)
    return _damaged(folder, "" if code in _DAMAGED else f"（{_said(error)}）")


def _damaged(folder: Path, more: str = "") -> Problem:
    return problem("E813", Mark(str(folder)), folder=folder, reason=f"数据库文件已损坏，或不是数据库文件{more}")


def _said(error: DBAPIError | sqlite3.Error) -> object:
    return error.orig if isinstance(error, DBAPIError) else error


def _code(error: DBAPIError | sqlite3.Error) -> int:
    """Return the primary code of SQLite, 0 of another database."""
    return (getattr(_said(error), "sqlite_errorcode", 0) or 0) & 0xFF
