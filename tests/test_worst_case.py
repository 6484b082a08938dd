"""Papers of records that are hard to lay out, measured: what a person sees at once on paper, for every page of each.

The cases are in support_worst, the places in support_layout; both know nothing of what is asserted here.
"""

from __future__ import annotations

import re

import pytest
from support_documents import STRIPS, flat
from support_layout import Layout, Text, blank_layout, in_margin, layout
from support_worst import CASES
from test_structure import lost_texts, shown_texts

from engine.documents.case_view import COPIES
from engine.documents.papers import blank_paper
from engine.inspections.planning import plan_checklist

PAPERS = (
    "inspection-record", "scene-record", "correction-notice", "service-receipt", "evidence-list", "goods-list",
    "clue-transfer", "crime-transfer", "review-record", "checklist",
)  # fmt: skip
ALL = [
    (case, name) for case in CASES for name in PAPERS if case != "clean" or name in ("inspection-record", "checklist")
]
UNPRINTABLE = 3.0
"""Millimetres at each edge that a laser printer leaves white (RECORDS §4)."""
WRITTEN_IN = {"form", "list", "identity", "items", "others", "signing", "grid", "goods", "problems", "photos"}
"""Tables that people write into, or whose rows they sign."""
SIGNED = {"signing", "seal", "closing", "end"}
ROUNDING = 0.06


def _faults(paper: Layout, name: str) -> list[str]:
    return [
        *_outside(paper), *_overlapping(paper), *_without_strip(paper, name), *_low_rows(paper), *_small_boxes(paper),
        *_stray_ends(paper, name), *_lonely_headings(paper), *_bare_signatures(paper), *_narrow_margins(paper),
    ]  # fmt: skip


OFTEN = {"plain", "clean"}
"""Cases of few pages; the others are for the long run, but for the record itself."""


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, marks=[] if case in OFTEN or name == "inspection-record" else [pytest.mark.long])
        for case, name in ALL
    ],
)
def test_nothing_is_wrong_on_any_page(case: str, name: str) -> None:
    """One test for a paper, since laying it out takes longer than all that is asked of it."""
    paper = layout(case, name)
    assert _faults(paper, name) == []
    assert lost_texts([text for html in paper.html for text in shown_texts(html)], paper.pages()) == []


def test_a_blank_checklist_holds_long_names_without_growing() -> None:
    assert _faults(blank_layout(), "checklist") == []


@pytest.mark.long
@pytest.mark.parametrize("site_type", ["retail-pharmacy", "clinic"])
def test_two_lines_in_the_cells_of_the_site_move_nothing(site_type: str) -> None:
    """A route prints one list for many sites: the places of boxes and blanks are the same on all of them."""
    checklist, problems = plan_checklist(site_type, "2024", None, None)
    assert checklist is not None, [p.render() for p in problems]
    names = [i.id for i in checklist.type.identity_of(checklist.site)]
    places = []
    for text in ("", "安康大药房", "安徽省合肥市瑶海区龙岗综合经济开发区长江东路第一百二十八号"):
        site = checklist.site.model_copy(update={"name": text, "identity": dict.fromkeys(names, text)})
        found = blank_paper(checklist.model_copy(update={"site": site})).laid_out.places
        places.append([one for one in found if not one[0].startswith("site.") or "=" in one[0]])
    assert len(places[0]) > 100
    assert places[0] == places[1] == places[2]


# ── what is looked for


def _outside(paper: Layout) -> list[str]:
    """Text beyond the margins, or where no printer prints."""
    found = []
    for text in paper.texts:
        sheet = paper.sheets[text.page - 1]
        if "@left-middle" in text.inside:  # 草稿 lies across the page
            continue
        room = (UNPRINTABLE, UNPRINTABLE, sheet.width - UNPRINTABLE, sheet.height - UNPRINTABLE)
        if not in_margin(text):
            room = (sheet.left, sheet.top, sheet.width - sheet.right, sheet.height - sheet.bottom)
        inside = room[0] <= text.left + ROUNDING and room[1] <= text.top + ROUNDING
        hanging = text.size * (len(text.text) - len(text.text.rstrip("\u3000")))  # a wide space at the end of a line
        if not (inside and text.right - hanging <= room[2] + ROUNDING and text.bottom <= room[3] + ROUNDING):
            found.append(f"outside: {_shown(text)}")
    return found


