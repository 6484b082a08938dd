"""What a made-up bureau writes into its ledgers beside its visits, and what it voids again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from random import Random

from engine.model.base import Period
from engine.model.workspace import RegisteredSite
from engine.reports.counting import KEYED
from engine.simulation.acting import Bureau, later
from engine.simulation.afterwards import punish
from engine.simulation.county import TEAM

Make = Callable[[Random, date, RegisteredSite], dict[str, str]]
_CLASSES = ("药品", "医疗器械", "化妆品")


def _clue(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    source = rng.choice(("投诉举报", "监督抽验", "部门移送", "检查发现", "其他"))
    decision = rng.choice(("待核查", "不立案", "移送"))
    more = {} if decision == "待核查" else {"decided": str(day)}
    return {"received": str(day), "source": source, "summary": f"反映{site.name}的问题", "site": site.id,
            "first_unit": TEAM, "first_person": "值班员", "decision": decision, **more}  # fmt: skip


def _case(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    return {"filed": str(day), "summary": "涉嫌违法经营", "product_class": rng.choice(_CLASSES), "site": site.id,
            "value": f"{rng.randrange(30_000)}.{rng.randrange(100):02}"}  # fmt: skip


def _complaint(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    kind, channel = rng.choice(("投诉", "举报", "咨询")), rng.choice(("12315", "其他"))
    return {"accepted": str(day), "kind": kind, "channel": channel, "summary": "来电反映", "site": site.id}  # fmt: skip


def _interview(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    return {"held": str(day), "kind": rng.choice(("约谈", "告诫")), "site": site.id, "summary": "落实主体责任"}


def _letter(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    kind = rng.choice(("协查函", "通报卫健", "通报医保", "通报网信", "其他"))
    return {"sent": str(day), "kind": kind, "to": "有关部门", "summary": "通报情况"}


def _sampling(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    return {"taken": str(day), "site": site.id, "product": "抽检品种", "product_class": rng.choice(_CLASSES),
            "batch": f"C{rng.randrange(10**5)}"}  # fmt: skip


def _publicity(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    kind = rng.choice(("普法宣传", "科普宣传", "安全警示", "媒体报道", "政务信息"))
    counts = {"sessions": 3, "audience": 200, "handouts": 400, "pieces": 3}
    level = {"level": rng.choice(("中央", "省级", "市级", "县级"))} if kind == "媒体报道" else {}
    return {"held": str(day), "kind": kind, "channel": "进社区进单位", "title": "用药安全", **level,
            **{name: str(rng.randrange(most)) for name, most in counts.items()}}  # fmt: skip


def _opinion(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    return {"found": f"{day} 08:30", "kind": rng.choice(("舆情", "突发报告")), "summary": "网上传言",
            "reported": f"{day} 09:10", "handled": f"{day} 11:30"}  # fmt: skip


def _signal(rng: Random, day: date, site: RegisteredSite) -> dict[str, str]:
    kind = rng.choice(("药品聚集性信号", "器械严重不良事件", "其他"))
    return {
        "found": f"{day} 08:40",
        "kind": kind,
        "summary": "几份报告",
        "warned": f"{day} 09:40",
        "handled": f"{day} 10:40",
    }


ENTERED: Mapping[str, tuple[int, Make]] = {
    "clue": (25, _clue), "case": (16, _case), "complaint": (25, _complaint), "interview": (14, _interview),
    "letter": (10, _letter), "sampling": (14, _sampling), "publicity": (25, _publicity), "opinion": (8, _opinion),
    "signal": (8, _signal),
}  # fmt: skip
"""Ledgers, and how many lines there are of each for a hundred visits."""
VOIDED = ("complaint", "interview", "letter", "publicity", "signal")
"""Ledgers whose lines nothing else names."""
FIGURES = ("药品不良反应报告", "医疗器械不良事件报告", "化妆品不良反应报告")


class LedgerLines:
    """Keeps the ledgers of a bureau."""

    def __init__(self, bureau: Bureau, sites: Sequence[RegisteredSite], period: Period) -> None:
        self._bureau, self._sites, self._period = bureau, sites, period

    def plan(self, visits: int) -> None:
        """Let lines be entered all through the campaign, as many as a county with so many visits has."""
        days = (self._period.end - self._period.start).days
        for ledger, (share, make) in ENTERED.items():
            for number in range(2 + visits * share // 100):
                rng = self._bureau.chance(f"ledger {ledger} {number}")
                day = later(self._period.start, 1 + rng.randrange(days - 1))
                site, unit = rng.choice(self._sites), rng.choice(self._bureau.county.units)
                self._bureau.at(day, "16:50", partial(self._enter, ledger, unit, day, make(rng, day, site), rng))
        self._self_reports()
        for unit in self._bureau.county.units:
            for number in range(0, days, 9):
                self._bureau.at(later(self._period.start, number), "08:20", partial(self._keyed, unit, number))

    def _enter(self, ledger: str, unit: str, day: date, given: dict[str, str], rng: Random) -> None:
        entry = self._bureau.enter(ledger, unit, given, self._bureau.who(unit, day, "16:50"))
        if ledger == "case":
            punish(self._bureau, entry, day, rng)
        elif ledger == "sampling" and rng.random() < 0.8:
            told = later(day, rng.randrange(5, 15))
            self._bureau.at(
                told, "09:30", partial(self._report, entry.id, unit, told, rng.choice(("是", "否", "否", "否")))
            )
        elif ledger == "complaint" and rng.random() < 0.4:
            done = later(day, rng.randrange(2, 9))
            self._bureau.at(done, "09:40", partial(self._done, entry.id, unit, done))
        elif ledger in VOIDED and rng.random() < 0.3:
            void = later(day, rng.randrange(1, 25))
            self._bureau.at(void, "09:50", partial(self._void, entry.id, unit, void))

    def _report(self, id_: str, unit: str, day: date, failed: str) -> None:
        who = self._bureau.who(unit, day, "09:30", "收到检验报告")
        self._bureau.change(id_, {"report_date": str(day), "failed": failed}, who)

    def _done(self, id_: str, unit: str, day: date) -> None:
        self._bureau.change(id_, {"done": str(day), "result": "已答复"}, self._bureau.who(unit, day, "09:40", "办结"))

    def _void(self, id_: str, unit: str, day: date) -> None:
        self._bureau.void(id_, self._bureau.who(unit, day, "09:50", "重复登记"))

    def _self_reports(self) -> None:
        for site in self._sites:
            rng = self._bureau.chance(f"self-report {site.id}")
            if site.site_type == "device-distributor" and rng.random() < 0.7:
                day = later(self._period.start, 1 + rng.randrange((self._period.end - self._period.start).days))
                given = {"received": str(day), "site": site.id, "year": str(self._period.end.year - 1)}
                self._bureau.at(day, "16:55", partial(self._enter, "self-report", site.unit, day, given, rng))

    def _keyed(self, unit: str, number: int) -> None:
        day = later(self._period.start, number)
        rng = self._bureau.chance(f"keyed {unit} {number}")
        for figure in FIGURES:
            if rng.random() < 0.7:
                given = {"day": str(day), "figure": figure, "value": str(rng.randrange(6))}
                self._bureau.enter(KEYED, unit, given, self._bureau.who(unit, day, "08:20"))
