"""`show` does not say that nothing is missing where nobody is left who may take the step."""

from ledgers import START, Story, furnished
from paths import ASSIGN, DECLINE

from engine.operations.cases.hands import with_hands
from engine.operations.cases.lookup import view
from engine.rules.case import Family
from engine.rules.transitions import steps
from engine.workflow.earlier_step import EarlierStep


def test_a_step_that_nobody_is_left_to_take_says_so(sqlite_url: str) -> None:
    """Where all officers who could take a step did the one that bars them, what is missing names them."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play((ASSIGN, DECLINE))
        rules = ledger.rules_of(story.lead)
        leaving = tuple(
            each.replace(not_by=(EarlierStep("decline"),)) if each.not_by else each
            for each in rules.machine.leaving("declining")
        )

        def missing(*doers: str) -> str:
            family = Family(doers={"decline": frozenset(doers)})
            possible = steps(rules, story.lead, family, today=story.now.date())
            found = {each.trigger: each for each in with_hands(ledger, story.lead, family, leaving, possible)}
            return "; ".join(each.en for each in found["confirm_acceptance"].missing)

        shown = {each.trigger: each.missing for each in view(ledger, story.number, now=story.now).steps}
        assert missing("zhou") == "; ".join(each.en for each in shown["confirm_acceptance"])
        fields = {**story.lead.fields, "verifiers": ["chen", "wang"]}
        several, by_list = story.lead._replace(fields=fields), [leaving[0].replace(by=("verifiers",))]
        for doers, barred in ({"chen", "wang"}, True), ({"chen"}, False):
            family = Family(doers={"decline": frozenset(doers)})
            (found,) = with_hands(
                ledger, several, family, by_list, steps(rules, several, family, today=START.date())[:1]
            )
            assert any("someone else: chen, wang" in each.en for each in found.missing) is barred
        assert "someone else: feng, keeper, wang, zhou did an earlier step" in missing("feng", "keeper", "wang", "zhou")
