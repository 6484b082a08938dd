"""Whether the parts for reading scans are installed: they are an extra."""

from __future__ import annotations

import importlib

from engine.problems import Problem, problem

NEEDED = "pip install 'chunfeng[scan]'"
_PARTS = ("numpy", "cv2")


def installed() -> bool:
    """Return whether the parts are there and work."""
    try:
        for name in _PARTS:
            importlib.import_module(name)
    except Exception:  # parts that do not fit each other fail in any way when they are loaded
        return False
    return True


def not_installed() -> Problem:
    """Return the problem of missing parts, with what to do."""
    return problem("E655", command=NEEDED)
