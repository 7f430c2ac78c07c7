"""How a date was computed, day by day: what was counted, skipped or moved, and why.

It follows the stretches that `engine.working_days.count` itself noted on its way, asks the same calendar, and
refuses to tell a story that does not end on the due date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from engine.language import Text
from engine.working_days.calendars import Calendar, DayStatus
from engine.working_days.count import Derivation
from engine.working_days.dates import day_at, local_day
from engine.working_days.scales import SECOND
from engine.working_days.walk import DAY_UNITS, Moment, WalkSpan, shown


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedStep:
    """One day or stretch of hours on the way to a due date."""

    on: Moment
    until: Moment | None = None
    """The end of a stretch of hours; None for a whole day."""
    kind: Literal["start", "counted", "skipped", "paused", "rolled"]
    number: int | None = None
    """Which day of its part this is, from 1; None if it is not counted."""
    part: int = 0
    """0 for the term itself, 1 for its first extension, and so on."""
    reason: Text


def explain(derivation: Derivation) -> tuple[ExplainedStep, ...]:
    """Return every day counted, skipped or paused, in the order in which the term went through them."""
    steps = [*_start(derivation)]
    for part in range(1 + max((span.part for span in derivation.spans), default=0)):
        steps += _numbered(_part(derivation, part))
    steps = _clipped(derivation, steps)
    steps += _roll(derivation)
    if derivation.unit in DAY_UNITS and derivation.spans:
        assert steps[-1].on == derivation.due, (steps[-1], derivation)
    return tuple(steps)


def _start(derivation: Derivation) -> Iterator[ExplainedStep]:
    """Tell where counting began, and how it got there."""
    start, calendar = derivation.start, derivation.calendar
    if derivation.unit not in DAY_UNITS:
        yield ExplainedStep(on=start, kind="start", reason=Text("start", "起算时刻"))
        return
    given = local_day(derivation.given, calendar.zone)
    if given != start:
        yield ExplainedStep(
            on=given,
            kind="skipped",
            reason=Text("{why}: the start moves to a working day", "{why}，起算日顺移至工作日").format(
                why=calendar.reason(given)
            ),
        )
    if not (derivation.count_start and derivation.spans):
        yield ExplainedStep(on=start, kind="start", reason=Text("start day, not counted", "起算日，不计入"))


def _part(derivation: Derivation, part: int) -> Iterator[ExplainedStep]:
    """Tell the stretches of one part."""
    for span in derivation.spans:
        if span.part == part:
            yield from _days(span, derivation.calendar) if span.is_of_days else _hours(span, derivation.calendar)


def _days(span: WalkSpan, calendar: Calendar) -> Iterator[ExplainedStep]:
    """Tell a stretch of days, forwards or backwards."""
    step = 1 if span.last >= span.first else -1
    for ordinal in range(span.first + step, span.last + step, step):
        day = day_at(ordinal)
        if span.kind == "paused":
            yield ExplainedStep(
                on=day, kind="paused", part=span.part, reason=Text("paused, not counted", "暂停，不计入")
            )
        elif span.unit == "working_days" and not calendar.day_scale.works(ordinal):
            yield ExplainedStep(on=day, kind="skipped", part=span.part, reason=_why(day, calendar, is_looked_up=True))
        else:
            looked_up = span.unit == "working_days"
            yield ExplainedStep(
                on=day, kind="counted", part=span.part, reason=_why(day, calendar, is_looked_up=looked_up)
            )


def _hours(span: WalkSpan, calendar: Calendar) -> Iterator[ExplainedStep]:
    """Tell a stretch of hours: all at once, or working time day by day."""
    if span.kind == "paused":
        yield _stretch("paused", span.first, span.last, span.part, calendar)
    elif span.unit in {"hours", "minutes"}:
        yield _stretch("counted", min(span.first, span.last), max(span.first, span.last), span.part, calendar)
    else:
        first, last = sorted((span.first, span.last))
        days = range(shown(first, calendar).toordinal(), shown(last, calendar).toordinal() + 1)
        for ordinal in days if span.first <= span.last else reversed(days):
            day = day_at(ordinal)
            if not calendar.day_scale.works(ordinal):
                yield ExplainedStep(
                    on=day, kind="skipped", part=span.part, reason=_why(day, calendar, is_looked_up=True)
                )
            for opens, closes in calendar.time_scale.spans(day):
                begins, ends = max(opens, first), min(closes, last)
                if begins < ends:
                    yield _stretch("counted", begins, ends, span.part, calendar)


def _stretch(kind: Literal["counted", "paused"], first: int, last: int, part: int, calendar: Calendar) -> ExplainedStep:
    """Return the step of a stretch of hours."""
    length = f"{(last - first) / SECOND / 3600:g}"
    counted = Text(f"{length} h", f"{length} 小时")
    return ExplainedStep(
        on=shown(first, calendar),
        until=shown(last, calendar),
        kind=kind,
        part=part,
        reason=counted if kind == "counted" else Text("paused, not counted", "暂停，不计入"),
    )


def _numbered(steps: Iterator[ExplainedStep]) -> Iterator[ExplainedStep]:
    """Number the days that count."""
    number = 0
    for step in steps:
        if step.kind == "counted" and step.until is None:
            number += 1
            yield replace(step, number=number)
        else:
            yield step


def _clipped(derivation: Derivation, steps: list[ExplainedStep]) -> list[ExplainedStep]:
    """Say of a month's last day that the month has no such date as the start."""
    start, due = derivation.start, derivation.unrolled
    is_plain = len(derivation.spans) == 1 and not derivation.count_start
    if derivation.unit != "months" or not is_plain or start.day == due.day:
        return steps
    note = Text("{why}; this month has no day {day}, so its last day", "{why}；本月没有{day}日，以月末为准").format(
        why=steps[-1].reason, day=start.day
    )
    return [*steps[:-1], replace(steps[-1], reason=note)]


