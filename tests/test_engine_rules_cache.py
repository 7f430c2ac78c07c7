"""What is remembered of one case and said of the next is what the rules would have said of it themselves."""

import random
from collections.abc import Mapping
from datetime import date

import pytest
from test_engine_rules_transitions import LEAD, REPORT, TO_POLICE, TODAY, case, rules

from engine.errors import RefusedError
from engine.rules.cache import DecisionCache
from engine.rules.case import Actor, Case, Count, Decision, Family
from engine.rules.transitions import advance

VARIED: Mapping[str, tuple[object, ...]] = {
    "finding": (None, "true", "partly", "false", "unverifiable"),
    "handler": (None, "chen", "wang"),
    "verifiers": (None, ["chen", "wang"], ["wang"]),
    "verified_on": (None, "2019-08-01", "2019-09-02"),
    "report_number": (None, "核报1", "核报2"),
    "suspected_crime": (None, True, False),
    "real_name": (None, True, False),
    "amount": (None, 0, 12500),
    "received_on": ("2019-07-01", "2019-08-30"),
    "review_waiver": (None, "旧"),
}
BROUGHT: tuple[Mapping[str, object], ...] = (
    {},
    {"handler": "chen"},
    {"handler": None},
    {"handler": "chen", "responsible_leader": "liu"},
    REPORT,
    TO_POLICE,
    {"reason": "补证"},
)
ACTORS = (
    Actor(code="zhou", roles=frozenset({"office", "verifier", "leader"})),
    Actor(code="chen", roles=frozenset()),
)


@pytest.mark.parametrize("trigger", sorted(rules().machine.triggers))
@pytest.mark.parametrize("brought", BROUGHT, ids=lambda each: "+".join(each) or "nothing")
def test_what_is_remembered_is_what_the_rules_say(trigger: str, brought: Mapping[str, object]) -> None:
    """Of hundreds of different cases each gets the decision, or the refusal, that it would get alone."""
    chance = random.Random(f"{trigger} {sorted(brought)}")
    states = [
        s for s in rules().workflow.states if any(t.trigger == trigger for t in rules().workflow.transitions_from(s))
    ]
    for actor in ACTORS:
        cache = DecisionCache(rules(), trigger, brought, actor=actor, today=TODAY)
        for number in range(120):
            one = _case(chance, chance.choice(states), number)
            assert _said(lambda one=one, cache=cache: cache.decide(one, Family())) == _said(
                lambda one=one, actor=actor: _alone(one, trigger, brought, actor, TODAY)
            )


def test_what_is_emptied_is_remembered_with_what_stood_there() -> None:
    """Of two cases alike but for a value that the step empties each says what stood in its own."""
    brought = {"handler": "chen", "handling_office": None}
    cache = DecisionCache(rules(), "assign", brought, actor=ACTORS[0], today=TODAY)
    for office in ("一科", "二科"):
        one = case("received", {**LEAD, "handling_office": office})
        assert cache.decide(one, Family()) == _alone(one, "assign", brought, ACTORS[0], TODAY)


def test_the_dead_are_refused_by_their_own_number() -> None:
    """A void case is refused though one like it that lives was let through just before."""
    cache = DecisionCache(rules(), "assign", {"handler": "chen"}, actor=ACTORS[0], today=TODAY)
    assert cache.decide(case("received"), Family()).state == "assigned"
    with pytest.raises(RefusedError, match="X-1"):
        cache.decide(case("received", clearance=Count.VOID), Family())


def _alone(one: Case, trigger: str, brought: Mapping[str, object], actor: Actor, today: date) -> Decision:
    """Return what the rules decide without remembering."""
    return advance(rules(), one, trigger, brought, actor=actor, family=Family(), today=today)


def _case(chance: random.Random, state: str, number: int) -> Case:
    """Return a case with some of the values that decide steps."""
    drawn = {name: chance.choice(values) for name, values in VARIED.items()}
    fields = {**LEAD, "summary": f"第{number}件", **drawn}
    if chance.random() < 0.9:  # a case that holds an explicit nothing is possible too
        fields = {name: value for name, value in fields.items() if value is not None}
    return case(state, fields)._replace(id=number, number=f"X-{number}")


def _said(ask: object) -> object:
    """Return a decision, or the sentence and reasons of a refusal."""
    assert callable(ask)
    try:
        return ask()
    except RefusedError as refused:
        return str(refused)
