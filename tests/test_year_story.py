"""A year of some hundred leads, whose groups, rates and verdicts were worked out by hand before the program was asked.

| batch | leads | unit | received | what happens |
|---|---|---|---|---|
| 1 | 30 | 0101 | 05-10 | assigned 05-13, verified 06-20, waived 06-25, closed 07-04, struck off 07-25 |
| 2 | 20 | 0101 | 06-30 | assigned 07-02, verified 09-05 (3 days late), waived 09-06, closed 09-10 |
| 3 | 12 | 0102 | 06-15 | crime: assigned 06-18, verified 07-25, sent 07-27, receipt 08-02, answer 10-20, |
|   |    |      |       | closed 11-05, struck off 11-20 |
| 4 | 5 | 0102 | 06-15 | as batch 3, but the receipt comes on 12-30 |
| 5 | 6 | 0102 | 06-28 | assigned 10-21, extended 12-20 to 2020-01-21, closed 2020-01-10 |
| 6 | 2 | 0102 | 06-28 | as batch 5, but closed only on 2020-01-30 |
| 7 | 7 | 0101 | 06-20 | closed 09-02, reopened 12-02, closed again 12-27 |
| 8 | 9 | 0102 | 06-12 | registered late, 10-08; closed 11-25, struck off 12-10 |
| 9 | 3 | 0101 | 06-25 | nobody is assigned before 12-03; closed 12-30 |
| 10 | 4 | 0101 | 06-29 | repeats of batch 1, linked 07-03 |
| 11 | 2 | 0102 | 06-28 | registered by mistake, voided 07-20 |
| 12 | 5 | 0102 | 05-20 | closed 07-01; clean-up due 09-30, finished 10-15 |
| 13 | 3 | 0101 | 04-10 | taken from an old ledger 07-02 as closed, without a finding; reopened 11-01, closed 12-05 |
| 14 | 10 | 0101 | 07-01 | after the cut-off: never in the scope |
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from zero_house import Office, at, campaign, office_in

from engine.campaigns.campaign import Verdict, ZeroGroup, percent
from engine.operations.cases.casework import link
from engine.operations.cases.casework import void as void_case
from engine.operations.ledger.acting import Acting
from engine.operations.zero.blocking import blockers
from engine.operations.zero.frozen import freeze, frozen, plain, returned_since
from engine.operations.zero.pace import pace
from engine.operations.zero.verdict import check_zero

LATER = at("2020-03-01")

TABLE = {
    # day: fully closed, cleared, extended, open, incomplete; late, returned, repeats, void; verdict
    #
    # Returned is whatever came back, cleared again since or not: batch 12 (5) as its clean-up ran out on 10-01,
    # batch 13 (3) on 11-01, batch 7 (7) on 12-02; so 5, then 8, then 15 to the end.
    # The last two, batch 6, are closed on 01-30, nine days after their extension: zero, but late. Batch 5 is
    # closed on 01-10, after the campaign's day, but within its own extension to 01-21: in time.
    "2019-07-01": ((0, 5, 0, 54, 37), (0, 0, 0, 0), Verdict.NOT_ZERO),
    "2019-07-31": ((30, 5, 0, 44, 14), (3, 0, 4, 2), Verdict.NOT_ZERO),
    "2019-09-30": ((30, 44, 0, 5, 14), (3, 0, 4, 2), Verdict.NOT_ZERO),
    "2019-10-12": ((30, 39, 0, 19, 14), (12, 5, 4, 2), Verdict.NOT_ZERO),
    "2019-11-30": ((47, 36, 0, 16, 3), (12, 8, 4, 2), Verdict.NOT_ZERO),
    "2019-12-15": ((56, 23, 0, 23, 0), (12, 15, 4, 2), Verdict.NOT_ZERO),
    "2019-12-31": ((56, 38, 8, 0, 0), (12, 15, 4, 2), Verdict.EXTENDED),
    "2020-01-21": ((56, 44, 2, 0, 0), (12, 15, 4, 2), Verdict.EXTENDED),
    "2020-01-22": ((56, 44, 0, 2, 0), (12, 15, 4, 2), Verdict.NOT_ZERO),
    "2020-01-31": ((56, 46, 0, 0, 0), (12, 15, 4, 2), Verdict.LATE),
}

# On time is a lead of which every term was met by its original day, those of its letters and clean-ups included.
# Batch 1 (30) meets all four, the last two on their very day: disposal 05-13 (due 06-10), verification 06-20
# (07-15, as 07-13 is a Saturday), next step 07-04 (10 working days after 06-20), clean-up waived 07-25 (15 working
# days after 07-04). So do batch 3 (12) and, once it is cleared on 12-30, batch 4 (5): their letters go out within a
# day, and the receipts that are late (due 07-31) are the police's to give, not ours. Each other batch that is cleared
# misses at least one, the last three of them after 09-30:
#
# | batch | leads | term | due | met |
# |---|---|---|---|---|
# | 2 | 20 | verification, 2 months after 07-02 | 09-02 | 09-05 |
# | 7 | 7 | next step, 10 working days after 07-30 | 08-13 | 09-02 |
# | 12 | 5 | acceptance to be told, 15 working days after 05-20, 06-07 a day off | 06-11 | never |
# | 8 | 9 | disposal, 1 month after 06-12; cleared on 11-25 | 07-12 | 10-09 |
# | 9 | 3 | disposal, 1 month after 06-25; cleared on 12-30 | 07-25 | 12-03 |
# | 13 | 3 | next step, 10 working days after 11-20; cleared on 12-05 | 12-04 | 12-05 |
RATES = {
    "2019-09-30": {
        "cleared_to_zero": ("79.57%", 74, 93),
        "closed_after_verification": ("79.57%", 74, 93),
        "substantiated": ("27.85%", 22, 79),
        "closed": ("79.57%", 74, 93),
        "on_time": ("56.76%", 42, 74),
        "told": ("100.00%", 5, 5),
    },
    "2019-12-31": {
        "cleared_to_zero": ("92.16%", 94, 102),
        "closed_after_verification": ("92.16%", 94, 102),
        "substantiated": ("23.40%", 22, 94),
        "closed": ("92.16%", 94, 102),
        "on_time": ("50.00%", 47, 94),
        "told": ("100.00%", 5, 5),
    },
}

BY_UNIT = {
    "2019-12-15": {"0101": (30, 23, 0, 10, 0), "0102": (26, 0, 0, 13, 0)},
    "2019-12-31": {"0101": (30, 33, 0, 0, 0), "0102": (26, 5, 8, 0, 0)},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Year:
    """The finished year, and what was printed on its days."""

    office: Office
    printed: dict[str, Any]
    numbers: dict[int, list[str]]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Return the year, lived through day by day, the statement drawn on each day of the table."""
    office = office_in(tmp_path_factory.mktemp("year"))
    numbers: dict[int, list[str]] = {}
    printed: dict[str, Any] = {}
    told = sorted([*happenings(office, numbers), *((day, None) for day in TABLE)], key=lambda each: each[0])
    for position, (day, happens) in enumerate(told):
        if happens is not None:
            happens(day)
        last_of_day = position + 1 == len(told) or told[position + 1][0] > day
        if last_of_day and day in TABLE:
            statement = office.zero(day)
            printed[day] = plain(statement, blockers(office.ledger, statement))
        if last_of_day and day == "2019-12-31":
            statement = office.zero(day)
            freeze(Acting(office.ledger, "chen", at(day, 23, 59)), campaign())
    yield Year(office=office, printed=printed, numbers=numbers)
    office.close()


