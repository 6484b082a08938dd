"""Printed papers say everything they should, on every page, in fonts that travel with them."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from pypdf.generic import DictionaryObject
from support import ROOT, opened, sample
from support_documents import (
    ALL_PAPERS,
    BLANKS,
    SAMPLE_NAMES,
    STRIPS,
    Paper,
    blank,
    changed,
    decided,
    flat,
    paper,
    read_qr,
    recorded,
)

from engine.documents.anchors import PageCodes
from engine.documents.checklist_view import checklist_assets, checklist_context
from engine.documents.fonts import font_folder
from engine.documents.html import document_names, render_html, stylesheet
from engine.documents.marks import Mark
from engine.documents.papers import checklist_html, checklist_pdf, record_pdf
from engine.documents.record_view import record_assets
from engine.documents.typefaces import style
from engine.inspections.opening import Inspection, Recorded, evaluate, new_record, open_record
from engine.inspections.records import record_yaml
from engine.laws import article_text, title_of
from engine.library.files import Place
from engine.model.base import ItemResult, Verification
from engine.model.checklist import Checklist
from engine.model.questions import Choice, Rows, YesNo
from engine.model.release import ReleaseCitation
from engine.problems import ProblemError

LONG = {"pharmacy-2019", "clinic-2019", "retail-pharmacy-2019"}
"""Printed in the long run only; their neighbours have every kind of part that they have."""


def _often(papers: Iterable[tuple[str, ...]]) -> list[Any]:
    """Return what to try, the long ones marked."""
    return [pytest.param(*each, marks=[pytest.mark.long] if each[-1] in LONG else []) for each in papers]


every_paper = pytest.mark.parametrize(("kind", "name"), _often(ALL_PAPERS), ids=lambda v: v)
every_checklist = pytest.mark.parametrize(
    ("kind", "name"), _often(p for p in ALL_PAPERS if p[0] in ("blank", "filled")), ids=lambda v: v
)
every_record = pytest.mark.parametrize(
    ("kind", "name"), _often(p for p in ALL_PAPERS if p[0] in ("draft", "final")), ids=lambda v: v
)
every_blank = pytest.mark.parametrize("name", _often((name,) for name in BLANKS))
every_sample = pytest.mark.parametrize("name", _often((name,) for name in SAMPLE_NAMES))
ITEMS_HEAD, LAW_HEAD, PROBLEMS_HEAD = "编号检查内容（是=符合）等级", "编号义务责任", "序号问题等级条款处理建议"


def _checklist_of(kind: str, name: str) -> Checklist:
    return blank(name) if kind == "blank" else recorded(name, final=True).inspection.checklist


def _missing(texts: list[str], printed: Paper) -> list[str]:
    assert texts, "nothing was looked for"
    return [text for text in texts if flat(text) not in printed.text]


# ── every page of every paper


@every_paper
def test_every_page_says_which_of_how_many_it_is(kind: str, name: str) -> None:
    printed = paper(kind, name)
    total = len(printed.pages)
    for number, text in enumerate(printed.pages, 1):
        assert re.findall(r"第(\d+)页共(\d+)页", text) == [(str(number), str(total))], f"page {number}"


@every_paper
def test_every_page_has_the_strip_to_sign(kind: str, name: str) -> None:
    document = "checklist" if kind in ("blank", "filled") else "inspection-record"
    for number, text in enumerate(paper(kind, name).pages, 1):
        places = [text.rfind(words) for words in STRIPS[document]]
        assert min(places) >= 0, f"page {number}: {STRIPS[document]}"
        assert places == sorted(places), f"page {number}"


@every_paper
def test_pages_are_a4_and_only_the_wide_grid_lies_across(kind: str, name: str) -> None:
    printed = paper(kind, name)
    wide = [g.answer for g in _checklist_of(kind, name).grids.values() if len(g.answer.columns) > 8]
    headings = [flat("".join(column.ask or "" for column in spec.columns.values())) for spec in wide]
    assert headings, "no wide grid: the test would prove nothing"
    for number, (width, height) in enumerate(printed.sizes(), 1):
        across = any(heading in printed.pages[number - 1] for heading in headings)
        expected = (297, 210) if across else (210, 297)
        assert (width, height) == pytest.approx(expected, abs=0.2), f"page {number}"
    assert any(w > h for w, h in printed.sizes()) == (kind in ("blank", "filled"))


@every_paper
def test_fonts_are_embedded_subsets(kind: str, name: str) -> None:
    fonts = [d for d in paper(kind, name).dictionaries() if d.get("/Type") == "/Font"]
    assert any(f["/Subtype"] == "/Type0" for f in fonts)
    for font in fonts:
        base = str(font["/BaseFont"])
        assert re.match(r"/[A-Z]{6}\+", base), f"{base} is not a subset"
        if font["/Subtype"] == "/Type0":
            assert "/ToUnicode" in font, f"{base}: its text cannot be copied"
            continue
        descriptor = font["/FontDescriptor"]
        assert isinstance(descriptor, DictionaryObject)
        files = [key for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor]
        assert len(files) == 1, f"{base} is not embedded"
        stream = descriptor[files[0]].get_object()
        assert len(stream.get_data()) > 200, f"{base} is empty"


@every_paper
def test_no_page_is_empty(kind: str, name: str) -> None:
    for number, text in enumerate(paper(kind, name).pages, 1):
        body = text
        for furniture in (r"被检查单位签名.*", r"当事人签名：＿.*", r"草稿", r"（现场检查笔录）副页.*"):
            body = re.sub(furniture, "", body)
        assert len(body) > 20, f"page {number}: {body}"


# ── the checklist


def _item_texts(checklist: Checklist) -> list[str]:
    texts: list[str] = []
    for entry in checklist.items():
        item = entry.item
        texts += [item.code, item.check, item.method, item.grade.label, item.evidence or "", *item.clauses]
        texts += [spec.ask or "" for spec in item.details.values()]
        specs = [*item.details.values(), *([] if item.grid else [item.answer])]
        texts += [option for spec in specs if isinstance(spec, Choice) for option in spec.options]
    return [text for text in texts if text]


def _table_texts(checklist: Checklist) -> list[str]:
    tables = [(g.answer, [g.title, g.instructions or ""]) for g in checklist.grids.values()]
    tables += [(e.item.answer, []) for e in checklist.items() if isinstance(e.item.answer, Rows) and not e.item.grid]
    texts: list[str] = []
    for spec, own in tables:
        texts += own
        for column in spec.columns.values():
            texts.append(column.ask or "")
            texts += column.options if isinstance(column, Choice) else ()
    return [text for text in texts if text]


def _head_texts(checklist: Checklist) -> list[str]:
    kind = checklist.type
    return [
        checklist.campaign_title, checklist.plan, checklist.hotline, checklist.id, checklist.lock[:12], kind.title,
        kind.lead, *kind.notes, *checklist.focus, *(i.label for i in kind.identity),
        *(a.label for a in kind.attributes.values()), *(s.title for s in checklist.sections),
    ]  # fmt: skip


@every_checklist
def test_a_checklist_prints_every_text_of_its_items(kind: str, name: str) -> None:
    checklist = _checklist_of(kind, name)
    texts = _head_texts(checklist) + _item_texts(checklist) + _table_texts(checklist)
    assert _missing(texts, paper(kind, name)) == []


@every_checklist
def test_a_checklist_prints_the_law_of_its_day_and_marks_what_is_not_verified(kind: str, name: str) -> None:
    """Judged from the release: each citation stands in its item's row when it is in force, and only then."""
    checklist = _checklist_of(kind, name)
    rows = _law_rows(checklist, paper(kind, name))
    unverified = 0
    for entry in checklist.items():
        citations = [c for f in entry.item.findings for c in f.basis.duty + f.basis.liability]
        valid = {_citation_text(c) for c in citations if _holds(c, checklist.date)}
        past = {_citation_text(c) for c in citations} - valid
        row = rows[entry.item.code]
        assert [text for text in valid if text not in row] == [], entry.item.code
        assert [text for text in past if text in row] == [], f"{entry.item.code} cites what is not in force"
        for c in citations:
            verified = c.verification is Verification.VERIFIED
            after = re.findall(re.escape(_citation_text(c)) + r"(（待核）|（具体条款待核）)?", row)
            assert all(bool(mark) != verified for mark in after), f"{entry.item.code} {c.cite} {c.article}"
            unverified += not verified and _holds(c, checklist.date)
    assert unverified or checklist.campaign == "2019", "nothing unverified: the test would prove nothing"
    assert paper(kind, name).text.count("标“待核”的须先核对原文") == 1


