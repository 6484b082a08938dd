"""The menu: every entry is a command line that the command takes; what is typed is read or asked again."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any
from unittest.mock import Mock

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import cli, console
from engine.commands.console import cells
from engine.commands.menu import command as menu_command
from engine.menu.dialogue import serve
from engine.menu.model import Ask, By, Day, Entry, Flag, Menu, NewFile, OldFile, Option, Pick, Text, arguments_of
from engine.menu.sitting import Sitting
from engine.menu.tree import TOP
from engine.menu.words import day_of, numbers_of
from engine.problems import ProblemError


class Script:
    """A front that types what it was given, then has no more; it keeps what was shown and what was run."""

    def __init__(self, typed: Iterable[str | BaseException], code: int = 0) -> None:
        self.typed, self.code = iter(typed), code
        self.shown: list[str] = []
        self.ran: list[list[str]] = []

    def say(self, text: str = "") -> None:
        self.shown.append(text)

    def ask(self, prompt: str) -> str:
        self.shown.append(prompt)
        text = next(self.typed, None)
        if isinstance(text, BaseException):
            raise text
        if text is None:
            raise EOFError
        return text

    def run(self, arguments: Sequence[str]) -> int:
        self.ran.append(list(arguments))
        return self.code


def served(folder: Path, asks: Sequence[Ask], typed: Iterable[str | BaseException], code: int = 0) -> Script:
    """Return the front of a sitting at a menu with one entry, which asks for these things."""
    front = Script(["1", *typed], code)
    serve(Sitting(front, folder), Menu("试", (Entry("一项", ("due",), tuple(asks)),)))
    return front


def entries(menu: Menu = TOP, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Entry]]:
    for entry in menu.entries:
        if isinstance(entry, Menu):
            yield from entries(entry, (*above, entry.title))
        else:
            yield " › ".join((*above, entry.title)), entry


ENTRIES = dict(entries())


def context_of(command: click.Command) -> click.Context:
    """Return a context as the program makes it: click keeps the help option of the first one for good."""
    console.speak_chinese()
    root = click.Context(cli, **cli.context_settings)
    return root if command is cli else click.Context(command, parent=root)


def command_of(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that a command line names, and what follows its name."""
    found: click.Command = cli
    context, rest = context_of(cli), list(words)
    while isinstance(found, click.Group) and rest:
        inner = found.get_command(context, rest.pop(0))
        assert inner is not None, words
        found = inner
    return found, rest


