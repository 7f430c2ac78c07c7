"""What a part of the cases of a period comes to, as JSON, and how that is added to the whole.

Lists are said by the cases that may be named in them; of nobody and of no case does it say anything else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from engine.journal.canonical import canonical
from engine.operations.figures.counted_part import CountedPart
from engine.operations.figures.figure_values import PeriodGroup, UnitFigures
from engine.operations.figures.longest import Longest
from engine.operations.figures.period_sums import PeriodSums

_FLOW: Final = ("carried", "received", "late", "returned", "cleared", "removed")
_TERMS: Final = ("met", "on_time", "unmet")
_BY_DAY: Final = ("entered", "cleared", "returned", "due")
_BY_TERM: Final = ("met", "on_time", "unmet", "running", "overdue")
_LISTS: Final = ("overdue_cases", "extended_cases", "returned_cases", "missed")


def text_of(part: CountedPart) -> str:
    """Return what a part comes to, in the one way in which it is stored; all of its cases have been added."""
    sums = part.sums
    if part.tally is not None:
        part.tally.count_alike()
    said = {
        "units": [[unit_id, *_unit(each)] for unit_id, each in sums.tallies.items() if any(_unit(each))],
        "standings": [
            [unit_id, group, count]
            for unit_id, each in sums.tallies.items()
            for group, count in each.standings.items()
            if count
        ],
        "days": {name: _days(getattr(sums, name)) for name in _BY_DAY},
        "ages": _counts(sums.ages),
        "choices": [[*key, count] for key, count in sums.choices.items() if count],
        "terms": {name: [[*key, count] for key, count in getattr(sums, name).items() if count] for name in _BY_TERM},
        "mistaken": sums.mistaken,
        "lists": {name: _list(getattr(sums, name)) for name in _LISTS},
        "steps": _counts(part.taken),
        "measures": None if part.tally is None else part.tally.found.plain(),
    }
    return canonical(_sorted(said))


def add_plain(whole: CountedPart, said: Mapping[str, Any]) -> None:
    """Add what `text_of` said of a part, read from its text."""
    sums = whole.sums
    _add_units(sums, said)
    for name, found in said["days"].items():
        _add_counts(getattr(sums, name), ((date.fromordinal(day), count) for day, count in found))
    for name, found in said["terms"].items():
        _add_counts(getattr(sums, name), (((term, theirs), count) for term, theirs, count in found))
    _add_counts(sums.choices, ((tuple(key), count) for *key, count in said["choices"]))
    _add_counts(sums.ages, said["ages"])
    _add_counts(whole.taken, said["steps"])
    sums.mistaken += said["mistaken"]
    for name, found in said["lists"].items():
        noted: Longest[int] = getattr(sums, name)
        noted.count += found["count"]
        for day, number, case_id in found["first"]:
            noted.keep((day, number), case_id)
    if whole.tally is not None:
        whole.tally.found.add_plain(said["measures"])


def _add_units(sums: PeriodSums, said: Mapping[str, Any]) -> None:
    """Add the counts of units."""
    for unit_id, *found in said["units"]:
        tally = sums.tallies[unit_id]
        for name, count in zip(_FLOW, found[: len(_FLOW)], strict=True):
            setattr(tally.flow, name, getattr(tally.flow, name) + count)
        for name, count in zip(_TERMS, found[len(_FLOW) :], strict=True):
            setattr(tally, name, getattr(tally, name) + count)
    for unit_id, group, count in said["standings"]:
        sums.tallies[unit_id].standings[PeriodGroup(group)] += count


def _add_counts(counts: Counter[Any], found: Iterable[tuple[Any, int]]) -> None:
    """Add to counts."""
    for what, count in found:
        counts[what] += count


def _unit(each: UnitFigures) -> list[int]:
    """Return the counts of a unit but for where its cases stand; returns that fell due are of no case."""
    return [*(getattr(each.flow, name) for name in _FLOW), *(getattr(each, name) for name in _TERMS)]


def _days(counts: Counter[date]) -> list[list[int]]:
    """Return counts by day."""
    return [[day.toordinal(), count] for day, count in counts.items() if count]


def _counts(counts: Mapping[Any, int]) -> list[list[Any]]:
    """Return counts by what is counted."""
    return [[what, count] for what, count in counts.items() if count]


def _list(noted: Longest[int]) -> dict[str, object]:
    """Return how many cases stand in a list, and which come first in it."""
    return {"count": noted.count, "first": [[*key, case_id] for key, case_id in noted.entries()]}


def _sorted(said: Any) -> Any:
    """Return the same with the rows of each table in an order that does not depend on how the cases went by."""
    if isinstance(said, Mapping):
        return {name: _sorted(each) for name, each in said.items()}
    if isinstance(said, Sequence) and not isinstance(said, str) and said and _is_table(said):
        return sorted((_sorted(each) for each in said), key=canonical)
    return said


def _is_table(said: Iterable[object]) -> bool:
    """Say whether something is rows, and no row."""
    return all(isinstance(each, list | tuple) for each in said)
