"""What a bureau writes wrong in its own ledgers, clocks, grading and look-back tables is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import ROOT

from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import load_library
from engine.problems import Problem
from engine.workspace.ledgers import read_ledgers

OWN = {
    "ledgers/visitors.yaml": """ledger: visitors
title: 来访台账
prefix: 线索
keeper: 办公室
date: day
clauses: [CF2024-9.9-z]
columns:
  day: {type: date, label: 日期, required: true}
  shop: {type: text, label: 单位, refers: shops}
""",
    "ledgers/wrong-name.yaml": """ledger: other-name
title: 另一本
prefix: 另
keeper: 办公室
date: day
columns:
  day: {type: date, label: 日期, required: true}
""",
    "clocks/mine.yaml": """clocks:
  - {id: decision, title: 再来一次, ledger: case, from: filed, until: [closed], limit: 5, unit: days, claimed: 口头}
  - {id: nowhere, title: 没有的台账, ledger: cases, from: filed, until: [closed], limit: 5, unit: days, claimed: 口头}
  - {id: no-column, title: 没有的栏目, ledger: case, from: began, until: [closed], limit: 5, unit: days, claimed: 口头}
""",
    "look-back/2024.yaml": """look-back: "2024"
dated: 2024-01-02
classes:
  - {name: 疫苗, priorities: [vaccine], rules: [vaccines.nothing]}
""",
    "grading/mine.yaml": """grading: mine
title: 本地规则
dated: 2024-01-01
ledger: grading-input
site_types: [device-distributor]
levels: [高, 低]
rows:
  - {id: a, level: 高, when: site.penalty > 0, says: 受过处罚, claimed: 口头}
  - {id: b, level: 高, when: site.mode = 网售, says: 网售, claimed: 口头}
otherwise: 低
otherwise_says: 其余
""",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    """Return what the check of the bureau's own folder says of those files."""
    layer = tmp_path_factory.mktemp("own")
    for name, text in OWN.items():
        path = layer / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = check_library(load_library(Place(ROOT, layer)))
    return [p for p in found if p.severity == "error"]


@pytest.mark.parametrize(
    ("file", "line", "code", "word"),
    [
        ("ledgers/visitors.yaml", 3, "E401", "线索"), ("ledgers/visitors.yaml", 9, "E402", "shops"),
        ("ledgers/visitors.yaml", 6, "E402", "CF2024-9.9-z"), ("ledgers/wrong-name.yaml", 1, "E406", "other-name.yaml"),
        ("clocks/mine.yaml", 3, "E402", "cases"), ("clocks/mine.yaml", 4, "E402", "began"),
        ("look-back/2024.yaml", 4, "E402", "“vaccine”"), ("look-back/2024.yaml", 4, "E402", "vaccines.nothing"),
        ("grading/mine.yaml", 8, "E302", "penalty"), ("grading/mine.yaml", 9, "E304", "网售"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(told: list[Problem], file: str, line: int, code: str, word: str) -> None:
    here = [p for p in told if p.mark.path.endswith(file) and (p.mark.line, p.code) == (line, code)]
    assert any(word in p.message + p.hint for p in here), [p.render() for p in told]


def test_two_clocks_of_one_id_are_told(told: list[Problem]) -> None:
    assert [p for p in told if p.code == "E401" and "decision" in p.message]


def test_nothing_else_is_told(told: list[Problem]) -> None:
    assert len(told) == 11, [p.render() for p in told]


def test_a_bureaus_own_ledger_stands_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "ledgers").mkdir()
    text = OWN["ledgers/wrong-name.yaml"].replace("other-name", "own")
    (tmp_path / "ledgers" / "own.yaml").write_text(text, encoding="utf-8")
    found = read_ledgers(Place(ROOT, tmp_path))
    assert found["own"].title == "另一本"
    assert "clue" in found
