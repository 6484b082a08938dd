"""What the tests of papers and commands need: papers of the samples, the content of a PDF, the command line."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from support import ROOT, SAMPLES

from engine.demo import confirm_all
from engine.documents.attachments import NAMES as ATTACHED
from engine.documents.papers import checklist_pdf, record_pdf
from engine.inspections.opening import Recorded, evaluate, new_record, open_answers
from engine.inspections.planning import plan_checklist
from engine.library.files import Place
from engine.model.checklist import Checklist
from engine.model.record import RecordFile

BLANKS = {
    "pharmacy-2019": ("retail-pharmacy", "2019", None, False),
    "pharmacy-2024": ("retail-pharmacy", "2024", None, False),
    "clinic-2019": ("clinic", "2019", None, False),
    "clinic-2024": ("clinic", "2024", None, False),
    "pharmacy-2024-small": ("retail-pharmacy", "2024", "cold,rx", True),
}
SAMPLE_NAMES = ["clinic-2024", "retail-pharmacy-2019", "retail-pharmacy-2024"]
"""Read closely on paper; tests/test_samples.py makes the papers of every other sample."""
STRIPS = {
    "checklist": ("被检查单位签名：", "检查人员签名：", "日期："),
    "inspection-record": ("当事人签名：", "检查人员签名：", "日期："),
    "scene-record": ("当事人签名：", "检查人员签名：", "日期："),
    "correction-notice": ("受送达人签名：", "检查人员签名：", "日期："),
    "service-receipt": ("受送达人签名：", "送达人签名：", "日期："),
    "evidence-list": ("当事人签名：", "检查人员签名：", "日期："),
    "goods-list": ("当事人签名：", "检查人员签名：", "日期："),
    "clue-transfer": ("移送人签名：", "接收人签名：", "日期："),
    "crime-transfer": ("移送人签名：", "接收人签名：", "日期："),
    "review-record": ("当事人签名：", "检查人员签名：", "日期："),
}
"""What people sign at the foot of every page."""


# ── PDFs


class Paper:
    """A PDF as its pages' text without white space, and its objects."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reader = PdfReader(io.BytesIO(content))
        self.lines = [page.extract_text() for page in self.reader.pages]
        self.pages = [flat(text) for text in self.lines]
        self.text = "".join(self.pages)

    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each page in millimetres."""
        return [(float(p.mediabox.width) * 25.4 / 72, float(p.mediabox.height) * 25.4 / 72) for p in self.reader.pages]

    def dictionaries(self) -> Iterator[DictionaryObject]:
        """Yield every dictionary of the file, nested ones too."""
        for number in range(1, int(self.reader.trailer["/Size"])):
            yield from _dictionaries(self.reader.get_object(number))

    def pages_with(self, text: str) -> list[int]:
        """Return the numbers of the pages that hold the text, from 1."""
        return [number for number, page in enumerate(self.pages, 1) if flat(text) in page]


def _dictionaries(value: object) -> Iterator[DictionaryObject]:
    if isinstance(value, DictionaryObject):
        yield value
        for child in value.values():
            yield from _dictionaries(child)
    elif isinstance(value, list):
        for child in value:
            yield from _dictionaries(child)


def flat(text: str) -> str:
    """Return the text without white space and invisible break opportunities: how a line was broken is no content."""
    return re.sub(r"[\s\u200b\ufeff\xad]+", "", text)


def leaks(paper: Paper) -> list[str]:
    """Return what in a PDF could fetch, run or carry something: files but a record's own, links, scripts, actions."""
    carried = tuple(file.name for file in paper.reader.attachment_list)
    own = carried == ATTACHED
    suspects = {"/URI", "/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/GoToR"}
    active = {"/URI", "/JavaScript", "/Launch", "/FileAttachment", "/Link", "/Movie"}
    if not own:
        suspects |= {"/EmbeddedFiles", "/EF", "/AF"}
        active |= {"/EmbeddedFile", "/Filespec"}
    found = [f"file {name}" for name in carried if not own]
    for each in paper.dictionaries():
        found += sorted(suspects & set(each))
        found += [f"{key} {each[key]}" for key in ("/S", "/Subtype", "/Type") if each.get(key) in active]
    return found


# ── papers of the samples


@cache
def blank(name: str) -> Checklist:
    """Return a blank checklist of BLANKS."""
    site_type, campaign, has, routine = BLANKS[name]
    checklist, problems = plan_checklist(site_type, campaign, None, has, routine=routine)
    assert checklist is not None, [p.render() for p in problems]
    return checklist


@cache
def recorded(sample: str, *, final: bool) -> Recorded:
    """Return a sample's record: as proposed, or complete with everything confirmed."""
    inspection, problems = open_answers(Place(ROOT), SAMPLES / f"{sample}.yaml")
    assert inspection is not None, [p.render() for p in problems]
    evaluation = evaluate(inspection)
    record = new_record(inspection, evaluation)
    return Recorded(confirm_all(record) if final else record, inspection, evaluation)


@cache
def paper(kind: str, name: str) -> Paper:
    """Return a paper, rendered once: blank, filled, draft or final, of a name in BLANKS or a sample."""
    if kind == "blank":
        return Paper(checklist_pdf(blank(name)))
    if kind == "filled":
        return Paper(record_pdf(recorded(name, final=True), "checklist"))
    return Paper(record_pdf(recorded(name, final=kind == "final"), "inspection-record"))


