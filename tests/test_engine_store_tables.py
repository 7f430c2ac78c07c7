"""Each table has the columns that are documented, and every path writes them in one way."""

import ast
import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine import store
from engine.store import access_rows, case_rows, digest_rows, number_rows, outbox_rows, search_rows, tables, unique_rows
from engine.store.database import is_postgres, open_postgres, open_sqlite
from engine.working_days.instants import instant, microseconds

COLUMNS = {
    "settings": "name value",
    "units": "id code name parent_id own_days closed_at",
    "officers": "id code name contact left_at",
    "grants": "officer_id role unit_id",
    "workflow_versions": "name version digest plain stored_at",
    "adopted": "kind name version digest plain shipped seq",
    "counters": "series last",
    "cases": (
        "id number workflow version state unit_id parent_id first_id dated_on opened_at changed_at clearance fields"
        " import_key revision head shape"
    ),
    "journal": "case_id seq at by kind from_state to_state clearance body hash",
    "tree_leaves": "position case_id seq",
    "tree_tiles": "level place root hashes",
    "checkpoints": "origin size made_at note",
    "sealed_values": "case_id field seq key_id ciphertext",
    "attachments": "case_id seq digest name size",
    "credentials": "seq officer way kept ended_at",
    "log_in_failures": "officer source failures last_at",
    "log_ins": "seq officer credential token seen_at until ended_at",
    "signatures": "case_id seq signature",
    "asked_signatures": "case_id field seq officer given_seq reminded_at",
    "named_officers": "officer case_id",
    "unique_values": "workflow field digest case_id",
    "kept_sums": "asked block cases entries kin made_at sums",
    "drafts": "officer case_id trigger typed revision at",
    "occurrences": "workflow recurs unit_id parent_id period case_id",
    "deadlines": (
        "id case_id name round status starts_at original_due_on due_on due_at ledger calendar provisional"
        " arming rung next_at ended_at met_on"
    ),
    "questions": "case_id field seq said state closed_seq",
    "reminders": "deadline_id rung arming level outcome due_at at",
    "outbox": (
        "id key kind recipient payload created_at status attempts next_try_at sent_at remark open_lines"
    ),
    "digest_lines": "deadline_id arming rung outbox_id",
}  # fmt: skip


def test_the_tables_are_those_that_are_documented() -> None:
    """No table is missing and none is there that nobody wrote down."""
    assert sorted(tables.metadata.tables) == sorted(COLUMNS)


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_its_columns(table: str) -> None:
    """Each table has the documented columns, in their order."""
    assert " ".join(column.name for column in tables.metadata.tables[table].columns) == COLUMNS[table]


def test_instants_dates_and_values_have_one_type_each() -> None:
    """Instants are whole numbers wide enough for microseconds, and local dates are text."""
    for table in tables.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_at") or column.name == "at":
                assert isinstance(column.type, sa.BigInteger), f"{table.name}.{column.name}"
            if column.name.endswith("_on"):
                assert isinstance(column.type, sa.Text), f"{table.name}.{column.name}"


def test_every_reference_to_a_row_is_indexed_or_small() -> None:
    """Whatever refers to a case or a deadline finds it by an index; the rest refer to few rows."""
    few = {"units", "officers"}
    for table in tables.metadata.tables.values():
        alone = (each for each in table.constraints if isinstance(each, (sa.PrimaryKeyConstraint, sa.UniqueConstraint)))
        led = {next(iter(index.columns)).name for index in (*table.indexes, *alone)}
        for key in table.foreign_keys:
            if key.column.table.name not in few and key.parent.name != "first_id":
                assert key.parent.name in led, f"{table.name}.{key.parent.name}"