def _roll(derivation: Derivation) -> Iterator[ExplainedStep]:
    """Tell how a last day that is off moved."""
    due, unrolled, calendar = derivation.due, derivation.unrolled, derivation.calendar
    if due == unrolled:
        return
    is_forward = derivation.rolled == "forward"
    why = calendar.reason(local_day(unrolled, calendar.zone))
    target = (
        Text("the next working day", "下一个工作日") if is_forward else Text("the working day before", "前一个工作日")
    )
    first, last = local_day(unrolled, calendar.zone).toordinal(), local_day(due, calendar.zone).toordinal()
    step = 1 if is_forward else -1
    for ordinal in range(first + step, last, step):
        day = day_at(ordinal)
        if calendar.day_scale.works(ordinal):
            yield ExplainedStep(on=day, kind="paused", reason=Text("paused, not counted", "暂停，不计入"))
        else:
            yield ExplainedStep(on=day, kind="skipped", reason=_why(day, calendar, is_looked_up=True))
    yield ExplainedStep(
        on=due,
        kind="rolled",
        reason=Text("the last day is off ({why}): {target}", "期限最后一日为休息日（{why}），顺延至{target}").format(
            why=why, target=target
        )
        if is_forward
        else Text("the last day is off ({why}): {target}", "期限最后一日为休息日（{why}），提前至{target}").format(
            why=why, target=target
        ),
    )


def _why(day: date, calendar: Calendar, *, is_looked_up: bool) -> Text:
    """Return the reason of a day; say so if its year had to be guessed."""
    if calendar.standing(day) is not DayStatus.NOT_PUBLISHED or not is_looked_up:
        return calendar.reason(day)
    return Text("{why} ({year} is not published: provisional)", "{why}（{year} 年日历未公布，暂估）").format(
        why=calendar.reason(day), year=day.year
    )
