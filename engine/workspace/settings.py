"""What a workspace is set to: the bureau, the campaign, the most visits a year."""

from __future__ import annotations

from engine.library.files import Place
from engine.library.releases import Locked, current_release
from engine.model.bureau import BureauFile
from engine.model.workspace import Setting
from engine.problems import ProblemError
from engine.workspace.store import Reader

VISIT_CAP = "visit-cap"
"""At most so many inspections a site and year; missing: no cap."""


def bureau_of(reader: Reader) -> BureauFile:
    """Return the bureau's profile."""
    setting = reader.get(Setting, "bureau")
    assert setting is not None
    return BureauFile.model_validate(setting.value, strict=False)


def campaign_of(reader: Reader) -> str:
    """Return the name of the campaign."""
    setting = reader.get(Setting, "campaign")
    assert setting is not None
    return str(setting.value)


def visit_cap_of(reader: Reader) -> int | None:
    """Return how many inspections a site may have in a year, None if nobody has set a cap."""
    setting = reader.get(Setting, VISIT_CAP)
    return setting.value if setting is not None and isinstance(setting.value, int) else None


def release_of(reader: Reader, place: Place) -> Locked:
    """Return the current release of the workspace's campaign. Raises ProblemError if there is none."""
    locked, problems = current_release(place, campaign_of(reader))
    if locked is None:
        raise ProblemError(problems)
    return locked
