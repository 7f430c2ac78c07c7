"""The cases that have not changed since before a period: counted by the database, and looked at only where listed.

Nothing happened in them, so they add what is open, which of their deadlines run, and what happened before so far as a
chart compares with it. Which of them stand in a list is known of their deadlines; those alone are read.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from operator import attrgetter

from engine.journal.canonical import parsed
from engine.operations.figures.counted_part import FiguresAsked, Takers
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import CLEARED, age_class, choice_value
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import unchanged_rows as rows
from engine.store import zero_rows
from engine.store.unchanged_rows import Unchanged

_CASE_OF = attrgetter("case_id")


def unchanged_of(
    ledger: Ledger, workflow: str, period: Period, *, eve_at: int, unit_id: int | None, fields: Sequence[str],
    watched: AbstractSet[str],
) -> Unchanged:  # fmt: skip
    """Return which cases are not looked at by themselves; inside `reading`.

    Args:
        eve_at: The end of the day before the period, in microseconds since 1970 UTC.
        fields: Those whose values are counted.
        watched: States whose count may change by the passing of days.
    """
    versions = [(each, ledger.rules(workflow, each)) for each in zero_rows.versions(ledger.store, workflow)]
    return Unchanged(
        workflow=workflow,
        eve_at=eve_at,
        first=period.first.isoformat(),
        unit_id=unit_id,
        watched=sorted(watched),
        unvalued=[
            version
            for version, rules in versions
            if any(name in rules.workflow.fields and name not in rules.shapes.valued for name in fields)
        ],
        in_hours=rows.in_hours(ledger.store),
    )


def add_unchanged(ledger: Ledger, unchanged: Unchanged, asked: FiguresAsked, takers: Takers) -> None:
    """Add what unchanged cases come to; inside `reading`."""
    _add_context(ledger, unchanged, takers)
    for part, terms in takers.sorted(rows.live_terms(ledger.store, unchanged), _CASE_OF):
        part.live.add(terms)
    _add_open(ledger, unchanged, asked, takers)


def _add_open(ledger: Ledger, unchanged: Unchanged, asked: FiguresAsked, takers: Takers) -> None:
    """Add the open cases as they stood all through the period, each as one that is in time."""
    until = asked.period.until
    found = list(rows.open_alike(ledger.store, unchanged, bits=takers.bits if takers.are_blocks else None))
    examples = {each.shape: each.first_id for each in found}
    ids = sorted(examples.values())
    texts = dict[int, str]()
    for start in range(0, len(ids), CHUNK):
        texts |= rows.values_of(ledger.store, ids[start : start + CHUNK])
    values = {shape: parsed(texts[case_id]) for shape, case_id in examples.items()}
    for each in found:
        part = takers.of(each.first_id)
        if part is None:
            continue
        sums = part.sums
        tally = sums.tallies[each.unit_id]
        tally.flow.carried += each.cases
        tally.standings[PeriodGroup.IN_TIME] += each.cases
        sums.ages[age_class((until - date.fromisoformat(each.dated_on)).days)] += each.cases
        for name in asked.fields:
            sums.choices[name, choice_value(values[each.shape], name), "open"] += each.cases


def _add_context(ledger: Ledger, unchanged: Unchanged, takers: Takers) -> None:
    """Add what happened before the period, so far as it is shown to compare with."""
    first = takers.since
    if first is None:
        return
    since_at = end_of(first - timedelta(days=1), ledger.zone)
    for part, recounts in takers.sorted(rows.recounts(ledger.store, unchanged, since_at=since_at), _CASE_OF):
        sums = part.sums
        for each in recounts:
            day = sums.day_of(each.at)
            if each.seq == 1:
                opened = sums.day_of(each.opened_at)
                sums.entered[opened] += opened >= first
            if each.before == Count.OPEN:
                sums.cleared[day] += each.clearance in CLEARED
            else:
                sums.returned[day] += each.clearance == Count.OPEN
