"""The findings of a workspace: every step of their lives, by named people, with the reason, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from engine.follow_up.findings import Step, fail, recur
from engine.follow_up.lines import Line, entry_of, values_of
from engine.follow_up.reviews import Recurrence, Result, Target, recurrences, results_in, settle, unsettled
from engine.inspections.opening import read_record
from engine.model.ledgers import LedgerFile
from engine.model.record import RecordFile
from engine.model.workspace import Inspection, KeptFinding, LedgerEntry, RegisteredSite, Setting
from engine.problems import Mark, Problem, ProblemError, problem
from engine.register.facts import FOLLOW_UP, rows_of
from engine.register.life import closing, is_counted, is_open
from engine.register.matching import canonical
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import keep, path_of
from engine.workspace.register import Who
from engine.workspace.store import Reader, Writer
from engine.workspace.visits import over_cap

EARLIER = "earlier-findings"
"""Setting that holds the findings of last campaign's workspace; tables do not count them."""
MAX_EVIDENCE = 64 * 1024 * 1024
CLUE = "clue"


class Clue(NamedTuple):
    """What a clue made of a finding needs beside it: who takes it first (首办负责)."""

    first_unit: str
    first_person: str


def findings_of(reader: Reader, unit: str = "", state: str = "") -> list[KeptFinding]:
    """Return the findings by id, those only of a unit or in a state if it is given."""
    wanted = {name: value for name, value in (("unit", unit), ("state", state)) if value}
    return reader.all(KeptFinding, **wanted)


def earlier_findings(reader: Reader) -> list[KeptFinding]:
    """Return the findings taken over from last campaign's workspace."""
    setting = reader.get(Setting, EARLIER)
    held = setting.value if setting is not None and isinstance(setting.value, list) else []
    return [KeptFinding.model_validate(each, strict=False) for each in held]


def keep_evidence(workspace: Workspace, files: Sequence[Path]) -> tuple[str, ...]:
    """Keep the files; return their SHA-256. Raises ProblemError if one cannot be read or is too large."""
    contents = []
    for path in files:
        try:
            size = path.stat().st_size
            if size > MAX_EVIDENCE or not path.is_file():
                raise ProblemError([problem("E102", Mark(str(path)), size=size, limit=MAX_EVIDENCE)])
            contents.append(path.read_bytes())
        except OSError as error:
            raise ProblemError([problem("E101", Mark(str(path)), reason=str(error.strerror))]) from error
    return tuple(keep(workspace.files, content) for content in contents)


def take_step(
    workspace: Workspace, ids: Sequence[str], step: Callable[[KeptFinding], Step], who: Who, action: str
) -> list[KeptFinding]:
    """Take the same step with findings, all or none; an inspection whose findings have all ended is closed.

    Raises ProblemError with everything that is refused.
    """
    with workspace.store.writing(by=who.by, at=who.at, action=action, why=who.why) as writer:
        steps = [step(finding) for finding in known_findings(writer, ids)]
        return _put(writer, steps)


def fail_findings(
    workspace: Workspace, ids: Sequence[str], ledger: LedgerFile, clue: Clue, who: Who, evidence: Sequence[str] = ()
) -> list[KeptFinding]:
    """Settle findings as not corrected; each becomes a clue of the ledger. Raises ProblemError."""
    with workspace.store.writing(by=who.by, at=who.at, action="认定未改正，转线索", why=who.why) as writer:
        steps = []
        for finding in known_findings(writer, ids):
            entry = _clue(writer, ledger, finding, clue, who)
            steps.append(fail(finding, on=who.day, clue=entry.id, evidence=evidence))
            writer.put(entry)
        return _put(writer, steps)


def settle_review(
    workspace: Workspace, review: str, results: Mapping[str, Result], ledger: LedgerFile, clue: Clue, who: Who,
    due: date | None = None, evidence: Sequence[str] = (),
) -> list[KeptFinding]:  # fmt: skip
    """Settle the findings that a review looked at, each by its result; all or none.

    Every finding of the earlier inspection that still waits has to have a result. Raises ProblemError.
    """
    with workspace.store.writing(by=who.by, at=who.at, action="复查认定", why=who.why) as writer:
        inspection = _inspection(writer, review)
        _reviewers(who.by)
        earlier = inspection.earlier
        if earlier is None:
            todo = "用 findings review 安排的检查才是复查"
            raise ProblemError([problem("E886", id=review, reason="不是复查：没有写明上次的检查", todo=todo)])
        waiting = [f for f in unsettled(writer.all(KeptFinding, inspection=earlier)) if f.state != "open"]
        _complete(review, earlier, waiting, results)
        steps = []
        for finding in waiting:
            result = results[finding.id]
            entry = _clue(writer, ledger, finding, clue, who) if result == "未整改" else None
            steps.append(settle(finding, result, on=who.day, review=review, due=due, clue=entry.id if entry else "",
                                evidence=evidence))  # fmt: skip
            if entry is not None:
                writer.put(entry)
        return _put(writer, steps)


