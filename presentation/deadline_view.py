"""Deadlines, reminders and calendars in words: what is left, what the journal says of them; changes nothing."""

from collections.abc import Sequence
from typing import Final

from engine.deadlines.clock import Clock, Pause
from engine.deadlines.phrases import breach_words, standing_words
from engine.deadlines.timetable import timetable
from engine.journal import house_events as in_house
from engine.journal.case_events import (
    CaseEvent,
    DeadlineExtended,
    DeadlineMoved,
    DeadlinePaused,
    DeadlineResumed,
    ExtensionWithdrawn,
    ReminderSent,
)
from engine.journal.event import Event
from engine.language import Text, t
from engine.operations.deadlines.recipients import Recipients
from engine.operations.deadlines.standings import DeadlineView
from engine.operations.ledger.ledger import Ledger
from engine.rules.naming import Naming
from engine.workflow.lengths import length_said
from engine.workflow.model import Workflow
from engine.workflow.registry import Workflows
from engine.working_days.instants import local_time

PAPERS: Final = {
    "chase_letter": Text("chase letter", "催办单"),
    "supervision_notice": Text("supervision notice", "督办通知书"),
}
"""Papers that a rung makes ready."""

_HOUSE: Final = {
    in_house.CalendarUsed.kind: Text("counts by calendar {calendar}", "改用日历 {calendar}"),
    in_house.DaysClosed.kind: Text("{code} is closed {first}..{last}", "{code} 于 {first}..{last} 停诊或停办"),
    in_house.DaysOpened.kind: Text("{code} works {first}..{last}", "{code} 于 {first}..{last} 上班"),
    in_house.DaysReleased.kind: Text(
        "{code} follows the house {first}..{last}", "{code} 于 {first}..{last} 恢复按统一日历"
    ),
    in_house.ReturnsPassedOver.kind: Text(
        "returns not opened: {count}, of periods that began {first}..{last}",
        "未补开报表 {count} 件，开始于 {first}..{last}",
    ),
}


def deadline_called(ledger: Ledger, number: str, typed: str | None) -> str | None:
    """Return the name of the deadline that was typed, by its name or its title."""
    if typed is None:
        return None
    for name, declared in ledger.rules_of(ledger.case(number)).workflow.deadlines.items():
        if typed in (name, declared.title.en, declared.title.zh):
            return name
    return typed


def level_words(workflows: Workflows, level: str) -> str:
    """Return a level's title; one that is declared no more is shown by its name."""
    declared = workflows.levels().get(level)
    return level if declared is None else str(declared.title)


def paper_words(paper: str) -> str:
    """Return a paper's title."""
    return str(PAPERS.get(paper, paper))


def left_words(standing: DeadlineView) -> str:
    """Return what is left of a deadline, in its own unit; the due day itself is never late."""
    return standing_words(standing.clock, standing, standing.zone)


def was_dated_back(pause: Pause) -> bool:
    """Say whether an officer entered a pause after it had begun."""
    return bool(pause.by) and pause.noted_at > pause.from_at


def remarks(ledger: Ledger, clock: Clock) -> str:
    """Return what must be known about a date: extensions, pauses, that it is provisional."""
    said = []
    if clock.extensions:
        said.append(
            t(
                "extended {n}×, first due {on}",
                "已延期 {n} 次，原期限 {on}",
                n=len(clock.extensions),
                on=clock.original_due_on,
            )
        )
    elif clock.due_on != clock.original_due_on:
        said.append(t("first due {on}", "原期限 {on}", on=clock.original_due_on))
    if any(each.exception for each in clock.extensions):
        said.append(t("by exception", "例外延期"))
    for pause in clock.pauses:
        since = local_time(pause.from_at, ledger.zone).date()
        if pause.to_at is None:
            words = t("paused since {since}", "自 {since} 暂停", since=since)
        else:
            until = local_time(pause.to_at, ledger.zone).date()
            words = t("paused {since} – {until}", "{since} 至 {until} 暂停", since=since, until=until)
        said.append(words + (t(" (dated back)", "（补记）") if was_dated_back(pause) else ""))
    said += [breach_words(each) for each in clock.breaches if each.ended_on is not None and each.why != "met"]
    if clock.provisional:
        said.append(t("provisional: calendar not published", "暂估：日历未公布"))
    return t("; ", "；").join(said)


MOST_NAMES = 3
"""People whom a table names; the rest is a number."""


def names_said(people: Recipients, codes: Sequence[str]) -> str:
    """Return the names of some officers, as many as fit into a table."""
    words = t(", ", "、").join(people.name(each) for each in codes[:MOST_NAMES])
    more = len(codes) - MOST_NAMES
    return words if more <= 0 else words + t(" and {n} more", "等 {all} 人", n=more, all=len(codes))


def due_words(ledger: Ledger, clock: Clock) -> str:
    """Return when a deadline is due: its day, or its local time for terms in hours."""
    if clock.due_at is None:
        return clock.due_on
    return local_time(clock.due_at, ledger.zone).strftime("%Y-%m-%d %H:%M")


def happening(ledger: Ledger, workflow: Workflow | None, event: Event) -> str | None:
    """Return what a journal row says of a deadline or a calendar; None if it is about something else."""
    if event.kind in _HOUSE:
        named = {name: getattr(event, name, "") for name in ("calendar", "code", "first", "last", "count")}
        if named["code"]:
            named["code"] = ledger.naming.unit(str(named["code"]))
        return str(_HOUSE[event.kind].format(**named))
    if isinstance(event, ReminderSent):
        return _reminded(ledger, workflow, event)
    if isinstance(event, ExtensionWithdrawn):
        title, now = _title(workflow, event.deadline), _due_after(event)
        words = Text("extension of {title} withdrawn: {was} → {now}", "撤回{title}延期：{was} → {now}")
        return str(words.format(title=title, was=event.was_due_on, now=now))
    if isinstance(event, DeadlineExtended | DeadlinePaused | DeadlineResumed | DeadlineMoved):
        return _changed(_title(workflow, event.deadline), event, ledger.naming)
    return None


