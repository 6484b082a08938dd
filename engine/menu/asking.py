"""The questions of an entry: asked until they are answered, never guessed; b goes one back, q leaves the entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.menu.model import Ask, By, Day, Entry, Flag, Folder, Listing, NewFile, OldFile, Option, Pick
from engine.menu.sitting import Given, Sitting, workspaces
from engine.menu.words import BACK, BEFORE, HELP, NO, YES, day_of, numbers_of, plain
from engine.problems import system_reason

PAGE = 12
"""Lines of a listing shown at once: an old console has 24."""
MAX_LISTED = 5000
MAX_TEXT = 2000
MAX_PEEK = 4096
"""Bytes of a file that are looked at to tell what it is."""
_KIND = re.compile(rb"^kind:[ \t]*[\"']?([a-z-]+)", re.MULTILINE)


class Left(Exception):
    """The entry was left; nothing was run."""


class _Before(Exception):
    """One question back."""


def ask_all(sitting: Sitting, entry: Entry) -> Given:
    """Return what was answered to all that an entry asks for. Raises Left if the user goes back to the menu."""
    given: dict[str, tuple[str, ...]] = {}
    asked: list[int] = []
    index = 0
    while index < len(entry.asks):
        ask = entry.asks[index]
        before = {key: values for key, values in given.items() if key != ask.key}
        if not ask.when(before):
            given.pop(ask.key, None)
            index += 1
            continue
        try:
            values, shown = _answer(sitting, ask, before)
        except _Before:
            if not asked:
                raise Left from None
            index = asked.pop()
            continue
        given[ask.key] = values
        if shown:
            asked.append(index)
        index += 1
    return given


def _answer(sitting: Sitting, ask: Ask, given: Given) -> tuple[tuple[str, ...], bool]:
    """Return the values, and whether anything was asked for them."""
    match ask.kind:
        case Folder():
            return _workspace(sitting)
        case By():
            asked = not sitting.by
            while not sitting.by:
                text = _line(sitting, f"{ask.title}（您的姓名，本次只问一遍）")
                sitting.by = text if text.isprintable() else ""
            return (sitting.by,), asked
        case Pick(listing=listing):
            return _pick(sitting, ask, given, listing), True
        case OldFile():
            return _old_file(sitting, ask, given), True
        case NewFile():
            return _new_file(sitting, ask, given), True
        case Flag():
            return _flag(sitting, ask), True
        case Day():
            return _day(sitting, ask), True
    return _text(sitting, ask), True


def _line(sitting: Sitting, prompt: str) -> str:
    """Return what was typed, not empty only if something was; raise Left or _Before for the ways back."""
    text = sitting.ask(f"{prompt} > ").strip()
    if plain(text) in BACK:
        raise Left
    if plain(text) in BEFORE:
        raise _Before
    if plain(text) in HELP:
        sitting.say("  键入所问的内容，按回车；选项键入前面的数字。b 回到上一问，q 返回菜单（这一项不办），")
        sitting.say("  Ctrl-C 回到主菜单。")
        return _line(sitting, prompt)
    if len(text) > MAX_TEXT:
        sitting.say(f"  太长了，最多 {MAX_TEXT} 字")
        return _line(sitting, prompt)
    return text


def _kept(sitting: Sitting, ask: Ask) -> tuple[str, ...]:
    return sitting.typed.get(ask.key, ())


def _prompt(sitting: Sitting, ask: Ask, example: str = "") -> str:
    kept = _kept(sitting, ask)
    enter = (
        f"回车 仍为 {'、'.join(sitting.labels.get(value, value) for value in kept)}"
        if kept
        else f"回车 {ask.skipped}"
        if ask.optional
        else ""
    )
    inside = "；".join(part for part in (example, enter) if part)
    return f"{ask.title}（{inside}）" if inside else ask.title


def _nothing(sitting: Sitting, ask: Ask) -> tuple[str, ...] | None:
    """Return what Enter alone means, None if something must be typed."""
    kept = _kept(sitting, ask)
    if kept or ask.optional:
        return kept
    sitting.say("  这里不能空着；q 返回菜单")
    return None


def _text(sitting: Sitting, ask: Ask) -> tuple[str, ...]:
    while True:
        text = _line(sitting, _prompt(sitting, ask))
        if text:
            return (text,)
        values = _nothing(sitting, ask)
        if values is not None:
            return values


def _day(sitting: Sitting, ask: Ask) -> tuple[str, ...]:
    while True:
        text = _line(sitting, _prompt(sitting, ask, "如 20240115"))
        day = day_of(text)
        if day:
            return (day,)
        if text:
            sitting.say(f"  “{text[:20]}” 不是存在的日期，请写成 20240115 或 2024-01-15 的样子")
            continue
        values = _nothing(sitting, ask)
        if values is not None:
            return values


def _flag(sitting: Sitting, ask: Ask) -> tuple[str, ...]:
    kept = _kept(sitting, ask) or ("n",)
    while True:
        text = plain(_line(sitting, f"{ask.title}（y 是，n 否；回车 {'是' if kept == ('y',) else '否'}）"))
        if not text:
            return kept
        if text in YES or text in NO:
            return ("y" if text in YES else "n",)
        sitting.say(f"  “{text[:20]}” 这里不用，请键入 y 或 n")


# ── one of a listing


@dataclass
class _Shown:
    """A listing on the screen: all of it or what was looked for, a page at a time."""

    sitting: Sitting
    ask: Ask
    options: Sequence[Option]
    found: Sequence[Option]
    start: int = 0

    def show(self, found: Sequence[Option], start: int = 0) -> None:
        self.found, self.start = found, start
        if not found:
            return
        self.sitting.say(f"{self.ask.title}：")
        for number, option in enumerate(found[start : start + PAGE], start + 1):
            self.sitting.say(f"  {number:>3}  {option.label}")
        if len(found) > PAGE:
            page = f"第 {start // PAGE + 1}/{-(-len(found) // PAGE)} 页，+ 下一页，- 上一页"
            self.sitting.say(f"  （共 {len(found)} 项，{page}；键入名称里的几个字可以查找）")
        elif len(found) < len(self.options):
            self.sitting.say(f"  （找到 {len(found)} 项；回车 列出全部 {len(self.options)} 项）")

    def turn(self, sign: str) -> None:
        last = (len(self.found) - 1) // PAGE * PAGE
        self.show(self.found, min(max(self.start + (PAGE if sign == "+" else -PAGE), 0), last))

    def look_for(self, text: str) -> tuple[str, ...]:
        """Return the one option whose label has the text; show them if there are several, say so if there is none."""
        found = [option for option in self.options if plain(text).lower() in plain(option.label).lower()]
        if len(found) == 1:
            self.sitting.say(f"  {found[0].label}")
            return _taken(self.sitting, found)
        if found:
            self.show(found)
        elif _takes_own(self.ask):
            return (text,)
        else:
            self.sitting.say(f"  没有 “{text[:20]}”，请键入前面的数字")
        return ()


def _takes_own(ask: Ask) -> bool:
    return isinstance(ask.kind, OldFile) or (isinstance(ask.kind, Pick) and ask.kind.own)


def _pick(sitting: Sitting, ask: Ask, given: Given, listing: Listing) -> tuple[str, ...]:
    options = listing(sitting, given)[:MAX_LISTED]
    if not options and not _takes_own(ask):
        sitting.say(f"  {ask.title}：还没有可以选的")
        if ask.optional:
            return ()
        raise Left
    shown = _Shown(sitting, ask, options, options)
    shown.show(options)
    way = "数字，可多选，如 1,3" if _takes_many(ask) else "数字"
    while True:
        text = _line(sitting, _prompt(sitting, ask, way if options else ""))
        if not text and len(shown.found) < len(options):
            shown.show(options)
        elif not text:
            values = _nothing(sitting, ask)
            if values is not None:
                return values
        elif plain(text) in ("+", "-") and len(shown.found) > PAGE:
            shown.turn(plain(text))
        else:
            chosen = _chosen(sitting, ask, shown.found, text)
            values = chosen if chosen is not None else shown.look_for(text)
            if values:
                return values


def _takes_many(ask: Ask) -> bool:
    return isinstance(ask.kind, Pick | OldFile) and ask.kind.many


def _chosen(sitting: Sitting, ask: Ask, shown: Sequence[Option], text: str) -> tuple[str, ...] | None:
    """Return the options of the numbers, () if there are none such (which is said), None if the text is no number."""
    if _takes_many(ask) and plain(text) in ("全部", "*"):
        return _taken(sitting, shown)
    numbers = numbers_of(text, len(shown))
    if numbers and (len(numbers) == 1 or _takes_many(ask)):
        return _taken(sitting, [shown[number - 1] for number in numbers])
    exact = [option for option in shown if option.value == text]
    if exact or numbers is None or not shown:
        return _taken(sitting, exact[:1]) or None
    if numbers:
        sitting.say("  这里只能选一个")
    else:
        sitting.say(f"  没有 {text[:20]} 号，请键入 1 到 {len(shown)} 的数字")
    return ()


def _taken(sitting: Sitting, options: Sequence[Option]) -> tuple[str, ...]:
    sitting.labels |= {option.value: option.label for option in options if option.label}
    return tuple(option.value for option in options)


# ── files and folders


def _workspace(sitting: Sitting) -> tuple[tuple[str, ...], bool]:
    found = workspaces(sitting.folder)
    if sitting.workspace:
        return (sitting.workspace,), False
    if not found:
        sitting.say("  这个文件夹里还没有工作目录：请先在 “工作目录、备份” 里建立")
        raise Left
    asked = len(found) > 1
    if asked:
        ask = Ask("workspace", "用哪个工作目录", Pick(lambda sitting, given: [Option(name, name) for name in found]))
        sitting.workspace = _pick(sitting, ask, {}, ask.kind.listing)[0]  # type: ignore[union-attr]
    else:
        sitting.workspace = found[0]
    return (sitting.workspace,), asked


def _old_file(sitting: Sitting, ask: Ask, given: Given) -> tuple[str, ...]:
    kind = ask.kind
    assert isinstance(kind, OldFile)

    def listing(sitting: Sitting, given: Given) -> list[Option]:
        return [Option(name, name) for name in _files(sitting.folder, kind)]

    while True:
        values = _pick(sitting, ask, given, listing)
        there = [_is_there(sitting, sitting.folder / value) for value in values]
        if all(there):
            return values
        for value, found in zip(values, there, strict=True):
            if found is False:
                sitting.say(f"  没有 “{value[:60]}” 这个文件")
                break


def _files(folder: Path, wanted: OldFile) -> list[str]:
    """Return the files of a kind in a folder and the folders in it, the newest first."""
    found = []
    for pattern in ("*", "*/*"):
        for path in folder.glob(pattern):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.suffix.lower() not in wanted.suffixes or hidden:
                continue
            with suppress(OSError):  # one that cannot be read is left out alone
                if _is(path, wanted.kind):
                    found.append((-path.stat().st_mtime_ns, path.relative_to(folder).as_posix()))
    return [name for _, name in sorted(found)][:MAX_LISTED]


def _is(path: Path, kind: str) -> bool:
    """Return whether a file is what it should be, as far as its beginning tells; a YAML file tells its kind."""
    if not path.is_file():
        return False
    if not kind or path.suffix.lower() not in (".yaml", ".yml"):
        return True
    with path.open("rb") as file:
        told = _KIND.search(file.read(MAX_PEEK))
    return told is not None and told[1].decode() == kind


def _new_file(sitting: Sitting, ask: Ask, given: Given) -> tuple[str, ...]:
    kind = ask.kind
    assert isinstance(kind, NewFile)
    name = Path(kind.name(sitting, given))
    suffix = "" if kind.folder else name.suffix
    proposed = _free(sitting.folder, _tame(name.name.removesuffix(suffix)), suffix)
    while True:
        text = _line(sitting, f"{ask.title}（回车 用 {proposed}）") or proposed
        if not text.lower().endswith(suffix):
            text += suffix
        path = sitting.folder / text
        there = _is_there(sitting, path)
        if there:
            sitting.say(f"  已有 “{text[:60]}”，不覆盖；请另写一个名字")
        elif there is not None and not path.parent.is_dir():
            sitting.say(f"  没有 “{str(path.parent)[:60]}” 这个文件夹")
        elif there is not None:
            return (text,)


def _is_there(sitting: Sitting, path: Path) -> bool | None:
    """Return whether a path is there; None if the system does not say (a name too long, no rights), which is shown."""
    try:
        return path.exists()
    except OSError as error:
        sitting.say(f"  “{str(path)[:60]}”：{system_reason(error)}")
        return None


def _free(folder: Path, stem: str, suffix: str) -> str:
    number = 1
    name = f"{stem}{suffix}"
    while (folder / name).exists():
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name


def _tame(name: str) -> str:
    """Return a name that every file system takes: no separators, not too long."""
    tame = "".join(
        "-" if char == " " else "_" if char in '/\\:*?"<>|' or not char.isprintable() else char for char in name
    )
    return tame.strip(" .")[:60] or "文件"
