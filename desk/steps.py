"""What can be done next with a case, the likely step first, and what the form of a step asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import NotFoundError, QinglingError, Reason
from engine.journal.chain import JournalEntry
from engine.language import Text
from engine.operations.cases.letter_values import letters_to_record
from engine.operations.cases.signed_steps import signatures_for
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, NextStep
from engine.workflow.model import Transition
from presentation.case_view import entitled

AT_HAND: Final = 4
"""How many steps stand beside the likeliest one; the others are folded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsShown:
    """The steps of a case, as the page sorts them."""

    first: NextStep | None
    """The likeliest."""
    at_hand: Sequence[NextStep]
    more: Sequence[NextStep]
    others: Sequence[tuple[NextStep, str]]
    """Another officer's, with whose."""
    blocked: Sequence[NextStep]
    """What cannot be mended in a form."""


def sorted_steps(ledger: Ledger, case: Case, steps: Sequence[NextStep]) -> StepsShown:
    """Return the steps as they are shown: one's own that are possible, those of others, those that are not.

    Args:
        steps: The likely one first, judged for who looks.
    """
    known: dict[str, NextStep] = {}
    for each in steps:  # several transitions of one trigger are one button: the ledger chooses
        before = known.get(each.trigger)
        if before is None or (before.blocked and not each.blocked):
            known[each.trigger] = each
    workflow = ledger.rules_of(case).workflow
    mine = [each for each in known.values() if each.mine and not each.blocked]
    others = [each for each in known.values() if not each.mine and not each.blocked]
    return StepsShown(
        first=mine[0] if mine else None,
        at_hand=mine[1 : AT_HAND + 1],
        more=mine[AT_HAND + 1 :],
        others=[(each, entitled(ledger, workflow, each.by, case.fields)) for each in others],
        blocked=[each for each in known.values() if each.blocked],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StepAsked:
    """What the form of a step asks."""

    trigger: str
    title: Text
    basis: str
    required: frozenset[str]
    optional: frozenset[str]
    known: dict[str, object]
    """What a letter says already, and what was signed."""
    to_sign: frozenset[str]
    """Fields in which an officer signs in person: who takes the step asks for it."""


def is_step(ledger: Ledger, case: Case, trigger: str) -> bool:
    """Say whether a step leaves the state of a case, by any officer."""
    return any(each.trigger == trigger for each in ledger.rules_of(case).machine.leaving(case.state))


def step_asked(acting: Acting, case: Case, trigger: str, timeline: Sequence[JournalEntry]) -> StepAsked:
    """Return what the form of a step asks of a case.

    Args:
        timeline: The journal of the case, oldest first.

    Raises:
        NotFoundError: If no such step leaves the state of the case.
    """
    leaving = [each for each in acting.ledger.rules_of(case).machine.leaving(case.state) if each.trigger == trigger]
    if not leaving:
        raise NotFoundError(Text("this step cannot be taken in the state that the case is in", "当前状态下没有这一步"))
    letters = letters_to_record(timeline)
    ledger, rules = acting.ledger, acting.ledger.rules_of(case)
    signed = signatures_for(ledger, rules, case, trigger)
    takes = {name for each in leaving for name in (*each.asks, *each.needs, *each.takes)}
    known = {name: value for name, value in letters[-1].brings.items() if name in takes} if letters else {}
    for name, each in signed.given.items():
        known |= {**each.asked.proposed, name: each.row.officer}
    required = frozenset.intersection(*(frozenset(_wanted(each, case)) for each in leaving)) - known.keys()
    return StepAsked(
        trigger=trigger,
        title=leaving[0].title,
        basis=next((each.basis for each in leaving if each.basis), ""),
        required=required,
        optional=frozenset(
            name for name in takes - required - known.keys() if not all(name in each.sets for each in leaving)
        ),
        known=known,
        to_sign=signed.taken - known.keys(),
    )


def _wanted(step: Transition, case: Case) -> list[str]:
    """Return the fields that a step must be brought."""
    empty = [name for name in step.needs if case.fields.get(name) is None and name not in step.sets]
    return [*step.asks, *empty]


def said(reasons: Sequence[Reason], inputs: Sequence[str]) -> list[tuple[str | None, str, str]]:
    """Return each reason with the input it leads to and its basis, as the list on top of a form says it."""
    there = set(inputs)
    return [(each.field if each.field in there else None, str(each.sentence), each.basis or "") for each in reasons]


def reasons_of(error: QinglingError) -> Sequence[Reason]:
    """Return why something was refused, each reason for itself."""
    return error.reasons or [Reason.of(error.sentence)]
