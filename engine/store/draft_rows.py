"""Rows of forms that were begun; statements only, no rules."""

from engine.store.case_columns import DraftRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed

_SAVE = (
    f"{inserted('drafts', DraftRecord._fields)} ON CONFLICT (officer, case_id, trigger)"
    f" DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in DraftRecord._fields[3:])}"
)
_SELECT = f"SELECT {listed(DraftRecord._fields)} FROM drafts"
_LOAD = f"{_SELECT} WHERE officer = ? AND case_id = ? AND trigger = ? AND at >= ?"
_OF = f"{_SELECT} WHERE officer = ? AND at >= ? ORDER BY at DESC, case_id, trigger"
_DROP = "DELETE FROM drafts WHERE officer = ? AND case_id = ? AND trigger = ?"
_EXPIRE = "DELETE FROM drafts WHERE at < ?"


def save(store: Store, row: DraftRecord) -> None:
    """Write a form as it stands, instead of what was kept of it before."""
    store.change(_SAVE, row)


def load(store: Store, officer: str, case_id: int, trigger: str, *, since: int) -> DraftRecord | None:
    """Return a form that was kept since an instant in microseconds since 1970 UTC; None if there is none."""
    row = store.one(_LOAD, (officer, case_id, trigger, since))
    return DraftRecord._make(row) if row else None


def of_officer(store: Store, officer: str, *, since: int) -> list[DraftRecord]:
    """Return the forms that an officer began and that were kept since an instant, the newest first."""
    return list(map(DraftRecord._make, store.query(_OF, (officer, since))))


def drop(store: Store, officer: str, case_id: int, trigger: str) -> None:
    """Forget a form."""
    store.change(_DROP, (officer, case_id, trigger))


def expire(store: Store, *, before: int) -> None:
    """Forget the forms that were kept last before an instant, in microseconds since 1970 UTC."""
    store.change(_EXPIRE, (before,))