def _holds(citation: ReleaseCitation, day: date) -> bool:
    return citation.start <= day and (citation.end is None or citation.end > day)


def _citation_text(citation: ReleaseCitation) -> str:
    return flat(title_of(citation) + (article_text(citation.article) if citation.article else ""))


def _law_rows(checklist: Checklist, printed: Paper) -> dict[str, str]:
    """Return what the law table says for each item, without the codes."""
    law = "".join(page[page.index(LAW_HEAD) :] for page in printed.pages if LAW_HEAD in page)
    codes = [entry.item.code for entry in checklist.items()]
    parts = re.split("(" + "|".join(codes) + ")", law)
    assert parts[1::2] == codes, "one row for each item, in the order of the list"
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@every_checklist
def test_rows_of_items_stay_whole_under_a_repeated_header(kind: str, name: str) -> None:
    checklist, printed = _checklist_of(kind, name), paper(kind, name)
    pages: set[int] = set()
    for entry in checklist.items():
        row = flat(entry.item.code + entry.item.check)
        found = printed.pages_with(row)
        assert len(found) == 1, f"{entry.item.code} stands on pages {found}"
        whole = printed.pages[found[0] - 1]
        assert flat(entry.item.method) in whole, f"{entry.item.code} is broken over two pages"
        assert 0 <= whole.find(ITEMS_HEAD) < whole.find(row), f"page {found[0]} has no header above {entry.item.code}"
        pages.add(found[0])
    assert len(pages) > 1, "one page only: the test would prove nothing"


