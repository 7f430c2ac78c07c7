"""Rules on what follows from a step: children that take one with it, and the unit that it hands its case to."""

from collections.abc import Iterable, Iterator

from engine.language import Text
from engine.validation.known import FIELD, STATE, TRIGGER, WORKFLOW, Finding, Known, listed, unknown
from engine.validation.values import misfit, worked_misfit
from engine.workflow.children import BACK, EachChild
from engine.workflow.computed import computed
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import FieldType, Transition, Workflow
from engine.workflow.problems import Path


def children_go_along(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Children that take a step with their parent's are its children, can all take it, and get all that it asks for."""
    for transition in workflow.transitions:
        each = transition.each
        if each is None:
            continue
        path: Path = ("transitions", transition.name, "each")
        child = known.with_itself(workflow).get(each.children)
        if child is None:
            yield (*path, "children"), unknown(WORKFLOW, each.children, known.with_itself(workflow))
        elif workflow.name not in child.parents:
            yield (
                (*path, "children"),
                Text(
                    f"cases of '{workflow.name}' have no children of '{child.name}'",
                    f"“{workflow.name}”事项没有“{child.name}”类下级事项",
                ),
            )
        else:
            yield from _step_faults(workflow, child, each, path)


def units_are_handed_to(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A case goes to a unit that the step knows, and names nobody of the former one where a role is asked of them."""
    for transition in workflow.transitions:
        name, at = transition.hands_to, ("transitions", transition.name, "hands_to")
        if name is None:
            continue
        field = workflow.fields.get(name)
        if name != BACK and (field is None or field.type is not FieldType.UNIT):
            units = [each.name for each in workflow.fields.values() if each.type is FieldType.UNIT]
            yield at, unknown(FIELD, name, [*units, BACK])
        elif field is not None and name not in {*transition.asks, *transition.needs, *transition.sets}:
            yield (
                at,
                Text(
                    f"'{name}' may be empty then; write it in asks or needs",
                    f"“{name}”届时可能为空，请写入 asks 或 needs",
                ),
            )
        left = _left_behind(workflow, transition)
        if left:
            yield (
                at,
                Text(
                    "{fields} would name officers of the former unit (held_by); let the step clear or ask for them",
                    "{fields}届时仍为原单位人员（held_by）；请在此步骤的 clears 或 asks 中写明",
                ).format(fields=listed(left)),
            )


def _left_behind(workflow: Workflow, step: Transition) -> list[str]:
    """Return the fields whose officers must have a role in the case's unit, and which the step leaves as they are."""
    changed = {*step.clears, *step.asks, *step.sets}
    held = (each for each in workflow.fields.values() if each.held_by and each.type in OFFICER_TYPES)
    return [each.name for each in held if each.name not in changed]


def _step_faults(workflow: Workflow, child: Workflow, each: EachChild, path: Path) -> Iterator[Finding]:
    """Yield why children could not take the step."""
    steps = [one for one in child.transitions if one.trigger == each.step]
    if not steps:
        yield (*path, "step"), unknown(TRIGGER, each.step, sorted({one.trigger for one in child.transitions}))
        return
    for state in each.states:
        if state not in child.states:
            yield (*path, "in"), unknown(STATE, state, child.states)
        elif not any(state in one.sources for one in steps):
            yield (
                (*path, "in"),
                Text(
                    f"'{each.step}' of '{child.name}' does not leave '{state}'",
                    f"“{child.name}”的“{each.step}”不能从“{state}”办理",
                ),
            )
    lacking = sorted({name for one in steps for name in one.asks if name not in each.sets})
    if lacking:
        yield (
            (*path, "sets"),
            Text("'{step}' asks for {fields}", "“{step}”要求填写{fields}").format(
                step=each.step, fields=listed(lacking)
            ),
        )
    taken = {name for one in steps for name in (*one.asks, *one.needs, *one.takes)}
    worked = computed(each.sets)
    for name, value in each.sets.items():
        field = child.fields.get(name)
        if field is None or name not in taken:
            yield (*path, "sets", name), unknown(FIELD, name, sorted(taken))
        elif name in worked:
            yield from worked_misfit(workflow, field, worked[name], (*path, "sets", name))
        else:
            yield from misfit((*path, "sets", name), field, value)
