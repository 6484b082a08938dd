"""An answer sheet or a record opened against the release it names: the one way in for every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from engine.evaluation.escalate import identity
from engine.evaluation.evaluate import Evaluator
from engine.holidays import Holidays
from engine.inspections.answers import read_answers
from engine.inspections.elements import (
    missing_elements,
    numbers_text,
    undecided_by_two,
    wrong_dates,
    wrong_sentences,
)
from engine.inspections.goods import late_decisions, not_printed, proposed_goods, unknown_findings
from engine.laws import wording_on
from engine.library.files import Place
from engine.library.releases import Locked, current_release, release_named
from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.findings import Evaluation, Finding
from engine.model.record import MAX_GOODS, RecordedFinding, RecordFile
from engine.model.sheet import LONGEST_TEXT, Answer, AnswerSheet, SheetFile
from engine.problems import Problem, ProblemError, problem
from engine.schema import validate
from engine.source import Document, Written, decode, load, parse
from engine.tailor import tailor

MAX_SHEET_BYTES = 2 * 1024 * 1024
TOLD = ("certificates-shown", "statement", "recusal")
"""Fixed texts of rules/wording that every record prints, in this order (RECORDS §1, 9 and 10)."""


class Inspection(NamedTuple):
    """A checklist with its answers, and the release both belong to."""

    locked: Locked
    checklist: Checklist
    sheet: AnswerSheet


class Recorded(NamedTuple):
    """A record with its inspection and the evaluation made again from it."""

    record: RecordFile
    inspection: Inspection
    evaluation: Evaluation
    unsupported: tuple[int, ...] = ()
    """Confirmed escalations, by number, that no longer stand without the findings that people rejected."""


def open_answers(
    place: Place, path: Path, *, campaign: str | None = None, as_made: bool = False
) -> tuple[Inspection | None, list[Problem]]:
    """Return the answers in a YAML file, opened against their release, or None and every mistake in them.

    The sheet must be of the campaign's current release; as_made opens it with the release it was made for.
    campaign, if given, is the campaign that the sheet must belong to.
    """
    document, problems = _load(path, "answers")
    if document is None:
        return None, problems
    return open_sheet(place, document, campaign=campaign, as_made=as_made)


def open_sheet(
    place: Place, document: Written, *, campaign: str | None = None, as_made: bool = False, waiting: bool = False
) -> tuple[Inspection | None, list[Problem]]:
    """Return the answers that a document holds, opened as open_answers does, or None and every mistake in them.

    waiting: answers that people must still settle (待确认) are no mistake.
    """
    file, problems = validate(document, SheetFile)
    if file is None:
        return None, problems
    if campaign is not None and file.campaign != campaign:
        mark = document.mark(("campaign",))
        return None, [problem("E611", mark, campaign=file.campaign, expected=campaign)]
    locked, problems = _release_of(place, file.campaign, file.lock, document, as_made)
    if locked is None:
        return None, problems
    return _open(locked, file, document, waiting)


def open_again(inspection: Inspection, document: Written) -> tuple[Inspection | None, list[Problem]]:
    """Return the changed data of an open sheet, opened with the same release; None and every mistake in it."""
    file, problems = validate(document, SheetFile)
    return (None, problems) if file is None else _open(inspection.locked, file, document, True)


def open_record(place: Place, path: Path) -> tuple[Recorded | None, list[Problem]]:
    """Return a record with its findings evaluated again from the release it names, or None and what is wrong.

    The findings written down must be those that the answers give; only sentence, status, by and why are people's.
    """
    document, problems = _load(path, "record")
    return (None, problems) if document is None else recorded_of(place, document)


def recorded_of(place: Place, document: Document) -> tuple[Recorded | None, list[Problem]]:
    """Return the record that a document holds, evaluated again as open_record does, or None and what is wrong."""
    read, problems = answers_of(place, document)
    if read is None:
        return None, problems
    record, inspection = read
    evaluator = Evaluator(inspection.locked, inspection.checklist.site_type)
    try:
        evaluation = evaluator.evaluate(inspection.checklist, inspection.sheet)
        problems = _same_findings(record, evaluation, document) or list(unknown_findings(record, document))
        problems += _decisions(record, document)
        if problems:
            return None, problems
        record = record.model_copy(update={"findings": tuple(sorted(record.findings, key=lambda f: f.number))})
        return Recorded(record, inspection, evaluation, _unsupported(evaluator, inspection, record, evaluation)), []
    finally:
        evaluator.close()


def answers_of(place: Place, document: Document) -> tuple[tuple[RecordFile, Inspection] | None, list[Problem]]:
    """Return the record that a document holds and its answers opened, its findings not held against them."""
    record, problems = validate(document, RecordFile)
    if record is None:
        return None, problems
    locked, problems = _release_of(place, record.campaign, record.lock, document, True)
    if locked is None:
        return None, problems
    inspection, problems = _open(locked, _sheet_of(record), document)
    return ((record, inspection), []) if inspection is not None else (None, problems)


def read_record(path: Path) -> tuple[Document | None, RecordFile | None, list[Problem]]:
    """Return a record's file and what it says, not held against its answers, or what is wrong with its shape."""
    document, problems = _load(path, "record")
    if document is None:
        return None, None, problems
    return document, *validate(document, RecordFile)