def test_law_over_two_pages_repeats_its_header() -> None:
    checklist, printed = blank("pharmacy-2024"), paper("blank", "pharmacy-2024")
    pages = [number for number, text in enumerate(printed.pages, 1) if LAW_HEAD in text]
    assert len(pages) > 1, "one page only: the test would prove nothing"
    for entry in checklist.items():
        assert any(entry.item.code in printed.pages[number - 1] for number in pages), entry.item.code


@every_blank
def test_a_blank_checklist_is_neither_ticked_nor_judged(name: str) -> None:
    printed = paper("blank", name)
    known = sum(v is True for v in blank(name).site.attributes.values())
    assert printed.text.count("☑") == known + 1, "the boxes of what the site has, and the one that explains how to tick"
    assert "判定：" not in printed.text
    assert "其他问题" in printed.text
    yes_no = [e for e in blank(name).items() if isinstance(e.item.answer, YesNo) and e.item.grid is None]
    assert printed.text.count("☐是☐否☐不适用") == len(yes_no)


@pytest.mark.parametrize(
    ("kind", "name"), [("blank", "pharmacy-2024-small"), *(("filled", name) for name in SAMPLE_NAMES)], ids=lambda v: v
)
def test_reasonable_omissions_are_printed_with_their_reason(kind: str, name: str) -> None:
    checklist, printed = _checklist_of(kind, name), paper(kind, name)
    omitted = [o for o in checklist.omitted if o.kind == "reasonable-omission"]
    assert omitted
    for each in omitted:
        assert flat(each.code + each.check + each.reason) in printed.text, each.code
        assert checklist.type.attributes, each.code
        assert any(each.reason == a.absent for a in checklist.type.attributes.values()), each.reason
    assert "合理缺项编号检查内容理由" in printed.text
    asked = {entry.item.code for entry in checklist.items()}
    assert not asked & {o.code for o in omitted}


