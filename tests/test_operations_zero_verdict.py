"""Clearing to zero over random histories and on both databases: the database and the rebuilt past say the same."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zero_house import BOOK, ZONE, Office, at, built, campaign, office_in

from engine.campaigns.campaign import BLOCKING, FallingDue, Verdict, ZeroGroup
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.operations.cases import casework as cases
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.unlinking import unlink
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import reader_called
from engine.operations.zero import frozen as zero_frozen
from engine.operations.zero import past as zero_past
from engine.operations.zero import sorting
from engine.operations.zero.blocking import blockers
from engine.operations.zero.frozen import freeze, plain, returned_since
from engine.operations.zero.past import day_bound, rebuilt
from engine.operations.zero.record_checks import Concern, concerns
from engine.operations.zero.verdict import Statement, check_zero
from engine.rules.reading_rights import mask
from engine.store import zero_rows
from engine.working_days.instants import microseconds


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a fresh office."""
    made = office_in(tmp_path)
    yield made
    made.close()


STEPS = (
    "register", "register_late", "assign", "verify", "crime", "dismiss", "close", "strike", "reopen", "extend",
    "clean_up", "finish", "transfer", "receipt", "void", "link", "redate", "strip", "import",
)  # fmt: skip
"""What may happen to a lead; most of it is refused most of the time, as in life."""


def happen(office: Office, what: str, day: str, numbers: list[str], pick: int) -> None:  # noqa: C901, PLR0912 - a table
    """Let one thing happen to one lead on a day."""
    number = numbers[pick % len(numbers)] if numbers else ""
    unit = "0101" if pick % 2 else "0102"
    if what == "register":
        numbers.append(office.register(day, min(day, "2019-06-28"), unit, category="A3"))
    elif what == "register_late":
        crime = {"suspected_crime": True} if pick % 3 else {}
        numbers.append(office.register(day, "2019-05-05", unit, source="superior", **crime))
    elif what == "import":
        numbers.extend(office.import_closed(day, "2019-04-01", 1))
    elif what == "assign":
        office.assign(day, number, category="A3")
    elif what == "verify":
        office.verify(day, number)
    elif what == "crime":
        office.verify(day, number, "substantiated")
    elif what == "dismiss":
        office.dismiss((day, day), number)
    elif what == "close":
        office.close_lead(day, number, cleanup="needed")
    elif what == "strike":
        office.strike(day, number)
    elif what == "reopen":
        office.reopen(day, number, responsible_leader="li", handler="zhao")
    elif what == "extend":
        office.extend(day, number)
    elif what == "clean_up":
        later = date.fromisoformat(day) + timedelta(days=pick % 40 + 1)
        office.order_clean_up(day, number, later.isoformat())
    elif what == "finish":
        office.finish_clean_up(day, number)
    elif what == "transfer":
        office.send(day, office.transfer(day, number))
    elif what == "receipt":
        office.receipt(day, office.child(number))
    elif what == "void":
        cases.void(Acting(office.ledger, "chen", at(day)), number, reason="误登")
    elif what == "link":
        cases.link(Acting(office.ledger, "chen", at(day)), number, numbers[0], reason="重复")
    elif what == "redate":
        received = "2019-07-15" if pick % 2 else "2019-06-10"
        cases.amend(Acting(office.ledger, "chen", at(day)), number, {"received_on": received}, reason="笔误")
    elif what == "strip":
        cases.amend(Acting(office.ledger, "chen", at(day)), number, {"handler": None}, reason="调离")


HISTORIES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 25), st.integers(0, 11)), min_size=6, max_size=40)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=HISTORIES, rest=st.integers(1, 60))
def test_random_histories(history: list[tuple[str, int, int]], rest: int) -> None:
    """Groups are disjoint and add up, zero is only said of nothing left, and a past day is what was said on it."""
    with tempfile.TemporaryDirectory() as folder:
        office = office_in(Path(folder))
        day, numbers, said = date(2019, 7, 16), list[str](), {}
        for what, days, pick in history:
            if days > 2:
                said[day.isoformat()] = drawn(office, day.isoformat())
                day += timedelta(days=days)
            try:
                happen(office, what, day.isoformat(), numbers, pick)
            except (QinglingError, IndexError):
                continue
        said[day.isoformat()] = drawn(office, day.isoformat())
        later = at(day + timedelta(days=rest))
        for each, before in said.items():
            assert drawn(office, each, now=later) == before
        assert verify(office.ledger)[1] == ()
        office.close()


