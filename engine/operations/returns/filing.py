"""Cases that open by themselves, by the calendar or the days of a campaign, wherever they are owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.deadlines.recurrence import Occurrence, newest, occurrences
from engine.journal.house_events import ReturnsPassedOver
from engine.operations.cases.commit import write_children, write_openings
from engine.operations.cases.lookup import list_cases
from engine.operations.cases.numbering import hold_series
from engine.operations.cases.opening import CaseOpening
from engine.operations.deadlines.recipients import printable
from engine.operations.deadlines.sweep import SWEEPER
from engine.operations.figures.prefilling import filled
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.campaign_runs import runs_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.owed import Owing, Unowed, is_of_no_unit, owing, recurrences, together
from engine.rules.case import Case, Family
from engine.rules.openings import born_with, opening
from engine.rules.transitions import Rules
from engine.store import case_rows, occurrence_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.case_columns import OccurrenceRecord
from engine.workflow.recurring_cases import CampaignRun, Recurrence
from engine.working_days.calendars import Calendar
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds

LONGEST_GAP = timedelta(days=400)
"""What was missed longer ago is not opened by itself any more; it is said, and noted in the journal."""
LONGEST_GAP_OF_DAYS = timedelta(days=31)
"""The same of what opens each day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """Periods of one recurrence that were missed too long ago to be opened."""

    workflow: str
    recurs: str
    periods: int
    returns: int
    """Periods times those that owed them."""
    since: date
    """Local date on which the first of them was to open."""
    until: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """What was opened, and what was not."""

    numbers: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    unowed: tuple[Unowed, ...] = ()
    """What nobody has a role to owe; said once a day, however often it is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Owed:
    """One case that is owed."""

    rules: Rules
    recurs: Recurrence
    owing: Owing
    occurrence: Occurrence

    @property
    def unit(self) -> house.HouseUnit:
        """The unit in which it opens."""
        return self.owing.unit

    @property
    def key(self) -> tuple[str, str, int, int, str]:
        """What it is known by."""
        where = self.owing
        return self.rules.workflow.name, self.recurs.name, where.unit_id, where.parent_id, self.occurrence.period


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """One look at a recurrence: who owes it, when its campaign runs, and when it was last looked at."""

    ledger: Ledger
    rules: Rules
    recurs: Recurrence
    owing: tuple[Owing, ...]
    runs: tuple[CampaignRun, ...]
    last: str | None
    today: date

    @property
    def gap(self) -> timedelta:
        """How long ago what was missed is still opened."""
        return LONGEST_GAP_OF_DAYS if self.recurs.every in {"day", "working_day"} else LONGEST_GAP

    def fresh(self) -> list[_Owed]:
        """Return what is owed and not open yet."""
        # Most units have the calendar of the house: what opens by it is found once.
        by_calendar: dict[Calendar, list[Occurrence]] = {}
        due = []
        for each in self.owing:
            calendar = self.ledger.calendar_of(each.unit.id)
            if calendar not in by_calendar:
                by_calendar[calendar] = self._fallen_due(calendar)
            due += [
                _Owed(rules=self.rules, recurs=self.recurs, owing=each, occurrence=occurrence)
                for occurrence in by_calendar[calendar]
            ]
        if not due:
            return []
        name, store = self.rules.workflow.name, self.ledger.store
        known = occurrence_rows.opened(store, name, self.recurs.name, (each.occurrence.period for each in due))
        return [each for each in due if each.key[2:] not in known and not self._is_in_by_key(each)]

    def passed_over(self) -> list[PassedOver]:
        """Return, as one or none, the periods that opened after the last look and too long ago to be opened now."""
        if self.last is None or not self.owing:
            return []
        # The days on which periods open are the same under any calendar.
        calendar = self.ledger.calendar
        opened = {each.period for each in self._fallen_due(calendar)}
        after = date.fromisoformat(self.last) + timedelta(days=1)
        if after >= self.today - self.gap:
            return []
        every = occurrences(self.recurs, after, self.today, calendar, self.runs)
        gone = [each for each in every if each.period not in opened]
        if not gone:
            return []
        return [
            PassedOver(
                workflow=self.rules.workflow.name,
                recurs=self.recurs.name,
                periods=len(gone),
                returns=len(gone) * len(self.owing),
                since=gone[0].opens_on,
                until=gone[-1].opens_on,
            )
        ]

    def _fallen_due(self, calendar: Calendar) -> list[Occurrence]:
        """Return what opened after the last look; else the current one, for a new officer, if it is not due yet."""
        if self.last is not None:
            since = max(date.fromisoformat(self.last), self.today - self.gap) + timedelta(days=1)
            missed = list(occurrences(self.recurs, since, self.today, calendar, self.runs))
            if missed:
                return missed
        return [each for each in newest(self.recurs, self.today, calendar, self.runs) if each.due_on >= self.today]

    def _is_in_by_key(self, owed: _Owed) -> bool:
        """Say whether the unit has the case of that period by an officer's hand, or from before these were kept."""
        workflow = self.rules.workflow
        if workflow.import_key is None or workflow.import_key != self.recurs.writes.get("period"):
            return False
        return bool(case_rows.by_keys(self.ledger.store, workflow.name, owed.unit.id, [owed.occurrence.period]))


