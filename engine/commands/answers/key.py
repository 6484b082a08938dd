"""chunfeng answers key: answers keyed from paper at the terminal."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from engine.commands.console import (
    keep_existing,
    laid_out,
    reported,
    show_problems,
    step,
    stop_on,
    write_beside,
    wrong_use,
)
from engine.commands.keyboard import Keyboard, keyboard
from engine.commands.options import by_options, force_option, rules_option
from engine.exit_codes import ExitCode
from engine.model.sheet import MAX_SHORT, Basis, Source, Way
from engine.problems import ProblemError

if TYPE_CHECKING:
    from engine.answering.keying.desk import Screen
    from engine.answering.keying.session import Session
    from engine.inspections.opening import Inspection
    from engine.library.files import Place


@click.command(
    help="照着填好的纸质检查表，在终端里逐项录入答案。检查表是任何一种空白表（YAML、JSON、xlsx……），"
    "或没有录完的答卷。每录一处就写一次 -o 的文件；中断以后用同一条命令接着录。按 ? 看全部按键。",
    short_help="照纸质检查表逐项录入答案。",
    epilog="例：chunfeng answers key 空白表.json --by 张三 -o 答卷.yaml",
)
@click.argument("checklist", type=click.Path(dir_okay=False, path_type=Path), metavar="检查表")
@click.option(
    "-o", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="答卷.yaml",
    help="写到哪个文件；已经录了一部分的接着录，可以就是要接着录的答卷。",
)  # fmt: skip
@by_options
@force_option
@rules_option
def command(
    checklist: Path, target: Path, by: str, at: str, basis: Basis | None, force: bool, rules: Path | None
) -> None:
    """Write the sheet after every answer (library: engine.answering.keying.session.Session)."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        wrong_use("answers key 要在终端窗口里逐键录入，不接受管道或文件里的内容；填好的文件请用 answers read 读取")
    from engine.answering.keying.edits import Sitting, is_blank, sat_down
    from engine.answering.keying.session import Session
    from engine.formats import format_of_file
    from engine.library.files import place

    opened, source = _opened(place(rules), checklist, target, force=force)
    sitting = Sitting(source.model_copy(update={"by": by, "at": at}), basis)
    going_on = not is_blank(opened)
    came_as: Way = "json" if format_of_file(checklist) == "json" else "yaml"
    session = Session(sat_down(opened, sitting, came_as), sitting, going_on=going_on)
    if going_on:
        where = f"，从 {session.where()} 继续" if session.where() else ""
        step(f"接着上次的录：{session.summary()[0]}{where}。上一项没有录完的按 p 回去")
    writer = _Writer(target)
    with keyboard() as typed:
        reason = _dialogue(session, typed, lambda: writer.write(session))
    _end(session, writer, reason)


def _opened(where: Place, checklist: Path, target: Path, *, force: bool) -> tuple[Inspection, Source]:
    """Return the sheet to go on with and what the paper's blank was; end if there is none."""
    from engine.answering.photographs import gather
    from engine.formats import format_of_file, open_file, read_attachments

    source = _source(checklist)
    path = checklist
    if target.exists() and target.resolve() == checklist.resolve():
        if format_of_file(target) != "yaml":
            wrong_use(f"-o 不能是 {checklist}：它不是 YAML 答卷，写进去会毁掉原件；请另写一个文件名")
    elif target.exists() and not force:
        path = target
    opened, problems = open_file(where, path, as_made=True, waiting=True)
    if path is target and (opened is None or not _is_of(opened, source)):
        keep_existing(target, force)
    stop_on(problems)
    assert opened is not None
    if path is not target:
        gathered = gather(opened.sheet, opened.checklist, path, dict(read_attachments(path)), target)
        with reported():
            write_beside(gathered.files, force)
        for notice in gathered.notices:
            click.echo(f"注意：{notice}", err=True)
        opened = opened._replace(sheet=gathered.sheet)
    told = opened.sheet.provenance
    keyed = [s for s in told.sources if s.way == "keyed"] if told is not None else []
    if path.resolve() == target.resolve() and keyed:
        source = keyed[-1]
    return opened, source


def _source(checklist: Path) -> Source:
    try:
        digest = hashlib.sha256(checklist.read_bytes()).hexdigest()
    except OSError:
        digest = ""  # opening it says what is wrong
    return Source(way="keyed", file=checklist.name[:MAX_SHORT], sha256=digest)


def _is_of(opened: Inspection, source: Source) -> bool:
    """Return whether a sheet was keyed from this file before."""
    told = opened.sheet.provenance
    return told is not None and any(s.way == "keyed" and s.sha256 == source.sha256 for s in told.sources)


class _Writer:
    """Writes the sheet, never over what somebody else has written there meanwhile."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._known = self._digest()

    def _digest(self) -> str:
        try:
            return hashlib.sha256(self.target.read_bytes()).hexdigest()
        except OSError:
            return ""

    def write(self, session: Session) -> None:
        """Write the sheet; if that cannot be, say so and leave it for the next time."""
        from engine.answering.writing import sheet_yaml
        from engine.writing import write_atomically

        if self.target.exists() and self._digest() != self._known:
            self._elsewhere()
        content = sheet_yaml(session.inspection)
        try:
            write_atomically(self.target, content)
        except ProblemError as error:
            show_problems(error.problems)
            click.echo("没有存上，录入的还在；排除以后会再存", err=True)
            return
        self._known = hashlib.sha256(content).hexdigest()
        session.saved()

    def _elsewhere(self) -> None:
        old = self.target
        names = (old.with_name(f"{old.stem}-{number}{old.suffix}") for number in range(2, 10_000))
        self.target = next(path for path in names if not path.exists())
        click.echo(f"注意：{old} 在录入期间被别的程序改过，没有覆盖；以后写到 {self.target}", err=True)


def _end(session: Session, writer: _Writer, reason: str) -> NoReturn:
    """Save what is not saved, say what is missing, and end."""
    if session.unsaved:
        writer.write(session)
    with suppress(OSError):  # the terminal may be gone
        click.echo("")
        for line in session.left_out():
            click.echo(line)
        if session.unsaved:
            click.echo(f"没有存上：{writer.target}", err=True)
        elif writer.target.exists():
            click.echo(f"{reason}已保存：{writer.target}")
            for line in session.summary():
                click.echo(laid_out(f"  {line}"))
        else:
            click.echo(f"{reason}没有录入，没有写出文件")
    raise click.exceptions.Exit(ExitCode.PROBLEMS if session.unsaved else ExitCode.CLEAN)


# ── the dialogue


def _dialogue(session: Session, typed: Keyboard, save: Callable[[], None]) -> str:
    """Show and take until the typist leaves; return in words why it ended if the typist did not say so."""
    shown: Screen | None = None
    try:
        while not session.finished:
            screen = session.screen()
            if screen != shown:
                _show(screen)
            shown = screen
            text = typed.key(f"{screen.prompt} > ") if screen.single else typed.line(f"{screen.prompt} > ")
            for line in session.take(text):
                click.echo(laid_out(line))
            if session.unsaved:
                save()
    except KeyboardInterrupt:
        return "中断。"
    except (EOFError, OSError):
        return "输入结束。"
    return ""


def _show(screen: Screen) -> None:
    from engine.answering.keying.session import legend

    if screen.lines and screen.lines[0].startswith("["):
        click.echo("")
    for line in screen.lines:
        click.echo(laid_out(line))
    if screen.lines:
        click.echo(laid_out(f"  {legend(screen)}"))