def _overlapping(paper: Layout) -> list[str]:
    """Text printed over other text; in the head and foot too."""
    found = []
    for page in range(1, len(paper.sheets) + 1):
        texts = sorted(
            (t for t in paper.texts if t.page == page and "@left-middle" not in t.inside), key=lambda t: t.top
        )
        for at, text in enumerate(texts):
            for other in texts[at + 1 :]:
                if other.top >= text.bottom - 0.3:
                    break
                if min(text.right, other.right) - max(text.left, other.left) > 0.3:
                    found.append(f"overlap: {_shown(text)} and {_shown(other)}")
    return found


def _without_strip(paper: Layout, name: str) -> list[str]:
    """Pages without their strip to sign and their number, each copy numbered by itself."""
    found, numbers = [], []
    for page in range(1, len(paper.sheets) + 1):
        foot = flat("".join(t.text for t in paper.texts if t.page == page and t.inside[0].startswith("@bottom")))
        if not all(words in foot for words in STRIPS[name]):
            found.append(f"no strip on page {page}: {foot}")
        numbers += re.findall(r"第(\d+)页共(\d+)页", foot)
    copies = len(COPIES.get(name, ("",)))  # type: ignore[call-overload]
    each = len(paper.sheets) // copies
    if numbers != [(str(n), str(each)) for n in range(1, each + 1)] * copies:
        found.append(f"numbers: {numbers}")
    return found


def _low_rows(paper: Layout) -> list[str]:
    return [
        f"row of {row.height:.1f} mm on page {row.page}: {row.table} {row.own}"
        for row in paper.rows
        if row.table in WRITTEN_IN and not row.heading and row.height < 8
    ]


def _small_boxes(paper: Layout) -> list[str]:
    """Boxes under 4 mm: the box takes 980 of 1024 of its em."""
    boxes = [t for t in paper.texts if t.text[0] in "☐☑" and "tick" in t.inside]
    return [f"small box: {_shown(t)}" for t in boxes if t.size * 980 / 1024 < 4]


def _stray_ends(paper: Layout, name: str) -> list[str]:
    """以下空白 without anything before it on its page, or not once for a copy."""
    ends = [t for t in paper.texts if flat(t.text).startswith("以下空白")]
    found = [f"stray end: {_shown(t)}" for t in ends if _content(paper, t.page)[:1] == [t]]
    if name != "checklist" and len(ends) != len(COPIES.get(name, ("",))):  # type: ignore[call-overload]
        found.append(f"以下空白 stands {len(ends)} times")
    return found


def _lonely_headings(paper: Layout) -> list[str]:
    found = []
    for page in range(1, len(paper.sheets) + 1):
        body = paper.body(page)
        if body and _is_heading(body[-1]):
            found.append(f"heading at the foot: {_shown(body[-1])}")
    return found


def _is_heading(text: Text) -> bool:
    return bool({"h2", "thead", "chapter"} & set(text.inside))


def _bare_signatures(paper: Layout) -> list[str]:
    """Pages that hold nothing but what is signed."""
    return [f"only signatures on page {n}" for n in range(1, len(paper.sheets) + 1) if not _content(paper, n)]


def _content(paper: Layout, page: int) -> list[Text]:
    """Return what a page says, without what repeats and what is signed; 以下空白 is the first only if it stands alone."""
    kept = [t for t in paper.body(page) if not _is_heading(t) and not (SIGNED - {"end"}) & set(t.inside)]
    return kept if any("end" not in t.inside for t in kept) else kept[:0]


def _narrow_margins(paper: Layout) -> list[str]:
    """The edge that is punched is the left one, of a page that lies across the upper one."""
    return [
        f"margin to punch on page {number}"
        for number, sheet in enumerate(paper.sheets, 1)
        if (sheet.left if sheet.width < sheet.height else sheet.top) < 25
    ]


def _shown(text: Text) -> str:
    return f"{text.text[:20]} (page {text.page}, {text.left:.1f}–{text.right:.1f}, {text.top:.1f}–{text.bottom:.1f})"
