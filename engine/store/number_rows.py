"""Rows of the series that cases are numbered by; statements only, no rules."""

from collections.abc import Mapping

from engine.store.case_columns import CounterRecord
from engine.store.connection import Store
from engine.store.statements import inserted

_COUNT = (
    f"{inserted('counters', CounterRecord._fields)}"
    " ON CONFLICT (series) DO UPDATE SET last = counters.last + ? RETURNING last"
)


def foresee(store: Store, count: int, series: Mapping[str, int]) -> None:
    """Say that ids for *count* new cases and so many numbers of each series will be taken; inside `begin`."""
    taken = [(_COUNT, (each, wanted, wanted)) for each, wanted in series.items()]
    store.foresee(taken, reserved=("cases", count))


def next_serials(store: Store, series: str, count: int = 1) -> int:
    """Take *count* numbers of a series and return the first; without gaps because in the same commit."""
    return int(store.value(_COUNT, (series, count, count))) - count + 1
