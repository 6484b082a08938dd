"""What a message means and what to do: one text for the command, docs/messages.md and the reference pages."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from engine.catalogue import CATALOGUE
from engine.model.base import Model, Text
from engine.problems import ProblemError
from engine.source import load

SEVERITIES = {
    "error": "错误：命令停下，不写出文件，返回 1",
    "unverified": "待核：计数并列出，文书上印“待核”，返回 0",
    "draft": "草案中的问题：行动是草案时只列出，加 --strict 算错误",
}
FROM_PLACE = "照消息末尾写的办"
"""What to do, where each place where the message arises says it itself."""


class Texts(Model):
    """What an author says of a message."""

    means: Text
    """什么情形下出现，为什么退回。"""
    wrong: Text | None = None
    right: Text | None = None


class Explanation(NamedTuple):
    """A message explained. What is filled in where it arises stands as …"""

    code: str
    severity: str
    message: str
    todo: str
    means: str
    wrong: str
    right: str


def explanation(code: str) -> Explanation | None:
    """Return the explanation of a code such as E204, capitals and full width or not; None if there is none."""
    code = unicodedata.normalize("NFKC", code).strip().upper()
    if code not in CATALOGUE:
        return None
    kind, texts = CATALOGUE[code], _texts().get(code)
    todo = FROM_PLACE if kind.hint in {"", "{todo}", "{suggestion}"} else _named(kind.hint)
    means, wrong, right = (texts.means, texts.wrong or "", texts.right or "") if texts else ("", "", "")
    severity = SEVERITIES[kind.severity]
    return Explanation(code, severity, _named(kind.message), todo, means, wrong.rstrip("\n"), right.rstrip("\n"))


def lines(explained: Explanation) -> list[str]:
    """Return the explanation as lines for a terminal."""
    found = [f"{explained.code} {explained.message}", f"  {explained.severity}"]
    found += [f"  意思：{explained.means}"] if explained.means else []
    found += [f"  怎么办：{explained.todo}"]
    for title, example in (("错的", explained.wrong), ("对的", explained.right)):
        if example:
            found += [f"  {title}：", *(f"      {line}" for line in example.splitlines())]
    return found


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "" if key in ("suggestion", "todo") else "…"


def _named(template: str) -> str:
    """Return the template with … for what is filled in, without the advice that each place gives itself."""
    return template.format_map(_Filled())


@cache
def _texts() -> dict[str, Texts]:
    """Return the texts of every code that has them. A fault in the files beside this one is a bug."""
    found: dict[str, Texts] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        document, problems = load(path)
        if document is None:
            raise ProblemError(problems)
        found |= TypeAdapter(dict[str, Texts]).validate_python(document.data)
    return found
