"""chunfeng answers key: answers keyed from paper at the terminal."""

from __future__ import annotations

import codecs
import hashlib
import os
import select
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

import click

from engine.commands.console import (
    cells,
    keep_existing,
    reported,
    show_problems,
    step,
    stop_on,
    wrap,
    write_beside,
    wrong_use,
)
from engine.commands.options import by_options, force_option, rules_option
from engine.exit_codes import ExitCode
from engine.model.sheet import MAX_SHORT, Basis, Source, Way
from engine.problems import ProblemError

if TYPE_CHECKING:
    from engine.answering.keying.desk import Screen
    from engine.answering.keying.session import Session
    from engine.inspections.opening import Inspection
    from engine.library.files import Place

WIDTH = 78
"""Cells of a line: the oldest consoles have 80."""


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
    with _keyboard() as keyboard:
        reason = _dialogue(session, keyboard, lambda: writer.write(session))
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
                click.echo(_laid_out(f"  {line}"))
        else:
            click.echo(f"{reason}没有录入，没有写出文件")
    raise click.exceptions.Exit(ExitCode.PROBLEMS if session.unsaved else ExitCode.CLEAN)


# ── the dialogue


def _dialogue(session: Session, keyboard: _Keyboard, save: Callable[[], None]) -> str:
    """Show and take until the typist leaves; return in words why it ended if the typist did not say so."""
    shown: Screen | None = None
    try:
        while not session.finished:
            screen = session.screen()
            if screen != shown:
                _show(screen)
            shown = screen
            text = keyboard.key(f"{screen.prompt} > ") if screen.single else keyboard.line(f"{screen.prompt} > ")
            for line in session.take(text):
                click.echo(_laid_out(line))
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
        click.echo(_laid_out(line))
    if screen.lines:
        click.echo(_laid_out(f"  {legend(screen)}"))


def _laid_out(line: str) -> str:
    """Return a line broken to the width of the screen, further lines indented a little more than the first."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    further = indent + "  "
    lines, used = [indent], cells(indent)
    for part in line.strip(" ").split("　"):
        if used + cells(part) + 2 > WIDTH and lines[-1].strip():
            lines.append(further)
            used = cells(further)
        gap = "  " if lines[-1].strip() else ""
        pieces = wrap(gap + part, WIDTH, lines[-1].rstrip() + gap if gap else lines[-1], further).split("\n")
        lines[-1:] = pieces
        used = cells(lines[-1])
    return "\n".join(lines)


# ── the keyboard


class _Keyboard(Protocol):
    def key(self, prompt: str) -> str:
        """Return one key, a key that sends several characters as all of them."""

    def line(self, prompt: str) -> str:
        """Return a line without its end. EOFError: there is nothing more."""


@contextmanager
def _keyboard() -> Iterator[_Keyboard]:
    """Yield the best keyboard there is: single keys where the terminal gives them, else lines."""
    with _closing_ends_input():
        if sys.platform == "win32":
            yield _Console()
            return
        import termios

        descriptor = sys.stdin.fileno()
        try:
            before = termios.tcgetattr(descriptor)
        except termios.error:
            yield _Lines()
            return
        single = [*before]
        single[3] = before[3] & ~(termios.ICANON | termios.ECHO)
        try:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, single)  # what was typed ahead stays
            yield _Terminal(descriptor)
        finally:
            with suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _closing_ends_input() -> Iterator[None]:
    """Have a closed window end the input, so that what was typed is saved."""

    def closed(number: int, frame: object) -> None:
        raise EOFError

    names = [name for name in ("SIGHUP", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), closed) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


class _Lines:
    """Lines only: a key is typed with Enter behind it."""

    def key(self, prompt: str) -> str:
        return self.line(prompt)

    def line(self, prompt: str) -> str:
        click.echo(prompt, nl=False)
        text = sys.stdin.readline()
        if not text:
            raise EOFError
        return text.rstrip("\r\n")


class _Console(_Lines):
    """The console of Windows, which edits lines itself."""

    def key(self, prompt: str) -> str:
        click.echo(prompt, nl=False)
        key = click.getchar()
        click.echo(key if key.isprintable() else "")
        return key


class _Terminal:
    """A terminal that gives every key at once. Lines are edited here: a kernel takes a Chinese character for one cell.

    Nothing typed ahead is lost between the two.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder(sys.stdin.encoding or "utf-8")("replace")
        self._waiting = ""

    def key(self, prompt: str) -> str:
        click.echo(prompt, nl=False)
        key = self._next()
        click.echo(key if key.isprintable() else "")
        return key

    def line(self, prompt: str) -> str:
        text = ""
        click.echo(prompt, nl=False)
        while True:
            key = self._next()
            if key in ("\r", "\n"):
                click.echo("")
                if "\ufffd" not in text:
                    return text
                click.echo("没有记录：有终端读不出的字符，请重新输入")
                text = ""
                click.echo(prompt, nl=False)
            elif key in ("\x7f", "\b", "\x15"):
                text = self._rubbed_out(prompt, text, text[:-1] if key != "\x15" else "")
            elif key == "\t" or (len(key) == 1 and unicodedata.category(key) != "Cc"):
                text += " " if key == "\t" else key
                click.echo(text[-1], nl=False)

    def _rubbed_out(self, prompt: str, before: str, after: str) -> str:
        gone = cells(before) - cells(after)
        if cells(prompt) + cells(before) < WIDTH:
            click.echo("\b" * gone + " " * gone + "\b" * gone, nl=False)
        else:
            click.echo(f"\n{prompt}{after}", nl=False)  # the line had run over the edge
        return after

    def _next(self) -> str:
        """Return the next character, or all those that a function key sends."""
        while not self._waiting:
            self._read()
        if self._waiting[0] == "\x04":
            raise EOFError
        if self._waiting[0] == "\x03":  # from a terminal that sends no signal
            raise KeyboardInterrupt
        size = 1
        if self._waiting[0] == "\x1b":
            if len(self._waiting) == 1 and select.select([self._descriptor], [], [], 0.05)[0]:
                self._read()
            size = _length_of_sequence(self._waiting)
        key, self._waiting = self._waiting[:size], self._waiting[size:]
        return key

    def _read(self) -> None:
        content = os.read(self._descriptor, 1024)
        if not content:
            raise EOFError
        self._waiting += self._decoder.decode(content)


def _length_of_sequence(text: str) -> int:
    """Return how many characters at the beginning of a text a function key has sent."""
    if text[1:2] == "O":
        return 3
    if text[1:2] != "[":
        return 1
    end = next((index for index, char in enumerate(text[2:], 2) if "@" <= char <= "~"), len(text) - 1)
    return end + 1
