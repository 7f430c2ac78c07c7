"""A declared workflow made to move; sole user of `transitions` where cases move.

The machine is the one thing that knows states and steps. It holds no case: it is handed a cursor
that stands in the case's state, fires the trigger, and says which declared transition was taken and
where the cursor stands now. It also answers what leaves a state, which transitions a trigger has and
where a case may begin, so nobody has to look at the declaration for it.

The machine is flat. A nested one takes four times as long for a step and renames states
(`working.assigned`), which stand in every row and journal.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.model import Transition, Workflow

if TYPE_CHECKING:
    from transitions import EventData

Applies = Callable[[Transition], bool]
"""Says whether the condition by which a transition is chosen holds for the case at hand."""


class TakenStep(NamedTuple):
    """What the machine says of one step with one case."""

    transition: Transition
    state: str
    """Where it leads: the state after it, the same one if the transition only changes values."""


class Machine:
    """The states and steps of one workflow version; one machine serves all its cases, in any thread."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._leaving: dict[str, tuple[Transition, ...]] = {}
        self._taken: dict[tuple[str, str], frozenset[str]] = {}

    @property
    def initial(self) -> str:
        """The state that every case is opened in."""
        return self._workflow.initial

    def take(self, state: str, trigger: str, applies: Applies) -> TakenStep | None:
        """Return the step that *trigger* takes from *state*; None if there is none.

        The first declared transition that applies is taken. An error that *applies* raises comes
        through: it must not be taken for a no.
        """
        event = self._library.events.get(trigger)
        # Asked before it is fired: the library raises where nothing leaves the state, and an error of ours
        # that is raised inside a condition must not be mistaken for that.
        if event is None or state not in event.transitions:
            return None
        cursor = _Cursor(state)
        event.trigger(cursor, applies=applies)
        return None if cursor.taken is None else TakenStep(cursor.taken, cursor._state)  # noqa: SLF001 - named so for the library

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that can be taken from *state* if what they ask for holds, in declared order."""
        if state not in self._leaving:
            self._leaving[state] = self._workflow.transitions_from(state)
        return self._leaving[state]

    def taken(self, state: str, trigger: str) -> frozenset[str]:
        """Return the fields that a step asks for or takes where it leaves *state*; not those that it only needs."""
        known = self._taken.get((state, trigger))
        if known is None:
            leaving = (each for each in self.leaving(state) if each.trigger == trigger)
            known = frozenset(name for each in leaving for name in (*each.asks, *each.takes))
            self._taken[state, trigger] = known
        return known

    def leading_on(self, state: str, came_from: str | None) -> tuple[Transition, ...]:
        """Return what `leaving` does, of the ways back only the one to the state that a case came from."""
        return tuple(each for each in self.leaving(state) if each.came_from in {None, came_from})

    def plan(self, trigger: str) -> Mapping[str, tuple[Transition, ...]]:
        """Return where *trigger* can be taken: state -> its transitions, in the order in which they are tried.

        Steps in bulk ask this once to know everything that can decide the step; empty if there is no such trigger.
        """
        return self._plan.get(trigger, {})

    def entered(self, state: str) -> str:
        """Return *state*, in which an earlier ledger says a case stands: no step leads a case there.

        Raises:
            BadValueError: If the machine has no such state.
        """
        if state not in self._workflow.states:
            name = self._workflow.name
            raise BadValueError(Text(f"workflow {name} has no state '{state}'", f"流程 {name} 没有状态“{state}”"))
        return state

    @property
    def triggers(self) -> Collection[str]:
        """All that can be asked of the machine, in declared order."""
        return self._plan.keys()

    @cached_property
    def _library(self) -> Any:
        """The library's machine, built when a step is first asked for: commands that take none need not load it."""
        import transitions

        class Bare(transitions.Transition):
            """A transition without callbacks: the library looks for those of each step in seven places, and logs it."""

            def execute(self, event_data: "EventData") -> bool:
                """Go where it leads if its conditions hold; say whether they do."""
                if not self._eval_conditions(event_data):
                    return False
                if self.dest:
                    cursor: Any = event_data.model
                    cursor._state = self.dest  # noqa: SLF001 - named so for the library
                return True

        class BareMachine(transitions.Machine):
            """A machine of such."""

            transition_cls = Bare

        return BareMachine(
            # Nothing is bound to a model: a bound one would be given methods named like our triggers,
            # be kept for ever, and be put back into the initial state.
            model=None,
            states=list(self._workflow.states),
            initial=self._workflow.initial,
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
                    # Guards are ours: the library would stop at the first that is false, and give no reason.
                    "conditions": [_Condition(each)],
                }
                for each in self._workflow.transitions
            ],
        )

    @cached_property
    def _plan(self) -> Mapping[str, Mapping[str, tuple[Transition, ...]]]:
        """What the library is given, as a table: trigger -> state -> transitions.

        Not read off the library's own tables: loading it takes 11 ms, a twelfth of `show`, which asks what is
        possible and takes no step. A test holds both to the same answers for random workflows.
        """
        plan: dict[str, dict[str, tuple[Transition, ...]]] = {}
        for each in self._workflow.transitions:
            by_state = plan.setdefault(each.trigger, {})
            for state in each.sources:
                by_state[state] = (*by_state.get(state, ()), each)
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
