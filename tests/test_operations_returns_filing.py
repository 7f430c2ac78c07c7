"""Returns that open by themselves after a long time without: what is not opened is said, and told once a person."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ledgers import DAY, START, furnished
from notices import shipped_templates

from commands.shared.delivery import Mailbag
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.store import case_rows
from engine.store import outbox_rows as outbox
from engine.working_days.instants import microseconds

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEARS = timedelta(days=7 * 365)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger of which one unit has a liaison officer."""
    with furnished(sqlite_url) as made:
        keeping.revoke(Acting(made, "keeper", START), "keeper", "liaison", None)
        yield made


def at(text: str) -> datetime:
    """Return a local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


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
    message = shipped_templates().render(row)

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

    weekly = next(each for each in opened.passed_over if each.recurs == "weekly")
    assert weekly.since.isoformat() == "2019-07-08"
    assert weekly.periods + len(weeks) == YEARS.days // 7
    assert len(told(ledger)) == len({recipient for _, recipient in told(ledger)})
    assert [body["periods"] for body in noted] == [each.periods for each in opened.passed_over]
    assert [body["from"] for body in noted if body["recurs"] == "weekly"] == ["2019-07-08"]
    assert again.passed_over == ()


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        pytest.param("2019-09-30T09:30", "2019-09-30T09:30", id="on a working day at once"),
        pytest.param("2019-10-01T00:05", "2019-10-08T08:00", id="on a holiday after it"),
        pytest.param("2019-09-09T23:30", "2019-09-10T08:00", id="at half past eleven in the morning after"),
    ],
)
def test_a_return_notice_keeps_quiet_hours_and_rest_days(ledger: Ledger, now: str, sent: str) -> None:
    """What opens by itself at night or on a day off is told on the next working morning, as every reminder."""
    open_returns(ledger, now=START)
    forget(ledger)
    open_returns(ledger, now=at(now))

    assert {each.next_try_at for each in outbox.promises(ledger.store)} == {microseconds(at(sent))}


def test_a_return_notice_names_the_unit_that_owes_it(ledger: Ledger) -> None:
    """A liaison officer of all units reads whose return each line is."""
    keeping.grant(Acting(ledger, "keeper", START), "zhou", "liaison", None)
    open_returns(ledger, now=START)
    texts = {row.recipient.code: shipped_templates().render(row).text for row in Mailbag(ledger, {}).waiting()}

    assert "某中医院：" in texts["zhou"]
