"""The life of an inspection: planned → printed → answered → evaluated → final → closed. It only goes forwards.

But for one thing: taking back a step of a finding opens an inspection again that was closed by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine.model.workspace import LIFE, Inspection, KeptFinding, RegisteredSite
from engine.problems import ProblemError, problem

STATES = {
    "planned": "计划", "printed": "已印表", "answered": "已填答", "evaluated": "已判定", "final": "已归档",
        "closed": "已办结",
    "cancelled": "已取消",
}  # fmt: skip
_STEPS = {
    "printed": ("印表", ("planned", "printed")),
    "answered": ("收答卷", ("planned", "printed", "answered")),
    "evaluated": ("判定", ("planned", "printed", "answered", "evaluated")),
    "final": ("归档", ("evaluated",)),
    "closed": ("办结", ("final",)),
    "cancelled": ("取消", ("planned", "printed")),
}
"""What a step is called, and the states that it may be taken from; a step may be repeated until the next is taken."""
NEXT = {
    "planned": "visits route 印表", "printed": "检查后用 visits answer 收答卷", "answered": "visits evaluate 拟出问题",
    "evaluated": "逐条确认后用 visits record 收记录，再用 visits seal 归档", "final": "问题逐条办结（findings）",
    "closed": "", "cancelled": "",
}  # fmt: skip
"""What is to be done next."""


def moved(inspection: Inspection, to: str, **changes: object) -> Inspection:
    """Return the inspection one step on, with what the step brings. Raises ProblemError if it cannot go there."""
    step, from_ = _STEPS[to]
    if inspection.state not in from_:
        state = STATES[inspection.state]
        sealed = inspection.state in ("final", "closed")
        todo = (
            "归档以后的更正、补充用 visits supplement"
            if sealed
            else f"可以这样办：{NEXT[inspection.state] or '重新安排'}"
        )
        raise ProblemError([problem("E834", id=inspection.id, state=state, step=step, todo=todo)])
    return inspection.model_copy(update={"state": to, **changes})


def is_settled(finding: KeptFinding) -> bool:
    """Return whether a finding needs nothing more: corrected, or not corrected and made a clue.

    One that is not pursued for a time (暂不追究) comes up again when the waiver ends.
    """
    return finding.state == "corrected" or (finding.state == "not-corrected" and finding.clue is not None)


def closing(inspection: Inspection, findings: Iterable[KeptFinding]) -> Inspection:
    """Return the inspection closed if it is sealed and all its findings are settled, else as it is.

    findings: all those of the inspection.
    """
    if inspection.state != "final" or not all(is_settled(f) for f in findings if f.inspection == inspection.id):
        return inspection
    return moved(inspection, "closed")


def reopening(inspection: Inspection, findings: Iterable[KeptFinding]) -> Inspection:
    """Return a closed inspection as sealed again if a finding of it is not settled any more (a step taken back)."""
    if inspection.state != "closed" or all(is_settled(f) for f in findings if f.inspection == inspection.id):
        return inspection
    return inspection.model_copy(update={"state": "final"})


def is_counted(inspection: Inspection) -> bool:
    """Return whether the inspection is sealed: only then do tables count it."""
    return inspection.state in ("final", "closed")


def is_open(site: RegisteredSite, day: date | None = None) -> bool:
    """Return whether a site is in business on a day, or now as far as the register knows."""
    return site.merged_into is None and (site.closed is None or (day is not None and site.closed > day))


def age(inspection: Inspection) -> int:
    """Return how many steps an inspection has taken; -1 for a cancelled one."""
    return LIFE.index(inspection.state) if inspection.state in LIFE else -1
