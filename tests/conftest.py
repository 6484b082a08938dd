"""Shared fixtures. Nothing here reads anything outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.library.files import Place, place
from engine.library.load import Library, load_library

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "ci", deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True
)
settings.register_profile(
    "long", deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.load_profile("long" if os.environ.get("CHUNFENG_FUZZ") == "long" else "ci")


@pytest.fixture(scope="session")
def packaged() -> Place:
    """The rules of the checkout, without a layer."""
    return place()


@pytest.fixture(scope="session")
def library(packaged: Place) -> Library:
    """Every rules file, loaded once."""
    return load_library(packaged)
