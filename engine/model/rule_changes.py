"""What a bureau changed in its rules through workbooks: who, when, what it was and why."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from engine.model.base import CampaignName, Model, Text

Sheet = Annotated[str, StringConstraints(pattern=r"^[a-z]+$", max_length=20)]
Written = Annotated[str, Field(max_length=6000)]


class RuleChange(Model):
    """One cell that was changed, or a row that was added or taken out."""

    sheet: Sheet
    row: Annotated[str, Field(min_length=1, max_length=200)]
    """行的编号：规则、问题、依据或者 规则|单位类型。"""
    column: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=20)]
    """哪一栏；added 新增，drop 去掉。"""
    item: Text
    """印刷编号，给人看。"""
    what: Text
    """栏目的名称，给人看。"""
    old: Written
    new: Written
    reason: Written = ""
    by: Text
    at: Text
    """何时，北京时间，例如 2026-11-20 09:30。"""
    export: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    """哪一份导出的工作簿：其中各格原来内容的校验码。"""
    kept: Written | None = None
    """原来在文件里怎样写的，改回去时照样写；与程序的写法相同时不记。"""
    before: str | None = None
    """去掉的键原来在哪个键之前；没有去掉键的不记。"""


class ChangesFile(Model):
    """rules/changes/<campaign>.yaml: changes made through workbooks, the oldest first."""

    campaign: CampaignName
    changes: tuple[RuleChange, ...]
