"""The rules against the law: versions, articles, days in force and the record of what was verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise, zip_longest
from typing import NamedTuple

from engine.laws import gap
from engine.library.load import Library, verification_key
from engine.library.resolve import cited_anywhere, resolve, rules_of
from engine.model.base import Verification
from engine.model.release import Release, ReleaseCitation, ReleaseEscalation, ReleaseItem, ReleaseSiteType
from engine.model.rules import Basis, Citation, InstrumentVersion
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.source import Document, Loc

LAWS = "rules/laws"


class Placed(NamedTuple):
    """A citation and where it is written."""

    citation: Citation
    document: Document
    loc: Loc

    @property
    def mark(self) -> Mark:
        """The place of the citation."""
        return self.document.mark((*self.loc, "cite"))


def citations(library: Library) -> Iterator[Placed]:
    """Yield every citation of the rules, the escalations, the fixed wording, the clocks and the grading, in order."""
    for priority, index, rule in rules_of(library):
        document = library.priorities[priority].document
        yield from _of_basis(rule.basis, document, ("rules", index, "basis"))
        for number, further in enumerate(rule.further):
            if further.basis is not None:
                yield from _of_basis(further.basis, document, ("rules", index, "further", number, "basis"))
    if library.escalations is not None:
        for index, escalation in enumerate(library.escalations.value.escalations):
            yield from _of_basis(escalation.basis, library.escalations.document, ("escalations", index, "basis"))
    for _, loaded in sorted(library.wording.items()):
        for index, version in enumerate(loaded.value.versions):
            for place, citation in enumerate(version.basis):
                yield Placed(citation, loaded.document, ("versions", index, "basis", place))
    yield from _of_clocks(library)
    yield from _of_grading(library)


def _of_clocks(library: Library) -> Iterator[Placed]:
    for _, loaded in sorted(library.clocks.items()):
        for index, clock in enumerate(loaded.value.clocks):
            for side in ("basis", "counting"):
                for place, citation in enumerate(getattr(clock, side)):
                    yield Placed(citation, loaded.document, ("clocks", index, side, place))
        for index, duty in enumerate(loaded.value.yearly):
            for place, citation in enumerate(duty.basis):
                yield Placed(citation, loaded.document, ("yearly", index, "basis", place))


def _of_grading(library: Library) -> Iterator[Placed]:
    for _, loaded in sorted(library.grading.items()):
        for place, citation in enumerate(loaded.value.basis):
            yield Placed(citation, loaded.document, ("basis", place))
        for index, row in enumerate(loaded.value.rows):
            for place, citation in enumerate(row.basis):
                yield Placed(citation, loaded.document, ("rows", index, "basis", place))


def find_version(library: Library, cite: str) -> InstrumentVersion | None:
    """Return the version that a citation names, None if there is none."""
    instrument, _, version = cite.partition("@")
    loaded = library.instruments.get(instrument)
    return next((v for v in loaded.value.versions if v.version == version), None) if loaded else None


def check_instruments(library: Library) -> Iterator[Problem]:
    """Yield versions of an instrument that overlap, or leave days between them without any."""
    for _, loaded in sorted(library.instruments.items()):
        versions = loaded.value.versions
        for index, (earlier, later) in enumerate(pairwise(versions), 1):
            mark = loaded.document.mark(("versions", index))
            if earlier.end is None or earlier.end > later.start:
                yield problem("E413", mark, what="版本", reason=f"{earlier.version} 与 {later.version} 重叠")
            elif earlier.end < later.start:
                yield problem("E413", mark, what="版本", reason=f"{earlier.version} 与 {later.version} 之间有空档")


def check_unused(library: Library) -> Iterator[Problem]:
    """Yield instruments of a bureau's own layer that nothing cites (E426).

    Those of the package are there for layers to cite: that nothing in the package does is no mistake.
    """
    cited = {placed.citation.cite.partition("@")[0] for placed in citations(library)}
    for name, loaded in sorted(library.instruments.items()):
        packaged = (library.place.root / LAWS / f"{name}.yaml").is_file()
        if not (name in cited or packaged or library.broken):
            yield problem("E426", loaded.document.mark(("instrument",)), name=loaded.value.title)


def check_wording(library: Library) -> Iterator[Problem]:
    """Yield versions of fixed texts that are not in order of their days, and days on which nothing backs a text.

    A text is in use until the day before the next one, the last one to the end of the last campaign.
    """
    last = max((loaded.value.period.end for loaded in library.campaigns.values()), default=None)
    for _, loaded in sorted(library.wording.items()):
        versions = loaded.value.versions
        for index, (version, later) in enumerate(zip_longest(versions, versions[1:])):
            mark = loaded.document.mark(("versions", index, "from"))
            if later is not None and version.start >= later.start:
                mark = loaded.document.mark(("versions", index + 1, "from"))
                reason = f"{later.start} 不晚于上一条的 {version.start}，应按日期先后排列"
                yield problem("E413", mark, what="固定用语", reason=reason)
                continue
            end = later.start - timedelta(days=1) if later is not None else last
            day = gap(cited_anywhere(library, version.basis), version.start, end) if version.basis and end else None
            if day is not None:
                yield problem("E413", mark, what="固定用语", reason=f"这段文字的依据在 {day} 没有有效的版本")


def check_citations(library: Library) -> Iterator[Problem]:
    """Yield citations of no known version, beyond its articles, without a current row of verification; and 待核.

    An article that is 待核 is told once, where it is first cited, with the number of its places.
    """
    open_: dict[tuple[str, str], list[Placed]] = {}
    names = [f"{n}@{v.version}" for n, loaded in library.instruments.items() for v in loaded.value.versions]
    for placed in citations(library):
        citation = placed.citation
        version = find_version(library, citation.cite)
        if version is None and citation.cite.partition("@")[0] in library.broken:
            continue
        if version is None:
            yield problem("E501", placed.mark, cite=citation.cite, suggestion=did_you_mean(citation.cite, names))
            continue
        number = int((citation.article or "0").split(".")[0].split("(")[0])
        if version.articles is not None and number > version.articles:
            yield problem("E505", placed.mark, article=number, articles=version.articles)
            continue
        key = verification_key(citation.cite, citation.article, citation.proof)
        row = library.verification.get(key)
        shown = f"{citation.cite} {citation.article or '（未定条）'}"
        if row is None:
            own = library.place.is_of_a_layer(placed.document.path)
            yield problem("V502" if own else "E503", placed.mark, cite=shown)
        elif (row.start, row.end) != (version.start.isoformat(), version.end.isoformat() if version.end else ""):
            reason = f"施行和失效日期由 {row.start}～{row.end} 改为 {version.start}～{version.end or ''}"
            yield problem("E504", placed.mark, cite=shown, reason=reason)
        elif row.result is not Verification.VERIFIED:
            open_.setdefault((shown, row.reason), []).append(placed)
    for (shown, reason), places in open_.items():
        yield problem("V501", places[0].mark, cite=shown, reason=reason, places=len(places))


def check_basis_dates(library: Library) -> Iterator[Problem]:
    """Yield what basis_gaps finds in every campaign: errors in a released one, draft problems in a draft."""
    for name, loaded in sorted(library.campaigns.items()):
        yield from basis_gaps(library, name, "D502" if loaded.value.status == "draft" else "E502")


def basis_gaps(library: Library, campaign: str, code: str) -> Iterator[Problem]:
    """Yield items and escalations of a campaign that rest on nothing in force on some day of it, under this code."""
    places = {rule.id: (library.priorities[name].document, index) for name, index, rule in rules_of(library)}
    unknown = {
        (p.document.path, p.loc[1]) for p in citations(library) if find_version(library, p.citation.cite) is None
    }
    release = resolve(library, campaign)
    for site_type in release.site_types.values():
        for item in site_type.items:
            document, index = places[item.rule]
            if item.clauses and (document.path, index) not in unknown:
                yield from _item_gaps(item, site_type, release, document, index, code)
    if library.escalations is not None:
        places_ = {e.id: i for i, e in enumerate(library.escalations.value.escalations)}
        document = library.escalations.document
        for escalation in release.escalations:
            if (document.path, places_[escalation.id]) not in unknown:
                mark = document.mark(("escalations", places_[escalation.id], "basis"), key=True)
                yield from _escalation_gaps(escalation, release, mark, code)


def _item_gaps(
    item: ReleaseItem, site_type: ReleaseSiteType, release: Release, document: Document, index: int, code: str
) -> Iterator[Problem]:
    for number, finding in enumerate(item.findings):
        day = gap(finding.basis.duty, release.period.start, release.period.end)
        if day is not None:
            loc: Loc = ("rules", index, "basis") if number == 0 else ("rules", index, "further", number - 1)
            mark = document.mark(loc, key=number == 0)
            what = _lacking(finding.basis.duty, "义务", release)
            yield problem(code, mark, site_type=site_type.title, item=item.code, day=day, what=what)


def _escalation_gaps(escalation: ReleaseEscalation, release: Release, mark: Mark, code: str) -> Iterator[Problem]:
    for name, site_type in release.site_types.items():
        rests_on = (*escalation.basis.duty, *escalation.basis.power)
        serving = [c for c in rests_on if not c.sites or name in c.sites]
        day = gap(serving, release.period.start, release.period.end)
        if day is not None and any(item.clauses for item in site_type.items):
            what = _lacking(serving, "义务或处理", release)
            yield problem(code, mark, site_type=site_type.title, item=escalation.id, day=day, what=what)


def _lacking(citations: Iterable[ReleaseCitation], what: str, release: Release) -> str:
    """Return what is lacking: the law itself, or only that of sites of which an attribute is not known (where)."""
    everywhere = [c.model_copy(update={"where": {}}) for c in citations]
    whole = gap(everywhere, release.period.start, release.period.end) is None
    return f"不问单位属性（不写 where）的{what}" if whole else what


def _of_basis(basis: Basis, document: Document, loc: Loc) -> Iterator[Placed]:
    for side in ("duty", "liability", "power"):
        for index, citation in enumerate(getattr(basis, side)):
            yield Placed(citation, document, (*loc, side, index))
