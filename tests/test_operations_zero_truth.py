"""What clearing to zero promises, each at its edge: the day, the scope, missing values, rates, what came back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from zero_house import Office, at, campaign, office_in

from engine.campaigns.campaign import Campaign, FallingDue, Verdict, ZeroGroup, with_cut_off
from engine.errors import BadValueError, RefusedError
from engine.journal.ledger_row import Question
from engine.operations.cases import bulk, handing_over, succession
from engine.operations.cases import casework as cases
from engine.operations.cases.question_closing import close_question
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.zero.blocking import blockers
from engine.operations.zero.frozen import changed_since, freeze, frozen, plain, returned_since
from engine.operations.zero.pace import pace
from engine.operations.zero.verdict import check_zero

DATA = Path(__file__).parent / "data/zero"
LEAD = {"source": "letter", "summary": "医院门口有人强揽生意", "category": "A3"}
FILE = {"name": "旧台账.xlsx", "digest": "0" * 64}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a fresh office."""
    made = office_in(tmp_path)
    yield made
    made.close()


def assigned(office: Office, received: str = "2019-06-20", *, unit: str = "0101", **more: Any) -> str:
    """Return a lead that was assigned on 21 October."""
    number = office.register(received, received, unit, category="A3", **more)
    office.assign("2019-10-21", number)
    return number


def pass_on(office: Office, number: str) -> None:
    """Pass a lead on as not ours."""
    day = "2019-06-20"
    office.step(day, number, "decline", reason="不属", sent_to="县医保局", sent_on=day, signed_by="li")


def closed(office: Office, day: str, *, extended: bool = False, unit: str = "0101") -> str:
    """Return a lead that was verified and closed on a day, its verification extended to 21 January or not."""
    number = assigned(office, unit=unit)
    if extended:
        office.extend("2019-12-20", number)
    office.verify(day, number)
    office.dismiss((day, day), number)
    return number


@pytest.mark.parametrize(
    ("day", "extended", "verdict", "days"),
    [
        ("2019-12-31", False, Verdict.ZERO, None),
        ("2020-01-01", False, Verdict.LATE, 1),
        ("2020-06-01", False, Verdict.LATE, 153),
        ("2020-01-21", True, Verdict.ZERO, None),
        ("2020-01-22", True, Verdict.LATE, 1),
        ("2020-06-01", True, Verdict.LATE, 132),
    ],
    ids=["on the day", "the day after", "five months after", "on the extended day", "a day after it", "long after it"],
)
def test_late_is_not_on_time(office: Office, day: str, extended: bool, verdict: Verdict, days: int | None) -> None:
    """A lead is in time by the campaign's day or that of its own extension, else zero is late by so many days."""
    number = closed(office, day, extended=extended)

    statement = office.zero(day)
    assert statement.verdict is verdict
    assert statement.total.overdue == len(statement.overdue) == (days is not None)
    assert [(each.number, each.days) for each in statement.overdue] == ([(number, days)] if days else [])
    assert office.zero("2019-12-30", now=at(day)).verdict is (Verdict.EXTENDED if extended else Verdict.NOT_ZERO)


@pytest.mark.parametrize(
    ("extend_to", "deadlines", "days"),
    [("2020-01-20", frozenset({"verification"}), 21), ("2020-01-31", frozenset({"in_house"}), 21)],
    ids=["beyond the campaign's", "of a term that does not count"],
)
def test_an_extension_that_is_not_valid_excuses_no_lateness(
    office: Office, extend_to: str, deadlines: frozenset[str], days: int
) -> None:
    """An extension counts up to the campaign's last day for extensions, and of the terms that it names."""
    closed(office, "2020-01-21", extended=True)
    asked = replace(campaign(), extend_to=date.fromisoformat(extend_to), extend_deadlines=deadlines)

    assert [each.days for each in office.zero("2020-01-21", asked=asked).overdue] == [days]


