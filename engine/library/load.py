"""Read every rules file into models. The result does not depend on the order of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from engine.holidays import Holidays
from engine.library.files import Place, ReadLayer, read_layer
from engine.model.base import Verification
from engine.model.clocks import ClockFile
from engine.model.grading import GradingFile
from engine.model.layers import LEVEL_WORDS
from engine.model.ledgers import LedgerFile
from engine.model.look_back import LookBackFile
from engine.model.plans import CalendarFile
from engine.model.release import ItemChange
from engine.model.rules import (
    CampaignFile,
    ClausesFile,
    EscalationFile,
    GridFile,
    InstrumentFile,
    PriorityFile,
    Rule,
    SiteTypeFile,
    WordingFile,
)
from engine.model.summaries import SummaryFile
from engine.model.tables import TableFile
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.schema import validate
from engine.source import Document, load

T = TypeVar("T", bound=BaseModel)

ESCALATIONS = "rules/escalations.yaml"
VERIFICATION = "rules/laws/verification.json"
_STEM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_UNREAD = 20
PLAIN_LAYER = "本单位的规则目录"
"""How a layer without a layer.yaml is named; releases say nothing of it."""
_VERIFICATION = {member.value: member for member in Verification}


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A file's content with the document it came from, for places."""

    document: Document
    value: T


@dataclass(frozen=True)
class VerificationRow:
    """What tools/verify_law.py found about one citation."""

    result: Verification
    reason: str
    start: str
    end: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Library:
    """All rules files by their names. Two libraries are equal only if they are one: what is made of it is kept."""

    place: Place
    priorities: Mapping[str, Loaded[PriorityFile]]
    grids: Mapping[str, Loaded[GridFile]]
    instruments: Mapping[str, Loaded[InstrumentFile]]
    campaigns: Mapping[str, Loaded[CampaignFile]]
    clauses: Mapping[str, Loaded[ClausesFile]]
    calendars: Mapping[str, Loaded[CalendarFile]]
    wording: Mapping[str, Loaded[WordingFile]]
    site_types: Mapping[str, Loaded[SiteTypeFile]]
    ledgers: Mapping[str, Loaded[LedgerFile]]
    clocks: Mapping[str, Loaded[ClockFile]]
    grading: Mapping[str, Loaded[GradingFile]]
    look_back: Mapping[str, Loaded[LookBackFile]]
    tables: Mapping[str, Loaded[TableFile]]
    summaries: Mapping[str, Loaded[SummaryFile]]
    escalations: Loaded[EscalationFile] | None
    verification: Mapping[str, VerificationRow]
    levels: tuple[ReadLayer, ...] = ()
    """What the layers say of themselves, the highest level first."""
    origins: Mapping[str, tuple[ItemChange, ...]] = field(default_factory=dict)
    """Of rules that a layer put in or wrote otherwise in its files: who did, by the rule's id."""
    problems: tuple[Problem, ...] = field(default=())
    broken: frozenset[str] = frozenset()
    """Names of files that exist but could not be read: what refers to them is not to blame."""
    unreadable_rules: bool = False
    """Whether one of them holds rules or a shared table: what names their findings cannot be checked."""
    unreadable_sites: bool = False
    """Whether one of them is a site type: what names its attributes cannot be checked."""


def load_library(place: Place) -> Library:
    """Return everything that could be read; what could not is in its problems."""
    problems = _unread(place)
    broken: set[str] = set()
    levels = _levels(place, problems)

    def folder(name: str, model: type[T], suffix: str = ".yaml", without: str = "\0") -> dict[str, Loaded[T]]:
        found = {}
        for relative in place.listing(name, suffix):
            if relative.endswith(without):
                continue
            stem = relative.rsplit("/", 1)[1].removesuffix(suffix)
            if not _STEM.fullmatch(stem):  # “cold-chain - 副本.yaml”
                problems.append(problem("E414", Mark(place.shown(relative)), name=f"{stem}{suffix}"))
                continue
            loaded = _read(place, relative, model, problems)
            if loaded is not None:
                found[stem] = loaded
            else:
                broken.add(stem)
        return found

    return Library(
        place=place,
        priorities=folder("rules/priorities", PriorityFile),
        grids=folder("rules/grids", GridFile),
        instruments=folder("rules/laws", InstrumentFile),
        campaigns=folder("rules/campaigns", CampaignFile, without=".clauses.yaml"),
        clauses=folder("rules/campaigns", ClausesFile, suffix=".clauses.yaml"),
        calendars=folder("rules/calendars", CalendarFile),
        wording=folder("rules/wording", WordingFile),
        site_types=folder("checklists", SiteTypeFile),
        ledgers=folder("rules/ledgers", LedgerFile),
        clocks=folder("rules/clocks", ClockFile),
        grading=folder("rules/grading", GradingFile),
        look_back=folder("rules/look-back", LookBackFile),
        tables=folder("rules/tables", TableFile),
        summaries=folder("rules/summaries", SummaryFile),
        escalations=_read(place, ESCALATIONS, EscalationFile, problems),
        verification=_verification(place, problems),
        levels=tuple(layer for _, layer in levels if layer is not None),
        origins=_origins(levels),
        problems=tuple(problems),
        broken=frozenset(broken),
        unreadable_rules=any("/priorities/" in f"/{p.mark.path}" or "/grids/" in f"/{p.mark.path}" for p in problems),
        unreadable_sites=any("/checklists/" in f"/{p.mark.path}" for p in problems),
    )


