"""What a diagram of a workflow says, in the language in use; draws nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.language import Text, t
from engine.workflow.model import Authority, Deadline, OnDate, OnField, Rung, Term, TermUnit, Transition, Workflow

Roles = Mapping[str, Text]
"""The titles of roles, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagramStep:
    """One transition, as a diagram tells it."""

    number: int
    """From 1, in the order of the declaration."""
    title: str
    who: str
    """Who may take it."""
    brings: str
    """What must be brought; empty if nothing."""
    condition: str
    """The `if` that chooses it among others; empty if there is none."""
    refused_if: tuple[str, ...]
    """The sentences of its guards."""
    opens: str
    """The cases that it opens; empty if none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """One deadline at a state."""

    words: str
    is_law: bool = False
    rests: bool = False
    """The deadline is paused in the state."""


def steps(workflow: Workflow, roles: Roles, others: Mapping[str, Workflow]) -> dict[str, DiagramStep]:
    """Return every transition by name, numbered.

    Args:
        others: The workflows whose titles are said where a step opens a case.
    """
    return {
        each.name: DiagramStep(
            number=number,
            title=str(each.title),
            who=_listed(who(workflow, name, roles) for name in each.by),
            brings=_listed(_field(workflow, name) for name in dict.fromkeys((*each.asks, *each.needs))),
            condition=each.if_ or "",
            refused_if=tuple(str(guard.sentence) for guard in each.when),
            opens=_listed(_opened(each, others)),
        )
        for number, each in enumerate(workflow.transitions, start=1)
    }


def moves(workflow: Workflow) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the transitions that lead from one state to another one, by both."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in workflow.transitions:
        for source in each.sources:
            if each.target is not None and each.target != source:
                found.setdefault((source, each.target), []).append(each.name)
    return {pair: tuple(names) for pair, names in found.items()}


def stays(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """Return the transitions that leave the case where it is, each with the states in which it can be taken."""
    found = {
        each.name: tuple(source for source in each.sources if each.target in (None, source))
        for each in workflow.transitions
    }
    return {name: states for name, states in found.items() if states}


def badges(workflow: Workflow, state: str) -> tuple[Badge, ...]:
    """Return the deadlines that run or rest in *state*."""
    return tuple(
        Badge(
            words=deadline_said(workflow, each) if state in each.runs_in else str(each.title),
            is_law=each.authority is Authority.LAW,
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
    else:
        when = term_said(due.term)
    return f"{deadline.title} {when}" + (" *" if deadline.if_ else "")


def term_said(term: Term) -> str:
    """Return a length of time as people say it."""
    one, several, zh = _UNITS[term.unit]
    return t(f"{term.amount} {one if term.amount == 1 else several}", f"{term.amount}{zh}")


def rung_said(rung: Rung) -> str:
    """Return when a rung comes: 3日前, 到期后7日，每7日一次，共3次."""
    length = term_said(replace(rung.at, amount=abs(rung.at.amount)))
    if rung.at.amount < 0:
        when = t("{length} before", "到期前{length}", length=length)
    elif rung.at.amount > 0:
        when = t("{length} after", "到期后{length}", length=length)
    else:
        when = t("on the due day", "到期当日")
    if rung.every is None:
        return when
    return when + t(
        ", every {every}, {times} times",
        "，每{every}一次，共{times}次",
        every=term_said(rung.every),
        times=rung.times,
    )


def who(workflow: Workflow, name: str, roles: Roles) -> str:
    """Return the title of a role, or of the field that names an officer of the case."""
    if name in workflow.fields:
        return _field(workflow, name)
    return str(roles[name]) if name in roles else name


_UNITS: Mapping[TermUnit, tuple[str, str, str]] = {
    TermUnit.HOURS: ("hour", "hours", "小时"),
    TermUnit.WORKING_HOURS: ("working hour", "working hours", "个工作小时"),
    TermUnit.DAYS: ("day", "days", "日"),
    TermUnit.WORKING_DAYS: ("working day", "working days", "个工作日"),
    TermUnit.MONTHS: ("month", "months", "个月"),
}


def _field(workflow: Workflow, name: str) -> str:
    """Return the title of a field; its name if it is not declared."""
    return str(workflow.fields[name].title) if name in workflow.fields else name


def _opened(transition: Transition, others: Mapping[str, Workflow]) -> tuple[str, ...]:
    """Return the titles of the cases that a step opens."""
    names = (opening.workflow for opening in transition.opens)
    return tuple(str(others[name].title) if name in others else name for name in names)


def _listed(words: Iterable[str]) -> str:
    """Return *words* as a list in a sentence."""
    return t(", ", "、").join(words)