def test_as_of_a_past_day_the_verdict_is_that_days(office: Office) -> None:
    """What was late on a day stays so, and what was open then was not zero then, whatever was done since."""
    number = closed(office, "2020-01-10")
    office.strike("2020-03-01", number)

    later = at("2020-04-01")
    assert office.zero("2020-01-09", now=later).verdict is Verdict.NOT_ZERO
    for day in ("2020-01-10", "2020-02-29", "2020-03-31"):
        statement = office.zero(day, now=later)
        assert (statement.verdict, [each.days for each in statement.overdue]) == (Verdict.LATE, [10])


def test_what_was_cleared_in_time_does_not_become_late(office: Office) -> None:
    """A lead closed in time and struck off, noted or corrected after the day is in time."""
    number = closed(office, "2019-12-20")
    office.strike("2020-02-03", number)
    cases.amend(Acting(office.ledger, "chen", at("2020-02-04")), number, {"archive_number": "D2"}, reason="更正")

    assert office.zero("2020-02-05").verdict is Verdict.ZERO


def test_the_last_closing_counts(office: Office) -> None:
    """A lead that was closed in time, reopened and closed again after the day is late by the last closing."""
    number = closed(office, "2019-12-20")
    office.reopen("2019-12-28", number)
    office.verify("2020-01-15", number)
    office.dismiss(("2020-01-15", "2020-01-15"), number)

    assert [each.cleared_on.isoformat() for each in office.zero("2020-01-16").overdue] == ["2020-01-15"]


def test_a_clean_up_that_lapsed_counts_from_its_end(office: Office) -> None:
    """A clean-up past its day ceases to count without a row; the lead is cleared on the day on which it is finished."""
    number = closed(office, "2019-12-01")
    office.order_clean_up("2019-12-02", number, "2019-12-20")
    assert office.zero("2019-12-31").verdict is Verdict.NOT_ZERO
    office.finish_clean_up("2020-01-05", number)

    assert [(each.number, each.days) for each in office.zero("2020-01-05").overdue] == [(number, 5)]


def test_a_record_completed_after_the_day_is_late(office: Office) -> None:
    """A record that was not complete on the day was not cleared on it."""
    number = closed(office, "2019-12-01")
    cases.amend(Acting(office.ledger, "chen", at("2019-12-30")), number, {"handler": None}, reason="调离")
    assert office.zero("2019-12-31").total.groups[ZeroGroup.INCOMPLETE] == 1
    cases.amend(Acting(office.ledger, "chen", at("2020-01-02")), number, {"handler": "zhao"}, reason="补填")

    assert [each.days for each in office.zero("2020-01-02").overdue] == [2]


def test_a_record_with_an_open_question_is_not_cleared_late_until_it_is_answered(office: Office) -> None:
    """A lead stands in one list: incomplete while a question about what clears it is open, late once it is closed."""
    asked = Question(field="accepted_on", at="台账!4", why=("unclear", "不清"), answer=("a date", "日期"))
    rows = [
        Row(
            at=at_row,
            values={**LEAD, "received_on": date(2019, 6, 20), "summary": at_row},
            unit="0101",
            questions=(asked,),
        )
        for at_row in ("台账!4", "台账!5")
    ]
    with office.ledger.store.begin():
        taken = take_in(Acting(office.ledger, "chen", at("2019-07-01")), "lead", rows, file=FILE)
        before, after = (each.number for each in taken)
    for number, waived, closed_on in ((before, "2019-12-19", "2019-12-20"), (after, "2020-01-02", "2020-01-03")):
        office.assign("2019-07-02", number)
        office.verify("2019-07-03", number)
        office.dismiss((waived, closed_on), number)
    then = office.zero("2020-01-04")
    assert (then.total.groups[ZeroGroup.INCOMPLETE], then.overdue) == (2, ())

    for number in (before, after):
        close_question(Acting(office.ledger, "chen", at("2020-01-06")), number, "accepted_on", reason="本单位受理")

    late = {each.number: each.days for each in office.zero("2020-01-06").overdue}
    assert late == {before: 6, after: 6}


