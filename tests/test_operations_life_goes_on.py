"""Life goes on: units and officers change, and the cases go on with whoever has them then."""

from datetime import timedelta

import pytest
from ledgers import DAY, START, Move, Story, furnished, register
from paths import ASK_REVIEW, ASSIGN, NAME_SUN, NOTHING, verify

from engine.errors import BadValueError, RefusedError
from engine.operations.cases import succession
from engine.operations.cases.casework import advance, open_case
from engine.operations.cases.handing_over import hand_over
from engine.operations.deadlines.recipients import Recipients
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import rebuilt
from engine.operations.zero.verdict import check_zero
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.working_days.instants import microseconds
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

OTHERS = {"hu": "office", "gao": "verifier", "luo": "supervising_leader"}
"""Officers of the other unit."""


def keeper(ledger: Ledger, days: int = 0) -> Acting:
    """Return whoever keeps the house, some days after the start."""
    return Acting(ledger, "keeper", START + days * DAY)


def two_units(ledger: Ledger) -> None:
    """Give the other unit officers; the office of the first acts there too."""
    for code, role in OTHERS.items():
        keeping.add_officer(keeper(ledger), code, f"{code}某", roles=[role], unit="0102")
    keeping.grant(keeper(ledger), "zhou", "office", "0102")


def due_days(ledger: Ledger, number: str) -> list[tuple[str, str, int]]:
    """Return the deadlines of a case that run: name, due day, status."""
    clocks = clock_rows.of_case(ledger.store, ledger.case(number).id)
    return [(each.name, each.due_on, int(each.status)) for each in clocks]


def test_a_unit_is_renamed_and_its_numbers_stay(database_url: str) -> None:
    """The name is another from now on, with the reason on record; code and numbers are what they were."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        succession.rename_unit(keeper(ledger), "0101", "某县人民医院", reason="县政府批复")
        assert {each.code: each.name for each in house.units(ledger.store)}["0101"] == "某县人民医院"
        assert (ledger.case(number).number, ledger.case(number).unit) == (number, "0101")
        with pytest.raises(BadValueError):
            succession.rename_unit(keeper(ledger), "0101", "又名", reason=" ")
        with pytest.raises(RefusedError):
            succession.rename_unit(Acting(ledger, "zhou", START), "0101", "又名", reason="试")
        assert verifying.verify(ledger)[1] == ()


def test_a_lead_goes_to_another_unit_and_its_deadlines_go_on(database_url: str) -> None:
    """From then on the other unit acts and hears; number and due days stay; the past stays with the first."""
    with furnished(database_url) as ledger:
        two_units(ledger)
        story = Story(ledger).play([ASSIGN])
        before, number, then = due_days(ledger, story.number), story.number, story.now
        day = then + DAY
        with pytest.raises(RefusedError) as refused:
            hand_over(Acting(ledger, "zhou", day), number, "0102", {}, reason="发生地在该院")
        assert "--handler" in refused.value.sentence.en
        assert "--responsible-leader" in refused.value.sentence.en
        named = {"handler": "gao", "responsible_leader": "luo"}
        after = hand_over(Acting(ledger, "zhou", day), number, "0102", named, reason="发生地在该院").case
        assert (after.number, after.unit, after.state) == (number, "0102", "assigned")
        assert due_days(ledger, number) == before

        workflow = ledger.rules_of(after).workflow
        heard = {who for who, _ in Recipients(ledger, day.date()).of(workflow, after, ["office", "handler"])}
        assert heard == {"hu", "gao", "zhou"}
        report = {**NOTHING.values, "verified_on": day.date().isoformat(), "verifiers": ["gao", "hu"]}
        with pytest.raises(RefusedError):
            advance(Acting(ledger, "wang", day), number, "verify", report)
        assert advance(Acting(ledger, "gao", day), number, "verify", report).case.state == "verified"

        for end, unit in ((then, "0101"), (day + DAY, "0102")):
            (past,) = rebuilt(ledger, [after.id], end_at=microseconds(end) + 1, day=end.date())
            assert past.case.unit == unit
        assert verifying.verify(ledger)[1] == ()


def test_letters_and_reviews_go_with_their_lead(database_url: str) -> None:
    """What a lead has opened belongs to the same unit, journaled on each, and never goes by itself."""
    with furnished(database_url) as ledger:
        two_units(ledger)
        story = Story(ledger).play([ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN])
        review = story.case("review").number
        with pytest.raises(RefusedError) as refused:
            hand_over(Acting(ledger, "zhou", story.now), review, "0102", {}, reason="随件")
        assert story.number in refused.value.sentence.en
        named = {"handler": "gao", "responsible_leader": "luo"}
        hand_over(Acting(ledger, "zhou", story.now), story.number, "0102", named, reason="发生地在该院")
        found = ledger.case(review)
        assert (found.unit, found.fields["handler"], found.fields["reviewer"]) == ("0102", "gao", "sun")
        kinds = [each.kind for each in case_rows.entries(ledger.store, found.id)]
        assert kinds[-1] == "handed_over"
        assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize(
    ("by", "unit", "values", "said"),
    [
        ("feng", "0102", {}, "unit 0102"),
        ("hu", "0102", {}, "unit 0101"),
        ("zhou", "0101", {}, "belongs to unit 0101 already"),
        ("zhou", "0102", {"remark": "x"}, "does not take"),
        ("zhou", "0102", {"responsible_leader": "zhao"}, "zhao, who is none of"),
    ],
)
def test_a_lead_is_not_handed_over_by_or_to_just_anybody(
    sqlite_url: str, by: str, unit: str, values: dict[str, object], said: str
) -> None:
    """Whoever hands over has the role in both units, and names only who may be in charge there."""
    with furnished(sqlite_url) as ledger:
        two_units(ledger)
        number = register(ledger).number
        with pytest.raises(RefusedError) as refused:
            hand_over(Acting(ledger, by, START), number, unit, values, reason="移交")
        assert said in refused.value.sentence.en
        assert ledger.case(number).unit == "0101"


def test_a_merged_unit_is_closed_and_its_open_leads_go_on(database_url: str) -> None:
    """Open leads and the roles of its officers go to the other unit; what is finished stays where it was."""
    with furnished(database_url) as ledger:
        two_units(ledger)
        hu, day = Acting(ledger, "hu", START), START
        values = {"received_on": "2019-06-28", "source": "telephone", "summary": "反映号贩子"}
        open_number = open_case(hu, "lead", values, unit="0102").case.number
        done = open_case(hu, "lead", {**values, "summary": "非卫健领域"}, unit="0102").case.number
        away = {"reason": "非卫健领域", "sent_to": "某局", "sent_on": "2019-07-01", "signed_by": "luo"}
        advance(hu, done, "decline", away)
        advance(Acting(ledger, "zhou", day), done, "confirm_acceptance", {"accepted_on": "2019-07-01"})
        assert succession.merge_unit(keeper(ledger, 1), "0102", "0101", reason="机构改革") == 1
        assert [ledger.case(each).unit for each in (open_number, done)] == ["0101", "0102"]
        with pytest.raises(RefusedError):
            open_case(Acting(ledger, "hu", day + DAY), "lead", values, unit="0102")
        named = {**ASSIGN.values, "handler": "gao", "responsible_leader": "luo"}
        assert advance(Acting(ledger, "hu", day + DAY), open_number, "assign", named).case.state == "assigned"
        assert verifying.verify(ledger)[1] == ()


def test_an_officer_is_renamed_leaves_and_returns(database_url: str) -> None:
    """The code stays; whoever returns has no role of before until one is given."""
    with furnished(database_url) as ledger:
        succession.rename_officer(keeper(ledger), "chen", "陈某某", reason="更正姓名")
        keeping.leave(keeper(ledger), "chen")
        with pytest.raises(RefusedError):
            succession.return_(keeper(ledger), "sun")
        succession.return_(keeper(ledger), "chen")
        found = keeping.officer(ledger, "chen")
        assert (found.name, found.left_at) == ("陈某某", None)
        assert not [role for who, role, _ in house.grants(ledger.store) if who == "chen"]
        keeping.grant(keeper(ledger), "chen", "verifier", "0101")
        Story(ledger).play([ASSIGN, verify("partly")])
        assert verifying.verify(ledger)[1] == ()


def test_whoever_leaves_hands_over_what_is_open(database_url: str) -> None:
    """Every open lead and what it has opened names the successor, journaled; what is finished names who did it."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN])
        untouched = register(ledger).number
        numbers = succession.leave_to(keeper(ledger, 9), "chen", "wang")
        assert set(numbers) == {story.number, story.case("review").number}
        assert [story.lead.fields["handler"], story.case("review").fields["handler"]] == ["wang", "wang"]
        assert story.lead.fields["verifiers"] == ["chen", "wang"]
        assert "handler" not in ledger.case(untouched).fields
        with pytest.raises(RefusedError):
            Acting(ledger, "chen", START + timedelta(days=10)).actor(1)
        assert verifying.verify(ledger)[1] == ()


