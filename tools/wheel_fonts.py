"""Hatch build hook: a wheel carries the built fonts, if the set-up built them before."""

from __future__ import annotations

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelFonts(BuildHookInterface):
    """Adds build/fonts to the wheel as engine/_data/fonts."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the folder when it is complete; an editable install reads the checkout's own."""
        fonts = Path(self.root) / "build" / "fonts"
        if version != "editable" and (fonts / "recipe.txt").is_file():
            build_data["force_include"][str(fonts)] = "engine/_data/fonts"
