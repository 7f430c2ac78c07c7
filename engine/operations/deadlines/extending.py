"""Extensions: asked for, signed and entered; who may, what they must hold, and how far they go (domain §7)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from engine.deadlines.clock import Clock, Extended, Status, derivation, extended
from engine.errors import BadValueError, Reason, RefusedError
from engine.journal.case_events import DeadlineExtended
from engine.journal.signature_events import SignatureAsked, extension_asked, extension_field
from engine.language import Text
from engine.operations.cases.commit import counts_from
from engine.operations.cases.opening import CaseOpening
from engine.operations.cases.repetition import clock_repeated
from engine.operations.cases.signatures import Page, StandingSignature, ask_or_enter, given_under
from engine.operations.cases.signed_deeds import extension_is_signed, may_sign, unsigned_deed
from engine.operations.deadlines.proposals import filing as filing_of
from engine.operations.deadlines.timing import is_late_now, running_clock, write_clock
from engine.operations.house.directory import officer_called
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.refusals import without_role
from engine.store import house_rows as house
from engine.workflow.deadline import Authority, Deadline, Extension, Term, TermUnit
from engine.workflow.lengths import length_said
from engine.working_days.calendars import Calendar
from engine.working_days.count import add
from engine.working_days.dates import local_day as local_date
from engine.working_days.instants import local_day

NO_LENGTH: Final = Text("say by how much: --for LENGTH or --until DATE", "请写明延长多久：--for 长度 或 --until 日期")
"""What is said where no length is given, or two."""


class ProposedExtension(NamedTuple):
    """A deadline with the extension that is asked for."""

    case: Case
    declared: Deadline
    clock: Clock
    after: Clock
    extension: Extended
    rule: Extension


def extend(
    acting: Acting,
    number: str,
    name: str | None,
    *,
    length: Term | date | None,
    reason: str,
    signed_by: str,
    filed_on: date | None,
    exception: bool = False,
    dry_run: bool = False,
) -> Clock:
    """Extend a deadline, and return it with its new date (S2 二(一); domain §7).

    Args:
        name: The declared deadline; None if only one is running.
        length: A term that is added to the current due date, or the new due date; None for what was signed.
        reason: Empty for what was signed.
        signed_by: Code of the signatory, where signatures are typed.
        filed_on: Local date on which the extension was filed with the discipline committee.
        exception: The officer means to exceed the cap or the number of times, and may.

    Raises:
        RefusedError: If it may not be extended; every reason is named.
        BadValueError: If no length is given and none was signed.
        NotFoundError: If there is no such case or deadline.
    """
    filed = filed_on.isoformat() if filed_on else ""
    typed = {"reason": reason.strip(), "signed_by": signed_by, "filed_on": filed}
    says = {key: value for key, value in typed.items() if value}  # what was signed is not typed again
    if (done := clock_repeated(acting, number, DeadlineExtended, name, **says)) is not None:
        return done
    ledger = acting.ledger
    case, declared, clock = running_clock(ledger, number, name)
    acting.refuse_overtaken(case)
    standing = given_under(ledger, case, extension_field(clock.name))
    if standing is not None:
        covers = standing.asked.covers
        reason, exception = reason or str(covers["reason"]), exception or bool(covers["exception"])
        length = length or Term(amount=int(str(covers["amount"])), unit=TermUnit(str(covers["unit"])))
        signed_by = signed_by or standing.row.officer
    if length is None:
        raise BadValueError(NO_LENGTH)
    proposed, reasons = _proposed(
        acting, number, clock.name, length=length, reason=reason, signed_by=signed_by, filed_on=filed_on,
        exception=exception,
    )  # fmt: skip
    used = standing if standing is not None and standing.row.officer == signed_by else None
    if extension_is_signed(ledger, declared) or used is not None:
        covers = _asked_of(proposed).covers
        ask = _asking(number, clock.name)
        reasons += unsigned_deed(None if used is None else used.asked, covers, ask)
    if reasons:
        raise _not_extended(number, declared, reasons)
    if not dry_run:
        event = _extension_event(clock, proposed.extension, used)
        write_clock(acting, case, proposed.after, event, openings=_filed(acting, case, declared, clock, proposed.after))
    return proposed.after


def _filed(acting: Acting, case: Case, declared: Deadline, clock: Clock, after: Clock) -> list[CaseOpening]:
    """Return the case by which an extension is filed with others; none if its workflow opens none."""
    opens = None if declared.extend is None else declared.extend.opens
    if opens is None:
        return []
    extension = after.extensions[-1]
    says = {
        "deadline": declared.title.zh,
        "was_due_on": clock.due_on,
        "due_on": after.due_on,
        "reason": extension.reason,
        "signed_by": extension.signed_by,
        "filed_on": extension.filed_on,
    }
    return filing_of(acting, case, opens, says)


def _proposed(
    acting: Acting,
    number: str,
    name: str | None,
    *,
    length: Term | date,
    reason: str,
    signed_by: str,
    filed_on: date | None,
    exception: bool,
    filing: bool = True,
) -> tuple[ProposedExtension, list[Text]]:
    """Return an extension as it would be, with why it may not be, but for a signature that is given in person.

    Args:
        filing: The day of filing is due; it may follow the signature.

    Raises:
        RefusedError: If the deadline is never extended.
        NotFoundError: If there is no such case or deadline.
    """
    ledger = acting.ledger
    case, declared, clock = running_clock(ledger, number, name)
    rule = declared.extend
    if rule is None:
        reason_why = Text("its workflow allows no extension of it", "流程未规定该期限可以延期")
        raise _not_extended(number, declared, [reason_why])
    calendar = ledger.calendar_of(case.unit_id)
    amount, unit = _length(declared, clock, length, calendar=calendar)
    extension = Extended(
        amount=amount,
        unit=unit,
        reason=reason.strip(),
        signed_by=signed_by,
        filed_on=filed_on.isoformat() if filed_on else "",
        by=acting.by,
        noted_at=acting.now_at,
        exception=exception,
    )
    workflow, fields = ledger.rules_of(case).workflow, counts_from(ledger, case, case.fields)
    # A day that lies before the present one is refused below; there is nothing to count for it.
    after = clock if amount < 0 else extended(workflow, declared, clock, fields, extension, calendar=calendar)
    reasons = may_extend(acting, case, rule, exception=exception)
    reasons += not_open(declared, clock, exception=exception)
    begun_on = local_day(clock.starts_at, ledger.zone)
    in_person = extension_is_signed(ledger, declared) and not signed_by
    reasons += missing(acting, case, rule, extension, begun_on=begun_on, in_person=in_person, filing=filing)
    late = rule.before_expiry and not exception and is_late_now(acting, case, clock)
    reasons += out_of_time(clock, after, late=late)
    if not exception:
        longest = extension.replace(amount=rule.at_most.amount, unit=str(rule.at_most.unit))
        capped = extended(workflow, declared, clock, fields, longest, calendar=calendar)
        reasons += beyond_cap(declared, rule, clock=clock, after=after, capped=capped, calendar=calendar)
    return ProposedExtension(case, declared, clock, after, extension, rule), reasons


def ask_extension(
    acting: Acting,
    number: str,
    name: str | None,
    officer: str,
    *,
    length: Term | date | None,
    reason: str,
    exception: bool = False,
    page: tuple[Page, Path] | None = None,
) -> StandingSignature:
    """Ask an officer to sign an extension, or enter the signature that they gave on paper.

    Args:
        officer: Code or name.
        page: The page with the signature, and where contents are kept; None to ask.

    Raises:
        RefusedError: If it could not be extended so, or the officer may not sign it.
        BadValueError: If no length is given.
        NotFoundError: If there is no such case, deadline or officer.
        BadFileError: If the page cannot be read.
        ConflictError: If someone else changed the case first.
    """
    if length is None:
        raise BadValueError(NO_LENGTH)
    code = officer_called(acting.ledger, officer)
    proposed, reasons = _proposed(
        acting, number, name, length=length, reason=reason, signed_by=code, filed_on=None, exception=exception,
        filing=False,
    )  # fmt: skip
    if reasons:
        raise _not_extended(number, proposed.declared, reasons)
    return ask_or_enter(acting, proposed.case, _asked_of(proposed), page)


def _asked_of(proposed: ProposedExtension) -> SignatureAsked:
    """Return what is asked of who is to sign an extension."""
    extension = proposed.extension
    return extension_asked(
        proposed.clock.name,
        of=extension.signed_by,
        was_due_on=proposed.clock.due_on,
        amount=extension.amount,
        unit=extension.unit,
        reason=extension.reason,
        exception=extension.exception,
    )


def _asking(number: str, name: str) -> Text:
    """Return the command that asks for the signature under an extension."""
    command = f"qingling extend {number} {name} --for LENGTH --reason WHY --ask OFFICER"
    return Text(command, command.replace("LENGTH", "时间").replace("WHY", "理由").replace("OFFICER", "人员"))


def _extension_event(clock: Clock, extension: Extended, given: StandingSignature | None) -> DeadlineExtended:
    """Return what the journal says of an extension of *clock*.

    Args:
        given: The signature that was given under it; what was insisted on in the reason then stands in it still.
    """
    return DeadlineExtended(
        deadline=clock.name,
        was_due_on=clock.due_on,
        amount=extension.amount,
        unit=extension.unit,
        reason=extension.reason,
        signed_by=extension.signed_by,
        filed_on=extension.filed_on,
        exception=extension.exception,
        signed=None if given is None else given.row.given_seq,
        seen={} if given is None else given.asked.seen,
    )


def _not_extended(number: str, declared: Deadline, reasons: list[Text]) -> RefusedError:
    """Return the refusal to extend a deadline."""
    return RefusedError(
        Text(f"{number}: '{declared.title.en}' is not extended", f"{number}：“{declared.title.zh}”不予延期"), reasons
    )


def _length(declared: Deadline, clock: Clock, length: Term | date, *, calendar: Calendar) -> tuple[int, str]:
    """Return an extension's length as amount and unit, as it is counted: from the due date before any roll."""
    if isinstance(length, Term):
        return length.amount, str(length.unit)
    way = derivation(declared, clock, calendar=calendar)
    reached = date.fromisoformat(clock.due_on) if way is None else local_date(way.unrolled, calendar.zone)
    return (length - reached).days, "days"


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


def missing(
    acting: Acting,
    case: Case,
    rule: Extension,
    extension: Extended,
    *,
    begun_on: date,
    in_person: bool = False,
    filing: bool = True,
) -> Iterator[Text]:
    """Yield what the application lacks: a reason, the signature of one who may give it, a day of filing.

    Args:
        in_person: Signatures are given, and others look at them.
        filing: The day of filing is due; it may follow the signature.
        begun_on: Local date on which the term begins; it cannot be filed for before.
    """
    ledger, signed_by = acting.ledger, extension.signed_by
    if not extension.reason:
        yield Reason("give a reason (--reason)", "请写明延期理由（--reason）", kind="missing", field="reason")
    if "signed_by" in rule.needs and not in_person:
        if not signed_by:
            lacks = Text("who signed it is missing (--signed-by)", "缺少签批人（--signed-by）")
            yield Reason.of(lacks, "missing", field="signed_by")
        elif house.officer(ledger.store, signed_by) is None:
            yield Text(f"'{signed_by}' is no registered officer", f"“{signed_by}”不是在册人员")
        else:
            yield from may_sign(ledger, case, rule.signed_by, signed_by)
    if "filed_on" in rule.needs and filing:
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
