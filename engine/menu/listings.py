"""What there is to choose from: campaigns, site types, what is kept in the workspace. Each a Listing.

What belongs to a workspace reads the one that was answered under "folder".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.menu.model import Listing, Option
from engine.menu.sitting import Given, Sitting

if TYPE_CHECKING:
    from engine.model.release import Release
    from engine.workspace.store import Reader


def fixed(*options: tuple[str, str]) -> Listing:
    """Return the listing of these values and labels."""
    made = [Option(value, label) for value, label in options]
    return lambda sitting, given: made


def campaigns(sitting: Sitting, given: Given) -> list[Option]:
    """List the released campaigns, the newest first."""
    from engine.library.load import campaign_names, read_campaign

    found = []
    for name in sorted(campaign_names(sitting.rules), reverse=True):
        campaign, _ = read_campaign(sitting.rules, name)
        if campaign is not None:
            found.append(Option(name, f"{name}　{campaign.title}"))
    return found


def site_types(sitting: Sitting, given: Given) -> list[Option]:
    """List the site types of the campaign that was answered, or of the workspace's."""
    kinds = _release(sitting, given).site_types
    ordered = [*(name for name in _COMMON if name in kinds), *sorted(kinds.keys() - set(_COMMON))]
    return [Option(name, kinds[name].title) for name in ordered]


_COMMON = ("retail-pharmacy", "clinic", "medical-institution", "device-distributor", "cosmetics-seller")
"""Most of a county's sites: they stand first."""


def attributes(sitting: Sitting, given: Given) -> list[Option]:
    """List the scope attributes of the site type that was answered."""
    kind = _release(sitting, given).site_types[given["site_type"][0]]
    return [Option(name, attribute.label) for name, attribute in kind.attributes.items()]


def _release(sitting: Sitting, given: Given) -> Release:
    """Return the release of the campaign that was answered. Raises ProblemError."""
    from engine.library.releases import current_release
    from engine.problems import ProblemError

    if "campaign" not in given:
        from engine.workspace.settings import release_of

        with _reading(sitting, given) as reader:
            return release_of(reader, sitting.rules).release
    locked, problems = current_release(sitting.rules, given["campaign"][0])
    if locked is None:
        raise ProblemError(problems)
    return locked.release


@contextmanager
def _reading(sitting: Sitting, given: Given) -> Iterator[Reader]:
    from engine.workspace.folder import open_workspace

    with open_workspace(sitting.folder / Path(given["folder"][0])) as workspace, workspace.store.reading() as reader:
        yield reader


def units(sitting: Sitting, given: Given) -> list[Option]:
    """List the responsible units."""
    from engine.workspace.units import units_of

    with _reading(sitting, given) as reader:
        return [Option(unit.id, unit.id) for unit in units_of(reader)]


def sites(sitting: Sitting, given: Given) -> list[Option]:
    """List the sites that are in business, by their names."""
    from engine.model.workspace import RegisteredSite
    from engine.register.life import is_open

    with _reading(sitting, given) as reader:
        found = [site for site in reader.all(RegisteredSite) if is_open(site)]
    unit = given.get("unit", ("",))[0] if given.get("unit") else ""
    return [
        Option(site.id, f"{site.id} {site.name}" + (f"　{site.unit}" if site.unit else ""))
        for site in sorted(found, key=lambda site: (site.name, site.id))
        if not unit or site.unit == unit
    ]


def visits(*states: str) -> Listing:
    """Return the listing of inspections in one of the states, those planned first first."""

    def listing(sitting: Sitting, given: Given) -> Sequence[Option]:
        from engine.model.workspace import Inspection, RegisteredSite
        from engine.register.life import STATES

        with _reading(sitting, given) as reader:
            found = [visit for visit in reader.all(Inspection) if visit.state in states]
            names = {site.id: site.name for site in reader.all(RegisteredSite)}
        found.sort(key=lambda visit: (str(visit.planned or ""), visit.id))
        return [
            Option(visit.id, f"{visit.id} {names.get(visit.site, '')}　{visit.planned or ''} {STATES[visit.state]}")
            for visit in found
        ]

    return listing


def planned_days(sitting: Sitting, given: Given) -> list[Option]:
    """List the days for which the unit that was answered has inspections planned."""
    from engine.model.workspace import Inspection

    unit = given["unit"][0]
    with _reading(sitting, given) as reader:
        found = [v for v in reader.all(Inspection) if v.unit == unit and v.state in ("planned", "printed")]
    days = sorted({str(visit.planned) for visit in found if visit.planned is not None})
    return [Option(day, f"{day}　{sum(str(v.planned) == day for v in found)} 家") for day in days]


def findings(*states: str) -> Listing:
    """Return the listing of kept findings in one of the states."""

    def listing(sitting: Sitting, given: Given) -> Sequence[Option]:
        from engine.model.workspace import KeptFinding, RegisteredSite

        with _reading(sitting, given) as reader:
            names = {site.id: site.name for site in reader.all(RegisteredSite)}
            found = [finding for finding in reader.all(KeptFinding) if finding.state in states]
        return [Option(f.id, f"{f.id} {names.get(f.site, '')}：{f.sentence[:40]}") for f in found]

    return listing


def documents(sitting: Sitting, given: Given) -> list[Option]:
    """List the papers that a record prints."""
    return [Option(name, title) for name, title in PAPERS.items()]


PAPERS = {
    "inspection-record": "现场检查笔录", "correction-notice": "责令改正通知书", "service-receipt": "送达回证",
    "evidence-list": "证据清单", "goods-list": "物品清单", "checklist": "已填写的检查表", "scene-record": "现场笔录",
    "review-record": "复查记录", "clue-transfer": "案件线索移送单", "crime-transfer": "涉嫌犯罪案件移送书",
}  # fmt: skip


def tables(sitting: Sitting, given: Given) -> list[Option]:
    """List the tables that can be counted."""
    from engine.library.check_tables import read_tables

    found, _ = read_tables(sitting.rules)
    return [Option(table.table, f"{table.title}（{table.table}）") for table in found]


def summaries(sitting: Sitting, given: Given) -> list[Option]:
    """List the drafts of summaries that can be written."""
    from engine.library.load import read_files
    from engine.model.summaries import SummaryFile

    found, _ = read_files(sitting.rules, "rules/summaries", SummaryFile)
    return [Option(name, loaded.value.title) for name, loaded in sorted(found.items())]


def ledgers(sitting: Sitting, given: Given) -> list[Option]:
    """List the ledgers."""
    from engine.library.load import read_files
    from engine.model.ledgers import LedgerFile

    found, _ = read_files(sitting.rules, "rules/ledgers", LedgerFile)
    return [Option(name, loaded.value.title) for name, loaded in sorted(found.items())]


def open_findings(sitting: Sitting, given: Given) -> list[Option]:
    """List the findings of the record that was answered, those first about which nothing was decided."""
    from engine.inspections.opening import read_record
    from engine.problems import ProblemError

    _, record, problems = read_record(sitting.folder / given["record"][0])
    if record is None:
        raise ProblemError(problems)
    words = {"proposed": "", "confirmed": "〔已确认〕", "rejected": "〔未认定〕"}
    ordered = sorted(record.findings, key=lambda finding: (finding.status != "proposed", finding.number))
    return [Option(str(f.number), f"问题{f.number} {words[f.status]}{f.sentence}") for f in ordered]
