"""Rows of the words by which cases are found; statements only, no rules.

On SQLite an index of FTS5 that keeps no text of its own: a row is taken out by saying again what it was found by. On
PostgreSQL a column of words with an index over them. To write a single row into either costs a step a tenth of its
time; so the commit only notes whose words are not in the index yet, and hundreds are taken in at once later. Until
then they are compared one by one. Both are asked together with the cases, so that a view that shows a reader only some
cases narrows them, too.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from engine.journal.canonical import parsed
from engine.rules.case import Case
from engine.store.case_columns import CaseWords
from engine.store.connection import Store
from engine.store.database import Connection
from engine.store.search_words import differ, joined, wanted, words_of
from engine.store.statements import listed

_AT_ONCE: Final = 5_000
_NOTE_NEW: Final = "INSERT INTO search_pending (case_id, was) VALUES (?, ?)"
_NOTE: Final = f"{_NOTE_NEW} ON CONFLICT (case_id) DO NOTHING"
_TAKE: Final = (
    "DELETE FROM search_pending WHERE case_id IN (SELECT case_id FROM search_pending ORDER BY case_id LIMIT ?)"
    " RETURNING case_id, was"
)
_ADD: Final = {
    "sqlite": "INSERT INTO search (rowid, words) VALUES (?, ?)",
    "postgresql": "INSERT INTO search (case_id, words) VALUES (?, ?)",
}
_TAKE_OUT: Final = {
    "sqlite": "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)",
    "postgresql": "DELETE FROM search WHERE case_id = ANY (?)",
}
_EMPTY: Final = {
    "sqlite": "INSERT INTO search (search) VALUES ('delete-all')",
    "postgresql": "DELETE FROM search",
}
_THERE: Final = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'search'",
    "postgresql": "SELECT 1 FROM pg_class WHERE relname = 'search' AND relnamespace = current_schema()::regnamespace",
}
_FOUND: Final = {
    "sqlite": "SELECT c.id FROM search s JOIN cases c ON c.id = s.rowid WHERE s.search MATCH ? AND s.rowid > ?",
    "postgresql": "SELECT c.id FROM search s JOIN cases c ON c.id = s.case_id"
    " WHERE s.words @@ CAST(? AS tsquery) AND s.case_id > ?",
}
_WORDS: Final = f"SELECT {listed(CaseWords._fields)} FROM cases"
_PENDING: Final = "SELECT c.id FROM search_pending p JOIN cases c ON c.id = p.case_id WHERE p.case_id > ?"


def begin(store: Store, cases: Iterable[Case]) -> None:
    """Note that the words of new cases are to be taken in; inside `begin`."""
    store.change_many(_NOTE_NEW, [(each.id, None) for each in cases])


def follow(store: Store, changed: Iterable[tuple[int, Mapping[str, object], Mapping[str, object]]]) -> None:
    """Note the cases whose words have changed: id of each, values before and values after; inside `begin`."""
    note(store, [(case_id, old) for case_id, old, new in changed if differ(old, new)])


def note(store: Store, changed: Iterable[tuple[int, Mapping[str, object]]]) -> None:
    """Note cases whose words have changed: id of each, and values before; inside `begin`."""
    rows = [(case_id, joined(old)) for case_id, old in changed]
    if rows:
        store.change_many(_NOTE, rows)


def take_in(store: Store, *, limit: int) -> int:
    """Take the words of cases into the index; inside `begin`. Return how many cases it were."""
    rows = {int(case_id): was for case_id, was in store.query(_TAKE, (limit,))}
    if not rows:
        return 0
    ids = sorted(rows)
    if store.dialect == "sqlite":
        # This index keeps no texts: a case is taken out of it only by the very words that went in.
        store.change_many(_TAKE_OUT["sqlite"], [(each, words_of(rows[each])) for each in ids if rows[each] is not None])
    else:
        store.change(_TAKE_OUT["postgresql"], (ids,))
    new: list[tuple[int, str]] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        asked = f"{_WORDS} WHERE id IN ({', '.join('?' * len(part))}) ORDER BY id"
        new += [(each.id, _words(each.fields)) for each in map(CaseWords._make, store.query(asked, part))]
    store.change_many(_ADD[store.dialect], new)
    return len(ids)


def found(
    store: Store,
    terms: Sequence[str],
    *,
    workflow: str,
    unit_id: int | None = None,
    state: str | None = None,
    open_only: bool = False,
    after_id: int = 0,
    limit: int,
) -> list[int]:
    """Return the ids of cases that may hold some words, in order; the caller compares what they hold.

    Args:
        terms: As `search_words.terms_of` gives them; at least one of their characters is a letter or a digit.
    """
    narrowed, more = "", list[str | int]()
    conditions: tuple[tuple[str, str | int | None], ...]
    conditions = ("workflow", workflow), ("unit_id", unit_id), ("state", state)
    for column, value in conditions:
        if value is not None:
            narrowed += f" AND c.{column} = ?"
            more.append(value)
    if open_only:
        narrowed += " AND c.clearance = 0"
    order = "s.rowid" if store.dialect == "sqlite" else "c.id"
    indexed = f"{_FOUND[store.dialect]}{narrowed} ORDER BY {order} LIMIT ?"
    pending = f"{_PENDING}{narrowed} ORDER BY p.case_id LIMIT ?"
    ids = set(store.column(indexed, (_query(store, terms), after_id, *more, limit)))
    # Cases whose words are still to be taken in may hold anything, so that none of them is missed.
    return sorted(ids.union(store.column(pending, (after_id, *more, limit))))[:limit]


def _query(store: Store, terms: Sequence[str]) -> str:
    """Return a search as the database asks it; words are letters and digits, so nothing in them is a sign."""
    if store.dialect == "sqlite":
        return " ".join(f'"{word}"{"*" * begins}' for word, begins in wanted(terms))
    return " & ".join(f"'{word}'{':*' * begins}" for word, begins in wanted(terms))


def rebuild(connection: Connection) -> None:
    """Take in the words of all cases; inside a transaction. Nothing if there is no such table."""
    on_sqlite = isinstance(connection, sqlite3.Connection)
    dialect = "sqlite" if on_sqlite else "postgresql"
    if connection.execute(_THERE[dialect]).fetchone() is None:
        return
    connection.execute(_EMPTY[dialect])
    connection.execute("DELETE FROM search_pending")
    mark = "?" if on_sqlite else "%s"
    asked = f"{_WORDS} WHERE id > {mark} ORDER BY id LIMIT {_AT_ONCE}"
    add = _ADD[dialect].replace("?", mark)
    last = 0
    while cases := list(map(CaseWords._make, connection.execute(asked, (last,)).fetchall())):
        connection.cursor().executemany(add, [(each.id, _words(each.fields)) for each in cases])
        last = cases[-1].id


def _words(fields: str) -> str:
    """Return by what a stored case is found; nothing if its row cannot be read, which is said elsewhere."""
    try:
        return words_of(joined(parsed(fields)))
    except (ValueError, AttributeError):
        return ""
