"""Cases that were cleared, but after their day: which, since when, and by how many days.

The day is that of the campaign, or that of the case's own extension. A case is cleared since the row from
which on it has counted as cleared without a break: a lead that was reopened counts from the last closing, and
a record that was not complete counted as cleared only once it was (domain §9.4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.campaigns.campaign import CLEARED, Campaign, group_of, own_day
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, day_bound, rebuilt, replay
from engine.rules.case import Case, Count
from engine.store import case_rows, zero_history, zero_rows
from engine.store.past_columns import PastEntry
from engine.working_days.instants import local_day

_ASIDE = frozenset({Count.VOID, Count.REPEATS})


@dataclass(frozen=True, kw_only=True, slots=True)
class ClearedLate:
    """A case that counts as cleared, but did not on its day."""

    number: str
    unit: str
    """The unit's code."""
    cleared_on: date
    """Local day since which it has counted as cleared."""
    due_on: date
    """Local day by which it should have: the campaign's, or that of its own extension."""

    @property
    def days(self) -> int:
        """Calendar days between the two."""
        return (self.cleared_on - self.due_on).days


def cleared_late(
    ledger: Ledger, campaign: Campaign, case_ids: Sequence[int], *, due_at: int, end_at: int, watched: Sequence[str]
) -> tuple[ClearedLate, ...]:
    """Return those of cases that stand as cleared before *end_at* which were cleared late; inside `reading`.

    Args:
        case_ids: Cases of the scope that stand in one of the two groups that are cleared.
        due_at: The end of the campaign's day, in microseconds since 1970 UTC.
        end_at: The same of the day as of which it is asked.
        watched: States whose count may change by the passing of days.
    """
    if end_at <= due_at or not case_ids:
        return ()
    doubtful = zero_history.unsettled(ledger.store, campaign, case_ids, due_at=due_at, end_at=end_at, watched=watched)
    return tuple(late_among(ledger, campaign, doubtful, due_at, end_at))


def late_among(
    ledger: Ledger, campaign: Campaign, case_ids: Sequence[int], due_at: int, end_at: int
) -> Iterator[ClearedLate]:
    """Yield those of cleared cases that were cleared after their day, each rebuilt from its rows; inside `reading`.

    Args:
        due_at: The end of the campaign's day, in microseconds since 1970 UTC.
        end_at: The same of the day as of which it is asked; it lies after the former.
    """
    for start in range(0, len(case_ids), CHUNK):
        rows = zero_rows.rows_of(ledger.store, case_ids[start : start + CHUNK], end_at=end_at)
        known = case_rows.by_ids(ledger.store, list(rows))
        for case_id, history in rows.items():
            case = known[case_id]
            first = _first_of_run(ledger, campaign, case, history, due_at)
            if first is None:
                continue
            cleared_on = local_day(history[first].at, ledger.zone)
            due_on = own_day(campaign, replay(ledger, case, history[: first + 1]).granted)
            if cleared_on > due_on:
                yield ClearedLate(number=case.number, unit=case.unit, cleared_on=cleared_on, due_on=due_on)


def _first_of_run(ledger: Ledger, campaign: Campaign, case: Case, rows: Sequence[PastEntry], due_at: int) -> int | None:
    """Return the place of the row since which a case counts as cleared without a break; None if it was in time."""
    bound = day_bound(ledger.rules_of(case).workflow)
    first = len(rows) - 1
    for place in range(len(rows) - 1, -1, -1):
        if rows[place].clearance not in _ASIDE:  # what was set aside for a while counts as it did before
            replayed = replay(ledger, case, rows[: place + 1])
            past = replayed.case
            group = group_of(
                campaign,
                clearance=past.clearance,
                state=past.state,
                fields=past.fields,
                extensions=(),
                day=campaign.clear_by,
                asked=replayed.asked,
            )
            if group not in CLEARED:
                return first
            if past.state in bound and place + 1 < len(rows) and _has_lapsed(ledger, case, rows[place + 1].at):
                return first
            first = place
        if rows[place].at < due_at:
            return None
    return first


def _has_lapsed(ledger: Ledger, case: Case, at: int) -> bool:
    """Say whether a case had ceased to count by the passing of days alone, just before a row of that instant."""
    before = rebuilt(ledger, [case.id], end_at=at, day=local_day(at, ledger.zone))
    return any(each.case.clearance == Count.OPEN for each in before)
