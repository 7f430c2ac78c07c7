"""By which words a case is found: pairs of neighbouring characters, and whole words of Latin letters and digits.

Chinese has no spaces between words, so each pair of neighbouring characters stands for itself; what was asked is
compared with the text again, since the pairs of a word may stand apart. What is written and what is asked go through
the same rule, which needs no declaration: a case is found after its workflow has changed, too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from unicodedata import normalize

MOST: Final = 20_000
"""Characters of a case that are looked at; a longer text is found by its beginning."""
_CODE: Final = re.compile(r"[0-9a-z_.:+-]*").fullmatch
"""A value that is one code, a date or a number: nobody searches for its letters, and steps change it often."""
_RUNS: Final = re.compile(r"[0-9a-z]{1,64}|(?:(?![0-9a-z])[^\W_])+").findall


def folded(text: str) -> str:
    """Return a text as it is compared: without the width and case of its letters."""
    return normalize("NFKC", text).casefold()


def texts_of(fields: Mapping[str, object]) -> list[str]:
    """Return the values of a case that are searched; none of them is sealed, since no sealed value stands in a case."""
    return [each for each in fields.values() if isinstance(each, str) and not _CODE(each)]


def differ(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Say whether a case is found by other words than before; cheap, since most steps change no text."""
    earlier = before.get
    for name, value in after.items():
        old = earlier(name)
        if old is not value and old != value and (_is_text(value) or _is_text(old)):
            return True
    return not before.keys() <= after.keys() and any(_is_text(before[name]) for name in before.keys() - after.keys())


def _is_text(value: object) -> bool:
    """Say whether a value is searched."""
    return isinstance(value, str) and not _CODE(value)


def joined(fields: Mapping[str, object]) -> str:
    """Return the values of a case that are searched, as one text."""
    return "\n".join(texts_of(fields))


def words_of(text: str) -> str:
    """Return the words by which a joined text is found, each once, with spaces between; the same for the same text."""
    found: set[str] = set()
    for run in _RUNS(folded(text[:MOST])):
        if run[0].isascii():
            found.add(run)
        else:  # the last character by itself as well, so that each is the beginning of something
            found.update(run[at : at + 2] for at in range(len(run)))
    return " ".join(sorted(found))


def terms_of(asked: str) -> list[str]:
    """Return the words of a search as they are compared; all of them must stand in a case."""
    return folded(asked).split()


def wanted(terms: Iterable[str]) -> list[tuple[str, bool]]:
    """Return what a case must be found by to hold some words, each with whether it need only begin so."""
    found: dict[tuple[str, bool], None] = {}
    for run in (run for each in terms for run in _RUNS(each)):
        if run[0].isascii() or len(run) == 1:
            found[run, True] = None
        else:
            found.update(dict.fromkeys((run[at : at + 2], False) for at in range(len(run) - 1)))
    return list(found)


def holds(fields: Mapping[str, object], terms: Sequence[str]) -> bool:
    """Say whether each of some words stands in a value of a case."""
    texts = list(map(folded, texts_of(fields)))
    return all(any(each in text for text in texts) for each in terms)