def open_returns(ledger: Ledger, *, now: datetime) -> Returned:
    """Open what has fallen due to be opened since this was last done.

    The first time only what is current opens. Running it again, late or beside another opens nothing
    twice: there is one case of each period. An officer who owes several at once hears of them in one message.

    Args:
        now: Aware instant.
    """
    acting, store = Acting(ledger, SWEEPER, now), ledger.store
    every = recurrences(ledger)
    if not every:
        return Returned()
    runs = runs_of(ledger, (recurs for _, recurs in every), acting.today)
    figures = _figures(ledger, every, runs, now)
    written: list[tuple[_Owed, str]] = []
    passed: list[PassedOver] = []
    none: list[Unowed] = []
    with store.begin():
        house.lock_house(store)
        for rules, recurs in every:
            look = _look(ledger, rules, recurs, runs, acting.today)
            fresh = look.fresh()
            if fresh and not written:
                hold_series(store, (each.workflow for each, _ in every))
            opened = _opened(acting, fresh, figures)
            written += zip(fresh, (case.number for case in opened), strict=True)
            passed += look.passed_over()
            if look.last is None or look.last < acting.today.isoformat():
                if not look.owing and not recurs.under and not is_of_no_unit(ledger, recurs):
                    none.append(Unowed(rules.workflow.name, recurs.name, recurs.units_with))
                house.put_setting(store, _mark(rules, recurs), acting.today.isoformat())
        _promise(acting, written)
        for each in passed:
            _note(acting, each)
    return Returned(numbers=tuple(number for _, number in written), passed_over=tuple(passed), unowed=together(none))


def _look(
    ledger: Ledger, rules: Rules, recurs: Recurrence, runs: Mapping[str, tuple[CampaignRun, ...]], today: date
) -> _Look:
    """Return how a recurrence stands today."""
    return _Look(
        ledger=ledger,
        rules=rules,
        recurs=recurs,
        owing=owing(ledger, recurs),
        runs=runs.get(recurs.campaign or "", ()),
        last=_last(ledger, rules, recurs),
        today=today,
    )


def _opened(
    acting: Acting, fresh: Sequence[_Owed], figures: Mapping[tuple[str, str, int, int, str], Mapping[str, object]]
) -> list[Case]:
    """Write what is owed, and for which period each is; inside `begin`."""
    found: list[Case] = []
    for parent_id in dict.fromkeys(each.owing.parent_id for each in fresh):
        together = [each for each in fresh if each.owing.parent_id == parent_id]
        openings = [_opening(acting, each, figures.get(each.key, {})) for each in together]
        opened = write_openings(acting, openings, parent=together[0].owing.parent)
        if parent_id:
            write_children(acting, case_rows.by_id(acting.ledger.store, parent_id), opened)
        found += opened
    rows = [OccurrenceRecord(*each.key, case.id) for each, case in zip(fresh, found, strict=True)]
    occurrence_rows.keep(acting.ledger.store, rows)
    return found


