"""Images of signatures drawn by hand, printed on the record and labelled as what they are: no electronic signature.

An image proves nothing about who put it there (电子签名法 art. 13 asks for more). It is carried in the paper as it was
printed, with the SHA-256 of the file that was handed in.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.inspections.photos import Refusal, is_print, read_photo
from engine.model.record import DrawnSignature, RecordFile
from engine.model.sheet import MAX_PEOPLE
from engine.problems import Mark, Problem, problem
from engine.reading import read_bytes

LABEL = "手写签名图像（非电子签名）"
MAX_FILE_BYTES = 10 * 1024 * 1024
LONGEST_EDGE = 480
"""Pixels: more than 200 to the inch where a signature is printed 50 mm wide."""
_MAX_PRINT_BYTES = 256 * 1024
_MOST = 3 * MAX_PEOPLE
_NOT_OURS = "附件中的手写签名图像不是打印时放入的样子"


def read_drawn(
    record: RecordFile, given: Sequence[tuple[str, Path]]
) -> tuple[tuple[DrawnSignature, ...], list[Problem]]:  # fmt: skip
    """Return the drawn signatures, each by the name of a person of the record and its file; and what is wrong."""
    drawn: list[DrawnSignature] = []
    problems: list[Problem] = []
    for name, path in given:
        content, wrong = read_bytes(path, str(path), MAX_FILE_BYTES)
        if not wrong:
            shown = read_photo(content, LONGEST_EDGE)
            if isinstance(shown, Refusal):
                todo = "请在白纸上签名后拍照或扫描，存为 JPEG 或 PNG"
                wrong = [problem("E746", Mark(str(path)), name=name, reason=shown.reason, todo=todo)]
            else:
                image = base64.b64encode(shown.jpeg).decode()
                drawn.append(DrawnSignature(name=name, sha256=hashlib.sha256(content).hexdigest(), image=image))
        problems += wrong
    return tuple(drawn), [*_wrong_names(record, [name for name, _ in given]), *problems]


def places(record: RecordFile, drawn: Sequence[DrawnSignature]) -> dict[str, list[int]]:
    """Return which drawn signatures, by index, belong to each place for signing on the record."""
    visit = record.visit
    inspectors = [person.name.strip() for person in visit.inspectors]
    names = {
        "party": [person.name.strip() for person in visit.present], "first": inspectors[:1], "others": inspectors[1:],
        "recorder": [visit.recorder.strip()], "witness": [visit.witness.name.strip()] if visit.witness else [],
    }  # fmt: skip
    return {place: [i for i, each in enumerate(drawn) if each.name in those] for place, those in names.items()}


def drawn_assets(drawn: Sequence[DrawnSignature]) -> dict[str, bytes]:
    """Return the images by the names that the template uses."""
    return {f"drawn-{index}": base64.b64decode(each.image) for index, each in enumerate(drawn)}


def carried_drawn(data: object, record: RecordFile) -> tuple[tuple[DrawnSignature, ...], list[str]]:
    """Return the drawn signatures in a paper from anybody, None for none; and in Chinese what is wrong with them."""
    if data is None:
        return (), []
    if not isinstance(data, list) or not 0 < len(data) <= _MOST:
        return (), [_NOT_OURS]
    try:
        drawn = tuple(DrawnSignature.model_validate(each) for each in data)
        images = [base64.b64decode(each.image, validate=True) for each in drawn]
    except ValueError:  # pydantic's and base64's own are ValueErrors
        return (), [_NOT_OURS]
    if any(len(image) > _MAX_PRINT_BYTES or not is_print(image, LONGEST_EDGE) for image in images):
        return (), [_NOT_OURS]
    return drawn, [found.message for found in _wrong_names(record, [each.name for each in drawn])]


def _wrong_names(record: RecordFile, names: Sequence[str]) -> list[Problem]:
    known = _people(record)
    problems = []
    for index, name in enumerate(names):
        reason, todo = "", "请核对记录里的姓名"
        if name not in known:
            reason, todo = "记录里没有这个人", f"可写：{'、'.join(known) or '（记录里没有写姓名）'}"
        elif known[name] > 1:
            reason = "记录里不止一个人叫这个名字"
        elif name in names[:index]:
            reason, todo = "给了不止一次", "每人一张"
        if reason:
            problems.append(problem("E746", name=name, reason=reason, todo=todo))
    return problems


def _people(record: RecordFile) -> Mapping[str, int]:
    """Return the names of those who have a place to sign, and how many people have that name."""
    visit = record.visit
    signing = [*visit.inspectors, *visit.present, *((visit.witness,) if visit.witness else ())]
    names = [person.name.strip() for person in signing if person.name.strip()]
    recorder = visit.recorder.strip()
    return {name: max(1, names.count(name)) for name in (*names, *((recorder,) if recorder else ()))}
