"""The plain cases of a period, of which there are many: they came in it, and none of their terms ended late.

What they add to the figures needs neither their journal as it stands nor their terms one by one: when they came, when
they were cleared, how they count, which terms they met, and which of them still run or rest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from engine.journal.canonical import parsed
from engine.operations.figures.counted_part import CountedPart, FiguresAsked
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.measured import MeasuredCase, MeasureTally, entered_states
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import CLEARED, PeriodSums, age_class
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.rules.shapes import EXTENDED, LIVE, MISSED, TERMS
from engine.store import figure_rows as rows
from engine.store import unchanged_rows, zero_rows
from engine.store.figure_rows import Settled, SettledRow
from engine.store.past_columns import CountedEntry

_STANDS: dict[int, PeriodGroup] = {
    int(Count.OPEN): PeriodGroup.IN_TIME,
    int(Count.CLEARED): PeriodGroup.CLEARED,
    int(Count.FULLY_CLOSED): PeriodGroup.FULLY_CLOSED,
}
"""Where a case stands; an open one unless `LiveTerms` moves it."""
_OUT = (int(Count.VOID), int(Count.REPEATS))


def settled_of(ledger: Ledger, workflow: str, tally: MeasureTally | None, *, eve_at: int) -> Settled | None:
    """Return which cases of a workflow are plain; None if a rate asks more of terms than shapes say.

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
    ledger: Ledger, part: CountedPart, asked: FiguresAsked, cases: Iterable[SettledRow], *, bound: AbstractSet[str]
) -> list[int]:
    """Add plain cases; return the ids of those that are looked at all the same; inside `reading`.

    Their journal begins before the period, or they were in a state of which days alone may change how it counts.
    """
    known = {each.id: each for each in cases}
    if not known:
        return []
    sums, tally = part.sums, part.tally
    earlier, counted = list[int](), list[tuple[SettledRow, list[CountedEntry]]]()
    for entries in rows.entries(ledger.store, sorted(known)):
        case = known[entries[0].case_id]
        if entries[0].at < sums.eve_at or any(each.to_state in bound for each in entries):
            earlier.append(case.id)
        elif case.clearance in _OUT:
            # Registered by mistake and taken back within the period.
            sums.mistaken += 1
        else:
            counted.append((case, entries))
    with_live = [case.id for case, _ in counted if case.shape & (LIVE | EXTENDED)]
    late = part.live.add(unchanged_rows.live_terms_of(ledger.store, with_live))
    said_of = {each: list[Mapping[str, object]]() for each in ("entered", "cleared", "open")}
    for case, entries in counted:
        said = parsed(case.fields)
        said_of["entered"].append(said)
        if _add(sums, asked.period, case, entries):
            said_of["cleared"].append(said)
        if case.clearance == Count.OPEN:
            said_of["open"].append(said)
        if tally is not None:
            unit = sums.tallies[case.unit_id].unit
            measured = MeasuredCase(case.state, case.clearance, unit, case.dated_on, said)
            tally.add_settled(measured, entered_states(entries), MISSED if case.id in late else case.shape & TERMS)
    _add_choices(sums, asked.fields, said_of)
    _add_met(ledger, sums, [case.id for case, _ in counted])
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


def _add(sums: PeriodSums, period: Period, case: SettledRow, entries: Sequence[CountedEntry]) -> bool:
    """Add the flow of a case; return whether it was cleared: else it is open, or was removed and counts since."""
    tally = sums.tallies[case.unit_id]
    flow, is_late = tally.flow, case.dated_on < period.first.isoformat()
    flow.received, flow.late = flow.received + (not is_late), flow.late + is_late
    sums.entered[sums.day_of(case.opened_at)] += 1
    tally.standings[_STANDS[case.clearance]] += 1
    if case.clearance == Count.OPEN:
        sums.ages[age_class((period.until - date.fromisoformat(case.dated_on)).days)] += 1
        return False
    at, count = next((each.at, each.clearance) for each in entries if each.clearance != Count.OPEN)
    if count not in CLEARED:
        flow.removed += 1
        return False
    flow.cleared += 1
    sums.cleared[sums.day_of(at)] += 1
    return True
