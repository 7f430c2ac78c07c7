"""Messages that failed or came back: those who keep the ledger hear of it once, in working hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ledgers import DAY, START, furnished
from notices import shipped_templates

from commands.shared.delivery import Mailbag, deliver
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.outbox.undelivered import SHOWN, FailureReports, record_bounced
from engine.store import outbox_rows as outbox
from engine.working_days.instants import microseconds
from notifications.messages import Delivery, Message, Refused
from notifications.settings import Settings


class Refusing:
    """A channel that refuses everything for good."""

    name = "mail"

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - it looks at nothing
        """Refuse."""
        from engine.language import Text

        return Refused(reason=Text("no such user", "无此用户"))


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger, one officer of which is reached by mail."""
    with furnished(sqlite_url) as made:
        keeping.change_contact(Acting(made, "keeper", START), "chen", {"mail": "chen@x.invalid"})
        yield made


def promised(ledger: Ledger, *keys: str) -> None:
    """Promise messages to an officer."""
    with ledger.store.begin():
        for key in keys:
            outbox.promise(
                ledger.store, key, "calendar_missing", "chen", {"year": 2020, "last_year": 2019, "provisional": 0},
                microseconds(START),
            )  # fmt: skip


def reports(ledger: Ledger) -> list[tuple[str, int]]:
    """Return who gets a report, and of how many messages."""
    return [
        (each.recipient, len(each.payload["failures"]))  # type: ignore[arg-type]
        for each in outbox.promises(ledger.store)
        if each.kind == "undelivered"
    ]


def test_a_message_that_failed_for_good_is_reported_to_the_office(ledger: Ledger) -> None:
    """Three refused messages are one report to those who keep the ledger, with whom they did not reach, and why."""
    promised(ledger, "a", "b", "c")
    report = deliver(ledger, Settings(channels={"mail": Refusing()}), now=START)
    (row,) = [each for each in Mailbag(ledger, {}).waiting() if each.kind == "undelivered"]
    message = shipped_templates().render(row)

    assert len(report.failed) == 3
    assert reports(ledger) == [("keeper", 3)]
    assert "3 条消息未送达" in message.subject
    assert message.text.count("chen某：无此用户") == 3


def test_a_failure_at_night_is_reported_in_the_morning(ledger: Ledger) -> None:
    """A report keeps working hours as every message."""
    night = datetime(2019, 7, 5, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    with ledger.store.begin():
        FailureReports(ledger).add(7, "digest", "chen", "x", night)

    morning = microseconds(datetime(2019, 7, 8, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert [each.next_try_at for each in outbox.promises(ledger.store)] == [morning]


def test_no_report_follows_a_report(ledger: Ledger) -> None:
    """A report that fails itself is left to `doctor`."""
    with ledger.store.begin():
        FailureReports(ledger).add(7, "undelivered", "chen", "x", START)

    assert outbox.promises(ledger.store) == []


def test_thousands_of_failures_are_reports_that_can_be_read(ledger: Ledger) -> None:
    """A report that is full is followed by another."""
    made = FailureReports(ledger)
    with ledger.store.begin():
        for each in range(SHOWN + 1):
            made.add(each, "digest", "chen", "x", START)

    assert sorted(reports(ledger)) == [("keeper", 1), ("keeper", SHOWN)]


def test_a_message_that_came_back_is_reported_and_can_be_sent_again(ledger: Ledger) -> None:
    """It stands as failed from then on; one that was never sent cannot come back."""
    promised(ledger, "a")
    (sent,) = outbox.promises(ledger.store)
    outbox.mark_sent(ledger.store, sent.id, at=microseconds(START), remark="ok")

    assert record_bounced(ledger, sent.id, reason="no such mailbox", now=START)
    assert reports(ledger) == [("keeper", 1)]
    assert outbox.send_again(ledger.store, now_at=microseconds(START + DAY)) == 1
    assert not record_bounced(ledger, sent.id, reason="x", now=START)


def test_a_block_is_known_to_the_next_run_and_to_other_processes(ledger: Ledger) -> None:
    """Until when a channel takes nothing is kept in the ledger."""
    until = START + timedelta(minutes=10)
    Mailbag(ledger, {}).block("bot", until)

    assert Mailbag(ledger, {}).blocked() == {"bot": until}
