"""A command whose writes are counted, and one of them made to fail or the process to end there.

`python tests/support_writing.py MODE NUMBER -- ARGUMENTS…`: MODE count prints how many steps of writing there were; exit
ends the process at step NUMBER, as a power cut would; slow says “written” at each step and waits, to be killed.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

STEPS = ("mkstemp", "write", "flush", "fsync", "chmod", "replace")


class Steps:
    """Wraps every step of writing a file; calls act(number, name) before each."""

    def __init__(self, act: Callable[[int, str], None]) -> None:
        self.done: list[str] = []
        self._act = act

    def step(self, name: str) -> None:
        """Count a step and let it happen, or not."""
        self.done.append(name)
        self._act(len(self.done), name)

    def install(self, put: Callable[[Any, str, Any], None]) -> None:
        """Put the wrapped functions in the place of the real ones by put(module, name, function)."""
        for module, name in ((tempfile, "mkstemp"), (os, "fsync"), (os, "chmod"), (os, "replace")):
            put(module, name, self._before(name, getattr(module, name)))
        opened = os.fdopen

        def fdopen(handle: int, mode: str = "r", *rest: Any, **more: Any) -> Any:
            file = opened(handle, mode, *rest, **more)
            return _File(file, self) if "w" in mode else file

        put(os, "fdopen", fdopen)

    def _before(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **named: Any) -> Any:
            self.step(name)
            return function(*arguments, **named)

        return stepped


class _File:
    def __init__(self, file: Any, steps: Steps) -> None:
        self._file, self._steps = file, steps

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *told: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> int:
        self._file.write(content[: len(content) // 2])  # half of it is there when the step comes
        self._file.flush()
        self._steps.step("write")
        return int(self._file.write(content[len(content) // 2 :]))

    def flush(self) -> None:
        self._steps.step("flush")
        self._file.flush()

    def fileno(self) -> int:
        return int(self._file.fileno())


def full_disk(at: int) -> Callable[[int, str], None]:
    """Fail at one step, as a full disk does."""

    def act(number: int, name: str) -> None:
        if number == at:
            raise OSError(errno.ENOSPC, "No space left on device")

    return act


def stepped(mode: str, at: int, steps: type[Steps], run: Callable[[], None]) -> None:
    """Run something whose steps are counted, end the process at one of them, or go slowly, to be killed."""

    def act(number: int, name: str) -> None:
        if mode == "exit" and number == at:
            os._exit(9)
        if mode == "slow":
            os.write(1, b"written\n")
            time.sleep(0.02)

    counted = steps(act)
    counted.install(setattr)
    try:
        run()
    finally:
        if mode == "count":
            os.write(1, f"\nsteps {len(counted.done)}\n".encode())


def _main(mode: str, at: int, arguments: list[str]) -> None:
    from engine.commands import main

    sys.argv = ["chunfeng", *arguments]
    stepped(mode, at, Steps, main)


if __name__ == "__main__":
    split = sys.argv.index("--")
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[split + 1 :])
