"""A connection that sees only some cases: views of the connection's own stand in front of the tables.

Every statement of the store names its tables without a schema, and both databases look among a connection's own
(temporary) relations first. So whatever is read through such a connection, also by a statement that is written
later, is narrowed; nothing need remember to ask. Nothing is written through it.
"""

from collections.abc import Iterable
from typing import NoReturn

from engine.errors import RefusedError
from engine.journal.canonical import canonical
from engine.language import Text
from engine.rules.case import Case
from engine.store.case_rows import CASE_COLUMNS, case_of
from engine.store.connection import Store, open_store

_OF_A_CASE = ("sealed_values", "questions", "attachments", "deadlines")


def open_narrowed(url: str, *, unit_ids: Iterable[int], case_ids: Iterable[int], officer: str) -> Store:
    """Open the ledger that *url* names, seeing only the cases of some units and some cases besides.

    The house's own rows are seen as well, and of the outbox what goes to the officer.

    Args:
        unit_ids: Units of which all cases are seen.
        case_ids: Cases of other units that are seen.
        officer: Code of the officer who reads.

    Raises:
        DatabaseError: As for `open_store`.
    """
    store = open_store(url)
    try:
        schema = "main" if store.dialect == "sqlite" else str(store.query("SELECT quote_ident(current_schema())")[0][0])
        word = str.maketrans({"'": "''"})
        units = ", ".join(map(str, sorted(unit_ids))) or "-1"
        store.change("CREATE TEMPORARY TABLE seen_besides (case_id BIGINT PRIMARY KEY)")
        store.change_many("INSERT INTO seen_besides (case_id) VALUES (?)", [(each,) for each in sorted(set(case_ids))])
        besides = "EXISTS (SELECT 1 FROM seen_besides b WHERE b.case_id = {0}.id)"
        seen = f"({{0}}.unit_id IN ({units}) OR {besides})"
        of_seen = f"EXISTS (SELECT 1 FROM {schema}.cases v WHERE v.id = t.case_id AND {seen.format('v')})"
        views = {
            "reminders": f"EXISTS (SELECT 1 FROM {schema}.deadlines d JOIN {schema}.cases v ON v.id = d.case_id"
            f" WHERE d.id = t.deadline_id AND {seen.format('v')})",
            "outbox": f"t.recipient = '{officer.translate(word)}'",
            "journal": f"(t.case_id = 0 OR {of_seen})",
            **dict.fromkeys(_OF_A_CASE, of_seen),
            "cases": seen.format("t"),
        }
        for table, condition in views.items():
            store.change(f"CREATE TEMPORARY VIEW {table} AS SELECT * FROM {schema}.{table} t WHERE {condition}")
        store.before_writing = _refuse
    except BaseException:
        store.close()
        raise
    return store


def cases_that_say(store: Store, words: str) -> list[Case]:
    """Return the cases with a value that holds *words* as a whole text; more than are meant where a list holds it."""
    statement = f"SELECT {CASE_COLUMNS} FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.fields LIKE ?"
    return [case_of(row) for row in store.query(statement, (f"%{canonical(words)}%",))]


def written_by(store: Store, officer: str) -> set[int]:
    """Return the ids of the cases whose journal has a row by that officer."""
    return set(store.column("SELECT DISTINCT j.case_id FROM journal j WHERE j.by = ? AND j.case_id > 0", (officer,)))


def wrote_in(store: Store, case_id: int, officer: str) -> bool:
    """Say whether the journal of a case has a row by that officer."""
    return store.one("SELECT 1 FROM journal j WHERE j.case_id = ? AND j.by = ? LIMIT 1", (case_id, officer)) is not None


def _refuse() -> NoReturn:
    """Refuse to write: what was not seen would be overlooked.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(Text("nothing is written through a reader's view", "查阅范围受限时不能写入"))
