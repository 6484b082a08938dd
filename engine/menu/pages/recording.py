"""Findings proposed and decided, evidence, papers, sealing."""

from __future__ import annotations

from engine.menu.listings import fixed, open_findings, visits
from engine.menu.model import Ask, Day, Entry, Menu, OldFile, Pick, Text, command_line
from engine.menu.pages.asks import BY, DOCUMENT, FOLDER, SHEETS, YAML, target
from engine.menu.sitting import Given

_SHEET = Ask("sheet", "哪份答卷", OldFile(SHEETS, kind="answers"))
_RECORD = Ask("record", "哪份检查记录", OldFile(YAML, kind="record"))
_WORDS = fixed(("确认", "确认"), ("不认定", "不认定（要写理由）"))
_DECIDE = (
    _RECORD,
    Ask("numbers", "哪几个问题", Pick(open_findings, many=True), "-"),
    Ask("word", "怎样决定", Pick(_WORDS), "-"),
    Ask("people", "由谁决定（两名检查人员，中间写、号）", Text(), "--by"),
    Ask("why", "不认定的理由", Text(), "--why", when=lambda given: given["word"] == ("不认定",)),
    Ask("due", "要求何时改正", Day(), "--due", optional=True, when=lambda given: given["word"] == ("确认",)),
)


def _decided(given: Given) -> list[list[str]]:
    words = [f"{number}={given['word'][0]}" for number in given["numbers"]]
    return [command_line(("record", "decide", given["record"][0], *words), _DECIDE[1:], given)]


_REWRITE = (
    _RECORD,
    Ask("numbers", "哪个问题", Pick(open_findings), "-"),
    Ask("sentence", "打印的描述", Text(), "-"),
)


def _rewritten(given: Given) -> list[list[str]]:
    return [["record", "decide", given["record"][0], "--sentence", f"{given['numbers'][0]}={given['sentence'][0]}"]]


def _visit(*states: str) -> Ask:
    return Ask("visit", "哪次检查", Pick(visits(*states)))


RECORDING = Menu("问题、检查记录和文书", (
    Entry("看一份答卷里有什么问题", ("evaluate",), (_SHEET,), ("--explain",)),
    Entry("从答卷拟检查记录", ("record", "new"), (
        _SHEET, target("记录-{sheet}.yaml"),
    )),
    Entry("从工作目录里的答卷拟检查记录", ("visits", "evaluate"), (
        FOLDER, _visit("answered", "evaluated"), target("记录-{visit}.yaml"), BY,
    )),
    Entry("逐条确认问题", (), _DECIDE, lines=_decided),
    Entry("改写问题的描述", (), _REWRITE, lines=_rewritten),
    Entry("填执法机关全称和文书编号", ("record", "decide"), (
        _RECORD, Ask("authority", "执法机关全称", Text(), "--authority", optional=True, skipped="不改"),
        Ask("number", "文书编号", Text(), "--number", optional=True, skipped="不改"),
    )),
    Entry("登记照片、扫描件为证据", ("record", "attach"), (
        _RECORD, Ask("files", "哪些文件", OldFile((".jpg", ".jpeg", ".png", ".pdf", ".mp4", ".mp3"), many=True)),
        Ask("what", "是什么", Pick(fixed(*((w, w) for w in ("照片", "复印件", "签字件扫描", "录音录像", "其他")))),
            "--what"),
        Ask("proves", "证明什么", Text(), "--proves", optional=True),
        Ask("findings", "证明哪几个问题，例如 1,3", Text(), "--findings", optional=True),
    ), hint="文件要与记录放在同一文件夹。"),
    Entry("打印文书", ("record", "print"), (
        _RECORD, DOCUMENT,
        Ask("bureau", "本单位资料", OldFile(YAML, kind="bureau"), "--bureau", optional=True, skipped="不用"),
        target("{document}-{record}.pdf"),
    )),
    Entry("核对文书是否改动过", ("verify",), (
        Ask("paper", "哪份文书", OldFile((".pdf",))),
        Ask("expect", "纸上印的 “内容校验”", Text(), "--expect", optional=True, skipped="不核对"),
    )),
    Entry("检查记录交进工作目录", ("visits", "record"), (FOLDER, _visit("answered", "evaluated"), _RECORD, BY)),
    Entry("打印工作目录里的文书", ("visits", "print"), (
        FOLDER, _visit("evaluated", "final", "closed"), DOCUMENT, target("{document}-{visit}.pdf"), BY,
    )),
    Entry("归档", ("visits", "seal"), (
        FOLDER, Ask("visits", "哪些检查", Pick(visits("evaluated"), many=True)), BY,
    ), hint="归档以后不再改动；更正、补充另记。"),
))  # fmt: skip
