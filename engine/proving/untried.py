"""Which values have to be tried besides, and whether a value or combination that is not tried may say otherwise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from math import prod
from typing import Final

from engine.expressions.atoms import ExpressionPiece
from engine.proving.domains import MOST_COMBINATIONS, TODAY, UNJUDGED, blank
from engine.workflow.field_traits import DAY_TYPES, NUMBER_TYPES, OFFICER_TYPES
from engine.workflow.model import Field

MOST_POINTS: Final = 40
"""If a number turns at more, no more of them are tried."""

_NOT_WALKED: Final = frozenset({"unit", "number", "by"})
"""Names of which one value stands for all in the search."""

_ORDERED_TYPES: Final = NUMBER_TYPES | DAY_TYPES

_WIDE: Final = tuple(
    sign * each for sign in (-1, 1) for each in (0, 0.5, 1, 1.5, 2, 3, 4.5, 6, 8, 10, 15, 25, 40, 75, 120, 300, 1_000)
)
"""Numbers by which it is looked for what the values that are tried may have missed."""

_OUTCOMES: Final = len((False, True))


def refined(
    fields: Mapping[str, list[object]], pieces: Iterable[ExpressionPiece], kinds: Mapping[str, Field]
) -> dict[str, list[object]]:
    """Return the values with those numbers and days besides at which a part of a condition over one of them turns.

    Between two neighbours of which it says different things the place is found by halving.
    """
    found, pieces = {name: list(values) for name, values in fields.items()}, tuple(pieces)
    for piece in pieces:
        name = next(iter(piece.names & fields.keys()), "")
        if piece.form or not name or piece.names - {name, "today"} or kinds[name].type not in _ORDERED_TYPES:
            continue
        is_day = kinds[name].type in DAY_TYPES
        line = _Line(piece, name, kinds, is_day=is_day)
        tried = {line.place(each) for each in fields[name] if each is not None}
        some = sorted(tried if is_day else {*tried, *map(float, range(-2, 13))})
        turns = [line.turn(a, b) for a, b in pairwise(some) if line.says(a) != line.says(b)]
        near = (-1.0, 0.0) if is_day else (-0.25, 0.0, 0.25)
        fresh = {each + step for each in turns for step in near} | (set(some) if turns and not is_day else set())
        if len(fresh) <= MOST_POINTS:
            found[name] += [x for x in map(line.value, sorted(fresh)) if x not in found[name]]
    for piece in pieces:
        beside = _beside(piece, pieces, fields)
        named = sorted({name for each in (piece, *beside) for name in each.names} & fields.keys())
        several = len(piece.names) > 1 and not piece.form and piece.names <= fields.keys() and len(named) == 2
        if several and _only_orders_numbers((piece, *beside), kinds):
            for combination in _missed(piece, beside, found, named, kinds):
                for name, value in zip(named, combination, strict=True):
                    found[name] += [value] if value not in found[name] else []
    return found


class _Line:
    """The values of one field in their order, and what a part of a condition says along it."""

    def __init__(self, piece: ExpressionPiece, name: str, kinds: Mapping[str, Field], *, is_day: bool) -> None:
        self._piece, self._name, self._is_day = piece, name, is_day
        self._scope = blank(kinds)

    def place(self, value: object) -> float:
        """Return where a number or a day stands; days are counted from today."""
        return float((value - TODAY).days) if isinstance(value, date) else float(str(value))

    def value(self, place: float) -> object:
        """Return what stands at a place."""
        if self._is_day:
            return TODAY + timedelta(days=int(place))
        return int(place) if place == int(place) else place

    def says(self, place: float) -> object:
        """Return what the part says there."""
        return _says(self._piece, {**self._scope, self._name: self.value(place)})

    def turn(self, low: float, high: float) -> float:
        """Return the first place between two at which it says something else."""
        first = self.says(low)
        while high - low > (1 if self._is_day else 1e-9):
            middle = (low + high) // 2 if self._is_day else (low + high) / 2
            low, high = (middle, high) if self.says(middle) == first else (low, middle)
        return round(high, 6)


def _says(piece: ExpressionPiece, scope: Mapping[str, object]) -> object:
    """Return what a part of a condition says of some values."""
    found = piece.compiled.values(scope)
    return UNJUDGED if found is None else bool(found[0])


def is_one_sided(
    piece: ExpressionPiece,
    every: Iterable[ExpressionPiece],
    fields: Mapping[str, list[object]],
    kinds: Mapping[str, Field],
) -> bool:
    """Say whether a part of a condition may be true and false, though the values that are tried show one of both only.

    Where names are compared with what is written beside them, or days with one another, the values are chosen so that
    none is missed. In any other form, such as `note|length > 3`, a value that is not tried may say otherwise. So may
    a combination: what other parts say of the same fields may leave it one side only, of the values that are tried.

    Args:
        every: The parts of all conditions.
        fields: The values by field that are looked at.
        kinds: The declared fields.
    """
    if piece.children or not piece.names or _misses_none(piece, kinds):
        return False
    beside = () if _is_walked(piece, kinds) else _beside(piece, every, fields)
    named = sorted({name for each in (piece, *beside) for name in each.names} & fields.keys())
    if piece.names - {*fields, "today"} or prod(len(fields[each]) for each in named) > MOST_COMBINATIONS:
        return True
    tried = _outcomes(piece, beside, [fields[name] for name in named], named, kinds)
    if tried and all(len(each) == _OUTCOMES for each in tried.values()):
        return False
    if not _only_orders_numbers((piece, *beside), kinds):
        return True
    seen = {each for some in tried.values() for each in some}
    return len(seen) < _OUTCOMES or bool(_missed(piece, beside, fields, named, kinds))


def _beside(
    piece: ExpressionPiece, every: Iterable[ExpressionPiece], fields: Mapping[str, object]
) -> tuple[ExpressionPiece, ...]:
    """Return the other parts of conditions that are over the same fields, and over nothing that is not tried."""
    return tuple(
        each
        for each in every
        if each is not piece
        and not each.children
        and not each.names.isdisjoint(piece.names & fields.keys())
        and not each.names - {*fields, "today"}
    )


def _missed(
    piece: ExpressionPiece,
    beside: Sequence[ExpressionPiece],
    fields: Mapping[str, Sequence[object]],
    named: Sequence[str],
    kinds: Mapping[str, Field],
) -> list[tuple[object, ...]]:
    """Return numbers of a wide net that show what those that are tried do not.

    What the net does not show either counts as impossible; that few numbers stand for all is said among the folds.
    """
    tried = _outcomes(piece, beside, [fields[name] for name in named], named, kinds)
    wide = _outcomes(piece, beside, [(*fields[name], *_WIDE) for name in named], named, kinds)
    return [
        combination
        for key, said in wide.items()
        for outcome, combination in said.items()
        if outcome not in tried.get(key, {})
    ]


def _outcomes(
    piece: ExpressionPiece,
    beside: Sequence[ExpressionPiece],
    values: Sequence[Sequence[object]],
    named: Sequence[str],
    kinds: Mapping[str, Field],
) -> dict[tuple[object, ...], dict[object, tuple[object, ...]]]:
    """Return what a part of a condition says by what others say of the same values, each with the first that say so.

    Others that always say the same as it, or always the opposite, are the same part and are left out.

    Where a value is missing nothing is asked: that often makes an outcome that no value makes.
    """
    filled = [[x for x in some if x is not None or name not in piece.names]
              for name, some in zip(named, values, strict=True)]  # fmt: skip
    nothing, rows = blank(kinds), list[tuple[object, tuple[object, ...], tuple[object, ...]]]()
    for combination in product(*filled):
        scope = {**nothing, **dict(zip(named, combination, strict=True))}
        mine = _says(piece, scope)
        if mine is not UNJUDGED:
            rows.append((mine, tuple(_says(each, scope) for each in beside), combination))
    own = {at for at in range(len(beside)) if len({mine == others[at] for mine, others, _ in rows}) == 1}
    said: dict[tuple[object, ...], dict[object, tuple[object, ...]]] = {}
    for mine, others, combination in rows:
        key = tuple(each for at, each in enumerate(others) if at not in own)
        said.setdefault(key, {}).setdefault(mine, combination)
    return said


def _only_orders_numbers(pieces: Iterable[ExpressionPiece], kinds: Mapping[str, Field]) -> bool:
    """Say whether parts of conditions are over numbers, and none over several of them asks for equality."""
    return all(
        all(name in kinds and kinds[name].type in NUMBER_TYPES for name in each.names)
        and (each.form in {"there", "name"} or not re.search(r"op='(eq|ne|in|notin)'|Mod\(|FloorDiv\(", each.source))
        for each in pieces
    )


def _is_walked(piece: ExpressionPiece, kinds: Mapping[str, Field]) -> bool:
    """Say whether every value at which a part of a condition turns is tried, once it is seen to turn at all.

    Numbers are halved until it does (`refined`); days are tried about each length that is counted, two of them in sums.
    """
    types = [kinds[each].type for each in piece.names if each in kinds]
    is_periodic = not piece.words.isdisjoint({"year", "month", "day"})
    if len(types) == 1 and types[0] in _ORDERED_TYPES and not is_periodic:
        return piece.names <= {*kinds, "today"}
    counts_days = not piece.filters - {"after"} and not is_periodic
    plain = not any(re.search(r"month|week|working", each) for each in piece.words)
    most = len(("one day", "another"))
    return counts_days and plain and set(types) <= DAY_TYPES and len(types) <= most


def _misses_none(piece: ExpressionPiece, kinds: Mapping[str, Field]) -> bool:
    """Say whether the values that are tried stand for all that a part of a condition can distinguish."""
    types = {kinds[each].type for each in piece.names if each in kinds}
    if piece.form == "there":
        return True
    if piece.form == "name":
        return piece.names.isdisjoint(_NOT_WALKED) and types.isdisjoint(OFFICER_TYPES)
    days = types <= DAY_TYPES
    return piece.form == "names" and days and piece.names <= {*kinds, "today"}
