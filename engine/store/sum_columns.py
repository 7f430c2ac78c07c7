"""Rows of sum_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class KeptSumRecord(NamedTuple):
    """What a block of cases comes to."""

    asked: str
    """Workflow, days, length of lists, and a digest of all else that decides the figures, as JSON."""
    block: int
    """The ids of its cases without their last bits."""
    cases: int
    """How many cases it had at the end of the period."""
    entries: int
    """How many rows their journals had."""
    kin: int
    """The same of the cases that they opened, and that opened them."""
    made_at: int
    sums: str
    """As JSON."""
