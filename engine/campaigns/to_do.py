"""What is to be done for a campaign before it can be issued: law, clauses, items, holidays, blanks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, get_args

from engine.campaigns.matching import proposals
from engine.campaigns.new import earlier_plan
from engine.holidays import Holidays
from engine.laws import article_text
from engine.library.check_law import Placed, citations, find_version
from engine.library.check_open import TO_FILL
from engine.library.concordance import Successor, successors
from engine.library.load import Library
from engine.library.resolve import plan_of, resolve
from engine.model.release import Release, ReleaseItem
from engine.model.rules import CampaignFile, InstrumentVersion
from engine.model.to_do import Proposal, ToDo, ToDoEntry, ToDoKind
from engine.problems import Problem, did_you_mean, problem


class Looked(NamedTuple):
    """What a campaign kept in a workspace says of its items."""

    campaign: str
    asked: Mapping[str, int]
    """How many sealed inspections answered the rule."""
    found: frozenset[str]
    """Rules of which some finding, its main one or a further one, was confirmed."""


def to_do(
    library: Library, campaign: str, problems: Iterable[Problem], looked: Sequence[Looked] = ()
) -> tuple[ToDo | None, list[Problem]]:
    """Return what is to be done for a campaign, or None and why not.

    problems: those of engine.library.check_open.check_open, of which it takes the 待填; looked: past campaigns from the
    workspaces that were given. The library must have no error.
    """
    loaded = library.campaigns.get(campaign)
    if loaded is None:
        names = sorted(library.campaigns)
        hint = did_you_mean(campaign, names) + f"可用行动：{'、'.join(names)}"
        return None, [problem("E613", campaign=campaign, suggestion=hint)]
    file = loaded.value
    entries = [
        *_old_law(library, file),
        *_clauses(library, campaign),
        *_not_asked(library, campaign),
        *_never_found(library, campaign, looked),
        *_holidays(library, file),
        *_blanks(library, campaign, problems),
        *_unknown(looked),
    ]
    order = get_args(ToDoKind)
    entries.sort(key=lambda e: order.index(e.kind))
    counts: dict[ToDoKind, int] = {kind: sum(1 for e in entries if e.kind == kind) for kind in order}
    found = ToDo(
        campaign=campaign, title=file.title, extends=file.extends, period=file.period, entries=tuple(entries),
        counts=counts,
    )  # fmt: skip
    return found, []


# ── law


def _old_law(library: Library, file: CampaignFile) -> Iterator[ToDoEntry]:
    """Yield articles that are not in force on some day of the campaign, and that nothing beside them takes over.

    What had ended before the campaign that it extends began is history: it was settled then.
    """
    period = file.period
    earlier = library.campaigns.get(file.extends or "")
    since = earlier.value.period.start if earlier is not None else date.min
    groups: dict[tuple[str, tuple[object, ...]], list[Placed]] = {}
    for placed in citations(library):
        groups.setdefault((placed.document.path, placed.loc[:-1]), []).append(placed)
    ended: dict[tuple[str, str | None], list[Placed]] = {}
    for group in groups.values():
        for placed in group:
            version = find_version(library, placed.citation.cite)
            if version is not None and version.end is not None and since < version.end <= period.end:
                day = max(version.end, period.start)
                if not any(_takes_over(library, placed, other, day) for other in group):
                    ended.setdefault((placed.citation.cite, placed.citation.article), []).append(placed)
    codes = _codes(library)
    for (cite, article), places in sorted(ended.items(), key=lambda pair: (pair[0][0], pair[0][1] or "")):
        version = find_version(library, cite)
        assert version is not None
        assert version.end is not None
        yield _ended(library, version, cite, article, places, max(version.end, period.start), codes)


def _takes_over(library: Library, old: Placed, other: Placed, day: date) -> bool:
    """Return whether another citation beside it is in force on the day, and of the same instrument or of a successor.

    What comes into force on the very day on which the other ends takes over too.
    """
    version = find_version(library, other.citation.cite)
    if version is None or not (version.start <= day and (version.end is None or day < version.end)):
        return False
    if other.citation.sites and not set(old.citation.sites or ("",)) <= set(other.citation.sites):
        return False
    ended = find_version(library, old.citation.cite)
    if ended is not None and version.start == ended.end:
        return True
    name = other.citation.cite.partition("@")[0]
    heirs = {s.cite.partition("@")[0] for s in successors(library, old.citation.cite, old.citation.article, day)}
    return name in {old.citation.cite.partition("@")[0], *heirs}


def _ended(
    library: Library, version: InstrumentVersion, cite: str, article: str | None, places: list[Placed], day: date,
    codes: Mapping[str, tuple[str, ...]],
) -> ToDoEntry:  # fmt: skip
    found = [_successor(library, s) for s in successors(library, cite, article, day)]
    where = article_text(article) if article else "（具体条款待核）"
    edition = f"（{version.edition}）" if version.edition else ""
    where_to = "在规则表格的“依据”页改写引用"
    todo = (
        f"对照新条文原文，认可后{where_to}；款、项要另外核对" if found else f"没有条号对照，请查找现行规定后{where_to}"
    )
    return ToDoEntry(
        kind="citation", subject=f"{cite} {article or '-'}",
        text=f"《{version.title}》{edition}{where}自 {version.end} 起失效",
        places=tuple(dict.fromkeys(_place(p, codes) for p in places)), proposals=tuple(found), todo=todo,
    )  # fmt: skip


def _successor(library: Library, successor: Successor) -> Proposal:
    version = find_version(library, successor.cite)
    edition = f"（{version.edition}）" if version is not None and version.edition else ""
    title = version.title if version is not None else successor.cite
    sure = successor.agreed and successor.similarity >= 0.5
    doubt = "" if sure else "，把握不大，须人工查对"
    return Proposal(
        name=f"{successor.cite} {successor.article}", text=f"《{title}》{edition}{article_text(successor.article)}",
        reason=f"条号对照表：文字相似度 {successor.similarity:.2f}{doubt}",
    )  # fmt: skip


def _codes(library: Library) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for loaded in library.priorities.values():
        for rule in loaded.value.rules:
            found[rule.id] = tuple(sorted(a.code for a in rule.applies_to.values()))
    return found


def _place(placed: Placed, codes: Mapping[str, tuple[str, ...]]) -> str:
    """Return the printed codes of the item in which a citation stands, else its file and line."""
    if placed.loc[:1] == ("rules",):
        rule = placed.document.at((*placed.loc[:2], "id"))
        return f"{'、'.join(codes.get(str(rule), ()))}（{rule}）"
    mark = placed.mark
    return f"{mark.path}:{mark.line}"


# ── clauses and items


def _clauses(library: Library, campaign: str) -> Iterator[ToDoEntry]:
    """Yield the clauses of the campaign's own plan that nobody has looked at, with earlier ones of the same words."""
    if campaign not in library.clauses:
        yield ToDoEntry(
            kind="clause", subject=campaign, text=f"还没有新方案的条款，暂用 {plan_of(library, campaign)} 的方案条款",
            todo="方案印发后再运行 campaign new，用 --plan 写明方案文件",
        )  # fmt: skip
        return
    earlier = earlier_plan(library, campaign)
    old = library.clauses[earlier].value.clauses if earlier is not None and earlier in library.clauses else ()
    for clause in library.clauses[campaign].value.clauses:
        if clause.kind == "OPEN":
            yield ToDoEntry(
                kind="clause", subject=clause.id, text=clause.quote, proposals=proposals(clause, old),
                todo="看过以后在规则表格的“方案条款”页（或用 campaign map）写明：与去年哪几条相同，或者由什么落实",
            )  # fmt: skip


