"""The writes of a commit as one statement of PostgreSQL: it is a transaction by itself, and one message.

What must touch its row goes first, and all else reads whether it did: of two writers the second waits there, finds
the row changed and fails, before anything of its own is written. All parts see one state of the database, so no two of
them may touch the same row.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from engine.store.dialects import PLAIN_INSERT, PLAIN_UPDATE

MOST: Final = 12
"""Parts that are put together; more are sent one by one, in one round trip all the same."""
_KEPT: Final = 512
_MET: Final = "met AS (SELECT 1 / (count(*) = 1)::int AS fine FROM p0)"
"""Fails unless the first part has touched one row."""


def in_one(parts: Sequence[tuple[str, Sequence[object]]]) -> bytes | None:
    """Return one statement for *parts*, with numbered marks (`$1`) for all values; None if they do not fit together.

    The driver takes such marks as they are; those for every other statement it would look for each time in one so long.

    Args:
        parts: Statements with their values. The first is one that must touch one row.
    """
    if not 2 <= len(parts) <= MOST:
        return None
    touched = [(statement, values[-1]) for statement, values in parts[1:] if statement.startswith("UPDATE")]
    if len(set(touched)) < len(touched):
        return None
    return _put_together(tuple(statement for statement, _ in parts))


@lru_cache(maxsize=_KEPT)
def _put_together(statements: tuple[str, ...]) -> bytes | None:
    """Return them as one; None if one is of another form, or two might touch the same row."""
    counted, *others = statements
    if not counted.startswith("UPDATE"):
        return None
    parts = [f"p0 AS ({counted} RETURNING 1)", _MET]
    updated = {counted.split()[1]: counted}
    for place, each in enumerate(others, start=1):
        if insert := PLAIN_INSERT.fullmatch(each):
            marks = ", ".join("?" * each.count("?"))
            parts.append(f"p{place} AS (INSERT INTO {insert[1]} ({insert[2]}) SELECT {marks} FROM met{insert[3]})")
        elif (update := PLAIN_UPDATE.fullmatch(each)) and updated.setdefault(update[1], each) == each != counted:
            parts.append(f"p{place} AS ({each} AND (SELECT fine FROM met) = 1)")
        else:
            return None
    before, *pieces = f"WITH {', '.join(parts)} SELECT fine FROM met".split("?")
    return "".join((before, *(f"${place}{each}" for place, each in enumerate(pieces, start=1)))).encode()
