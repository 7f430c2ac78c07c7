"""Which of the cases that units owe, week by week or month by month, came in, and which are missing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.deadlines.clock import Status
from engine.language import Text
from engine.operations.figures.period import Period
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, rebuilt
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import figure_rows as rows
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day


class Filing(StrEnum):
    """How a return that fell due stands; the four add up to what was owed."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    WAITING = "waiting"
    """Due today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One return that fell due in the period."""

    unit_id: int
    unit: str
    workflow: Text
    period: str
    due_on: str
    """Local date."""
    filing: Filing


@dataclass(frozen=True, kw_only=True, slots=True)
class Nil:
    """A nil return."""

    unit: str
    period: str
    done: str
    """What was done, in the words of the unit."""


def returns_of(
    ledger: Ledger, period: Period, *, unit_id: int | None, nil: tuple[str, str] | None, now: datetime
) -> tuple[tuple[Owed, ...], tuple[Nil, ...]]:
    """Return what units owed in the period, by unit and due day, and their nil returns; inside `reading`.

    Args:
        nil: The flag that says that nothing occurred, and the field that says what was done.
    """
    owed: list[Owed] = []
    said: list[Nil] = []
    end_at = end_of(period.until, ledger.zone)
    is_past = period.until < ledger.today(now)
    for name in ledger.workflows.names():
        declared = ledger.rules(name).workflow
        if not declared.recurs:
            continue
        writes = next(iter(declared.recurs.values())).writes
        for ids in rows.chunks(ledger.store, name, end_at=end_at, unit_id=unit_id, size=CHUNK):
            for past in rebuilt(ledger, ids, end_at=end_at, day=period.until):
                case = past.case
                due = str(case.fields.get(writes["due_on"]) or "")
                if not period.first.isoformat() <= due <= period.until.isoformat() or case.clearance >= Count.VOID:
                    continue
                missed = is_past or due < period.until.isoformat()
                filing = _filing(ledger.rules_of(case).workflow, past, due, ledger.zone, missed=missed)
                what = str(case.fields.get(writes["period"]) or "")
                owed.append(
                    Owed(
                        unit_id=case.unit_id,
                        unit=case.unit,
                        workflow=declared.title,
                        period=what,
                        due_on=due,
                        filing=filing,
                    )
                )
                if nil is not None and filing in {Filing.ON_TIME, Filing.LATE} and case.fields.get(nil[0]) is True:
                    said.append(Nil(unit=case.unit, period=what, done=str(case.fields.get(nil[1]) or "")))
    owed.sort(key=lambda each: (each.unit, each.due_on, each.period))
    said.sort(key=lambda each: (each.unit, each.period))
    return tuple(owed), tuple(said)


def _filing(workflow: Workflow, past: Past, due: str, zone: str, *, missed: bool) -> Filing:
    """Return how a return stands: it came in once it left the state that it began in, unless it was given up."""
    case = past.case
    given_up = workflow.is_final(case.state) and case.clearance == Count.OPEN
    if case.state == workflow.initial or given_up:
        return Filing.MISSING if missed or given_up else Filing.WAITING
    begins = {name for name, each in workflow.deadlines.items() if workflow.initial in each.runs_in}
    met = [each.told_at for each in past.terms if each.name in begins and each.status is Status.MET]
    if met and local_day(min(met), zone).isoformat() > due:
        return Filing.LATE
    return Filing.ON_TIME
