"""Run by test_fuzz.py in a process of its own with 200 MB and ten seconds an example: broken input ends in problems.

    python fuzz_child.py SEED FOLDER loader=60 conditions=60 workbooks=20 rules=3

What is thrown, takes too long or too much memory ends the process with a traceback; then hypothesis prints the input.
"""

from __future__ import annotations

import io
import re
import resource
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support_rule_sheets import Hand, exported, made_root  # noqa: E402

from engine.expressions.check import check  # noqa: E402
from engine.expressions.deciding import impossible  # noqa: E402
from engine.expressions.evaluate import Facts, evaluate  # noqa: E402
from engine.expressions.parse import ConditionError, parse  # noqa: E402
from engine.expressions.say import say, say_passing  # noqa: E402
from engine.expressions.scope import Scope  # noqa: E402
from engine.library import check_sense  # noqa: E402
from engine.library import load as library_files  # noqa: E402
from engine.library import resolve as resolving  # noqa: E402
from engine.library.check import check_library  # noqa: E402
from engine.library.files import Place  # noqa: E402
from engine.library.load import load_library  # noqa: E402
from engine.problems import Problem, ProblemError  # noqa: E402
from engine.rule_sheets.importing import difference, read_import  # noqa: E402
from engine.rulebook.schemas import KINDS  # noqa: E402
from engine.schema import validate  # noqa: E402
from engine.scopes import item_scope  # noqa: E402
from engine.source import load  # noqa: E402
from engine.workbooks.reading import read_table  # noqa: E402

MEMORY = 200 * 1024 * 1024
SECONDS = 10
"""Of work in this process: a busy machine does not matter."""

PIECES = st.sampled_from((
    "否", "是", ": ", "：", "- ", "\n", "\n  ", "\t", "#", " #备注", "'", '"', "[", "]", "{", "}", ",", "&a", "*a", "!!str ", "---\n",
    "null", "true", "1e999", "-0", "0x10", "2024-02-30", "99999999999999999999", "\x00", "\ufeff", "\u2028", "\u202e", "😀", "？", "? ", "|\n", ">-\n",
    "[" * 60, "{a: " * 50, "any(", "answer", "detail.x", "not " * 40, "(" * 40, " and ", " or ", "site.", "inspection.date", " + 99999999999 years",
    "between 1 and", "count(", "sum(answer, ", "findings(", "earlier('", "＞", "1" * 400, "'" * 3, "\\", "\r", "a" * 3000,
))  # fmt: skip


def _mutated(draw: Any, text: str) -> str:
    """Return the text cut, doubled and sprinkled with what breaks parsers."""
    for _ in range(draw(st.integers(1, 4))):
        a, b = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        b = min(b, a + 400)
        how = draw(st.integers(0, 3))
        piece = draw(st.one_of(PIECES, st.text(max_size=20)))
        text = (
            text[:a] + text[b:],
            text[:a] + text[a:b] * 2 + text[b:],
            text[:a] + piece + text[a:],
            text[:a] + piece + text[b:],
        )[how]
    return text


def _is_told(problems: list[Problem] | tuple[Problem, ...]) -> None:
    for problem in problems:
        assert problem.message, problem
        assert "\n" not in problem.message
        problem.render()


FILES = sorted(
    [
        *(ROOT / "tests" / "problems").rglob("*.yaml"),
        *(ROOT / "rules" / "calendars").glob("*.yaml"),
        *(ROOT / "rules" / "wording").glob("*.yaml"),
    ]
)


@st.composite
def _file(draw: Any) -> bytes:
    text = draw(st.sampled_from(FILES)).read_text(encoding="utf-8")
    made = draw(st.one_of(st.just(_mutated(draw, text)), st.text(max_size=200)))
    raw = made.encode("utf-8", "surrogatepass")
    return (
        draw(st.one_of(st.just(raw), st.just(made.encode("gbk", "replace")), st.binary(max_size=100)))
        if draw(st.booleans())
        else raw
    )


def loader(folder: Path) -> Callable[[Any], None]:
    """Any bytes as a file of any kind."""
    path = folder / "x.yaml"

    @given(_file(), st.sampled_from(sorted(KINDS)))
    def run(raw: bytes, kind: str) -> None:
        path.write_bytes(raw)
        document, problems = load(path)
        _is_told(problems)
        assert document is not None or problems
        if document is not None:
            value, found = validate(document, KINDS[kind][0])
            _is_told(found)
            assert value is not None or found

    return run


def _conditions() -> tuple[list[str], list[Scope]]:
    library = load_library(Place(ROOT))
    release = resolving.any_release(library)
    assert release is not None
    texts, scopes = [], []
    for name, base in resolving.site_scopes(library).items():
        for item in release.site_types[name].items:
            for finding in item.findings:
                texts.append(finding.condition)
                scopes.append(item_scope(base, item, finding))
    return texts, scopes


def conditions(folder: Path) -> Callable[[Any], None]:
    """Conditions of the rules, broken, where they stand."""
    texts, scopes = _conditions()

    @st.composite
    def condition(draw: Any) -> tuple[str, Scope]:
        at = draw(st.integers(0, len(texts) - 1))
        made = _mutated(draw, texts[at]) if draw(st.booleans()) else draw(st.lists(PIECES, max_size=12).map("".join))
        return made[:1000], scopes[at]

    @given(condition())
    def run(given_: tuple[str, Scope]) -> None:
        text, scope = given_
        try:
            parsed = parse(text)
        except ConditionError as error:
            assert error.reason
            return
        bound, complaints = check(parsed, scope)
        if not complaints:
            assert say(bound, scope)
            assert say_passing(bound, scope)
            assert evaluate(bound, Facts({})) in (True, False, None)
            impossible([(bound, True)], scope)
            impossible([(bound, False)], scope)

    return run


