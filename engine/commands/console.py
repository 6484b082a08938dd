"""Printing for people: Chinese columns that line up, problems, and a word on what takes long."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from gettext import bindtextdomain
from pathlib import Path
from typing import Any, NoReturn

import click
import click.formatting
from wcwidth import wcswidth

from engine.exit_codes import ExitCode
from engine.problems import Problem, ProblemError, errors, sort

WIDTH = 78
"""Cells of a line in a dialogue: the oldest consoles have 80."""

MAX_SHOWN = 100
"""Problems printed at once: more are of no use on a screen."""


class ChineseFormatter(click.HelpFormatter):
    """Help with Chinese colons."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, "用法：")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")


def prepare_console() -> None:
    """Make output safe on any console: what its encoding lacks is replaced. Then speak_chinese().

    Where the locale names an encoding without any Chinese and nobody asked for it, UTF-8 is written: every terminal of
    today reads it, and a screen of question marks tells nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
            if not (os.environ.get("PYTHONIOENCODING") or _has_chinese(stream.encoding)):
                stream.reconfigure(encoding="utf-8", errors="replace")
    speak_chinese()


def _has_chinese(encoding: str) -> bool:
    try:
        return bool("春风".encode(encoding))
    except (LookupError, UnicodeEncodeError):
        return False


def speak_chinese() -> None:
    """Have click print its own words from the catalogue of this package, in lines measured in cells of the screen."""
    os.environ["LANGUAGE"] = "zh_CN"
    bindtextdomain("messages", str(Path(__file__).parent.parent / "locale"))
    click.Context.formatter_class = ChineseFormatter
    for name, replacement in (("term_len", cells), ("wrap_text", wrap)):
        setattr(click.formatting, name, replacement)


def cells(text: str) -> int:
    """Return how many cells a text takes on the screen; a Chinese character takes two."""
    width = wcswidth(click.unstyle(text))
    return width if width >= 0 else len(text)


def wrap(
    text: str, width: int = 78, initial_indent: str = "", subsequent_indent: str = "", preserve_paragraphs: bool = False
) -> str:
    """Return the text broken into lines of at most width cells; Chinese may break between any two characters."""
    lines, line, used = [], initial_indent, cells(initial_indent)
    for piece in _pieces(" ".join(text.split())):
        if used + cells(piece) > width and line.strip():
            lines.append(line.rstrip())
            line, used = subsequent_indent, cells(subsequent_indent)
            piece = piece.lstrip()
        line += piece
        used += cells(piece)
    return "\n".join([*lines, line.rstrip()])


def laid_out(line: str) -> str:
    """Return a line broken to the width of the screen, further lines indented a little more than the first."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    further = indent + "  "
    lines, used = [indent], cells(indent)
    for part in line.strip(" ").split("　"):
        if used + cells(part) + 2 > WIDTH and lines[-1].strip():
            lines.append(further)
            used = cells(further)
        gap = "  " if lines[-1].strip() else ""
        pieces = wrap(gap + part, WIDTH, lines[-1].rstrip() + gap if gap else lines[-1], further).split("\n")
        lines[-1:] = pieces
        used = cells(lines[-1])
    return "\n".join(lines)


def _pieces(text: str) -> Iterator[str]:
    """Yield what a line may be broken before: a Chinese character with the punctuation behind it, or a word."""
    piece = ""
    for char in text:
        stuck = char in "，。；：、！？）》」』”’]" or piece[-1:] in ("（", "《", "“", "[")
        if piece and not stuck and (piece[-1] == " " or _is_wide(char) or _is_wide(piece[-1])):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _is_wide(char: str) -> bool:
    return wcswidth(char) == 2


def show_problems(problems: Iterable[Problem], output: str = "text") -> None:
    """Print problems on standard error (text), or as JSON on standard output."""
    ordered = sort(problems)
    if output == "json":
        print_json({"kind": "problems", "schema": 1, "problems": [p.as_json() for p in ordered]})
        return
    if len(ordered) > MAX_SHOWN:
        ordered = tuple(sorted(ordered, key=lambda p: p.severity == "unverified"))  # what must be mended first
    for found in ordered[:MAX_SHOWN]:
        text = found.render()
        click.echo(text if found.severity != "unverified" else text.splitlines()[0], err=True)
    if len(ordered) > MAX_SHOWN:
        click.echo(f"……另有 {len(ordered) - MAX_SHOWN} 个没有列出，请先改好以上各处", err=True)


