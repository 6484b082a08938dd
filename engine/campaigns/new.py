"""Next year's campaign made of last year's: its files as texts, nothing written. What people must fill in says 待填."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from engine.campaigns.splitting import Known, Sentence, with_ids
from engine.library.check_open import TO_FILL
from engine.library.load import Library
from engine.library.resolve import plan_of
from engine.model.base import Period
from engine.model.plans import Deadline, OnDays
from engine.model.rules import CampaignFile
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.source import dump
from engine.writing import make_folder, write_atomically

_NAME = re.compile(r"[0-9]{4}(-[a-z]+)?")
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")


class NewFile(NamedTuple):
    """A file to write: its path in a rules folder (rules/campaigns/2027.yaml) and its text."""

    relative: str
    text: str


class Written(NamedTuple):
    """Paths of the files that were written, and of those that were there and stay as they are."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def new_campaign(
    library: Library, name: str, since: str, period: Period, plan: Iterable[Sentence] = ()
) -> tuple[tuple[NewFile, ...], list[Problem]]:
    """Return the files of a draft campaign that extends an earlier one, or nothing and why not.

    plan: the sentences of its plan; without any the clauses of the earlier plan go on. With a plan each clause is
    kind OPEN until people say what it asks for. The library must have no error (engine.library.check.check_library).
    """
    sentences = list(plan)
    problems = list(_wrong(library, name, since, period, bool(sentences)))
    if problems:
        return (), problems
    found = [NewFile(f"rules/campaigns/{name}.yaml", _campaign_text(library.campaigns[since].value, name, period))]
    if sentences:
        own = library.clauses.get(name)
        known = [Known(c.id, c.quote) for c in own.value.clauses] if own else []
        found.append(NewFile(f"rules/campaigns/{name}.clauses.yaml", _clauses_text(name, sentences, known)))
    for year in range(period.start.year, period.end.year + 1):
        if str(year) not in library.calendars:
            found.append(NewFile(f"rules/calendars/{year}.yaml", _calendar_text(year)))
    return tuple(found), []


def write_new(library: Library, files: Iterable[NewFile]) -> Written:
    """Write the files into the layer; one that exists already stays untouched. Raises ProblemError."""
    written, kept = [], []
    for file in files:
        target = library.place.write_target(file.relative)
        if target.exists():
            kept.append(str(target))
            continue
        make_folder(target.parent)
        write_atomically(target, file.text.encode())
        written.append(str(target))
    return Written(tuple(written), tuple(kept))


def _wrong(library: Library, name: str, since: str, period: Period, with_plan: bool) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield problem("E930", name=name, reason="行动的名称应为年份，例如 2027，或年份加英文单词，例如 2027-spring")
    if since not in library.campaigns:
        names = sorted(library.campaigns)
        hint = did_you_mean(since, names) + f"可用行动：{'、'.join(names)}"
        yield problem("E613", campaign=since, suggestion=hint)
    if name == since:
        yield problem("E930", name=name, reason="不能沿用它自己")
    if period.start > period.end:
        yield problem("E930", name=name, reason=f"期间 {period.start}～{period.end} 结束早于开始")
    elif (period.end - period.start).days > 800:
        yield problem("E930", name=name, reason=f"期间 {period.start}～{period.end} 超过两年，请核对年份")
    elif name[:4] not in {str(period.start.year), str(period.end.year)}:
        yield problem("E930", name=name, reason=f"期间 {period.start}～{period.end} 不在 {name[:4]} 年，请核对年份")
    existing = library.campaigns.get(name)
    if existing is not None and existing.value.extends != since:
        of = f"沿用 {existing.value.extends}" if existing.value.extends else "不沿用别的行动"
        yield problem("E931", Mark(existing.document.path), name=name, reason=f"它{of}，不是沿用 {since}")
    elif existing is not None and existing.value.period != period:
        its = existing.value.period
        yield problem("E931", Mark(existing.document.path), name=name, reason=f"它的期间是 {its.start}～{its.end}")
    if with_plan:
        for other in sorted(n for n in library.clauses if n[:4] == name[:4] and n != name):
            yield problem("E930", name=name, reason=f"{other} 已有同一年的方案条款，编号会重复")


def _campaign_text(earlier: CampaignFile, name: str, period: Period) -> str:
    year, was = name[:4], earlier.campaign[:4]
    content: dict[str, Any] = {
        "campaign": name,
        "title": _with_year(earlier.title, year).replace("（草案）", ""),
        "plan": f"{_with_year(earlier.plan.split('（草案')[0], year)}（{TO_FILL}：核对名称和发文单位，删去这个括号）",
        "status": "draft", "extends": earlier.campaign,
    }  # fmt: skip
    text = "# yaml-language-server: $schema=../schemas/campaign.json\n" + dump(content)
    text += f"period: {{from: {period.start}, to: {period.end}}}\n"
    rest = earlier.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text += dump(
        {key: rest[key] for key in ("focus_areas", "focus_products", "hotline", "units", "changes") if key in rest}
    )
    deadlines = [_deadline(d, w, was) for d, w in zip(earlier.deadlines, rest.get("deadlines", ()), strict=True)]
    if deadlines:
        text += dump({"deadlines": deadlines})
    return text


def _deadline(deadline: Deadline, written: Mapping[str, Any], was: str) -> dict[str, Any]:
    """Return last year's deadline without its day: the new plan has to say it."""
    when = deadline.when
    days = "、".join(map(str, when.days)) if isinstance(when, OnDays) else "见原文"
    return {**written, "when": {"type": "open", "text": f"{TO_FILL}：新方案定的日期（{was} 年：{days}）"}}


def _clauses_text(name: str, sentences: list[Sentence], known: list[Known]) -> str:
    clauses = [{"id": id_, "quote": text, "kind": "OPEN"} for id_, text in with_ids(name[:4], sentences, known)]
    return "# yaml-language-server: $schema=../schemas/clauses.json\n" + dump({"campaign": name, "clauses": clauses})


def _calendar_text(year: int) -> str:
    note = f"{year} 年的放假安排还没有录入。照国务院办公厅的通知用 chunfeng rules holidays {year} 录入。"
    content = {"calendar": str(year), "announced": False, "complete": False, "note": note}
    return "# yaml-language-server: $schema=../schemas/calendar.json\n" + dump(content)


def _with_year(text: str, year: str) -> str:
    return _YEAR.sub(year, text)


def earlier_plan(library: Library, campaign: str) -> str | None:
    """Return the campaign whose plan comes before that of a campaign: that of the one it extends, None without one."""
    extends = library.campaigns[campaign].value.extends
    return plan_of(library, extends) if extends is not None else None


def period_of(first: date, last: date) -> Period:
    """Return a period of two days, both included."""
    return Period.model_validate({"from": first, "to": last})
