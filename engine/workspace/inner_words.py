"""What names inside kept things are called in Chinese, by the rules: identity fields, attributes, ledger columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.follow_up.cells import shown_value
from engine.library.files import Place
from engine.model.ledgers import LedgerColumn, LedgerFile
from engine.problems import ProblemError
from engine.workspace.archive_names import title_of
from engine.workspace.ledgers import read_ledgers
from engine.workspace.settings import release_of
from engine.workspace.store import Reader
from engine.workspace.words import field_word, value_word


class Words(NamedTuple):
    """Words for the fields and the values of kept things."""

    inner: Mapping[tuple[str, str], str] = {}
    """By field and the name inside it."""
    ledgers: Mapping[str, LedgerFile] = {}

    def ledger(self, name: str) -> str:
        """Return the title of a ledger; of one that is not known its name."""
        return self.ledgers[name].title if name in self.ledgers else f"台账 {name}"

    def column(self, field: str, inner: str, ledger: str) -> LedgerColumn | None:
        """Return the column of a ledger that a value stands in, None if it is not known."""
        found = self.ledgers.get(ledger) if field == "values" else None
        return found.columns.get(inner) if found is not None else None

    def field(self, kind: str, field: str, inner: str = "", ledger: str = "") -> str:
        """Return what a field is called, or a name inside it; ledger: of an entry."""
        if not inner:
            return field_word(kind, field)
        column = self.column(field, inner, ledger)
        if column is not None:
            return column.label
        if field == "files":
            return f"{field_word(kind, field)} {title_of(inner)}"
        return self.inner.get((field, inner)) or f"{field_word(kind, field)} {inner}"

    def value(self, kind: str, field: str, value: Any, inner: str = "", ledger: str = "") -> str:
        """Return a value for people; money of a ledger in 元."""
        column = self.column(field, inner, ledger)
        if column is not None:
            return shown_value(column, value)
        if kind == "entry" and field == "ledger":
            return self.ledger(str(value))
        if field == "site_type":
            return self.inner.get((field, str(value)), str(value or ""))
        return value_word(kind, field, value)


def words_of(reader: Reader, place: Place) -> Words:
    """Return the words of the workspace's campaign and the ledgers.

    A workspace must be readable whatever became of the rules: where they cannot be read there are no words.
    """
    inner: dict[tuple[str, str], str] = {}
    try:
        for name, site_type in release_of(reader, place).release.site_types.items():
            inner["site_type", name] = site_type.title
            for each in (*site_type.identity, *site_type.unlicensed_identity):
                inner.setdefault(("identity", each.id), each.label)
            for key, attribute in site_type.attributes.items():
                inner.setdefault(("attributes", key), attribute.label)
        return Words(inner, read_ledgers(place))
    except ProblemError:
        return Words(inner)
