"""A connection that sees only some cases: views of the connection's own stand in front of the tables.

Every statement of the store names its tables without a schema, and both databases look among a connection's own
(temporary) relations first. So whatever is read through such a connection, also by a statement that is written
later, is narrowed; nothing need remember to ask. Nothing is written through it.
"""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from engine.errors import RefusedError
from engine.journal.canonical import canonical
from engine.journal.house_events import RestrictionsChanged
from engine.language import Text
from engine.store.case_columns import CaseRecord
from engine.store.connection import Store, open_store

_OF_A_CASE = (
    "sealed_values", "questions", "asked_signatures", "attachments", "occurrences", "named_officers", "unique_values",
)  # fmt: skip
_WORD = str.maketrans({"'": "''"})


def open_narrowed(
    url: str,
    *,
    unit_ids: Iterable[int] | None,
    case_ids: Iterable[int],
    hidden: Mapping[int, str],
    masks: Mapping[int, str],
    officer: str,
) -> Store:
    """Open the ledger that *url* names, seeing only the cases of some units and some cases besides.

    The house's own rows are seen as well, but for those that say which cases are restricted, and of the outbox what
    goes to the officer; if cases of all units are seen, all of it that names no hidden case.

    Args:
        unit_ids: Units of which all cases are seen; None for all units.
        case_ids: Cases of other units that are seen.
        hidden: Ids and numbers of cases that are not seen all the same.
        masks: What is seen in place of the number of those among the hidden that are counted; all of them or none.
        officer: Code of the officer who reads.

    Raises:
        DatabaseError: As for `open_store`.
    """
    store = open_store(url)
    try:
        schema = "main" if store.dialect == "sqlite" else str(store.query("SELECT quote_ident(current_schema())")[0][0])
        store.change("CREATE TEMPORARY TABLE seen_besides (case_id BIGINT PRIMARY KEY)")
        store.change_many("INSERT INTO seen_besides (case_id) VALUES (?)", [(each,) for each in sorted(set(case_ids))])
        open_to_all = "{0}.id NOT IN (" + _listed(hidden) + ")"
        counted = "TRUE"
        if unit_ids is not None:
            besides = "EXISTS (SELECT 1 FROM seen_besides b WHERE b.case_id = {0}.id)"
            counted = f"({{0}}.unit_id IN ({_listed(unit_ids)}) OR {besides})"
        shown = f"({counted} AND {open_to_all})"
        counted = counted if masks else shown

        def of_cases(seen: str) -> str:
            return f"EXISTS (SELECT 1 FROM {schema}.cases v WHERE v.id = t.case_id AND {seen.format('v')})"

        views = {
            "reminders": f"EXISTS (SELECT 1 FROM {schema}.deadlines d JOIN {schema}.cases v ON v.id = d.case_id"
            f" WHERE d.id = t.deadline_id AND {counted.format('v')})",
            "outbox": _of_outbox(officer, hidden, whole=unit_ids is None),
            "journal": f"((t.case_id = 0 AND t.kind <> '{RestrictionsChanged.kind}') OR {of_cases(counted)})",
            "deadlines": of_cases(counted),
            **dict.fromkeys(_OF_A_CASE, of_cases(shown)),
            "drafts": f"t.officer = '{officer.translate(_WORD)}'",
            "cases": counted.format("t"),
        }
        for table, condition in views.items():
            columns = _masked(masks) if table == "cases" and masks else "*"
            store.change(f"CREATE TEMPORARY VIEW {table} AS SELECT {columns} FROM {schema}.{table} t WHERE {condition}")
        store.before_writing = _refuse
    except BaseException:
        store.close()
        raise
    return store


def _listed(ids: Iterable[int]) -> str:
    """Return ids for an IN; -1, which is none, if there are none."""
    return ", ".join(map(str, sorted(ids))) or "-1"


def _of_outbox(officer: str, hidden: Mapping[int, str], *, whole: bool) -> str:
    """Return which messages are seen."""
    mine = f"t.recipient = '{officer.translate(_WORD)}'"
    if not whole:
        return mine
    names = [f"t.payload LIKE '%{canonical(each).translate(_WORD)}%'" for each in hidden.values()]
    return f"({mine} OR NOT ({' OR '.join(names)}))" if names else "TRUE"


def _masked(masks: Mapping[int, str]) -> str:
    """Return the columns of cases with other words for some numbers."""
    words = " ".join(f"WHEN {case_id} THEN '{said.translate(_WORD)}'" for case_id, said in masks.items())
    number = f"CASE t.id {words} ELSE t.number END AS number"
    return ", ".join(number if each == "number" else f"t.{each}" for each in CaseRecord._fields)


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
