"""The ids and numbers of new cases, without gaps in any series."""

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import date

from engine.operations.cases.opening import CaseOpening
from engine.store import number_rows
from engine.store.connection import Store
from engine.workflow.model import Workflow


def ids_and_numbers(store: Store, openings: Sequence[CaseOpening], today: date) -> tuple[Sequence[int], list[str]]:
    """Return ids that nobody else will get and the next numbers of their series, in their order; inside `begin`.

    The series are taken in the order of their names: of two who take several, one waits for the other and not each
    for the other.
    """
    names = [series_name(each.rules.workflow, each.unit.code, today) for each in openings]
    series = dict(sorted(Counter(names).items()))
    number_rows.foresee(store, len(openings), series)
    ids = store.reserve("cases", len(openings))
    serials = {name: itertools.count(number_rows.next_serials(store, name, count)) for name, count in series.items()}
    days = _days(today)
    return ids, [
        each.rules.workflow.number.format(unit=each.unit.code, serial=next(serials[name]), **days)
        for each, name in zip(openings, names, strict=True)
    ]


def series_name(workflow: Workflow, unit: str, today: date) -> str:
    """Return the name of the series that a case of a unit, by its code, is numbered in."""
    name = workflow.number.replace("{unit}", unit)
    for part, written in _days(today).items():
        name = name.replace(f"{{{part}}}", written)
    return name


def _days(today: date) -> dict[str, str]:
    """Return what a number may say of the day."""
    return {"year": str(today.year), "month": f"{today.month:02}", "day": f"{today.day:02}"}
