"""The cases of a period of which nothing is listed by name: received and settled in it, with all their terms kept.

Of them there are many. What they add to the figures needs neither their journal as it stands nor their terms one
by one: when they came, when they were cleared, how they count and which terms they met.
"""

from collections.abc import Iterable, Sequence

from engine.journal.canonical import parsed
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.measured import MeasuredCase, MeasureTally, entered_states
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import PeriodSums
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.rules.shapes import TERMS
from engine.store import figure_rows as rows
from engine.store import zero_rows
from engine.store.figure_rows import Settled, SettledRow
from engine.store.past_columns import CountedEntry

_STANDS: dict[int, PeriodGroup] = {
    int(Count.CLEARED): PeriodGroup.CLEARED,
    int(Count.FULLY_CLOSED): PeriodGroup.FULLY_CLOSED,
}


def settled_of(ledger: Ledger, workflow: str, tally: MeasureTally | None, *, eve_at: int) -> Settled | None:
    """Return which cases of a workflow are settled; None if a rate asks more of terms than shapes say.

    Args:
        eve_at: The end of the day before the period, in microseconds since 1970 UTC.
    """
    if tally is not None and not tally.sees_every_term:
        return None
    theirs: set[str] = set()
    for version in zero_rows.versions(ledger.store, workflow):
        theirs |= ledger.rules(workflow, version).shapes.theirs
    return Settled(eve_at=eve_at, childless=tally is not None and tally.sees_families, theirs=sorted(theirs))


def add_settled(
    ledger: Ledger,
    sums: PeriodSums,
    period: Period,
    cases: Iterable[SettledRow],
    fields: Sequence[str],
    tally: MeasureTally | None,
) -> list[int]:
    """Add cases that are settled; return the ids of those whose journal begins before the period; inside `reading`."""
    known = {each.id: each for each in cases}
    if not known:
        return []
    first, earlier, counted = period.first.isoformat(), list[int](), list[int]()
    for entries in rows.entries(ledger.store, sorted(known)):
        case = known[entries[0].case_id]
        if entries[0].at < sums.eve_at:
            earlier.append(case.id)
        elif case.clearance not in _STANDS:
            # Registered by mistake and taken back within the period.
            sums.mistaken += 1
        else:
            counted.append(case.id)
            said = parsed(case.fields)
            _add(sums, case, said, entries, fields, is_late=case.dated_on < first)
            if tally is not None:
                unit = sums.tallies[case.unit_id].unit
                measured = MeasuredCase(case.state, case.clearance, unit, case.dated_on, said)
                tally.add_settled(measured, entered_states(entries), case.shape & TERMS)
    if counted:
        for unit_id, name, count in rows.met(ledger.store, counted):
            sums.met[name, False] += count
            sums.on_time[name, False] += count
            sums.tallies[unit_id].met += count
            sums.tallies[unit_id].on_time += count
    return earlier


def _add(
    sums: PeriodSums,
    case: SettledRow,
    said: dict[str, object],
    entries: Sequence[CountedEntry],
    fields: Iterable[str],
    *,
    is_late: bool,
) -> None:
    """Add a case that was cleared, if it was: what left the open cases as void or repeated was removed then."""
    tally = sums.tallies[case.unit_id]
    flow = tally.flow
    flow.received, flow.late = flow.received + (not is_late), flow.late + is_late
    sums.entered[sums.day_of(case.opened_at)] += 1
    at, count = next((each.at, each.clearance) for each in entries if each.clearance != Count.OPEN)
    cleared = count in _STANDS
    if cleared:
        flow.cleared += 1
        sums.cleared[sums.day_of(at)] += 1
    else:
        flow.removed += 1
    choices = sums.choices
    for name in fields:
        value = said.get(name)
        value = None if value is None else str(value)
        choices[name, value, "entered"] += 1
        choices[name, value, "cleared"] += cleared
    tally.standings[_STANDS[case.clearance]] += 1
