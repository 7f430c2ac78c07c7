"""Values that stand in a declaration as they are, and those that an expression comes to (`"=expression"`)."""

from collections.abc import Mapping
from typing import Final

STANDING_NAMES: Final = ("state", "number", "unit", "by", "today", "parent", "came_from")
"""What every expression may name besides the fields of its workflow."""

OF_CHILDREN: Final = ("total", "earliest", "latest")
"""The filters over children that name a field: its sum, its first and its last day."""

COUNTS_DAYS: Final = "(after)"
"""What counts days for the filter `after` stands in the scope under this; no expression can name it."""


def literal(sets: Mapping[str, object]) -> dict[str, object]:
    """Return the values that stand there as they are, without those that set nothing."""
    return {name: value for name, value in sets.items() if value is not None and _source(value) is None}


def computed(sets: Mapping[str, object]) -> dict[str, str]:
    """Return the expressions by the field that each sets."""
    return {name: source for name, value in sets.items() if (source := _source(value)) is not None}


def is_copied(source: str) -> bool:
    """Say whether an expression is no more than the name of a field."""
    return source.isidentifier() and source not in STANDING_NAMES


def _source(value: object) -> str | None:
    """Return the expression that a declared value writes; None if it stands for itself."""
    return value[1:].strip() if isinstance(value, str) and value.startswith("=") else None
