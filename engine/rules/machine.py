"""A declared workflow made to move; sole user of `transitions`.

One machine serves all cases of a workflow version. It holds no case: it is handed a cursor that
stands in the case's state and says which declared transition is taken. Its own tables, compiled
into a plan, answer the same question faster when thousands of cases move at once; a test holds
both to the same answers.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.workflow.model import Transition, Workflow

if TYPE_CHECKING:
    from transitions import EventData

Applies = Callable[[Transition], bool]
"""Says whether the condition by which a transition is chosen holds for the case at hand."""


class Machine:
    """The transitions of one workflow version."""

    def __init__(self, workflow: Workflow) -> None:
        import transitions

        self._impossible = transitions.MachineError
        self._machine = transitions.Machine(
            model=None,
            states=list(workflow.states),
            initial=workflow.initial,
            # Without this every state could be entered from anywhere by `to_<state>`.
            auto_transitions=False,
            # A declared name never begins so; a step called `state` is a step like any other.
            model_attribute="_state",
            send_event=True,
            transitions=[
                {
                    "trigger": each.trigger,
                    "source": list(each.sources),
                    "dest": each.target,
                    "conditions": [_Condition(each)],
                }
                for each in workflow.transitions
            ],
        )
        self.plan = self._compiled()

    def taken(self, state: str, trigger: str, applies: Applies) -> Transition | None:
        """Return the transition that *trigger* takes in *state*; None if there is none."""
        event = self._machine.events.get(trigger)
        if event is None:
            return None
        cursor = _Cursor(state)
        try:
            event.trigger(cursor, applies=applies)
        except self._impossible:
            return None
        return cursor.taken

    def planned(self, state: str, trigger: str, applies: Applies) -> Transition | None:
        """Return the same as `taken`, from the compiled plan."""
        for each in self.plan.get((state, trigger), ()):
            if applies(each):
                return each
        return None

    def _compiled(self) -> Mapping[tuple[str, str], tuple[Transition, ...]]:
        """Read the plan off the machine's own tables."""
        plan: dict[tuple[str, str], tuple[Transition, ...]] = {}
        for trigger, event in self._machine.events.items():
            for state, possible in event.transitions.items():
                plan[state, trigger] = tuple(_declared(each) for each in possible)
        return plan


class _Cursor:
    """Stands in one state while the machine is asked."""

    __slots__ = ("_state", "taken")

    def __init__(self, state: str) -> None:
        self._state = state
        self.taken: Transition | None = None


class _Condition:
    """Asks the caller whether a transition applies, and notes the one that does."""

    def __init__(self, declared: Transition) -> None:
        self.declared = declared

    def __call__(self, event: "EventData") -> bool:
        if not event.kwargs["applies"](self.declared):
            return False
        cursor: Any = event.model
        cursor.taken = self.declared
        return True


def _declared(transition: Any) -> Transition:
    """Return our declaration of a transition in the machine's tables."""
    condition: _Condition = transition.conditions[0].func
    return condition.declared