def drawn(office: Office, day: str, now: datetime | None = None) -> dict[str, object]:
    """Return a statement as it is printed, after its own properties were held to."""
    statement = office.zero(day, now=now)
    found = list(blockers(office.ledger, statement))
    total = statement.total
    assert total.scope == sum(each.scope for each in statement.units)
    assert len(found) == len({each.case.number for each in found}) == total.blocking
    assert all(each.group in BLOCKING for each in found)
    counted = {group: sum(each.group is group for each in found) for group in BLOCKING}
    assert counted == {group: total.groups[group] for group in BLOCKING}
    gone = len(statement.left)
    assert gone == total.left == sum(each.left for each in statement.units)
    is_zero = total.scope > 0 and not any(counted.values()) and not gone
    assert (statement.verdict in {Verdict.ZERO, Verdict.LATE}) == is_zero
    assert statement.verdict is not Verdict.ZERO or not statement.overdue
    assert (statement.verdict is Verdict.EMPTY) == (total.scope == 0 and not gone)
    assert statement.verdict is total.verdict
    assert all(top <= bottom for top, bottom in total.rates.values())
    assert among_many(office, day, now) == statement
    groups, late, back, punctual = regrouped(office, day)
    assert punctual == total.rates["on_time"]
    assert groups == {group: total.groups[group] for group in ZeroGroup}
    assert late == [(each.number, each.days) for each in statement.overdue]
    assert back == statement.returned
    return plain(statement, found)


