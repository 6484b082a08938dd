"""The audit trail for people: when, who, what, why, and field by field what was changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from engine.model.workspace import BY_NAME
from engine.workspace.chain import Entry
from engine.workspace.inner_words import Words
from engine.workspace.words import kind_word

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
MAX_THINGS = 20
"""Things of one entry that are written out; an import of a register has thousands."""
MAX_TEXT = 80
"""Characters of a value that are written out."""


class ChangedField(NamedTuple):
    """A field as it was and as it became, as in the JSON; None is not filled in.

    A name inside a field stands behind a dot.
    """

    field: str
    old: Any
    new: Any


class ChangedThing(NamedTuple):
    """A thing that was put."""

    kind: str
    id: str
    first: bool
    """Whether it was not there before."""
    fields: tuple[ChangedField, ...]
    ledger: str
    """Of an entry of a ledger; empty for everything else."""


class Told(NamedTuple):
    """An entry of the trail with what it changed."""

    entry: Entry
    things: tuple[ChangedThing, ...]


def history(
    trail: Iterable[Entry],
    of: tuple[str, str] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Iterator[Told]:
    """Yield the entries of a trail that is given from its beginning, with what each changed.

    of: the kind and the id of one thing; then what else was changed with it is left out. first, last: days, both
    included; None is no bound.
    """
    state: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in trail:
        things = []
        for change in entry.changes:
            key, new = (change.kind, change.id), _flat(change.data)
            old = state.get(key)
            state[key] = new
            if of is None or key == of:
                changed = tuple(_changed(old or {}, new, _defaults(change.kind)))
                things.append(ChangedThing(*key, old is None, changed, str(new.get("ledger", ""))))
        day = entry.at[:10]
        early = first is not None and day < first.isoformat()
        late = last is not None and day > last.isoformat()
        if things and not early and not late:
            yield Told(entry, tuple(things))


def _flat(data: str) -> dict[str, Any]:
    """Return the fields of a thing; those of a field with names of its own behind a dot."""
    try:
        thing = json.loads(data)
    except ValueError:
        return {"": data}
    if not isinstance(thing, dict):
        return {"": thing}
    flat: dict[str, Any] = {}
    for field, value in thing.items():
        if isinstance(value, dict) and value:
            flat |= {f"{field}.{name}": each for name, each in value.items()}
        elif field != "id":
            flat[field] = value
    return flat


def _changed(old: dict[str, Any], new: dict[str, Any], defaults: dict[str, Any]) -> Iterator[ChangedField]:
    for field in [*old, *(field for field in new if field not in old)]:
        before, after = (each.get(field, defaults.get(field)) for each in (old, new))
        if before != after:
            yield ChangedField(field, before, after)


@cache
def _defaults(kind: str) -> dict[str, Any]:
    """Return what the fields of a kind say that are left out of its JSON."""
    found = BY_NAME.get(kind)
    fields = found.model_fields.items() if found else ()
    return {
        name: field.default for name, field in fields if isinstance(field.default, bool | str) and field.default != ""
    }


def as_json(told: Told) -> dict[str, Any]:
    """Return an entry as plain data (docs/workspace.md)."""
    entry = told.entry
    return {
        "seq": entry.seq, "at": entry.at, "by": entry.by, "action": entry.action, "why": entry.why, "hash": entry.hash,
        "changes": [
            {"kind": thing.kind, "id": thing.id, "first": thing.first, "fields": [f._asdict() for f in thing.fields]}
            for thing in told.things
        ],
    }  # fmt: skip


def lines(told: Told, words: Words) -> Iterator[str]:
    """Yield an entry as lines of text; of many things the first ones."""
    entry = told.entry
    yield f"{entry.seq}　{entry.at}　{entry.by}　{entry.action}{f'　理由：{entry.why}' if entry.why else ''}"
    for thing in told.things[:MAX_THINGS]:
        yield f"    {kind_word(thing.kind)} {thing.id}{'（新）' if thing.first else ''}"
        for field in thing.fields:
            own, _, inner = field.field.partition(".")
            name = words.field(thing.kind, own, inner, thing.ledger)
            old, new = (_text(thing, words, own, inner, value) for value in (field.old, field.new))
            yield f"        {name}：{new if thing.first else f'{old} → {new}'}"
    if len(told.things) > MAX_THINGS:
        yield f"    ……另有 {len(told.things) - MAX_THINGS} 项；看某一项用 --of，全部用 --format json"


def _text(thing: ChangedThing, words: Words, field: str, inner: str, value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        text = "、".join(words.value(thing.kind, field, each, inner, thing.ledger) for each in value)
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = words.value(thing.kind, field, value, inner, thing.ledger)
    text = _SHA256.sub(lambda found: f"{found[0][:12]}…", " ".join(text.split())) or "（空）"
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