Happening = Callable[[str], None]


def happenings(office: Office, numbers: dict[int, list[str]]) -> Iterator[tuple[str, Happening]]:
    """Yield everything that happens in the year: the day and what is done on it."""

    def register(batch: int, count: int, received_on: str, unit: str, **more: object) -> Happening:
        def happens(day: str) -> None:
            numbers[batch] = [office.register(day, received_on, unit, **more) for _ in range(count)]

        return happens

    def each(batch: int, act: Callable[[str, str], object]) -> Happening:
        def happens(day: str) -> None:
            for number in numbers[batch]:
                act(day, number)

        return happens

    crime = {"category": "A3", "suspected_crime": True}
    yield "2019-05-10", register(1, 30, "2019-05-10", "0101", category="A3")
    yield "2019-06-30", register(2, 20, "2019-06-30", "0101", category="A3")
    yield "2019-06-15", register(3, 12, "2019-06-15", "0102", **crime)
    yield "2019-06-15", register(4, 5, "2019-06-15", "0102", **crime)
    yield "2019-06-28", register(5, 6, "2019-06-28", "0102", category="A3")
    yield "2019-06-28", register(6, 2, "2019-06-28", "0102", category="A3")
    yield "2019-06-20", register(7, 7, "2019-06-20", "0101", category="A3")
    yield "2019-10-08", register(8, 9, "2019-06-12", "0102", category="A3")
    yield "2019-06-25", register(9, 3, "2019-06-25", "0101")
    yield "2019-06-29", register(10, 4, "2019-06-29", "0101", category="A3")
    yield "2019-06-28", register(11, 2, "2019-06-28", "0102", category="A3")
    yield "2019-05-20", register(12, 5, "2019-05-20", "0102", category="A3", real_name=True)
    yield "2019-07-02", lambda day: numbers.__setitem__(13, office.import_closed(day, "2019-04-10", 3))
    yield "2019-07-01", register(14, 10, "2019-07-01", "0101", category="A3")

    for batch, day in {1: "05-13", 2: "07-02", 3: "06-18", 4: "06-18", 5: "10-21", 6: "10-21", 7: "06-24",
                       8: "10-09", 12: "05-22"}.items():  # fmt: skip
        yield f"2019-{day}", each(batch, office.assign)
    yield "2019-12-03", each(9, lambda day, number: office.assign(day, number, category="A3"))
    for batch, days in {
        1: ("2019-06-20", "2019-06-25", "2019-07-04"),
        2: ("2019-09-05", "2019-09-06", "2019-09-10"),
        5: ("2020-01-08", "2020-01-09", "2020-01-10"),
        6: ("2020-01-28", "2020-01-29", "2020-01-30"),
        7: ("2019-07-30", "2019-08-01", "2019-09-02"),
        8: ("2019-11-20", "2019-11-21", "2019-11-25"),
        9: ("2019-12-18", "2019-12-19", "2019-12-30"),
        13: ("2019-11-20", "2019-11-22", "2019-12-05"),
    }.items():
        yield days[0], each(batch, office.verify)
        yield days[1], each(batch, office.waive)
        yield days[2], each(batch, office.close_lead)
    yield "2019-07-25", each(1, office.strike)
    yield "2019-11-20", each(3, office.strike)
    yield "2019-12-10", each(8, office.strike)

    for batch in (3, 4):
        yield "2019-07-25", each(batch, lambda day, number: office.verify(day, number, "substantiated"))
        yield "2019-07-26", each(batch, office.transfer)
        yield "2019-07-27", each(batch, lambda day, number: office.send(day, office.child(number)))
    yield "2019-08-02", each(3, lambda day, number: office.receipt(day, office.child(number)))
    yield "2019-12-30", each(4, lambda day, number: office.receipt(day, office.child(number)))
    yield "2019-10-20", each(3, lambda day, number: office.answer(day, office.child(number)))
    yield "2019-11-05", each(3, office.close_lead)
    for batch in (5, 6):
        yield "2019-12-20", each(batch, office.extend)

    yield "2019-12-02", each(7, office.reopen)
    yield "2019-12-20", each(7, office.verify)
    yield "2019-12-21", each(7, office.waive)
    yield "2019-12-27", each(7, office.close_lead)
    yield "2019-11-01", each(13, lambda day, n: office.reopen(day, n, responsible_leader="li", handler="zhao"))

    yield "2019-07-03", lambda day: repeat(office, day, numbers)
    yield "2019-07-20", each(11, lambda day, number: void(office, day, number))

    yield "2019-06-10", each(12, lambda day, number: office.verify(day, number, "substantiated"))
    yield "2019-06-12", each(12, lambda day, number: office.step(day, number, "handle", measures="责令整改"))
    yield "2019-07-01", each(12, lambda day, n: office.close_lead(day, n, cleanup="needed", result_told_on=day))
    yield "2019-07-05", each(12, lambda day, number: office.order_clean_up(day, number, "2019-09-30"))
    yield "2019-10-15", each(12, office.finish_clean_up)


