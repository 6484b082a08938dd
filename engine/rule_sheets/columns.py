"""What the sheets of a workbook of rules are: their columns, what may stand in them, and what they say for help."""

from __future__ import annotations

from typing import Literal, NamedTuple

from engine.rule_sheets.limits import WORDS
from engine.rule_sheets.plan_words import CLAUSE_KINDS, HOW
from engine.rule_sheets.words import ANSWERS, GRADES, NO, SIDES, YES

Kind = Literal["fixed", "text", "limit", "words"]
"""fixed: not changed in the workbook; text: in people's own words; limit: a number or a day; words: of a list."""


class Column(NamedTuple):
    """A column: its key, its heading, width, what it holds, help, and the words of its list."""

    key: str
    title: str
    width: float
    kind: Kind
    help: str
    words: tuple[str, ...] = ()
    new: bool = False
    """Fixed for what there is, filled in for a new row."""


class SheetKind(NamedTuple):
    """A sheet: its key, its title, the heading of the column that names the rows, and its columns."""

    key: str
    title: str
    key_title: str
    columns: tuple[Column, ...]
    help: str
    open_rows: int = 0
    """Rows below that may be filled in for something new."""
    optional: bool = False
    """Whether there may be nothing to change: the sheet is left out then, or only read."""

    def column(self, key: str) -> Column:
        """Return the column with this key."""
        return next(column for column in self.columns if column.key == key)


BASE_TITLE = "核对码"
REASON = Column(
    "reason", "变更原因", 24, "text", "改限值、停用项目、把方案条款清空必须写；其他改动建议写。写进变更记录。"
)
_GRADE_WORDS = tuple(word for word, value in GRADES.known.items() if word != value)
_LIMITS = (
    Column("subject", "判定对象", 16, "fixed", "拿什么来比：本项答案或其中一栏。"),
    Column("op", "比较", 14, "words", "怎样算有问题。灰色的是特殊条件，只能看，改动请找懂规则的人。", WORDS),
    Column("low", "下限", 9, "limit", "只写数字，不写单位；日期写作 2024-02-29、检查日期、检查日期前1年。"),
    Column("high", "上限", 9, "limit", "同下限。"),
    Column("picked", "问题选项", 14, "words", "答成哪个选项算有问题；几个选项用分号隔开。"),
    Column("reading", "条件（只读）", 34, "fixed", "现在的条件怎样说。改了限值，导入后再导出就会变。"),
)
_FINDING = Column(
    "finding", "问题表述", 34, "text", "印在笔录上的一句话，不加句号；{名称} 处自动填入答案，{note} 是备注。"
)
_GRADE = Column("grade", "等级", 7, "words", "严重、主要、一般。", _GRADE_WORDS)
_RED = Column("red_line", "红线", 6, "words", "是：不论等级都作为案件线索。", (YES, NO))
_DISPOSITIONS = Column("dispositions", "处理建议", 24, "words", "几个用分号隔开，用词见“填写说明”。")
_CLAUSES = Column("clauses", "方案条款", 16, "words", "由本次方案的哪些条款要求，编号见“方案条款”页；几个用分号隔开。")
_ASKED = Column(
    "asked", "列入本次行动", 8, "words", "改成“否”就是本次行动不查这一项，规则还留着；要写变更原因。", (YES, NO)
)
_CHECK = Column("check", "检查内容", 34, "text", "写成“是”就是符合的样子。")
_SCOPE = Column("scope", "适用范围", 18, "words", "有哪项业务才查，例如 “经营冷藏药品”；相反的前面加“非”；空白为都查。")
_METHOD = Column("method", "检查方法", 26, "text", "怎样查。")
_EVIDENCE = Column("evidence", "取证", 16, "text", "留什么证据，可空。")

