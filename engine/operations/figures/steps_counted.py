"""How often each step was taken in a time: known from the states it led between where these name one step alone."""

from collections import Counter, defaultdict

from engine.operations.ledger.ledger import Ledger
from engine.store import figure_rows as rows
from engine.store import zero_rows


def steps_taken(ledger: Ledger, workflow: str, *, from_at: int, end_at: int, unit_id: int | None) -> Counter[str]:
    """Return how often each step was taken, by trigger; inside `reading`.

    What a row of the journal says is read only where several steps, of whatever versions, lead between its states.

    Args:
        from_at: Microseconds since 1970 UTC.
        end_at: The same; what happened then is not counted.
        unit_id: Of the cases of this unit only.
    """
    named = defaultdict[tuple[str, str], set[str]](set)
    for version in zero_rows.versions(ledger.store, workflow):
        for each in ledger.rules(workflow, version).workflow.transitions:
            for source in each.sources:
                named[source, each.target or source].add(each.trigger)
    taken, unsure = Counter[str](), list[tuple[str, str]]()
    found = rows.moves(ledger.store, workflow, from_at=from_at, end_at=end_at, unit_id=unit_id)
    for before, after, count in found:
        triggers = named.get((before, after), ())
        if len(triggers) == 1:
            taken[next(iter(triggers))] += count
        else:
            unsure.append((before, after))
    if unsure:
        taken.update(
            rows.steps_taken(ledger.store, workflow, from_at=from_at, end_at=end_at, unit_id=unit_id, among=unsure)
        )
    return taken
