"""What the prover says: planted flaws are refuted, sound workflows are not, and the engine itself agrees."""

import os
import random
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from flawed_workflows import FLAWS, Made, flawed, sound
from ledgers import START
from played_proofs import Walker

from engine.proving.proof_verdicts import PromiseAnswer, ProvedWorkflow
from engine.proving.prove import BOUNDS, Bounds, prove, quickly, searched
from engine.reading.declarations import sketch_workflow
from engine.validation.check import Known
from engine.workflow.model import Workflow
from engine.workflow.problems import nowhere
from workflows.loader import Declarations

TODAY: Final = date(2026, 11, 30)
MADE: Final = int(os.environ.get("QINGLING_TEST_PROVED", "3"))
"""Workflows with each flaw, and twenty times as many sound ones; a thousand of each in `make prove`."""


def read(made: Made) -> list[tuple[Workflow, Known]]:
    """Return a workflow and its children, each with all that it may name."""
    workflows = {}
    for declared in made.declared():
        workflow, wrong = sketch_workflow(declared, lists={}, where=nowhere, synonyms={})[:2]
        assert workflow is not None, wrong
        assert not wrong, wrong
        workflows[workflow.name] = workflow
    around = {name: {k: v for k, v in workflows.items() if k != name} for name in workflows}
    roles = frozenset({"office"})
    return [(each, Known(workflows=around[name], roles=roles, levels=("chase",))) for name, each in workflows.items()]


def proofs(made: Made, bounds: Bounds = BOUNDS) -> list[ProvedWorkflow]:
    """Return what is proved of a workflow and its children."""
    return [prove(each, known, today=TODAY, bounds=bounds) for each, known in read(made)]


def refuted(made: Made) -> set[int]:
    """Return the promises that are refuted."""
    return {each.promise for proof in proofs(made) for each in proof.having(PromiseAnswer.REFUTED)}


def test_each_planted_flaw_is_refuted() -> None:
    """Whatever flaw is planted in a sound workflow, the promise that it breaks is refuted."""
    missed = [
        (flaw, seed)
        for flaw, planted in FLAWS.items()
        for seed in range(MADE)
        if planted.promise not in refuted(flawed(flaw, seed))
    ]

    assert missed == []


def test_sound_workflows_are_proved() -> None:
    """Of workflows without a flaw nothing is refuted, and nothing is left undecided."""
    wrong = [
        (seed, each.promise, each.about, each.sentence.en)
        for seed in range(MADE * 20)
        for proof in proofs(sound(seed))
        for each in proof.verdicts
        if each.answer is not PromiseAnswer.PROVED
    ]

    assert wrong == []


def said_of(made: Made, bounds: Bounds) -> dict[int, set[PromiseAnswer]]:
    """Return what is said of each promise of the main workflow."""
    main = proofs(made, bounds)[0]
    return {
        each.promise: {one.answer for one in main.verdicts if one.promise == each.promise} for each in main.verdicts
    }


def test_a_search_that_is_cut_refutes_nothing_sound_and_proves_nothing_flawed() -> None:
    """However early a search gives up, what it has not seen is not decided, be it of the case or of its children."""
    wrong: list[object] = []
    for bound in (Bounds(1, 1, 1), Bounds(4, 4)):
        for seed in range(5):
            refuted_of = [n for n, said in said_of(sound(seed), bound).items() if PromiseAnswer.REFUTED in said]
            wrong += [(seed, bound, refuted_of)] * bool(refuted_of)
        for flaw, planted in FLAWS.items():
            said = said_of(flawed(flaw, 2), bound).get(planted.promise, set())
            wrong += [(flaw, bound)] * (said == {PromiseAnswer.PROVED} and (flaw not in OF_THE_CHILD))

    assert wrong == []


OF_THE_CHILD: Final = ("child never opened",)
"""Flaws that another promise or workflow shows if the search is cut."""


def with_child() -> Made:
    """Return a sound workflow whose child ends in two steps, and which may go back to before it opened it."""
    made = sound(next(seed for seed in range(99) if sound(seed).child is not None))
    assert made.child is not None
    made.child["transitions"]["end"]["from"] = ["y"]
    made.main["transitions"]["again"] = {"from": "s1", "to": "s0", "by": ["office"], "asks": ["reason"]}
    return made


UNSURE: Final = {PromiseAnswer.NOT_DECIDED}


