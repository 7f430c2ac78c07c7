"""What is meant by words that name one of several things: by name, by title, or by a part that only one title has."""

from collections.abc import Iterable, Mapping
from typing import Final
from unicodedata import normalize

from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.problems import did_you_mean

MOST_SHOWN: Final = 8
"""Things that a question names at most."""


def called(typed: str, titles: Mapping[str, Text]) -> str | None:
    """Return the name of what is meant by *typed*; None if nothing is called so.

    Args:
        titles: The titles of all that may be meant, by name.

    Raises:
        BadValueError: If several may be meant; it names them.
    """
    wanted = _plain(typed)
    if typed in titles:
        return typed
    for name, title in titles.items():
        if wanted in {_plain(name), _plain(title.en), _plain(title.zh)}:
            return name
    if len(wanted) < 2 or wanted.isascii():
        return None
    found = [name for name, title in titles.items() if wanted in _plain(title.zh)]
    found = found or [name for name, title in titles.items() if _shortened(wanted, _plain(title.zh))]
    if len(found) > 1:
        # 移送 is said for 移送件, whose last sign only says what kind of thing it is; 移送后续情况 is another thing.
        whole = [name for name in found if _plain(titles[name].zh)[:-1] == wanted]
        found = whole if len(whole) == 1 else found
    if len(found) > 1:
        raise BadValueError(
            Text(
                f"'{typed}' may mean several: {', '.join(found[:MOST_SHOWN])}; write one in full",
                f"“{typed}”可能指：{'、'.join(titles[each].zh for each in found[:MOST_SHOWN])}；请写全称",
            )
        )
    return found[0] if found else None


def near(typed: str, titles: Mapping[str, Text], others: Iterable[str] = ()) -> Text:
    """Return the guess to append to a sentence about *typed*, in each language by what is typed there."""
    beside = tuple(others)
    english = did_you_mean(typed, [*titles, *(each.en for each in titles.values()), *beside])
    chinese = did_you_mean(typed, [*(each.zh for each in titles.values()), *titles, *beside])
    return Text(english.en, chinese.zh)


def _plain(words: str) -> str:
    """Return the form in which names and titles are compared."""
    return "".join(normalize("NFKC", words).split()).casefold().replace("-", "_")


def _shortened(short: str, title: str) -> bool:
    """Say whether *short* is the title with signs left out but the last (移送函)."""
    rest = iter(title)
    return short[-1] == title[-1] and all(each in rest for each in short)
