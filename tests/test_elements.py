"""What RECORDS §1 and §3 make blocking: each lack keeps a record or a paper a draft, and nothing that is right does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT
from support_documents import SAMPLE_NAMES, Paper, decided, flat, recorded

import engine.rulebook.cases as cases
from engine.documents.case_view import papers_due
from engine.documents.gaps import gaps_of
from engine.documents.papers import record_pdf
from engine.evaluation.first_layer import FirstLayer
from engine.evaluation.sentence import finding_values
from engine.inspections.elements import refused, worth_a_look
from engine.inspections.facts import no_facts
from engine.inspections.named import certified, is_named, is_numbered, plain
from engine.inspections.opening import Recorded, missing_for_final
from engine.library.load import Library
from engine.model.record import Evidence, PaperData
from engine.model.sheet import Inspector, Person
from engine.sentences import fill, placeholders

PHARMACY = recorded("retail-pharmacy-2024", final=True)
DAY = date(2024, 1, 15)
UNSEEN = ["", " ", "\u3000", "\u200b", "\u200b\ufeff\u2060", "\u3164", "\u00ad\u00a0"]
NOTHING = [*UNSEEN, "无", " 无 ", "/", "／", "-", "——", "待补", "（待补）", "不详", "N/A", "…", "某某"]


def _visited(**fields: Any) -> Recorded:
    visit = PHARMACY.record.visit.model_copy(update=fields)
    return PHARMACY._replace(record=PHARMACY.record.model_copy(update={"visit": visit}))


def _recorded(**fields: Any) -> Recorded:
    return PHARMACY._replace(record=PHARMACY.record.model_copy(update=fields))


def _inspectors(*people: tuple[str, str]) -> tuple[Inspector, ...]:
    return tuple(Inspector(name=name, certificate=number) for name, number in people)


def _spread(text: str, by: str) -> str:
    return by.join(text)


# ── who


@pytest.mark.parametrize("nothing", [*NOTHING, "000", "无证", "办理中"])
def test_a_certificate_is_a_number(nothing: str) -> None:
    of = _visited(inspectors=_inspectors(("张伟", "皖A01001"), ("刘洋", nothing)))
    assert any("证号" in gap for gap in missing_for_final(of))
    of = _visited(inspectors=_inspectors(("张伟", "皖A01001"), ("刘洋", "皖A01002"), ("王三", nothing)))
    assert any("证号" in gap and "王三" in gap for gap in missing_for_final(of)), "nobody stands there without one"


@given(
    st.sampled_from([" ", "\u200b", "\u3000", "\u00ad"]),
    st.booleans(),
    st.sampled_from([("刘洋", "皖A01001"), ("张伟", "皖A01002")]),
)
def test_one_person_and_one_certificate_stay_one_however_written(
    between: str, wide: bool, second: tuple[str, str]
) -> None:
    name, number = second
    if wide:
        number = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in number)
    written = (_spread(name, between), _spread(number, between))
    people = _inspectors(("张伟", "皖A01001"), written)
    assert len(certified(people)) == 1
    assert any("少于 2 名" in gap for gap in missing_for_final(_visited(inspectors=people)))


def test_one_certificate_is_not_that_of_two_even_beside_others() -> None:
    people = _inspectors(("张伟", "皖A01001"), ("刘洋", "皖A01002"), ("王三", "皖Ａ 01002"))
    assert any("执法证号相同" in gap for gap in missing_for_final(_visited(inspectors=people)))


@pytest.mark.parametrize("by", [("张伟", "王三"), ("张 伟", "张伟"), ("张伟",)])
def test_two_certified_inspectors_decide(by: tuple[str, ...]) -> None:
    people = _inspectors(("张伟", "皖A01001"), ("刘洋", "皖A01002"), ("王三", ""))
    of = decided(_visited(inspectors=people), {1}, by=by)
    assert any("问题 1 须由" in gap for gap in missing_for_final(of))


def test_names_with_spaces_are_the_same_people() -> None:
    assert missing_for_final(decided(PHARMACY, {1}, by=("张 伟", "刘\u3000洋"))) == []


@pytest.mark.parametrize("field", ["present", "witness"])
@pytest.mark.parametrize("name", ["张伟", "张 伟", "刘\u200b洋"])
def test_an_inspector_is_no_witness_and_nobody_else_present(field: str, name: str) -> None:
    person = Person(name=name)
    of = _visited(**{field: (person,) if field == "present" else person})
    assert any("是检查人员，不能作" in gap for gap in missing_for_final(of))


@pytest.mark.parametrize("name", NOTHING)
def test_a_placeholder_is_nobody(name: str) -> None:
    person = Person(name=name)
    assert any("没有在场人" in gap for gap in missing_for_final(_visited(present=(person,), witness=person)))
    if plain(name):
        assert any("不是姓名" in gap for gap in missing_for_final(_visited(witness=person)))


@pytest.mark.parametrize("nothing", UNSEEN)
@pytest.mark.parametrize(
    ("where", "field", "words"),
    [
        ("visit", "place", "检查地点"),
        ("visit", "recorder", "记录人"),
        ("record", "authority", "执法机关全称"),
        ("record", "number", "文书编号"),
        ("finding", "sentence", "没有写完"),
    ],
)
def test_what_cannot_be_seen_is_not_written(where: str, field: str, words: str, nothing: str) -> None:
    change = {field: nothing}
    of = {"visit": _visited, "record": _recorded}[where](**change) if where != "finding" else None
    gaps = missing_for_final(of or decided(PHARMACY, {1}, **change))
    assert [words in gap for gap in gaps] == [True]


@pytest.mark.parametrize("blank", ["__", "____", "_ _", "＿＿", "＿＿＿＿", "_＿"])
def test_a_blank_is_unfinished_however_it_is_typed(blank: str) -> None:
    assert any("没有写完" in gap for gap in missing_for_final(decided(PHARMACY, {2}, sentence=f"在{blank}查见 3 盒")))
    assert missing_for_final(decided(PHARMACY, {2}, sentence="在货架查见 IMG_3 所示的 3 盒")) == []


@given(st.text(alphabet=st.characters(categories=["Cf", "Zs", "Zl", "Zp", "Cc"]), max_size=20))
def test_nothing_visible_is_nothing(text: str) -> None:
    assert plain(text) == ""
    assert not is_named(text)
    assert not is_numbered(text)


@given(st.text(max_size=40))
def test_plain_is_plain_of_its_own_forms(text: str) -> None:
    assert plain(unicodedata.normalize("NFKC", text)) == plain(text)
    assert plain(" ".join(text)) == plain("".join(text)) or unicodedata.normalize("NFKC", text) != text


@pytest.mark.parametrize("name", ["吴", "无为", "买买提·艾力", "䶮𬭎㛃", "\ue000", "John Smith", "某志强"])
def test_a_name_is_a_name(name: str) -> None:
    assert is_named(name)


# ── refusal


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("李明拒绝签名，称要问律师", ("拒绝签名",)),
        ("负责人拒不到场", ("拒绝到场",)),
        ("多次电话，无法联系经营者", ("无法找到",)),
        ("负责人拒绝到场，店员拒绝签字", ("拒绝签名", "拒绝到场")),
        ("店员转身离开", ("拒绝签名",)),
        ("", ()),
        ("无", ()),
    ],
)
def test_the_boxes_of_a_refusal_are_ticked(text: str, boxes: tuple[str, ...]) -> None:
    of = _visited(refusal=text)
    assert refused(of.record.visit) == boxes
    for document in ("inspection-record", "scene-record") if text and len(boxes) < 2 else ():
        printed = flat(Paper(record_pdf(of, document)).text)
        for box in ("拒绝签名", "拒绝到场", "无法找到"):
            assert (f"☑{box}" in printed) == (box in boxes), document


def test_a_refusal_is_seen_or_recorded() -> None:
    def gaps(**fields: Any) -> list[str]:
        return missing_for_final(_visited(present=(), refusal="拒绝签名", **fields))

    assert any("没有见证人，也没有录音录像" in gap for gap in gaps(recordings="", witness=None))
    assert any("没有见证人，也没有录音录像" in gap for gap in gaps(recordings="无", witness=Person(name="无")))
    assert gaps(recordings="执法记录仪 2 号", witness=None) == []
    assert gaps(recordings="", witness=Person(name="赵四")) == []
    assert any("没有在场人" in gap for gap in missing_for_final(_visited(present=(), refusal="无")))


# ── facts


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("违反《药品管理法》，在货架查见 3 盒", "违反"),
        ("依据《药品管理法》第九十八条，在货架查见 3 盒", "第九十八条"),
        ("在货架查见 3 盒，第 98 条第 2 款", "第98条第2款"),
        ("在货架查见 3 盒，属于假药", "属于假药"),
        ("在货架查见 3 盒，系劣药", "系劣药"),
        ("查见违 法 购进的 3 盒", "违法"),
        ("在货架查见 3 盒，应予处罚", "应予处罚"),
        ("在货架查见 3 盒，应当依法给予行政处罚", "应当依法给予行政处罚"),
        ("在货架查见 3 盒，涉\u200b嫌销售", "涉嫌"),
        ("台账基本上齐全", "基本上"),
        ("台账基本齐全", "基本"),
        ("大概有 3 盒", "大概"),
        ("可能有 3 盒过期", "可能"),
        ("现存 30 盒左右", "左右"),
        ("现存 30 盒，属于不合格药品", "属于不合格"),
    ],
)
def test_a_conclusion_is_no_fact(sentence: str, word: str) -> None:
    assert word in [each.word for each in no_facts(sentence)]
    gaps = missing_for_final(decided(PHARMACY, {3}, sentence=sentence))
    assert len(gaps) == 1
    assert "问题 3" in gaps[0]
    assert f"“{word}”" in gaps[0]
    assert "发现问题与处理建议" in gaps[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "第三条生产线、货架第2排左右两侧查见 3 盒，检验报告书载明不合格",
        "李明称“可能是上任店长违规购进的”",
        "墙上挂有《关于查处违法经营药品的通知》",
        "应当备案的第二类医疗器械 3 件，未能出示备案凭证",
        "国家基本药物目录内药品 12 种，异常大量购销 2 笔",
        "不能当场提供购进票据",
    ],
)
def test_a_fact_is_a_fact(sentence: str) -> None:
    assert no_facts(sentence) == []
    assert missing_for_final(decided(PHARMACY, {3}, sentence=sentence)) == []


def test_a_rejected_finding_and_an_escalation_may_say_what_they_like() -> None:
    of = decided(PHARMACY, {6}, sentence="涉嫌违法", status="rejected", why="复核")
    assert missing_for_final(of) == []
    layers = {f.number: f.layer for f in PHARMACY.evaluation.findings}
    assert layers[7] > 1
    assert missing_for_final(decided(PHARMACY, {7}, sentence="涉嫌从非法渠道购进")) == []


def _templates(library: Library) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each sentence of the rules with the choices that may stand in it."""
    for loaded in library.priorities.values():
        text = loaded.document.path
        for written in re.findall(r"(?m)^\s*(?:- )?finding: (.+)$", (ROOT / text).read_text(encoding="utf-8")):
            yield text, written, {}
        for options in re.findall(r"options: \[([^\]]+)\]", (ROOT / text).read_text(encoding="utf-8")):
            for option in options.split(","):
                yield text, "查见的为：{kind}", {"kind": option.strip(" '\"")}


