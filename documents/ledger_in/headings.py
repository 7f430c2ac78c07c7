"""Which field a heading means: by its title, a synonym, the user's mapping, or a careful guess.

Knows one heading at a time; where the header of a sheet stands is left to `header`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from documents.ledger_in.sheet_model import RESULT_HEADING, SERIAL_KEYS, How, Kind, WantedColumn
from documents.ledger_in.text import heading_key, in_brackets, without_brackets
from engine.errors import BadValueError
from engine.language import Text

_IGNORED = frozenset({heading_key(RESULT_HEADING.zh), heading_key(RESULT_HEADING.en), *SERIAL_KEYS})
_WEAK = re.compile(r"时间|日期|名称|情况|姓名|是否|有无|信息|内容|所属|具体|主要|线索|的|及|和|与|人员")
_DATED = re.compile(r"时间|日期|期限|时限|date|日$|deadline")
_ASKED = re.compile(r"是否|有无|^(?:is|has)\b")
_TURNED = re.compile(r"[被非不未无对再已拟]|un|non")
"""Words that turn a heading into another: 被举报人 is not 举报人."""
_LONGEST_HEADING = 16


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that the wanted columns go by."""

    exact: Mapping[str, tuple[str, How]]
    mapped: Mapping[str, str | None]
    """The user's own mapping, by heading or letter; None is a column to pass over."""
    kinds: Mapping[str, Kind]

    @property
    def count(self) -> int:
        """Return how many columns are wanted."""
        return len(self.kinds)

    def known(self, stack: Sequence[str], letter: str) -> tuple[str | None, How] | None:
        """Return the field that the heading with the parts *stack* is known for, or None."""
        keys = _keys(stack)
        for key in (*keys, letter):
            if key in self.mapped:
                field = self.mapped[key]
                return field, "mapping" if field is not None else "ignored"
        for key in keys:
            if key in self.exact:
                return self.exact[key]
        if keys[-1] in _IGNORED:
            return None, "ignored"
        return next((self.exact[key] for key in map(without_brackets, keys) if key in self.exact), None)

    def guessed(self, stack: Sequence[str]) -> tuple[str, How] | None:
        """Return the one field that the heading most likely means; None if none or several do."""
        for key in _keys(stack):
            if len(key) > _LONGEST_HEADING:
                continue
            inner = self.exact.get(in_brackets(key))
            if inner is not None and _same_sort(key, self.kinds[inner[0]]):
                return inner[0], "guessed"
            plain = without_brackets(key)
            for alike in (_same_core, _one_in_other):
                fields = {
                    field
                    for name, (field, _) in self.exact.items()
                    if alike(plain, name) and _same_sort(plain, self.kinds[field])
                }
                if len(fields) == 1:
                    return fields.pop(), "guessed"
        return None


def names_of(columns: Sequence[WantedColumn], mapping: Mapping[str, str] | None) -> Names:
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
    for heading, field in (mapping or {}).items():
        named = exact.get(heading_key(field), (field, "title"))[0]
        if named not in fields and field not in {"", "-"}:
            sentence = Text("{field} is no field; the fields are: {fields}", "没有字段“{field}”，可用的有：{fields}")
            raise BadValueError(sentence.format(field=field, fields=", ".join(column.name for column in columns)))
        is_letter = heading.strip().isascii() and heading.strip().isalpha() and len(heading.strip()) <= 2
        key = heading.strip().upper() if is_letter else heading_key(heading)
        mapped[key] = named if field not in {"", "-"} else None
    return Names(exact, mapped, {column.name: column.kind for column in columns})


def _keys(stack: Sequence[str]) -> tuple[str, ...]:
    """Return the forms a heading is looked up in: with its group first, alone last."""
    leaf = heading_key(stack[-1])
    groups = [heading_key(part) for part in stack[:-1]]
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
