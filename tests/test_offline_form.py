"""The offline form in a real browser without a network: filled in, left, resumed, exported, read back."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import Phase, given, settings
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support_answers import KINDS, PLACE, checklist_of, every_kind, fields_of, findings, opened, sheets
from support_documents import Invoke

from engine.answering.data import DataDocument
from engine.answering.form_page import page_data, titles
from engine.answering.head import head_text, opener
from engine.answering.writing import sheet_data
from engine.documents.html import read_template
from engine.formats import format_of, load_format, open_file
from engine.formats.offline_form import page_script, read_attachments, read_sheet, write_checklist
from engine.inspections.opening import open_sheet
from engine.library.releases import Locked, current_release
from engine.model.checklist import Checklist
from engine.model.sheet import EarlierFinding, Site, Source
from engine.source import load
from engine.tailor import tailor

ARGUMENTS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
KIND_IDS = [f"{kind[1]}-{kind[0]}" for kind in KINDS]
PHONE, PC = {"width": 375, "height": 760}, {"width": 1280, "height": 800}
SOURCE = Source(way="offline-form", file="答案.json")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "install Debian's chromium"
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS.split())
        yield started
        started.close()


class Desk:
    """A browser of its own with the form open: what went wrong or left the file is remembered."""

    def __init__(self, browser: Browser, path: Path, viewport: dict[str, int]) -> None:
        self.path = path
        self.context: BrowserContext = browser.new_context(
            offline=True,
            viewport=viewport,
            locale="zh-CN",
            accept_downloads=True,  # type: ignore[arg-type]
        )
        self.context.set_default_timeout(10_000)
        self.wrong: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._seen(request.url))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.open()

    def _seen(self, address: str) -> None:
        if address != self.path.as_uri() and not address.startswith(("data:", "blob:")):
            self.wrong.append(address)

    def open(self) -> None:
        self.page.goto(self.path.as_uri())
        self.page.wait_for_selector("#bar:not([hidden])")

    def fill(self, fields: dict[str, Any]) -> None:
        """Fill in the fields in the order given; what is not seen cannot be filled in."""
        self.page.evaluate(TYPIST, list(fields.items()))

    def put(self, name: str, value: Any) -> None:
        control = self.page.locator(f'[name="{name}"]')
        for _ in range(40):
            if control.count():
                break
            table = re.sub(r"\.[0-9]+(\.[a-z_]+)?$", "", name)
            self.page.locator(f'[data-more="{table}"], [data-add="{table}"]').click()
        self._unfold(name)
        kind = control.first.evaluate("e => e.tagName + ' ' + e.type")
        if kind == "INPUT radio":
            chosen = self.page.locator(f'[name="{name}"][value={json.dumps(value, ensure_ascii=False)}]')
            chosen.locator("xpath=..").click()
        elif kind == "INPUT checkbox":
            control.locator("xpath=..").click()
        elif kind.startswith("SELECT"):
            control.select_option(value)
        else:
            control.fill(str(value))

    def _unfold(self, name: str) -> None:
        self.page.evaluate(
            "name => { const f = document.getElementsByName(name)[0].closest('details'); if (f) f.open = true; }", name
        )

    def export(self) -> bytes:
        with self.page.expect_download() as download:
            self.page.click("#export")
        path = download.value.path()
        assert re.fullmatch(r"答案-.+-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
        return Path(path).read_bytes()

    def messages(self, block: str) -> str:
        return self.page.locator(f"[id='m-{block}']").inner_text()

    def shown(self, field: str) -> bool:
        return self.page.locator(f'[data-field="{field}"]').is_visible()


TYPIST = """pairs => pairs.forEach(([name, value]) => {
  const press = (selector) => document.querySelector(selector).click();
  let found = document.getElementsByName(name);
  for (let n = 0; n < 60 && !found.length; n += 1) {
    const table = name.replace(/\\.[0-9]+(\\.[a-z_]+)?$/, '');
    press('[data-more="' + table + '"], [data-add="' + table + '"]');
    found = document.getElementsByName(name);
  }
  const fold = found[0].closest('details');
  if (fold) fold.open = true;
  const input = Array.from(found).find((each) => each.type !== 'radio' || each.value === value);
  if (!input || !input.getClientRects().length) throw new Error('not to be seen: ' + name + ' ' + value);
  if (input.type === 'radio' || input.type === 'checkbox') { input.parentNode.click(); return; }
  input.focus();
  input.value = String(value);
  input.dispatchEvent(new Event('input', {bubbles: true}));
  input.dispatchEvent(new Event('change', {bubbles: true}));
  input.blur();
})"""

Open = Callable[..., Desk]


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the form of a checklist; at the end nothing may have gone wrong or have been asked of any network."""
    desks: list[Desk] = []

    def start(checklist: Checklist, viewport: dict[str, int] | None = None) -> Desk:
        path = tmp_path / f"检查表{len(desks)}.html"
        path.write_bytes(write_checklist(checklist))
        desks.append(Desk(browser, path, viewport or PC))
        return desks[-1]

    yield start
    for each in desks:
        each.context.close()
    assert [wrong for each in desks for wrong in each.wrong] == []


def pharmacy(**options: Any) -> Checklist:
    return checklist_of(*KINDS[0], **options)


