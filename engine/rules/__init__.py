"""Decisions: which steps a case can take, with which values, and why not.

Pure: a case, a declaration, values and an instant go in, a decision comes out. `machine` is the only
one that knows which step leads where, and moves cases by the library `transitions`.
"""

__all__ = [
    "amendments",
    "cache",
    "case",
    "computed_values",
    "gathered_values",
    "identities",
    "likely",
    "likeness",
    "machine",
    "moving",
    "naming",
    "openings",
    "paired_values",
    "questions",
    "readers",
    "reading_rights",
    "refusals",
    "related_cases",
    "required",
    "said_values",
    "shapes",
    "short_names",
    "signed_values",
    "transitions",
    "turns",
    "values",
]
