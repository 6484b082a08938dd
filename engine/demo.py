"""The way of the sample inspections of every site type: checklist, answers, findings, record, papers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from engine.documents.case_view import TITLES, papers_due
from engine.documents.papers import checklist_pdf, record_pdf
from engine.documents.text import evaluation_text
from engine.holidays import Holidays
from engine.inspections.opening import Inspection, Recorded, evaluate, new_record, open_answers
from engine.inspections.records import record_yaml
from engine.library.files import Place, data_root
from engine.library.load import read_holidays
from engine.model.bureau import PaperName
from engine.model.record import PaperData, RecordFile
from engine.problems import ProblemError, errors
from engine.writing import make_folder, write_atomically

WHOLE_WAY = frozenset({"retail-pharmacy", "clinic"})
"""Site types whose samples go on to the confirmed record and the final papers; the others stop at the draft."""


def run_demo(place: Place, target: Path) -> Iterator[tuple[str, Path | None]]:
    """Yield what is being made and, once it is there, its file. Raises ProblemError if a sample is wrong."""
    holidays = read_holidays(place)
    for sample in sorted((data_root() / "checklists" / "samples").glob("*.yaml")):
        folder = target / sample.stem
        make_folder(folder)
        inspection = _open(place, sample)
        yield f"{inspection.sheet.site.name}（{inspection.checklist.campaign_title}）", None
        for title, name, content in _files(inspection, sample, holidays):
            write_atomically(folder / name, content)
            yield title, folder / name


def _files(inspection: Inspection, sample: Path, holidays: Holidays) -> Iterator[tuple[str, str, bytes]]:
    yield "空白检查表", "1-检查表.pdf", checklist_pdf(inspection.checklist)
    yield "填好的答卷", "2-答卷.yaml", _without_schema(sample.read_text(encoding="utf-8")).encode()
    evaluation = evaluate(inspection)
    text = evaluation_text(evaluation, inspection.checklist, explain=True)
    yield f"问题 {len(evaluation.findings)} 个", "3-问题.txt", (text + "\n").encode()
    content = {"kind": "findings", "schema": 1, **evaluation.model_dump(mode="json")}
    yield (
        "问题（JSON）",
        "3-问题.json",
        (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode(),
    )
    record = new_record(inspection, evaluation, holidays)
    yield "检查记录（待确认）", "4-记录.yaml", record_yaml(record).encode()
    yield (
        "现场检查笔录（草稿）",
        "5-现场检查笔录-草稿.pdf",
        record_pdf(Recorded(record, inspection, evaluation), "inspection-record"),
    )
    if inspection.sheet.site_type not in WHOLE_WAY:
        return
    confirmed = confirm_all(record)
    final = Recorded(confirmed, inspection, evaluation)
    yield "检查记录（样例中全部确认）", "6-记录-已确认.yaml", record_yaml(confirmed).encode()
    yield "现场检查笔录（正式）", "7-现场检查笔录.pdf", record_pdf(final, "inspection-record")
    yield "填好的检查表（附件）", "8-检查表-已填.pdf", record_pdf(final, "checklist")
    for number, paper in enumerate(papers_due(final), 9):
        yield f"{TITLES[paper]}（正式）", f"{number}-{TITLES[paper]}.pdf", record_pdf(final, paper)


def confirm_all(record: RecordFile) -> RecordFile:
    """Return the record as two inspectors might leave it: every finding confirmed by them, on the day of the visit."""
    names = tuple(i.name for i in record.visit.inspectors)
    decided = {"status": "confirmed", "by": names, "date": record.visit.date}
    findings = tuple(f.model_copy(update=decided) for f in record.findings)
    station = record.site.identity.get("station", "")
    authority = (
        re.sub(r"[^区县市]*市场监管所$", "", station) + "市场监督管理局" if station else "（样例）市场监督管理局"
    )
    year = record.visit.date.year if record.visit.date else "＿＿＿＿"
    number = f"（样例）市监药检〔{year}〕1号"
    papers = {
        paper: PaperData(number=f"（样例）市监{kind}〔{year}〕1号", date=record.visit.date)
        for paper, kind in _KINDS.items()
    }
    scene = papers["scene-record"]
    papers["scene-record"] = scene.model_copy(update={"note": "检查中查见的问题（样例）"})
    whole = {"findings": findings, "authority": authority, "number": number, "papers": papers}
    return record.model_copy(update=whole)


_KINDS: dict[PaperName, str] = {
    "scene-record": "现笔", "correction-notice": "责改", "clue-transfer": "移线", "crime-transfer": "移罪",
}  # fmt: skip
"""Codes of the numbered papers in the demonstration."""


def _open(place: Place, path: Path) -> Inspection:
    inspection, problems = open_answers(place, path)
    if inspection is None:
        raise ProblemError(errors(problems))
    return inspection


def _without_schema(text: str) -> str:
    """The sample's first line points to a schema beside the rules; outside the package it leads nowhere."""
    return re.sub(r"\A# yaml-language-server:.*\n", "", text)
