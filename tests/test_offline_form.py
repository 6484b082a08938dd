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
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support_answers import KINDS, PLACE, checklist_of, fields_of, findings, opened, sheets
from support_documents import Invoke

from engine.answering.form_page import page_data, titles
from engine.answering.head import opener
from engine.answering.writing import sheet_data
from engine.formats import format_of, load_format, open_file
from engine.formats.json import JsonDocument
from engine.formats.offline_form import page_script, read_attachments, read_sheet, write_checklist
from engine.model.checklist import Checklist
from engine.model.sheet import EarlierFinding, Site, Source
from engine.tailor import tailor

ARGUMENTS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
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
            offline=True, viewport=viewport, locale="zh-CN", accept_downloads=True  # type: ignore[arg-type]
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
        """Fill in the fields as somebody does: what others wait for first; what is not seen cannot be filled in."""
        ordered = sorted(fields.items(), key=lambda pair: not pair[0].endswith((".answer", ".not_applicable")))
        self.page.evaluate(TYPIST, ordered)

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
    return fields_of(checklist, sheet, boxes=True)


# ── the same answers and findings


@pytest.mark.parametrize("kind", KINDS, ids=KIND_IDS)
def test_what_is_filled_in_comes_back_as_the_same_sheet(kind: tuple[str, str, date], browser: Browser, tmp_path: Path) -> None:
    checklist = checklist_of(*kind)
    path = tmp_path / "检查表.html"
    path.write_bytes(write_checklist(checklist))

    @settings(max_examples=2, phases=[Phase.generate])  # the empty sheet, and one at random
    @given(data=st.data())
    def once(data: Any) -> None:
        sheet = data.draw(sheets(checklist))
        desk = Desk(browser, path, PHONE if len(sheet["answers"]) % 2 else PC)
        try:
            fields = as_typed(checklist, sheet)
            desk.fill(fields)
            assert desk.page.locator("main .messages .error").all_inner_texts() == []
            desk.page.reload()
            desk.page.wait_for_selector("#bar:not([hidden])")
            assert desk.page.is_visible("#notice") == (set(fields) != {"visit.date"})
            exported = tmp_path / "答案.json"
            exported.write_bytes(desk.export())
            assert desk.wrong == []
        finally:
            desk.context.close()
        by_form, problems = open_file(PLACE, exported, as_made=True)
        assert by_form is not None, [p.render() for p in problems]
        direct = opened(JsonDocument("答卷.json", sheet))
        first, second = sheet_data(direct), sheet_data(by_form)
        provenance = second.pop("provenance")
        assert first == second
        assert findings(direct) == findings(by_form)
        assert provenance["sources"][0]["way"] == "offline-form"  # type: ignore[index,call-overload]

    once()
