"""Entries of a ledger as JSON and as text for the screen: money in 元, computed hours beside what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.follow_up.cells import shown_value, wan_yuan, yuan
from engine.follow_up.lines import counted
from engine.follow_up.moments import hours_between
from engine.model.ledgers import LedgerColumn, LedgerFile
from engine.model.workspace import LedgerEntry


def heading(column: LedgerColumn) -> str:
    """Return the heading of a column with its unit."""
    return f"{column.label}（元）" if column.type == "money" else column.label


def computed(ledger: LedgerFile, label: str, entry: LedgerEntry) -> str:
    """Return the hours of a computed column, empty as long as they are not over."""
    elapsed = next(each for each in ledger.elapsed if each.label == label)
    return hours_between(entry.values.get(elapsed.start), entry.values.get(elapsed.end))


def ledger_json(ledger: LedgerFile, entries: Sequence[LedgerEntry]) -> dict[str, object]:
    """Return the entries: values as they are kept (money in 分), as they are shown, and the computed hours."""
    rows = []
    for entry in entries:
        row = entry.model_dump(mode="json", exclude_defaults=True)
        row["shown"] = {c.label: shown_value(c, entry.values[n]) for n, c in ledger.columns.items()
                        if n in entry.values}  # fmt: skip
        row["elapsed"] = {each.label: computed(ledger, each.label, entry) for each in ledger.elapsed}
        rows.append(row)
    sums = {name: {"fen": fen, "yuan": yuan(fen)} for name, fen in totals(ledger, entries).items()}
    return {
        "kind": "ledger", "schema": 1, "ledger": ledger.ledger, "title": ledger.title, "entries": rows,
        "count": len(counted(entries)), "voided": len(entries) - len(counted(entries)), "totals": sums,
    }  # fmt: skip


def totals(ledger: LedgerFile, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    """Return the sums of the money columns in 分 over the entries that were not voided."""
    kept = counted(entries)
    money = [name for name, column in ledger.columns.items() if column.type == "money"]
    return {name: sum(_fen(entry.values.get(name)) for entry in kept) for name in money}


def _fen(value: object) -> int:
    return value if isinstance(value, int) else 0


def ledger_text(ledger: LedgerFile, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    """Yield the lines of a list for the screen: a block an entry, then how many count and the sums."""
    for entry in entries:
        void = f"　【作废：{entry.voided}】" if entry.voided else ""
        yield f"{entry.id}　{entry.date}　{entry.unit}{void}"
        parts = [f"{c.label}：{_shown(c, entry.values[n])}" for n, c in ledger.columns.items()
                 if n in entry.values and n != ledger.date]  # fmt: skip
        hours = [(each.label, computed(ledger, each.label, entry)) for each in ledger.elapsed]
        parts += [f"{label}：{value}" for label, value in hours if value]
        parts += [f"检查：{entry.inspection}"] if entry.inspection else []
        parts += [f"问题：{entry.finding}"] if entry.finding else []
        yield f"    {'；'.join(parts)}"
    kept = len(counted(entries))
    void = f"，另有作废 {len(entries) - kept} 条" if len(entries) > kept else ""
    sums = "".join(f"；{ledger.columns[name].label}合计 {_money(ledger.columns[name], fen)}"
                   for name, fen in totals(ledger, entries).items() if fen)  # fmt: skip
    yield f"{ledger.title}：{kept} 条{void}{sums}"


def _shown(column: LedgerColumn, value: object) -> str:
    if column.type == "money" and isinstance(value, int):
        return _money(column, value)
    return " ".join(shown_value(column, value).split())  # type: ignore[arg-type]  # a kept value is a JsonValue


def _money(column: LedgerColumn, fen: int) -> str:
    return f"{wan_yuan(fen)} 万元" if column.shown == "万元" else f"{yuan(fen)} 元"
