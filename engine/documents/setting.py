"""Many pages laid out in worker processes, each written to a file of its own."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from engine.documents.fonts import font_folder
from engine.documents.own_fonts import OwnFont
from engine.documents.pdf import render_pdf
from engine.problems import Problem, ProblemError, problem
from engine.writing import write_atomically

RECYCLED = 200
"""Pages that a worker lays out before a new one takes its place: what a library does not give back is given back so."""
AHEAD = 4
"""Pages that lie ready for each worker."""
_CRASHED = "排版进程意外结束（可能是内存不足）"


class Setting(NamedTuple):
    """A page to lay out, and the file to write."""

    path: Path
    html: str
    css: str
    assets: Mapping[str, bytes]
    own: tuple[OwnFont, ...] = ()


def set_pages(settings: Iterable[Setting], jobs: int) -> Iterator[tuple[Setting, list[Problem]]]:
    """Lay out every page and yield each as it is done, with what was wrong with it; the others go on.

    The settings are taken as they are needed, a few for each worker. jobs: number of worker processes; 1 works in this
    process. Raises ProblemError without fonts to build from.
    """
    coming = iter(settings)
    first = next(coming, None)
    if first is None:
        return
    coming = chain([first], coming)
    font_folder()  # built once, and not by each worker
    if jobs == 1:
        gc.enable()  # a command runs without the collector; here pages would pile up
        for setting in coming:
            yield setting, lay_out(setting)
        return
    crashed: list[Setting] = []
    while batch := next(coming, None):  # max_tasks_per_child would do, but can hang (CPython issue 115634)
        yield from _round(chain([batch], islice(coming, RECYCLED * jobs - 1)), jobs, crashed)
    for setting in crashed:  # one page ends a whole pool: alone, each shows whether it is the one
        alone: list[Setting] = []
        yield from _round([setting], 1, alone)
        if alone:
            yield setting, [problem("E706", what=_CRASHED, todo="请减少 --jobs 后再试")]


def lay_out(setting: Setting) -> list[Problem]:
    """Write the PDF of one page; return what was wrong with it."""
    try:
        write_atomically(setting.path, render_pdf(setting.html, setting.css, setting.assets, own=setting.own))
    except ProblemError as error:
        return list(error.problems)
    except Exception as error:  # whatever the renderer raises concerns this page alone
        return [problem("E706", what=f"{type(error).__name__}：{error}", todo="请把本消息交给维护人员")]
    return []


def _round(
    settings: Iterable[Setting], jobs: int, crashed: list[Setting]
) -> Iterator[tuple[Setting, list[Problem]]]:  # fmt: skip
    """Yield what a pool of workers has done; the pages it had not done when it broke go to crashed."""
    context = get_context("spawn")  # the same on every system, and free of this process's threads
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare)
    waiting: dict[Future[list[Problem]], Setting] = {}
    try:
        for setting in settings:
            try:
                waiting[pool.submit(lay_out, setting)] = setting
            except BrokenProcessPool:
                crashed.append(setting)
            if len(waiting) >= AHEAD * jobs:
                yield from _finished(waiting, crashed)
        while waiting:
            yield from _finished(waiting, crashed)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(
    waiting: dict[Future[list[Problem]], Setting], crashed: list[Setting]
) -> Iterator[tuple[Setting, list[Problem]]]:  # fmt: skip
    """Wait until at least one page is done; take what is done from waiting and yield it."""
    for done in wait(waiting, return_when=FIRST_COMPLETED).done:
        setting = waiting.pop(done)
        try:
            found = done.result()
        except BrokenProcessPool:
            crashed.append(setting)
            continue
        yield setting, found


def _prepare() -> None:
    """An interrupt is for the program that started the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
