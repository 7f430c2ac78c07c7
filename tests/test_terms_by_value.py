"""How long a term is, chosen by a value; minutes as a unit."""

from datetime import datetime
from typing import Any

from test_engine_deadlines_clock import LEAD, SHANGHAI, step

from engine.deadlines.clock import Clock, Status, derivation
from engine.deadlines.remaining import remaining
from engine.store import clock_rows
from engine.workflow.deadline import StartsByField, Term, TermUnit, Within, WithinByValue
from engine.workflow.model import Workflow
from engine.working_days.instants import local_time, microseconds


def term(amount: int, unit: TermUnit) -> Term:
    """Return a length of time."""
    return Term(amount=amount, unit=unit)


GRADED = WithinByValue(
    field="grade",
    terms={"ordinary": term(15, TermUnit.DAYS), "major": term(24, TermUnit.HOURS), "now": term(90, TermUnit.MINUTES)},
    otherwise=term(5, TermUnit.WORKING_DAYS),
)


def flow(due: Within | WithinByValue) -> Workflow:
    """Return the lead's workflow with one term from the receipt on."""
    plain = LEAD.deadlines["verification"]
    start = StartsByField(field="received_on")
    one = plain.replace(name="term", starts=start, runs_in=("assigned",), due=due, end_roll="none", extend=None)
    return LEAD.replace(deadlines={"term": one})


def graded(day: str, grade: str | None, clocks: tuple[Clock, ...] = (), due: WithinByValue = GRADED) -> Clock:
    """Return the clock after a change at a local instant that leaves the grade so."""
    values: dict[str, Any] = {"received_on": "2019-07-01", **({} if grade is None else {"grade": grade})}
    came_from = "assigned" if clocks else None
    (clock,) = step(flow(due), "assigned", day, clocks, came_from=came_from, **values) or clocks
    return clock


def test_the_value_chooses_the_length() -> None:
    """Days, hours, minutes by the value; what is not named, and no value, by `else`."""
    rows = {
        "ordinary": ("2019-07-16", None, "15 days"),
        "major": ("2019-07-02", "2019-07-02T00:00", "24 hours"),
        "now": ("2019-07-01", "2019-07-01T01:30", "90 minutes"),
        "other": ("2019-07-08", None, "5 working_days"),
        None: ("2019-07-08", None, "5 working_days"),
    }
    found = {}
    for grade in rows:
        clock = graded("2019-07-01T10:00", grade)
        at = None if clock.due_at is None else f"{local_time(clock.due_at, SHANGHAI.tz):%Y-%m-%dT%H:%M}"
        found[grade] = (clock.due_on, at, clock.term)
    assert found == rows


def test_without_a_value_nothing_is_due_until_there_is_one() -> None:
    """Where nothing is said of the rest, the term begins with its value, from its own start."""
    bare = GRADED.replace(otherwise=None)
    assert step(flow(bare), "assigned", "2019-07-01T10:00", received_on="2019-07-01") == ()
    assert graded("2019-07-03T10:00", "ordinary", due=bare).due_on == "2019-07-16"


def test_another_value_counts_anew_from_the_old_start() -> None:
    """Start and first day stay; a new day that is past is late at once; what was late before stays on record."""
    first = graded("2019-07-01T10:00", "ordinary")
    shorter = graded("2019-07-05T10:00", "major", (first,))
    longer = graded("2019-07-09T10:00", "ordinary", (shorter,))

    assert (shorter.due_on, shorter.original_due_on, shorter.starts_at) == ("2019-07-02", "2019-07-16", first.starts_at)
    assert (shorter.status, shorter.term) == (Status.RUNNING, "24 hours")
    assert (longer.due_on, longer.due_at) == ("2019-07-16", None)
    assert [(each.due_on, each.ended_on, each.why) for each in longer.breaches] == [
        ("2019-07-02", "2019-07-09", "moved")
    ]
    assert graded("2019-07-10T10:00", "ordinary", (longer,)) == longer, "the same value moves nothing"


def test_it_is_told_in_its_own_unit_and_kept() -> None:
    """What is left, the way to the day and the stored row go by the term that the value chose."""
    declared = flow(GRADED).deadlines["term"]
    clock = graded("2019-07-01T00:00", "now")
    now = datetime.fromisoformat("2019-07-01T00:30").replace(tzinfo=SHANGHAI.zone)
    stands = remaining(declared, clock, now=now, today=now.date(), calendar=SHANGHAI)
    way = derivation(declared, clock, calendar=SHANGHAI)

    assert (stands.left, stands.counted_in, stands.overdue) == (60, "minutes", False)
    assert way is not None
    assert isinstance(way.due, datetime)
    assert microseconds(way.due) == clock.due_at
    assert '"term":"90 minutes"' in clock_rows._ledger(clock, {})
