"""Fact sentences: a rule's template filled in with what was answered. A blank stays a blank to fill in by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

BLANK = "＿＿＿＿"
"""Printed where the answers say nothing; an inspector completes it."""

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LOOSE = re.compile(r"[{}]")


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names in braces, in the order of the text."""
    return tuple(_PLACEHOLDER.findall(template))


def has_loose_brace(template: str) -> bool:
    """Return whether a brace stands alone or around something that is not a name."""
    return bool(_LOOSE.search(_PLACEHOLDER.sub("", template)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the sentence with each {name} replaced by its value, or by a blank where there is none."""
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1)) or BLANK, template)


def listed(texts: Iterable[str]) -> str:
    """Return the texts joined as in a Chinese list, without doubles."""
    return "、".join(dict.fromkeys(texts))
