"""Draw the papers that docs/GUIDE.zh-CN.md shows, as the program prints them: `python -m tools.guide_pictures`.

Poppler draws them. docs/pictures/made-from.txt says of each picture what the page was drawn from, so that one that is
out of date is found without drawing it again.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from pypdf import PdfReader

from engine.demo import confirm_all
from engine.documents.papers import checklist_pdf, record_pdf
from engine.inspections.opening import Recorded, evaluate, new_record, open_answers
from engine.inspections.planning import plan_checklist
from engine.library.files import data_root, place
from engine.problems import ProblemError, errors
from engine.reports.papers import table_bytes
from engine.simulation.campaign import simulate
from engine.simulation.county import Sizes
from engine.workspace.folder import open_workspace
from engine.workspace.tabling import Wanted, open_table
from engine.writing import make_folder, write_atomically

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
NOTE = FOLDER / "made-from.txt"
RESOLUTION = 108
"""Dots to the inch: small characters are just read, and a page has the width of a browser's column."""
GREYS = 16
SAMPLE = "retail-pharmacy-2024"
REFRESH = "make docs"


class Page(NamedTuple):
    """A page of a paper that the guide shows, and the name of its picture."""

    name: str
    pdf: bytes
    number: int

    @property
    def source(self) -> str:
        """What the page is drawn from: the SHA-256 of its drawing, whatever packs or carries it."""
        contents = PdfReader(io.BytesIO(self.pdf)).pages[self.number - 1].get_contents()
        return hashlib.sha256(b"" if contents is None else contents.get_data()).hexdigest()

    def picture(self) -> bytes:
        """Return it as a PNG in a few greys."""
        only = ["-f", str(self.number), "-l", str(self.number), "-singlefile"]
        drawn = subprocess.run(
            ["pdftoppm", "-r", str(RESOLUTION), "-gray", *only, "-"],
            input=self.pdf, capture_output=True, check=True,
        ).stdout  # fmt: skip
        step = 255 / (GREYS - 1)
        with Image.open(io.BytesIO(drawn)) as image:
            indexed = image.convert("L").point([round(grey / step) for grey in range(256)])
        indexed = Image.frombytes("P", indexed.size, indexed.tobytes())
        indexed.putpalette([round(index * step) for index in range(GREYS) for _ in "rgb"])
        content = io.BytesIO()
        indexed.save(content, "PNG", optimize=True, bits=4)
        return content.getvalue()


def pages() -> Iterator[Page]:
    """Lay the papers out and yield all pages that the guide shows. Raises ProblemError."""
    yield from pages_of_a_visit()
    yield Page("table-t0-1", _table(), 1)


def _table() -> bytes:
    """Return the table of a made-up county, whose campaign is lived through for it: this takes seconds."""
    with tempfile.TemporaryDirectory() as folder:
        for _ in simulate(Path(folder) / "county", place(), "2024", Sizes(units=3, sites=12, visits=8), 1):
            pass
        with open_workspace(Path(folder) / "county") as workspace, workspace.store.reading() as reader:
            table = open_table(reader, place(), Wanted("t0", end=date(2024, 3, 31)))
            return table_bytes(table.computed, table.filled, ".pdf")


def pages_of_a_visit() -> Iterator[Page]:
    """Lay the papers of one visit out and yield their pages. Raises ProblemError."""
    checklist, problems = plan_checklist("retail-pharmacy", "2024", has="rx,cold", day=date(2024, 1, 15))
    if checklist is None:
        raise ProblemError(errors(problems))
    blank = checklist_pdf(checklist)
    yield Page("checklist-1", blank, 1)
    yield Page("checklist-2", blank, 2)
    inspection, problems = open_answers(place(), data_root() / "checklists" / "samples" / f"{SAMPLE}.yaml")
    if inspection is None:
        raise ProblemError(errors(problems))
    evaluation = evaluate(inspection)
    recorded = Recorded(confirm_all(new_record(inspection, evaluation)), inspection, evaluation)
    yield Page("record-1", record_pdf(recorded, "inspection-record"), 1)
    yield Page("correction-notice-1", record_pdf(recorded, "correction-notice"), 1)


def renderer() -> str:
    """Return the version of Poppler: another one may draw an edge otherwise."""
    told = subprocess.run(["pdftoppm", "-v"], capture_output=True, encoding="utf-8", check=True)
    found = re.search(r"version (\S+)", told.stdout + told.stderr)
    return found[1] if found else "unknown"


def made_from() -> dict[str, str]:
    """Return what the pictures that are there were drawn from, by their names, and under "poppler" by what."""
    return dict(line.split()[::-1] for line in NOTE.read_text(encoding="ascii").splitlines())


def main() -> None:
    """Draw all pictures and write what they were drawn from."""
    make_folder(FOLDER)
    lines = [f"{renderer()}  poppler\n"]
    for page in pages():
        content = page.picture()
        write_atomically(FOLDER / f"{page.name}.png", content)
        lines.append(f"{page.source}  {page.name}\n")
        print(f"docs/pictures/{page.name}.png: {len(content) / 1000:.0f} KB")
    write_atomically(NOTE, "".join(lines).encode("ascii"))


if __name__ == "__main__":
    main()
