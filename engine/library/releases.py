"""Release files: rules/releases/<campaign>/<lock>.json, read-only once written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from engine.expressions.parse import ConditionError
from engine.expressions.parse import parse as parse_condition
from engine.library.changes import as_then, changes
from engine.library.check import check_library
from engine.library.check_law import basis_gaps
from engine.library.check_open import not_filled_in
from engine.library.files import Place
from engine.library.load import Library, campaign_names, load_library, read_campaign, read_files
from engine.library.resolve import lock_of, release_bytes, release_content, resolve
from engine.model.release import Release
from engine.model.rule_changes import ChangesFile
from engine.problems import Mark, Problem, ProblemError, did_you_mean, errors, problem
from engine.source import parse
from engine.writing import make_folder, write_atomically

CAMPAIGN = re.compile(r"[0-9]{4}(-[a-z]+)?")
SHORTEST_LOCK = 6
"""Digits of a lock by which people may name a release."""


class Locked(NamedTuple):
    """A release with its lock."""

    release: Release
    lock: str


def current_release(place: Place, campaign: str) -> tuple[Locked | None, list[Problem]]:
    """Return what the campaign resolves to now, or None and why not.

    A released campaign is read from its release file alone. A draft is resolved from the rules, which must have
    no error.
    """
    names = campaign_names(place)
    if campaign not in names:
        hint = did_you_mean(campaign, names) + f"可用行动：{'、'.join(names)}"
        return None, [problem("E613", campaign=campaign, suggestion=hint)]
    file, problems = read_campaign(place, campaign)
    if file is None:
        return None, problems
    if file.lock is not None:
        return read_release(place, campaign, file.lock)
    library = load_library(place)
    wrong = errors(check_library(library))
    if wrong:
        return None, list(wrong)
    release = resolve(library, campaign)
    return Locked(release, lock_of(release_bytes(release))), []


def read_release(place: Place, campaign: str, lock: str) -> tuple[Locked | None, list[Problem]]:
    """Return the release with this lock from its file, checked against its hash, or None and why not."""
    content, problems = _locked_bytes(place, campaign, lock)
    if content is None:
        return None, problems
    shown = place.shown(release_path(campaign, lock))
    try:
        release, readable = _parsed(content)
    except ValidationError as error:
        return None, [problem("E410", Mark(shown), path=shown, hint=str(error.errors()[0]["msg"]))]
    if not readable:
        return None, [problem("E410", Mark(shown), path=shown, hint="其中的条件无法读取")]
    if release.campaign != campaign:
        return None, [problem("E410", Mark(shown), path=shown, hint=f"文件属于行动 {release.campaign}")]
    return Locked(release, lock), []


@lru_cache(maxsize=4)
def _parsed(content: bytes) -> tuple[Release, bool]:
    """Return the release in the bytes and whether its conditions can be read: once for many sheets."""
    release = Release.model_validate_json(content)
    return release, _conditions_can_be_read(release)


def _conditions_can_be_read(release: Release) -> bool:
    texts = [e.condition for e in release.escalations]
    for item in (item for kind in release.site_types.values() for item in kind.items):
        texts += [finding.condition for finding in item.findings]
        texts += [item.only_if] if item.only_if is not None else []
    try:
        for text in texts:
            parse_condition(text)
    except ConditionError:
        return False
    return True


def _locked_bytes(place: Place, campaign: str, lock: str) -> tuple[bytes | None, list[Problem]]:
    """Return the release file's bytes if their hash is the lock, or None and why not."""
    relative = release_path(campaign, lock)
    shown = place.shown(relative)
    try:
        content = place.file(relative).read_bytes()
    except OSError:
        return None, [problem("E409", Mark(shown), path=shown)]
    if lock_of(content) != lock:
        return None, [problem("E410", Mark(shown), path=shown)]
    return content, []


def has_release(place: Place, campaign: str, lock: str) -> bool:
    """Return whether there is a release file with this lock."""
    return place.file(release_path(campaign, lock)).is_file()


def release_named(place: Place, campaign: str, lock: str) -> tuple[Locked | None, list[Problem]]:
    """Return the release of a campaign with this lock, be it the current one or an older one, or None and why not."""
    current, problems = current_release(place, campaign)
    if current is not None and current.lock == lock:
        return current, []
    if has_release(place, campaign, lock):
        return read_release(place, campaign, lock)
    unknown = [p for p in problems if p.code == "E613"]
    return None, unknown or [problem("E617", lock=lock[:12])]


