"""What people type is text and stays text: it becomes no markup, fetches nothing, runs nothing, hides nothing."""

from __future__ import annotations

import contextlib
import io
import json
import re
import socket
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support import mistakes, opened, sample, written
from support_documents import Paper, changed, chunfeng, flat, leaks, touches

from engine.answering.head import opener
from engine.demo import confirm_all
from engine.documents import pdf
from engine.documents.checklist_view import checklist_context
from engine.documents.html import render_html
from engine.documents.papers import checklist_html, record_pdf
from engine.documents.record_view import record_context
from engine.formats import format_names, load_format
from engine.inspections.opening import Recorded, evaluate, new_record, open_answers, open_record
from engine.inspections.planning import plan_checklist
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import ProblemError
from engine.source import dump, parse

CANARY = "canary-4f1d-secret"
"""What stands in the file that the hostile texts name; it must turn up nowhere."""

MARKUP = {
    "tags": "<b>粗</b><i>斜</i><br></p>",
    "image": "<img src=file://{canary}><img src='http://127.0.0.1:9/x.png'>",
    "attachment": "<link rel=attachment href=file://{canary}><a rel=attachment href='file://{canary}'>附件</a>",
    "script": "<script>alert(1)</script><iframe src=file://{canary}></iframe>",
    "style": "<style>@import url(http://127.0.0.1:9/x.css); body{display:none}</style>",
    "css": "@import url(http://127.0.0.1:9/x.css); } body { display: none } @page { size: A0 }",
    "svg": "<svg xmlns='http://www.w3.org/2000/svg'><image href='file://{canary}'/></svg><object data=file://{canary}>",
    "entity bomb": "<!DOCTYPE x [<!ENTITY a '哈'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'>]><svg>&c;</svg>",
    "entities": "&lt;b&gt; &#60;img&#62; &amp;amp; &nbsp;",
    "jinja": "{{ 7*7 }} {% for x in range(9) %}甲{% endfor %} {# 注 #} {{ self.__class__ }}",
    "closing": "]]>--><!-- </td></tr></table></body></html>",
    "placeholders": "{site}{date}{note}{answer}{nope} {{}} {0} %s %(x)s ${{HOME}}",
    "attributes": '" onload="alert(1)" style=\'position:fixed\' alt=`x`',
    "address": "asset:qr url(asset:qr) javascript:alert(1) http://example.org/",
    "boxes": "☑☐" * 15 + "＿" * 40 + "☑是",
    "escapes": r"\u003cimg\u003e \x3cb\x3e \n ..\..\etc",
}
"""Hostile texts of one line; {canary} stands for the path of a file that must not be read."""

NEUTRAL = "普通文字"


