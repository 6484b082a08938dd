"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KINDS = {
    "setting": (), "unit": (), "site": ("site_type", "unit", "name", "credit_code"),
    "inspection": ("campaign", "site", "unit", "state"), "finding": ("inspection", "site", "unit", "state"),
    "number": ("series",), "entry": ("ledger", "unit"), "filing": ("table", "unit"),
}  # fmt: skip
"""As they were then: later changes of the models are later steps."""


def upgrade() -> None:
    """Make the tables."""
    for name, indexed in KINDS.items():
        op.create_table(
            name, sa.Column("id", sa.Text(), nullable=False),
            *(sa.Column(field, sa.Text(), nullable=False) for field in indexed),
            sa.Column("data", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
            sqlite_strict=True,
        )  # fmt: skip
        for field in indexed:
            op.create_index(f"ix_{name}_{field}", name, [field])
    texts = ("at", "by", "action", "why", "changes", "previous", "hash")
    op.create_table(
        "audit", sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"), sqlite_strict=True,
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
            )
