"""Every message is explained, and what the examples call wrong and right is so."""

from __future__ import annotations

import copy
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from support import ROOT
from support_documents import Invoke

from engine.catalogue import CATALOGUE
from engine.explanations.explain import Explanation, explanation, lines
from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import load_library
from engine.source import dump, load, parse
from tools.write_docs import contexts

BASE = ROOT / "tests" / "problems" / "E420-no-answer-passes"


def _explained(code: str) -> Explanation:
    found = explanation(code)
    assert found is not None
    return found


ALL = [_explained(code) for code in CATALOGUE]


def test_every_message_says_what_it_means_and_what_to_do() -> None:
    silent = [e.code for e in ALL if not e.means]
    assert not silent, "write what they mean in engine/explanations/<first digit>.yaml"
    for e in ALL:
        assert e.todo, e.code
        assert not re.search("{[a-z_]", e.message + e.todo), e.code
    assert all(e.wrong and e.right for e in ALL if e.code[:2] in ("E2", "E3") and e.code != "E305")


@pytest.mark.parametrize(
    "e", [e for e in ALL if e.code.startswith("E1") and e.wrong and ":" in e.wrong], ids=lambda e: e.code
)
def test_examples_of_yaml_are_wrong_and_right(e: Explanation) -> None:
    wrong, right = parse(e.wrong, "x.yaml")[1], parse(e.right, "x.yaml")[1]
    assert e.code in {p.code for p in wrong}
    assert not right, right


_OF_A_RULE = {"answer", "finding_if", "only_if", "finding", "grade", "further", "cases"}


def _rules(texts: dict[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rule of the kiosk once for each text, changed as the text says; and the codes so tried."""
    document, _ = load(BASE / "priorities" / "extra.yaml")
    assert document is not None
    rule: dict[str, Any] = document.data["rules"][0]  # type: ignore[index,call-overload]
    found, tried = [], []
    for number, (code, text) in enumerate(texts.items(), 1):
        snippet, _ = parse(text.replace("extra.temperature", f"extra.rule-{number}"), "x.yaml")
        if snippet is None or not isinstance(snippet.data, dict) or not set(snippet.data) <= _OF_A_RULE:
            continue
        own = copy.deepcopy(rule) | {
            "id": f"extra.rule-{number}",
            "check": f"第 {number} 条",
            "finding": f"问题 {number}",
        }
        own["applies_to"] = {"kiosk": {"code": f"KI-{number:02}"}}
        del own["further"]
        own |= {"cases": [{"answer": 8, "finds": "nothing"}, {"answer": 9, "finds": own["id"]}]} | copy.deepcopy(
            snippet.data
        )
        for further in own.get("further", ()):
            further |= {"finding": f"另一问题 {number}", "id": f"extra.other-{number}"}
            own["cases"].append({"answer": 9, "finds": [own["id"], further["id"]]})
        found.append(own)
        tried.append(code)
    return found, tried


def _problems(rules: list[dict[str, Any]], folder: Path) -> list[tuple[int, str]]:
    """Return the number of the rule and the code of each error in a layer of these rules."""
    (folder / "priorities").mkdir(parents=True)
    (folder / "checklists").mkdir()
    (folder / "checklists" / "kiosk.yaml").write_bytes((BASE / "checklists" / "kiosk.yaml").read_bytes())
    path = folder / "priorities" / "extra.yaml"
    path.write_text(dump({"priority": "extra", "title": "试验", "rules": rules}), encoding="utf-8")
    library = load_library(Place(ROOT, folder))
    starts = [
        line
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if text.lstrip().startswith("- id: extra.rule-")
    ]
    mine = [p for p in check_library(library) if p.severity == "error" and p.mark.path == str(path)]
    return [(sum(start <= p.mark.line for start in starts) - 1, p.code) for p in mine]


def test_examples_of_rules_are_wrong_and_right(tmp_path: Path) -> None:
    codes = {"E301", "E302", "E303", "E304", "E306", "E403", "E419", "E420", "E421", "E422", "E424"}
    wrong, tried = _rules({e.code: e.wrong for e in ALL if e.code in codes - {"E302"}})
    assert set(tried) == codes - {"E302"}
    found = _problems(wrong, tmp_path / "wrong")
    for number, code in enumerate(tried):
        assert [c for n, c in found if n == number] == [code], wrong[number]
    right, _ = _rules({e.code: e.right for e in ALL if e.code in codes - {"E301", "E302"}})
    assert _problems(right, tmp_path / "right") == []


def test_commands_in_the_texts_exist_with_their_options() -> None:
    known = {c.command_path: c.command for c in contexts()}
    written = [t for e in ALL for t in (e.wrong, e.right) for t in t.splitlines() if t.startswith("chunfeng ")]
    assert len(written) > 8
    for text in written:
        words = shlex.split(text)
        path = max((" ".join(words[:n]) for n in range(2, 5) if " ".join(words[:n]) in known), key=len, default="")
        assert path, text
        command = known[path]
        assert not isinstance(command, click.Group), text
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        assert {w for w in words if w.startswith("-")} <= options, text


def test_the_command_prints_the_page_of_messages(invoke: Invoke) -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    run = invoke("explain", "e204")
    assert invoke("explain", " Ｅ２０４").out == run.out
    assert run.code == 0
    assert run.out.rstrip("\n") == "\n".join(lines(_explained("E204")))
    assert run.out in page
    assert "未知的字段" in run.out
    assert "grdae" in run.out
    every = invoke("explain", "--format", "json")
    assert every.out.count('"code"') == len(CATALOGUE)
    assert len(invoke("explain").out.splitlines()) == len(CATALOGUE)


def test_a_code_that_is_not_there_is_wrong_use(invoke: Invoke) -> None:
    run = invoke("explain", "E998")
    assert run.code == 2
    assert "是否想写" in run.err
    assert "不写编号则列出全部" in invoke("explain", "胡说").err
