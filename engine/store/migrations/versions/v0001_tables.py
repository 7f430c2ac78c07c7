"""Make the tables.

Written by hand; tests/test_engine_store_migrations.py compares the sum of all steps with engine/store/tables.py.
Numbers counted up by SQLite need no AUTOINCREMENT: no row is ever deleted, so none is given twice.
"""

import sqlalchemy as sa
from alembic import op

from engine.errors import DatabaseError
from engine.language import Text

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables: first what all others refer to."""
    _make_house()
    _make_cases()
    _make_histories()
    _make_deadlines()


def downgrade() -> None:
    """Refuse: what is below the first version is no ledger, and nothing is ever deleted."""
    raise DatabaseError(
        Text(
            "there is no version below the first; to begin again, choose another file: qingling init",
            "首个版本之前没有版本；如需重新开始，请另选文件：qingling init",
        )
    )


def _make_house() -> None:
    """Make what stands before any case: settings, units, officers, kept declarations, counters."""
    op.create_table(
        "settings",
        _words("name"),
        _words("value"),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "units",
        _counted(),
        _words("code"),
        _words("name"),
        sa.Column("parent_id", KEY, nullable=True),
        _words("own_days"),
        _instant("closed_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("code", name="uq_units_code"),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name="fk_units_parent_id"),
    )
    op.create_table(
        "officers",
        _counted(),
        _words("code"),
        _words("name"),
        _words("contact"),
        _instant("left_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
        sa.UniqueConstraint("code", name="uq_officers_code"),
    )
    op.create_table(
        "grants",
        _key("officer_id"),
        _words("role"),
        _key("unit_id"),
        sa.PrimaryKeyConstraint("officer_id", "role", "unit_id", name="pk_grants"),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_grants_officer_id"),
    )
    op.create_table(
        "workflow_versions",
        _words("name"),
        _number("version"),
        _words("digest"),
        _words("plain"),
        _instant("stored_at"),
        sa.PrimaryKeyConstraint("name", "version", name="pk_workflow_versions"),
    )
    op.create_table(
        "counters",
        _words("series"),
        _number("last"),
        sa.PrimaryKeyConstraint("series", name="pk_counters"),
    )


def _make_cases() -> None:
    """Make the cases."""
    op.create_table(
        "cases",
        _counted(),
        _words("number"),
        _words("workflow"),
        _number("version"),
        _words("state"),
        _key("unit_id"),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("first_id", KEY, nullable=True),
        _words("dated_on"),
        _instant("opened_at"),
        _instant("changed_at"),
        _code("clearance"),
        _words("fields"),
        _words("import_key", null=True),
        _number("revision"),
        _words("head"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_cases_unit_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["cases.id"], name="fk_cases_parent_id"),
        sa.ForeignKeyConstraint(["first_id"], ["cases.id"], name="fk_cases_first_id"),
    )
    op.create_index("ix_cases_workflow_unit_state", "cases", ["workflow", "unit_id", "state"])
    _index_some("ix_cases_open", "cases", ["workflow", "unit_id", "state"], "clearance = 0")
    _index_some("ix_cases_parent", "cases", ["parent_id"], "parent_id IS NOT NULL")
    _index_some("ix_cases_first", "cases", ["first_id"], "first_id IS NOT NULL")
    _index_some("ix_cases_key", "cases", ["workflow", "unit_id", "import_key"], "import_key IS NOT NULL")


def _make_histories() -> None:
    """Make what belongs to cases: journal, sealed values, files."""
    op.create_table(
        "journal",
        _key("case_id"),
        _number("seq"),
        _instant("at"),
        _words("by"),
        _words("kind"),
        _words("from_state", null=True),
        _words("to_state", null=True),
        _code("clearance"),
        _words("body"),
        _words("hash"),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_table(
        "sealed_values",
        _key("case_id"),
        _words("field"),
        _number("seq"),
        _words("key_id"),
        _words("ciphertext"),
        sa.PrimaryKeyConstraint("case_id", "field", "seq", name="pk_sealed_values"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_sealed_values_case_id"),
    )
    op.create_table(
        "attachments",
        _key("case_id"),
        _number("seq"),
        _words("digest"),
        _words("name"),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_attachments"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_attachments_case_id"),
    )


def _make_deadlines() -> None:
    """Make the deadlines, the rungs taken, and the messages promised."""
    op.create_table(
        "deadlines",
        _counted(),
        _key("case_id"),
        _words("name"),
        _number("round"),
        _code("status"),
        _instant("starts_at"),
        _words("original_due_on"),
        _words("due_on"),
        _instant("due_at", null=True),
        _words("ledger"),
        _words("calendar"),
        _code("provisional"),
        _number("arming"),
        _number("rung"),
        _instant("next_at", null=True),
        _instant("ended_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_deadlines"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_deadlines_case_id"),
    )
    _index_some("ix_deadlines_next", "deadlines", ["next_at"], "status = 0")
    _index_some("ix_deadlines_due", "deadlines", ["due_on"], "status = 0")
    op.create_index("ix_deadlines_case", "deadlines", ["case_id", "name"])
    op.create_table(
        "reminders",
        _key("deadline_id"),
        _number("rung"),
        _number("arming"),
        _words("level"),
        _words("outcome"),
        _instant("due_at"),
        _instant("at"),
        sa.PrimaryKeyConstraint("deadline_id", "rung", "arming", name="pk_reminders"),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadlines.id"], name="fk_reminders_deadline_id"),
    )
    op.create_table(
        "outbox",
        _counted(),
        _words("key"),
        _words("kind"),
        _words("recipient"),
        _words("payload"),
        _instant("created_at"),
        _code("status"),
        _number("attempts"),
        _instant("next_try_at"),
        _instant("sent_at", null=True),
        _words("remark", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    _index_some("ix_outbox_next", "outbox", ["next_try_at"], "status = 0")


def _counted() -> sa.Column[int]:
    """Return a primary key that the database counts up."""
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _key(name: str) -> sa.Column[int]:
    """Return a column that refers to a counted key."""
    return sa.Column(name, KEY, autoincrement=False, nullable=False)


def _words(name: str, *, null: bool = False) -> sa.Column[str]:
    """Return a column for text of any length."""
    return sa.Column(name, sa.Text, nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[int]:
    """Return a column for an instant, in microseconds since 1970 UTC."""
    return sa.Column(name, sa.BigInteger, nullable=null)


def _number(name: str) -> sa.Column[int]:
    """Return a column for a count."""
    return sa.Column(name, sa.Integer, autoincrement=False, nullable=False)


def _code(name: str) -> sa.Column[int]:
    """Return a column for one of a few values."""
    return sa.Column(name, sa.SmallInteger, nullable=False)


def _index_some(name: str, table: str, columns: list[str], condition: str) -> None:
    """Index the rows of *table* for which *condition* holds."""
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
