"""What becomes of made-up findings: ordered, extended, put right or not, waived, reviewed; clues become cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from random import Random

from engine.follow_up import findings as steps
from engine.follow_up.findings import Step
from engine.follow_up.reviews import Result
from engine.model.workspace import Inspection, KeptFinding, LedgerEntry, RegisteredSite
from engine.simulation.acting import Bureau, later
from engine.simulation.county import TEAM, PlannedVisit
from engine.simulation.visiting import Visiting, orders
from engine.workspace.findings import (
    UNDER_WAY,
    Clue,
    fail_findings,
    keep_evidence,
    plan_review,
    settle_review,
    take_step,
)
from engine.workspace.numbers import take_number
from engine.workspace.sealing import Sealed
from engine.workspace.visits import Wanted, add_visits

WAITING = ("ordered", "extended")
TERM = 7
"""Days to put something right."""
CLASSES = {
    "device-distributor": "医疗器械",
    "device-manufacturer": "医疗器械",
    "contact-lens-seller": "医疗器械",
    "cosmetics-seller": "化妆品",
}


class Afterwards:
    """Follows the findings of a bureau up."""

    def __init__(self, bureau: Bureau, sites: Mapping[str, RegisteredSite]) -> None:
        self._bureau = bureau
        self._sites = {site.id: site for site in sites.values()}
        self.visiting: Visiting | None = None
        """Who makes reviews."""
        self._visits: dict[str, PlannedVisit] = {}
        """First visits, of whose findings some come back, until they are looked at again."""

    def follow(self, sealed: Sealed, visit: PlannedVisit) -> None:
        """Decide what will be done about the findings of a visit."""
        review = sealed.inspection.earlier is not None
        if review:
            self._settle_review(sealed, visit)
        else:
            self._visits[sealed.inspection.id] = visit
        waiting = [finding for finding in sealed.findings if finding.state != "corrected"]
        rng = self._bureau.chance(f"after {sealed.inspection.id}")
        day = date.fromisoformat(sealed.inspection.facts.sealed.isoformat()) if sealed.inspection.facts else visit.day
        if waiting and not review and rng.random() < 0.3 and any(f.state == "ordered" for f in waiting):
            self._review(sealed, visit, later(day, rng.randrange(4, 12)))
        for finding in waiting:
            ordered = day
            if finding.state == "open" and orders(finding):
                ordered = later(day, rng.randrange(0, 4))
                self._bureau.at(ordered, "17:40", partial(self._order, finding, ordered))
            elif finding.state == "open":
                self._open(finding, later(day, rng.randrange(2, 9)), rng)
                continue
            self._ordered(finding, ordered, rng)

    def _open(self, finding: KeptFinding, day: date, rng: Random) -> None:
        if rng.random() < 0.15:
            self._bureau.at(day, "10:10", partial(self._waive, finding, day))
        elif rng.random() < 0.5:
            self._bureau.at(day, "10:20", partial(self._correct, finding, day, ("open",)))

    def _ordered(self, finding: KeptFinding, day: date, rng: Random) -> None:
        chance, at = rng.random(), self._bureau.at
        due = later(day, TERM)
        if chance < 0.08:
            at(later(day, 2), "10:10", partial(self._waive, finding, later(day, 2)))
            if rng.random() < 0.5:
                at(later(day, 9), "10:30", partial(self._resume, finding, later(day, 9)))
        elif chance < 0.7:
            done = later(day, rng.randrange(1, TERM))
            at(done, "10:40", partial(self._correct, finding, done, WAITING))
        elif chance < 0.82:
            at(later(day, 3), "10:50", partial(self._extend, finding, later(day, 3)))
            done = later(due, rng.randrange(3, 7))
            at(done, "10:50", partial(self._correct, finding, done, WAITING))
        elif chance < 0.93:
            at(later(due, 3), "11:00", partial(self._fail, finding, later(due, 3)))

    def _now(self, finding: KeptFinding) -> KeptFinding:
        with self._bureau.workspace.store.reading() as reader:
            found = reader.get(KeptFinding, finding.id)
        assert found is not None
        return found

    def _step(
        self, finding: KeptFinding, day: date, states: tuple[str, ...], action: str,
        step: Callable[[KeptFinding], Step], why: str = "",
    ) -> None:  # fmt: skip
        """Take a step unless something else happened to the finding meanwhile."""
        if self._now(finding).state in states:
            who = self._bureau.who(finding.unit, day, "10:00", why)
            take_step(self._bureau.workspace, [finding.id], step, who, action)

    def _order(self, finding: KeptFinding, day: date) -> None:
        if self._now(finding).state != "open":
            return
        who = self._bureau.who(finding.unit, day, "17:40")
        notice = take_number(self._bureau.workspace, "correction-notice", who, inspection=finding.inspection).id
        self._step(finding, day, ("open",), "责令改正",
                   lambda f: steps.order(f, on=day, due=later(day, TERM), notice=notice))  # fmt: skip

    def _extend(self, finding: KeptFinding, day: date) -> None:
        due = self._now(finding).due
        if due is not None:
            new = later(max(due, day), TERM)
            self._step(finding, day, ("ordered",), "延期", lambda f: steps.extend(f, on=day, due=new), "等待检定")

    def _correct(self, finding: KeptFinding, day: date, states: tuple[str, ...]) -> None:
        paper = self._bureau.paper(f"{finding.id}-整改报告.txt", f"{finding.id} 已改正\n".encode())
        evidence = keep_evidence(self._bureau.workspace, [paper])
        self._step(finding, day, states, "认定已改正", lambda f: steps.correct(f, on=day, evidence=evidence))
        self._look_again(finding, day)

    def _look_again(self, finding: KeptFinding, day: date) -> None:
        """Arrange to look at a site again (回头看) after something was put right; at some of them the same is found."""
        id_, rng = finding.inspection, self._bureau.chance(f"look again {finding.inspection}")
        back = later(day, rng.randrange(3, 9))
        if id_ not in self._visits or self.visiting is None or rng.random() >= 0.4 or back >= self._bureau.last:
            return
        visit = self._visits.pop(id_)
        wanted = Wanted(visit.unit, (), back, f"回头看 {id_}", "", visit.online, id_)
        made = add_visits(self._bureau.workspace, [finding.site], wanted, self._bureau.who(visit.unit, day, "16:40"))
        again = visit._replace(day=back, start="16:00", end="16:25", assisting=(), people=visit.people[:2], late=0,
                               faults=rng.choice((0, visit.faults)))  # fmt: skip
        self.visiting.arrange(again, made[0], [self._now(finding)])

    def _waive(self, finding: KeptFinding, day: date) -> None:
        self._step(
            finding, day, ("open", "ordered"), "暂不追究",
            lambda f: steps.waive(f, on=day, authority="局长办公会", reason="停业装修", until=later(day, 60)),
            "停业装修",
        )  # fmt: skip

    def _resume(self, finding: KeptFinding, day: date) -> None:
        self._step(finding, day, ("waived",), "恢复追究", steps.resume, "恢复营业")

    def _fail(self, finding: KeptFinding, day: date) -> None:
        now = self._now(finding)
        if now.state not in WAITING or now.due is None or now.due >= day:
            return
        who = self._bureau.who(finding.unit, day, "11:00")
        clue = Clue(finding.unit, who.by)
        failed = fail_findings(self._bureau.workspace, [finding.id], self._bureau.ledgers["clue"], clue, who)
        self._clue(failed[0], day)

    def _clue(self, finding: KeptFinding, day: date) -> None:
        assert finding.clue is not None
        rng = self._bureau.chance(f"clue {finding.clue}")
        decided = later(day, rng.randrange(1, 10))
        act = partial(self._case, finding, decided) if rng.random() < 0.6 else partial(self._no_case, finding, decided)
        self._bureau.at(decided, "15:30", act)

    def _no_case(self, finding: KeptFinding, day: date) -> None:
        who = self._bureau.who(finding.unit, day, "15:30", "核查完毕")
        self._bureau.change(
            str(finding.clue), {"decision": "不立案", "decided": str(day), "reason": "违法行为轻微"}, who
        )

    def _case(self, finding: KeptFinding, day: date) -> None:
        bureau, who = self._bureau, self._bureau.who(finding.unit, day, "15:30", "核查完毕")
        rng = bureau.chance(f"case of {finding.id}")
        site = self._sites[finding.site]
        given = {"filed": str(day), "summary": f"逾期未改正：{finding.sentence}"[:200], "clue": str(finding.clue),
                 "product_class": CLASSES.get(site.site_type, "药品"), "value": _money(rng, 20_000)}  # fmt: skip
        case = bureau.enter("case", finding.unit, given, who)
        bureau.change(str(finding.clue), {"decision": "立案", "decided": str(day), "case": case.id}, who)
        punish(bureau, case, day, rng)

    def _review(self, sealed: Sealed, visit: PlannedVisit, day: date) -> None:
        """Arrange a review by two inspectors of the unit."""
        self._bureau.at(later(day, -2), "16:30", partial(self._arrange_review, sealed, visit, day))

    def _arrange_review(self, sealed: Sealed, visit: PlannedVisit, day: date) -> None:
        waiting = self._waiting(sealed.inspection.id)
        if not waiting or self.visiting is None or self._is_reviewed(sealed.inspection.id):
            return
        inspection = plan_review(self._bureau.workspace, sealed.inspection.id, day,
                                 self._bureau.who(visit.unit, later(day, -2), "16:30"))  # fmt: skip
        rng = self._bureau.chance(f"review {inspection.id}")
        again = visit._replace(day=day, start="16:30", end="17:10", assisting=(), people=visit.people[:2], late=0,
                               faults=rng.choice((0, 0, visit.faults)))  # fmt: skip
        self.visiting.arrange(again, inspection, waiting)

    def _is_reviewed(self, inspection: str) -> bool:
        """Return whether a review of the inspection is under way: a second one waits for it."""
        with self._bureau.workspace.store.reading() as reader:
            reviews = [i for i in reader.all(Inspection) if i.earlier == inspection]
        return any(review.state in UNDER_WAY for review in reviews)

    def _waiting(self, inspection: str) -> list[KeptFinding]:
        with self._bureau.workspace.store.reading() as reader:
            return [f for f in reader.all(KeptFinding, inspection=inspection) if f.state in WAITING]

    def _settle_review(self, sealed: Sealed, visit: PlannedVisit) -> None:
        """Settle what still waits of the earlier inspection; what is overdue and not put right becomes a clue."""
        inspection = sealed.inspection
        rng = self._bureau.chance(f"settle {inspection.id}")
        waiting = self._waiting(str(inspection.earlier))
        results: dict[str, Result] = {}
        for finding in waiting:
            overdue = finding.due is not None and finding.due < visit.day
            again = any(f.rule == finding.rule and f.state != "corrected" for f in sealed.findings)
            if again and not overdue:
                continue  # found again before its term is over: it goes on waiting
            results[finding.id] = "未整改" if overdue and (again or rng.random() < 0.4) else "已整改"
        if len(results) < len(waiting) or not results:
            return
        who = self._bureau.who(visit.unit, visit.day, "17:30", "复查")._replace(
            by="、".join(p.name for p in visit.people[:2])
        )
        settled = settle_review(self._bureau.workspace, inspection.id, results, self._bureau.ledgers["clue"],
                                Clue(visit.unit, visit.people[0].name), who)  # fmt: skip
        for finding in settled:
            if finding.clue is not None:
                self._clue(finding, visit.day)


def punish(bureau: Bureau, case: LedgerEntry, filed: date, rng: Random) -> None:
    """Let a case be decided, closed, published, some handed to the police; some values are corrected later."""
    decided = later(filed, rng.randrange(6, 20))
    given = {"decided": str(decided), "fine": _money(rng, 50_000), "confiscated": _money(rng, 3_000)}
    given |= {"persons": str(rng.randrange(3)), "suspended": rng.choice(("是", "否", "否")), "licence_revoked": "否"}
    given |= {"banned": str(rng.randrange(2))} if rng.random() < 0.2 else {}
    given |= {"record_cancelled": "是"} if rng.random() < 0.1 else {}
    act = bureau.at
    act(decided, "16:10", lambda: _change(bureau, case, given, decided, "处罚决定"))
    closed = later(decided, rng.randrange(3, 15))
    ended = {"closed": str(closed)} | ({"typical": str(closed)} if rng.random() < 0.3 else {})
    ended |= {"dishonest": str(closed)} if rng.random() < 0.15 else {}
    ended |= {"published": str(closed)} if rng.random() < 0.6 else {}
    act(closed, "16:20", lambda: _change(bureau, case, ended, closed, "结案"))
    if rng.random() < 0.25:
        value = _money(rng, 20_000)
        mended = later(filed, rng.randrange(8, 16))
        act(mended, "16:30", lambda: _change(bureau, case, {"value": value}, mended, "货值重新核定"))
    if rng.random() < 0.2:
        act(decided, "16:40", lambda: _transfer(bureau, case, decided, rng))


def _change(bureau: Bureau, case: LedgerEntry, given: Mapping[str, str], day: date, why: str) -> None:
    bureau.change(case.id, given, bureau.who(case.unit, day, "16:00", why))


def _transfer(bureau: Bureau, case: LedgerEntry, day: date, rng: Random) -> None:
    given = {"found": str(day), "case": case.id, "summary": "涉嫌犯罪", "approved": f"{later(day, 1)} 09:00",
             "transferred": f"{later(day, 1)} 15:00", "persons": str(rng.randrange(1, 4))}  # fmt: skip
    if later(day, 1) <= bureau.last:
        bureau.at(later(day, 1), "15:00", lambda: _enter_transfer(bureau, given, later(day, 1)))


def _enter_transfer(bureau: Bureau, given: Mapping[str, str], day: date) -> None:
    bureau.enter("transfer", TEAM, given, bureau.who(TEAM, day, "15:00"))


def _money(rng: Random, most: int) -> str:
    """Return an amount in 元, as typed."""
    return f"{rng.randrange(most)}.{rng.randrange(100):02}"