def test_without_omissions_there_is_no_heading_for_them() -> None:
    listed = checklist_html(blank("pharmacy-2024-small"))
    assert "<h2>合理缺项</h2>" in listed, "nothing is omitted: the test would prove nothing"
    assert "合理缺项" not in checklist_html(blank("pharmacy-2024").model_copy(update={"omitted": ()}))


# ── the completed checklist


@every_sample
def test_a_completed_checklist_prints_what_was_answered(name: str) -> None:
    of = recorded(name, final=True)
    sheet = of.inspection.sheet
    texts = [sheet.site.name, *(text for text in sheet.site.identity.values() if text)]
    texts += [answer.note for answer in sheet.answers.values() if answer.note]
    for answer in sheet.answers.values():
        for row in answer.value if isinstance(answer.value, list) else ():
            assert isinstance(row, dict)
            texts += [value for value in row.values() if isinstance(value, str)]
    assert _missing(texts, paper("filled", name)) == []


@every_sample
def test_a_completed_checklist_prints_who_inspected_and_when(name: str) -> None:
    """Left blank on the paper although the sheet holds them: the annex would not say which visit it belongs to."""
    visit = recorded(name, final=True).inspection.sheet.visit
    texts = [f"{visit.start}至{visit.end}", *(t for i in visit.inspectors for t in (i.name, i.certificate))]
    assert _missing(texts, paper("filled", name)) == []


@cache
def _six_results() -> Recorded:
    """A record in which every item result occurs."""
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] |= {"YD-09": "不适用", "YD-11": "未查", "YD-07": {"answer": None, "drawn": 3, "system": "是"}}
    return _of(sheet)


def _of(sheet: dict[str, object]) -> Recorded:
    with tempfile.TemporaryDirectory() as folder:
        inspection: Inspection = opened(sheet, Path(folder), Place(ROOT))
    evaluation = evaluate(inspection)
    return Recorded(new_record(inspection, evaluation), inspection, evaluation)


def test_result_words_are_kept_apart_on_the_checklist() -> None:
    of = _six_results()
    assert {outcome.result for outcome in of.evaluation.items} == set(ItemResult)
    printed = Paper(record_pdf(of, "checklist"))
    asked = [entry.item for entry in of.inspection.checklist.items()]
    starts = {item.code: printed.text.index(flat(item.code + item.check)) for item in asked}
    words = {outcome.code: outcome.result.label for outcome in of.evaluation.items}
    for code, start in starts.items():
        end = min((s for s in starts.values() if s > start), default=printed.text.index("合理缺项编号"))
        judged = re.findall(r"判定：(合理缺项|不符合|符合|不适用|未检查|无法判定)", printed.text[start:end])
        assert judged == [words[code]], code
    assert words["YD-09"] == "不适用"
    assert words["YD-11"] == "未检查"
    assert words["YD-07"] == "无法判定"


def test_result_words_are_kept_apart_in_the_record() -> None:
    of = _six_results()
    printed = Paper(record_pdf(of, "inspection-record"))
    scope = printed.text[printed.text.index("结果：") : printed.text.index("。", printed.text.index("结果："))]
    counted = dict(re.findall(r"[：、]([^：、\d]+?)(\d+)项", scope))
    results = [outcome.result.label for outcome in of.evaluation.items]
    assert counted == {label: str(results.count(label)) for label in set(results)}
    assert len(counted) == 6
    for code in ("YD-11（未检查）", "YD-07（无法判定）"):
        assert code in printed.text


# ── the record


def _finding_texts(of: Recorded) -> list[str]:
    texts: list[str] = []
    for recorded_finding, finding in zip(of.record.findings, of.evaluation.findings, strict=True):
        texts += [recorded_finding.sentence, finding.code or "综合", finding.grade.label]
        texts += [c.text for c in finding.duty + finding.liability] + [d.label for d in finding.dispositions]
        texts += [clause.id for clause in finding.clauses]
    return texts


