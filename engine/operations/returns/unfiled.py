"""The returns that wait for an officer to be filed, each with its figures, and a nil return asked for in one act.

What a return is, its figures, its flag for "nothing occurred" and who signs it are read off its declaration: no
workflow is known by name here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.cases.signatures import StandingSignature, ask, standing_of
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.deadlines.today import LOOKED_AT, Task, today
from engine.operations.figures.filed_returns import filing_triggers
from engine.operations.figures.prefilling import filled_for
from engine.operations.house.directory import acting_officers, officer_called, roles_given
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.transitions import advance
from engine.workflow.model import FieldType, Transition, Workflow
from engine.workflow.recurring_cases import Recurrence

SHOWN: Final = 30
"""Returns that are made ready at a time; the figures of each are counted from the register."""


class NilFiling(NamedTuple):
    """How a return says that nothing occurred."""

    trigger: str
    flag: str
    """The field that says so."""
    words: tuple[str, ...]
    """Text fields that are asked for even then, as what was done."""
    days: tuple[str, ...]
    """Days that are asked for; today unless another is said."""
    signature: str
    """The field in which an officer signs in person."""


class Unfiled(NamedTuple):
    """A return that waits to be filed."""

    task: Task
    step: Transition
    """That files it."""
    kind: tuple[str, ...]
    """Fields that say which of several such returns it is."""
    figures: Mapping[str, object]
    """What the register says of the unit and period as of now, by field."""
    nil: NilFiling | None
    """None if it has no flag of that kind, or asks for more than a form of one field could bring."""
    signers: tuple[str, ...]
    """Codes of the officers who may sign it, the likeliest first."""
    standing: StandingSignature | None
    """A signature that is asked for or given."""

    @property
    def is_nil(self) -> bool:
        """Whether the register says that nothing occurred."""
        return not any(self.figures.values())


def owes(workflow: Workflow) -> bool:
    """Say whether units owe cases of a workflow by a day: returns, whatever they are called."""
    return any("due_on" in each.writes and not each.once for each in workflow.recurs.values())


def unfiled(acting: Acting, *, limit: int = SHOWN) -> tuple[Sequence[Unfiled], bool]:
    """Return what waits for who acts to be filed and is late or due by the Sunday of this week, the most urgent first.

    Returns:
        At most *limit* of them, and whether there are more.

    Raises:
        RefusedError: If the officer has left.
    """
    ledger, sunday = acting.ledger, acting.today + timedelta(days=6 - acting.today.weekday())
    found = []
    for task in today(acting, limit=LOOKED_AT).do:
        rules = ledger.rules_of(task.case)
        due = None if task.deadline is None else date.fromisoformat(task.deadline.clock.due_on)
        files = _filing(rules.workflow, task.case)
        if files is not None and (due is None or due <= sunday):
            found.append((task, files))
    return [_ready(acting, task, *files) for task, files in found[:limit]], len(found) > limit


def ask_nil(acting: Acting, number: str, *, words: str, signer: str) -> StandingSignature:
    """Ask an officer to sign that nothing occurred: the return, its day and what was done in one request.

    Args:
        words: What was done all the same.
        signer: Code or name.

    Raises:
        RefusedError: If the return cannot be filed so, or something in it is not sound.
        BadValueError: If values are not what the fields hold.
        NotFoundError: If there is no such case or officer.
        ConflictError: If someone else changed the case first.
    """
    case = acting.case(number)
    workflow = acting.ledger.rules_of(case).workflow
    files = _filing(workflow, case)
    nil = None if files is None else _nil(acting.ledger, case, files[0], files[1])
    if nil is None:
        raise RefusedError(
            Text(
                f"{number}: no nil return can be made of this; fill it in and submit it",
                f"{number}：不能直接作零报告，请填写后报送",
            )
        )
    values: dict[str, object] = {nil.flag: True}
    values |= dict.fromkeys(nil.words, words) | dict.fromkeys(nil.days, acting.today.isoformat())
    signer = officer_called(acting.ledger, signer)
    _refuse_unsound(acting, case, nil.trigger, {**values, nil.signature: signer})
    return ask(acting, number, nil.signature, signer, step=nil.trigger, values=values)


def nil_words(acting: Acting, number: str, words: str) -> Mapping[str, object]:
    """Return the texts that a nil return of a case would bring, by field; nothing if it can be none."""
    case = acting.case(number)
    files = _filing(acting.ledger.rules_of(case).workflow, case)
    nil = None if files is None else _nil(acting.ledger, case, files[0], files[1])
    return {} if nil is None else dict.fromkeys(nil.words, words)


def _refuse_unsound(acting: Acting, case: Case, trigger: str, values: Mapping[str, object]) -> None:
    """Refuse what could not be filed once it is signed, such as a nil return where the register has leads.

    Raises:
        QinglingError: If so.
    """
    ledger, rules = acting.ledger, acting.ledger.rules_of(case)
    checked = checked_values(acting, rules, values, unit=case.unit, case=case)
    advance(
        rules,
        case,
        trigger,
        checked,
        actor=acting.actor(case.unit_id),
        family=ledger.family(case, rules.asks_for(trigger)),
        today=acting.today,
        filled=filled_for(ledger, rules, case, trigger, now=acting.now),
        besides=objections(ledger, rules, checked, unit_id=case.unit_id, case_id=case.id),
    )


def _filing(workflow: Workflow, case: Case) -> tuple[Transition, Recurrence] | None:
    """Return the step that files a return as it stands, and what it recurs by; None if it is no return to be filed."""
    recurs = workflow.recurrence_of(case.fields)
    if recurs is None or recurs.once or "due_on" not in recurs.writes:
        return None
    triggers = filing_triggers(workflow)
    step = next(
        (each for each in workflow.transitions if case.state in each.sources and each.trigger in triggers), None
    )
    return None if step is None else (step, recurs)


def _ready(acting: Acting, task: Task, step: Transition, recurs: Recurrence) -> Unfiled:
    """Return a return as it can be filed now."""
    ledger, case = acting.ledger, task.case
    rules = ledger.rules_of(case)
    nil = _nil(ledger, case, step, recurs)
    says = filled_for(ledger, rules, case, step.trigger, now=acting.now)
    taken = rules.takes[step.name]
    signature = next((name for name in rules.workflow.fields if name in taken & rules.signatures), None)
    return Unfiled(
        task=task,
        step=step,
        kind=tuple(recurs.sets),
        figures={name: says.get(name, case.fields.get(name)) for name in recurs.fills},
        nil=nil,
        signers=() if signature is None else _signers(ledger, rules.workflow.fields[signature].held_by, case.unit),
        standing=None if signature is None else standing_of(ledger, case).get(signature),
    )


def _nil(ledger: Ledger, case: Case, step: Transition, recurs: Recurrence) -> NilFiling | None:
    """Return how a return says that nothing occurred, if it has one flag and asks for nothing that must be thought of.

    A return that counts nothing has nothing that could be nil.
    """
    rules = ledger.rules_of(case)
    fields, taken = rules.workflow.fields, rules.takes[step.name]
    flags = [name for name in fields if name in taken and fields[name].type is FieldType.FLAG]
    asked = [fields[name] for name in dict.fromkeys((*step.asks, *step.needs)) if name not in step.sets]
    signed = [each.name for each in asked if each.name in rules.signatures]
    words = tuple(each.name for each in asked if each.type is FieldType.TEXT)
    days = tuple(each.name for each in asked if each.type is FieldType.DATE)
    if len(flags) != 1 or len(signed) != 1 or len(asked) != 1 + len(words) + len(days) or not recurs.fills:
        return None
    return NilFiling(step.trigger, flags[0], words, days, signed[0])


def _signers(ledger: Ledger, roles: Sequence[str], unit: str) -> tuple[str, ...]:
    """Return who may sign for a unit: by the order of the roles, those of the unit itself before those of all units."""
    given = roles_given(ledger)
    ranked = []
    for each in acting_officers(ledger):
        places = [
            (roles.index(role), where != unit)
            for role, where in given.get(each.code, ())
            if role in roles and where in {unit, ""}
        ]
        if places:
            ranked.append((min(places), each.code))
    return tuple(code for _, code in sorted(ranked))