@pytest.mark.parametrize(
    ("file", "day", "closings"),
    [
        ("on_time.json", "2019-12-31", ("2019-12-20", "2019-12-31")),
        ("late.json", "2020-06-01", ("2019-12-20", "2020-06-01")),
        ("not.json", "2019-12-31", ("2019-12-20", None)),
    ],
    ids=["zero", "zero, but late", "not zero"],
)
def test_three_statements(office: Office, file: str, day: str, closings: tuple[str | None, ...]) -> None:
    """The three verdicts with what their frozen statements hold, written by hand."""
    for unit, each in zip(("0101", "0102"), closings, strict=True):
        if each is None:
            assigned(office, unit=unit)
        else:
            closed(office, each, unit=unit)
    kept, *_ = freeze(Acting(office.ledger, "chen", at(day, 23)), campaign(), day=date.fromisoformat(day))

    said, wanted = json.loads(kept.text), json.loads((DATA / file).read_text("utf-8"))
    assert kept.verdict == wanted["verdict"]
    assert {name: said[name] for name in wanted if name not in {"total", "scope"}} == {
        name: each for name, each in wanted.items() if name not in {"total", "scope"}
    }
    assert {name: said["total"][name] for name in wanted["total"]} == wanted["total"]
    assert {name: said["scope"][name] for name in wanted["scope"]} == wanted["scope"]


FILTERED = MappingProxyType({"source": ("letter", "superior")})


def narrow() -> Campaign:
    """Return a campaign with every filter there is."""
    return replace(
        campaign(),
        received_from=date(2019, 1, 1),
        units=frozenset({"0101"}),
        where=FILTERED,
        falling_due=FallingDue(field="feedback_due_on", from_on=date(2019, 1, 1), to_on=date(2019, 12, 31)),
    )


def test_a_statement_shows_its_whole_scope(office: Office) -> None:
    """Every filter stands in the statement, for scripts and in words."""
    closed(office, "2019-12-01")
    statement = office.zero("2019-12-31", asked=narrow())
    said = json.loads(json.dumps(plain(statement, ())))

    assert said["scope"] == {
        "workflow": "lead",
        "received_from": "2019-01-01",
        "received_to": "2019-06-30",
        "unit": None,
        "units": ["0101"],
        "where": {"source": ["letter", "superior"]},
        "falling_due": {"field": "feedback_due_on", "from": "2019-01-01", "to": "2019-12-31"},
        "clear_by": "2019-12-31",
        "extend_to": "2020-01-31",
        "extend_deadlines": ["handling", "in_house", "verification"],
        "measures": said["scope"]["measures"],
    }
    assert [each["zh"] for each in said["filters"]] == [
        "仅限单位 0101",
        "仅限线索来源：群众来信、上级交办督办",
        "仅限“上级要求反馈期限”在 2019-01-01 至 2019-12-31 之间",
        "缺少上述内容的纳入范围，按数据不全统计",
        "有效延期限于：限时办结、行业处置期限、核查期限",
    ]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (campaign(), ""),
        (with_cut_off(campaign(), date(2019, 5, 31)), "收到时间止：原为 2019-06-30，现为 2019-05-31"),
        (replace(campaign(), where=FILTERED), "限定条件：原为 无，现为 source letter, superior"),
        (replace(campaign(), units=frozenset({"0101"})), "单位：原为 无，现为 0101"),
        (replace(campaign(), complete=()), "完整性要求和指标已改变"),
    ],
    ids=["nothing", "another cut-off", "another condition", "other units", "less is asked of records"],
)
def test_a_frozen_statement_says_what_has_changed_since(office: Office, now: Campaign, says: str) -> None:
    """A campaign file that was changed after a freeze is shown beside what was frozen."""
    closed(office, "2019-12-01")
    freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign())
    (kept,) = frozen(office.ledger, now)

    assert [each.zh for each in changed_since(kept, now)] == ([says] if says else [])


