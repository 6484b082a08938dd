"""Drafts of summaries: the figures, open problems and cases put in; what a person must write is left to be written."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.model.base import Grade
from engine.model.summaries import OfCases, OfFigures, OfPictures, OfProblems, SummaryFile, SummaryPart
from engine.model.workspace import KeptFinding, LedgerEntry
from engine.problems import Problem, did_you_mean, problem
from engine.reports.computing import Computed, Figures
from engine.reports.counting import COUNTED, Kept
from engine.reports.figures import title_of, written
from engine.reports.layout import PEOPLE_WORDS

DRAFT = "草稿——未经审核，由填报单位修改后定稿"
"""Stands on each page."""
UNSETTLED = ("open", "ordered", "extended", "not-corrected")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(\.period)?\}")


class Block(NamedTuple):
    """A part of a draft."""

    title: str
    paragraphs: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    """What a person has to write."""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Draft(NamedTuple):
    """A summary before people have written it."""

    title: str
    unit: str
    period: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


class Words(NamedTuple):
    """Words for what the figures only name."""

    priorities: Mapping[str, str]
    """Titles of the rules' priorities."""
    site_types: Mapping[str, str]
    named: bool = False
    """Whether sites stand with their names; without them 某零售药店."""


def summary_problems(summary: SummaryFile, columns: Mapping[str, object]) -> list[Problem]:
    """Return columns that a summary names and the table lacks."""
    found = []
    for part in summary.parts:
        if isinstance(part, OfFigures):
            names = [*part.columns, *(n for s in part.sentences for n, _ in _PLACE.findall(s))]
            for name in dict.fromkeys(names):
                if name not in columns:
                    found.append(problem("E853", table=part.table, name=name, suggestion=did_you_mean(name, columns)))
    return found


def draft_of(
    summary: SummaryFile, campaign: str, unit: str, computed: Computed, kept: Kept, words: Words
) -> Draft:  # fmt: skip
    """Return the draft.

    campaign: its title; unit: whose summary; computed: the table of its figures, with the row of that unit as whole.
    """
    span = computed.span
    period = f"{span.begin} 至 {span.end}" + ("" if span.start == span.begin else f"（本期从 {span.start} 起）")
    blocks = tuple(_block(part, computed, kept, words) for part in summary.parts)
    notes = (PEOPLE_WORDS[computed.people], *computed.table.notes)
    return Draft(f"{campaign}{summary.title}", unit, period, blocks, notes)


def _block(part: SummaryPart, computed: Computed, kept: Kept, words: Words) -> Block:
    if isinstance(part, OfFigures):
        return _figures(part, computed)
    if isinstance(part, OfProblems):
        return _problems(part, computed, kept, words)
    if isinstance(part, OfCases):
        return _cases(part, computed, kept, words)
    if isinstance(part, OfPictures):
        return _pictures(part, computed, kept, words)
    return Block(part.title, prompts=part.prompts)


def _figures(part: OfFigures, computed: Computed) -> Block:
    row, columns = computed.whole, computed.table.columns
    paragraphs = tuple(said for s in part.sentences if (said := _said(s, computed)) is not None)
    rows = tuple(
        (title_of(columns[n]), columns[n].unit, *(written(columns[n], f[n].value) for f in (row.period, row.total)))
        for n in part.columns
    )
    return Block(part.title, paragraphs, part.prompts, ("项目", "单位", "本期", "累计"), rows)


def _said(sentence: str, computed: Computed) -> str | None:
    """Return a sentence with its figures; None if one of them is blank."""
    columns = computed.table.columns
    row = computed.whole

    def figures(period: str) -> Figures:
        return row.period if period else row.total

    if any(figures(period)[name].value is None for name, period in _PLACE.findall(sentence)):
        return None
    return _PLACE.sub(lambda m: written(columns[m[1]], figures(m[2] or "")[m[1]].value), sentence)


def _of_row(computed: Computed, kept: Kept) -> list[KeptFinding]:
    """Return the findings of the records that count in the summary."""
    ids = set(computed.whole.total["visits"].ids) if "visits" in computed.table.columns else set()
    return [finding for finding in kept.findings if finding.inspection in ids]


