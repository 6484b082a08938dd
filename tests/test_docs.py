"""The documentation is whole and current: generated pages, links, commands, keys, words, examples."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from support import ROOT

from engine.catalogue import CATALOGUE
from engine.library.load import Library
from engine.model.base import Disposition, Grade, ItemResult
from engine.model.findings import Evaluation
from engine.model.questions import AnswerSpec
from engine.model.record import RecordFile
from engine.model.release import Release
from engine.model.rules import Basis
from engine.model.sheet import SheetFile
from engine.problems import Problem
from engine.rulebook.schemas import KINDS
from engine.schema import json_schema, validate
from engine.source import Document, parse
from tools import write_docs

READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LANGUAGE, FORMATS, GLOSSARY = (ROOT / "docs" / f"{name}.md" for name in ("rule-language", "formats", "glossary"))


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# ── pages made by a tool


def test_generated_pages_are_current() -> None:
    stale = list(write_docs.stale())
    assert not stale, f"stale: {', '.join(stale)}; run `{write_docs.REFRESH}`"


def test_every_command_is_in_the_reference_with_its_help_and_library_call() -> None:
    reference = (ROOT / "docs" / "cli-reference.md").read_text(encoding="utf-8")
    folder = ROOT / "engine" / "commands"
    modules = [p.relative_to(folder).with_suffix("") for p in folder.rglob("*.py") if p.stem != "__init__"]
    expected = {
        "chunfeng " + " ".join(m.parts).replace("_", "-")
        for m in modules
        if m.name not in ("console", "keyboard", "options")
    }
    contexts = {c.command_path: c.command for c in write_docs.contexts()}
    leaves = {path for path, command in contexts.items() if not isinstance(command, write_docs.Commands)}
    assert leaves == expected
    for path, command in contexts.items():
        assert f"\n## {path}\n" in reference, f"{path}: run `{write_docs.REFRESH}`"
        assert command.help, f"{path} has no help"
        if path in leaves:
            assert _library_call_exists(command), f"{path}: name the library call in the docstring: (library: engine.…)"


def _library_call_exists(command: Any) -> bool:
    names = [name for name in write_docs.library_call(command) if name.startswith("engine.")]
    return bool(names) and all(_exists(name) for name in names)


def _exists(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        import_module(name)
    except ModuleNotFoundError:
        return hasattr(import_module(module), attribute)
    return True


def test_every_code_has_its_row_and_no_page_names_another() -> None:
    rows = set(re.findall(r"(?m)^\| ([EDV]\d{3}) \|", (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")))
    assert rows == set(CATALOGUE)
    for path in (*READMES, *PAGES):
        named = set(re.findall(r"\b[EDV][0-9]{3}\b", path.read_text(encoding="utf-8")))
        assert named <= set(CATALOGUE), f"{_shown(path)}: no such code"


# ── links, paths, targets


def _links(path: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield each relative link of a page, the file and the heading it leads to."""
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in link:
            target, _, anchor = link.partition("#")
            yield link, (path.parent / target).resolve() if target else path, anchor


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [*READMES, *PAGES], ids=_shown)
def test_links_lead_somewhere(path: Path) -> None:
    for link, target, anchor in _links(path):
        assert target.exists(), f"{_shown(path)}: {link}"
        if anchor:
            assert anchor in _anchors(target), f"{_shown(path)}: {link}: no such heading"


def test_every_page_is_linked() -> None:
    linked = {target for path in (*READMES, *PAGES) for _, target, _ in _links(path) if target != path}
    lost = [_shown(path) for path in PAGES if path not in linked]
    assert not lost, "no page links to these"


@pytest.mark.parametrize("path", READMES, ids=_shown)
def test_the_readme_names_targets_that_exist(path: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^    make (\S+)", text)[:2] == ["demo", "test"], "the two commands come first"
    named = set(re.findall(r"(?:`|^    |\s)make ([a-z-]+)(?=[`\s])", text))
    assert named - {"and", "it"} <= targets, f"{_shown(path)}: no such target"


def _tracked() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|tmp)/\w")
_INDEX_HOST = re.compile(r"pypi\.org|files\.pythonhosted", re.IGNORECASE)


