"""The project's own evaluation: durable_rules and the reference on every layer, and the two compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchmarks.measure import Judge
from benchmarks.workload import Facts, Workload, finding_facts, keys
from engine.inference.durable import DurableBackend
from engine.inference.ir import IrRule
from engine.inference.reference import ReferenceBackend

Layer = Callable[[Sequence[IrRule]], Judge]
"""Makes one layer of rules ready."""


def layered(workload: Workload, build: Layer) -> Judge:
    """Return an engine that judges layer after layer; what a layer finds is a fact of the next."""
    lowest, *upper = (build(layer) for layer in workload.layers)
    above = list(zip((keys(layer) for layer in workload.layers[1:]), upper, strict=True))

    def judge(facts: Facts) -> list[str]:
        found = list(lowest(facts))
        for wanted, layer in above:
            found += layer(finding_facts(wanted, set(found)))
        return found

    return judge


def ours(workload: Workload, stack: ExitStack, *, refuted: bool = False) -> Judge:
    """Return the evaluation as engine.inference.judge does it; refuted: also what certainly does not hold.

    The stack frees what the library holds.
    """

    def build(rules: Sequence[IrRule]) -> Judge:
        program, reference = DurableBackend().compile(rules), ReferenceBackend().compile(rules)
        stack.callback(program.close)

        def judge(facts: Facts) -> list[str]:
            found = program.evaluate(facts)
            if found != reference.evaluate(facts):
                raise AssertionError("durable_rules and the reference differ")
            return found

        def judge_both_ways(facts: Facts) -> list[str]:
            found = judge(facts)
            frozenset(reference.refuted(facts))
            return found

        return judge_both_ways if refuted else judge

    return layered(workload, build)


def alone(workload: Workload, stack: ExitStack, *, durable: bool) -> Judge:
    """Return one half of the evaluation, to show what it costs: durable_rules or the reference."""

    def build(rules: Sequence[IrRule]) -> Judge:
        program = DurableBackend().compile(rules) if durable else ReferenceBackend().compile(rules)
        stack.callback(program.close)
        return program.evaluate

    return layered(workload, build)
