"""A made-up county: its bureau, its people, the list of its sites, who visits whom when. The seed decides all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from engine.holidays import Holidays
from engine.model.base import Period
from engine.model.bureau import BureauFile, Station
from engine.model.release import Release
from engine.register.credit_code import check_digit

TEAM = "稽查大队"
PLACES = (
    "城东",
    "城西",
    "城南",
    "城北",
    "河湾",
    "新桥",
    "石塘",
    "青山",
    "白马",
    "柳林",
    "东关",
    "西街",
    "双河",
    "花园",
    "高亭",
)
SURNAMES, GIVEN = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜",
    ("伟", "洋", "敏", "建国", "丽", "强", "志远", "燕", "明", "晓东", "静", "军"),
)
TRADES: dict[str, tuple[int, str]] = {
    "retail-pharmacy": (28, "大药房"), "clinic": (16, "诊所"), "cosmetics-seller": (20, "美妆店"),
    "device-distributor": (12, "医疗器械有限公司"), "medical-institution": (9, "医院"),
    "contact-lens-seller": (4, "眼镜店"),
    "vaccination-unit": (4, "预防接种门诊"), "online-seller": (3, "网上药械店"), "drug-wholesaler": (1, "医药有限公司"),
    "device-manufacturer": (1, "医疗器械制造有限公司"), "decoction-manufacturer": (1, "中药饮片有限公司"),
    "vaccine-logistics": (1, "疾病预防控制中心"),
}  # fmt: skip
"""How many of a hundred sites are of a type, and how they are called."""
ATTRIBUTES = ("salon", "implant", "online", "cold")
"""Attributes that the list has a column for."""
SLOTS = (("08:40", "09:30"), ("09:50", "10:40"), ("11:00", "11:50"), ("14:10", "15:00"), ("15:20", "16:10"))


class Sizes(NamedTuple):
    """How large the county is. The default is one county of WORKDAY: 12 units, 860 sites, 471 visits."""

    units: int = 12
    sites: int = 860
    visits: int = 471


class Person(NamedTuple):
    """Somebody who inspects."""

    name: str
    certificate: str
    unit: str


class PlannedVisit(NamedTuple):
    """A visit as it will be made, and how much is wrong at the site."""

    site: str
    """Its name; no two are the same."""
    unit: str
    day: date
    start: str
    end: str
    people: tuple[Person, ...]
    assisting: tuple[str, ...] = ()
    online: bool = False
    faults: int = 0
    red_line: bool = False
    late: int = 0
    """Days between the visit and its sealing."""


class County(NamedTuple):
    """Everything that is known before the campaign begins."""

    bureau: BureauFile
    people: Mapping[str, tuple[Person, ...]]
    """By unit."""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The list of sites, as it is handed in."""
    visits: tuple[PlannedVisit, ...]
    """By day."""

    @property
    def units(self) -> tuple[str, ...]:
        """Return the names of the units."""
        return tuple(station.name for station in self.bureau.stations)


def make_county(release: Release, holidays: Holidays, period: Period, sizes: Sizes, seed: int) -> County:
    """Return the county of a seed; the same arguments give the same county."""
    rng = Random(f"county {seed} {release.campaign}")  # noqa: S311 - no secret: the same each time
    names = [
        f"{PLACES[n]}市场监管所" if n < len(PLACES) else f"第{n + 1}市场监管所" for n in range(sizes.units - 1)
    ] + [TEAM]
    stations = tuple(Station(name=name, block=f"春{n}") for n, name in enumerate(names, 1))
    bureau = BureauFile(
        kind="bureau", authority="春风县市场监督管理局", code="（春）", phone="0550-1234567", stations=stations,
        kinds={"inspection-record": "市监检", "correction-notice": "市监责改"},
    )  # fmt: skip
    people = {name: _people(rng, name, n) for n, name in enumerate(names, 1)}
    labels = _labels(release)
    sites = [_site(rng, release, labels, number, names[:-1]) for number in range(sizes.sites)]
    header = ("名称", "类型", "信用代码", "地址", "责任单位", "单体或连锁", "重点区域", "电话", *labels.values())
    days = [
        day
        for n in range((period.end - period.start).days - 6)
        if (day := period.start + timedelta(days=n + 2)).weekday() < 5 and not holidays.is_free(day)
    ]
    return County(bureau, people, header, tuple(sites), tuple(_visits(rng, sites, people, days, sizes.visits, release)))


