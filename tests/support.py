"""What several tests need: the samples as data, sheets written to files, evaluations."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from engine.inspections.opening import Inspection, evaluate, open_answers
from engine.library.files import Place
from engine.model.findings import Evaluation
from engine.source import dump, load

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "checklists" / "samples"


def sample(name: str) -> dict[str, Any]:
    """Return a sample answer sheet as data that a test may change."""
    document, problems = load(SAMPLES / f"{name}.yaml")
    assert document is not None, problems
    assert isinstance(document.data, dict)
    return copy.deepcopy(document.data)


def written(sheet: dict[str, Any], folder: Path) -> Path:
    """Return the file that the sheet was written to."""
    path = folder / "answers.yaml"
    path.write_text(dump(sheet), encoding="utf-8")
    return path


def opened(sheet: dict[str, Any], folder: Path, place: Place, **options: Any) -> Inspection:
    """Return the sheet opened; fail with its problems if it has any."""
    inspection, problems = open_answers(place, written(sheet, folder), **options)
    assert inspection is not None, "\n".join(p.render() for p in problems)
    return inspection


def evaluated(sheet: dict[str, Any], folder: Path, place: Place) -> Evaluation:
    """Return the evaluation of the sheet."""
    return evaluate(opened(sheet, folder, place))


def mistakes(sheet: dict[str, Any], folder: Path, place: Place, **options: Any) -> list[str]:
    """Return the problems of a sheet that must not open, as printed."""
    inspection, problems = open_answers(place, written(sheet, folder), **options)
    assert inspection is None, "the sheet was accepted"
    return [p.render() for p in problems]
