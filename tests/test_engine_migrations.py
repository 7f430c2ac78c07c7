"""The steps add up to the models, and rows come through every step as they were."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from engine import models, schema
from engine.errors import DatabaseError
from engine.migrations import versions
from engine.places import Connection, is_postgres, open_postgres, open_sqlite, sqlite_file

WORDS = "线索 “甲” 'O''Brien' \\ % ? :a {} 🐉\n\t行二 \u200b"
"""What a careless copy would change: quotes, marks of statements, wide and invisible characters."""


@contextmanager
def seen(url: str) -> Iterator[sa.Connection]:
    """Look at a database through SQLAlchemy."""
    address = url.replace("postgresql://", "postgresql+psycopg://") if is_postgres(url) else f"sqlite:///{url}"
    database = sa.create_engine(address)
    try:
        with database.connect() as connection:
            yield connection
    finally:
        database.dispose()


@contextmanager
def lent(url: str) -> Iterator[Connection]:
    """Open a database of any version."""
    with closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        yield connection


def shape(url: str) -> dict[str, Any]:
    """Return all that the database says of its tables, in one order."""
    with seen(url) as connection:
        inspector = sa.inspect(connection)
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
            }
            for table in sorted(inspector.get_table_names())
            if table != "alembic_version"
        }


def _condition(index: Any) -> str | None:
    """Return the condition of a partial index."""
    options = index.get("dialect_options", {})
    found = options.get("sqlite_where", options.get("postgresql_where"))
    return None if found is None else str(found)


def fill(url: str) -> None:
    """Put two rows into every table, with values at the edges of what it can hold."""
    with seen(url) as connection:
        found = sa.MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert(), [_row(table, serial) for serial in (1, 2)])
        connection.commit()


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


def rows(url: str) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, as it stands."""
    with seen(url) as connection:
        found = sa.MetaData()
        found.reflect(connection)
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


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

BREAKING = """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("DELETE FROM units WHERE id = 2")
"""
"""A step that forgets the rows which refer to what it takes away."""


def with_step(folder: Path, step: str) -> Config:
    """Return Alembic's settings with one step more than the program has."""
    folder.mkdir(exist_ok=True)
    (folder / "v0002_later.py").write_text(step, encoding="utf-8")
    settings = schema.config()
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", f"engine:migrations/versions\n{folder}")
    return settings


def test_head_is_the_newest_step() -> None:
    """The version that the everyday commands compare with is the last step's, and the steps are one line."""
    script = ScriptDirectory.from_config(schema.config())

    assert script.get_heads() == [schema.HEAD]
    assert all(len(step.revision) == len(schema.HEAD) for step in script.walk_revisions())


def test_the_steps_are_package_data() -> None:
    """Everything Alembic reads lies in the package, each step under its number."""
    folder = resources.files("engine.migrations")
    names = [Path(str(step)).name for step in resources.files(versions).iterdir() if step.name.startswith("v")]

    assert (folder / "env.py").is_file()
    assert (folder / "script.py.mako").is_file()
    assert max(names).startswith(f"v{schema.HEAD}_")


def test_the_names_of_constraints_are_those_of_the_models() -> None:
    """A rebuild names constraints as the models do."""
    env = resources.files("engine.migrations").joinpath("env.py").read_text(encoding="utf-8")

    assert all(f'"{kind}": "{form}"' in env for kind, form in models.NAMING.items())


def test_the_sum_of_the_steps_is_the_models(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Tables, columns, keys, references, indexes and their conditions are those that the models declare."""
    declared = str(tmp_path / "declared.db")
    if is_postgres(database_url):
        declared = str(request.getfixturevalue("empty_postgres_url"))
    with seen(declared) as connection:
        models.metadata.create_all(connection)
        connection.commit()

    assert shape(database_url) == shape(declared)


def test_the_comparison_sees_a_condition(database_url: str) -> None:
    """An index without its condition would be noticed: the comparison above is not blind."""
    before = shape(database_url)
    with lent(database_url) as connection:
        connection.execute("DROP INDEX ix_cases_open")
        connection.execute("CREATE INDEX ix_cases_open ON cases (workflow, unit_id, state)")

    assert "clearance = 0" in str(before["cases"]["indexes"])
    assert shape(database_url) != before


def test_rows_come_through_every_step(empty_url: str, tmp_path: Path) -> None:
    """Filled at each version and brought up and back, every row keeps every column both versions have."""
    settings = with_step(tmp_path / "later", SECOND)
    if not is_postgres(empty_url):
        schema._make(sqlite_file(empty_url))
    with lent(empty_url) as connection:
        schema.migrate(connection, empty_url, "0001", settings)
        fill(empty_url)
        first = rows(empty_url), shape(empty_url)
        schema.migrate(connection, empty_url, "head", settings)
        second = rows(empty_url), shape(empty_url)
        schema.migrate(connection, empty_url, "0001", settings)
        third = rows(empty_url), shape(empty_url)

    changed = {"cases": {"secrecy": "plain"}, "units": {}}
    expected = {table: [row | changed.get(table, {}) for row in found] for table, found in first[0].items()}
    for row in expected["units"]:
        del row["closed_at"]
    assert second[0] == expected
    assert third[0] == first[0] | {"units": [row | {"closed_at": None} for row in first[0]["units"]]}
    assert second[1]["cases"]["indexes"] == first[1]["cases"]["indexes"]
    assert second[1]["cases"]["references"] == first[1]["cases"]["references"]
    assert third[1] == first[1]


def test_a_step_that_breaks_a_reference_is_undone(empty_url: str, tmp_path: Path) -> None:
    """A step after which a row refers to nothing is refused whole, on SQLite too."""
    schema.bring_up(empty_url)
    fill(empty_url)
    before = rows(empty_url)

    with lent(empty_url) as connection:
        with pytest.raises((DatabaseError, sa.exc.IntegrityError)):
            schema.migrate(connection, empty_url, "head", with_step(tmp_path / "later", BREAKING))
        assert schema.version_of(connection) == "0001"

    assert rows(empty_url) == before


def test_a_version_that_has_no_step_is_refused(database_url: str) -> None:
    """A database of a newer program is not brought anywhere."""
    with lent(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        with pytest.raises(DatabaseError, match="0999"):
            schema.migrate(connection, database_url)


def test_nothing_lies_below_the_first_version(database_url: str) -> None:
    """Going back from the first version is refused, since it would throw the ledger away."""
    fill(database_url)
    before = rows(database_url)

    with lent(database_url) as connection, pytest.raises(DatabaseError) as refused:
        schema.migrate(connection, database_url, "base")

    assert "no version below the first" in refused.value.sentence.en
    assert rows(database_url) == before
