"""What the register says of the unit and period of a recurring case, put into the fields that declare it.

A return is filled when it opens, and again by each step that takes its figures: what the unit brings instead goes
into the same fields, and what the register said stays beside it, so that both are in the journal.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from engine.deadlines.recurrence import begins_on
from engine.language import Text
from engine.operations.ledger.campaign_runs import runs_of
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.transitions import Rules
from engine.store import house_rows as house
from engine.workflow.recurring_cases import Filling, Recurrence

if TYPE_CHECKING:
    from engine.operations.figures.figure_values import UnitFigures


_KINDS: Final = {"day": "daily", "working_day": "daily", "week": "weekly", "month": "monthly", "year": "year"}
"""Which report has the figures; that of a stage if none of these."""


def filled(
    ledger: Ledger, recurs: Recurrence, unit: house.HouseUnit, *, period: str, ends_on: date, now: datetime
) -> dict[str, object]:
    """Return the fields of a recurring case with the register's figures of its unit and period, as of now.

    Outside `begin`: it reads one state of the database. Nothing if the period has not begun.

    Args:
        period: How it is named.
        ends_on: Its last day (local date).
        now: Aware instant.

    Raises:
        NotFoundError: If a workflow whose cases are counted is not there.
    """
    if not recurs.fills:
        return {}
    # Every command that shows or moves a case comes by here; few are about a case that has figures.
    from engine.operations.figures.period import Period, ReportKind
    from engine.operations.figures.report_figures import tally_of

    runs = runs_of(ledger, (recurs,), ends_on).get(recurs.campaign or "", ())
    first, today = begins_on(recurs, ends_on, ledger.calendar_of(unit.id), runs), ledger.today(now)
    if first > today:
        return {}
    kind = ReportKind(_KINDS.get(recurs.every, "stage"))
    meant = Period(kind=kind, first=first, last=ends_on, until=min(ends_on, today), title=Text(period, period))
    tallies = {
        name: tally_of(ledger, name, meant, unit, now=now)
        for name in dict.fromkeys(each.of for each in recurs.fills.values())
    }
    found: dict[str, object] = {}
    for name, filling in recurs.fills.items():
        found[name] = found[filling.kept_in] = _figure(filling, *tallies[filling.of])
    return found


def filled_for(ledger: Ledger, rules: Rules, case: Case, trigger: str, *, now: datetime) -> dict[str, object]:
    """Return what the register says today of a case's figures, if *trigger* is a step that takes them.

    Raises:
        NotFoundError: If a workflow whose cases are counted is not there.
    """
    recurs = rules.workflow.recurrence_of(case.fields)
    if recurs is None or not recurs.fills:
        return {}
    steps = (each for each in rules.machine.leaving(case.state) if each.trigger == trigger)
    if all(rules.takes[each.name].isdisjoint(recurs.fills) for each in steps):
        return {}
    period, ends_on = (case.fields.get(recurs.writes.get(key, "")) for key in ("period", "ends_on"))
    if period is None or ends_on is None:
        return {}
    unit = house.HouseUnit(id=case.unit_id, code=case.unit, name="", closed_at=None)
    return filled(ledger, recurs, unit, period=str(period), ends_on=date.fromisoformat(str(ends_on)), now=now)


def register_says(ledger: Ledger, rules: Rules, case: Case, *, now: datetime) -> Mapping[str, object]:
    """Return what the register says today of the figures that the next steps of a case take, by field.

    Raises:
        NotFoundError: If a workflow whose cases are counted is not there.
    """
    recurs = rules.workflow.recurrence_of(case.fields)
    if recurs is None:
        return {}
    kept = {each.kept_in for each in recurs.fills.values()}
    for each in rules.machine.leaving(case.state):
        found = filled_for(ledger, rules, case, each.trigger, now=now)
        if found:
            return {name: value for name, value in found.items() if name in kept}
    return {}


def _figure(filling: Filling, tally: "UnitFigures", taken: Mapping[str, int]) -> int:
    """Return one figure of the unit."""
    from engine.operations.figures.figure_values import PeriodGroup

    if filling.counts is None:
        return sum(taken.get(each, 0) for each in filling.steps)
    if filling.counts == "overdue":
        return tally.standings[PeriodGroup.OVERDUE]
    return int(getattr(tally.flow, filling.counts))
