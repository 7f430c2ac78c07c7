"""Delivery: once promised, sent at least once, never by two at a time, no channel in another's way."""

# ruff: noqa: ARG002, ARG004 - stand-ins need less than they are told

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from notices import DIGEST, NOW, row, shelf, shipped_templates
from servers import HOST, Authority, Endpoint, MailServer, RudeServer, answer, closing, echoing, hanging

from engine.language import Text, speaking
from notifications.bots import WeComChannel
from notifications.channels import Channel, Secret, Timeouts
from notifications.dispatch import DOWN_AFTER, LEASE, DispatchReport, dispatch, preview
from notifications.mailing import MailChannel
from notifications.messages import Delivered, Delivery, Message, OutboxMessage, QuietHours, Refused, RetryLater
from notifications.posting import Route
from notifications.waiting import GIVE_UP_AFTER, PUT_BACK, WAITS

TEMPLATES = shipped_templates()
DOWN = RetryLater(reason=Text("down", "不可用"), channel_down=True)
BUSY = RetryLater(reason=Text("busy", "繁忙"))
NO = Refused(reason=Text("no such user", "无此用户"))
YES = Delivered(receipt="yes")


@dataclass(slots=True)
class Told:
    """A channel that answers as it is told and keeps what it was given."""

    name: str
    answers: Delivery | Callable[[Message], Delivery] = YES
    given: list[str] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Answer."""
        self.given.append(message.key)
        self.threads.add(threading.current_thread().name)
        return self.answers(message) if callable(self.answers) else self.answers


def run(outbox: object, *channels: Channel, now: datetime = NOW, **more: object) -> DispatchReport:
    """Deliver what is due, with a clock that stands still."""
    settings: dict[str, object] = {"clock": lambda: 0.0, "limit": 100, **more}
    with speaking("en"):
        return dispatch(outbox, {c.name: c for c in channels}, TEMPLATES, now=now, **settings)  # type: ignore[arg-type]


def rows(count: int, *names: str, first: int = 1) -> list[OutboxMessage]:
    """Return rows to be sent by the channels *names*."""
    addresses = dict.fromkeys(names, "a@b.invalid")
    return [row(id=n, key=f"row:{n}", addresses=addresses) for n in range(first, first + count)]


def test_what_is_taken_is_sent_once() -> None:
    """A row that a channel takes is recorded as sent and never offered again."""
    mail, outbox = Told("mail"), shelf(*rows(3, "mail"))
    report = run(outbox, mail)
    again = run(outbox, mail, now=NOW + timedelta(days=1))

    assert report.sent == (("row:1", "mail"), ("row:2", "mail"), ("row:3", "mail"))
    assert mail.given == ["row:1", "row:2", "row:3"]
    assert again == DispatchReport()


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        pytest.param(YES, YES, "sent by wecom", id="the first takes it"),
        pytest.param(NO, YES, "sent by mail", id="the first refuses for good"),
        pytest.param(DOWN, YES, "sent by mail", id="the first is down"),
        pytest.param(BUSY, YES, "sent by mail", id="the first is busy"),
        pytest.param(NO, NO, "failed: no such user; no such user", id="both refuse for good"),
        pytest.param(NO, BUSY, "waits: no such user; busy", id="one may take it later"),
        pytest.param(DOWN, NO, "waits: down; no such user", id="the other may be up again"),
    ],
)
def test_the_persons_channels_are_asked_in_their_order(first: Delivery, second: Delivery, outcome: str) -> None:
    """A row goes to the next channel if one does not take it; it fails only if all refuse for good."""
    outbox = shelf(*rows(1, "wecom", "gone", "mail"))
    run(outbox, Told("mail", second), Told("wecom", first))
    told = [f"sent by {name}" for _, name in outbox.sent]
    told += [f"waits: {reason}" for _, _, reason, _ in outbox.retried]
    told += [f"failed: {reason}" for _, reason in outbox.failed]

    assert told == [outcome]


def test_during_a_rate_block_no_further_request_goes_out() -> None:
    """Too many messages: the rest waits until the block is over, in this run and in later ones, and then goes out."""
    wait = timedelta(minutes=10)
    answers: Iterator[Delivery] = iter([YES, RetryLater(reason=Text("too many", "过多"), wait=wait, blocked=True)])
    bot, outbox = Told("bot", lambda _: next(answers, YES)), shelf(*rows(5, "bot"))
    run(outbox, bot)
    for minutes in (1, 5, 9):
        run(outbox, bot, now=NOW + timedelta(minutes=minutes))
    assert bot.given == ["row:1", "row:2"]
    assert {again_at for _, again_at, _, counted in outbox.retried if not counted} == {NOW + wait}

    report = run(outbox, bot, now=NOW + wait)
    late = run(outbox, bot, now=NOW + 2 * wait)
    assert len(report.sent) + len(late.sent) == 4
    assert sorted(set(bot.given)) == [f"row:{n}" for n in range(1, 6)]


def test_who_has_another_channel_need_not_wait_for_a_block() -> None:
    """A robot that takes nothing is passed over; mail goes out at once, and no row loses an attempt."""
    blocked = RetryLater(reason=Text("too many", "过多"), wait=timedelta(minutes=1), blocked=True)
    bot, mail, outbox = Told("bot", blocked), Told("mail"), shelf(*rows(3, "bot", "mail"))
    run(outbox, bot, mail)

    assert (bot.given, len(mail.given)) == (["row:1"], 3)
    assert outbox.retried == []


def test_a_refusal_for_good_is_not_tried_again() -> None:
    """A refused row is among the failed at once."""
    mail, outbox = Told("mail", NO), shelf(*rows(1, "mail"))
    report = run(outbox, mail)
    run(outbox, mail, now=NOW + timedelta(days=9))

    assert [found.next_try_at for found in report.failed] == [None]
    assert mail.given == ["row:1"]


def test_waits_grow_until_the_row_is_given_up() -> None:
    """Tried again after growing waits, the row is given up after the last attempt, with the last reason."""
    mail, outbox, now = Told("mail", BUSY), shelf(*rows(1, "mail")), NOW
    waits = []
    for _ in range(GIVE_UP_AFTER):
        run(outbox, mail, now=now)
        waits.append(outbox.free_at[1] - now)
        now = outbox.free_at[1]

    assert len(mail.given) == GIVE_UP_AFTER
    assert all(wait <= waited <= wait * 1.2 for wait, waited in zip(WAITS, waits, strict=False))
    assert outbox.failed == [("row:1", f"given up after {GIVE_UP_AFTER} attempts: busy")]


def test_a_row_that_waits_is_not_tried_before_its_time() -> None:
    """Between two attempts nothing is sent."""
    mail, outbox = Told("mail", BUSY), shelf(*rows(1, "mail"))
    run(outbox, mail)
    run(outbox, mail, now=NOW + timedelta(seconds=59))

    assert mail.given == ["row:1"]


def test_the_wait_a_server_asks_for_is_kept() -> None:
    """If the server names a longer wait than ours, ours gives way."""
    outbox = shelf(*rows(1, "mail"))
    run(outbox, Told("mail", RetryLater(reason=Text("busy", "繁忙"), wait=timedelta(hours=2))))

    assert outbox.free_at[1] == NOW + timedelta(hours=2)


def test_a_channel_that_is_down_is_asked_three_times_in_a_run() -> None:
    """After three faults in a row the rest is put back untried, and that costs no attempt."""
    mail, outbox = Told("mail", DOWN), shelf(*rows(10, "mail"))
    run(outbox, mail)

    assert len(mail.given) == DOWN_AFTER
    assert [counted for *_, counted in outbox.retried] == [True] * 3 + [False] * 7
    assert [outbox.rows[n].attempts for n in (1, 3, 4, 10)] == [1, 1, 0, 0]
    assert outbox.free_at[10] == NOW + PUT_BACK
    assert outbox.retried[-1][2] == "mail is down, not tried"


def test_behind_a_channel_that_is_down_the_next_one_sends() -> None:
    """A person with two channels gets the message though the preferred one is down."""
    wecom, mail = Told("wecom", DOWN), Told("mail")
    outbox = shelf(*rows(10, "wecom", "mail"))
    run(outbox, wecom, mail)

    assert (len(wecom.given), len(mail.given), len(outbox.sent)) == (DOWN_AFTER, 10, 10)


def test_a_success_between_faults_keeps_the_channel_up() -> None:
    """Only faults in a row count: a channel that works now and then is asked every time."""
    mail = Told("mail", lambda message: YES if message.key.endswith(("3", "6", "9")) else DOWN)
    run(shelf(*rows(10, "mail")), mail)

    assert len(mail.given) == 10


def test_a_hanging_channel_holds_up_nobody_else() -> None:
    """While one channel hangs, all rows of another are sent; each has its own thread."""
    free = threading.Event()

    def hang(_: Message) -> Delivery:
        assert free.wait(60)
        return DOWN

    def last(message: Message) -> Delivery:
        if message.key == "row:15":
            free.set()
        return YES

    slow, fast = Told("slow", hang), Told("fast", last)
    outbox = shelf(*rows(5, "slow"), *rows(10, "fast", first=6))
    run(outbox, slow, fast)

    assert len(outbox.sent) == 10
    assert slow.threads.isdisjoint(fast.threads)


def test_the_outbox_is_spoken_to_by_one_thread() -> None:
    """All records are made by the thread that called, so that a connection need not be shared."""
    outbox, threads = shelf(*rows(4, "a", "b")), set()
    inner = outbox.mark_sent

    class Watching:
        """The shelf, with an eye on who speaks."""

        claim, mark_retry, mark_failed = outbox.claim, outbox.mark_retry, outbox.mark_failed
        blocked, block = outbox.blocked, outbox.block

        @staticmethod
        def mark_sent(found: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
            threads.add(threading.current_thread())
            inner(found, at, channel, receipt)

    run(Watching(), Told("a"), Told("b"))

    assert threads == {threading.current_thread()}


def test_two_at_once_never_send_the_same_row() -> None:
    """Rows claimed by one run are not offered to another before the lease is over."""
    outbox = shelf(*rows(2, "mail"))
    taken = outbox.claim(NOW, 1, LEASE)
    report = run(outbox, Told("mail"))

    assert [found.key for found in taken] == ["row:1"]
    assert report.sent == (("row:2", "mail"),)


def test_after_a_crash_the_row_is_free_when_the_lease_is_over() -> None:
    """A run that died with a row in hand loses nothing: after the lease it is sent."""
    outbox = shelf(*rows(1, "mail"))
    outbox.claim(NOW, 1, LEASE)

    assert run(outbox, Told("mail"), now=NOW + LEASE).sent == (("row:1", "mail"),)


def test_nothing_is_begun_when_the_lease_runs_out() -> None:
    """What a slow run does not come to within its lease is put back uncounted, not sent late."""
    ticks: Iterator[float] = iter(range(0, 100_000, 50))
    mail, outbox = Told("mail"), shelf(*rows(50, "mail"))
    report = run(outbox, mail, clock=lambda: next(ticks))

    assert 0 < len(mail.given) < 6
    assert len(report.sent) + len(report.left) == 50
    assert not any(counted for *_, counted in outbox.retried)


def test_a_run_that_is_told_to_stop_ends_cleanly() -> None:
    """Once told to stop, the delivery under way is recorded and the rest is free again at once."""
    stopping = threading.Event()

    def stop(_: Message) -> Delivery:
        stopping.set()
        return YES

    outbox = shelf(*rows(5, "mail"))
    report = run(outbox, Told("mail", stop), stopping=stopping)

    assert (len(report.sent), len(report.left)) == (1, 4)
    assert run(outbox, Told("mail")).sent == tuple((f"row:{n}", "mail") for n in range(2, 6))


def test_what_cannot_be_recorded_is_not_sent_on() -> None:
    """If the outbox fails, the error is not hidden and the queues end without sending the rest."""
    first = threading.Event()

    outbox = shelf(*rows(9, "mail"))

    def slowly(message: Message) -> Delivery:
        assert message.key == "row:1" or first.wait(60)
        return YES

    class Broken:
        """An outbox whose database is gone."""

        claim, mark_retry, mark_failed = outbox.claim, outbox.mark_retry, outbox.mark_failed
        blocked, block = outbox.blocked, outbox.block

        @staticmethod
        def mark_sent(found: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
            threading.Timer(0.05, first.set).start()
            raise ConnectionError

    mail = Told("mail", slowly)
    with pytest.raises(ConnectionError):
        run(Broken(), mail)

    assert len(mail.given) <= 2


def test_quiet_hours_cost_no_attempt() -> None:
    """In somebody's quiet hours the row waits for their end, uncounted; a trial message comes at once."""
    quiet = QuietHours(begins=time(8), ends=time(10))
    outbox = shelf(
        row("digest", id=1, key="digest", addresses={"mail": "a@b"}, quiet=quiet),
        row("test", id=2, key="test", addresses={"mail": "a@b"}, quiet=quiet),
    )
    report = run(outbox, Told("mail"))

    assert report.sent == (("test", "mail"),)
    assert outbox.retried == [("digest", NOW + timedelta(hours=1), "quiet hours of 甲某", False)]


