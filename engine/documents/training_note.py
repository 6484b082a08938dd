"""What changed between two campaigns, for people: as text, as rows of a table, and as the note for training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.documents.html import render_html, stylesheet
from engine.documents.pdf import render_pdf
from engine.library.comparing import change_words
from engine.model.difference import (
    HEADLINE,
    KIND_WORDS,
    CampaignDifference,
    Change,
    ChangeKind,
    Edition,
    ItemDifference,
    Part,
)

HEADER = ("单位类型", "编号", "检查内容", "变化", "内容", "原来", "现在")
_LISTS: tuple[ChangeKind, ...] = ("added", "demanded", "undemanded", "retired")
"""What comes to a list or leaves it: told item by item, with how it is checked if it is new."""


def headline(counts: Mapping[ChangeKind, int]) -> str:
    """Return the counts in one line: 新增 7 项、收紧 3 项、废止 2 项, and whatever else there is of any kind."""
    return "、".join(_counts(counts))


def _counts(counts: Mapping[ChangeKind, int]) -> list[str]:
    shown = [kind for kind in KIND_WORDS if counts.get(kind) or kind in HEADLINE]
    return [f"{KIND_WORDS[kind]} {counts.get(kind, 0)} 项" for kind in shown]


def title_of(difference: CampaignDifference) -> str:
    """Return the title of a comparison."""
    return f"检查项目变化：{difference.before.title} → {difference.after.title}"


def difference_text(difference: CampaignDifference) -> str:
    """Return a comparison in Chinese: the counts, the campaign, each site type with its items, the law at the end."""
    lines = [title_of(difference), *(_edition(each) for each in (difference.before, difference.after))]
    lines += [headline(difference.counts), ""]
    lines += [f"{fact.what}：{_or_none(fact.before)} → {_or_none(fact.after)}" for fact in difference.facts]
    for part in difference.parts:
        lines += ["", f"{_name(part)}：{_summary(part)}", *_part_lines(part)]
    if difference.law:
        lines += ["", "依据改变（逐条见 xlsx 和 json）", *("  " + "　".join(row) for row in law_rows(difference))]
    return "\n".join(lines)


def difference_rows(difference: CampaignDifference) -> list[tuple[str, ...]]:
    """Return a row for each change under HEADER; of a change of limits the limits stand after what it is about."""
    return [
        (part.title, item.code, item.check, KIND_WORDS[c.kind], _content(c), c.before, c.after)
        for part in difference.parts
        for item in part.items
        for c in item.changes
    ]


def law_rows(difference: CampaignDifference) -> list[tuple[str, str, str]]:
    """Return for each instrument what it is before, what it is now, and the items that rest on it, by their codes."""
    return [
        (each.before or "（没有引用）", _now(each.before, each.after), "、".join(each.codes)) for each in difference.law
    ]


def _now(before: str, after: str) -> str:
    if not after:
        return "不再引用"
    return "同一版本，条款不同" if before == after else after


def training_note_pdf(difference: CampaignDifference) -> bytes:
    """Return the note for training as an A4 PDF; 草稿 stands across each page while a side is not released."""
    return render_pdf(render_html("training-note", training_note_context(difference)), stylesheet("training-note"), {})


def training_note_context(difference: CampaignDifference) -> dict[str, object]:
    """Return what templates/training-note needs."""
    before, after = difference.before, difference.after
    return {
        "title": "检查项目变化（培训用）",
        "campaign": after.title,
        "against": f"与{before.title}相比",
        "headline": _counts(difference.counts),
        "version": f"规则版本 {before.lock[:12]} → {after.lock[:12]}" if not after.draft else "草案，没有规则版本",
        "draft": before.draft or after.draft,
        "facts": [(fact.what, _or_none(fact.before), _or_none(fact.after)) for fact in difference.facts],
        "parts": [_shown(part) for part in difference.parts if part.items],
        "same": [part.title for part in difference.parts if not part.items],
        "law": [(before, after, codes.split("、")) for before, after, codes in law_rows(difference)],
    }


def _or_none(text: str) -> str:
    return text or "（没有）"


def _edition(edition: Edition) -> str:
    version = "草案，没有规则版本" if edition.draft else f"规则版本 {edition.lock[:12]}"
    return f"{edition.campaign}　{edition.title}　{edition.period.start} 至 {edition.period.end}　{version}"


def _name(part: Part) -> str:
    return f"{part.code} {part.title}".strip()


def _summary(part: Part) -> str:
    unit = {"site-type": "项", "escalations": "项", "tables": "张"}[part.kind]
    counts = [f"{KIND_WORDS[kind]} {n} {unit}" for kind, n in part.counts.items()]
    return "、".join([*counts, f"没有变化 {part.same} {unit}"])


def _part_lines(part: Part) -> Iterator[str]:
    for item in part.items:
        told = [change for change in item.changes if change.kind != "law"]
        if told:
            words = "、".join(KIND_WORDS[kind] for kind in item.kinds() if kind != "law")
            yield f"  {words}　{' '.join(each for each in (item.code, item.check) if each)}"
            yield from (f"    {change_words(c)}" for c in told if c.kind not in _LISTS)
    codes = [item.code or item.check for item in part.items if "law" in item.kinds()]
    if codes:
        yield f"  依据改变　{'、'.join(codes)}"


def _content(change: Change) -> str:
    return "；".join((change.what, *change.limits))


def _shown(part: Part) -> dict[str, object]:
    """Return a part as the note has it: what is new on the list, what changed, what is no longer asked."""
    items = part.items
    return {
        "name": _name(part),
        "prose": _prose(part),
        "mixed": bool(part.counts.get("added") and part.counts.get("demanded")),
        "new": [_new(item, kind) for kind in ("added", "demanded") for item in _of(items, kind)],
        "changed": [row for item in items if (row := _changed(item))],
        "gone": [
            (KIND_WORDS[kind], "；".join(f"{item.code} {item.check}".strip() for item in _of(items, kind)))
            for kind in ("undemanded", "retired")
            if _of(items, kind)
        ],
    }


def _of(items: Iterable[ItemDifference], kind: str) -> list[ItemDifference]:
    return [item for item in items if kind in item.kinds()]


def _prose(part: Part) -> str:
    """Return the changes of a part in a sentence, with the limits that moved."""
    moved: dict[ChangeKind, list[str]] = {}
    for item in part.items:
        for change in item.changes:
            moved.setdefault(change.kind, []).extend(f"{item.code} {limit}".strip() for limit in change.limits)
    unit = "张" if part.kind == "tables" else "项"
    counts = [
        f"{KIND_WORDS[kind]} {n} {unit}" + (f"（{'；'.join(moved[kind])}）" if moved.get(kind) else "")
        for kind, n in part.counts.items()
    ]
    return "，".join(counts) + (f"；其余 {part.same} {unit}没有变化。" if part.same else "。")


def _new(item: ItemDifference, kind: ChangeKind) -> dict[str, object]:
    return {
        "code": item.code, "check": item.check, "method": item.method, "duty": item.duty,
        "grade": item.grade.label if item.grade is not None else "", "kind": KIND_WORDS[kind],
    }  # fmt: skip


def _changed(item: ItemDifference) -> dict[str, object] | None:
    """Return an item with what changed about it beside its law; None if nothing else did."""
    told = [change for change in item.changes if change.kind not in (*_LISTS, "law")]
    if not told:
        return None
    return {
        "code": item.code, "check": item.check,
        "changes": [(KIND_WORDS[c.kind], _content(c), c.before, c.after) for c in told],
    }  # fmt: skip
