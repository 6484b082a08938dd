"""The profile of a bureau from its file."""

from __future__ import annotations

from pathlib import Path

from engine.model.bureau import BureauFile
from engine.problems import Problem
from engine.schema import validate
from engine.source import load

MAX_BUREAU_BYTES = 256 * 1024


def read_bureau(path: Path) -> tuple[BureauFile | None, list[Problem]]:
    """Return the profile in a YAML file, or None and what is wrong with it."""
    document, problems = load(path, limit=MAX_BUREAU_BYTES)
    return (None, problems) if document is None else validate(document, BureauFile)
