"""What the offline form exports: fields by name and photographs, as one JSON file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.model.base import Model

MAX_FIELDS = 50_000
MAX_PHOTOS = 300


class FormPhoto(Model):
    """A photograph, shrunk by the page: a JPEG in base64 with its SHA-256."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}-[1-9][0-9]{0,2}-[0-9a-f]{8}\.jpg$")]
    """What it belongs to, a number, and the first digits of its SHA-256."""
    item: Annotated[str, Field(max_length=40)]
    """Code of an item, name of a shared table, or visit."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    type: Literal["image/jpeg"]
    data: str


class FormFile(Model):
    """An export. Fields are named as on the printed checklist; their texts are as they were typed, ticks true."""

    kind: Literal["chunfeng-form"]
    version: Literal[1]
    head: str
    """engine.answering.head: which checklist it is."""
    fields: Annotated[dict[str, str | bool], Field(max_length=MAX_FIELDS)]
    photos: Annotated[tuple[FormPhoto, ...], Field(max_length=MAX_PHOTOS)] = ()
    saved: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$")]
    """By the clock of the device, for example 2024-01-15 16:30."""
