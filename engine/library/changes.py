"""What has changed of a released campaign since. Rules go on living: what was added later is no change."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from engine.library.comparing import Standing, change_words, item_changes
from engine.model.difference import KIND_WORDS
from engine.model.release import Release
from engine.scopes import site_scope

Content = dict[str, Any]
"""A release as JSON."""


def changes(then: Content, now: Content) -> tuple[str, ...]:
    """Return where today's rules differ from a release, empty if nowhere: an item by its code, its words and its site
    type with what changed about it, everything else by its place.

    Left out of the comparison: items, site types and escalations added since that no clause of the campaign
    reaches, and law and wording that came into force after its last day.
    """
    last = then["period"]["to"]
    then, now = _until(then, last), _until(_without_additions(then, now), last)
    if json.dumps(then) == json.dumps(now):
        return ()
    found = [*_items(then, now), *_differences(_without_items(then), _without_items(now))]
    return tuple(found) or ("栏目的先后次序",)


def as_then(then: Content, now: Content, names: Collection[str]) -> Content:
    """Return today's content with the items of these rules, or with one of these findings, as they were then."""
    if not names:
        return now
    kinds = {}
    for name, kind in now["site_types"].items():
        was = {item["code"]: item for item in then["site_types"].get(name, {"items": []})["items"]}
        items = [was.get(i["code"], i) if _is_named(i, names) else i for i in kind["items"]]
        kinds[name] = kind | {"items": items}
    return now | {"site_types": kinds}


def _is_named(item: Content, names: Collection[str]) -> bool:
    return item["rule"] in names or any(finding["id"] in names for finding in item["findings"])


def _items(then: Content, now: Content) -> Iterator[str]:
    both = sorted(then["site_types"].keys() & now["site_types"].keys())
    names = [name for name in both if then["site_types"][name]["items"] != now["site_types"][name]["items"]]
    if not names:
        return
    old, new = _read(then, names), _read(now, names)
    for name in names:
        before, after = _by_code(old, name), _by_code(new, name)
        title = new.site_types[name].title.split("（")[0]
        for code in sorted({*before, *after}):
            was, is_ = before.get(code), after.get(code)
            if was is None or is_ is None:
                item = (was or after[code]).item
                yield f"{code} {item.check}（{title}）：{'新增' if was is None else '取消'}"
            elif was.item != is_.item:
                yield f"{code} {was.item.check}（{title}）：{'；'.join(_about(was, is_))}"


def _read(content: Content, names: Iterable[str]) -> Release:
    """Return the release with these site types alone, and without what no item needs."""
    site_types = {name: content["site_types"][name] for name in names}
    needed = content | {"site_types": site_types, "escalations": [], "wording": {}}
    return Release.model_validate_json(json.dumps(needed))


def _about(was: Standing, is_: Standing) -> list[str]:
    """Return what changed about an item in Chinese; by the names of its fields what has no meaning of its own."""
    words = [f"{KIND_WORDS[change.kind]}，{change_words(change)}" for change in item_changes(was, is_)]
    if was.item.clauses != is_.item.clauses:
        words.append(f"方案条款：原为“{'、'.join(was.item.clauses)}”，现为“{'、'.join(is_.item.clauses)}”")
    before, after = was.item.model_dump(mode="json"), is_.item.model_dump(mode="json")
    return words or list(_differences(before, after))


def _by_code(release: Release, site_type: str) -> dict[str, Standing]:
    kind = release.site_types[site_type]
    scope = site_scope(kind, release.grids)
    return {item.code: Standing(release, kind, item, scope) for item in kind.items}


def _without_items(content: Content) -> Content:
    """Return the content without the items of the site types that are told on their own."""
    return content | {"site_types": {name: kind | {"items": []} for name, kind in content["site_types"].items()}}


def _without_additions(then: Content, now: Content) -> Content:
    site_types = {name: _old_site_type(then["site_types"].get(name), kind) for name, kind in now["site_types"].items()}
    escalations = {e["id"] for e in then["escalations"]}
    kept = {name: kind for name, kind in site_types.items() if kind["items"] or name in then["site_types"]}
    read = {i["grid"] for kind in kept.values() for i in kind["items"]}
    return now | {
        "site_types": kept,
        "grids": {name: grid for name, grid in now["grids"].items() if name in then["grids"] or name in read},
        "escalations": [e for e in now["escalations"] if e["id"] in escalations or e["clauses"]],
        "wording": {name: text for name, text in now["wording"].items() if name in then["wording"]},
    }


def _old_site_type(then: Content | None, now: Content) -> Content:
    codes = {i["code"] for i in then["items"]} if then else set()
    titles = {s["title"] for s in then["sections"]} if then else set()
    items = [i for i in now["items"] if i["code"] in codes or i["clauses"]]
    kept = {i["code"] for i in items}
    sections = [s | {"items": [code for code in s["items"] if code in kept]} for s in now["sections"]]
    return now | {"items": items, "sections": [s for s in sections if s["items"] or s["title"] in titles]}


def _until(value: Any, last: str) -> Any:
    """Return the content without what came into force after a day, and without ends that lie after it."""
    if isinstance(value, list):
        return [_until(v, last) for v in value if not (isinstance(v, dict) and v.get("start", "") > last)]
    if not isinstance(value, dict):
        return value
    found = {key: _until(v, last) for key, v in value.items()}
    if "cite" in found and (found.get("end") or "") > last:
        found["end"] = None
    return found


def _differences(then: object, now: object, path: str = "") -> Iterator[str]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in sorted({*then, *now}):
            if key not in then or key not in now:
                yield f"{path}{key}（{'新增' if key in now else '删去'}）"
            else:
                yield from _differences(then[key], now[key], f"{path}{key}.")
    elif isinstance(then, list) and isinstance(now, list) and _coded(then) and _coded(now):
        yield from _differences(_coded(then), _coded(now), path)
    elif then != now:
        yield path.rstrip(".")


def _coded(items: list[object]) -> dict[str, object]:
    """Return a list of items or findings by their code or id, empty if they have none."""
    found: dict[str, object] = {}
    for item in items:
        if not isinstance(item, Mapping) or not ("code" in item or "id" in item):
            return {}
        found[str(item.get("code") or item.get("id"))] = item
    return found
