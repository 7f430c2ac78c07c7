"""Forms of supervision are put on a lead and lifted one by one, each with day, signatory, paper and term."""

from collections.abc import Mapping
from datetime import date, datetime

import pytest
from ledgers import DAY, START, Move, Story, furnished
from paths import ASSIGN, IN_HOUSE, STRIKE_OFF

from engine.errors import RefusedError
from engine.operations.cases.casework import advance, void
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.rules.gathered_values import gathered
from engine.store import clock_rows

PAPER: Mapping[str, object] = {"signed_by": "zhao", "signed_on": "+0", "supervision_paper": "督〔2019〕1号"}
LISTED: Mapping[str, object] = {**PAPER, "supervision_form": "listed", "supervision_due_on": "+30"}
LEVEL_UP: Mapping[str, object] = {**PAPER, "supervision_form": "one_level_up", "supervision_paper": "督〔2019〕2号"}
LIFTED: Mapping[str, object] = {
    "lifted_on": "+0",
    "lifted_by": "tang",
    "lifting_paper": "督解〔2019〕1号",
    "lifting_reason": "按期整改",
}


def put_on(values: Mapping[str, object]) -> Move:
    """Return the step that puts a form of supervision on a lead in hand."""
    return Move("zhou", "escalate", "assigned", values)


def test_a_second_form_stands_beside_the_first(database_url: str) -> None:
    """Nothing is overwritten: each has day, signatory and paper of its own, and the lead shows both."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([ASSIGN, put_on(LISTED), put_on(LEVEL_UP)])
        assert story.lead.fields["escalation"] == ["listed", "one_level_up"]
        first, second = story.children
        assert [each.fields["paper"] for each in (first, second)] == ["督〔2019〕1号", "督〔2019〕2号"]
        assert [each.fields["form"] for each in (first, second)] == ["listed", "one_level_up"]
        assert first.fields["ordered_on"] != second.fields["ordered_on"]
        assert [each.fields.get("due_on") is None for each in (first, second)] == [False, True]
        assert verifying.verify(ledger)[1] == ()


def test_listed_supervision_has_a_term_of_its_own(database_url: str) -> None:
    """It is refused without one; with it a deadline runs on that day, and ends when the supervision is lifted."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([ASSIGN])
        bare = {k: v for k, v in LISTED.items() if k != "supervision_due_on"}
        with pytest.raises(RefusedError) as refused:
            story.take(put_on(bare))
        assert "term of its own" in refused.value.sentence.en
        story.play([put_on(LISTED)])
        of_case = {each.name: each for each in clock_rows.of_case(ledger.store, story.case("supervision").id)}
        assert of_case["supervised"].due_on == (story.now + 30 * DAY).date().isoformat()
        assert of_case["supervised"].ended_at is None
        story.play([Move("zhou", "lift", "lifted", LIFTED, "supervision")])
        of_case = {each.name: each for each in clock_rows.of_case(ledger.store, story.case("supervision").id)}
        assert of_case["supervised"].ended_at is not None
        assert verifying.verify(ledger)[1] == ()


def test_one_form_is_lifted_and_the_other_stays(database_url: str) -> None:
    """The lead shows what is in force; what was lifted keeps who lifted it, when and by which paper."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([ASSIGN, put_on(LISTED), put_on(LEVEL_UP)])
        story.play([Move("zhou", "lift", "lifted", LIFTED, "supervision")])
        assert story.lead.fields["escalation"] == ["listed"]
        lifted = story.case("supervision")
        assert (lifted.fields["lifted_by"], lifted.fields["lifting_paper"]) == ("tang", "督解〔2019〕1号")
        void(Acting(ledger, "zhou", story.now), story.children[0].number, reason="误登")
        assert "escalation" not in story.lead.fields
        assert verifying.verify(ledger)[1] == ()


def test_a_supervision_that_is_kept_is_looked_at_again(sqlite_url: str) -> None:
    """A look names the next day, within three months, also when the last one is over; what was late stays on record."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN, put_on(LEVEL_UP)])
        number = story.case("supervision").number
        looked = {"reviewed_by": "tang", "review_reason": "整改未完成"}
        for late_by, name in ((DAY, "review_due"), (3 * DAY, "next_review")):
            clock = {each.name: each for each in clock_rows.of_case(ledger.store, story.case("supervision").id)}[name]
            now = datetime.combine(date.fromisoformat(clock.due_on), START.timetz()) + late_by
            acting = Acting(ledger, "zhou", now)
            for day in (now.date(), now.date() + 100 * DAY):
                with pytest.raises(RefusedError, match="三个月之内"):
                    advance(acting, number, "look_again", {**looked, "next_review_on": day.isoformat()})
            named = (now.date() + 30 * DAY).isoformat()
            advance(acting, number, "look_again", {**looked, "next_review_on": named})
            clocks = {each.name: each for each in clock_rows.of_case(ledger.store, story.case("supervision").id)}
            assert [(each.due_on, len(each.breaches)) for each in clocks.values() if each.ended_at is None] == [
                (named, int(name == "next_review"))
            ]
            assert len(clocks["review_due"].breaches) == 1
        assert verifying.verify(ledger)[1] == ()


def test_the_same_form_is_not_put_on_twice(sqlite_url: str) -> None:
    """While it is in force it is refused; lifted, it may be put on again."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN, put_on(LISTED)])
        with pytest.raises(RefusedError) as refused:
            story.take(put_on(LISTED))
        assert "in force already" in refused.value.sentence.en
        story.play([Move("zhou", "lift", "lifted", LIFTED, "supervision"), put_on(LISTED)])
        assert story.lead.fields["escalation"] == ["listed"]
        assert verifying.verify(ledger)[1] == ()


def test_a_supervised_lead_is_not_struck_off(sqlite_url: str) -> None:
    """Whoever put it on takes it off first, signed."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN, put_on(LISTED), *IN_HOUSE[1:-1]])
        with pytest.raises(RefusedError) as refused:
            story.take(STRIKE_OFF)
        assert "still in force" in refused.value.sentence.en
        story.play([Move("zhou", "lift", "lifted", LIFTED, "supervision"), STRIKE_OFF])
        assert verifying.verify(ledger)[1] == ()


def test_what_a_ledger_said_stays_until_the_register_knows_better(sqlite_url: str) -> None:
    """A form that an earlier ledger brought is kept beside those put on here; registered here, it can be lifted."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN])
        case = story.lead
        fields = {**case.fields, "escalation": ["direct", "listed"]}
        gathering = ledger.rules_of(case).gathering
        assert gathered(fields, gathering, story.children) == {}
        story.play([put_on(LISTED)])
        assert gathered(fields, gathering, story.children) == {}
        story.play([Move("zhou", "lift", "lifted", LIFTED, "supervision")])
        assert gathered(fields, gathering, story.children) == {"escalation": ["direct"]}
