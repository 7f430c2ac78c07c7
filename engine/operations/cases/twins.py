"""Leads that may be the same one come twice: found at import and at registration and named, never merged.

Two leads may be one if others gave both the same number, if they came to the same unit on the same day in nearly the
same words, or within a few days with the words of one standing whole in the other: a letter and the hotline's note
of it seldom come on one day. What a person says of it is a link.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.likeness import are_alike, bare, pairs
from engine.store import twin_rows

EXTERNAL: Final = "external_number"
"""The field of the number that others gave, if a workflow declares one."""
_KEYS: Final = 4
"""Pairs by which a text is found among those of its day; of texts that are alike nearly all share one of them."""
_MOST: Final = 10
"""Texts compared for each pair, the latest ones: a day of a thousand like texts needs no thousand comparisons."""
_NEAR: Final = 3
"""Days that a letter and its repetition may lie apart; beyond that only what people say of it counts."""
_AROUND: Final = tuple(timedelta(days=each) for each in range(-_NEAR, _NEAR + 1) if each)
_WHOLE: Final = 8
"""Characters of a bare text that stands in another by more than chance: 黑车揽客 comes every day, each its own."""
_LATEST: Final = 200
"""Texts of a day that are searched for one another whole, the latest ones."""
_FEW: Final = 20
"""So many texts are searched one by one sooner than all together."""


class Twin(NamedTuple):
    """Another lead that may be the same."""

    name: str
    """Its number, or where its row stands."""
    why: Text
    is_apart: bool = False
    """It came on another day: so it is named, but linked only by who has read both."""


class DayOfTexts:
    """The texts of one day of one unit, found by a few of their pairs.

    Kept for all days at once, since a ledger need not be in the order of days: so of each text no more than itself.
    """

    def __init__(self) -> None:
        self._texts: list[tuple[str, str, int]] = []
        """Name, bare text, and how many pairs it has."""
        self._by_pair: dict[str, list[int]] = {}
        self._joined = ""
        """At least the latest texts, where there are many: most hold nothing whole, which one search says."""
        self._starts: set[str] = set()
        """With what these begin, if they may stand whole in another."""
        self._of: tuple[int, int] = (0, 0)
        """Which texts these are: from the first to before the second."""

    def add(self, name: str, text: str) -> list[str]:
        """Add a bare text, and return the names of those before it that are like it."""
        own = pairs(text)
        places: set[int] = set()
        for key in sorted(own)[:_KEYS]:
            before = self._by_pair.setdefault(intern(key), [])
            places.update(before)
            before.append(len(self._texts))
            del before[:-_MOST]
        earlier = [self._texts[place] for place in sorted(places)]
        self._texts.append((name, text, len(own)))
        return [other for other, said, count in earlier if are_alike(own, said, count)]

    def around(self, text: str) -> list[str]:
        """Return the names of the texts in which a bare text stands whole, or which stand whole in it."""
        if len(text) < _WHOLE:
            return []
        if len(self._texts) > _FEW and not self._may_hold(text):
            return []
        return [
            other for other, said, _ in self._texts[-_LATEST:] if text in said or (len(said) >= _WHOLE and said in text)
        ]

    def _may_hold(self, text: str) -> bool:
        """Say whether one of the latest texts may hold a bare text whole, or stand whole in it."""
        first, known = self._of
        count = len(self._texts)
        if count - first > 2 * _LATEST:
            first = known = count - _LATEST
            self._joined, self._starts = "", set()
        new = [said for _, said, _ in self._texts[known:]]
        self._of = first, count
        self._joined += "".join(f"{said}\n" for said in new)
        self._starts.update(said[:_WHOLE] for said in new if len(said) >= _WHOLE)
        return text in self._joined or not self._starts.isdisjoint(_windows(text))


class Twins:
    """Finds leads that may be the same among those of the register and those that were added since."""

    def __init__(self, ledger: Ledger, workflow: str, *, many: bool) -> None:
        """Begin.

        What is registered later is known only by asking about it.

        Args:
            many: Many leads will be asked about: all texts of a unit are read at once.
        """
        self._ledger = ledger
        declared = ledger.rules(workflow).workflow
        self._workflow, self._dated_by, self._summary = workflow, declared.dated_by, declared.summary
        self._has_external = EXTERNAL in declared.fields
        self._many = many
        self._up_to = twin_rows.last_id(ledger.store)
        self._external: dict[str, str] | None = None
        self._texts: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._days: dict[tuple[str, str], DayOfTexts] = {}

    def of(self, name: str, unit: str, values: Mapping[str, object]) -> tuple[Twin, ...]:
        """Return the leads that may be the same as this one, and remember it; none that the reader may not read.

        Args:
            name: Its number, or where its row stands; itself is no twin of it.
            unit: Code of its unit.
            values: Days as dates or as text.
        """
        found: dict[str, Twin] = {}
        external = values.get(EXTERNAL) if self._has_external else None
        if external:
            other = self._numbered().setdefault(str(external), name)
            if other != name:
                found[other] = Twin(other, Text(f"the same number {external}", f"外部编号同为 {external}"))
        day, said = values.get(self._dated_by), values.get(self._summary)
        if day and said:
            written = day.isoformat() if isinstance(day, date) else str(day)
            text = bare(str(said))
            same = self._day(unit, written)
            whole = same.around(text)
            for other in (*same.add(name, text), *whole):
                if other != name:
                    why = Text("the same unit and day, nearly the same words", "同一单位、同一天，内容相近")
                    found.setdefault(other, Twin(other, why))
            for other in self._days_apart(unit, written, text):
                if other != name:
                    why = Text(
                        f"the same unit, at most {_NEAR} days apart, one says all that the other does",
                        f"同一单位、相差不超过 {_NEAR} 天，一件的内容包含另一件",
                    )
                    found.setdefault(other, Twin(other, why, is_apart=True))
        return tuple(each for each in found.values() if self._ledger.sees_number(each.name))

    def _numbered(self) -> dict[str, str]:
        """Return the numbers that others gave, each with the lead that has it."""
        if self._external is None:
            self._external = twin_rows.numbered(self._ledger.store, self._workflow, EXTERNAL, up_to=self._up_to)
        return self._external

    def _day(self, unit: str, day: str) -> DayOfTexts:
        """Return the texts of one day of a unit."""
        found = self._days.get((unit, day))
        if found is None:
            found = self._days[unit, day] = DayOfTexts()
            for name, text in self._of_unit(unit, day).pop(day, ()):
                found.add(name, text)
        return found

    def _days_apart(self, unit: str, written: str, text: str) -> Iterator[str]:
        """Yield the names of the texts of the days around one that hold a bare text whole, or that it holds."""
        waiting = self._of_unit(unit, written)
        for other in _days_around(written):
            if (unit, other) in self._days or other in waiting:
                yield from self._day(unit, other).around(text)

    def _of_unit(self, unit: str, day: str) -> dict[str, list[tuple[str, str]]]:
        """Return the bare texts of a unit by day; of a day and those around it if not many leads are asked about."""
        if unit not in self._texts:
            days = None if self._many else _span(day)
            by_day = self._texts.setdefault(unit, {})
            known = twin_rows.texts(
                self._ledger.store, self._workflow, unit, self._summary, days=days, up_to=self._up_to
            )
            for written, number, text in known:
                by_day.setdefault(written, []).append((number, bare(text)))
        return self._texts[unit]


@lru_cache(maxsize=1)
def _windows(text: str) -> frozenset[str]:
    """Return what of a text may be the beginning of another; of the last one only, of which each day asks."""
    return frozenset(text[place : place + _WHOLE] for place in range(len(text) - _WHOLE + 1))


@lru_cache(maxsize=1000)
def _days_around(written: str) -> tuple[str, ...]:
    """Return the other days on which the same lead may have come as on a local date."""
    day = date.fromisoformat(written)
    return tuple((day + apart).isoformat() for apart in _AROUND)


def _span(written: str) -> tuple[str, str]:
    """Return the first and the last day on which the same lead may have come as on a local date."""
    return _days_around(written)[0], _days_around(written)[-1]


def twins_of(ledger: Ledger, case: Case) -> tuple[Twin, ...]:
    """Return the leads that may be the same as a case that has just been registered."""
    return Twins(ledger, case.workflow, many=False).of(case.number, case.unit, case.fields)
