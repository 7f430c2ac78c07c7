"""Cases that open by themselves, week by week or month by month, in every unit that owes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.deadlines.recurrence import Occurrence, occurrences
from engine.journal.house_events import ReturnsPassedOver
from engine.operations.cases.commit import write_openings
from engine.operations.cases.opening import CaseOpening
from engine.operations.deadlines.recipients import printable
from engine.operations.deadlines.sweep import SWEEPER
from engine.operations.figures.prefilling import filled
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.openings import opening
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.workflow.recurring_cases import Recurrence
from engine.working_days.calendars import Calendar
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds

LONGEST_GAP = timedelta(days=400)
"""What was missed longer ago is not opened by itself any more; it is said, and noted in the journal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """Periods of one recurrence that were missed too long ago to be opened."""

    workflow: str
    recurs: str
    periods: int
    returns: int
    """Periods times the units that owed them."""
    since: date
    """Local date on which the first of them was to open."""
    until: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """What was opened, and what was not."""

    numbers: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    unowed: tuple["Unowed", ...] = ()
    """What nobody has a role to owe; said once a day, however often it is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unowed:
    """A recurrence that no unit owes, because nobody has any of its roles."""

    workflow: str
    recurs: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Owed:
    """One case that a unit owes."""

    rules: Rules
    recurs: Recurrence
    unit: house.HouseUnit
    occurrence: Occurrence
    hear: tuple[str, ...]
    """Codes of the officers who have the role in the unit; if none has, of those who have it in all units."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by."""
        return self.rules.workflow.name, self.recurs.name, self.unit.code, self.occurrence.period


def open_returns(ledger: Ledger, *, now: datetime) -> Returned:
    """Open what has fallen due to be opened since this was last done.

    The first time only what is current opens. Running it again, late or beside another opens nothing
    twice: a unit has one case of each period. Who owes several at once hears of them in one message.

    Args:
        now: Aware instant.
    """
    acting, today, store = Acting(ledger, SWEEPER, now), ledger.today(now), ledger.store
    every = [
        (ledger.rules(name), recurs)
        for name in ledger.workflows.names()
        for recurs in ledger.rules(name).workflow.recurs.values()
    ]
    if not every:
        return Returned()
    figures = _figures(ledger, every, today, now)
    written: list[tuple[_Owed, str]] = []
    passed: list[PassedOver] = []
    none: list[Unowed] = []
    with store.begin():
        house.lock_house(store)
        for rules, recurs in every:
            last = _last(ledger, rules, recurs)
            owing = owing_units(ledger, recurs)
            fresh = [each for each in _owed(ledger, rules, recurs, owing, last, today) if not _is_open(ledger, each)]
            openings = [_opening(each, figures.get(each.key, {})) for each in fresh]
            opened = write_openings(acting, openings)
            written += zip(fresh, (case.number for case in opened), strict=True)
            passed += _passed_over(ledger, rules, recurs, owing, last, today)
            if last is None or last < today.isoformat():
                if not owing:
                    none.append(_unowed(rules.workflow.name, recurs))
                house.put_setting(store, _mark(rules, recurs), today.isoformat())
        _promise(acting, written)
        for each in passed:
            _note(acting, each)
    return Returned(numbers=tuple(number for _, number in written), passed_over=tuple(passed), unowed=tuple(none))


def unowed(ledger: Ledger) -> tuple[Unowed, ...]:
    """Return the recurrences that open nothing, because nobody anywhere has one of their roles."""
    return tuple(
        _unowed(name, recurs)
        for name in ledger.workflows.names()
        for recurs in ledger.rules(name).workflow.recurs.values()
        if not owing_units(ledger, recurs)
    )


def _unowed(workflow: str, recurs: Recurrence) -> Unowed:
    """Return a recurrence as one that no unit owes."""
    return Unowed(workflow=workflow, recurs=recurs.name, roles=recurs.units_with)


def owing_units(ledger: Ledger, recurs: Recurrence) -> dict[house.HouseUnit, tuple[str, ...]]:
    """Return the units that owe the return, each with those who hear of it.

    A unit owes it if anybody has one of the roles, there or in all units; those who have it there go before the
    others, as for reminders.
    """
    there: dict[str, list[str]] = {}
    left = {each.code for each in house.officers(ledger.store) if each.left_at is not None}
    for code, role, where in house.grants(ledger.store):
        if role in recurs.units_with and code not in left:
            there.setdefault(where, []).append(code)
    everywhere = there.get("", [])
    return {
        unit: tuple(dict.fromkeys(hear))
        for unit in house.units(ledger.store)
        if unit.closed_at is None and (hear := there.get(unit.code, everywhere))
    }


def _mark(rules: Rules, recurs: Recurrence) -> str:
    """Return under which name is set when a recurrence was last looked at."""
    return f"recurs/{rules.workflow.name}/{recurs.name}"


