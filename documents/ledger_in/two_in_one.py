"""Cells that may hold two leads: named, so that a person may part them; nothing is parted."""

import re
from collections.abc import Mapping
from typing import Final

from engine.workflow.model import Workflow

_BETWEEN: Final = re.compile(r"[、,，;；/\s]+")
_COUNTED: Final = re.compile(
    r"(?:^|[\n。；;：:])\s*(?:1[.、．)）](?!\d)|一、|①|[（(]一[)）]).+?"
    r"(?:[\n。；;])\s*(?:2[.、．)）](?!\d)|二、|②|[（(]二[)）])",
    re.DOTALL,
)
"""A first and a second thing, each counted."""


def two_in_one(workflow: Workflow, values: Mapping[str, object]) -> str | None:
    """Return the field whose cell may hold two leads: several numbers, or things counted one by one."""
    number = values.get(workflow.import_key) if workflow.import_key else None
    if number is not None:
        parts = [part for part in _BETWEEN.split(str(number)) if part]
        if len(parts) > 1 and all(any(sign.isdigit() for sign in part) for part in parts):
            return workflow.import_key
    said = values.get(workflow.summary)
    return workflow.summary if isinstance(said, str) and _COUNTED.search(said) else None
