"""Why an extension may not be: who may enter it, what its application must hold, and how far it goes (domain §7)."""

from collections.abc import Iterator
from datetime import date

from engine.deadlines.clock import Clock, Extended, Status
from engine.errors import Reason
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.refusals import without_role
from engine.store import house_rows as house
from engine.workflow.lengths import length_said
from engine.workflow.model import Authority, Deadline, Extension
from engine.working_days.calendars import Calendar
from engine.working_days.count import add
from engine.working_days.dates import local_day as local_date


def may_extend(acting: Acting, case: Case, rule: Extension, *, exception: bool) -> list[Text]:
    """Return why the officer may not enter the extension."""
    wanted = rule.beyond_by if exception else rule.by
    actor = acting.actor(case.unit_id)
    if actor.roles & set(wanted):
        return []
    if not wanted:
        return [Text("its workflow names nobody who may enter it", "流程未规定由谁办理")]
    return [without_role(actor, wanted, case.unit)]


def not_open(declared: Deadline, clock: Clock, *, exception: bool) -> Iterator[Text]:
    """Yield why a deadline is not one to be extended now."""
    if exception and declared.authority is Authority.LAW:
        yield Text("its limit is set by law; there is no exception", "该期限由法律规定，不得以例外方式突破")
    if clock.status is Status.PAUSED:
        yield Text("it is paused; let it run again first (resume)", "期限处于暂停状态；请先恢复（resume）")


def missing(acting: Acting, case: Case, rule: Extension, extension: Extended, *, begun_on: date) -> Iterator[Text]:
    """Yield what the application lacks: a reason, the signature of one who may give it, a day of filing.

    Args:
        begun_on: Local date on which the term begins; it cannot be filed for before.
    """
    ledger, signed_by = acting.ledger, extension.signed_by
    if not extension.reason:
        yield Reason("give a reason (--reason)", "请写明延期理由（--reason）", kind="missing", field="reason")
    if "signed_by" in rule.needs:
        if not signed_by:
            lacks = Text("who signed it is missing (--signed-by)", "缺少签批人（--signed-by）")
            yield Reason.of(lacks, "missing", field="signed_by")
        elif house.officer(ledger.store, signed_by) is None:
            yield Text(f"'{signed_by}' is no registered officer", f"“{signed_by}”不是在册人员")
        else:
            yield from _may_sign(ledger, case, rule, signed_by)
    if "filed_on" in rule.needs:
        if not extension.filed_on:
            lacks = Text("the day of filing is missing (--filed-on)", "缺少备案日期（--filed-on）")
            yield Reason.of(lacks, "missing", field="filed_on")
        elif extension.filed_on > acting.today.isoformat():
            yield Reason("the day of filing lies in the future", "备案日期在今天之后", kind="value", field="filed_on")
        elif extension.filed_on < begun_on.isoformat():
            yield Text(
                f"the day of filing lies before the term, which began on {begun_on}",
                f"备案日期早于起算日 {begun_on}",
            )


def out_of_time(clock: Clock, after: Clock, *, late: bool) -> Iterator[Text]:
    """Yield why an extension comes to nothing.

    Args:
        after: The clock with the extension that is asked for.
        late: It is asked for after the due day, where it had to be before.
    """
    if late:
        yield Text(
            f"it was due on {clock.due_on}; an extension is asked for before that day is over, and is an exception "
            "since (--exception)",
            f"已于 {clock.due_on} 到期；延期须在到期日结束前申请，到期后属例外（--exception）",
        )
    not_later = after.due_on <= clock.due_on and (after.due_at or 0) <= (clock.due_at or 0)
    if not_later and clock.status is not Status.PAUSED:
        yield Text("the new date lies not after the old one", "新期限不晚于原期限")


def _may_sign(ledger: Ledger, case: Case, rule: Extension, signed_by: str) -> list[Text]:
    """Return why the officer cannot have signed for the case's unit."""
    signatory = house.actor(ledger.store, signed_by, case.unit_id)
    name = ledger.naming.officer(signed_by).zh
    if signatory is None:
        return [Text(f"{signed_by} has left and signs nothing", f"{name} 已离任，不能签批")]
    if not rule.signed_by or signatory.roles & set(rule.signed_by):
        return []
    titles = [ledger.workflows.roles().get(each) or Text(each, each) for each in rule.signed_by]
    return [
        Text(
            f"{signed_by} may not sign it; it is signed by: {', '.join(each.en for each in titles)}",
            f"{name} 无权签批；须由{'、'.join(each.zh for each in titles)}签批",
        )
    ]


def beyond_cap(
    declared: Deadline, rule: Extension, *, clock: Clock, after: Clock, capped: Clock, calendar: Calendar
) -> list[Text]:
    """Return why an extension without exception goes too far.

    Args:
        after: The clock with the extension that is asked for.
        capped: The clock with the longest extension that the rule allows. It is counted from before any roll;
            the same length from the date that stands is allowed too, where that reaches further.
    """
    found = []
    if len(clock.extensions) >= rule.times:
        found.append(
            Text(
                f"it was extended {len(clock.extensions)} time(s) already; once more is an exception (--exception)",
                f"已延期 {len(clock.extensions)} 次；再次延期属例外（--exception）",
            )
        )
    cap = rule.at_most
    # A fixed date never moves for a day off, and neither does the limit of its extension.
    roll = declared.end_roll if declared.lengths else "none"
    due = add(
        date.fromisoformat(clock.due_on),
        cap.amount,
        cap.unit,
        calendar,
        end_roll=roll,
        unpublished="weekdays",
    )
    last = max(capped.due_on, local_date(due.due, calendar.zone).isoformat())
    if after.due_on > last:
        found.append(
            Text(
                "at most {length} (until {last}); more is an exception (--exception)",
                "延期一般不超过 {length}（至 {last}）；更长属例外（--exception）",
            ).format(length=length_said(cap.amount, cap.unit), last=last)
        )
    return found
