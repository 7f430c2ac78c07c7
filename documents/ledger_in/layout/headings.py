"""Which field a heading means: by the user's mapping, its title, what was remembered, a synonym, or its words.

Knows one heading at a time; where the header of a sheet stands is left to `header`, whose telephone
it is to `persons`. Likeness to a known heading is right in one of four cases: it only proposes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from documents.ledger_in.layout.composed import Meaning, Vocabulary, called, plain_key, vocabulary_of
from documents.ledger_in.sheet_model import RESULT_HEADING, SERIAL_KEYS, How, Kind, WantedColumn
from documents.ledger_in.text import compact, heading_key, in_brackets, without_brackets
from engine.errors import BadValueError
from engine.language import Text
from engine.reading.heading_words import HeadingWords

_IGNORED = frozenset({heading_key(RESULT_HEADING.zh), heading_key(RESULT_HEADING.en), *SERIAL_KEYS})
_WEAK = re.compile(r"时间|日期|名称|情况|姓名|是否|有无|信息|内容|所属|具体|主要|线索|的|及|和|与|人员")
_DATED = re.compile(r"时间|日期|期限|时限|date|日$|deadline")
_ASKED = re.compile(r"是否|有无|^(?:is|has)\b")
_TURNED = re.compile(r"[被非不未无对再已拟]|un|non")
"""Words that turn a heading into another: 被举报人 is not 举报人."""
_LONGEST_HEADING = 16
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that the wanted columns go by."""

    exact: Mapping[str, tuple[str, How]]
    mapped: Mapping[str, str | None]
    """The user's own mapping, by heading or letter; None is a column to pass over."""
    kinds: Mapping[str, Kind]
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    choices: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """How the values of a choice and the states are written, in the form words are compared in."""
    main_text: str | None = None
    """The field for the long text of a record, if there is one."""
    remembered: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    """What was decided for an earlier ledger of the same shape, by heading."""
    likely: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The fields that a column may be by what stands below it, the likeliest first."""

    @property
    def count(self) -> int:
        """Return how many columns are wanted."""
        return len(self.kinds)

    def known(  # noqa: PLR0911 (one answer per source)
        self, stack: Sequence[str], letter: str
    ) -> tuple[str | None, How] | None:
        """Return the field that the heading with the parts *stack* is known for, or None."""
        keys = _keys(stack)
        for key in (*keys, letter):
            if key in self.mapped:
                named = self.mapped[key]
                return named, "mapping" if named is not None else "ignored"
        titled = next((self.exact[key] for key in keys if key in self.exact), None)
        if titled is not None and titled[1] == "title":
            return titled
        for key in keys:
            if key in self.remembered:
                named = self.remembered[key]
                return named, "remembered" if named is not None else "ignored"
        if titled is not None:
            return titled
        if keys[-1] in _IGNORED:
            return None, "ignored"
        if "(" in keys[-1] and self.vocabulary.meaning(keys[-1]):
            return None  # 责任人(领导) is another than 责任人
        return next((self.exact[key] for key in map(_bare, keys) if key in self.exact), None)

    def composed(self, stack: Sequence[str]) -> Meaning | None:
        """Return what the heading means by the words it is composed of, or None."""
        for key in _keys(stack):
            for form in dict.fromkeys((key, _bare(key))):
                found = self.vocabulary.meaning(form)
                if found is not None:
                    return found
        return self.vocabulary.meaning_after_prefix(_bare(_keys(stack)[-1]))

    def is_label(self, text: str) -> bool:
        """Return whether *text* is a heading that is known, whatever it means."""
        return len(text) <= _LONGEST_LABEL and (self.known((text,), "") is not None or self.says_field(text))

    def says_field(self, text: str) -> bool:
        """Return whether *text* is composed as headings are, without any free characters before."""
        key = plain_key(heading_key(text))
        return any(self.vocabulary.meaning(form) for form in dict.fromkeys((key, _bare(key))))

    def same_core(self, stack: Sequence[str]) -> str | None:
        """Return the one field whose heading differs only by words such as 情况, or that stands in brackets."""
        for key in _keys(stack):
            if len(key) > _LONGEST_HEADING:
                continue
            inner = self.exact.get(in_brackets(key))
            if inner is not None and _same_sort(key, self.kinds[inner[0]]):
                return inner[0]
            if (only := self._only(without_brackets(key), _same_core)) is not None:
                return only
        return None

    def alike(self, stack: Sequence[str]) -> str | None:
        """Return the one field whose heading makes up most of this one; to be proposed, never taken."""
        keys = (without_brackets(key) for key in _keys(stack) if len(key) <= _LONGEST_HEADING)
        return next((only for key in keys if (only := self._only(key, _one_in_other)) is not None), None)

    def _only(self, plain: str, alike: Callable[[str, str], bool]) -> str | None:
        fields = {
            own for name, (own, _) in self.exact.items() if alike(plain, name) and _same_sort(plain, self.kinds[own])
        }
        return fields.pop() if len(fields) == 1 else None


def names_of(
    columns: Sequence[WantedColumn], mapping: Mapping[str, str] | None, words: HeadingWords | None = None
) -> Names:
    """Return the names of *columns*; where two share one, the earlier column and the title win.

    Args:
        mapping: Heading or column letter to field; an empty field or `-` passes the column over.

    Raises:
        BadValueError: If the mapping names a field that is not wanted.
    """
    exact: dict[str, tuple[str, How]] = {}
    for column in columns:
        for title in (*column.titles, column.name):
            exact.setdefault(heading_key(title), (column.name, "title"))
    for column in columns:
        for synonym in column.synonyms:
            exact.setdefault(heading_key(synonym), (column.name, "synonym"))
    exact.pop("", None)
    fields = {column.name for column in columns}
    mapped: dict[str, str | None] = {}
    for heading, given in (mapping or {}).items():
        named = exact.get(heading_key(given), (given, "title"))[0]
        if named not in fields and given not in {"", "-"}:
            sentence = Text("{field} is no field; the fields are: {fields}", "没有字段“{field}”，可用的有：{fields}")
            raise BadValueError(sentence.format(field=given, fields=", ".join(column.name for column in columns)))
        is_letter = heading.strip().isascii() and heading.strip().isalpha() and len(heading.strip()) <= 2
        key = heading.strip().upper() if is_letter else heading_key(heading)
        mapped[key] = named if given not in {"", "-"} else None
    kinds = {column.name: column.kind for column in columns}
    words = words or HeadingWords()
    choices = {column.name: frozenset(map(compact, column.choices)) for column in columns if column.choices}
    texts = ("summary", *words.fields.get("summary", ()))
    main_text = next((name for name in texts if name in kinds), None)
    likely = {
        kind: tuple(own for each in given if (own := called(each, words, kinds)))
        for kind, given in words.likely.items()
    }
    return Names(exact, mapped, kinds, vocabulary_of(words, kinds), choices, main_text, likely=likely)


def remembered_key(stack: Sequence[str]) -> str:
    """Return the form a heading is remembered by, with its group before it."""
    return _keys(stack)[0]


def bare_leaf(stack: Sequence[str]) -> str:
    """Return the key of the heading itself, without its groups, brackets and list number."""
    return _bare(heading_key(stack[-1]))


def _bare(key: str) -> str:
    """Return a heading's *key* without brackets and without a list number before it."""
    return plain_key(without_brackets(key))


