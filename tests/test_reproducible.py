"""The same input gives the same bytes: over processes, hash seeds, time zones, languages, folders and font caches."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from support import ROOT, SAMPLES
from support_documents import SAMPLE_NAMES, environment, recorded

from engine.formats import format_names, load_format
from engine.inspections.records import record_yaml

WORLDS = (
    {"PYTHONHASHSEED": "0", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/Anchorage", "LC_ALL": "C"},
)
"""Two machines as far as a process can tell; the second also has an empty font cache."""

VISIT = datetime(2024, 1, 15, tzinfo=UTC)
CHECKLIST = ("--campaign", "2024", "--has", "cold,rx,ephed", "--routine")
SUFFIXES = [suffix for name in format_names() for suffix in load_format(name).SUFFIXES[:1]]
"""The form is made in another process by tests/test_fillable.py."""
OFTEN = {".pdf", ".xlsx", ".json"}
"""In every run: what is drawn, what is packed, what is text; the others in the long run."""


def _worlds(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """Make the folders that the processes work in, each with the same files at another path."""
    worlds = []
    for number, variables in enumerate(WORLDS):
        home = folder / ("." if number == 0 else "一层 有空格") / f"world{number}"
        home.mkdir(parents=True)
        for sample in SAMPLE_NAMES:
            shutil.copy(SAMPLES / f"{sample}.yaml", home / f"{sample}.yaml")
            text = record_yaml(recorded(sample, final=True).record)
            (home / f"record-{sample}.yaml").write_text(text, encoding="utf-8")
        cache = {"XDG_CACHE_HOME": str(home / "cache")} if number else {}
        worlds.append((home, environment(**variables, **cache)))
    return worlds


def _run(arguments: tuple[str, ...], home: Path, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, cwd=home, env=env, capture_output=True, check=False)


def _twice(arguments: tuple[str, ...], folder: Path, target: str | None) -> bytes:
    """Run the command in both worlds at once; return what it wrote or printed, which must be the same bytes."""
    worlds = _worlds(folder)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda world: _run(arguments, *world), worlds))
    for run in runs:
        assert run.returncode in (0, 1), run.stderr.decode(errors="replace")
        assert b"Traceback" not in run.stderr, run.stderr.decode(errors="replace")
    first, second = (
        (home / target).read_bytes() if target else run.stdout for run, (home, _) in zip(runs, worlds, strict=True)
    )
    assert len(first) > 500, runs[0].stderr.decode(errors="replace")
    equal = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(min(first, second)))
    assert first == second, f"bytes differ from {equal} on: {first[equal - 40 : equal + 40]!r}"
    return first


@pytest.mark.parametrize("suffix", [s if s in OFTEN else pytest.param(s, marks=pytest.mark.long) for s in SUFFIXES])
@pytest.mark.parametrize("site_type", ["clinic", pytest.param("retail-pharmacy", marks=pytest.mark.long)])
def test_a_checklist_is_the_same_everywhere(site_type: str, suffix: str, tmp_path: Path) -> None:
    scope = CHECKLIST if site_type == "retail-pharmacy" else ("--campaign", "2019")
    content = _twice(("checklist", site_type, *scope, "-o", f"list{suffix}"), tmp_path, f"list{suffix}")
    for trace in (str(tmp_path), "world0", "Shanghai", str(ROOT)):
        assert trace.encode() not in content, "the output says where it was made"


def test_an_answer_sheet_is_the_same_everywhere(tmp_path: Path) -> None:
    printed = _twice(("answers", "new", "retail-pharmacy", *CHECKLIST), tmp_path, None)
    assert printed.startswith(b"# ")


@pytest.mark.parametrize(
    "sample", [SAMPLE_NAMES[0], *(pytest.param(name, marks=pytest.mark.long) for name in SAMPLE_NAMES[1:])]
)
def test_findings_are_the_same_everywhere(sample: str, tmp_path: Path) -> None:
    printed = _twice(("evaluate", f"{sample}.yaml", "--format", "json"), tmp_path, None)
    assert json.loads(printed)["findings"]


def test_an_explanation_is_the_same_everywhere(tmp_path: Path) -> None:
    _twice(("evaluate", f"{SAMPLE_NAMES[0]}.yaml", "--explain"), tmp_path, None)


def test_a_record_is_the_same_everywhere(tmp_path: Path) -> None:
    _twice(("record", "new", f"{SAMPLE_NAMES[-1]}.yaml", "-o", "record.yaml"), tmp_path, "record.yaml")


@pytest.mark.parametrize("document", ["inspection-record", pytest.param("checklist", marks=pytest.mark.long)])
def test_a_printed_record_is_the_same_everywhere(document: str, tmp_path: Path) -> None:
    record = f"record-{SAMPLE_NAMES[-1]}.yaml"
    content = _twice(("record", "print", record, "--document", document, "-o", "paper.pdf"), tmp_path, "paper.pdf")
    assert content.startswith(b"%PDF-")
    reader = PdfReader(io.BytesIO(content))
    assert not {"/CreationDate", "/ModDate"} & set(reader.metadata or {})
    dates = {(file.creation_date, file.modification_date) for file in reader.attachment_list}
    assert dates == {(VISIT, VISIT)}, "an attachment is dated by the visit, not by the clock"


def test_the_schemas_are_the_same_everywhere(tmp_path: Path) -> None:
    _twice(("rules", "schema", "record"), tmp_path, None)


def test_a_release_is_the_same_everywhere(tmp_path: Path) -> None:
    """And its lock with it: the name of the file is the hash of its bytes."""
    worlds = _worlds(tmp_path)
    for home, _ in worlds:
        (home / "layer").mkdir()
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda w: _run(("campaign", "release", "2024", "--rules", "layer"), *w), worlds))
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr.decode(errors="replace")
    first, second = (
        {p.relative_to(home): p.read_bytes() for p in sorted((home / "layer").rglob("*")) if p.is_file()}
        for home, _ in worlds
    )
    assert any("releases" in path.parts for path in first)
    assert first == second


def test_one_process_renders_the_same_bytes_again(tmp_path: Path) -> None:
    """What was rendered before (fonts loaded, caches warm) leaves no trace in what is rendered after."""
    script = (
        "from engine.documents.papers import checklist_pdf\n"
        "from engine.inspections.planning import plan_checklist\n"
        "import sys\n"
        "lists = [plan_checklist(t, '2024')[0] for t in ('clinic', 'retail-pharmacy', 'clinic')]\n"
        "first, other, again = (checklist_pdf(each) for each in lists)\n"
        "sys.exit(0 if first == again != other else 3)\n"
    )
    env = environment(PYTHONPATH=str(ROOT))
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
