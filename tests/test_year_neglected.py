"""A year of leads that nobody touches: who heard of each, what and when, as worked out by hand.

The ladder `standard` as it is declared: 7 and 3 days before the due day a reminder, on the working day after it a
chase, after 7, 14 and 21 days supervision, after 30 days and every month from then on the list. The calendar is the
published one of 2019: what falls on a day off is said on the next working day. The ledger is swept every morning at
half past nine, except from 20 April to 19 May, when nothing runs.

| lead | unit | what happens | due |
|---|---|---|---|
| A | 0101 | received 7 January, never acted on | a month later, in the Spring Festival: Monday 11 February |
| B | 0101 | received 1 March, given to chen on the 4th, never verified | 4 May is off: Sunday 5 May, a working day |
| C | 0102 | received 5 August, never acted on; the unit has only liu, its supervising leader | Thursday 5 September |

On 21 October tang joins the leading group of all units, on 11 November lian becomes the liaison of 0102.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import ledgers
import pytest
from ledgers import furnished, register
from paths import ASSIGN
from zero_house import at

from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import outbox_rows as outbox
from engine.store import schema
from engine.working_days.instants import local_day

Told = tuple[str, str, str, str]

TABLE: tuple[Told, ...] = (
    # day, lead, level, who hears
    ("2019-02-11", "A", "remind", "keeper lian"),  # both reminders fell into the festival; the second finds nobody
    ("2019-02-12", "A", "chase", "liu"),
    ("2019-02-18", "A", "supervise", "feng wang zhao zhou"),
    ("2019-02-25", "A", "supervise", "feng wang zhao zhou"),
    ("2019-03-04", "A", "supervise", "feng wang zhao zhou"),
    ("2019-03-13", "A", "listed", "ji tang"),
    ("2019-04-15", "A", "listed", "ji tang"),  # the 13th is a Saturday
    ("2019-05-20", "A", "listed", "ji tang"),  # the 13th, after downtime
    ("2019-05-20", "B", "supervise", "chen feng lian liu wang zhao zhou"),  # five rungs at once, to all of theirs
    ("2019-05-27", "B", "supervise", "feng liu wang zhao zhou"),  # the 26th is a Sunday
    ("2019-06-04", "B", "listed", "ji tang"),
    ("2019-06-13", "A", "listed", "ji tang"),
    ("2019-07-04", "B", "listed", "ji tang"),
    ("2019-07-15", "A", "listed", "ji tang"),  # the 13th is a Saturday
    ("2019-08-05", "B", "listed", "ji tang"),  # the 4th is a Sunday
    ("2019-08-13", "A", "listed", "ji tang"),
    ("2019-08-29", "C", "remind", "keeper"),  # there is no liaison
    ("2019-09-02", "C", "remind", "keeper"),
    ("2019-09-04", "B", "listed", "ji tang"),
    ("2019-09-06", "C", "chase", "liu"),
    ("2019-09-12", "C", "supervise", "keeper"),  # the office of all units
    ("2019-09-16", "A", "listed", "ji tang"),  # the 13th is the Mid-Autumn Festival
    ("2019-09-19", "C", "supervise", "keeper"),
    ("2019-09-26", "C", "supervise", "keeper"),
    ("2019-10-08", "B", "listed", "ji tang"),  # the 4th is a holiday
    ("2019-10-08", "C", "listed", "keeper"),  # the 5th too; nobody has either role
    ("2019-10-14", "A", "listed", "ji tang"),  # the 13th is a Sunday
    ("2019-10-22", "C", "listed", "tang"),  # said again to who has got the role
    ("2019-11-04", "B", "listed", "ji tang"),
    ("2019-11-05", "C", "listed", "tang"),
    ("2019-11-12", "C", "remind", "lian"),  # said again to the new liaison
    ("2019-11-13", "A", "listed", "ji tang"),
    ("2019-12-04", "B", "listed", "ji tang"),
    ("2019-12-05", "C", "listed", "tang"),
    ("2019-12-13", "A", "listed", "ji tang"),
)

DOWN = date(2019, 4, 20), date(2019, 5, 19)


class Year(NamedTuple):
    """The finished year."""

    ledger: Ledger
    names: dict[str, str]
    """Of each lead by its number."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Return the year, lived through day by day."""
    begin = at("2019-01-02", 10)
    url = str(tmp_path_factory.mktemp("neglected") / "ledger.db")
    schema.bring_up(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledgers, "START", begin)
        with furnished(url) as ledger:
            _leave_the_office_alone(ledger, begin)
            yield Year(ledger, _live(ledger))


