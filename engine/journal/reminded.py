"""What a chain says of the reminders and pauses of its deadlines, and what stands there otherwise.

Somebody who wants nobody to be reminded alters no day: a rung is passed over, its instant or a message taken away.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from engine.journal.case_events import CaseEvent, DeadlinePaused, DeadlineResumed, ReminderSent
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.kept import Climb, Kept
from engine.journal.migration_events import CaseMigrated

_RUNNING: Final = 0
_PAUSED: Final = 1
_MET: Final = 2
_BY_HAND: Final = (DeadlinePaused, DeadlineResumed)
"""A tuple, since a union would be made again for each of a million rows."""

_TELLING: Final = frozenset({DeadlinePaused.kind, DeadlineResumed.kind, ReminderSent.kind, CaseMigrated.kind})
"""Kinds of rows that say more of deadlines than how these stand after them."""


class Climbing:
    """The reminders and pauses of one case, as its rows tell them one after another."""

    __slots__ = ("_ended", "_kept", "_pauses", "_rounds", "_rungs")

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._rungs: dict[tuple[str, int], int | None] = {}
        self._rounds: dict[str, int] = {}
        self._pauses: dict[tuple[str, int], list[tuple[int, int | None]]] = {}
        self._ended: dict[tuple[str, int], tuple[int, ...]] = {}

    def follow(self, clocks: dict[tuple[str, int], JournaledDeadline], event: CaseEvent, at: int) -> None:
        """Tell what a row says of the deadlines that it started, moved, stopped or ended, and of a reminder.

        Args:
            clocks: How they stood before it; as they stand after it when this returns.
            at: When it was written; microseconds since 1970 UTC.
        """
        for name, after in event.deadlines.items():
            key = name, after.round
            before = clocks.get(key)
            clocks[key] = after
            if after.status <= _PAUSED:
                self._ended.pop(key, None)
            elif before is None or before.status <= _PAUSED or (after.status == _MET) != (before.status == _MET):
                self._ended[key] = (at,)
            elif after.lifted:  # it is not required for another reason now, and ended as it ceased to be
                self._ended[key] = (after.ceased_at(at),)
            elif after.status != _MET:  # rows of older versions do not tell
                self._ended[key] = (*self._ended.get(key, ()), at)
            self._rounds[name] = after.round
            self._rungs[key] = self._next_rung(key, before, after)
        if event.kind not in _TELLING:
            return
        self._by_hand(event)
        if isinstance(event, ReminderSent):
            self._reminded(event)
        elif isinstance(event, CaseMigrated):
            self._rungs.update({(name, self._rounds.get(name, 1)): rung for name, rung in event.rungs.items()})

    def _next_rung(
        self, key: tuple[str, int], before: JournaledDeadline | None, after: JournaledDeadline
    ) -> int | None:
        """Return the next rung of a deadline after a change; None if its row does not tell."""
        if before is None:
            return 0 if after.status in {_RUNNING, _PAUSED} else None
        if after.status == _RUNNING and before.status != _RUNNING:
            # One that came back: whether its rungs were set again depends on the declaration.
            return 0 if before.status == _PAUSED else None
        moved = (before.due_on, before.due_at) != (after.due_on, after.due_at)
        return 0 if moved else self._rungs.get(key)

    def _by_hand(self, event: CaseEvent) -> None:
        """Tell that an officer stopped a deadline, or let it run again."""
        if not isinstance(event, _BY_HAND):
            return
        pauses = self._pauses.setdefault((event.deadline, self._rounds.get(event.deadline, 1)), [])
        if isinstance(event, DeadlinePaused):
            pauses.append((event.from_at, None))
        elif pauses:
            pauses[-1] = pauses[-1][0], event.to_at

    def _reminded(self, event: ReminderSent) -> None:
        """Tell what a row says of a reminder."""
        if event.again:
            return
        taken = (*event.skipped, (event.rung, event.level))
        for rung, level in taken:
            key = event.deadline, rung, level
            self._kept.reminders[key] = self._kept.reminders.get(key, 0) + 1
        if event.to:
            to = event.deadline, event.rung
            self._kept.promised[to] = (*self._kept.promised.get(to, ()), *event.to)
        place = event.deadline, self._rounds.get(event.deadline, 1)
        if place in self._rungs:
            self._rungs[place] = event.rung + 1

    def written(self, *, known: bool) -> None:
        """Write down what the rows said.

        Args:
            known: The rows are of a version that journals all that pauses rest on.
        """
        for key, rung in self._rungs.items():
            pauses = tuple(self._pauses.get(key, ())) if known else None
            self._kept.climbs[key] = Climb(rung=rung, pauses=pauses, ends=self._ended.get(key, ()) if known else None)


def promised_differently(said: Kept, kept: Kept) -> Iterator[tuple[str, str]]:
    """Yield what of rungs, pauses, ends, reminders and messages is not as the chain says: what, of which deadline."""
    for (name, term), climb in said.climbs.items():
        stands = kept.climbs.get((name, term))
        if stands is None:
            continue  # the deadline itself is missing, and said to be
        if climb.rung is not None and climb.rung != stands.rung:
            yield "rung", name
        if (
            climb.pauses is not None
            and climb.pauses != stands.pauses
            and not _paused_alike(climb.pauses, stands.pauses or ())
        ):
            yield "pauses", name
        if climb.ends is not None and (
            stands.ended_at not in climb.ends if climb.ends else stands.ended_at is not None
        ):
            yield "ended_at", name
    if said.reminders != kept.reminders:
        places = said.reminders.keys() | kept.reminders.keys()
        differing = sorted({each[0] for each in places if said.reminders.get(each) != kept.reminders.get(each)})
        yield "reminders", ", ".join(differing)
    lost = sorted({to[0] for to, codes in said.promised.items() if _is_lost(codes, kept.promised.get(to, ()))})
    if lost:
        yield "outbox", ", ".join(lost)


def _is_lost(codes: tuple[str, ...], heard: tuple[str, ...]) -> bool:
    """Say whether one of those who heard of a reminder is in no message."""
    return codes != heard and "" not in heard and not set(heard).issuperset(codes)


def _paused_alike(said: Sequence[tuple[int, int | None]], stands: Sequence[tuple[int, int | None]]) -> bool:
    """Say whether an officer stopped a deadline when the journal says; what else ended a pause its rows do not tell."""
    return len(said) == len(stands) and all(
        one[0] == other[0] and one[1] in {None, other[1]} for one, other in zip(said, stands, strict=True)
    )
