"""Work done in worker processes that stay warm, each task within a limit of time.

A task that hangs or takes its worker with it is ended and named; the others go on.
"""

from __future__ import annotations

import gc
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TooLong
from multiprocessing import get_context
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from engine.problems import Problem, ProblemError, problem

RECYCLED = 500
"""Tasks that a worker does before a new one takes its place: what a library does not give back is given back so."""
AHEAD = 4
"""Tasks that lie ready for each worker."""
PATIENCE = 180
"""Seconds for one task; a page takes a tenth of one, and an old PC ten times that."""

Task = TypeVar("Task")
Result = TypeVar("Result")
Outcome = tuple[Task, Result | None, list[Problem]]


class Workers:
    """A pool of worker processes, started with the first task and ended with the block that uses it."""

    def __init__(self, jobs: int, *, seconds: float | None = None) -> None:
        self._jobs, self._seconds = jobs, PATIENCE if seconds is None else seconds
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._pool is not None:
            if error is not None:  # an interrupt, or a fault: nobody waits for the rest
                self._pool.stop()
            self._pool.close()
            self._pool.join()

    def each(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Outcome[Task, Result]]:
        """Yield each task in order with what function returned for it, or None and what was wrong.

        function: of a module, so that a worker finds it by name; it may raise ProblemError. The tasks are taken as
        they are needed, a few for each worker.
        """
        waiting: deque[tuple[Task, ProcessFuture[Any]]] = deque()
        for task in tasks:
            waiting.append((task, self._started().schedule(_done, args=(function, task), timeout=self._seconds)))
            if len(waiting) >= AHEAD * self._jobs:
                yield _outcome(*waiting.popleft(), self._seconds)
        while waiting:
            yield _outcome(*waiting.popleft(), self._seconds)

    def _started(self) -> ProcessPool:
        if self._pool is None:
            context = get_context("spawn")  # the same on every system, and free of this process's threads
            self._pool = ProcessPool(self._jobs, max_tasks=RECYCLED, initializer=prepare, context=context)
        return self._pool


def _done(function: Callable[[Task], Result], task: Task) -> tuple[Result | None, list[Problem]]:
    """Do a task in a worker; return its result, or what was wrong."""
    try:
        return function(task), []
    except ProblemError as error:
        return None, list(error.problems)
    except Exception as error:  # whatever a library raises concerns this task alone
        return None, [_failed(f"{type(error).__name__}：{error}", "请把本消息交给维护人员")]


def _outcome(task: Task, future: ProcessFuture[Any], limit: float) -> Outcome[Task, Result]:
    try:
        result, problems = future.result()
    except TooLong:
        return task, None, [_failed(f"超过 {limit:g} 秒没有排完，已停止", "请检查这一份的内容是否过长")]
    except ProcessExpired:
        return task, None, [_failed("排版进程意外结束（可能是内存不足）", "请减少 --jobs 后再试")]
    return task, result, problems


def _failed(what: str, todo: str) -> Problem:
    return problem("E710", what=what, todo=todo)


def prepare() -> None:
    """Make this process a worker: interrupts are for whoever started it, and garbage is looked for less often."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000, 20, 100)
