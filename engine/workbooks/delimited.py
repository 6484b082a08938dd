"""CSV as a table: every cell is text, as it was typed."""

from __future__ import annotations

import codecs
import csv
import io

from engine.problems import Mark, Problem, problem
from engine.workbooks.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Row, Table, Unusable, Value, cell_name

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_delimited(content: bytes, shown: str) -> tuple[Table | None, list[Problem]]:
    """Return the table in the bytes of a CSV file (commas, or tabs if the first line has no comma), or what is wrong.

    A cell that a spreadsheet would compute (it begins with =) is Unusable.
    """
    text = _decoded(content)
    if text is None:
        return None, [problem("E119", Mark(shown), reason="既不是 UTF-8，也不是 GB18030 编码")]
    if "\0" in text:
        return None, [problem("E119", Mark(shown), reason="不是文本文件")]
    first = text.lstrip().partition("\n")[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, fields in enumerate(reader, 1):
            too_large = _too_large(number, fields, shown)
            if too_large:
                return None, [too_large]
            if any(field.strip() for field in fields):
                rows.append(Row(number, tuple(map(_value, fields))))
                if len(rows) > MAX_ROWS:
                    return None, [problem("E120", Mark(shown), what="行数", size=f"超过 {MAX_ROWS}", limit=MAX_ROWS)]
    except csv.Error as error:
        reason = f"第 {reader.line_num} 行的引号不配对（{error}）"
        return None, [problem("E119", Mark(shown, reader.line_num, 1), reason=reason)]
    return (Table(shown, "", tuple(rows)), []) if rows else (None, [problem("E113", Mark(shown))])


def _decoded(content: bytes) -> str | None:
    """Return the text, None if it is in no known encoding: by its mark, else UTF-8, else GB18030."""
    marked = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _too_large(number: int, fields: list[str], shown: str) -> Problem | None:
    if len(fields) > MAX_COLUMNS:
        return problem("E120", Mark(shown, number), what=f"第 {number} 行栏数", size=len(fields), limit=MAX_COLUMNS)
    for column, field in enumerate(fields, 1):
        if len(field) > MAX_CELL:
            mark = Mark(shown, number, column, cell=cell_name(number, column))
            return problem("E120", mark, what="单元格字数", size=len(field), limit=MAX_CELL)
    return None


def _value(field: str) -> Value:
    return Unusable(field, True) if field.lstrip().startswith("=") else field or None