def test_what_nobody_foresaw_costs_one_row_an_attempt() -> None:
    """A channel that breaks on one message neither ends the run nor tells what broke it."""

    def crash(message: Message) -> Delivery:
        if message.key == "row:1":
            raise KeyError("t0ps3cret")
        return YES

    outbox = shelf(*rows(2, "mail"))
    report = run(outbox, Told("mail", crash))

    assert report.sent == (("row:2", "mail"),)
    assert outbox.retried[0][2] == "mail: failed unexpectedly (KeyError); please report it"


def test_a_payload_that_must_not_leave_fails_by_name() -> None:
    """A forbidden key never reaches a channel."""
    mail = Told("mail")
    outbox = shelf(row("digest", payload={**DIGEST, "reporter": "丁某"}, addresses={"mail": "a@b"}))
    run(outbox, mail)

    assert mail.given == []
    assert "reporter must not be in a message" in outbox.failed[0][1]
    assert "丁某" not in outbox.failed[0][1]


def test_a_broken_template_makes_the_row_wait(tmp_path: Path) -> None:
    """A template is mended sooner or later: the row waits and is not lost."""
    path = tmp_path / "test/zh/body.txt"
    path.parent.mkdir(parents=True)
    path.write_text("{{ nmae }}")
    outbox = shelf(*rows(1, "mail"))
    dispatch(outbox, {"mail": Told("mail")}, shipped_templates(tmp_path), now=NOW, limit=9)

    assert "nmae" in outbox.retried[0][2]