def test_no_file_holds_a_path_of_a_machine_or_an_index_address() -> None:
    found = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if _MACHINE_PATH.search(line) or _INDEX_HOST.search(line):
                found.append(f"{_shown(path)}:{number}: {line.strip()[:100]}")
    assert not found, "\n" + "\n".join(found)


# ── keys and words


def _keys(schema: dict[str, Any]) -> set[str]:
    parts = [schema, *schema.get("$defs", {}).values(), *schema.get("definitions", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def _explained(path: Path) -> set[str]:
    """Return the names that stand in code spans of the page: `name`, `.name`, `list[].name`, `{name, name}`.

    An example does not explain a key, nor does a name inside a condition.
    """
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8")))
    pieces = [p for span in spans if not re.search(r"[(=]", span) for p in re.split(r"[\s{},]+", span)]
    return {re.sub(r"^([a-z_]+\[\])?(\.[a-z_]+\[\])*\.", "", piece) for piece in pieces}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_key_of_a_yaml_file_is_documented(kind: str) -> None:
    model, title = KINDS[kind]
    page = FORMATS if kind in ("answers", "record", "site", "bureau") else LANGUAGE
    missing = _keys(json.loads(json_schema(model, title))) - _explained(page)
    assert not missing, f"{_shown(page)} says nothing of these keys of {kind}"


@pytest.mark.parametrize("model", [Evaluation, Release, SheetFile, RecordFile], ids=lambda m: m.__name__)
def test_every_field_of_a_written_file_is_documented(model: type[BaseModel]) -> None:
    of_questions = {"type", "unit", "low", "high", "options", "ask", "columns", "key", "blank_rows"}
    missing = _keys(model.model_json_schema()) - of_questions - _explained(FORMATS) - _explained(LANGUAGE)
    assert not missing, f"{_shown(FORMATS)} says nothing of these fields"


def test_every_field_of_a_problem_is_documented() -> None:
    fields = set(Problem("E101", _no_place(), "", "").as_json())
    assert fields <= _explained(FORMATS)


def _no_place() -> Any:
    return parse("a: 1", "x.yaml")[0].mark(())  # type: ignore[union-attr]


def _glossary() -> dict[str, str]:
    """Return the Chinese of each identifier in the glossary (several lines of one identifier joined)."""
    found: dict[str, str] = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 2:
            for word in re.findall(r"`([^`]+)`", cells[1]):
                found[word] = f"{found.get(word, '')} {cells[0]}"
    return found


@pytest.mark.parametrize("member", [*Grade, *Disposition, *ItemResult], ids=str)
def test_a_word_that_is_printed_is_in_the_glossary(member: Any) -> None:
    assert member.label in _glossary().get(member.value, ""), f"{member.value} {member.label}"


def test_the_words_of_the_rules_are_in_the_glossary(library: Library) -> None:
    known = _glossary()
    wanted = {name: loaded.value.title for name, loaded in library.priorities.items()}
    wanted |= {name: loaded.value.title.split("（")[0] for name, loaded in library.site_types.items()}
    for name, chinese in wanted.items():
        assert chinese in known.get(name, ""), f"{name} {chinese}"
    fields = {field for loaded in library.site_types.values() for field in loaded.value.attributes}
    fields |= {i.id for loaded in library.site_types.values() for i in loaded.value.identity}
    fields |= {column for loaded in library.grids.values() for column in loaded.value.answer.columns}
    fields |= {detail for p in library.priorities.values() for rule in p.value.rules for detail in rule.details}
    fields |= {c for p in library.priorities.values() for rule in p.value.rules for c in _columns(rule.answer)}
    assert fields <= set(known), f"not in the glossary: {sorted(fields - set(known))}"


def _columns(answer: AnswerSpec | None) -> set[str]:
    return set(getattr(answer, "columns", None) or {})


# ── examples


def _blocks(language: str) -> list[Any]:
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(rf"(?ms)^```{language} (\S[^\n]*)\n(.*?)^```", text):
            place = f"{_shown(path)}:{text.count(chr(10), 0, match.start()) + 1}"
            found.append(pytest.param(match.group(1), match.group(2), place, id=place))
    return found


@pytest.mark.parametrize(("kind", "text", "place"), _blocks("yaml"))
def test_a_yaml_example_is_of_its_kind(kind: str, text: str, place: str) -> None:
    model: type[BaseModel] = Basis if kind == "rule-part basis" else KINDS[kind][0]
    document, problems = parse(text, place)
    if isinstance(document, Document):
        problems = validate(document, model)[1]
    assert not problems, "\n".join(p.render() for p in problems)


@pytest.mark.parametrize(("kind", "text", "place"), _blocks("json"))
def test_a_json_example_is_of_its_kind(kind: str, text: str, place: str) -> None:
    content = json.loads(text)
    assert (content.pop("kind"), content.pop("schema")) == (kind, 1), place
    if kind == "findings":
        evaluation = Evaluation.model_validate_json(json.dumps(content))
        assert {*_keys(Evaluation.model_json_schema())} == _all_keys(content), f"{place}: fields left out"
        assert evaluation.findings
    else:
        assert kind == "problems", place
        for shown in content["problems"]:
            assert set(shown) == set(Problem("E101", _no_place(), "", "").as_json()), place
            assert shown["code"] in CATALOGUE, place


def _all_keys(content: object) -> set[str]:
    if isinstance(content, dict):
        return set(content).union(*map(_all_keys, content.values()))
    return set().union(*map(_all_keys, content)) if isinstance(content, list) else set()


@pytest.mark.parametrize("path", READMES, ids=_shown)
def test_the_readme_shows_what_the_program_prints(path: Path) -> None:
    blocks = re.findall(r"(?ms)^```console([^\n]*)\n(.*?)^```", path.read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    steps = [(info.strip(), *step.splitlines()) for info, text in blocks for step in re.split(r"(?m)^\$ ", text)[1:]]
    commands = tuple((info, command) for info, command, *_ in steps)
    for (_, command, *expected), printed in zip(steps, _printed(commands), strict=True):
        for line in expected:
            assert line == "…" or _is_printed(line, printed), f"$ {command}\n{line}\n\nprinted:\n{printed}"


@cache
def _printed(commands: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return what a reader sees who types the commands in an empty folder; both READMEs give the same ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "checklists").symlink_to(ROOT / "checklists")
        printed = []
        confirmed = False
        for info, command in commands:
            assert command.startswith("chunfeng "), command
            if info == "after-confirming" and not confirmed:
                _confirm(folder / "记录.yaml")
                confirmed = True
            printed.append(_run(command.split()[1:], folder))
        return tuple(printed)


def _confirm(record: Path) -> None:
    text = record.read_text(encoding="utf-8").replace("status: proposed", "status: confirmed")
    text = text.replace("by: []", "by: [张伟, 刘洋]")
    named = {
        'authority: ""': "authority: 合肥市瑶海区市场监督管理局",
        'number: ""': "number: （瑶）市监药检〔2024〕15号",
    }
    for blank, name in named.items():
        text = text.replace(blank, name, 1)
    record.write_text(text, encoding="utf-8")


def _run(arguments: list[str], folder: Path) -> str:
    program = str(Path(sys.executable).parent / "chunfeng")
    environment = {**os.environ, "PYTHONUTF8": "1"}
    environment.pop("CHUNFENG_RULES", None)
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def _is_printed(line: str, printed: str) -> bool:
    """Return whether a line was printed; … stands for anything inside it."""
    pattern = ".*".join(re.escape(part) for part in line.split("…"))
    return re.search(rf"(?m)^{pattern}$", printed) is not None
