"""PDFs handed to the printer by the system's own command: lp of CUPS, or lpr."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.problems import Mark, Problem, problem, system_reason

COMMANDS = ("lp", "lpr")
WAIT = 60.0
"""Seconds after which a spooler that does not answer is given up."""
_OPTIONS = {"lp": ("-t", "-d", "-n"), "lpr": ("-T", "-P", "-#")}
"""How each takes the name of the job, the printer and the number of copies."""
_BEGINNING = b"%PDF-"
_WITHIN = 1024
"""Bytes in which a PDF says that it is one."""


class Sent(NamedTuple):
    """A file that the spooler took, and what it answered in its own words, "" if nothing."""

    path: Path
    answer: str


def printing_command() -> tuple[str, str] | None:
    """Return lp or lpr and where it is, None if this machine has neither."""
    for name in COMMANDS:
        if found := shutil.which(name):
            return name, found
    return None


def send_to_printer(paths: Sequence[Path], printer: str = "", copies: int = 1) -> tuple[list[Sent], list[Problem]]:
    """Hand the PDFs to the printer, each as a job of its own; return those that were taken and what went wrong.

    printer: its name in the system, "": the default one. Nothing is sent unless every file is a PDF that can be read;
    after the first that the spooler refuses nothing more is sent.
    """
    problems = [found for path in paths if (found := _not_a_paper(path)) is not None]
    command = printing_command()
    if command is None:
        problems.append(problem("E981"))
    if problems or command is None:
        return [], problems
    sent: list[Sent] = []
    for path in paths:
        answer, refused = _send(command, path, printer, copies)
        if refused is not None:
            return sent, [refused]
        sent.append(Sent(path, answer))
    return sent, []


def _not_a_paper(path: Path) -> Problem | None:
    mark = Mark(str(path))
    try:
        with path.open("rb") as file:
            beginning = file.read(_WITHIN)
    except OSError as error:
        return problem("E101", mark, reason=system_reason(error))
    return None if _BEGINNING in beginning else problem("E980", mark)


def _send(command: tuple[str, str], path: Path, printer: str, copies: int) -> tuple[str, Problem | None]:
    """Return what the spooler answered, or why it did not take the file.

    The whole path is given: a name may begin with a dash, and not every lpr knows "--". In a locale of another set
    CUPS would read the names of files in it; they are in UTF-8.
    """
    name, program = command
    title, queue, number = _OPTIONS[name]
    words = [name, title, path.name, *([queue, printer] if printer else []), number, str(copies)]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own command, its words given one by one
            [*words, str(path.absolute())], executable=program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=os.environ | {"LC_ALL": "zh_CN.UTF-8"}, timeout=WAIT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "", problem("E982", Mark(str(path)), command=name, reason=f"{WAIT:.0f} 秒没有答复")
    except OSError as error:
        return "", problem("E982", Mark(str(path)), command=name, reason=system_reason(error))
    answer = " ".join(done.stdout.decode("utf-8", "replace").split())
    if done.returncode:
        return "", problem("E982", Mark(str(path)), command=name, reason=answer or f"返回 {done.returncode}")
    return answer, None
