"""Made-up visits: planned, answered, judged, confirmed by two inspectors, sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.inspections.opening import read_record
from engine.inspections.records import record_yaml
from engine.library.load import read_files
from engine.library.releases import Locked
from engine.model.base import Disposition
from engine.model.checklist import Checklist
from engine.model.record import PaperData, RecordedFinding, RecordFile
from engine.model.rules import PriorityFile
from engine.model.sheet import Inspector, Person, SheetFile, Visit
from engine.model.workspace import Inspection, KeptFinding, RegisteredSite
from engine.problems import ProblemError
from engine.sentences import BLANK
from engine.simulation.acting import Bureau, later
from engine.simulation.answers import cases_of, make_answers
from engine.simulation.county import PlannedVisit
from engine.source import dump
from engine.tailor import tailor
from engine.workspace.numbers import take_number
from engine.workspace.register import Who
from engine.workspace.sealing import Received, Sealed, propose_record, receive_answers, receive_record, seal
from engine.workspace.visits import Wanted, add_visits, sheet_site

SETTLED = Callable[[Sealed, PlannedVisit], None]
"""What is done with the findings of a sealed visit."""


class Visiting:
    """Makes the visits of a bureau."""

    def __init__(self, bureau: Bureau, locked: Locked, sites: Mapping[str, RegisteredSite], then: SETTLED) -> None:
        priorities, problems = read_files(bureau.place, "rules/priorities", PriorityFile)
        if problems:
            raise ProblemError(problems)
        self._bureau, self._locked, self._sites, self._then = bureau, locked, sites, then
        self._cases = cases_of(loaded.value for loaded in priorities.values())
        self._raised = {escalation.id for escalation in locked.release.escalations}

    def plan(self, visits: Sequence[PlannedVisit], who: Who) -> None:
        """Plan all visits, those of one unit and day together."""
        groups: dict[tuple[str, date, tuple[str, ...], bool], list[PlannedVisit]] = {}
        for visit in visits:
            groups.setdefault((visit.unit, visit.day, visit.assisting, visit.online), []).append(visit)
        for (unit, day, assisting, online), some in groups.items():
            wanted = Wanted(unit, assisting, day, "覆盖检查", "", online)
            made = add_visits(self._bureau.workspace, [self._sites[v.site].id for v in some], wanted, who)
            found = {inspection.site: inspection for inspection in made}
            for visit in some:
                inspection = found.pop(self._sites[visit.site].id, None)
                if inspection is not None:  # a site that the unit has twice on one day is visited once
                    self.arrange(visit, inspection)

    def arrange(self, visit: PlannedVisit, inspection: Inspection, earlier: Sequence[KeptFinding] = ()) -> None:
        """Let a planned visit be made and, maybe some days later, sealed."""
        day = later(visit.day, visit.late)
        self._bureau.at(day, "17:20", lambda: self._make(visit, inspection.id, day, earlier))

    def _make(self, visit: PlannedVisit, id_: str, day: date, earlier: Sequence[KeptFinding]) -> None:
        bureau, who = self._bureau, Who(visit.people[0].name, f"{day} 17:20")
        take_number(bureau.workspace, "inspection-record", who, inspection=id_)
        if not self._received(visit, id_, who, visit.faults, earlier).gaps:
            sealed = seal(bureau.workspace, bureau.place, id_, who)
        else:  # what was noted is not enough for a finding: the sheet is filled in again, before anything is sealed
            received = self._received(visit, id_, who, 0, ())
            assert not received.gaps, received.gaps
            sealed = seal(bureau.workspace, bureau.place, id_, who)
        self._then(sealed, visit)

    def _received(
        self, visit: PlannedVisit, id_: str, who: Who, faults: int, earlier: Sequence[KeptFinding]
    ) -> Received:
        bureau = self._bureau
        rng = bureau.chance(f"visit {visit.site} {faults}")  # without the day: at a review the same faults come back
        checklist = self._checklist(visit)
        answers = make_answers(checklist, self._cases, rng, faults, visit.red_line and faults > 0, earlier)
        sheet = self._sheet(visit, checklist, answers)
        receive_answers(bureau.workspace, bureau.place, id_, bureau.paper(f"{id_}.yaml", sheet), who)
        _, content = propose_record(bureau.workspace, bureau.place, id_, who)
        path = bureau.paper(f"{id_}-记录.yaml", content)
        _, record, problems = read_record(path)
        if record is None:
            raise ProblemError(problems)
        path = bureau.paper(f"{id_}-记录.yaml", record_yaml(self._decided(record, visit, id_, who)).encode())
        return receive_record(bureau.workspace, bureau.place, id_, path, who)

    def _checklist(self, visit: PlannedVisit) -> Checklist:
        site = self._sites[visit.site]
        given = sheet_site(site, self._locked.release.site_types[site.site_type])
        checklist, problems = tailor(self._locked, site.site_type, given, visit.day, routine=True)
        if checklist is None:
            raise ProblemError(problems)
        return checklist

    def _sheet(self, visit: PlannedVisit, checklist: Checklist, answers: Mapping[str, Any]) -> bytes:
        head = Visit(
            date=visit.day, start=visit.start, end=visit.end, category="专项", recorder=visit.people[1].name,
            place="网络巡查" if visit.online else checklist.site.identity.get("address", "经营场所"),
            inspectors=tuple(Inspector(name=p.name, certificate=p.certificate, unit=p.unit) for p in visit.people),
            present=(Person(name="江一帆", position="负责人"),), certificates_shown=True, recusal="不申请回避",
            statement="无异议。",
        )  # fmt: skip
        sheet = SheetFile(
            kind="answers", campaign=checklist.campaign, lock=checklist.lock, checklist=checklist.id,
            site_type=checklist.site_type, routine=True, site=checklist.site, visit=head, answers=dict(answers),
        )  # fmt: skip
        return dump(sheet.model_dump(mode="json", exclude_defaults=True)).encode()

    def _decided(self, record: RecordFile, visit: PlannedVisit, id_: str, who: Who) -> RecordFile:
        """Return the record as two inspectors leave it: most findings confirmed, some put right on the spot."""
        rng = self._bureau.chance(f"decide {id_}")
        raised = any(finding.id in self._raised for finding in record.findings)
        findings = tuple(self._finding(finding, visit, rng.random(), raised) for finding in record.findings)
        record = record.model_copy(update={"findings": findings})
        if any(f.status == "confirmed" and not f.on_the_spot for f in findings) and rng.random() < 0.6:
            papers = dict(record.papers)
            if "correction-notice" not in papers:
                number = take_number(self._bureau.workspace, "correction-notice", who, inspection=id_)
                papers["correction-notice"] = PaperData(number=number.id)
            papers["correction-notice"] = papers["correction-notice"].model_copy(update={"date": visit.day})
            record = record.model_copy(update={"papers": papers})
        return record

    def _finding(self, finding: RecordedFinding, visit: PlannedVisit, chance: float, raised: bool) -> RecordedFinding:
        names = tuple(person.name for person in visit.people[:2])
        decided = {"by": names, "date": visit.day, "status": "confirmed"}
        if chance < 0.06 and not raised:  # what was raised from a finding falls with it
            decided |= {"status": "rejected", "why": "现场出示了证明材料"}
        elif chance < 0.22:
            decided |= {"on_the_spot": True}
        else:
            decided |= {"due": later(visit.day, 7)}
        sentence = finding.sentence.replace(f"：{BLANK}", "").replace(BLANK, "不详")
        return finding.model_copy(update=decided | {"sentence": sentence})


def orders(finding: KeptFinding) -> bool:
    """Return whether the finding is one to be put right by order."""
    return Disposition.ORDER_CORRECTION in finding.dispositions
