"""A campaign's coverage and calendar as text for a terminal, and as plain values for the template of the coverage."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.campaign import Answer, CampaignCalendar, ClauseCoverage, Coverage, Due, SiteTypeCoverage

STANDINGS = {
    "answered": "已落实", "partly": "部分落实", "planned": "尚未落实", "principle": "原则性要求",
    "unanswered": "没有着落",
}  # fmt: skip
KINDS = {
    "items": "检查项目", "escalations": "综合判断", "columns": "表格栏目", "attributes": "单位属性",
    "identity": "单位资料", "leads": "监管分工", "campaign": "行动文件", "deadlines": "期限", "documents": "文书",
    "commands": "命令", "ledgers": "台账", "clocks": "办理期限", "grading": "分级规则表", "look-back": "回头看规则表",
    "tables": "统计表", "summaries": "小结和总结",
    "principle": "原则性要求", "planned": "计划",
}  # fmt: skip
HOLIDAYS = {"festival": "节日", "holiday": "放假", "working-day": "调休上班"}


def coverage_text(coverage: Coverage) -> str:
    """Return a coverage in Chinese: the counts, each clause with what answers it, each site type with its items."""
    lines = [f"{coverage.title}　方案条款落实表", f"{coverage.plan}", *count_lines(coverage), ""]
    for clause in coverage.clauses:
        lines.append(f"{clause.id}　{STANDINGS[clause.standing]}　{clause.quote}")
        lines += [f"  {line}" for line in answer_lines(clause)]
    lines += ["", "各类单位的检查项目"]
    for kind in coverage.site_types:
        lines.append(f"{kind.code} {site_type_line(kind)}")
        lines += [f"  {clause}：{_codes(codes)}" for clause, codes in kind.clauses.items()]
        if kind.routine:
            lines.append(f"  日常项目：{_codes(kind.routine)}")
    return "\n".join(lines)


def count_lines(coverage: Coverage) -> list[str]:
    """Return the counts: clauses by how they stand and by kind of answer, items asked and routine, rules."""
    counts = coverage.counts
    standing = "，".join(f"{STANDINGS[s]} {n}" for s, n in counts.items() if n or s == "unanswered")
    kinds = "，".join(f"{KINDS[k]} {n}" for k, n in coverage.by_kind.items() if k not in ("principle", "planned"))
    items, asked = sum(t.items for t in coverage.site_types), sum(t.asked for t in coverage.site_types)
    return [
        f"条款 {len(coverage.clauses)} 条：{standing}",
        f"由什么落实（一条可有几种）：{kinds}；另有 {coverage.by_kind['planned']} 条写明以后要做的部分",
        f"检查项目 {items} 个：方案条款要求 {asked}，日常项目 {items - asked}；规则 {coverage.rules} 条",
    ]


def answer_lines(clause: ClauseCoverage) -> list[str]:
    """Return a line for each kind of answer, and one for what is planned; nothing for a principle."""
    lines = [f"{KINDS[a.kind]}：{'；'.join(_words(a))}" for a in clause.answers]
    return lines + ([f"计划：{clause.planned}"] if clause.planned else [])


def site_type_line(kind: SiteTypeCoverage) -> str:
    """Return the name of a site type with its counts, and whether the campaign gives it a checklist."""
    counts = f"{kind.title}：{kind.items} 项，方案条款要求 {kind.asked}，日常 {kind.items - kind.asked}"
    if kind.reached:
        return counts
    only = "（所列项目只在有上次检查问题等情形时才查）" if kind.asked else ""
    return f"{counts}；本次行动不涉及{only}，加 --routine 才有日常检查表"


def _words(answer: Answer) -> Iterator[str]:
    if answer.kind == "items":
        yield _codes(answer.names)
        return
    yield from answer.words


def _codes(codes: tuple[str, ...]) -> str:
    """Return printed codes, the letters once for each run: YD-04、05，ZS-03."""
    runs: dict[str, list[str]] = {}
    for code in codes:
        letters, _, number = code.partition("-")
        runs.setdefault(letters, []).append(number)
    return "，".join(f"{letters}-{'、'.join(numbers)}" for letters, numbers in runs.items())


def coverage_context(coverage: Coverage) -> dict[str, object]:
    """Return what templates/coverage needs."""
    return {
        "title": "方案条款落实表",
        "campaign": coverage.title,
        "plan": coverage.plan,
        "version": f"规则版本 {coverage.lock[:12]}" if coverage.lock else "草案，没有规则版本",
        "draft": coverage.lock is None,
        "counts": count_lines(coverage),
        "clauses": [
            {"id": c.id, "quote": c.quote, "standing": STANDINGS[c.standing], "lines": answer_lines(c)}
            for c in coverage.clauses
        ],
        "site_types": [
            {
                "code": kind.code,
                "line": site_type_line(kind),
                "clauses": [(clause, _codes(codes)) for clause, codes in kind.clauses.items()],
                "routine": _codes(kind.routine),
            }
            for kind in coverage.site_types
        ],
    }


def calendar_text(calendar: CampaignCalendar) -> str:
    """Return a calendar in Chinese: each deadline with its day, who, what, clause and notes; then the holidays."""
    whom = f"　{calendar.unit}" if calendar.unit else ""
    lines = [f"{calendar.title}　报送日历{whom}　{calendar.period.start} 至 {calendar.period.end}", ""]
    dated = [due for due in calendar.due if due.date is not None]
    told: set[str] = set()
    for due in dated:
        lines += _due(due, told)
    undated = [due for due in calendar.due if due.date is None]
    if undated:
        lines += ["", "方案没有定日期的"]
        for due in undated:
            lines += _due(due, told)
    if not calendar.due:
        lines.append("行动文件里没有期限。" if calendar.unit is None else "这个单位没有期限。")
    lines += ["", f"共 {len(dated)} 次有日期的，{len(undated)} 项没有定日期的。"]
    if calendar.holidays:
        lines += ["", "期间的节假日"]
        for h in calendar.holidays:
            days = str(h.period.start) + (f" 至 {h.period.end}" if h.period.end != h.period.start else "")
            lines.append(f"{days}　{h.name}　{HOLIDAYS[h.kind]}{'' if h.compared else '（待核）'}")
    return "\n".join(lines + [f"注意：{doubt}" for doubt in calendar.doubts])


def _due(due: Due, told: set[str]) -> list[str]:
    """Return the lines of a deadline; what holds on each of its days is said with the first."""
    if due.date is None:
        day = due.when or ""
    else:
        day = f"{due.date}　{due.weekday}" + (f"　{due.time}" if due.time else "") + ("　前" if due.before else "")
    notes = [*due.notes, *([due.note] if due.note and due.deadline not in told else [])]
    told.add(due.deadline)
    return [f"{day}　{due.title}", f"  {who_and_clause(due)}", *(f"  注意：{note}" for note in notes)]


def who_and_clause(due: Due) -> str:
    """Return who owes it to whom, and the clauses."""
    to = f" → {due.to}" if due.to else ""
    return f"{'、'.join(due.who)}{to}　方案条款 {'、'.join(due.clauses)}"
