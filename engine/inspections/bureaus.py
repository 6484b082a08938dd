"""The profile of a bureau from its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.model.bureau import BureauFile
from engine.problems import Problem
from engine.schema import validate
from engine.source import dump, load, parse

MAX_BUREAU_BYTES = 256 * 1024


def read_bureau(path: Path) -> tuple[BureauFile | None, list[Problem]]:
    """Return the profile in a YAML file, or None and what is wrong with it."""
    document, problems = load(path, limit=MAX_BUREAU_BYTES)
    return (None, problems) if document is None else validate(document, BureauFile)


def bureau_yaml(authority: str, stations: Mapping[str, str], given: Mapping[str, str]) -> tuple[bytes, list[Problem]]:
    """Return the file of a new profile, or what is wrong with it.

    stations: the blocks of numbers (编号段) by the names of the stations; given: address, phone, contact and other
    fields of one line, by their keys; what is empty is left out.
    """
    listed = [{"name": name, "block": block} for name, block in stations.items()]
    data = {"kind": "bureau", "authority": authority, "stations": listed}
    text = dump(data | {key: value for key, value in given.items() if value})
    document, problems = parse(text, "本单位资料")
    if document is not None:
        problems += validate(document, BureauFile)[1]
    return text.encode(), problems
