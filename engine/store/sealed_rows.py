"""Rows of sealed values; what is sealed there only the custodian's key opens. Statements only."""

from collections.abc import Sequence

from engine.store.case_columns import SealedRecord, SealedValue
from engine.store.connection import Store
from engine.store.statements import assigned, inserted, listed

_SEALED = f"SELECT {listed(SealedValue._fields)} FROM sealed_values WHERE case_id = ? ORDER BY field, seq"
_SEAL = inserted("sealed_values", SealedRecord._fields)
_SEALED_CASES = "SELECT DISTINCT case_id FROM sealed_values ORDER BY case_id"
_DESTROY = "DELETE FROM sealed_values WHERE case_id = ?"
_RESEAL = f"UPDATE sealed_values SET {assigned(SealedRecord._fields[3:])} WHERE case_id = ? AND field = ? AND seq = ?"


def keep_sealed(store: Store, rows: Sequence[SealedRecord]) -> None:
    """Write sealed values."""
    if rows:
        store.change_many(_SEAL, rows)


def sealed(store: Store, case_id: int) -> list[SealedValue]:
    """Return the sealed values of one case, by field and journal row."""
    return list(map(SealedValue._make, store.query(_SEALED, (case_id,))))


def sealed_cases(store: Store) -> list[int]:
    """Return the ids of the cases in which something is sealed."""
    return store.column(_SEALED_CASES)


def reseal(store: Store, case_id: int, value: SealedValue, *, key_id: str, ciphertext: str) -> None:
    """Write a sealed value as it is sealed to another key; the former ciphertext goes; inside `begin`."""
    store.change(_RESEAL, (key_id, ciphertext, case_id, value.field, value.seq))


def destroy_sealed(store: Store, case_id: int) -> None:
    """Remove the sealed values of a case; inside `begin`. What they leave in the file, `scrub` removes."""
    store.change(_DESTROY, (case_id,))
