"""The visit, the people, the site and what was found beside the list: asked at the beginning or when wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic import JsonValue

from engine.answering.forms import Given, fill
from engine.answering.keying.desk import Desk, Screen, Step
from engine.answering.keying.edits import with_data
from engine.answering.keying.words import (
    ENTER,
    Typed,
    answer_keys,
    asked,
    by_one_key,
    half,
    read_value,
    refused,
    shown,
    takes_any_text,
    told,
)
from engine.answering.questions import PEOPLE, VISIT_TEXTS, Question, site_questions, visit_choices
from engine.answering.typed import text_of
from engine.model.questions import Choice, DateQuestion, TextQuestion, YesNo
from engine.problems import Mark

Data: TypeAlias = dict[str, Any]
GROUPS = {"inspectors": "检查人员", "joint": "联合检查的其他单位人员", "present": "在场人员", "witness": "见证人"}
VISIT = (
    "date", "start", "end", "place", "category", "task", "approval", "notice", "times", "inspectors", "joint",
    "recorder", "present", "witness", "certificates_shown", "recusal", "recusal_decision", "statement", "refusal",
    "recordings",
)  # fmt: skip
"""In the order of the record; each is a field of engine.model.sheet.Visit."""


def _change(desk: Desk, change: Callable[[Data], None]) -> list[str]:
    return desk.store(with_data(desk.inspection, change))


# ── the visit


def _visit_question(field: str) -> Question:
    if field == "date":
        return Question("visit.date", "检查日期", DateQuestion(type="date"))
    if field in VISIT_TEXTS:
        return Question(f"visit.{field}", VISIT_TEXTS[field], TextQuestion(type="text"))
    title, words = visit_choices()[field]
    if words == ("是", "否"):
        return Question(f"visit.{field}", title, YesNo(type="yes_no"))
    return Question(f"visit.{field}", title, Choice(type="choice", options=words))


def _said(desk: Desk, field: str) -> JsonValue:
    value: JsonValue = desk.inspection.sheet.visit.model_dump(mode="json", exclude_defaults=True).get(field)
    return value


def visit_screen(desk: Desk) -> Screen:
    """Return the screen of one field of the visit, or of people that are named already."""
    field = desk.step.name
    number = f"检查情况 {VISIT.index(field) + 1}/{len(VISIT)}"
    if field in GROUPS:
        return _people_screen(desk, field, number)
    question = _visit_question(field)
    now = _said(desk, field)
    lines = [f"  {number}　{question.title}" + (f"　已填：{shown(now)}" if now is not None else "")]
    lines += ["    时间，如 0905"] if field in ("start", "end") else asked(question.spec)
    keys = {**answer_keys(question.spec), ENTER: "不改" if now is not None else "不填"}
    keys |= {"c": "清空"} if now is not None and field != "date" else {}
    any_text = takes_any_text(question.spec)
    return Screen(tuple(lines), question.title, by_one_key(question.spec), any_text, {**keys, "e": "不填其余"})


def take_visit(desk: Desk, entered: Typed) -> list[str]:
    """Take one field of the visit and go to the next; return what is to be told."""
    field = desk.step.name
    if entered.key == "e":
        desk.advance()
        return []
    if field in GROUPS:
        return _take_people(desk, field, entered)
    if entered.key != ENTER:
        wrong = _set_visit(desk, field, entered)
        if wrong:
            return wrong
    _next_field(desk, field)
    return []


def _set_visit(desk: Desk, field: str, entered: Typed) -> list[str]:
    value: JsonValue = None
    if entered.key != "c":
        question = _visit_question(field)
        read = read_value(question.spec, entered) if not takes_any_text(question.spec) else text_of(entered.text)
        if read.reason or not isinstance(read.value, str):
            return refused(read) if read.reason else [f"没有记录：这里不用 {entered.text or entered.key}"]
        document, problems = fill(desk.checklist, {question.name: Given(read.value, Mark(""))}, "", desk.sitting.source)
        visit = document.data["visit"]
        if problems or not isinstance(visit, dict):
            return told(problems)
        value = visit.get(field)

    def change(data: Data) -> None:
        data["visit"].pop(field, None)
        if value is not None:
            data["visit"][field] = value

    return _change(desk, change)


def _next_field(desk: Desk, field: str) -> None:
    later = VISIT[VISIT.index(field) + 1 :]
    if not later:
        desk.advance()
        return
    following = later[0]
    nobody = following in GROUPS and not _people(desk, following)
    desk.go(_first_part(following, 0) if nobody else Step("visit", following))


# ── people


def _parts(group: str) -> Mapping[str, str]:
    return PEOPLE["present" if group == "witness" else group]


def _people(desk: Desk, group: str) -> list[dict[str, Any]]:
    said: Any = _said(desk, group)
    people = [said] if group == "witness" and said else said or []
    return [dict(person) for person in people]


def _first_part(group: str, number: int) -> Step:
    return Step("person", group, next(iter(_parts(group))), number)


def _named(people: list[dict[str, Any]]) -> str:
    return "、".join(str(p.get("name") or p.get("unit") or "未填姓名") for p in people)


def _people_screen(desk: Desk, group: str, number: str) -> Screen:
    people = _people(desk, group)
    line = f"  {number}　{GROUPS[group]}　{len(people)} 人：{_named(people)}"
    more = {} if group == "witness" else {"n": "再加一人"}
    keys = {ENTER: "不改", **more, "m": "逐人核改", "c": "全部清空", "e": "不填其余"}
    return Screen((line,), GROUPS[group], single=True, keys=keys)


def _take_people(desk: Desk, group: str, entered: Typed) -> list[str]:
    people = _people(desk, group)
    if entered.key == ENTER:
        _next_field(desk, group)
    elif entered.key == "n" and group != "witness":
        desk.go(_first_part(group, len(people)))
    elif entered.key == "m":
        desk.go(_first_part(group, 0))
    elif entered.key == "c":
        wrong = _change(desk, lambda data: data["visit"].pop(group, None))
        if wrong:
            return wrong
        desk.go(_first_part(group, 0))
    return []


def person_screen(desk: Desk) -> Screen:
    """Return the screen of one part of a person."""
    group, part, number = desk.step.name, desk.step.part, desk.step.row
    people = _people(desk, group)
    now = people[number].get(part) if number < len(people) else None
    title = _parts(group)[part].replace("在场人员", GROUPS[group])
    line = f"  {GROUPS[group]} {number + 1}　{title}" + (f"　已填：{now}" if now else "")
    keys = {ENTER: "不改" if now else "没有了" if number >= len(people) else "不填", "e": "不填其余"}
    keys |= {"c": "清空"} if now and part != "name" else {}
    return Screen((line,), title, single=False, any_text=True, keys=keys)


def take_person(desk: Desk, entered: Typed) -> list[str]:
    """Take one part of a person and go to the next part, person or field; return what is to be told."""
    group, part, number = desk.step.name, desk.step.part, desk.step.row
    people = _people(desk, group)
    if entered.key == "e":
        desk.advance()
        return []
    if entered.key == ENTER and number >= len(people):
        _next_field(desk, group)
        return []
    if entered.key != ENTER:
        read = text_of("" if entered.key == "c" else entered.text)
        if read.reason:
            return refused(read)
        wrong = _set_person(desk, group, number, part, str(read.value or ""))
        if wrong:
            return wrong
    parts = list(_parts(group))
    later = parts[parts.index(part) + 1 :]
    if later:
        desk.go(desk.step._replace(part=later[0]))
    elif group == "witness":
        _next_field(desk, group)
    else:
        desk.go(_first_part(group, number + 1))
    return []


def _set_person(desk: Desk, group: str, number: int, part: str, text: str) -> list[str]:
    people = _people(desk, group)
    person = {"name": "", **(people[number] if number < len(people) else {}), part: text}
    people[number : number + 1] = [person]
    value: Any = person if group == "witness" else people
    return _change(desk, lambda data: data["visit"].update({group: value}))


# ── the site


def _site_questions(desk: Desk) -> list[Question]:
    """Return every question of the site, those too whose answer is known."""
    site = desk.checklist.site.model_copy(update={"attributes": {}})
    return site_questions(desk.checklist.model_copy(update={"site": site}))


def _site_value(desk: Desk, name: str) -> JsonValue:
    site = desk.inspection.sheet.site
    kind, _, key = name.removeprefix("site.").partition(".")
    if kind == "attributes":
        held = site.attributes.get(key)
        return None if held is None else "是" if held else "否"
    return (site.name if kind == "name" else site.identity.get(key)) or None


def site_screen(desk: Desk) -> Screen:
    """Return the screen of one field of the site."""
    questions = _site_questions(desk)
    names = [question.name for question in questions]
    index = names.index(desk.step.name) if desk.step.name in names else 0
    question = questions[index]
    now = _site_value(desk, question.name)
    lines = [f"  单位资料 {index + 1}/{len(names)}　{question.title}" + (f"　已填：{shown(now)}" if now else "")]
    if isinstance(question.spec, YesNo):
        lines.append("    会改变列出哪些项目，不清楚的不填")
    keys = {
        **answer_keys(question.spec),
        ENTER: "不改" if now else "不填",
        **({"c": "清空"} if now else {}),
        "e": "不填其余",
    }
    any_text = takes_any_text(question.spec)
    return Screen(tuple(lines), question.title[:12], by_one_key(question.spec), any_text, keys)


def take_site(desk: Desk, entered: Typed) -> list[str]:
    """Take one field of the site and go to the next; return what is to be told."""
    questions = _site_questions(desk)
    names = [question.name for question in questions]
    index = names.index(desk.step.name) if desk.step.name in names else 0
    if entered.key == "e":
        desk.advance()
        return []
    if entered.key != ENTER:
        read = read_value(questions[index].spec, entered) if entered.key != "c" else text_of("")
        if read.reason:
            return refused(read)
        if read.value is None and entered.key != "c":
            return [f"没有记录：这里不用 {entered.text or entered.key}"]
        wrong = _set_site(desk, names[index], read.value)
        if wrong:
            return wrong
    if index + 1 < len(names):
        desk.go(Step("site", names[index + 1]))
    else:
        desk.advance()
    return []


def _set_site(desk: Desk, name: str, value: JsonValue) -> list[str]:
    kind, _, key = name.removeprefix("site.").partition(".")

    def change(data: Data) -> None:
        if kind == "name":
            data["site"]["name"] = value or ""
            return
        data["site"][kind].pop(key, None)
        if value is not None:
            data["site"][kind][key] = value == "是" if kind == "attributes" else value

    return _change(desk, change)


# ── what was found beside the list


def other_screen(desk: Desk) -> Screen:
    """Return the screen for what was written down beside the items."""
    known = desk.inspection.sheet.other
    lines = ["  另查项目、其他问题，照纸上原话一条一行"]
    lines += [f"    {number}. {shown(text)}" for number, text in enumerate(known, 1)]
    keys = {ENTER: "填完", **({"r": "删某条（.r 1）"} if known else {})}
    return Screen(tuple(lines), f"其他 {len(known) + 1}", single=False, any_text=True, keys=keys)


def take_other(desk: Desk, entered: Typed) -> list[str]:
    """Take one line of what was written down beside the items; return what is to be told."""
    known = list(desk.inspection.sheet.other)
    if entered.key == ENTER:
        desk.advance()
        return []
    if entered.key == "r":
        number = half(entered.argument)
        if not (number.isdecimal() and len(number) < 4 and 1 <= int(number) <= len(known)):
            return [f"没有第 {number[:20] or '？'} 条；写成 .r 1"]
        del known[int(number) - 1]
        return _change(desk, lambda data: data.update(other=known))
    read = text_of(entered.text)
    return refused(read) if read.reason else _change(desk, lambda data: data.update(other=[*known, read.value]))
