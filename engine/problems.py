"""What a user did wrong, as values: where, what in the user's own words, and what to do.

Functions that read a user's files return problems instead of raising; exceptions are left for bugs. One
catalogue holds every message, so that codes are unique and each can be documented and tested.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from wcwidth import wcswidth

from engine.catalogue import CATALOGUE, Severity


class Mark(NamedTuple):
    """A place in a user's file. Lines and columns count from 1; 0 means the file as a whole."""

    path: str
    line: int = 0
    column: int = 0
    length: int = 1
    excerpt: str = ""
    cell: str = ""
    """Name of the cell in a workbook, printed in the place of line and column."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: its code in the catalogue, the place and the filled-in texts."""

    code: str
    mark: Mark
    message: str
    hint: str

    @property
    def severity(self) -> Severity:
        """How grave it is: error, unverified (待核) or draft."""
        return CATALOGUE[self.code].severity

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Path, line, column, code and text: the order in which problems are shown."""
        return (self.mark.path, self.mark.line, self.mark.column, self.code, self.message)

    def render(self) -> str:
        """Return the message for a terminal: place, code, text, the line and a caret with what to do."""
        place = f"{self.mark.path}:" if self.mark.path else ""
        if self.mark.cell:
            place += f"{self.mark.cell}:"
        elif self.mark.line:
            place += f"{self.mark.line}:{self.mark.column}:"
        head = f"{place} {self.code} {self.message}".strip()
        if not (self.mark.line and self.mark.excerpt):
            return f"{head}\n    {self.hint}" if self.hint else head
        return f"{head}\n{self._snippet()}"

    def _snippet(self) -> str:
        number = f"{self.mark.line:>5} | "
        excerpt, column = _window(self.mark.excerpt, self.mark.column)
        pad = " " * _cells(excerpt[: column - 1])
        shown = excerpt[column - 1 : column - 1 + self.mark.length]
        caret = "^" * max(1, _cells(shown))
        return f"{number}{excerpt}\n{' ' * 5} | {pad}{caret} {self.hint}".rstrip()

    def as_json(self) -> dict[str, object]:
        """Return the stable JSON form (docs/formats.md)."""
        return {
            "code": self.code, "severity": self.severity, "path": self.mark.path, "line": self.mark.line,
            "column": self.mark.column, "message": self.message, "hint": self.hint,
        }  # fmt: skip


class ProblemError(Exception):
    """Problems that stop the work at hand; the command line prints them and exits with 1."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort(problems)
        super().__init__("\n".join(p.render() for p in self.problems))


def problem(code: str, mark: Mark | None = None, /, *, hint: str | None = None, **fields: object) -> Problem:
    """Return a problem of the catalogue with its texts filled in.

    A field that the caller forgot prints as “…”: a message must never be lost to a formatting error.
    """
    kind = CATALOGUE[code]
    values = _Fields({k: _short(str(v)) for k, v in fields.items()})
    text = kind.message.format_map(values)
    return Problem(code, mark or Mark(""), text, (kind.hint if hint is None else hint).format_map(values))


def system_reason(error: Exception) -> str:
    """Return in Chinese why the system refused a file; its own words for reasons that are rare."""
    known = _SYSTEM.get(getattr(error, "errno", None) or 0)
    return known or getattr(error, "strerror", None) or str(error)


def of_system(error: OSError) -> Problem:
    """Return the problem with a path that the system refused: E901 where a disk takes nothing more, else E101."""
    path, reason = str(error.filename or ""), system_reason(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return problem("E901", Mark(path), path=path, reason=reason)
    return problem("E101", Mark(path), reason=reason)


_SYSTEM = {
    errno.ENOENT: "没有这个文件或目录", errno.EACCES: "没有权限", errno.EPERM: "没有权限",
    errno.EISDIR: "这是目录，不是文件", errno.ENOTDIR: "路径中有一段不是目录", errno.EEXIST: "已有同名文件",
    errno.ENOTEMPTY: "文件夹不是空的", errno.EBUSY: "正被使用", errno.EIO: "磁盘读写出错",
    errno.ENOSPC: "磁盘已满", errno.EDQUOT: "磁盘已满", errno.EROFS: "磁盘只读", errno.ENAMETOOLONG: "文件名过长",
}  # fmt: skip


def sort(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems without doubles, by path, line, column and code."""
    return tuple(sorted(set(problems), key=lambda p: p.sort_key))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return those that stop the work (severity error)."""
    return tuple(p for p in problems if p.severity == "error")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return “是否想写 “x”？” for the nearest known name, or an empty text."""
    import difflib  # only needed once something is wrong

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"是否想写 “{close[0]}”？" if close else ""


class _Fields(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _short(text: str, limit: int = 300) -> str:
    printable = "".join(c if c.isprintable() else "·" for c in text)
    return printable if len(printable) <= limit else printable[:limit] + "…"


def _cells(text: str) -> int:
    return max(0, wcswidth("".join(c if c.isprintable() else " " for c in text)))


def _window(excerpt: str, column: int, width: int = 100) -> tuple[str, int]:
    if len(excerpt) <= width:
        return excerpt, column
    start = max(0, column - width // 2)
    return excerpt[start : start + width], column - start