@every_record
def test_a_record_prints_every_text_of_its_findings(kind: str, name: str) -> None:
    of, printed = recorded(name, final=kind == "final"), paper(kind, name)
    assert _missing(_finding_texts(of), printed) == []
    facts = printed.text[printed.text.index("检查情况（客观事实）") : printed.text.index("发现问题与处理建议")]
    for each, finding in zip(of.record.findings, of.evaluation.findings, strict=True):
        assert (flat(each.sentence) in facts) == (finding.layer == 1), "facts and conclusions are kept apart"


@every_sample
def test_a_record_prints_the_visit_and_the_site(name: str) -> None:
    of = recorded(name, final=True)
    visit, record = of.record.visit, of.record
    texts = [record.authority, record.number, record.site.name, visit.place, visit.recorder, visit.recusal or ""]
    texts += [visit.approval, visit.notice, visit.task, visit.recordings, visit.category or ""]
    texts += [f"{visit.start}至{visit.end}", *(text for text in record.site.identity.values())]
    texts += [text for i in visit.inspectors for text in (i.name, i.certificate, i.unit)]
    texts += [text for p in visit.present for text in (p.name, p.position)]
    printed = paper("final", name)
    assert _missing([text for text in texts if text], printed) == []
    assert f"☑{visit.recusal}" in printed.text
    assert f"☑{visit.category}" in printed.text
    assert printed.text.count("☑") == 2


@every_sample
def test_a_record_marks_unverified_citations(name: str) -> None:
    of, printed = recorded(name, final=True), paper("final", name)
    shown = [c for f in of.evaluation.findings for c in f.duty + f.liability]
    unverified = [c for c in shown if c.verification is not Verification.VERIFIED]
    assert all("待核" in c.text for c in unverified)
    assert printed.text.count("待核") == len(unverified)
    assert unverified or "clinic" not in name, "nothing unverified: the test would prove nothing"


@every_sample
def test_problems_over_two_pages_repeat_their_header(name: str) -> None:
    of, printed = recorded(name, final=False), paper("draft", name)
    pages: set[int] = set()
    for finding in of.evaluation.findings:
        row = flat(f"〔{finding.code or '综合'}〕{finding.sentence}")
        found = printed.pages_with(row)
        assert len(found) == 1, f"problem {finding.number} stands on pages {found}"
        whole = printed.pages[found[0] - 1]
        assert flat((finding.duty or finding.power)[0].text) in whole, (
            f"problem {finding.number} is broken over two pages"
        )
        assert 0 <= whole.find(PROBLEMS_HEAD) < whole.find(row), f"problem {finding.number} has no header above it"
        pages.add(found[0])
    assert len(pages) > 1 or name == "clinic-2024", "one page only: the test would prove nothing"


# ── draft and final


@every_sample
def test_draft_stands_on_every_page_of_an_unconfirmed_record(name: str) -> None:
    printed = paper("draft", name)
    assert printed.pages_with("草稿") == list(range(1, len(printed.pages) + 1))
    assert printed.pages[0].count("草稿") == 2, "across the page, and in the list of what is missing"


@every_sample
def test_draft_stands_nowhere_in_a_complete_confirmed_record(name: str) -> None:
    printed = paper("final", name)
    assert printed.pages_with("草稿") == []
    assert printed.pages_with("待确认") == []


def test_one_undecided_finding_keeps_every_page_a_draft() -> None:
    of = decided(recorded("retail-pharmacy-2024", final=True), {4}, status="proposed", by=())
    printed = Paper(record_pdf(of, "inspection-record"))
    assert printed.pages_with("草稿") == list(range(1, len(printed.pages) + 1))
    assert "问题4尚未确认" in printed.text
    assert printed.text.count("待确认") == 1


def test_draft_stands_on_the_completed_checklist_of_an_unconfirmed_record() -> None:
    """It carries the program's judgments (判定：不符合), which nobody has confirmed."""
    printed = Paper(record_pdf(recorded("retail-pharmacy-2024", final=False), "checklist"))
    assert printed.pages_with("草稿") == list(range(1, len(printed.pages) + 1))