@pytest.mark.parametrize("addresses", [{}, {"gone": "x"}], ids=["none", "of a channel not set up"])
def test_nobody_without_an_address_is_forgotten(addresses: Mapping[str, str]) -> None:
    """A person without a usable address is named, and the row waits for one."""
    outbox = shelf(row(addresses=addresses))
    run(outbox, Told("mail"))

    assert outbox.retried[0][2] == "甲某 has no address in any channel that is set up; enter one"


def test_a_preview_sends_nothing() -> None:
    """A preview shows each message, or why there is none."""
    good, bad = preview([row("digest"), row("digest", payload={})], TEMPLATES)

    assert good.message is not None
    assert good.message.subject == "【清零】3 个期限已逾期，1 个今天到期，4 个临近"
    assert bad.message is None
    assert bad.problem is not None
    assert "as_of is missing" in bad.problem.en


def test_one_dead_server_among_real_ones(tmp_path: Path) -> None:
    """Real servers: those behind the dead ones wait with their reason, all others have their message."""
    quick = Timeouts(connect=0.3, total=0.3)

    def mail(name: str, port: int, ca: Path | None = None) -> MailChannel:
        return MailChannel(
            name=name,
            host=HOST,
            port=port,
            security="none" if ca is None else "ssl",
            sender="ledger@bureau.invalid",
            ca=ca,
            timeouts=quick if name == "hangs" else Timeouts(),
        )

    authority = Authority()
    ca = authority.file(tmp_path)
    with (
        MailServer() as sound,
        RudeServer(hanging) as silent,
        RudeServer(closing) as curt,
        MailServer(tls=authority.context("other.invalid")) as masked,
        Endpoint(echoing(500)) as broken,
        Endpoint(answer({"errcode": 0})) as bot,
    ):

        def wecom(name: str, url: str) -> WeComChannel:
            return WeComChannel(name=name, key=Secret("t0ps3cret"), host=url, route=Route(name=name))

        names = ["hangs", "closes", "masked", "broken", "mail", "bot"]
        rows_of_all = [found for place, name in enumerate(names) for found in rows(4, name, first=1 + 4 * place)]
        outbox = shelf(*rows_of_all)
        report = run(
            outbox,
            mail("hangs", silent.port),
            mail("closes", curt.port),
            mail("masked", masked.port, ca),
            wecom("broken", broken.url),
            mail("mail", sound.port),
            wecom("bot", bot.url),
        )

    assert sorted(name for _, name in report.sent) == ["bot"] * 4 + ["mail"] * 4
    assert len({letter["Message-ID"] for letter in sound.letters}) == 4
    assert (silent.met, len(outbox.rows), outbox.failed) == (DOWN_AFTER, 16, [])
    assert all("\n" not in reason and "t0ps3cret" not in reason for _, _, reason, _ in outbox.retried)
