"""The rule that nothing may wait for ever (件件有着落): in every state, on every way, some deadline runs.

Being paused is not being watched. Whether a deadline runs depends on the way by which a case came,
so all ways are walked, and what runs is carried along.
"""

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from engine.language import Text
from engine.validation.choice import described, find_world, surely_given
from engine.validation.known import Finding, Known, fields_brought, mended
from engine.workflow.deadline import Deadline, EndsByField, OnField, StartsByEntering, StartsByField
from engine.workflow.graph import reachable, successors
from engine.workflow.model import Transition, Workflow

MOST_STANDINGS = 20_000
"""How many are looked at; no workflow that people can read comes near it."""


def nothing_waits_for_ever(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """In every state that is not final a deadline surely runs, whatever way the case came."""
    sound = mended(workflow)
    if sound is None:
        return
    gaps: dict[str, Text] = {}
    judged: set[tuple[str, tuple[_Runs, ...]]] = set()
    for standing, way in _standings(sound, known):
        if standing is None:
            yield ("deadlines",), _TOO_MANY
            break
        running = tuple(_running(sound, standing))
        question = (standing.state, running)
        if question in judged or standing.state in gaps or sound.states[standing.state].final:
            continue
        judged.add(question)
        why = _gap(sound, known, standing.state, running, way)
        if why is not None:
            gaps[standing.state] = why
    for state in sound.states:
        if state in gaps:
            yield ("states", state), gaps[state]


class _Clock(Enum):
    """How a deadline of a case stands."""

    FRESH = auto()
    RUNNING = auto()
    PAUSED = auto()
    MET = auto()


class _Standing(NamedTuple):
    """Where a case stands, as far as deadlines care."""

    state: str
    clocks: tuple[_Clock, ...]
    """In the order in which the deadlines are declared."""
    filled: frozenset[str]
    """Fields that terms start or end by, and that surely have a value."""


class _Runs(NamedTuple):
    """A deadline that runs, and whether its due day is surely there."""

    name: str
    dated: bool


Way = tuple[str, ...]
"""The transitions by which a case came, shortest first."""


def _standings(workflow: Workflow, known: Known) -> Iterator[tuple[_Standing | None, Way]]:
    """Yield every way a case can stand, each with a shortest way to it; None if there are too many to be looked at."""
    dates = _dates(workflow)
    # A misspelt field is the matter of another rule; here it is taken to be there.
    given = (fields_brought(workflow, known) & dates) | (dates - frozenset(workflow.fields))
    first = _moved(workflow, None, workflow.initial, given)
    ways: dict[_Standing, Way] = {first: ()}
    waiting = [first]
    for standing in waiting:  # grows while it is walked: breadth first
        yield standing, ways[standing]
        if len(ways) > MOST_STANDINGS:
            yield None, ()
            return
        for transition in workflow.transitions_from(standing.state):
            after = _after(workflow, standing, transition)
            if after not in ways:
                ways[after] = (*ways[standing], transition.name)
                waiting.append(after)


def _after(workflow: Workflow, standing: _Standing, transition: Transition) -> _Standing:
    """Return where a case stands after *transition*; what is emptied in a step may be brought in it again."""
    given = {name for name, value in transition.sets.items() if value is not None}
    given |= {*transition.needs, *transition.asks}
    filled = (standing.filled - frozenset(transition.clears)) | (given & _dates(workflow))
    return _moved(workflow, standing, transition.target, filled)


def _moved(workflow: Workflow, before: _Standing | None, entered: str | None, filled: frozenset[str]) -> _Standing:
    """Return the standing with every deadline's clock moved on.

    Args:
        entered: The state that is entered; None if the step changes values only.
    """
    deadlines = tuple(workflow.deadlines.values())
    clocks = before.clocks if before else (_Clock.FRESH,) * len(deadlines)
    state = entered if entered is not None else (before.state if before else workflow.initial)
    return _Standing(
        state,
        tuple(
            _clock(deadline, clock, state, filled, entering=entered is not None)
            for deadline, clock in zip(deadlines, clocks, strict=True)
        ),
        filled,
    )


def _clock(deadline: Deadline, clock: _Clock, state: str, filled: frozenset[str], *, entering: bool) -> _Clock:
    """Return how *deadline* stands once the case is in *state*."""
    if state in deadline.paused_in and state not in deadline.runs_in:
        return _Clock.PAUSED if clock is _Clock.RUNNING else clock
    if state not in deadline.runs_in:
        return _Clock.MET if clock in (_Clock.RUNNING, _Clock.PAUSED) else clock
    if clock is _Clock.MET and (deadline.reopen != "restart" or isinstance(deadline.starts, StartsByField)):
        return _Clock.RUNNING if deadline.reopen != "none" else clock
    if isinstance(deadline.starts, StartsByField):
        return _Clock.RUNNING if deadline.starts.field in filled else _Clock.FRESH
    if clock in (_Clock.FRESH, _Clock.MET):
        return _Clock.RUNNING if entering and state in deadline.starts.states else clock
    return _Clock.RUNNING


def _running(workflow: Workflow, standing: _Standing) -> Iterator[_Runs]:
    """Yield the deadlines that run and have a due day, or have one whenever their condition holds."""
    for deadline, clock in zip(workflow.deadlines.values(), standing.clocks, strict=True):
        dated = not isinstance(deadline.due, OnField) or deadline.due.field in standing.filled
        if clock is _Clock.RUNNING and (dated or deadline.if_ is not None):
            yield _Runs(deadline.name, dated)


def _gap(workflow: Workflow, known: Known, state: str, running: tuple[_Runs, ...], way: Way) -> Text | None:
    """Return why a case that came by *way* is not watched in *state*; None if it is."""
    conditions = [_condition(workflow, workflow.deadlines[name], state, dated=dated) for name, dated in running]
    if None in conditions:
        return None
    if not any(state in deadline.runs_in for deadline in workflow.deadlines.values()):
        if any(state in deadline.paused_in for deadline in workflow.deadlines.values()):
            return _PAUSED_ONLY
        return _UNWATCHED
    came = Text(" → ".join(way), " → ".join(way)) if way else _OPENED
    if not running:
        return _NOT_STARTED.format(way=came)
    world = find_world(
        workflow, known, state, sure=surely_given(workflow), failing=[each for each in conditions if each]
    )
    return None if world is None else _MAY_NOT_APPLY.format(example=described(world))


def _condition(workflow: Workflow, deadline: Deadline, state: str, *, dated: bool) -> str | None:
    """Return under which condition a deadline that runs is still to be met in *state*; None if always.

    Args:
        dated: Its due day is surely there; else the condition must hold of a case that has it.
    """
    needed = [] if deadline.if_ is None else [f"({deadline.if_})"]
    if not dated and isinstance(deadline.due, OnField):
        needed.append(deadline.due.field)
    if isinstance(deadline.ends, EndsByField) and _may_be_done(workflow, deadline.ends.field, state):
        needed.append(f"not {deadline.ends.field}")
    return " and ".join(needed) or None


def _may_be_done(workflow: Workflow, name: str, state: str) -> bool:
    """Say whether a case can be in *state* with the act done: not if only steps that leave it for good write it."""
    field = workflow.fields.get(name)  # one that is not declared is named besides
    if field is None or field.amend or field.required or name in workflow.open_takes:
        return True
    after = set[str]()
    for each in workflow.transitions:
        if name in (*each.needs, *each.asks, *each.takes, *each.sets):
            after |= set(each.sources) if each.target is None else {each.target}
    return state in reachable(successors(workflow), after)


def _dates(workflow: Workflow) -> frozenset[str]:
    """Return the fields by which terms start or end."""
    found = set()
    for deadline in workflow.deadlines.values():
        if not isinstance(deadline.starts, StartsByEntering):
            found.add(deadline.starts.field)
        if isinstance(deadline.due, OnField):
            found.add(deadline.due.field)
    return frozenset(found)


_OPENED = Text("its opening", "登记")

_TOO_MANY = Text(
    f"more than {MOST_STANDINGS} ways in which terms of a case can stand, so it was not judged whether every wait is "
    "watched; let fewer terms depend on each other",
    f"期限组合超过 {MOST_STANDINGS} 种，未能判断是否件件有着落；请减少相互关联的期限",
)

_UNWATCHED = Text(
    "nothing may wait for ever: a state must be final or stand in `runs_in` of a deadline",
    "件件有着落：状态须为终结状态，或列入某一期限的 runs_in",
)

_PAUSED_ONLY = Text(
    "nothing may wait for ever: here deadlines only rest; name the state in `runs_in` of a deadline of its own",
    "件件有着落：此状态下期限只是暂停，须另设期限并将此状态列入其 runs_in",
)

_NOT_STARTED = Text(
    "nothing may wait for ever: no deadline runs here when a case comes by {way}",
    "件件有着落：事项经 {way} 到此时，没有任何期限在计算",
)

_MAY_NOT_APPLY = Text(
    "nothing may wait for ever: every deadline that runs here has an `if`, and none need hold{example}",
    "件件有着落：在此计算的期限都有 if 条件，可能全不适用{example}",
)