def repeat(office: Office, day: str, numbers: dict[int, list[str]]) -> None:
    """Link the leads of batch 10 to the first ones of batch 1."""
    for number, first in zip(numbers[10], numbers[1], strict=False):
        link(Acting(office.ledger, "chen", at(day)), number, first, reason="同一件事")


def void(office: Office, day: str, number: str) -> None:
    """Void a lead."""
    void_case(Acting(office.ledger, "chen", at(day)), number, reason="误登")


@pytest.mark.parametrize("day", TABLE)
def test_groups_and_verdict_are_those_worked_out_by_hand(year: Year, day: str) -> None:
    """On each day the five groups, what stands beside them, and the verdict are those of the table."""
    groups, (late, returned, repeats, void), verdict = TABLE[day]
    total = year.office.zero(day, now=LATER).total

    assert tuple(total.groups[each] for each in ZeroGroup) == groups
    assert (total.late, total.returned, total.repeats, total.void) == (late, returned, repeats, void)
    assert total.verdict is verdict
    assert total.scope == sum(groups)


@pytest.mark.parametrize("day", RATES)
def test_rates_are_those_worked_out_by_hand(year: Year, day: str) -> None:
    """Each rate of domain §9.3 has the top and bottom of the table, and is shown as it says."""
    total = year.office.zero(day, now=LATER).total

    assert {name: (percent(*rate), *rate) for name, rate in total.rates.items()} == RATES[day]