def among_many(office: Office, day: str, now: datetime | None = None) -> Statement:
    """Return a statement as it is found among very many cases, where live terms are counted group by group."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_MANY", -1)
        patch.setattr(sorting, "_LIVE_TO_ONE", 1_000)
        return office.zero(day, now=now)


def regrouped(
    office: Office, day: str
) -> tuple[dict[ZeroGroup, int], list[tuple[str, int]], tuple[str, ...], tuple[int, int]]:
    """Return groups, who was late, who came back and the rate of punctuality, with every case rebuilt, none sorted."""
    from engine.campaigns.campaign import CLEARED, group_of, in_scope
    from engine.operations.zero.late_leads import late_among
    from engine.operations.zero.punctuality import looked_at
    from engine.operations.zero.verdict import end_of
    from engine.rules.shapes import KEPT, NONE

    cleared, back = list[int](), list[str]()
    plan, end_at = campaign(), end_of(date.fromisoformat(day), "Asia/Shanghai")
    ids = [row[0] for row in office.ledger.store.query("SELECT id FROM cases WHERE workflow = 'lead'")]
    found = dict.fromkeys(ZeroGroup, 0)
    for past in rebuilt(office.ledger, ids, end_at=end_at, day=date.fromisoformat(day)):
        case = past.case
        if in_scope(plan, unit=case.unit, dated_on=case.dated_on, fields=case.fields, clearance=case.clearance):
            group = group_of(
                plan,
                clearance=case.clearance,
                state=case.state,
                fields=case.fields,
                extensions=past.extensions,
                day=date.fromisoformat(day),
            )
            if group is not None:
                found[group] += 1
                cleared += [case.id] if group in CLEARED else []
                back += [case.number] if past.came_back else []
    due_at = end_of(plan.clear_by, "Asia/Shanghai")
    late = list(late_among(office.ledger, plan, cleared, due_at, end_at)) if end_at > due_at else []
    (rate,) = (each for each in plan.rates if each.is_of_terms)
    codes = looked_at(office.ledger, rate, cleared, date.fromisoformat(day), end_at).values()
    punctual = sum(each == KEPT for each in codes), sum(each != NONE for each in codes)
    return found, sorted((each.number, each.days) for each in late), tuple(sorted(back)), punctual


def test_both_databases_count_alike(database_url: str) -> None:
    """On SQLite and on PostgreSQL the same history has the same groups, rates, blockers and checks."""
    office = Office(built(database_url))
    first = office.register("2019-06-20", "2019-06-20", category="A3", source="superior", feedback_due_on="2019-11-30")
    office.assign("2019-06-24", first)
    office.verify("2019-09-05", first)
    office.waive("2019-09-06", first)
    office.close_lead("2019-09-10", first, superior_told_on="2019-09-10")
    crime = office.register("2019-06-21", "2019-06-21", "0102", category="A3", suspected_crime=True)
    office.assign("2019-06-24", crime)
    office.verify("2019-07-20", crime, "substantiated")
    office.send("2019-07-22", office.transfer("2019-07-21", crime))
    extended = office.register("2019-06-22", "2019-06-22", "0102", category="A3")
    office.assign("2019-10-21", extended)
    office.extend("2019-12-20", extended)
    cleaned = office.register("2019-06-23", "2019-06-23", category="A3")
    office.assign("2019-06-24", cleaned)
    office.verify("2019-07-20", cleaned)
    office.dismiss(("2019-07-21", "2019-07-22"), cleaned)
    office.order_clean_up("2019-07-23", cleaned, "2019-12-30")

    statement = office.zero("2019-12-31")
    assert tuple(statement.total.groups[each] for each in ZeroGroup) == (0, 1, 1, 2, 0)
    assert statement.total.rates["on_time"] == (0, 1)
    assert among_many(office, "2019-12-31") == statement
    assert tuple(office.zero("2019-12-30", now=at("2020-02-01")).total.groups[each] for each in ZeroGroup) == (
        0,
        2,
        1,
        1,
        0,
    )
    found = list(blockers(office.ledger, statement))
    assert [each.case.number for each in found] == [cleaned, crime, extended]
    narrow = campaign("assigned_due", 2019)
    assert office.zero("2019-12-31", asked=narrow).total.scope == 1
    spans = replace(narrow, falling_due=FallingDue(field="feedback_due_on", from_on=date(2019, 12, 1), to_on=date.max))
    assert office.zero("2019-12-31", asked=spans).total.scope == 0
    assert checked(office, "2019-12-31")["open_referral"].found == (office.child(crime),)
    freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign())
    office.close()


def checked(office: Office, day: str) -> dict[str, Concern]:
    """Return what the ledger was searched for on a day, by name."""
    statement = office.zero(day)
    found = list(blockers(office.ledger, statement))
    return {each.name: each for each in concerns(office.ledger, statement, found, now=at(day, 23, 59))}


def test_checks_find_nothing_where_nothing_is_hidden(office: Office) -> None:
    """An honest ledger raises no concern."""
    number = office.register("2019-06-20", "2019-06-20", category="A3")
    office.assign("2019-06-24", number)

    assert {name for name, each in checked(office, "2019-07-01").items() if each.found} == set()


def test_checks_find_what_is_hidden(office: Office) -> None:
    """Each way of making a figure look good is found: gaps, redating, bulk, neglect, a broken journal."""
    alone = office.register("2019-06-20", "2019-06-20")
    moved = office.register("2019-07-01", "2019-06-20", category="A3")
    cases.amend(Acting(office.ledger, "chen", at("2019-07-02")), moved, {"received_on": "2019-07-01"}, reason="笔误")
    crime = office.register("2019-06-21", "2019-06-21", category="A3", suspected_crime=True)
    office.assign("2019-06-24", crime)
    office.verify("2019-07-20", crime, "substantiated")
    letter = office.transfer("2019-07-21", crime)
    office.send("2019-07-22", letter)
    office.receipt("2019-07-25", letter)
    office.answer("2019-09-01", letter)
    bulk = office.register("2019-06-22", "2019-06-22", category="A3")
    office.assign("2019-06-24", bulk)
    office.verify("2019-07-20", bulk)
    office.waive("2019-07-21", bulk)
    cases.amend(Acting(office.ledger, "chen", at("2019-12-27")), bulk, {"archive_number": "D"}, reason="建档")
    papers = {"closed_on": "2019-12-28", "leader_signature": "li", "head_signature": "sun",
              "cleanup": "waived", "cleanup_waiver": "无"}  # fmt: skip
    chunks = selection(Acting(office.ledger, "", at("2019-12-28")), "lead", state="verified")
    list(advance_many(Acting(office.ledger, "chen", at("2019-12-28")), chunks, "close", papers, apply=True))
    store = office.ledger.store
    with store.begin():
        store.change("UPDATE counters SET last = last + 1 WHERE series LIKE '0101-XS-2019%'")
        store.change("UPDATE journal SET body = '{}' WHERE case_id = 1 AND seq = 1")

    found = checked(office, "2019-12-31")
    assert found["number_gaps"].found == ("0101-XS-2019-0005",)
    assert found["incomplete_1"].found == () or found["incomplete_1"].found == (alone,)
    assert found["dated_out"].found == (f"{moved} (chen: 笔误)",)
    assert found["dated_out"].is_grave
    assert found["answered_never_closed"].found == (crime,)
    assert found["bulk_closings"].found == (bulk,)
    assert found["journal"].found[0] == f"{alone}#1"
    assert found["journal"].is_grave
    assert checked(office, "2020-01-20")["bulk_closings"].found == ()


def test_a_lead_leaves_the_scope_by_no_correction(office: Office) -> None:
    """A repeat holds its first in the scope, whatever is corrected; if the repeat is void, leaving it is told."""
    first = office.register("2019-07-06", "2019-07-05", category="A3")
    repeat = office.register("2019-07-06", "2019-06-10", category="A3")
    cases.link(Acting(office.ledger, "chen", at("2019-07-07")), repeat, first, reason="重复")
    cases.amend(Acting(office.ledger, "chen", at("2019-07-08")), first, {"received_on": "2019-07-06"}, reason="笔误")
    assert check_zero(office.ledger, campaign(), now=at("2019-07-09")).total.scope == 1
    assert checked(office, "2019-07-09")["dated_out"].found == ()
    cases.void(Acting(office.ledger, "chen", at("2019-07-10")), repeat, reason="误登")
    cases.amend(Acting(office.ledger, "chen", at("2019-07-10")), first, {"received_on": "2019-07-05"}, reason="笔误")
    assert check_zero(office.ledger, campaign(), now=at("2019-07-11")).total.scope == 0
    found = checked(office, "2019-07-11")
    assert found["dated_out"].found == (f"{first} (chen: 笔误)",)
    assert found["set_aside"].found == (f"{repeat} (chen: 误登)",)
    assert not found["set_aside"].is_grave


def test_a_lead_leaves_the_scope_by_no_step(office: Office) -> None:
    """Reopened without a day it stays in the scope as incomplete; with another year's day it is told as taken out."""
    asked, due = campaign("assigned_due", 2019), {"source": "superior", "feedback_due_on": "2019-11-30"}
    for turn in ("one", "two"):
        number = office.register("2019-07-06", "2019-06-10", category="A3", summary=turn, **due)
        office.assign("2019-07-07", number)
        office.verify("2019-07-08", number)
        office.waive("2019-07-09", number)
        office.close_lead("2019-07-10", number, superior_told_on="2019-07-10")
    told = office.zero("2019-07-10", asked=asked)
    assert (told.verdict, told.left) == (Verdict.ZERO, ())
    office.reopen("2019-07-11", number)
    told = office.zero("2019-07-11", asked=asked)
    assert (told.verdict, told.total.groups[ZeroGroup.INCOMPLETE], told.total.left) == (Verdict.NOT_ZERO, 1, 0)
    brought = {"feedback_due_on": "2020-03-31"}
    cases.amend(Acting(office.ledger, "chen", at("2019-07-11", 12)), number, brought, reason="发现新线索")
    told = office.zero("2019-07-11", asked=asked)
    assert (told.verdict, told.total.blocking, told.total.left) == (Verdict.NOT_ZERO, 0, 1)
    assert [str(each) for each in told.left] == [f"{number} (chen: 发现新线索)"]
    assert office.zero("2019-07-10", asked=asked, now=at("2019-07-20")).verdict is Verdict.ZERO
    office.verify("2019-07-12", number)
    office.waive("2019-07-13", number)


