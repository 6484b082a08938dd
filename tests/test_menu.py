"""The menu: every entry is a command line that the command takes; what is typed is read or asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import pytest

from engine.commands import cli
from engine.commands.console import cells
from engine.menu.model import Day, Entry, Flag, Menu, arguments_of
from engine.menu.tree import TOP


def entries(menu: Menu = TOP, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Entry]]:
    for entry in menu.entries:
        if isinstance(entry, Menu):
            yield from entries(entry, (*above, entry.title))
        else:
            yield " › ".join((*above, entry.title)), entry


ENTRIES = dict(entries())


def command_of(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that a command line names, and what follows its name."""
    found: click.Command = cli
    context, rest = click.Context(cli), list(words)
    while isinstance(found, click.Group) and rest:
        inner = found.get_command(context, rest.pop(0))
        assert inner is not None, words
        found = inner
    return found, rest


def answers(entry: Entry) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield answers to all that an entry asks: what must be answered only, then everything."""
    words = {"word": "确认", "kind": "pdf", "format": "xlsx", "stations": "城东所=瑶1、城西所=瑶2"}
    for whole in (False, True):
        said: dict[str, tuple[str, ...]] = {}
        for ask in entry.asks:
            if not ask.when(said):
                continue
            text = "2024-01-15" if isinstance(ask.kind, Day) else "y" if isinstance(ask.kind, Flag) else "1=确认"
            wanted = whole or not (ask.optional or isinstance(ask.kind, Flag))
            said[ask.key] = (words.get(ask.key, text),) if wanted else ()
        yield said


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_what_its_command_takes(name: str) -> None:
    """Each word is an argument or an option of the command, and what the command requires is asked for."""
    for said in answers(ENTRIES[name]):
        for line in arguments_of(ENTRIES[name], said):
            command, rest = command_of(line)
            taken, left, _ = command.make_parser(click.Context(command)).parse_args(list(rest))
            assert not left, f"{line}: nothing takes {left}"
            required = {p.name for p in command.params if p.required}
            missing = [n for n in required if n not in taken or taken[n] in (None, ())]
            assert not missing, f"{line}: {missing} is not asked for"
            choices = {p.name: p.type.choices for p in command.params if isinstance(p.type, click.Choice)}
            assert all(taken.get(n) is None or taken[n] in (*c, "1=确认") for n, c in choices.items()), line


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
