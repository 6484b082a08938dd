"""The menu at work: shows what there is, runs what was chosen, comes back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextlib import suppress

from engine.menu.asking import Left, ask_all
from engine.menu.model import Entry, Menu, NewFile, arguments_of
from engine.menu.sitting import Given, Sitting, workspaces
from engine.menu.words import BACK, HELP, PRINT, YES, numbers_of, plain
from engine.problems import ProblemError, of_system

GOODBYE = "再见。"
AGAIN = ("r", "R", "改")


def serve(sitting: Sitting, top: Menu) -> None:
    """Show the menu and do what is chosen until the user leaves or the input ends.

    Ctrl-C goes back to the top menu; a second one with nothing typed between ends.
    """
    try:
        while True:
            try:
                _menu(sitting, top, top=True)
                sitting.say(GOODBYE)
                return
            except KeyboardInterrupt:
                sitting.say()
                if sitting.interrupted:
                    sitting.say(GOODBYE)
                    return
                sitting.interrupted = True
                sitting.say("  回到主菜单；再按一次 Ctrl-C 结束")
    except EOFError:
        with suppress(OSError):  # the terminal may be gone
            sitting.say()


def _menu(sitting: Sitting, menu: Menu, *, top: bool = False) -> None:
    """Show a menu and do what is chosen until the user goes back."""
    while True:
        _show(sitting, menu, top=top)
        chosen = _choice(sitting, menu, top=top)
        if chosen is None:
            return
        if isinstance(chosen, Menu):
            _menu(sitting, chosen)
        else:
            _do(sitting, chosen)


def _show(sitting: Sitting, menu: Menu, *, top: bool) -> None:
    sitting.say()
    sitting.say(f"【{menu.title}】" + (f"　{_place(sitting)}" if top else ""))
    for number, entry in enumerate(menu.entries, 1):
        sitting.say(f"  {number:>2}  {entry.title}")
    sitting.say("   0  退出" if top else "   0  返回")


def _place(sitting: Sitting) -> str:
    found = workspaces(sitting.folder)
    named = sitting.workspace or (found[0] if len(found) == 1 else "")
    folder = f"工作目录 {named}" if named else f"工作目录有 {len(found)} 个" if found else "还没有工作目录"
    return folder + (f"　{sitting.by}" if sitting.by else "")


def _choice(sitting: Sitting, menu: Menu, *, top: bool) -> Entry | Menu | None:
    """Return what was chosen, None to go back; wrong keys are answered and asked again."""
    highest, leave = len(menu.entries), "退出" if top else "返回"
    while True:
        text = plain(sitting.ask("请选 > "))
        if text in BACK:
            return None
        numbers = numbers_of(text, highest)
        if numbers and len(numbers) == 1:
            return menu.entries[numbers[0] - 1]
        if text in HELP:
            sitting.say(f"  键入前面的数字，按回车。0 或 q {leave}；Ctrl-C 回到主菜单，连按两次结束。")
        elif text:
            sitting.say(f"  “{text[:20]}” 这里不用，请键入 1 到 {highest} 的数字，{leave}键入 0 或 q")


def _do(sitting: Sitting, entry: Entry) -> None:
    """Ask what the entry needs and run it; where it does not go through, it can be done again with what was typed."""
    sitting.typed = {}
    sitting.say()
    sitting.say(f"── {entry.title}" + ("" if sitting.interrupted else "（b 上一问，q 返回）"))
    if entry.hint:
        sitting.say(f"  {entry.hint}")
    while True:
        try:
            given = ask_all(sitting, entry)
            code = _run(sitting, entry, given)
            if (
                code == 0
                and entry.confirmed
                and plain(sitting.ask(f"{entry.question}（y 是；回车 不，返回菜单）> ")) in YES
            ):
                code = _run(sitting, entry, given, confirmed=True)
            elif code == 0 and entry.confirmed:
                return
        except Left:
            return
        except ProblemError as error:
            for each in error.problems:
                sitting.say(each.render())
            return
        except OSError as error:  # of a folder or workspace that a listing looks into
            sitting.say(of_system(error).render())
            return
        if code == 0:
            _offer_to_print(sitting, entry, given)
            return
        if plain(sitting.ask("按回车返回菜单，键入 r 改一改再来 > ")) not in AGAIN:
            return
        sitting.typed = dict(given)


def _offer_to_print(sitting: Sitting, entry: Entry, given: Given) -> None:
    """Wait for Enter; a PDF that was written is sent to the printer as often as it is asked for."""
    written = [value for ask in entry.asks if isinstance(ask.kind, NewFile) for value in given.get(ask.key, ())]
    papers = [value for value in written if value.lower().endswith(".pdf")]
    offer = "，键入 p 送打印机" if papers else ""
    while plain(sitting.ask(f"按回车返回菜单{offer} > ")) in PRINT and offer:
        _run_shown(sitting, ["print", *(["--"] if papers[0].startswith("-") else []), *papers])


def _run(sitting: Sitting, entry: Entry, given: Given, *, confirmed: bool = False) -> int:
    """Run the commands of an entry one after another until one does not go through; return the last exit code."""
    code = 0
    for arguments in arguments_of(entry, given, confirmed=confirmed):
        code = _run_shown(sitting, arguments)
        if code:
            break
    return code


def _run_shown(sitting: Sitting, arguments: Sequence[str]) -> int:
    """Run a command, shown as it would be typed; return its exit code."""
    sitting.say()
    sitting.say(f"$ chunfeng {' '.join(map(_quoted, arguments))}")
    return sitting.front.run(arguments)


def _quoted(word: str) -> str:
    """Return a word as it is typed on a command line: Chinese needs no quotation marks there."""
    return word if re.fullmatch(r"[\w〔〕（）％：，。、+=./:@%-]+", word) else shlex.quote(word)
