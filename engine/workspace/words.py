"""What kept things and their fields are called in Chinese, for whoever reads the audit trail or an archive."""

from __future__ import annotations

from engine.model.base import Disposition, Grade
from engine.register.life import STATES

KINDS = {
    "setting": "设置", "unit": "责任单位", "site": "单位", "inspection": "检查", "finding": "问题",
    "number": "文书编号", "entry": "台账", "filing": "报表",
}  # fmt: skip

_FIELDS = {
    "id": "编号", "value": "内容", "kind": "类别", "block": "编号段", "reporter": "信息报送责任人", "phone": "电话",
    "substitute": "替补", "open": "在用", "name": "名称", "site_type": "单位类型", "unit": "责任单位",
    "credit_code": "统一社会信用代码", "identity": "登记信息", "attributes": "业务范围", "chain": "单体或连锁",
    "areas": "重点区域", "closed": "停业、注销日期", "unlicensed": "无证经营者", "note": "备注", "campaign": "行动",
    "site": "单位编号", "assisting": "配合单位", "planned": "计划日期", "state": "状态", "reason": "为什么查",
    "earlier": "上次检查", "lock": "规则版本", "files": "文件", "facts": "归档时的情况", "inspection": "检查编号",
    "rule": "规则", "grade": "等级", "red_line": "红线", "subject": "涉及的品种等", "sentence": "事实",
    "dispositions": "处理建议", "found": "发现日期", "due": "改正期限", "ordered": "责令改正日期",
    "notice": "责令改正通知书文号", "first_due": "延期以前的期限", "settled": "认定日期", "evidence": "改正的证据",
    "review": "复查的检查", "clue": "转成的线索", "recurs": "上次的同一问题", "waiver": "暂不追究", "series": "序列",
    "serial": "序号", "paper": "文书", "voided": "作废的理由", "ledger": "台账名称", "date": "日期", "values": "各栏",
    "finding": "问题编号", "table": "表", "start": "期间开始", "cut_off": "截止日", "filed": "报送时间", "by": "填报人",
    "reviewer": "审核人", "zero": "零报告", "period": "本期", "total": "累计", "corrections": "更正",
    "why": "更正的理由", "head": "报送时的链末", "sources": "来自哪些表格的行", "merged_into": "并入哪一家",
    "distinct": "经认定不是同一家", "focus": "重点检查对象", "numbers": "文书编号", "online": "网络巡查",
    "over_cap": "超过频次上限的理由", "supplements": "归档后的补充",
    "removed": "不再计入", "situation": "开展情况", "late": "补报", "people": "人次",
}  # fmt: skip
_OWN = {
    ("unit", "id"): "单位名称", ("filing", "serial"): "第几次", ("setting", "id"): "设置名称",
    ("inspection", "evidence"): "证据文件",
}  # fmt: skip

VALUES: dict[tuple[str, str], dict[str, str]] = {
    ("filing", "people"): {"person-days": "人·日", "person-visits": "人·户"},
    ("unit", "kind"): {"station": "市场监管所", "team": "大队", "section": "科室", "other": "其他"},
    ("site", "chain"): {"single": "单体", "store": "连锁门店", "head": "连锁总部"},
    ("inspection", "state"): STATES,
    ("finding", "state"): {
        "open": "未处理", "ordered": "已责令改正", "extended": "已延期一次", "corrected": "已改正",
        "not-corrected": "未改正（转线索）", "waived": "暂不追究",
    },
    ("finding", "grade"): {each.value: each.label for each in Grade},
    ("finding", "dispositions"): {each.value: each.label for each in Disposition},
}  # fmt: skip
"""Words of a field's values, by kind and field."""


def kind_word(kind: str) -> str:
    """Return what a kind of kept thing is called; the identifier itself of a kind that is not ours."""
    return KINDS.get(kind, kind)


def field_word(kind: str, field: str) -> str:
    """Return what a field of a kind is called; the identifier itself where it has no word."""
    return _OWN.get((kind, field)) or _FIELDS.get(field, field)


def value_word(kind: str, field: str, value: object) -> str:
    """Return a value for people: 是 and 否, words of states, texts as they are; the empty text for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    return VALUES.get((kind, field), {}).get(text, text)
