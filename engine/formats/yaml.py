"""The annotated answer sheet in YAML."""

from __future__ import annotations

from pydantic import JsonValue

from engine.answering.head import Opener
from engine.inspections.opening import MAX_SHEET_BYTES, parse_sheet
from engine.model.checklist import Checklist, ChecklistItem
from engine.model.questions import (
    AnswerSpec,
    Choice,
    Choices,
    Count,
    DateQuestion,
    Number,
    Readings,
    Rows,
    Sample,
    YesNo,
)
from engine.model.sheet import Source
from engine.problems import Problem
from engine.source import Written, dump

SUFFIXES = (".yaml", ".yml")
MAX_BYTES = MAX_SHEET_BYTES


def recognises(content: bytes) -> bool:
    """Return whether the content begins as an answer sheet in YAML does; a file of another kind is told so."""
    return content.lstrip(b"\xef\xbb\xbf \r\n#").startswith(b"kind:")


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet in the bytes of a YAML file, or None and what is wrong with it as a file."""
    return parse_sheet(content, shown)


def write_checklist(checklist: Checklist) -> bytes:
    """Return a blank answer sheet whose comments say what is asked and how to answer."""
    sheet = blank_sheet(checklist)
    answers = sheet.pop("answers")
    assert isinstance(answers, dict)
    lines = [
        f"# {checklist.type.title}答卷　{checklist.campaign_title}",
        "# 在冒号后面填写（冒号后留一个空格）。没有检查的留空；不涉及的填 不适用；# 后面是说明。",
        _with_labels(dump(sheet, lines=False).rstrip(), _labels(checklist)),
        "answers:",
    ]
    for section in checklist.sections:
        lines.append(f"  # ── {section.title}")
        for entry in section.items:
            lines += _item(entry, checklist)
    for name, grid in checklist.grids.items():
        lines += [f"  # ── {grid.title}：{grid.instructions or ''}", *_rows_help(grid.answer), f"  {name}:"]
        lines += _begun(checklist, name)
    return ("\n".join(lines) + "\n").encode()


def blank_sheet(checklist: Checklist) -> dict[str, object]:
    """Return an answer sheet of the checklist with every answer empty."""
    fields = checklist.type.identity_of(checklist.site)
    answers: dict[str, object] = {}
    for entry in checklist.items():
        answers[entry.item.code] = _blank(entry)
    answers |= {name: begun_rows(checklist, name) or None for name in checklist.grids}
    return {
        "kind": "answers",
        "campaign": checklist.campaign,
        "lock": checklist.lock,
        "checklist": checklist.id,
        "site_type": checklist.site_type,
        "routine": checklist.routine,
        "site": {
            "name": checklist.site.name,
            "identity": {i.id: checklist.site.identity.get(i.id, "") for i in fields},
            "attributes": dict(checklist.site.attributes),
        },
        "visit": {
            "date": checklist.date.isoformat(), "start": None, "end": None, "place": "", "category": None,
            "task": "", "approval": "", "notice": "", "times": "",
            "inspectors": [{"name": "", "certificate": ""}, {"name": "", "certificate": ""}],
            "joint": [{"unit": unit, "name": "", "certificate": ""} for unit in checklist.joint], "recorder": "",
            "present": [{"name": "", "position": ""}], "certificates_shown": None, "recusal": None, "statement": "",
        },
        "answers": answers,
        "earlier": [e.model_dump(mode="json", exclude_defaults=True) for e in checklist.earlier],
    }  # fmt: skip


_VISIT = {
    "date": "检查日期", "start": "开始时间，如 09:05", "end": "结束时间", "place": "检查地点",
    "category": "日常、专项、双随机、有因、回头看、飞检", "task": "任务来源、事由", "approval": "审批人和日期",
    "notice": "通知书编号或不预先通知的理由", "times": "本年度已检查次数、频次上限",
    "joint": "联合检查的其他单位及人员；没有的写 []", "unit": "单位",
    "recorder": "记录人", "certificates_shown": "已出示执法证件填 true",
    "recusal": "申请回避 或 不申请回避（申请的另写 recusal_decision: 谁怎样决定）",
    "statement": "当事人意见，照原话写", "name": "姓名或名称",
    "certificate": "执法证号", "position": "职务",
    "earlier": "上次检查发现的问题，如 - {finding: cold-chain.refrigerator-temperature}",
}  # fmt: skip


def _labels(checklist: Checklist) -> dict[str, str]:
    identity = {i.id: i.label for i in checklist.type.identity_of(checklist.site)}
    attributes = {name: attribute.label for name, attribute in checklist.type.attributes.items()}
    listed = "、".join(f"{name} {label}" for name, label in attributes.items())
    return (
        identity | attributes | _VISIT | {"attributes": f"业务范围：有 true，没有 false，不清楚的不写。可用：{listed}"}
    )


def _with_labels(text: str, labels: dict[str, str]) -> str:
    """Return the YAML text with the Chinese label of each field of site and visit behind it as a comment."""
    found, section = [], ""
    for line in text.splitlines():
        key = line.strip().removeprefix("- ").split(":", 1)[0]
        if not line.startswith((" ", "-")):
            section = key
        labelled = key in labels and section in ("site", "visit", "earlier")
        found.append(f"{line}  # {labels[key]}" if labelled else line)
    return "\n".join(found)


def _blank(entry: ChecklistItem) -> object:
    if entry.item.details:
        return {"answer": None, **dict.fromkeys(entry.item.details), "note": ""}
    return {"answer": None, "note": ""}


def _item(entry: ChecklistItem, checklist: Checklist) -> list[str]:
    item = entry.item
    mark = f"〔{item.grade.label}〕" + ("〔红线〕" if any(f.red_line for f in item.findings) else "")
    lines = [f"  # {item.code} {mark} {item.check}", f"  #   方法：{item.method}"]
    if item.grid is not None:
        lines.append(
            f"  #   结论取自下面的《{checklist.grids[item.grid].title}》（{item.grid}）；此处只填备注或 不适用"
        )
    elif isinstance(item.answer, Rows):
        lines += _rows_help(item.answer)
    lines.append(f"  {item.code}:")
    asked = f"{item.answer.ask}：" if item.answer.ask else ""
    expected = "" if item.grid else f"  # {asked}{_expected(item.answer)}"
    lines.append(f"    answer:{expected}")
    lines += [f"    {name}:  # {spec.ask or name}：{_expected(spec)}" for name, spec in item.details.items()]
    return [*lines, '    note: ""']


def begun_rows(checklist: Checklist, name: str) -> list[JsonValue]:
    """Return the rows that the program has begun, as far as their keys are known: others stand on paper only."""
    key = checklist.grids[name].answer.key
    return [dict(row) for row in checklist.prefilled.get(name, ()) if all(part in row for part in key)]


def _begun(checklist: Checklist, name: str) -> list[str]:
    rows = begun_rows(checklist, name)
    return [f"    {line}" for line in dump(rows, lines=False).splitlines()] if rows else []


def _rows_help(spec: Rows) -> list[str]:
    columns = "；".join(f"{name} {column.ask or ''}（{_expected(column)}）" for name, column in spec.columns.items())
    return [f"  #   每行写作 - {{栏目: 内容, …}}；没有写 []。栏目：{columns}"]


def _expected(spec: AnswerSpec) -> str:
    match spec:
        case YesNo():
            return "是 或 否"
        case Choice(options=options):
            return " 或 ".join(options)
        case Choices(options=options):
            return f"可多选，如 [{', '.join(options[:2])}]"
        case Number(unit=unit) | Count(unit=unit) | Sample(unit=unit):
            return f"数字，{unit}"
        case DateQuestion():
            return "日期，如 2024-01-31"
        case Readings(unit=unit):
            return f"读数，{unit}，如 [5.0, 6.2] 或 [{{reading: 5.0, device: 1号柜, position: 上层}}]"
        case Rows():
            return "行的列表，没有写 []"
        case _:
            return "文字"