def _not_asked(library: Library, campaign: str) -> Iterator[ToDoEntry]:
    """Yield items that the campaign before asked for and no clause of this one does."""
    extends = library.campaigns[campaign].value.extends
    if extends is None or extends not in library.campaigns or campaign not in library.clauses:
        return
    asked = {item.rule for item in _asked(resolve(library, campaign))}
    lost: dict[str, list[ReleaseItem]] = {}
    for item in _asked(resolve(library, extends)):
        if item.rule not in asked:
            lost.setdefault(item.rule, []).append(item)
    waiting = sum(1 for clause in library.clauses[campaign].value.clauses if clause.kind == "OPEN")
    if waiting and lost:
        yield ToDoEntry(
            kind="not-asked", subject=extends, text=f"有 {len(lost)} 项规则还没有新方案的条款要求",
            todo=f"先看完 {waiting} 条方案条款；剩下的届时逐项列出",
        )  # fmt: skip
        return
    for rule, items in sorted(lost.items()):
        yield ToDoEntry(
            kind="not-asked", subject=rule, text=items[0].check, places=tuple(i.code for i in items),
            todo=f"{extends} 行动要求检查，新方案还没有条款要求；仍要查的，把条款对上，不查的不用管",
        )  # fmt: skip


def _asked(release: Release) -> Iterator[ReleaseItem]:
    for kind in release.site_types.values():
        yield from (item for item in kind.items if item.clauses)