def test_a_lead_leaves_the_scope_by_no_link(office: Office) -> None:
    """Linked to an open lead of another source it is counted nowhere, and is told until the link is undone."""
    asked, due = campaign("assigned_due", 2019), {"source": "superior", "feedback_due_on": "2019-11-30"}
    first = office.register("2019-07-06", "2019-06-10", category="A3")
    repeat = office.register("2019-07-06", "2019-06-11", category="A3", **due)
    twin = office.register("2019-07-06", "2019-06-12", category="A3", **due)
    cases.link(Acting(office.ledger, "chen", at("2019-07-07")), twin, repeat, reason="同一件")
    assert office.zero("2019-07-07", asked=asked).left == ()
    unlink(Acting(office.ledger, "chen", at("2019-07-08")), twin, reason="误连")
    cases.link(Acting(office.ledger, "chen", at("2019-07-09")), repeat, first, reason="重复")
    told = office.zero("2019-07-09", asked=asked)
    assert [str(each) for each in told.left] == [f"{repeat} (chen: 重复)"]
    assert office.zero("2019-07-08", asked=asked, now=at("2019-07-20")).left == ()
    unlink(Acting(office.ledger, "chen", at("2019-07-10")), repeat, reason="误连")
    assert office.zero("2019-07-10", asked=asked).left == ()


