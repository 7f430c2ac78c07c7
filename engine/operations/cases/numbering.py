"""The ids and numbers of new cases, without gaps in any series."""

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import date

from engine.operations.cases.opening import CaseOpening
from engine.store import number_rows
from engine.store.connection import Store


def ids_and_numbers(store: Store, openings: Sequence[CaseOpening], today: date) -> tuple[Sequence[int], list[str]]:
    """Return ids that nobody else will get and the next numbers of their series, in their order; inside `begin`."""
    days = {"year": str(today.year), "month": f"{today.month:02}", "day": f"{today.day:02}"}
    keys = [(each.rules.workflow.number, each.unit.code) for each in openings]
    series = {}
    for (form, unit), count in Counter(keys).items():
        name = form.replace("{unit}", unit)
        for part, written in days.items():
            name = name.replace(f"{{{part}}}", written)
        series[form, unit] = name, count
    number_rows.foresee(store, len(openings), dict(series.values()))
    ids = store.reserve("cases", len(openings))
    serials = {key: itertools.count(number_rows.next_serials(store, *each)) for key, each in series.items()}
    return ids, [form.format(unit=unit, serial=next(serials[form, unit]), **days) for form, unit in keys]
