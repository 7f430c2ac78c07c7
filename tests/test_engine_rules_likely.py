"""What can be done next stands in the order in which it is likely done, and says for whom and with what."""

from test_engine_rules_transitions import CHEN, LEAD, NOBODY, OFFICE, TODAY, case, rules

from engine.rules.case import Actor, Family, NextStep
from engine.rules.likely import deadlines_ended, likely_first
from engine.rules.transitions import Rules, steps

ALL = Actor(code="all", roles=frozenset({"office", "unit_head", "leading_group"}))


def offered(state: str, fields: dict[str, object], actor: Actor | None, *, by: Rules | None = None) -> list[NextStep]:
    """Return the steps of a lead in that order."""
    judged, lead = by or rules(), case(state, {**LEAD, **fields})
    possible = steps(judged, lead, Family(), today=TODAY, by=actor.code if actor else "")
    return list(likely_first(judged, lead, Family(), possible, actor=actor))


def test_no_likely_step_stands_behind_an_unlikely_one() -> None:
    """In every state: what can be mended and is mine comes first, then what ends a deadline, then what moves."""
    wrong = list[object]()
    for state in rules().workflow.states:
        for actor in (ALL, NOBODY, None):
            found = offered(state, {}, actor)
            declared = [each.name for each in rules().machine.leading_on(state, None)]
            assert sorted(each.name for each in found) == sorted(declared)
            ranks = [(bool(each.blocked), not each.mine) for each in found]
            wrong += [(state, actor)] * (ranks != sorted(ranks))
            if actor is None:
                wrong += [(state, each.name) for each in found if not each.mine]
    assert wrong == []


def test_a_step_that_undoes_the_last_one_is_not_the_likely_one() -> None:
    """A verified crime goes to the police before it goes back to be verified."""
    crime = {
        "finding": "substantiated",
        "suspected_crime": True,
        "verifiers": ("chen", "li"),
        "verified_on": str(TODAY),
    }
    order = [each.trigger for each in offered("verified", crime, OFFICE) if each.mine and not each.blocked]
    assert order.index("transfer_police") < order.index("send_back")


def test_who_is_named_may_and_who_has_no_role_may_not() -> None:
    """A step is mine by role or by being named in the case; else it says why not, and whose it is."""
    named = {each.trigger for each in offered("assigned", {}, CHEN) if each.mine}
    nobody = [each for each in offered("assigned", {}, NOBODY) if not each.mine]
    assert "verify" in named
    assert nobody
    assert {why.kind for each in nobody for why in each.not_mine} == {"who"}


def test_what_a_step_takes_is_parted_by_what_must_be_brought() -> None:
    """Asked for and not there must be brought; the rest may; nothing stands in both."""
    (assign,) = [each for each in offered("received", {"handler": None}, OFFICE) if each.trigger == "assign"]
    assert "handler" in assign.asks
    assert "responsible_leader" not in assign.asks
    wrong = [each.name for each in offered("verified", {}, OFFICE) if set(each.asks) & set(each.takes)]
    assert wrong == []
    for each in offered("verified", {}, OFFICE):
        missing = {why.field for why in each.missing if why.kind == "missing"}
        assert missing == set(each.asks)


def test_a_step_that_ends_what_runs_comes_before_one_that_does_not() -> None:
    """Verification ends the term of verification, so it is the first thing that the handler sees."""
    first = offered("assigned", {}, CHEN)[0]
    assert (first.trigger, bool(first.ends)) == ("verify", True)


def test_what_is_rare_stands_last() -> None:
    """A step that a declaration calls rare comes behind the others that are as possible."""
    workflow = rules().workflow
    first = offered("received", {}, ALL)[0]
    changed = tuple(each.replace(rare=True) if each.name == first.name else each for each in workflow.transitions)
    found = offered("received", {}, ALL, by=Rules(workflow.replace(transitions=changed)))
    behind = [each.name for each in found if not each.blocked and each.mine]
    assert behind[-1] == first.name


def test_a_deadline_without_an_act_ends_where_its_time_counts_no_more() -> None:
    """A step out of its states ends it; one that stays, or leads to where it rests, does not."""
    steps_of = {each.name: each for each in rules().workflow.transitions}

    assert "disposal" in deadlines_ended(rules(), "received", steps_of["assign"])
    assert "disposal" not in deadlines_ended(rules(), "received", steps_of["reclassify"])
    assert deadlines_ended(rules(), "received", steps_of["assign"], ()) == ()
