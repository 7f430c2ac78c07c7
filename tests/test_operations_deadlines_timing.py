"""Deadlines as officers meet them: extend, pause, resume, list, explain, and move to another calendar."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ledgers import DAY, START, furnished, register
from paths import ASSIGN

from engine.deadlines.clock import Clock, Status
from engine.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from engine.operations.cases import casework as verbs
from engine.operations.deadlines import extending, reprojecting
from engine.operations.deadlines import timing as deadlines
from engine.operations.deadlines.standings import standings
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.own_days import set_days, use_calendar
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.awaited import papers
from engine.operations.letters.issue import LetterToIssue, issue
from engine.store import case_rows
from engine.store import clock_rows as clocks
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.explain import explain

MONTH = Term(amount=1, unit=TermUnit.MONTHS)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """Return a local instant of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger."""
    with furnished(sqlite_url) as made:
        yield made


def assigned(ledger: Ledger, *, now: datetime = START, **more: str) -> str:
    """Return the number of a lead whose verification of two months runs from *now*."""
    number = register(ledger, now=now, **more).number
    verbs.advance(Acting(ledger, "zhou", now), number, "assign", ASSIGN.values)
    return number


def clock(ledger: Ledger, number: str, name: str = "verification") -> Clock:
    """Return a deadline as it is written."""
    return [each for each in clocks.of_case(ledger.store, ledger.case(number).id) if each.name == name][-1]


def extend(ledger: Ledger, number: str, now: datetime, **more: object) -> Clock:
    """Extend a deadline by a month as it should be, but for *more*."""
    name = str(more.pop("name", "verification"))
    given: dict[str, object] = {
        "length": MONTH, "reason": "证人在外", "signed_by": "zhao", "filed_on": now.date(), **more,
    }  # fmt: skip
    by = str(given.pop("by", "zhou"))
    return extending.extend(Acting(ledger, by, now), number, name, **given)  # type: ignore[arg-type]


class TestExtend:
    """An extension is asked for in time, signed, filed and capped (domain §7)."""

    @pytest.mark.parametrize(
        ("now", "outcome"),
        [
            pytest.param(at("2019-07-01T11:00"), nullcontext("2019-10-08"), id="early; 1 October is off"),
            pytest.param(at("2019-09-02T23:59"), nullcontext("2019-10-08"), id="on the last day at 23:59"),
            pytest.param(
                at("2019-09-03T00:00"),
                pytest.raises(RefusedError, match="已于 2019-09-02 到期；延期须在到期日结束前申请"),
                id="the day after",
            ),
        ],
    )
    def test_before_expiry(self, ledger: Ledger, now: datetime, outcome: AbstractContextManager[str]) -> None:
        """The due day belongs to the term to its last minute; a minute later the answer is no, and says so."""
        number = assigned(ledger)
        with outcome as due_on:
            after = extend(ledger, number, now)

            assert (after.due_on, after.original_due_on) == (due_on, "2019-09-02")
            assert clock(ledger, number) == after

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"reason": " "}, "give a reason"),
            ({"signed_by": ""}, "who signed it is missing"),
            ({"signed_by": "nobody"}, "'nobody' is no registered officer"),
            ({"signed_by": "chen"}, "chen may not sign it; it is signed by: "),
            ({"signed_by": "gone"}, "gone has left and signs nothing"),
            ({"filed_on": date(2019, 6, 1)}, "the day of filing lies before the term, which began on 2019-07-01"),
            ({"filed_on": None}, "the day of filing is missing"),
            ({"filed_on": date(2019, 7, 2)}, "the day of filing lies in the future"),
            ({"by": "chen"}, "chen has none of the roles office"),
            ({"length": Term(amount=2, unit=TermUnit.MONTHS)}, "at most 1 month"),
            ({"length": date(2019, 10, 9)}, "at most 1 month (until 2019-10-08)"),
            ({"length": date(2019, 8, 1)}, "the new date lies not after the old one"),
            ({"exception": True}, "zhou has none of the roles leading_group"),
        ],
        ids=str,
    )
    def test_what_it_lacks(self, ledger: Ledger, more: dict[str, object], said: str) -> None:
        """An application that lacks something is refused with that sentence, and nothing is written."""
        number = assigned(ledger)
        before = clock(ledger, number)
        with pytest.raises(RefusedError) as refused:
            extend(ledger, number, START, **more)

        assert said in refused.value.sentence.en
        assert clock(ledger, number) == before

    def test_all_reasons_at_once(self, ledger: Ledger) -> None:
        """Who forgets three things hears of three."""
        with pytest.raises(RefusedError) as refused:
            extend(ledger, assigned(ledger), START, reason="", signed_by="", filed_on=None)

        assert len(refused.value.reasons) == 3

    def test_a_fixed_date_by_a_month(self, ledger: Ledger) -> None:
        """The cap of a fixed date stands as the date does: 31 January, a day off, is the last (D2)."""
        number = assigned(ledger, handling_due_on="2019-12-31")
        with pytest.raises(RefusedError) as refused:
            extend(ledger, number, START, name="handling", length=date(2020, 2, 3))

        assert "at most 1 month (until 2020-01-31)" in refused.value.sentence.en
        after = extend(ledger, number, START, name="handling", length=date(2020, 1, 31))
        assert after.due_on == "2020-01-31"

    @pytest.mark.parametrize(
        ("until", "outcome"),
        [
            pytest.param(date(2024, 5, 6), nullcontext("2024-05-06"), id="1 May is off until the 5th"),
            pytest.param(date(2024, 5, 7), pytest.raises(RefusedError, match="至 2024-05-06"), id="a day more"),
        ],
    )
    def test_the_cap_rolls_as_the_term_does(
        self, ledger: Ledger, until: date, outcome: AbstractContextManager[str]
    ) -> None:
        """Due on 31 March, a Sunday, hence on 1 April: a month from there ends where 1 May rolls to."""
        begun = at("2024-01-31T10:00")
        number = assigned(ledger, now=begun, received_on="2024-01-30")
        assert clock(ledger, number).due_on == "2024-04-01"
        with outcome as due_on:
            assert extend(ledger, number, begun, length=until).due_on == due_on

    @pytest.mark.parametrize("name", ["verification", "handling"])
    def test_by_hours(self, ledger: Ledger, name: str) -> None:
        """A term that ends with a day, counted or fixed, is not extended by hours; it is said so."""
        number = assigned(ledger, handling_due_on="2019-12-31")
        with pytest.raises(BadValueError, match="按日计算的期限不能延长 hours"):
            extend(ledger, number, START, name=name, length=Term(amount=3, unit=TermUnit.HOURS))

    def test_once_more_is_an_exception(self, ledger: Ledger) -> None:
        """A second extension needs the role for exceptions and stays marked as one."""
        number = assigned(ledger)
        extend(ledger, number, START)
        with pytest.raises(RefusedError, match="再次延期属例外"):
            extend(ledger, number, START)
        after = extend(ledger, number, START, by="tang", exception=True)

        assert [each.exception for each in after.extensions] == [False, True]
        assert after.original_due_on == "2019-09-02"

    @pytest.mark.parametrize(
        ("until", "due_on"),
        [
            pytest.param(date(2019, 9, 20), "2019-09-20", id="a working day"),
            pytest.param(date(2019, 9, 21), "2019-09-23", id="a Saturday rolls"),
        ],
    )
    def test_until_a_day(self, ledger: Ledger, until: date, due_on: str) -> None:
        """A given day is met though the term's own end, a Sunday, had rolled."""
        assert extend(ledger, assigned(ledger), START, length=until).due_on == due_on

    def test_dry_run(self, ledger: Ledger) -> None:
        """A trial says the new date and writes nothing."""
        number = assigned(ledger)

        assert extend(ledger, number, START, dry_run=True).due_on == "2019-10-08"
        assert clock(ledger, number).due_on == "2019-09-02"

    @pytest.mark.parametrize(
        ("name", "said"),
        [("disposal", "has no deadline 'disposal' running"), ("verificaton", "did you mean 'verification'")],
    )
    def test_what_does_not_run(self, ledger: Ledger, name: str, said: str) -> None:
        """A deadline that is met or misspelt is named."""
        number = assigned(ledger)
        with pytest.raises(NotFoundError) as refused:
            extending.extend(
                Acting(ledger, "zhou", START),
                number,
                name,
                length=MONTH,
                reason="x",
                signed_by="zhao",
                filed_on=START.date(),
            )

        assert said in refused.value.sentence.en

    def test_what_cannot_be_extended(self, ledger: Ledger) -> None:
        """Where no extension is declared, as for terms of law, none is possible, not even by exception."""
        number = register(ledger).number
        for exception in (False, True):
            with pytest.raises(RefusedError, match="不予延期：流程未规定该期限可以延期"):
                extending.extend(
                    Acting(ledger, "tang", START),
                    number,
                    None,
                    length=MONTH,
                    reason="x",
                    signed_by="zhao",
                    filed_on=START.date(),
                    exception=exception,
                )