class _Structure(HTMLParser):
    """The tags, comments and declarations of a page, without its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag} {sorted((k, v or '') for k, v in attrs)}>")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data}]>")


def _structure(html: str) -> list[str]:
    parser = _Structure()
    parser.feed(html)
    parser.close()
    return parser.found


# ── a record with the text in every field

PRINTED_IN_BOTH = ["name", "identity", "product", "batch", "supplier", "place_of_goods", "device", "position"]
PRINTED_IN_RECORD = [
    "authority", "number", "place", "task", "approval", "notice", "inspector", "certificate", "unit", "recorder",
    "present", "position_of_present", "document", "relation", "witness", "statement", "refusal", "recordings",
    "attachment", "sentence", "by",
]  # fmt: skip
PRINTED_ON_CHECKLIST = ["note", "category", "spec", "approval_number", "producer"]


def _marked(text: str, field: str) -> str:
    """The text with a mark of its own, so that each field is looked for by itself."""
    return f"{text}§{field}"


def _hostile_sheet(text: str) -> dict[str, Any]:
    sheet = sample("retail-pharmacy-2024")
    t = lambda field: _marked(text, field)  # noqa: E731
    sheet["site"]["name"] = t("name")
    sheet["site"]["identity"] = {key: t("identity") for key in sheet["site"]["identity"]}
    person = {
        "name": t("present"),
        "position": t("position_of_present"),
        "document": t("document"),
        "relation": t("relation"),
    }
    sheet["visit"] |= {
        "place": t("place"), "task": t("task"), "approval": t("approval"), "notice": t("notice"),
        "inspectors": [{"name": t("inspector"), "certificate": t("certificate"), "unit": t("unit")} for _ in "12"],
        "recorder": t("recorder"), "present": [person], "witness": {"name": t("witness")},
        "statement": t("statement"), "refusal": t("refusal"), "recordings": t("recordings"),
    }  # fmt: skip
    answers = sheet["answers"]
    answers["YD-09"] = {"answer": "是", "note": t("note")}
    answers["trace"][1] |= {
        "product": t("product"), "batch": t("batch"), "supplier": t("supplier"), "category": t("category"),
        "spec": t("spec"), "approval": t("approval_number"), "producer": t("producer"),
    }  # fmt: skip
    answers["YD-08"]["answer"][0] |= {"place": t("place_of_goods")}
    answers["YD-14"]["answer"][0] |= {"device": t("device"), "position": t("position")}
    sheet["earlier"] = [
        {"finding": "cold-chain.refrigerator-temperature", "record": t("earlier"), "sentence": t("told")}
    ]
    sheet["other"] = [t("other")]
    sheet["provenance"] = {"sources": [{"way": "xlsx", "file": t("provenance")[:400], "by": t("provenance")[:400]}]}
    return sheet


def _hostile_record(text: str, folder: Path, place: Place) -> Recorded:
    """Through both files, as people write them: ANSWERS.yaml and RECORD.yaml."""
    inspection = opened(_hostile_sheet(text), folder, place)
    record = confirm_all(new_record(inspection, evaluate(inspection)))
    findings = tuple(
        f.model_copy(update={"by": (_marked(text, "by"),), "why": _marked(text, "why")} | (
            {"sentence": _marked(text, "sentence")} if f.number == 1 else {}
        ))
        for f in record.findings
    )  # fmt: skip
    record = record.model_copy(
        update={
            "findings": findings, "authority": _marked(text, "authority"), "number": _marked(text, "number"),
            "attachments": (_marked(text, "attachment"),),
        }
    )  # fmt: skip
    path = folder / "record.yaml"
    path.write_text(record_yaml(record), encoding="utf-8")
    of, problems = open_record(place, path)
    assert of is not None, [p.render() for p in problems]
    return of


def _contexts(of: Recorded) -> dict[str, dict[str, object]]:
    inspection = of.inspection
    return {
        "inspection-record": record_context(of, ["原因"]),
        "checklist": checklist_context(inspection.checklist, inspection.sheet, of.evaluation),
    }


def _planned(folder: Path, name: str) -> Checklist:
    """A blank checklist for a site whose every text is the one given, from a file of --site."""
    checklist, _ = plan_checklist("retail-pharmacy", "2024")
    assert checklist is not None
    site = {"name": name, "identity": {i.id: name for i in checklist.type.identity}, "attributes": {}}
    (folder / "site.yaml").write_text(dump(site), encoding="utf-8")
    planned, problems = plan_checklist("retail-pharmacy", "2024", folder / "site.yaml")
    assert planned is not None, [p.render() for p in problems]
    return planned


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text(CANARY, encoding="utf-8")
    return path


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the renderer asks for."""
    asked: list[str] = []
    real: Callable[..., Any] = pdf._locked_fetcher

    def recording(assets: Any) -> Any:
        fetcher = real(assets)
        fetch = fetcher.fetch

        def noted(url: str, headers: object = None) -> Any:
            asked.append(url)
            return fetch(url, headers)

        fetcher.fetch = noted
        return fetcher

    monkeypatch.setattr(pdf, "_locked_fetcher", recording)
    return asked


# ── markup


