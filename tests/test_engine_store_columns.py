"""A column is described once, in the table classes: records, statements and the values of the rules follow them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from engine.deadlines.clock import Clock
from engine.journal.chain import ChainRow, JournalEntry
from engine.journal.kept import ReplayedCase
from engine.rules.case import Case
from engine.store.case_columns import CaseRecord, JournalRecord
from engine.store.clock_columns import DeadlineRecord
from engine.store.statements import assigned, inserted, listed, marks
from engine.store.tables import metadata
from tools.store_columns import STORE, written
from tools.store_parts import parts_written
from tools.store_records import RECORDS

HOUSE = Path(__file__).resolve().parent.parent
PROGRAM = ("commands", "desk", "documents", "engine", "notifications", "presentation", "workflows")


@pytest.mark.parametrize("module", RECORDS)
def test_the_records_are_those_of_the_table_classes(module: str) -> None:
    """What stands in the store is what `python -m tools.store_columns` makes of the classes today."""
    assert (STORE / f"{module}.py").read_text(encoding="utf-8") == written(module)


def test_the_parts_are_those_that_migrations_make() -> None:
    """With what a file's tables are compared is what a fresh one is made of today."""
    assert (STORE / "parts.py").read_text(encoding="utf-8") == parts_written()


def test_every_module_of_columns_is_generated() -> None:
    """No module of records is written by hand."""
    assert {path.stem for path in STORE.glob("*_columns.py")} == set(RECORDS)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (listed(("id", "code")), "id, code"),
        (listed(("id", "code"), "c"), "c.id, c.code"),
        (listed(("id", "unit", "head"), "c", unit="u.code"), "c.id, u.code, c.head"),
        (inserted("grants", ("role", "unit_id")), "INSERT INTO grants (role, unit_id) VALUES (?, ?)"),
        (assigned(("state", "head")), "state = ?, head = ?"),
        (marks((7, 8, 9)), "?, ?, ?"),
    ],
)
def test_parts_of_statements_follow_the_fields(made: str, expected: str) -> None:
    """The lists of a statement have the order of the record's fields."""
    assert made == expected


TIES: dict[type[Any], tuple[type[Any], dict[str, str]]] = {
    Case: (
        CaseRecord,
        {"unit": "the unit's code, from its table", "fields": "JSON, parsed", "shape": "counts alone ask"},
    ),
    Clock: (
        DeadlineRecord,
        {
            "pauses": "of `ledger`, parsed",
            "extensions": "of `ledger`, parsed",
            "breaches": "of `ledger`, parsed",
            "lifted": "of `ledger`, parsed",
            "starts": "of `ledger`, parsed",
            "given_on": "of `ledger`, parsed",
            "term": "of `ledger`, parsed",
            "ledger": "JSON of the seven",
            "id": "none until it is written",
            "status": "an enumeration",
            "provisional": "a truth",
        },
    ),
    ChainRow: (JournalRecord, {"body": "the bytes of the text, which are hashed"}),
    JournalEntry: (JournalRecord, {"case": "the case's number, from its table"}),
}
"""Value of the rules -> the record it is made of, and the fields in which they differ, with the reason."""


@pytest.mark.parametrize("value", TIES)
def test_values_of_the_rules_have_the_fields_of_their_table(value: type[Any]) -> None:
    """A case, a clock and a journal entry hold each column of their table by its name and type, but for those named."""
    record, differing = TIES[value]
    held, stored = get_type_hints(value), get_type_hints(record)

    assert {name: kind for name, kind in held.items() if name not in differing} == {
        name: kind for name, kind in stored.items() if name not in differing
    }
    assert differing.keys() <= held.keys() | stored.keys()


def test_a_replayed_case_has_columns_of_the_cases() -> None:
    """What verifying compares has the names and types of the columns, but for what other tables say and for JSON."""
    held, stored = get_type_hints(ReplayedCase), get_type_hints(CaseRecord)
    others = {"unit", "parent", "first", "fields"}
    """Of joined tables, and the values as bytes of a text."""

    assert {name: kind for name, kind in held.items() if name not in others} == {
        name: stored[name] for name in held if name not in others
    }
    assert all(NoneType in get_args(held[name]) for name in others)


OUTSIDE = {
    "engine/store/tables.py": "describes them",
    "engine/store/migrations/versions/v0001_tables.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0002_lateness.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0012_shapes.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0013_unique_values.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0018_own_terms.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0019_changed.py": "a step that was taken stays as it was",
    "engine/store/migrations/versions/v0020_counts.py": "a step that was taken stays as it was",
    "engine/store/login_roles.py": "says which columns of a table a class of people may see or change",
    **{f"engine/store/{module}.py": "generated" for module in RECORDS},
}
"""Where lists of columns may stand."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each text of a module with its line; what is filled into it is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value


LIST = re.compile(
    r"(?:SELECT (?:DISTINCT )?|RETURNING |\bSET |INSERT INTO \w+ \()(.*?)(?:\)| FROM | WHERE |$)", re.DOTALL
)
COLUMN = re.compile(r"(?:\w+\.)?(\w+)(?: = .*)?")


TABLES = [{column.name for column in table.columns} for table in metadata.tables.values()]


def columns_listed(text: str) -> set[str]:
    """Return the columns of one table that a statement lists; nothing if it names only one or lists none."""
    for found in LIST.finditer(text):
        names = {each[1] for item in found[1].split(",") if (each := COLUMN.fullmatch(item.strip()))}
        for columns in TABLES:
            if len(names & columns) > 1:
                return names & columns
    return set()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT id, code FROM units", {"id", "code"}),
        ("SELECT DISTINCT c.id, c.number FROM cases c", {"id", "number"}),
        ("SELECT u.code, c.number, c.state FROM cases c", {"number", "state"}),
        ("INSERT INTO grants (officer_id, role) VALUES (?, ?)", {"officer_id", "role"}),
        ("UPDATE cases SET state = ?, head = ? WHERE id = ?", {"state", "head"}),
        ("UPDATE cases SET state = ? WHERE id = ? AND revision = ?", set()),
        ("DELETE FROM grants WHERE officer_id = ? AND role = ?", set()),
        ("SELECT {} FROM cases ORDER BY workflow, id", set()),
        ("SELECT count(*) FROM cases", set()),
    ],
)
def test_the_search_knows_a_list_of_columns(statement: str, expected: set[str]) -> None:
    """Lists that are read, inserted or set are found; single columns, conditions and orders are not lists."""
    assert columns_listed(statement) == expected


def test_no_list_of_columns_is_written_a_second_time() -> None:
    """Outside the table classes and what follows from them, no statement lists columns of a table."""
    found = {
        f"{path.relative_to(HOUSE)}:{line}": columns_listed(text)
        for room in PROGRAM
        for path in sorted((HOUSE / room).rglob("*.py"))
        if path.relative_to(HOUSE).as_posix() not in OUTSIDE
        for line, text in texts(path)
        if columns_listed(text)
    }

    assert found == {}


def test_the_rows_are_read_without_sqlalchemy() -> None:
    """Whoever only reads, and the daily writes, load neither SQLAlchemy nor pydantic."""
    rooms = ", ".join(f"engine.store.{path.stem}" for path in sorted(STORE.glob("*_rows.py")))
    script = f"import sys, {rooms}; print({{'sqlalchemy', 'sqlmodel', 'pydantic'}} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=HOUSE)

    assert said.stdout.strip() == "set()"