def edition_named(place: Place, text: str) -> tuple[Locked | None, list[Problem]]:
    """Return the release that people name, or None and why not: a campaign (2024), or one of its releases by the first
    digits of its lock (2024@dad1b6cf).
    """
    campaign, at, digits = text.partition("@")
    if not at:
        return current_release(place, campaign)
    folder = release_path(campaign, "").removesuffix("/.json") if CAMPAIGN.fullmatch(campaign) else ""
    known = [r.rsplit("/", 1)[1].removesuffix(".json") for r in place.listing(folder, ".json")] if folder else []
    found = [lock for lock in known if len(digits) >= SHORTEST_LOCK and lock.startswith(digits)]
    if len(found) != 1:
        shown = "、".join(f"{campaign}@{lock[:12]}" for lock in known) or "没有"
        return None, [problem("E950", text=text, known=shown)]
    return read_release(place, campaign, found[0])


def release_path(campaign: str, lock: str) -> str:
    """Return the relative path of a release file."""
    return f"rules/releases/{campaign}/{lock}.json"


def check_releases(library: Library) -> Iterator[Problem]:
    """Yield released campaigns whose rules are no longer those of their release file, naming what changed.

    A rule that was changed for a later campaign, as its change notes say, is no change of this one.
    """
    for name, loaded in sorted(library.campaigns.items()):
        if loaded.value.status != "released":
            continue
        mark = loaded.document.mark(("lock",))
        if loaded.value.lock is None:
            yield problem("E409", mark, path=f"rules/releases/{name}/…")
            continue
        content, problems = _locked_bytes(library.place, name, loaded.value.lock)
        yield from problems
        if content is None:
            continue
        try:
            then, now = json.loads(content), release_content(resolve(library, name))
            found = changes(then, as_then(then, now, _changed_later(library, name))) if then != now else ()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ConditionError):
            shown = library.place.shown(release_path(name, loaded.value.lock))
            yield problem("E410", Mark(shown), path=shown)
            continue
        for what in found:
            yield problem("E408", mark, campaign=name, what=what)


def _changed_later(library: Library, campaign: str) -> frozenset[str]:
    """Return the rules and findings that change notes of later campaigns name."""
    files, _ = read_files(library.place, "rules/changes", ChangesFile)
    last = library.campaigns[campaign].value.period.end
    later = [n for n in files if n in library.campaigns and library.campaigns[n].value.period.start > last]
    return frozenset(change.row.split("|")[0] for name in later for change in files[name].value.changes)


def write_release(place: Place, campaign: str) -> tuple[str, Path]:
    """Freeze the campaign in the layer: write its release file and name the lock in its campaign file.

    Returns the lock and the release file. Raises ProblemError if the rules have errors or there is no layer.
    """
    place.write_target("rules")
    library = load_library(place)
    wrong = list(errors(check_library(library)))
    own = library.campaigns.get(campaign)
    if own is None:
        hint = f"可用行动：{'、'.join(sorted(library.campaigns))}"
        raise ProblemError(wrong or [problem("E613", campaign=campaign, suggestion=hint)])
    wrong += basis_gaps(library, campaign, "E502")  # tolerated in a draft only
    wrong += not_filled_in(library, campaign)
    if wrong:
        raise ProblemError(wrong)
    content = release_bytes(resolve(library, campaign))
    lock = lock_of(content)
    text = with_lock(place.file(f"rules/campaigns/{campaign}.yaml").read_text(encoding="utf-8"), lock)
    document, _ = parse(text, campaign)
    given = document.data if document is not None and isinstance(document.data, dict) else {}
    if (given.get("status"), given.get("lock")) != ("released", lock):
        raise ProblemError([problem("E417", own.document.mark(("status",)))])
    target = place.write_target(release_path(campaign, lock))
    make_folder(target.parent)
    if not target.exists():
        write_atomically(target, content, read_only=True)
    campaign_file = place.write_target(f"rules/campaigns/{campaign}.yaml")
    make_folder(campaign_file.parent)
    write_atomically(campaign_file, text.encode())
    return lock, target


def with_lock(text: str, lock: str) -> str:
    """Return the text of a campaign file with status released and this lock; everything else stays as it is."""
    text = re.sub(r"(?m)^lock:.*(\n|\Z)", "", text)
    return re.sub(r"(?m)^status:.*$", f"status: released\nlock: {lock}", text, count=1)
