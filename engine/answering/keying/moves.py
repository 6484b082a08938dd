"""The beginning, the end and the ways between: jumping by code, 是 to the rest of a section, how far keying is."""

from __future__ import annotations

from engine.answering.keying.desk import Desk, Screen, Step
from engine.answering.keying.edits import with_entry
from engine.answering.keying.items import progress
from engine.answering.keying.words import ENTER, Typed, half, shown, told
from engine.model.checklist import ChecklistSection
from engine.model.questions import YesNo

MAX_LISTED = 12
_BULK_ASKS = "没有记录：请按 y 都填是，或 n 都不填"
HELP = (
    "按键（不分大小写，全角半角都行；一键作答的不用回车）：",
    "  y 是　n 否　x 不适用　s 未查（不记答案，往下走）　回车 不改、不填",
    "  选一项的按数字；选几项的写数字再回车，如 12；数字、日期、文字写完回车，日期如 20240131",
    "  b 备注　d 细目　c 清空这一栏　e 其余不填",
    "  u 撤销，可以连按　p 上一项　g 跳转：14 或 YD-14；表写表名的开头，如 trace",
    "  a 本节其余是否项都是　w 全表逐节都是：都先列出项目，按 y 才填；读数、日期、个数、抽查、选项和表不会代填",
    "  v 检查情况（日期、人员……）　t 单位资料　o 其他问题　l 进度　q 保存退出",
    "  填文字时命令前加点，如 .u；文字以点开头的写两个点；行末写 \\ 再回车，接着写下一行",
    "每填一处就存一次盘；关掉窗口、停电后用同一条命令接着录。",
)


def home_screen(desk: Desk) -> Screen:
    """Return the first screen."""
    checklist, sheet = desk.checklist, desk.inspection.sheet
    lines = [
        f"{checklist.type.title}　{checklist.campaign_title}　检查表编号 {checklist.id}",
        f"  单位：{sheet.site.name or '未填'}　检查日期：{sheet.visit.date}　已答 {progress(desk)} 项",
    ]
    keys = {ENTER: "逐项录入", "v": "先填检查情况", "t": "先填单位资料"}
    return Screen(tuple(lines), "开始", single=True, keys=keys)


def take_home(desk: Desk, entered: Typed) -> list[str]:
    """Begin with the first item that has no answer."""
    desk.advance()
    return []


def missing(desk: Desk) -> list[str]:
    """Return what is not filled in, one line each."""
    lines = []
    left = desk.open_items()
    if left:
        lines.append(f"没有答案的 {len(left)} 项：{'、'.join(left)}")
    without = [
        entry.item.code
        for entry in desk.checklist.items()
        if [n for n in desk.details_to_ask(entry.item, on_demand=False) if n not in desk.entry(entry.item.code).details]
    ]
    if without:
        lines.append(f"细目没有填全的：{'、'.join(without)}（g 跳到该项，按 d）")
    empty = [grid.title for name, grid in desk.checklist.grids.items() if not desk.rows(name)]
    if empty:
        lines.append(f"没有一行的表：{'、'.join(empty)}")
    visit = desk.inspection.sheet.visit
    lacking = [] if visit.start and visit.end else ["起止时间"]
    named = [person for person in visit.inspectors if person.name and person.certificate]
    lacking += [] if len(named) > 1 else [f"检查人员和证号（已填 {len(named)} 人）"]
    lacking += [] if any(person.name for person in visit.present) else ["在场人员"]
    if lacking:
        lines.append(f"检查情况没有填：{'、'.join(lacking)}（按 v）")
    return lines


def end_screen(desk: Desk) -> Screen:
    """Return the last screen: what is missing."""
    day = desk.inspection.sheet.visit.date
    lines = [f"已到最后。已答 {progress(desk)} 项，检查日期 {day}", *(f"  {line}" for line in missing(desk))]
    keys = {"v": "检查情况", "t": "单位资料", "o": "其他问题"}
    return Screen(tuple(lines), "结束", single=True, keys={"r": "没答的再走一遍", **keys})


def take_end(desk: Desk, entered: Typed) -> list[str]:
    """Go through what has no answer once more."""
    if entered.key != "r":
        return ["没有记录：已到最后，按 q 保存退出"]
    desk.passed.clear()
    desk.advance()
    return ["全部项目都有答案"] if desk.step.kind == "end" else []


# ── jumping


def jump_screen(desk: Desk) -> Screen:
    """Return the screen that asks where to go."""
    tables = "".join(f"；{name} {grid.title}" for name, grid in desk.checklist.grids.items())
    lines = (f"  跳到哪一项：写编号或其数字，如 {desk.order()[0]}{tables}",)
    return Screen(lines, "跳到", single=False, any_text=True, keys={ENTER: "不跳"})


def take_jump(desk: Desk, entered: Typed) -> list[str]:
    """Go to the item or table that was typed; return what is to be told."""
    desk.advance()
    return [] if entered.key == ENTER else jump(desk, entered.text)


def jump(desk: Desk, text: str) -> list[str]:
    """Go to the item of a code or its number, or to the table whose name begins so."""
    wanted = half(text).upper()
    order = desk.order()
    found = [name for name in order if name.upper() == wanted]
    if not found and wanted.isascii() and wanted.isdigit():
        found = [name for name in order if name.rpartition("-")[2] == wanted[-4:].zfill(2)]
    if not found and wanted:
        found = [name for name in desk.checklist.grids if name.upper().startswith(wanted)]
    if len(found) != 1:
        shown_text = text.strip()[:20]
        return [f"没有“{shown_text}”这一项；可用 {order[0]} 到 {[n for n in order if '-' in n][-1]}，按 l 看全部"]
    desk.to_entry(found[0])
    return []


