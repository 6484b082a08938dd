"""开展情况: the short text that goes up with a table (CF2024-3.3-g), read from a text file, printed under the table."""

from __future__ import annotations

from pathlib import Path
from unicodedata import category

from engine.model.sheet import LONGEST_TEXT
from engine.problems import Mark, ProblemError, problem
from engine.reading import read_bytes
from engine.workbooks.delimited import decoded


def read_situation(path: Path) -> str:
    """Return the text of a file (UTF-8, or GB18030 as 记事本 writes it), a line a paragraph. Raises ProblemError."""
    content, problems = read_bytes(path, str(path), 4 * LONGEST_TEXT)
    if problems:
        raise ProblemError(problems)
    text = decoded(content)
    lines = [line for each in (text or "").splitlines() if (line := " ".join(each.split()))]
    found = "\n".join(lines)
    reason = ""
    if text is None or any(map(is_odd, found.replace("\n", ""))):
        reason = "既不是 UTF-8，也不是 GB18030 编码的文本；Word 文档请另存为 .txt"
    elif not found:
        reason = "是空的"
    elif len(found) > LONGEST_TEXT:
        reason = f"过长（{len(found)} 字，上限 {LONGEST_TEXT} 字）"
    if reason:
        raise ProblemError([problem("E870", Mark(str(path)), file=path, reason=reason)])
    return found


def is_odd(sign: str) -> bool:
    """Return whether a sign is one that text on paper has not: a control, half of a pair."""
    return category(sign) in ("Cc", "Cs")


def said_situation(unit: str, situation: str) -> list[str]:
    """Return it as it is printed under a table, a line a paragraph; unit: whose it is, where that is not plain."""
    lines = situation.splitlines()
    return [f"{unit}开展情况：{lines[0]}", *lines[1:]] if lines else []
