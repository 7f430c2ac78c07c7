"""Steps that a ledger says were taken: its state column names the state, its other columns what the step asks for.

The rules are those of a step at the keyboard; what they refuse is listed, and nothing else of the row is lost.
"""

from collections.abc import Mapping, Sequence

from engine.errors import BadValueError, ConflictError, RefusedError
from engine.language import Text
from engine.operations.cases.casework import advance
from engine.operations.cases.commit import births_of
from engine.operations.cases.deciding import decided
from engine.operations.cases.stepping import write_step
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.undoing import undone_if_refused
from engine.rules.case import Case
from engine.rules.transitions import Rules
from engine.workflow.model import Transition


def steps_to(own: Rules, case: Case, state: str) -> tuple[Transition, ...]:
    """Return the steps by which *case* can come into *state* from where it is."""
    target = own.machine.entered(state)
    return tuple(
        each
        for each in own.machine.leaving(case.state)
        if each.target is not None and own.machine.entered(each.target) == target
    )


def step_taken(
    acting: Acting,
    case: Case,
    steps: Sequence[Transition],
    said: Mapping[str, object],
    differing: Mapping[str, object],
) -> Case | Text:
    """Take the one of *steps* that may be taken and return the case; else why none is. Inside `begin`.

    Args:
        said: What the row says of the case, checked.
        differing: Those values of it that are not the case's own.
    """
    triggers = {each.trigger: each for each in steps}
    possible: list[tuple[str, dict[str, object]]] = []
    refused: list[Text] = []
    for trigger in triggers:
        mine = [each for each in steps if each.trigger == trigger]
        asks = {name for each in mine for name in each.asks}
        takes = {name for each in mine for name in (*each.takes, *each.needs)}
        values = {n: v for n, v in said.items() if n in asks or (n in takes and n in differing)}
        try:
            advance(acting, case.number, trigger, values, dry_run=True)
        except (BadValueError, RefusedError) as why:
            refused.append(why.sentence)
        else:
            possible.append((trigger, values))
    if len(possible) > 1:
        titles = [triggers[trigger].title for trigger, _ in possible]
        return Text(
            f"several steps lead there: {', '.join(each.en for each in titles)}; take one: qingling show {case.number}",
            f"有几个步骤可到此状态：{'、'.join(each.zh for each in titles)}；请选一个办理：qingling show {case.number}",
        )
    if not possible:
        return refused[0]
    trigger, values = possible[0]
    try:
        with undone_if_refused(acting.ledger):
            now = acting.ledger.case(case.number)
            decision = decided(acting, now, trigger, values)
            return write_step(acting, now, decision, births_of(acting, now, decision)).case
    except (BadValueError, ConflictError, RefusedError) as why:
        return why.sentence