def _changed(
    title: str, event: DeadlineExtended | DeadlinePaused | DeadlineResumed | DeadlineMoved, naming: Naming
) -> str:
    """Return what was done to a deadline."""
    match event:
        case DeadlineExtended():
            return _extended(title, event, naming)
        case DeadlinePaused():
            return t("{title} paused", "{title}暂停", title=title) + _dated_back(event)
        case DeadlineResumed():
            return _resumed(title, event)
        case DeadlineMoved():
            return _moved(title, event)


def cancelled_words(ledger: Ledger, workflow: Workflow | None, event: CaseEvent) -> str | None:
    """Return which reminders a row took back before they went out; None if none."""
    if not event.cancelled:
        return None
    said = [
        t(
            "{level} of {title}",
            "{title}{level}",
            level=level_words(ledger.workflows, level),
            title=_title(workflow, name),
        )
        for name, _, level in event.cancelled
    ]
    return t("cancelled before it went out: {said}", "未发出即取消：{said}", said=t(", ", "、").join(said))


def _title(workflow: Workflow | None, name: str) -> str:
    """Return a deadline's title."""
    declared = workflow.deadlines.get(name) if workflow is not None else None
    return str(declared.title) if declared else name


def _missed(ledger: Ledger, workflow: Workflow | None, name: str, skipped: Sequence[tuple[int, str]]) -> str:
    """Return the levels that nobody was reminded of, each with its place before or after the due day."""
    ladders = timetable(workflow).ladders if workflow is not None else {}
    said = []
    for place, level in skipped:
        words = level_words(ledger.workflows, level)
        step = ladders[name].step(place) if name in ladders else None
        if step is not None:
            rung, turn, more = step
            amount = rung.at.amount
            if rung.every is not None and turn and rung.every.unit == rung.at.unit:
                amount += rung.every.amount * turn
            at = length_said(amount, str(rung.at.unit), signed=True)
            words += t(" ({at})", "（{at}）", at=at) if not more else t(" (again, {n})", "（续提醒第{n}次）", n=more)
        said.append(words)
    return t(", ", "、").join(said)


def _due_after(event: DeadlineExtended | DeadlineResumed | DeadlineMoved | ExtensionWithdrawn) -> str:
    """Return the day on which a deadline that a row moved is due after it."""
    after = event.deadlines.get(event.deadline)
    return "" if after is None else after.due_on


def _extended(title: str, event: DeadlineExtended, naming: Naming) -> str:
    """Return what an extension moved, and on whose word."""
    words = t(
        "{title} extended: {was} → {now}",
        "{title}延期：{was} → {now}",
        title=title,
        was=event.was_due_on,
        now=_due_after(event),
    )
    if event.signed_by:
        words += t(", signed by {who}", "，{who} 签批", who=naming.officer(event.signed_by))
    if event.filed_on:
        words += t(", filed {on}", "，{on} 备案", on=event.filed_on)
    return words + (t(" (exception)", "（例外）") if event.exception else "")


def _resumed(title: str, event: DeadlineResumed) -> str:
    """Return that a clock runs again, and its new date."""
    words = t(
        "{title} runs again: {was} → {now}",
        "{title}恢复计时：{was} → {now}",
        title=title,
        was=event.was_due_on,
        now=_due_after(event),
    )
    return words + _dated_back(event)


def _moved(title: str, event: DeadlineMoved) -> str:
    """Return that another calendar moved a date."""
    return t(
        "{title} moved by calendar {calendar}: {was} → {now}",
        "{title}按日历 {calendar} 调整：{was} → {now}",
        title=title,
        calendar=event.calendar,
        was=event.was_due_on,
        now=_due_after(event),
    )


def _reminded(ledger: Ledger, workflow: Workflow | None, event: ReminderSent) -> str:
    """Return what a reminder was about, who heard of it and which paper it made ready."""
    words = t(
        "{level}: {title} (due {due})",
        "{level}：{title}（{due} 到期）",
        level=level_words(ledger.workflows, event.level),
        title=_title(workflow, event.deadline),
        due=event.due_on,
    )
    words += (
        t(" to {who}", "，发送 {who}", who=t(", ", "、").join(str(ledger.naming.officer(each)) for each in event.to))
        if event.to
        else t(" to nobody: no officer has the role", "，无人可发：相应角色没有人员")
    )
    if event.lacking:
        words += t(
            "; those who keep the ledger hear of it, since nobody has a role it names",
            "；因所列角色无人，并报台账管理人员",
        )
    if event.again:
        words += t(" (again: nobody could hear it before)", "（补发：此前无人可收）")
    if event.skipped:
        missed = _missed(ledger, workflow, event.deadline, event.skipped)
        words += t("; missed: {missed}", "；未及发送：{missed}", missed=missed)
    if event.paper:
        words += t("; to be written: {paper}", "；待制发：{paper}", paper=paper_words(event.paper))
    return words


def _dated_back(event: DeadlinePaused | DeadlineResumed) -> str:
    """Return that an entry was dated back, and to which day."""
    if not event.dated_back:
        return ""
    if event.since is None:
        return t(" (dated back)", "（补记）")
    return t(", dated back to {since}", "，自 {since} 起（补记）", since=event.since)