def _last(ledger: Ledger, rules: Rules, recurs: Recurrence) -> str | None:
    """Return the local date on which a recurrence was last looked at; None if it never was."""
    found = house.setting(ledger.store, _mark(rules, recurs))
    return str(found) if found else None


def _figures(
    ledger: Ledger, every: Sequence[tuple[Rules, Recurrence]], today: date, now: datetime
) -> dict[tuple[str, str, str, str], dict[str, object]]:
    """Return what the register says for each case that is to be opened; before the lock, since it takes its time."""
    found = {}
    for rules, recurs in every:
        if not recurs.fills:
            continue
        last = _last(ledger, rules, recurs)
        for each in _owed(ledger, rules, recurs, owing_units(ledger, recurs), last, today):
            if not _is_open(ledger, each):
                what = each.occurrence
                found[each.key] = filled(ledger, recurs, each.unit, period=what.period, ends_on=what.ends_on, now=now)
    return found


def _owed(
    ledger: Ledger,
    rules: Rules,
    recurs: Recurrence,
    owing: Mapping[house.HouseUnit, tuple[str, ...]],
    last: str | None,
    today: date,
) -> Iterator[_Owed]:
    """Yield what each unit owes that opened after *last*; the first time, what opened last."""
    for unit, hear in owing.items():
        for occurrence in _fallen_due(recurs, last, today, ledger.calendar_of(unit.id)):
            yield _Owed(rules=rules, recurs=recurs, unit=unit, occurrence=occurrence, hear=hear)


def _passed_over(
    ledger: Ledger,
    rules: Rules,
    recurs: Recurrence,
    owing: Mapping[house.HouseUnit, tuple[str, ...]],
    last: str | None,
    today: date,
) -> list[PassedOver]:
    """Return, as one or none, the periods that opened after *last* and too long ago to be opened now."""
    if last is None or not owing:
        return []
    # The days on which periods open are the same under any calendar.
    calendar = ledger.calendar
    opened = {each.period for each in _fallen_due(recurs, last, today, calendar)}
    after = date.fromisoformat(last) + timedelta(days=1)
    gone = [each for each in occurrences(recurs, after, today, calendar) if each.period not in opened]
    if not gone or after >= today - LONGEST_GAP:
        return []
    return [
        PassedOver(
            workflow=rules.workflow.name,
            recurs=recurs.name,
            periods=len(gone),
            returns=len(gone) * len(owing),
            since=gone[0].opens_on,
            until=gone[-1].opens_on,
        )
    ]


def _note(acting: Acting, passed: PassedOver) -> None:
    """Write in the journal of the house what was not opened."""
    event = ReturnsPassedOver(
        workflow=passed.workflow,
        recurs=passed.recurs,
        periods=passed.periods,
        count=passed.returns,
        first=passed.since.isoformat(),
        last=passed.until.isoformat(),
    )
    acting.note_in_house(event)


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


def _opening(owed: _Owed, figures: Mapping[str, object]) -> CaseOpening:
    """Return the case as it is to be written, filled with the register's *figures*."""
    occurrence, writes = owed.occurrence, owed.recurs.writes
    values: dict[str, object] = {
        **figures,
        **owed.recurs.sets,
        writes["period"]: occurrence.period,
        writes["ends_on"]: occurrence.ends_on.isoformat(),
        writes["due_on"]: occurrence.due_on.isoformat(),
    }
    kept = opening(owed.rules, values, actor=None, unit=owed.unit.code)
    dated_on = str(kept[owed.rules.workflow.dated_by])
    return CaseOpening(
        rules=owed.rules, unit=owed.unit, values=kept, sealed={}, dated_on=dated_on, import_key=occurrence.period
    )


def _promise(acting: Acting, written: Sequence[tuple[_Owed, str]]) -> None:
    """Tell those who owe them: each person once, of one return or of all that were opened, when people work there."""
    ledger = acting.ledger
    heard: dict[tuple[str, int], list[dict[str, object]]] = {}
    for owed, number in written:
        title = owed.rules.workflow.title
        entry: dict[str, object] = {
            "title": {"en": title.en, "zh": title.zh},
            "period": owed.occurrence.period,
            "number": number,
            "due": owed.occurrence.due_on.isoformat(),
            "whose": printable(owed.unit.name, owed.unit.code),
        }
        # Periods open at midnight, on whatever day it is; nobody is written to then, as of no reminder.
        send_at = microseconds(next_working_moment(acting.now, ledger.calendar_of(owed.unit.id)))
        for code in owed.hear:
            heard.setdefault((code, send_at), []).append(entry)
    for (code, send_at), owing in heard.items():
        kind, payload = ("return_due", owing[0]) if len(owing) == 1 else ("returns_due", {"returns": owing})
        key = f"{kind}/{owing[0]['number']}/{code}"
        outbox.promise(ledger.store, key, kind, code, payload, acting.now_at, send_at=send_at)