def _keys(stack: Sequence[str]) -> tuple[str, ...]:
    """Return the forms a heading is looked up in: with its group first, alone last."""
    leaf = plain_key(heading_key(stack[-1])) or heading_key(stack[-1])
    groups = [plain_key(heading_key(part)) for part in stack[:-1]]
    with_group = [f"{group}{leaf}" for group in groups] + [f"{_WEAK.sub('', group)}{leaf}" for group in groups]
    return (*with_group, leaf)


def _same_sort(key: str, kind: Kind) -> bool:
    """Return whether a heading that asks for a date or a yes stands over a column of that kind."""
    dated, asked = bool(_DATED.search(key)), bool(_ASKED.search(key))
    return (not dated or kind in {"date", "text"}) and (dated or kind != "date") and asked == (kind == "flag")


def _same_core(key: str, name: str) -> bool:
    """Return whether two headings are the same but for words that many headings have, such as 时间 and 情况."""
    core = _WEAK.sub("", key)
    return len(core) >= 2 and core == _WEAK.sub("", name)


def _one_in_other(key: str, name: str) -> bool:
    """Return whether the shorter heading makes up most of the longer, and nothing in that turns its meaning."""
    short, long = sorted((key, name), key=len)
    if len(short) < 3 or len(short) < 0.6 * len(long) or short not in long:
        return False
    return not _TURNED.search(long.replace(short, "", 1))