ALL_PAPERS = [("blank", name) for name in BLANKS] + [
    (kind, name) for kind in ("filled", "draft", "final") for name in SAMPLE_NAMES
]


def changed(of: Recorded, **fields: Any) -> Recorded:
    """Return the record with other fields of its file; its answers and findings stay."""
    return of._replace(record=RecordFile.model_validate(of.record.model_dump(by_alias=True) | fields))


def decided(of: Recorded, numbers: set[int], **fields: Any) -> Recorded:
    """Return the record with the findings of these numbers decided otherwise."""
    findings = tuple(f.model_copy(update=fields) if f.number in numbers else f for f in of.record.findings)
    return of._replace(record=of.record.model_copy(update={"findings": findings}))


# ── the command line


class Run(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything printed."""
        return self.out + self.err


Invoke = Callable[..., Run]
"""Runs a command with these arguments."""


def environment(**changes: str | None) -> dict[str, str]:
    """Return this process's environment with changes (None: unset), without a layer or a language of its own."""
    base = {k: v for k, v in os.environ.items() if k not in {"CHUNFENG_RULES", "LANGUAGE", "COLUMNS"}}
    return {k: v for k, v in {**base, **changes}.items() if v is not None}


def chunfeng(*arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Run:
    """Run python cli.py in a process of its own."""
    done = raw_chunfeng(*arguments, cwd=cwd, env=env)
    return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def raw_chunfeng(
    *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run python cli.py in a process of its own and return the bytes it printed."""
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=dict(env or environment()), capture_output=True, check=False)


# ── QR codes, read without a camera: enough for what the papers carry (version 3, mask 2, alphanumeric)

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BLOCKS = {0b01: (1, 55), 0b00: (1, 44), 0b11: (2, 17), 0b10: (2, 13)}
"""Number of blocks and data codewords of each, by the two bits that name the level of error correction."""


def read_qr(svg: bytes) -> str:
    """Return the text of a QR code drawn as SVG: its modules read in the order of ISO/IEC 18004."""
    dark, size = _modules(svg.decode())
    assert size == 29, f"version {(size - 17) // 4}, not 3"
    positions = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    named = int("".join("1" if p in dark else "0" for p in positions), 2) ^ 0b101010000010010
    assert named >> 10 & 0b111 == 2, "the mask is not the fixed one"
    blocks, length = _BLOCKS[named >> 13]
    bits = "".join("1" if ((y, x) in dark) != (x % 3 == 0) else "0" for y, x in _data_positions(size))
    words = [bits[i : i + 8] for i in range(0, blocks * length * 8, 8)]
    stream = "".join("".join(words[block::blocks]) for block in range(blocks))
    assert stream[:4] == "0010", "not alphanumeric"
    count, start, text = int(stream[4:13], 2), 13, ""
    while len(text) < count:
        pair = count - len(text) >= 2
        value = int(stream[start : start + (11 if pair else 6)], 2)
        text += (_ALPHANUMERIC[value // 45] if pair else "") + _ALPHANUMERIC[value % 45]
        start += 11 if pair else 6
    return text


def _modules(svg: str) -> tuple[set[tuple[int, int]], int]:
    """Return the dark modules as (row, column) and the size; segno draws runs with h and skips with m."""
    path = re.search(r' d="([^"]+)"', svg)
    size = re.search(r'width="(\d+)"', svg)
    assert path, "no path in the SVG"
    assert size, "no width in the SVG"
    x = y = 0
    dark: set[tuple[int, int]] = set()
    for command, arguments in re.findall(r"([Mmh])([-\d. ]+)", path.group(1)):
        numbers = [float(n) for n in arguments.split()]
        if command == "h":
            dark |= {(y - 2, column - 2) for column in range(x, x + int(numbers[0]))}
            x += int(numbers[0])
        else:
            x = int(numbers[0]) + (x if command == "m" else 0)
            y = int(numbers[1]) + (y if command == "m" else 0)
    return dark, int(size.group(1)) - 4


def _data_positions(size: int) -> Iterator[tuple[int, int]]:
    for pair in range(size - 1, 0, -2):
        right = pair - 1 if pair <= 6 else pair
        for step in range(size):
            y = step if (right + 1) & 2 else size - 1 - step
            for x in (right, right - 1):
                corner = (x < 9 and y < 9) or (x >= size - 8 and y < 9) or (x < 9 and y >= size - 8)
                aligned = abs(x - (size - 7)) <= 2 and abs(y - (size - 7)) <= 2
                if not (corner or aligned or x == 6 or y == 6):
                    yield y, x


# ── what a process touches

_TOUCHES = {"open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen", "os.system"}
_touched: list[tuple[str, str]] | None = None


@contextmanager
def touches() -> Iterator[list[tuple[str, str]]]:
    """Collect every file that this process opens from Python, every connection, and every program it starts."""
    global _touched
    if not _hooked:
        sys.addaudithook(_on_event)
        _hooked.append(True)
    _touched = []
    try:
        yield _touched
    finally:
        _touched = None


_hooked: list[bool] = []


def _on_event(event: str, arguments: tuple[object, ...]) -> None:
    if _touched is not None and event in _TOUCHES:
        _touched.append((event, " ".join(map(str, arguments[:2]))))