def test_nobody_leaves_when_one_lead_cannot_be_handed_over(sqlite_url: str) -> None:
    """All or nothing: a successor who has stepped aside from one of the leads takes none of them."""
    with furnished(sqlite_url) as ledger:
        first, second = Story(ledger).play([ASSIGN]), Story(ledger).play([ASSIGN])
        second.play([Move("zhou", "recuse", "assigned", {"recused": ["wang"], "reason": "亲属"})])
        with pytest.raises(RefusedError) as refused:
            succession.leave_to(keeper(ledger, 9), "chen", "wang")
        assert second.number in refused.value.sentence.en
        assert [each.lead.fields["handler"] for each in (first, second)] == ["chen", "chen"]
        assert keeping.officer(ledger, "chen").left_at is None
        assert verifying.verify(ledger)[1] == ()


def test_a_lead_counts_for_the_unit_that_held_it_on_that_day(database_url: str) -> None:
    """A statement of a day before the hand-over has the lead with the first unit, one of a later day with the other."""
    with furnished(database_url) as ledger:
        two_units(ledger)
        number, later = register(ledger).number, START + 20 * DAY
        hand_over(Acting(ledger, "zhou", START + 10 * DAY), number, "0102", {}, reason="发生地在该院")
        campaign = Campaigns(workflow=Declarations().latest).campaign("zhengzhou_2019", year=None)
        for day, unit, other in ((START + DAY, "0101", "0102"), (later, "0102", "0101")):
            for asked in (None, unit):
                stood = check_zero(ledger, campaign, day=day.date(), now=later, unit=asked)
                assert {each.unit: each.scope for each in stood.units if each.scope} == {unit: 1}
            assert not check_zero(ledger, campaign, day=day.date(), now=later, unit=other).total.scope
