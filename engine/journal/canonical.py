"""JSON in the one way in which it is stored and hashed; sole place that knows orjson.

Equal values give equal texts: sorted keys, no spaces, nothing escaped that need not be.
"""

import json
import math
from types import NoneType
from typing import Any, Final

from orjson import (
    OPT_PASSTHROUGH_DATACLASS,
    OPT_PASSTHROUGH_DATETIME,
    OPT_SORT_KEYS,
    JSONEncodeError,
    dumps,
    loads,
)

_AS_STORED: Final = OPT_SORT_KEYS | OPT_PASSTHROUGH_DATACLASS | OPT_PASSTHROUGH_DATETIME
_spelt_out = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
"""For the few values that the fast writer refuses, such as whole numbers beyond 64 bits."""


_NO_FLOATS: Final = frozenset({str, int, bool, NoneType})
"""What most values are."""


def canonical(value: object) -> str:
    """Return *value* as JSON in the one way that is stored and hashed.

    Raises:
        ValueError: If *value* holds a number that JSON cannot write.
        TypeError: If *value* holds something that is not JSON.
    """
    return canonical_bytes(value).decode()


def canonical_bytes(value: object) -> bytes:
    """Return the UTF-8 of `canonical`, which is quicker where no text is needed.

    Raises:
        ValueError: If *value* holds a number that JSON cannot write.
        TypeError: If *value* holds something that is not JSON.
    """
    try:
        text = dumps(value, option=_AS_STORED)
    except JSONEncodeError:
        return _spelt_out(value).encode()
    if b"null" in text:  # as which it also writes what is no number
        _refuse_no_number(value)
    return text


def parsed(text: str | bytes) -> Any:
    """Return what a stored text says; whole numbers within 64 bits.

    Raises:
        ValueError: If it is not JSON.
    """
    return loads(text)


def _refuse_no_number(value: object) -> None:
    """Refuse infinite numbers and those that are none, however deep they stand."""
    waiting = [value]
    for each in waiting:  # a call for each part would take longer than writing the whole text
        if type(each) in _NO_FLOATS:
            continue
        if isinstance(each, float):
            if not math.isfinite(each):
                raise ValueError(f"{each} is no number that JSON can write")
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, (list, tuple)):
            waiting.extend(each)