@pytest.mark.parametrize("field", ["authority", "number"])
def test_a_record_without_what_names_it_is_a_draft(field: str) -> None:
    """RECORDS §1, 1: authority, name and number of the paper are required; a final record prints no blank for them."""
    of = changed(recorded("retail-pharmacy-2024", final=True), **{field: ""})
    assert "草稿" in Paper(record_pdf(of, "inspection-record")).pages[0]


def test_a_record_without_wording_for_its_day_is_a_draft() -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    locked = of.inspection.locked
    wording = {n: w for n, w in locked.release.wording.items() if n != "recusal"}
    later = wording["statement"].versions[-1].model_copy(update={"start": date(2030, 1, 1)})
    wording["statement"] = wording["statement"].model_copy(update={"versions": (later,)})
    release = locked.release.model_copy(update={"wording": wording})
    of = of._replace(inspection=of.inspection._replace(locked=locked._replace(release=release)))
    printed = Paper(record_pdf(of, "inspection-record"))
    assert printed.pages_with("草稿") == list(range(1, len(printed.pages) + 1))
    assert flat("没有 2024-01-15 可用的告知文字：statement、recusal") in flat(printed.text)


def test_a_record_names_what_it_was_inspected_under() -> None:
    """RECORDS §1, 2: 检查依据 is the plan and the articles."""
    of = recorded("retail-pharmacy-2024", final=True)
    assert flat(f"检查依据{of.inspection.checklist.plan}") in flat(Paper(record_pdf(of, "inspection-record")).pages[0])


def test_a_record_does_not_claim_that_certificates_were_shown_when_they_were_not() -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    of = changed(of, visit=of.record.visit.model_copy(update={"certificates_shown": False}))
    printed = Paper(record_pdf(of, "inspection-record"))
    assert "草稿" in printed.pages[0] or "出示执法证件，依法进行检查" not in printed.text


def test_a_rejected_finding_is_not_printed() -> None:
    of = decided(recorded("retail-pharmacy-2024", final=True), {6}, status="rejected", why="复核后为 7.8 ℃")
    printed = Paper(record_pdf(of, "inspection-record"))
    assert flat(of.record.findings[5].sentence) not in printed.text
    assert flat(of.record.findings[4].sentence) in printed.text
    assert "草稿" not in printed.text


def test_facts_and_problems_share_their_numbers() -> None:
    """Problem 3 is fact 3, also when problem 1 was rejected: people refer to both by number."""
    of = decided(recorded("retail-pharmacy-2019", final=True), {1}, status="rejected", why="已当场出示资质")
    printed = Paper(record_pdf(of, "inspection-record")).text
    facts = printed[printed.index("检查情况（客观事实）") : printed.index("发现问题与处理建议")]
    for each, finding in zip(of.record.findings, of.evaluation.findings, strict=True):
        if each.status != "rejected" and finding.layer == 1:
            assert f"{finding.number}．{flat(each.sentence)}" in facts


def test_a_record_with_everything_rejected_does_not_contradict_itself() -> None:
    """“不符合 4 项” beside “未发现问题” needs a word on what people decided."""
    every = {f.number for f in recorded("retail-pharmacy-2024", final=True).record.findings}
    of = decided(recorded("retail-pharmacy-2024", final=True), every, status="rejected", why="不属实")
    printed = Paper(record_pdf(of, "inspection-record")).text
    assert "未发现问题" in printed
    assert not re.search(r"不符合\d+项", printed) or "不认定" in printed


def test_an_escalation_does_not_rest_on_findings_that_were_rejected(tmp_path: Path, packaged: Place) -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    escalation = of.evaluation.findings[-1]
    assert escalation.parents, "no escalation: the test would prove nothing"
    of = decided(of, {escalation.parents[0]}, status="rejected", why="已当场出示资质")
    path = tmp_path / "record.yaml"
    path.write_text(record_yaml(of.record), encoding="utf-8")
    opened_again, problems = open_record(packaged, path)
    assert opened_again is not None, [p.render() for p in problems]
    printed = Paper(record_pdf(opened_again, "inspection-record"))
    assert printed.pages_with("草稿") == list(range(1, len(printed.pages) + 1))
    assert f"问题{escalation.number}" in printed.pages[0], "the list of what is missing names it"


