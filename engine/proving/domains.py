"""Which values of a field have to be tried so that none is missed: those that no condition distinguishes are one.

Dates are counted from the day on which the search stands; so one that lies ahead comes to lie behind as time passes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise, product
from math import prod
from typing import Final, NamedTuple, assert_never

from engine.expressions.atoms import ExpressionPiece
from engine.expressions.evaluate import all_comparisons, comparisons
from engine.workflow.computed import COUNTS_DAYS
from engine.workflow.field_traits import DAY_TYPES, OFFICER_TYPES
from engine.workflow.model import Field, FieldType, Workflow
from engine.working_days.dates import add_months

TODAY: Final = date(2030, 6, 12)
"""The day on which the search stands, a Wednesday; paths count from the day on which a case is opened."""

MOST_COMBINATIONS: Final = 4_000
"""If a part of a condition tells more apart, values are not made one by it."""

MOST_MEMBERS: Final = 4
"""Of a list of choices, so many of the named ones are tried in every combination."""

LONGEST: Final = 1_000
"""Characters of a text that is tried."""

MOST_LENGTHS: Final = 4
"""Of counts of days, so many (behind and ahead counted apart) are tried in sums of two."""

UNJUDGED: Final = None
"""What a part of a condition says that cannot be judged."""


def plain_after(day: date, term: str) -> date:
    """Return the day that lies a term after *day* where every weekday works; it stands for all calendars."""
    length, unit = term.split()
    amount = int(length)
    if unit.startswith("month"):
        return add_months(day, amount)
    while amount:
        day += timedelta(days=1)
        amount -= unit.startswith("day") or day.weekday() < 5
    return day


class ValueClass(NamedTuple):
    """Values that no condition distinguishes."""

    value: object
    """The one that is judged; None if a field without a value is among them."""
    filled: object
    """One that is there; None if there is none among them."""
    offsets: tuple[int, ...] = ()
    """Of dates: days from today."""


class Domain(NamedTuple):
    """The values of one field."""

    classes: tuple[ValueClass, ...]
    by_value: Mapping[str, int]
    """Position of the class by the written form of each value that was looked at."""
    empty: int
    """The class in which there is no value."""

    def code(self, value: object) -> int | None:
        """Return the class of a value; None if it was not among those looked at."""
        return self.by_value.get(_written(value))

    @property
    def filled(self) -> tuple[int, ...]:
        """The classes in which there can be a value."""
        return tuple(code for code, each in enumerate(self.classes) if each.filled is not None)

    @property
    def everything(self) -> tuple[int, ...]:
        """All classes."""
        return tuple(range(len(self.classes)))

    def later(self, code: int) -> tuple[int, ...]:
        """Return the other classes into which a date comes as time passes."""
        here = self.classes[code].offsets
        if not here:
            return ()
        return tuple(
            other
            for other, each in enumerate(self.classes)
            if other != code and each.offsets and min(each.offsets) < max(here)
        )


def raw_values(workflow: Workflow, field: Field, sources: Iterable[str], set_to: Sequence[object]) -> list[object]:
    """Return values of a field of which each condition can distinguish no more; None is the first.

    Args:
        sources: The conditions.
        set_to: Values that the declaration gives the field.
    """
    values: list[object] = [None]
    for each in (*_of_its_type(workflow, field, sources), *set_to):
        if each not in values:
            values.append(each)
    return values


def _of_its_type(workflow: Workflow, field: Field, sources: Iterable[str]) -> Sequence[object]:
    """Return the values that are there, before what the declaration gives the field."""
    own = [each for each in sources if re.search(rf"(?<![\w.']){field.name}(?!\w)", each)]
    named = [literal for each in own for name, literal in comparisons(each) if name == field.name]
    literals = [one for each in named for one in (each if isinstance(each, list | tuple) else [each])]
    numbers = sorted({float(each) for one in own for each in re.findall(r"(?<![\w.'])-?\d{1,9}(?:\.\d+)?", one)})
    match field.type:
        case FieldType.FLAG:
            found: Sequence[object] = [False, True]
        case FieldType.NUMBER:
            found = _points(numbers)
        case FieldType.DATE | FieldType.MOMENT:
            found = _days(workflow, field, own, numbers)
        case FieldType.CHOICES:
            found = _lists(field, own)
        case FieldType.CHOICE:
            rest = [each.value for each in field.choices if each.value not in literals]
            found = [*(each.value for each in field.choices if each.value in literals), *rest[:2]]
        case FieldType.OFFICERS:
            most = max([1.0, *(number + 1 for number in numbers if number < 5)])
            found = [[f"p{each}" for each in range(size)] for size in range(1, int(most) + 1)]
        case FieldType.OFFICER:
            found = ["p0"]
        case FieldType.TEXT | FieldType.UNIT | FieldType.SEALED:
            found = _texts(literals, own, numbers)
        case _:
            assert_never(field.type)
    return found


def _texts(literals: Sequence[object], sources: Sequence[str], numbers: Sequence[float]) -> list[object]:
    """Return any text, those that are named, and of each length that is asked for one that has it and a longer one."""
    asked = numbers if any("length" in each for each in sources) else ()
    sizes = [size for number in asked for size in (int(number), int(number) + 1) if 1 < size < LONGEST]
    named = [each for each in literals if isinstance(each, str) and each != ""]
    return ["x", *named, *("x" * size for size in sizes)]


def _points(numbers: Sequence[float]) -> list[object]:
    """Return each number, one between two neighbours, one below and one above all."""
    if not numbers:
        return [1, 2]  # two of them, since names may be compared with one another
    every = sorted({*numbers, *(-each for each in numbers), 0.0})
    between = [(a + b) / 2 for a, b in pairwise(every)]
    found = sorted({*every, *between, every[0] - 1, every[-1] + 1})
    return [int(each) if each == int(each) else each for each in found]


def _days(workflow: Workflow, field: Field, sources: Sequence[str], numbers: Sequence[float]) -> list[object]:
    """Return days behind, today and ahead, and those that a count of days in a condition distinguishes."""
    offsets = {-2, -1, 0, 1, 2}
    lengths: set[int] = set()
    if any(".days" in each or "after(" in each for each in sources):
        for number in (int(each) for each in numbers if abs(each) <= 4_000):
            lengths |= {number, -number}
    for each in sources:
        for amount, unit in re.findall(r"after\('(\d+) (\w+)'\)", each):
            length = int(amount) * {"d": 1, "w": 2, "m": 31}[unit[0]]
            offsets |= {-length - 5, -length, length, length + 5}
            lengths |= {length, -length} if unit[0] == "d" else set()
    # Of two days that are counted from each other both may have to lie a length away from today: their sum.
    sums = {a + b for a in lengths for b in lengths} if len(lengths) <= MOST_LENGTHS else set()
    offsets |= {each + step for each in lengths | sums for step in (-1, 0, 1)}
    days = [TODAY + timedelta(days=each) for each in sorted(offsets)]
    for each in sources:
        for name, literal in all_comparisons(each):
            if name == field.name and isinstance(literal, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", literal):
                at = date.fromisoformat(literal)
                days += [at - timedelta(days=1), at, at + timedelta(days=1)]
    latest = date.max if field.name != workflow.dated_by or workflow.reports_a_period else TODAY
    return [each for each in dict.fromkeys(days) if each <= latest]


def _lists(field: Field, sources: Sequence[str]) -> list[object]:
    """Return lists that hold each combination of the choices that conditions name, and one of another."""
    values = [each.value for each in field.choices]
    named = [each for each in values if any(f"'{each}'" in one for one in sources)]
    if any("length" in one or "count" in one for one in sources):
        named += [each for each in values if each not in named]
    named = named[:MOST_MEMBERS]
    other = next((each for each in values if each not in named), None)
    found: list[object] = [list(some) for size in range(1, len(named) + 1) for some in combinations(named, size)]
    return found + ([[other]] if other is not None else [])


def folded(
    fields: Mapping[str, list[object]],
    pieces: Iterable[ExpressionPiece],
    *,
    needed: Iterable[str],
    kinds: Mapping[str, Field],
    apart: Iterable[str] = (),
) -> dict[str, Domain]:
    """Return the classes of each field's values.

    Args:
        fields: The values by field that are looked at.
        pieces: The parts of all conditions.
        needed: Fields of which it matters whether they have a value.
        kinds: The declared fields.
        apart: Fields of which each value counts.
    """
    marks: dict[str, list[list[object]]] = {name: [[] for _ in values] for name, values in fields.items()}
    nothing = blank(kinds)
    alone = set(apart)
    for piece in pieces:
        named = [each for each in sorted(piece.names) if each in fields]
        standing = piece.names - set(named) - {"today"}
        if standing or piece.children or prod(len(fields[each]) for each in named) > MOST_COMBINATIONS:
            alone.update(named)
            continue
        for name in named:
            others = [each for each in named if each != name]
            for code, value in enumerate(fields[name]):
                scope = {**nothing, name: value}
                for combination in product(*(fields[each] for each in others)):
                    scope.update(zip(others, combination, strict=True))
                    said = piece.compiled.values(scope)
                    marks[name][code].append(UNJUDGED if said is None else said[0])
    wanted = set(needed)
    for name, values in fields.items():
        for code, value in enumerate(values):
            if name in alone:
                marks[name][code].append(code)
            if name in wanted or kinds[name].type in OFFICER_TYPES:
                marks[name][code].append(value is None)
    _mark_what_comes(fields, marks, kinds)
    return {name: _domain(values, marks[name]) for name, values in fields.items()}


def _mark_what_comes(
    fields: Mapping[str, Sequence[object]], marks: Mapping[str, list[list[object]]], kinds: Mapping[str, Field]
) -> None:
    """Mark days by what they come to be as time passes: one ahead may yet be today, one behind may not, nor may none.

    The marks of the days that come before say so; each round looks one change further.
    """
    for name in (each for each in fields if kinds[each].type in DAY_TYPES):
        values, mine = fields[name], marks[name]
        behind = [
            [at for at, it in enumerate(values) if isinstance(it, date) and isinstance(value, date) and it < value]
            for value in values
        ]
        count = 0
        while count != (count := len({repr(each) for each in mine})):
            numbers = {each: number for number, each in enumerate(dict.fromkeys(map(repr, mine)))}
            classes = [numbers[repr(each)] for each in mine]
            for code, each in enumerate(classes):
                mine[code] = [each, tuple(sorted({each, *(classes[at] for at in behind[code])}))]


def blank(kinds: Mapping[str, Field]) -> dict[str, object]:
    """Return what a condition may name, no field with a value."""
    return {
        **dict.fromkeys(kinds),
        "today": TODAY,
        "by": "p9",
        "unit": "u",
        "number": "x",
        "state": "",
        "parent": {},
        "came_from": None,
        COUNTS_DAYS: plain_after,
    }


def _domain(values: list[object], marks: list[list[object]]) -> Domain:
    """Return values as classes by what was said of each."""
    groups: dict[tuple[object, ...], list[object]] = {}
    for value, mark in zip(values, marks, strict=True):
        groups.setdefault(tuple(mark), []).append(value)
    classes: list[ValueClass] = []
    by_value: dict[str, int] = {}
    for members in groups.values():
        filled = [each for each in members if each is not None]
        days = tuple((each - TODAY).days for each in filled if isinstance(each, date))
        # The nearest day is the one that people would write.
        best = TODAY + timedelta(days=min(days, key=abs)) if days else (filled or [None])[-1]
        by_value |= {_written(each): len(classes) for each in members}
        classes.append(ValueClass(None if None in members else best, best, days))
    return Domain(tuple(classes), by_value, by_value[_written(None)])


def _written(value: object) -> str:
    """Return the form by which values are looked up."""
    return f"{type(value).__name__}:{value}" if not isinstance(value, int | float) else f"n:{float(value)}"
