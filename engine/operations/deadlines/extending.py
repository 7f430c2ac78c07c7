"""Why an extension may not be: who may enter it, what its application must hold, and how far it goes (domain §7)."""

from datetime import date

from engine.deadlines.clock import Clock
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.refusals import without_role
from engine.store import house_rows as house
from engine.workflow.lengths import length_said
from engine.workflow.model import Deadline, Extension
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


def missing(
    ledger: Ledger,
    case: Case,
    rule: Extension,
    *,
    reason: str,
    signed_by: str,
    filed_on: date | None,
    begun_on: date,
    today: date,
) -> list[Text]:
    """Return what the application lacks: a reason, the signature of one who may give it, a day of filing.

    Args:
        begun_on: Local date on which the term begins; it cannot be filed for before.
    """
    found = []
    if not reason.strip():
        found.append(Text("give a reason (--reason)", "请写明延期理由（--reason）"))
    if "signed_by" in rule.needs:
        if not signed_by:
            found.append(Text("who signed it is missing (--signed-by)", "缺少签批人（--signed-by）"))
        elif house.officer(ledger.store, signed_by) is None:
            found.append(Text(f"'{signed_by}' is no registered officer", f"“{signed_by}”不是在册人员"))
        else:
            found += _may_sign(ledger, case, rule, signed_by)
    if "filed_on" in rule.needs:
        if filed_on is None:
            found.append(Text("the day of filing is missing (--filed-on)", "缺少备案日期（--filed-on）"))
        elif filed_on > today:
            found.append(Text("the day of filing lies in the future", "备案日期在今天之后"))
        elif filed_on < begun_on:
            found.append(
                Text(
                    f"the day of filing lies before the term, which began on {begun_on}",
                    f"备案日期早于起算日 {begun_on}",
                )
            )
    return found


def _may_sign(ledger: Ledger, case: Case, rule: Extension, signed_by: str) -> list[Text]:
    """Return why the officer cannot have signed for the case's unit."""
    signatory = house.actor(ledger.store, signed_by, case.unit_id)
    if signatory is None:
        return [Text(f"{signed_by} has left and signs nothing", f"{signed_by} 已离任，不能签批")]
    if not rule.signed_by or signatory.roles & set(rule.signed_by):
        return []
    titles = [ledger.workflows.roles().get(each) or Text(each, each) for each in rule.signed_by]
    return [
        Text(
            f"{signed_by} may not sign it; it is signed by: {', '.join(each.en for each in titles)}",
            f"{signed_by} 无权签批；须由{'、'.join(each.zh for each in titles)}签批",
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