_KINDS = {"answers": "答卷", "record": "检查记录"}


def parse_sheet(content: bytes, shown: str) -> tuple[Document | None, list[Problem]]:
    """Return the answer sheet in the bytes of a YAML file as a document, or None and what is wrong with it."""
    text, problems = decode(content, shown)
    return (None, problems) if problems else _of_kind("answers", *parse(text, shown))


def _load(path: Path, kind: str) -> tuple[Document | None, list[Problem]]:
    return _of_kind(kind, *load(path, limit=MAX_SHEET_BYTES))


def _of_kind(kind: str, document: Document | None, problems: list[Problem]) -> tuple[Document | None, list[Problem]]:
    """Return the document, or None and one problem if it is a file of the other kind."""
    if document is not None and isinstance(document.data, dict):
        given = document.data.get("kind")
        if given in _KINDS and given != kind:
            mark = document.mark(("kind",))
            return None, [problem("E622", mark, given=_KINDS[str(given)], expected=_KINDS[kind])]
    return document, problems


class Evaluators:
    """Evaluators for many sheets: one for each release and site type, made when it is first needed."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Evaluator] = {}

    def __enter__(self) -> Evaluators:
        return self

    def __exit__(self, *_: object) -> None:
        for evaluator in self._made.values():
            evaluator.close()
        self._made.clear()

    def evaluate(self, inspection: Inspection) -> Evaluation:
        """Return the findings as evaluate() does, without compiling the rules again."""
        key = (inspection.locked.lock, inspection.checklist.site_type)
        if key not in self._made:
            self._made[key] = Evaluator(inspection.locked, inspection.checklist.site_type)
        return self._made[key].evaluate(inspection.checklist, inspection.sheet)


def evaluate(inspection: Inspection) -> Evaluation:
    """Return the findings of the inspection. Raises ProblemError if the two backends disagree."""
    evaluator = Evaluator(inspection.locked, inspection.checklist.site_type)
    try:
        return evaluator.evaluate(inspection.checklist, inspection.sheet)
    finally:
        evaluator.close()


def new_record(inspection: Inspection, evaluation: Evaluation, holidays: Holidays | None = None) -> RecordFile:
    """Return a record of the inspection with every finding proposed, none decided.

    holidays: the calendars by which the days to decide about held goods are counted; None: none is known.
    Raises ProblemError for a sentence that grew too long to be kept or read.
    """
    long = [
        problem("E618", code=f.code or f.id, length=len(f.sentence), limit=LONGEST_TEXT)
        for f in evaluation.findings
        if len(f.sentence) > LONGEST_TEXT
    ]
    sheet = inspection.sheet
    held, samples = proposed_goods(evaluation, sheet, holidays or Holidays({}))
    lists = {"物品清单（held）": len(held), "抽样记录（samples）": len(samples)}
    reason = f"最多 {MAX_GOODS} 行，请分成几份答卷"
    long += [problem("E205", text=name, reason=reason) for name, size in lists.items() if size > MAX_GOODS]
    if long:
        raise ProblemError(long)
    return RecordFile(
        kind="record", campaign=sheet.campaign, lock=sheet.lock, checklist=inspection.checklist.id,
        site_type=sheet.site_type, routine=sheet.routine, site=sheet.site, visit=sheet.visit,
        answers=plain_answers(sheet), earlier=sheet.earlier,
        other=sheet.other, provenance=sheet.provenance,
        findings=tuple(_proposed(finding) for finding in evaluation.findings), held=held, samples=samples,
    )  # fmt: skip


def missing_for_final(recorded: Recorded) -> list[str]:
    """Return in Chinese what keeps a record a draft: undecided findings, and what RECORDS §1 makes blocking."""
    return [
        *_open_decisions(recorded),
        *missing_elements(recorded.record),
        *wrong_dates(recorded.record),
        *not_printed(recorded.record),
        *late_decisions(recorded.record, recorded.evaluation),
        *_missing_wording(recorded),
    ]


def _open_decisions(recorded: Recorded) -> list[str]:
    record = recorded.record
    waiting = [f.number for f in record.findings if f.status == "proposed"]
    found = [f"问题 {numbers_text(waiting)} 尚未确认"] if waiting else []
    doubtful = [
        f"{i.code}（{i.reason}）" for i in recorded.evaluation.items if i.result is ItemResult.UNDECIDED and i.reason
    ]
    if doubtful:
        found.append(f"以下项目须补填或更正答卷后重新生成：{'、'.join(doubtful)}")
    alone = undecided_by_two(record)
    if alone:
        found.append(f"问题 {numbers_text(alone)} 须由本次检查的两名检查人员共同决定（by 写两名有执法证号的人的姓名）")
    found += wrong_sentences(record, recorded.evaluation.findings)
    if recorded.unsupported:
        found.append(f"问题 {numbers_text(recorded.unsupported)} 所依据的问题已不认定，不再成立，请改为不认定")
    return found


def _missing_wording(recorded: Recorded) -> list[str]:
    locked, checklist, _ = recorded.inspection
    lacking = [name for name in TOLD if wording_on(locked.release.wording.get(name), checklist.date) is None]
    return [f"规则里没有 {checklist.date} 可用的告知文字：{'、'.join(lacking)}"] if lacking else []


def _release_of(
    place: Place, campaign: str, lock: str, document: Written, as_made: bool
) -> tuple[Locked | None, list[Problem]]:
    named, problems = release_named(place, campaign, lock)
    if named is None:
        marks = {"E613": document.mark(("campaign",)), "E617": document.mark(("lock",))}
        return None, [Problem(p.code, marks.get(p.code, p.mark), p.message, p.hint) for p in problems]
    current, problems = (named, []) if as_made else current_release(place, campaign)
    if current is None:
        return None, problems
    if current.lock != lock:
        return None, [problem("E612", document.mark(("lock",)), old=lock[:12], new=current.lock[:12])]
    return named, []


def _open(
    locked: Locked, file: SheetFile, document: Written, waiting: bool = False
) -> tuple[Inspection | None, list[Problem]]:
    if file.visit.date is None:
        hint = "请填写检查日期，例如 2024-01-15"
        return None, [problem("E201", document.mark(("visit", "date"), key=True), key="visit.date", hint=hint)]
    checklist, problems = tailor(locked, file.site_type, file.site, file.visit.date, routine=file.routine)
    if checklist is None:
        return None, [_placed(p, document) for p in problems]
    if file.checklist and file.checklist != checklist.id:
        mark = document.mark(("checklist",))
        return None, [problem("E620", mark, given=file.checklist, expected=checklist.id)]
    sheet, problems = read_answers(file, checklist, document, waiting=waiting)
    return (None, problems) if problems else (Inspection(locked, checklist, sheet), [])


def _placed(found: Problem, document: Written) -> Problem:
    """A problem of the tailoring comes without a place: it is the sheet's site, its type or its attributes."""
    loc = {"E614": ("site_type",), "E615": ("site_type",), "E623": ("visit", "date")}.get(found.code, ("site",))
    return Problem(found.code, document.mark(loc), found.message, found.hint)


