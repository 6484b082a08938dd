"""A clerk for tests: keys what the numbered menu asks for and types into cells of workbooks; every action is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from support_rule_sheets import Hand
from support_terminal import Terminal

from engine.commands import run
from engine.menu.dialogue import serve
from engine.menu.model import Menu
from engine.menu.pages.rules import RULES
from engine.menu.sitting import Sitting
from engine.menu.tree import TOP

Step: TypeAlias = "tuple[str, str] | Callable[[], None]"
"""What is typed and words that stand on the screen then; or something done beside the menu, in a workbook."""

BACK, AGAIN, CONFIRM = "按回车返回菜单 >", "键入 r 改一改再来", "写进规则文件夹吗"
RULES_FOLDER, CAMPAIGN = "本单位的规则文件夹", "哪一次行动"


@dataclass
class Clerk:
    """What a clerk did and saw."""

    folder: Path
    keyed: list[str] = field(default_factory=list)
    cells: int = 0
    shown: str = ""

    def typed_into(self, name: str, change: Callable[[Book], Any]) -> Callable[[], None]:
        """Return the step in which cells of a workbook are filled in and the workbook is saved."""

        def step() -> None:
            book = Book((self.folder / name).read_bytes())
            change(book)
            (self.folder / name).write_bytes(book.content())
            self.cells += book.typed

        return step

    @property
    def actions(self) -> int:
        """How many answers were keyed and cells filled in."""
        return len(self.keyed) + self.cells

    @property
    def messages(self) -> list[str]:
        """The codes of the messages that were met, 菜单 for an answer that the menu asked again for."""
        again = re.findall(r"(?m)^  (?:“.{0,20}” (?:不是|这里不用)|没有 “|没有 \S+ 号)", self.shown)
        return [*re.findall(r"(?<![A-Z0-9])E\d{3}(?= )", self.shown), *["菜单"] * len(again)]

    def figures(self) -> str:
        """Return both counts for people."""
        met = self.messages
        return (
            f"{self.actions} actions ({len(self.keyed)} answers keyed, {self.cells} cells filled in), "
            f"{len(met)} messages met: {' '.join(met)}"
        )

    def at_a_terminal(self, steps: Iterable[Step]) -> None:
        """Do the steps at the program in a terminal."""
        terminal = Terminal(cwd=self.folder)
        try:
            for step in steps:
                if callable(step):
                    step()
                    continue
                self.shown += terminal.wait_until(step[1])
                terminal.type(f"{step[0]}\r")
                self.keyed.append(step[0])
            code, rest = terminal.ended()
            self.shown += rest
            assert code == 0, self.shown[-2000:]
        finally:
            terminal.close()

    def in_this_process(self, steps: Iterable[Step], capsys: pytest.CaptureFixture[str]) -> None:
        """Do the steps at the menu without a terminal: quicker."""
        front = _Front(self, iter(steps), capsys)
        serve(Sitting(front, self.folder), TOP)
        assert next(front.steps, None) is None, f"the menu ended before the clerk:\n{self.shown[-2000:]}"


class Book(Hand):
    """A workbook in the hands of a clerk whose cells are counted."""

    typed = 0

    def put(self, sheet: str, key: str, **values: Any) -> Book:
        """Type into cells of a row."""
        self.typed += len(values)
        super().put(sheet, key, **values)
        return self

    def append(self, sheet: str, **values: Any) -> Book:
        """Type a new row under the last."""
        self.typed += len(values)
        super().append(sheet, **values)
        return self


class _Front:
    def __init__(self, clerk: Clerk, steps: Iterator[Step], capsys: pytest.CaptureFixture[str]) -> None:
        self.clerk, self.steps, self.capsys = clerk, steps, capsys
        self.seen = 0

    def say(self, text: str = "") -> None:
        self.clerk.shown += f"{text}\n"

    def ask(self, prompt: str) -> str:
        self.clerk.shown += prompt
        while callable(step := next(self.steps, ("", "nothing more to do"))):
            step()
        typed, words = step
        seen = self.clerk.shown[self.seen :]
        assert re.sub(r"\s", "", words) in re.sub(r"\s", "", seen), f"“{words}” was not shown, but:\n{seen[-3000:]}"
        self.seen = len(self.clerk.shown)
        self.clerk.shown += f"{typed}\n"
        self.clerk.keyed.append(typed)
        return typed

    def run(self, arguments: Sequence[str]) -> int:
        code = run(list(arguments))
        out, err = self.capsys.readouterr()
        self.clerk.shown += out + err
        return code


def chosen(menu: Menu, title: str) -> tuple[str, str]:
    """Return the step that chooses the entry of a menu whose words begin so."""
    numbers = [n for n, entry in enumerate(menu.entries, 1) if entry.title.startswith(title)]
    assert len(numbers) == 1, f"{title}: {numbers}"
    return str(numbers[0]), f"【{menu.title}】"


def entry(title: str, *answers: tuple[str, str], end: tuple[str, str] = ("", BACK)) -> list[Step]:
    """Return the steps that do an entry of 行动方案和规则: what is answered, and what is typed at its end."""
    return [chosen(RULES, title), *answers, end]


def began(of: Sequence[tuple[str, str]] = ()) -> list[Step]:
    """Return the steps into the menu of rules and, with a name, a rules folder of one's own."""
    folder = entry("建立本单位", ("", "文件夹的名字"), ("县", "哪一级"), ("瑶海区市场监督管理局", "本单位名称"), ("", "上级的规则文件夹"))  # fmt: skip
    return [chosen(TOP, RULES.title), *folder, *of]


def left() -> list[Step]:
    """Return the steps out of the menu of rules and of the program."""
    return [("0", f"【{RULES.title}】"), ("0", f"【{TOP.title}】")]
