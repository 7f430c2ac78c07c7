"""What an error may not repeat: telephones and ID numbers, and a name that was typed in a place where none belongs.

An error goes on to logs, mails of cron and screens that others look at.
"""

import re
from collections.abc import Iterable
from typing import Final

_QUOTED: Final = re.compile(r"(?<=['“])[㐀-鿿·]{2,12}(?=['”])")
_NUMBER: Final = 11
"""So many signs has the shortest number that is looked for."""


def hushed(said: str, typed: Iterable[str]) -> str:
    """Return what is said of an error without numbers that identify somebody, and names that were typed.

    A name is shortened as letters shorten one; nothing tells the name of an officer from that of a reporter.

    Args:
        said: One line, or the lines of a traceback.
        typed: The words of the command line.
    """
    said = unnumbered(said)
    quoted = set(_QUOTED.findall(said))
    if quoted:
        words = "\n".join(typed)
        for word in quoted:
            if word in words:
                said = said.replace(word, _shortened(word))
    return said


def unnumbered(said: str) -> str:
    """Return words without telephones and ID numbers."""
    if sum(each.isnumeric() for each in said) < _NUMBER:
        return said
    from engine.rules.identities import masked, sights

    return masked(said, sights(said))


def unnamed(typed: str) -> str:
    """Return what was typed for the number of a case or the code of an officer, as it may be kept: without names."""
    return hushed(f"'{typed}'", (typed,))[1:-1]


def _shortened(word: str) -> str:
    """Return a word, shortened if it is a name."""
    from documents.letters.persons import short_name

    return short_name(word)
