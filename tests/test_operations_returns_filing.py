"""Returns that open by themselves after a long time without: what is not opened is said, and told once a person."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from ledgers import DAY, START, furnished

from commands.shared.delivery import Mailbag
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.store import case_rows
from engine.store import outbox_rows as outbox
from notifications.render import Templates

YEARS = timedelta(days=7 * 365)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger of which one unit has a liaison officer."""
    with furnished(sqlite_url) as made:
        keeping.revoke(Acting(made, "keeper", START), "keeper", "liaison", None)
        yield made


def told(ledger: Ledger) -> list[tuple[str, str]]:
    """Return kind and recipient of the messages promised."""
    return sorted((each.kind, each.recipient) for each in outbox.promises(ledger.store))


def forget(ledger: Ledger) -> None:
    """Let what was promised so far be gone."""
    with ledger.store.begin():
        ledger.store.change("DELETE FROM outbox")


def test_one_message_for_each_person(ledger: Ledger) -> None:
    """Several returns opened at once are one message, which lists them, the first due first."""
    open_returns(ledger, now=START)
    forget(ledger)
    opened = open_returns(ledger, now=START + 21 * DAY)
    (recipient,) = {recipient for _, recipient in told(ledger)}
    (row,) = Mailbag(ledger, {}).waiting()
    message = Templates().render(row)

    assert told(ledger) == [("returns_due", recipient)]
    assert all(number in message.text for number in opened.numbers)
    assert "2019-W28" in message.text
    assert opened.passed_over == ()


def test_one_return_is_told_as_ever(ledger: Ledger) -> None:
    """A single return keeps its own message."""
    open_returns(ledger, now=START)
    forget(ledger)
    open_returns(ledger, now=START + 7 * DAY)

    assert [kind for kind, _ in told(ledger)] == ["return_due"]


def test_after_years_what_is_not_opened_is_said(ledger: Ledger) -> None:
    """How many periods stay closed, and from when to when, is returned and stands in the journal of the house."""
    open_returns(ledger, now=START)
    forget(ledger)
    opened = open_returns(ledger, now=START + YEARS)
    again = open_returns(ledger, now=START + YEARS)
    noted = [
        json.loads(entry.body) for entry in case_rows.entries(ledger.store, 0) if entry.kind == "returns_passed_over"
    ]
    weeks = {
        each.fields["period"]
        for each in case_rows.select(ledger.store)
        if each.number in opened.numbers and "W" in str(each.fields["period"])
    }

    weekly, monthly = opened.passed_over
    assert (weekly.recurs, monthly.recurs) == ("weekly", "monthly")
    assert weekly.since.isoformat() == "2019-07-08"
    assert weekly.periods + len(weeks) == YEARS.days // 7
    assert len(told(ledger)) == 1
    assert [body["periods"] for body in noted] == [weekly.periods, monthly.periods]
    assert noted[0]["from"] == "2019-07-08"
    assert again.passed_over == ()
