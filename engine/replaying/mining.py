"""What a log shows of a workflow: which activity follows which, how many cases that covers, how long states last.

A state is named after the last activity; a step is an activity taken in a state. Steps are kept by how often they were
taken. A case is covered if every one of its steps is kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

from engine.errors import BadValueError
from engine.language import Text
from engine.replaying.logged import LoggedEvent
from engine.replaying.surroundings import in_time
from engine.replaying.throughput import quantile

Step = tuple[str, str]
"""The activity before (empty at the beginning of a case) and the one that follows."""

LEARNT: Final = 0.7
"""The share of cases, the earliest, from which steps are learnt that are then tried on the later ones."""
WANTED: Final = 0.95
"""The share of cases that a draft covers if nobody says how many steps to keep."""
_OFTEN_LAST: Final = 0.1
_MANY: Final = 0.3
_DAY: Final = 86_400_000_000


class Trace(NamedTuple):
    """One case: what was done, and when."""

    case: str
    activities: tuple[str, ...]
    at: tuple[int, ...]
    """Microseconds since 1970 UTC."""


class MinedCoverage(NamedTuple):
    """How many cases the most frequent steps cover."""

    steps: int
    share: float
    later: float
    """Of the later cases, if the steps are learnt from the earlier ones."""


class MinedLog(NamedTuple):
    """What a log shows, with the steps that are kept."""

    cases: int
    events: int
    steps: Mapping[Step, int]
    """Those kept that a covered case takes, with how often, the most frequent first."""
    asked: int
    """How many were to be kept."""
    found: int
    """How many there are."""
    covered: int
    curve: tuple[MinedCoverage, ...]
    terms: Mapping[str, int | None]
    """In how many days nine of ten stays in a state are over; None if none is seen to end."""
    finals: frozenset[str]
    """Activities after which nothing was done."""
    lasts: frozenset[str]
    """Activities after which something may be done, but cases also end."""
    repeats: float
    """The share of events that repeat the one before."""
    pairs: float
    """The share of events that only begin something which another ends."""

    @property
    def wants_children(self) -> bool:
        """Whether much of it looks as if it were cases of their own under these."""
        return self.repeats > _MANY or self.pairs > _MANY


def traces(events: Iterable[LoggedEvent], *, ignore: frozenset[str], zone: str) -> tuple[list[Trace], float]:
    """Return the cases of a log, the earliest first, and the share of events that only begin something.

    Args:
        ignore: Activities that are left out.
        zone: Of local days.
    """
    cases: dict[str, list[LoggedEvent]] = {}
    begun = total = 0
    for each in events:
        if each.activity in ignore:
            continue
        total += 1
        if each.phase and each.phase.casefold() != "complete":
            begun += each.phase.casefold() == "start"
        else:
            cases.setdefault(each.case, []).append(each)
    found = []
    for case, logged in cases.items():
        ordered = in_time(logged, zone)
        found.append(Trace(case, tuple(each.activity for each in ordered), tuple(each.at for each in ordered)))
    found.sort(key=lambda each: each.at[0])
    return found, 2 * begun / total if total else 0.0


def mined(found: Sequence[Trace], pairs: float, *, steps: int | None) -> MinedLog:
    """Return what cases show.

    Args:
        found: The cases, at least one, the earliest first.
        pairs: The share of events that only begin something.
        steps: How many steps are kept; None for as few as cover most cases.

    Raises:
        BadValueError: If so few steps cover none.
    """
    counted = _counted(found)
    ranks = _ranks(counted)
    needed = sorted(_needed(each, ranks) for each in found)
    asked = needed[ceil(WANTED * len(needed)) - 1] if steps is None else steps
    covered = [each for each in found if _needed(each, ranks) <= asked]
    if not covered:
        raise BadValueError(
            Text(
                f"the {asked} most frequent steps cover no case; the first is covered by {needed[0]} (--steps)",
                f"最常见的 {asked} 个步骤不能覆盖任何一件；至少要 {needed[0]} 个（--steps）",
            )
        )
    taken = _counted(covered)
    kept = {step: counted[step] for step in ranks if step in taken}
    finals, lasts = _ends(covered, kept)
    events = sum(len(each.activities) for each in found)
    again = sum(before == after for each in found for before, after in pairwise(each.activities))
    return MinedLog(
        cases=len(found),
        events=events,
        steps=kept,
        asked=asked,
        found=len(counted),
        covered=len(covered),
        curve=_curve(found, needed, asked),
        terms=_terms(covered, {step[0] for step in kept} | lasts),
        finals=finals,
        lasts=lasts,
        repeats=again / events,
        pairs=pairs,
    )


def _steps(trace: Trace) -> Iterable[Step]:
    return pairwise(("", *trace.activities))


def _counted(found: Iterable[Trace]) -> Counter[Step]:
    return Counter(step for each in found for step in _steps(each))


def _ranks(counted: Counter[Step]) -> dict[Step, int]:
    """Return the place of each step by how often it was taken, from 1; of those alike by name."""
    ordered = sorted(counted, key=lambda step: (-counted[step], step))
    return {step: place for place, step in enumerate(ordered, 1)}


def _needed(trace: Trace, ranks: Mapping[Step, int]) -> int:
    """Return how many steps must be kept for a case to be covered; more than there are if one is unknown."""
    return max(ranks.get(step, len(ranks) + 1) for step in _steps(trace))


def _curve(found: Sequence[Trace], needed: Sequence[int], asked: int) -> tuple[MinedCoverage, ...]:
    """Return the shares covered by more and more steps."""
    middle = ceil(LEARNT * len(found))
    ranks = _ranks(_counted(found[:middle]))
    later = [_needed(each, ranks) for each in found[middle:]]
    unknown = len(ranks) + 1
    points = sorted({*(each for each in (5, 10, 15, 20, 30, 40, 60, 100, 200) if each < needed[-1]), asked, needed[-1]})
    return tuple(
        MinedCoverage(
            steps=steps,
            share=sum(each <= steps for each in needed) / len(needed),
            later=sum(each <= steps and each < unknown for each in later) / len(later) if later else 0.0,
        )
        for steps in points
    )


def _ends(covered: Iterable[Trace], kept: Mapping[Step, int]) -> tuple[frozenset[str], frozenset[str]]:
    """Return after which activities nothing was done, and after which cases may also end.

    These are where cases often are last seen, and as many more as it takes for every case to be able to end.
    """
    seen = list(covered)
    last = Counter(each.activities[-1] for each in seen)
    visits = Counter(activity for each in seen for activity in each.activities)
    leads: dict[str, set[str]] = {}
    for before, after in kept:
        if before != after:
            leads.setdefault(after, set()).add(before)
    leaving = {before for before, _ in kept}
    finals = frozenset(each for each in last if each not in leaving)
    lasts = {each for each in last if each in leaving and last[each] >= _OFTEN_LAST * visits[each]}
    while True:
        ending = _reaching(finals | lasts, leads)
        more = {each for each in last if each not in ending}
        if not more:
            return finals, frozenset(lasts)
        lasts |= more


def _reaching(ends: Iterable[str], leads: Mapping[str, Iterable[str]]) -> set[str]:
    """Return what some activities can be reached from."""
    found = set(ends)
    waiting = list(found)
    while waiting:
        for before in leads.get(waiting.pop(), ()):
            if before not in found:
                found.add(before)
                waiting.append(before)
    return found


def _terms(covered: Iterable[Trace], states: Iterable[str]) -> dict[str, int | None]:
    """Return in how many days nine of ten stays are over, by state."""
    stays: dict[str, list[float]] = {}
    for each in covered:
        since = each.at[0]
        for place, (before, after) in enumerate(pairwise(each.activities)):
            if before != after:
                stays.setdefault(before, []).append((each.at[place + 1] - since) / _DAY)
                since = each.at[place + 1]
    return {
        state: max(1, ceil(quantile(sorted(stays[state]), 0.9))) if state in stays else None for state in sorted(states)
    }
