"""What was changed by workbooks: rules/changes/<campaign>.yaml of the bureau's layer, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable

from engine.library.files import Place
from engine.library.load import read_files
from engine.model.rule_changes import ChangesFile, RuleChange
from engine.problems import Problem
from engine.source import dump

HEADER = "# yaml-language-server: $schema=../schemas/changes.json\n"


def notes_path(campaign: str) -> str:
    """Return the relative path of a campaign's change notes."""
    return f"rules/changes/{campaign}.yaml"


def read_notes(place: Place, campaign: str) -> tuple[tuple[RuleChange, ...], list[Problem]]:
    """Return the change notes of a campaign, the oldest first, and what is wrong with their file."""
    found, problems = read_files(place, "rules/changes", ChangesFile)
    wrong = [p for p in problems if p.mark.path == place.shown(notes_path(campaign))]
    loaded = found.get(campaign)
    return (loaded.value.changes if loaded else ()), wrong


def with_notes(text: str, campaign: str, notes: Iterable[RuleChange]) -> str:
    """Return the text of a file of change notes (empty: none yet) with these at its end; what stood there stays."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if not text.strip():
        text = f'{HEADER}campaign: "{campaign}"\nchanges:\n'
    elif not text.endswith("\n"):
        text += newline
    for note in notes:
        content = note.model_dump(mode="json", exclude_defaults=True)
        lines = dump(content, lines=False).rstrip("\n").split("\n")
        text += "".join(f"  {'- ' if number == 0 else '  '}{line}{newline}" for number, line in enumerate(lines))
    return text
