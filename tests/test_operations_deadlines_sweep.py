"""The sweep: what is due is recorded once, late ones by their highest rung, nothing at night; and what cancels it."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ledgers import DAY, START, furnished, opened, register
from msgspec.structs import replace
from paths import ASSIGN

from commands.shared.delivery import Mailbag, deliver
from commands.shared.house_checks import of_the_people
from engine.errors import ConflictError
from engine.language import Text
from engine.operations.cases import casework as verbs
from engine.operations.cases import lookup as reading
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.deadlines import extending
from engine.operations.deadlines import timing as deadlines
from engine.operations.deadlines.digests import Digests
from engine.operations.deadlines.scheduler_lease import LEASE, hold_watch, leave_watch, warn_of_missing_calendar, watch
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.unheard import Unheard, unheard
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.house.own_days import set_days
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.store import case_rows, clock_rows, digest_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.connection import Store
from engine.store.digest_rows import DigestPart
from engine.store.outbox_columns import DigestLineRecord, ReminderRef
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds
from notifications.settings import Settings
from notifications.trials import FileChannel

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERYTHING = timedelta(minutes=5)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return a local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger."""
    with furnished(sqlite_url) as made:
        yield made


def assigned(ledger: Ledger) -> str:
    """Return a lead whose verification is due on 2 September 2019, its first rungs on 26 and 30 August."""
    number = register(ledger).number
    verbs.advance(Acting(ledger, "zhou", START), number, "assign", ASSIGN.values)
    return number


def outcomes(ledger: Ledger) -> list[tuple[int, str, str]]:
    """Return rung, level and outcome of all reminders."""
    found = ledger.store.query("SELECT rung, level, outcome FROM reminders ORDER BY arming, rung")
    return [(row[0], row[1], row[2]) for row in found]


