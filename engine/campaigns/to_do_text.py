"""The to-do list of a campaign for people, and the request for the days off that are not known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from engine.model.to_do import ToDo, ToDoEntry, ToDoKind

TITLES: dict[ToDoKind, str] = {
    "citation": "到时已经失效、没有后继的法条", "clause": "还没有落实的方案条款",
    "not-asked": "去年查、今年没有条款要求的项目",
    "never-found": "两次行动都没有发现问题的项目", "holidays": "没有放假数据的日期", "fill-in": "文件里待填的地方",
    "unknown": "没有看到、说不清的",
}  # fmt: skip
MAX_PLACES = 12


def to_do_text(found: ToDo) -> str:
    """Return the list as plain text, numbered through, with a box for each thing to do."""
    lines = [f"{found.title}　待办清单", f"期间 {found.period.start} 至 {found.period.end}"]
    if found.extends:
        lines[1] += f"，沿用 {found.extends} 行动"
    lines.append(
        "　".join(f"{TITLES[kind]} {count}" for kind, count in found.counts.items() if count) or "没有待办事项"
    )
    number = 0
    for kind, entries in groupby(found.entries, key=lambda e: e.kind):
        lines += ["", f"【{TITLES[kind]}】"]
        for entry in entries:
            number += 1
            lines += _entry(number, entry)
    return "\n".join(lines) + "\n"


def _entry(number: int, entry: ToDoEntry) -> Iterator[str]:
    yield f"□ {number}. {entry.subject}　{entry.text}"
    if entry.places:
        more = f" 等 {len(entry.places)} 处" if len(entry.places) > MAX_PLACES else ""
        yield f"   用在：{'；'.join(entry.places[:MAX_PLACES])}{more}"
    for proposal in entry.proposals:
        yield f"   建议（未经认可）：{proposal.name}　{proposal.text}〔{proposal.reason}〕"
    yield f"   要做：{entry.todo}"


def calendar_request(found: ToDo) -> str:
    """Return in words which days off are to be looked up or asked for; empty if all are known."""
    wanted = [entry for entry in found.entries if entry.kind == "holidays"]
    if not wanted:
        return ""
    lines = [
        f"关于查询放假安排的说明（{found.title}）", "",
        f"本次行动自 {found.period.start} 至 {found.period.end}。报送期限是否顺延、值守怎样安排，要看放假和调休：",
        *(f"{n}. {entry.text}" for n, entry in enumerate(wanted, 1)),
        "", "请提供（或自行查找）：每个假期的起止日期，每个调休上班的星期六、星期日，以及通知的名称和文号。",
        "来源应为国务院办公厅关于部分节假日安排的通知；没有见到通知原文的，程序一律标明待核。",
        "拿到以后录入：chunfeng rules holidays 年份 --off 假期=起..止 --work 假期=日 --source 通知 --rules 文件夹",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
