"""Decisions: which steps a case can take, with which values, and why not.

Pure: a case, a declaration, values and an instant go in, a decision comes out. `machine` is the only
module that knows the library `transitions`.
"""

__all__ = ["amendments", "cache", "case", "readers", "refusals", "transitions", "values"]