@pytest.mark.parametrize(
    ("values", "inside"),
    [
        ({"source": "superior", "feedback_due_on": "2019-11-30"}, ZeroGroup.OPEN),
        ({"source": "superior", "feedback_due_on": "2020-03-01"}, None),
        ({"source": "superior", "feedback_due_on": None}, ZeroGroup.INCOMPLETE),
        ({"source": "letter"}, None),
    ],
    ids=["due in the year", "due later", "no day", "another source"],
)
def test_nothing_falls_out_of_scope_by_a_missing_value(
    office: Office, values: dict[str, Any], inside: ZeroGroup | None
) -> None:
    """A lead assigned from above without a day is in the scope as an incomplete record, and its statement says so."""
    number = assigned(office, **{**values, "feedback_due_on": values.get("feedback_due_on") or "2019-11-30"})
    if "feedback_due_on" in values and values["feedback_due_on"] is None:
        office.verify("2019-10-22", number)
        office.waive("2019-10-22", number)
        office.close_lead("2019-10-23", number, superior_told_on="2019-10-23")
        office.reopen("2019-10-24", number)
    statement = office.zero("2019-12-31", asked=campaign("assigned_due", 2019))

    found = {group: count for group, count in statement.total.groups.items() if count}
    assert found == ({} if inside is None else {inside: 1})
    if inside is ZeroGroup.INCOMPLETE:
        (blocker,) = blockers(office.ledger, statement)
        assert blocker.missing[0].zh == "决定纳入范围的“上级要求反馈期限”未填"


def test_a_missing_value_of_a_condition_takes_nothing_out(office: Office) -> None:
    """Where a campaign asks for a value that a lead does not have yet, the lead is in, incomplete."""
    office.register("2019-06-20", "2019-06-20")
    office.register("2019-06-20", "2019-06-20", category="A3")
    office.register("2019-06-20", "2019-06-20", category="A1")
    asked = replace(campaign(), where=MappingProxyType({"category": ("A3",)}), complete=())

    total = office.zero("2019-07-01", asked=asked).total
    assert (total.scope, total.groups[ZeroGroup.INCOMPLETE]) == (2, 1)


@pytest.mark.parametrize("source", ["superior", "superior_transfer", "supervision_group", "inspection"])
def test_the_day_is_asked_for_where_the_source_sets_it(office: Office, source: str) -> None:
    """A lead assigned from above is not registered without the day, nor emptied of it; other sources set none."""
    with pytest.raises(RefusedError, match="上级要求反馈期限"):
        office.register("2019-06-20", "2019-06-20", source=source)
    number = office.register("2019-06-20", "2019-06-20", source=source, feedback_due_on="2019-11-30")
    acting = Acting(office.ledger, "chen", at("2019-06-21"))
    with pytest.raises(RefusedError, match="上级要求反馈期限"):
        cases.amend(acting, number, {"feedback_due_on": None}, reason="误填")
    other = office.register("2019-06-20", "2019-06-20", source="letter")
    with pytest.raises(RefusedError, match="上级要求反馈期限"):
        cases.amend(acting, other, {"source": source}, reason="更正")


def on_time(office: Office, day: str) -> tuple[int, int]:
    """Return the rate of punctuality of a day."""
    return office.zero(day).total.rates["on_time"]


def test_every_term_counts_for_punctuality(office: Office) -> None:
    """A lead assigned after the limit for its disposal was not finished in time, though it was verified in time."""
    number = office.register("2019-06-20", "2019-06-20", category="A3")
    office.assign("2019-10-21", number)
    office.verify("2019-10-22", number)
    office.dismiss(("2019-10-22", "2019-10-23"), number)

    assert on_time(office, "2019-10-23") == (0, 1)


def punctual(office: Office, received: str = "2019-06-20") -> str:
    """Return a lead that was closed within all its terms."""
    number = office.register(received, received, category="A3")
    office.assign(received, number)
    office.verify(received, number)
    office.dismiss((received, received), number)
    return number


def test_a_term_that_ran_out_unmet_was_not_kept(office: Office) -> None:
    """The decision on the clean-up is due 15 working days after closing: kept until then, not after it."""
    punctual(office)

    assert on_time(office, "2019-07-11") == (1, 1)
    assert on_time(office, "2019-07-12") == (0, 1)


