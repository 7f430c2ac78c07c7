"""Databases with rows in every table, and all that a database says of itself, to compare two."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings

import sqlalchemy as sa
from alembic.config import Config

from engine.store import schema
from engine.store.database import is_postgres

WORDS = "线索 “甲” 'O''Brien' \\ % ? :a {} 🐉\n\t行二 \u200b"
"""What a careless copy would change: quotes, marks of statements, wide and invisible characters."""

NOT_COMPARED = {"alembic_version", *schema.SEARCH}
"""Tables that hold nothing of their own."""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("secrecy", sa.Text, nullable=False, server_default="plain"))
        cases.alter_column("import_key", nullable=False, existing_type=sa.Text)
    with op.batch_alter_table("units") as units:
        units.drop_column("closed_at")


def downgrade() -> None:
    with op.batch_alter_table("units") as units:
        units.add_column(sa.Column("closed_at", sa.BigInteger, nullable=True))
    with op.batch_alter_table("cases") as cases:
        cases.alter_column("import_key", nullable=True, existing_type=sa.Text)
        cases.drop_column("secrecy")
"""
"""A step such as will come one day: on SQLite it rebuilds two tables that others refer to."""


@contextmanager
def seen(url: str) -> Iterator[sa.Connection]:
    """Look at a database through SQLAlchemy."""
    address = url.replace("postgresql://", "postgresql+psycopg://") if is_postgres(url) else f"sqlite:///{url}"
    database = sa.create_engine(address)
    try:
        with database.connect() as connection, catch_warnings():
            filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", sa.exc.SAWarning)
            yield connection
    finally:
        database.dispose()


def shape(url: str) -> dict[str, Any]:
    """Return all that the database says of its tables, in one order."""
    with seen(url) as connection:
        inspector = sa.inspect(connection)
        made_of = {} if is_postgres(url) else _expressions(connection)
        return {
            table: {
                "columns": {
                    c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)
                },
                "key": inspector.get_pk_constraint(table)
                | {"comment": None, "dialect_options": None},  # asked differently from version to version
                "references": sorted(map(repr, inspector.get_foreign_keys(table))),
                "unique": sorted(repr((u["name"], u["column_names"])) for u in inspector.get_unique_constraints(table)),
                "indexes": sorted(
                    repr((i["name"], i["column_names"], bool(i["unique"]), _condition(i)))
                    for i in inspector.get_indexes(table)
                ),
                "of expressions": made_of.get(table, []),
            }
            for table in sorted(inspector.get_table_names())
            if table not in NOT_COMPARED
        }


def _expressions(connection: sa.Connection) -> dict[str, list[str]]:
    """Return of each table of a file the indexes by what is made of columns, which SQLAlchemy does not see there."""
    asked = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%coalesce(%' ORDER BY name"
    found: dict[str, list[str]] = {}
    for table, sql in connection.exec_driver_sql(asked):
        found.setdefault(table, []).append(" ".join(sql.split()))
    return found


def fill(url: str) -> None:
    """Put two rows into every table, with values at the edges of what it can hold."""
    with seen(url) as connection:
        found = sa.MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name not in NOT_COMPARED:
                connection.execute(table.insert(), [_row(table, serial) for serial in (1, 2)])
        connection.commit()


def rows(url: str) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, as it stands."""
    with seen(url) as connection:
        found = sa.MetaData()
        found.reflect(connection)
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in found.sorted_tables
            if table.name not in NOT_COMPARED
        }


def with_step(folder: Path, step: str) -> Config:
    """Return Alembic's settings with one step more than the program has."""
    folder.mkdir(exist_ok=True)
    (folder / "v0003_later.py").write_text(step, encoding="utf-8")
    settings = schema.config()
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", f"engine.store:migrations/versions\n{folder}")
    return settings


def _condition(index: Any) -> str | None:
    """Return the condition of a partial index."""
    options = index.get("dialect_options", {})
    found = options.get("sqlite_where", options.get("postgresql_where"))
    return None if found is None else str(found)


def _row(table: sa.Table, serial: int) -> dict[str, object]:
    """Return a row that no other row of the table clashes with."""
    return {column.name: _value(column, serial) for column in table.columns}


def _value(column: sa.Column[Any], serial: int) -> object:
    """Return what stands in *column* of the row number *serial*."""
    if column.foreign_keys or column.name == "id":
        return serial
    if isinstance(column.type, sa.Text | sa.String):
        return f"{WORDS}{serial}"
    if column.name.endswith("_at") or column.name == "at":
        return 253_402_300_799_999_999 - serial  # the last microseconds of the year 9999
    return serial
