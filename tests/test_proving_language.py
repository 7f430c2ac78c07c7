"""No key of the language is ignored by the prover: each is followed, is of no matter, or leaves what asks undecided."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest
from flawed_workflows import NO, Made, flawed, sound
from msgspec.structs import fields as fields_of

from engine.proving.proof_verdicts import PromiseAnswer
from engine.proving.prove import prove, searched
from engine.proving.uncorrected import ends_uncorrected
from engine.reading.declarations import sketch_workflow
from engine.validation.check import Known
from engine.workflow.children import ChildOpening, EachChild, FilingOpening
from engine.workflow.deadline import Deadline, Extension, Rung
from engine.workflow.model import Field, State, Transition, Workflow
from engine.workflow.problems import nowhere
from engine.workflow.recurring_cases import Recurrence

FOLLOWED: Final[Mapping[type, str]] = {
    Field: "name type required choices list_name lists amend pattern only_if",
    State: "name final",
    Transition: "name trigger sources target by not_by needs asks takes sets clears if_ when opens each came_from",
    ChildOpening: "workflow sets if_",
    FilingOpening: "workflow sets writes",
    EachChild: "children states step",
    Deadline: "name starts runs_in due whose if_ paused_in ends reopen extend then ladder authority law unpublished",
    Extension: "at_most opens",
    Rung: "at level to every times opens",
    Recurrence: "writes fills sets",
    Workflow: "name initial fields states transitions deadlines ladders cleared fully_closed open_by open_takes "
    "open_when open_sets open_alone amend_by dated_by parents recurs promises",
}
"""What the search or a comparison of terms goes by."""
LEFT_UNDECIDED: Final[Mapping[type, str]] = {Field: "gathers grows", ChildOpening: "each", FilingOpening: "each"}
"""What hangs on it is not decided if a condition looks at it; otherwise it changes no way."""
SHOWN: Final = "title also basis"
"""What people read, in every part; and what a ledger's words mean."""
OF_NO_MATTER: Final[Mapping[type, str]] = {
    # A ledger brings cases without it, so they are searched as well.
    Field: "required_if implies "
    # There are enough other values, and enough officers with the role.
    "unique held_by signature",
    State: "legacy_sets",
    # Where a case belongs, by what its officer is known, and how it is offered changes no way on.
    Transition: "hands_to proof bulk rare",
    FilingOpening: "if_",
    EachChild: "sets",
    # How days are counted; and that a day is named again once the term is over.
    Deadline: "count_start end_roll renewed_by",
    Extension: "times before_expiry needs by beyond_by withdraw_by signed_by signature",
    Rung: "paper night",
    # When such a case opens, under whom and of which types of units: it may, and so it is searched.
    Recurrence: "name every moment opens_on due_on during under once off_day covers units_with of_type lists",
    Workflow: "version number summary groups restricted_to amend_when void_by void_signed_by hand_over_by "
    "hand_over_names import_key case_file plain",
}
"""Why, stands beside it."""


def test_each_key_is_followed_or_said() -> None:
    """A key that is new in the language stands in none of the lists and fails here until it is decided upon."""
    lists = (FOLLOWED, LEFT_UNDECIDED, OF_NO_MATTER)
    wrong = {}
    for each, followed in FOLLOWED.items():
        told = [name for one in lists for name in one.get(each, "").split()]
        declared = {one.name for one in fields_of(each)} - set(SHOWN.split())
        if declared != set(told) or len(told) != len(set(told)):
            wrong[each.__name__] = (sorted(declared - set(told)), sorted(set(told) - declared), followed)

    assert {name: each[:2] for name, each in wrong.items()} == {}


def family() -> Made:
    """Return a sound workflow with a child that may be there at the end."""
    made = sound(next(seed for seed in range(99) if sound(seed).child is not None))
    for step in made.main["transitions"].values():
        step["when"] = {}
    return made


def gathered(made: Made, condition: str) -> None:
    """Let a list be gathered from children, and a condition look at it."""
    assert made.child is not None
    made.child["fields"]["form"] = {"type": "choice", "values": ["p", "q"], "required": True}
    made.main["fields"]["forms"] = {
        "type": "choices", "values": ["p", "q"], "gathers": {"workflow": "child", "field": "form", "states": ["x"]},
    }  # fmt: skip
    made.main["transitions"]["go0"]["opens"][0]["set"]["form"] = "p"
    made.main["transitions"]["go1"]["when"] = {condition: NO}


def grown(made: Made, condition: str) -> None:
    """Let nothing be taken out of a list, and a condition look at it."""
    made.main["fields"]["marks"] = {"type": "choices", "values": ["p", "q"], "grows": True, "amend": False}
    made.main["transitions"]["go0"] |= {"takes": ["marks"]}
    made.main["transitions"]["go1"]["when"] = {condition: NO}


def several(made: Made, condition: str) -> None:
    """Let a child be opened for each value of a list, and a condition look at them."""
    made.main["fields"]["kinds"] = {"type": "choices", "values": ["p", "q"]}
    made.main["transitions"]["go0"]["opens"][0]["each"] = "kinds"
    made.main["transitions"]["go1"]["when"] = {condition: NO}


@pytest.mark.parametrize(
    ("change", "asked", "named"),
    [
        (gathered, "'p' in forms", "gathered"),
        (grown, "not marks or 'p' in marks", "taken out"),
        (several, "children('child')|length < 2", "each value"),
    ],
)
def test_what_hangs_on_what_is_not_followed_is_not_decided(change: Any, asked: str, named: str) -> None:
    """Where a condition looks at it, that and why is said, and nothing is proved of the ends, nor refuted."""
    made = family()
    change(made, asked)
    sketched = [sketch_workflow(each, lists={}, where=nowhere, synonyms={})[0] for each in made.declared()]
    every = {each.name: each for each in sketched if each is not None}
    main = every.pop("main")
    known = Known(workflows=every, roles=frozenset({"office"}), levels=("chase",))
    said = [each for each in prove(main, known, today=date(2026, 11, 30)).verdicts if each.promise in {0, 1}]

    assert {each.answer for each in said} == {PromiseAnswer.NOT_DECIDED}, said
    assert all(named in each.sentence.en for each in said)


def test_what_follows_of_ends_without_corrections_is_what_searching_them_says() -> None:
    """Where it follows that no correction is needed, the search without corrections finds no trap; and it follows."""
    wrong, followed = [], 0
    for seed in range(6):
        for made in (sound(seed), flawed("trap by no value", seed), kept_flag(seed)):
            sketched = [sketch_workflow(each, lists={}, where=nowhere, synonyms={})[0] for each in made.declared()]
            every = {each.name: each for each in sketched if each is not None}
            main = every.pop("main")
            known = Known(workflows=every, roles=frozenset({"office"}), levels=("chase",))
            follows = ends_uncorrected(searched(main, known))
            followed += follows
            if follows and searched(main, known, corrections=False).trapped():
                wrong.append((seed, made.main["transitions"]))

    assert wrong == []
    assert followed > 3


def kept_flag(seed: int) -> Made:
    """Return a workflow whose last step wants a flag that only a correction can set after the first step cleared it."""
    made = sound(seed)
    for step in made.main["transitions"].values():
        step["asks"] = [name for name in step["asks"] if name != "f"]
    made.main["transitions"]["go0"]["clears"] = ["f"]
    made.main["transitions"].pop("drop", None)
    if made.main["states"].pop("dropped", None) is not None:
        for each in made.main["clearance"].values():
            each["states"] = ["done"]
    made.main["transitions"][f"go{made.steps - 1}"].setdefault("when", {})["f"] = NO
    return made