PRINTED_EVERY_TIME = {"image", "jinja"}
"""What would fetch, open or run something; the pages of the others are printed in the long run."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in PRINTED_EVERY_TIME else [pytest.mark.long]) for kind in MARKUP]
)
def test_hostile_text_is_printed_as_it_was_typed_and_touches_nothing(
    kind: str, tmp_path: Path, packaged: Place, canary: Path, fetched: list[str]
) -> None:
    pdf.warm_up()
    text = MARKUP[kind].replace("{canary}", str(canary))
    of = _hostile_record(text, tmp_path, packaged)
    expected = {
        "inspection-record": PRINTED_IN_BOTH + PRINTED_IN_RECORD,
        "checklist": PRINTED_IN_BOTH + PRINTED_ON_CHECKLIST,
    }
    for document, fields in expected.items():
        with touches() as touched:
            content = record_pdf(of, document)
        assert set(fetched) == {"asset:qr"}
        assert [t for t in touched if t[0] != "open" or "secret.txt" in t[1]] == []
        printed = Paper(content)
        lost = [field for field in fields if flat(_marked(text, field)) not in printed.text]
        assert lost == [], f"{document}: not printed as typed"
        assert leaks(printed) == []
        streams = [d.get_data() for d in printed.dictionaries() if hasattr(d, "get_data")]
        assert not any(CANARY.encode() in data for data in streams)
        assert CANARY not in printed.text


@pytest.mark.parametrize(
    "kind", [kind if n % 3 == 0 else pytest.param(kind, marks=pytest.mark.long) for n, kind in enumerate(MARKUP)]
)
def test_hostile_text_changes_no_tag_of_a_page(kind: str, tmp_path: Path, packaged: Place, canary: Path) -> None:
    """The structure of the page is that of the same record with harmless text, tag by tag and attribute by attribute."""
    text = MARKUP[kind].replace("{canary}", str(canary))
    hostile = _contexts(_hostile_record(text, tmp_path, packaged))
    same_length = (NEUTRAL * len(text))[: len(text)]  # a long text may stand in a row of its own, whatever it says
    neutral = _contexts(_hostile_record(same_length, tmp_path, packaged))
    for document, context in hostile.items():
        assert _structure(render_html(document, context)) == _structure(render_html(document, neutral[document]))


@pytest.mark.parametrize("kind", MARKUP)
def test_hostile_text_changes_no_tag_of_the_web_page(kind: str, tmp_path: Path, canary: Path) -> None:
    text = MARKUP[kind].replace("{canary}", str(canary))
    hostile, neutral = (_structure(checklist_html(_planned(tmp_path, t))) for t in (text, NEUTRAL))
    assert hostile == neutral
    policy = [tag for tag in hostile if "Content-Security-Policy" in tag]
    assert len(policy) == 1
    assert "default-src 'none'" in policy[0]
    assert not [tag for tag in hostile if re.match(r"<(script|link|iframe|object|embed|img|base|form)\b", tag)]


LINES = {"lines": "甲\nname: 乙\nstation: 丙\n- position: 丁", "hash": "甲 # 乙\n# 丙", "quotes": "\"甲': [乙, {丙: 丁}]", "marker": "---\n...\nkind: record"}  # fmt: skip


@pytest.mark.parametrize("text", [*MARKUP.values(), *LINES.values()], ids=[*MARKUP, *LINES])
def test_a_written_answer_sheet_holds_the_text_unchanged(text: str, tmp_path: Path) -> None:
    """answers new --site FILE: what stood in the file stands in the sheet, whatever comments are written around it."""
    checklist = _planned(tmp_path, text)
    document, problems = parse(load_format("yaml").write_checklist(checklist).decode(), "sheet.yaml")
    assert document is not None, [p.render() for p in problems]
    assert isinstance(document.data, dict)
    assert document.data["site"]["name"] == text
    assert set(document.data["site"]["identity"].values()) == {text}
    content = json.loads(load_format("json").write_checklist(checklist))
    assert content["checklist"]["site"]["name"] == content["sheet"]["site"]["name"] == text


@pytest.mark.parametrize("kind", ["xlsx", pytest.param("csv", marks=pytest.mark.long)])
@pytest.mark.parametrize("text", [*MARKUP.values(), *LINES.values()], ids=[*MARKUP, *LINES])
def test_a_blank_spreadsheet_holds_the_text_unchanged(text: str, kind: str, tmp_path: Path, packaged: Place) -> None:
    """What stood in the file of the site comes back, and no cell is a formula."""
    module = load_format(kind)
    content = module.write_checklist(_planned(tmp_path, text))
    document, problems = module.read_sheet(content, f"x.{kind}", Source(way=kind), opener(packaged))
    assert not problems, [p.render() for p in problems]
    assert document.data["site"]["name"] == text
    assert set(document.data["site"]["identity"].values()) == {text}
    parts = [content]
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    assert not [part for part in parts if b"<f>" in part or b",=" in part]


@pytest.mark.parametrize("text", [*MARKUP.values(), *LINES.values()], ids=[*MARKUP, *LINES])
def test_a_written_record_holds_the_text_unchanged(text: str, tmp_path: Path, packaged: Place) -> None:
    of = _hostile_record(text, tmp_path, packaged)
    assert of.record.site.name == _marked(text, "name")
    assert of.record.visit.statement == _marked(text, "statement")
    assert of.record.findings[0].sentence == _marked(text, "sentence")
    assert of.record.findings[0].draft != _marked(text, "sentence")
    assert of.record.attachments == (_marked(text, "attachment"),)


def test_lines_of_a_statement_stay_lines(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("clinic-2024")
    sheet["visit"]["statement"] = "第一行<b>\n第二行&amp;"
    inspection = opened(sheet, tmp_path, packaged)
    evaluation = evaluate(inspection)
    of = Recorded(new_record(inspection, evaluation), inspection, evaluation)
    lines = "\n".join(Paper(record_pdf(of, "inspection-record")).lines).splitlines()
    found = next(number for number, line in enumerate(lines) if "第一行<b>" in line)
    assert lines[found].strip() == "第一行<b>"
    assert lines[found + 1].strip() == "第二行&amp;"


# ── the watch itself


def test_the_watch_sees_files_connections_and_links(canary: Path) -> None:
    """Otherwise the tests above would prove nothing."""
    with touches() as touched:
        canary.read_text(encoding="utf-8")
        with socket.socket() as connection, contextlib.suppress(OSError):
            connection.settimeout(0.01)
            connection.connect(("127.0.0.1", 9))
    assert [event for event, what in touched if "secret.txt" in what or "127.0.0.1" in what] == [
        "open",
        "socket.connect",
    ]
    assert leaks(Paper(pdf.render_pdf("<html><a href='http://example.org/'>x</a></html>", "", {})))


# ── the lock itself


@pytest.mark.parametrize(
    "html",
    [
        "<img src='file://{canary}'/>",
        "<img src='http://127.0.0.1:9/x'/>",
        "<img src='https://127.0.0.1:9/x'/>",
        "<img src='data:image/svg+xml,x'/>",
        "<img src='secret.txt'/>",
        "<img src='asset:other'/>",
        "<img src='asset:../qr'/>",
        "<link rel='attachment' href='file://{canary}'/><p>x</p>",
        "<a rel='attachment' href='file://{canary}'>x</a>",
        "<link rel='stylesheet' href='http://127.0.0.1:9/x.css'/>",
        "<style>@import url(file://{canary});</style>",
        "<style>p {background: url(http://127.0.0.1:9/x.png)}</style><p>x</p>",
        "<style>@font-face {font-family: x; src: url(file://{canary})} p {font-family: x}</style><p>x</p>",
        "<object data='file://{canary}'></object>",
        "<embed src='file://{canary}'/>",
    ],
)
def test_even_a_template_can_fetch_nothing(html: str, canary: Path) -> None:
    """If markup ever got through, the rendering would stop: no address but asset:NAME is served."""
    pdf.warm_up()
    from weasyprint.urls import FatalURLFetchingError  # after warm_up: WeasyPrint is loaded with our fonts

    with touches() as touched, pytest.raises(FatalURLFetchingError, match="refused"):
        pdf.render_pdf(f"<html>{html}</html>".replace("{canary}", str(canary)), "", {"qr": b"<svg/>"})
    assert [t for t in touched if t[0] != "open" or "secret.txt" in t[1]] == []


def test_a_stylesheet_can_fetch_nothing(canary: Path) -> None:
    pdf.warm_up()
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError, match="refused"):
        pdf.render_pdf("<p>x</p>", f"@import url(file://{canary});", {})


def test_an_svg_inside_a_page_reads_no_file(canary: Path) -> None:
    inner = f"<image href='file://{canary}' width='5' height='5'/><use href='file://{canary}#x'/>"
    html = f"<html><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{inner}</svg></html>"
    pdf.warm_up()
    with touches() as touched:
        content = pdf.render_pdf(html, "", {})
    assert [t for t in touched if t[0] != "open" or "secret.txt" in t[1]] == []
    assert leaks(Paper(content)) == []


# ── length


@pytest.mark.long
def test_a_statement_of_twenty_thousand_characters_is_printed_whole(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["visit"]["statement"] = "龘" * 20_000
    sheet["answers"]["YD-09"] = {"answer": "是", "note": "麤" * 2000}
    sheet["answers"]["trace"][0]["product"] = "纛" * 2000
    inspection = opened(sheet, tmp_path, packaged)
    evaluation = evaluate(inspection)
    of = Recorded(new_record(inspection, evaluation), inspection, evaluation)
    of = changed(
        of, findings=(of.record.findings[0].model_copy(update={"sentence": "驫" * 20_000}), *of.record.findings[1:])
    )
    record = Paper(record_pdf(of, "inspection-record"))
    assert record.text.count("龘") == 20_000
    assert record.text.count("驫") == 40_000, "once among the facts, once among the problems"
    checklist = Paper(record_pdf(of, "checklist"))
    assert checklist.text.count("麤") == 2000
    assert checklist.text.count("纛") == 2000
    for printed in (record, checklist):
        total = len(printed.pages)
        assert f"第{total}页共{total}页" in printed.pages[-1]


@pytest.mark.parametrize("document", ["inspection-record", "checklist"])
def test_no_field_makes_a_run_that_cannot_break(document: str, tmp_path: Path, packaged: Place) -> None:
    """What WeasyPrint needs to lay out long text in bounded time, and to keep it inside the page."""
    context = _contexts(_hostile_record("x" * 380, tmp_path, packaged))[document]
    body = render_html(document, context).split("<body>", 1)[1]
    texts = re.sub(r"<[^>]*>", "\n", body)
    long = sorted({run[-60:] for run in re.split(r"[\s\u200b]|&#8203;", texts) if "x" * 41 in run})
    assert long == []


@pytest.mark.parametrize(
    ("path", "length", "code"),
    [
        (("visit", "statement"), 20_001, "E205"),
        (("site", "name"), 401, "E205"),
        (("site", "identity", "address"), 401, "E205"),
        (("visit", "refusal"), 401, "E205"),
        (("visit", "inspectors", 0, "name"), 401, "E205"),
        (("answers", "YD-14", "note"), 2001, "E618"),
        (("answers", "trace", 0, "product"), 2001, "E618"),
        (("answers", "trace", 0, "supplier"), 20_000, "E618"),
        (("answers", "YD-14", "answer", 0, "device"), 2001, "E618"),
    ],
)
def test_text_beyond_the_limit_is_refused_with_its_place(
    path: tuple[str | int, ...], length: int, code: str, tmp_path: Path, packaged: Place
) -> None:
    sheet: Any = sample("retail-pharmacy-2024")
    node = sheet
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = "长" * length
    found = mistakes(sheet, tmp_path, packaged)
    assert len(found) == 1
    assert re.match(rf".*answers\.yaml:\d+:\d+: {code} ", found[0])
    assert len(found[0]) < 2000, "the message repeats the text"


@pytest.mark.parametrize("field", ["sentence", "why"])
def test_a_record_beyond_the_limit_is_refused_with_its_place(field: str, tmp_path: Path, packaged: Place) -> None:
    inspection = opened(sample("clinic-2024"), tmp_path, packaged)
    data = new_record(inspection, evaluate(inspection)).model_dump(mode="json", by_alias=True)
    data["findings"][0][field] = "长" * 20_001
    path = tmp_path / "record.yaml"
    path.write_text(dump(data), encoding="utf-8")
    of, problems = open_record(packaged, path)
    assert of is None
    assert [(p.code, p.mark.line > 0) for p in problems] == [("E205", True)]


def test_many_long_readings_make_a_record_or_a_problem(tmp_path: Path, packaged: Place) -> None:
    """Each field is within its limit, the sentence made of them is not within that of a sentence."""
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-14"]["answer"] = [
        {"reading": 9.5 + n / 10, "device": f"{n}" + "柜" * 390, "position": f"{n}" + "层" * 390} for n in range(40)
    ]
    inspection = opened(sheet, tmp_path, packaged)
    try:
        record = new_record(inspection, evaluate(inspection))
    except ProblemError as told:
        assert "YD-14" in str(told)
    else:
        assert len(record.findings) == len(evaluate(inspection).findings)


# ── characters that cannot be seen


def _planted(character: str, folder: Path, place: Place) -> list[str]:
    """Put the character into a name and a statement; return the text of the papers, or the problems as told."""
    sheet = sample("clinic-2024")
    sheet["site"]["name"] = f"甲店{character}乙"
    sheet["visit"]["statement"] = f"丙{character}丁"
    inspection, problems = open_answers(place, written(sheet, folder))
    if inspection is None:
        return [p.render() for p in problems]
    evaluation = evaluate(inspection)
    of = Recorded(new_record(inspection, evaluation), inspection, evaluation)
    try:
        return [Paper(record_pdf(of, document)).text for document in ("inspection-record", "checklist")]
    except ProblemError as told:
        return [p.render() for p in told.problems]


@pytest.mark.parametrize(
    "code", [0x00, 0x01, 0x07, 0x08, 0x0B, 0x1B, 0x7F, 0x85, 0x9B, 0xFFFE], ids=lambda c: f"U+{c:04X}"
)
def test_a_control_character_is_refused_by_name(code: int, tmp_path: Path, packaged: Place) -> None:
    r"""Written as an escape ("\0") it gets past the check of the file's own characters."""
    found = _planted(chr(code), tmp_path, packaged)
    assert all(re.search(r"\bE(114|704) ", text) for text in found), "it was printed, or dropped in silence"
    assert all(f"U+{code:04X}" in text for text in found)


