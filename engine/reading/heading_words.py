"""How headings of ledgers are composed: lists of words, and patterns over them in the order they are tried.

A file of a house adds words to the shipped lists and patterns before the shipped ones; what a
pattern means for the columns of one workflow is left to `documents.ledger_in`.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from msgspec import field

from engine.language import Text, lazy_pattern
from engine.reading.terms import Part
from engine.reading.yaml_file import read
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.problems import Problem
from engine.workflow.texts import Source

Strength = Literal["sure", "agreeing", "proposed"]
"""Whether a field is taken without asking, only if what stands below agrees, or never without asking."""

_STRENGTHS: Final[Mapping[str, Strength]] = {"": "sure", "?": "agreeing", "??": "proposed"}
_MEANING = lazy_pattern(r"([a-z_]+(?:\s*,\s*[a-z_]+)*)(\?{0,2})")
_WORD = lazy_pattern(r"<([a-z_]+)>")


class Composition(NamedTuple):
    """One way in which headings are composed."""

    means: tuple[str, ...]
    """The field; several if a heading of this kind may mean any of them; or `kept`, `sealed`, `whose`."""
    strength: Strength
    written: str
    """A regular expression in which `<word>` stands for any word of that list."""


class HeadingWords(FrozenStruct, frozen=True, kw_only=True):
    """The words that headings are made of, and what they mean together."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    compositions: tuple[Composition, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What a field may be called instead, in workflows that have none of its name."""
    likely: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The fields that a column may be by what stands below it (`date`, `long`, ...), the likeliest first."""

    def expanded(self, written: str) -> str:
        """Return a composition as a plain regular expression, longer words first."""
        return _WORD.sub(lambda found: _any_of(self.words.get(found[1], ())), written)


def heading_words_in(paths: Iterable[tuple[Source, str]]) -> tuple[HeadingWords, tuple[Problem, ...]]:
    """Return the words and patterns of several files together, and what is wrong with them.

    Args:
        paths: Each file and how it is named to people; later files add to earlier ones and are tried before them.
    """
    words: dict[str, tuple[str, ...]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    likely: dict[str, tuple[str, ...]] = {}
    compositions: list[Composition] = []
    problems: list[Problem] = []
    for path, shown in paths:
        plain, where, wrong = read(path, shown)
        own = list(wrong)
        part = Part(plain, (), own, where)
        part.only(("list", "title", "basis", "fields", "likely", "words", "patterns"))
        for kind, found in (("words", words), ("fields", fields), ("likely", likely)):
            named = part.part(kind)
            for name in named.plain if named else ():
                found[name] = (*found.get(name, ()), *named.lines(name)) if named else ()
        given = part.plain.get("patterns")
        first = list(_compositions(part, given if isinstance(given, (list, tuple)) else (), words))
        problems += own
        compositions = [*first, *compositions]
    known = HeadingWords(
        words=MappingProxyType(words),
        compositions=tuple(compositions),
        fields=MappingProxyType(fields),
        likely=MappingProxyType(likely),
    )
    return known, tuple(problems)


def _compositions(part: Part, given: Iterable[object], words: Mapping[str, tuple[str, ...]]) -> Iterable[Composition]:
    """Yield the patterns that can be used; the others become problems."""
    for place, each in enumerate(given):
        pair = next(iter(each.items())) if isinstance(each, Mapping) and len(each) == 1 else ("", "")
        means, written = (str(word).strip() for word in pair)
        meaning = _MEANING.fullmatch(means)
        if not meaning or not written:
            sentence = Text(
                "write FIELD: PATTERN, such as summary: '<about>内容'", "写作“字段: 构词”，如 summary: '<about>内容'"
            )
            part.wrong(sentence, "patterns", place)
            continue
        if strange := [word for word in _WORD.findall(written) if word not in words]:
            sentence = Text("there is no list of words <{word}>", "没有词表 <{word}>").format(word=strange[0])
            part.wrong(sentence, "patterns", place)
            continue
        try:
            re.compile(_WORD.sub("x", written))
        except re.error as wrong:
            sentence = Text("not a regular expression: {wrong}", "不是正则表达式：{wrong}").format(wrong=wrong)
            part.wrong(sentence, "patterns", place)
            continue
        named = tuple(word.strip() for word in meaning[1].split(","))
        yield Composition(means=named, strength=_STRENGTHS[meaning[2]], written=written)


def _any_of(words: Iterable[str]) -> str:
    """Return a group that matches any of the words; the longest first, since 联系电话 begins with no 电话."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) + ")"
