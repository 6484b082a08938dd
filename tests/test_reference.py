"""The reference pages: whole, linked, the same each time, and searched in a real browser from a folder."""

from __future__ import annotations

import re
import shutil
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from playwright.sync_api import sync_playwright
from support import ROOT

from engine.catalogue import CATALOGUE
from engine.explanations.explain import explanation, lines
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.resolve import resolve, rules_of
from engine.problems import ProblemError
from engine.reference.site import site, write_site
from engine.rulebook.pages import rule_page, rule_pages

BROWSER = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"


HOSTILE = "<script>alert(1)</script><b>&amp;"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The packaged rules, and one of a bureau whose wording looks like markup."""
    layer = tmp_path_factory.mktemp("reference") / "layer"
    shutil.copytree(ROOT / "tests" / "problems" / "E303-types", layer, ignore=shutil.ignore_patterns("expected.txt"))
    path = layer / "priorities" / "extra.yaml"
    text = path.read_text(encoding="utf-8").replace("answer > 8 or answer = 否", "answer > 8")
    path.write_text(text.replace("冷藏药品在 2～8 ℃ 内", HOSTILE), encoding="utf-8")
    return load_library(Place(ROOT, layer))


@pytest.fixture(scope="module")
def files(library: Library) -> dict[str, bytes]:
    return site(library)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_rule_and_every_message_has_its_page(files: dict[str, bytes], library: Library) -> None:
    pages = {path for path in files if "/" in path}
    rules = {f"rules/{rule.id}.html" for _, _, rule in rules_of(library)}
    assert pages == rules | {f"messages/{code}.html" for code in CATALOGUE}


def test_a_page_says_what_the_rule_says(files: dict[str, bytes], library: Library) -> None:
    """Counted from the release, not from the pages: wording, law and clauses of every item."""
    text = {path: unescape(content.decode()) for path, content in files.items() if path.startswith("rules/")}
    for name in library.campaigns:
        for kind in resolve(library, name).site_types.values():
            for item in kind.items:
                page = text[f"rules/{item.rule}.html"]
                assert page.count("来源：") == 1
                for wanted in (item.code, kind.title, item.check, item.method, *item.clauses, *item.gsp):
                    assert wanted in page, (item.code, wanted)
                for finding in item.findings:
                    assert finding.id in page
                    assert finding.sentence in page
                    assert all(c.title in page for c in (*finding.basis.duty, *finding.basis.liability))


def test_pages_and_the_terminal_have_one_source(files: dict[str, bytes], library: Library) -> None:
    page = next(p for p in rule_pages(library) if p.id == "cold-chain.refrigerator-temperature")
    shown = rule_page(library, page.id)
    html = unescape(files[f"rules/{page.id}.html"].decode())
    assert shown is not None
    for item in page.items:
        for said in [f.finds for f in item.findings] + [f.passes for f in item.findings] + [y.says for y in item.years]:
            assert said in shown
            assert said in html
    assert [y.campaign for y in page.items[0].years] == ["2019", "2024", "2027-draft"]
    message = explanation("E204")
    assert message is not None
    words = "".join(_Page(files["messages/E204.html"].decode()).words)
    assert all(line in words for line in lines(message))


def test_links_lead_somewhere_and_nothing_leaves_the_folder(files: dict[str, bytes]) -> None:
    parsed = {path: _Page(content.decode()) for path, content in files.items() if path.endswith(".html")}
    linked = set()
    for path, page in parsed.items():
        for link in page.links:
            assert not re.match(r"[a-z]+:|//", link), f"{path}: {link}"
            target, _, anchor = link.partition("#")
            parts: list[str] = [] if target else [path]
            for part in (PurePosixPath(path).parent / target).parts if target else ():
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in files, f"{path}: {link}"
            linked.add("/".join(parts))
            if anchor:
                assert anchor in parsed["/".join(parts)].ids, f"{path}: {link}"
    assert linked == set(files), "no page leads to these"


@pytest.mark.long
def test_the_same_rules_give_the_same_bytes(files: dict[str, bytes], library: Library) -> None:
    assert site(load_library(library.place)) == files


def test_text_of_rules_is_never_markup(files: dict[str, bytes]) -> None:
    page = files["rules/extra.temperature.html"].decode()
    assert "<script>alert" not in page + files["index.html"].decode()
    assert HOSTILE in "".join(_Page(page).words)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    files = {"index.html": b"1", "pages.js": b"2", "rules/a.html": b"3", "rules/b.html": b"4"}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.docx").write_bytes(b"x")
    with pytest.raises(ProblemError, match="E901"):
        write_site(files, tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.docx"]
    write_site(files, tmp_path / "new")
    del files["rules/b.html"]
    (tmp_path / "new" / "notes.txt").write_bytes(b"kept")
    write_site(files, tmp_path / "new")
    left = sorted(p.relative_to(tmp_path / "new").as_posix() for p in (tmp_path / "new").rglob("*") if p.is_file())
    assert left == ["index.html", "notes.txt", "pages.js", "rules/a.html"], "a rule that is gone has no page"


APART = """[...document.querySelectorAll("dt")].every(heading => {
    const words = document.createRange();
    words.selectNodeContents(heading);
    return words.getBoundingClientRect().right + 4 < heading.nextElementSibling.getBoundingClientRect().left;
})"""


def test_the_search_finds_chinese_from_a_folder_without_a_network(files: dict[str, bytes], tmp_path: Path) -> None:
    write_site(files, tmp_path)
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "install Debian's chromium"
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER.split())
        context = browser.new_context(offline=True)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
        page.goto((tmp_path / "index.html").as_uri())
        found = page.locator("#found li")

        def search(words: str) -> list[str]:
            page.fill("#q", words)
            return found.all_inner_texts()

        assert any("YD-14" in text for text in search("冷藏设备"))
        assert all("疫苗" in text or "冷" in text for text in search("疫苗 冷库"))
        assert search("yd-14")[0].startswith("YD-14、ZS-10"), "a printed code comes first, capitals or not"
        assert search("E204")[0].startswith("E204")
        assert search("火星") == []
        assert page.inner_text("#found p") == "没有找到"
        assert search("冰箱温度超标没有记录"), "words that stand nowhere in one piece: the nearest"
        assert "相近" in page.inner_text("#found p")
        assert len(search("<b>")) == 1
        assert page.locator("#found b, #found script").count() == 0, "what was found is shown as text"
        assert search("") == []
        assert page.is_visible("nav"), "the list comes back"
        search("YD-14")
        page.click("#found a >> nth=0")
        page.wait_for_selector("h1")
        assert "cold-chain.refrigerator-temperature" in page.inner_text("main")
        assert page.evaluate(APART), "no heading runs into what stands beside it"
        page.fill("#q", "胰岛素")
        page.click("header button")
        page.wait_for_selector("#found p")
        assert "index.html?q=" in page.url
        assert page.locator("#q").input_value() == "胰岛素"
        browser.close()
    assert wrong == []