def _people(rng: Random, unit: str, number: int) -> tuple[Person, ...]:
    names = rng.sample([surname + given for surname in SURNAMES for given in GIVEN], 6)
    return tuple(Person(name, f"皖K{number:02}{n:03}", unit) for n, name in enumerate(names, 1))


def _labels(release: Release) -> dict[str, str]:
    """Return the titles of the columns of the attributes."""
    found: dict[str, str] = {}
    for kind in release.site_types.values():
        for name in ATTRIBUTES:
            if name in kind.attributes:
                found.setdefault(f"{name}|{kind.attributes[name].label}", kind.attributes[name].label)
    return found


def _site(
    rng: Random, release: Release, labels: Mapping[str, str], number: int, stations: Sequence[str]
) -> tuple[str, ...]:
    known = [name for name in TRADES if name in release.site_types]
    kind_name = known[number] if number < len(known) else rng.choices(known, [TRADES[name][0] for name in known])[0]
    kind = release.site_types[kind_name]
    first = f"91341100MA2{number:06}"
    chain = rng.choice(("单体", "单体", "连锁门店")) if kind_name == "retail-pharmacy" else ""
    area = rng.choice(release.focus_areas.names) if release.focus_areas and rng.random() < 0.2 else ""
    has = [
        rng.choice(("有", "无")) if (own := kind.attributes.get(key.partition("|")[0])) and own.label == label else ""
        for key, label in labels.items()
    ]
    street, house = rng.choice(PLACES), rng.randrange(1, 300)
    return (
        f"春风县{rng.choice(PLACES)}{number + 1}号{TRADES[kind_name][1]}", kind.title.partition("（")[0],
        first + check_digit(first) if rng.random() < 0.95 else "", f"春风县{street}路{house}-{number + 1}号",
        stations[number % len(stations)], chain, area, f"139{number:08}", *has,
    )  # fmt: skip


def _visits(
    rng: Random, sites: Sequence[tuple[str, ...]], people: Mapping[str, tuple[Person, ...]], days: Sequence[date],
    number: int, release: Release,
) -> list[PlannedVisit]:  # fmt: skip
    chosen = rng.sample(sites, min(number, len(sites)))
    chosen += [rng.choice(sites) for _ in range(number - len(chosen))]
    taken: dict[tuple[str, date], int] = {}
    pairs: dict[tuple[str, date], list[Person]] = {}
    online_title = release.site_types["online-seller"].title.partition("（")[0]
    found = []
    for site in chosen:
        unit = TEAM if rng.random() < 0.12 else site[4]
        free = [day for day in days if taken.get((unit, day), 0) < len(SLOTS)]
        day = rng.choice(free or days)
        slot = taken.get((unit, day), 0)
        taken[unit, day] = slot + 1
        pair = pairs.setdefault((unit, day), rng.sample(people[unit][:4], 2))
        joint = unit != TEAM and rng.random() < 0.1
        helpers = [rng.choice(people[TEAM][4:])] if joint else []
        faulty = rng.random() < 0.22
        found.append(PlannedVisit(
            site[0], unit, day, *SLOTS[slot % len(SLOTS)], people=(*pair, *helpers),
            assisting=(TEAM,) if joint else (), online=site[1] == online_title and rng.random() < 0.5,
            faults=rng.choice((1, 1, 2, 2, 3, 4)) if faulty else 0, red_line=faulty and rng.random() < 0.15,
            late=rng.choice((0, 0, 0, 0, 0, 0, 1, 3, 6)),
        ))  # fmt: skip
    return sorted(found, key=lambda visit: (visit.day, visit.unit, visit.start, visit.site))