@pytest.mark.parametrize("day", BY_UNIT)
def test_units_add_up(year: Year, day: str) -> None:
    """The groups of each unit are those of the table, and asked alone a unit says the same."""
    statement = year.office.zero(day, now=LATER)

    assert {each.unit: tuple(each.groups[group] for group in ZeroGroup) for each in statement.units} == BY_UNIT[day]
    for unit, groups in BY_UNIT[day].items():
        alone = check_zero(year.office.ledger, campaign(), day=date.fromisoformat(day), unit=unit, now=LATER)
        assert tuple(alone.total.groups[group] for group in ZeroGroup) == groups


@pytest.mark.parametrize("day", TABLE)
def test_a_past_day_is_what_was_printed_on_it(year: Year, day: str) -> None:
    """As of a past day the whole statement, each blocking lead included, is what was printed then."""
    statement = year.office.zero(day, now=LATER)

    assert plain(statement, blockers(year.office.ledger, statement)) == year.printed[day]


def test_every_blocker_says_what_is_missing_and_who_must_act(year: Year) -> None:
    """Leads that block name what they lack or the step that leads on, and by whom."""
    blocking = {each["number"]: each for each in year.printed["2019-10-12"]["blocking"]}

    nobody = blocking[year.numbers[9][0]]
    assert nobody["missing"] == [{"en": "no responsible leader or no handler", "zh": "未明确责任领导或责任人"}]
    assert (nobody["next"][0]["step"], nobody["next"][0]["by"]) == ("assign", ["office"])
    letter = blocking[year.numbers[4][0]]
    assert letter["missing"][0]["en"].startswith("a transfer counts when every agency has given its receipt")
    assert letter["next"][0]["step"] == "receipt"
    assert letter["next"][0]["number"] != letter["number"]
    clean_up = blocking[year.numbers[12][0]]
    assert clean_up["missing"][0]["en"] == "a clean-up that is past its day does not count"
    assert clean_up["returned"]
    old = blocking[year.numbers[13][0]]
    assert {each["en"] for each in old["missing"]} >= {"there is no finding"}


def test_a_frozen_statement_does_not_change(year: Year) -> None:
    """What was frozen on the last day says the same afterwards; who came back stands beside it."""
    (kept,) = frozen(year.office.ledger, campaign())

    assert kept.is_whole
    assert kept.verdict == "zero_but_extended"
    now = year.office.zero("2020-01-31", now=LATER)
    assert returned_since(year.office.ledger, kept, now) == ()

    number = year.numbers[2][0]
    year.office.reopen("2020-03-02", number)
    later = year.office.zero("2020-03-02")
    assert later.verdict is Verdict.NOT_ZERO
    assert returned_since(year.office.ledger, kept, later) == (number,)
    assert frozen(year.office.ledger, campaign()) == (kept,)


def test_the_pace_that_is_needed(year: Year) -> None:
    """On 2019-12-15, a Sunday, 12 working days are left for 23 leads: two a day; an even pace is not kept."""
    office = year.office
    found = pace(office.ledger, office.zero("2019-12-15", now=LATER))

    assert (found.days_left, found.working_days_left) == (16, 12)
    assert (found.total.left, found.total.per_day) == (23, 2)
    assert [each.unit for each in found.units] == ["0102", "0101"]
