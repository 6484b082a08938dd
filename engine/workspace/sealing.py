"""A visit from its filled-in sheet to its sealed record; what comes after is added, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from engine.answering.photographs import evidence_of
from engine.answering.writing import entered, sheet_yaml
from engine.documents.gaps import gaps_of
from engine.formats import open_file, source_of
from engine.inspections.elements import worth_a_look
from engine.inspections.opening import (
    Recorded,
    evaluate,
    new_record,
    open_answers,
    open_record,
    plain_answers,
    read_record,
)
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.library.load import read_holidays
from engine.model.record import PaperData, RecordFile
from engine.model.sheet import Site
from engine.model.workspace import Inspection, KeptFinding, RegisteredSite, Supplement, TakenNumber
from engine.problems import Mark, ProblemError, problem
from engine.reading import read_bytes
from engine.register.credit_code import clean_code
from engine.register.facts import facts_of, findings_of
from engine.register.life import closing, is_counted, moved
from engine.register.matching import canonical, name_key
from engine.register.numbers import RECORD, clashes, numbers_on, used_by
from engine.register.overlaps import overlapping
from engine.register.recurring import Again, not_put_right
from engine.register.visits import times_in_year, times_text
from engine.workspace.findings import earlier_findings
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import keep, path_of
from engine.workspace.record_evidence import evidence_gaps, keep_evidence_files, keep_photographs
from engine.workspace.register import Who, site_of
from engine.workspace.settings import bureau_of, visit_cap_of
from engine.workspace.store import Reader
from engine.workspace.visits import inspection_of

__all__ = ["closing"]


class Answered(NamedTuple):
    """An inspection whose answers were kept."""

    inspection: Inspection
    notices: tuple[str, ...]
    """In Chinese: photographs that did not come along."""


def receive_answers(workspace: Workspace, place: Place, inspection: str, path: Path, who: Who) -> Answered:
    """Keep the answers of a visit, from a file of any format, with the photographs that came along.

    Answers that must still be settled (待确认) are refused, and those of another site, type or edition of the rules.
    Raises ProblemError.
    """
    with workspace.store.reading() as reader:
        visit = moved(inspection_of(reader, inspection), "answered")
        site, times = site_of(reader, visit.site), _times(reader, visit)
    opened, problems = open_file(place, path, campaign=visit.campaign, as_made=True)
    if opened is None:
        raise ProblemError(problems)
    _belongs(visit, site, path, opened.sheet.site, opened.sheet.site_type, opened.sheet.lock, "答卷")
    sheet = entered(opened.sheet, source_of(path), by=who.by, at=who.at)
    if not sheet.visit.times:
        sheet = sheet.model_copy(update={"visit": sheet.visit.model_copy(update={"times": times})})
    photographs = keep_photographs(workspace.files, inspection, sheet, opened.checklist, path)
    files = {
        "answers": keep(workspace.files, sheet_yaml(opened._replace(sheet=photographs.sheet))),
        "source": keep(workspace.files, path.read_bytes()),
    }
    with workspace.store.writing(by=who.by, at=who.at, action=f"收答卷 {inspection}", why=who.why) as writer:
        visit = inspection_of(writer, inspection)
        visit = moved(visit, "answered", lock=sheet.lock, files=visit.files | files, evidence=photographs.kept)
        writer.put(visit)
        return Answered(visit, photographs.notices)


def _times(reader: Reader, visit: Inspection) -> str:
    """Return what the paper says of this year's earlier inspections and the cap."""
    year = visit.planned.year if visit.planned is not None else int(visit.campaign[:4])
    others = [i for i in reader.all(Inspection) if i.id != visit.id and is_counted(i)]
    made = times_in_year(visit.site, year, others, canonical(reader.all(RegisteredSite)))
    return times_text(made, visit_cap_of(reader))


def _belongs(
    visit: Inspection, site: RegisteredSite, path: Path, written: Site, site_type: str, lock: str, what: str
) -> None:
    """Raise ProblemError unless a sheet or a record is of this site and of the rules that were printed."""
    code = written.identity.get("credit_code", "")
    reasons = []
    if site_type != site.site_type:
        reasons.append(f"单位类型是 {site_type}，{site.id} 是 {site.site_type}")
    if code and site.credit_code:
        if clean_code(code) != site.credit_code:
            reasons.append(f"信用代码是 {code}，{site.id} {site.name} 的是 {site.credit_code}")
    elif written.name and name_key(written.name) != name_key(site.name) and not site.unlicensed:
        reasons.append(f"单位名称是 “{written.name}”，{site.id} 是 “{site.name}”")
    if visit.lock is not None and lock != visit.lock:
        reasons.append(f"规则版本是 {lock[:12]}，印表时是 {visit.lock[:12]}")
    if reasons:
        raise ProblemError([problem("E838", Mark(str(path)), id=visit.id, what=what, reason="；".join(reasons))])


