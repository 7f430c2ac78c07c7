"""What a heading means by the words it is composed of, for the columns of one workflow.

The words and patterns are data (`workflows/lists/headings.yaml` and a house's own file); here they
are compiled and each heading is asked about once. Knows no sheet: whose telephone it is and what
stands below a heading is left to `header`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.reading.heading_words import HeadingWords, Strength

TAKEN: Final = 0.8
"""From this certainty on a field is taken without asking."""
PROPOSED: Final = 0.4
"""The certainty of what is only proposed."""
_CERTAINTY: Final[Mapping[Strength, float]] = {"sure": 0.9, "agreeing": 0.75, "proposed": PROPOSED}
_AFTER_A_PREFIX: Final = 0.7
_PREFIX: Final = 4
"""Up to so many free characters may stand before words that are known."""
LONGEST: Final = 16
"""A longer text is a sentence and no heading."""
_LONGEST_CODE: Final = 32
"""A heading in Latin letters, such as a system writes, may be longer."""
_NUMBERED = re.compile(
    r"^(?:[(（]?\d{1,2}[.、)）]|[一二三四五六七八九十]{1,2}[、.]|[(（][一二三四五六七八九十]{1,2}[)）])"
)
_TURNING: Final = frozenset("被非不未无原再拟他")
"""Characters that turn what stands behind them: 被举报人 is not 举报人, 原处理情况 not 处理情况."""
_REQUIRED = re.compile(r"[(\[【<](?:非?必[填选]项?|[选可]填|可选|required|optional)[)\]】>]")
_EDGES = "*★☆※:：、.,，。;；·-—_/"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means by its words."""

    fields: tuple[str, ...]
    """The fields it may mean, among those wanted; none if it means no field."""
    certainty: float
    sealed: bool = False
    """Whether what stands below says who somebody is."""
    whose: bool = False
    """Whether the heading does not say whose it is, such as a telephone."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The compiled patterns for a set of wanted fields."""

    patterns: tuple[tuple[re.Pattern[str], Meaning], ...] = ()
    _known: dict[str, Meaning | None] = field(default_factory=dict)

    def meaning(self, key: str) -> Meaning | None:
        """Return what the heading with this *key* means, or None if it is composed of no known words."""
        if key not in self._known:
            self._known[key] = self._first(key)
        return self._known[key]

    def meaning_after_prefix(self, key: str) -> Meaning | None:
        """Return what the heading means if up to four characters before known words are passed over."""
        if key.isascii():
            return None
        for passed in range(1, min(_PREFIX, len(key) - 2) + 1):
            if key[passed - 1] in _TURNING:
                return None
            found = self.meaning(key[passed:])
            if found is not None and len(key) - passed >= 3:
                return Meaning(found.fields, min(found.certainty, _AFTER_A_PREFIX), found.sealed, found.whose)
        return None

    def _first(self, key: str) -> Meaning | None:
        if not 1 < len(key) <= (_LONGEST_CODE if key.isascii() else LONGEST):
            return None
        return next((meaning for pattern, meaning in self.patterns if pattern.fullmatch(key)), None)


def vocabulary_of(words: HeadingWords, wanted: Collection[str]) -> Vocabulary:
    """Return the vocabulary for the fields that are *wanted*; what means another field is kept."""
    patterns = []
    for means, strength, written in words.compositions:
        found = tuple(name for each in means if (name := called(each, words, wanted)))
        about_a_person = means[0] in {"sealed", "whose", "reporter"}
        several = len(means) > 1 and len(found) > 1
        meaning = Meaning(
            fields=found,
            certainty=PROPOSED if several else _CERTAINTY[strength],
            sealed=about_a_person,
            whose=means[0] == "whose",
        )
        patterns.append((re.compile(words.expanded(written)), meaning))
    return Vocabulary(tuple(patterns))


def plain_key(key: str) -> str:
    """Return a heading's *key* without a list number before it and without 必填 in brackets."""
    return _NUMBERED.sub("", _REQUIRED.sub("", key)).strip(_EDGES)


def called(name: str, words: HeadingWords, wanted: Collection[str]) -> str | None:
    """Return what a field is called among those *wanted*, or None if none of them is it."""
    return next((each for each in (name, *words.fields.get(name, ())) if each in wanted), None)
