"""Write the pages of docs/ that are made from the program: the messages and the help of every command.

    python tools/write_docs.py          write docs/messages.md and docs/cli-reference.md
    python tools/write_docs.py --check  write nothing; exit 1 if a page is stale

tests/test_docs.py runs the check.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from engine.catalogue import CATALOGUE, Kind
from engine.commands import Commands, cli
from engine.commands.console import speak_chinese
from engine.explanations.explain import explanation, lines
from engine.writing import write_atomically

ROOT = Path(__file__).parent.parent
WIDTH = 80
"""Cells to a line of the help texts, whatever the terminal."""

REFRESH = "python tools/write_docs.py"
_MADE = f"<!-- Made by `{REFRESH}`; change the program and run it again. -->\n"

_GROUPS = {
    "1": "The file as text and as YAML",
    "2": "The shape of the content",
    "3": "Conditions and sentences",
    "4": "The rules files against each other",
    "5": "Law",
    "6": "Answers and sites",
    "7": "Records and papers",
    "8": "Inference",
    "9": "Writing",
}
_SEVERITIES = {"error": "error", "unverified": "unverified（待核）", "draft": "draft（草案）"}
_MESSAGES_HEAD = """\
# Messages

Every problem that the program can report, by its code. Words in braces are filled in. A problem prints its place
(file, line, column), its code, what is wrong in the user's own words, the line with a caret, and what to do:

    rules/priorities/cold-chain.yaml:14:5: E204 未知的字段 “grdae”
       14 |     grdae: major
          |     ^^^^^ 是否想写 “grade”？可用字段：…

- **error**: the command stops, writes no file and ends with exit code 1.
- **unverified** (待核): counted and shown by `chunfeng rules check`; the citation is printed with 待核; exit code 0.
- **draft** (草案): only inside a campaign with `status: draft`; exit code 0, or 1 with `--strict`.

Below each table stands what `chunfeng explain CODE` prints of its messages: what it means, an example, what to do.
All problems of a run are reported together, by file, line and column. A code keeps its meaning and is never used
again for another one; the wording may improve. The same content as JSON: [formats.md](formats.md#problems-json).
"""
_FROM_PLACE = "（消息中写明）"
"""For hints that the catalogue leaves to the place where the problem is found."""

_CLI_HEAD = """\
# Commands

The help of every command as the program prints it. `chunfeng` is the installed command; in a checkout
`.venv/bin/chunfeng` and `python cli.py` do the same. Under each command stands the library call that it covers: what
the command line can do, a program can do.

Exit codes: 0 nothing found, 1 findings or problems, 2 wrong use. What the commands read and write is described in
[formats.md](formats.md), their messages in [messages.md](messages.md).
"""


def pages() -> dict[str, str]:
    """Return the text of each page by its path below the repository."""
    return {"docs/messages.md": messages_page(), "docs/cli-reference.md": cli_page()}


def stale() -> dict[str, str]:
    """Return the pages that are not what the program would write now, by path, with the text that they should have."""
    return {path: text for path, text in pages().items() if _written(ROOT / path) != text}


def _written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def messages_page() -> str:
    """Return docs/messages.md: a table of the catalogue for each group of codes."""
    parts = [_MADE, _MESSAGES_HEAD]
    for digit, title in _GROUPS.items():
        rows = [_row(code, kind) for code, kind in CATALOGUE.items() if code[1] == digit]
        parts.append("\n".join(["", f"## {digit}xx {title}", "", *_TABLE_HEAD, *rows, ""]))
        parts += [_section(code) for code in CATALOGUE if code[1] == digit]
    missing = {code[1] for code in CATALOGUE} - set(_GROUPS)
    if missing:
        raise ValueError(f"no heading for codes that begin with {sorted(missing)}")
    return "".join(parts)


_TABLE_HEAD = ("| Code | Severity | Message | What to do |", "| --- | --- | --- | --- |")


def _row(code: str, kind: Kind) -> str:
    hint = _FROM_PLACE if kind.hint in {"", "{todo}", "{suggestion}"} else _filled(kind.hint)
    return f"| {code} | {_SEVERITIES[kind.severity]} | {_filled(kind.message)} | {hint} |"


def _section(code: str) -> str:
    """Return what `chunfeng explain` prints of a message."""
    explained = explanation(code)
    assert explained is not None
    return "\n".join(["", f"### {code}", "", "```text", *lines(explained), "```", ""])


class _Names(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _filled(template: str) -> str:
    """Return the template as it prints, its fields left as {name}; safe in a table cell."""
    return template.format_map(_Names()).replace("|", "\\|").replace("<", "&lt;")


def cli_page() -> str:
    """Return docs/cli-reference.md: the help of every command, at a fixed width."""
    speak_chinese()
    entries = [(context.command_path, context.command, context.get_help()) for context in contexts()]

    parts = [_MADE, _CLI_HEAD, "\n"]
    parts += [f"- [{path}](#{path.replace(' ', '-')})\n" for path, _, _ in entries]
    for path, command, text in entries:
        covers = library_call(command)
        parts.append(f"\n## {path}\n\n```text\n{text}\n```\n")
        if covers:
            parts.append(f"\nLibrary: {', '.join(f'`{name}`' for name in covers)}\n")
    return "".join(parts)


def contexts(command: click.Command = cli, parent: click.Context | None = None) -> Iterator[click.Context]:
    """Yield a context for the command and, depth first, for each command below it."""
    name = "chunfeng" if parent is None else command.name
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings
    )
    yield context
    if isinstance(command, Commands):
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            if inner is None:
                raise ValueError(f"{context.command_path} lists {below} but does not have it")
            inner.name = below
            yield from contexts(inner, context)


def library_call(command: click.Command) -> list[str]:
    """Return the library calls that a command says it covers, full names first as its docstring gives them."""
    said = " ".join((command.callback.__doc__ or "").split()) if command.callback else ""
    found = re.search(r"\(library: (.+?)\)", said)
    return found.group(1).split(", ") if found else []


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check name the stale ones; return the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    old = stale()
    for path, text in old.items():
        if arguments:
            print(f"{path} is stale: run {REFRESH}")
        else:
            write_atomically(ROOT / path, text.encode())
            print(f"wrote {path}")
    return 1 if arguments and old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
