"""The figures of a period: they add up, begin where the last ones ended, and say later what they said then."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from zero_house import Office, at, built, office_in

from engine.campaigns.measures import Measures
from engine.deadlines.clock import Status
from engine.errors import BadValueError
from engine.operations.cases import casework as cases
from engine.operations.cases.handing_over import hand_over
from engine.operations.cases.lookup import list_cases
from engine.operations.deadlines.timing import pause
from engine.operations.figures import counting, kept_sums
from engine.operations.figures.figure_values import OPEN_STANDINGS, Figures, Filing, PeriodGroup
from engine.operations.figures.judged_sums import wrong_sums
from engine.operations.figures.period import ReportKind, period_of, spans
from engine.operations.figures.report_figures import figures
from engine.operations.house import registration as house
from engine.operations.ledger.acting import Acting
from engine.operations.returns.filing import open_returns
from engine.store import figure_rows as rows
from engine.store import sum_rows


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a fresh office."""
    made = office_in(tmp_path)
    yield made
    made.close()


def register(office: Office, *days: str, unit: str = "0101") -> str:
    """Register a lead on a day that was received on another, and return its number."""
    return office.register(days[0], days[1], unit=unit, category="A3")


def told(office: Office, words: str, *, today: str = "2019-12-31", kind: ReportKind = ReportKind.BULLETIN) -> Figures:
    """Return the figures of a period as told on a day."""
    now = at(today, 18)
    return figures(office.ledger, "lead", period_of(kind, words, today=now.date()), nil=("nil_return", "work_done"),
                   now=now)  # fmt: skip


def closed(office: Office, number: str, *days: str) -> None:
    """Take a lead from assignment to closing on four days."""
    assigned, verified, waived, done = days
    office.assign(assigned, number)
    office.verify(verified, number)
    office.dismiss((waived, done), number)


def adds_up(found: Figures) -> None:
    """Hold every sum of the figures to every other."""
    flow, total = found.total.flow, found.total
    for name in ("carried", "received", "late", "returned", "cleared", "removed", "open"):
        assert getattr(flow, name) == sum(getattr(each.flow, name) for each in found.units), name
    assert flow.open == sum(total.standings[each] for each in OPEN_STANDINGS)
    assert flow.open == sum(count for _, _, count in found.ages)
    inside = [each for each in found.weeks if each.span.inside]
    assert flow.entered == sum(each.entered for each in inside)
    assert flow.cleared == sum(each.cleared for each in inside)
    assert flow.returned == sum(each.returned for each in inside)
    for split in found.splits:
        sums = [sum(getattr(each, name) for each in split.shares) for name in ("entered", "cleared", "open")]
        assert sums == [flow.entered, flow.cleared, flow.open], split.field
    ours = [each for each in found.deadlines if not each.theirs]
    assert total.met == sum(each.met for each in ours)
    assert total.on_time == sum(each.on_time for each in ours)
    assert total.unmet == sum(each.unmet for each in ours) == sum(each.unmet for each in found.units)
    assert (total.met, total.unmet) == (
        total.on_time + sum(each.status is Status.MET for each in found.missed),
        sum(each.status is not Status.MET for each in found.missed),
    )
    running = sum(each.running for each in found.deadlines)
    overdue = sum(each.overdue for each in found.deadlines)
    assert sum(found.due.values()) + found.later + overdue <= running  # the rest fall due on the very day


@pytest.fixture
def year(office: Office) -> Office:
    """Return an office with six leads whose months are worked out by hand in `MONTHS`."""
    closed(office, register(office, "2019-05-06", "2019-05-06"), "2019-05-07", "2019-06-03", "2019-06-04", "2019-06-05")
    again = register(office, "2019-05-20", "2019-05-18")
    closed(office, again, "2019-05-21", "2019-06-10", "2019-06-11", "2019-06-12")
    office.reopen("2019-07-03", again)
    late = register(office, "2019-07-08", "2019-06-28", unit="0102")
    office.assign("2019-07-09", late)
    register(office, "2019-07-15", "2019-07-15", unit="0102")
    cases.void(
        Acting(office.ledger, "chen", at("2019-07-17")), register(office, "2019-07-16", "2019-07-16"), reason="误登"
    )
    mistaken = register(office, "2019-06-20", "2019-06-20")
    cases.void(Acting(office.ledger, "chen", at("2019-08-01")), mistaken, reason="误登")
    return office


