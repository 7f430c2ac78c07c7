"""Clear to zero: the verdict, what left the scope, the answer as of a past day, frozen statements.

`verdict` counts, `checks` asks whether the record bears it, `frozen` keeps what was said.
"""

__all__ = ["checks", "frozen", "left_scope", "pace", "past", "verdict"]
