"""durable_rules as its manual has it: a Host, actions in Python, strings as they are.

Kept to what is safe there (docs/decisions/0003): no timer threads, one sid, facts retracted instead of states deleted,
rules cut into rulesets of which one fact can leave fewer than 60 matches pending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from durable.engine import Host, MessageNotHandledException

from benchmarks.engine_ours import layered
from benchmarks.measure import Judge
from benchmarks.workload import Facts, Workload, keys, positive
from engine.inference.ir import All, Ir, IrRule, Leaf, conjunctions

_OPERATOR = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_FIRST_TESTS = 50
"""Different first tests a ruleset may have: leaves ten of 60 for the tests behind them."""


class _QuietHost(Host):
    def _run(self) -> None:
        """Start no threads: they act on states that are gone."""


def wide_encodings(workload: Workload) -> dict[str, Judge]:
    """Return the Host with one wide fact a site, all of it or what each ruleset reads, by what it is."""
    return {
        "the whole fact to each ruleset": layered(workload, lambda rules: _wide(rules, whole=True)),
        "to each ruleset what it reads": layered(workload, lambda rules: _wide(rules, whole=False)),
    }


def narrow_encodings(workload: Workload) -> dict[str, Judge]:
    """Return the Host with a fact for each answer, by what it is.

    Its rules must read one answer each: two would need a join, and those crash the library.
    """
    if not workload.single:
        raise ValueError("conditions over several answers need joins")
    return {
        "question and value as two properties": layered(workload, lambda rules: _narrow(rules, named=False)),
        "the question as the property": layered(workload, lambda rules: _narrow(rules, named=True)),
    }


def _wide(rules: Sequence[IrRule], *, whole: bool) -> Judge:
    fired: list[str] = []
    order = {rule.id: index for index, rule in enumerate(rules)}
    host = _QuietHost()
    rulesets = []
    for number, chunk in enumerate(_chunks(rules)):
        name = f"chunk{number}"
        _register(host, name, [(rule.id, _pattern(positive(rule.condition))) for rule in chunk], fired)
        rulesets.append((name, keys(chunk)))

    def judge(facts: Facts) -> list[str]:
        fired.clear()
        for name, read in rulesets:
            sent = facts if whole else {key: facts[key] for key in read if key in facts}
            if _assert(host, name, {"sid": "s", "id": "f", **sent}):
                host.retract_fact(name, {"sid": "s", "id": "f"})
        return sorted(set(fired), key=order.__getitem__)

    return judge


def _narrow(rules: Sequence[IrRule], *, named: bool) -> Judge:
    fired: list[str] = []
    order = {rule.id: index for index, rule in enumerate(rules)}
    read = keys(rules)
    host = _QuietHost()
    patterns = []
    for rule in rules:
        (key,) = keys([rule])
        condition = positive(rule.condition)
        two = {"$and": [{"question": key}, _pattern(condition, "value")]}
        patterns.append((rule.id, _pattern(condition) if named else two))
    _register(host, "answers", patterns, fired)

    def judge(facts: Facts) -> list[str]:
        fired.clear()
        for key in read:
            if key in facts:
                answer = {key: facts[key]} if named else {"question": key, "value": facts[key]}
                if _assert(host, "answers", {"sid": "s", "id": key, **answer}):
                    host.retract_fact("answers", {"sid": "s", "id": key})
        return sorted(set(fired), key=order.__getitem__)

    return judge


def _chunks(rules: Sequence[IrRule]) -> list[list[IrRule]]:
    chunks: list[list[IrRule]] = [[]]
    first: set[Leaf] = set()
    for rule in rules:
        own = {leaves[0] for leaves in conjunctions(rule)}
        if len(first | own) > _FIRST_TESTS:
            chunks.append([])
            first = set()
        chunks[-1].append(rule)
        first |= own
    return chunks


def _register(host: Host, name: str, patterns: Sequence[tuple[str, object]], fired: list[str]) -> None:
    """Give the Host a ruleset, and fire it once: until then the library holds memory that it has not filled in."""
    rules = {id_: {"all": [{"m": pattern}], "run": _action(id_, fired)} for id_, pattern in patterns}
    rules["warm-up"] = {"all": [{"m": {"warm": 1}}], "run": _action("warm-up", fired)}
    host.set_rulesets({name: rules})
    host.assert_fact(name, {"sid": "s", "id": "w", "warm": 1})
    host.retract_fact(name, {"sid": "s", "id": "w"})


def _action(id_: str, fired: list[str]) -> Callable[[object], None]:
    def act(_: object) -> None:
        fired.append(id_)

    return act


def _assert(host: Host, ruleset: str, fact: Facts) -> bool:
    """Return whether the fact matched anything; one that did not is not kept."""
    try:
        host.assert_fact(ruleset, fact)
    except MessageNotHandledException:
        return False
    return True


def _pattern(node: Ir, name: str | None = None) -> dict[str, object]:
    if isinstance(node, Leaf):
        test: dict[str, object] = {name or node.key: node.value}
        return test if node.op == "=" else {_OPERATOR[node.op]: test}
    return {"$and" if isinstance(node, All) else "$or": [_pattern(part, name) for part in node.parts]}  # type: ignore[union-attr]
