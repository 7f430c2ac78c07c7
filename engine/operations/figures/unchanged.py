"""The cases that have not changed since before a period: counted by the database, and looked at only where listed.

Nothing happened in them, so they add what is open, which of their deadlines run, and what happened before so far as a
chart compares with it. Which of them stand in a list is known of their deadlines; those alone are read.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from engine.journal.canonical import parsed
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.live_terms import LiveTerms
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import CLEARED, PeriodSums, age_class, choice_value
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import unchanged_rows as rows
from engine.store import zero_rows
from engine.store.unchanged_rows import Unchanged


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


def add_unchanged(
    ledger: Ledger, sums: PeriodSums, period: Period, unchanged: Unchanged, fields: Sequence[str], live: LiveTerms
) -> None:
    """Add what unchanged cases come to, their deadlines to *live*; inside `reading`."""
    if not sums.spans[0].inside:
        _add_context(ledger, sums, unchanged)
    live.add(rows.live_terms(ledger.store, unchanged))
    _add_open(ledger, sums, unchanged, period, fields)


def _add_open(ledger: Ledger, sums: PeriodSums, unchanged: Unchanged, period: Period, fields: Sequence[str]) -> None:
    """Add the open cases as they stood all through the period, each as one that is in time."""
    found = list(rows.open_alike(ledger.store, unchanged))
    examples = {each.shape: each.first_id for each in found}
    ids = sorted(examples.values())
    texts = dict[int, str]()
    for start in range(0, len(ids), CHUNK):
        texts |= rows.values_of(ledger.store, ids[start : start + CHUNK])
    values = {shape: parsed(texts[case_id]) for shape, case_id in examples.items()}
    for each in found:
        tally = sums.tallies[each.unit_id]
        tally.flow.carried += each.cases
        tally.standings[PeriodGroup.IN_TIME] += each.cases
        sums.ages[age_class((period.until - date.fromisoformat(each.dated_on)).days)] += each.cases
        for name in fields:
            sums.choices[name, choice_value(values[each.shape], name), "open"] += each.cases


def _add_context(ledger: Ledger, sums: PeriodSums, unchanged: Unchanged) -> None:
    """Add what happened before the period, so far as it is shown to compare with."""
    since = sums.spans[0].first
    since_at = end_of(since - timedelta(days=1), ledger.zone)
    for each in rows.recounts(ledger.store, unchanged, since_at=since_at):
        day = sums.day_of(each.at)
        if each.seq == 1:
            opened = sums.day_of(each.opened_at)
            sums.entered[opened] += opened >= since
        if each.before == Count.OPEN:
            sums.cleared[day] += each.clearance in CLEARED
        else:
            sums.returned[day] += each.clearance == Count.OPEN