def test_a_clock_set_by_hand_is_told(office: Office) -> None:
    """What was written with another day's date than the clock's is named."""
    office.ledger.real_at = microseconds(at("2019-06-25"))
    number = office.register("2019-06-20", "2019-06-20")
    office.ledger.real_at = None

    assert checked(office, "2019-07-01")["clock_set_by_hand"].found == (number,)


def test_nobody_knows_the_future(office: Office) -> None:
    """A day still to come has no answer."""
    with pytest.raises(BadValueError, match="在今天之后"):
        check_zero(office.ledger, campaign(), day=date(2020, 1, 1), now=at("2019-12-31"))


def test_an_unknown_unit_is_refused(office: Office) -> None:
    """A unit that is not registered has no answer either."""
    with pytest.raises(NotFoundError, match="0109"):
        check_zero(office.ledger, campaign(), unit="0109", now=at("2019-12-31"))


def test_an_empty_scope_has_no_rate(office: Office) -> None:
    """Nothing of nothing is a dash, not a hundred."""
    statement = office.zero("2019-12-31")

    assert statement.total.scope == 0
    assert statement.verdict is Verdict.EMPTY
    assert set(statement.total.rates.values()) == {(0, 0)}


def test_only_some_may_freeze(office: Office) -> None:
    """A statement is frozen by the office, the leading group or the discipline office."""
    with pytest.raises(RefusedError, match="赵某 不能封存"):
        freeze(Acting(office.ledger, "zhao", at("2019-12-31")), campaign())


@pytest.mark.parametrize(
    ("cleared_on", "reopened_on"),
    [("2019-12-31", "2019-12-31"), ("2019-12-31", "2020-01-05"), ("2019-12-30", "2019-12-31")],
    ids=["all three in one instant", "cleared and frozen", "frozen and reopened"],
)
def test_who_came_back_is_told_within_one_instant(office: Office, cleared_on: str, reopened_on: str) -> None:
    """Clearing, freezing and reopening may bear the same time; who was cleared and then blocks came back."""
    number = office.register("2019-06-20", "2019-06-20", category="A3")
    blocked = office.register("2019-06-20", "2019-06-20", category="A3")
    for each in (number, blocked):
        office.assign("2019-06-24", each)
    office.verify("2019-07-20", number)
    office.waive("2019-07-21", number)
    office.close_lead(cleared_on, number)
    statement = office.zero("2019-12-31")
    found = list(blockers(office.ledger, statement))
    assert [each.case.number for each in found] == [blocked]
    kept, *_ = freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign())
    assert returned_since(office.ledger, kept, statement) == ()
    office.reopen(reopened_on, number)
    later = office.zero(reopened_on)
    assert returned_since(office.ledger, kept, later) == (number,)
    key = office.ledger.case(number).id
    office.ledger.reader = reader_called(office.ledger, "chen").replace(hidden={key: number})
    assert returned_since(office.ledger, kept, later) == (mask(key),)  # it was restricted meanwhile


