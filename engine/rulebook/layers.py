"""A new rules folder for a level: province, city, county."""

from __future__ import annotations

import os
from pathlib import Path

from engine.library.files import LAYER_FILE, read_layer, superiors
from engine.model.layers import LEVEL_WORDS, LayerFile
from engine.problems import Mark, Problem, ProblemError, problem
from engine.schema import validate
from engine.source import dump, parse
from engine.writing import make_folder, write_atomically

_HEAD = "# yaml-language-server: $schema=schemas/layer.json\n"
_NOTES = """\
# locked：下级不得放宽的规则，例如
#   - {rule: cold-chain.refrigerator-temperature, why: 省局 2026 年第 3 号通知}
# changes：改得更严、选用或去掉的项目，每处写明从哪次行动起和理由，例如
#   - {rule: cold-chain.refrigerator-temperature, campaign: "2027", grade: critical, why: 去年两次失温}
#   - {rule: key-products.festival-pieces, campaign: "2027", drop: true, why: 辖区内没有饮片生产企业}
"""


def new_layer(folder: Path, level: str, title: str, superior: Path | None, name: str) -> Path:
    """Write the layer.yaml of a new folder and return it.

    level: 省, 市 or 县; superior: the folder of the level above, kept as the way there from the new folder. Raises
    ProblemError if the folder has one already, or what would be written cannot be read.
    """
    path = folder / LAYER_FILE
    if path.exists():
        raise ProblemError([problem("E938", Mark(str(path)), path=path)])
    if superior is not None:
        _fits(superior, level)
    make_folder(folder)
    content: dict[str, object] = {"layer": name, "title": title, "level": _level(level)}
    if superior is not None:
        content["superior"] = _way(folder, superior)
    text = _HEAD + dump(content) + _NOTES
    document, problems = parse(text, str(path))
    value, found = validate(document, LayerFile) if document is not None else (None, [])
    if value is None:
        raise ProblemError([*problems, *found])
    write_atomically(path, text.encode())
    return path


def _level(word: str) -> str:
    return next(name for name, label in LEVEL_WORDS.items() if label == word)


def _fits(superior: Path, level: str) -> None:
    """Raise ProblemError unless the folder is a layer of a higher level, and its own superiors can be read."""
    above = read_layer(superior)
    found: list[Problem] = []
    order = list(LEVEL_WORDS.values())
    if above is None:
        found.append(problem("E935", Mark(str(superior)), folder=superior, reason=f"里面没有 {LAYER_FILE}"))
    elif order.index(LEVEL_WORDS[above.value.level]) >= order.index(level):
        reason = f"它是{LEVEL_WORDS[above.value.level]}级，不在{level}级之上"
        found.append(problem("E935", Mark(str(superior)), folder=superior, reason=reason))
    if found:
        raise ProblemError(found)
    superiors(superior)


def _way(folder: Path, superior: Path) -> str:
    """Return how to get from the folder to its superior; where there is no way, on another drive, the whole path."""
    try:
        return os.path.relpath(superior.resolve(), folder.resolve()).replace(os.sep, "/")
    except ValueError:
        return str(superior.resolve()).replace(os.sep, "/")