class TestPause:
    """A clock that stands still counts nothing and reminds nobody."""

    def test_moves_by_what_it_took(self, ledger: Ledger) -> None:
        """Ten days of pause move the date by ten days; the first date stays."""
        number = assigned(ledger)
        deadlines.pause(Acting(ledger, "zhou", START + DAY), number, None, reason="待鉴定")
        after = deadlines.resume(Acting(ledger, "zhou", START + 11 * DAY), number, None, reason="鉴定完毕")

        assert (after.due_on, after.original_due_on, after.status) == ("2019-09-11", "2019-09-02", Status.RUNNING)

    def test_a_deadline_reached_during_a_pause(self, ledger: Ledger) -> None:
        """Its day passes without a word: not overdue, not reminded; after the pause the rest of the term is left."""
        number = assigned(ledger)
        deadlines.pause(Acting(ledger, "zhou", at("2019-08-20T10:00")), number, None, reason="待鉴定")

        assert sweep(ledger, now=at("2019-12-02T10:00")).reminded == 0
        (standing,) = standings(ledger, number=number, now=at("2019-12-02T10:00"))
        assert (standing.overdue, standing.clock.status) == (False, Status.PAUSED)
        assert list(standings(ledger, overdue=True, now=at("2019-12-02T10:00"))) == []
        after = deadlines.resume(Acting(ledger, "zhou", at("2019-12-02T10:00")), number, None, reason="完毕")
        assert after.due_on == "2019-12-16", (
            "13 days were left on 20 August, the day itself not counted; a Saturday rolls"
        )

    def test_what_a_pause_dropped_is_reminded_of_again(self, ledger: Ledger) -> None:
        """A reminder promised before a pause may never have been sent; after it, it is due anew, the date unmoved."""
        number = assigned(ledger)
        assert sweep(ledger, now=at("2019-09-02T09:30")).reminded == 1
        before = clock(ledger, number)
        deadlines.pause(Acting(ledger, "zhou", at("2019-09-02T09:40")), number, None, reason="待鉴定")
        after = deadlines.resume(Acting(ledger, "zhou", at("2019-09-02T10:00")), number, None, reason="完毕")

        assert (after.due_on, after.arming) == (before.due_on, before.arming + 1)
        assert [sweep(ledger, now=at("2019-09-02T10:05")).reminded for _ in range(2)] == [1, 0]

    @pytest.mark.parametrize(
        ("since", "said"),
        [
            (date(2019, 6, 30), "a pause cannot begin before the term"),
            (date(2019, 7, 12), "a pause cannot begin in the future"),
        ],
    )
    def test_dated_back(self, ledger: Ledger, since: date, said: str) -> None:
        """A pause may be dated back to the start of the term, never before and never ahead."""
        number = assigned(ledger)
        now = START + 10 * DAY
        with pytest.raises(RefusedError) as refused:
            deadlines.pause(Acting(ledger, "zhou", now), number, None, reason="x", since=since)
        after = deadlines.pause(Acting(ledger, "zhou", now), number, None, reason="x", since=date(2019, 7, 3))

        assert said in refused.value.sentence.en
        assert after.pauses[-1].noted_at - after.pauses[-1].from_at > 8 * DAY // timedelta(microseconds=1)

    def test_refusals(self, ledger: Ledger) -> None:
        """Twice paused, resumed while running, without a reason, extended while it stands: each has its sentence."""
        number = assigned(ledger)
        with pytest.raises(NotFoundError):
            deadlines.resume(Acting(ledger, "zhou", START), number, None, reason="x")
        with pytest.raises(RefusedError, match="未处于暂停状态"):
            deadlines.resume(Acting(ledger, "zhou", START), number, "verification", reason="x")
        with pytest.raises(BadValueError, match="理由"):
            deadlines.pause(Acting(ledger, "zhou", START), number, None, reason=" ")
        deadlines.pause(Acting(ledger, "zhou", START), number, None, reason="x")
        with pytest.raises(RefusedError, match="已处于暂停状态"):
            deadlines.pause(Acting(ledger, "zhou", START), number, None, reason="x")
        with pytest.raises(RefusedError, match="期限处于暂停状态；请先恢复"):
            extend(ledger, number, START)
        with pytest.raises(RefusedError, match="恢复不能早于暂停"):
            deadlines.resume(Acting(ledger, "zhou", START + DAY), number, None, reason="x", since=date(2019, 6, 1))

    def test_no_pause_in_a_pause(self, ledger: Ledger) -> None:
        """A pause that is dated back into an earlier one is refused; from the day on which that ended it is not."""
        number = assigned(ledger)
        deadlines.pause(Acting(ledger, "zhou", START + 3 * DAY), number, None, reason="x", since=date(2019, 7, 3))
        deadlines.resume(Acting(ledger, "zhou", START + 9 * DAY), number, None, reason="x")
        before = clock(ledger, number)
        for since in (date(2019, 7, 2), date(2019, 7, 5), date(2019, 7, 9)):
            with pytest.raises(RefusedError, match="此前已暂停至 2019-07-10"):
                deadlines.pause(Acting(ledger, "zhou", START + 12 * DAY), number, None, reason="x", since=since)

        assert clock(ledger, number) == before
        deadlines.pause(Acting(ledger, "zhou", START + 12 * DAY), number, None, reason="x", since=date(2019, 7, 10))

    def test_nothing_to_resume(self, ledger: Ledger) -> None:
        """Where no deadline is paused it is said so."""
        number = assigned(ledger)
        with pytest.raises(NotFoundError) as refused:
            deadlines.resume(Acting(ledger, "zhou", START), number, None, reason="x")

        assert refused.value.sentence.en == f"none of the deadlines of {number} is paused"

    def test_a_state_keeps_it_paused(self, ledger: Ledger) -> None:
        """A shelved lead's verification stands still until it is taken up; no officer lets it run before."""
        number = assigned(ledger)
        shelve = {"reason": "待查", "next_review_on": "2019-08-01", "signed_by": "zhao"}
        verbs.advance(Acting(ledger, "zhou", START + DAY), number, "shelve", shelve)
        with pytest.raises(RefusedError, match="事项当前状态使其暂停"):
            deadlines.resume(Acting(ledger, "zhou", START + 2 * DAY), number, "verification", reason="x")
        verbs.advance(Acting(ledger, "zhou", START + 11 * DAY), number, "take_up", {"reason": "再查"})

        assert clock(ledger, number).due_on == "2019-09-11"

    def test_a_term_of_law_is_stopped_by_no_officer(self, ledger: Ledger) -> None:
        """Three days for the decision on a transfer are law: neither the office nor the leading group stops them."""
        number = assigned(ledger)
        report = {"finding": "substantiated", "suspected_crime": True, "verifiers": ["chen", "wang"],
                  "verified_on": "2019-07-02", "report_number": "核报1"}  # fmt: skip
        verbs.advance(Acting(ledger, "chen", START + DAY), number, "verify", report)
        before = clock(ledger, number, "transfer_decision")
        for officer in ("zhou", "keeper"):
            with pytest.raises(RefusedError, match="由法律规定，不得由人员暂停"):
                deadlines.pause(Acting(ledger, officer, START + DAY), number, "transfer_decision", reason="x")

        assert clock(ledger, number, "transfer_decision") == before

    def test_what_is_over_and_knows_no_exception(self, ledger: Ledger) -> None:
        """Where no exception is declared nobody may stop it, and no dash stands where a role should."""
        number = register(ledger).number
        with pytest.raises(RefusedError, match="到期；到期后不得暂停"):
            deadlines.pause(Acting(ledger, "zhou", at("2019-09-03T00:00")), number, None, reason="x")

    @pytest.mark.parametrize("since", [None, date(2019, 8, 1)], ids=["from now on", "dated back"])
    def test_what_is_over_is_stopped_by_exception_only(self, ledger: Ledger, since: date | None) -> None:
        """A day late, the office cannot unsay it by a pause; who may make exceptions can, and it is marked as one."""
        number, late = assigned(ledger), at("2019-09-03T00:00")
        with pytest.raises(RefusedError, match="已于 2019-09-02 到期；到期后须由领导小组决定暂停"):
            deadlines.pause(Acting(ledger, "zhou", late), number, None, reason="x", since=since)
        assert len(list(standings(ledger, overdue=True, now=late))) == 1
        deadlines.pause(Acting(ledger, "tang", late), number, None, reason="待鉴定", since=since)
        entry = case_rows.last_entry(ledger.store, ledger.case(number).id)

        assert entry is not None
        assert '"exception":true' in entry.body

    def test_on_its_last_day_it_is_stopped_as_ever(self, ledger: Ledger) -> None:
        """The due day belongs to the term to its last minute."""
        number = assigned(ledger)
        found = deadlines.pause(Acting(ledger, "zhou", at("2019-09-02T23:59")), number, None, reason="待鉴定")

        assert found.status is Status.PAUSED


