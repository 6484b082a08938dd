"""The check of the guideline clauses that a domain list names, on a small made-up guideline and list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import check_gsp_items

CLAUSES = [
    ("药品零售/总则", "**00401", "严重缺陷"), ("药品批发/总则", "**00401", "严重缺陷"),
    ("药品零售/采购", "*15201", "主要缺陷"), ("药品零售/采购", "15202", "一般缺陷"), ("药品零售/采购", "*15203", "主要缺陷"),
    ("药品零售/陈列", "16112", "一般缺陷"), ("药品零售/陈列", "16113", "一般缺陷"), ("药品批发/采购", "*06201", "主要缺陷"),
]  # fmt: skip


def _folder(tmp_path: Path, clauses: list[tuple[str, str, str]]) -> Path:
    records = [
        {"guideline": check_gsp_items.GUIDELINE, "chapter": c, "clause": n, "defect_level": d, "text": "…"}
        for c, n, d in clauses
    ]
    records.append({"guideline": "another@2024", "chapter": "药品零售/x", "clause": "99999", "defect_level": "?"})
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (tmp_path / "inspection_items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def _run(tmp_path: Path, basis: str, *, code: str = "YD", why: str = "", grade: str = "主要") -> list[str]:
    clauses, own = check_gsp_items.read_guideline(_folder(tmp_path, CLAUSES) / "inspection_items.jsonl")
    assert own == []
    item = {"id": f"{code}-01", "basis": basis, "why": why, "grade": grade}
    return check_gsp_items.check([{"code": code, "items": [item]}], clauses)[1]


@pytest.mark.parametrize(
    ("basis", "complaints"),
    [
        ("[S1 **00401,*15201][S2 1.1]", []),
        ("[S1 16112–16113]", []),
        ("[S1 16112..16113]", []),
        ("[S11 *16112][S2 *7.4][S5]", []),  # other sources
        ("[S1]", []),
        ("[S1 *16112]", ["YD-01 basis *16112：零售部分为 16112（一般缺陷）"]),
        ("[S1 *00401]", ["YD-01 basis *00401：零售部分为 **00401（严重缺陷）"]),
        ("[S1 15203]", ["YD-01 basis 15203：零售部分为 *15203（主要缺陷）"]),
        ("[S1 *17777]", ["YD-01 basis *17777：零售部分没有 17777"]),
        ("[S1 *06201]", ["YD-01 basis *06201：零售部分没有 06201（批发部分有）"]),
        ("[S1 *15201..*15203]", ["YD-01 basis *15201～*15203：范围内的 15202 为一般缺陷"]),
        ("[S1 *15201..*15203,15202]", []),  # the exception is named on its own
        ("[S1 *15201–15203]", ["YD-01 basis *15201～15203：零售部分为 *15203（主要缺陷）",
                               "YD-01 basis *15201～15203：范围内的 15202 为一般缺陷"]),
        ("[S1 16113–16112]", ["YD-01 basis 16113～16112：范围的终点在起点之前"]),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_told(basis: str, complaints: list[str], tmp_path: Path) -> None:
    assert _run(tmp_path, basis) == complaints


def test_reason_and_grade_are_read_too(tmp_path: Path) -> None:
    assert _run(tmp_path, "", why="悬挂是GSP 16112一般项；无证属**00401依法经营", grade="主要(*15201)/一般") == []
    assert _run(tmp_path, "", why="*16112质量疑问；处5000元以上", grade="主要(15201)") == [
        "YD-01 grade 15201：零售部分为 *15201（主要缺陷）",
        "YD-01 why *16112：零售部分为 16112（一般缺陷）",
    ]


def test_other_sites_than_pharmacies_are_held_to_the_wholesale_part(tmp_path: Path) -> None:
    assert _run(tmp_path, "[S1 **00401,*06201]", code="PF") == []
    assert _run(tmp_path, "[S1 *15201]", code="JK") == ["JK-01 basis *15201：批发部分没有 15201（零售部分有）"]


def test_a_guideline_against_itself_is_told(tmp_path: Path) -> None:
    clauses = [("药品零售/人员", "12401", "主要缺陷"), ("药品批发/机构", "*01501", "主要缺陷")]
    _, own = check_gsp_items.read_guideline(_folder(tmp_path, clauses) / "inspection_items.jsonl")
    assert own == ["指导原则 零售 12401：标记与等级 主要缺陷 不一致"]


def test_the_exit_code_says_whether_all_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site_types = tmp_path / "site-types.json"
    arguments = [str(_folder(tmp_path, CLAUSES)), str(site_types)]
    for basis, code in (("[S1 *15201]", 0), ("[S1 15201]", 1)):
        item = {"id": "YD-01", "basis": basis, "why": "", "grade": "主要"}
        site_types.write_text(json.dumps([{"code": "YD", "items": [item]}]), encoding="utf-8")
        assert check_gsp_items.main(arguments) == code
        assert f"清单引用 1 处，不一致 {code} 处" in capsys.readouterr().out
    assert check_gsp_items.main([]) == 2
