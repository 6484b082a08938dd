"""A campaign made of last year's: its files, the plan as clauses, and what is still to be done for it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st
from support import opened, sample
from support_documents import Invoke
from support_workspace import ACTING, begun, finding

from engine.campaigns.mapping import Decision, accept_proposals, map_clause
from engine.campaigns.matching import VERBATIM, proposals
from engine.campaigns.new import new_campaign, period_of, write_new
from engine.campaigns.splitting import Known, sentences, with_ids
from engine.campaigns.to_do import Looked, to_do
from engine.documents.plan_reading import read_plan
from engine.inspections.opening import evaluate, new_record
from engine.inspections.records import record_yaml
from engine.library.check import check_library
from engine.library.check_law import find_version
from engine.library.check_plans import check_calendars
from engine.library.concordance import successors
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.releases import write_release
from engine.library.resolve import resolve
from engine.library.tailoring import provenance
from engine.model.rules import Clause
from engine.model.workspace import Inspection
from engine.problems import ProblemError, errors
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import keep
from engine.workspace.looking import looked_at

ROOT = Path(__file__).parent.parent
PERIOD = period_of(date(2026, 12, 20), date(2027, 3, 31))
PLAN = """关于印发 2027“药品安全春风行动”
工作方案的通知
各市场监管所：现将方案印发给你们，请认真
贯彻落实。
一、时间安排
本次行动自 2026 年 12 月 20 日开始，至 2027 年 3 月 31 日结束。
- 2 -
二、主要任务
（一）严格排查。突出对旅游景区、车站、码头、城乡结合部、农村等重点地区监管，
结合各地监管工作特点和实际，明确重点检查对象；加强对国家集采中选药械品种的抽查检查。（局药品科负责）
（二）冷链专项。对“冷链；药品”逐户核对温度记录（见附件）。
三、工作要求
(一)高度重视。各单位要精心组织。
附件：数据统计表
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Place:
    """A layer with 2027 made of 2024 and of PLAN."""
    layer = tmp_path_factory.mktemp("layer")
    split, problems = sentences(PLAN, "plan.txt")
    assert problems == []
    files, problems = new_campaign(library, "2027", "2024", PERIOD, split)
    assert problems == []
    place = Place(ROOT, layer)
    write_new(load_library(place), files)
    return place


@pytest.fixture(scope="module")
def draft(made: Place) -> Library:
    return load_library(made)


# ── the plan as clauses


def test_a_plan_is_split_under_its_headings() -> None:
    split, problems = sentences(PLAN, "plan.txt")
    assert problems == []
    assert with_ids("2027", split) == [
        (
            "CF2027-0-a",
            "关于印发 2027“药品安全春风行动”工作方案的通知各市场监管所：现将方案印发给你们，请认真贯彻落实。",
        ),
        ("CF2027-1-a", "时间安排　本次行动自 2026 年 12 月 20 日开始，至 2027 年 3 月 31 日结束。"),
        (
            "CF2027-2.1-a",
            "严格排查。突出对旅游景区、车站、码头、城乡结合部、农村等重点地区监管，结合各地监管工作特点和实际，明确重点检查对象；",
        ),
        ("CF2027-2.1-b", "加强对国家集采中选药械品种的抽查检查。（局药品科负责）"),
        ("CF2027-2.2-a", "冷链专项。对“冷链；药品”逐户核对温度记录（见附件）。"),
        ("CF2027-3.1-a", "高度重视。各单位要精心组织。"),
        ("CF2027-3.1-b", "附件：数据统计表"),
    ]


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("一、要提高认识。\n二、要查冷链。", ["1 要提高认识。", "2 要查冷链。"]),
        ("一、重点\n（一）查冷链。\n（二）查疫苗\n三、总结", ["1.1 查冷链。", "1.2 查疫苗", "3 总结"]),
        ("（一）查冷链。\n（二）查疫苗。", ["0 （一）查冷链。", "0 （二）查疫苗。"]),
        ("一 、任务\n查冷链。\n二．其他\n（１）甲。\n（２）乙。", ["1 任务　查冷链。", "2 其他　（１）甲。", "2 （２）乙。"]),
        ("一、任务　查冷链。二、其他。（一）甲。（二）乙。", ["1 任务　查冷链。", "2 其他。", "2.1 甲。", "2.2 乙。"]),
        ("1. 总体要求\n2. 任务\n2.1 查冷链。\n2.2 查疫苗。", ["0 1. 总体要求", "0 2. 任务", "0 2.1 查冷链。", "0 2.2 查疫苗。"]),
        ("第一章 总则\n第一条 为了监管。\n第二条 查。", ["0 第一章 总则", "0 第一条 为了监管。", "0 第二条 查。"]),
        ("⼀、任务\n查\x07冷\x00链，不超过\n2.5 ℃。", ["1 任务　查冷链，不超过2.5 ℃。"]),
        ("一、任务\n抽检\n30\n批，共\n20\n家。", ["1 任务　抽检30批，共20家。"]),
        ("一、任务\n查冷\n1\n链，\n— 2 —\n和疫\n2\n苗。", ["1 任务　查冷链，和疫苗。"]),
        ("一、任务\n共\n30\f2\n家。\n9\n批。", ["1 任务　共家。", "1 9批。"]),
    ],
)  # fmt: skip
def test_numbers_written_in_other_ways(text: str, split: list[str]) -> None:
    found, problems = sentences(text, "plan.txt")
    assert not problems
    assert [f"{s.part} {s.text}" for s in found] == split