def _sheet_of(record: RecordFile) -> SheetFile:
    return SheetFile(
        kind="answers", campaign=record.campaign, lock=record.lock, checklist=record.checklist,
        site_type=record.site_type, routine=record.routine, site=record.site, visit=record.visit,
        answers=record.answers, earlier=record.earlier, other=record.other,
        provenance=record.provenance,
    )  # fmt: skip


def plain_answers(sheet: AnswerSheet) -> dict[str, JsonValue]:
    """Return the answers as they are written in a file; read again they are the same."""
    return {code: _plain(answer) for code, answer in sheet.answers.items()}


def _plain(answer: Answer) -> JsonValue:
    """Return an answer as it is written in a file."""
    value = {"not-applicable": "不适用", "not-checked": None}.get(answer.status, answer.value)
    if not answer.details and not answer.note:
        return value
    return {"answer": value, **answer.details, **({"note": answer.note} if answer.note else {})}


def _proposed(finding: Finding) -> RecordedFinding:
    return RecordedFinding(
        number=finding.number, id=finding.id, subject=finding.subject, draft=finding.sentence, sentence=finding.sentence
    )


def _same_findings(record: RecordFile, evaluation: Evaluation, document: Document) -> list[Problem]:
    """Return a problem unless the record holds each finding of the answers once, under its number."""

    def key(finding: Finding | RecordedFinding, text: str) -> str:
        return json.dumps([finding.id, finding.subject, text], ensure_ascii=False, sort_keys=True)

    expected = {f.number: key(f, f.sentence) for f in evaluation.findings}
    numbers = [f.number for f in record.findings]
    lost = [str(n) for n in expected if n not in numbers]
    changed = {f.number for f in record.findings if expected.get(f.number) != key(f, f.draft)}
    changed |= {n for n in numbers if numbers.count(n) > 1}
    what = [f"缺少问题 {'、'.join(lost)}"] if lost else []
    what += [f"问题 {'、'.join(map(str, sorted(changed)))} 被改动、多出或重复"] if changed else []
    return [problem("E702", document.mark(("findings",), key=True), what="；".join(what))] if what else []


def _unsupported(
    evaluator: Evaluator, inspection: Inspection, record: RecordFile, evaluation: Evaluation
) -> tuple[int, ...]:
    status = {f.number: f.status for f in record.findings}
    rejected = [f for f in evaluation.findings if status[f.number] == "rejected"]
    confirmed = [f for f in evaluation.findings if f.layer > 1 and status[f.number] == "confirmed"]
    if not (rejected and confirmed):
        return ()
    standing = evaluator.raised_without(inspection.checklist, inspection.sheet, rejected)
    return tuple(f.number for f in confirmed if identity(f.id, f.subject) not in standing)


def _decisions(record: RecordFile, document: Document) -> list[Problem]:
    problems = []
    for index, finding in enumerate(record.findings):
        mark = document.mark(("findings", index, "status"))
        status = {"confirmed": "确认", "rejected": "不认定"}.get(finding.status, "")
        if status and not [name for name in finding.by if name.strip()]:
            problems.append(problem("E701", mark, number=finding.number, status=status, what="由谁办理（by）"))
        if finding.status == "rejected" and not finding.why.strip():
            problems.append(problem("E701", mark, number=finding.number, status=status, what="理由（why）"))
    return problems
