"""Clear to zero: the verdict, what left the scope, the answer as of a past day, frozen statements.

`verdict` counts, `record_checks` asks whether the record bears it, `frozen` keeps what was said.
"""

__all__ = [
    "frozen",
    "late_leads",
    "left_scope",
    "nearest",
    "pace",
    "past",
    "punctuality",
    "record_checks",
    "registered",
    "verdict",
]
