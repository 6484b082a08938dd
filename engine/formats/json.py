"""Checklists and answers as JSON for other programs: the items, a blank answer sheet, and the sheet filled in."""

from __future__ import annotations

import json
import re

from engine.answering.data import DataDocument
from engine.answering.head import Opener
from engine.formats.yaml import blank_sheet
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.source import MAX_DEPTH, MAX_NUMBER, MAX_VALUES, Written, decode

SUFFIXES = (".json",)
MAX_BYTES = 4 * 1024 * 1024


def write_checklist(checklist: Checklist) -> bytes:
    """Return {"kind": "checklist", "checklist": …, "sheet": …}; columns and details keep their printed order."""
    content = {
        "kind": "checklist",
        "schema": 1,
        "checklist": checklist.model_dump(mode="json", by_alias=True),
        "sheet": blank_sheet(checklist),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def recognises(content: bytes) -> bool:
    """Return whether the content is an object of JSON, as far as its beginning tells, and not of another format."""
    return _is_object(content) and _KIND_OF_A_FORM.search(content) is None


_KIND_OF_A_FORM = re.compile(rb'"kind"\s*:\s*"chunfeng-form"')
"""A key wherever it stands: other programs sort keys. Inside a text its quotes would be escaped."""


def is_of_a_form(content: bytes) -> bool:
    """Return whether the content is an object of JSON that the offline form exports (engine.formats.offline_form)."""
    return _is_object(content) and _KIND_OF_A_FORM.search(content) is not None


def _is_object(content: bytes) -> bool:
    return content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet in the bytes: the object itself, or the "sheet" of what write_checklist() wrote.

    Keys that stand twice, numbers that JSON does not have (NaN), and deep or endless content are refused.
    """
    data, problems = read_json(content, shown)
    if problems:
        return None, problems
    if isinstance(data, dict) and data.get("kind") == "checklist" and isinstance(data.get("sheet"), dict):
        data = data["sheet"]
    if not isinstance(data, dict) or data.get("kind") != "answers":
        todo = '答卷的 "kind" 是 "answers"；空白答卷用 checklist --as json 生成'
        return None, [problem("E642", Mark(shown), reason="JSON 里没有答卷", todo=todo)]
    return DataDocument(shown, data), []


_MOST_COMMAS = 5 * MAX_VALUES
"""Those inside texts among them: counted before anything is parsed, for values take fifty times their bytes."""
_NO_TEXT = re.compile("[\x00-\x08\ud800-\udfff]")


class _Refused(ValueError):
    pass


def read_json(content: bytes, shown: str) -> tuple[object, list[Problem]]:
    """Return the value in the bytes of a JSON file, or None and what is wrong with it."""
    text, problems = decode(content, shown)
    if problems:
        return None, problems
    if text.count(",") > _MOST_COMMAS:
        return None, [_unreadable(Mark(shown), f"内容过多（超过 {MAX_VALUES} 个值）")]
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int)
        _bounded(data)
    except json.JSONDecodeError as error:
        return None, [_unreadable(Mark(shown, error.lineno, error.colno), f"JSON 语法错误（{error.msg}）")]
    except _Refused as error:
        return None, [_unreadable(Mark(shown), str(error))]
    except (RecursionError, ValueError):
        return None, [_unreadable(Mark(shown), f"嵌套超过 {MAX_DEPTH} 层，或数字过长")]
    return data, []


def _unreadable(mark: Mark, reason: str) -> Problem:
    return problem("E642", mark, reason=reason, todo="请用原来的程序重新导出")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _Refused(f"同一层里重复的键 “{next(key for key in keys if keys.count(key) > 1)[:40]}”")
    return found


def _constant(text: str) -> object:
    raise _Refused(f"{text} 不是数字")


def _int(text: str) -> int:
    return int(_exact(text))


def _float(text: str) -> float:
    return float(_exact(text))


def _exact(text: str) -> str:
    if len(text) > 30 or abs(float(text)) > MAX_NUMBER:
        raise _Refused(f"数字 {text[:30]} 超出可用范围，编号请加引号")
    return text


def _bounded(data: object) -> None:
    """Raise _Refused for content that is too deep or has too many values, or characters that are none."""
    waiting: list[tuple[object, int]] = [(data, 1)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise _Refused(f"内容过多（超过 {MAX_VALUES} 个值）")
        if depth > MAX_DEPTH:
            raise _Refused(f"嵌套超过 {MAX_DEPTH} 层")
        if isinstance(value, str) and _NO_TEXT.search(value):
            raise _Refused("含有不能使用的字符")
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