class TestLists:
    """What is left is told in a deadline's own unit, the most urgent first."""

    def test_children_beside_their_parent(self, ledger: Ledger) -> None:
        """Asked for one lead, its letters' deadlines stand beside its own."""
        number = assigned(ledger)
        report = {"finding": "substantiated", "suspected_crime": True, "verifiers": ["chen", "wang"],
                  "verified_on": "2019-07-02", "report_number": "核报1"}  # fmt: skip
        verbs.advance(Acting(ledger, "chen", START + DAY), number, "verify", report)
        signed = {"signed_by": "zhao", "signed_on": "2019-07-03"}
        verbs.advance(Acting(ledger, "zhou", START + 2 * DAY), number, "transfer_police", signed)
        child = case_rows.children(ledger.store, ledger.case(number).id)[0].number
        found = list(standings(ledger, number=number, now=START + 2 * DAY))

        assert {each.case.number for each in found} == {number, child}
        assert [each.clock.due_on for each in found] == sorted(each.clock.due_on for each in found)

    @pytest.mark.parametrize(
        ("now", "overdue", "left"),
        [
            pytest.param("2019-09-01T12:00", False, 1, id="the day before"),
            pytest.param("2019-09-02T00:00", False, 0, id="the due day begins"),
            pytest.param("2019-09-02T23:59:59", False, 0, id="the due day ends"),
            pytest.param("2019-09-03T00:00", True, -1, id="the day after"),
        ],
    )
    def test_the_due_day_is_never_late(self, ledger: Ledger, now: str, overdue: bool, left: int) -> None:
        """Late begins with the next local day."""
        (found,) = standings(ledger, number=assigned(ledger), now=at(now))

        assert (found.overdue, found.left, found.counted_in) == (overdue, left, "days")

    def test_in_working_days(self, ledger: Ledger) -> None:
        """A term in working days has working days left, holidays apart."""
        number = register(ledger, received_on="2019-09-27", now=at("2019-09-27T10:00"), real_name=True).number
        found = {each.declared.name: each for each in standings(ledger, number=number, now=at("2019-09-30T10:00"))}

        notice = found["acceptance_notice"]
        assert (notice.clock.due_on, notice.left, notice.counted_in) == ("2019-10-23", 13, "working_days")

    def test_papers(self, ledger: Ledger) -> None:
        """From the first working day after the due day a chase letter is to be written, later a notice."""
        number = assigned(ledger)
        found = []
        for now in (at("2019-09-02T10:00"), at("2019-09-03T10:00"), at("2019-09-10T10:00")):
            sweep(ledger, now=now)
            found.append([each.paper for each in papers(ledger, standings(ledger, number=number, now=now))])
        verbs.void(Acting(ledger, "tang", at("2019-09-10T11:00")), number, reason="误登")

        assert found == [[], ["chase_letter"], ["supervision_notice"]]
        assert list(standings(ledger, number=number, now=at("2019-09-11T10:00"))) == []

    @pytest.mark.parametrize(
        ("sweeps", "wanted"),
        [
            pytest.param(("2019-10-08T10:00",), ["supervision_notice"], id="nobody swept for a month: listed at once"),
            pytest.param(("2019-09-09T10:00", "2019-10-08T10:00"), ["supervision_notice"], id="listed in the end"),
            pytest.param(("2019-09-03T10:00", "2019-09-04T10:00"), ["chase_letter"], id="chased"),
        ],
    )
    def test_a_paper_stays_to_be_written(
        self, ledger: Ledger, tmp_path: Path, sweeps: tuple[str, ...], wanted: list[str]
    ) -> None:
        """A letter is ready once its level is reached, sent or skipped, and until it is issued; the journal says so."""
        number = assigned(ledger)
        for each in sweeps:
            sweep(ledger, now=at(each))
        now = at(sweeps[-1])

        def ready() -> list[str]:
            return [each.paper for each in papers(ledger, standings(ledger, number=number, now=now))]

        assert ready() == wanted
        rows = case_rows.entries(ledger.store, ledger.case(number).id)
        assert [json.loads(each.body)["paper"] for each in rows if '"paper"' in each.body][-1:] == wanted
        paper = LetterToIssue(
            kind=wanted[0], series="示", by=("office",), name="{number}", about={"deadline": "verification"}
        )
        issue(Acting(ledger, "zhou", now), ledger.case(number), paper, make=str.encode, folder=tmp_path)
        assert ready() == []


