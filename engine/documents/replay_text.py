"""Past inspections judged by other rules, as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from engine.documents.text import one_line
from engine.model.difference import EFFECT_WORDS, Effect, EffectKind, ItemEffects, Replay, Replayed

DECIDED = {"confirmed": "当时确认", "rejected": "当时不认定", "proposed": "当时没有定"}
MOST_SENTENCE = 60
MOST_WHY = 3
"""Changes told beside an item; JSON has them all."""


def replay_text(replay: Replay) -> str:
    """Return a replay in Chinese: the counts, what each item does, then each inspection whose findings change.

    Inspections where only the law differs are counted and not told one by one.
    """
    changed = [visit for visit in replay.visits if visit.effects]
    told = [visit for visit in changed if any(effect.kind != "law" for effect in visit.effects)]
    version = "草案，没有规则版本" if replay.draft else f"规则版本 {replay.lock[:12]}"
    lines = [
        f"按 {replay.campaign}（{replay.title}，{version}）重新判定 {len(replay.visits)} 次检查",
        f"检查日期不在行动期间的，依据按 {replay.day} 有效的法律；期限、天数仍按原来的检查日期",
        f"结果有变化 {len(changed)} 次，没有变化 {len(replay.visits) - len(changed)} 次"
        + (f"；{_counts(replay.counts)}" if replay.counts else ""),
    ]
    lines += [*_not_counted(replay), *_left_out(replay)]
    if replay.items:
        lines += ["", "按项目"]
        for item in replay.items:
            lines += _item(item)
    if told:
        lines += ["", "逐次"]
        for visit in told:
            lines += _visit(visit)
    if len(told) < len(changed):
        lines += ["", f"另有 {len(changed) - len(told)} 次只是依据改变，没有逐次列出；--format json 有全部内容"]
    return "\n".join(lines)


def _counts(counts: Mapping[EffectKind, int]) -> str:
    return "、".join(f"{EFFECT_WORDS[kind]} {n} 个" for kind, n in counts.items())


def _not_counted(replay: Replay) -> Iterator[str]:
    carried = sum(visit.carried for visit in replay.visits)
    lost = "、".join(f"{reason} {n} 个" for reason, n in replay.not_carried.items())
    yield f"用上的答案 {carried} 个" + (f"；没有用上的：{lost}" if lost else "；没有用不上的")
    unasked = sum(visit.not_asked for visit in replay.visits)
    if unasked:
        yield f"新的项目当时没有查，没有答案：{unasked} 项次，按未检查处理"


def _left_out(replay: Replay) -> Iterator[str]:
    if replay.left_out:
        yield f"不能重新判定 {len(replay.left_out)} 次"
        reasons = Counter(each.reason for each in replay.left_out)
        for reason, n in sorted(reasons.items()):
            names = [one_line(each.name) for each in replay.left_out if each.reason == reason]
            shown = "、".join(names[:5]) + ("……" if n > len(names[:5]) else "")
            yield f"  {n} 次：{one_line(reason)}（{shown}）"


def _item(item: ItemEffects) -> Iterator[str]:
    yield f"{item.code or '综合判断'}　{item.title}：{_counts(item.counts)}，{item.visits} 次检查"
    yield from (f"  {why}" for why in item.why[:MOST_WHY])
    if len(item.why) > MOST_WHY:
        yield f"  ……另有 {len(item.why) - MOST_WHY} 处"


def _visit(visit: Replayed) -> Iterator[str]:
    yield f"{one_line(visit.name)}　{one_line(visit.site) or '（未填名称）'}　{visit.date or '没有日期'}"
    for effect in _in_order(visit.effects):
        if effect.kind != "law":
            yield f"  {_effect(effect)}"
    law = sum(effect.kind == "law" for effect in visit.effects)
    if law:
        yield f"  依据改变 {law} 个"


def _in_order(effects: Iterable[Effect]) -> list[Effect]:
    order = list(EFFECT_WORDS)
    return sorted(effects, key=lambda effect: order.index(effect.kind))


def _effect(effect: Effect) -> str:
    decided = f"（{DECIDED[effect.decided]}）" if effect.decided else ""
    sentence = one_line(effect.sentence)
    shown = sentence if len(sentence) <= MOST_SENTENCE else f"{sentence[:MOST_SENTENCE]}……"
    moved = f"　{effect.before} → {effect.after}" if effect.kind in ("regraded", "handling") else ""
    head = f"{EFFECT_WORDS[effect.kind]}　{effect.code or '综合判断'}〔{effect.grade.label}〕{shown}{decided}{moved}"
    return f"{head}　因为：{'；'.join(effect.why)}"
