"""What a declaration shows of how its cases are worked on: with an agenda, or from a checklist; decides nothing.

A page knows no workflow by name. It asks here, and what another office declares in the same way is shown so at once.
"""

from typing import Final

from engine.workflow.model import FieldType, Transition, Workflow

LEAST_ITEMS: Final = 4
"""Yes-or-no questions that a step must ask to be a checklist; fewer are a form."""
_NUMBER_OF_PARENT: Final = "=parent.number"


def agenda_of(workflow: Workflow) -> str | None:
    """Return the field that holds the numbers of the cases that are to be gone through; None if there is none.

    It is the one that `recurs: {lists: …}` fills.
    """
    return next((name for each in workflow.recurs.values() for name in each.lists), None)


def checklist_steps(workflow: Workflow, state: str | None = None) -> tuple[str, ...]:
    """Return the triggers of the steps that are checklists: each asks several questions that yes or no answers.

    Args:
        state: Only steps that leave this state.
    """
    found = (
        step.trigger
        for step in workflow.transitions
        if state in {None, *step.sources} and _questions(workflow, step) >= LEAST_ITEMS
    )
    return tuple(dict.fromkeys(found))


def field_for_item(workflow: Workflow, trigger: str, opened: Workflow) -> str | None:
    """Return the field in which a step is brought the number of the case that it is about; None if it has none.

    A case that is opened below another one writes its number (`open: {sets: {…: =parent.number}}`). Where a step gives
    another number to that field, it is about the case with that number.

    Args:
        opened: The workflow of which the step opens a case.
    """
    names = [name for name, value in opened.open_sets.items() if value == _NUMBER_OF_PARENT]
    for step in workflow.transitions:
        for each in step.opens if step.trigger == trigger else ():
            for name in names if each.workflow == opened.name else ():
                field = str(each.sets.get(name, "")).removeprefix("=")
                if field in workflow.fields:
                    return field
    return None


def field_of_parent(opened: Workflow) -> str | None:
    """Return the field in which a case of that workflow names the case that it belongs to; None if it has none."""
    return next((name for name, value in opened.open_sets.items() if value == _NUMBER_OF_PARENT), None)


def _questions(workflow: Workflow, step: Transition) -> int:
    """Return how many questions a step asks that yes or no answers."""
    return sum(workflow.fields[name].type is FieldType.FLAG for name in step.asks)