def _leave_the_office_alone(ledger: Ledger, now: datetime) -> None:
    """Take from the keeper of the ledger every role but that of keeping it."""
    keepers = {role for role in ledger.workflows.roles() if role != "office"}
    for role in sorted(keepers):
        keeping.revoke(Acting(ledger, "keeper", now), "keeper", role, None)


def _live(ledger: Ledger) -> dict[str, str]:
    """Let the year go by and return the leads."""
    names: dict[str, str] = {}
    day = date(2019, 1, 7)
    while day.year == 2019:
        today = day.isoformat()
        if not DOWN[0] <= day <= DOWN[1]:
            sweep(ledger, now=at(today, 9, 30))
        match today:
            case "2019-01-07":
                names[register(ledger, now=at(today, 10), received_on=today).number] = "A"
            case "2019-03-01":
                names[register(ledger, now=at(today, 10), received_on=today).number] = "B"
            case "2019-03-04":
                (number,) = (number for number, name in names.items() if name == "B")
                advance(Acting(ledger, "zhou", at(today, 10)), number, "assign", ASSIGN.values)
            case "2019-08-05":
                lead = register(ledger, by="keeper", unit="0102", now=at(today, 10), received_on=today)
                names[lead.number] = "C"
            case "2019-10-21":
                keeping.grant(Acting(ledger, "keeper", at(today, 14)), "tang", "leading_group", None)
            case "2019-11-11":
                keeping.grant(Acting(ledger, "keeper", at(today, 14)), "lian", "liaison", "0102")
        day += timedelta(days=1)
    return names


def heard(year: Year) -> list[Told]:
    """Return what the messages say: day of sending, lead, level, who hears."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for each in outbox.promises(year.ledger.store):
        on = local_day(each.next_try_at, year.ledger.zone).isoformat()
        for line in outbox.lines_of(each.payload):
            assert isinstance(line, dict)
            if line["number"] in year.names:  # the talks that ladders propose are about the officers, not the leads
                found[on, year.names[line["number"]], line["level"]].add(each.recipient)
    return sorted((*what, " ".join(sorted(who))) for what, who in found.items())


def test_who_heard_what_and_when_is_as_in_the_table_made_by_hand(year: Year) -> None:
    """Every message of the year about a lead, and no other."""
    assert heard(year) == sorted(TABLE)


def test_nobody_falls_silent_while_a_lead_is_late(year: Year) -> None:
    """From its first reminder to the end of the year somebody hears of each lead at least every 45 days."""
    for name in "ABC":
        days = sorted({date.fromisoformat(on) for on, lead, _, _ in heard(year) if lead == name})
        gaps = [(after - before).days for before, after in zip(days, [*days[1:], date(2019, 12, 31)], strict=True)]
        assert max(gaps) <= 45, name


def test_each_reminder_is_promised_once_to_a_person(year: Year) -> None:
    """No line stands in two messages to the same officer, and the journal holds."""
    lines = [
        (each.recipient, *line["ref"])
        for each in outbox.promises(year.ledger.store)
        for line in json.loads(json.dumps(outbox.lines_of(each.payload)))
    ]

    assert len(lines) == len(set(lines))
    assert verifying.verify(year.ledger)[1] == ()


def test_nothing_is_said_on_a_day_off_or_at_night(year: Year) -> None:
    """Every message goes out on a working day, between eight and eight."""
    calendar = year.ledger.calendar
    for each in outbox.promises(year.ledger.store):
        moment = datetime.fromtimestamp(each.next_try_at / 1_000_000, calendar.zone)
        assert calendar.day_scale.works(moment.toordinal())
        assert time(8) <= moment.time() < time(20)