def answers(entry: Entry) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield answers to all that an entry asks: what must be answered only, then everything."""
    words = {"stations": "城东所=瑶1、城西所=瑶2", "take": "YD-14=1", "answer": "YD-09=否", "head": f"1-{'0' * 64}"}
    for whole in (False, True):
        said: dict[str, tuple[str, ...]] = {}
        for ask in entry.asks:
            if ask.when(said):
                wanted = whole or not (ask.optional or isinstance(ask.kind, Flag))
                said[ask.key] = (words.get(ask.key) or answer(ask, said),) if wanted else ()
        yield said


def answer(ask: Ask, said: dict[str, tuple[str, ...]]) -> str:
    """Return the last of what there is to choose from without a workspace, or some text."""
    if isinstance(ask.kind, Pick):
        try:
            listed = ask.kind.listing(Sitting(Script([])), said)
        except ProblemError:
            return "1"  # of a file or a workspace that there is not
        return listed[-1].value if listed else "1"
    return "2024-01-15" if isinstance(ask.kind, Day) else "y" if isinstance(ask.kind, Flag) else "1"


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_what_its_command_takes(name: str) -> None:
    """Each word is an argument or an option of the command, and what the command requires is asked for."""
    for said in answers(ENTRIES[name]):
        for line in (*arguments_of(ENTRIES[name], said), *arguments_of(ENTRIES[name], said, confirmed=True)):
            command, rest = command_of(line)
            taken, left, _ = command.make_parser(context_of(command)).parse_args(list(rest))
            assert not left, f"{line}: nothing takes {left}"
            required = {p.name for p in command.params if p.required}
            missing = [n for n in required if n not in taken or taken[n] in (None, ())]
            assert not missing, f"{line}: {missing} is not asked for"
            choices = {p.name: p.type.choices for p in command.params if isinstance(p.type, click.Choice)}
            assert all(taken.get(n) is None or taken[n] in allowed for n, allowed in choices.items()), line


@pytest.mark.parametrize("name", ENTRIES)
def test_no_entry_asks_for_two_things_under_one_name(name: str) -> None:
    keys = [ask.key for ask in ENTRIES[name].asks]
    assert len(set(keys)) == len(keys)


def test_menus_fit_on_an_old_console() -> None:
    def menus(menu: Menu) -> Iterator[Menu]:
        yield menu
        for entry in menu.entries:
            if isinstance(entry, Menu):
                yield from menus(entry)

    for menu in menus(TOP):
        assert len(menu.entries) <= 18, menu.title
        assert all(cells(entry.title) <= 70 for entry in menu.entries), menu.title


# ── what is typed


DISHES = Pick(lambda sitting, said: [Option("a", "甲药店"), Option("b", "乙药店"), Option("c", "丙诊所")])
MANY = Pick(DISHES.listing, many=True)


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (DISHES, ["2"], ["b"]), (DISHES, ["２"], ["b"]), (DISHES, ["诊所"], ["c"]), (DISHES, ["药店", "1"], ["a"]),
        (DISHES, ["药店", "", "3"], ["c"]), (DISHES, ["4", "x", "1,2", "1"], ["a"]), (DISHES, ["c"], ["c"]),
        (MANY, ["1、３"], ["a", "c"]), (MANY, ["2-3"], ["b", "c"]), (MANY, ["全部"], ["a", "b", "c"]), (MANY, ["1 1"], ["a"]),
        (Day(), ["今天吧", "2024-02-30", "２０２４０２２９"], ["2024-02-29"]), (Day(), ["2024年1月5日"], ["2024-01-05"]),
        (Text(), ["", "  没有  "], ["没有"]),
        (NewFile(lambda sitting, said: "表.pdf"), [""], ["表-2.pdf"]),
        (NewFile(lambda sitting, said: "表.pdf"), ["表", "没有/表", "新"], ["新.pdf"]),
        (NewFile(lambda sitting, said: "表.pdf"), ["长" * 100, "长" * 100 + "/表", "新"], ["新.pdf"]),
        (OldFile((".pdf",)), ["9", "无.pdf", "1"], ["表.pdf"]), (OldFile((".pdf",)), ["长" * 100, "1"], ["表.pdf"]),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_or_asked_again(
    tmp_path: Path, kind: object, typed: list[str], expected: list[str]
) -> None:
    (tmp_path / "表.pdf").touch()
    front = served(tmp_path, [Ask("a", "哪个", kind, "--unit" if kind is Text else "")], typed)  # type: ignore[arg-type]
    assert front.ran == [["due", *expected]]


def test_one_file_that_cannot_be_read_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("甲.yaml", "乙.yaml", "丙.yaml"):
        (tmp_path / name).write_text("kind: record\n", encoding="utf-8")
    real, first = Path.open, next(tmp_path.glob("*"))

    def opened(path: Path, *args: Any, **kwargs: Any) -> IO[Any]:
        if path == first:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", opened)
    front = served(tmp_path, [Ask("a", "哪份", OldFile((".yaml",), kind="record", many=True))], ["全部"])
    assert set(front.ran[0]) == {"due", "甲.yaml", "乙.yaml", "丙.yaml"} - {first.name}


def test_a_listing_that_the_system_refuses_is_told(tmp_path: Path) -> None:
    def listing(sitting: Sitting, said: object) -> list[Option]:
        raise PermissionError(13, "Permission denied", "资料/chunfeng.db")

    front = served(tmp_path, [Ask("a", "哪家", Pick(listing))], ["0"])
    assert any("资料/chunfeng.db: E101" in line and "没有权限" in line for line in front.shown)
    assert front.shown[-1] == "再见。"


def test_whoever_works_in_the_folder_of_the_program_is_warned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That folder is deleted when a new version comes, and what people wrote with it."""
    monkeypatch.setattr("engine.library.files.files", lambda package: tmp_path / "app" / "packages" / package)
    (tmp_path / "app" / "packages" / "engine" / "_data" / "rules").mkdir(parents=True)
    (tmp_path / "资料").mkdir()
    told: list[str] = []
    monkeypatch.setattr(click, "echo", lambda text="", **_: told.append(text))
    monkeypatch.setattr("engine.menu.dialogue.serve", lambda *_: None)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(sys, stream, Mock(isatty=lambda: True))
    for folder, warned in ((tmp_path, True), (tmp_path / "资料", False)):
        monkeypatch.chdir(folder)
        told.clear()
        menu_command.callback()  # type: ignore[misc]
        assert ("整个删去" in "".join(told)) is warned, told


def test_one_question_back_and_leaving(tmp_path: Path) -> None:
    asks = [Ask("a", "甲", Text()), Ask("b", "乙", Text())]
    assert served(tmp_path, asks, ["一", "b", "二", "三"]).ran == [["due", "二", "三"]]
    assert served(tmp_path, asks, ["一", "q"]).ran == []
    assert served(tmp_path, asks, ["b", "1", "返回"]).ran == []