MONTHS = {
    #          carried, received, late, returned, cleared, removed, open, mistaken
    "2019-04": (0, 0, 0, 0, 0, 0, 0, 0),
    "2019-05": (0, 2, 0, 0, 0, 0, 2, 0),
    "2019-06": (2, 1, 0, 0, 2, 0, 1, 0),
    "2019-07": (1, 1, 1, 1, 0, 0, 4, 1),
    "2019-08": (4, 0, 0, 0, 0, 1, 3, 0),
    "2019": (0, 4, 0, 1, 2, 0, 3, 2),
}


@pytest.mark.parametrize(("words", "expected"), MONTHS.items(), ids=MONTHS)
def test_months_are_as_worked_out_by_hand(year: Office, words: str, expected: tuple[int, ...]) -> None:
    """Each month's figures are those of the table, whenever they are asked for."""
    found = told(year, words)
    flow = found.total.flow

    assert (
        flow.carried, flow.received, flow.late, flow.returned, flow.cleared, flow.removed, flow.open, found.mistaken
    ) == expected  # fmt: skip
    adds_up(found)


def test_a_report_begins_with_what_the_one_before_ended_on(year: Office) -> None:
    """Open before is what the last month ended on, unit by unit; registrations of the months add up to the year's."""
    months = [told(year, f"2019-{month:02}") for month in range(1, 13)]

    for one, following in pairwise(months):
        assert [each.flow.open for each in one.units] == [each.flow.carried for each in following.units]
    whole = told(year, "2019")
    assert sum(each.total.flow.cleared for each in months) == whole.total.flow.cleared


def test_a_past_month_says_what_it_said_then(office: Office) -> None:
    """What happens later changes nothing in the figures of a month that is over."""
    first = register(office, "2019-05-06", "2019-05-06")
    office.assign("2019-05-07", first)
    then = told(office, "2019-05", today="2019-05-31")
    office.verify("2019-06-03", first)
    office.dismiss(("2019-06-04", "2019-06-05"), first)
    register(office, "2019-06-06", "2019-05-30")

    assert told(office, "2019-05") == then


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_add_up(office: Office, seed: int) -> None:
    """Whatever happens, in whatever period: sums agree, and each period begins where the last one ended."""
    chance = random.Random(seed)
    day, live = date(2019, 3, 1), dict[str, int]()
    roads = (office.assign, office.verify, office.waive, office.close_lead, office.strike)
    while day < date(2019, 6, 30):
        when = day.isoformat()
        if chance.random() < 0.5:
            back = (day - timedelta(days=chance.choice((0, 0, 3, 30)))).isoformat()
            live[register(office, when, back, unit=chance.choice(("0101", "0102")))] = 0
        for number in chance.sample(sorted(live), min(2, len(live))):
            if chance.random() < 0.06:
                cases.void(Acting(office.ledger, "chen", at(when)), number, reason="误登")
                del live[number]
            elif live[number] < len(roads):
                roads[live[number]](when, number)
                live[number] += 1
        day += timedelta(days=chance.randrange(1, 6))
    before: Figures | None = None
    for words in ("2019-03", "2019-04", "2019-W18..", "2019-05", "2019-06"):
        if words.endswith(".."):
            adds_up(told(office, words[:-2], kind=ReportKind.WEEKLY))
            continue
        found = told(office, words)
        adds_up(found)
        assert before is None or before.total.flow.open == found.total.flow.carried
        before = found