def _problems(part: OfProblems, computed: Computed, kept: Kept, words: Words) -> Block:
    findings = _of_row(computed, kept)
    kinds: Tally[str] = Tally(_kind(f, words) for f in findings)
    sites = {kind: len({f.site for f in findings if _kind(f, words) == kind}) for kind in kinds}
    open_ = Tally(_kind(f, words) for f in findings if f.state in UNSETTLED)
    ordered = sorted(kinds, key=lambda kind: (-kinds[kind], kind))[: part.most]
    rows = tuple((kind, str(kinds[kind]), str(sites[kind]), str(open_[kind])) for kind in ordered)
    left = sum(open_.values())
    said = f"共发现问题 {len(findings)} 个，尚未改正或者尚未核实改正 {left} 个。" if findings else "没有发现问题。"
    return Block(part.title, (said,), part.prompts, ("问题类别", "个数", "涉及单位（家）", "未改正或未核实"), rows)


def _kind(finding: KeptFinding, words: Words) -> str:
    return words.priorities.get(finding.rule.split(".")[0], "综合判断")


def _cases(part: OfCases, computed: Computed, kept: Kept, words: Words) -> Block:
    ids = set(computed.whole.total["typical"].ids) if "typical" in computed.table.columns else set()
    marked = [entry for entry in kept.entries if entry.id in ids]
    if marked:
        ordered = sorted(marked, key=lambda entry: (str(entry.values.get("typical")), entry.id))
        said = tuple(f"{number}. {_case(entry)}" for number, entry in enumerate(ordered[: part.most], 1))
        return Block(part.title, said, part.prompts)
    order = {Grade.CRITICAL: 0, Grade.MAJOR: 1, Grade.MINOR: 2}
    gravest = sorted(_of_row(computed, kept), key=lambda f: (not f.red_line, order[f.grade], f.found, f.id))[
        : part.most
    ]
    names = dict(_names(kept, words))
    rows = tuple(_grave(f, names.get(f.inspection, ("", "")), words) for f in gravest)
    prompts = (*part.prompts, "台账里没有登记曝光的典型案例；下面是最严重的问题，供挑选，未经立案和处罚的不得写成案件")
    return Block(part.title, (), prompts, ("问题编号", "日期", "单位", "等级", "事实"), rows)


def _case(entry: LedgerEntry) -> str:
    values = entry.values
    return f"{values.get('summary', '')}（立案 {values.get('filed', '')}，曝光 {values.get('typical', '')}）"


def _names(kept: Kept, words: Words) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield for each record how its site is called in the summary, and its name."""
    for visit in kept.inspections:
        if visit.facts is not None and visit.state in COUNTED:
            kind = words.site_types.get(visit.facts.site_type, "单位").split("（")[0]
            yield visit.id, (visit.facts.site_name if words.named else f"某{kind}", visit.facts.site_name)


def _grave(finding: KeptFinding, names: tuple[str, str], words: Words) -> tuple[str, ...]:
    shown, name = names
    sentence = finding.sentence if words.named or not name else finding.sentence.replace(name, shown)
    grade = finding.grade.label + ("（红线）" if finding.red_line else "")
    return finding.id, finding.found.isoformat(), shown, grade, sentence


def _pictures(part: OfPictures, computed: Computed, kept: Kept, words: Words) -> Block:
    names = dict(_names(kept, words))
    rows = tuple(
        (f.id, f.found.isoformat(), names.get(f.inspection, ("", ""))[0], f"改正的证据 {n}", digest[:16])
        for f in sorted(_of_row(computed, kept), key=lambda f: f.id)
        for n, digest in enumerate(f.evidence, 1)
    )
    said = () if rows else ("还没有登记图片、视频。检查时拍摄的见各检查记录的证据清单。",)
    return Block(part.title, said, part.prompts, ("问题编号", "日期", "单位", "内容", "SHA-256（前 16 位）"), rows)
