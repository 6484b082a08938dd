"""A site from a file and from the command line."""

from __future__ import annotations

from pathlib import Path

from engine.model.release import ReleaseSiteType
from engine.model.sheet import Site
from engine.problems import Problem, did_you_mean, problem
from engine.schema import validate
from engine.source import load


def read_site(path: Path) -> tuple[Site | None, list[Problem]]:
    """Return the site in a YAML file, or None and what is wrong with it."""
    document, problems = load(path)
    return (None, problems) if document is None else validate(document, Site)


def with_scope(site: Site, kind: ReleaseSiteType, has: str) -> tuple[Site, list[Problem]]:
    """Return the site with exactly the attributes named in has (comma-separated); the others are absent."""
    names = [name.strip() for name in has.replace("，", ",").split(",") if name.strip()]
    unknown = [name for name in names if name not in kind.attributes]
    if unknown:
        listed = f"可用属性：{'、'.join(f'{k}（{a.label}）' for k, a in kind.attributes.items())}"
        return site, [problem("E616", key=n, suggestion=did_you_mean(n, kind.attributes) + listed) for n in unknown]
    return site.model_copy(update={"attributes": {name: name in names for name in kind.attributes}}), []
