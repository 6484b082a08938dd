"""Where the rules lie: in the installed package or the checkout, under a bureau's own folder if there is one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from engine.model.layers import LayerFile
from engine.problems import Mark, ProblemError, problem
from engine.schema import validate
from engine.source import Document, load

MAX_LAYER_FILES = 5000
MAX_LEVELS = 4
LAYER_FILE = "layer.yaml"
_READ = re.compile(
    r"(priorities|grids|laws|campaigns|calendars|wording|checklists|ledgers|clocks|grading|look-back|tables|summaries|changes)/[^/]+\.yaml|laws/(verification|concordance)\.json|escalations\.yaml|layer\.yaml"
    r"|campaigns/[^/]+\.(待办清单|放假查询)\.txt|schemas/[^/]+\.json|releases/[^/]+/[0-9a-f]{64}\.json|README\.md"
)
"""Files of a layer that some command reads."""

LAYER_VARIABLE = "CHUNFENG_RULES"
"""Environment variable naming a bureau's own rules folder, when --rules is not given."""


def program_root() -> Path:
    """Return the folder with what came with the program, templates/ among it: the package's, or the checkout's."""
    packaged = Path(str(files("engine"))) / "_data"
    return packaged if packaged.is_dir() else Path(str(files("engine"))).parent


def is_installed() -> bool:
    """Return whether the rules come from an installed package, where nothing may be written."""
    return program_root().name == "_data"


def data_root() -> Path:
    """Return the folder that holds rules/ and checklists/: of the rules pack in use, else what came with the program.

    Raises ProblemError if a pack is in use that is not there: the rules before it must not stand in for it.
    """
    packs = program_root() / PACKS
    used = packs_used(packs)
    return packs / used[-1] if used and used[-1] != BUILT_IN else program_root()


PACKS = "packs"
"""Folder of an installed program with the rules packs that were taken in, each named by its digest."""
IN_USE = "current"
"""Names the pack in use in the last line, the one before it above."""
BUILT_IN = "built-in"
"""Stands there for the rules that came with the program."""


def packs_used(packs: Path) -> list[str]:
    """Return the rules in use last, those before them first; empty where no pack was ever taken in.

    Raises ProblemError if the note of it cannot be understood, or names what is not there.
    """
    note = packs / IN_USE
    try:
        used = note.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ProblemError([problem("E970", path=note, reason="无法读取")]) from error
    if not 1 <= len(used) <= 2 or not all(_DIGEST.fullmatch(name) or name == BUILT_IN for name in used):
        raise ProblemError([problem("E970", path=note, reason="内容看不懂")])
    if used[-1] != BUILT_IN and not (packs / used[-1] / "rules").is_dir():
        raise ProblemError([problem("E970", path=note, reason=f"规则包 {used[-1][:12]} 不在")])
    return used


_DIGEST = re.compile(r"[0-9a-f]{64}")


def paper_names() -> list[str]:
    """Return the papers that there are templates for, sorted."""
    return sorted(path.parent.name for path in (program_root() / "templates").glob("*/template.html"))


