"""Rules on the ways through a workflow: every state can be come to, and left by a way that leaves a trace."""

from collections.abc import Iterable

from engine.language import Text
from engine.validation.known import Finding, Known, listed, mended, openings
from engine.workflow.graph import cycle_through, traps, unreachable
from engine.workflow.model import Clearance, FieldType, Transition, Workflow


def some_state_is_final(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A workflow has an end."""
    if not any(state.final for state in workflow.states.values()):
        yield ("states",), Text("no state is final, so no case could ever end", "没有终结状态，事项永远无法了结")


def final_states_stay(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Nothing leaves a final state."""
    for transition in workflow.transitions:
        for source in transition.sources:
            if source in workflow.states and workflow.states[source].final:
                yield (
                    ("transitions", transition.name, "from"),
                    Text(
                        f"nothing may leave a final state, and '{source}' is final",
                        f"终结状态不得再有后续动作，而“{source}”是终结状态",
                    ),
                )


def states_reached(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Every state can be come to from the first one."""
    sound = mended(workflow)
    for state in unreachable(sound) if sound else ():
        yield (
            ("states", state),
            Text(
                f"no way leads here from '{workflow.initial}', so no case could ever stand here",
                f"从“{workflow.initial}”无路到达，任何事项都不会处于此状态",
            ),
        )


def no_traps(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """From every state a way leads to a final one."""
    sound = mended(workflow)
    if sound is None or not any(state.final for state in sound.states.values()):
        return
    lost = unreachable(sound)
    for state in traps(sound):
        if state not in lost:
            yield (
                ("states", state),
                Text(
                    "no way leads from here to a final state, so a case would be caught here",
                    "从此状态无路到达终结状态，事项将困在这里",
                ),
            )


def ways_besides_back(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A state is left by other ways than back alone: what a ledger brought into it came from nowhere."""
    for state in workflow.states:
        leaving = [each for each in workflow.transitions_from(state) if each.target not in {None, state}]
        if leaving and all(each.came_from is not None for each in leaving):
            yield (
                ("states", state),
                Text(
                    "only 'back' leads from here, so a case that a ledger brought here could never leave",
                    "此状态只能返回（back），台账直接带入的事项将无法离开",
                ),
            )


def clearance_stands(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Cases can be cleared and fully closed, in states that they can come to; the latter count as the former."""
    for name, clearance in _clearances(workflow):
        if not clearance.states:
            yield (
                ("clearance", name, "states"),
                Text("no state counts, so the scope could never be cleared to zero", "没有任何状态计入，永远无法清零"),
            )
    for state in workflow.fully_closed.states:
        if state in workflow.states and state not in workflow.cleared.states:
            yield (
                ("clearance", "cleared", "states"),
                Text(
                    f"what is fully closed is cleared as well, so '{state}' must stand here too",
                    f"闭环销号必然已本单位办结，“{state}”也应列在此处",
                ),
            )


def clearance_leaves_trace(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Whatever takes a case out of the cleared states asks for a reason in words (回流 must be explained)."""
    sound = mended(workflow)
    for transition in sound.transitions if sound else ():
        for name, clearance in _clearances(workflow):
            # What is fully closed counts as cleared, even where another rule finds that it is not said.
            states = {*clearance.states, *workflow.fully_closed.states}
            left = [source for source in transition.sources if source in states]
            stays = transition.target is None or transition.target in states
            if left and not stays and not _explains(workflow, transition):
                yield (
                    ("transitions", transition.name, "asks"),
                    Text(
                        "a case may not cease to be {count} without trace: leaving {states} for '{target}' "
                        "must ask for a text such as a reason",
                        "已{count}的事项不得无痕退出：由{states}转入“{target}”须在 asks 中要求填写理由等文本字段",
                    ).format(count=_COUNTS[name], states=listed(left), target=transition.target),
                )
                break


def children_end(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """No workflow opens itself again through its children."""
    opened = {
        name: tuple(opening.workflow for _, opening in openings(other))
        for name, other in known.with_itself(workflow).items()
    }
    way = cycle_through(opened, workflow.name)
    for at, opening in openings(workflow):
        if len(way) > 1 and opening.workflow == way[1]:
            yield (
                (*at, "workflow"),
                Text(
                    f"children would open each other for ever: {' → '.join(way)}",
                    f"下级流程循环开立，没有尽头：{' → '.join(way)}",
                ),
            )


def children_are_opened(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A child is opened by a step of its parent, by people, or by itself; what stands under no other stands alone."""
    if not workflow.open_alone and not workflow.parents:
        yield (
            ("open", "alone"),
            Text("it has no parent, so no such case could ever be opened", "没有上级流程，此类事项无从产生"),
        )
    under = {each.under.workflow for each in workflow.recurs.values() if each.under}
    for parent in (known.workflows[name] for name in workflow.parents if name in known.workflows):
        opened = {opening.workflow for _, opening in openings(parent)}
        if workflow.name not in opened and parent.name not in under and not workflow.open_by:
            yield (
                ("parent",),
                Text(
                    f"no step of '{parent.name}' opens '{workflow.name}', so no such case could ever be opened",
                    f"“{parent.name}”没有任何步骤开立“{workflow.name}”，此类事项无从产生",
                ),
            )
    for at, opening in openings(workflow):
        child = known.workflows.get(opening.workflow)
        if child is not None and workflow.name not in child.parents:
            yield (
                (*at, "workflow"),
                Text(
                    f"'{child.name}' does not name '{workflow.name}' as its parent",
                    f"“{child.name}”未将“{workflow.name}”写为上级流程（parent）",
                ),
            )


_COUNTS = {"cleared": Text("cleared", "办结"), "fully_closed": Text("fully closed", "闭环销号")}


def _clearances(workflow: Workflow) -> tuple[tuple[str, Clearance], ...]:
    """Return the two counts by the names that they bear in a declaration."""
    return ("cleared", workflow.cleared), ("fully_closed", workflow.fully_closed)


def _explains(workflow: Workflow, transition: Transition) -> bool:
    """Say whether a transition asks, in this very step, for something in words."""
    fields = (workflow.fields.get(name) for name in transition.asks)
    return any(field is not None and field.type is FieldType.TEXT for field in fields)
