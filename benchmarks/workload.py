"""Rules and sites made from a seed: three layers of rules in the intermediate form, and flat facts to judge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from engine.expressions.nodes import COMPLEMENT
from engine.inference.ir import All, Ir, IrRule, Leaf, Opposite, Some

Facts = dict[str, object]

MISSING = 0.04
"""Share of the answers that a site leaves open."""
FLAGS = 8
SECOND_LAYER = 20
THIRD_LAYER = 2
_KINDS = ("yes_no", "choice", "number")


@dataclass(frozen=True)
class Workload:
    """Layers of rules, lowest first, and the flat facts of each site for the lowest of them."""

    layers: tuple[tuple[IrRule, ...], ...]
    sites: tuple[Facts, ...]
    answers: int
    single: bool
    """Every condition reads one fact only."""

    def title(self) -> str:
        """Return the size as printed."""
        return f"{len(self.layers[0])} rules x {self.answers} answers"


def make(rules: int, answers: int, sites: int, seed: int, *, single: bool = False) -> Workload:
    """Return a workload, the same one for the same arguments. single: conditions that read one fact only."""
    random = Random(f"{seed} {rules} {answers} {single}")
    kinds = random.choices(_KINDS, (55, 15, 30), k=answers)
    writer = _Writer(random, kinds, single)
    first = tuple(IrRule(f"f{i}", writer.condition(i % answers)) for i in range(rules))
    second = _over_findings(random, [rule.id for rule in first], "e", SECOND_LAYER, single)
    third = _over_findings(random, [rule.id for rule in second], "t", THIRD_LAYER, single)
    asked_open = [key.removeprefix("n") for key in keys(first) if key.startswith("n")]
    made = tuple(_site(random, kinds, asked_open) for _ in range(sites))
    return Workload((first, second, third), made, answers, single)


def keys(rules: Sequence[IrRule]) -> tuple[str, ...]:
    """Return the keys of the facts that the rules read, sorted."""
    return tuple(sorted({leaf.key for rule in rules for leaf in _leaves(rule.condition)}))


def finding_facts(wanted: Sequence[str], found: Collection[str]) -> Facts:
    """Return the facts of a layer above the first: which of the wanted findings there are."""
    return {key: key in found for key in wanted}


def positive(node: Ir, negated: bool = False) -> Ir:
    """Return the condition without Opposite; it certainly holds on the same facts."""
    match node:
        case Leaf(key=key, op=op, value=value):
            return Leaf(key, COMPLEMENT[op], value) if negated else node
        case Opposite(part=part):
            return positive(part, not negated)
        case All(parts=parts) | Some(parts=parts):
            inner = tuple(positive(part, negated) for part in parts)
            return All(inner) if isinstance(node, All) != negated else Some(inner)


class _Writer:
    """Writes conditions of mixed forms, each of which holds on about a tenth of the sites."""

    def __init__(self, random: Random, kinds: Sequence[str], single: bool) -> None:
        self._random, self._kinds, self._single = random, kinds, single
        self._yes_no = [f"a{i}" for i, kind in enumerate(kinds) if kind == "yes_no"]

    def condition(self, answer: int) -> Ir:
        key = f"a{answer}"
        forms = {"yes_no": self._yes_no_forms, "choice": self._choice_forms, "number": self._number_forms}
        return self._random.choice(list(forms[self._kinds[answer]](key)))

    def _yes_no_forms(self, key: str) -> Iterator[Ir]:
        no = Leaf(key, "=", "否")
        yield from (no, no, no, no)
        yield Opposite(Some((Leaf(key, "=", "是"), Leaf(key, "=", "不适用"))))
        unanswered = Leaf(f"n{key}", "=", True)
        yield unanswered if self._single else All((unanswered, self._flag()))
        if not self._single:
            other = self._random.choice(self._yes_no)
            yield All((no, self._flag()))
            yield Some((no, Leaf(other, "=", "否")))
            yield All((Leaf(key, "=", "否"), Opposite(Leaf(other, "=", "不适用"))))

    def _choice_forms(self, key: str) -> Iterator[Ir]:
        yield Leaf(key, "!=", "齐全")
        yield Some((Leaf(key, "=", "不全"), Leaf(key, "=", "没有")))
        if not self._single:
            yield All((Leaf(key, "!=", "齐全"), self._flag()))

    def _number_forms(self, key: str) -> Iterator[Ir]:
        high, low = Leaf(key, ">", self._limit(7.0, 8.0)), Leaf(key, "<", self._limit(2.0, 3.0))
        yield high
        yield low
        yield Some((Leaf(key, "<", 2), Leaf(key, ">", 8)))
        if not self._single:
            yield All((Some((low, high)), self._flag()))

    def _limit(self, low: float, high: float) -> float:
        return round(self._random.uniform(low, high), 1)

    def _flag(self) -> Ir:
        return Leaf(f"s{self._random.randrange(FLAGS)}", "=", self._random.random() < 0.7)


def _over_findings(random: Random, below: Sequence[str], prefix: str, count: int, single: bool) -> tuple[IrRule, ...]:
    made = []
    for i in range(count):
        a, b, c = (Leaf(key, "=", True) for key in random.sample(below, 3))
        forms: list[Ir] = [a] if single else [All((a, Some((b, c)))), All((a, Opposite(b))), Some((All((a, b)), c))]
        made.append(IrRule(f"{prefix}{i}", random.choice(forms)))
    return tuple(made)


def _site(random: Random, kinds: Sequence[str], asked_open: Sequence[str]) -> Facts:
    facts: Facts = {f"s{i}": random.random() < 0.5 for i in range(FLAGS)}
    for i, kind in enumerate(kinds):
        if random.random() >= MISSING:
            facts[f"a{i}"] = _answer(random, kind)
    return facts | {f"n{key}": key not in facts for key in asked_open}


def _answer(random: Random, kind: str) -> object:
    if kind == "yes_no":
        return random.choices(("是", "否", "不适用"), (83, 12, 5))[0]
    if kind == "choice":
        return random.choices(("齐全", "不全", "没有"), (88, 8, 4))[0]
    return round(random.uniform(1.6, 8.4), 1)


def _leaves(node: Ir) -> Iterator[Leaf]:
    match node:
        case Leaf():
            yield node
        case Opposite(part=part):
            yield from _leaves(part)
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from _leaves(part)
