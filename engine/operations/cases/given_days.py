"""When a day that was given may be made later: in time, by those who may; once it is over, by an exception only.

The same for every command that brings another day: a correction, a step, a ledger that is taken in, many at once.
"""

from collections.abc import Iterator, Mapping, Sequence

from engine.deadlines.clock import Clock, Status, given_day
from engine.deadlines.timetable import timetable
from engine.errors import RefusedError
from engine.journal.case_events import StepTaken
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, Decision
from engine.workflow.deadline import Deadline, OnField
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day


def refuse_more_time(
    acting: Acting, workflow: Workflow, case: Case, decision: Decision, clocks: Sequence[Clock]
) -> None:
    """Refuse a decision that gives a term more time than who brings the day may give.

    A step may give another day before the old one is over, and so may a correction where no extension is declared,
    or which takes an earlier correction back. Where one is declared, more time than was given first takes that
    extension: with its reason, signature and filing, or as an exception. A step by which a term is renewed names
    its next day also once the old one is over.

    Args:
        clocks: All deadlines of the case so far, by id.

    Raises:
        RefusedError: If so; every such term is named.
    """
    given = timetable(workflow).given
    if list(map(decision.fields.get, given)) == list(map(case.fields.get, given)):
        return
    newest = {each.name: each for each in clocks}
    reasons = list(_reasons(acting, workflow, case, decision, newest))
    if reasons:
        title = Text(f"{case.number} is given no more time", f"{case.number} 不能延长期限")
        raise RefusedError(title, reasons)


def _reasons(
    acting: Acting, workflow: Workflow, case: Case, decision: Decision, newest: Mapping[str, Clock]
) -> Iterator[Text]:
    """Yield why terms get no more time."""
    is_step = isinstance(decision.event, StepTaken)
    for name, clock in newest.items():
        declared = workflow.deadlines.get(name)  # none if only an older version of the workflow has it
        if declared is None or not isinstance(declared.due, OnField) or clock.status in {Status.MET, Status.CANCELLED}:
            continue
        day = decision.fields.get(declared.due.field)
        if day == case.fields.get(declared.due.field) or _renews(declared, decision):
            continue
        # By the journal's last instant at least: a clock that was set back gives no time back.
        today = local_day(acting.stamp(case), acting.ledger.zone).isoformat()
        if day is None:
            if clock.due_on < today and clock.status is not Status.LIFTED and not is_step:
                yield _over(declared, clock)
        elif str(day) > given_day(clock):
            if clock.due_on < today:
                yield _over(declared, clock)
            elif declared.extend is not None and not is_step and str(day) > clock.original_due_on:
                yield Text(
                    "'{title}' is due on {day}; more time takes an extension (qingling extend)",
                    "“{title}”于 {day} 到期；延长时间须按延期办理（qingling extend）",
                ).format(title=declared.title, day=clock.due_on)


def _renews(declared: Deadline, decision: Decision) -> bool:
    """Say whether a decision is a step that names the next day of a term, however late."""
    return isinstance(decision.event, StepTaken) and decision.event.trigger in declared.renewed_by


def _over(declared: Deadline, clock: Clock) -> Text:
    """Return the sentence that a term is over."""
    if declared.extend is None:
        said = Text(
            "'{title}' was due on {day} and is over; no other day gives more time",
            "“{title}”已于 {day} 到期，不能以修改延长",
        )
    else:
        said = Text(
            "'{title}' was due on {day} and is over; more time takes an extension (extend --exception)",
            "“{title}”已于 {day} 到期；到期后延长时间须按例外延期办理（extend --exception）",
        )
    return said.format(title=declared.title, day=clock.due_on)
