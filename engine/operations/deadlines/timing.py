"""What officers do with a deadline: extend, pause, resume and explain it."""

from collections.abc import Sequence
from datetime import date, datetime

from engine.deadlines.clock import (
    Clock,
    Status,
    derivation,
    is_overdue,
    paused,
    resumed,
)
from engine.deadlines.lateness import recorded
from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import CaseEvent, DeadlineExtended, DeadlinePaused, DeadlineResumed
from engine.journal.signature_events import extension_field
from engine.language import Text
from engine.operations.cases.cancelling import take_back
from engine.operations.cases.commit import counts_from, write_children, write_entry, write_openings
from engine.operations.cases.journal_body import journaled
from engine.operations.cases.opening import CaseOpening
from engine.operations.cases.repetition import clock_repeated
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_amend
from engine.rules.case import Case
from engine.store import clock_rows, signature_rows
from engine.workflow.deadline import Authority, Deadline
from engine.workflow.problems import did_you_mean
from engine.working_days.count import Derivation
from engine.working_days.instants import local_day, microseconds


def pause(
    acting: Acting,
    number: str,
    name: str | None,
    *,
    reason: str,
    since: date | None = None,
) -> Clock:
    """Stop a deadline's clock; dated back to *since* it is marked so.

    A pause never does what an extension may not: a term of law stands still only in the states that
    its declaration names, and one that is over only by the word of those who may make exceptions.

    Raises:
        RefusedError: If it stands still already, is set by law or is over, or *since* lies before its
            start or in the future.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case or deadline.
    """
    done = clock_repeated(acting, number, DeadlinePaused, name, reason=reason.strip())
    if done is not None:
        return done
    ledger = acting.ledger
    case, declared, clock = running_clock(ledger, number, name)
    acting.refuse_overtaken(case)
    late = is_late_now(acting, case, clock)
    excepting = declared.extend.beyond_by if late and declared.extend else ()
    if not acting.actor(case.unit_id).roles & set(excepting):
        may_amend(ledger.rules_of(case), case, actor=acting.actor(case.unit_id))
    from_at = acting.now_at if since is None else _midnight(ledger, since)
    reasons = []
    if declared.authority is Authority.LAW:
        reasons.append(Text("its limit is set by law; no officer stops it", "该期限由法律规定，不得由人员暂停"))
    if late:
        reasons += _may_stop_late(acting, case, clock, excepting)
    if clock.status is Status.PAUSED:
        reasons.append(Text("it is paused already", "已处于暂停状态"))
    if from_at > acting.now_at:
        reasons.append(Text("a pause cannot begin in the future", "暂停不能从将来开始"))
    if from_at < clock.starts_at:
        reasons.append(Text("a pause cannot begin before the term", "暂停不能早于起算日"))
    reasons += _overlapping(ledger, clock, since)
    if reasons:
        raise RefusedError(
            Text(f"{number}: '{declared.title.en}' is not paused", f"{number}：“{declared.title.zh}”不能暂停"), reasons
        )
    after = paused(clock, from_at=from_at, reason=reason_given(reason), by=acting.by, noted_at=acting.now_at)
    event = DeadlinePaused(
        deadline=clock.name,
        reason=reason.strip(),
        from_at=from_at,
        dated_back=since is not None,
        since=None if since is None else since.isoformat(),
        exception=late,
    )
    write_clock(acting, case, after, event)
    return after


def resume(
    acting: Acting,
    number: str,
    name: str | None,
    *,
    reason: str,
    since: date | None = None,
) -> Clock:
    """Let a paused clock run again; its date moves by what the pause took.

    Raises:
        RefusedError: If it is not paused, or *since* lies before the pause or in the future.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case or deadline.
    """
    done = clock_repeated(acting, number, DeadlineResumed, name, reason=reason.strip())
    if done is not None:
        return done
    ledger = acting.ledger
    case, declared, clock = running_clock(ledger, number, name, paused_first=True)
    acting.refuse_overtaken(case)
    may_amend(ledger.rules_of(case), case, actor=acting.actor(case.unit_id))
    to_at = acting.now_at if since is None else _midnight(ledger, since)
    reasons = []
    if clock.status is not Status.PAUSED:
        reasons.append(Text("it is not paused", "未处于暂停状态"))
    else:
        if case.state in declared.paused_in:
            reasons.append(Text("the case's state keeps it paused", "事项当前状态使其暂停"))
        if to_at > acting.now_at:
            reasons.append(Text("it cannot resume in the future", "恢复不能在将来"))
        if to_at < clock.pauses[-1].from_at:
            reasons.append(Text("it cannot resume before it was paused", "恢复不能早于暂停"))
    if reasons:
        raise RefusedError(
            Text(f"{number}: '{declared.title.en}' is not resumed", f"{number}：“{declared.title.zh}”不能恢复"), reasons
        )
    workflow, fields = ledger.rules_of(case).workflow, counts_from(ledger, case, case.fields)
    after = resumed(workflow, declared, clock, fields, to_at=to_at, calendar=ledger.calendar_of(case.unit_id))
    event = DeadlineResumed(
        deadline=clock.name,
        reason=reason_given(reason),
        to_at=to_at,
        was_due_on=clock.due_on,
        dated_back=since is not None,
        since=None if since is None else since.isoformat(),
    )
    write_clock(acting, case, after, event)
    return after


