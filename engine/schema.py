"""Between documents and models: validation with Chinese problems at their place, and JSON Schemas for editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from engine.model.base import PATTERN_WORDS
from engine.problems import Problem, did_you_mean, problem
from engine.source import Loc, Written

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "文字（数字编号请加引号）",
    "int_type": "整数",
    "int_from_float": "整数",
    "float_type": "数字",
    "bool_type": "true 或 false",
    "list_type": "列表",
    "tuple_type": "列表",
    "dict_type": "对照表（若干 “键: 值”）",
    "model_type": "对照表（若干 “键: 值”）",
    "model_attributes_type": "对照表（若干 “键: 值”）",
    "date_type": "日期，如 2024-01-31",
}

_REASONS: dict[str, str] = {
    "string_too_short": "不能为空",
    "string_too_long": "最多 {max_length} 字",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "date_parsing": "不是存在的日期，请写成 2024-01-31 的样子",
    "date_from_datetime_parsing": "不是存在的日期，请写成 2024-01-31 的样子",
    "date_from_datetime_inexact": "不是存在的日期，请写成 2024-01-31 的样子",
}


def validate(document: Written, model: type[M]) -> tuple[M | None, list[Problem]]:
    """Return the model that the document holds, or None and every problem with it, each at its place."""
    try:
        return model.model_validate_json(json.dumps(document.data, ensure_ascii=False)), []
    except ValidationError as error:
        schema = model.model_json_schema()
        found = [_translate(detail, document, schema) for detail in error.errors(include_url=False)]
        return None, _without_shadows(found)


def json_schema(model: type[BaseModel], title: str) -> str:
    """Return the JSON Schema of a file kind as stable text, for editors that complete and check YAML."""
    schema = TypeAdapter(model).json_schema()
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **_draft_07(schema), "title": title}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _draft_07(node: Any) -> Any:
    """Rewrite to the draft that every editor understands, and const to enum: of that editors complain in Chinese."""
    if isinstance(node, dict):
        if "const" in node and "properties" not in node:
            node = {("enum" if k == "const" else k): ([v] if k == "const" else v) for k, v in node.items()}
        return {("definitions" if k == "$defs" else k): _draft_07(v) for k, v in node.items() if k != "discriminator"}
    if isinstance(node, list):
        return [_draft_07(child) for child in node]
    return node.replace("#/$defs/", "#/definitions/") if isinstance(node, str) else node


def _without_shadows(found: list[tuple[Loc, Problem]]) -> list[Problem]:
    """Keep one problem a place, and none that only follows from a deeper one (a list that seems too short)."""
    by_loc: dict[Loc, Problem] = {}
    for loc, item in found:
        by_loc.setdefault(loc, item)
    parents = {loc[:size] for loc in by_loc for size in range(len(loc))}
    return [item for loc, item in by_loc.items() if loc not in parents]


def _translate(detail: ErrorDetails, document: Written, schema: Mapping[str, Any]) -> tuple[Loc, Problem]:
    kind, context = detail["type"], detail.get("ctx", {})
    loc = _real_loc(detail["loc"], document, missing=kind == "missing")
    special = _SPECIAL.get(kind)
    if special is not None:
        return loc, special(loc, document, schema, context, detail)
    mark = document.mark(loc)
    value = _shown(detail["input"])
    if kind in _EXPECTED:
        return loc, problem("E203", mark, expected=_EXPECTED[kind], actual=_kind_of(detail["input"]), text=value)
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return loc, problem("E205", mark, text=value, reason=PATTERN_WORDS.get(pattern, f"格式应符合 {pattern}"))
    if kind in _REASONS:
        return loc, problem("E205", mark, text=value, reason=_REASONS[kind].format_map(context))
    return loc, problem("E205", mark, text=value, reason=detail["msg"])


def _missing(loc: Loc, document: Written, schema: Mapping[str, Any], ctx: Mapping[str, Any], detail: Any) -> Problem:
    return problem("E201", document.mark(loc[:-1], key=True), key=loc[-1], hint=f"请补上 “{loc[-1]}”")


def _extra(loc: Loc, document: Written, schema: Mapping[str, Any], ctx: Mapping[str, Any], detail: Any) -> Problem:
    allowed = _allowed_keys(detail["loc"][:-1], schema)
    hint = did_you_mean(str(loc[-1]), allowed)
    mark = document.mark(loc, key=True)
    return problem("E204", mark, key=loc[-1], suggestion=hint, allowed="、".join(allowed))


def _literal(loc: Loc, document: Written, schema: Mapping[str, Any], ctx: Mapping[str, Any], detail: Any) -> Problem:
    allowed = str(ctx.get("expected", "")).replace("'", "").replace(" or ", "、").replace(", ", "、")
    return problem("E202", document.mark(loc), text=_shown(detail["input"]), allowed=allowed)


def _tag(loc: Loc, document: Written, schema: Mapping[str, Any], ctx: Mapping[str, Any], detail: Any) -> Problem:
    discriminator = str(ctx.get("discriminator", "type")).strip("'")
    allowed = str(ctx.get("expected_tags", "")).replace("'", "").replace(", ", "、")
    value = detail["input"]
    if isinstance(value, dict) and discriminator in value:
        place = (*loc, discriminator)
        return problem("E202", document.mark(place), text=_shown(value[discriminator]), allowed=allowed)
    return problem("E206", document.mark(loc), key=discriminator, allowed=allowed or "见文档")


_SPECIAL: dict[str, Callable[[Loc, Written, Mapping[str, Any], Mapping[str, Any], Any], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _literal,
    "enum": _literal,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag,
}


def _real_loc(loc: tuple[int | str, ...], document: Written, *, missing: bool) -> Loc:
    """Drop from a pydantic location what stands in no file: union tags and “[key]”."""
    real: list[int | str] = []
    value = document.data
    for step in loc[:-1] if missing else loc:
        inside = isinstance(value, dict) and step in value
        if inside or (isinstance(value, list) and isinstance(step, int) and step < len(value)):
            real.append(step)
            value = value[step]  # type: ignore[index]  # narrowed by the line above
    return (*real, loc[-1]) if missing else tuple(real)


def _allowed_keys(loc: tuple[int | str, ...], schema: Mapping[str, Any]) -> list[str]:
    """Return the fields that the model at this pydantic location knows, found by walking its JSON Schema."""
    node: Mapping[str, Any] = schema
    for step in loc:
        node = _child(node, step, schema)
    node = _resolve(node, schema)
    if "properties" not in node:
        node = next((b for b in _branches(node, schema) if "properties" in b), node)
    return list(node.get("properties", {}))


def _child(node: Mapping[str, Any], step: int | str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for branch in (_resolve(node, schema), *_branches(node, schema)):
        if isinstance(step, int):
            if "items" in branch:
                return dict(branch["items"])
            continue
        if step in branch.get("properties", {}):
            return dict(branch["properties"][step])
        if branch.get("properties", {}).get("type", {}).get("const") == step:
            return branch
        if isinstance(branch.get("additionalProperties"), dict):
            return dict(branch["additionalProperties"])
    return {}


def _branches(node: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    resolved = _resolve(node, schema)
    return [_resolve(b, schema) for b in (*resolved.get("anyOf", ()), *resolved.get("oneOf", ()))]


def _resolve(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][str(node["$ref"]).rsplit("/", 1)[1]]
    return node


def _kind_of(value: object) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是非值"
    if isinstance(value, (int, float)):
        return "数字"
    if isinstance(value, str):
        return "文字"
    return "列表" if isinstance(value, list) else "对照表"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, (dict, list)) else "…"
