"""A 回头看 round of a workspace: last campaign's findings, the rule table of this one, the sites to look at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.follow_up.reviews import Target, look_back
from engine.inspections.cells import header_key
from engine.library.files import Place
from engine.library.load import read_files
from engine.model.look_back import LookBackFile
from engine.model.workspace import Inspection, KeptFinding, RegisteredSite, Setting
from engine.problems import ProblemError, problem
from engine.workspace.findings import earlier_findings, plan_look_back, take_over
from engine.workspace.folder import Workspace, open_workspace
from engine.workspace.register import Who
from engine.workspace.store import Reader

LOOK_BACK = "rules/look-back"


class LookBack(NamedTuple):
    """A 回头看 round."""

    targets: tuple[Target, ...]
    planned: tuple[Inspection, ...]
    unknown: tuple[str, ...]
    """Names of last campaign's sites that the register does not have."""
    names: dict[str, str]
    dated: date


def look_back_at(
    workspace: Workspace, place: Place, last: Path | None, who: Who, *, plan: bool, day: date | None,
    over: str = "",
) -> LookBack:  # fmt: skip
    """Return the round of the workspace's campaign; with last, after taking over the findings of that workspace.

    plan: also plan an inspection of each site. over: why sites are visited more often than the cap allows.
    Raises ProblemError.
    """
    loaded, problems = read_files(place, LOOK_BACK, LookBackFile)
    if problems:
        raise ProblemError(problems)
    unknown: tuple[str, ...] = ()
    if last is not None:
        findings, unknown = _taken(workspace, last)
        take_over(workspace, findings, who)
    with workspace.store.reading() as reader:
        table = _table(reader, {name: each.value for name, each in loaded.items()})
        sites = reader.all(RegisteredSite)
        old = _earlier(reader)
    targets = look_back(old, table, {site.id: site.site_type for site in sites})
    planned = plan_look_back(workspace, targets, day, who, over) if plan else []
    return LookBack(tuple(targets), tuple(planned), unknown, {s.id: s.name for s in sites}, table.dated)


def _table(reader: Reader, tables: Mapping[str, LookBackFile]) -> LookBackFile:
    setting = reader.get(Setting, "campaign")
    campaign = str(setting.value) if setting is not None else ""
    if campaign not in tables:
        todo = f"已有：{'、'.join(tables) or '无'}；请在本单位的规则目录 look-back 里写一份"
        raise ProblemError([problem("E888", what=f"行动 {campaign}", reason="没有回头看规则表", todo=todo)])
    return tables[campaign]


def _earlier(reader: Reader) -> list[KeptFinding]:
    """Return the findings of earlier campaigns: taken over, or of inspections of other campaigns in this workspace."""
    setting = reader.get(Setting, "campaign")
    campaign = str(setting.value) if setting is not None else ""
    others = {i.id for i in reader.all(Inspection) if i.campaign != campaign}
    return [*earlier_findings(reader), *(f for f in reader.all(KeptFinding) if f.inspection in others)]


def _taken(workspace: Workspace, last: Path) -> tuple[list[KeptFinding], tuple[str, ...]]:
    """Return the findings of last campaign's workspace with the sites' ids of this one, and the sites not found."""
    with open_workspace(last) as old, old.store.reading() as reader:
        findings, before = reader.all(KeptFinding), reader.all(RegisteredSite)
    with workspace.store.reading() as reader:
        now = reader.all(RegisteredSite)
    same = same_sites(before, now)
    names = {site.id: site.name for site in before}
    missing = sorted({names.get(f.site, f.site) for f in findings if f.site not in same})
    taken = [f.model_copy(update={"site": same[f.site]}) for f in findings if f.site in same]
    return taken, tuple(missing)


def same_sites(before: Sequence[RegisteredSite], now: Sequence[RegisteredSite]) -> dict[str, str]:
    """Return the ids of the sites as they are now by their ids before: the same credit code and type, else the name."""
    codes = {(s.credit_code, s.site_type): s.id for s in now if s.credit_code}
    names = {(header_key(s.name), s.site_type): s.id for s in now}
    found = {}
    for site in before:
        id_ = codes.get((site.credit_code, site.site_type)) if site.credit_code else None
        id_ = id_ or names.get((header_key(site.name), site.site_type))
        if id_ is not None:
            found[site.id] = id_
    return found