def test_what_did_not_go_through_is_done_again_with_what_was_typed(tmp_path: Path) -> None:
    asks = [Ask("a", "甲", Text()), Ask("b", "乙", Text(), optional=True), Ask("c", "丙", Day(), "--date")]
    front = served(tmp_path, asks, ["一", "", "20240115", "r", "", "二", "", ""], code=1)
    assert front.ran == [["due", "一", "--date", "2024-01-15"], ["due", "一", "二", "--date", "2024-01-15"]]


def test_the_name_is_asked_once_a_sitting(tmp_path: Path) -> None:
    front = served(tmp_path, [Ask("by", "由谁办理", By(), "--by")], ["王芳", "", "1", "", "0"])
    assert front.ran == [["due", "--by", "王芳"]] * 2
    assert sum("您的姓名" in line for line in front.shown) == 1


def test_ctrl_c_goes_back_and_twice_ends(tmp_path: Path) -> None:
    stop = KeyboardInterrupt()
    front = served(tmp_path, [Ask("a", "甲", Text())], [stop, "1", stop, stop, "never"])
    assert front.ran == []
    assert next(front.typed) == "never"
    assert front.shown[-1] == "再见。"


def test_a_name_that_looks_like_an_option_stays_a_name(tmp_path: Path) -> None:
    front = served(tmp_path, [Ask("a", "甲", Text()), Ask("b", "乙", Text(), "--unit")], ["--x", "-y"])
    assert front.ran == [["due", "--unit", "-y", "--", "--x"]]


def test_what_is_shown_first_is_done_only_when_somebody_says_so(tmp_path: Path) -> None:
    entry = Entry("一项", ("rules", "import"), (Ask("a", "甲", Text()),), confirmed=("--write",), question="写进去吗")
    for said, code, ran in (("y", 0, 2), ("", 0, 1), ("n", 0, 1), ("y", 1, 1)):
        front = Script(["1", "表", said, "", "0"], code)
        serve(Sitting(front, tmp_path), Menu("试", (entry,)))
        expected = [["rules", "import", "表"], ["rules", "import", "表", "--write"]]
        assert front.ran == expected[:ran], (said, code)


def test_without_a_workspace_it_says_so(tmp_path: Path) -> None:
    front = Script(["5", "1", "0", "0"])
    serve(Sitting(front, tmp_path), TOP)
    assert front.ran == []
    assert any("还没有工作目录" in line for line in front.shown)


def test_a_long_listing_is_shown_a_page_at_a_time(tmp_path: Path) -> None:
    pick = Pick(lambda sitting, said: [Option(str(n), f"单位{n:03}") for n in range(1, 31)])
    front = served(tmp_path, [Ask("a", "哪家", pick)], ["+", "+", "+", "-", "30"])
    assert front.ran == [["due", "30"]]
    pages = [line for line in front.shown if "页" in line]
    assert [page.split("第 ")[1][:3] for page in pages] == ["1/3", "2/3", "3/3", "3/3", "2/3"]


@given(
    st.dates(date(1900, 1, 1)),
    st.sampled_from(["{0:%Y%m%d}", "{0:%Y-%m-%d}", "{0:%Y}年{0.month}月{0.day}日", "{0:%Y}.{0.month}.{0.day}"]),
)
def test_every_way_of_writing_a_day_is_that_day(day: date, way: str) -> None:
    assert day_of(way.format(day)) == str(day)


@given(st.text(max_size=12))
def test_no_text_is_taken_for_another_day_or_number(text: str) -> None:
    """Whatever is typed: a day only from eight digits or three numbers, a choice only inside the listing."""
    day = day_of(text)
    digits = [c for c in unicodedata.normalize("NFKC", text) if c in "0123456789"]
    assert not day or "".join(digits).replace("0", "") == day.replace("-", "").replace("0", "")
    assert all(1 <= number <= 5 for number in numbers_of(text, 5) or [])


@pytest.mark.parametrize(("encoding", "asked", "written"), [
    ("iso8859-1", "", "utf-8"), ("ascii", "", "utf-8"), ("gbk", "", "gbk"), ("gb18030", "", "gb18030"), ("ascii", "ascii", "ascii"),
])  # fmt: skip
def test_a_screen_is_written_in_what_it_can_show(
    encoding: str, asked: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setenv("PYTHONIOENCODING", asked)
    monkeypatch.setattr(console, "speak_chinese", lambda: None)
    console.prepare_console()
    print("春风 ㈱ \U0001f600")
    sys.stdout.flush()
    shown = raw.getvalue().decode(written)
    assert shown.startswith("春风" if written != "ascii" else "??")
    assert len(shown.strip()) == 6
