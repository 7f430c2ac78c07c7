"""The ids and numbers of new cases, without gaps in any series."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.operations.cases.opening import CaseOpening
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import number_rows
from engine.store.connection import Store
from engine.workflow.model import Workflow


def ids_and_numbers(store: Store, openings: Sequence[CaseOpening], today: date) -> tuple[Sequence[int], list[str]]:
    """Return ids that nobody else will get and the next numbers of their series, in their order; inside `begin`.

    A caller that comes more than once in a commit says before with `hold_series` what it will take.
    """
    names = [series_name(each.rules.workflow, each.unit.code, today) for each in openings]
    series = dict(sorted(Counter(names).items()))
    if len(series) > 1 or any(each.rules.workflow.restricted_to for each in openings):
        hold_series(store, (each.rules.workflow for each in openings))
    number_rows.foresee(store, len(openings), series)
    ids = store.reserve("cases", len(openings))
    serials = {name: itertools.count(number_rows.next_serials(store, name, count)) for name, count in series.items()}
    days = _days(today)
    return ids, [
        each.rules.workflow.number.format(unit=each.unit.code, serial=next(serials[name]), **days)
        for each, name in zip(openings, names, strict=True)
    ]


def hold_series(store: Store, workflows: Iterable[Workflow], *, gives_once: bool = False, enrols: bool = False) -> None:
    """Say that several series of these workflows are taken in this commit; inside `begin`, before the first.

    Of two who say so one waits here for the other's commit, before it has taken what the other needs: if each took a
    series that the other takes next, the database would break one of them off. For the same reason what others hold
    while they take a number is locked here, always in one order.

    Args:
        gives_once: Values that are given once may come with the cases.
        enrols: Rows may be written into the record of the house, as they are of restricted cases.
    """
    every = tuple(workflows)
    if gives_once:
        house.lock_unique(store)
    if enrols or any(each.restricted_to for each in every):
        house.lock_house(store)
    number_rows.hold(store, (each.number for each in every))


def opened_by_steps(ledger: Ledger, workflow: Workflow, trigger: str | None = None) -> Iterator[Workflow]:
    """Yield the workflows of the cases that a step may open, or children that go along with it; of any step if None."""
    seen, coming = set[tuple[str, str | None]](), [(workflow, trigger)]
    while coming:
        of, named = coming.pop()
        if (of.name, named) in seen:
            continue
        seen.add((of.name, named))
        for step in of.transitions:
            if named is None or step.trigger == named:
                yield from (ledger.rules(each.workflow).workflow for each in step.opens)
                if step.each is not None:
                    coming.append((ledger.rules(step.each.children).workflow, step.each.step))


def series_name(workflow: Workflow, unit: str, today: date) -> str:
    """Return the name of the series that a case of a unit, by its code, is numbered in."""
    name = workflow.number.replace("{unit}", unit)
    for part, written in _days(today).items():
        name = name.replace(f"{{{part}}}", written)
    return name


def _days(today: date) -> dict[str, str]:
    """Return what a number may say of the day."""
    return {"year": str(today.year), "month": f"{today.month:02}", "day": f"{today.day:02}"}