def rules(folder: Path) -> Callable[[Any], None]:
    """A whole layer with one broken file, checked against all the rules."""
    cases = sorted(p for p in (ROOT / "tests" / "problems").iterdir() if p.is_dir())
    own = folder / "layer"
    read, kept = library_files._read, {}

    def once(place: Place, relative: str, model: Any, problems: list[Problem]) -> Any:
        if place.file(relative).is_relative_to(own):
            return read(place, relative, model, problems)
        path = place.file(relative)
        if path not in kept:
            kept[path] = read(place, relative, model, problems)
        return kept[path]

    library_files._read = once
    check_library(load_library(Place(ROOT)))  # what is read once is not the input's

    @st.composite
    def layer(draw: Any) -> dict[str, str]:
        files = {
            p.relative_to(c).as_posix(): p.read_text(encoding="utf-8")
            for c in [draw(st.sampled_from(cases))]
            for p in sorted(c.rglob("*.yaml"))
        }
        name = draw(st.sampled_from(sorted(files))) if files else "priorities/extra.yaml"
        return files | {name: _mutated(draw, files.get(name, ""))}

    @given(layer())
    def run(files: dict[str, str]) -> None:
        for cache in (resolving.resolve, resolving._citation, resolving.site_scopes, check_sense._findings):
            cache.cache_clear()  # so that one example does not pay for those before it
        for old in own.rglob("*.yaml"):
            old.unlink()
        for name, text in files.items():
            (own / name).parent.mkdir(parents=True, exist_ok=True)
            (own / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        _is_told(check_library(load_library(Place(ROOT, own))))

    return run


def workbooks(folder: Path) -> Callable[[Any], None]:
    """Workbooks with broken parts, and bytes that are none."""
    whole = (ROOT / "tests" / "data" / "libreoffice.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = folder / "x.xlsx"

    @st.composite
    def book(draw: Any) -> bytes:
        if draw(st.integers(0, 3)) == 0:
            a = draw(st.integers(0, len(whole)))
            return whole[:a] + draw(st.binary(max_size=20)) + whole[a + draw(st.integers(0, 50)) :]
        name = draw(st.sampled_from(sorted(n for n in parts if n.endswith((".xml", ".rels")))))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for other, content in parts.items():
                text = content.decode("utf-8", "replace")
                made.writestr(
                    other, _mutated(draw, text).encode("utf-8", "surrogatepass") if other == name else content
                )
        return out.getvalue()

    @given(book())
    def run(raw: bytes) -> None:
        path.write_bytes(raw)
        table, problems = read_table(path)
        _is_told(problems)
        assert table is not None or problems

    return run


def rule_workbooks(folder: Path) -> Callable[[Any], None]:
    """The rules as a workbook, with cells typed over and broken parts, taken in again."""
    root = made_root(folder / "root")
    whole = exported(Place(root))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path, layer = folder / "rules.xlsx", folder / "own"
    layer.mkdir()

    @st.composite
    def book(draw: Any) -> bytes:
        if draw(st.booleans()):
            hand = Hand(whole)
            sheet = hand.book[draw(st.sampled_from(hand.book.sheetnames))]
            for _ in range(draw(st.integers(1, 4))):
                row, column = draw(st.integers(1, sheet.max_row + 2)), draw(st.integers(1, sheet.max_column + 1))
                typed = draw(
                    st.one_of(PIECES, st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=30))
                )
                typed = (
                    re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", typed)
                    if isinstance(typed, str)
                    else typed
                )
                sheet.cell(row, column).value = typed
            return bytes(hand.content())
        name = draw(st.sampled_from(sorted(n for n in parts if n.endswith((".xml", ".rels")))))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for other, content in parts.items():
                text = content.decode("utf-8", "replace")
                made.writestr(
                    other, _mutated(draw, text).encode("utf-8", "surrogatepass") if other == name else content
                )
        return out.getvalue()

    @given(book())
    def run(raw: bytes) -> None:
        for cache in (resolving.resolve, resolving._citation, resolving.site_scopes, check_sense._findings):
            cache.cache_clear()
        path.write_bytes(raw)
        found = read_import(Place(root, layer), path, None, "王芳", "2026-12-01 09:00")
        _is_told(found.problems)
        difference(found)

    return run


@settings(max_examples=1, database=None)
@given(st.text(max_size=1))
def _warmed(text: str) -> None:
    """Have the table of characters made, which the first run in a fresh clone does: its memory is not the program's."""
    assert len(text) <= 1


def _limit_memory() -> None:
    _warmed()
    used = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text()).group(1)) * 1024  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))


TARGETS = {
    "loader": loader,
    "conditions": conditions,
    "workbooks": workbooks,
    "rules": rules,
    "rule_workbooks": rule_workbooks,
}


def _run(name: str, examples: int, number: int, folder: Path) -> None:
    target = TARGETS[name](folder)
    inner = target.hypothesis.inner_test  # type: ignore[attr-defined]

    def timed(*arguments: Any, **named: Any) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            inner(*arguments, **named)
        except ProblemError as told:
            _is_told(told.problems)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    target.hypothesis.inner_test = timed  # type: ignore[attr-defined]
    how = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    run = seed(number)(how(target))
    _limit_memory()
    run()  # type: ignore[call-arg]
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(f"{name}: {examples}")


def main(number: str, folder: str, *wanted: str) -> None:
    def late(*_: object) -> None:
        raise TimeoutError(f"more than {SECONDS} s")

    signal.signal(signal.SIGVTALRM, late)
    for each in wanted:
        name, _, examples = each.partition("=")
        _run(name, int(examples), int(number), Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