@pytest.mark.parametrize(
    ("closed_on", "kept"), [("2019-05-28", 1), ("2019-06-11", 1), ("2019-06-12", 0), ("2019-06-20", 0)]
)
def test_a_term_that_was_lifted_after_its_day_was_not_kept(office: Office, closed_on: str, kept: int) -> None:
    """A reporter is to hear by 06-11 that the lead was accepted: closed later without it, the lead was not on time."""
    number = office.register("2019-05-20", "2019-05-20", category="A3", real_name=True)
    office.assign("2019-05-20", number)
    office.verify(closed_on, number)
    office.waive(closed_on, number)
    office.close_lead(closed_on, number, result_told_on=closed_on)

    assert on_time(office, closed_on) == (kept, 1)
    office.strike("2019-06-21", number)
    assert office.zero(closed_on, now=at("2019-06-22")).total.rates["on_time"] == (kept, 1)


def test_a_term_that_ceased_before_its_day_is_not_missed_by_leaving_later(office: Office) -> None:
    """A limit that was emptied in time asks nothing more; that the lead is closed after its day changes nothing."""
    number = office.register("2019-06-20", "2019-06-20", category="A3", handling_due_on="2019-07-05")
    office.assign("2019-06-21", number)
    cases.amend(Acting(office.ledger, "chen", at("2019-07-01")), number, {"handling_due_on": None}, reason="误填")
    office.verify("2019-07-08", number)
    office.dismiss(("2019-07-09", "2019-07-10"), number)

    assert on_time(office, "2019-07-10") == (1, 1)
    period = period_of(ReportKind.MONTHLY, "2019-07", today=date(2019, 7, 31))
    assert figures(office.ledger, "lead", period, now=at("2019-07-31")).total.unmet == 0
    office.strike("2019-07-11", number)
    assert office.zero("2019-07-10", now=at("2019-07-12")).total.rates["on_time"] == (1, 1)


def test_terms_of_what_a_lead_opened_count_too(office: Office) -> None:
    """A letter that was sent late makes its lead late, whether the database or the journal is asked."""
    number = office.register("2019-06-20", "2019-06-20", category="A3", suspected_crime=True)
    office.assign("2019-06-20", number)
    office.verify("2019-06-20", number, "substantiated")
    letter = office.transfer("2019-06-20", number)
    office.send("2019-12-02", letter)
    office.receipt("2019-12-02", letter)
    asked = replace(
        campaign(), rates=tuple(each for each in campaign().rates if each.name in {"on_time", "cleared_to_zero"})
    )
    named = replace(asked.rates[1], every_term=False, on_time=("disposal", "verification"))
    own = replace(asked, rates=(asked.rates[0], named))

    assert office.zero("2019-12-02", asked=own).total.rates["on_time"] == (1, 1)
    assert office.zero("2019-12-02", asked=asked).total.rates["on_time"] == (0, 1)
    office.answer("2019-12-05", letter)
    assert office.zero("2019-12-02", asked=asked, now=at("2019-12-06")).total.rates["on_time"] == (0, 1)


def test_each_rate_is_its_label(office: Office) -> None:
    """Each rate over five leads that lie at the edges of the definitions, counted by hand."""
    punctual(office)  # cleared, with a finding, unsubstantiated
    crime = office.register("2019-06-20", "2019-06-20", "0102", category="A3", suspected_crime=True)
    office.assign("2019-06-20", crime)
    office.verify("2019-06-20", crime, "substantiated")  # verified, not cleared
    office.register("2019-06-20", "2019-06-20", category="A3")  # received only
    named = office.register("2019-06-20", "2019-06-20", category="A3", real_name=True)
    office.assign("2019-06-20", named)
    office.verify("2019-06-20", named)
    office.waive("2019-06-20", named)
    office.close_lead("2019-06-20", named, result_told_on="2019-06-20")  # cleared, real name, told
    passed = office.register("2019-06-20", "2019-06-20", category="A3")
    pass_on(office, passed)

    assert office.zero("2019-06-30").total.rates == {
        "cleared_to_zero": (2, 5),
        "closed_after_verification": (2, 5),
        "substantiated": (1, 3),
        "closed": (2, 4),
        "on_time": (2, 2),
        "told": (1, 1),
    }


