"""What is stamped on shared pages is what a site's own layout would print, in the same place."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from test_routes import Inline

from engine.documents import route as route_module
from engine.documents.anchors import code_of
from engine.documents.papers import blank_paper, checklist_pdf
from engine.documents.qr import qr_modules, qr_size, site_digits
from engine.documents.route import print_route
from engine.inspections.planning import plan_checklist
from engine.inspections.routes import RouteSite
from engine.model.checklist import Checklist
from engine.model.sheet import Site
from engine.problems import Mark, Problem

IDENTITY = {
    "credit_code": "91340102MA2N00001X",
    "address": "合肥市瑶海区长江东路与郎溪路交口东北角某某商业广场12号楼105",
}
LONG = "合肥市瑶海区" + "大药房连锁有限公司" * 10
UNITS = 25.4 / 72


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_module, "Workers", Inline)


def _checklist(site: Site, site_type: str = "retail-pharmacy") -> Checklist:
    checklist, problems = plan_checklist(site_type, "2024")
    assert checklist is not None, [p.render() for p in problems]
    return checklist.model_copy(update={"site": site})


def _stamped(tmp_path: Path, *checklists: Checklist) -> PdfReader:
    """Return the checklists as a route prints them, in this order."""
    sites = [RouteSite(Mark("x", cell=f"第{n}行"), c.site_type, c.site) for n, c in enumerate(checklists, 2)]

    def plan(visited: RouteSite) -> tuple[Checklist | None, list[Problem]]:
        return checklists[sites.index(visited)], []

    printed = print_route(sites, plan, tmp_path / "route.pdf")
    assert not printed.failed, [p.render() for p in printed.failed]
    return PdfReader(tmp_path / "route.pdf")


def _written(page: Any) -> list[tuple[float, float]]:
    """Return where each piece of text of a page begins, in points from the bottom left."""
    found: list[tuple[float, float]] = []

    def visit(operator: bytes, operands: Any, cm: list[float], tm: list[float]) -> None:
        if operator in (b"Tj", b"TJ"):
            x, y = tm[4], tm[5]
            found.append((cm[0] * x + cm[2] * y + cm[4], cm[1] * x + cm[3] * y + cm[5]))

    page.extract_text(visitor_operand_before=visit)
    return sorted((round(x), round(y)) for x, y in found)


def _signs(page: Any) -> list[str]:
    return sorted(re.sub(r"\s", "", page.extract_text()))


@pytest.mark.parametrize(
    ("site", "site_type"),
    [
        pytest.param(Site(name="甲药房"), "retail-pharmacy", marks=pytest.mark.long),
        (Site(name="合肥市瑶海区某某大药房连锁有限公司长江东路分店", identity=IDENTITY), "retail-pharmacy"),
        pytest.param(Site(name="乙<b>诊所 & ☐＿＿", identity=IDENTITY), "clinic", marks=pytest.mark.long),
        pytest.param(Site(name=LONG, identity=IDENTITY), "retail-pharmacy", marks=pytest.mark.long),
        pytest.param(
            Site(name="丁", attributes={"unlicensed": True}, identity={"licence": "皖DA1"}), "retail-pharmacy",
            marks=pytest.mark.long,
        ),
        pytest.param(Site(), "clinic", marks=pytest.mark.long),
    ],
    ids=["one line", "two lines", "signs", "too high", "unlicensed", "no name"],
)  # fmt: skip
def test_a_stamped_checklist_reads_as_its_own_layout(site: Site, site_type: str, tmp_path: Path) -> None:
    checklist = _checklist(site, site_type)
    other = _checklist(Site(name="别家", attributes=site.attributes), site_type)
    stamped = _stamped(tmp_path, other, checklist)
    direct = PdfReader(io.BytesIO(checklist_pdf(checklist)))
    pages = list(stamped.pages)[-len(direct.pages) :]
    assert [_signs(page) for page in pages] == [_signs(page) for page in direct.pages]
    assert "别家" not in "".join(page.extract_text() for page in pages)
    for number, (page, own) in enumerate(zip(pages, direct.pages, strict=True), 1):
        assert set(_written(page)) == set(_written(own)), f"text stands elsewhere on page {number}"


def test_every_page_has_its_own_code_where_the_layout_says(tmp_path: Path) -> None:
    sites = [_checklist(Site(name=name, identity=IDENTITY)) for name in ("甲", "乙")]
    stamped = _stamped(tmp_path, *sites)
    pages = iter(stamped.pages)
    for checklist in sites:
        layout = json.loads(blank_paper(checklist).layout())
        assert layout["site"] == site_digits(checklist.site)
        for entry in layout["pages"]:
            page = next(pages)
            code, text = entry["code"], code_of(checklist, entry["page"])
            assert text.endswith(site_digits(checklist.site).upper())
            corners = set(_dark(page))
            module = code["width"] / qr_size(text)
            height = float(page.mediabox.height) * UNITS
            for x, y in corners:
                assert code["x"] - 0.01 <= x <= code["x"] + code["width"]
                assert code["y"] - 0.01 <= height - y <= code["y"] + code["height"]
            seen = {(round((x - code["x"]) / module), round((height - y - code["y"]) / module)) for x, y in corners}
            matrix = segno.make(text, error="m", micro=False, mask=2).matrix_iter(border=2)
            assert seen == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}


def _dark(page: Any) -> Iterator[tuple[float, float]]:
    """Yield the top left corner of each dark module that the page draws last, in millimetres from the bottom left."""
    drawing = page["/Contents"][-1].get_object().get_data().decode()
    outer = [float(v) for v in re.search(r"q ([\d.\- ]+) cm", drawing).group(1).split()]  # type: ignore[union-attr]
    inner = [float(v) for v in re.findall(r"q ([\d.\- ]+) cm", drawing)[1].split()]
    for x, y, width, _ in (map(int, run.split()) for run in re.findall(r"^(\d+ \d+ \d+ 1) re$", drawing, re.M)):
        for column in range(x, x + width):
            a, b = inner[0] * column + inner[4], inner[3] * y + inner[5]
            yield (outer[0] * a + outer[4]) * UNITS, (outer[3] * b + outer[5]) * UNITS


@given(st.text("ABCDEF0123456789:", min_size=1, max_size=90))
def test_the_runs_of_a_code_are_its_dark_modules(text: str) -> None:
    drawn = {(x + n, y) for x, y, width in qr_modules(text) for n in range(width)}
    matrix = segno.make(text, error="m", micro=False, mask=2).matrix_iter(border=2)
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}


def test_the_digits_of_a_site_tell_two_sites_apart() -> None:
    sites = [Site(name="甲"), Site(name="乙"), Site(name="甲", identity={"credit_code": "1"})]
    assert len({site_digits(site) for site in sites}) == 3
    assert site_digits(Site(name="甲", attributes={"rx": True})) == site_digits(Site(name="甲"))
    assert site_digits(Site(identity={"address": "x"})) == ""
