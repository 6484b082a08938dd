"""An answer sheet that stands in no text with lines: read from JSON, or made by the program."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.problems import Mark
from engine.source import Loc


class DataDocument:
    """An answer sheet as data without lines. A value's place is the path of keys to it."""

    def __init__(self, path: str, data: Mapping[str, object]) -> None:
        self.path, self.data = path, data

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Return the path of keys to a value, list positions from 1."""
        steps = ".".join(str(step + 1) if isinstance(step, int) else step for step in loc)
        return Mark(self.path, cell=steps)

    def written(self, loc: Loc) -> str:
        """Return the scalar at loc as JSON writes it."""
        value: object = self.data
        for step in loc:
            value = value[step]  # type: ignore[index]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
