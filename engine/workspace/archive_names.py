"""Names that people can read for the kept files of an archive, safe on every system."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.documents.case_view import TITLES
from engine.model.workspace import Inspection, KeptFinding

VISITS = "检查"
OTHERS = "其他文件"
_OTHER_TITLES = {
    "answers": "答卷", "source": "交来的答卷", "layout": "检查表的版面位置",
    "draft": "检查记录草稿（数据）", "record": "检查记录（数据）",
}  # fmt: skip
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ud800-\udfff]')
_LONGEST = 60
_KINDS = (
    (b"%PDF", ".pdf"), (b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"PK\x03\x04", ".zip"), (b"{", ".json"),
    (b"<", ".html"), (b"kind:", ".yaml"), (b"#", ".yaml"),
)  # fmt: skip


class Named(NamedTuple):
    """A kept file with its place in an archive."""

    digest: str
    path: str
    """With slashes, from the archive's folder."""
    owner: str
    """Id of the inspection that it belongs to; empty for none."""
    title: str


def named_files(
    inspections: list[Inspection],
    findings: list[KeptFinding],
    site_names: dict[str, str],
    every: frozenset[str],
    beginning: Callable[[str], bytes],
) -> Iterator[Named]:
    """Yield every kept file once, in order: papers of inspections, evidence of findings, then all others.

    beginning: the first bytes of a file by its SHA-256; they tell what kind of file it is.
    """
    taken, done = set[str](), set[str]()
    folders = {}
    for visit in inspections:
        folders[visit.id] = _free(f"{VISITS}/{safe(f'{visit.id} {site_names.get(visit.site, visit.site)}')}", "", taken)
    for visit in inspections:
        titled = [(title_of(field), digest) for field, digest in visit.files.items()]
        titled += [(f"补充 {number}", each.file) for number, each in enumerate(visit.supplements, 1) if each.file]
        for title, digest in titled:
            if digest not in done:
                done.add(digest)
                yield Named(digest, _free(f"{folders[visit.id]}/{safe(title)}", _ending(beginning(digest)), taken),
                            visit.id, title)  # fmt: skip
        for name, digest in visit.evidence.items():
            if digest not in done:
                done.add(digest)
                yield Named(digest, _as_called(folders[visit.id], name, taken), visit.id, f"证据 {name}")
    for finding in findings:
        for number, digest in enumerate(finding.evidence, 1):
            if digest not in done:
                done.add(digest)
                title = f"问题 {finding.id} 改正证据 {number}"
                folder = folders.get(finding.inspection, OTHERS)
                path = _free(f"{folder}/{safe(title)}", _ending(beginning(digest)), taken)
                yield Named(digest, path, finding.inspection, title)
    for digest in sorted(every - done):
        yield Named(digest, f"{OTHERS}/{digest}{_ending(beginning(digest))}", "", "以前的版本")


def _as_called(folder: str, name: str, taken: set[str]) -> str:
    """Return the path of evidence: under the name that its record calls it by, so that it is found beside it."""
    path, dot, ending = "/".join(safe(part) for part in name.split("/")).rpartition(".")
    return _free(f"{folder}/{path}", f".{ending}", taken) if dot else _free(f"{folder}/{ending}", "", taken)


def title_of(field: str) -> str:
    """Return what a file of an inspection is called in Chinese, the field itself where it has no word."""
    name = field.replace("_", "-")
    return _OTHER_TITLES.get(name) or next((title for paper, title in TITLES.items() if paper == name), field)


def safe(text: str) -> str:
    """Return a text as a part of a path that no system refuses or reads otherwise."""
    return _UNSAFE.sub("_", text)[:_LONGEST].strip(". ") or "_"


def _ending(beginning: bytes) -> str:
    return next((ending for start, ending in _KINDS if beginning.startswith(start)), ".dat")


def _free(path: str, ending: str, taken: set[str]) -> str:
    """Return the path, with a number behind it where another has it; capitals make no difference on some systems."""
    number, found = 1, path + ending
    while found.casefold() in taken:
        number += 1
        found = f"{path}（{number}）{ending}"
    taken.add(found.casefold())
    return found
