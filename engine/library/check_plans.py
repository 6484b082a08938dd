"""What answers the clauses of a plan, its deadlines, and the calendars: what they name exists, days are in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from engine.library.check_names import not_found
from engine.library.files import command_names, paper_names
from engine.library.load import Library
from engine.model.base import Period
from engine.model.plans import CampaignKey, Daily, Deadline, Weekly
from engine.problems import Mark, Problem, problem
from engine.source import Loc

_WHAT = {
    "columns": "共用表的栏目", "attributes": "单位属性", "identity": "单位资料的栏目", "leads": "单位类型",
    "documents": "文书", "commands": "命令", "campaign": "行动文件里的内容",
}  # fmt: skip


def check_answers(library: Library) -> Iterator[Problem]:
    """Yield what answers a clause and is not there: columns, attributes, identity fields, site types and the rest."""
    known = _known(library)
    for name, loaded in sorted(library.clauses.items()):
        if name in library.campaigns:
            file = library.campaigns[name].value
            known["campaign"] = {key for key in get_args(CampaignKey) if getattr(file, key)}
        else:
            known["campaign"] = set(get_args(CampaignKey))
        for index, clause in enumerate(loaded.value.clauses):
            for key, what in _WHAT.items() if clause.answered_by is not None else ():
                for place, named in enumerate(getattr(clause.answered_by, key)):
                    if named not in known[key] and named.split(".")[0] not in library.broken:
                        mark = loaded.document.mark(("clauses", index, "answered_by", key, place))
                        yield not_found(mark, named, what, known[key])


def _known(library: Library) -> dict[str, set[str]]:
    """Return everything that answered_by may name, by its key."""
    types = [loaded.value for loaded in library.site_types.values()]
    return {
        "columns": {f"{n}.{c}" for n, g in library.grids.items() for c in g.value.answer.columns},
        "attributes": {n for t in types for name in t.attributes for n in (name, f"{t.site_type}.{name}")},
        "identity": {n for t in types for field in t.identity for n in (field.id, f"{t.site_type}.{field.id}")},
        "leads": set(library.site_types),
        "documents": set(paper_names()),
        "commands": set(command_names()),
    }


def check_deadlines(library: Library) -> Iterator[Problem]:
    """Yield deadlines with the id of another, of nobody that reports, and periods that end before they begin."""
    for _, loaded in sorted(library.campaigns.items()):
        units = {unit.name for unit in loaded.value.units}
        first: dict[str, int] = {}
        for index, deadline in enumerate(loaded.value.deadlines):
            loc: Loc = ("deadlines", index)
            if first.setdefault(deadline.id, index) != index:
                where = f"deadlines 第 {first[deadline.id] + 1} 项"
                yield problem("E401", loaded.document.mark((*loc, "id")), id=deadline.id, first=where)
            for place, who in enumerate(deadline.who):
                if who not in units:
                    yield not_found(loaded.document.mark((*loc, "who", place)), who, "报送单位（units）", units)
            mark = loaded.document.mark((*loc, "when"))
            yield from (_order(mark, "期限", period) for period in periods(deadline) if period.start > period.end)


def check_stages(library: Library) -> Iterator[Problem]:
    """Yield stages of a campaign that end before they begin, overlap, or leave days between them to no stage."""
    for _, loaded in sorted(library.campaigns.items()):
        stages = loaded.value.stages
        for index, stage in enumerate(stages):
            mark = loaded.document.mark(("stages", index, "period"))
            if stage.period.start > stage.period.end:
                yield _order(mark, stage.title, stage.period)
        for index, (earlier, later) in enumerate(pairwise(stages), 1):
            mark = loaded.document.mark(("stages", index, "period"))
            days = (later.period.start - earlier.period.end).days
            if days != 1:
                how = "重叠，或先后颠倒" if days < 1 else f"之间空了 {days - 1} 天"
                yield problem("E413", mark, what="阶段", reason=f"{earlier.title} 与 {later.title} {how}")


def periods(deadline: Deadline) -> tuple[Period, ...]:
    """Return the stretches of days that a deadline speaks of; none for single days and open ones."""
    if isinstance(deadline.when, Daily):
        return deadline.when.periods
    if isinstance(deadline.when, Weekly) and deadline.when.period is not None:
        return (deadline.when.period,)
    return ()


def check_calendars(library: Library) -> Iterator[Problem]:
    """Yield days of another year, holidays that end before they begin, and worked weekends that are none."""
    for name, loaded in sorted(library.calendars.items()):
        calendar, document = loaded.value, loaded.document
        for index, holiday in enumerate(calendar.holidays):
            mark = document.mark(("holidays", index, "period"))
            if holiday.period.start > holiday.period.end:
                yield _order(mark, holiday.name, holiday.period)
            elif {holiday.period.start.year, holiday.period.end.year} != {int(name[:4])}:
                yield problem("E413", mark, what=holiday.name, reason=f"不在 {name} 年内；跨年的分写在两个文件里")
        for index, working in enumerate(calendar.working_days):
            mark = document.mark(("working_days", index, "date"))
            if str(working.date.year) != name:
                yield problem("E413", mark, what="调休上班", reason=f"不在 {name} 年内")
            elif working.date.weekday() < 5:
                yield problem("E413", mark, what="调休上班", reason="应为星期六或星期日")
            elif any(working.date in holiday.period for holiday in calendar.holidays):
                yield problem("E413", mark, what="调休上班", reason="这一天又列为放假")
        for index, festival in enumerate(calendar.festivals):
            if str(festival.date.year) != name:
                mark = document.mark(("festivals", index, "date"))
                yield problem("E413", mark, what=festival.name, reason=f"不在 {name} 年内")


def _order(mark: Mark, what: str, period: Period) -> Problem:
    return problem("E413", mark, what=what, reason=f"{period.start}～{period.end}：结束早于开始")