def by_case(ledger: Ledger) -> list[tuple[str, str, int, str]]:
    """Return case, deadline, rung and outcome of all reminders, a case after the other."""
    found = ledger.store.query(
        "SELECT c.number, d.name, r.rung, r.outcome FROM reminders r JOIN deadlines d ON d.id = r.deadline_id"
        " JOIN cases c ON c.id = d.case_id ORDER BY c.id, d.id, r.arming, r.rung"
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def entries(ledger: Ledger) -> dict[str, list[str]]:
    """Return of each officer the numbers in the messages that wait."""
    rows = ledger.store.query("SELECT recipient, payload FROM outbox WHERE kind = 'digest' ORDER BY id")
    return {to: [each["number"] for each in json.loads(payload)["entries"]] for to, payload in rows}


def test_the_whole_ladder(ledger: Ledger) -> None:
    """Day by day every rung comes once, from a reminder to the list, and the talk that it proposes has a ladder too."""
    number = assigned(ledger)
    for day in range(120):
        sweep(ledger, now=START + day * DAY)

    talk = "0101-YT-2019-0001"
    assert by_case(ledger) == [
        *((number, "verification", rung, "sent") for rung in range(7)),
        *((talk, "decision", rung, "sent") for rung in range(3)),
    ]
    assert sorted(outcomes(ledger)) == [
        (0, "remind", "sent"),
        (0, "remind", "sent"),
        (1, "chase", "sent"),
        (1, "remind", "sent"),
        (2, "chase", "sent"),
        (2, "chase", "sent"),
        (3, "supervise", "sent"),
        (4, "supervise", "sent"),
        (5, "supervise", "sent"),
        (6, "listed", "sent"),
    ]
    body = json.loads(
        next(e.body for e in reading.view(ledger, "0101-XS-2019-0001", now=START).timeline if "paper" in e.body)
    )
    assert body["paper"] == "chase_letter"
    assert sorted(body["to"]) == ["chen", "liu"]


def test_after_a_long_silence(ledger: Ledger) -> None:
    """The highest rung missed is sent, the others are recorded as skipped and named in the journal."""
    number = assigned(ledger)
    swept = sweep(ledger, now=at("2019-09-12T10:00"))

    assert (swept.reminded, swept.skipped, swept.papers) == (1, 3, 1)
    assert [each[2] for each in outcomes(ledger)] == ["skipped", "skipped", "skipped", "sent"]
    last = case_rows.last_entry(ledger.store, ledger.case(number).id)
    assert last is not None
    assert json.loads(last.body)["skipped"] == [[0, "remind"], [1, "remind"], [2, "chase"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("2019-08-26T08:59", "2019-08-26T09:00", id="in the morning, not at midnight"),
        pytest.param("2019-08-30T08:59", "2019-08-30T09:00", id="the second rung"),
    ],
)
def test_when_it_comes_due(ledger: Ledger, before: str, after: str) -> None:
    """A rung of a day comes due at nine, to the minute."""
    assigned(ledger)
    sweep(ledger, now=at(before) - timedelta(hours=1))

    assert sweep(ledger, now=at(before)).reminded == 0
    assert sweep(ledger, now=at(after)).reminded == 1


def test_the_clock_set_back_an_hour(ledger: Ledger) -> None:
    """What was recorded stays recorded; the journal is never dated before the row it follows, and says so."""
    number = assigned(ledger)
    sweep(ledger, now=at("2019-08-26T09:30"))
    assert sweep(ledger, now=at("2019-08-26T08:30")).reminded == 0
    assert sweep(ledger, now=at("2019-08-26T09:30")).reminded == 0
    verbs.note(Acting(ledger, "zhou", at("2019-08-26T08:31")), number, "时钟已校")
    rows = reading.view(ledger, number, now=START).timeline

    assert [each.at for each in rows] == sorted(each.at for each in rows)
    assert "clock_at" in json.loads(rows[-1].body)
    assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize(
    ("now", "sent", "as_of"),
    [
        pytest.param("2019-08-27T10:00", "2019-08-27T10:00", "2019-08-27", id="in working time at once"),
        pytest.param("2019-08-27T02:00", "2019-08-27T08:00", "2019-08-27", id="at two in the night"),
        pytest.param("2019-08-27T22:00", "2019-08-28T08:00", "2019-08-28", id="late in the evening"),
        pytest.param("2019-08-31T10:00", "2019-09-02T08:00", "2019-09-02", id="on a Saturday"),
        pytest.param("2019-10-02T10:00", "2019-10-08T08:00", "2019-10-08", id="on a holiday"),
        pytest.param("2019-09-29T10:00", "2019-09-29T10:00", "2019-09-29", id="on a make-up Sunday"),
    ],
)
def test_a_late_sweep_wakes_nobody(ledger: Ledger, now: str, sent: str, as_of: str) -> None:
    """What is found outside working time is recorded now and goes out on the next working morning, dated then."""
    assigned(ledger)
    assert sweep(ledger, now=at(now)).reminded == 1
    waiting = outbox.promises(ledger.store)

    assert {(each.created_at, each.next_try_at) for each in waiting} == {
        (microseconds(at(now)), microseconds(at(sent)))
    }
    assert {each.payload["as_of"] for each in waiting} == {as_of}
    assert Mailbag(ledger, {}).claim(at(sent) - timedelta(seconds=1), 100, EVERYTHING) == ()
    assert len(Mailbag(ledger, {}).claim(at(sent), 100, EVERYTHING)) == len(waiting)


@pytest.mark.parametrize("late", ["2019-08-27T23:30", "2019-08-31T10:00"], ids=["at night", "on a Saturday"])
def test_a_message_that_comes_late_wakes_nobody_either(ledger: Ledger, late: str) -> None:
    """Promised for the day and not sent in it, for want of a scheduler, it waits for the next working morning."""
    assigned(ledger)
    sweep(ledger, now=at("2019-08-27T15:00"))
    assert Mailbag(ledger, {}).claim(at(late), 100, EVERYTHING) == ()

    morning = next_working_moment(at(late), ledger.calendar)
    assert {each.next_try_at for each in outbox.promises(ledger.store)} == {microseconds(morning)}
    assert len(Mailbag(ledger, {}).claim(morning, 100, EVERYTHING)) == 2


def test_one_message_in_the_morning(ledger: Ledger) -> None:
    """Parts of one sweep at night that are written one after the other wait as one message."""
    numbers = [assigned(ledger) for _ in range(5)]
    sweep(ledger, now=at("2019-08-27T02:00"), chunk=2)

    assert entries(ledger) == {"chen": numbers, "lian": numbers}


def test_a_rung_that_says_night(ledger: Ledger) -> None:
    """A level that may wake people goes out at once."""
    number = assigned(ledger)
    rules = ledger.rules_of(ledger.case(number))
    ladders = {
        name: tuple(replace(each, night=True) for each in rungs) for name, rungs in rules.workflow.ladders.items()
    }
    rules.workflow = replace(rules.workflow, ladders=ladders)
    sweep(ledger, now=at("2019-08-27T02:00"))

    assert {each.next_try_at for each in outbox.promises(ledger.store)} == {microseconds(at("2019-08-27T02:00"))}
    assert len(Mailbag(ledger, {}).claim(at("2019-08-27T02:00"), 100, EVERYTHING)) == 2


def test_a_day_that_became_one_off(ledger: Ledger) -> None:
    """A rung whose day the unit is closed on since waits for the next working morning."""
    assigned(ledger)
    set_days(Acting(ledger, "keeper", START), "0101", date(2019, 8, 26), date(2019, 8, 27), works=False, reason="台风")

    assert sweep(ledger, now=at("2019-08-26T10:00")).reminded == 0
    assert sweep(ledger, now=at("2019-08-27T10:00")).reminded == 0
    assert sweep(ledger, now=at("2019-08-28T08:00")).reminded == 1


def test_one_message_for_each_person(ledger: Ledger) -> None:
    """Thirty leads on one day make one message for each person who hears, in the order of urgency."""
    numbers = [assigned(ledger) for _ in range(30)]
    sweep(ledger, now=at("2019-08-26T10:00"), chunk=7)

    assert entries(ledger) == {"chen": numbers, "lian": numbers}


@pytest.mark.parametrize(
    ("absent", "hears"),
    [
        ({"from": "2019-08-20", "to": "2019-08-31", "deputy": "sun"}, {"sun", "lian"}),
        ({"from": "2019-08-27", "to": "2019-08-31", "deputy": "sun"}, {"chen", "lian"}),
        ({"from": "2019-08-20", "to": "2019-08-31", "deputy": "gone"}, {"lian"}),
    ],
    ids=["away", "not away yet", "the deputy has left"],
)
def test_a_deputy_hears(ledger: Ledger, absent: dict[str, str], hears: set[str]) -> None:
    """Who is away is stood in for, and the message says for whom."""
    keeping.change_contact(Acting(ledger, "keeper", START), "chen", {"absent": absent})
    assigned(ledger)
    swept = sweep(ledger, now=at("2019-08-26T10:00"))

    assert swept.to == hears
    if "sun" in hears:
        payload = json.loads(ledger.store.query("SELECT payload FROM outbox WHERE recipient = 'sun'")[0][0])
        assert payload["entries"][0]["acting_for"] == "chen某"


def test_a_name_as_it_is_typed_keeps_no_reminder_back(ledger: Ledger, tmp_path: Path) -> None:
    """Whatever stands in the name of who is away, the deputy's message goes out."""
    keeping.add_officer(Acting(ledger, "keeper", START), "away", "张　三")
    ledger.store.change("UPDATE officers SET name = ? WHERE code = ?", ("张　三\u200b", "away"))
    absent = {"from": "2019-08-20", "to": "2019-08-31", "deputy": "sun"}
    keeping.change_contact(Acting(ledger, "keeper", START), "away", {"absent": absent})
    number = register(ledger).number
    verbs.advance(Acting(ledger, "zhou", START), number, "assign", {**ASSIGN.values, "handler": "away"})
    sweep(ledger, now=at("2019-08-26T10:00"))

    channels = {"out": FileChannel(name="out", folder=tmp_path / "out", shape="json")}
    report = deliver(ledger, Settings(channels=channels), now=at("2019-08-26T10:00"))

    assert report.failed == ()
    assert any("张 三" in file.read_text("utf-8") for file in (tmp_path / "out").iterdir())


def test_after_downtime_everybody_hears_whom_the_skipped_rungs_would_have_told(ledger: Ledger) -> None:
    """Rungs for handler and liaison, for the leaders and for the unit's head were missed: all hear of the highest."""
    number = assigned(ledger)
    swept = sweep(ledger, now=at("2019-10-14T10:00"))

    assert outcomes(ledger)[-1] == (6, "listed", "sent")
    assert swept.to == {"chen", "lian", "liu", "zhao", "zhou", "feng", "wang", "tang", "ji"}
    assert entries(ledger) == {key: [number] for key in swept.to}
    levels = ledger.store.query("SELECT payload FROM outbox")
    assert {each["level"] for (payload,) in levels for each in json.loads(payload)["entries"]} == {"listed"}


def nobody_to_hear(ledger: Ledger) -> str:
    """Return a lead whose handler and liaisons have left."""
    number = assigned(ledger)
    for code in ("chen", "lian"):
        keeping.leave(Acting(ledger, "keeper", START), code)
    keeping.revoke(Acting(ledger, "keeper", START), "keeper", "liaison", None)
    return number


def test_a_rung_that_finds_nobody_goes_to_the_office(ledger: Ledger) -> None:
    """It is said to those who keep the ledger, with the roles that are lacking, and stands as unheard."""
    number = nobody_to_hear(ledger)
    swept = sweep(ledger, now=at("2019-08-26T10:00"))

    assert (swept.unheard, swept.to) == (1, {"keeper"})
    assert outcomes(ledger) == [(0, "remind", "unheard")]
    payload = json.loads(ledger.store.query("SELECT payload FROM outbox WHERE recipient = 'keeper'")[0][0])
    assert payload["entries"][0]["lacking"] == {"en": "Handler, Liaison officer", "zh": "责任人、联络员"}
    assert unheard(ledger) == (Unheard(number=number, deadline="verification", lacking=("handler", "liaison")),)
    assert ledger.case(number).revision == 3


def test_what_nobody_heard_is_repeated_when_somebody_gets_the_role(ledger: Ledger) -> None:
    """Once, to the new liaison only, and then it is unheard no longer; the journal says that it is said again."""
    number = nobody_to_hear(ledger)
    sweep(ledger, now=at("2019-08-26T10:00"))
    assert sweep(ledger, now=at("2019-08-26T11:00")).repeated == 0
    keeping.grant(Acting(ledger, "keeper", at("2019-08-26T12:00")), "sun", "liaison", "0101")
    swept = [sweep(ledger, now=at(f"2019-08-26T{hour}:00")) for hour in (13, 14)]

    assert [(each.repeated, each.to) for each in swept] == [(1, {"sun"}), (0, set())]
    assert entries(ledger) == {"keeper": [number], "sun": [number]}
    assert (outcomes(ledger), unheard(ledger)) == ([(0, "remind", "sent")], ())
    last = case_rows.last_entry(ledger.store, ledger.case(number).id)
    assert last is not None
    assert (last.kind, json.loads(last.body)["again"], json.loads(last.body)["to"]) == ("reminded", True, ["sun"])
    assert verifying.verify(ledger)[1] == ()


def test_what_nobody_heard_is_repeated_to_a_handler_who_is_named_since(ledger: Ledger) -> None:
    """On the next day, without anybody having got a role."""
    number = nobody_to_hear(ledger)
    sweep(ledger, now=at("2019-08-26T10:00"))
    verbs.amend(Acting(ledger, "zhou", at("2019-08-26T12:00")), number, {"handler": "sun"}, reason="换人")

    assert sweep(ledger, now=at("2019-08-27T09:00")).to == {"sun"}


def test_what_is_settled_meanwhile_is_not_repeated(ledger: Ledger) -> None:
    """Who gets the role hears nothing of a deadline that stands still or was met."""
    number = nobody_to_hear(ledger)
    sweep(ledger, now=at("2019-08-26T10:00"))
    deadlines.pause(Acting(ledger, "zhou", at("2019-08-26T11:00")), number, None, reason="停")
    keeping.grant(Acting(ledger, "keeper", at("2019-08-26T12:00")), "sun", "liaison", "0101")

    assert sweep(ledger, now=at("2019-08-26T13:00")).repeated == 0


def _extended(ledger: Ledger, number: str, now: datetime) -> object:
    """Extend by a month."""
    return extending.extend(
        Acting(ledger, "zhou", now),
        number,
        None,
        length=Term(amount=1, unit=TermUnit.MONTHS),
        reason="x",
        signed_by="zhao",
        filed_on=now.date(),
    )


def _verified(ledger: Ledger, number: str, now: datetime) -> object:
    """Bring the report."""
    report = {"finding": "unclear", "verifiers": ["chen", "wang"], "verified_on": "2019-08-26", "report_number": "1"}
    return verbs.advance(Acting(ledger, "chen", now), number, "verify", report)


CANCELLING: dict[str, Callable[[Ledger, str, datetime], object]] = {
    "void": lambda ledger, number, now: verbs.void(Acting(ledger, "tang", now), number, reason="误登"),
    "extend": _extended,
    "pause": lambda ledger, number, now: deadlines.pause(Acting(ledger, "zhou", now), number, None, reason="x"),
    "verify": _verified,
}


@pytest.mark.parametrize("change", CANCELLING)
def test_what_cancels(ledger: Ledger, change: str) -> None:
    """Closing, moving, extending or pausing takes the line out of what has not gone out."""
    now = at("2019-08-26T10:00")
    kept, number = assigned(ledger), assigned(ledger)
    sweep(ledger, now=now)
    CANCELLING[change](ledger, number, now)
    told = [json.loads(each.body) for each in case_rows.entries(ledger.store, ledger.case(number).id)]

    assert [each["cancelled"] for each in told if "cancelled" in each] == [[["verification", 0, "remind"]]]
    assert sorted(each[2] for each in outcomes(ledger)) == ["cancelled", "sent"], "before anything is delivered"
    rows = Mailbag(ledger, {}).claim(now, 100, EVERYTHING)

    assert {tuple(each["number"] for each in row.payload["entries"]) for row in rows} == {(kept,)}  # type: ignore[attr-defined]
    assert all("ref" not in each for row in rows for each in row.payload["entries"])  # type: ignore[attr-defined]
    assert sorted(each[2] for each in outcomes(ledger)) == ["cancelled", "sent"]
    swept = sweep(ledger, now=at("2019-08-30T10:00"))
    lines = [(kept, "verification", 0, "sent"), (kept, "verification", 1, "sent")]
    lines.append((number, "verification", 0, "cancelled"))
    filed = [("0101-YQ-2019-0001", "receipt_due", 0, "skipped"), ("0101-YQ-2019-0001", "receipt_due", 1, "sent")]
    if change == "extend":  # its filing waits for a receipt, and reminds for itself
        lines += filed
    assert by_case(ledger) == lines
    assert swept.reminded == (2 if change == "extend" else 1)


@pytest.mark.parametrize("count", [2, 12])
def test_many_at_once_cancel_as_one_does(ledger: Ledger, count: int) -> None:
    """A step in bulk takes back what waits of each case, few or many, and says so in the journal of each."""
    now = at("2019-07-26T10:00")
    numbers = [register(ledger, handler="chen").number for _ in range(count + 1)]
    kept, moved = numbers[0], numbers[1:]
    sweep(ledger, now=now)
    found = (each for each in selection(Acting(ledger, "", now), "lead", where=f"number != '{kept}'"))
    values = {"handler": "chen", "responsible_leader": "zhao"}
    verdicts = list(advance_many(Acting(ledger, "zhou", now), found, "assign", values, apply=True))

    assert [(each.number, each.refusal) for each in verdicts] == [(each, None) for each in moved]
    for number in moved:
        told = json.loads(case_rows.entries(ledger.store, ledger.case(number).id)[-1].body)
        assert (told["bulk"], told["cancelled"]) == (True, [["disposal", 1, "remind"]])
    assert [each[2] for each in outcomes(ledger)].count("cancelled") == count
    rows = Mailbag(ledger, {}).claim(now, 100, EVERYTHING)
    assert {tuple(each["number"] for each in row.payload["entries"]) for row in rows} == {(kept,)}  # type: ignore[attr-defined]
    assert verifying.verify(ledger)[1] == ()


def test_a_message_with_nothing_left(ledger: Ledger) -> None:
    """If all that a message said is no longer so it is cancelled, not sent, not failed."""
    now = at("2019-08-26T10:00")
    number = assigned(ledger)
    sweep(ledger, now=now)
    verbs.void(Acting(ledger, "tang", now), number, reason="误登")

    assert {each.status for each in outbox.promises(ledger.store)} == {outbox.CANCELLED}, "as soon as it is so"
    assert Mailbag(ledger, {}).claim(now, 100, EVERYTHING) == ()
    assert {each.status for each in outbox.promises(ledger.store)} == {outbox.CANCELLED}


def test_what_a_step_looks_at_is_what_waits_of_its_case(ledger: Ledger) -> None:
    """Taking a reminder back costs the database the same with one digest waiting and with two thousand."""
    now = at("2019-08-26T10:00")
    case = ledger.case(assigned(ledger))
    sweep(ledger, now=now)
    clocks = [(int(each.id or 0), each.arming) for each in clock_rows.of_case(ledger.store, case.id) if each.rung]

    def cost() -> int:
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1

        def taken_back() -> None:
            with ledger.store.begin():
                ledger.store.driver.set_progress_handler(step, 1)
                assert outbox.take_back(ledger.store, clocks, remark="so") != []
                ledger.store.driver.set_progress_handler(None, 1)
                raise KeyError  # undone

        with pytest.raises(KeyError):
            taken_back()
        return steps

    alone = cost()
    with ledger.store.begin():
        for other in range(2000):
            refs = [ReminderRef(deadline_id=10_000 + 2 * other + each, arming=0, rung=1) for each in (0, 1)]
            part = DigestPart(f"other/{other}", "zhou", '{"entries":[]}', 1, refs)
            ids = digest_rows.promise(ledger.store, [part], at=1)
            digest_rows.say(ledger.store, [DigestLineRecord(*ref, ids[part.key]) for ref in refs])

    assert cost() <= 1.1 * alone


def test_a_house_without_channels_does_not_pile_up_digests(ledger: Ledger) -> None:
    """A digest that nobody asks for is given up where it was swept all the while; a standstill does not count."""
    assigned(ledger)
    sweep(ledger, now=at("2019-08-26T10:00"))
    first = {each.id for each in outbox.promises(ledger.store)}

    def waits() -> set[int]:
        return {each.id for each in outbox.promises(ledger.store, status=outbox.WAITING)}

    sweep(ledger, now=at("2019-12-26T10:00"))
    assert first <= waits(), "nothing ran for four months: the channels come next"
    sweep(ledger, now=at("2019-12-26T11:00"))
    assert first <= waits(), "the channels may come after several sweeps"
    for week in range(1, 14):
        sweep(ledger, now=at("2019-12-26T10:00") + 7 * week * DAY)
    assert first.isdisjoint(waits())
    assert waits()
    given_up = {each.remark for each in outbox.promises(ledger.store) if each.id in first}
    assert given_up == {"90 天内没有渠道取走"}
    assert verifying.verify(ledger)[1] == ()


class TestReturns:
    """Cases that open by themselves (S3 四(二)1)."""

    @pytest.fixture
    def ledger(self, ledger: Ledger) -> Ledger:
        """Return the ledger with a liaison officer in one unit only."""
        keeping.revoke(Acting(ledger, "keeper", START), "keeper", "liaison", None)
        return ledger

    def test_weeks_and_months(self, ledger: Ledger) -> None:
        """Each week and each month has one return for each unit that owes it, however often it is looked for."""
        for day in range(92):
            open_returns(ledger, now=START + day * DAY)
            open_returns(ledger, now=START + day * DAY)
        returns = case_rows.select(ledger.store, workflow="return")
        periods = [each.fields["period"] for each in returns if each.fields["kind"] in {"weekly", "monthly"}]

        assert sorted(map(str, periods)) == sorted(
            [f"2019-W{week}" for week in range(27, 41)] + ["2019-06", "2019-07", "2019-08"]
        )
        assert {each.unit for each in returns} == {"0101"}, "0102 has no liaison officer"

    def test_a_friday_that_is_off(self, ledger: Ledger) -> None:
        """In the week of the National Day the return is due on Monday, the day before the holiday begins."""
        open_returns(ledger, now=at("2019-09-30T08:00"))
        dues = {each.fields["period"]: each.fields["due_on"] for each in case_rows.select(ledger.store)}

        assert dues["2019-W40"] == "2019-09-30"

    def test_after_a_long_silence(self, ledger: Ledger) -> None:
        """What was missed opens too, and is at once as late as it is."""
        open_returns(ledger, now=START)
        numbers = open_returns(ledger, now=START + 21 * DAY).numbers

        assert len(numbers) == 3
        assert sweep(ledger, now=START + 21 * DAY + timedelta(hours=2)).reminded >= 2


class TestWatch:
    """One scheduler keeps watch; a calendar that is missing is told once."""

    def test_one_at_a_time(self, database_url: str) -> None:
        """A second waits for the lease to end, or for the first to leave; a clock set back breaks no watch."""
        with furnished(database_url) as one, opened(database_url) as two:
            assert hold_watch(one, "one", now=START)
            assert not hold_watch(two, "two", now=START)
            assert hold_watch(one, "one", now=START + LEASE)
            assert not hold_watch(two, "two", now=START + LEASE * 1.5)
            assert hold_watch(two, "two", now=START + LEASE * 3)
            leave_watch(one, "one", now=START + LEASE * 3)
            leave_watch(two, "two", now=START + LEASE * 3)
            assert hold_watch(one, "one", now=START + LEASE * 3)
            assert hold_watch(two, "two", now=START - timedelta(hours=1)), "a lease from the future is worth nothing"
            seen = watch(one)
            assert seen is not None
            assert (seen.holder, seen.seen_at) == ("two", START - timedelta(hours=1))

    @pytest.mark.parametrize(
        ("now", "told"), [("2026-11-30T10:00", 0), ("2026-12-01T10:00", 1), ("2027-01-02T10:00", 1)]
    )
    def test_the_calendar_is_missing(self, ledger: Ledger, now: str, told: int) -> None:
        """From the first of December on keepers hear, once, that next year's days are not loaded."""
        assert warn_of_missing_calendar(ledger, now=at(now)) == told
        assert warn_of_missing_calendar(ledger, now=at(now)) == 0


def test_a_message_is_cut_before_it_grows_without_bound(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more than one message holds goes in further ones; every line is told once, in its order."""
    monkeypatch.setattr("engine.operations.deadlines.digests.LINES", 3)
    numbers = [assigned(ledger) for _ in range(8)]
    sweep(ledger, now=at("2019-08-26T10:00"), chunk=2)
    rows = ledger.store.query("SELECT payload FROM outbox WHERE recipient = 'chen' ORDER BY id")
    told = [[each["number"] for each in json.loads(row[0])["entries"]] for row in rows]

    assert [len(each) for each in told] == [3, 3, 2]
    assert sorted(number for each in told for number in each) == numbers


def test_a_race_that_is_lost_makes_no_second_message(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found after a lost race goes into the message that was begun before it: one an officer and sweep."""
    numbers = [assigned(ledger) for _ in range(6)]
    write, commits = Digests.write, iter([False, True, False, True])

    def lost(digests: Digests, store: Store) -> None:
        write(digests, store)
        if next(commits, False):
            raise ConflictError(Text("someone else came first", "他人已先行写入"))

    monkeypatch.setattr(Digests, "write", lost)
    sweep(ledger, now=at("2019-08-26T10:00"), chunk=2)
    rows = ledger.store.query("SELECT payload FROM outbox WHERE recipient = 'chen'")
    assert [[each["number"] for each in json.loads(row[0])["entries"]] for row in rows] == [numbers]


def test_a_long_import_stops_no_watch(postgres_url: str) -> None:
    """Who holds the house's own chain keeps nobody from the watch."""
    with furnished(postgres_url) as one, opened(postgres_url) as two:
        two.store.change("SET lock_timeout = '20ms'")
        with one.store.begin():
            house.lock_house(one.store)
            assert hold_watch(two, "two", now=START)
            leave_watch(two, "two", now=START)


def test_an_officer_who_comes_while_the_sweep_reads(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered and given a role between two reads, the officer hears from the next sweep on; this one goes on."""
    with furnished(sqlite_url) as ledger, opened(sqlite_url) as other:
        read = house.officers

        def meanwhile(store: Store) -> list[house.Officer]:
            found = read(store)
            monkeypatch.setattr(house, "officers", read)
            keeping.add_officer(Acting(other, "keeper", START), "new", "新某")
            keeping.grant(Acting(other, "keeper", START), "new", "office", "0101")
            return found

        number = assigned(ledger)
        monkeypatch.setattr(house, "officers", meanwhile)
        assert sweep(ledger, now=at("2019-08-26T10:00")).reminded == 1
        assert "new" in {each.code for each in house.officers(ledger.store)}
        assert number in entries(ledger)["chen"]


def test_a_later_round_claims_for_a_whole_lease(ledger: Ledger, tmp_path: Path) -> None:
    """Delivery that takes long claims by the time that has passed, not by the instant at which it began."""
    passed = iter([0.0, 600.0, 1200.0, 1800.0])
    with ledger.store.begin():
        for turn in range(101):
            payload = {"year": 2020, "last_year": 2019, "provisional": 0}
            outbox.promise(ledger.store, f"c/{turn}", "calendar_missing", "keeper", payload, turn)
    deliver(
        ledger,
        Settings(channels={"file": FileChannel(name="file", folder=tmp_path)}),
        now=START,
        stopwatch=lambda: next(passed),
    )
    until = ledger.store.query("SELECT status, next_try_at, count(*) FROM outbox GROUP BY 1, 2 ORDER BY 2")

    assert [(row[0], row[2]) for row in until] == [(outbox.SENT, 100), (outbox.SENT, 1)]
    assert until[1][1] - until[0][1] == 600 * 1_000_000


def test_doctor_shows_what_nobody_heard(ledger: Ledger) -> None:
    """A deadline of which a reminder found nobody is an attention, with its number, until somebody can hear it."""
    number = nobody_to_hear(ledger)
    sweep(ledger, now=at("2019-08-26T10:00"))
    found = [each for each in of_the_people(ledger) if "found nobody" in each.sentence.en]
    keeping.grant(Acting(ledger, "keeper", at("2019-08-26T12:00")), "sun", "liaison", "0101")
    sweep(ledger, now=at("2019-08-26T13:00"))

    assert [(each.verdict, number in each.sentence.en) for each in found] == [("attention", True)]
    assert not [each for each in of_the_people(ledger) if "found nobody" in each.sentence.en]
