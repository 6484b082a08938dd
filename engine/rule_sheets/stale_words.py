"""Words of a rule that still name a limit which has been changed: they would be printed against the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.rules import Rule
from engine.rule_sheets.writing import Done

_LIMITS = ("low", "high")


def stale_words(after: Library, done: Sequence[Done]) -> Iterator[str]:
    """Yield a remark for each text of a changed rule in which the limit of before still stands as a number."""
    moved: dict[str, dict[str, str]] = {}
    codes: dict[str, str] = {}
    for each in done:
        change = each.change
        if change.entry is not None and change.column in _LIMITS and re.search(r"\d", change.old):
            moved.setdefault(change.entry.rule, {})[change.old] = change.new
            codes[change.entry.rule] = change.entry.cells["codes"]
    rules = {rule.id: rule for _, _, rule in rules_of(after)} if moved else {}
    for name, limits in moved.items():
        for title, text in _texts(rules[name]):
            for old, new in limits.items():
                if re.search(rf"(?<![\d.]){re.escape(old)}(?![\d.])", text):
                    moved_to = f"{codes[name]} 的限值由 {old} 改为 {new or '空白'}"
                    yield f"{moved_to}，{title}里还写着 {old}：“{text[:60]}”，请核对"


def _texts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "检查内容", rule.check
    yield "问题表述", rule.finding
    yield from (("其他问题的表述", further.finding) for further in rule.further)
    yield from (("检查内容", own.check) for own in rule.applies_to.values() if own.check is not None)
