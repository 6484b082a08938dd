"""The life of a finding (RECORDS §9): open → ordered → extended once → corrected, or not corrected and made a clue.

Every step returns the next version of the finding, or in Chinese why it is not allowed. Nothing is lost: who took a
step, when and why stands in the audit trail; one taken by mistake is taken back by a further entry there. People
decide; the program only holds the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from engine.model.workspace import KeptFinding, Waiver
from engine.problems import Problem, problem

STATES = {
    "open": "未处理", "ordered": "已责令改正", "extended": "已延期一次", "corrected": "已改正",
    "not-corrected": "未改正（转线索）", "waived": "暂不追究",
}  # fmt: skip
WAITING = ("open", "ordered", "extended")
"""States in which something is still to be done."""
ENDED = ("corrected", "not-corrected")
"""States that a finding stays in."""


class Step(NamedTuple):
    """The next version of a finding, or why the step is not allowed."""

    finding: KeptFinding
    refused: Problem | None = None


def order(finding: KeptFinding, *, on: date, due: date, notice: str = "") -> Step:
    """Order the correction of an open finding by a day. on: the day of the notice; due: that day for 立即改正."""
    if finding.state != "open":
        again = "同一问题不要再发责令改正通知书；到期没有改正的，用 findings fail 转为线索" if finding.ordered else ""
        return _no(finding, "不能责令改正", again)
    if on < finding.found:
        return _no(finding, f"责令改正的日期 {on} 早于发现日期 {finding.found}", "请核对日期")
    if due < on:
        return _no(finding, f"改正期限 {due} 早于责令改正的日期 {on}", "请核对日期；立即改正的写当日")
    return _step(finding, state="ordered", ordered=on, due=due, notice=notice)


def extend(finding: KeptFinding, *, on: date, due: date) -> Step:
    """Extend the term of an ordered finding, once."""
    if finding.state == "extended":
        return _no(finding, "不能再次延期", "只能延期一次；到期没有改正的，用 findings fail 转为线索")
    if finding.state != "ordered" or finding.due is None:
        return _no(finding, "不能延期", "延期的前提是已责令改正，用 findings order")
    if due <= finding.due or due <= on:
        return _no(finding, f"新的期限 {due} 不晚于原期限 {finding.due} 或办理日期 {on}", "请核对日期")
    return _step(finding, state="extended", first_due=finding.due, due=due)


def correct(finding: KeptFinding, *, on: date, evidence: Sequence[str] = (), review: str | None = None) -> Step:
    """Settle a finding as corrected, on the evidence of kept files or of a review (the id of its inspection)."""
    if finding.state not in WAITING:
        return _no(finding, "不能认定为已改正", _again(finding))
    if on < (finding.ordered or finding.found):
        return _no(finding, f"改正的日期 {on} 早于 {finding.ordered or finding.found}", "请核对日期")
    if not evidence and review is None:
        return _no(finding, "没有改正的证据", "请用 --evidence 附上照片、整改报告，或先办复查（findings review）")
    kept = tuple(dict.fromkeys((*finding.evidence, *evidence)))
    return _step(finding, state="corrected", settled=on, evidence=kept, review=review or finding.review)


def fail(finding: KeptFinding, *, on: date, clue: str, evidence: Sequence[str] = (), review: str | None = None) -> Step:
    """Settle a finding as not corrected once its term is over; it becomes the clue of this id."""
    if finding.state not in ("ordered", "extended") or finding.due is None:
        return _no(
            finding, "不能认定为未改正", _again(finding) or "先责令改正（findings order）；到期没有改正的才能认定"
        )
    if on <= finding.due:
        return _no(finding, f"改正期限 {finding.due} 还没有过", "期限届满后再认定；确有必要的可以直接登记线索")
    kept = tuple(dict.fromkeys((*finding.evidence, *evidence)))
    return _step(finding, state="not-corrected", settled=on, clue=clue, evidence=kept, review=review or finding.review)


def waive(finding: KeptFinding, *, on: date, authority: str, reason: str, until: date) -> Step:
    """Leave a finding alone until a day. What it was is kept, and it is counted apart."""
    if finding.state not in WAITING:
        return _no(finding, "不能暂不追究", _again(finding))
    if not authority.strip() or not reason.strip():
        return _no(finding, "暂不追究没有写明批准人或理由", "请写明批准人和理由")
    if until <= on:
        return _no(finding, f"暂不追究的期限 {until} 不晚于办理日期 {on}", "请核对日期")
    waiver = Waiver(before=finding.state, authority=authority, reason=reason, until=until)
    return _step(finding, state="waived", settled=on, waiver=waiver)


def resume(finding: KeptFinding) -> Step:
    """Take a waived finding up again, in the state that it had before."""
    if finding.state != "waived" or finding.waiver is None:
        return _no(finding, "不在暂不追究中", "")
    return _step(finding, state=finding.waiver.before, settled=None, waiver=None)


TAKEN_BACK = "收回一步"
"""Action of the audit trail by which a step is taken back."""
_STEPPED = ("state", "due", "ordered", "notice", "first_due", "settled", "evidence", "review", "clue", "waiver")
"""What steps change; which earlier finding came back (recurs) is no step."""


def take_back(versions: Sequence[tuple[str, KeptFinding]]) -> Step:
    """Return a finding as it stood before its last step.

    versions: all of it in order, each with the action that brought it, from when it was sealed. A step that was taken
    back before does not count any more; what was settled with the sealing is none.
    """
    standing: list[KeptFinding] = []
    for action, version in versions:
        if action == TAKEN_BACK and len(standing) > 1:
            standing.pop()
        elif standing and _stepped(standing[-1]) == _stepped(version):
            standing[-1] = version
        else:
            standing.append(version)
    now = versions[-1][1]
    if len(standing) < 2:
        return _no(now, "没有可以收回的办理", "归档时认定的不能收回；记录有误的用 visits supplement 补充说明")
    before = standing[-2]
    return _step(now, **{name: getattr(before, name) for name in _STEPPED})


def _stepped(finding: KeptFinding) -> tuple[object, ...]:
    return tuple(getattr(finding, name) for name in _STEPPED)


def recur(finding: KeptFinding, earlier: KeptFinding) -> Step:
    """Note that a finding is an earlier one come back (反弹)."""
    if finding.id == earlier.id or earlier.found >= finding.found:
        return _no(finding, f"不能是 {earlier.id} 的反弹", "反弹的问题应在上次之后发现")
    return _step(finding, recurs=earlier.id)


def _again(finding: KeptFinding) -> str:
    if finding.state == "waived":
        return "先用 findings resume 恢复追究"
    if finding.state in ENDED:
        return "已经办结；再次发现的，在新的检查里作为新的问题"
    return ""


def _no(finding: KeptFinding, reason: str, todo: str) -> Step:
    state = STATES[finding.state]
    return Step(
        finding, problem("E886", id=finding.id, reason=f"（{state}）{reason}", todo=todo or "请核对问题编号和状态")
    )


def _step(finding: KeptFinding, **changes: object) -> Step:
    data = finding.model_dump() | changes
    return Step(KeptFinding.model_validate(data))


def is_overdue(finding: KeptFinding, day: date) -> bool:
    """Return whether the term of a finding is over on a day while nothing has settled it."""
    return finding.state in ("ordered", "extended") and finding.due is not None and finding.due < day


def waiver_is_over(finding: KeptFinding, day: date) -> bool:
    """Return whether a finding is still waived on a day after the waiver's end."""
    return finding.state == "waived" and finding.waiver is not None and finding.waiver.until < day


class Counts(NamedTuple):
    """How many findings are in each state; waived ones apart, recurred ones among the others."""

    open: int
    ordered: int
    extended: int
    corrected: int
    not_corrected: int
    waived: int
    recurred: int
    overdue: int

    @property
    def total(self) -> int:
        """Return how many findings there are in all."""
        return self.open + self.ordered + self.extended + self.corrected + self.not_corrected + self.waived


def counts(findings: Sequence[KeptFinding], day: date) -> Counts:
    """Return the counts on a day."""
    number = {state: sum(f.state == state for f in findings) for state in STATES}
    return Counts(
        number["open"], number["ordered"], number["extended"], number["corrected"], number["not-corrected"],
        number["waived"], sum(f.recurs is not None for f in findings), sum(is_overdue(f, day) for f in findings),
    )  # fmt: skip
