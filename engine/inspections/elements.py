"""What RECORDS §1 asks of a record before it is final, and what is only to be looked at."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.inspections.facts import no_facts
from engine.inspections.named import certified, is_named, is_numbered, plain
from engine.model.findings import Finding
from engine.model.record import RecordedFinding, RecordFile
from engine.model.sheet import Visit
from engine.sentences import BLANK

_UNFINISHED = re.compile("__+")
"""What ＿＿ and blanks typed as ____ are in a text as plain gives it."""
SHORT_VISIT = 10
"""Minutes: a shorter visit is asked about (RECORDS §1, 8)."""
_QUOTED_WORDS = 5


def numbers_text(numbers: Sequence[int]) -> str:
    """Return numbers as they are printed, runs of three and more joined: 1、2、5—9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(f"{r[0]}—{r[-1]}" if len(r) > 2 else "、".join(map(str, r)) for r in runs)


def missing_elements(record: RecordFile) -> list[str]:
    """Return in Chinese what is missing of who inspected whom, where, when and before whom."""
    visit = record.visit
    found = []
    if not (is_named(record.authority) and plain(record.number)):
        found.append("缺执法机关全称（authority）或文书编号（number）")
    if not plain(record.site.name):
        found.append("缺被检查单位名称")
    if not plain(visit.place):
        found.append("缺检查地点（place）")
    found += _missing_inspectors(visit)
    if not is_named(visit.recorder):
        found.append("缺记录人（recorder）")
    if not (visit.start and visit.end):
        found.append("缺检查起止时间")
    if not visit.certificates_shown:
        found.append("没有写明已出示执法证件（certificates_shown: true）")
    if visit.recusal is None:
        found.append("未填写是否申请回避")
    if visit.recusal == "申请回避" and not plain(visit.recusal_decision):
        found.append("当事人申请回避，须先由机关负责人决定并写明（recusal_decision）")
    return [*found, *_missing_others(visit)]


def _missing_inspectors(visit: Visit) -> list[str]:
    """Two people with a name and a certificate of their own each; nobody beside them without one."""
    found = []
    if len(certified(visit.inspectors)) < 2:
        found.append("检查人员少于 2 名，或缺执法证号（行政处罚法要求不少于两人，各有姓名和自己的证号）")
    bare = [i for i in visit.inspectors if plain(i.name + i.certificate) and not is_numbered(i.certificate)]
    told = [f"{i.name.strip()}“{i.certificate.strip()}”" for i in bare if plain(i.certificate)]
    if told:
        found.append(f"检查人员的执法证号没有写：{'、'.join(told)}")
    elif bare and not found:
        names = "、".join(i.name.strip() for i in bare)
        found.append(f"检查人员 {names} 没有执法证号，不能作为检查人员（写证号，或从 inspectors 中删去）")
    names_of: dict[str, dict[str, str]] = {}
    for each in visit.inspectors:
        if is_numbered(each.certificate):
            names_of.setdefault(plain(each.certificate), {})[plain(each.name)] = each.name.strip()
    found += [f"{'、'.join(names.values())} 的执法证号相同" for names in names_of.values() if len(names) > 1]
    return found


def refusal(visit: Visit) -> str:
    """Return what was refused and how, empty if nothing was: 无 says that nothing was."""
    return visit.refusal if is_named(visit.refusal) else ""


REFUSALS = {
    "拒绝签名": "拒[^,。;]{0,6}(?:签|盖章|捺|按指)|不(?:肯|愿)?(?:签[名字]|签收)",
    "拒绝到场": "拒[^,。;]{0,4}到场|[不未]到场",
    "无法找到": "(?:无法|没有|未|没)(?:能)?(?:找到|联系)|找不到|联系不上|下落不明",
}
"""The ways to refuse that the record has boxes for (RECORDS §1, 16), and the words that tell which."""


def refused(visit: Visit) -> tuple[str, ...]:
    """Return the boxes that the text of the refusal ticks; 拒绝签名 where it does not say which."""
    text = plain(refusal(visit))
    if not text:
        return ()
    return tuple(box for box, words in REFUSALS.items() if re.search(words, text)) or ("拒绝签名",)


