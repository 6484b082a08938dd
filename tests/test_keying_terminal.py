"""The command at a real terminal: typing, killing, going on, leaving; and refusing what is no terminal."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import Phase, given, settings
from hypothesis import seed as hypothesis_seed
from support import ROOT
from support_answers import PLACE, checklist_of, sheets
from support_keying import SOURCE, Typist, sitting
from support_terminal import WAIT, Terminal

from engine.answering.keying.edits import Entry, Sitting, is_blank, sat_down
from engine.answering.keying.session import Session
from engine.answering.writing import sheet_data
from engine.commands import keyboard
from engine.commands.answers import key
from engine.commands.console import cells
from engine.formats import open_file
from engine.formats.json import write_checklist
from engine.inspections.opening import Inspection

PHARMACY = ("2024", "retail-pharmacy", date(2024, 1, 15))


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "空白表.json"
    path.write_bytes(write_checklist(checklist_of(*PHARMACY)))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "答卷.yaml"


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def read(path: Path) -> Inspection:
    inspection, problems = open_file(PLACE, path, as_made=True)
    assert inspection is not None, [p.render() for p in problems]
    return inspection


def answers(path: Path) -> dict[str, Any]:
    return sheet_data(read(path))["answers"]  # type: ignore[return-value]


def begun(terminals: list[Terminal], *arguments: str | Path, encoding: str = "utf-8") -> Terminal:
    """Return a terminal at the first item of a new sheet."""
    terminal = Terminal("answers", "key", *arguments, encoding=encoding)
    terminals.append(terminal)
    terminal.wait_for("开始 > ")
    terminal.type("\r")
    terminal.wait_for("YD-01 > ")
    return terminal


def test_typing_is_saved_at_once_and_leaving_says_what_is_missing(
    blank: Path, target: Path, terminals: list[Terminal]
) -> None:
    terminal = begun(terminals, blank, "-o", target, "--by", "张三", "--at", "2024-01-15 16:30")
    assert not target.exists()
    terminal.type("n")
    terminal.wait_for("细目 > ")
    assert answers(target) == {"YD-01": "否"}
    terminal.type("20251231\r")
    terminal.wait_for("细目 > ")
    terminal.type("13\r")
    terminal.wait_for("YD-02 > ")
    assert answers(target)["YD-01"] == {"answer": "否", "valid_until": "2025-12-31", "fault": ["未悬挂", "许可证过期"]}
    terminal.type("q")
    code, shown = terminal.ended()
    assert code == 0
    assert f"已保存：{target}" in shown.replace("\n", "")
    assert "没有答案的 19 项" in shown
    assert read(target).sheet.provenance.model_dump(exclude_defaults=True)["sources"] == (  # type: ignore[union-attr]
        {"way": "keyed", "file": "空白表.json", "sha256": _sha256(blank), "by": "张三", "at": "2024-01-15 16:30"},
    )
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".chunfeng-")] == []


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_typing_ahead_is_not_lost_and_chinese_is_rubbed_out_by_its_width(
    blank: Path, target: Path, terminals: list[Terminal]
) -> None:
    terminal = begun(terminals, blank, "-o", target)
    terminal.type("b门口有\x7f\x7f没有招牌\rn\re\rm\x1b[Aq")
    code, shown = terminal.ended()
    assert code == 0
    assert answers(target)["YD-01"] == {"answer": "否", "note": "门没有招牌"}
    assert "\b\b  \b\b" in shown
    assert "这里不用 “m”" in shown
    assert "这里不用 方向键、功能键" in shown


@pytest.mark.parametrize(
    "how", ["ctrl-c", "hang-up", *(pytest.param(how, marks=pytest.mark.long) for how in ("ctrl-d", "terminate"))]
)
def test_leaving_any_other_way_keeps_everything(how: str, blank: Path, target: Path, terminals: list[Terminal]) -> None:
    terminal = begun(terminals, blank, "-o", target)
    terminal.type("n")
    terminal.wait_for("细目 > ")
    match how:
        case "hang-up":
            assert terminal.hang_up() in (0, 1)
        case "terminate":
            terminal.process.terminate()
            assert terminal.ended()[0] == 0
        case _:
            terminal.type({"ctrl-c": "\x03", "ctrl-d": "\x04"}[how])
            code, shown = terminal.ended()
            assert code == 0
            assert "已保存" in shown
    assert answers(target) == {"YD-01": "否"}


def test_an_old_console_without_a_character_goes_on(blank: Path, target: Path, terminals: list[Terminal]) -> None:
    terminal = begun(terminals, blank, "-o", target, encoding="gbk")
    terminal.type("b柜台ａ\r")
    terminal.wait_for("备注：柜台")
    terminal.type("y")
    terminal.wait_for("细目 > ")
    terminal.type("q\r")
    assert terminal.ended()[0] == 0
    assert answers(target)["YD-01"]["note"] == "柜台ａ"


def test_no_line_is_wider_than_an_old_console(blank: Path, target: Path, terminals: list[Terminal]) -> None:
    terminal = begun(terminals, blank, "-o", target)
    terminal.type("?lw")
    shown = terminal.wait_for("都填是？ > ")
    terminal.type("nnnnnnn")
    terminal.type("q")
    shown += terminal.ended()[1]
    wide = [line for line in shown.split("\n") if cells(line) > 80 and str(target.parent) not in line]
    assert not wide


def test_a_terminal_without_single_keys_takes_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session, saved = sitting(checklist_of(*PHARMACY)), []
    monkeypatch.setattr(sys, "stdin", io.StringIO("\nyes\nn\n20251231\n13\n"))

    def save() -> None:
        saved.append(dict(sheet_data(session.inspection)["answers"]))  # type: ignore[call-overload, arg-type]
        session.saved()

    assert key._dialogue(session, keyboard.Lines(), save) == "输入结束。"
    assert saved[0] == {"YD-01": "否"}
    assert saved[-1]["YD-01"] == {"answer": "否", "valid_until": "2025-12-31", "fault": ["未悬挂", "许可证过期"]}
    assert "没有记录：这里不用 “yes”" in capsys.readouterr().out


def test_a_sheet_that_cannot_be_written_is_kept_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = sitting(checklist_of(*PHARMACY))
    writer = key._Writer(tmp_path / "没有" / "答卷.yaml")
    monkeypatch.setattr(sys, "stdin", io.StringIO("\nn\n"))
    key._dialogue(session, keyboard.Lines(), lambda: writer.write(session))
    assert session.unsaved
    assert "没有存上" in capsys.readouterr().err
    (tmp_path / "没有").mkdir()
    with pytest.raises(click.exceptions.Exit) as left:
        key._end(session, writer, "")
    assert left.value.exit_code == 0
    assert answers(writer.target) == {"YD-01": "否"}


# ── not a terminal, not this sheet


@pytest.mark.parametrize("content", ["", "y\ny\ny\n"])
def test_what_is_no_terminal_is_refused(content: str, blank: Path, target: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "answers", "key", str(blank), "-o", str(target)],
        input=content.encode(), capture_output=True, timeout=WAIT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert result.returncode == 2
    assert "要在终端窗口里逐键录入" in result.stderr.decode()
    assert not result.stdout
    assert sorted(path.name for path in target.parent.iterdir()) == [blank.name]


def test_a_file_that_is_not_from_this_sheet_is_kept(blank: Path, target: Path, terminals: list[Terminal]) -> None:
    target.write_bytes(blank.read_bytes())
    before = target.read_bytes()
    terminal = Terminal("answers", "key", blank, "-o", target)
    terminals.append(terminal)
    code, shown = terminal.ended()
    assert code == 2
    assert "已存在" in shown
    assert target.read_bytes() == before


def test_the_blank_sheet_itself_is_not_written_over(blank: Path, terminals: list[Terminal]) -> None:
    before = blank.read_bytes()
    terminal = Terminal("answers", "key", blank, "-o", blank)
    terminals.append(terminal)
    code, shown = terminal.ended()
    assert code == 2
    assert "不是 YAML 答卷" in shown
    assert blank.read_bytes() == before


def test_what_another_program_wrote_meanwhile_is_not_written_over(
    blank: Path, target: Path, terminals: list[Terminal]
) -> None:
    terminal = begun(terminals, blank, "-o", target)
    terminal.type("n")
    terminal.wait_for("细目 > ")
    target.write_bytes(target.read_bytes() + "# 手改\n".encode())
    changed = target.read_bytes()
    terminal.type("e\r")
    terminal.wait_for("YD-02 > ")
    terminal.type("n")
    terminal.wait_for("被别的程序改过")
    terminal.wait_for("细目 > ")
    terminal.type("q\r")
    terminal.ended()
    assert target.read_bytes() == changed
    assert answers(target.with_name("答卷-2.yaml")) == {"YD-01": "否", "YD-02": "否"}


# ── killed, and gone on with


def test_an_unfinished_sheet_is_gone_on_with_in_its_place(blank: Path, target: Path, terminals: list[Terminal]) -> None:
    first = begun(terminals, blank, "-o", target, "--by", "张三", "--at", "2024-01-15 16:30")
    first.type("xq")
    assert first.ended()[0] == 0
    second = Terminal("answers", "key", target, "-o", target, "--by", "李四", "--at", "2024-01-16 09:00")
    terminals.append(second)
    assert "接着上次的录：已答 1/20 项，从 YD-02 继续" in second.wait_for("YD-02 > ").replace("\n", "")
    second.type("xq\r")
    assert second.ended()[0] == 0
    assert answers(target) == {"YD-01": "不适用", "YD-02": "不适用"}
    told = read(target).sheet.provenance
    assert told is not None
    assert [(s.way, s.file, s.by) for s in told.sources] == [
        ("keyed", blank.name, "张三"), ("keyed", blank.name, "李四"),
    ]  # fmt: skip
    assert told.sources[0].sha256 == told.sources[1].sha256 == _sha256(blank)
    assert {code: origin.source for code, origin in told.answers.items()} == {"YD-02": 2}


def _drawn(seed: int) -> dict[str, Any]:
    """Return a random sheet."""
    found: list[dict[str, Any]] = []

    @hypothesis_seed(seed)
    @settings(max_examples=6, database=None, derandomize=False, phases=[Phase.generate])
    @given(sheets(checklist_of(*PHARMACY)))
    def draw(sheet: dict[str, Any]) -> None:
        found.append(sheet)

    draw()
    return max(found, key=lambda sheet: len(sheet["answers"])) | {"other": [], "visit": {}, "site": {"name": ""}}


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 23))])
def test_a_killed_command_loses_at_most_what_was_being_typed(
    seed: int, blank: Path, target: Path, terminals: list[Terminal]
) -> None:
    """The typist looks at the screen, goes on where it says, and types again only what is not there."""
    sheet, chance = _drawn(seed), random.Random(seed)
    whole = Typist(sitting(checklist_of(*PHARMACY)), sheet)
    whole.asides = []
    whole.run()
    wanted = {name: whole.session.desk.entry(name) for name in whole.session.desk.order()}
    for number in range(4):
        last = number == 3
        terminal = Terminal("answers", "key", blank, "-o", target)
        terminals.append(terminal)
        shadow = _typed(
            terminal, target if target.exists() else blank, sheet, wanted, 10_000 if last else chance.randrange(5, 60)
        )
        if shadow.finished:
            assert terminal.ended()[0] == 0
            break
        assert not last, (f"seed {seed}: typing does not end", differing(shadow, wanted))
        if chance.random() < 0.5:  # in the midst of what the next keys do
            terminal.type("n")
            time.sleep(chance.random() * 0.02)
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(timeout=WAIT)
        if target.exists():
            kept, typed = answers(target), sheet_data(shadow.inspection)["answers"]
            assert {code for code in typed if kept.get(code) != typed[code]} <= {shadow.where()}, f"seed {seed}"  # type: ignore[union-attr, index, call-overload]
    found, expected = sheet_data(read(target)), sheet_data(whole.session.inspection)
    assert found["answers"] == expected["answers"], f"seed {seed}"


def _typed(terminal: Terminal, path: Path, sheet: dict[str, Any], wanted: dict[str, Entry], stop: int) -> Session:
    """Type on as somebody does who looks at the screen; return what must have come of it."""
    opened = read(path)
    shadow = Session(sat_down(opened, Sitting(SOURCE)), Sitting(SOURCE), going_on=not is_blank(opened))
    typist = Typist(shadow, sheet, wanted)
    typist.asides = []
    terminal.wait_for(f"{shadow.screen().prompt} > ")
    for _ in range(stop):
        for text in typist.next():
            terminal.type(text if shadow.screen().single else text.rstrip("\r") + "\r")
            typist.type(text)
            if shadow.finished:
                return shadow
            terminal.wait_for(f"{shadow.screen().prompt} > ")
    return shadow


def differing(session: Session, wanted: dict[str, Entry]) -> dict[str, tuple[Entry, Entry]]:
    """Return what stands on the sheet and what is wanted, where they differ."""
    return {
        name: (session.desk.entry(name), entry) for name, entry in wanted.items() if session.desk.entry(name) != entry
    }