@pytest.mark.parametrize(
    "code",
    [0x202A, 0x202B, 0x202D, 0x202E, 0x202C, 0x2066, 0x2067, 0x2069, 0x200E, 0x200F, 0x061C, 0xE0041],
    ids=lambda c: f"U+{c:04X}",
)
def test_a_character_that_turns_text_around_is_refused_by_name(code: int, tmp_path: Path, packaged: Place) -> None:
    found = _planted(chr(code), tmp_path, packaged)
    assert all(text.startswith("E704 ") and f"U+{code:04X}" in text for text in found), found


@pytest.mark.parametrize(
    "code",
    [
        0x200B,
        0x2028,
        *(pytest.param(code, marks=pytest.mark.long) for code in (0xFEFF, 0x00AD, 0x200C, 0x200D, 0x2060)),
    ],
    ids=lambda c: f"U+{c:04X}",
)
def test_an_invisible_character_breaks_no_text(code: int, tmp_path: Path, packaged: Place) -> None:
    """Refused by name, or harmless: the text around it is printed whole and in order."""
    found = _planted(chr(code), tmp_path, packaged)
    if all(text.startswith("E704 ") for text in found):
        assert all(f"U+{code:04X}" in text for text in found)
    else:
        assert "甲店乙" in found[0]
        assert "丙丁" in found[0]
        assert "甲店乙" in found[1]