def _never_found(library: Library, campaign: str, looked: Sequence[Looked]) -> Iterator[ToDoEntry]:
    if len(looked) < 2:
        return
    names = "、".join(each.campaign for each in looked)
    by_rule: dict[str, list[ReleaseItem]] = {}
    for item in _asked(resolve(library, campaign)):
        by_rule.setdefault(item.rule, []).append(item)
    for rule, items in sorted(by_rule.items()):
        counts = [each.asked.get(rule, 0) for each in looked]
        if all(counts) and not any(rule in each.found for each in looked):
            yield ToDoEntry(
                kind="never-found", subject=rule, text=items[0].check, places=tuple(i.code for i in items),
                todo=f"{names} 两次行动共检查 {sum(counts)} 家次，没有发现问题；是否保留请定",
            )  # fmt: skip


# ── days, blanks, what is not known


def _holidays(library: Library, file: CampaignFile) -> Iterator[ToDoEntry]:
    holidays = Holidays({name: calendar.value for name, calendar in library.calendars.items()})
    for year in range(file.period.start.year, file.period.end.year + 1):
        for doubt in holidays.doubts([year]):
            first, last = max(file.period.start, date(year, 1, 1)), min(file.period.end, date(year, 12, 31))
            yield ToDoEntry(
                kind="holidays", subject=str(year), text=f"{doubt}；行动要用到 {first} 至 {last}",
                todo=f"查国务院办公厅关于 {year} 年部分节假日安排的通知，用 chunfeng rules holidays {year} 录入",
            )  # fmt: skip


def _blanks(library: Library, campaign: str, problems: Iterable[Problem]) -> Iterator[ToDoEntry]:
    file = library.campaigns[campaign].document.path
    todo = f"在规则表格的“行动和期限”页填好（或在文件里填好，删去 “{TO_FILL}” 的字样）"
    own = {file}
    own |= {loaded.document.path for loaded in library.priorities.values()}
    own |= {loaded.document.path for loaded in library.site_types.values()}
    for found in sorted((p for p in problems if p.code == "D940" and p.mark.path in own), key=lambda p: p.sort_key):
        yield ToDoEntry(
            kind="fill-in", subject=f"{found.mark.path}:{found.mark.line}",
            text=found.mark.excerpt.strip(), todo=todo if found.mark.path == file else f"填好后删去 “{TO_FILL}” 的字样",
        )  # fmt: skip


def _unknown(looked: Sequence[Looked]) -> Iterator[ToDoEntry]:
    if len(looked) < 2:
        had = f"只有 {looked[0].campaign} 一次行动的记录" if looked else "没有给出工作目录"
        yield ToDoEntry(
            kind="unknown", subject="两次行动都没有发现问题的项目", text=f"{had}，不知道哪些项目两次都没有发现问题",
            todo="用 --workspace 写明前两次行动的工作目录，再运行一次",
        )  # fmt: skip