def explanation(ledger: Ledger, number: str, name: str | None) -> tuple[Case, Deadline, Clock, Derivation | None]:
    """Return a deadline with the count that set its date; None for one due on a fixed date.

    Raises:
        NotFoundError: If there is no such case or deadline.
    """
    case, declared, clock = running_clock(ledger, number, name, ended_too=True)
    return case, declared, clock, derivation(declared, clock, calendar=ledger.calendar_of(case.unit_id))


def running_clock(
    ledger: Ledger, number: str, name: str | None, *, paused_first: bool = False, ended_too: bool = False
) -> tuple[Case, Deadline, Clock]:
    """Return a case and its live deadline of that name, or the only one that is live."""
    case = ledger.case(number)
    declared = ledger.rules_of(case).workflow.deadlines
    clocks = clock_rows.of_case(ledger.store, case.id)
    live = [each for each in clocks if each.status in {Status.RUNNING, Status.PAUSED}]
    if name is None:
        chosen = [each for each in live if each.status is Status.PAUSED] if paused_first else live
        if len(chosen) == 1:
            return case, declared[chosen[0].name], chosen[0]
        if paused_first and not chosen:
            raise NotFoundError(Text(f"none of the deadlines of {number} is paused", f"{number} 没有暂停的期限"))
        names, running = ", ".join(e.name for e in live), "、".join(declared[e.name].title.zh for e in live)
        raise NotFoundError(
            Text(
                f"{number} has {len(live)} deadlines running; name one: {names or 'none'}",
                f"{number} 有 {len(live)} 个期限在计时；请指明：{running or '无'}",
            )
        )
    clocks = tuple(each for each in clocks if each.name in declared)  # what an older version had is over
    found = [each for each in (clocks if ended_too else live) if each.name == name]
    if not found:
        known = list(dict.fromkeys(each.name for each in (clocks if ended_too else live)))
        titles = [declared[each].title.zh for each in known]
        near = Text(did_you_mean(name, known).en, did_you_mean(name, titles).zh)
        called = declared[name].title.zh if name in declared else name
        how = Text("", "") if ended_too else Text(" running", "在计时的")
        raise NotFoundError(
            Text(
                f"{number} has no deadline '{name}'{how.en}{near.en}; there is: {', '.join(known) or 'none'}",
                f"{number} 没有{how.zh}期限“{called}”{near.zh}；现有：{'、'.join(titles) or '无'}",
            )
        )
    return case, declared[name], found[-1]


def is_late_now(acting: Acting, case: Case, clock: Clock) -> bool:
    """Say whether a deadline is late now, or was by what the case's journal says; a clock set back undoes nothing."""
    at = acting.stamp(case)
    return is_overdue(clock, now_at=at, today=local_day(at, acting.ledger.zone))


def write_clock(
    acting: Acting, case: Case, clock: Clock, event: CaseEvent, *, openings: Sequence[CaseOpening] = ()
) -> None:
    """Write one deadline and the journal row that says why, and what it opens, in one commit."""
    ledger = acting.ledger
    with ledger.store.begin():
        standing_now = clock_rows.of_case(ledger.store, case.id)
        before = next(each for each in standing_now if each.id == clock.id)
        clock = recorded(before, clock, now_at=acting.stamp(case), calendar=ledger.calendar_of(case.unit_id))
        cancelled = take_back(ledger, standing_now, [clock])
        said = event.replace(cancelled=cancelled, deadlines=journaled([clock]))
        entry = acting.entry(case, said)
        terms = ledger.rules_of(case).shapes.terms(standing_now, [clock])
        written = write_entry(ledger, case, entry, fields=case.fields, seals={}, terms=terms)
        clock_rows.write(ledger.store, [clock])
        opened = write_openings(acting, openings, parent=written)
        if opened:
            write_children(acting, written, opened, deadline=clock.name)
        if isinstance(event, DeadlineExtended) and event.signed is not None:
            signature_rows.end(ledger.store, case.id, [extension_field(clock.name)])


def _may_stop_late(acting: Acting, case: Case, clock: Clock, wanted: Sequence[str]) -> list[Text]:
    """Return why the officer may not stop a deadline that is over."""
    actor = acting.actor(case.unit_id)
    if actor.roles & set(wanted):
        return []
    over, roles = Text(f"it was due on {clock.due_on} and is over", f"已于 {clock.due_on} 到期"), ", ".join(wanted)
    if not roles:
        return [Text(f"{over.en}; nobody may stop it then", f"{over.zh}；到期后不得暂停")]
    titles = actor.naming.roles(wanted).zh
    return [Text(f"{over.en}; only {roles} may stop it then", f"{over.zh}；到期后须由{titles}决定暂停")]


def _overlapping(ledger: Ledger, clock: Clock, since: date | None) -> list[Text]:
    """Return why a pause that is dated back cannot begin then: an earlier one took that time already."""
    ends = [each.to_at for each in clock.pauses if each.to_at is not None]
    if since is None or not ends:
        return []
    last = local_day(max(ends), ledger.zone)
    # Terms of days count a pause by its days, and the day on which it ends counts again.
    clear = since >= last if clock.due_at is None else _midnight(ledger, since) >= max(ends)
    if clear:
        return []
    return [
        Text(
            f"it was paused until {last} already; a pause cannot begin before that",
            f"此前已暂停至 {last}；暂停不能早于该日",
        )
    ]


def _midnight(ledger: Ledger, day: date) -> int:
    """Return the local midnight of a date, in microseconds since 1970 UTC."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=ledger.calendar.zone))
