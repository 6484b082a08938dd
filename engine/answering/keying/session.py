"""A sitting at the keyboard as a state machine: what is typed goes in, what is shown and the sheet come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.answering.keying import head, items, moves, rows
from engine.answering.keying.desk import Desk, Kind, Screen, Step
from engine.answering.keying.edits import Sitting
from engine.answering.keying.items import progress
from engine.answering.keying.words import ENTER, Typed, half, joined, named, single_key, whole_line
from engine.inspections.opening import Inspection


class _Question(NamedTuple):
    screen: Callable[[Desk], Screen]
    take: Callable[[Desk, Typed], list[str]]


_QUESTIONS: dict[Kind, _Question] = {
    "home": _Question(moves.home_screen, moves.take_home),
    "item": _Question(items.item_screen, items.take_item),
    "detail": _Question(items.detail_screen, items.take_detail),
    "note": _Question(items.note_screen, items.take_note),
    "row": _Question(rows.row_screen, rows.take_row),
    "pick": _Question(rows.pick_screen, rows.take_pick),
    "visit": _Question(head.visit_screen, head.take_visit),
    "person": _Question(head.person_screen, head.take_person),
    "site": _Question(head.site_screen, head.take_site),
    "other": _Question(head.other_screen, head.take_other),
    "jump": _Question(moves.jump_screen, moves.take_jump),
    "bulk": _Question(moves.bulk_screen, moves.take_bulk),
    "end": _Question(moves.end_screen, moves.take_end),
}
_COMMON = {"u": "撤销", "g": "跳转", "h": "帮助", "q": "退出"}
_EVERYWHERE = "ugpvtolhqaw"
_NOT_WITH_A_DRAFT = "gpvtoaw"
_LETTERS = _EVERYWHERE + "ynxsbdcemrj"


class Session:
    """One sitting. screen() says what to show, take() does what was typed; the sheet is in inspection at any time.

    unsaved is set whenever the sheet has changed; whoever writes it down clears it. finished is set when the typist is
    done. Nothing that cannot be read is ever put on the sheet.
    """

    def __init__(self, inspection: Inspection, sitting: Sitting, *, going_on: bool = False) -> None:
        """Begin with a sheet as engine.answering.keying.edits.sat_down returns it.

        going_on: it was begun in an earlier sitting, so that the first question is the first without an answer.
        """
        self.desk = Desk(inspection, sitting)
        self._lines: list[str] = []
        if going_on:
            self.desk.advance()

    @property
    def inspection(self) -> Inspection:
        """The sheet as it stands."""
        return self.desk.inspection

    @property
    def finished(self) -> bool:
        """Whether the typist is done."""
        return self.desk.finished

    @property
    def unsaved(self) -> bool:
        """Whether the sheet has changed since saved()."""
        return self.desk.unsaved

    def saved(self) -> None:
        """Take note that the sheet was written."""
        self.desk.unsaved = False

    def summary(self) -> list[str]:
        """Return how far keying is and what is missing."""
        return [f"已答 {progress(self.desk)} 项", *moves.missing(self.desk)]

    def where(self) -> str:
        """Return the item or table that is asked, empty at the beginning and at the end."""
        return self.desk.current()

    def screen(self) -> Screen:
        """Return what is asked now."""
        if self._lines:
            return Screen((), "接着写", single=False, any_text=True)
        return _QUESTIONS[self.desk.step.kind].screen(self.desk)

    def take(self, text: str) -> list[str]:
        """Take a key, or a line without its end, as screen() asked for; return the lines to be shown.

        What is not understood is named and changes nothing.
        """
        screen = self.screen()
        if screen.any_text:
            self._lines.append(text)
            text, more = joined(self._lines)
            if more:
                return []
            self._lines = []
            screen = self.screen()
        entered = single_key(text) if screen.single else whole_line(text, any_text=screen.any_text)
        if entered.key == "unknown" or (screen.single and entered.key not in self._allowed(screen)):
            return [f"没有记录：这里不用 {named(text)}。可用：{legend(screen)}"]
        if entered.key and entered.key in _EVERYWHERE:
            return self._everywhere(entered)
        if entered.key.isalpha() and entered.key not in (ENTER, *screen.keys) and not screen.single:
            return [f"没有记录：这里不用 {named(text)}。可用：{legend(screen)}"]
        before = self.desk.state
        lines = _QUESTIONS[before.step.kind].take(self.desk, entered)
        letter = half(entered.text)
        if screen.any_text and len(letter) == 1 and letter in _LETTERS and self.desk.state is not before:
            lines = [*lines, f"记下的是文字“{entered.text}”；若是想用命令，按 u 撤销，再写 .{letter}"]
        return lines

    def _allowed(self, screen: Screen) -> set[str]:
        allowed = {ENTER, *screen.keys, *_EVERYWHERE}
        spec_keys = {"item": "yn123456789", "detail": "yn123456789", "row": "yn123456789", "visit": "yn123456789"}
        return allowed | set(spec_keys.get(self.desk.step.kind, "yn" if self.desk.step.kind == "site" else ""))

    def _everywhere(self, entered: Typed) -> list[str]:
        desk, key = self.desk, entered.key
        if desk.state.draft and key in _NOT_WITH_A_DRAFT:
            return [f"没有记录：第 {desk.step.row + 1} 行区分各行的栏还没有填完，先填完，或用 u 撤销"]
        match key:
            case "u":
                return self._undo()
            case "h":
                return list(moves.HELP)
            case "l":
                return moves.listing(desk)
            case "q":
                desk.finished = True
                return []
            case "g" if entered.argument:
                return moves.jump(desk, entered.argument)
            case "p":
                return moves.to_previous(desk)
            case "a":
                return moves.to_bulk(desk)
            case "w":
                return moves.to_sweep(desk)
            case _:
                asides = {
                    "g": Step("jump"), "v": Step("visit", head.VISIT[0]), "o": Step("other"),
                    "t": Step("site", "site.name"),
                }  # fmt: skip
                desk.aside(asides[key])
                return []

    def _undo(self) -> list[str]:
        desk = self.desk
        if not desk.history:
            return ["没有可以撤销的"]
        before = desk.history.pop()
        desk.unsaved = desk.unsaved or before.inspection is not desk.inspection
        desk.state = before
        desk.passed.discard(desk.current())
        return [f"撤销了一步，还可以撤销 {len(desk.history)} 步"]

    def left_out(self) -> list[str]:
        """Return what was typed of a row that cannot stand on the sheet, as it is told when the sitting ends."""
        draft = self.desk.state.draft
        if not draft:
            return []
        text = "　".join(str(value) for value in draft.values())
        return [f"注意：第 {self.desk.step.row + 1} 行区分各行的栏没有填完，没有存：{text}"]


def legend(screen: Screen) -> str:
    """Return the keys of a screen in one line: y是 n否 … ?帮助 q退出."""
    dot = "." if screen.any_text else ""
    shown = [f"{'回车' if key == ENTER else dot + key}{what}" for key, what in screen.keys.items()]
    common = {("?" if key == "h" else key): what for key, what in _COMMON.items()}
    return " ".join([*shown, *(f"{dot}{key}{what}" for key, what in common.items())])
