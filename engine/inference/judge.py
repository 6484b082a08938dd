"""Both backends on the same facts. They agree, or the evaluation stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.expressions.evaluate import Facts
from engine.expressions.nodes import Condition
from engine.inference.ir import Atoms, IrRule, RuleBackend, TooComplexError, lower
from engine.inference.reference import ReferenceBackend, ReferenceProgram
from engine.problems import ProblemError, problem


def durable_backend() -> RuleBackend:
    """Return the durable_rules backend; raise ProblemError if the library cannot be used."""
    try:
        from engine.inference.durable import DurableBackend  # the library is imported where it is needed
    except ImportError as error:
        raise ProblemError([problem("E802", reason=str(error))]) from error
    return DurableBackend()


class Judge:
    """Conditions compiled for both backends; every evaluation compares the two."""

    def __init__(self, conditions: Mapping[str, Condition], backend: RuleBackend | None = None) -> None:
        self._atoms = Atoms()
        rules = [IrRule(id_, lower(condition, self._atoms)) for id_, condition in conditions.items()]
        self._reference: ReferenceProgram = ReferenceBackend().compile(rules)
        backend = backend or durable_backend()
        try:
            self._program = backend.compile(rules)
        except TooComplexError as error:
            raise ProblemError([problem("E305", reason=f"{error.rule}：{error.reason}")]) from error
        except Exception as error:
            rules_ = "、".join(list(conditions)[:5])
            raise ProblemError(
                [problem("E802", reason=f"{type(error).__name__}: {error}（规则 {rules_} 等）")]
            ) from error

    def judge(self, facts: Facts, site: str) -> tuple[list[str], frozenset[str]]:
        """Return the ids that certainly hold, in order, and those that certainly do not; the rest is unknown.

        Raises ProblemError naming the rules and the site if the backends disagree or the library fails.
        """
        flat = self.flat(facts)
        try:
            found = self._program.evaluate(flat)
        except Exception as error:
            raise ProblemError([problem("E802", reason=f"{type(error).__name__}: {error}（单位 {site}）")]) from error
        expected = self._reference.evaluate(flat)
        if found != expected:
            raise ProblemError(_disagreement(found, expected, site))
        return found, frozenset(self._reference.refuted(flat))

    def flat(self, facts: Facts) -> dict[str, object]:
        """Return the facts as both backends see them: one value a key, atoms computed."""
        flat: dict[str, object] = dict(facts.values)
        if facts.row is not None:
            flat |= {f"row:{name}": value for name, value in facts.row.items()}
        return flat | self._atoms.values(facts)

    def close(self) -> None:
        """Free what the library holds."""
        self._program.close()


def _disagreement(found: Sequence[str], expected: Sequence[str], site: str) -> list:  # type: ignore[type-arg]
    different = sorted(set(found) ^ set(expected)) or list(found)
    return [problem("E801", rule=rule, site=site or "（未填名称）") for rule in different]
