"""RECORD.yaml as text: what the program proposes, and where people write their decisions."""

from __future__ import annotations

from engine.model.record import RecordFile
from engine.source import dump

_HEAD = """\
# 检查记录。程序拟出的问题在 findings 中，逐条由检查人员决定：
#   status: proposed 待确认 → confirmed 确认，或 rejected 不认定；by 写明由谁；不认定的写明 why。
#   sentence 是打印的事实描述，可以修改；draft 是原稿，不要改动。
# held（物品清单）和 samples（抽样记录）列出可能查封、扣押、登记保存或抽样的物品：
#   采取措施的写 measure，抽样的写 number，其余的不打印，可以删去。
# authority 填执法机关全称，number 填文书编号。其他内容如要改动，请改答卷后重新生成。
"""


def record_yaml(record: RecordFile) -> str:
    """Return the record as YAML with instructions; engine.inspections.opening.open_record reads it back."""
    return _HEAD + dump(record.model_dump(mode="json", by_alias=True))
