"""The checklist as JSON for other programs: its items, and a blank answer sheet."""

from __future__ import annotations

import json

from engine.formats.yaml import blank_sheet
from engine.model.checklist import Checklist

SUFFIXES = (".json",)


def write_checklist(checklist: Checklist) -> bytes:
    """Return {"kind": "checklist", "checklist": …, "sheet": …}; columns and details keep their printed order."""
    content = {
        "kind": "checklist",
        "schema": 1,
        "checklist": checklist.model_dump(mode="json", by_alias=True),
        "sheet": blank_sheet(checklist),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
