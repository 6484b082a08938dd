"""(a) 200 blank checklists of one campaign over several scopes: a route of ours against Typst on two processes."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.documents.process import Process
from benchmarks.measure import ROUNDS, ratios, row, timing, versions
from engine.documents.route import print_route
from engine.inspections.planning import PlannedRoute
from engine.inspections.previous import Records
from engine.inspections.routes import RouteSite
from engine.library.files import place
from engine.library.releases import current_release
from engine.model.sheet import Site
from engine.problems import Mark

SITES, JOBS = 200, 2
SCOPES: tuple[tuple[str, dict[str, bool]], ...] = (
    ("retail-pharmacy", {}), ("retail-pharmacy", {"cold": True, "rx": True, "tcm": False}),
    ("retail-pharmacy", {"cold": False, "rx": True, "psych2": False}), ("clinic", {}), ("vaccination-unit", {}),
)  # fmt: skip


def sites() -> tuple[RouteSite, ...]:
    """Return the sites, one scope after the other in turn as on a day's way."""
    found = []
    for number in range(1, SITES + 1):
        site_type, attributes = SCOPES[number % len(SCOPES)]
        identity = {"address": f"合肥市瑶海区长江东路与郎溪路交口东北角商业广场{number}号"}
        site = Site(name=f"合肥市瑶海区便民大药房连锁有限公司第{number}分店", identity=identity, attributes=attributes)
        found.append(RouteSite(Mark("route.xlsx", cell=f"第{number + 1}行"), site_type, site))
    return tuple(found)


def planned() -> PlannedRoute:
    """Return the route of the sites."""
    locked, problems = current_release(place(None), "2024")
    if locked is None:
        raise AssertionError(problems)
    return PlannedRoute(sites(), (), place(None), locked, Records(()), None, False, ())


def run() -> None:
    """Print documents a second of both and their ratio. Each round starts our workers anew; Typst stays warm."""
    taken: dict[str, list[float]] = {"ours": [], "typst": []}
    pages: dict[str, int] = {}
    size: dict[str, int] = {}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        others = [Process("typst_worker", str(n), str(JOBS), f"{folder}/{n}") for n in range(JOBS)]
        for other in others:
            stack.callback(other.close)
        for _ in range(ROUNDS):
            route, target = planned(), Path(folder) / "route.pdf"
            begun = time.perf_counter()
            printed = print_route(route.sites, route.plan, target, jobs=JOBS)
            taken["ours"].append(SITES / (time.perf_counter() - begun))
            if printed.failed or printed.sites != SITES:
                raise AssertionError(printed)
            begun = time.perf_counter()
            for other in others:
                other.tell("all")
            answers = [other.answer() for other in others]
            taken["typst"].append(SITES / (time.perf_counter() - begun))
            pages = {"ours": printed.pages, "typst": sum(answer["pages"] for answer in answers)}
            size = {"ours": target.stat().st_size, "typst": sum(answer["bytes"] for answer in answers)}
    print(
        f"blank checklists  ({versions(['weasyprint', 'typst'])}; {SITES} sites, {len(SCOPES)} scopes, {JOBS} workers)"
    )
    for name, told in (("ours", "ours: print_route"), ("typst", "Typst, warm")):
        note = f"{pages[name] / SITES:.1f} pages, {size[name] / SITES / 1024:.0f} kB a document"
        print(row(told, timing(taken[name]), "docs/s", 1, note))
    print(row("ours / Typst", ratios(taken["ours"], taken["typst"]), "x", 2))