def test_an_edited_sentence_is_printed_and_said_to_be_edited() -> None:
    of = decided(recorded("retail-pharmacy-2024", final=True), {1}, sentence="经现场核实，供货单位没有资质")
    printed = Paper(record_pdf(of, "inspection-record")).text
    assert printed.count("经现场核实，供货单位没有资质") == 2
    assert flat(of.record.findings[0].draft) not in printed
    assert printed.count("（描述经检查人员修改）") == 1


# ── many rows


def test_a_long_grid_repeats_its_header_and_breaks_no_row() -> None:
    sheet = sample("retail-pharmacy-2024")
    first = sheet["answers"]["trace"][0]
    sheet["answers"]["trace"] = [first | {"batch": f"批号{n:04}", "product": f"品种第{n:04}号"} for n in range(60)]
    of = _of(sheet)
    printed = Paper(record_pdf(of, "checklist"))
    columns = of.inspection.checklist.grids["trace"].answer.columns
    heading = flat("序" + "".join(column.ask or "" for column in columns.values()))
    pages: set[int] = set()
    for n in range(60):
        found = printed.pages_with(f"品种第{n:04}号")
        assert len(found) == 1, f"row {n + 1} stands on pages {found}"
        page = printed.pages[found[0] - 1]
        assert f"批号{n:04}" in page, f"row {n + 1} is broken over two pages"
        assert 0 <= page.find(heading) < page.find(f"品种第{n:04}号"), f"no header above row {n + 1}"
        pages.add(found[0])
    assert len(pages) > 2, "one page only: the test would prove nothing"
    assert all(w > h for number, (w, h) in enumerate(printed.sizes(), 1) if number in pages)


# ── the code that names a checklist


@every_blank
def test_the_qr_code_names_the_checklist(name: str) -> None:
    checklist = blank(name)
    says = ["CHUNFENG", "1", checklist.campaign, checklist.type.code, checklist.lock[:12], checklist.id]
    assert read_qr(checklist_assets(checklist)["qr"]) == ":".join(says).upper()


def test_the_record_carries_the_qr_code_of_its_checklist() -> None:
    of = recorded("clinic-2024", final=True)
    checklist = of.inspection.checklist
    assert record_assets(of) == checklist_assets(checklist)
    assert read_qr(record_assets(of)["qr"]).endswith(checklist.id.upper())


