"""The check of the guideline clauses that rules name, on a small made-up guideline and on changed rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.rules import Rule
from tools import check_gsp_items

CLAUSES = [
    ("药品零售/总则", "**00401"), ("药品批发/总则", "**00401"), ("药品零售/采购", "*15201"), ("药品零售/采购", "15202"),
    ("药品批发/采购", "*06201"),
]  # fmt: skip


@pytest.fixture
def guideline(tmp_path: Path) -> Path:
    records = [
        {"guideline": check_gsp_items.GUIDELINE, "chapter": c, "clause": n, "defect_level": "…", "text": "…"}
        for c, n in CLAUSES
    ]
    records.append({"guideline": "another@2024", "chapter": "药品零售/x", "clause": "99999", "defect_level": "?"})
    path = tmp_path / "inspection_items.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    return path


def _rule(library: Library, site_type: str, *gsp: str) -> Rule:
    rule = next(rule for _, _, rule in rules_of(library) if site_type in rule.applies_to)
    application = rule.applies_to[site_type].model_copy(update={"code": "XX-01", "gsp": gsp})
    return rule.model_copy(update={"applies_to": {site_type: application}})


@pytest.mark.parametrize(
    ("site_type", "gsp", "complaints"),
    [
        ("retail-pharmacy", ("**00401", "*15201", "15202"), []),
        ("retail-pharmacy", (), []),
        ("drug-wholesaler", ("**00401", "*06201"), []),
        ("retail-pharmacy", ("*15202",), ["XX-01 *15202：零售部分为 15202（一般缺陷）"]),
        ("retail-pharmacy", ("*00401",), ["XX-01 *00401：零售部分为 **00401（严重缺陷）"]),
        ("retail-pharmacy", ("15201",), ["XX-01 15201：零售部分为 *15201（主要缺陷）"]),
        ("retail-pharmacy", ("*17777",), ["XX-01 *17777：零售部分没有 17777"]),
        ("retail-pharmacy", ("99999",), ["XX-01 99999：零售部分没有 99999"]),
        ("retail-pharmacy", ("*06201",), ["XX-01 *06201：零售部分没有 06201（批发部分有）"]),
        ("vaccine-logistics", ("*15201",), ["XX-01 *15201：批发部分没有 15201（零售部分有）"]),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_told(
    library: Library, guideline: Path, site_type: str, gsp: tuple[str, ...], complaints: list[str]
) -> None:
    found = check_gsp_items.check([_rule(library, site_type, *gsp)], check_gsp_items.read_guideline(guideline))
    assert found == (len(gsp), complaints)


def test_the_exit_code_says_whether_all_agrees(
    library: Library, guideline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {
        ("零售" if site_type in check_gsp_items.RETAIL else "批发", clause)
        for _, _, rule in rules_of(library)
        for site_type, application in rule.applies_to.items()
        for clause in application.gsp
    }
    assert check_gsp_items.main([str(guideline.parent)]) == 1
    assert "没有" in capsys.readouterr().out
    records = [
        {"guideline": check_gsp_items.GUIDELINE, "chapter": f"药品{part}/…", "clause": clause} for part, clause in named
    ]
    guideline.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    assert check_gsp_items.main([str(guideline.parent)]) == 0
    assert f"指导原则 {len(named)} 条" in capsys.readouterr().out
    assert check_gsp_items.main([]) == 2
