"""One module a format, found by listing this folder; its name is the value of --as (web_page is web-page).

A format that can write a checklist has SUFFIXES and write_checklist(checklist) -> bytes; one with
pages has write_with_layout(checklist) -> (bytes, layout as JSON) too, and takes the bureau's own fonts in both.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType


def format_names() -> list[str]:
    """Return the formats that a checklist can be written in, sorted."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")
    return [name.replace("_", "-") for name in modules]


def load_format(name: str) -> ModuleType:
    """Return the module of a format named by format_names()."""
    return import_module(f"engine.formats.{name.replace('-', '_')}")


def format_of_suffix(suffix: str) -> str | None:
    """Return the format that a file name's ending stands for, None if it stands for none."""
    return next((name for name in format_names() if suffix.lower() in load_format(name).SUFFIXES), None)