_WORDS = st.text("药品检查冷链，、（）“”年月日1230 ", min_size=1, max_size=40)
_LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "一、", "二、", "十二、", "（一）", "(二)", "附件", "1."]),
        _WORDS,
        st.sampled_from(["", "。", "；", "！"]),
    ),
    max_size=30,
)


@given(_LINES)
def test_splitting_loses_nothing_and_gives_each_clause_one_id(lines: list[tuple[str, str, str]]) -> None:
    text = "\n".join("".join(line) for line in lines)
    split, problems = sentences(text, "plan.txt")
    assert bool(split) != bool(problems)
    ids = [id_ for id_, _ in with_ids("2027", split)]
    assert len(set(ids)) == len(ids)
    for id_, clause in with_ids("2027", split):
        Clause.model_validate({"id": id_, "quote": clause, "kind": "OPEN"})
    kept = re.sub(r"[\s　]", "", "".join(s.text for s in split))
    position = 0
    whole = re.sub(r"[\s　]", "", text)
    for character in kept:  # in their order, and nothing that the plan does not say
        position = whole.find(character, position) + 1
        assert position > 0, f"{character} is not in the plan there"
    for _, words, end in lines:  # nothing is lost but page numbers, and names of parts that have only parts inside
        said = re.sub(r"[\s　]", "", words).strip("。；;！？")
        if len(said) > 1 and not said[0].isdigit() and said[0] not in "、，（）“”" and end == "。":
            assert said in kept, f"{said} is lost"


@given(_LINES, st.integers(0, 1000))
def test_a_clause_keeps_its_id_when_another_goes(lines: list[tuple[str, str, str]], which: int) -> None:
    split, _ = sentences("\n".join("".join(line) for line in lines), "plan.txt")
    first = with_ids("2027", split)
    known = [Known(*pair) for pair in first]
    assert with_ids("2027", split, known) == first
    if split:
        gone = which % len(split)
        rest = with_ids("2027", [*split[:gone], *split[gone + 1 :]], known)
        assert {id_ for id_, _ in rest} < {id_ for id_, _ in first}
        new = with_ids("2027", [*split, split[0]._replace(text="全新的一句。")], known)[-1]
        assert new[0] not in dict(first)