def test_what_came_back_stays_shown(office: Office) -> None:
    """A lead reopened after a freeze and closed again is shown as come back, live and beside the frozen statement."""
    number = closed(office, "2019-12-20")
    other = closed(office, "2019-12-20", unit="0102")
    kept, *_ = freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign())
    of_unit, *_ = freeze(Acting(office.ledger, "chen", at("2019-12-31")), campaign(), unit="0102")
    office.reopen("2020-01-05", number)
    office.verify("2020-01-06", number)
    office.dismiss(("2020-01-06", "2020-01-06"), number)

    for now in ("2020-01-05", "2020-01-06", "2020-02-01"):
        statement = office.zero(now)
        assert (statement.returned, statement.total.returned) == ((number,), 1)
        assert returned_since(office.ledger, kept, statement) == (number,)
        assert returned_since(office.ledger, of_unit, statement) == ()
    past = office.zero("2020-01-04", now=at("2020-02-01"))
    assert (past.returned, other in past.returned) == ((), False)


def test_every_lead_whose_own_limit_falls_in_the_year(office: Office) -> None:
    """Leads received after June are in the campaign of limits by the day set for each, and incomplete without one."""
    for received, limit in (
        ("2019-06-20", "2019-09-30"),
        ("2019-11-04", "2019-12-31"),
        ("2019-11-04", "2020-01-01"),
        ("2019-11-04", None),
    ):
        office.register(received, received, category="A3", handling_due_on=limit)
    total = office.zero("2019-12-31", asked=campaign("limits_due", 2019)).total

    assert (total.scope, total.groups[ZeroGroup.INCOMPLETE]) == (3, 3)
    assert office.zero("2019-12-31").total.scope == 1


def test_another_cut_off_is_stated(office: Office) -> None:
    """With another cut-off another scope is asked about, and the statement says what the campaign's own is."""
    office.register("2019-07-01", "2019-07-01")
    asked = with_cut_off(campaign(), date(2019, 7, 1))

    assert office.zero("2019-07-01", asked=asked).total.scope == 1
    assert "2019-06-30" in str(plain(office.zero("2019-07-01", asked=asked), ())["filters"])
    with pytest.raises(BadValueError, match="received-to"):
        with_cut_off(campaign(), date(2020, 1, 1))


@pytest.mark.parametrize(
    ("day", "left", "working", "needed"),
    [
        ("2019-12-27", 4, 2, 1),  # a Friday; Monday and Tuesday are left
        ("2019-12-28", 3, 2, 1),
        ("2019-12-30", 1, 1, 2),
        ("2019-12-31", 0, 0, 2),
        ("2020-01-02", -2, 0, None),
    ],
)
def test_working_days_are_among_the_days_left(
    office: Office, day: str, left: int, working: int, needed: int | None
) -> None:
    """The working days that are left are some of the days that are left; on the last day all is needed on that day."""
    for _ in range(2):
        office.register("2019-06-20", "2019-06-20")
    found = pace(office.ledger, office.zero(day))

    assert (found.days_left, found.working_days_left, found.total.per_day) == (left, working, needed)
    assert found.working_days_left <= max(found.days_left, 0)


def test_the_step_advised_leads_to_clearing(office: Office) -> None:
    """Handled in-house the lead is closed next, not sent to another body; passed on, its acceptance is recorded."""
    handled = assigned(office)
    office.verify("2019-10-22", handled, "substantiated")
    office.step("2019-10-23", handled, "handle", measures="罚款")
    passed = office.register("2019-06-20", "2019-06-20", category="A3")
    pass_on(office, passed)
    waiting = office.register("2019-06-20", "2019-06-20", category="A3")
    crime = assigned(office, suspected_crime=True)
    office.verify("2019-10-22", crime, "substantiated")
    statement = office.zero("2019-10-24")

    advised = {each.case.number: [act.step.trigger for act in each.acts] for each in blockers(office.ledger, statement)}
    assert advised == {
        handled: ["close"],
        passed: ["confirm_acceptance"],
        waiting: ["assign"],
        crime: ["transfer_police"],
    }


