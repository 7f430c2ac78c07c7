"""Which letters are to be written: chase letters and supervision notices that a reminder has made ready."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.deadlines import ladder
from engine.instants import local_day
from engine.operations.deadlines import Standing
from engine.operations.ledger import Ledger
from engine.store import outbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One letter that is to be written."""

    standing: Standing
    paper: str
    """What kind of letter, as the ladder names it."""
    level: str
    to: tuple[str, ...]
    """Roles and officer fields whom the rung reminds."""
    since: str
    """Local date on which it became ready."""


def papers(ledger: Ledger, standings: Iterable[Standing]) -> Iterator[Paper]:
    """Yield the letter of the highest rung that each deadline has reached since it was last moved."""
    for each in standings:
        taken = outbox.last_sent(ledger.store, each.clock)
        if taken is None:
            continue
        rung, _ = ladder(ledger.rules_of(each.case).workflow, each.declared)[taken[0]]
        if rung.paper is not None:
            yield Paper(
                standing=each,
                paper=rung.paper,
                level=rung.level,
                to=rung.to,
                since=local_day(taken[1], ledger.zone).isoformat(),
            )
