"""Leads that may be the same one come twice: found at import and at registration and named, never merged.

Two leads may be one if others gave both the same number, or if they came to the same unit on the same day in
nearly the same words. What a person says of it is a link.
"""

from collections.abc import Mapping
from datetime import date
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


class Twin(NamedTuple):
    """Another lead that may be the same."""

    name: str
    """Its number, or where its row stands."""
    why: Text


class _Day:
    """The texts of one day of one unit, found by a few of their pairs.

    Kept for all days at once, since a ledger need not be in the order of days: so of each text no more than itself.
    """

    def __init__(self) -> None:
        self._texts: list[tuple[str, str, int]] = []
        """Name, bare text, and how many pairs it has."""
        self._by_pair: dict[str, list[int]] = {}

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
        self._days: dict[tuple[str, str], _Day] = {}

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
            for other in self._day(unit, written).add(name, text):
                if other != name:
                    why = Text("the same unit and day, nearly the same words", "同一单位、同一天，内容相近")
                    found.setdefault(other, Twin(other, why))
        return tuple(each for each in found.values() if self._ledger.sees_number(each.name))

    def _numbered(self) -> dict[str, str]:
        """Return the numbers that others gave, each with the lead that has it."""
        if self._external is None:
            self._external = twin_rows.numbered(self._ledger.store, self._workflow, EXTERNAL, up_to=self._up_to)
        return self._external

    def _day(self, unit: str, day: str) -> _Day:
        """Return the texts of one day of a unit."""
        found = self._days.get((unit, day))
        if found is None:
            found = self._days[unit, day] = _Day()
            for name, text in self._of_unit(unit, day).pop(day, ()):
                found.add(name, text)
        return found

    def _of_unit(self, unit: str, day: str) -> dict[str, list[tuple[str, str]]]:
        """Return the bare texts of a unit by day; of one day only if not many leads are asked about."""
        if unit not in self._texts:
            only = None if self._many else day
            by_day = self._texts.setdefault(unit, {})
            known = twin_rows.texts(
                self._ledger.store, self._workflow, unit, self._summary, day=only, up_to=self._up_to
            )
            for written, number, text in known:
                by_day.setdefault(written, []).append((number, bare(text)))
        return self._texts[unit]


def twins_of(ledger: Ledger, case: Case) -> tuple[Twin, ...]:
    """Return the leads that may be the same as a case that has just been registered."""
    return Twins(ledger, case.workflow, many=False).of(case.number, case.unit, case.fields)
