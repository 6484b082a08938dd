"""The ledgers of a workspace: entries added, changed, voided, read from a file. A file is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.follow_up.lines import Line, entry_of, key_of, key_words
from engine.library.files import Place
from engine.library.load import read_files
from engine.model.ledgers import LedgerFile
from engine.model.workspace import Inspection, Kept, KeptFinding, LedgerEntry, RegisteredSite, Unit
from engine.problems import Mark, Problem, ProblemError, did_you_mean, problem
from engine.workspace.folder import Workspace
from engine.workspace.store import Reader, Writer

LEDGERS = "rules/ledgers"
_KINDS: dict[str, tuple[type[Kept], str]] = {
    "site": (RegisteredSite, "单位"), "inspection": (Inspection, "检查"), "finding": (KeptFinding, "问题"),
}  # fmt: skip


class Taken(NamedTuple):
    """What became of the lines of a file."""

    added: tuple[LedgerEntry, ...]
    changed: tuple[LedgerEntry, ...]
    same: int


def read_ledgers(place: Place) -> dict[str, LedgerFile]:
    """Return the ledgers by name. Raises ProblemError if one of the files is wrong."""
    loaded, problems = read_files(place, LEDGERS, LedgerFile)
    if problems:
        raise ProblemError(problems)
    return {name: each.value for name, each in loaded.items()}


def ledger_entries(reader: Reader, ledger: LedgerFile, unit: str = "") -> list[LedgerEntry]:
    """Return the entries of a ledger by date and id, those of one unit only if it is given; voided ones among them."""
    wanted = {"ledger": ledger.ledger} | ({"unit": unit} if unit else {})
    return sorted(reader.all(LedgerEntry, **wanted), key=lambda entry: (entry.date, entry.id))


def add_entries(
    workspace: Workspace, ledger: LedgerFile, lines: Sequence[Line], *, by: str, at: str, why: str = ""
) -> Taken:
    """Keep the lines of a file or of a command, all or none.

    A line with the id of an entry changes it, and needs a reason (why); one that says the same is left alone.
    Raises ProblemError with everything that does not fit what is kept.
    """
    action = f"登记{ledger.title}"
    with workspace.store.writing(by=by, at=at, action=action, why=why) as writer:
        kept = {entry.id: entry for entry in writer.all(LedgerEntry, ledger=ledger.ledger)}
        problems = [*_unknown(writer, lines, ledger), *_against(kept, lines, ledger, why)]
        if problems:
            raise ProblemError(problems)
        added, changed, same = [], [], 0
        next_: dict[str, int] = {}
        for line in lines:
            if line.id:
                entry = entry_of(ledger, line, line.id)
                if entry == kept[line.id]:
                    same += 1
                    continue
                changed.append(entry)
            else:
                entry = _numbered(writer, ledger, line, next_)
                added.append(entry)
            writer.put(entry)
        return Taken(tuple(added), tuple(changed), same)


def _numbered(writer: Writer, ledger: LedgerFile, line: Line, next_: dict[str, int]) -> LedgerEntry:
    """Return the line as an entry with the next id of its year. next_: serials by prefix, counted on."""
    prefix = f"{ledger.prefix}{str(line.values[ledger.date])[:4]}-"
    serial = next_.get(prefix) or writer.next_serial(LedgerEntry, prefix)
    next_[prefix] = serial + 1
    return entry_of(ledger, line, f"{prefix}{serial:04}")


def void_entry(workspace: Workspace, id_: str, *, by: str, at: str, why: str) -> LedgerEntry:
    """Void an entry: it stays, and no longer counts. Raises ProblemError."""
    with workspace.store.writing(by=by, at=at, action="作废台账条目", why=why) as writer:
        entry = known_entry(writer, id_)
        entry = entry.model_copy(update={"voided": why})
        writer.put(entry)
        return entry


def known_entry(reader: Reader, id_: str) -> LedgerEntry:
    """Return the entry of this id that may be changed. Raises ProblemError if there is none or it was voided."""
    entry = reader.get(LedgerEntry, id_)
    if entry is None:
        raise ProblemError([problem("E884", id=id_, what="台账条目", todo="编号见 ledger show")])
    if entry.voided:
        raise ProblemError([_voided(id_, Mark(""))])
    return entry


def _voided(id_: str, mark: Mark) -> Problem:
    return problem("E886", mark, id=id_, reason="已作废，不能再改", todo="请登记新的一条")


def _against(kept: dict[str, LedgerEntry], lines: Iterable[Line], ledger: LedgerFile, why: str) -> Iterator[Problem]:
    """Yield what does not fit the entries that are kept."""
    keys = {key_of(ledger, entry.unit, entry.values): entry for entry in kept.values() if not entry.voided}
    for line in lines:
        key = key_of(ledger, line.unit, line.values)
        same = keys.get(key) if key is not None else None
        if same is not None and same.id != line.id:
            yield problem("E885", line.mark, title=ledger.title, key=" ".join(key or ()), other=same.id,
                          columns=key_words(ledger))  # fmt: skip
        if not line.id:
            continue
        mark = line.marks.get("编号", line.mark)
        entry = kept.get(line.id)
        if entry is None:
            yield problem("E884", mark, id=line.id, what=f"{ledger.title}条目",
                          todo="新增的编号留空，由程序给出")  # fmt: skip
        elif entry.voided:
            yield _voided(line.id, mark)
        elif not why and entry_of(ledger, line, line.id) != entry:
            yield problem("E886", mark, id=line.id, reason="与已登记的不同，改动要有理由", todo="请用 --why 写明理由")


def _unknown(reader: Reader, lines: Iterable[Line], ledger: LedgerFile) -> Iterator[Problem]:
    """Yield the units and ids that the workspace does not know."""
    units = {unit.id for unit in reader.all(Unit)}
    for line in lines:
        if line.unit not in units:
            todo = did_you_mean(line.unit, units) + f"可用单位：{'、'.join(sorted(units)) or '无'}"
            yield problem("E884", line.marks.get("责任单位", line.mark), id=line.unit, what="责任单位", todo=todo)
        named = [("检查编号", "inspection", line.inspection), ("问题编号", "finding", line.finding)]
        named += [(n, c.refers, line.values.get(n)) for n, c in ledger.columns.items() if c.refers]  # type: ignore[misc]
        for column, kind, id_ in named:
            if id_:
                yield from _missing(reader, kind, str(id_), line.marks.get(column, line.mark))


def _missing(reader: Reader, kind: str, id_: str, mark: Mark) -> Iterator[Problem]:
    model, what = _KINDS.get(kind, (LedgerEntry, "台账条目"))
    found = reader.get(model, id_)
    if found is None:
        todo = "填编号，不填名称；还没有登记的先登记，或留空后在名称一栏写明"
        yield problem("E884", mark, id=id_, what=what, todo=todo)
    elif isinstance(found, LedgerEntry) and (found.ledger != kind or found.voided):
        reason = "已作废" if found.voided else "是另一本台账的条目"
        yield problem("E886", mark, id=id_, reason=reason, todo="请核对编号")