def test_what_hangs_on_children_not_searched_to_the_end_is_not_decided() -> None:
    """Cut children, and children that open such cases in turn, leave open what hangs on them, and are named."""
    made = with_child()
    assert refuted(made) == set()
    cut = proofs(made, Bounds(children=1))[0]
    assert made.child is not None
    made.child["transitions"]["end"]["opens"] = [
        {"workflow": "main", "set": {"received_on": "=today", "subject": "=subject", "kind": "a"}}
    ]
    made.main["parent"] = "child"
    circle = proofs(made)[0]

    for proof in (cut, circle):
        # That they open each other for ever, `check` finds in the text.
        searched_for = [each for each in proof.verdicts if each.about != "transitions.go0.opens.0.workflow"]
        said = {n: {each.answer for each in searched_for if each.promise == n} for n in (1, 3, 5)}
        assert said == {1: UNSURE, 3: UNSURE, 5: UNSURE}
        assert all("'child'" in each.sentence.en for each in proof.having(PromiseAnswer.NOT_DECIDED))


def test_a_short_search_that_gives_up_refutes_nothing() -> None:
    """What `check` looks at besides says of a sound workflow that is too large only that it is not decided."""
    for made in (sound(2), with_child()):
        main, known = read(made)[0]
        said = quickly(main, known, most=1)

        assert {each.answer for each in said} == UNSURE
        assert quickly(main, known) == ()


def test_an_opening_that_a_cut_search_has_not_seen_is_not_called_dead() -> None:
    """A child that is opened only by the second round is not refuted where the search ends in the first."""
    made = with_child()
    made.main["transitions"]["go0"]["opens"][0]["if"] = "done('again')"
    about = "transitions.go0.opens.0.if"
    said = [each.answer for each in proofs(made, Bounds(most=1))[0].verdicts if each.about == about]

    assert refuted(made) == set()
    assert said == [PromiseAnswer.NOT_DECIDED]


def test_moments_are_proved_as_days() -> None:
    """Whatever fields hold days, moments in their place are sound or refuted alike."""
    kinds = [sound(2), flawed("circle of order", 2), flawed("trap by two kept dates", 2)]
    as_days = [refuted(made) for made in kinds]
    for made in kinds:
        for name, declared in made.main["fields"].items():
            if declared["type"] == "date" and name != "received_on":
                declared["type"] = "moment"

    assert as_days[0] == set()
    assert 1 in as_days[1] & as_days[2]
    assert [refuted(made) for made in kinds] == as_days


CAN_HOLD: Final = (
    "today <= received_on|after('30 days')",
    "today > received_on|after('1 month')",
    "today <= told_on|after('15 working_days')",
    "told_on <= received_on|after('10 days')",
    "told_on > received_on|after('2 months')",
    "received_on > '2026-01-01'|day",
    "received_on < '2026-01-01'|day",
    "(today - received_on).days > 30",
    "told_on.month == 3",
    "told_on.year == received_on.year",
    "told_on.day >= 10",
    "told_on.day == 31",
    "note|trim|length > 3",
    "note|lower == 'x'",
    "note|upper == 'AB'",
    "note|length > 100",
    "amount|abs > 5",
    "amount * 2 > 7",
    "amount % 2 == 1",
    "amount // 10 == 3",
    "amount is odd",
    "amount is even",
    "amount / 4 == 2.5",
    "amount + 1 == 8",
    "amount - 3 > 20",
    "subject|length > 1",
    "(told_on if f else received_on) <= today",
    "'abc' in note",
    "note in ['p','q']",
    "kind in ['a','b'] and amount >= 3",
    "not f and told_on > received_on",
    "who == by",
    "who != by",
    "done('go0') or amount == 7",
    "(told_on - received_on).days == 45",
    "told_on - received_on > today - told_on",
    "subject|trim|upper == 'GO'",
    "today.month == 12",
    "today.year > 2020",
    "today.month == 12 and told_on.month == 11",
    "who == 'wang'",
    "by != 'wang'",
    "unit == '0101'",
    "number|length > 30",
)
"""Conditions that hold for some case: in each form that the language has."""


def test_what_can_hold_is_never_called_dead() -> None:
    """Where no value that is tried shows both outcomes of a condition, others may: it is not decided, not refuted."""
    wrong = []
    for condition in CAN_HOLD:
        made = sound(2)
        made.main["transitions"]["side"] = {
            "from": "s0", "to": "done", "by": ["office"], "asks": ["told_on", "amount", "note", "who"],
            "when": {condition: {"en": "no", "zh": "不行"}},
        }  # fmt: skip
        wrong += [
            (condition, each.about)
            for proof in proofs(made)
            for each in proof.verdicts
            if each.answer is PromiseAnswer.REFUTED
        ]

    assert wrong == []


