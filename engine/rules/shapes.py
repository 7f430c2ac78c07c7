"""A number for all that decides how a case counts but days to come: its shape, kept in the case's own row.

Very many cases have few shapes, so that what is asked of the values and ended terms of a million cases is asked
of one case of each shape. The upper bits are a digest of the workflow's version, of the fields that have a value, and
of the values of choices and flags; the lower ones say how the case's terms stand, and whether it came back.

Two meanings may come to one number: among a million of them that is one chance in 70,000, but somebody who seeks
two would find them. So verifying, before which no statement is frozen, says where it meets both.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import blake2b
from operator import itemgetter
from typing import Final, NamedTuple

from engine.deadlines.clock import Clock, Status
from engine.journal.canonical import canonical

NONE, KEPT, DOUBTFUL, MISSED = range(4)
"""How the terms of a case stand that are over: none is, all kept, not sure without its journal, one not kept."""

TERMS: Final = 3
"""The bits of that."""
LIVE: Final = 4
"""The bit of a case with a term of ours that runs or rests."""
EXTENDED: Final = 8
"""The bit of a case with a term that runs or rests and was extended."""
CAME_BACK: Final = 16
"""The bit of a case that a row ever counted as open after one that did not; kept once it is set."""

UNKNOWN: Final = 0
"""The shape of a case whose row nobody computed it for: a digest is never nothing."""

_OF_CLOCKS: Final = TERMS | LIVE | EXTENDED
_LOW: Final = 8
_DIGEST: Final = (1 << 55) - 1
_OF_FIELDS: Final = _DIGEST << _LOW
_PAUSED, _MET, _CANCELLED = int(Status.PAUSED), int(Status.MET), int(Status.CANCELLED)
"""A member of an enumeration is looked up in ten times the time of a number, and this is asked at every step."""
_DATE: Final = len("2019-07-01")
_FEW: Final = 20_000
_DAY: Final = 86_400 * 1_000_000
_FIRST_END: Final = _DAY - 14 * 3600 * 1_000_000
"""Microseconds from the midnight of a date in UTC to its earliest end anywhere."""
_LAST_END: Final = _DAY + 12 * 3600 * 1_000_000
"""The same to its latest end."""


def low_bits(shape: int) -> int:
    """Return how the terms of cases stand, and whether they came back; all that may be if nobody computed it."""
    return DOUBTFUL | LIVE | EXTENDED | CAME_BACK if shape == UNKNOWN else shape & ((1 << _LOW) - 1)


class ShapedTerm(NamedTuple):
    """What is asked of a deadline; a clock has all of it too."""

    name: str
    status: int
    original_due_on: str
    due_at: int | None
    ended_at: int | None
    met_on: str | None
    extensions: object = None
    """Nothing if it was not extended."""


class Shapes:
    """Gives the numbers of cases of one version of a workflow."""

    def __init__(self, version: int, valued: Iterable[str], theirs: Iterable[str]) -> None:
        """Begin with none known.

        Args:
            valued: The fields whose value matters, and not only whether there is one: choices and flags.
            theirs: The deadlines that are the other side's.
        """
        self._version = version
        self.valued = tuple(sorted(valued))
        self.theirs = frozenset(theirs)
        self._known: dict[tuple[str, ...], tuple[Callable[[Mapping[str, object]], object], dict[object, int]]] = {}
        """By the fields that have a value: what takes the values that matter, and the upper bits by these."""
        self._meant: dict[int, int] = {}
        """By the upper bits, the hash of what they were first computed from."""
        self._ambiguous = set[int]()

    def is_ambiguous(self, shape: int) -> bool:
        """Say whether the same upper bits came of two different meanings, of those that were asked for so far."""
        return shape & _OF_FIELDS in self._ambiguous

    def of(self, fields: Mapping[str, object], terms: int) -> int:
        """Return the number of a case with these values whose terms stand as `terms` says; it never came back."""
        return self._of_fields(fields) | terms

    def change(
        self, fields: Mapping[str, object] | None, terms: int | None, *, was_counted: int, counted: int
    ) -> tuple[int, int]:
        """Return which bits of its number a case keeps, and which are set, when it changes.

        Args:
            fields: Its values then; None if none changed.
            terms: How its terms stand then; None if no deadline changed.
            was_counted: Its Count before.
            counted: Its Count then.
        """
        keeps, sets = CAME_BACK, 0
        if fields is None:
            keeps |= _OF_FIELDS
        else:
            sets = self._of_fields(fields)
        if terms is None:
            keeps |= _OF_CLOCKS
        else:
            sets |= terms
        return keeps, sets | CAME_BACK if was_counted and not counted else sets

    def terms(self, before: Sequence[Clock], changed: Sequence[Clock]) -> int:
        """Return how the terms of a case stand: those that changed, and of those before the others."""
        if not before or not changed:
            return self.standing(before or changed)
        ids = [each.id for each in changed]
        return self.standing([*changed, *(each for each in before if each.id not in ids)])

    def standing(self, terms: Iterable[Clock | ShapedTerm]) -> int:
        """Return how all terms of a case stand."""
        code = bits = 0
        theirs = self.theirs
        for term in terms:
            status = term.status
            if status <= _PAUSED:
                bits |= EXTENDED if term.extensions else 0
                bits |= 0 if term.name in theirs else LIVE
            elif status != _CANCELLED and code != MISSED and term.name not in theirs:
                if status == _MET and term.due_at is None and term.met_on is not None:
                    found = KEPT if term.met_on[:_DATE] <= term.original_due_on else MISSED
                else:
                    found = _over(term)
                code = max(code, found)
        return code | bits

    def _of_fields(self, fields: Mapping[str, object]) -> int:
        """Return the upper bits."""
        names = tuple(fields)
        alike = self._known.get(names)
        if alike is None:
            if len(self._known) > _FEW:
                self._known.clear()
            asked = [name for name in self.valued if name in fields]
            alike = self._known[names] = itemgetter(*asked) if asked else len, {}
        take, known = alike
        values = take(fields)
        found = known.get(values)
        if found is None:
            if len(known) > _FEW:
                known.clear()
            said = {name: fields[name] if name in self.valued else "" for name in fields}
            text = canonical([self._version, said])
            digest = blake2b(text.encode(), digest_size=8).digest()
            found = known[values] = (int.from_bytes(digest) & _DIGEST) << _LOW
            if self._meant.setdefault(found, hash(text)) != hash(text):
                self._ambiguous.add(found)
        return found


def _over(term: "Clock | ShapedTerm") -> int:
    """Return how a term stands that was met or lifted, so far as its row can tell in whatever zone.

    What was lifted in time asks for nothing; the first instant of a term in hours is what the journal alone tells.
    """
    kept = KEPT if term.status == _MET else NONE
    is_in_hours = term.due_at is not None
    if term.ended_at is None or (is_in_hours and term.met_on is not None and len(term.met_on) != _DATE):
        return DOUBTFUL
    midnight = _midnight(term.original_due_on)
    if term.ended_at < midnight + _FIRST_END - (_DAY if is_in_hours else 0):
        return kept
    return DOUBTFUL if term.ended_at < midnight + _LAST_END else MISSED


@cache
def _midnight(day: str) -> int:
    """Return the midnight of a date in UTC, in microseconds since 1970."""
    return (date.fromisoformat(day).toordinal() - _EPOCH) * _DAY


_EPOCH: Final = date(1970, 1, 1).toordinal()
