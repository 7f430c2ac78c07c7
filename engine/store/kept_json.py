"""JSON that stands in rows of the house; what cannot be read was changed by hand, and is named."""

import json
from typing import Any

from engine.errors import DatabaseError
from engine.language import Text


def parsed_text(text: str, table: str, of: str) -> Any:
    """Return what a stored text says.

    Args:
        of: Which row of the table holds it.

    Raises:
        DatabaseError: If it is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError:
        raise DatabaseError(
            Text(
                f"row '{of}' of table {table} cannot be read: it was changed by hand; restore a backup:"
                " qingling restore",
                f"数据表 {table} 中“{of}”一行无法读取：被直接改动过；请恢复备份：qingling restore",
            )
        ) from None
