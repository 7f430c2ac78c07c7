"""What an error may not repeat: telephones and ID numbers, and a name that was typed in a place where none belongs.

An error goes on to logs, mails of cron and screens that others look at.
"""

from collections.abc import Iterable
from typing import Final

from engine.language import lazy_pattern

_QUOTED: Final = lazy_pattern(r"(?<=['“])[㐀-鿿·]{2,12}(?=['”])")
_NUMBER: Final = 11
"""So many signs has the shortest number that is looked for."""
_CIRCLE: Final = "○"
"""Written for a zero, though it is none by Unicode."""


def hushed(said: str, typed: Iterable[str]) -> str:
    """Return what is said of an error without numbers that identify somebody, and names that were typed.

    A name is shortened as letters shorten one; nothing tells the name of an officer from that of a reporter.

    Args:
        said: One line, or the lines of a traceback.
        typed: The words of the command line.
    """
    said = unnumbered(said)
    quoted = () if said.isascii() else set(_QUOTED.findall(said))
    if quoted:
        words = "\n".join(typed)
        for word in quoted:
            if word in words:
                said = said.replace(word, _shortened(word))
    return said


def unnumbered(said: str) -> str:
    """Return words without telephones and ID numbers."""
    if not _may_show_number(said):
        return said
    from engine.rules.identities import masked, sights

    return masked(said, sights(said))


def _may_show_number(said: str) -> bool:
    """Say whether so many figures follow each other with no letter between: not so in the number of a case."""
    run = 0
    for each in said:
        if each.isnumeric() or each == _CIRCLE:
            run += 1
            if run == _NUMBER:
                return True
        elif each.isalnum():
            run = 0
    return False


def unnamed(typed: str) -> str:
    """Return what was typed for the number of a case or the code of an officer, as it may be kept: without names."""
    return hushed(f"'{typed}'", (typed,))[1:-1]


def _shortened(word: str) -> str:
    """Return a word, shortened if it is a name."""
    from documents.letters.persons import short_name

    return short_name(word)
