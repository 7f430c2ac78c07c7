"""What a diagram of a workflow says, in the language in use; draws nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.language import Text, t
from engine.workflow.children import BACK
from engine.workflow.deadline import (
    AFTERWARDS,
    Deadline,
    OnDate,
    OnField,
    Rung,
    Term,
    TermUnit,
    WithinByValue,
)
from engine.workflow.model import Transition, Workflow
from engine.workflow.powers import PROGRAM, PROGRAM_TITLE

Roles = Mapping[str, Text]
"""The titles of roles, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """One deadline at a state."""

    words: str
    rests: bool = False
    """The deadline is paused in the state."""


def step_lines(workflow: Workflow, step: Transition, roles: Roles) -> tuple[str, ...]:
    """Return what is said of a step: its title, who may take it, and the condition that chooses it if there is one."""
    lines = [str(step.title), f"({_listed(who(workflow, name, roles) for name in step.by)})"]
    if step.came_from:
        lines.append(t("back to where it came from", "返回来处"))
    if step.declared_if:
        lines.append(t("only if {words}", "仅当 {words}", words=step.declared_if))
    return (*lines, *further(workflow, step))


def further(workflow: Workflow, step: Transition) -> tuple[str, ...]:
    """Return what is said of what follows from a step in its commit: children that go along, another unit."""
    lines = []
    if step.each is not None:
        child, name = step.each.children, step.each.step
        lines.append(t("each {child}: {name}", "每件 {child}：{name}", child=child, name=name))
    if step.hands_to == BACK:
        lines.append(t("back to the unit before", "退回原单位"))
    elif step.hands_to is not None:
        field = workflow.fields[step.hands_to].title
        lines.append(t("to the unit in '{field}'", "移交“{field}”所列单位", field=field))
    return tuple(lines)


def opened(step: Transition, others: Mapping[str, Workflow]) -> tuple[tuple[str, str], ...]:
    """Return name and title of each workflow whose cases a step opens.

    Args:
        others: The workflows whose titles are known.
    """
    names = dict.fromkeys(opening.workflow for opening in step.opens)
    return tuple((name, str(others[name].title) if name in others else name) for name in names)


def badges(workflow: Workflow, state: str) -> tuple[Badge, ...]:
    """Return the deadlines that run or rest in *state*."""
    return tuple(
        Badge(
            words=deadline_said(workflow, each) if state in each.runs_in else str(each.title),
            rests=state not in each.runs_in,
        )
        for each in workflow.deadlines.values()
        if state in each.runs_in or state in each.paused_in
    )


def deadline_said(workflow: Workflow, deadline: Deadline) -> str:
    """Return a deadline in a few words: 核查期限 1个月."""
    due = deadline.due
    if isinstance(due, OnDate):
        when = t("by {day}", "至 {day}", day=due.on.isoformat())
    elif isinstance(due, OnField):
        when = t("by {field}", "至{field}", field=_field(workflow, due.field))
    elif isinstance(due, WithinByValue):
        lengths = t(" or ", "或").join(dict.fromkeys(map(term_said, due.every)))
        when = t("{lengths} by {field}", "按{field}{lengths}", field=_field(workflow, due.field), lengths=lengths)
    else:
        when = term_said(due.term)
    return f"{deadline.title} {when}" + (" *" if deadline.if_ else "")


def term_said(term: Term) -> str:
    """Return a length of time as people say it."""
    one, several, zh = _UNITS[term.unit]
    return t(f"{term.amount} {one if term.amount == 1 else several}", f"{term.amount}{zh}")


def rung_said(rung: Rung, *, last: bool = False) -> str:
    """Return when a rung comes: 3日前, 到期后7日，每7日一次，共3次."""
    length = term_said(rung.at.replace(amount=abs(rung.at.amount)))
    if rung.at.amount < 0:
        when = t("{length} before", "到期前{length}", length=length)
    elif rung.at.amount > 0:
        when = t("{length} after", "到期后{length}", length=length)
    else:
        when = t("on the due day", "到期当日")
    if rung.every is not None and not rung.goes_on:
        when += t(
            ", every {every}, {times} times",
            "，每{every}一次，共{times}次",
            every=term_said(rung.every),
            times=rung.times,
        )
    again = rung.every if rung.goes_on else AFTERWARDS if last else None
    if again is None:
        return when
    return when + t(", then every {every} as long as it runs", "，此后每{every}一次，直至办结", every=term_said(again))


def who(workflow: Workflow, name: str, roles: Roles) -> str:
    """Return the title of a role, or of the field that names an officer of the case."""
    if name in workflow.fields:
        return _field(workflow, name)
    if name == PROGRAM:
        return str(PROGRAM_TITLE)
    return str(roles[name]) if name in roles else name


_UNITS: Mapping[TermUnit, tuple[str, str, str]] = {
    TermUnit.MINUTES: ("minute", "minutes", "分钟"),
    TermUnit.HOURS: ("hour", "hours", "小时"),
    TermUnit.WORKING_HOURS: ("working hour", "working hours", "个工作小时"),
    TermUnit.DAYS: ("day", "days", "日"),
    TermUnit.WORKING_DAYS: ("working day", "working days", "个工作日"),
    TermUnit.MONTHS: ("month", "months", "个月"),
}


def _field(workflow: Workflow, name: str) -> str:
    """Return the title of a field; its name if it is not declared."""
    return str(workflow.fields[name].title) if name in workflow.fields else name


def _listed(words: Iterable[str]) -> str:
    """Return *words* as a list in a sentence."""
    return t(", ", "、").join(words)
