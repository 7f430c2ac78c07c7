"""What the journal calls the file of a ledger: a file's name can name a person, and would stand in clear for ever."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from engine.language import lazy_pattern

_DIGITS: Final = 8
_ENDING: Final = lazy_pattern(r"\.[a-z]{2,4}", re.ASCII)


def label_of(file: Mapping[str, str]) -> dict[str, str]:
    """Return what a row says of the file that it came from: its digest, and a label made of that.

    A label stays as it is; rows of older versions have the name itself, which is not shown either.

    Args:
        file: Name and digest as they came.
    """
    ending = PurePath(file.get("name", "")).suffix.lower()
    digest = file.get("digest", "")
    return {"name": digest[:_DIGITS] + (ending if _ENDING.fullmatch(ending) else ""), "digest": digest}
