"""Which letters are to be written: chase letters and supervision notices that a level reached has made ready."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.deadlines.clock import ladder
from engine.operations.deadlines.standings import DeadlineView
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.issue import issued
from engine.store import outbox_rows as outbox
from engine.working_days.instants import local_day


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitedLetter:
    """One letter that is to be written."""

    standing: DeadlineView
    paper: str
    """What kind of letter, as the ladder names it."""
    level: str
    to: tuple[str, ...]
    """Roles and officer fields whom the rung reminds."""
    since: str
    """Local date on which it became ready."""


def papers(ledger: Ledger, standings: Iterable[DeadlineView]) -> Iterator[AwaitedLetter]:
    """Yield of each deadline the highest letter that it has reached since it was last moved, unless it was issued.

    A rung that was skipped after a time without sweeps makes its letter ready too, and a higher rung
    without a letter of its own takes none away.
    """
    for each in standings:
        ready = _ready(ledger, each)
        if ready is not None:
            yield ready


def _ready(ledger: Ledger, standing: DeadlineView) -> AwaitedLetter | None:
    """Return the letter of one deadline that is to be written, if any."""
    steps = ladder(ledger.rules_of(standing.case).workflow, standing.declared)
    known = outbox.reached(ledger.store, standing.clock)
    reached = [(step.rung, each) for each in known if (step := steps.step(each.rung)) is not None]
    wanted = [(rung, each) for rung, each in reached if rung.paper is not None]
    if not wanted:
        return None
    rung, _ = wanted[-1]
    first = next(each for other, each in wanted if other.paper == rung.paper)
    for letter in issued(ledger, standing.case):
        of_this = letter.about.get("deadline") in {None, standing.clock.name}
        # From when it was due, not from when it was recorded: a late sweep may come after the letter.
        if letter.kind == rung.paper and of_this and letter.at >= first.due_at:
            return None
    return AwaitedLetter(
        standing=standing,
        paper=str(rung.paper),
        level=rung.level,
        to=rung.to,
        since=local_day(first.at, ledger.zone).isoformat(),
    )
