"""What the first letter of a number says of how a case came in: D3SX… came by telephone, X3SX… by letter."""

import re
from collections.abc import Mapping
from typing import Final

from engine.language import Text
from engine.workflow.model import Field, FieldType

_NUMBER: Final = re.compile(r"([DX])\d[A-Z]{2}\d{3,}")
"""As inspection groups number what they hand over; other letters and shapes say nothing."""
_WAYS: Final = {"D": "来电", "X": "来信"}
_NUMBERS: Final = ("external_number", "ledger_number")


def choice_of_number(field: Field, values: Mapping[str, object]) -> Text | None:
    """Return the choice that a row's number speaks for; only ever to be proposed."""
    if field.type is not FieldType.CHOICE:
        return None
    for name in _NUMBERS:
        found = _NUMBER.fullmatch(str(values.get(name, "")).upper())
        if found is not None:
            word = _WAYS[found[1]]
            return next((each.title for each in field.choices if word in each.also), None)
    return None
