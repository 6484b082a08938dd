"""Results as text for a terminal."""

from __future__ import annotations

from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.findings import Evaluation, Finding


def evaluation_text(evaluation: Evaluation, checklist: Checklist, *, explain: bool) -> str:
    """Return an evaluation in Chinese: a head, the findings, then the count of every result."""
    lines = [
        f"{one_line(evaluation.site) or '（未填名称）'}　{checklist.type.title}　{evaluation.date}",
        f"{checklist.campaign_title}　检查表 {evaluation.checklist}　规则版本 {evaluation.lock[:12]}",
    ]
    lines += [f"注意：{notice}" for notice in evaluation.notices]
    lines.append("")
    for finding in evaluation.findings:
        lines += _finding(finding, explain)
    if not evaluation.findings:
        lines += [_nothing_found(evaluation), ""]
    counts = {result: sum(1 for item in evaluation.items if item.result is result) for result in ItemResult}
    lines.append("　".join(f"{result.label} {count}" for result, count in counts.items() if count))
    open_ = [i.code for i in evaluation.items if i.result in (ItemResult.NOT_CHECKED, ItemResult.UNDECIDED)]
    if open_:
        lines.append(f"未检查或无法判定：{'、'.join(open_)}")
    lines.append("以上为程序建议，由检查人员确认。")
    return "\n".join(lines)


def _nothing_found(evaluation: Evaluation) -> str:
    open_ = sum(item.result in (ItemResult.NOT_CHECKED, ItemResult.UNDECIDED) for item in evaluation.items)
    if not open_:
        return "没有发现问题。"
    answered = (ItemResult.COMPLIANT, ItemResult.NOT_APPLICABLE, ItemResult.UNDECIDED)
    decided = any(item.result in answered for item in evaluation.items)
    still = f"还有 {open_} 项未检查或无法判定，不能得出没有问题的结论。"
    return f"已检查的项目没有发现问题；{still}" if decided else f"答卷还没有作答：{still}"


def _finding(finding: Finding, explain: bool) -> list[str]:
    mark = f"〔{finding.grade.label}〕" + ("〔红线〕" if finding.red_line else "")
    lines = [f"{finding.number}. {mark}{finding.code or '综合判断'}　{one_line(finding.sentence)}"]
    for title, cited in (("义务", finding.duty), ("责任", finding.liability), ("处理依据", finding.power)):
        if cited:
            lines.append(f"   {title}：{'；'.join(c.text for c in cited)}")
    lines.append(f"   处理建议：{'；'.join(consequences(finding))}")
    if explain:
        lines += _explanation(finding)
    return [*lines, ""]


def one_line(text: str) -> str:
    """Return what somebody wrote as one line without signs that turn or hide text: it must not look like ours."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())


def consequences(finding: Finding) -> list[str]:
    """Return in Chinese what is proposed; where this bureau only assists, first that the finding goes to the lead."""
    routed = [f"移送{finding.routed_to}处理，本局不单独结案"] if finding.routed_to else []
    return routed + [d.label for d in finding.dispositions]


def _explanation(finding: Finding) -> list[str]:
    lines = [f"   规则：{finding.id}（第 {finding.layer} 层）　{finding.title}", f"   判定：{finding.condition}"]
    for reason in finding.reasons:
        where = f"{one_line(reason.where)}：" if reason.where else ""
        lines.append(
            f"   理由：{where}{reason.asked}：{one_line(reason.found)}（{reason.limit}即为问题；{reason.passes}为通过）"
        )
    lines.append(f"   通过：{finding.passing}")
    if finding.parents:
        lines.append(f"   来自：问题 {'、'.join(map(str, finding.parents))}")
    lines += [f"   方案：{clause.id}　{clause.quote}" for clause in finding.clauses]
    return lines
