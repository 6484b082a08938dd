"""What people write in a list of sites: kinds of site, chain or single, open or closed, units. One meaning or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from engine.inspections.cells import header_key
from engine.inspections.named import is_named
from engine.model.release import Release

TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "retail-pharmacy": (
        "药店", "大药房", "药房", "药品零售", "零售药店", "零售药房", "单体药店", "连锁药店", "连锁门店",
        "零售连锁门店",
        "药品零售连锁门店", "零售单体", "单体门店", "零售连锁", "药品零售连锁",
    ),
    "clinic": (
        "诊所", "门诊部", "口腔诊所", "中医诊所", "口腔门诊", "村卫生室", "卫生室", "个体诊所", "个体门诊",
    ),
    "drug-wholesaler": (
        "药品批发", "药品经营批发", "连锁总部", "零售连锁总部", "药品零售连锁总部", "药品配送中心",
    ),
    "medical-institution": (
        "医院", "卫生院", "社区卫生服务中心", "社区卫生服务站", "体检机构", "体检中心", "妇幼保健院", "医美机构",
        "医疗美容机构", "医疗美容医院",
    ),
    "device-distributor": (
        "医疗器械经营", "器械经营", "医疗器械批发", "器械批发", "医疗器械零售", "器械零售", "医疗器械店",
    ),
    "device-manufacturer": ("医疗器械生产", "器械生产"),
    "cosmetics-seller": (
        "化妆品", "化妆品经营", "化妆品店", "化妆品专卖店", "美容院", "美容店", "美发店", "理发店", "美容美发",
        "美容美发店",
        "美甲店", "母婴店",
    ),
    "contact-lens-seller": ("彩瞳", "美瞳", "装饰性彩色平光隐形眼镜"),
    "vaccination-unit": ("接种单位", "预防接种", "预防接种门诊", "接种门诊", "接种点", "疫苗接种"),
    "vaccine-logistics": ("疾控", "疾控中心", "疾病预防控制中心", "疫苗配送", "药品第三方物流", "医疗器械第三方物流"),
    "online-seller": ("网络销售", "药品网络销售", "医疗器械网络销售", "药械网络销售", "网售"),
    "decoction-manufacturer": ("中药饮片生产", "饮片生产", "饮片厂"),
}  # fmt: skip
"""Words that mean one kind of site."""
OPEN_WORDS: dict[str, tuple[str, ...]] = {
    "零售": ("retail-pharmacy", "device-distributor"),
    "批发": ("drug-wholesaler", "device-distributor"),
    "配送中心": ("drug-wholesaler", "vaccine-logistics"),
    "经营企业": ("retail-pharmacy", "drug-wholesaler", "device-distributor"),
    "药品经营": ("retail-pharmacy", "drug-wholesaler"),
    "药品经营企业": ("retail-pharmacy", "drug-wholesaler"),
    "门诊": ("clinic", "medical-institution", "vaccination-unit"),
    "卫生所": ("clinic", "medical-institution"),
    "医务室": ("clinic", "medical-institution"),
    "医疗美容": ("clinic", "medical-institution"),
    "美容": ("cosmetics-seller", "clinic", "medical-institution"),
    "美发": ("cosmetics-seller",),
    "眼镜店": ("contact-lens-seller", "device-distributor"),
    "隐形眼镜": ("contact-lens-seller", "device-distributor"),
    "医疗器械": ("device-distributor", "device-manufacturer"),
    "第三方物流": ("vaccine-logistics", "device-distributor"),
    "网店": ("online-seller", "cosmetics-seller", "contact-lens-seller"),
    "生产企业": ("decoction-manufacturer", "device-manufacturer"),
}
"""Words that fit several kinds: whoever imports says which is meant."""
IN_USE = frozenset({"在营", "正常", "存续", "开业", "营业", "在业", "有效", "在册", "正常营业", "正常经营",
    "营业中", "存续(在营、开业、在册)", "经营中"})  # fmt: skip
ENDED = frozenset({"注销", "已注销", "吊销", "已吊销", "撤销", "关闭", "已关闭", "停业", "已停业", "歇业", "关停",
    "迁出", "已迁出", "倒闭", "失效", "不存在", "查无", "转让"})  # fmt: skip
_ENDED_WITHIN = re.compile("注销|吊销|停业|歇业|关停|倒闭|停止营业|不再经营|关门|迁出")
_YES, _NO = ("是", "有", "√", "☑", "y", "yes", "true", "1"), ("否", "无", "没有", "不是", "×", "☐", "n", "no",
    "false", "0")  # fmt: skip
_HEAD = re.compile("总部|配送中心")
_STORE = re.compile("门店|连锁|直营|加盟|分店")
_UNIT_WORDS = re.compile("市场监督管理所|市场监管所|监督管理所|市监所|市管所|监管所|工商所|所$")
LONGEST_BLANK = 8
"""Characters: a longer text with a letter in it says something."""
_SPLIT = re.compile("[、,，;；/|]+")


class Kinds(NamedTuple):
    """What the words of a release and of this person mean: by word as header_key gives it, one kind or several."""

    words: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    """Short titles by site type."""


def kinds_of(release: Release, own: Mapping[str, str]) -> Kinds:
    """Return what every known word means; own: words of the bureau with the site type they stand for."""
    words: dict[str, tuple[str, ...]] = {header_key(w): t for w, t in OPEN_WORDS.items()}
    for name, common in TYPE_WORDS.items():
        words |= {header_key(word): (name,) for word in common}
    titles = {}
    for name, kind in release.site_types.items():
        titles[name] = kind.title.partition("（")[0]
        words |= {header_key(word): (name,) for word in (name, kind.title, titles[name], kind.code)}
    known = {word: tuple(t for t in types if t in release.site_types) for word, types in words.items()}
    known |= {header_key(word): (name,) for word, name in own.items()}
    return Kinds({word: types for word, types in known.items() if types}, titles)


def types_of(text: str, kinds: Kinds) -> tuple[str, ...]:
    """Return the site types that a text may mean: none, one, or several among which a person must choose.

    The text as a whole, else what fits all of the longest known words in it, else what fits any of them.
    A word inside a longer one says nothing.
    """
    key = header_key(text)
    whole = kinds.words.get(key) or kinds.words.get(key.upper()) or kinds.words.get(key.lower())
    if whole:
        return whole
    found: list[tuple[str, ...]] = []
    rest = key
    for word in _by_length(kinds):
        if word in rest:
            rest = rest.replace(word, "\n")
            found.append(kinds.words[word])
    fitting = [name for name in kinds.titles if found and all(name in types for types in found)]
    return tuple(fitting or dict.fromkeys(name for types in found for name in types))


def _by_length(kinds: Kinds) -> list[str]:
    return sorted((w for w in kinds.words if len(w) > 1 and not w.isascii()), key=lambda w: (-len(w), w))


def chain_of(text: str, title: str = "") -> Literal["single", "store", "head"] | None:
    """Return what a text says about chain or single; 是 and 否 answer a title such as 是否连锁. None: nothing."""
    key = header_key(text)
    said = yes_or_no(key)
    if said is not None:
        return ("store" if said else "single") if "连锁" in title else None
    if _HEAD.search(key):
        return "head"
    if "单体" in key or key in ("非连锁", "个体"):
        return "single"
    return "store" if _STORE.search(key) else None


def is_closed(text: str, title: str = "") -> bool | None:
    """Return whether a text says that the site has closed; None if it cannot be understood.

    是 and 否 answer a title such as 是否在营 or 是否注销.
    """
    key = header_key(text)
    said = yes_or_no(key)
    if said is not None:
        if any(word in title for word in ("注销", "停业", "关闭", "吊销")):
            return said
        return not said if any(word in title for word in ("在营", "营业", "正常", "存续", "经营")) else None
    for each in (key, key.partition("(")[0]):
        if each in IN_USE or each in ENDED:
            return each in ENDED
    return None


def may_have_ended(note: str) -> bool:
    """Return whether a remark names a closing, whatever it says of it: for a person to look at."""
    return _ENDED_WITHIN.search(note) is not None


def yes_or_no(text: str) -> bool | None:
    """Return what 是, 否, 有, 无 and their like say, None for anything else."""
    key = header_key(text).lower()
    return True if key in _YES else False if key in _NO else None


def is_blank(text: str) -> bool:
    """Return whether a text says nothing: 无, /, —, 暂无, 不详."""
    if len(text) > LONGEST_BLANK:
        return not any(char.isalnum() for char in text)
    return _is_blank(text)


@lru_cache(maxsize=4096)
def _is_blank(text: str) -> bool:
    return not any(char.isdigit() for char in text) and not is_named(text)


def areas_of(text: str) -> tuple[str, ...]:
    """Return the areas that a cell names, each once."""
    return tuple(dict.fromkeys(part for each in _SPLIT.split(text) if (part := each.strip())))


def unit_named(text: str, units: Iterable[str]) -> str | None:
    """Return the unit that a text names: as written, else the one that is the same but for 市场监管所 and its like."""
    names = list(units)
    key = header_key(text)
    same = [name for name in names if header_key(name) == key]
    if same:
        return same[0]
    core = _UNIT_WORDS.sub("", key)
    alike = [name for name in names if core and _UNIT_WORDS.sub("", header_key(name)) == core]
    return alike[0] if len(alike) == 1 else None
