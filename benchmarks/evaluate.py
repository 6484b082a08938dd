"""CPU µs a site: ours against zen-engine and durable_rules behind a Host, each in its fastest encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from textwrap import fill

from benchmarks.engine_host import narrow_encodings, wide_encodings
from benchmarks.engine_ours import alone, ours
from benchmarks.engine_zen import INLINED, zen_encodings
from benchmarks.measure import (
    Judge,
    at_least,
    at_most,
    interleaved,
    quickest,
    ratios,
    row,
    same_findings,
    timing,
    versions,
)
from benchmarks.workload import Facts, Workload, keys, make

SIZES = ((60, 60), (300, 200))
AT_MOST_ZEN = 2
AT_LEAST_WIDE = 4
_TRIAL_SITES = 20

OURS, REFUTED = "ours: durable + reference, compared", "ours, and what is refuted (as in production)"
DURABLE, REFERENCE = "  of which durable alone", "  of which reference alone"
ZEN, ZEN_LAYERED = "zen-engine", "zen-engine, layer by layer"
WIDE, NAIVE = "durable_rules Host, a wide fact", "durable_rules Host, a fact an answer"


def run(seed: int, sites: int) -> None:
    """Print the figures and ratios of all workloads. Raises AssertionError if two engines find different things."""
    print(f"evaluate  ({versions(['durable_rules', 'zen-engine'])}; seed {seed})")
    for single in (False, True):
        for rules, answers in SIZES:
            with ExitStack() as stack:
                _measure(make(rules, answers, sites, seed, single=single), stack)


def _measure(workload: Workload, stack: ExitStack) -> None:
    engines = {
        OURS: ours(workload, stack), REFUTED: ours(workload, stack, refuted=True),
        DURABLE: alone(workload, stack, durable=True), REFERENCE: alone(workload, stack, durable=False),
    }  # fmt: skip
    opponents = {ZEN: zen_encodings(workload), WIDE: wide_encodings(workload)}
    if workload.single:
        opponents[NAIVE] = narrow_encodings(workload)
    tried = {name: _trial(encodings, engines[OURS], workload.sites) for name, encodings in opponents.items()}
    layered = opponents[ZEN].keys() - {INLINED}
    engines[ZEN_LAYERED] = opponents[ZEN][min(layered, key=tried[ZEN].__getitem__)]
    engines |= {name: opponents[name][min(figures, key=figures.__getitem__)] for name, figures in tried.items()}
    findings = same_findings(engines, workload.sites)
    _describe(workload, sum(map(len, findings)) / len(findings))
    taken = interleaved(engines, workload.sites)
    for name, rounds in taken.items():
        print(row(name, timing(rounds), "us/site"))
    _print_ratios(taken, bounds=not workload.single)
    for name, found in tried.items():
        figures = "; ".join(f"{us:.0f} {encoding}" for encoding, us in sorted(found.items(), key=lambda pair: pair[1]))
        print(fill(f"{name}, tried, us/site: {figures}", 112, initial_indent="  ", subsequent_indent="    "))


def _trial(encodings: Mapping[str, Judge], judge: Judge, sites: Sequence[Facts]) -> dict[str, float]:
    """Return the rough CPU µs a site of each encoding, once it has found what ours finds on the sites tried."""
    same_findings({OURS: judge, **encodings}, sites[:_TRIAL_SITES])
    return quickest(encodings, sites[:_TRIAL_SITES])


def _describe(workload: Workload, findings: float) -> None:
    kind = "one answer a condition, as a fact an answer needs it" if workload.single else "mixed"
    upper = "".join(f" + {len(layer)}" for layer in workload.layers[1:])
    print(f"\n {workload.title()}{upper} rules over findings; {kind}")
    facts = sum(map(len, workload.sites)) / len(workload.sites)
    print(
        f"  {len(workload.sites)} sites, {facts:.0f} facts known of a site, {len(keys(workload.layers[0]))} read, "
        f"{findings:.1f} findings a site, the same from every engine"
    )


def _print_ratios(taken: Mapping[str, Sequence[float]], *, bounds: bool) -> None:
    zen, wide = ratios(taken[OURS], taken[ZEN]), ratios(taken[WIDE], taken[OURS])
    print(row("ours / zen-engine", zen, "x", 2, at_most(zen, AT_MOST_ZEN) if bounds else ""))
    print(row("ours / zen-engine layer by layer", ratios(taken[OURS], taken[ZEN_LAYERED]), "x", 2))
    print(row("ours with what is refuted / zen-engine", ratios(taken[REFUTED], taken[ZEN]), "x", 2))
    print(row("wide fact through Host / ours", wide, "x", 2, at_least(wide, AT_LEAST_WIDE) if bounds else ""))
    if NAIVE in taken:
        print(row("one fact an answer through Host / ours", ratios(taken[NAIVE], taken[OURS]), "x", 2))
