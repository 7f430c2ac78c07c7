"""The cases of a period of which nothing is listed by name: received and settled in it, with all their terms kept.

Of them there are many. What they add to the figures needs neither their journal as it stands nor their terms one
by one: when they came, when they were cleared, how they count and which terms they met.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

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
    *,
    bound: AbstractSet[str],
) -> list[int]:
    """Add cases that are settled; return the ids of those that are looked at all the same; inside `reading`.

    Their journal begins before the period, or they were in a state of which days alone may change how it counts.
    """
    known = {each.id: each for each in cases}
    if not known:
        return []
    first, earlier, counted = period.first.isoformat(), list[int](), list[int]()
    said_of = {"entered": list[Mapping[str, object]](), "cleared": list[Mapping[str, object]]()}
    for entries in rows.entries(ledger.store, sorted(known)):
        case = known[entries[0].case_id]
        if entries[0].at < sums.eve_at or any(each.to_state in bound for each in entries):
            earlier.append(case.id)
        elif case.clearance not in _STANDS:
            # Registered by mistake and taken back within the period.
            sums.mistaken += 1
        else:
            counted.append(case.id)
            said = parsed(case.fields)
            said_of["entered"].append(said)
            if _add(sums, case, entries, is_late=case.dated_on < first):
                said_of["cleared"].append(said)
            if tally is not None:
                unit = sums.tallies[case.unit_id].unit
                measured = MeasuredCase(case.state, case.clearance, unit, case.dated_on, said)
                tally.add_settled(measured, entered_states(entries), case.shape & TERMS)
    _add_choices(sums, fields, said_of)
    _add_met(ledger, sums, counted)
    return earlier


def _add_choices(sums: PeriodSums, fields: Iterable[str], said_of: Mapping[str, list[Mapping[str, object]]]) -> None:
    """Add the values of choices, of those that entered and of those that were cleared."""
    for what, found in said_of.items():
        for name in fields:
            for value, count in Counter([each.get(name) for each in found]).items():
                sums.choices[name, None if value is None else str(value), what] += count


def _add_met(ledger: Ledger, sums: PeriodSums, case_ids: Sequence[int]) -> None:
    """Add the terms that were met: all of them by their original day."""
    for unit_id, name, count in rows.met(ledger.store, case_ids) if case_ids else ():
        sums.met[name, False] += count
        sums.on_time[name, False] += count
        sums.tallies[unit_id].met += count
        sums.tallies[unit_id].on_time += count


def _add(sums: PeriodSums, case: SettledRow, entries: Sequence[CountedEntry], *, is_late: bool) -> bool:
    """Add the flow of a case; return whether it was cleared: else it was removed, and counts as cleared since."""
    tally = sums.tallies[case.unit_id]
    flow = tally.flow
    flow.received, flow.late = flow.received + (not is_late), flow.late + is_late
    sums.entered[sums.day_of(case.opened_at)] += 1
    tally.standings[_STANDS[case.clearance]] += 1
    at, count = next((each.at, each.clearance) for each in entries if each.clearance != Count.OPEN)
    if count not in _STANDS:
        flow.removed += 1
        return False
    flow.cleared += 1
    sums.cleared[sums.day_of(at)] += 1
    return True