def propose_record(workspace: Workspace, place: Place, inspection: str, who: Who) -> tuple[Inspection, bytes]:
    """Evaluate the kept answers; return the inspection and RECORD.yaml with every finding proposed.

    The authority's name, the numbers taken for the inspection and a line of evidence for each photograph are filled in;
    the photographs belong beside the file (engine.workspace.record_evidence.photographs_beside). Raises ProblemError.
    """
    with workspace.store.reading() as reader:
        visit = moved(inspection_of(reader, inspection), "evaluated")
        bureau = bureau_of(reader)
        numbers = [n for n in reader.all(TakenNumber) if n.inspection == inspection and not n.voided]
    if "answers" not in visit.files:
        raise ProblemError(
            [problem("E834", id=inspection, state="还没有答卷", step="判定", todo="先用 visits answer 收答卷")]
        )
    opened, problems = open_answers(place, path_of(workspace.files, visit.files["answers"]), as_made=True)
    if opened is None:
        raise ProblemError(problems)
    evaluation = evaluate(opened)
    record = new_record(opened, evaluation, read_holidays(place))
    record = record.model_copy(
        update={
            "evidence": evidence_of(opened.sheet, opened.checklist, evaluation),
            "authority": bureau.authority,
            "number": next((n.id for n in numbers if n.paper == RECORD), ""),
            "papers": {n.paper: PaperData(number=n.id) for n in numbers if n.paper != RECORD},
        }
    )
    content = record_yaml(record).encode()
    with workspace.store.writing(by=who.by, at=who.at, action=f"判定 {inspection}", why=who.why) as writer:
        visit = inspection_of(writer, inspection)
        visit = moved(visit, "evaluated", files=visit.files | {"draft": keep(workspace.files, content)})
        writer.put(visit)
    return visit, content


MAX_SUPPLEMENT = 64 * 1024 * 1024
"""Bytes of a file that is added to a sealed inspection: a scan of many pages."""


class Received(NamedTuple):
    """A record that was kept."""

    inspection: Inspection
    gaps: tuple[str, ...]
    """In Chinese: what keeps it from being sealed."""
    look: tuple[str, ...]
    """In Chinese: what is unusual about it."""


def receive_record(workspace: Workspace, place: Place, inspection: str, path: Path, who: Who) -> Received:
    """Keep the record of a visit with what people decided, and return what is still missing. Raises ProblemError."""
    with workspace.store.reading() as reader:
        visit = moved(inspection_of(reader, inspection), "evaluated")
        site, bureau = site_of(reader, visit.site), bureau_of(reader)
    recorded, problems = open_record(place, path)
    if recorded is None:
        raise ProblemError(problems)
    record = recorded.record
    if record.campaign != visit.campaign:
        reason = f"行动是 {record.campaign}，检查属于 {visit.campaign}"
        raise ProblemError([problem("E838", Mark(str(path)), id=visit.id, what="记录", reason=reason)])
    _belongs(visit, site, path, record.site, record.site_type, record.lock, "记录")
    content = path.read_bytes()
    evidence, lacking = keep_evidence_files(workspace.files, path.parent, record, visit.evidence)
    gaps = [*gaps_of(recorded, RECORD, bureau), *lacking]
    with workspace.store.writing(by=who.by, at=who.at, action=f"收记录 {inspection}", why=who.why) as writer:
        visit = inspection_of(writer, inspection)
        files = visit.files | {"record": keep(workspace.files, content)}
        visit = moved(visit, "evaluated", lock=record.lock, files=files, evidence=evidence)
        writer.put(visit)
        gaps += clashes(record, inspection, writer.all(TakenNumber))
        others = [i for i in writer.all(Inspection) if i.id != inspection and "record" in i.files]
    look = worth_a_look(record) + _other_answers(workspace, place, visit, record)
    look += overlapping(record, _records_of_the_day(workspace, record, others))
    return Received(visit, tuple(gaps), tuple(look))


def _records_of_the_day(
    workspace: Workspace, record: RecordFile, others: Iterable[Inspection]
) -> Iterator[tuple[str, RecordFile]]:
    """Yield the kept records of the same day, those not sealed yet among them."""
    for other in others:
        if other.facts is not None and other.facts.date != record.visit.date:
            continue
        _, kept, _ = read_record(path_of(workspace.files, other.files["record"]))
        if kept is not None:
            yield other.id, kept


