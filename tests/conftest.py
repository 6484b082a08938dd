"""Shared fixtures. Nothing here reads anything outside the repository."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from support_documents import Invoke, Run
from support_messages import listed, made, trace, watch

from engine.commands import main
from engine.commands.console import speak_chinese
from engine.library import load
from engine.library.files import Place, place
from engine.library.load import Library, load_library
from engine.problems import Problem
from engine.source import MAX_BYTES

ROOT = Path(__file__).parent.parent

EXAMPLES = os.environ.get("CHUNFENG_EXAMPLES")
"""How many examples of every property; without it a few, and the same ones each time."""
settings.register_profile(
    "chunfeng",
    deadline=None,
    max_examples=int(EXAMPLES or 15),
    suppress_health_check=list(HealthCheck),
    derandomize=EXAMPLES is None,
    print_blob=True,
)
settings.load_profile("chunfeng")


gc.set_threshold(200_000, 50, 50)
"""The rules are loaded and stay: looking through them for cycles again and again took a sixth of the time."""

speak_chinese()  # as the program does before anything: click keeps the words of the first help it is asked for
watch()
TRIGGERS = listed()
_collected: Counter[str] = Counter()
_done: Counter[str] = Counter()
_made_by: defaultdict[str, set[str]] = defaultdict(set)


def _function(item: pytest.Item) -> str:
    """A test without its parameters."""
    return item.nodeid.partition("[")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not any("[" in argument for argument in config.args):  # single variants promise nothing
        _collected.update(_function(item) for item in items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    made.clear()
    yield
    _done[_function(item)] += 1
    _made_by[_function(item)] |= made
    trace(_function(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test that is listed for a message must trigger it, one of its variants: the list cannot go stale."""
    yield
    function = _function(item)
    if _done[function] == _collected[function]:
        missing = {code for code, node in TRIGGERS.items() if node == function} - _made_by[function]
        assert not missing, f"tests/messages.txt says that this test triggers {sorted(missing)}"


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """A command switches the cyclic collector off for its process; here it is one of many."""
    yield
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _rules_read_once() -> Iterator[None]:
    """Dozens of layers differ from the package in one file: what is the same is parsed once a process."""
    read, kept = load._read, {}

    def once(place: Place, relative: str, model: Any, problems: list[Problem]) -> Any:
        path = place.file(relative)
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return read(place, relative, model, problems)
        key = (path.read_bytes(), place.shown(relative), model)
        if key not in kept:
            found: list[Problem] = []
            kept[key] = (read(place, relative, model, found), found)
        loaded, found = kept[key]
        problems += found
        return loaded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "_read", once)
        yield


@pytest.fixture(scope="session")
def packaged() -> Place:
    """The rules of the checkout, without a layer."""
    return place()


@pytest.fixture(scope="session")
def library(packaged: Place) -> Library:
    """Every rules file, loaded once."""
    return load_library(packaged)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Run a command in this process, as the console script does."""
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.delenv("CHUNFENG_RULES", raising=False)

    def run(*arguments: str | Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["chunfeng", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Run(int(stop.value.code), out, err)

    return run
