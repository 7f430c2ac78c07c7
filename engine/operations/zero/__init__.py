"""Clear to zero: the verdict, what left the scope, the answer as of a past day, frozen statements, and forecasts.

`verdict` counts, `blocking` says what each case lacks that blocks, `record_checks` asks whether the record bears it,
`frozen` keeps what was said, `outlook` looks ahead.
"""

__all__ = [
    "blocking",
    "counted_wrong",
    "frozen",
    "late_leads",
    "left_scope",
    "nearest",
    "outlook",
    "pace",
    "past",
    "punctuality",
    "record_checks",
    "registered",
    "verdict",
]