def test_no_sentence_of_the_rules_holds_a_conclusion(library: Library) -> None:
    found = list(_templates(library))
    assert len(found) > 500
    wrong = [
        (where, text, no_facts(fill(text, dict.fromkeys(placeholders(text), "12") | values)))
        for where, text, values in found
        if no_facts(fill(text, dict.fromkeys(placeholders(text), "12") | values))
    ]
    assert wrong == []


def test_no_sentence_drafted_in_a_rule_case_holds_a_conclusion(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted: set[str] = set()

    class Listening(FirstLayer):
        def run(self, checklist: Any, sheet: Any, facts: Any) -> Any:
            judged = super().run(checklist, sheet, facts)
            for found in judged.found:
                drafted.add(fill(found.spec.finding.sentence, finding_values(found, sheet, checklist)))
            return judged

    monkeypatch.setattr(cases, "FirstLayer", Listening)
    assert cases.run_cases(library).problems == ()
    assert len(drafted) > 500
    assert [(text, no_facts(text)) for text in sorted(drafted) if no_facts(text)] == []


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_a_confirmed_sample_is_final(name: str) -> None:
    of = recorded(name, final=True)
    assert missing_for_final(of) == []
    for paper in ("inspection-record", "checklist", *papers_due(of)):
        assert gaps_of(of, paper) == []


# ── days


@pytest.mark.parametrize(("field", "words"), [("date", "决定日期"), ("due", "整改期限")])
def test_nothing_is_decided_or_due_before_the_visit(field: str, words: str) -> None:
    gaps = missing_for_final(decided(PHARMACY, {2, 3}, **{field: date(2024, 1, 14)}))
    assert gaps == [f"问题 2、3 的{words}{'（date）' if field == 'date' else ''}早于检查日期"]
    assert missing_for_final(decided(PHARMACY, {2, 3}, **{field: DAY})) == []


@pytest.mark.parametrize(("end", "told"), [("09:11", True), ("09:19", True), ("09:20", False), ("10:05", False)])
def test_a_short_visit_is_asked_about(end: str, told: bool) -> None:
    of = _visited(start="09:10", end=end)
    assert any("分钟" in each for each in worth_a_look(of.record)) == told
    assert missing_for_final(of) == [], "it is no gap"


# ── the papers


def _papers(**changes: dict[str, Any]) -> Recorded:
    papers = dict(PHARMACY.record.papers)
    for name, fields in changes.items():
        paper = name.replace("_", "-")
        papers[paper] = papers.get(paper, PaperData()).model_copy(update=fields)  # type: ignore[index,call-overload]
    return _recorded(papers=papers)


def test_a_scene_record_says_what_the_record_says() -> None:
    visit = PHARMACY.record.visit
    text = Paper(record_pdf(PHARMACY, "scene-record")).text
    assert "草稿" not in text
    for part in (
        "☑不申请回避",
        "☐申请回避",
        f"记录人{visit.recorder}",
        "检查依据",
        "第九十九条",
        "☑专项",
        "李明，负责人",
    ):
        assert part in text, part


@pytest.mark.parametrize(("field", "words"), [("number", "编号"), ("note", "案由")])
@pytest.mark.parametrize("nothing", ["", " ", "\u200b"])
def test_a_scene_record_needs_its_number_and_its_cause(field: str, words: str, nothing: str) -> None:
    gaps = gaps_of(_papers(scene_record={field: nothing}), "scene-record")
    assert [words in gap for gap in gaps] == [True]


def test_a_receipt_is_a_draft_while_its_notice_is_one() -> None:
    assert gaps_of(PHARMACY, "service-receipt") == []
    assert "（样例）市监责改〔2024〕1号" in Paper(record_pdf(PHARMACY, "service-receipt")).text
    for number in ("", "责改2024-1"):
        gaps = gaps_of(_papers(correction_notice={"number": number}), "service-receipt")
        assert any("送达的文书未定稿" in gap and "编号" in gap for gap in gaps)


@pytest.mark.parametrize("paper", ["correction-notice", "scene-record", "clue-transfer", "service-receipt"])
def test_a_paper_is_not_older_than_the_visit(paper: str) -> None:
    changes = {paper.replace("-", "_"): {"date": date(2024, 1, 14)}}
    assert any("早于检查日期 2024-01-15" in gap for gap in gaps_of(_papers(**changes), paper))
    changes = {paper.replace("-", "_"): {"date": DAY}}
    assert gaps_of(_papers(**changes), paper) == []


def test_a_receipt_is_not_older_than_the_notice() -> None:
    of = _papers(correction_notice={"date": date(2024, 1, 17)}, service_receipt={"date": date(2024, 1, 16)})
    assert any("早于责令改正通知书的日期 2024-01-17" in gap for gap in gaps_of(of, "service-receipt"))
    assert gaps_of(of, "correction-notice") == []


@pytest.mark.parametrize(
    "same", ["（样例）市监责改〔2024〕1号", " （样例）市监责改〔2024〕 1号", "（样例）市监责改〔２０２４〕1号"]
)
def test_two_papers_do_not_share_a_number(same: str) -> None:
    of = _papers(clue_transfer={"number": same})
    for paper in ("clue-transfer", "correction-notice"):
        assert any("每种文书各编各的号" in gap for gap in gaps_of(of, paper)), paper
    assert gaps_of(of, "scene-record") == []
    of = _papers(clue_transfer={"number": PHARMACY.record.number})
    for paper in ("clue-transfer", "inspection-record", "checklist"):
        assert any("每种文书各编各的号" in gap for gap in gaps_of(of, paper)), paper


def _line(**fields: Any) -> Evidence:
    right = {
        "number": "7",
        "what": "照片",
        "proves": "温度显示",
        "taken": "2024-01-15 09:30 营业厅",
        "by": "张伟、刘洋",
    }
    return Evidence(**(right | fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"taken": ""}, "时间和地点"),
        ({"taken": "\u200b"}, "时间和地点"),
        ({"taken": "2024-01-15 09:30"}, "时间和地点"),
        ({"taken": "营业厅"}, "时间和地点"),
        ({"by": ""}, "两名拍摄"),
        ({"by": "张伟"}, "两名拍摄"),
        ({"by": "张伟、李明"}, "两名拍摄"),
        ({"by": "张伟、张 伟"}, "两名拍摄"),
        ({"proves": " "}, "证明什么"),
    ],
)
def test_a_photograph_says_when_where_and_by_whom(fields: dict[str, str], words: str) -> None:
    gaps = gaps_of(_recorded(evidence=(_line(number="6"), _line(**fields))), "evidence-list")
    assert len(gaps) == 1
    assert "证据 7" in gaps[0]
    assert words in gaps[0]
    other = _recorded(evidence=(_line(**fields, what="复印件"),))
    assert gaps_of(other, "evidence-list") == [], "only photographs are taken by two"
    assert missing_for_final(other) == []


def test_photographs_that_say_everything_are_final() -> None:
    lines = (_line(), _line(number="8", by="张伟 刘洋", taken="2024年1月15日9时30分于冷藏柜前"))
    assert gaps_of(_recorded(evidence=lines), "evidence-list") == []


def test_the_record_fills_its_pages() -> None:
    """以下空白 stands right after the last line, and the boxes go on where it stands: no page ends half empty before it."""
    pages = Paper(record_pdf(PHARMACY, "inspection-record")).pages
    (ends,) = [page for page in pages if "以下空白" in page]
    before = ends[: ends.index("以下空白")]
    assert "〔YD-05〕" in before, "with the problems and not only with the last of them"
    assert "当事人意见" in ends[ends.index("以下空白") :]
