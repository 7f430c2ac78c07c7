"""Rows of signatures that were asked for and stand; statements only, no rules."""

from collections.abc import Iterable

from engine.store.case_columns import AskedSignatureRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed

_INSERT = inserted("asked_signatures", AskedSignatureRecord._fields)
_SELECT = f"SELECT {listed(AskedSignatureRecord._fields)} FROM asked_signatures"
OF_CASE = f"{_SELECT} WHERE case_id = ? ORDER BY seq, field"
"""What `of_case` asks."""
_WAITING = f"{_SELECT} WHERE given_seq IS NULL"
OF_OFFICER = f"{_WAITING} AND officer = ? ORDER BY case_id, seq, field"
"""What `waiting_for` asks."""
_ALL = f"{_SELECT} ORDER BY case_id, seq, field"
_GIVE = "UPDATE asked_signatures SET given_seq = ? WHERE case_id = ? AND field = ?"
_REMIND = "UPDATE asked_signatures SET reminded_at = ? WHERE case_id = ? AND field = ?"
_END = "DELETE FROM asked_signatures WHERE case_id = ? AND field = ?"


def ask(store: Store, row: AskedSignatureRecord) -> None:
    """Write one that is asked for."""
    store.change(_INSERT, row)


def give(store: Store, case_id: int, field: str, seq: int) -> None:
    """Write that the row *seq* of its journal gave one."""
    store.change(_GIVE, (seq, case_id, field))


def reminded(store: Store, case_id: int, field: str, at: int) -> None:
    """Write when who is to sign was last written to; microseconds since 1970 UTC."""
    store.change(_REMIND, (at, case_id, field))


def end(store: Store, case_id: int, fields: Iterable[str]) -> None:
    """Let some of a case stand no more: declined, void or used by their step."""
    for field in fields:
        store.change(_END, (case_id, field))


def of_case(store: Store, case_id: int) -> list[AskedSignatureRecord]:
    """Return those of a case, in the order in which they were asked."""
    return list(map(AskedSignatureRecord._make, store.query(OF_CASE, (case_id,))))


def waiting_for(store: Store, officer: str) -> list[AskedSignatureRecord]:
    """Return those that an officer has not given yet, by case."""
    return list(map(AskedSignatureRecord._make, store.query(OF_OFFICER, (officer,))))


def standing(store: Store) -> list[AskedSignatureRecord]:
    """Return all that stand, given or not, by case."""
    return list(map(AskedSignatureRecord._make, store.query(_ALL)))