def _other_answers(workspace: Workspace, place: Place, visit: Inspection, record: RecordFile) -> list[str]:
    """Return in Chinese which answers of the record are not those of the sheet that came in."""
    if "answers" not in visit.files:
        return ["没有收过答卷，答案以记录中的为准"]
    opened, _ = open_answers(place, path_of(workspace.files, visit.files["answers"]), as_made=True)
    came = plain_answers(opened.sheet) if opened is not None else {}
    codes = sorted({*came, *record.answers})
    other = [code for code in codes if came.get(code) != record.answers.get(code)]
    shown = "、".join(other[:10]) + ("……" if len(other) > 10 else "")
    return [f"{len(other)} 处答案与收到的答卷不同（{shown}），以记录中的为准"] if other else []


class Sealed(NamedTuple):
    """An inspection that was sealed, with its findings."""

    inspection: Inspection
    findings: tuple[KeptFinding, ...]
    not_put_right: tuple[tuple[str, str], ...]
    """Findings of which an earlier one was never settled as corrected, with that one."""


def seal(workspace: Workspace, place: Place, inspection: str, who: Who) -> Sealed:
    """Seal an inspection: its record prints as final, its facts and findings are taken from it once and for ever.

    Raises ProblemError with everything that keeps the record a draft.
    """
    with workspace.store.reading() as reader:
        visit = moved(inspection_of(reader, inspection), "final")
        bureau = bureau_of(reader)
    if "record" not in visit.files:
        raise ProblemError(
            [problem("E837", id=inspection, what="还没有收到确认的记录", hint="先用 visits record 收记录")]
        )
    recorded, problems = open_record(place, path_of(workspace.files, visit.files["record"]))
    if recorded is None:
        raise ProblemError(problems)
    gaps = [*gaps_of(recorded, RECORD, bureau), *evidence_gaps(recorded.record, visit.evidence)]
    if recorded.record.visit.date is not None and recorded.record.visit.date > who.day:
        gaps.append(f"检查日期 {recorded.record.visit.date} 在归档之后")
    with workspace.store.writing(by=who.by, at=who.at, action=f"归档 {inspection}", why=who.why) as writer:
        current = inspection_of(writer, inspection)
        if current.files != visit.files:
            gaps.append("归档时记录又被更换，请再归档一次")
        gaps += clashes(recorded.record, inspection, writer.all(TakenNumber))
        if gaps:
            raise ProblemError([problem("E837", id=inspection, what=gap) for gap in dict.fromkeys(gaps)])
        sealed = _sealed(writer, current, recorded, who)
        for number in used_by(recorded.record, inspection, writer.all(TakenNumber)):
            writer.put(number)
        for thing in (sealed.inspection, *sealed.findings):
            writer.put(thing)
        return sealed


def _sealed(reader: Reader, visit: Inspection, recorded: Recorded, who: Who) -> Sealed:
    record: RecordFile = recorded.record
    site = site_of(reader, visit.site)
    counted_as = canonical(reader.all(RegisteredSite))
    same = [each for each, kept in counted_as.items() if kept == counted_as[site.id]]
    earlier = [finding for each in same for finding in reader.all(KeptFinding, site=each)]
    earlier += [finding for finding in earlier_findings(reader) if finding.site in same]
    findings = findings_of(visit, record, recorded.evaluation, earlier)
    facts = facts_of(visit, record, recorded.evaluation, site, earlier, who.day)
    numbers = tuple(dict.fromkeys(number for _, number in numbers_on(record)))
    final = moved(visit, "final", facts=facts, numbers=numbers)
    open_ = ((f, not_put_right(Again(f.rule, f.subject, f.found), earlier)) for f in findings if f.recurs is None)
    return Sealed(closing(final, findings), findings, tuple((f.id, old.id) for f, old in open_ if old is not None))


def supplement(workspace: Workspace, inspection: str, text: str, path: Path | None, who: Who) -> Inspection:
    """Add a correction or a paper to a sealed inspection for a reason; what was sealed stays as it is.

    Raises ProblemError if it is not sealed yet.
    """
    content, problems = read_bytes(path, str(path), MAX_SUPPLEMENT) if path is not None else (None, [])
    if problems:
        raise ProblemError(problems)
    with workspace.store.writing(by=who.by, at=who.at, action=f"归档后补充 {inspection}", why=who.why) as writer:
        visit = inspection_of(writer, inspection)
        if not is_counted(visit):
            todo = "还没有归档，直接用 visits record 更换记录"
            raise ProblemError([problem("E834", id=inspection, state="还没有归档", step="补充", todo=todo)])
        file = keep(workspace.files, content) if content is not None else None
        added = Supplement(at=who.at, by=who.by, why=who.why, text=text, file=file)
        visit = visit.model_copy(update={"supplements": (*visit.supplements, added)})
        writer.put(visit)
        return visit
