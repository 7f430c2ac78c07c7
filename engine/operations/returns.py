"""Cases that open by themselves, week by week or month by month, in every unit that owes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.calendars import Calendar
from engine.deadlines_recurring import Occurrence, occurrences
from engine.definition import Recurrence
from engine.instants import microseconds
from engine.operations.commit import Opening, write_openings
from engine.operations.ledger import Ledger
from engine.operations.sweep import SWEEPER
from engine.rules import Rules, opening
from engine.store import cases as case_rows
from engine.store import house, outbox

LONGEST_GAP = timedelta(days=400)
"""What was missed longer ago is not opened by itself any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Owed:
    """One case that a unit owes."""

    rules: Rules
    recurs: Recurrence
    unit: house.Unit
    occurrence: Occurrence
    hear: tuple[str, ...]
    """Codes of the officers of the unit who have the role."""


def open_returns(ledger: Ledger, *, now: datetime) -> tuple[str, ...]:
    """Open what has fallen due to be opened since this was last done; return the numbers.

    The first time only what is current opens. Running it again, late or beside another opens nothing
    twice: a unit has one case of each period.

    Args:
        now: Aware instant.
    """
    today, now_at, store = ledger.today(now), microseconds(now), ledger.store
    numbers: list[str] = []
    for name in ledger.workflows.names():
        rules = ledger.rules(name)
        for recurs in rules.workflow.recurs.values():
            with store.begin():
                house.lock_house(store)
                mark = f"recurs/{name}/{recurs.name}"
                last = house.setting(store, mark)
                owed = list(_owed(ledger, rules, recurs, str(last) if last else None, today))
                fresh = [each for each in owed if not _is_open(ledger, each)]
                opened = write_openings(ledger, [_opening(each) for each in fresh], by=SWEEPER, now_at=now_at)
                for each, case in zip(fresh, opened, strict=True):
                    numbers.append(case.number)
                    _promise(ledger, each, case.number, now_at)
                if last is None or str(last) < today.isoformat():
                    house.put_setting(store, mark, today.isoformat())
    return tuple(numbers)


def _owed(ledger: Ledger, rules: Rules, recurs: Recurrence, last: str | None, today: date) -> Iterator[_Owed]:
    """Yield what each unit owes that opened after *last*; the first time, what opened last."""
    units = {each.code: each for each in house.units(ledger.store) if each.closed_at is None}
    owing: dict[str, list[str]] = {}
    left = {each.code for each in house.officers(ledger.store) if each.left_at is not None}
    for code, role, where in house.grants(ledger.store):
        if role in recurs.units_with and where in units and code not in left:
            owing.setdefault(where, []).append(code)
    for code, hear in owing.items():
        unit = units[code]
        for occurrence in _fallen_due(recurs, last, today, ledger.calendar_of(unit.id)):
            yield _Owed(rules=rules, recurs=recurs, unit=unit, occurrence=occurrence, hear=tuple(dict.fromkeys(hear)))


def _fallen_due(recurs: Recurrence, last: str | None, today: date, calendar: Calendar) -> list[Occurrence]:
    """Return what opened after *last* and by *today*; else the current one, for units that are new, if not due yet."""
    since = today - timedelta(days=31 if last is None else 0)
    if last is not None:
        since = max(date.fromisoformat(last), today - LONGEST_GAP)
    found = list(occurrences(recurs, min(since, today) - timedelta(days=31), today, calendar))
    missed = [each for each in found if last is not None and each.opens_on.isoformat() > last]
    return missed or [each for each in found[-1:] if each.due_on >= today]


def _is_open(ledger: Ledger, owed: _Owed) -> bool:
    """Say whether the unit has the case of that period already, by the scheduler's or an officer's hand."""
    rules = owed.rules
    if rules.workflow.import_key is None:
        return False
    key = owed.occurrence.period
    return bool(case_rows.by_keys(ledger.store, rules.workflow.name, owed.unit.id, [key]))


def _opening(owed: _Owed) -> Opening:
    """Return the case as it is to be written."""
    occurrence, writes = owed.occurrence, owed.recurs.writes
    values: dict[str, object] = {
        **owed.recurs.sets,
        writes["period"]: occurrence.period,
        writes["ends_on"]: occurrence.ends_on.isoformat(),
        writes["due_on"]: occurrence.due_on.isoformat(),
    }
    kept = opening(owed.rules, values, actor=None, unit=owed.unit.code)
    dated_on = str(kept[owed.rules.workflow.dated_by])
    return Opening(
        rules=owed.rules, unit=owed.unit, values=kept, sealed={}, dated_on=dated_on, import_key=occurrence.period
    )


def _promise(ledger: Ledger, owed: _Owed, number: str, now_at: int) -> None:
    """Tell those who owe it."""
    title = owed.rules.workflow.title
    payload = {
        "title": {"en": title.en, "zh": title.zh},
        "period": owed.occurrence.period,
        "number": number,
        "due": owed.occurrence.due_on.isoformat(),
    }
    for code in owed.hear:
        outbox.promise(ledger.store, f"return_due/{number}/{code}", "return_due", code, payload, now_at)