def to_previous(desk: Desk) -> list[str]:
    """Go to the item or table before the one that is asked."""
    order, here = desk.order(), desk.current()
    index = order.index(here) if here in order else len(order)
    if desk.step.kind == "home" or index == 0:
        return ["前面没有项目"]
    desk.to_entry(order[index - 1])
    return []


# ── 是 to the rest of a section


def remaining(desk: Desk, section: ChecklistSection) -> list[str]:
    """Return the yes/no items of a section that are neither answered, nor said to be unchecked, nor waiting."""
    return [
        e.item.code
        for e in section.items
        if e.item.grid is None
        and isinstance(e.item.answer, YesNo)
        and not desk.entry(e.item.code).is_answered
        and e.item.code not in desk.passed
        and not desk.is_waiting(e.item.code)
    ]


def to_bulk(desk: Desk) -> list[str]:
    """Offer 是 for the rest of the section that is being asked."""
    if desk.step.kind == "bulk":
        return [_BULK_ASKS]
    here = desk.current()
    sections = desk.checklist.sections
    index = next((i for i, s in enumerate(sections) if here in [e.item.code for e in s.items]), None)
    if index is None or not remaining(desk, sections[index]):
        return ["本节没有还没答的是否项"]
    desk.aside(Step("bulk", row=index))
    return []


def to_sweep(desk: Desk) -> list[str]:
    """Offer 是 for the rest of every section, one section at a time."""
    if desk.step.kind == "bulk":
        return [_BULK_ASKS]
    index = _next_section(desk, 0)
    if index is None:
        return ["各节都没有还没答的是否项"]
    desk.aside(Step("bulk", part="sweep", row=index))
    return []


def _next_section(desk: Desk, first: int) -> int | None:
    sections = desk.checklist.sections
    return next((i for i in range(first, len(sections)) if remaining(desk, sections[i])), None)


def bulk_screen(desk: Desk) -> Screen:
    """Return the screen that lists the items of a section to which 是 would be given."""
    section = desk.checklist.sections[desk.step.row]
    codes = remaining(desk, section)
    unknown = {e.item.code for e in section.items if not e.scope_known}
    checks = {e.item.code: e.item.answer.ask or e.item.check for e in section.items}
    lines = [f"  {section.title}：下面 {len(codes)} 项都填 是？"]
    lines += [f"    {code} {checks[code]}" + ("（先看清有没有这项业务）" if code in unknown else "") for code in codes]
    lines.append("    细目不代填，要填的以后跳到该项按 d")
    keys = {"y": f"都填是（{len(codes)} 项）", "n": "都不填"} | ({"e": "不再逐节问"} if desk.step.part else {})
    return Screen(tuple(lines), "都填是？", single=True, keys=keys)


def take_bulk(desk: Desk, entered: Typed) -> list[str]:
    """Give 是 to the items that were listed, if that was confirmed; return what is to be told."""
    if entered.key not in ("y", "n", "e") or (entered.key == "e" and not desk.step.part):
        return [_BULK_ASKS]
    index = desk.step.row
    lines = _give_yes(desk, desk.checklist.sections[index]) if entered.key == "y" else ["本节没有代填"]
    following = _next_section(desk, index + 1) if desk.step.part and entered.key != "e" else None
    if following is not None:
        desk.go(desk.step._replace(row=following))
        return lines
    desk.advance()
    if desk.step.kind in ("item", "row") and desk.entry(desk.current()).is_answered:
        desk.advance()
    return lines


def _give_yes(desk: Desk, section: ChecklistSection) -> list[str]:
    inspection, given, lines = desk.inspection, [], []
    for code in remaining(desk, section):
        changed, problems = with_entry(inspection, desk.sitting, code, desk.entry(code)._replace(value="是"), bulk=True)
        lines += told(problems)
        if changed is not None:
            inspection = changed
            given.append(code)
    if given:
        desk.store((inspection, []))
        lines.append(f"填了 是：{'、'.join(given)}（u 一次撤销）")
    return lines


# ── how far keying is


def listing(desk: Desk) -> list[str]:
    """Return every item and table with its answer in a word or two."""
    lines = [f"已答 {progress(desk)} 项"]
    for section in desk.checklist.sections:
        words = [_short(desk, entry.item.code, grid=entry.item.grid is not None) for entry in section.items]
        lines.append(f"  {section.title}：{'　'.join(words)}")
    lines += [f"  {grid.title}（{name}）：{len(desk.rows(name))} 行" for name, grid in desk.checklist.grids.items()]
    return lines


def _short(desk: Desk, code: str, *, grid: bool) -> str:
    entry = desk.entry(code)
    text = shown(entry.value) if entry.is_answered else "见表" if grid else "——"
    text = f"{len(entry.value)} 行" if isinstance(entry.value, list) and len(entry.value) > 1 else text
    text = text if len(text) <= MAX_LISTED else text[:MAX_LISTED] + "…"
    return f"{code} {text}" + ("＋备注" if entry.note else "")
