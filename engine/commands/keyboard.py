"""Keys and lines from a terminal: single keys where it gives them; a closed window ends the input."""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Protocol

import click

from engine.commands.console import WIDTH, cells


class Keyboard(Protocol):
    """What people type on."""

    def key(self, prompt: str) -> str:
        """Return one key, a key that sends several characters as all of them."""

    def line(self, prompt: str) -> str:
        """Return a line without its end. EOFError: there is nothing more."""


@contextmanager
def keyboard() -> Iterator[Keyboard]:
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
            yield Lines()
            return
        single = [*before]
        single[3] = before[3] & ~(termios.ICANON | termios.ECHO)
        try:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, single)  # what was typed ahead stays
            yield _terminal(descriptor, sys.stdin.encoding or "utf-8")
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


class Lines:
    """Lines only: a key is typed with Enter behind it."""

    def key(self, prompt: str) -> str:
        """Return a line: what is meant is its first key."""
        return self.line(prompt)

    def line(self, prompt: str) -> str:
        """Return a line without its end."""
        click.echo(prompt, nl=False)
        text = sys.stdin.readline()
        if not text:
            raise EOFError
        return text.rstrip("\r\n")


class _Console(Lines):
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

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
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
        if self._waiting[0] in "\x03\x04":
            ends, self._waiting = self._waiting[0] == "\x04", self._waiting[1:]
            raise EOFError if ends else KeyboardInterrupt  # the latter from a terminal that sends no signal
        size = 1
        if self._waiting[0] == "\x1b":
            if len(self._waiting) == 1 and select.select([self._descriptor], [], [], 0.05)[0]:
                self._read()
            size = _length_of_sequence(self._waiting)
        key, self._waiting = self._waiting[:size], self._waiting[size:]
        return key

    def _read(self) -> None:
        while not select.select([self._descriptor], [], [], _WAKES)[0]:
            pass  # a signal that came just before the wait is seen now
        content = os.read(self._descriptor, 1024)
        if not content:
            raise EOFError
        self._waiting += self._decoder.decode(content)


_WAKES = 0.25
"""Seconds after which a wait for keys looks for signals: one may come between the last look and the wait."""


@cache
def _terminal(descriptor: int, encoding: str) -> _Terminal:
    """Return the one keyboard of a terminal: what was typed ahead of a command is not lost to the next one."""
    return _Terminal(descriptor, encoding)


def _length_of_sequence(text: str) -> int:
    """Return how many characters at the beginning of a text a function key has sent."""
    if text[1:2] == "O":
        return 3
    if text[1:2] != "[":
        return 1
    end = next((index for index, char in enumerate(text[2:], 2) if "@" <= char <= "~"), len(text) - 1)
    return end + 1
