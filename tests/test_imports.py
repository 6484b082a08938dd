"""One direction of imports: a module of the engine imports only from those before it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from support import ROOT

ENGINE = ROOT / "engine"
ORDER = (
    "catalogue", "problems", "exit_codes", "days", "writing", "reading", "syntax_words", "source", "splicing", "workbooks", "model", "schema", "explanations", "expressions", "sentences", "laws", "holidays",
    "numbering", "scopes",
    "library", "tailor", "inference", "evaluation", "inspections", "rulebook", "campaigns", "rule_sheets", "documents", "reference", "answering", "scanning", "formats", "register", "follow_up", "reports", "workspace", "simulation", "demo",
    "menu", "commands",
)  # fmt: skip

ONLY_IMPORTER = {
    "yaml": "engine/source.py",
    "durable_rules_engine": "engine/inference/durable.py",
    "jinja2": "engine/documents/html.py",
    "pebble": "engine/documents/workers.py",
    "pikepdf": "engine/documents/shared_pages.py",
    "pypdf": "engine/documents/pdf_reading.py",
    "segno": "engine/documents/qr.py",
    "weasyprint": "engine/documents/pdf.py",
    "cryptography": "engine/documents/signing.py",
    "defusedxml": "engine/formats/xlsform.py",
    "pyxform": "engine/formats/xlsform.py",
    "asn1crypto": "engine/documents/signatures.py",
    "pyhanko_certvalidator": "engine/documents/signatures.py",
}

SEVERAL = {
    "sqlalchemy": {
        f"engine/workspace/{name}.py"
        for name in ("tables", "store", "migrating", "folder", "trouble", "migrations/versions/step_0001")
    },
    "alembic": {
        f"engine/workspace/{name}.py" for name in ("migrating", "migrations/env", "migrations/versions/step_0001")
    },
    "openpyxl": {
        f"engine/workbooks/{name}.py" for name in ("xlsx", "writing", "filling")
    },  # one bounds and reads, one writes, one writes on what a bureau made
    "docx": {"engine/documents/plan_reading.py", "engine/reports/office.py"},  # one reads plans, one writes drafts
    "PIL": {"engine/inspections/photos.py", "engine/scanning/images.py"},  # photographs shrunk; scans as they are
    "cv2": {f"engine/scanning/{name}.py" for name in ("corners", "handwriting", "images", "measuring", "registering")},
    "numpy": {
        f"engine/scanning/{name}.py" for name in ("corners", "handwriting", "images", "measuring", "registering")
    },
}

PYHANKO = {"engine/documents/signing.py", "engine/documents/signatures.py"}
"""One signs what this program printed, the other checks what anybody hands in."""

FILES = sorted(ENGINE.rglob("*.py"))


@cache
def _imported(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _room(name: str) -> str:
    return name.split(".")[1] if name.startswith("engine.") else ""


def test_every_room_of_the_engine_has_its_place() -> None:
    rooms = {p.relative_to(ENGINE).parts[0].removesuffix(".py") for p in FILES} - {"__init__"}
    assert rooms == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(ENGINE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in _imported(path):
        room = _room(name)
        if room in ORDER:
            assert ORDER.index(room) <= ORDER.index(own), f"{path.relative_to(ROOT)} imports {name}"


def test_modules_inside_a_room_do_not_import_in_circles() -> None:
    names = {p: ".".join(p.relative_to(ROOT).with_suffix("").parts) for p in FILES}
    uses = {name: {n for n in _imported(p) if n in set(names.values()) and n != name} for p, name in names.items()}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"circle: {' → '.join((*above, name))}"
        if name not in done:
            for other in sorted(uses[name]):
                visit(other, (*above, name))
            done.add(name)

    for name in sorted(uses):
        visit(name, ())


@pytest.mark.parametrize(("package", "importer"), sorted(ONLY_IMPORTER.items()))
def test_a_library_has_one_importer(package: str, importer: str) -> None:
    users = {str(p.relative_to(ROOT)) for p in FILES if any(n.split(".")[0] == package for n in _imported(p))}
    assert users == {importer}


@pytest.mark.parametrize(("package", "importers"), sorted(SEVERAL.items()))
def test_a_library_of_a_room_stays_in_it(package: str, importers: set[str]) -> None:
    users = {str(p.relative_to(ROOT)) for p in FILES if any(n.split(".")[0] == package for n in _imported(p))}
    assert users == importers


def test_no_room_is_crowded() -> None:
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 420}
    assert not long, "redesign before adding more"


def test_pyhanko_signs_in_one_place_and_checks_in_another() -> None:
    users = {str(p.relative_to(ROOT)) for p in FILES if any(n.split(".")[0] == "pyhanko" for n in _imported(p))}
    assert users == PYHANKO
