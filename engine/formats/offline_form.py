"""The checklist as a page that is filled in without a server or a network, and the JSON file that it exports."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from markupsafe import Markup

from engine.answering.data import DataDocument
from engine.answering.form_page import VISIT_PHOTOS, page_data, titles
from engine.answering.forms import Given, fill
from engine.answering.head import Opener, head_text
from engine.documents.html import read_template, render_screen
from engine.documents.qr import site_digits
from engine.formats.json import is_of_a_form, read_json
from engine.inspections.photos import Refusal, read_photo
from engine.model.checklist import Checklist
from engine.model.form_file import FormFile, FormPhoto
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.schema import validate
from engine.source import Written

SUFFIXES: tuple[str, ...] = ()
"""No file name means this format: *.html is the page to look at."""
MAX_BYTES = 40 * 1024 * 1024
"""Some eighty photographs; the page takes no more."""
_TEMPLATES = "offline-form"
_SCRIPTS = ("form", "checks", "page", "photos", "keeping")
_AGAIN = "请打开那张离线表单，重新导出答案"
_PREVIEW = 200
"""Pixels: a photograph is opened to see that it is one, not to be shown."""


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank form: one HTML file that loads nothing, its script and style named by hash in its policy."""
    script, style = page_script(), read_template(_TEMPLATES, "form.css")
    data = page_data(checklist) | {
        "head": head_text(checklist),
        "digits": site_digits(checklist.site),
        "bytes": MAX_BYTES,
        "general": VISIT_PHOTOS,
    }
    context: dict[str, object] = {
        "checklist": checklist, "script": Markup(script), "style": Markup(style),  # noqa: S704  # files of this program
        "script_hash": _hash(script), "style_hash": _hash(style), "data": _inside_a_script(data),
    }  # fmt: skip
    return render_screen(_TEMPLATES, context, "page.html").encode()


def page_script() -> str:
    """Return the script of the page: its files in one function, so that no name of theirs is global."""
    parts = "\n".join(read_template(_TEMPLATES, f"{name}.js") for name in _SCRIPTS)
    return f'(function () {{\n"use strict";\n{parts}\nstart();\n}})();\n'


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inside_a_script(data: object) -> Markup:
    """Return data as JSON that cannot end the element it stands in, whatever it says."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  # escaped


def recognises(content: bytes) -> bool:
    """Return whether the content is an export of the form, or the form itself: it is told what to do."""
    return is_of_a_form(content) or _is_page(content)


def _is_page(content: bytes) -> bool:
    """Return whether the content is the page, as it was made or as a browser saved it (HTML or one file of all)."""
    start = content[:1024].lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    is_page = start.startswith((b"<!doctype html", b"<html")) or b"mime-version:" in start
    return is_page and not start.startswith(b"{") and b"chunfeng-sheet" in content


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet in an export, or None and every mistake; photographs are named in its provenance."""
    if _is_page(content):
        reason = "这是离线表单的网页本身，填的内容不在这个文件里"
        todo = "请在填写的那台设备上用浏览器打开它，点“导出答案”，把得到的 .json 文件交来"
        return None, [problem("E642", Mark(shown), reason=reason, todo=todo)]
    form, problems = _read_form(content, shown)
    if form is None:
        return None, problems
    checklist, problems = open_head(form.head, Mark(shown))
    if checklist is None:
        return None, problems
    title = titles(checklist)
    given = {name: Given(value, Mark(shown, cell=title(name))) for name, value in form.fields.items()}
    document, problems = fill(checklist, given, shown, source.model_copy(update={"at": form.saved}))
    known = {VISIT_PHOTOS, *checklist.grids, *(entry.item.code for entry in checklist.items())}
    problems += _photo_problems(form, known, shown)
    provenance = document.data["provenance"]
    if form.photos and isinstance(provenance, dict):
        provenance["photos"] = [{"file": p.name, "item": p.item, "sha256": p.sha256} for p in form.photos]
    return document, problems


def read_attachments(content: bytes) -> list[tuple[str, bytes]]:
    """Return the photographs of an export that read_sheet() takes, each with a file name that is safe anywhere."""
    form, _ = _read_form(content, "")
    return [(photo.name, _decoded(photo)) for photo in form.photos] if form is not None else []


def _read_form(content: bytes, shown: str) -> tuple[FormFile | None, list[Problem]]:
    data, problems = read_json(content, shown)
    if problems or not isinstance(data, dict):
        return None, problems or [problem("E642", Mark(shown), reason="不是离线表单导出的答案", todo=_AGAIN)]
    return validate(DataDocument(shown, data), FormFile)


def _photo_problems(form: FormFile, known: set[str], shown: str) -> list[Problem]:
    found: list[Problem] = []
    names: set[str] = set()
    for number, photo in enumerate(form.photos, 1):
        refusal = _refused(photo, known) if photo.name not in names else Refusal("有两张同名", _AGAIN)
        names.add(photo.name)
        if refusal is not None:
            mark = Mark(shown, cell=f"第 {number} 张照片")
            found.append(problem("E650", mark, name=photo.name, reason=refusal.reason, todo=refusal.todo))
    return found


def _refused(photo: FormPhoto, known: set[str]) -> Refusal | None:
    """Return why a photograph is not taken: it is not what the form exported, or no photograph."""
    if photo.item not in known:
        return Refusal(f"检查表里没有 “{photo.item}”", "请核对是不是这张检查表；" + _AGAIN)
    try:
        content = _decoded(photo)
    except (binascii.Error, ValueError):
        return Refusal("内容残缺", _AGAIN)
    digest = hashlib.sha256(content).hexdigest()
    if digest != photo.sha256:
        return Refusal("与导出时的 SHA-256 不符，文件被改动过或已损坏", _AGAIN)
    if not photo.name.startswith(f"{photo.item}-") or not photo.name.endswith(f"-{digest[:8]}.jpg"):
        return Refusal("名称与项目、校验值不一致", _AGAIN)
    if not content.startswith(b"\xff\xd8\xff"):
        return Refusal("不是 JPEG", _AGAIN)
    read = read_photo(content, _PREVIEW)
    return read if isinstance(read, Refusal) else None


def _decoded(photo: FormPhoto) -> bytes:
    return base64.b64decode(photo.data, validate=True)