def _missing_others(visit: Visit) -> list[str]:
    """Somebody who is no inspector was present or saw it, or the refusal is told and proved."""
    inspectors = {plain(i.name) for i in visit.inspectors if is_named(i.name)}
    others = [("在场人", p.name) for p in visit.present] + ([("见证人", visit.witness.name)] if visit.witness else [])
    found = [
        f"{what} {name.strip()} 是检查人员，不能作{what}（同名的另一人请在姓名后注明身份）"
        for what, name in others
        if plain(name) in inspectors
    ]
    found += [f"{what}的姓名“{name.strip()}”不是姓名" for what, name in others if plain(name) and not is_named(name)]
    good = [(what, name) for what, name in others if is_named(name) and plain(name) not in inspectors]
    if not (good or refusal(visit)):
        found.append("没有在场人、见证人，也没有写明拒绝的情形")
    if refusal(visit) and not (is_named(visit.recordings) or any(what == "见证人" for what, _ in good)):
        found.append("写明了拒绝的情形（refusal），但没有见证人，也没有录音录像（recordings）")
    return found


def undecided_by_two(record: RecordFile) -> list[int]:
    """Return the decided findings, by number, that two of the certified inspectors do not stand behind."""
    names = set(certified(record.visit.inspectors))
    return [f.number for f in record.findings if f.status != "proposed" and len(names & {plain(n) for n in f.by}) < 2]


def wrong_sentences(record: RecordFile, evaluated: Sequence[Finding]) -> list[str]:
    """Return in Chinese which sentences are not finished, and which facts are mixed with conclusions or vague."""
    kept = [(f, e) for f, e in zip(record.findings, evaluated, strict=True) if f.status != "rejected"]
    found = []
    empty = [f.number for f, _ in kept if f.status == "confirmed" and _unfinished(f.sentence)]
    if empty:
        found.append(f"问题 {numbers_text(empty)} 的描述没有写完（空白或还有{BLANK}）")
    for finding, of in kept:
        words = no_facts(finding.sentence) if of.layer == 1 else []
        if words:
            quoted = "、".join(f"“{word}”{why}" for word, why in words[:_QUOTED_WORDS])
            found.append(
                f"问题 {finding.number} 的描述只写查见的事实：{quoted}，"
                "请从 sentence 中删去（结论写在“发现问题与处理建议”一栏）"
            )
    return found


def _unfinished(sentence: str) -> bool:
    text = plain(sentence)
    return not any(c.isalnum() for c in text) or bool(_UNFINISHED.search(text))


def wrong_dates(record: RecordFile) -> list[str]:
    """Return in Chinese which decisions and deadlines lie before the inspection."""
    day = record.visit.date
    if day is None:
        return []
    kept: list[RecordedFinding] = [f for f in record.findings if f.status != "proposed"]
    early = [f.number for f in kept if f.date and f.date < day]
    found = [f"问题 {numbers_text(early)} 的决定日期（date）早于检查日期"] if early else []
    due = [f.number for f in record.findings if f.status != "rejected" and f.due and f.due < day]
    return [*found, f"问题 {numbers_text(due)} 的整改期限早于检查日期"] if due else found


def worth_a_look(record: RecordFile) -> list[str]:
    """Return in Chinese what is unusual in a record without keeping it a draft."""
    visit, found = record.visit, []
    if visit.start and visit.end:
        minutes = _minutes(visit.end) - _minutes(visit.start)
        if 0 <= minutes < SHORT_VISIT:
            found.append(f"检查只用了 {minutes} 分钟（{visit.start} 至 {visit.end}），请核对起止时间")
    if refusal(visit) and not is_named(visit.recordings):
        found.append("当事人拒绝的情形没有录音录像（recordings），建议补记")
    if refusal(visit) and not (visit.witness and is_named(visit.witness.name)):
        found.append("当事人拒绝的情形没有见证人（witness），建议补记")
    return found


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
