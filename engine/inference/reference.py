"""The reference backend: rules as generated Python. The oracle against which durable_rules is compared.

It is written from the conditions as they are, without the normal form of the other backend, so that the two can
disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from engine.inference.ir import All, Constant, FlatFacts, Ir, IrRule, Leaf, Opposite, Some

_PYTHON_OP = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LIMIT = 2**53
_CHUNK = 400
"""Rules in one generated function: CPython's compiler slows down beyond."""


class ReferenceBackend:
    """Compiles rules to Python functions."""

    def compile(self, rules: Sequence[IrRule]) -> ReferenceProgram:
        """Return the rules ready to evaluate."""
        return ReferenceProgram(rules)


class ReferenceProgram:
    """Compiled rules. Holds nothing outside Python."""

    def __init__(self, rules: Sequence[IrRule]) -> None:
        chunks = [rules[i : i + _CHUNK] for i in range(0, len(rules), _CHUNK)]
        self._holding = [_function(chunk, negated=False) for chunk in chunks]
        self._rules = chunks
        self._failing: list[Callable[..., None]] | None = None

    def evaluate(self, facts: FlatFacts) -> list[str]:
        """Return the ids of the rules that certainly hold, in the order given."""
        found: list[str] = []
        for function in self._holding:
            function(facts.get, found.append)
        return found

    def refuted(self, facts: FlatFacts) -> list[str]:
        """Return the ids of the rules that certainly do not hold; the rest is unknown."""
        if self._failing is None:
            self._failing = [_function(chunk, negated=True) for chunk in self._rules]
        found: list[str] = []
        for function in self._failing:
            function(facts.get, found.append)
        return found

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def _function(rules: Sequence[IrRule], *, negated: bool) -> Callable[..., None]:
    writer = _Writer()
    lines = []
    for index, rule in enumerate(rules):
        lines += [f" if {writer.expression(rule.condition, negated)}:", f"  hit(id{index})"]
    body = "\n".join(["def run(get, hit):", *writer.guards, *lines, " return None"])
    namespace: dict[str, Any] = {"date": date}
    namespace |= {f"id{index}": rule.id for index, rule in enumerate(rules)}
    namespace |= {f"c{index}": value for index, value in enumerate(writer.constants)}
    exec(compile(body, "<rules>", "exec"), namespace)  # noqa: S102  text made here from numbered names only
    return namespace["run"]  # type: ignore[no-any-return]


class _Writer:
    """Writes expressions over numbered names; no text of a rule ever becomes code."""

    def __init__(self) -> None:
        self.guards: list[str] = []
        self.constants: list[object] = []
        self._raw: dict[str, str] = {}
        self._typed: dict[tuple[str, str], str] = {}

    def expression(self, node: Ir, negated: bool) -> str:
        match node:
            case Leaf():
                return self._leaf(node, negated)
            case Opposite(part=part):
                return self.expression(part, not negated)
            case All(parts=parts):
                return self._join(parts, negated, "or" if negated else "and")
            case Some(parts=parts):
                return self._join(parts, negated, "and" if negated else "or")

    def _join(self, parts: tuple[Ir, ...], negated: bool, word: str) -> str:
        if not parts:
            return "True" if word == "and" else "False"
        return "(" + f" {word} ".join(self.expression(part, negated) for part in parts) + ")"

    def _leaf(self, leaf: Leaf, negated: bool) -> str:
        name = self._guarded(leaf.key, leaf.value)
        comparison = f"{name} {_PYTHON_OP[leaf.op]} {self._constant(leaf.value)}"
        if leaf.op == "=" and not negated:  # None equals no constant
            return comparison
        return f"({name} is not None and {'not ' if negated else ''}{comparison})"

    def _guarded(self, key: str, value: Constant) -> str:
        """Return the name that holds the fact if it has the constant's type, None otherwise."""
        kind = "number" if type(value) in (int, float) else type(value).__name__
        if (key, kind) not in self._typed:
            if key not in self._raw:
                self._raw[key] = f"v{len(self._raw)}"
                self.guards.append(f" {self._raw[key]} = get({self._constant(key)})")
            raw, name = self._raw[key], f"t{len(self._typed)}"
            if kind == "number":
                limit = float(_LIMIT)  # floats compare faster with floats, and this one is exact
                test = f"(type({raw}) is float or type({raw}) is int) and {-limit} <= {raw} <= {limit}"
            else:
                test = f"type({raw}) is {kind}"
            self.guards.append(f" {name} = {raw} if {test} else None")
            self._typed[(key, kind)] = name
        return self._typed[(key, kind)]

    def _constant(self, value: object) -> str:
        self.constants.append(value)
        return f"c{len(self.constants) - 1}"
