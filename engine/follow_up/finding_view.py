"""Findings and what became of them, for the screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from engine.follow_up.findings import STATES, counts, is_overdue, waiver_is_over
from engine.model.workspace import KeptFinding


def remark(finding: KeptFinding, day: date) -> str:
    """Return in Chinese what is remarkable about a finding on a day: overdue, waived until, recurred, made a clue."""
    parts = []
    if is_overdue(finding, day) and finding.due is not None:
        parts.append(f"逾期 {(day - finding.due).days} 天")
    if finding.waiver is not None and finding.state == "waived":
        over = "，已到期" if waiver_is_over(finding, day) else ""
        before = STATES[finding.waiver.before]
        parts.append(f"暂不追究至 {finding.waiver.until}{over}（原为{before}；{finding.waiver.authority}批准）")
    if finding.recurs:
        parts.append(f"反弹：{finding.recurs}")
    if finding.clue:
        parts.append(f"线索 {finding.clue}")
    if finding.review:
        parts.append(f"复查 {finding.review}")
    return "；".join(parts)


def findings_text(findings: Sequence[KeptFinding], names: Mapping[str, str], day: date) -> Iterator[str]:
    """Yield the lines of a list: two a finding, then the counts. names: of sites by id."""
    for finding in findings:
        due = f"　期限 {finding.due}" if finding.due else ""
        red = "　红线" if finding.red_line else ""
        site = names.get(finding.site, finding.site)
        yield f"{finding.id}　{STATES[finding.state]}{due}　{finding.unit}　{site}　{finding.grade.label}{red}"
        more = remark(finding, day)
        yield f"    {' '.join(finding.sentence.split())}" + (f"【{more}】" if more else "")
    found = counts(findings, day)
    yield (
        f"问题 {found.total} 个：未处理 {found.open}，已责令改正 {found.ordered}，已延期一次 {found.extended}，"
        f"已改正 {found.corrected}，未改正转线索 {found.not_corrected}；另列暂不追究 {found.waived}；"
        f"其中反弹 {found.recurred}，到 {day} 逾期 {found.overdue}"
    )


def findings_json(findings: Sequence[KeptFinding], names: Mapping[str, str], day: date) -> dict[str, object]:
    """Return the findings with what is remarkable about them on the day, and the counts."""
    rows = [
        f.model_dump(mode="json", exclude_defaults=True)
        | {"state": f.state, "site_name": names.get(f.site, ""), "remark": remark(f, day)}
        for f in findings
    ]
    found = counts(findings, day)
    return {
        "kind": "findings", "schema": 1, "date": day.isoformat(), "findings": rows,
        "counts": found._asdict() | {"total": found.total},
    }  # fmt: skip
