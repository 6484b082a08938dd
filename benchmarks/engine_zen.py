"""zen-engine under several encodings of the same rules; the fastest of them is what we are measured against.

A comparison with a missing fact stops zen with an error, or holds (!=), so every encoding guards against it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import compress

import zen

from benchmarks.engine_ours import layered
from benchmarks.measure import Judge
from benchmarks.workload import Facts, Workload, positive
from engine.inference.ir import All, Constant, Ir, IrRule, Leaf

INLINED = "one array, lower layers written into upper"
"""Not layer by layer: it works because conditions over findings read nothing but whether there is one."""
_NEVER = {"<": "1e15", "<=": "1e15", ">": "-1e15", ">=": "-1e15"}
"""A number that stands for a missing one: no limit of the workload lets it pass."""


def zen_encodings(workload: Workload) -> dict[str, Judge]:
    """Return zen-engine under each encoding, by what it is."""
    return {
        "array a layer, null tests": layered(workload, lambda rules: _array(rules, _null_tested)),
        "array a layer, ?? for missing": layered(workload, lambda rules: _array(rules, _coalesced)),
        "array a layer, facts as JSON text": layered(workload, lambda rules: _array(rules, _coalesced, json.dumps)),
        "filter of ids a layer": layered(workload, _filtered),
        INLINED: _inlined(workload),
        "decision table a layer, collect": layered(workload, _table),
        "expression a rule": layered(workload, _single),
    }


def _literal(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else repr(value)


def _plain(leaf: Leaf) -> str | None:
    """A missing fact equals no constant, so equality needs no guard; nor does a flag, whose other value is known."""
    if isinstance(leaf.value, bool):
        return f"{leaf.key} == {_literal(leaf.value == (leaf.op == '='))}"
    return f"{leaf.key} == {_literal(leaf.value)}" if leaf.op == "=" else None


def _null_tested(leaf: Leaf) -> str:
    return _plain(leaf) or f"({leaf.key} != null and {leaf.key} {leaf.op} {_literal(leaf.value)})"


def _coalesced(leaf: Leaf) -> str:
    missing = _NEVER.get(leaf.op) or _literal(leaf.value)
    return _plain(leaf) or f"({leaf.key} ?? {missing}) {leaf.op} {_literal(leaf.value)}"


def _expression(node: Ir, write: Callable[[Leaf], str]) -> str:
    if isinstance(node, Leaf):
        return write(node)
    word = " and " if isinstance(node, All) else " or "
    return "(" + word.join(_expression(part, write) for part in node.parts) + ")"  # type: ignore[union-attr]


def _conditions(rules: Sequence[IrRule], write: Callable[[Leaf], str] = _coalesced) -> list[str]:
    return [_expression(positive(rule.condition), write) for rule in rules]


def _array(
    rules: Sequence[IrRule], write: Callable[[Leaf], str], convert: Callable[[Facts], str] | None = None
) -> Judge:
    ids = [rule.id for rule in rules]
    evaluate = zen.compile_expression(f"[{', '.join(_conditions(rules, write))}]").evaluate
    if convert is not None:
        return lambda facts: list(compress(ids, evaluate(convert(facts))))
    return lambda facts: list(compress(ids, evaluate(facts)))


def _filtered(rules: Sequence[IrRule]) -> Judge:
    named = [f"{condition} ? '{rule.id}' : null" for rule, condition in zip(rules, _conditions(rules), strict=True)]
    return zen.compile_expression(f"filter([{', '.join(named)}], # != null)").evaluate


def _single(rules: Sequence[IrRule]) -> Judge:
    compiled = [zen.compile_expression(condition) for condition in _conditions(rules)]
    return lambda facts: [rule.id for rule, one in zip(rules, compiled, strict=True) if one.evaluate(facts)]


def _inlined(workload: Workload) -> Judge:
    """One call for all layers: where a rule reads a finding, the condition of that finding stands in its place."""
    rules = [rule for layer in workload.layers for rule in layer]
    by_id = {rule.id: positive(rule.condition) for rule in rules}

    def write(leaf: Leaf) -> str:
        if leaf.key not in by_id:
            return _coalesced(leaf)
        inner = _expression(by_id[leaf.key], write)
        return f"({inner})" if leaf.value == (leaf.op == "=") else f"(not ({inner}))"

    return _array(rules, write)


def _table(rules: Sequence[IrRule]) -> Judge:
    rows = [
        {"_id": rule.id, "i": condition, "o": f"'{rule.id}'"}
        for rule, condition in zip(rules, _conditions(rules), strict=True)
    ]
    table = {
        "hitPolicy": "collect", "inputs": [{"id": "i", "name": "condition"}],
        "outputs": [{"id": "o", "name": "id", "field": "id"}], "rules": rows,
    }  # fmt: skip
    nodes = [_node("in", "inputNode"), _node("table", "decisionTableNode", table), _node("out", "outputNode")]
    edges = [
        {"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in (("in", "table"), ("table", "out"))
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda facts: [hit["id"] for hit in decision.evaluate(facts)["result"] or ()]


def _node(name: str, kind: str, content: object = None) -> dict[str, object]:
    return {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}, "content": content or {}}