def as_typed(checklist: Checklist, sheet: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a sheet, those first that others wait for."""
    fields = fields_of(checklist, sheet, boxes=True)
    return dict(sorted(fields.items(), key=lambda pair: not pair[0].endswith((".answer", ".not_applicable"))))


# ── the same answers and findings


@pytest.mark.parametrize(
    "kind", [KINDS[0], *(pytest.param(kind, marks=pytest.mark.long) for kind in KINDS[1:])], ids=KIND_IDS
)
def test_what_is_filled_in_comes_back_as_the_same_sheet(
    kind: tuple[str, str, date], browser: Browser, tmp_path: Path
) -> None:
    checklist = checklist_of(*kind)
    path = tmp_path / "检查表.html"
    path.write_bytes(write_checklist(checklist))

    full = sheets(checklist).filter(lambda sheet: len(sheet["answers"]) > len(checklist.items()) // 3)

    @settings(max_examples=1, phases=[Phase.generate])
    @given(sheet=full)
    def once(sheet: dict[str, Any]) -> None:
        desk = Desk(browser, path, PHONE if len(sheet["answers"]) % 2 else PC)
        try:
            fields = as_typed(checklist, sheet)
            desk.fill(fields)
            assert desk.page.locator("main .messages .error").all_inner_texts() == []
            desk.page.reload()
            desk.page.wait_for_selector("#bar:not([hidden])")
            assert desk.page.is_visible("#notice")
            exported = tmp_path / "答案.json"
            exported.write_bytes(desk.export())
            assert desk.wrong == []
        finally:
            desk.context.close()
        by_form, problems = open_file(PLACE, exported, as_made=True)
        assert by_form is not None, [p.render() for p in problems]
        direct = opened(DataDocument("答卷.json", sheet))
        first, second = sheet_data(direct), sheet_data(by_form)
        provenance = second.pop("provenance")
        assert first == second
        assert findings(direct) == findings(by_form)
        assert provenance["sources"][0]["way"] == "offline-form"  # type: ignore[index,call-overload]

    once()


def test_a_form_left_empty_is_an_empty_sheet(desk: Open) -> None:
    at = desk(pharmacy())
    document, problems = read_sheet(at.export(), "答案.json", SOURCE, opener(PLACE))
    assert document is not None, problems
    assert opened(document).sheet.answers == {
        code: answer for code, answer in opened(document).sheet.answers.items() if answer.status == "not-checked"
    }
    assert at.page.inner_text("#progress") == "已答 0/22 项"


@pytest.mark.long
def test_mouse_and_keyboard_fill_it_in_too(desk: Open) -> None:
    at = desk(pharmacy())
    fields = {
        "YD-01.answer": "否", "YD-01.detail.fault.1": True, "YD-01.detail.valid_until": "2024-12-31",
        "YD-08.answer": "发现，填表", "YD-08.1.product": "阿莫西林", "YD-08.1.batch": "007310", "YD-08.1.defect": "过期",
        "YD-14.answer.1.reading": "9.6", "YD-14.answer.4.reading": "-3", "trace.1.invoice": "否", "visit.end": "11:05",
        "other.3": "消防通道堵塞",
    }  # fmt: skip
    for name, value in fields.items():
        at.put(name, value)
    exported = json.loads(at.export())
    assert exported["fields"] == fields | {"visit.date": "2024-01-15"}
    assert exported["kind"] == "chunfeng-form"
    assert list(exported) == ["kind", "version", "head", "fields", "photos", "saved"]


def test_the_whole_form_can_be_used_from_the_keyboard(desk: Open) -> None:
    page = desk(pharmacy()).page
    page.locator('[name="YD-01.answer"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.locator('[name="YD-01.answer"][value="否"]').is_checked()
    assert page.inner_text("#progress") == "已答 1/22 项"
    outline = "getComputedStyle(document.activeElement.nextElementSibling || document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.id"))
    assert {"YD-01.detail.fault.1", "YD-01.note", "photo-YD-01", "YD-02.answer"} <= reached


# ── what is shown while typing


@pytest.mark.long
def test_details_and_tables_are_shown_when_they_are_asked(desk: Open) -> None:
    at = desk(pharmacy())
    fault = "YD-01.detail.fault"
    assert not at.shown(fault)
    at.put("YD-01.answer", "否")
    assert at.shown(fault)
    at.put(f"{fault}.1", True)
    at.put("YD-01.answer", "是")
    assert at.shown(fault), "what is ticked must not vanish"
    assert "答了“是”，又勾了：未悬挂" in at.messages("YD-01")
    at.put("YD-01.answer", "不适用")
    assert "答了“不适用”，又填了：不符合的情形" in at.messages("YD-01")
    at.page.uncheck(f'[name="{fault}.1"]', force=True)
    assert not at.shown(fault)
    assert at.messages("YD-01") == ""
    table = at.page.locator("[id='t-YD-08']")
    assert not table.is_visible()
    at.put("YD-08.answer", "发现，填表")
    assert table.is_visible()
    assert "表里还没有一行" in at.messages("YD-08")
    at.put("YD-08.1.product", "阿莫西林")
    assert "缺少“批号”，不清楚的填 不明" in at.messages("YD-08")
    at.put("YD-08.1.batch", "不明")
    assert at.messages("YD-08") == ""
    at.put("YD-08.answer", "未发现")
    assert table.is_visible()
    assert "答了“未发现”，表里又有 1 行" in at.messages("YD-08")


@pytest.mark.parametrize(
    ("fields", "block", "said"),
    [
        ({"YD-14.answer.1.reading": "99"}, "YD-14", "99 不合理，应在 -50 到 60 之间"),
        ({"YD-14.answer.1.reading": "四度"}, "YD-14", "应填数字（℃），现在是“四度”"),
        ({"YD-14.answer.1.reading": "４．５ ℃"}, "YD-14", ""),
        ({"YD-14.answer.1.device": "冰箱"}, "YD-14", "提醒：第 1 行没有填读数"),
        ({"YD-14.answer.1.reading": "4", "YD-14.not_applicable": True}, "YD-14", "答了“不适用”，又填了答案"),
        ({"YD-14.detail.record_high": "2", "YD-14.detail.record_low": "5"}, "YD-14", "最低温度（没有记录不填）”5 大于"),
        ({"YD-16.detail.humidity": "101"}, "YD-16", "101 不合理，应在 0 到 100 之间"),
        ({"YD-07.answer": "1.5"}, "YD-07", "应填不小于 0 的整数"),
        ({"YD-07.answer": "-1"}, "YD-07", "应填不小于 0 的整数"),
        ({"YD-07.answer": "4", "YD-07.detail.drawn": "3"}, "YD-07", "“不能追溯的品种数”4 大于“抽查数”3"),
        ({"YD-07.detail.drawn": "9", "YD-07.detail.population": "8"}, "YD-07", "“抽查数”9 大于“总数”8"),
        ({"YD-07.detail.drawn": "2"}, "YD-07", "提醒：抽查 2 个，少于要求的 3 个"),
        ({"YD-07.detail.drawn": "2", "YD-07.detail.population": "2"}, "YD-07", ""),
        ({"YD-10.detail.unreviewed": "6", "YD-10.detail.drawn": "5"}, "YD-10", "大于“抽查数”5"),
        ({"YD-01.note": "长" * 2001}, "YD-01", "太长（2001 字，上限 2000 字）"),
        ({"YD-01.note": "😀" * 1500}, "YD-01", ""),
        ({"visit.start": "10:00", "visit.end": "09:00"}, "visit", "结束时间 09:00 不晚于开始时间 10:00"),
        ({"site.name": "店" * 401}, "site", "太长（401 字，上限 400 字）"),
        ({"trace.1.product": "甲"}, "trace", "缺少“批号”"),
        (
            {
                f"trace.{n}.{c}": t
                for n in (1, 2)
                for c, t in (("product", "甲"), ("batch", "１"), ("supplier", "乙 公司"))
            },
            "trace",
            "与第 1 行重复（甲、1、乙 公司）",
        ),
        ({"YD-01.answer": "是"}, "YD-01", "还没填：许可证有效期至"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_once(rich: Desk, fields: dict[str, Any], block: str, said: str) -> None:
    """One page for all: it is emptied before each."""
    rich.page.click("#clear")
    rich.page.wait_for_function("() => document.getElementById('notice').textContent.indexOf('已清空') === 0")
    rich.fill(fields)
    shown = rich.messages(block)
    assert said in shown if said else "✗" not in shown and "提醒" not in shown
    assert bool(rich.page.locator(f"[id='b-{block}'] .is-wrong").count()) == ("✗" in shown)
    document, problems = read_sheet(rich.export(), "答案.json", SOURCE, opener(PLACE))
    assert document is not None
    told = [*problems, *open_sheet(PLACE, document, as_made=True)[1]]
    assert ("✗" in shown) == bool(told), "the page says of errors what the reading says"


@pytest.fixture(scope="module")
def rich(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("form") / "检查表.html"
    path.write_bytes(write_checklist(pharmacy()))
    at = Desk(browser, path, PC)
    yield at
    at.context.close()
    assert at.wrong == []


def test_a_day_that_is_not_whole_is_told(desk: Open) -> None:
    at = desk(pharmacy())
    day = at.page.locator('[name="YD-01.detail.valid_until"]')
    day.click()
    day.press_sequentially("2024")
    at.page.locator('[name="YD-01.note"]').click()
    assert "没有填完整" in at.messages("YD-01")


@pytest.mark.long
def test_progress_counts_and_leads_to_what_is_open(desk: Open) -> None:
    checklist = pharmacy()
    at = desk(checklist)
    first = checklist.sections[0]
    for entry in first.items:
        at.put(f"{entry.item.code}.answer", "是")
    assert at.page.inner_text("#progress") == "已答 2/22 项"
    assert at.page.inner_text('nav a[href="#s-0"] .count') == "2/2"
    at.page.click("#next-open")
    assert at.page.evaluate("document.activeElement.closest('.block').id") == "b-YD-04"
    at.put("trace.1.product", "甲")
    assert at.page.inner_text("#progress") == "已答 4/22 项", "both items that the table answers"
    assert at.page.inner_text("#next-wrong") == "要改正（1）"
    at.page.click("#next-wrong")
    assert at.page.evaluate("document.activeElement.name") == "trace.1.batch"
    at.page.locator('[data-clear="YD-01.answer"]').click()
    assert at.page.inner_text('nav a[href="#s-0"] .count') == "1/2"


@pytest.mark.long
def test_rows_are_added_and_taken_away_and_begun_rows_stay(desk: Open) -> None:
    at = desk(pharmacy())
    assert at.page.locator("#t-trace .row").count() == 5
    assert "国家集采中选药械" in at.page.inner_text("#t-trace")
    assert at.page.locator('[name="trace.1.category"]').count() == 0, "what the plan says is not to be changed"
    assert at.page.locator('[data-remove][data-table="trace"]').count() == 0
    for number, product in enumerate("甲乙丙", 6):
        at.put(f"trace.{number}.product", product)
    at.page.locator('[data-remove="7"][data-table="trace"]').evaluate("e => e.click()")
    exported = json.loads(at.export())["fields"]
    assert {n: v for n, v in exported.items() if n.startswith("trace")} == {
        "trace.6.product": "甲",
        "trace.7.product": "丙",
    }


@pytest.mark.long
def test_business_that_a_site_does_not_do_is_not_asked(desk: Open) -> None:
    checklist = pharmacy()
    at = desk(checklist)
    at.put("site.attributes.cold", "否")
    assert at.page.inner_text("#progress") == "已答 0/21 项"
    assert "本项不查（合理缺项）" in at.page.inner_text("[id='b-YD-14']")
    assert not at.page.locator('[name="YD-14.note"]').is_visible()
    at.put("site.attributes.unlicensed", "是")
    assert at.page.inner_text("#progress") == "已答 0/20 项"
    assert "另加的检查项目不在本表" in at.messages("scope")
    at.page.locator('[data-clear="site.attributes.unlicensed"]').click()
    document, problems = read_sheet(at.export(), "答案.json", SOURCE, opener(PLACE))
    assert document is not None, problems
    again = opened(document)
    assert again.sheet.site.attributes == {"cold": False}
    assert "YD-14" not in {entry.item.code for entry in again.checklist.items()}
    at.page.locator('[data-clear="site.attributes.cold"]').click()
    at.put("YD-14.note", "冰箱坏了")
    at.put("site.attributes.cold", "否")
    assert "请清空，或改正业务范围" in at.messages("YD-14")


@pytest.mark.long
def test_joint_authorities_and_what_was_found_before(desk: Open) -> None:
    checklist = known_clinic()
    at = desk(checklist)
    assert at.page.input_value('[name="visit.joint.1.unit"]') == "卫生健康局"
    assert "没有凭处方销售" in at.page.inner_text("#s-earlier")
    at.put("visit.joint.1.name", "李四")
    at.put("site.identity.contact", "王五 13800000000")
    document, problems = read_sheet(at.export(), "答案.json", SOURCE, opener(PLACE))
    assert document is not None, problems
    sheet = opened(document).sheet
    assert [(i.unit, i.name) for i in sheet.visit.joint] == [("卫生健康局", "李四")]
    assert sheet.site.name == checklist.site.name
    assert sheet.site.identity == {**checklist.site.identity, "contact": "王五 13800000000"}
    at.page.fill('[name="site.name"]', "")
    assert "清空后仍按原登记" in at.messages("site")


HOSTILE = "</script><img src=x onerror=alert(1)>\u2028'\"&amp;{{7*7}}😀䶮"


@cache
def locked_2024() -> Locked:
    locked, problems = current_release(PLACE, "2024")
    assert locked is not None, problems
    return locked


def known_clinic() -> Checklist:
    site = Site(name=HOSTILE, identity={"credit_code": "91440101MA5AKW2Q3X"}, attributes={"cold": True})
    checklist, problems = tailor(locked_2024(), "clinic", site, date(2024, 1, 15))
    assert checklist is not None, problems
    finding = next(entry.item.findings[0].id for entry in checklist.items())
    earlier = EarlierFinding(
        finding=finding, date=date(2023, 5, 1), record="2023-7", sentence="没有凭处方销售" + HOSTILE
    )
    return checklist.model_copy(update={"joint": ("卫生健康局",), "earlier": (earlier,)})


def test_text_of_people_is_never_markup(desk: Open) -> None:
    checklist = known_clinic()
    at = desk(checklist)
    assert at.page.locator("main img, header img").count() == 0
    assert at.page.inner_text(".who") == HOSTILE
    assert HOSTILE in at.page.inner_text("#s-earlier")
    assert at.page.input_value('[name="site.name"]') == HOSTILE
    at.put("other.1", HOSTILE)
    at.put("trace.1.product", HOSTILE)
    assert HOSTILE in at.page.inner_text("#t-trace .row summary")
    at.page.reload()
    at.page.wait_for_selector("#bar:not([hidden])")
    assert at.page.inner_text("#notice").count(HOSTILE) == 1
    fields = json.loads(at.export())["fields"]
    assert fields["other.1"] == fields["trace.1.product"] == fields["site.name"] == HOSTILE


# ── photographs


def picture(width: int = 300, height: int = 200, kind: str = "PNG", seed: int = 1) -> bytes:
    noise = random.Random(seed).randbytes(60 * 40 * 3)
    image = Image.frombytes("RGB", (60, 40), noise).resize((width, height))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def attach(at: Desk, item: str, *files: tuple[str, bytes], photos: int) -> None:
    given = [{"name": name, "mimeType": "image/*", "buffer": content} for name, content in files]
    at.page.set_input_files(f"[id='photo-{item}']", given)  # type: ignore[arg-type]
    at.page.wait_for_function("n => document.querySelectorAll('.photos li').length === n", arg=photos)


def test_photographs_are_shrunk_hashed_and_kept(desk: Open, tmp_path: Path, invoke: Invoke) -> None:
    at = desk(pharmacy())
    attach(at, "YD-08", ("柜台.png", picture(2400, 1600)), ("竖.jpg", picture(1000, 2400, "JPEG", 2)), photos=2)
    attach(at, "visit", ("门头.webp", picture(640, 480, "WEBP", 3)), photos=3)
    at.put("YD-08.answer", "未发现")
    at.page.reload()
    at.page.wait_for_selector("#bar:not([hidden])")
    assert at.page.locator(".photos li").count() == 3, "kept by the browser"
    content = at.export()
    exported = json.loads(content)
    sizes = []
    for photo in exported["photos"]:
        data = base64.b64decode(photo["data"], validate=True)
        assert photo["sha256"] == hashlib.sha256(data).hexdigest()
        image = Image.open(io.BytesIO(data))
        assert image.format == "JPEG"
        assert not image.getexif()
        sizes.append(image.size)
    assert sizes == [(1600, 1067), (667, 1600), (640, 480)]
    names = [photo["name"] for photo in exported["photos"]]
    assert [name[:-13] for name in names] == ["YD-08-1", "YD-08-2", "visit-1"]
    assert "含照片 3 张" in at.page.inner_text("#exported")
    path, target = tmp_path / "答案.json", tmp_path / "答卷.yaml"
    path.write_bytes(content)
    run = invoke("answers", "read", path, "--by", "张三", "-o", target)
    assert (run.code, run.err) == (0, "")
    assert "照片 3 张在" in run.out
    folder = tmp_path / "答卷.photos"
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()} == {
        photo["name"]: photo["sha256"] for photo in exported["photos"]
    }
    inspection, problems = open_file(PLACE, target, as_made=True)
    assert inspection is not None, problems
    assert inspection.sheet.provenance is not None
    assert [p.file for p in inspection.sheet.provenance.photos] == [f"答卷.photos/{name}" for name in names]
    assert [p.item for p in inspection.sheet.provenance.photos] == ["YD-08", "YD-08", "visit"]
    source = inspection.sheet.provenance.sources[0]
    assert (source.way, source.by, source.at) == ("offline-form", "张三", exported["saved"])
    (folder / names[0]).write_bytes(b"my own")
    run = invoke("answers", "read", path, "-o", tmp_path / "又.yaml")
    assert run.code == 0, "another sheet has another folder"
    target.unlink()
    assert invoke("answers", "read", path, "-o", target).code == 2, "a file of other content is not replaced"
    assert (folder / names[0]).read_bytes() == b"my own"


@pytest.mark.long
def test_photographs_that_are_none_are_refused_and_doubles_too(desk: Open) -> None:
    at = desk(pharmacy())
    at.page.set_input_files("[id='photo-YD-01']", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}])
    at.page.wait_for_selector("#warning:not([hidden])")
    assert "“a.jpg”不是这个浏览器能打开的照片" in at.page.inner_text("#warning")
    attach(at, "YD-01", ("b.png", picture()), photos=1)
    attach(at, "YD-02", ("c.png", picture()), photos=1)
    at.page.wait_for_selector("#warning:not([hidden])")
    assert re.search(r"“c.png”已经附上了（YD-01-1-[0-9a-f]{8}.jpg）", at.page.inner_text("#warning"))
    at.page.click("[data-drop]")
    assert at.page.locator(".photos li").count() == 0
    at.page.reload()
    at.page.wait_for_selector("#bar:not([hidden])")
    assert at.page.locator(".photos li").count() == 0
    assert json.loads(at.export())["photos"] == []


@pytest.mark.long
def test_more_photographs_than_a_file_holds_are_refused(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "小.html"
    blank = write_checklist(pharmacy()).decode()
    assert blank.count('"bytes":41943040') == 1
    path.write_text(blank.replace('"bytes":41943040', '"bytes":2010000'), encoding="utf-8")
    at = Desk(browser, path, PC)
    at.page.set_input_files(
        "[id='photo-YD-01']", [{"name": "大.png", "mimeType": "image/png", "buffer": picture(1800, 1200)}]
    )
    at.page.wait_for_selector("#warning:not([hidden])")
    assert "照片太多，超过一个文件能装下的 1 MB；“大.png”没有附上" in at.page.inner_text("#warning")
    at.context.close()


# ── kept, taken out, brought back


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})", "浏览器不让保存", marks=pytest.mark.long),
        ("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }", "空间已满"),
    ],
    ids=["forbidden", "full"],
)  # fmt: skip
def test_a_browser_that_keeps_nothing_is_told_and_loses_nothing(desk: Open, script: str, said: str) -> None:
    at = desk(pharmacy())
    at.page.add_init_script(script)
    at.open()
    at.put("YD-01.answer", "否")
    at.page.wait_for_function("() => document.getElementById('saved').textContent === '没有保存'")
    assert said in at.page.inner_text("#warning")
    assert "随时“导出答案”" in at.page.inner_text("#warning")
    assert json.loads(at.export())["fields"]["YD-01.answer"] == "否"


def test_without_a_database_photographs_stay_in_memory_with_a_warning(desk: Open) -> None:
    at = desk(pharmacy())
    at.page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    at.open()
    attach(at, "YD-01", ("b.png", picture()), photos=1)
    at.page.wait_for_selector("#warning:not([hidden])")
    assert "照片没有存进浏览器" in at.page.inner_text("#warning")
    assert len(json.loads(at.export())["photos"]) == 1


def test_a_window_that_is_gone_at_once_has_kept_what_was_typed(desk: Open) -> None:
    at = desk(pharmacy())
    at.put("YD-01.note", "门口堆放杂物")
    at.page.close()
    at.page = at.context.new_page()
    at.open()
    assert at.page.input_value('[name="YD-01.note"]') == "门口堆放杂物"


def test_what_was_typed_does_not_turn_up_in_a_form_with_other_rows_begun(desk: Open, tmp_path: Path) -> None:
    at = desk(pharmacy())
    at.put("trace.1.product", "甲")
    begun = {"trace": ({"product": "连花清瘟胶囊", "batch": "1", "supplier": "丙"},)}
    other = pharmacy().model_copy(update={"prefilled": begun})
    assert other.id == pharmacy().id
    first, at.path = at.path, tmp_path / "另一天.html"
    at.path.write_bytes(write_checklist(other))
    at.open()
    assert not at.page.is_visible("#notice")
    assert "trace.1.product" not in json.loads(at.export())["fields"]
    at.path = first
    at.open()
    assert json.loads(at.export())["fields"]["trace.1.product"] == "甲"


@pytest.mark.parametrize(
    ("start", "end", "told"), [("9:05", "10:00", False), ("１０：０５", "9点50分", True), ("", "09:00", False)]
)
def test_times_typed_without_a_picker_are_compared_as_times(rich: Desk, start: str, end: str, told: bool) -> None:
    found = rich.page.evaluate(
        "([source, start, end]) => { const f = new Function(source + '; return minutes'); return f()(end) <= f()(start); }",
        [re.search(r"function minutes.*?\n}\n", page_script(), re.S).group(), start, end],  # type: ignore[union-attr]
    )
    assert found is told


def test_what_was_exported_is_brought_back(desk: Open) -> None:
    at = desk(pharmacy())
    fields = {
        "YD-01.answer": "是",
        "YD-08.answer": "发现，填表",
        "YD-08.3.product": "甲",
        "YD-08.3.batch": "1",
        "trace.7.batch": "2",
    }
    at.fill(fields)
    attach(at, "YD-01", ("b.png", picture()), photos=1)
    first = json.loads(at.export())
    at.page.click("#clear")
    at.page.wait_for_function("() => !document.querySelector('.photos li')")
    assert json.loads(at.export())["fields"] == {"visit.date": "2024-01-15"}
    give(at, json.dumps(first).encode())
    at.page.wait_for_selector(".photos li")
    second = json.loads(at.export())
    assert {**second, "saved": ""} == {**first, "saved": ""}
    at.page.reload()
    at.page.wait_for_selector("#bar:not([hidden])")
    third = json.loads(at.export())
    assert {**third, "saved": ""} == {**first, "saved": ""}


def give(at: Desk, content: bytes) -> None:
    at.page.set_input_files("#restore", [{"name": "答案.json", "mimeType": "application/json", "buffer": content}])


def _other_head(data: dict[str, Any]) -> None:
    data["head"] = data["head"].replace("2024", "2019")


def _damaged(data: dict[str, Any]) -> None:
    data["photos"] = [
        {"name": "YD-01-1-00000000.jpg", "item": "YD-01", "sha256": "0" * 64, "type": "image/jpeg", "data": "AAAA"}
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_other_head, "另一张检查表"),
        (_damaged, "照片已损坏：YD-01-1-00000000.jpg"),
        pytest.param(lambda data: data.update(version=2), "这不是离线表单导出的答案", marks=pytest.mark.long),
        pytest.param(lambda data: data.update(fields=None), "这不是离线表单导出的答案", marks=pytest.mark.long),
        (None, "文件不是完整的 JSON"),
    ],
    ids=["other-list", "photo", "version", "fields", "cut"],
)
def test_what_is_no_export_of_this_list_is_refused_and_nothing_is_lost(
    desk: Open, change: Callable[[dict[str, Any]], None] | None, said: str
) -> None:
    at = desk(pharmacy())
    at.put("YD-01.answer", "否")
    data = json.loads(at.export())
    if change is not None:
        change(data)
    give(at, json.dumps(data).encode()[: None if change else -20])
    at.page.wait_for_selector("#warning:not([hidden])")
    assert said in at.page.inner_text("#warning")
    assert json.loads(at.export())["fields"]["YD-01.answer"] == "否"


# ── how it looks and who can use it


def filled_with_mistakes(at: Desk) -> None:
    at.fill(
        {
            "site.name": "广州市" + "长" * 60, "YD-01.answer": "否", "YD-01.note": "x" * 300, "YD-14.answer.1.reading": "99",
            "YD-08.answer": "发现，填表", "YD-08.1.product": "W" * 200, "trace.1.product": "阿莫西林胶囊", "trace.6.product": "乙",
            "other.3": "其他", "site.attributes.tcm": "否",
        }
    )  # fmt: skip
    attach(at, "YD-01", ("b.png", picture()), photos=1)
    at.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


@pytest.mark.parametrize(
    ("viewport", "filled"),
    [
        pytest.param(PHONE, True, id="filled-phone"),
        pytest.param(PC, False, id="blank-pc", marks=pytest.mark.long),
        pytest.param(PHONE, False, id="blank-phone", marks=pytest.mark.long),
        pytest.param(PC, True, id="filled-pc", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing_and_nothing_hangs_over_the_side(desk: Open, viewport: dict[str, int], filled: bool) -> None:
    at = desk(pharmacy(), viewport)
    if filled:
        filled_with_mistakes(at)
    assert at.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert at.page.evaluate("document.body.scrollWidth") <= viewport["width"]
    violations = Axe().run(at.page).response["violations"]
    told = [(v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"]) for v in violations]
    assert told == []


def test_a_print_shows_what_was_folded_and_no_buttons(desk: Open) -> None:
    at = desk(pharmacy(), PHONE)
    at.put("trace.1.product", "阿莫西林胶囊")
    at.put("site.identity.credit_code", "91440101MA5AKW2Q3X")
    at.page.evaluate("window.print = () => {}")
    at.page.click("#print")
    at.page.emulate_media(media="print")
    assert at.page.locator("button:visible, nav:visible, #bar:visible, .file:visible").count() == 0
    assert at.page.locator('[name="trace.1.product"]').is_visible()
    assert at.page.locator('[name="site.identity.credit_code"]').is_visible()
    assert not at.page.locator('[name="site.identity.contact"]').is_visible(), "what is empty takes no paper"


def test_without_scripts_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "检查表.html"
    path.write_bytes(write_checklist(pharmacy()))
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert "要用 JavaScript" in page.inner_text("noscript")
    context.close()


# ── what the page may do


def test_the_policy_stops_what_is_not_of_the_page(browser: Browser, tmp_path: Path) -> None:
    planted = (
        '<script>document.title="ran"</script><style>h1 { color: rgb(1, 2, 3) }</style>'
        '<p id="p" style="color: rgb(1, 2, 3)" onclick="document.title=&quot;ran&quot;">x</p></body>'
    )
    path = tmp_path / "检查表.html"
    path.write_text(write_checklist(pharmacy()).decode().replace("</body>", planted), encoding="utf-8")
    at = Desk(browser, path, PC)
    at.page.locator("#p").click()
    assert at.page.title() != "ran"
    for selector in ("h1", "#p"):
        assert at.page.locator(selector).first.evaluate("e => getComputedStyle(e).color") != "rgb(1, 2, 3)"
    stopped = at.page.evaluate(
        """async () => {
          const seen = [];
          document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
          const add = (tag, parts) => document.body.appendChild(Object.assign(document.createElement(tag), parts));
          add('script', {textContent: 'document.title = "ran"'});
          add('img', {src: 'https://example.invalid/x.png'});
          add('iframe', {src: 'https://example.invalid/'});
          await fetch('https://example.invalid/').catch(() => 0);
          await new Promise((resolve) => setTimeout(resolve, 300));
          return seen;
        }"""
    )
    assert at.page.title() != "ran"
    assert {"script-src-elem", "img-src", "frame-src", "connect-src"} <= set(stopped)
    at.context.close()


def test_the_page_names_nothing_elsewhere_and_is_the_same_each_time() -> None:
    content = write_checklist(pharmacy())
    assert content == write_checklist(pharmacy())
    text = content.decode()
    assert not re.search(
        r"""https?:|//[a-z]|(?:src|href)=["']?[a-z/]|@import|url\(""", text.replace("<!DOCTYPE html>", "")
    )
    assert "unsafe" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text)