def _levels(place: Place, problems: list[Problem]) -> list[tuple[Place, ReadLayer | None]]:
    """Return the levels, the highest first, each with its place and what it says of itself if it has a layer.yaml."""
    found: list[tuple[Place, ReadLayer | None]] = []
    for level in place.levels():
        try:
            found.append((level, read_layer(level.layer) if level.layer is not None else None))
        except ProblemError as error:
            problems += error.problems
    return found


def _origins(levels: list[tuple[Place, ReadLayer | None]]) -> dict[str, tuple[ItemChange, ...]]:
    """Return what the files of each level did to rules: added them, or wrote them otherwise than the level above."""
    found: dict[str, tuple[ItemChange, ...]] = {}
    for level, layer in levels:
        assert level.layer is not None
        by = f"{layer.value.title}（{LEVEL_WORDS[layer.value.level]}）" if layer is not None else PLAIN_LAYER
        for relative in level.listing("rules/priorities"):
            if not level.file(relative).is_relative_to(level.layer):
                continue
            before, now = (_rules(at, relative) for at in (level.superior(), level))
            for id_, rule in now.items():
                old = before.get(id_)
                if old is None:
                    found[id_] = (*found.get(id_, ()), ItemChange(by=by, what="added", why=rule.note or ""))
                elif old != rule:
                    fields = tuple(
                        name for name in type(rule).model_fields if getattr(rule, name) != getattr(old, name)
                    )
                    change = ItemChange(by=by, what="changed", fields=fields, why="")
                    found[id_] = (*found.get(id_, ()), change)
    return found


def _rules(place: Place, relative: str) -> dict[str, Rule]:
    if not place.file(relative).is_file():
        return {}
    loaded = _read(place, relative, PriorityFile, [])
    return {rule.id: rule for rule in loaded.value.rules} if loaded is not None else {}


def _unread(place: Place) -> list[Problem]:
    unread = list(place.unread())
    found = [problem("E415", Mark(path), path=path) for path in unread[:MAX_UNREAD]]
    if len(unread) > MAX_UNREAD:
        found.append(problem("E415", Mark(str(place.layer)), path=f"另外 {len(unread) - MAX_UNREAD} 个文件"))
    return found


def read_campaign(place: Place, campaign: str) -> tuple[CampaignFile | None, list[Problem]]:
    """Return one campaign's file without loading the rest, or None and why not."""
    problems: list[Problem] = []
    loaded = _read(place, f"rules/campaigns/{campaign}.yaml", CampaignFile, problems)
    return (loaded.value if loaded else None), problems


def read_holidays(place: Place) -> Holidays:
    """Return the calendars without loading the rest; one that cannot be read is left out, its days are not known."""
    unread: list[Problem] = []
    names = {r.rsplit("/", 1)[1].removesuffix(".yaml"): r for r in place.listing("rules/calendars")}
    read = {name: _read(place, relative, CalendarFile, unread) for name, relative in names.items()}
    return Holidays({name: loaded.value for name, loaded in read.items() if loaded is not None})


def read_files(place: Place, folder: str, model: type[T]) -> tuple[dict[str, Loaded[T]], list[Problem]]:
    """Return the files of a folder (rules/ledgers …) by their names without .yaml, and what could not be read."""
    problems: list[Problem] = []
    names = {r.rsplit("/", 1)[1].removesuffix(".yaml"): r for r in place.listing(folder)}
    read = {name: _read(place, relative, model, problems) for name, relative in names.items()}
    return {name: loaded for name, loaded in read.items() if loaded is not None}, problems


def campaign_names(place: Place) -> list[str]:
    """Return the names of the campaigns there are, sorted."""
    listed = place.listing("rules/campaigns")
    return [r.rsplit("/", 1)[1].removesuffix(".yaml") for r in listed if not r.endswith(".clauses.yaml")]


def verification_key(cite: str, article: str | None, proof: tuple[str, ...]) -> str:
    """Return the key of a citation in the verification file: what was verified is article and proof together."""
    return f"{cite} {article or '-'}" + (f" {'|'.join(proof)}" if proof else "")


def _read(place: Place, relative: str, model: type[T], problems: list[Problem]) -> Loaded[T] | None:
    document, found = load(place.file(relative), place.shown(relative))
    problems += found
    if document is None:
        return None
    value, found = validate(document, model)
    problems += found
    return Loaded(document, value) if value is not None else None


def _verification(place: Place, problems: list[Problem]) -> dict[str, VerificationRow]:
    """Return the rows of the package, and over them those of each layer."""
    rows = _rows(place.root / VERIFICATION, VERIFICATION, problems)
    seen = {place.root / VERIFICATION}
    for level in place.levels():
        path = level.file(VERIFICATION)
        rows |= _rows(path, level.shown(VERIFICATION), problems) if path not in seen else {}
        seen.add(path)
    return rows


def _rows(path: Path, shown: str, problems: list[Problem]) -> dict[str, VerificationRow]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["citations"]
        return {
            key: VerificationRow(_VERIFICATION[row["result"]], row["reason"], row["from"], row["until"], row["sha256"])
            for key, row in rows.items()
        }
    except OSError as error:
        problems.append(problem("E116", Mark(shown), reason=system_reason(error)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problems.append(problem("E116", Mark(shown), reason="内容不是该有的样子"))
    return {}
