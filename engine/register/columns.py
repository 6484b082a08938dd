"""Where the header of a list of sites is, and what its columns are: guessed from words, corrected by a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.inspections.cells import header_key
from engine.model.release import Release, ReleaseSiteType
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.workbooks.table import Row, Table, cell_name

HEADER_WITHIN = 15
"""The header is looked for in so many rows: titles and who filled it in may stand above it."""
UNUSED = "不用"

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("单位编号", "登记编号"),
    "name": (
        "名称", "单位名称", "企业名称", "机构名称", "药店名称", "诊所名称", "医疗机构名称", "被检查单位",
        "被检查单位名称",
        "经营者名称", "经营主体名称", "市场主体名称", "主体名称", "商户名称", "公司名称", "门店名称", "店铺名称",
        "监管对象名称",
        "监管对象", "经营主体", "单位(企业)名称", "企业(单位)名称", "企业(机构)名称", "店名", "字号名称", "字号",
        "店招",
    ),
    "credit_code": (
        "统一社会信用代码", "统一社会信用代码(注册号)", "统一社会信用代码/注册号", "统一社会信用代码或注册号",
        "社会信用代码",
        "统一信用代码", "信用代码", "营业执照注册号", "工商注册号", "注册号", "营业执照号", "营业执照编号",
    ),
    "licence": (
        "许可证号", "许可证编号", "许可证号/备案号", "许可证号(备案号)", "许可证(备案)号", "许可/备案号",
        "许可备案号", "许可证/备案号",
        "许可证号或备案号", "药品经营许可证号", "药品经营许可证编号", "经营许可证号", "经营许可证编号",
        "医疗机构执业许可证号",
        "执业许可证号", "登记号", "备案号", "备案编号", "备案凭证编号", "备案凭证号", "证号",
    ),
    "address": (
        "实际经营地址", "经营地址", "经营场所", "经营场所地址", "地址", "详细地址", "单位地址", "企业地址",
        "机构地址", "门店地址",
        "执业地点", "执业地址", "医疗机构地址", "营业地址", "营业场所", "经营场所(住所)", "住所(经营场所)",
        "生产经营地址", "店址", "门店住址", "场所",
    ),
    "registered_address": ("注册地址", "住所", "住所(注册地址)", "注册住所"),
    "legal_person": (
        "法定代表人", "法定代表人(负责人)", "法定代表人/负责人", "法定代表人或负责人", "法人代表", "法人", "经营者",
        "经营者姓名",
        "经营者(负责人)", "法定代表人(经营者)", "投资人", "业主",
    ),
    "head": ("负责人", "企业负责人", "主要负责人", "单位负责人", "门店负责人", "店长"),
    "contact": (
        "联系人及电话", "联系人", "电话", "联系电话", "联系方式", "手机", "手机号", "手机号码", "电话号码",
        "联系人电话", "负责人电话",
        "固定电话",
    ),
    "site_type": ("单位类型", "单位类别", "类型", "企业类型", "机构类型", "机构类别", "企业类别", "经营类型",
        "业务类型", "医疗机构类别", "监管类别", "监管对象类型", "经营类别", "主体业态", "单位性质", "类别",
        "业态类型"),
    "mode": ("经营方式",),
    "form": ("业态", "经营业态"),
    "chain": ("单体或连锁", "单体/连锁", "连锁/单体", "单体连锁", "是否连锁", "连锁情况", "连锁类型", "连锁"),
    "unit": (
        "责任单位", "监管单位", "所属市场监管所", "所属市场监督管理所", "所属监管所", "所属所", "管辖单位",
        "日常监管单位",
        "日常监管机构", "监管机构", "市场监管所", "监管所", "管辖所", "辖区所", "属地所", "所属辖区", "所在辖区",
        "辖区", "属地", "责任所", "负责单位", "监管责任单位", "包保单位", "所属市场所", "市场所", "所属单位",
    ),
    "area": ("重点区域", "重点区域类型", "是否重点区域", "区域类型", "区域标签"),
    "status": ("状态", "经营状态", "登记状态", "在营状态", "营业状态", "企业状态", "存续状态", "是否在营",
        "是否营业", "是否注销", "经营状况", "企业经营状态", "在营情况", "是否正常经营"),
    "closed": ("停业日期", "注销日期", "停业时间", "注销时间", "关停日期", "停业、注销日期"),
    "supervisor": ("责任监管员", "监管员", "监管责任人", "监管人员"),
    "note": ("备注", "说明"),
}  # fmt: skip
"""Fields and the titles that people give them, the plainest first."""
LABELS = {
    "id": "单位编号",
    "name": "名称", "credit_code": "信用代码", "licence": "许可证号", "address": "地址",
        "registered_address": "注册地址",
    "legal_person": "法定代表人", "head": "负责人", "contact": "电话", "site_type": "类型", "mode": "经营方式",
        "form": "业态",
    "chain": "单体或连锁", "unit": "责任单位", "area": "重点区域", "status": "状态", "closed": "停业日期",
    "supervisor": "责任监管员", "note": "备注",
}  # fmt: skip
"""What the fields are called on the command line and in messages."""
SEVERAL = ("contact", "note")
"""Fields that several columns may tell together."""
PASSED = ("序号", "编号", "顺序号", "不能登记的原因")
_WITHIN = (
    ("credit_code", re.compile("信用代码")),
    ("licence", re.compile("(许可证|备案凭证|备案).{0,6}(编号|号)")),
    ("contact", re.compile("电话|手机")),
    ("legal_person", re.compile("^法定代表人")),
    ("unit", re.compile("(监管|监督管理)(所|单位|机构)$")),
)
"""What a title holds when it is none of the known ones."""
_TAIL = re.compile(r"[*:：]+$|\((必填|选填|必填项|选填项)\)$|^[*]+")


class Column(NamedTuple):
    """A column: its number from 1, its title as written (both levels joined by /), the field it is taken for."""

    number: int
    title: str
    field: str | None
    """None: not used."""
    why: str = ""
    """In Chinese: why it is not used, or that a person said what it is."""


class Heading(NamedTuple):
    """The header of a table as it was understood."""

    rows: tuple[int, ...]
    """Numbers of its rows, one or two."""
    columns: tuple[Column, ...]
    body: tuple[Row, ...]

    def of(self, field: str) -> tuple[Column, ...]:
        """Return the columns of a field."""
        return tuple(column for column in self.columns if column.field == field)


def known_titles(release: Release) -> dict[str, str]:
    """Return the field of every title as header_key gives it: those above, and the labels of the site types.

    Attributes come as attribute.<name>.
    """
    found: dict[str, str] = {}
    for kind in release.site_types.values():
        found = labels_of(kind) | found
    own = {header_key(title): field for field, titles in FIELDS.items() for title in titles}
    return found | own


def labels_of(kind: ReleaseSiteType) -> dict[str, str]:
    """Return the field of every label of one site type, whole or without what its brackets say."""
    labels = [(i.label, i.id) for i in (*kind.identity, *kind.unlicensed_identity)]
    labels += [(a.label, f"attribute.{name}") for name, a in kind.attributes.items()]
    whole = {header_key(label): field for label, field in reversed(labels)}
    return {key.partition("(")[0]: field for key, field in reversed(whole.items())} | whole


def understand(
    table: Table, release: Release, said: Mapping[str, str] | None = None
) -> tuple[Heading | None, list[Problem]]:
    """Return the header of a table, or None and why there is none.

    said: what a person says: a title or the letters of a column → a field by its identifier or its label, or 不用.
    """
    titles = known_titles(release)
    fields, problems = _fields_said(said or {}, titles)
    if problems:
        return None, problems
    best: tuple[tuple[int, int], int, list[tuple[int, str, str]]] | None = None
    for index in range(min(HEADER_WITHIN, len(table.rows))):
        for levels in (1, 2):
            named = _titled(table.rows[index : index + levels], levels)
            score = (_score(named, titles, fields), -levels)
            if score[0] and (best is None or score > best[0]):
                best = (score, index + levels, named)
    if best is None:
        return None, [_no_header(table)]
    _, after, named = best
    first = after - (2 if any(two for *_, two in named) else 1)
    columns = tuple(_choose(named, titles, fields))
    missing = [k for k in fields if not any(k in _keys(number, title) for number, title, _ in named)]
    if missing:
        seen = "、".join(dict.fromkeys(title for _, title, _ in named))
        return None, [problem("E831", what=f"没有 “{m}” 这一栏", hint=f"表里有：{seen}") for m in missing]
    heading = Heading(tuple(row.number for row in table.rows[first:after]), columns, table.rows[after:])
    if not heading.body:
        return None, [problem("E830", table.mark(heading.rows[-1]), reason="表头下面没有内容", hint="请确认选对了文件")]
    return heading, []


def _fields_said(said: Mapping[str, str], titles: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    by_label = {label: field for field, label in LABELS.items()}
    known = set(by_label) | set(LABELS) | set(titles.values()) | {UNUSED}
    fields: dict[str, str] = {}
    problems = []
    for title, field in said.items():
        named = by_label.get(field) or titles.get(header_key(field)) or field
        if named not in known:
            hint = did_you_mean(field, sorted(known)) + f"可用：{'、'.join(LABELS.values())}、{UNUSED}"
            problems.append(problem("E831", what=f"没有 “{field}” 这种内容", hint=hint))
        fields[header_key(title)] = named
    return fields, problems


def _titled(rows: tuple[Row, ...], levels: int) -> list[tuple[int, str, str]]:
    """Return number, title and, of a header of two levels, the lower title of every column that has a title."""
    if len(rows) < levels:
        return []
    upper = [_text(value) for value in rows[0].cells]
    if levels == 1:
        return [(number, title, "") for number, title in enumerate(upper, 1) if title]
    lower = [_text(value) for value in rows[1].cells]
    found, group = [], ""
    for number in range(1, max(len(upper), len(lower)) + 1):
        above = upper[number - 1] if number <= len(upper) else ""
        below = lower[number - 1] if number <= len(lower) else ""
        if above:
            group = above
        if below:
            found.append((number, f"{group}/{below}" if group else below, below))
        elif above:
            found.append((number, above, "\0"))  # one title over both levels
    return found


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _score(named: list[tuple[int, str, str]], titles: Mapping[str, str], said: Mapping[str, str]) -> int:
    """Return how many fields the titles tell, 0 if the name of the site is not among them."""
    fields = {_field(number, title, titles, said) for number, title, _ in named} - {None, UNUSED}
    return len(fields) if "name" in fields else 0


def _keys(number: int, title: str) -> Iterator[str]:
    """Yield how a column may be called: by its letters, whole, by its lower title."""
    yield cell_name(1, number)[:-1]
    key = header_key(title)
    yield key
    if "/" in key:
        yield key.rpartition("/")[2]
    for each in (key, key.rpartition("/")[2]):
        yield _TAIL.sub("", each)


def _field(number: int, title: str, titles: Mapping[str, str], said: Mapping[str, str]) -> str | None:
    """Return the field of a column: as a person says, as its title is known, as the title above it makes clear."""
    keys = list(dict.fromkeys(_keys(number, title)))
    for key in keys:
        if key in said:
            return said[key]
    key = _TAIL.sub("", header_key(title))
    upper, _, lower = key.rpartition("/")
    joined = upper + lower
    if joined in titles:
        return titles[joined]  # 编号 under 许可证
    for key in keys[1:]:
        if key in titles:
            return titles[key]
    if any(key in PASSED for key in keys[1:]):
        return None
    for key in (joined, lower):
        if (before := key.partition("(")[0]) in titles and before != key:
            return titles[before]  # 状态（在营/停业）
    return next((field for field, words in _WITHIN if words.search(joined) and "日期" not in joined), None)


def _choose(named: list[tuple[int, str, str]], titles: Mapping[str, str], said: Mapping[str, str]) -> Iterator[Column]:
    """Yield every column with its field; of several for one field the plainest title is used."""
    taken = [(number, title, _field(number, title, titles, said)) for number, title, _ in named]
    told = {number for number, title, _ in named if any(key in said for key in _keys(number, title))}
    best: dict[str, int] = {}
    for number, title, field in taken:
        if field and field not in SEVERAL:
            rank = (number not in told, _rank(field, title), number)
            first = best.get(field)
            if first is None or rank < (first not in told, _rank(field, _title_of(taken, first)), first):
                best[field] = number
    for number, title, field in taken:
        if field == UNUSED:
            yield Column(number, title, None, "按要求不用")
        elif field is None:
            passed = header_key(title) in PASSED
            yield Column(number, title, None, "" if passed else "不认识")
        elif field in SEVERAL or best[field] == number:
            yield Column(number, title, field, "按要求" if number in told else "")
        else:
            yield Column(number, title, None, f"与 {cell_name(1, best[field])[:-1]} 栏重复")


def _title_of(taken: list[tuple[int, str, str | None]], number: int) -> str:
    return next(title for each, title, _ in taken if each == number)


def _rank(field: str, title: str) -> int:
    words = [header_key(word) for word in FIELDS.get(field, ())]
    keys = set(list(_keys(1, title))[1:])
    return next((place for place, word in enumerate(words) if word in keys), len(words))


def _no_header(table: Table) -> Problem:
    shown = next(
        (row for row in table.rows[:HEADER_WITHIN] if sum(bool(_text(v)) for v in row.cells) > 1), table.rows[0]
    )
    titles = "、".join(filter(None, (_text(value)[:20] for value in shown.cells)))[:200]
    reason = f"前 {HEADER_WITHIN} 行里没有单位名称一栏；第 {shown.number} 行是：{titles}"
    return problem("E830", Mark(table.path), reason=reason, hint="请用 --column 指明，例如 --column 商家=名称")
