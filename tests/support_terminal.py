"""A terminal for tests: the program in it, what it shows, what is typed."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from support import ROOT

WAIT = 120.0
"""Seconds: a busy machine starts a program slowly, and a busy disk writes slowly."""
OLD = (24, 80)
"""Lines and columns of the oldest consoles."""
WIDE = (42, 168)
"""Those of a full window on a screen of 1366×768."""


class Terminal:
    """The program in a terminal, or another command that starts it; that one gets this environment as it is."""

    def __init__(
        self, *arguments: str | Path, encoding: str = "utf-8", locale: str = "", cwd: Path | None = None,
        command: Sequence[str | bytes] = (), size: tuple[int, int] = OLD,
    ) -> None:  # fmt: skip
        self.encoding, self.seen = encoding, ""
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.shown: list[str] = []
        environment = dict(os.environ) if command else self._environment(encoding, locale)
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, size)
        self.process = subprocess.Popen(
            command or [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, cwd=cwd,
            preexec_fn=_as_a_terminal_starts,
        )  # fmt: skip
        os.close(slave)

    @staticmethod
    def _environment(encoding: str, locale: str) -> dict[str, str]:
        environment = {k: v for k, v in os.environ.items() if k not in ("CHUNFENG_RULES", "PYTHONUTF8")}
        environment |= {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT), "TERM": "vt100", "COLUMNS": "80"}
        environment |= {"LC_ALL": locale} if locale else {}
        return environment | {"PYTHONFAULTHANDLER": "1"}

    def wait_for(self, text: str) -> str:
        """Return what was shown up to the text from now on."""
        end = time.monotonic() + WAIT
        while text not in self.seen:
            if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"“{text}” was not shown, but:\n{self.seen[-2000:]}\n{self._where()}")
            self.seen += self._read()
        shown, _, self.seen = self.seen.partition(text)
        return shown + text

    def wait_until(self, *words: str, prompt: str = "> ") -> str:
        """Return what was shown until the program waits behind a prompt; one of the words must stand there."""
        end = time.monotonic() + WAIT
        while not (self.seen.endswith(prompt) and any(_stands(each, self.seen) for each in words)):
            patience = 10.0 if self.seen.endswith(prompt) else max(0.0, end - time.monotonic())
            if not select.select([self._master], [], [], patience)[0]:
                raise AssertionError(f"“{'” or “'.join(words)}” was not shown, but:\n{self.seen[-3000:]}")
            self.seen += self._read()
        shown, self.seen = self.seen, ""
        self.shown.append(shown)
        return shown

    def _where(self) -> str:
        """Return where a program that hangs stands; it is ended by this."""
        self.process.send_signal(signal.SIGABRT)
        shown = ""
        while select.select([self._master], [], [], 5.0)[0]:
            try:
                shown += self._read()
            except AssertionError:
                break
        return shown

    def _read(self) -> str:
        try:
            content = os.read(self._master, 65536)
        except OSError as error:  # the program has ended
            raise AssertionError(f"ended, having shown:\n{self.seen[-2000:]}") from error
        assert content, self.seen[-2000:]
        return self._decoder.decode(content).replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode(self.encoding))

    def ended(self) -> tuple[int, str]:
        """Return the exit code and all that was shown since the last wait."""
        end = time.monotonic() + WAIT
        while select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
            try:
                self.seen += self._read()
            except AssertionError:
                return self.process.wait(timeout=WAIT), self.seen
        raise AssertionError(f"has not ended, having shown:\n{self.seen[-2000:]}\n{self._where()}")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=WAIT)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def hang_up(self) -> int:
        """Close the window; return the exit code."""
        os.close(self._master)
        self._master = -1
        return self.process.wait(timeout=WAIT)


def _as_a_terminal_starts() -> None:
    """Give the process its terminal; Ctrl-C and a closed window their meaning, which a run in the background has lost."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _stands(words: str, shown: str) -> bool:
    """Return whether words were shown, wherever the lines are broken."""
    return re.sub(r"\s", "", words) in re.sub(r"\s", "", shown)