NEWER = {
    "optional chaining": r"\?\.(?![0-9])", "nullish": r"\?\?", "private name": r"(?<![\w$])#[A-Za-z_]", "BigInt": r"\b[0-9]+n\b",
    "object spread or rest": r"[{,(]\s*\.\.\.[^\])]*\}", "catch without a name": r"\bcatch\s*\{", "for await": r"\bfor\s+await\b",
    "number separator": r"\b[0-9]+_[0-9]", "async generator": r"\basync\s+function\s*\*|\basync\s*\*", "module": r"^\s*(?:import|export)\b",
    "class field": r"\bclass\s+[\w$]+\s*(?:extends\b|\{)", "logical assignment": r"(?:\|\||&&)=", "dynamic import": r"\bimport\s*\(",
    "newer method": r"\.(?:flat|flatMap|at|replaceAll|matchAll|allSettled|finally|fromEntries|hasOwn|findLast|toSorted|"
    r"replaceChildren|toggleAttribute|arrayBuffer|randomUUID|trimStart|trimEnd|description)\b",
    "newer global": r"\b(?:structuredClone|globalThis|queueMicrotask|ResizeObserver|AggregateError|WeakRef)\b",
}  # fmt: skip
"""What came after ES2017 and Chromium 69, by how it looks in code without texts."""
NEWER_TEXT = {"regular expression": r"\(\?<|\\p\{|/[gimuy]*s[gimuy]*[,;.) ]"}
_LITERAL = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`"
    r"|(?<=[=(,:?!&|])\s*/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*",
    re.S,
)


def newer_than_2017(script: str) -> list[str]:
    code = _LITERAL.sub(lambda found: " 0 " if not found.group().startswith(("//", "/*")) else " ", script)
    texts = " ; ".join(text + " " for text in _LITERAL.findall(script) if text.strip().startswith("/"))
    found = [name for name, pattern in NEWER.items() if re.search(pattern, code, re.M)]
    return found + [name for name, pattern in NEWER_TEXT.items() if re.search(pattern, texts)]


def test_the_script_is_of_2017() -> None:
    assert newer_than_2017(page_script()) == []


@pytest.mark.parametrize(
    "planted",
    ["a?.b", "a ?? b", "a ??= b", "class A { #x = 1 }", "this.#x", "10n", "({...a})", "f({a: 1, ...b})", "const {a, ...b} = c",
     "try { a } catch { b }", "for await (a of b) c", "1_000", "a.flat()", "a.at(-1)", "structuredClone(a)", "a ||= b",
     "x = /(?<y>a)/", "x.replace(/\\p{L}/u, '')", "import('x')", "Object.fromEntries(a)", "blob.arrayBuffer()"],
)  # fmt: skip
def test_newer_syntax_would_be_seen(planted: str) -> None:
    assert newer_than_2017(page_script().replace("start();\n", f"{planted};\nstart();\n"))


def test_the_style_is_of_2018() -> None:
    style = read_template("offline-form", "form.css")
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.S)
    assert not re.search(
        r":has\(|:is\(|:where\(|:focus-visible|\b(?:min|max|clamp)\(|inset:|aspect-ratio|@layer|@container", bare
    )
    rules = re.sub(r"@media[^{]*\{", "", bare)
    assert not re.search(r"\{[^}]*&", rules), "nesting"
    flexible = [rule for rule in re.findall(r"\{([^}]*)\}", bare) if "flex" in rule and "gap" in rule]
    assert not flexible, "flex gaps came in 2020"


def test_sha256_of_the_page_is_that_of_hashlib(browser: Browser) -> None:
    source = re.search(r"^function sha256\(.*?^\}", page_script(), re.S | re.M)
    assert source is not None
    lengths = [*range(70), 111, 112, 119, 120, 127, 128, 1000, 65_537, 300_000]
    contents = [random.Random(n).randbytes(n) for n in lengths]
    page = browser.new_page()
    hashes = page.evaluate(
        "([source, all]) => { const f = new Function(source + '; return sha256');"
        "return all.map(text => f()(Uint8Array.from(atob(text), c => c.charCodeAt(0)))) }",
        [source.group(), [base64.b64encode(content).decode() for content in contents]],
    )
    page.close()
    assert hashes == [hashlib.sha256(content).hexdigest() for content in contents]


# ── the reading


def export_of(checklist: Checklist, **changes: Any) -> dict[str, Any]:
    data = {
        "kind": "chunfeng-form",
        "version": 1,
        "head": head_text(checklist),
        "fields": {},
        "photos": [],
        "saved": "2024-01-15 16:30",
    }
    return data | changes


def photo(content: bytes | None = None, **changes: Any) -> dict[str, Any]:
    content = picture(400, 300, "JPEG") if content is None else content
    digest = hashlib.sha256(content).hexdigest()
    found = {"name": f"YD-01-1-{digest[:8]}.jpg", "item": "YD-01", "sha256": digest, "type": "image/jpeg",
             "data": base64.b64encode(content).decode()}  # fmt: skip
    return found | changes


def test_an_export_is_told_from_other_json() -> None:
    checklist = pharmacy()
    form = json.dumps(export_of(checklist), ensure_ascii=False)
    assert format_of(form.encode()) == "offline-form"
    assert format_of(b"\xef\xbb\xbf\r\n " + form.encode()) == "offline-form"
    assert format_of(json.dumps(export_of(checklist), indent=2).encode()) == "offline-form"
    assert format_of(b'{"kind": "answers", "note": "chunfeng-form"}') == "json"
    assert format_of(json.dumps({"kind": "answers", "other": [form]}).encode()) == "json", "a text is no key"
    sorted_keys = json.dumps(export_of(checklist, fields={"YD-01.note": "长" * 99_999}), sort_keys=True)
    assert format_of(sorted_keys.encode()) == "offline-form", "another program may have sorted the keys"
    for name in ("json", "offline-form"):
        recognises = load_format(name).recognises
        assert recognises(form.encode()) == (name == "offline-form"), "one format claims it"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"version": 2}, "E202", "version"),
        ({"head": "{}"}, "E642", "检查表版本"),
        ({"fields": {"YD-99.answer": "是"}}, "E643", "检查表里没有这一栏"),
        ({"fields": {"YD-01.answer": 1}}, "E203", "YD-01.answer"),
        ({"fields": {"YD-01.note": False}}, "E643", "应为文字"),
        ({"fields": {"trace.1.batch.7": "x"}}, "E643", ""),
        ({"saved": "昨天"}, "E205", "昨天"),
        ({"more": 1}, "E204", "more"),
        ({"photos": [photo(sha256="0" * 64)]}, "E650", "SHA-256 不符"),
        ({"photos": [photo(data="AAAA")]}, "E650", "SHA-256 不符"),
        ({"photos": [photo(data="AA*A")]}, "E650", "内容残缺"),
        ({"photos": [photo(), photo()]}, "E650", "同名"),
        ({"photos": [photo(item="YD-02")]}, "E650", "名称与项目"),
        ({"photos": [photo(item="YD-99", name="YD-99-1-00000000.jpg")]}, "E650", "没有 “YD-99”"),
        ({"photos": [photo(name="../../etc/passwd")]}, "E205", "passwd"),
        ({"photos": [photo(name="YD-01-1-00000000.jpg")]}, "E650", "名称与项目"),
        ({"photos": [photo(b"<svg/>")]}, "E650", "不是 JPEG"),
        ({"photos": [photo(b"\xff\xd8\xff" + b"0" * 99)]}, "E650", "不是照片"),
        ({"photos": [photo(picture(400, 300, "JPEG")[:-900])]}, "E650", "不完整"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_is_wrong_in_an_export_is_refused(changes: dict[str, Any], code: str, said: str) -> None:
    content = json.dumps(export_of(pharmacy(), **changes)).encode()
    _, problems = read_sheet(content, "答案.json", SOURCE, opener(PLACE))
    assert code in {p.code for p in problems}, [p.render() for p in problems]
    assert said in "".join(p.render() for p in problems)
    assert all(p.render().startswith("答案.json") for p in problems)


@pytest.mark.parametrize(
    "content", [b'{"kind":"chunfeng-form"', b'{"kind":"chunfeng-form","kind":"x"}', b"[]", b"\xff{", b""]
)
def test_what_is_no_export_gives_a_problem(content: bytes) -> None:
    document, problems = read_sheet(content, "答案.json", SOURCE, opener(PLACE))
    assert document is None
    assert problems
    assert read_attachments(content) == []


def test_a_mistake_is_named_by_the_title_of_its_field() -> None:
    fields = {"YD-14.answer.2.reading": "四度", "YD-01.note": "\u000b一", "visit.inspectors.1.name": "\u000b一"}
    content = json.dumps(export_of(pharmacy(), fields=fields)).encode()
    document, problems = read_sheet(content, "答案.json", SOURCE, opener(PLACE))
    assert document is not None
    told = [p.render() for p in [*problems, *open_sheet(PLACE, document, as_made=True)[1]]]
    assert any(text.startswith("答案.json:YD-01 备注:") for text in told), told
    assert any(text.startswith("答案.json:检查人员 第 1 行“检查人员姓名”:") for text in told), told
    assert any("标示 2～8 ℃ 的冷藏设备现场读数（逐台） 第 2 行“读数（℃）”:" in text for text in told), told


@pytest.mark.parametrize(
    "saved_as", ["{}", "<!-- saved from url=(0016)file:///a.html -->{}", "MIME-Version: 1.0\r\n\r\n{}"]
)
def test_the_form_itself_in_the_place_of_its_export_is_told(saved_as: str, tmp_path: Path, invoke: Invoke) -> None:
    page = write_checklist(pharmacy()).decode()
    first, rest = page.split("\n", 1)
    path = tmp_path / "检查表.html"
    path.write_text(
        saved_as.format(page) if "MIME" in saved_as else f"{first}\n{saved_as.format(rest)}", encoding="utf-8"
    )
    run = invoke("answers", "read", path, "-o", tmp_path / "答卷.yaml")
    assert run.code == 1
    assert "E642" in run.err
    assert "导出答案" in run.err
    assert ".json" in run.err


def record_of(path: Path) -> dict[str, Any]:
    document, problems = load(path, limit=2**21)
    assert document is not None, problems
    data: Any = document.data
    return data


def with_photos(tmp_path: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    one = photo()
    other = photo(picture(300, 200, "JPEG", 7))
    other |= {"name": f"visit-1-{other['sha256'][:8]}.jpg", "item": "visit"}
    path = tmp_path / "导出.json"
    path.write_text(
        json.dumps(
            export_of(pharmacy(), fields={"YD-01.answer": "否", "YD-01.detail.fault.1": True}, photos=[one, other])
        ),
        encoding="utf-8",
    )
    return path, one, other


@pytest.mark.parametrize("way", ["at-once", "read-first", "elsewhere", "merged", "carried"])
def test_photographs_become_evidence_of_the_record(way: str, tmp_path: Path, invoke: Invoke) -> None:
    export, one, other = with_photos(tmp_path)
    record = tmp_path / ("另处" if way == "elsewhere" else ".") / "记录.yaml"
    record.parent.mkdir(exist_ok=True)
    answers = tmp_path / "答卷.yaml"
    if way == "merged":
        blank = tmp_path / "空.json"
        blank.write_text(json.dumps(export_of(pharmacy())), encoding="utf-8")
        assert invoke("answers", "merge", blank, export, "-o", answers).code == 0
    elif way == "carried":
        assert invoke("answers", "carry", export, "-o", answers).code == 0
    elif way != "at-once":
        assert invoke("answers", "read", export, "-o", answers).code == 0
    run = invoke("record", "new", export if way == "at-once" else answers, "-o", record)
    assert run.code == 0, run.err
    assert "照片 2 张列入证据" in run.out
    data = record_of(record)
    first, second = data["evidence"]
    assert [first["sha256"], second["sha256"]] == [one["sha256"], other["sha256"]]
    assert (first["what"], second["what"], second["findings"], second["proves"]) == ("照片", "照片", [], "检查现场")
    assert first["proves"].startswith("YD-01 ")
    assert first["findings"] == [f["number"] for f in data["findings"]] == [1]
    for line in (first, second):
        assert hashlib.sha256((record.parent / line["file"]).read_bytes()).hexdigest() == line["sha256"]
    assert invoke("record", "new", answers if answers.exists() else export, "-o", record, "--force").code == 0


def test_a_photograph_that_was_changed_or_leads_elsewhere_is_no_evidence(tmp_path: Path, invoke: Invoke) -> None:
    export, one, _ = with_photos(tmp_path)
    answers, record = tmp_path / "答卷.yaml", tmp_path / "记录.yaml"
    assert invoke("answers", "read", export, "-o", answers).code == 0
    (tmp_path / "答卷.photos" / one["name"]).write_bytes(picture(300, 200, "JPEG", 9))
    secret = tmp_path.parent / f"{tmp_path.name}-秘密.jpg"
    secret.write_bytes(content := picture(200, 200, "JPEG", 5))
    text = answers.read_text(encoding="utf-8")
    name = re.findall(r"答卷\.photos/visit-\S+jpg", text)[0]
    text = text.replace(name, f"../{secret.name}").replace(name[-12:-4], hashlib.sha256(content).hexdigest()[:8])
    answers.write_text(text, encoding="utf-8")
    run = invoke("record", "new", answers, "-o", record)
    assert run.code == 0
    assert run.err.count("没有列入") == 2, run.err
    assert record_of(record)["evidence"] == []
    assert not list(tmp_path.glob("记录.photos"))


@every_kind
def test_every_field_of_the_page_has_a_title(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    title = titles(checklist)
    data = page_data(checklist)
    names = [q["name"] for key in ("site", "scope", "visit", "witness", "end") for q in data[key]]
    names += [f"{t['name']}.1.{c['id']}" for t in (*data["tables"], *data["people"]) for c in t["columns"]]
    for item in (item for section in data["sections"] for item in section["items"]):
        names += [f"{item['code']}.note", *(d["name"] for d in item["details"])]
        names += [f"{d['name']}.1" for d in item["details"] if d["kind"] == "choices"]
        names += [item["question"]["name"]] if item["question"] else []
    assert [name for name in names if title(name) == name] == []
