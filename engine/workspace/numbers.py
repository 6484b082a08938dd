"""Numbers of papers in the workspace: taken once, voided for a reason, never free again."""

from __future__ import annotations

from engine.documents.case_view import TITLES
from engine.model.bureau import PaperName
from engine.model.workspace import Inspection, TakenNumber, Unit
from engine.problems import ProblemError, problem
from engine.register.numbers import Series, next_serial, series_named, series_of
from engine.workspace.folder import Workspace
from engine.workspace.register import Who, unit_of
from engine.workspace.settings import bureau_of
from engine.workspace.store import Reader
from engine.workspace.visits import inspection_of


def take_number(
    workspace: Workspace, paper: PaperName, who: Who, *, inspection: str | None = None, unit: str = "",
    year: int | None = None, written: str = "",
) -> TakenNumber:  # fmt: skip
    """Take the next number of a paper and return it; two who take at the same time get different numbers.

    The block is that of the unit, or of the inspection's unit; year: the day's if None. written: a number that was
    given by hand already, to be kept as taken. Raises ProblemError.
    """
    with workspace.store.writing(by=who.by, at=who.at, action=f"取文书编号（{TITLES[paper]}）", why=who.why) as writer:
        visit = inspection_of(writer, inspection) if inspection is not None else None
        if written:
            number = _by_hand(writer, paper, written, inspection)
        else:
            series = _series(writer, paper, year or who.day.year, unit, visit)
            serial = next_serial(writer.all(TakenNumber, series=series.name))
            number = TakenNumber(
                id=series.number(serial), series=series.name, serial=serial, paper=paper, inspection=inspection
            )
        writer.put(number)
        return number


def _series(reader: Reader, paper: PaperName, year: int, unit: str, visit: Inspection | None) -> Series:
    bureau = bureau_of(reader)
    named = unit_of(reader, unit) if unit else visit.unit if visit is not None else ""
    found = reader.get(Unit, named) if named else None
    series = series_of(bureau, paper, year, found.block if found is not None else "")
    if series is None:
        hint = f"请在 BUREAU.yaml 的 kinds 写明 {paper}（{TITLES[paper]}）的类别代字，编号才能由程序取"
        raise ProblemError([problem("E839", reason=f"本单位资料没有{TITLES[paper]}的类别代字", hint=hint)])
    return series


def _by_hand(reader: Reader, paper: PaperName, written: str, inspection: str | None) -> TakenNumber:
    parts = series_named(written)
    if parts is None:
        raise ProblemError(
            [problem("E839", reason=f"编号 “{written}” 的写法不对", hint="应如 （瑶）市监药检〔2024〕15号")]
        )
    if reader.get(TakenNumber, written) is not None:
        raise ProblemError([problem("E839", reason=f"编号 {written} 已经用过", hint="请用 number list 查看")])
    series, serial = parts
    if any(n.serial == serial for n in reader.all(TakenNumber, series=series.name)):
        raise ProblemError(
            [problem("E839", reason=f"序列 {series.name} 的第 {serial} 号已经用过", hint="请用 number list 查看")]
        )
    return TakenNumber(id=written, series=series.name, serial=serial, paper=paper, inspection=inspection)


def void_number(workspace: Workspace, number: str, who: Who) -> TakenNumber:
    """Void a number for a reason and return it; it stays taken. Raises ProblemError."""
    with workspace.store.writing(by=who.by, at=who.at, action=f"作废文书编号 {number}", why=who.why) as writer:
        found = writer.get(TakenNumber, number)
        if found is None:
            raise ProblemError([problem("E833", what="编号", id=number, hint="请用 number list 查看")])
        if found.voided:
            raise ProblemError([problem("E839", reason=f"编号 {number} 已作废（{found.voided}）", hint="不用再作废")])
        visit = writer.get(Inspection, found.inspection) if found.inspection else None
        if visit is not None and number in visit.numbers:
            reason = f"编号 {number} 印在已归档的检查 {visit.id} 上"
            raise ProblemError([problem("E839", reason=reason, hint="归档的文书不再改动；更正用 visits supplement")])
        voided = found.model_copy(update={"voided": who.why})
        writer.put(voided)
        return voided
