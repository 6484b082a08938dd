"""CPU time in interleaved rounds, and how it is printed."""

from __future__ import annotations

import gc
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from statistics import median
from typing import NamedTuple, TypeVar

from benchmarks.workload import Facts

Judge = Callable[[Facts], list[str]]
"""An engine ready to work: the facts of a site to its findings, lowest layer first, in the order of the rules."""

ROUNDS = 5
LAPS = 8
"""Parts of a round; in each the engines take turns on their share of the sites."""
_LAP_SECONDS = 0.02
_Key = TypeVar("_Key")


class Timing(NamedTuple):
    """Median and extremes of the rounds, in the unit they were given in."""

    median: float
    low: float
    high: float


def timing(values: Sequence[float]) -> Timing:
    """Return the median and the extremes."""
    return Timing(median(values), min(values), max(values))


def ratios(above: Sequence[float], below: Sequence[float]) -> Timing:
    """Return the median and the extremes of the ratio round by round: what slows both leaves it alone."""
    return timing([a / b for a, b in zip(above, below, strict=True)])


def interleaved(engines: Mapping[str, Judge], sites: Sequence[Facts]) -> dict[str, list[float]]:
    """Return the CPU µs a site of each engine, round by round.

    The engines take turns every few hundredths of a second, so that a slow moment of the machine hits all of them.
    """
    shares = [share for lap in range(LAPS) if (share := sites[lap::LAPS])]
    quick = quickest(engines, shares[0])
    passes = {name: max(1, round(_LAP_SECONDS / (us * 1e-6 * len(shares[0])))) for name, us in quick.items()}
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        gc.collect()
        seconds = dict.fromkeys(engines, 0.0)
        for share in shares:
            for name, judge in engines.items():
                seconds[name] += _seconds(judge, share, passes[name])
        for name, total in seconds.items():
            taken[name].append(total / passes[name] / len(sites) * 1e6)
    return taken


def quickest(engines: Mapping[_Key, Judge], sites: Sequence[Facts]) -> dict[_Key, float]:
    """Return the CPU µs a site of each engine, the best of three passes: enough to choose among encodings."""
    best = {key: float("inf") for key in engines}
    for _ in range(3):
        for key, judge in engines.items():
            best[key] = min(best[key], _seconds(judge, sites, 1) / len(sites) * 1e6)
    return best


def _seconds(judge: Judge, sites: Sequence[Facts], passes: int) -> float:
    start = time.process_time()
    for _ in range(passes):
        for facts in sites:
            judge(facts)
    return time.process_time() - start


def same_findings(engines: Mapping[str, Judge], sites: Sequence[Facts]) -> list[list[str]]:
    """Return the findings of each site. Raises AssertionError naming engine and site where two engines differ."""
    names = list(engines)
    expected = [engines[names[0]](facts) for facts in sites]
    for name in names[1:]:
        for number, (facts, wanted) in enumerate(zip(sites, expected, strict=True)):
            found = engines[name](facts)
            if found != wanted:
                differing = sorted(set(found) ^ set(wanted)) or "their order"
                raise AssertionError(f"site {number}: {names[0]} and {name} differ in {differing}")
    return expected


def versions(packages: Sequence[str]) -> str:
    """Return the versions of Python and of packages, on one line."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])


def row(name: str, value: Timing, unit: str, digits: int = 1, note: str = "") -> str:
    """Return a line of a table: name, median, spread, note."""
    spread = f"{value.low:.{digits}f}-{value.high:.{digits}f}"
    return f"  {name:<50}{value.median:>9.{digits}f} {unit:<8}{spread:>16}  {note}".rstrip()


def at_most(value: Timing, bound: float) -> str:
    """Return whether the median keeps under a bound, as printed."""
    return f"at most {bound:g}: {'PASS' if value.median <= bound else 'over'}"


def at_least(value: Timing, bound: float) -> str:
    """Return whether the median reaches a bound, as printed."""
    return f"at least {bound:g}: {'PASS' if value.median >= bound else 'under'}"