def test_a_part_has_more_clauses_than_letters() -> None:
    ids = [id_ for id_, _ in with_ids("2027", sentences("。".join(f"第{n}句" for n in range(60)), "x")[0])]
    assert (ids[25], ids[26], ids[27], ids[52]) == ("CF2027-0-z", "CF2027-0-aa", "CF2027-0-ab", "CF2027-0-ba")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("方案.doc", b"x", "不能读取 .doc 文件"),
        ("方案.docx", b"PK\x03\x04 nothing", "不是 .docx，或者已经损坏"),
        ("方案.pdf", b"%PDF-1.7 nothing", "不是 PDF，或者已经损坏"),
        ("方案.txt", "各市场监管所要认真贯彻落实".encode("gbk"), "E103"),
    ],
)
def test_a_plan_that_cannot_be_read_says_what_to_do(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    text, problems = read_plan(path)
    assert text == ""
    assert len(problems) == 1
    assert reason in problems[0].render()
    assert problems[0].hint


def test_a_scanned_pdf_is_refused_and_one_with_text_is_read(tmp_path: Path) -> None:
    from PIL import Image

    scanned, typed = tmp_path / "扫描.pdf", tmp_path / "方案.pdf"
    Image.new("L", (70, 100), 255).save(scanned)
    _, problems = read_plan(scanned)
    assert "是扫描件" in problems[0].message
    assert "Word 版" in problems[0].hint
    typed.write_bytes(_pdf("Plan of the campaign: every shop is visited once before March."))
    assert "every shop" in read_plan(typed)[0]
    typed.write_bytes(_pdf("Plan of the campaign: every shop is visited once.) Tj 0 -650 Td (1"))
    split, _ = sentences(read_plan(typed)[0], "方案.pdf")
    assert [s.text for s in split] == ["Plan of the campaign: every shop is visited once."], "the only page is numbered"


def _pdf(text: str) -> bytes:
    stream = f"BT /F 12 Tf 20 700 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


def test_a_word_file_gives_the_text_of_the_plan(tmp_path: Path) -> None:
    document = WordDocument()
    for line in PLAN.splitlines():
        document.add_paragraph(line)
    document.add_table(1, 1).cell(0, 0).text = "表内文字"
    path = tmp_path / "方案.docx"
    document.save(path)
    assert read_plan(path)[0].splitlines() == [*PLAN.splitlines(), "表内文字"]
    document.add_paragraph("自动编号的一段", style="List Number")
    document.save(path)
    assert "自动编号" in read_plan(path)[1][0].message


def test_a_word_file_is_read_with_its_revisions_and_without_copies(tmp_path: Path) -> None:
    """What was put in stands in the plan, what was struck out does not; a text box is kept twice in the file."""
    document = WordDocument()
    one = document.add_paragraph("一、检查冷藏药品")
    box = "<w:txbxContent><w:p><w:r><w:t>框内的话</w:t></w:r></w:p></w:txbxContent>"
    one._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:t>和</w:t>'
            f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
            "</mc:AlternateContent></w:r>"
        )
    )
    one._p.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="甲"><w:r><w:t>疫苗</w:t></w:r></w:ins>'))
    one._p.append(
        parse_xml(f'<w:del {nsdecls("w")} w:id="2" w:author="甲"><w:r><w:delText>器械</w:delText></w:r></w:del>')
    )
    one._p.append(parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent><w:r><w:t>。</w:t></w:r></w:sdtContent></w:sdt>"))
    unnumbered = document.add_paragraph("二、总结。", style="List Number")
    unnumbered._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="0"/></w:numPr>'))
    path = tmp_path / "方案.docx"
    document.save(path)
    text, problems = read_plan(path)
    assert [p.render() for p in problems] == []
    assert text.splitlines() == ["一、检查冷藏药品和疫苗。", "框内的话", "二、总结。"]
    style = document.styles.add_style("条", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["List Number"]
    document.add_paragraph("总结", style="条")
    document.save(path)
    assert "有 1 段是自动编号" in read_plan(path)[1][0].message


def test_a_word_file_that_unpacks_without_end_is_not_unpacked(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "方案.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", io.BytesIO(bytes(40 * 1024 * 1024)).getvalue())
    assert "解压后太大" in read_plan(path)[1][0].message


# ── the new files


def test_a_small_file_with_too_much_in_it_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WordDocument().save(tmp_path / "方案.docx")
    with (
        zipfile.ZipFile(tmp_path / "方案.docx") as plain,
        zipfile.ZipFile(tmp_path / "多.docx", "w", zipfile.ZIP_DEFLATED) as much,
    ):
        for name in plain.namelist():
            part = plain.read(name)
            is_text = name == "word/document.xml"
            much.writestr(name, part.replace(b"<w:body>", b"<w:body>" + b"<w:p/>" * 500_000) if is_text else part)
    assert (tmp_path / "多.docx").stat().st_size < 100_000
    assert "标记数" in read_plan(tmp_path / "多.docx")[1][0].message
    with zipfile.ZipFile(tmp_path / "怪.docx", "w", zipfile.ZIP_LZMA) as unusual:
        unusual.writestr("a.xml", b"<w:p/>" * 50)
    raw = (tmp_path / "怪.docx").read_bytes()
    at = raw.index(b"a.xml") + len("a.xml") + 9  # behind the properties of LZMA
    (tmp_path / "怪.docx").write_bytes(raw[:at] + b"\xff" * 8 + raw[at + 8 :])
    assert "不是 .docx" in read_plan(tmp_path / "怪.docx")[1][0].message
    typed = tmp_path / "方案.pdf"
    typed.write_bytes(_pdf("Plan of the campaign: every shop is visited once before March."))
    monkeypatch.setattr("engine.documents.plan_reading.MAX_DRAWN", 50)
    assert "太大或太复杂" in read_plan(typed)[1][0].message


def test_the_new_campaign_passes_the_check_and_says_what_is_to_be_filled_in(draft: Library) -> None:
    problems = check_library(draft)
    assert [p.render() for p in errors(problems)] == []
    file = draft.campaigns["2027"].value
    assert (file.status, file.extends, file.period) == ("draft", "2024", PERIOD)
    assert file.title == "2027“药品安全春风行动”"
    assert sum(1 for p in problems if p.code == "D941") == 7
    blanks = [p for p in problems if p.code == "D940"]
    assert len(blanks) == 1 + len(file.deadlines)
    assert {p.mark.path for p in blanks} == {draft.campaigns["2027"].document.path}
    with pytest.raises(ProblemError) as refused:
        write_release(draft.place, "2027")
    assert [(p.code, f"有 {7 + len(blanks)} 处" in p.message) for p in refused.value.problems] == [("E940", True)]


def test_what_last_year_left_out_is_left_out_until_somebody_says_otherwise(library: Library, tmp_path: Path) -> None:
    place = Place(ROOT, tmp_path)
    text = (ROOT / "rules/campaigns/2027-draft.yaml").read_text(encoding="utf-8")
    (tmp_path / "campaigns").mkdir()
    left = "changes:\n- {rule: traceability.trace-codes, drop: true, why: 系统没有接通}\n"
    (tmp_path / "campaigns/2027-draft.yaml").write_text(text + left, encoding="utf-8")
    files, problems = new_campaign(
        load_library(place), "2028", "2027-draft", period_of(date(2028, 1, 2), date(2028, 3, 31))
    )
    assert problems == []
    write_new(load_library(place), files)
    again = load_library(place)
    assert [x.rule for x in again.campaigns["2028"].value.changes] == ["traceability.trace-codes"]
    assert list(provenance(again, "traceability.trace-codes")) == [
        "自带规则", "2027-draft 行动去掉：系统没有接通", "2028 行动去掉：系统没有接通",
    ]  # fmt: skip


def test_nothing_is_asked_for_until_people_have_said_so(draft: Library) -> None:
    assert not any(item.clauses for kind in resolve(draft, "2027").site_types.values() for item in kind.items)
    asked = {i.rule for kind in resolve(draft, "2024").site_types.values() for i in kind.items if i.clauses}
    assert len(asked) > 100, "the release of 2024 is as it was"


def test_running_it_again_changes_no_byte(made: Place, draft: Library) -> None:
    before = {p: p.read_bytes() for p in sorted(made.layer.rglob("*")) if p.is_file()}  # type: ignore[union-attr]
    split, _ = sentences(PLAN, "plan.txt")
    files, problems = new_campaign(draft, "2027", "2024", PERIOD, split)
    assert problems == []
    done = write_new(draft, files)
    assert done.written == ()
    assert len(done.kept) == 2
    assert {p: p.read_bytes() for p in before} == before


@pytest.mark.parametrize(
    ("name", "since", "first", "last", "code"),
    [
        ("2028", "2023", date(2028, 1, 1), date(2028, 2, 1), "E613"),
        ("2028", "2024", date(2028, 2, 1), date(2028, 1, 1), "E930"),
        ("2028", "2024", date(2026, 1, 1), date(2026, 2, 1), "E930"),
        ("2028", "2024", date(2028, 1, 1), date(2038, 2, 1), "E930"),
        ("2028 春", "2024", date(2028, 1, 1), date(2028, 2, 1), "E930"),
        ("2024", "2024", date(2024, 1, 2), date(2024, 3, 31), "E930"),
        ("2019", "2024", date(2018, 12, 22), date(2019, 2, 28), "E931"),
        ("2027-draft", "2024", date(2026, 12, 20), date(2027, 3, 30), "E931"),
    ],
)
def test_a_campaign_that_cannot_be_made_is_refused(
    name: str, since: str, first: date, last: date, code: str, library: Library
) -> None:
    files, problems = new_campaign(library, name, since, period_of(first, last))
    assert files == ()
    assert code in {p.code for p in problems}


def test_a_year_without_a_calendar_gets_one_to_fill_in(library: Library, tmp_path: Path) -> None:
    files, problems = new_campaign(library, "2031", "2024", period_of(date(2030, 12, 20), date(2031, 3, 31)))
    assert problems == []
    assert [f.relative for f in files] == [
        "rules/campaigns/2031.yaml",
        "rules/calendars/2030.yaml",
        "rules/calendars/2031.yaml",
    ]
    place = Place(ROOT, tmp_path)
    write_new(load_library(place), files)
    again = load_library(place)
    assert again.problems == ()
    assert list(check_calendars(again)) == []
    found, _ = to_do(again, "2031", ())
    assert found is not None
    assert [e.subject for e in found.entries if e.kind == "holidays"] == ["2030", "2031"]


# ── clauses mapped


def test_a_mapped_clause_asks_for_the_items_of_those_that_it_is_the_same_as(draft: Library) -> None:
    mapped, problems = map_clause(draft, "2027", "CF2027-2.2-a", Decision(("CF2024-2.1-m", "CF2024-2.1-g")))
    assert problems == []
    assert mapped is not None
    layer = Path(draft.clauses["2027"].document.path)
    before = layer.read_text(encoding="utf-8")
    changed = [line for line in mapped.file.text.splitlines() if line not in before.splitlines()]
    assert changed == ["  kind: ITEM", "  same_as: [CF2024-2.1-m, CF2024-2.1-g]"]
    layer.write_text(mapped.file.text, encoding="utf-8")
    try:
        again = load_library(draft.place)
        wanted = {
            i.code
            for kind in resolve(again, "2024").site_types.values()
            for i in kind.items
            if {"CF2024-2.1-m", "CF2024-2.1-g"} & {*i.clauses}
        }
        items = [i for kind in resolve(again, "2027").site_types.values() for i in kind.items]
        assert {i.code for i in items if i.clauses} == wanted
        assert {c for i in items for c in i.clauses} == {"CF2027-2.2-a"}
    finally:
        layer.write_text(before, encoding="utf-8")


def test_unknown_clauses_are_problems_with_the_nearest_name(draft: Library) -> None:
    _, problems = map_clause(draft, "2027", "CF2027-2.1-z", Decision(("CF2024-2.1-zz",)))
    assert [p.code for p in problems] == ["E402", "E934"]
    assert "CF2024-2.1-" in problems[1].hint
    _, problems = map_clause(draft, "2027", "CF2027-2.1-a", Decision())
    assert [p.code for p in problems] == ["E934"]
    _, problems = map_clause(draft, "2024-x", "CF2027-2.1-a", Decision(principle=True))
    assert [p.code for p in problems] == ["E934"]


def test_only_clauses_with_the_very_words_are_accepted_at_once(draft: Library) -> None:
    mapped, problems = accept_proposals(draft, "2027")
    assert problems == []
    assert mapped is not None
    own = {c.id: c.quote for c in draft.clauses["2027"].value.clauses}
    old = {c.id: c.quote for c in draft.clauses["2024"].value.clauses}
    assert "CF2027-2.1-a" in dict(mapped.changed)
    assert "CF2027-2.2-a" not in dict(mapped.changed), "冷链专项 is in no earlier plan"
    assert "CF2027-1-a" not in dict(mapped.changed), "its days are others"
    blank = re.compile(r"[\s　。；，]|20[0-9]{2}年?")
    for id_, same in mapped.changed:
        whole = blank.sub("", own[id_])
        for earlier in same:  # recounted: each part of the earlier words stands in the new ones
            assert all(blank.sub("", part) in whole for part in old[earlier].split("…")), (id_, earlier)


def test_similar_words_are_proposed_with_their_figure_and_not_as_the_same() -> None:
    old = [Clause(id="CF2024-1-a", quote="加强对个体诊所药品质量的监督检查", kind="ITEM")]
    new = Clause(id="CF2027-1-a", quote="加强对个体诊所、门诊部药品质量的监督检查", kind="OPEN")
    (found,) = proposals(new, old)
    assert found.name == "CF2024-1-a"
    assert VERBATIM not in found.reason
    assert proposals(new.model_copy(update={"quote": "做好新闻宣传"}), old) == ()


# ── what is to be done


def test_law_that_ends_is_listed_with_its_successor(draft: Library, tmp_path: Path) -> None:
    """Recounted on one article: 34 of the drug law of 2015 went to 55 of that of 2019 (NOTES of the law files)."""
    assert [(s.cite, s.article) for s in successors(draft, "drug-administration-law@2015", "34", date(2027, 1, 1))] == [
        ("drug-administration-law@2019", "55")
    ]
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    (layer / "campaigns").mkdir()
    text = (ROOT / "rules/priorities/channel-legality.yaml").read_text(encoding="utf-8")
    lines = [x for x in text.splitlines(keepends=True) if "drug-administration-law@2019, article: 55," not in x]
    (layer / "priorities/channel-legality.yaml").write_text("".join(lines), encoding="utf-8")
    campaign = (ROOT / "rules/campaigns/2027-draft.yaml").read_text(encoding="utf-8")
    (layer / "campaigns/2027-draft.yaml").write_text(
        campaign.replace('extends: "2024"', 'extends: "2019"'), encoding="utf-8"
    )
    place = Place(ROOT, layer)
    found, _ = to_do(load_library(place), "2027-draft", ())
    assert found is not None
    ended = {e.subject: e for e in found.entries if e.kind == "citation"}
    (entry,) = [e for subject, e in ended.items() if subject == "drug-administration-law@2015 34"]
    assert any("channel-legality." in where for where in entry.places)
    assert [p.name for p in entry.proposals] == ["drug-administration-law@2019 55"]
    assert "第五十五条" in entry.proposals[0].text


def test_every_article_that_is_listed_has_ended_and_was_in_force_last_time(draft: Library) -> None:
    found, _ = to_do(draft, "2027", ())
    assert found is not None
    listed = [e for e in found.entries if e.kind == "citation"]
    assert listed
    for entry in listed:
        version = find_version(draft, entry.subject.split()[0])
        assert version is not None
        assert version.end is not None
        assert date(2024, 1, 2) < version.end <= PERIOD.end


def test_every_successor_of_the_concordance_is_an_article_of_a_later_version(library: Library) -> None:
    rows = json.loads((ROOT / "rules/laws/concordance.json").read_text(encoding="utf-8"))["articles"]
    assert len(rows) > 500
    assert rows == sorted(rows, key=lambda r: (r["from"], r["article"], r["to"]))
    for row in rows:
        old, new = find_version(library, row["from"]), find_version(library, row["to"])
        assert old is not None
        assert new is not None
        assert old.end is not None
        assert old.start < new.start
        assert 0.3 <= row["similarity"] <= 1
        assert new.articles is None or row["successor"] <= new.articles


def test_items_without_findings_in_two_campaigns_are_named_only_when_both_are_known(library: Library) -> None:
    asked = {"cold-chain.refrigerator-temperature": 3, "traceability.trace-codes": 2, "vaccines.source": 1}
    first = Looked("2019", asked, frozenset({"traceability.trace-codes"}))
    second = Looked("2024", {k: n for k, n in asked.items() if k != "vaccines.source"}, frozenset())
    found, _ = to_do(library, "2027-draft", (), [first, second])
    assert found is not None
    (entry,) = [e for e in found.entries if e.kind == "never-found"]
    assert entry.subject == "cold-chain.refrigerator-temperature"
    assert "6 家次" in entry.todo
    assert found.counts["unknown"] == 0
    found, _ = to_do(library, "2027-draft", (), [second])
    assert found is not None
    assert (found.counts["never-found"], found.counts["unknown"]) == (0, 1)


def test_a_workspace_says_what_was_asked_and_what_was_found(tmp_path: Path, library: Library) -> None:
    inspection = opened(sample("retail-pharmacy-2024"), tmp_path, library.place)
    record = record_yaml(new_record(inspection, evaluate(inspection)))
    folder = begun(tmp_path / "w")
    with open_workspace(folder) as workspace:
        files = {"record": keep(workspace.files, record.encode())}
        with workspace.store.writing(action="归档", **ACTING) as writer:
            writer.put(Inspection(id="J-1", campaign="2024", site="S-1", unit="城东所", state="final", files=files))
            writer.put(Inspection(id="J-2", campaign="2024", site="S-1", unit="城东所", state="answered", files=files))
            writer.put(finding("J-1-1").model_copy(update={"rule": "cold-chain.no-refrigerator"}))
    (looked,) = looked_at([folder], library)
    assert looked.campaign == "2024"
    assert looked.found == {"cold-chain.refrigerator-temperature"}, "a further finding is one of its rule"
    given = {name for name, answer in inspection.sheet.answers.items() if answer not in (None, "未查")}
    wanted = {
        rule.id
        for loaded in library.priorities.values()
        for rule in loaded.value.rules
        if "retail-pharmacy" in rule.applies_to
        and given & {rule.applies_to["retail-pharmacy"].code, rule.id, rule.answer_from}
    }
    assert looked.asked == dict.fromkeys(wanted, 1), "one of the two is not sealed"
    assert len(wanted) > 10


@pytest.mark.long
def test_the_commands_write_once_and_list_again(invoke: Invoke, tmp_path: Path) -> None:
    plan = tmp_path / "方案.txt"
    plan.write_text(PLAN, encoding="utf-8")
    layer = tmp_path / "规则"
    layer.mkdir()
    arguments = ("campaign", "new", "2027", "--from", "2024", "--period", "2026-12-20..2027-03-31")
    assert invoke(*arguments, "--plan", plan, "--rules", layer).code == 0
    made = sorted(p.name for p in layer.rglob("*") if p.is_file())
    assert made == ["2027.clauses.yaml", "2027.yaml", "2027.待办清单.txt", "2027.放假查询.txt"]
    listed = invoke("campaign", "todo", "2027", "--rules", layer, "--format", "json")
    content = json.loads(listed.out)
    assert content["kind"] == "to-do"
    assert content["counts"]["clause"] == 7
    mapped = invoke("campaign", "map", "2027", "CF2027-3.1-a", "--principle", "--rules", layer)
    assert mapped.code == 0
    assert "还有 6 条没有看过" in mapped.out
    refused = invoke(*arguments)
    assert refused.code == 1
    assert "E412" in refused.err, "without a folder of its own nothing is written, and nothing is read before"
