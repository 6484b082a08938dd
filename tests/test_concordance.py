"""The tool that says which article of a newer version has the words of an older one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import concordance

OLD, NEW = "drug-administration-law@2015", "drug-administration-law@2019"
TEXTS = {
    (OLD, 34): "药品生产企业、药品经营企业、医疗机构必须从具有药品生产、经营资格的企业购进药品",
    (OLD, 35): "国家对麻醉药品、精神药品、医疗用毒性药品、放射性药品实行特殊管理",
    (NEW, 55): "药品上市许可持有人、药品生产企业、药品经营企业和医疗机构应当从具有药品生产、经营资格的企业购进药品",
    (NEW, 112): "国务院对麻醉药品、精神药品、医疗用毒性药品、放射性药品实行特殊管理另有规定的，依照其规定",
}


def _law(folder: Path, *rows: str) -> Path:
    lines = [
        json.dumps({"instrument": cite, "article": number, "text": text}, ensure_ascii=False)
        for (cite, number), text in TEXTS.items()
    ]
    (folder / "articles.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = "".join(f"- {{id: {cite}, completeness: full text}}\n" for cite in (OLD, NEW))
    (folder / "instruments.yaml").write_text(listed, encoding="utf-8")
    head = "old_instrument,old_article,new_instrument,best_match_article,similarity,second_match_article,second_similarity,old_text_start"
    (folder / "concordance.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_row_is_held_against_the_texts(tmp_path: Path) -> None:
    right, wrong, near = (
        f"{OLD},{a}"
        for a in (f"34,{NEW},55,0.8,112,0.1,x", f"35,{NEW},55,0.6,112,0.1,x", f"35,{NEW},112,0.6,55,0.58,x")
    )
    found, complaints = concordance.rows(_law(tmp_path, right, wrong, near))
    assert complaints == []
    assert [(r["article"], r["successor"], r["agreed"], r["source"]) for r in found] == [
        (34, 55, True, "listed"),
        (35, 55, False, "listed"),
        (35, 112, False, "listed"),
    ]


def test_a_row_of_an_article_that_is_not_there_is_a_complaint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = _law(tmp_path, f"{OLD},34,{NEW},56,0.8,112,0.1,x")
    assert concordance.main([str(law)]) == 1
    assert f"{NEW} 第 56 条" in capsys.readouterr().out


def test_versions_without_a_row_are_compared_here(tmp_path: Path) -> None:
    found, _ = concordance.rows(_law(tmp_path))
    assert [(r["article"], r["successor"], r["agreed"], r["source"]) for r in found] == [
        (34, 55, True, "computed"),
        (35, 112, True, "computed"),
    ]
