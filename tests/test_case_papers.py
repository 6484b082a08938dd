"""The papers that follow an inspection: which are made, what stands on them, what keeps them drafts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import opened, sample
from support_documents import STRIPS, Paper, chunfeng, flat, leaks

from engine.demo import confirm_all
from engine.documents.case_view import COPIES, NUMBERED, TITLES, paper_gaps, papers_due
from engine.documents.gaps import gaps_of
from engine.documents.html import document_names
from engine.documents.papers import record_pdf
from engine.inspections.bureaus import read_bureau
from engine.inspections.opening import Recorded, evaluate, new_record
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.library.load import read_holidays
from engine.model.base import Disposition
from engine.model.bureau import BureauFile, Station
from engine.model.record import Evidence, PaperData
from engine.numbering import EXAMPLE, number_faults, read_number
from engine.problems import ProblemError

BUREAU = BureauFile(
    kind="bureau", authority="瑶海区市场监督管理局", code="（瑶）", kinds={"correction-notice": "市监责改"},
    stations=(Station(name="蚌埠路市场监管所", block="蚌3"),), contact="李明", phone="0551-12345678",
    address="长江东路1号", reconsideration="瑶海区人民政府", court="瑶海区人民法院", header="合肥市",
)  # fmt: skip


@pytest.fixture
def pharmacy(tmp_path: Path, packaged: Place) -> Recorded:
    """Return the confirmed record of the pharmacy with goods seized, evidence and numbers: everything is final."""
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, packaged)
    evaluation = evaluate(inspection)
    record = confirm_all(new_record(inspection, evaluation, read_holidays(packaged)))
    held = tuple(h.model_copy(update={"measure": "扣押", "place": "局证物室"}) for h in record.held)
    proof = Evidence(
        number="1",
        what="照片",
        proves="温度显示",
        findings=(6,),
        taken="2024-01-15 营业厅",
        by="张伟、刘洋",
        file="IMG_1.jpg",
        sha256="a" * 64,
    )
    papers = {name: PaperData(number=f"（瑶）市监责改〔2024〕{n}号") for n, name in enumerate(NUMBERED, 1)}
    papers["scene-record"] = papers["scene-record"].model_copy(update={"note": "超过有效期的药品"})
    record = record.model_copy(update={"held": held, "evidence": (proof,), "papers": papers})
    return Recorded(record, inspection, evaluation)


def _changed(recorded: Recorded, **update: object) -> Recorded:
    return recorded._replace(record=recorded.record.model_copy(update=update))


def _text(recorded: Recorded, name: str, bureau: BureauFile | None = BUREAU) -> str:
    return Paper(record_pdf(recorded, name, bureau)).text


def test_many_goods_stand_in_lines_of_the_scene_record_as_in_the_list_of_goods(pharmacy: Recorded) -> None:
    held = tuple(
        pharmacy.record.held[0].model_copy(
            update={"product": f"品种{n}号", "batch": f"P{n:04d}", "quantity": f"{n} 盒"}
        )
        for n in range(1, 41)
    )
    scene, goods = (_text(_changed(pharmacy, held=held), name) for name in ("scene-record", "goods-list"))
    assert "共40行" in scene
    for n in range(1, 41):
        assert f"{n}品种{n}号P{n:04d}{n}盒" in scene
        assert f"{n}品种{n}号P{n:04d}" in goods


# ── which papers


def test_there_is_a_template_for_every_paper_and_no_other() -> None:
    assert set(document_names()) == set(TITLES)


def test_the_findings_say_which_papers_are_made(pharmacy: Recorded) -> None:
    assert papers_due(pharmacy) == [
        "scene-record", "correction-notice", "service-receipt", "goods-list", "evidence-list", "clue-transfer",
    ]  # fmt: skip
    assert "evidence-list" not in papers_due(_changed(pharmacy, evidence=()))
    assert "goods-list" not in papers_due(_changed(pharmacy, held=()))


def test_without_anything_grave_there_is_no_scene_record(pharmacy: Recorded) -> None:
    """RECORDS §0: without a red line, a lead or a measure a visit ends with the inspection record and the checklist."""
    grave = {
        f.number for f in pharmacy.evaluation.findings if f.red_line or Disposition.CASE_CLUE in f.dispositions
    }  # fmt: skip
    findings = tuple(
        f.model_copy(update={"status": "rejected" if f.number in grave else f.status, "why": "复核"})
        for f in pharmacy.record.findings
    )
    mild = _changed(pharmacy, findings=findings, held=())
    with pytest.raises(ProblemError) as refused:
        record_pdf(mild, "scene-record", BUREAU)
    assert [p.code for p in refused.value.problems] == ["E707"]
    assert "现场检查笔录" in refused.value.problems[0].message
    taken = pharmacy.record.held[0].model_copy(update={"findings": ()})
    assert paper_gaps(_changed(mild, held=(taken,)), "scene-record") == [], "a measure alone calls for it"


@pytest.mark.parametrize("name", ["crime-transfer", "review-record"])
def test_a_paper_that_nothing_calls_for_is_refused(name: str, pharmacy: Recorded) -> None:
    with pytest.raises(ProblemError) as refused:
        record_pdf(pharmacy, name, BUREAU)
    assert [p.code for p in refused.value.problems] == ["E707"]
    assert TITLES[name] in refused.value.problems[0].message  # type: ignore[index]


def test_where_the_bureau_assists_no_correction_is_ordered(tmp_path: Path, packaged: Place) -> None:
    inspection = opened(sample("drug-wholesaler-2019"), tmp_path, packaged)
    evaluation = evaluate(inspection)
    recorded = Recorded(confirm_all(new_record(inspection, evaluation)), inspection, evaluation)
    assert "correction-notice" not in papers_due(recorded)
    text = _text(recorded, "clue-transfer", None)
    assert inspection.checklist.type.competent is not None
    assert flat(inspection.checklist.type.competent) in text
    assert "本局办案机构" not in text, "the authority that decides gets the leads, not this bureau's case unit"


# ── what stands on them


def test_the_notice_comes_in_two_copies_each_with_its_own_pages(pharmacy: Recorded) -> None:
    due = date(2024, 1, 31)
    findings = tuple(f.model_copy(update={"due": due}) for f in pharmacy.record.findings)
    paper = Paper(record_pdf(_changed(pharmacy, findings=findings), "correction-notice", BUREAU))
    for mark in COPIES["correction-notice"]:
        assert paper.text.count(flat(mark)) == 1
    assert sum("第1页" in page for page in paper.pages) == 2
    orders = [
        f for f in pharmacy.evaluation.findings if Disposition.ORDER_CORRECTION in f.dispositions and f.layer == 1
    ]
    assert orders
    for finding in pharmacy.evaluation.findings:
        assert paper.text.count(flat(finding.sentence)) == (2 if finding in orders else 0), finding.id
    for finding in orders:
        assert all(flat(c.text) in paper.text for c in (*finding.duty, *finding.liability))
    for part in ("2024年1月31日前改正", "李明", "0551-12345678", "瑶海区人民政府", "瑶海区人民法院", "第二十八条第一款",
                 "收到时间", "以下空白", "合肥市", "瑶海区市场监督管理局（印章）", "待核"):  # fmt: skip
        assert part in paper.text, part
    assert "草稿" not in paper.text


def test_what_was_ordered_before_and_not_done_gets_no_second_order(tmp_path: Path, packaged: Place) -> None:
    """RECORDS §2, “Repeated finding”: it becomes a lead."""
    content = sample("retail-pharmacy-2024")
    content["site"]["attributes"]["prior"] = True
    content["answers"]["follow-up"] = [
        {"item": "甲-1", "problem": "冷藏柜超温", "law": "某条", "due": "2023-02-01", "result": "未整改"},
        {"item": "甲-2", "problem": "无票", "result": "已整改"},
    ]
    inspection = opened(_relisted(content), tmp_path, packaged)
    evaluation = evaluate(inspection)
    recorded = Recorded(confirm_all(new_record(inspection, evaluation)), inspection, evaluation)
    assert "follow-up.earlier-problems" in {f.id for f in evaluation.findings}
    assert "甲-1" not in _text(recorded, "correction-notice")
    assert "甲-1" in _text(recorded, "clue-transfer")
    review = _text(recorded, "review-record")
    for part in ("甲-1", "冷藏柜超温", "2023-02-01", "未整改", "甲-2", "已整改", "现场复查", "书面复查"):
        assert part in review


def _relisted(content: dict) -> dict:  # type: ignore[type-arg]
    content.pop("checklist", None)  # the scope changed: it is another list
    return content


def test_each_paper_says_whose_it_is_and_loads_nothing(pharmacy: Recorded) -> None:
    for name in papers_due(pharmacy):
        paper = Paper(record_pdf(pharmacy, name, BUREAU))
        assert TITLES[name] in paper.pages[0]
        assert "瑶海区市场监督管理局" in paper.pages[0] or pharmacy.record.authority in paper.pages[0]
        assert flat(pharmacy.record.site.name) in paper.text
        assert pharmacy.inspection.checklist.id in paper.text
        assert leaks(paper) == []
        for page in paper.pages:
            assert all(words in page for words in STRIPS[name]), name
        for other in set(TITLES) - {name, "inspection-record", "checklist"}:
            assert not paper.pages[0].startswith(TITLES[other])


def test_goods_and_evidence_are_listed_line_by_line(pharmacy: Recorded) -> None:
    goods, evidence = _text(pharmacy, "goods-list"), _text(pharmacy, "evidence-list")
    for line in pharmacy.record.held:
        assert line.batch in goods
    assert f"共{len(pharmacy.record.held)}行" in goods
    assert "a" * 64 in evidence
    assert "共1件" in evidence


def test_markup_in_what_people_write_is_text(pharmacy: Recorded) -> None:
    nasty = "<b onclick=x>&amp;</b>☐＿＿ {{ 7*7 }}"
    proof = Evidence(number="1", what="照片", proves=nasty, taken=nasty, by=nasty, pages=nasty, file=nasty)
    held = tuple(h.model_copy(update={"place": nasty, "spec": nasty}) for h in pharmacy.record.held)
    data = PaperData(number="（瑶）市监责改〔2024〕1号", to=nasty, by=(nasty,), note=nasty)
    findings = tuple(f.model_copy(update={"correction": nasty}) for f in pharmacy.record.findings)
    changed = _changed(pharmacy, evidence=(proof,), held=held, findings=findings, papers=dict.fromkeys(TITLES, data))
    for name in papers_due(changed):
        text = _text(changed, name)
        assert flat(nasty) in text, name


# ── numbers


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (EXAMPLE, ("（瑶）市监药检", 2024, "", 15)),
        ("瑶市监责改〔2024〕蚌3-015号", ("瑶市监责改", 2024, "蚌3", 15)),
        ("（瑶）市监药检[2024]15号", None),
        ("（瑶）市监药检（2024）15号", None),
        ("（瑶）市监药检〔2024〕第15号", None),
        ("（瑶）市监药检〔2024〕015号", None),
        ("（瑶）市监药检〔2024〕0号", None),
        ("（瑶）市监药检〔2024〕蚌3-000号", None),
        ("（瑶）市监药检〔24〕15号", None),
        ("〔2024〕15号", None),
        ("", None),
    ],
)
def test_a_number_is_read_in_its_parts(text: str, parts: tuple[str, int, str, int] | None) -> None:
    assert read_number(text) == parts


@given(
    st.text("瑶市监药检责改（）", min_size=1, max_size=12), st.integers(1000, 9999), st.integers(1, 999_999),
    st.sampled_from(["", "蚌3", "A1"]),
)  # fmt: skip
def test_a_written_number_is_read_back(prefix: str, year: int, serial: int, block: str) -> None:
    text = f"{prefix}〔{year}〕{block + '-' if block else ''}{serial}号"
    assert read_number(text) == (prefix, year, block, serial)
    assert number_faults(text, "inspection-record", None, None) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("（瑶）市监责改〔2024〕1号", []),
        ("（瑶）市监责改〔2024〕蚌3-7号", []),
        ("（包）市监责改〔2024〕1号", ["机关代字"]),
        ("（瑶）市监药检〔2024〕1号", ["类别代字"]),
        ("（瑶）市监责改〔2023〕1号", ["年份"]),
        ("（瑶）市监责改〔2024〕东1-7号", ["编号段"]),
        ("一号", ["写法"]),
    ],
)
def test_a_number_is_that_of_the_bureau_the_kind_and_the_year(text: str, words: list[str]) -> None:
    faults = number_faults(text, "correction-notice", date(2024, 1, 15), BUREAU)
    assert len(faults) == len(words)
    assert all(word in fault for word, fault in zip(words, faults, strict=True))
    assert all(f"“{text}”" in fault for fault in faults)


def test_without_a_number_or_with_an_early_deadline_a_notice_is_a_draft(pharmacy: Recorded) -> None:
    assert gaps_of(pharmacy, "correction-notice", BUREAU) == []
    bare = _changed(pharmacy, papers={})
    assert any("编号" in gap for gap in gaps_of(bare, "correction-notice", BUREAU))
    assert "草稿" in _text(bare, "correction-notice")
    early = tuple(f.model_copy(update={"due": date(2024, 1, 1)}) for f in pharmacy.record.findings)
    assert any(
        "早于检查日期" in gap for gap in gaps_of(_changed(pharmacy, findings=early), "correction-notice", BUREAU)
    )
    odd = _changed(pharmacy, number="一号")
    assert any("写法" in gap for gap in gaps_of(odd, "inspection-record", BUREAU))


# ── the bureau's profile and the command


def test_mistakes_in_a_profile_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bureau.yaml"
    path.write_text(
        "kind: bureau\nauthority: 某局\ncode: '[瑶]'\nkinds: {notice: 市监}\nstations: [{name: 甲所, block: 'x y'}]\n",
        encoding="utf-8",
    )
    bureau, problems = read_bureau(path)
    assert bureau is None
    assert {p.mark.line for p in problems} == {3, 4, 5}


def test_the_command_prints_papers_and_says_which_are_still_to_be_made(pharmacy: Recorded, tmp_path: Path) -> None:
    record, bureau = tmp_path / "记录.yaml", tmp_path / "本单位.yaml"
    record.write_text(record_yaml(pharmacy.record), encoding="utf-8")
    bureau.write_text("kind: bureau\nauthority: 瑶海区市场监督管理局\nphone: 0551-12345678\n", encoding="utf-8")
    done = chunfeng("record", "print", record, "--bureau", bureau, "-o", tmp_path / "笔录.pdf")
    assert done.code == 0, done.err
    assert "责令改正通知书" in done.out
    assert "请核对" not in done.out
    short = tmp_path / "短.yaml"
    short.write_text(record.read_text(encoding="utf-8").replace('end: "10:05"', 'end: "09:13"'), encoding="utf-8")
    done = chunfeng("record", "print", short, "--bureau", bureau, "-o", tmp_path / "短.pdf")
    assert "请核对：检查只用了 3 分钟" in done.said
    assert "正式" in done.said
    done = chunfeng(
        "record", "print", record, "--document", "correction-notice", "--bureau", bureau, "-o", tmp_path / "责改.pdf"
    )
    assert done.code == 0, done.err
    assert "正式" in done.out
    assert "0551-12345678" in Paper((tmp_path / "责改.pdf").read_bytes()).text
    done = chunfeng("record", "print", record, "--document", "crime-transfer", "-o", tmp_path / "移送.pdf")
    assert done.code != 0
    assert "E707" in done.err
    assert not (tmp_path / "移送.pdf").exists()


def test_the_same_record_gives_the_same_paper(pharmacy: Recorded) -> None:
    for name in papers_due(pharmacy):
        assert record_pdf(pharmacy, name, BUREAU) == record_pdf(pharmacy, name, BUREAU)
