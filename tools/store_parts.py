"""Writes `engine/store/parts.py` for `tools.store_columns`, from a fresh file of this version."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from engine.store import schema

_PARTS = '''"""Of which tables and indexes a SQLite file of this version is made: a digest of the statement of each.

Written by `python -m tools.store_columns` after a migration; to make a fresh file for each comparison takes a second.
"""

from collections.abc import Mapping
from typing import Final

PARTS: Final[Mapping[tuple[str, str], str]] = {'''


def parts_written() -> str:
    """Return the text of `parts`: of which tables and indexes a new SQLite file is made, by digest."""
    with tempfile.TemporaryDirectory(prefix="qingling-") as folder:
        fresh = str(Path(folder) / "fresh.db")
        schema.bring_up(fresh)
        with closing(sqlite3.connect(fresh)) as connection:
            found = schema.parts(connection)
    rows = (f'    ("{kind}", "{name}"): "{schema.digest_of_part(sql)}",' for (kind, name), sql in sorted(found.items()))
    return "\n".join([_PARTS, *rows, "}", ""])