INSTANTS = [
    datetime(2019, 6, 30, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=8))),
    datetime(2019, 7, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """Return a session of the models on each kind of database."""
    postgres = is_postgres(database_url)
    database = sa.create_engine(
        "postgresql+psycopg://" if postgres else "sqlite://",
        creator=lambda: open_postgres(database_url) if postgres else open_sqlite(database_url),
        poolclass=sa.pool.NullPool,
    )
    with Session(database) as opened:
        yield opened
    database.dispose()


@pytest.mark.parametrize("moment", INSTANTS, ids=str)
def test_an_instant_is_stored_in_one_way_by_every_path(session: Session, database_url: str, moment: datetime) -> None:
    """What the models write is read by plain statements as the same microseconds, and the other way round."""
    stored = microseconds(moment)
    with closing(open_postgres(database_url) if is_postgres(database_url) else open_sqlite(database_url)) as raw:
        raw.execute(
            f"INSERT INTO units (id, code, name, own_days, closed_at) VALUES (1, 'raw', '县一院', '{{}}', {stored})"
        )
        session.add(tables.UnitRow(id=2, code="model", name="县二院", own_days="{}", closed_at=stored))
        session.commit()

        kept = raw.execute("SELECT code, closed_at FROM units ORDER BY id").fetchall()
        same = raw.execute("SELECT count(DISTINCT closed_at) FROM units").fetchone()
        read = session.exec(select(tables.UnitRow.closed_at).order_by(col(tables.UnitRow.id))).all()

    assert kept == [("raw", stored), ("model", stored)]
    assert same == (1,)
    assert read == [stored, stored]
    assert instant(stored) == moment


MADE_FOR_ROLES = "ql_"
"""How the functions begin that only `database roles` makes; its own test asks them."""

WHOLE = {"backup", "database", "login_roles", "migrations", "narrowed", "restore", "schema", "table_copy"}
"""What handles a database as a whole, or makes tables of its own on the way, speaks each database's own words."""


_BEGIN = ("SELECT ", "INSERT ", "UPDATE ", "WITH ")


def statements() -> list[tuple[str, str]]:
    """Return every complete statement about rows that the store's modules hold, with the module's name."""
    found: set[tuple[str, str]] = set()
    for module in pkgutil.iter_modules(store.__path__):
        if module.name in WHOLE:
            continue
        loaded = importlib.import_module(f"engine.store.{module.name}")
        source = ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8"))
        inside_f_strings = {
            id(part) for node in ast.walk(source) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        texts = [value for value in vars(loaded).values() if isinstance(value, str)]
        texts += [
            node.value
            for node in ast.walk(source)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside_f_strings
        ]
        found |= {(module.name, text) for text in texts if text.startswith(_BEGIN) and r"\w" not in text}
    return sorted((module, text.replace("({})", "(?)").replace("{}", "")) for module, text in found)


OF_A_FILE = ("row_hash(", "rowid", "sqlite_stat1")
"""What only SQLite has, or its connection is given."""


@cache
def only_for(dialect: str) -> frozenset[str]:
    """Return the statements that a module keeps by dialect, and that are of this one."""
    other = {"sqlite", "postgresql"} - {dialect}
    modules = search_rows, case_rows, digest_rows, number_rows, outbox_rows, unique_rows
    kept = [each for module in modules for each in vars(module).values() if isinstance(each, dict)]
    return frozenset(each[dialect] for each in kept if other <= each.keys() and isinstance(each.get(dialect), str))


def test_the_search_for_statements_finds_them() -> None:
    """The next tests are not about an empty list."""
    assert len(statements()) >= 10


def test_every_statement_names_columns_that_exist_on_sqlite(sqlite_url: str) -> None:
    """SQLite can prepare every statement of the store: no table, column or function is misspelt."""
    with closing(open_sqlite(sqlite_url)) as connection:
        connection.execute(access_rows.TABLE)
        connection.execute("ANALYZE")  # makes the table of its statistics
        connection.create_function("row_hash", 2, max)  # the access log's own, beside its file
        for module, statement in statements():
            if any(each in statement for each in ("pg_", "to_regclass", "row_security", "%s", MADE_FOR_ROLES)):
                continue
            if statement in only_for("postgresql"):
                continue
            try:
                connection.execute(f"EXPLAIN {statement}", (None,) * statement.count("?"))
            except sqlite3.OperationalError as error:
                if "incomplete input" not in str(error):
                    pytest.fail(f"{module}: {statement}: {error}")


def test_every_statement_names_columns_that_exist_on_postgres(postgres_url: str) -> None:
    """PostgreSQL finds every table and column of the store's statements."""
    unfinished = (psycopg.errors.SyntaxError, psycopg.errors.IndeterminateDatatype)
    with closing(open_postgres(postgres_url)) as connection:
        connection.execute(access_rows.TABLE)
        for module, statement in statements():
            if MADE_FOR_ROLES in statement or statement in only_for("sqlite") or statement.endswith(" "):
                continue  # what ends so is put together
            if any(each in statement for each in OF_A_FILE):
                continue
            parts = statement.split("?")
            numbered = parts[0] + "".join(f"${serial}{part}" for serial, part in enumerate(parts[1:], 1))
            try:
                connection.execute(f"PREPARE asked AS {numbered}".encode())
                connection.execute("DEALLOCATE asked")
            except psycopg.Error as error:
                if not isinstance(error, unfinished):
                    pytest.fail(f"{module}: {statement}: {error}")
