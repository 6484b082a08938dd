"""CSV as a table: every cell is text, as it was typed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable

from engine.problems import Mark, Problem, problem
from engine.workbooks.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Limits, Row, Table, Unusable, Value, cell_name

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_delimited(content: bytes, shown: str, most: int | None = None) -> tuple[Table | None, list[Problem]]:
    """Return the table in the bytes of a CSV file (commas, or tabs if the first line has no comma), or what is wrong.

    A cell that a spreadsheet would compute (it begins with =) is Unusable.
    """
    rows, problems = read_lines(content, shown, Limits(most or MAX_ROWS, MAX_COLUMNS, MAX_CELL), _delimiter)
    if problems:
        return None, problems
    table = Table(shown, "", tuple(Row(number, tuple(map(_value, fields))) for number, fields in rows))
    return (table, []) if rows else (None, [problem("E113", Mark(shown))])


def read_lines(
    content: bytes, shown: str, limits: Limits, delimiter: Callable[[str], str]
) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the rows of a CSV file that hold something, each with its number from 1, or what is wrong.

    UTF-8, UTF-16 with its mark, or GB18030. delimiter: from the text to what separates its cells.
    """
    text = decoded(content)
    if text is None:
        return [], [problem("E119", Mark(shown), reason="既不是 UTF-8，也不是 GB18030 编码")]
    if "\0" in text:
        return [], [problem("E119", Mark(shown), reason="不是文本文件")]
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    try:
        for number, fields in enumerate(reader, 1):
            too_large = _too_large(number, fields, shown, limits)
            if too_large:
                return [], [too_large]
            if any(field.strip() for field in fields):
                rows.append((number, fields))
                if len(rows) > limits.rows:
                    most = limits.rows
                    return [], [problem("E120", Mark(shown), what="行数", size=f"超过 {most}", limit=most)]
    except csv.Error as error:
        reason = f"第 {reader.line_num} 行的引号不配对（{error}）"
        return [], [problem("E119", Mark(shown, reader.line_num, 1), reason=reason)]
    return rows, []


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return "\t" if "\t" in first and "," not in first else ","


def decoded(content: bytes) -> str | None:
    """Return the text, None if it is in no known encoding: by its mark, else UTF-8, else GB18030."""
    marked = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _too_large(number: int, fields: list[str], shown: str, limits: Limits) -> Problem | None:
    if len(fields) > limits.columns:
        return problem("E120", Mark(shown, number), what=f"第 {number} 行栏数", size=len(fields), limit=limits.columns)
    for column, field in enumerate(fields, 1):
        if len(field) > limits.cell:
            mark = Mark(shown, number, column, cell=cell_name(number, column))
            return problem("E120", mark, what="单元格字数", size=len(field), limit=limits.cell)
    return None


def _value(field: str) -> Value:
    return Unusable(field, True) if field.lstrip().startswith("=") else field or None