def test_who_held_a_lead_on_a_past_day_answers_for_it(office: Office) -> None:
    """Corrected out of a scope, a lead stays with the unit that held it then; by another unit's hands it leaves too."""
    number, other = office.register("2019-07-10", "2019-06-20", category="A3"), assigned(office, unit="0102")
    office.assign("2019-10-21", number)
    asked = replace(campaign(), units=frozenset({"0101"}))
    cases.amend(Acting(office.ledger, "chen", at("2019-10-22")), number, {"received_on": "2019-07-02"}, reason="更正")
    for moved in (number, other):
        to, who = ("0102", "0101")[moved == other], {"handler": "zhao", "responsible_leader": "li"}
        handing_over.hand_over(Acting(office.ledger, "chen", at("2019-11-01")), moved, to, who, reason="划转")

    def left(day: str, unit: str | None, of: Campaign) -> list[tuple[str, str]]:
        said = check_zero(office.ledger, of, day=date.fromisoformat(day), unit=unit, now=at("2019-12-01"))
        return [(each.number, each.unit) for each in said.left]

    assert left("2019-10-31", "0101", campaign()) == left("2019-10-31", None, campaign()) == [(number, "0101")]
    assert left("2019-10-31", "0102", campaign()) == left("2019-11-01", "0101", campaign()) == []
    assert left("2019-11-01", "0102", campaign()) == [(number, "0102")]
    handing_over.hand_over(
        Acting(office.ledger, "chen", at("2019-11-04")), other, "0102",
        {"handler": "zhao", "responsible_leader": "li"}, reason="划回",
    )  # fmt: skip
    assert (left("2019-11-03", None, asked), left("2019-11-04", None, asked)) == (
        [(number, "0102")],
        [(number, "0102"), (other, "0102")],
    )
    succession.merge_unit(Acting(office.ledger, "chen", at("2019-11-05")), "0102", "0101", reason="合并")
    month = period_of(ReportKind.MONTHLY, "2019-10", today=date(2019, 12, 1))
    told = figures(office.ledger, "lead", month, unit="0102", now=at("2019-12-01"))
    assert (told.total.flow.received, told.total.flow.late, told.total.flow.open) == (0, 0, 1)


def test_a_step_with_many_leaves_each_its_own_terms(office: Office) -> None:
    """After a step in bulk that moves no term a late lead is late still, and an extended one extended."""
    punctual(office)
    late = office.register("2019-05-06", "2019-05-06", category="A3")
    office.assign("2019-06-20", late)
    office.verify("2019-06-20", late)
    office.dismiss(("2019-06-20", "2019-06-20"), late)
    assert on_time(office, "2019-07-01") == (1, 2)
    in_bulk(office, "2019-07-01", "closed", "tell_superior", superior_told_on="2019-07-01")
    assert on_time(office, "2019-07-01") == (1, 2)

    assigned(office)
    office.extend("2019-12-20", assigned(office))
    in_bulk(office, "2019-12-21", "assigned", "assess", assessed_on="2019-12-21", assessment="继续核查")
    blocking = [each.group for each in blockers(office.ledger, office.zero("2019-12-21"))]
    assert blocking == [ZeroGroup.OPEN, ZeroGroup.EXTENDED]


def in_bulk(office: Office, day: str, state: str, trigger: str, **brought: Any) -> None:
    """Take a step with the two leads in a state."""
    acting = Acting(office.ledger, "chen", at(day))
    chosen = bulk.selection(acting, "lead", state=state, trigger=trigger)
    taken = list(bulk.advance_many(acting, chosen, trigger, brought, apply=True))
    assert [each.refusal for each in taken] == [None, None]
