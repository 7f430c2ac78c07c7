"""Who acts, in which ledger and at which instant: one value that signs and dates what is written."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ledgers import START, furnished, register

from engine.errors import BadValueError
from engine.journal.case_events import NoteWritten
from engine.journal.house_events import OfficerLeft
from engine.operations.ledger.acting import Acting
from engine.store import case_rows
from engine.working_days.instants import microseconds


def test_an_instant_without_a_zone_acts_nowhere(sqlite_url: str) -> None:
    """What cannot be dated is refused before anything is done."""
    with furnished(sqlite_url) as ledger, pytest.raises(BadValueError, match="没有时区"):
        Acting(ledger, "zhou", datetime(2019, 7, 1, 9))


def test_the_day_is_that_of_the_house_and_the_instant_that_of_the_world(sqlite_url: str) -> None:
    """Late in the evening in Greenwich it is the next day in Shanghai; the stored instant is the same in any zone."""
    late = datetime(2019, 6, 30, 23, tzinfo=UTC)
    with furnished(sqlite_url) as ledger:
        here, there = (
            Acting(ledger, "zhou", late),
            Acting(ledger, "zhou", late.astimezone(timezone(timedelta(hours=8)))),
        )

        assert here.today.isoformat() == there.today.isoformat() == "2019-07-01"
        assert here.now_at == there.now_at == microseconds(late)


def test_what_is_written_is_signed_and_never_dated_before_what_it_follows(database_url: str) -> None:
    """A row bears the officer; if the clock was set back it keeps the order, and says the clock's own instant."""
    with furnished(database_url) as ledger:
        case = register(ledger, now=START)
        row = Acting(ledger, "li", START - timedelta(hours=1)).entry(case, NoteWritten(words="x"))
        with ledger.store.begin():
            before = case_rows.last_entry(ledger.store, 0)
            noted = Acting(ledger, "li", START - timedelta(days=1)).note_in_house(OfficerLeft(code="gone"))

        assert before is not None
        assert (row.by, row.at, row.seq) == ("li", case.changed_at, case.revision + 1)
        assert json.loads(row.body)["clock_at"] == microseconds(START - timedelta(hours=1))
        assert (noted.by, noted.at, noted.seq) == ("li", before.at, before.seq + 1)
        assert json.loads(noted.body)["clock_at"] == microseconds(START - timedelta(days=1))
