"""Rules on deadlines that act when they run out: only by a declared step, and never on what is ours by silence."""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.language import Text
from engine.validation.known import Finding, Known, listed
from engine.workflow.deadline import Deadline, OnField
from engine.workflow.model import Transition, Workflow
from engine.workflow.powers import PROGRAM
from engine.workflow.problems import Path, did_you_mean


def terms_act_as_declared(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A deadline that acts names a step of the program that leads on; silence closes or clears nothing of ours."""
    for deadline in workflow.deadlines.values():
        if deadline.then is not None:
            yield from _faults(workflow, deadline, deadline.then)
    acting = {each.then for each in workflow.deadlines.values()}
    for each in workflow.transitions:
        if PROGRAM in each.by and each.trigger not in acting:
            yield ("transitions", each.name, "by"), _NOTHING_LETS_IT


def renewals_name_a_day(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A step that renews a term asks for the day on which it is due next."""
    for deadline in workflow.deadlines.values():
        at: Path = ("deadlines", deadline.name, "renewed_by")
        for trigger in deadline.renewed_by:
            steps = [each for each in workflow.transitions if each.trigger == trigger]
            if not steps:
                guess = did_you_mean(trigger, {each.trigger for each in workflow.transitions})
                said = Text("no step is called '{name}'{guess}", "没有步骤“{name}”{guess}")
                yield at, said.format(name=trigger, guess=guess)
            elif not isinstance(deadline.due, OnField) or any(deadline.due.field not in each.asks for each in steps):
                said = Text("'{name}' asks for no day on which the term is due next", "“{name}”未要求填写下次到期日期")
                yield at, said.format(name=trigger)


def filings_write_what_there_is(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What an extension opens is given nothing but what an extension says."""
    for deadline in workflow.deadlines.values():
        opening = deadline.extend.opens if deadline.extend is not None else None
        for key in opening.writes if opening is not None else ():
            if key not in OF_EXTENSIONS:
                said = Text("an extension does not say '{name}'{guess}", "延期中没有“{name}”{guess}")
                guess = did_you_mean(key, OF_EXTENSIONS)
                yield ("deadlines", deadline.name, "extend", "opens", "writes"), said.format(name=key, guess=guess)


OF_EXTENSIONS: Final = ("deadline", "was_due_on", "due_on", "reason", "signed_by", "filed_on")
"""What an extension can write into the case that it opens."""


def _faults(workflow: Workflow, deadline: Deadline, then: str) -> Iterator[Finding]:
    """Yield why a deadline could not act, or must not."""
    at: Path = ("deadlines", deadline.name, "then")
    steps = [each for each in workflow.transitions if each.trigger == then]
    if not steps:
        guess = did_you_mean(then, {each.trigger for each in workflow.transitions})
        yield at, Text("no step is called '{name}'{guess}", "没有步骤“{name}”{guess}").format(name=then, guess=guess)
        return
    ours = [each for each in steps if PROGRAM in each.by]
    left = [state for state in deadline.runs_in if not any(state in each.sources for each in ours)]
    if left:
        yield (
            at,
            Text(
                "the program may not take '{name}' from {states}: write `program` in its `by`, the state in `from`",
                "程序不能自{states}执行“{name}”：请在其 by 中写 program，并在 from 中列入该状态",
            ).format(name=then, states=listed(left)),
        )
    for each in ours:
        yield from ((at, sentence.format(name=each.name)) for sentence in _forbidden(workflow, deadline, each))


def _forbidden(workflow: Workflow, deadline: Deadline, step: Transition) -> Iterator[Text]:
    """Yield what a step that nobody takes must not be."""
    if step.asks or step.opens or step.each or step.hands_to:
        yield _NOBODY_BRINGS
    if step.target is None or step.target in (*deadline.runs_in, *deadline.paused_in):
        yield _LEADS_NOWHERE
    elif not deadline.is_theirs and _is_result(workflow, step.target):
        yield _NEVER_OURS


def _is_result(workflow: Workflow, state: str) -> bool:
    """Say whether a state ends a case, or may count it as cleared."""
    counted = (*workflow.cleared.states, *workflow.fully_closed.states)
    return state in counted or (state in workflow.states and workflow.is_final(state))


_NOTHING_LETS_IT = Text(
    "no deadline lets the program take this step; name the step in `then` of one",
    "没有期限让程序执行此步骤；请在某一期限的 then 中写明",
)
_NOBODY_BRINGS = Text(
    "'{name}' asks for values or opens cases, takes others along or hands over; by silence the program does none of it",
    "“{name}”要求填写字段、生成事项、带动下级或移交；期满后由程序执行的步骤不得如此",
)
_LEADS_NOWHERE = Text(
    "'{name}' does not leave the states in which the deadline runs, and would be taken again and again",
    "“{name}”没有离开期限所计算的状态，会被反复执行",
)
_NEVER_OURS = Text(
    "'{name}' closes or clears, and nothing of ours does so by silence; only the other side's may (`whose: theirs`)",
    "“{name}”使事项办结或计入清零；本方事项不得因到期无人办理而办结，只有对方的期限（whose: theirs）可以",
)
