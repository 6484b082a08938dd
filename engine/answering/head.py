"""What a blank sheet says of the checklist it was made from, so that it can be read without anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue, ValidationError

from engine.library.files import Place
from engine.library.releases import release_named
from engine.model.base import CampaignName, Day, Lock, Model
from engine.model.checklist import Checklist
from engine.model.sheet import MAX_PEOPLE, Earlier, Short, Site
from engine.problems import Mark, Problem, problem
from engine.tailor import tailor

MAX_HEAD = 200_000
"""Characters: a follow-up of some hundred problems stays far below."""


class SheetHead(Model):
    """The checklist a sheet belongs to. The same checklist gives the same text."""

    kind: Literal["chunfeng-sheet"] = "chunfeng-sheet"
    version: Literal[1] = 1
    campaign: CampaignName
    lock: Lock
    checklist: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    site_type: str
    routine: bool
    date: Day
    site: Site
    joint: Annotated[tuple[Short, ...], Field(max_length=MAX_PEOPLE)] = ()
    earlier: Earlier = ()
    prefilled: dict[str, tuple[dict[str, JsonValue], ...]] = Field(default_factory=dict)


Opener: TypeAlias = Callable[[str, Mark], tuple[Checklist | None, list[Problem]]]
"""From the text of a head and the place where it stands to its checklist, or None and what is wrong."""


def head_text(checklist: Checklist) -> str:
    """Return the head of a checklist as one line of JSON."""
    head = SheetHead(
        campaign=checklist.campaign, lock=checklist.lock, checklist=checklist.id, site_type=checklist.site_type,
        routine=checklist.routine, date=checklist.date, site=checklist.site, joint=checklist.joint,
        earlier=checklist.earlier, prefilled=checklist.prefilled,
    )  # fmt: skip
    return json.dumps(head.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def opener(place: Place) -> Opener:
    """Return what opens heads with the releases of a place; each checklist is made once."""
    known: dict[str, Checklist] = {}

    def open_head(text: str, mark: Mark) -> tuple[Checklist | None, list[Problem]]:
        if text not in known:
            checklist, problems = _opened(place, text, mark)
            if checklist is None:
                return None, problems
            known[text] = checklist
        return known[text], []

    return open_head


def _opened(place: Place, text: str, mark: Mark) -> tuple[Checklist | None, list[Problem]]:
    try:
        if len(text) > MAX_HEAD:
            raise ValueError("too long")
        head = SheetHead.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError):
        todo = "请用 checklist 命令重新生成空白表，把答案抄过去"
        return None, [problem("E642", mark, reason="记着检查表版本的隐藏内容缺失或被改动", todo=todo)]
    locked, problems = release_named(place, head.campaign, head.lock)
    if locked is None:
        return None, [Problem(p.code, mark, p.message, p.hint) for p in problems]
    checklist, problems = tailor(locked, head.site_type, head.site, head.date, routine=head.routine)
    if checklist is None:
        return None, [Problem(p.code, mark, p.message, p.hint) for p in problems]
    if checklist.id != head.checklist:
        return None, [problem("E620", mark, given=head.checklist, expected=checklist.id)]
    kept = {"joint": head.joint, "earlier": head.earlier, "prefilled": head.prefilled}
    return checklist.model_copy(update=kept), []