def command_names() -> list[str]:
    """Return the commands by their modules, written without the program's name, sorted."""
    folder = Path(str(files("engine")), "commands")
    modules = [path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py")]
    return sorted(
        " ".join(parts).replace("_", "-")
        for parts in modules
        if parts[-1] not in ("__init__", "console", "keyboard", "options")
    )


@dataclass(frozen=True)
class Place:
    """The packaged rules and, over them, a bureau's own folder of the same shape (or None)."""

    root: Path
    layer: Path | None = None
    above: tuple[Path, ...] = ()
    """The folders of its superiors, the nearest first, as layer.yaml names them."""

    def levels(self) -> tuple[Place, ...]:
        """Return the place of each level from the highest to the layer's own, each over those before it."""
        folders = [*reversed(self.above), *([self.layer] if self.layer is not None else [])]
        return tuple(Place(self.root, folder, tuple(reversed(folders[:n]))) for n, folder in enumerate(folders))

    def superior(self) -> Place:
        """Return the place of the level above the layer: what the layer goes on from."""
        return Place(self.root, self.above[0], self.above[1:]) if self.above else Place(self.root)

    def file(self, relative: str) -> Path:
        """Return where the file of this relative path (rules/…, checklists/…) is read from: the layer wins."""
        return self._layered(relative) or self.root / relative

    def shown(self, relative: str) -> str:
        """Return how the path is printed: as the user knows it."""
        layered = self._layered(relative)
        return str(layered) if layered is not None else relative

    def listing(self, folder: str, suffix: str = ".yaml") -> Iterator[str]:
        """Yield the relative paths of the files of a folder, package and layer together, sorted."""
        names = {path.name for path in _files(self.root / folder)}
        for layer in self._layers():
            names |= {path.name for path in _files(layer / _inside(folder))}
        yield from (f"{folder}/{name}" for name in sorted(names) if name.endswith(suffix))

    def write_target(self, relative: str) -> Path:
        """Return where a file is written: always in the layer.

        Raises ProblemError if there is none, or if it lies inside an installed package.
        """
        packaged = program_root().resolve()
        if self.layer is None or (is_installed() and self.layer.resolve().is_relative_to(packaged)):
            raise ProblemError([problem("E412")])
        return self.layer / _inside(relative)

    def is_of_a_layer(self, shown: str) -> bool:
        """Return whether a file, as it is printed, lies in one of the layers."""
        return any(shown.startswith(str(layer)) for layer in self._layers())

    def unread(self) -> Iterator[str]:
        """Yield the files of the layer that no command reads, sorted: a misspelt folder must not pass in silence."""
        if self.layer is None:
            return
        found = islice(self.layer.rglob("*"), MAX_LAYER_FILES)
        for path in sorted(path for path in found if path.is_file()):
            inside = path.relative_to(self.layer).as_posix()
            if not (_READ.fullmatch(inside) or any(part.startswith(".") for part in inside.split("/"))):
                yield str(path)

    def _layered(self, relative: str) -> Path | None:
        paths = (layer / _inside(relative) for layer in self._layers())
        return next((path for path in paths if path.exists()), None)

    def _layers(self) -> tuple[Path, ...]:
        return (*([self.layer] if self.layer is not None else []), *self.above)


def place(layer: Path | None = None) -> Place:
    """Return the packaged rules with the layer given, or named by the environment, over them.

    Raises ProblemError if the environment names no folder: the packaged rules must not stand in for a bureau's.
    """
    if layer is None and os.environ.get(LAYER_VARIABLE):
        layer = Path(os.environ[LAYER_VARIABLE])
        if not layer.is_dir():
            raise ProblemError([problem("E101", Mark(str(layer)), reason=f"环境变量 {LAYER_VARIABLE} 指的不是目录")])
    return Place(data_root(), layer, superiors(layer) if layer is not None else ())


def superiors(layer: Path) -> tuple[Path, ...]:
    """Return the folders of the superiors of a layer, the nearest first, as each layer.yaml names the next.

    Raises ProblemError if one cannot be read, is no folder, or if they go in a circle.
    """
    found: list[Path] = []
    at = layer
    while (file := read_layer(at)) is not None and file.value.superior is not None:
        above = Path(os.path.normpath(at / file.value.superior))
        mark = file.document.mark(("superior",))
        if not os.path.isdir(above):  # unlike Path.is_dir: False for a name that is too long
            raise ProblemError([problem("E935", mark, folder=above, reason="没有这个目录")])
        if not os.path.isfile(above / LAYER_FILE):
            raise ProblemError([problem("E935", mark, folder=above, reason=f"里面没有 {LAYER_FILE}")])
        if len(found) == MAX_LEVELS or any(above.samefile(other) for other in (layer, *found)):
            raise ProblemError([problem("E935", mark, folder=above, reason=f"上级绕成一圈，或者多于 {MAX_LEVELS} 级")])
        found.append(above)
        at = above
    return tuple(found)


class ReadLayer(NamedTuple):
    """A layer.yaml with its document, for places."""

    document: Document
    value: LayerFile


def read_layer(folder: Path) -> ReadLayer | None:
    """Return what a folder's layer.yaml says, None if it has none. Raises ProblemError if it cannot be read."""
    path = folder / LAYER_FILE
    if not path.exists():
        return None
    document, problems = load(path)
    value, found = validate(document, LayerFile) if document is not None else (None, [])
    if document is None or value is None:
        raise ProblemError([*problems, *found])
    return ReadLayer(document, value)


def _inside(relative: str) -> str:
    """A layer has the shape of rules/ itself; site types lie in its checklists/."""
    return relative.removeprefix("rules/") if relative.startswith("rules/") else relative


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
