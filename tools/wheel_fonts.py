"""Hatch build hook: a wheel carries the built fonts, if the set-up built them before."""

from __future__ import annotations

import re
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelFonts(BuildHookInterface):
    """Adds build/fonts to the wheel as engine/_data/fonts."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the folder when it is complete and current; an editable install reads the checkout's own."""
        root = Path(self.root)
        fonts, code = root / "build" / "fonts", root / "engine" / "documents" / "fonts.py"
        recipe = re.search(r'(?m)^RECIPE = "(.+)"$', code.read_text(encoding="utf-8"))
        marker = fonts / "recipe.txt"
        built = marker.is_file() and recipe is not None and marker.read_text(encoding="ascii").strip() == recipe[1]
        if version != "editable" and built:
            build_data["force_include"][str(fonts)] = "engine/_data/fonts"
