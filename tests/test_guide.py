"""The guide: every task is done from the menu, with the keys that the guide gives, in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT
from support_answers import PLACE
from support_register import workbook
from support_terminal import Terminal

from engine.commands.console import cells
from engine.formats import open_file
from engine.inspections.opening import read_record
from engine.problems import Problem
from engine.workspace.folder import open_workspace
from engine.workspace.verifying import verify_workspace

GUIDE = ROOT / "docs" / "GUIDE.zh-CN.md"

NAME = "您的姓名"


class Task(NamedTuple):
    """A task of the guide: what is typed, each with the words that stand on the screen then."""

    title: str
    files: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    keys: tuple[tuple[str, str], ...]
    screens: tuple[str, ...]


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
        tuple(screens(text)),
    )


def screens(text: str) -> list[str]:
    """Return what the guide shows of the screen."""
    return re.findall(r"(?ms)^```screen\n(.*?)\n```$", text)


def beginning() -> list[str]:
    """Return the screens before the first task: the menu as it opens."""
    return screens(GUIDE.read_text(encoding="utf-8").partition("\n### ")[0])


def _cells(table: str) -> Iterator[tuple[str, ...]]:
    for line in table.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if set(cells) != {"---"}:
            yield cells


def work(terminal: Terminal, task: Task, folder: Path) -> None:
    """Do a task, beginning and ending at the top menu."""
    for name, rows in task.files:
        workbook(folder / name, rows)
    before = len(terminal.shown)
    for typed, words in task.keys:
        if NAME in terminal.wait_until(words, NAME):
            terminal.type("王芳\r")
            terminal.wait_until(words)
        terminal.type(typed.replace("⏎", "\r"))
    stand(task.screens, terminal.shown[before:])


def stand(wanted: Iterable[str], shown: Iterable[str]) -> None:
    """Hold that each screen of the guide was shown so, a line for a line."""
    whole = "\n".join(line.rstrip() for line in "".join(shown).replace("\r", "\n").split("\n"))
    for screen in wanted:
        assert f"\n{screen}" in whole, f"the guide shows another screen:\n{screen}\nbut it was:\n{whole[-6000:]}"


def test_every_line_of_keys_can_be_read() -> None:
    parts = {part: tasks(part) for part in ("检查人员", "内勤")}
    assert all(len(task.keys) > 2 for each in parts.values() for task in each)
    assert GUIDE.read_text(encoding="utf-8").count("\n### ") == sum(map(len, parts.values()))


def done(folder: Path, wanted: Iterable[Task], encoding: str = "utf-8") -> str:
    """Do the tasks in one sitting, leave, and return all that was shown."""
    terminal = Terminal(cwd=folder, encoding=encoding)
    try:
        for task in wanted:
            work(terminal, task, folder)
        stand(beginning(), terminal.shown)
        terminal.wait_until("春风")
        terminal.type("0\r")
        code, shown = terminal.ended()
        assert code == 0, shown
        return "".join(terminal.shown)
    finally:
        terminal.close()


def test_a_paper_is_keyed_and_its_findings_decided_from_the_menu(tmp_path: Path) -> None:
    """What needs no printing, as the whole guide takes too long for every run; nothing is wider than the screen."""
    shown = done(tmp_path, [tasks("检查人员")[number - 1] for number in (3, 6)])
    _, record, problems = read_record(tmp_path / "记录-答卷-安康药房.yaml")
    assert record is not None, problems
    assert [(f.status, f.by, str(f.due)) for f in record.findings] == [("confirmed", ("张伟", "刘洋"), "2024-01-30")]
    assert record.findings[0].sentence == "营业场所没有悬挂药品经营许可证"
    assert record.number == "（瑶）市监药检〔2024〕15号"
    assert [line for line in shown.replace("\r", "").split("\n") if cells(line) > 80 and not line.startswith("$")] == []


@pytest.mark.long
def test_every_task_of_the_guide_is_done_from_the_menu(tmp_path: Path) -> None:
    done(tmp_path, [*tasks("检查人员"), *tasks("内勤")])
    assert [problem.render() for problem in verified(tmp_path / "春风2024")] == []
    assert [problem.render() for problem in verified(tmp_path / "备份-春风2024-恢复")] == []


def verified(folder: Path) -> Sequence[Problem]:
    with open_workspace(folder) as workspace:
        return verify_workspace(workspace).problems


# ── whatever is typed, wherever it stands


@pytest.mark.parametrize(
    ("encoding", "locale"), [("gbk", "zh_CN.GBK"), pytest.param("utf-8", "C", marks=pytest.mark.long)]
)
def test_wrong_keys_and_a_closed_window_lose_nothing(tmp_path: Path, encoding: str, locale: str) -> None:
    terminal = Terminal(cwd=tmp_path, encoding=encoding, locale=locale)
    try:
        for typed, words in (
            ("99\r", "请选"), ("开\x1b[A始\r", "请键入 1 到"), ("\x03", "请选"), ("2\r", "回到主菜单"),
            ("１\r", "照着纸面录入一家"), ("2024\r", "哪一次行动"), ("药店\r", "哪种单位"), ("\r", "有哪些业务"),
            ("13月\r", "检查日期"), ("20240115\r", "不是存在的日期"), ("甲药店\r", "单位名称"), ("\r", "写到哪个文件"),
            ("王芳\r", "您的姓名"), ("\r", "开始"), ("n", "YD-01"),
        ):  # fmt: skip
            terminal.wait_until(words)
            terminal.type(typed)
        terminal.wait_until("细目")
        assert terminal.hang_up() in (0, 1, -1)
        opened, problems = open_file(PLACE, tmp_path / "答卷-甲药店.yaml", as_made=True)
        assert opened is not None, problems
        assert opened.sheet.answers["YD-01"].value == "否"
        assert [path.name for path in tmp_path.iterdir()] == ["答卷-甲药店.yaml"]
    finally:
        terminal.close()