def test_no_control_character_reaches_the_terminal(tmp_path: Path) -> None:
    """A site's name must not move the cursor or repaint the screen of who evaluates its sheet."""
    sheet = sample("clinic-2024")
    sheet["site"]["name"] = "康齿\x1b[2J\x1b]0;改题\x07诊所\x08\x08"
    run = chunfeng("evaluate", written(sheet, tmp_path))
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run.said) == []


# ── characters that few fonts have


def test_rare_characters_of_names_are_printed(tmp_path: Path, packaged: Place) -> None:
    text = "䶮𬭎𬺈𣗋㑇龘"
    of = _hostile_record(text, tmp_path, packaged)
    for document in ("inspection-record", "checklist"):
        printed = Paper(record_pdf(of, document))
        assert _marked(text, "name") in printed.text, "install fonts-noto-cjk if the last one is missing"
        fonts = [d for d in printed.dictionaries() if d.get("/Type") == "/FontDescriptor"]
        assert len(fonts) > 3, "the faces of the papers and the full face of the rare character"
        for font in fonts:
            assert re.match(r"/[A-Z]{6}\+", str(font["/FontName"]))
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font), font["/FontName"]


@pytest.mark.parametrize(
    "character",
    ["\ue000", "😀", *(pytest.param(c, marks=pytest.mark.long) for c in ("\U0010fffd", "\U000f0000", "ሀ", "م"))],
    ids=lambda c: f"U+{ord(c):04X}",
)
def test_a_character_without_a_font_is_named_and_nothing_is_written(character: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(dump({"name": f"康{character}药房"}), encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    run = chunfeng(
        "checklist", "retail-pharmacy", "--campaign", "2024", "--site", "site.yaml", "-o", "x.pdf", cwd=tmp_path
    )
    assert run.code == 1
    assert "E704" in run.err
    assert f"U+{ord(character):04X}" in run.err
    assert not character.isprintable() or character in run.err
    assert sorted(tmp_path.iterdir()) == before


def test_every_character_without_a_font_is_named_at_once(tmp_path: Path, packaged: Place) -> None:
    of = _hostile_record("甲\U0010fffd乙😀丙", tmp_path, packaged)
    with pytest.raises(ProblemError) as told:
        record_pdf(of, "inspection-record")
    assert [p.code for p in told.value.problems] == ["E704", "E704"]
    assert all(code in str(told.value) for code in ("U+10FFFD", "U+1F600"))
    assert "“甲·乙😀丙§" in str(told.value)


def test_every_format_of_a_checklist_was_tried() -> None:
    """Spreadsheets, the offline form and the ODK form are tried beside their own tests."""
    here, elsewhere = {"fillable-pdf", "json", "pdf", "web-page", "yaml"}, {"csv", "xlsx", "offline-form", "xlsform"}
    assert set(format_names()) == here | elsewhere, "a new format needs hostile text"
