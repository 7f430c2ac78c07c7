"""The pure rules of clearing to zero: groups, verdicts, extensions, rates, and what may never be printed."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zero_house import campaign

from engine.campaigns.campaign import (
    Campaign,
    Condition,
    FallingDue,
    LiveExtension,
    Requirement,
    Verdict,
    ZeroGroup,
    group_of,
    in_scope,
    lacking,
    needed_per_day,
    percent,
    verdict,
)
from engine.language import Text
from engine.rules.case import Count

DAY = date(2019, 12, 31)
FULL = {
    "responsible_leader": "li",
    "handler": "zhao",
    "category": "A3",
    "finding": "unsubstantiated",
    "archive_number": "D-1",
    "leader_signature": "li",
    "head_signature": "sun",
}


@pytest.fixture(scope="module")
def plan() -> Campaign:
    """Return the plan of 2019."""
    return campaign()


@pytest.mark.parametrize(
    ("clearance", "state", "without", "extended_to", "group"),
    [
        (Count.FULLY_CLOSED, "struck_off", (), None, ZeroGroup.FULLY_CLOSED),
        (Count.CLEARED, "closed", (), None, ZeroGroup.CLEARED),
        (Count.OPEN, "assigned", (), None, ZeroGroup.OPEN),
        (Count.OPEN, "assigned", (), "2020-01-31", ZeroGroup.EXTENDED),
        (Count.OPEN, "assigned", (), "2019-12-31", ZeroGroup.EXTENDED),
        (Count.OPEN, "assigned", (), "2019-12-30", ZeroGroup.OPEN),
        (Count.OPEN, "assigned", (), "2020-02-01", ZeroGroup.OPEN),
        (Count.CLEARED, "closed", (), "2020-01-31", ZeroGroup.CLEARED),
        (Count.FULLY_CLOSED, "struck_off", ("finding",), None, ZeroGroup.INCOMPLETE),
        (Count.CLEARED, "closed", ("head_signature",), None, ZeroGroup.INCOMPLETE),
        (Count.OPEN, "received", ("handler",), None, ZeroGroup.INCOMPLETE),
        (Count.OPEN, "assigned", ("category",), "2020-01-31", ZeroGroup.INCOMPLETE),
        (Count.OPEN, "assigned", ("finding",), None, ZeroGroup.OPEN),
        (Count.CLEARED, "declined", tuple(FULL), None, ZeroGroup.CLEARED),
        (Count.VOID, "received", tuple(FULL), None, None),
        (Count.REPEATS, "received", tuple(FULL), None, None),
    ],
    ids=[
        "struck off",
        "closed",
        "open",
        "extended to the last day that is allowed",
        "the extension's own day still excuses",
        "the day after it does not",
        "an extension beyond the campaign's is none",
        "cleared though extended",
        "struck off without a finding is no strike-off",
        "closed without a signature is not closed",
        "nobody answers for it",
        "no category, extension or not",
        "a finding is not asked for before verification",
        "what is not ours needs no handler",
        "void",
        "a repeat",
    ],
)
def test_group_of_a_case(
    plan: Campaign,
    clearance: Count,
    state: str,
    without: tuple[str, ...],
    extended_to: str | None,
    group: ZeroGroup | None,
) -> None:
    """A case falls into the one group that domain §9.4 says."""
    fields = {name: value for name, value in FULL.items() if name not in without}
    extensions = [] if extended_to is None else [LiveExtension(deadline="verification", due_on=extended_to)]

    assert group_of(plan, clearance=clearance, state=state, fields=fields, extensions=extensions, day=DAY) is group


def test_only_the_named_deadlines_excuse(plan: Campaign) -> None:
    """The extension of a deadline that the campaign does not name excuses nothing, nor does any if none may."""
    extension = [LiveExtension(deadline="superior_feedback", due_on="2020-01-31")]
    asked = {"clearance": Count.OPEN, "state": "assigned", "fields": FULL, "extensions": extension, "day": DAY}

    assert group_of(plan, **asked) is ZeroGroup.OPEN  # type: ignore[arg-type]
    assert group_of(replace(plan, extend_deadlines=frozenset()), **asked) is ZeroGroup.EXTENDED  # type: ignore[arg-type]
    none = replace(plan, extend_deadlines=frozenset(), extend_to=None)
    assert group_of(none, **asked) is ZeroGroup.OPEN  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dated_on", "fields", "expected"),
    [
        ("2019-06-30", {}, True),
        ("2019-07-01", {}, False),
        ("2018-01-01", {}, False),
        ("2019-03-01", {"source": "letter"}, False),
        ("2019-03-01", {"feedback_due_on": "2019-12-01"}, False),
        ("2019-03-01", {"feedback_due_on": None}, True),
    ],
    ids=["the cut-off day is in", "the day after is out", "before the first day", "another source", "due later",
         "no day due"],
)  # fmt: skip
def test_scope_follows_the_receipt(plan: Campaign, dated_on: str, fields: dict[str, object], expected: bool) -> None:
    """A case is in scope by its day of receipt, its fields and the day on which it falls due."""
    narrowed = replace(
        plan,
        received_from=date(2019, 1, 1),
        where={"source": ("superior",)},
        falling_due=FallingDue(field="feedback_due_on", from_on=date(2019, 5, 1), to_on=date(2019, 11, 30)),
        units=frozenset({"0101"}),
    )
    values = {"received_on": dated_on, "source": "superior", "feedback_due_on": "2019-11-30", **fields}

    assert in_scope(narrowed, unit="0101", dated_on=dated_on, fields=values) is expected
    assert not in_scope(narrowed, unit="0102", dated_on=dated_on, fields=values)


@pytest.mark.parametrize(
    ("extended", "left_open", "incomplete", "expected"),
    [
        (0, 0, 0, Verdict.ZERO),
        (1, 0, 0, Verdict.EXTENDED),
        (0, 1, 0, Verdict.NOT_ZERO),
        (0, 0, 1, Verdict.NOT_ZERO),
        (9, 1, 0, Verdict.NOT_ZERO),
    ],
)
def test_verdict(extended: int, left_open: int, incomplete: int, expected: Verdict) -> None:
    """It is zero only if nothing is extended, open or incomplete."""
    counts = {
        ZeroGroup.FULLY_CLOSED: 5,
        ZeroGroup.EXTENDED: extended,
        ZeroGroup.OPEN: left_open,
        ZeroGroup.INCOMPLETE: incomplete,
    }

    assert verdict(counts) is expected


def test_nothing_in_scope_is_not_zero() -> None:
    """Of no case at all nothing may be said."""
    assert verdict(dict.fromkeys(ZeroGroup, 0)) is Verdict.EMPTY


@pytest.mark.parametrize(
    ("top", "bottom", "places", "expected"),
    [
        (3422, 3582, 2, "95.53%"),
        (348, 1175, 2, "29.62%"),
        (240, 290, 2, "82.76%"),
        (240, 290, 1, "82.8%"),
        (24999, 25000, 2, "99.99%"),
        (24999, 25000, 1, "99.9%"),
        (24999, 25000, 0, "99%"),
        (25000, 25000, 2, "100.00%"),
        (0, 25000, 2, "0.00%"),
        (1, 25_000_000, 2, "0.01%"),
        (0, 0, 2, "—"),
    ],
    ids=["W29", "W60", "W51", "W51 in a bulletin", "99.996", "99.996 in a bulletin", "99.996 whole", "all", "none",
         "a few are not none", "nothing of nothing"],
)  # fmt: skip
def test_percent(top: int, bottom: int, places: int, expected: str) -> None:
    """Shares are those that the sources print, and never 100 below 100."""
    assert percent(top, bottom, places) == expected


@given(bottom=st.integers(1, 10**9), less=st.integers(1, 10**9), places=st.integers(0, 4))
def test_less_than_all_is_never_100(bottom: int, less: int, places: int) -> None:
    """Whatever is missing, and however it is rounded, the share does not read 100."""
    shown = percent(max(0, bottom - less), bottom, places)

    assert not shown.startswith("100")


@given(top=st.integers(0, 10**6), bottom=st.integers(1, 10**6))
def test_a_share_is_near_the_truth(top: int, bottom: int) -> None:
    """What is shown is never further from the truth than one in the last place."""
    top = min(top, bottom)
    assert abs(float(percent(top, bottom).removesuffix("%")) - 100 * top / bottom) <= 0.01 + 1e-9


def test_conditions_of_rates_are_asked_once(plan: Campaign) -> None:
    """Each condition that rates share appears once, without its counts."""
    conditions = plan.conditions

    assert all(not each.counts and not each.is_bare for each in conditions)
    assert len(conditions) == len({repr(each) for each in conditions}) == 5


def test_condition_suits() -> None:
    """A condition asks for values, for their presence, and for other states than those left out."""
    condition = Condition(has=("finding",), values={"real_name": (True,)}, apart=frozenset({"declined"}))

    assert condition.suits("closed", {"finding": "partly", "real_name": True})
    assert not condition.suits("declined", {"finding": "partly", "real_name": True})
    assert not condition.suits("closed", {"real_name": True})
    assert not condition.suits("closed", {"finding": "partly", "real_name": False})


def test_lacking_names_every_sentence() -> None:
    """All that a record lacks is named at once."""
    one, two = Text("no handler", "无责任人"), Text("no finding", "无结论")
    plan = replace(
        campaign(),
        complete=(
            Requirement(fields=("handler",), sentence=one),
            Requirement(fields=("finding",), sentence=two, states=frozenset({"closed"})),
        ),
    )

    assert lacking(plan, "closed", {}) == (one, two)
    assert lacking(plan, "received", {}) == (one,)
    assert lacking(plan, "closed", {"handler": "zhao", "finding": "partly"}) == ()


@pytest.mark.parametrize(
    ("left", "days", "expected"),
    [(0, 5, 0), (23, 12, 2), (24, 12, 2), (25, 12, 3), (3, 0, None), (1, -4, None)],
)
def test_needed_per_day(left: int, days: int, expected: int | None) -> None:
    """What is left is spread over the working days that are left, rounded up."""
    assert needed_per_day(left, days) == expected
