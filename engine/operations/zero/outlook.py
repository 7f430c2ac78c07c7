"""How a campaign may stand on its day: what is open now, what is known of it, and what the journal's past says.

Of the journal only rows up to the cut-off are read, so the answer as of a past day is what was said on it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.campaigns.campaign import is_valid
from engine.campaigns.forecast_declared import ForecastDeclared, half_days
from engine.campaigns.forecasting.answers import DAY_OFF, Assumed, ForecastAsked, Foreseen, NotForeseen, OpenNow
from engine.deadlines.clock import Status
from engine.errors import NoForecastError
from engine.language import Text
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.older_versions import older_states
from engine.operations.zero.past import Past, rebuilt
from engine.operations.zero.verdict import Statement, end_of
from engine.rules.case import Count
from engine.store import forecast_rows
from engine.store import house_rows as house
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar, DayStatus
from engine.working_days.instants import local_day

if TYPE_CHECKING:
    from engine.campaigns.forecasting.history import LedgerPast


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """A forecast, or why there is none, with the names that it is shown with."""

    answer: Foreseen | NotForeseen
    day: date
    """The cut-off: nothing later was read."""
    clear_by: date
    seed: int
    incomplete: int
    """Leads that count as cleared but for their records; the forecast supposes that these are completed."""
    left: int
    """Leads that left the scope; while there are any, it is not zero whatever the odds."""
    still_coming: bool
    """Leads received from now on belong to the scope as well; the forecast knows nothing of them."""
    is_provisional: bool
    """Some of the days ahead lie in a year whose calendar is not published, and go by the week."""
    numbers: Mapping[str, str]
    """Of leads that are named, by id."""
    units: Mapping[str, str]
    """Names, by code."""
    states: Mapping[str, Text]
    """Titles, by name."""


def look_ahead(ledger: Ledger, statement: Statement, declared: ForecastDeclared | None, *, seed: int = 0) -> Outlook:
    """Return how the campaign of a statement may stand at the end of its day.

    What the ledger shows is what is learned from: an officer who sees one unit gets that unit's forecast, from that
    unit's past.

    Args:
        declared: What measures declare for forecasts; None if nothing.
        seed: Of chance; the same gives the same answer.

    Raises:
        NoForecastError: If NumPy is not installed.
    """
    try:
        from engine.campaigns.forecasting.foresee import foresee
    except ImportError as error:
        raise NoForecastError(
            Text(
                "a forecast needs NumPy, which is not installed; install it with: pip install 'qingling[forecast]'",
                "预测需要 NumPy，本机未安装；请执行：pip install 'qingling[forecast]'",
            )
        ) from error
    campaign = statement.campaign
    with seldom_collected(), ledger.store.reading():
        blocking = [case_id for case_id, _ in statement.blocking]
        stood = list(rebuilt(ledger, blocking, end_at=statement.end_at, day=statement.day))
        past = _past(ledger, statement)
        unit_names = {each.code: each.name for each in house.units(ledger.store)}
    now_open = [each for each in stood if each.case.clearance == Count.OPEN]
    workflow = ledger.rules(campaign.workflow).workflow
    ahead = _days(statement.day, campaign.clear_by)
    asked = ForecastAsked(
        cases=tuple(_open_now(each, statement, declared, ledger.calendar) for each in now_open),
        horizon=_working_time(ahead, ledger.calendar),
        units=frozenset({statement.unit}) if statement.unit is not None else campaign.units,
        assumed=None if declared is None else _assumed(declared, workflow),
        seed=seed,
    )
    return Outlook(
        answer=foresee(past, asked),
        day=statement.day,
        clear_by=campaign.clear_by,
        seed=seed,
        incomplete=len(stood) - len(now_open),
        left=len(statement.left),
        still_coming=campaign.received_to > statement.day,
        is_provisional=any(ledger.calendar.standing(day) is DayStatus.NOT_PUBLISHED for day in ahead),
        numbers={str(each.case.id): each.case.number for each in now_open},
        units=unit_names,
        states=older_states(ledger, workflow) | {name: each.title for name, each in workflow.states.items()},
    )


def _past(ledger: Ledger, statement: Statement) -> "LedgerPast":
    """Return what the journal tells of all cases of the campaign's workflow up to the cut-off."""
    from engine.campaigns.forecasting.history import Moves, history

    name = statement.campaign.workflow
    rows = forecast_rows.moves(ledger.store, name, end_at=statement.end_at)
    called = by_now(
        forecast_rows.renamed_states(ledger.store, name, end_at=statement.end_at), ledger.rules(name).workflow.states
    )
    first = local_day(min(rows.instants, default=statement.end_at - 1), ledger.zone)
    days = _days(first - timedelta(days=1), statement.day)
    return history(
        Moves(
            cases=rows.cases,
            instants=rows.instants,
            states=[called.get(each, each) for each in rows.states] if called else rows.states,
            units=rows.units,
            open=rows.open,
        ),
        [end_of(day, ledger.zone) for day in days],
        [_works(day, ledger.calendar) for day in days],
    )


def by_now(renamed: Mapping[str, str], states: Collection[str]) -> dict[str, str]:
    """Return what states are called by now that only older versions have, however often their names changed.

    So the past of a state speaks for it, and a case did not come into its state when that was only called otherwise.
    """
    found = {}
    for was in renamed:
        now = was
        for _ in renamed:
            if now in states:
                break
            now = renamed.get(now, now)
        if now != was and now in states:
            found[was] = now
    return found


def _open_now(past: Past, statement: Statement, declared: ForecastDeclared | None, calendar: Calendar) -> OpenNow:
    """Return what a forecast needs to know of an open case, as it stood at the cut-off."""
    case, campaign = past.case, statement.campaign
    known = [] if declared is None else [case.fields.get(name) for name in declared.not_before_fields]
    if declared is not None:
        running = (each for each in past.terms if each.status is Status.RUNNING)
        known += [each.due_on for each in running if each.name in declared.not_before_deadlines]
    latest = max((each for each in known if isinstance(each, str)), default="")
    return OpenNow(
        case_id=case.id,
        state=case.state,
        unit=case.unit,
        not_before=_time_until(latest, statement.day, calendar) if latest else 0.0,
        is_extended=any(is_valid(campaign, each, campaign.clear_by) for each in past.extensions),
    )


def _time_until(latest: str, day: date, calendar: Calendar) -> float:
    """Return the working time after a day and before a later local date; nothing if that is not later."""
    return _working_time(_days(day, date.fromisoformat(latest) - timedelta(days=1)), calendar)


def _assumed(declared: ForecastDeclared, workflow: Workflow) -> Assumed:
    """Return what stands in place of a history."""
    return Assumed(
        half_days=half_days(declared, workflow),
        otherwise=declared.half_done_at * declared.without_term,
        pace_spread=declared.pace_spread,
    )


def _days(after: date, until: date) -> list[date]:
    """Return the local days after one day up to and including another."""
    return [after + timedelta(days=each) for each in range(1, (until - after).days + 1)]


def _works(day: date, calendar: Calendar) -> bool:
    """Say whether a day works; in a year without a published calendar the week says so."""
    return calendar.day_scale.works(day.toordinal())


def _working_time(days: Iterable[date], calendar: Calendar) -> float:
    """Return how much work days hold: a working day one, a day off a little."""
    return sum(1.0 if _works(day, calendar) else DAY_OFF for day in days)
