"""What the menu is made of: menus, entries that run a command, and what each asks for. Frozen; nothing is done here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.menu.sitting import Given, Sitting


@dataclass(frozen=True)
class Option:
    """One of the things to choose from: what the command is told, and how people see it."""

    value: str
    label: str


Listing: TypeAlias = Callable[[Sitting, Given], Sequence[Option]]
"""What there is to choose from, given what was answered before."""


@dataclass(frozen=True)
class Text:
    """A line in the user's own words."""


@dataclass(frozen=True)
class Day:
    """A day, told to the command as 2024-01-31."""


@dataclass(frozen=True)
class Pick:
    """One of a listing by its number, or by a part of its name; several where many is true."""

    listing: Listing
    many: bool = False
    own: bool = False
    """Whether something may be typed that is not listed."""


@dataclass(frozen=True)
class OldFile:
    """A file that is there: by number from the current folder and the folders in it, or by its path."""

    suffixes: tuple[str, ...]
    many: bool = False
    kind: str = ""
    """What a YAML file says it is in its line `kind:`; others are not listed. Empty: any."""


@dataclass(frozen=True)
class NewFile:
    """A file or folder to be written; a name is proposed that is still free, and its ending is given to any other."""

    name: Callable[[Sitting, Given], str]
    folder: bool = False


@dataclass(frozen=True)
class Flag:
    """Yes or no; yes gives the option."""


@dataclass(frozen=True)
class Folder:
    """The workspace that is in use."""


@dataclass(frozen=True)
class By:
    """The name of who sits here, asked once a sitting."""


Kind: TypeAlias = Text | Day | Pick | OldFile | NewFile | Flag | Folder | By


@dataclass(frozen=True)
class Ask:
    """One thing that an entry asks for."""

    key: str
    title: str
    kind: Kind
    option: str = ""
    """As the command line writes it; empty: an argument; "-": asked for what follows, not told to the command."""
    optional: bool = False
    skipped: str = "不写"
    """What Enter means where it may be left out."""
    when: Callable[[Given], bool] = lambda given: True
    """Whether it is asked at all, given what was answered before."""
    joined: str = ""
    """What stands between several values when the command takes them as one."""


@dataclass(frozen=True)
class Entry:
    """A line of a menu that runs a command: its words, what is asked for it, and options that are always given."""

    title: str
    command: tuple[str, ...]
    asks: tuple[Ask, ...] = ()
    fixed: tuple[str, ...] = ()
    hint: str = ""
    """Said before anything is asked."""
    lines: Callable[[Given], list[list[str]]] | None = None
    """For what takes several commands, or words that are put together: the arguments of each."""
    confirmed: tuple[str, ...] = ()
    """What was shown is done with these options beside the others, once it went through and the user says so."""
    question: str = ""
    """What is asked then."""


@dataclass(frozen=True)
class Menu:
    """A line of a menu that opens another one."""

    title: str
    entries: tuple[Entry | Menu, ...]


def arguments_of(entry: Entry, given: Given, *, confirmed: bool = False) -> list[list[str]]:
    """Return the arguments of each command that an entry runs, in their order. confirmed: to do what was shown."""
    if entry.lines is not None:
        return entry.lines(given)
    return [command_line(entry.command, entry.asks, given, entry.fixed + (entry.confirmed if confirmed else ()))]


def command_line(command: Sequence[str], asks: Sequence[Ask], given: Given, fixed: Sequence[str] = ()) -> list[str]:
    """Return the arguments of one command: its name, arguments in the order of the asks, then options."""
    words: list[str] = []
    options: list[str] = [*fixed]
    for ask in asks:
        values = given.get(ask.key, ())
        if ask.option == "-" or not values:
            continue
        if isinstance(ask.kind, Flag):
            options += [ask.option] if values == ("y",) else []
            continue
        if ask.joined:
            values = (ask.joined.join(values),)
        if ask.option:
            options += [word for value in values for word in (ask.option, value)]
        else:
            words += values
    if any(word.startswith("-") for word in words):
        return [*command, *options, "--", *words]
    return [*command, *words, *options]
