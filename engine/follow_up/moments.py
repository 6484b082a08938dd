"""Moments of a ledger: a day, or a day with its time."""

from __future__ import annotations

from datetime import timedelta

from pydantic import JsonValue

from engine.days import parse_moment


def hours_between(start: JsonValue, end: JsonValue) -> str:
    """Return the hours from one moment to another with one decimal (rounded down); 待核 where a time is not known.

    Empty if one of them is missing.
    """
    if not (isinstance(start, str) and isinstance(end, str)):
        return ""
    first, last = parse_moment(start), parse_moment(end)
    if first is None or last is None:
        return "待核（没有时刻）"
    if last < first:
        return "待核（先后不对）"
    tenths = (last - first) // timedelta(minutes=6)
    return f"{tenths // 10}.{tenths % 10}"