def test_a_qr_code_is_drawn_on_every_page_of_a_blank_checklist(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.documents import papers

    checklist = blank("clinic-2019")
    with_code = paper("blank", "clinic-2019").content
    nothing = b"<svg xmlns='http://www.w3.org/2000/svg' width='33' height='33'/>"
    monkeypatch.setattr(papers, "PageCodes", lambda of, left_out: dict.fromkeys(PageCodes(of), nothing))
    without = Paper(checklist_pdf(checklist))
    drawn = [len(page.get_contents().get_data()) for page in Paper(with_code).reader.pages]
    empty = [len(page.get_contents().get_data()) for page in without.reader.pages]
    assert len(drawn) == len(empty) > 2
    assert all(d > e + 500 for d, e in zip(drawn, empty, strict=True)), "a page without its code"


def test_the_qr_code_of_a_filled_in_checklist_is_drawn_on_its_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.documents import papers

    of = recorded("clinic-2024", final=True)
    nothing = b"<svg xmlns='http://www.w3.org/2000/svg' width='33' height='33'/>"
    with_code = paper("filled", "clinic-2024").reader.pages
    monkeypatch.setattr(papers, "checklist_assets", lambda _: {"qr": nothing})
    without = Paper(record_pdf(of, "checklist")).reader.pages
    drawn = [len(page.get_contents().get_data()) for page in with_code]
    empty = [len(page.get_contents().get_data()) for page in without]
    assert drawn[0] > empty[0] + 500, "the QR code is not drawn"
    assert drawn[1:] == empty[1:]


def test_the_kinds_of_paper_are_known() -> None:
    assert set(STRIPS) == set(document_names())
    with pytest.raises(ProblemError, match="E703") as wrong:
        record_pdf(recorded("clinic-2024", final=False), "ticket")
    assert all(name in str(wrong.value) for name in document_names())


# ── to write on by hand (RECORDS §4)


@every_paper
def test_no_tick_box_is_torn_from_its_word(kind: str, name: str) -> None:
    torn = [line for text in paper(kind, name).lines for line in text.splitlines() if re.search(r"[☐☑]\s*$", line)]
    assert torn == []


@every_blank
def test_a_box_and_its_word_fit_their_column(name: str) -> None:
    """4.2 mm of box, 4.2 mm of word, padding and lines; a wide table has 268 mm for its columns."""
    tables = checklist_context(blank(name))["tables"]
    assert isinstance(tables, list)
    wide = [table for table in tables if table["wide"]]
    assert wide
    for table in wide:
        ticked = [n for n, (line, _) in enumerate(table["rows"][0]) if any(isinstance(p, Mark) for p in line)]
        assert ticked
        assert all(float(table["columns"][n][1]) / 100 * 268 > 9.8 for n in ticked)


@every_blank
def test_no_blank_is_torn_in_two(name: str) -> None:
    """Blanks to write on are as long on the paper as in the page it was made from; the strip stands on every page."""
    html = re.sub(r"</?span[^>]*>", "", render_html("checklist", checklist_context(blank(name))))
    html = unescape(re.sub(r"<[^>]*>", "\n", html))
    strip = _blanks(next(line for line in html.splitlines() if STRIPS["checklist"][0] in line))
    expected = _blanks(html)
    printed = paper("blank", name)
    for _ in printed.pages[1:]:
        expected += strip
    assert len(expected) > 1
    assert _blanks("\n".join(printed.lines)) == expected


def _blanks(text: str) -> Counter[int]:
    """Return how many blanks there are of each length."""
    return Counter(len(run) for run in re.findall("＿+", text))


@every_blank
def test_tick_boxes_are_at_least_four_millimetres(name: str) -> None:
    """Measured on the paper: the size of the type times the drawn height of the box in its face."""
    shares, sizes = _box_shares(), Counter[float]()

    def visit(text: str, cm: list[float], tm: list[float], font: dict[str, object], size: float) -> None:
        if "☐" in text:
            face = str(font["/BaseFont"]).split("+")[1].replace("-", " ")
            sizes[round(size * abs(tm[3] * cm[3]) * 25.4 / 72 * shares[face], 1)] += text.count("☐")

    for page in paper("blank", name).reader.pages:
        page.extract_text(visitor_text=visit)
    assert sizes, "no boxes"
    assert min(sizes) >= 4.0, f"boxes by size in mm: {dict(sizes)}"


def _box_shares() -> dict[str, float]:
    """Return the height of the empty box in each built face that has one, as a share of the em."""
    shares = {}
    for path in sorted(font_folder().glob("*.[ot]tf")):
        with TTFont(path, lazy=True) as font:
            glyph = font.getBestCmap().get(ord("☐"))
            if glyph is not None:
                bounds = BoundsPen(font.getGlyphSet())
                font.getGlyphSet()[glyph].draw(bounds)
                assert bounds.bounds is not None
                shares[font["name"].getDebugName(1)] = (bounds.bounds[3] - bounds.bounds[1]) / font["head"].unitsPerEm
    return shares


def test_the_plain_page_of_the_benchmark_asks_for_none_of_our_fonts() -> None:
    from benchmarks.documents.record_worker import plain_css

    css = plain_css(style() + stylesheet("inspection-record"))
    assert '"Noto Serif CJK SC"' in css
    assert "Chunfeng" not in css
