"""The how-to pages: their commands are run as they stand, and print what the pages say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support_documents import Invoke

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
_BLOCK = re.compile(r"(?ms)^```(console|text|python)(?: (\S+))?\n(.*?)^```")


def _steps(text: str) -> list[tuple[str, list[str]]]:
    """Return each command of a console block with the lines that it prints."""
    return [(command.split("\n")[0], command.split("\n")[1:-1]) for command in re.split(r"(?m)^\$ ", text)[1:]]


def _holds(expected: str, printed: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return expected == "…" or re.search(rf"(?m)^{pattern}$", printed) is not None


def test_there_are_the_pages_that_people_ask_for() -> None:
    names = {page.stem for page in PAGES}
    assert {"add-a-rule", "add-a-site-type", "add-an-output-format", "next-campaign"} <= names
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 100, f"{page.name} is long"
        assert _BLOCK.search(text), f"{page.name} shows no command"


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(p, id=p.stem, marks=[] if p.stem == "next-campaign" else pytest.mark.long)
        for p in PAGES
        if p.stem != "add-an-output-format"
    ],
)
def test_the_commands_of_a_page_run(
    page: Path, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "rules layer new" not in page.read_text(encoding="utf-8"):
        Path("规则").mkdir()
    for kind, name, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "text":
            Path(name).write_text(text, encoding="utf-8")
            continue
        for command, expected in _steps(text):
            assert command.startswith("chunfeng "), command
            ran = invoke(*command.split()[1:])
            wanted = int(expected[0].removeprefix("[exit ").removesuffix("]")) if expected[:1] == ["[exit 1]"] else 0
            assert ran.code == wanted, f"$ {command}\n{ran.out}{ran.err}"
            for line in expected[1:] if wanted else expected:
                assert _holds(line, ran.out), f"$ {command}\n{line}\n\nprinted:\n{ran.out}{ran.err}"


@pytest.mark.long
def test_a_new_format_is_found_by_its_file(tmp_path: Path) -> None:
    """In a copy of the program: the page's module is written where the page says, its command is run."""
    text = (ROOT / "docs" / "how-to" / "add-an-output-format.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "engine", tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__", "_data"))
    for folder in ("rules", "checklists", "templates"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for kind, name, block in _BLOCK.findall(text):
        if kind == "python":
            (tmp_path / name).write_text(block, encoding="utf-8")
            continue
        for command, _ in _steps(block):
            program = "import sys; sys.path.insert(0, '.'); from engine.commands import main; main()"
            done = subprocess.run(
                [sys.executable, "-c", program, *command.split()[1:]],
                cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    lines = (tmp_path / "检查表.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 10
    assert all(re.match(r"ZS-[0-9]{2}　.+　（方案条款 CF2024-", line) for line in lines)
