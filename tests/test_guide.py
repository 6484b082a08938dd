"""The guide: every task is done from the menu, with the keys that the guide gives, in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT
from support_register import workbook
from support_terminal import Terminal

GUIDE = ROOT / "docs" / "GUIDE.zh-CN.md"

NAME = "您的姓名"


class Task(NamedTuple):
    """A task of the guide: what is typed, each with the words that stand on the screen then."""

    title: str
    files: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    keys: tuple[tuple[str, str], ...]


def tasks(part: str) -> list[Task]:
    text = GUIDE.read_text(encoding="utf-8")
    chapter = re.search(rf"(?ms)^## {part}\n(.*?)(?=^## |\Z)", text)
    assert chapter is not None, part
    return [_task(each) for each in re.split(r"(?m)^### ", chapter[1])[1:]]


def _task(text: str) -> Task:
    blocks = re.findall(r"(?ms)^```keys\n(.*?)^```", text)
    lines = [line for block in blocks for line in block.splitlines()]
    pairs = [re.fullmatch(r"(\S.*?)(?: {2,}|(?<=⏎) +)(\S.*)", line) for line in lines]
    assert all(pairs), [line for line, pair in zip(lines, pairs, strict=True) if not pair]
    tables = re.findall(r"(?m)^([^\s|]+\.xlsx)\n\n((?:\|.*\n)+)", text)
    return Task(
        text.splitlines()[0],
        tuple((name, tuple(_cells(table))) for name, table in tables),
        tuple((pair[1], pair[2]) for pair in pairs if pair),
    )


def _cells(table: str) -> Iterator[tuple[str, ...]]:
    for line in table.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if set(cells) != {"---"}:
            yield cells


def work(terminal: Terminal, task: Task, folder: Path) -> None:
    """Do a task, beginning and ending at the top menu."""
    for name, rows in task.files:
        workbook(folder / name, rows)
    for typed, words in task.keys:
        if NAME in terminal.wait_until(words, NAME):
            terminal.type("王芳\r")
            terminal.wait_until(words)
        terminal.type(typed.replace("⏎", "\r"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_part(folder: Path) -> None:
    terminal = Terminal(cwd=folder)
    try:
        for task in tasks("检查人员"):
            work(terminal, task, folder)
    finally:
        terminal.close()
