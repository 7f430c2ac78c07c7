"""When days alone changed how a case counts: of that no row tells, and a row written after it may still say otherwise.

A note, a pause or an extension hands on how the case counted when it was last looked at. So of states in which days
count, what a row says is asked again as of its own local day, and between two rows the day of the change is sought:
the figures of days then add up to those of weeks, months and the year.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from engine.expressions.evaluate import Guards, guards, names
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, families_of, replay
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count, Family
from engine.rules.transitions import Rules
from engine.store import zero_rows
from engine.store.past_columns import CountedEntry, PastEntry
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day


def with_lapses(
    ledger: Ledger,
    counted: Mapping[int, list[CountedEntry]],
    pasts: Sequence[Past],
    *,
    since_at: int,
    end_at: int,
    bound: AbstractSet[str],
) -> dict[int, list[CountedEntry]]:
    """Return how cases counted, with an entry for each day on which that alone changed it; inside `reading`.

    Args:
        counted: What the rows say, by case.
        since_at: Nothing is asked of what was over before it, in microseconds since 1970 UTC.
        end_at: The end of the last day, the same.
        bound: States in which the passing of days alone may change how a case counts.
    """
    found = dict(counted)
    known = {each.case.id: each for each in pasts}
    asked = [case_id for case_id, each in counted.items() if any(one.to_state in bound for one in each)]
    for start in range(0, len(asked), CHUNK):
        rows = zero_rows.rows_of(ledger.store, asked[start : start + CHUNK], end_at=end_at)
        for case_id, own in rows.items():
            entries = _entries(ledger, known[case_id], own, since_at=since_at, end_at=end_at, bound=bound)
            found[case_id] = [each for each in entries if each.at < end_at]
    return found


def _entries(
    ledger: Ledger, past: Past, rows: Sequence[PastEntry], *, since_at: int, end_at: int, bound: AbstractSet[str]
) -> Iterator[CountedEntry]:
    """Yield how a case counted by its rows, and by days between them."""
    for place, row in enumerate(rows):
        until_at = rows[place + 1].at if place + 1 < len(rows) else end_at - 1
        entry = CountedEntry(past.case.id, row.at, row.clearance, row.to_state)
        if row.to_state not in bound or row.clearance > Count.FULLY_CLOSED or until_at < since_at:
            yield entry
        else:
            yield from _stretch(ledger, replay(ledger, past.case, rows[: place + 1]), entry, until_at)


def _stretch(ledger: Ledger, past: Past, entry: CountedEntry, until_at: int) -> Iterator[CountedEntry]:
    """Yield how a case counted from a row on, up to an instant before which nothing else happened to it."""
    rules, zone = ledger.rules_of(past.case), ledger.zone
    first, last = local_day(entry.at, zone), local_day(until_at, zone)
    if _is_steady(ledger, past, (first, last)):
        yield entry
        return
    family = families_of(ledger, [past], end_at=entry.at + 1)[past.case.id]
    begins = _count(rules, past, family, first)
    yield entry._replace(clearance=begins)
    ends = _count(rules, past, family, last)
    if ends != begins:
        low, high = first, last
        while (high - low).days > 1:
            middle = low + (high - low) // 2
            low, high = (low, middle) if _count(rules, past, family, middle) == ends else (middle, high)
        yield entry._replace(at=end_of(high - timedelta(days=1), zone), clearance=ends)


def _count(rules: Rules, past: Past, family: Family, day: date) -> int:
    """Return how a case counts on a local day, with the values that it had."""
    return int(rules.count(past.case.state, rules.scope(past.case, past.case.fields, family, by="", today=day)))


def _is_steady(ledger: Ledger, past: Past, days: tuple[date, date]) -> bool:
    """Say whether every condition on the day holds on both days; False too if it asks for more than the case itself."""
    rules = ledger.rules_of(past.case)
    conditions = _on_the_day(rules.workflow, past.case.state)
    if conditions.uses:
        return False
    family = Family(after=ledger.counting(past.case.unit_id))
    fields = past.case.fields
    return all(conditions.hold(rules.scope(past.case, fields, family, by="", today=each)) for each in days)


def _on_the_day(workflow: Workflow, state: str) -> Guards:
    """Return the conditions for counting in a state that name the day; they are compiled once."""
    rules = [each for each in (workflow.cleared, workflow.fully_closed) if state in each.states]
    said = (guard.expression for rule in rules for guard in rule.when)
    return guards(tuple(each for each in said if "today" in each and "today" in names(each)))