def stop_on(problems: Iterable[Problem], output: str = "text") -> None:
    """Print the problems and end with exit code 1 if any is an error."""
    found = errors(problems)
    if found:
        show_problems(found, output)
        raise click.exceptions.Exit(ExitCode.PROBLEMS)


@contextmanager
def reported(output: str = "text") -> Iterator[None]:
    """Turn a ProblemError of the library into printed problems and exit code 1."""
    try:
        yield
    except ProblemError as error:
        stop_on(error.problems, output)


def step(text: str) -> None:
    """Say on standard error what is being done, for what may take over a second."""
    click.echo(text, err=True)


def step_of_typesetting() -> None:
    """Say that a paper is being set; the first time, that the fonts are made before that."""
    from engine.documents.fonts import built_folder

    step("正在排版……" if built_folder() else "第一次排版，先制作字体（约一分钟）……")


def json_text(content: Any) -> str:
    """Return stable JSON: sorted keys, Chinese as it is."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)


def print_json(content: Any) -> None:
    """Print stable JSON, Chinese escaped where the console's encoding lacks a character."""
    text = json_text(content)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(content, ensure_ascii=True, sort_keys=True, indent=1)
    click.echo(text)


def json_bytes(content: Any) -> bytes:
    """Return the content of a JSON file: sorted keys, Chinese as it is."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def show_list(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str | int]], data: Any, *, output: str,
    target: Path | None, day: date, words: Sequence[str] = (), authority: str = "",
) -> None:  # fmt: skip
    """Give a list as asked: lines with aligned columns, JSON, a workbook, or on paper.

    words: what stands under the title; authority: whose list it is, printed above the places to sign.
    """
    if output in ("xlsx", "pdf"):
        from engine.register.lists import list_book, list_pdf
        from engine.writing import write_atomically

        if target is None:
            wrong_use(f"{output} 请用 -o 写明文件名")
        if output == "pdf":
            step_of_typesetting()
            content = list_pdf(title, header, rows, words=words, authority=authority)
        else:
            content = list_book(title, header, rows, day, words=words)
        write_atomically(target, content)
        click.echo(f"{target}：{len(rows)} 行")
        return
    text = json_text(data) if output == "json" else "\n".join(_lines(title, header, rows, words))
    if target is None:
        click.echo(text)
        return
    from engine.writing import write_atomically

    write_atomically(target, f"{text}\n".encode())


def _lines(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str | int]], words: Sequence[str]
) -> Iterator[str]:
    """Yield the title, what stands under it, and the rows under their header."""
    texts = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(cells(row[place]) for row in texts) for place in range(len(header))]
    yield from (title, *words)
    for row in texts:
        padded = [cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(padded).rstrip()


def pairs_of(values: Sequence[str]) -> list[tuple[str, str]]:
    """Return what stands before and behind the equals sign of each value; end with exit code 2 where there is none."""
    pairs = [value.replace("＝", "=").partition("=") for value in values]
    for value, (left, equals, _) in zip(values, pairs, strict=True):
        if not (left.strip() and equals):
            wrong_use(f"“{value[:40]}” 请写成 左边=右边 的样子")
    return [(left.strip(), right.strip()) for left, _, right in pairs]


def keep_existing(target: Path, force: bool) -> None:
    """End with exit code 2 if the file exists and may hold what people wrote, unless they said to replace it."""
    if target.exists() and not force:
        wrong_use(f"{target} 已存在，其中可能有填写过的内容；确要覆盖请加 --force")


def write_beside(files: Iterable[tuple[Path, bytes]], force: bool) -> None:
    """Write what came inside answers before the file that names it; a file of other content is not replaced.

    Raises ProblemError if one cannot be written.
    """
    from engine.writing import make_folder, write_atomically

    for path, content in files:
        if path.is_file() and path.read_bytes() == content:
            continue
        keep_existing(path, force)
        make_folder(path.parent)
        write_atomically(path, content)


def keep_inputs(target: Path, *inputs: Path | None) -> None:
    """End with exit code 2 if the file to write is one of those that are read, or lies in a folder of them."""
    for path in inputs:
        if path is None:
            continue
        if target.resolve() == path.resolve():
            wrong_use(f"-o 不能是要读取的文件 {path}，请另写一个文件名")
        if path.is_dir() and target.exists() and target.resolve().is_relative_to(path.resolve()):
            wrong_use(f"-o 会覆盖要读取的文件夹里的 {target}，请另写一个文件名")


def wrong_use(message: str) -> NoReturn:
    """End with exit code 2 and the message."""
    raise click.UsageError(message)