OWN: Final = (
    # what a workflow promises, and what is found out about it
    ({"never": "state == 'done' and not done('go0')"}, PromiseAnswer.PROVED),
    ({"never": "state == 'done' and kind == 'b'"}, PromiseAnswer.REFUTED),
    ({"never": "f and state == 's1'"}, PromiseAnswer.BY_CORRECTION),
    ({"after": "done('go0')", "always": "state in ['done', 'dropped']", "within": "60 days"}, PromiseAnswer.PROVED),
    ({"after": "done('go0')", "always": "state in ['done', 'dropped']", "within": "30 days"}, PromiseAnswer.REFUTED),
    ({"after": "state == 's1'", "always": "state == 's0'"}, PromiseAnswer.REFUTED),
)


def test_what_a_workflow_promises_of_itself_is_proved_or_refuted() -> None:
    """`never` and `after … always … within …` hold, fail with a way to where, or fail by corrections only."""
    found = []
    for promise, _ in OWN:
        made = sound(2)
        for name in [each for each in made.main["transitions"] if each.startswith("back")]:
            del made.main["transitions"][name]
        made.main["transitions"]["go0"] |= {"asks": [], "clears": ["f"]}
        made.main["transitions"]["go0"]["when"] = {}
        made.main["promises"] = {"own": {"title": {"en": "x", "zh": "x"}, **promise}}
        found += [(promise, each.answer) for proof in proofs(made) for each in proof.verdicts if each.promise == 6]

    assert found == list(OWN)


WAYS: Final = MADE + 10 if MADE > 3 else 3
"""Random ways through each shipped workflow; a thousand in all in `make prove`."""
PATIENCE: Final = 20_000
"""Tries after which a way counts as without an end; most of them are refused by some condition."""


def test_random_ways_end_as_the_prover_says() -> None:
    """Steps taken at random through shipped workflows all come to an end, by no step that the prover calls dead."""
    book = Declarations()
    endless, unknown = [], set()
    for workflow, known, _ in book.around():
        taken = set(walked(workflow, book))
        endless += [(workflow.name, each.state) for each in taken if each.state and not workflow.is_final(each.state)]
        if MADE > 3 or workflow.name != "lead":  # the search of the largest takes half a minute
            search = searched(workflow, known)
            unknown |= {(workflow.name, each) for each, _ in taken if each and each not in search.taken}

    assert endless == []
    assert unknown == set()


class Taken(NamedTuple):
    """A step that a random way took, or, without a name, where it ended."""

    transition: str
    state: str


def walked(workflow: Workflow, book: Declarations) -> Iterator[Taken]:
    """Yield what some random ways through a workflow took, and where they ended."""
    for seed in range(WAYS):
        dice = random.Random(seed)
        walker = Walker(workflow, dice, START.date(), parent=above(workflow, book, dice)).open()
        for _ in range(PATIENCE):
            if workflow.is_final(walker.state):
                break
            walker.try_step(book)
        yield from (Taken(name, "") for name in walker.taken)
        yield Taken("", walker.state)


def above(workflow: Workflow, book: Declarations, dice: random.Random) -> Walker | None:
    """Return a parent for cases that stand under one."""
    parent = next(iter(workflow.parents), None)
    return None if parent is None else Walker(book.latest(parent), dice, START.date()).open()


def test_children_of_ladders_and_steps_that_take_children_along_are_seen() -> None:
    """A case that only a ladder proposes is found and can be left open; a step that takes it along ends it as well."""
    made = sound(next(seed for seed in range(99) if sound(seed).child is not None))
    assert made.child is not None
    opening = made.main["transitions"]["go0"].pop("opens")[0]
    made.main["ladders"]["usual"].insert(0, {"at": "-3 days", "level": "chase", "to": ["office"], "opens": opening})
    for step in made.main["transitions"].values():
        step["when"] = {}
    assert refuted(made) == set(), "what nobody asks for goes its own way"

    asked = {"children('child') | any_in('x')": {"en": "x", "zh": "x"}}
    made.main["transitions"]["look"] = {"from": "s0", "by": ["office"], "takes": ["note"], "when": asked}
    assert refuted(made) == {5}

    for step in made.main["transitions"].values():
        if step.get("to") in {"done", "dropped"}:
            step["each"] = {"children": "child", "in": ["x", "y"], "step": "end"}
    assert refuted(made) == set()