def recorded_results(workspace: Workspace, review: str) -> dict[str, Result]:
    """Return the results that the sealed record of a review holds, by finding. Raises ProblemError.

    What was said of findings that do not wait any more is left out: 反弹 is found by the program.
    """
    with workspace.store.reading() as reader:
        inspection = _inspection(reader, review)
        earlier = _inspection(reader, inspection.earlier) if inspection.earlier else None
        if earlier is None or not is_counted(inspection):
            todo = "先安排复查、把记录归档（visits seal）"
            raise ProblemError([problem("E886", id=review, reason="不是已归档的复查", todo=todo)])
        waiting = {f.id for f in unsettled(reader.all(KeptFinding, inspection=earlier.id)) if f.state != "open"}
    before, now = (_record(workspace, each) for each in (earlier, inspection))
    rows = rows_of(now.answers.get(FOLLOW_UP))
    found, problems = results_in(rows, before.number or before.checklist, earlier.id)
    if problems:
        raise ProblemError(problems)
    return {id_: result for id_, result in found.items() if id_ in waiting}


def _record(workspace: Workspace, inspection: Inspection) -> RecordFile:
    digest = inspection.files.get("record")
    if digest is None:
        todo = "用 visits record 收记录"
        raise ProblemError([problem("E886", id=inspection.id, reason="没有检查记录", todo=todo)])
    _, record, problems = read_record(path_of(workspace.files, digest))
    if record is None:
        raise ProblemError(problems)
    return record


def _complete(review: str, earlier: str, waiting: Sequence[KeptFinding], results: Mapping[str, Result]) -> None:
    """Raise ProblemError unless there is one result for each finding that waits, and none for others."""
    ids = [finding.id for finding in waiting]
    todo = f"可用：{'、'.join(ids)}"
    what = f"检查 {earlier} 中待复查的问题"
    problems = [problem("E884", id=id_, what=what, todo=todo) for id_ in results if id_ not in ids]
    missing = [id_ for id_ in ids if id_ not in results]
    todo = "逐条写明：问题编号=结果"
    problems += [problem("E882", title=review, header=f"{id_} 的复查结果", todo=todo) for id_ in missing]
    if problems:
        raise ProblemError(problems)


def _reviewers(by: str) -> None:
    people = [name for name in by.replace("，", "、").replace(",", "、").split("、") if name.strip()]
    if len(set(people)) < 2:
        todo = "写两名检查人员，例如 --by 张三、李四"
        raise ProblemError([problem("E881", header="--by", reason="复查由两名以上检查人员办理", text=by, todo=todo)])


def plan_review(workspace: Workspace, earlier: str, day: date | None, who: Who, over: str = "") -> Inspection:
    """Plan a review of an inspection: a new one that goes back to it.

    over: why the site is visited more often than the cap allows. Raises ProblemError if nothing waits in it, or if the
    cap is reached and no reason is given.
    """
    with workspace.store.writing(by=who.by, at=who.at, action="安排复查", why=who.why) as writer:
        old = _inspection(writer, earlier)
        waiting = [f for f in unsettled(writer.all(KeptFinding, inspection=earlier)) if f.state != "open"]
        if not waiting:
            todo = "复查的是已责令改正的问题"
            raise ProblemError([problem("E886", id=earlier, reason="没有等待复查的问题", todo=todo)])
        again = [i for i in writer.all(Inspection, site=old.site) if i.earlier == earlier and i.state in UNDER_WAY]
        if again:
            todo = "先办完，或取消它再安排"
            raise ProblemError([problem("E886", id=earlier, reason=f"已安排复查 {again[0].id}", todo=todo)])
        reached = _at_cap(writer, [old.site], day, old.campaign, over)
        made = _planned(writer, old.campaign, old.site, old.unit, day, f"复查 {earlier}", earlier)
        if old.site in reached:
            made = made.model_copy(update={"over_cap": over})
        writer.put(made)
        return made


def _at_cap(reader: Reader, sites: Iterable[str], day: date | None, campaign: str, over: str) -> Mapping[str, Problem]:
    """Return the sites that are visited as often as the cap allows. Raises ProblemError unless there is a reason."""
    known = [site for id_ in sites if (site := reader.get(RegisteredSite, id_)) is not None]
    reached = over_cap(reader, known, day, campaign)
    if reached and not over.strip():
        raise ProblemError(list(reached.values()))
    return reached


UNDER_WAY = ("planned", "printed", "answered", "evaluated")
"""States of an inspection that is neither sealed nor cancelled."""