def test_both_databases_tell_the_same(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite and on PostgreSQL the same happenings give the same figures, from sums that are kept as well."""
    office = Office(built(database_url))
    closed(office, register(office, "2019-05-06", "2019-05-06"), "2019-05-07", "2019-06-03", "2019-06-04", "2019-06-05")
    register(office, "2019-06-20", "2019-05-30", unit="0102")
    moved, by = register(office, "2019-06-21", "2019-06-21"), Acting(office.ledger, "chen", at("2019-07-02"))
    office.assign("2019-06-22", moved)
    hand_over(by, moved, "0102", {"responsible_leader": "li", "handler": "zhao"}, reason="属地")
    found = told(office, "2019-06")
    steps = {title.en: count for title, count in found.steps}
    period = period_of(ReportKind.BULLETIN, "2019-06", today=date(2019, 7, 31))
    alone = {unit: figures(office.ledger, "lead", period, unit=unit, now=at("2019-07-31")) for unit in ("0101", "0102")}
    monkeypatch.setattr(kept_sums, "_WORTH_IT", 0)
    monkeypatch.setattr(kept_sums.KeptSums, "bits", 1)
    kept = [figures(office.ledger, "lead", period, longest=each, now=at("2019-07-31")) for each in (None, 9, 9)]
    assert kept == kept[:1] * 3
    assert len(sum_rows.all_asked(office.ledger.store)) == 1
    assert list(wrong_sums(office.ledger, lambda _name: Measures())) == []
    office.close()

    held = {unit: (sum(count for _, count in each.steps), each.total.flow.open) for unit, each in alone.items()}
    assert held == {"0101": (4, 1), "0102": (0, 1)}  # by who held it then
    flow = found.total.flow
    assert (flow.carried, flow.received, flow.late, flow.cleared, flow.open) == (1, 1, 1, 1, 2)
    assert sum(steps.values()) == 4
    adds_up(found)


def test_what_is_settled_is_left_out_and_changes_nothing(year: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting together what has not changed, and what is settled, gives what each case gives."""
    short = {kind: told(year, words, kind=kind) for kind, words in SHORT.items()}
    opened, page = rows.opened_before, rows.page
    monkeypatch.setattr(rows, "opened_before", lambda *args, **more: opened(*args, **{**more, "unchanged": None}))
    monkeypatch.setattr(rows, "page", lambda *args, **more: page(*args, **{**more, "settled": None}))
    monkeypatch.setattr(counting, "add_unchanged", lambda *_given, **_more: ())

    assert {kind: told(year, words, kind=kind) for kind, words in SHORT.items()} == short


SHORT = {
    ReportKind.DAILY: "2019-07-03",
    ReportKind.WEEKLY: "2019-W28",
    ReportKind.MONTHLY: "2019-08",
    ReportKind.BULLETIN: "2019-09-01..2019-12-31",
    ReportKind.YEAR: "2019",
}


def test_standings_tell_overdue_from_extended(office: Office) -> None:
    """A lead is overdue from the day after it was due, and extended only while that deadline holds."""
    number = register(office, "2019-06-03", "2019-06-03")
    office.assign("2019-06-04", number)  # verification is due two months later
    assert told(office, "2019-08-05", kind=ReportKind.DAILY).total.standings[PeriodGroup.IN_TIME] == 1
    office.extend("2019-08-02", number)

    assert told(office, "2019-08-05", kind=ReportKind.DAILY).total.standings[PeriodGroup.EXTENDED] == 1
    assert told(office, "2019-12-01", kind=ReportKind.DAILY).total.standings[PeriodGroup.OVERDUE] == 1


def test_an_extension_makes_nothing_on_time(office: Office) -> None:
    """A deadline met after its original day is late, though it was extended in time."""
    number = register(office, "2019-06-03", "2019-06-03")
    office.assign("2019-06-04", number)
    office.extend("2019-08-02", number)
    office.verify("2019-08-20", number)
    verification = next(each for each in told(office, "2019-08").deadlines if each.deadline == "verification")

    assert (verification.met, verification.on_time) == (1, 0)


DUE, NEXT, EXTENDED_TO = "2019-08-05", "2019-08-06", "2019-09-05"
"""Two months after 2019-06-04 is a Sunday; the extension adds a month."""

Done = tuple[str, ...]
KEPT: dict[str, tuple[list[Done], str, tuple[int, int, int], tuple[Status, str, int] | None]] = {
    # what is done after the lead was assigned, the period, met, on time, not met; status, day it ended, days late
    "met on its day": ([("verify", DUE)], "2019-08", (1, 1, 0), None),
    "met the day after": ([("verify", NEXT)], "2019-08", (1, 0, 0), (Status.MET, NEXT, 1)),
    "met within its extension": (
        [("extend", "2019-08-02"), ("verify", "2019-08-20")], "2019-08", (1, 0, 0), (Status.MET, "2019-08-20", 0),
    ),
    "not met on its very day": ([], "2019-08-01..2019-08-05", (0, 0, 0), None),
    "not met the day after": ([], "2019-08-01..2019-08-06", (0, 0, 1), (Status.RUNNING, "", 1)),
    "not met at the end of the month": ([], "2019-08", (0, 0, 1), (Status.RUNNING, "", 26)),
    "not met since long before the period": ([], "2019-10", (0, 0, 1), (Status.RUNNING, "", 87)),
    "met after the period": ([("verify", "2019-09-02")], "2019-08", (0, 0, 1), (Status.RUNNING, "", 26)),
    "met before the period": ([("verify", "2019-07-30")], "2019-08", (0, 0, 0), None),
    "extended and not over": ([("extend", "2019-08-02")], "2019-08", (0, 0, 1), (Status.RUNNING, "", 0)),
    "resting past its day": ([("pause", "2019-07-20")], "2019-08", (0, 0, 1), (Status.PAUSED, "", 0)),
    "resting before its day": ([("pause", "2019-07-20")], "2019-07", (0, 0, 0), None),
    "no longer required, in time": ([("decline", "2019-08-01")], "2019-08", (0, 0, 0), None),
    "no longer required, after its day": (
        [("decline", "2019-08-20")], "2019-08", (0, 0, 1), (Status.LIFTED, "2019-08-20", 15),
    ),
    "no longer required before the period": ([("decline", "2019-08-20")], "2019-09", (0, 0, 0), None),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_which_deadlines_were_kept(office: Office, case: str) -> None:
    """Each deadline stands in one column by its original day, and behind every one not kept a line says how late."""
    done, words, columns, line = KEPT[case]
    number = register(office, "2019-06-03", "2019-06-03")
    office.assign("2019-06-04", number)
    for act, day in done:
        if act == "decline":
            office.step(day, number, "decline", reason="非卫健领域", sent_to="某局", sent_on=day, signed_by="li")
        elif act == "pause":
            pause(Acting(office.ledger, "chen", at(day)), number, "verification", reason="等待鉴定")
        else:
            getattr(office, act)(day, number)
    found = told(office, words)
    each = next((each for each in found.deadlines if each.deadline == "verification"), None)

    assert (0, 0, 0) if each is None else (each.met, each.on_time, each.unmet) == columns
    assert [(e.status, e.ended_on, e.late_by) for e in found.missed if e.deadline.zh == "核查期限"] == (
        [] if line is None else [line]
    )
    adds_up(found)


@pytest.mark.parametrize(("hour", "kept"), [(9, 1), (10, 1), (11, 0)])
def test_a_term_in_hours_is_kept_by_its_instant(office: Office, hour: int, kept: int) -> None:
    """Within twenty-four hours means the hour: later on the same day is late, and overdue while it runs."""
    number = register(office, "2019-06-03", "2019-06-03")
    office.assign("2019-06-04", number)
    office.verify("2019-06-05", number, finding="substantiated", category="A3", suspected_crime="yes")
    letter = office.transfer("2019-06-06", number)
    late = period_of(ReportKind.DAILY, "2019-06-07", today=date(2019, 6, 7))
    before = figures(office.ledger, "referral", late, now=at("2019-06-07", hour))
    brought = {
        "letter_number": "某卫移〔2019〕1号",
        "receiving_body": "县公安局",
        "sent_on": "2019-06-07",
        "material": "清单",
    }
    cases.advance(Acting(office.ledger, "chen", at("2019-06-07", hour)), letter, "send", brought)
    after = figures(office.ledger, "referral", late, now=at("2019-06-08"))

    sending = [next(each for each in found.deadlines if each.deadline == "send_to_police") for found in (before, after)]
    assert [(each.met, each.on_time, each.overdue) for each in sending] == [(0, 0, 1 - kept), (1, kept, 0)]
    assert before.total.standings[PeriodGroup.OVERDUE] == 1 - kept


def test_returns_that_fell_due(office: Office) -> None:
    """Of the returns of a period those that came in on time, late or not at all add up to those owed."""
    house.grant(Acting(office.ledger, "chen", at("2019-06-03", 8)), "zhao", "liaison", "0101")
    house.revoke(Acting(office.ledger, "chen", at("2019-06-03", 8)), "chen", "liaison", None)
    for monday in ("2019-06-03", "2019-06-10", "2019-06-17"):
        open_returns(office.ledger, now=at(monday, 8))
    said = {"nil_return": True, "work_done": "走访三个科室", "signed_by": "li"}
    numbers = {each.fields["due_on"]: each.number for each in list_cases(office.ledger, "return", now=at("2019-06-17"))}
    for due_on, day in (("2019-06-06", "2019-06-06"), ("2019-06-14", "2019-06-17")):
        office.step(day, numbers[due_on], "submit", by="zhao", submitted_on=day, **said)
    found = told(office, "2019-06-03..2019-06-21", today="2019-06-21")

    filings = {each.due_on: each.filing for each in found.owed if "W" in each.period}
    assert filings == {"2019-06-06": Filing.ON_TIME, "2019-06-14": Filing.LATE, "2019-06-21": Filing.WAITING}
    assert {each.done for each in found.nil} == {"走访三个科室"}
    assert sum(found.total.filings.values()) == len(found.owed)
    later = told(office, "2019-06-03..2019-06-21", today="2019-07-01")
    missing = [(each.workflow.en, each.due_on) for each in later.owed if each.filing is Filing.MISSING]
    assert missing == [("Return", "2019-06-05"), ("Inspection", "2019-06-20"), ("Return", "2019-06-21")]
    meetings = list_cases(office.ledger, "meeting", now=at("2019-06-17"))
    assert [each.fields["due_on"] for each in meetings] == ["2019-06-20"], "once for the house, and no unit's return"


SENT_BACK = {
    #                       what the office and the unit did after it was filed on its day: stands, and on 21 June
    "left alone":           ([], Filing.ON_TIME),
    "sent back":            ([("2019-06-07", "chen", "send_back")], Filing.SENT_BACK),
    "mended in time":       ([("2019-06-06", "chen", "send_back"), ("2019-06-06", "zhao", "submit")], Filing.ON_TIME),
    "mended too late":      ([("2019-06-06", "chen", "send_back"), ("2019-06-07", "zhao", "submit")], Filing.LATE),
    "mended and sent back": (
        [("2019-06-06", "chen", "send_back"), ("2019-06-07", "zhao", "submit"), ("2019-06-08", "chen", "send_back")],
        Filing.SENT_BACK,
    ),
    "given up":             ([("2019-06-07", "chen", "send_back"), ("2019-06-08", "chen", "record_missed")],
                             Filing.MISSING),
}  # fmt: skip


@pytest.mark.parametrize("case", SENT_BACK)
def test_a_return_sent_back_is_neither_received_nor_on_time(office: Office, case: str) -> None:
    """It counts as sent back until it comes in again, then by the day on which it did; its nil return is none."""
    steps, expected = SENT_BACK[case]
    number = filed_nil(office)
    for day, by, trigger in steps:
        brought = {**BROUGHT[trigger], "submitted_on": day} if trigger == "submit" else BROUGHT[trigger]
        office.step(day, number, trigger, by=by, **brought)
    found = told(office, "2019-06-03..2019-06-09", today="2019-06-21")
    while_it_was = told(office, "2019-06-03..2019-06-09", today="2019-06-06")

    assert [each.filing for each in found.owed if "W" in each.period] == [expected]
    assert len(found.nil) == (1 if expected in {Filing.ON_TIME, Filing.LATE} else 0)
    assert sum(found.total.filings.values()) == len(found.owed)
    assert len(while_it_was.nil) == (0 if case == "mended too late" or "and sent" in case else 1)


NIL = {"nil_return": True, "work_done": "走访三个科室", "signed_by": "li"}
BROUGHT: dict[str, dict[str, Any]] = {
    "submit": NIL,
    "send_back": {"points": "未写工作开展情况"},
    "record_missed": {"reason": "逾期未补"},
}


def filed_nil(office: Office) -> str:
    """Open the returns of the week, file a nil one on its day, and return its number."""
    house.grant(Acting(office.ledger, "chen", at("2019-06-03", 8)), "zhao", "liaison", "0101")
    house.revoke(Acting(office.ledger, "chen", at("2019-06-03", 8)), "chen", "liaison", None)
    open_returns(office.ledger, now=at("2019-06-03", 8))
    (number,) = (
        each.number
        for each in list_cases(office.ledger, "return", now=at("2019-06-03"))
        if each.fields["due_on"] == "2019-06-06"
    )
    office.step("2019-06-06", number, "submit", by="zhao", submitted_on="2019-06-06", **NIL)
    return number


TODAY = date(2019, 7, 17)


@pytest.mark.parametrize(
    ("kind", "words", "first", "last", "zh"),
    [
        ("daily", None, "2019-07-17", "2019-07-17", "2019年7月17日"),
        ("daily", "2019-07-05", "2019-07-05", "2019-07-05", "2019年7月5日"),
        ("weekly", None, "2019-07-15", "2019-07-21", "2019年第29周（7月15日至7月21日）"),
        ("weekly", "2019-W01", "2018-12-31", "2019-01-06", "2019年第1周（12月31日至1月6日）"),
        ("monthly", None, "2019-07-01", "2019-07-31", "2019年7月"),
        ("monthly", "2016-02", "2016-02-01", "2016-02-29", "2016年2月"),
        ("stage", "2019-04-01..2019-06-30", "2019-04-01", "2019-06-30", "2019年4月1日至2019年6月30日"),
        ("year", None, "2019-01-01", "2019-12-31", "2019年"),
        ("bulletin", "2019-W28", "2019-07-08", "2019-07-14", "2019年第28周（7月8日至7月14日）"),
        ("weekly", "2019年第28周", "2019-07-08", "2019-07-14", "2019年第28周（7月8日至7月14日）"),
        ("weekly", "二〇一九年第二十八周", "2019-07-08", "2019-07-14", "2019年第28周（7月8日至7月14日）"),
        ("weekly", "第30周", "2018-07-23", "2018-07-29", "2018年第30周（7月23日至7月29日）"),
        ("monthly", "二〇一八年十二月", "2018-12-01", "2018-12-31", "2018年12月"),
        ("monthly", "2018 年 12 月份", "2018-12-01", "2018-12-31", "2018年12月"),
        ("monthly", "去年12月", "2018-12-01", "2018-12-31", "2018年12月"),
        ("year", "二〇一八年度", "2018-01-01", "2018-12-31", "2018年"),
        ("bulletin", "2018年12", "2018-12-01", "2018-12-31", "2018年12月"),
        ("bulletin", "2018年度第四季度", "2018-10-01", "2018-12-31", "2018年10月1日至2018年12月31日"),
        ("bulletin", "2019年1—6月", "2019-01-01", "2019-06-30", "2019年1月1日至2019年6月30日"),
        ("stage", "2019年4月1日至6月30日", "2019-04-01", "2019-06-30", "2019年4月1日至2019年6月30日"),
        (
            "stage",
            "２０１９－０４－０１～２０１９－０６－３０",
            "2019-04-01",
            "2019-06-30",
            "2019年4月1日至2019年6月30日",
        ),
    ],
)
def test_periods_are_read(kind: str, words: str | None, first: str, last: str, zh: str) -> None:
    """A period is named as people name it; without a name it is the current one."""
    found = period_of(ReportKind(kind), words, today=TODAY)

    assert (found.first.isoformat(), found.last.isoformat(), found.title.zh) == (first, last, zh)
    assert found.until == min(found.last, TODAY)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("daily", "2019-07"),
        ("weekly", "2019-W54"),
        ("monthly", "2019-13"),
        ("monthly", "2019-08"),
        ("stage", None),
        ("stage", "2019-06-30..2019-04-01"),
        ("year", "2019-07"),
        ("daily", "2019-02-30"),
        ("bulletin", "recently"),
        ("bulletin", "2019年7至3月"),
        ("weekly", "2019年第60周"),
    ],
)
def test_what_is_no_period_is_refused(kind: str, words: str | None) -> None:
    """What names no period of that report, or one that has not begun, is refused with what to write."""
    with pytest.raises(BadValueError) as refused:
        period_of(ReportKind(kind), words, today=TODAY)

    assert "2019" in refused.value.sentence.en


@pytest.mark.parametrize(
    ("kind", "words", "inside", "shown"),
    [
        ("daily", "2019-07-05", 1, 14),
        ("weekly", "2019-W28", 1, 12),
        ("monthly", "2019-06", 5, 5),
        ("stage", "2019-04-01..2019-06-30", 13, 13),
        ("year", "2018", 12, 12),
    ],
)
def test_periods_are_cut(kind: str, words: str, inside: int, shown: int) -> None:
    """A period is cut into weeks or months without gap or overlap; a short one is shown beside those before it."""
    period = period_of(ReportKind(kind), words, today=TODAY)
    cut = spans(period)

    assert (sum(each.inside for each in cut), len(cut)) == (inside, shown)
    for one, following in pairwise(cut):
        assert following.first == one.last + timedelta(days=1)
    assert next(each for each in cut if each.inside).first == period.first
    assert cut[-1].last == period.until
