"""One sitting at the menu: where it takes place, who sits there, and what it shows and types on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from engine.library.files import Place, place

DATABASE = "chunfeng.db"
"""As engine.workspace.folder has it, which is loaded when it is needed."""

Given: TypeAlias = Mapping[str, tuple[str, ...]]
"""What was answered so far, by the key of what asked: nothing for what was left out."""


class Front(Protocol):
    """The terminal."""

    def say(self, text: str = "") -> None:
        """Show lines, broken to the width of the screen."""

    def ask(self, prompt: str) -> str:
        """Return a line typed behind the prompt. EOFError: there is nothing more; KeyboardInterrupt: Ctrl-C."""

    def run(self, arguments: Sequence[str]) -> int:
        """Run a command of the program as it runs from the command line; return its exit code. EOFError as above."""


@dataclass
class Sitting:
    """What is known from one entry to the next; nothing of it is kept afterwards."""

    front: Front
    folder: Path = Path()
    """Relative paths of files are read and shown from here."""
    workspace: str = ""
    by: str = ""
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What was answered for the entry that is being done again, offered as answers."""

    labels: dict[str, str] = field(default_factory=dict)
    """How people see what was chosen, by what the command is told."""
    interrupted: bool = False
    """Whether Ctrl-C was typed and nothing since."""

    def say(self, text: str = "") -> None:
        """Show lines."""
        self.front.say(text)

    def ask(self, prompt: str) -> str:
        """Return a line typed behind the prompt."""
        text = self.front.ask(prompt)
        self.interrupted = False
        return text

    def named(self, given: Given, key: str) -> str:
        """Return the first answer to a key by its short name, a file without its ending; "" if there is none."""
        value = given[key][0] if given.get(key) else ""
        label = self.labels.get(value, value)
        return Path(value).stem if label == value else re.split("[（　]", label)[0]

    @property
    def rules(self) -> Place:
        """Return the rules as commands without --rules read them. Raises ProblemError."""
        return place(None)


def workspaces(folder: Path) -> list[str]:
    """Return the workspaces in a folder, and the folder itself if it is one, sorted; as people write them."""
    try:
        found = [path.parent.name for path in folder.glob(f"*/{DATABASE}") if not path.parent.name.startswith(".")]
    except OSError:
        found = []
    return ["."] * (folder / DATABASE).is_file() + sorted(found)
