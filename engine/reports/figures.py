"""How figures and their columns are written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from engine.model.tables import Column

_CENT = Decimal("0.01")


def decimal_of(column: Column, value: int) -> Decimal:
    """Return a figure as it is printed: 分 as 万元 and hundredths of a percent as percent, with two decimals."""
    if column.unit == "万元":
        return (Decimal(value) / 1_000_000).quantize(_CENT, ROUND_HALF_UP)
    return Decimal(value) / 100 if column.unit == "%" else Decimal(value)


def written(column: Column, value: int | None) -> str:
    """Return a figure as text; a blank one is empty."""
    if value is None:
        return ""
    return f"{decimal_of(column, value):.2f}" if column.unit in ("万元", "%") else str(value)


def title_of(column: Column) -> str:
    """Return the title of a column in one line: 立案：药品."""
    return "：".join(column.title)