ITEMS = SheetKind(
    "items", "项目", "规则编号",
    (
        Column("codes", "印刷编号", 9, "fixed", "新项目可空，自动取下一个号。", new=True),
        Column("priority", "主题", 12, "fixed", "新项目从中选一个。", new=True),
        _CHECK,
        Column("answer", "答案类型", 8, "fixed", "新项目选一种。", tuple(ANSWERS.values()), new=True),
        Column("options", "答案选项", 16, "fixed", "单选、多选的选项，用分号隔开。", new=True),
        Column("unit", "单位", 6, "fixed", "数值、读数要写，例如 ℃。", new=True),
        *_LIMITS, _FINDING, _GRADE, _RED,
        Column("sites", "单位类型", 16, "fixed", "新项目查哪几种单位，用分号隔开。", new=True),
        _SCOPE,
        Column("law", "义务依据（行动期间有效的）", 34, "fixed",
               "改动在“依据”页。新项目写在这里，一行一条：文书 版本｜条号｜原文里的几个字；没有见到原文的只写文书。",
               new=True),
        _CLAUSES, _METHOD, _EVIDENCE, _DISPOSITIONS, _ASKED, REASON,
        Column("note", "作者备注", 20, "text", "给写规则的人看，不打印。"),
    ),
    "一行一条规则。",
    open_rows=60,
)  # fmt: skip
APPLICATIONS = SheetKind(
    "applications", "各类单位", "项目编号",
    (
        Column("code", "印刷编号", 8, "fixed", ""), Column("site", "单位类型", 14, "fixed", ""),
        Column("whole", "项目（只读）", 30, "fixed", "“项目”页的检查内容。"),
        _CHECK, _GRADE, _SCOPE, _CLAUSES, _METHOD, _EVIDENCE, _DISPOSITIONS, _ASKED, REASON,
    ),
    "一行一种单位的一个项目。空白就是与“项目”页相同，只写不同的。方案条款写“无”就是这种单位不由方案要求。",
)  # fmt: skip
FURTHER = SheetKind(
    "further", "其他问题", "问题编号",
    (
        Column("codes", "印刷编号", 9, "fixed", ""),
        Column("sites", "只用于", 14, "fixed", "空白为该规则的全部单位类型。"),
        *_LIMITS, _FINDING, _GRADE, _RED, _DISPOSITIONS, REASON,
    ),
    "同一个答案还能发现的其他问题。等级、红线、处理建议空白就是与项目相同。",
)  # fmt: skip
CITATIONS = SheetKind(
    "citations", "依据", "依据编号",
    (
        Column("codes", "印刷编号", 9, "fixed", "新增一条依据时写印刷编号或问题编号。", new=True),
        Column("finding", "问题（只读）", 26, "fixed", ""),
        Column("side", "用途", 8, "fixed", "义务：应当做到的；责任：没做到的后果；处理依据：凭什么责令、约谈、移送。",
               tuple(SIDES.values()), new=True),
        Column("law", "文书和版本", 30, "words", "从“法规”页里选，例如 药品经营质量管理规范 2016。"),
        Column("article", "条款", 14, "text", "第五十五条、55、161(8) 都行；没有见到原文的写 待核。"),
        Column("proof", "原文里的几个字", 30, "text", "照抄这一条里的几个字，别的条没有的；几处分行写。"),
        Column("sites", "只用于", 14, "words", "只用于哪几种单位；空白为都用。"),
        Column("where", "只用于属性（只读）", 14, "fixed", ""),
        Column("force", "行动期间", 8, "fixed", "这一版在行动期间是不是有效。"),
        Column("drop", "去掉", 6, "words", "写“是”就去掉这一条。", (YES,)),
        REASON,
    ),
    "一行一条依据。失效的换成新的：改文书、条款和原文。",
    open_rows=200,
)  # fmt: skip
CAMPAIGN = SheetKind(
    "campaign", "行动和期限", "事项编号",
    (
        Column("what", "事项", 16, "fixed", "新的一行可空，只能是期限。", new=True),
        Column("text", "内容", 40, "text", "行动、方案的名称，举报电话，期限到时要办的事。"),
        Column("who", "由谁", 16, "words", "由哪些单位报送、办理；几个用分号隔开。"),
        Column("to", "报给谁", 14, "text", "可空。"),
        Column("when", "何时", 26, "text", f"{HOW}。"),
        Column("quote", "方案原文", 50, "text", "照抄今年的方案里定这个期限的一句。"),
        _CLAUSES,
        Column("note", "说明", 30, "text", "方案没有说清的地方；打印，可空。"),
        Column("drop", "去掉", 6, "words", "今年没有这个期限就写“是”。", (YES,)),
        REASON,
    ),
    "草案自己的名称和期限。写着“待填”的填好以前不能发布。方案新定的期限填在最后的空行。",
    open_rows=20,
    optional=True,
)  # fmt: skip
CLAUSES = SheetKind(
    "clauses", "方案条款", "条款编号",
    (
        Column("quote", "方案原文", 56, "fixed", "今年的方案里的一句。"),
        Column("kind", "要求种类", 13, "words", "要求的是什么。写了相同的条款可以空着，照那一条。",
               tuple(CLAUSE_KINDS.known)),
        Column("same_as", "与以前条款相同", 18, "words",
               "与以前方案的哪些条款要求相同，写编号，几个用分号隔开：落实那些条款的项目、台账也就落实这一条。"),
        Column("proposed", "建议（只读，未经认可）", 44, "fixed",
               "程序找到的文字相近的以前条款。只是建议，看过以后由您写在前一栏，程序不会自己写。"),
        Column("principle", "原则性要求", 9, "words", "没有数据可记的写“是”。", (YES,)),
        Column("planned", "另行落实", 24, "text", "还没有做到、以后才做的，写明怎样办；要求种类也要写。"),
        Column("answered", "现由什么落实（只读）", 40, "fixed", "现在已经有的项目、期限、台账。改了以后重新导出再看。"),
        REASON,
    ),
    "一行一条今年方案的要求。要求种类空着的还没有人看过；全部看过以后才能发布。",
    optional=True,
)  # fmt: skip
SHEETS = (ITEMS, APPLICATIONS, FURTHER, CITATIONS, CAMPAIGN, CLAUSES)
SETTLED = ("reason",)
"""Columns that say something about the change and are no part of the rules."""
NEEDS_REASON = ("op", "low", "high", "picked")
"""Columns whose change needs a reason."""
