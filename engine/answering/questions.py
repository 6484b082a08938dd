"""Every question of a checklist by the name of its field, as the printed checklist and its form name them.

CODE.answer, CODE.not_applicable, CODE.detail.NAME, CODE.note; rows as TABLE.N.COLUMN, readings as CODE.answer.N.PART,
with N from 1; visit.… and site.… follow the answer sheet. A choice of several comes as one text, or box by box as
NAME.N.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choice, Number, Readings, Rows, TextQuestion, YesNo
from engine.model.release import ReleaseItem
from engine.model.sheet import Visit

NOTHING_FOUND = "未发现"
"""What an item that is answered by a table says when its table has no row."""
ROW_PARTS = ("position", "device", "reading")
"""Of a reading, as a row has them."""


class Question(NamedTuple):
    """One thing that is asked: its field, its words and how it is answered."""

    name: str
    title: str
    spec: AnswerSpec


class Table(NamedTuple):
    """What is answered in rows: a shared table, the problems of one item, or its readings."""

    name: str
    """Fields of a row begin with it: YD-08, trace, YD-11.answer."""
    title: str
    columns: Mapping[str, AnswerSpec]
    key: tuple[str, ...]
    item: ReleaseItem | None
    """The item it belongs to; None for a shared table."""


def item_question(item: ReleaseItem) -> Question | None:
    """Return the question that stands beside an item; None if its answer is taken from a shared table or from rows."""
    if item.grid is not None or isinstance(item.answer, (Rows, Readings)):
        return None
    return Question(f"{item.code}.answer", item.answer.ask or item.check, item.answer)


def rows_question(item: ReleaseItem) -> Question | None:
    """Return what an item with a table of its own is asked beside it: whether anything was found."""
    if item.grid is not None or not isinstance(item.answer, Rows):
        return None
    options = (NOTHING_FOUND, found_word())
    return Question(f"{item.code}.answer", item.check, Choice(type="choice", options=options))


def found_word() -> str:
    """Return what is chosen when the table of an item has rows."""
    return "发现，填表"


def detail_questions(item: ReleaseItem) -> list[Question]:
    """Return the details asked beside an item."""
    return [Question(f"{item.code}.detail.{name}", spec.ask or name, spec) for name, spec in item.details.items()]


def tables(checklist: Checklist) -> list[Table]:
    """Return what is answered in rows, in printed order: tables and readings of items, then the shared tables."""
    found = []
    for item in (entry.item for entry in checklist.items()):
        if item.grid is None and isinstance(item.answer, Rows):
            found.append(Table(item.code, f"{item.code} 问题清单", item.answer.columns, item.answer.key, item))
        elif item.grid is None and isinstance(item.answer, Readings):
            found.append(_readings(item, item.answer))
    for name, grid in checklist.grids.items():
        found.append(Table(name, grid.title, grid.answer.columns, grid.answer.key, None))
    return found


def _readings(item: ReleaseItem, spec: Readings) -> Table:
    columns: dict[str, AnswerSpec] = {
        "position": TextQuestion(type="text", ask="位置"),
        "device": TextQuestion(type="text", ask="设备"),
        "reading": Number(type="number", unit=spec.unit, low=spec.low, high=spec.high, ask=f"读数（{spec.unit}）"),
    }
    return Table(f"{item.code}.answer", f"{item.code} {spec.ask or item.check}", columns, ("reading",), item)


def site_questions(checklist: Checklist) -> list[Question]:
    """Return who the site is and what business it does; what is known of the business is not asked again."""
    text = TextQuestion(type="text")
    found = [Question("site.name", "单位名称", text)]
    found += [Question(f"site.identity.{i.id}", i.label, text) for i in checklist.type.identity_of(checklist.site)]
    for name, attribute in checklist.type.attributes.items():
        if checklist.site.attributes.get(name) is None:
            found.append(Question(f"site.attributes.{name}", attribute.label, YesNo(type="yes_no")))
    return found


VISIT_TEXTS = {
    "start": "开始时间", "end": "结束时间", "place": "检查地点", "task": "任务来源、事由", "approval": "审批人和日期",
    "notice": "通知书编号或不预先通知的理由", "times": "本年度已检查次数、频次上限", "recorder": "记录人",
    "recusal_decision": "对回避申请的决定", "statement": "当事人意见（照原话写）", "refusal": "拒绝签名或到场的情形",
    "recordings": "照片、录音录像",
}  # fmt: skip
PEOPLE = {
    "inspectors": {"name": "检查人员姓名", "certificate": "执法证号"},
    "present": {"name": "在场人员姓名", "position": "职务", "document": "身份证件号码", "relation": "与当事人的关系"},
    "joint": {"unit": "联合检查单位", "name": "姓名", "certificate": "证号"},
}


def visit_choices() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the fields of a visit that are chosen, each with its title and words."""
    category = Visit.model_fields["category"].annotation
    recusal = Visit.model_fields["recusal"].annotation
    return {
        "category": ("检查类别", _words(category)),
        "recusal": ("是否申请回避", _words(recusal)),
        "certificates_shown": ("已出示执法证件", ("是", "否")),
    }


def _words(annotation: object) -> tuple[str, ...]:
    literal = next(part for part in getattr(annotation, "__args__", ()) if part is not type(None))
    return tuple(getattr(literal, "__args__", ()))


def titles(checklist: Checklist) -> dict[str, str]:
    """Return what people call each field of a sheet: an item's check, a table's title, a field of site or visit."""
    found = {entry.item.code: entry.item.check for entry in checklist.items()}
    found |= {name: grid.title for name, grid in checklist.grids.items()}
    found |= {f"visit.{name}": title for name, title in VISIT_TEXTS.items()} | {"visit.date": "检查日期"}
    found |= {f"visit.{name}": title for name, (title, _) in visit_choices().items()}
    found |= {f"visit.{name}": next(iter(columns.values())) for name, columns in PEOPLE.items()}
    return found | {question.name: question.title for question in site_questions(checklist)}


def told_fields(names: Iterable[str], checklist: Checklist) -> list[str]:
    """Return how fields are named to people: an item by its code, any other by its title with its name behind."""
    known, codes = titles(checklist), {entry.item.code for entry in checklist.items()}
    return [f"{known[name]}（{name}）" if name in known and name not in codes else name for name in names]