def _mark(rules: Rules, recurs: Recurrence) -> str:
    """Return under which name is set when a recurrence was last looked at."""
    return f"recurs/{rules.workflow.name}/{recurs.name}"


def _last(ledger: Ledger, rules: Rules, recurs: Recurrence) -> str | None:
    """Return the local date on which a recurrence was last looked at; None if it never was."""
    found = house.setting(ledger.store, _mark(rules, recurs))
    return str(found) if found else None


def _figures(
    ledger: Ledger,
    every: Sequence[tuple[Rules, Recurrence]],
    runs: Mapping[str, tuple[CampaignRun, ...]],
    now: datetime,
) -> dict[tuple[str, str, int, int, str], dict[str, object]]:
    """Return what the register says for each case that is to be opened; before the lock, since it takes its time."""
    found = {}
    for rules, recurs in every:
        if not (recurs.fills or recurs.lists):
            continue
        for each in _look(ledger, rules, recurs, runs, ledger.today(now)).fresh():
            what = each.occurrence
            figures = filled(ledger, recurs, each.unit, period=what.period, ends_on=what.ends_on, now=now)
            found[each.key] = {**figures, **_listed(ledger, recurs, each.unit, now=now)}
    return found


def _listed(ledger: Ledger, recurs: Recurrence, unit: house.HouseUnit, *, now: datetime) -> dict[str, object]:
    """Return the text fields of a recurring case with the numbers of the open cases that they list, one a line.

    Of all units where one case opens for the house. A restricted case is named to nobody by this.

    Raises:
        RefusedError: If a condition is not sound.
        NotFoundError: If there is no such workflow.
    """
    found: dict[str, object] = {}
    hidden = ledger.restricted if recurs.lists else {}
    for name, listing in recurs.lists.items():
        where = None if recurs.once else unit.code
        cases = list_cases(ledger, listing.of, unit=where, open_only=True, where=listing.where, now=now)
        numbers = [each.number for each in cases if each.id not in hidden]
        if numbers:
            found[name] = "\n".join(numbers)
    return found


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


def _opening(acting: Acting, owed: _Owed, figures: Mapping[str, object]) -> CaseOpening:
    """Return the case as it is to be written, filled with the register's *figures*."""
    occurrence, workflow = owed.occurrence, owed.rules.workflow
    says = {
        "period": occurrence.period,
        "ends_on": occurrence.ends_on.isoformat(),
        "opens_on": occurrence.opens_on.isoformat(),
        "due_on": occurrence.due_on.isoformat(),
    }
    values: dict[str, object] = {
        workflow.dated_by: says["opens_on"],
        **figures,
        **owed.recurs.sets,
        **{field: says[key] for key, field in owed.recurs.writes.items()},
    }
    family = Family(parent=owed.owing.parent, after=acting.ledger.counting(owed.unit.id))
    # What cannot be worked out yet is left to the people who fill in the case.
    born, _ = born_with(owed.rules, values, family=family, by=acting.by, unit=owed.unit.code, today=acting.today)
    kept = opening(owed.rules, {**values, **born}, actor=None, unit=owed.unit.code)
    key = kept.get(workflow.import_key) if workflow.import_key else None
    return CaseOpening(
        rules=owed.rules,
        unit=owed.unit,
        values=kept,
        sealed={},
        dated_on=str(kept[workflow.dated_by]),
        import_key=None if key is None else str(key),
        occurrence=(owed.recurs.name, occurrence.period),
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
        for code in owed.owing.hear:
            heard.setdefault((code, send_at), []).append(entry)
    for (code, send_at), owed_by in heard.items():
        kind, payload = ("return_due", owed_by[0]) if len(owed_by) == 1 else ("returns_due", {"returns": owed_by})
        key = f"{kind}/{owed_by[0]['number']}/{code}"
        outbox.promise(ledger.store, key, kind, code, payload, acting.now_at, send_at=send_at)