class TestExplanations:
    """A date is told by the code that set it."""

    def test_ends_on_the_date(self, ledger: Ledger) -> None:
        """The last step lands on the date that is written, pauses and extensions included."""
        number = assigned(ledger)
        deadlines.pause(Acting(ledger, "zhou", START + DAY), number, None, reason="x")
        deadlines.resume(Acting(ledger, "zhou", START + 9 * DAY), number, None, reason="x")
        extend(ledger, number, START + 9 * DAY)
        _, _, found, way = deadlines.explanation(ledger, number, "verification")
        assert way is not None
        steps = explain(way)

        assert steps[-1].on == date.fromisoformat(found.due_on)
        assert sum(each.kind == "paused" for each in steps) == 8

    def test_a_met_one_too(self, ledger: Ledger) -> None:
        """What is over can still be explained; a fixed date has nothing to count."""
        number = assigned(ledger, handling_due_on="2019-08-31")

        assert deadlines.explanation(ledger, number, "disposal")[2].status is Status.MET
        assert deadlines.explanation(ledger, number, "handling")[3] is None
        assert clock(ledger, number, "handling").due_on == "2019-08-31", "a fixed date, a Saturday, does not roll"


class TestMoves:
    """A changed calendar moves open dates, first as a trial, then each with its reason."""

    def test_days_of_a_unit(self, ledger: Ledger) -> None:
        """Days on which one unit is closed move the dates of that unit only."""
        here, there = assigned(ledger), register(ledger, unit="0102", by="keeper").number
        verbs.advance(Acting(ledger, "keeper", START), there, "assign", ASSIGN.values)
        assert (
            set_days(
                Acting(ledger, "keeper", START), "0101", date(2019, 9, 2), date(2019, 9, 3), works=False, reason="台风"
            )
            == 2
        )
        (found,) = reprojecting.moves(ledger)

        assert (found.case.number, found.before.due_on, found.after.due_on) == (here, "2019-09-02", "2019-09-04")
        assert clock(ledger, here).due_on == "2019-09-02", "a trial moves nothing"
        reprojecting.move(Acting(ledger, "keeper", START), found, reason="台风停诊")
        entry = case_rows.last_entry(ledger.store, found.case.id)
        assert entry is not None
        assert entry.kind == "deadline_moved"
        assert "台风停诊" in entry.body
        assert clock(ledger, here).due_on == "2019-09-04"
        assert list(reprojecting.moves(ledger)) == []

    def test_a_date_that_has_changed_since(self, ledger: Ledger) -> None:
        """What was extended between trial and move is not moved over it."""
        number = assigned(ledger)
        set_days(Acting(ledger, "keeper", START), "0101", date(2019, 9, 2), date(2019, 9, 2), works=False, reason="x")
        (found,) = reprojecting.moves(ledger)
        extend(ledger, number, START)
        with pytest.raises(ConflictError):
            reprojecting.move(Acting(ledger, "keeper", START), found, reason="x")

    def test_provisional_dates_become_certain(self, ledger: Ledger, tmp_path: Path) -> None:
        """A date counted without a published calendar is marked; the calendar makes it certain, moved or not."""
        early = tmp_path / "early.yaml"
        early.write_text("base: cn\nname: early\npublished: [2004, 2018]\n", "utf-8")
        use_calendar(Acting(ledger, "keeper", START), early)
        number = assigned(ledger)
        assert clock(ledger, number).provisional
        use_calendar(Acting(ledger, "keeper", START), None)
        found = list(reprojecting.moves(ledger))

        assert [(each.case.number, each.after.provisional) for each in found] == [(number, False)]