def plan_look_back(
    workspace: Workspace, targets: Sequence[Target], day: date | None, who: Who, over: str = ""
) -> list[Inspection]:
    """Plan an inspection of each target's site that is registered and in business; those planned already are left out.

    earlier is the newest inspection of the findings, if it lies in this workspace. over: why sites are visited more
    often than the cap allows. Raises ProblemError with those that would be, if no reason is given, and plans none.
    """
    with workspace.store.writing(by=who.by, at=who.at, action="安排回头看", why=who.why) as writer:
        setting = writer.get(Setting, "campaign")
        campaign = str(setting.value) if setting is not None else ""
        planned = {i.site for i in writer.all(Inspection) if i.reason.startswith("回头看") and i.campaign == campaign}
        sites = {t.site: site for t in targets if (site := writer.get(RegisteredSite, t.site)) is not None}
        targets = [t for t in targets if t.site in sites and is_open(sites[t.site]) and t.site not in planned]
        reached = _at_cap(writer, [target.site for target in targets], day, campaign, over)
        made = []
        for target in targets:
            site = sites[target.site]
            earlier = [f.inspection for id_ in target.findings if (f := writer.get(KeptFinding, id_)) is not None]
            reason = f"回头看：{'、'.join(target.classes)}（{'、'.join(target.findings)}）"[:400]
            inspection = _planned(writer, campaign, site.id, site.unit or target.unit, day, reason,
                                  max(earlier, default=None))  # fmt: skip
            if site.id in reached:
                inspection = inspection.model_copy(update={"over_cap": over})
            writer.put(inspection)
            made.append(inspection)
        return made


def take_over(workspace: Workspace, findings: Sequence[KeptFinding], who: Who) -> None:
    """Keep the findings of last campaign's workspace for 回头看 and for finding what recurs; no table counts them."""
    with workspace.store.writing(by=who.by, at=who.at, action="接收上次行动的问题", why=who.why) as writer:
        value: list[JsonValue] = [finding.model_dump(mode="json", exclude_defaults=True) for finding in findings]
        writer.put(Setting(id=EARLIER, value=value))


def mark_recurrences(workspace: Workspace, who: Who) -> list[Recurrence]:
    """Find which findings are earlier ones come back, and note it on those that do not say so yet."""
    with workspace.store.writing(by=who.by, at=who.at, action="查找反弹", why=who.why) as writer:
        findings = writer.all(KeptFinding)
        earlier = [*earlier_findings(writer), *findings]
        found = recurrences(findings, earlier, canonical(writer.all(RegisteredSite)))
        by_id = {f.id: f for f in earlier} | {f.id: f for f in findings}
        new = [r for r in found if by_id[r.finding].recurs is None]
        _put(writer, [recur(by_id[r.finding], by_id[r.earlier]) for r in new])
        return new


def _planned(
    writer: Writer, campaign: str, site: str, unit: str, day: date | None, reason: str, earlier: str | None
) -> Inspection:
    number = f"{campaign}-{writer.next_serial(Inspection, f'{campaign}-'):04}"
    return Inspection(id=number, campaign=campaign, site=site, unit=unit, planned=day, reason=reason, earlier=earlier)


def _clue(writer: Writer, ledger: LedgerFile, finding: KeptFinding, clue: Clue, who: Who) -> LedgerEntry:
    """Return the clue that a finding becomes (source 检查发现)."""
    given = {
        "received": who.day.isoformat(), "source": "检查发现", "summary": f"逾期未改正：{finding.sentence}"[:2000],
        "first_unit": clue.first_unit, "first_person": clue.first_person,
        "site": finding.site if writer.get(RegisteredSite, finding.site) is not None else None,
    }  # fmt: skip
    values, problems = values_of(ledger, given, lambda column: Mark(""))
    if problems:
        raise ProblemError(problems)
    prefix = f"{ledger.prefix}{who.day.year}-"
    line = Line(values, finding.unit, Mark(""), inspection=finding.inspection, finding=finding.id)
    return entry_of(ledger, line, f"{prefix}{writer.next_serial(LedgerEntry, prefix):04}")


def known_findings(reader: Reader, ids: Sequence[str]) -> list[KeptFinding]:
    """Return the findings of ids, each once. Raises ProblemError with every id that there is none of."""
    found = [reader.get(KeptFinding, id_) for id_ in dict.fromkeys(ids)]
    missing = [id_ for id_, finding in zip(dict.fromkeys(ids), found, strict=True) if finding is None]
    if missing:
        todo = "编号见 findings list，写作 检查号-序号"
        raise ProblemError([problem("E884", id=id_, what="问题", todo=todo) for id_ in missing])
    return [finding for finding in found if finding is not None]


def _inspection(reader: Reader, id_: str) -> Inspection:
    found = reader.get(Inspection, id_)
    if found is None:
        raise ProblemError([problem("E884", id=id_, what="检查", todo="请核对检查编号")])
    return found


def _put(writer: Writer, steps: Sequence[Step]) -> list[KeptFinding]:
    refused: list[Problem] = [step.refused for step in steps if step.refused is not None]
    if refused:
        raise ProblemError(refused)
    for step in steps:
        writer.put(step.finding)
    for id_ in sorted({step.finding.inspection for step in steps}):
        inspection = writer.get(Inspection, id_)
        if inspection is not None:
            closed = closing(inspection, writer.all(KeptFinding, inspection=id_))
            if closed != inspection:
                writer.put(closed)
    return [step.finding for step in steps]
