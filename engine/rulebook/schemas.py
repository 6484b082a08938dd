"""The JSON Schema of every kind of YAML file, by the name that stands in the files' first lines."""

from __future__ import annotations

from pydantic import BaseModel

from engine.model.bureau import BureauFile
from engine.model.clocks import ClockFile
from engine.model.grading import GradingFile
from engine.model.layers import LayerFile
from engine.model.ledgers import LedgerFile
from engine.model.look_back import LookBackFile
from engine.model.plans import CalendarFile
from engine.model.record import RecordFile
from engine.model.rule_changes import ChangesFile
from engine.model.rules import (
    CampaignFile,
    ClausesFile,
    EscalationFile,
    GridFile,
    InstrumentFile,
    PriorityFile,
    SiteTypeFile,
    WordingFile,
)
from engine.model.sheet import SheetFile, Site
from engine.model.summaries import SummaryFile
from engine.model.tables import MappingFile, TableFile
from engine.schema import json_schema

KINDS: dict[str, tuple[type[BaseModel], str]] = {
    "priority": (PriorityFile, "规则：一个检查主题"),
    "grid": (GridFile, "共用表"),
    "escalations": (EscalationFile, "升级规则"),
    "site-type": (SiteTypeFile, "单位类型"),
    "campaign": (CampaignFile, "行动"),
    "clauses": (ClausesFile, "方案条款"),
    "calendar": (CalendarFile, "放假日历"),
    "instrument": (InstrumentFile, "法律文书"),
    "wording": (WordingFile, "文书固定用语"),
    "layer": (LayerFile, "一级的规则目录"),
    "ledger": (LedgerFile, "台账"),
    "clocks": (ClockFile, "办理期限"),
    "grading": (GradingFile, "分级规则表"),
    "look-back": (LookBackFile, "回头看规则表"),
    "table": (TableFile, "统计表"),
    "changes": (ChangesFile, "规则的变更记录"),
    "summary": (SummaryFile, "小结和总结"),
    "table-mapping": (MappingFile, "统计表的表头对照"),
    "answers": (SheetFile, "答卷"),
    "record": (RecordFile, "检查记录"),
    "site": (Site, "单位资料"),
    "bureau": (BureauFile, "本单位资料"),
}


def schema_texts() -> dict[str, str]:
    """Return the text of each schema file by its name without .json."""
    return {name: json_schema(model, title) for name, (model, title) in KINDS.items()}
