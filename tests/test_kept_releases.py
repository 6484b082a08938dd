"""Records made under a released lock are evaluated again for ever, from the release file alone.

tests/data/kept/<campaign>/ holds releases as they were issued, by their lock, and a record of every sample of theirs
with what was found. These files are added to and never changed: if this test fails, it is the program that is wrong.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from engine.inspections.opening import open_record
from engine.library.files import Place
from engine.library.load import load_library
from engine.model.findings import Evaluation

KEPT = ROOT / "tests/data/kept"
RECORDS = sorted(KEPT.glob("*/*.record.yaml"))


def told(evaluation: Evaluation) -> dict[str, Any]:
    """Return what an evaluation concludes, without the words that explain it: those may be put better one day."""
    kept = {"number", "id", "layer", "code", "subject", "sentence", "grade", "red_line", "dispositions", "parents"}
    findings = []
    for finding in evaluation.findings:
        laws = {role: [c.text for c in getattr(finding, role)] for role in ("duty", "liability", "power")}
        clauses = [clause.id for clause in finding.clauses]
        findings.append(finding.model_dump(mode="json", include=kept) | laws | {"clauses": clauses})
    return {"items": {item.code: item.result.value for item in evaluation.items}, "findings": findings}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place that has the kept release files and nothing else: no rules, laws, site types or campaigns."""
    root = tmp_path_factory.mktemp("kept")
    for path in KEPT.glob("*/*.json.gz"):
        target = root / "rules/releases" / path.parent.name / path.name.removesuffix(".gz")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.decompress(path.read_bytes()))
        assert hashlib.sha256(target.read_bytes()).hexdigest() == target.stem, path
    place = Place(root)
    library = load_library(place)
    assert [*library.priorities, *library.site_types, *library.instruments, *library.campaigns] == []
    return place


def test_there_is_something_to_keep() -> None:
    assert {path.parent.name for path in RECORDS} >= {"2019", "2024"}
    assert len(RECORDS) >= 13


def _name(path: Path) -> str:
    return f"{path.parent.name}-{path.name.removesuffix('.record.yaml')}"


@pytest.mark.parametrize("path", RECORDS, ids=_name)
def test_a_record_says_what_it_said(path: Path, bare: Place) -> None:
    recorded, problems = open_record(bare, path)
    assert recorded is not None, "\n".join(p.render() for p in problems)
    expected = json.loads(path.with_name(path.name.replace(".record.yaml", ".findings.json")).read_text("utf-8"))
    assert told(recorded.evaluation) == expected