def test_nobody_writes_between_figures_and_chains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a statement is frozen another connection waits: a lead is in the chains only if it is in the figures."""
    office = office_in(tmp_path)
    office.register("2019-06-20", "2019-06-20")
    url = office.ledger.store.url
    locked: list[str] = []

    def asked(*args: Any, **more: Any) -> Statement:
        found = check_zero(*args, **more)
        with closing(sqlite3.connect(url, timeout=0)) as other, pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("BEGIN IMMEDIATE")
        locked.append(str(caught.value))
        return found

    monkeypatch.setattr(zero_frozen, "check_zero", asked)
    kept, *_ = freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign())
    assert locked == ["database is locked"]
    assert kept.is_whole
    office.close()


def test_what_is_registered_as_the_cut_off_is_over_is_late(office: Office) -> None:
    """Midnight after the day of the cut-off is late and the instant before is not: counted or rebuilt alike."""
    midnight = datetime(2019, 7, 1, tzinfo=ZONE)
    values = {"received_on": "2019-06-20", "source": "letter", "summary": "x"}
    in_time, late = (
        cases.open_case(Acting(office.ledger, "chen", now), "lead", values, unit="0101").case.number
        for now in (midnight - timedelta(microseconds=1), midnight)
    )
    as_counted = office.zero("2019-07-01", now=midnight + timedelta(hours=23)).total
    for number in (in_time, late):
        office.assign("2019-07-05", number)
    as_rebuilt = office.zero("2019-07-01", now=at("2019-07-06")).total

    assert (as_counted.scope, as_counted.late) == (2, 1)
    assert as_rebuilt == as_counted


def test_the_end_of_a_day_is_local_midnight(office: Office) -> None:
    """What is written in the last minute of a day counts on it, a minute later no more."""
    values = {"received_on": "2019-06-20", "source": "letter", "summary": "x"}
    for day, hour, minute in (("2019-06-30", 23, 59), ("2019-07-01", 0, 0)):
        cases.open_case(Acting(office.ledger, "chen", at(day, hour, minute)), "lead", values, unit="0101")

    later = datetime(2019, 8, 1, tzinfo=ZONE)
    assert office.zero("2019-06-30", now=later).total.scope == 1
    assert office.zero("2019-07-01", now=later).total.scope == 2


def test_states_that_days_alone_may_change() -> None:
    """Of the shipped leads only a clean-up under way may cease to count by the passing of days."""
    assert day_bound(BOOK.latest("lead")) == {"rectifying"}
    assert day_bound(BOOK.latest("referral")) == set()


def test_many_are_rebuilt_in_chunks(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many must be rebuilt, and in however small chunks, none is lost and none comes twice."""
    numbers = [office.register("2019-06-20", "2019-06-20", "0102" if turn % 3 else "0101") for turn in range(7)]
    for number in numbers:
        office.assign("2019-07-05", number)
    monkeypatch.setattr(zero_past, "CHUNK", 2)

    statement = office.zero("2019-07-01", now=at("2019-08-01"))
    assert statement.total.groups[ZeroGroup.INCOMPLETE] == 7
    assert [each.case.state for each in blockers(office.ledger, statement)] == ["received"] * 7
    assert len(zero_rows.rows_of(office.ledger.store, [1, 2], end_at=statement.end_at)) == 2
