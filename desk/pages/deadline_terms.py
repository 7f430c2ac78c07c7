"""A deadline of a case: extended, or its extension asked for; stopped, and running again."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import deadline_shown, entries_shown, title_of, why_shown
from desk.fields import FieldOption, Input, Kind
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.deadlines.clock import Clock, Status
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.journal.signature_events import extension_field
from engine.language import Text
from engine.operations.cases.lookup import view_for
from engine.operations.cases.signatures import standing_of
from engine.operations.cases.signed_deeds import may_sign
from engine.operations.deadlines.extending import ask_extension, extend
from engine.operations.deadlines.timing import pause, resume
from engine.operations.house.directory import acting_officers
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.workflow.deadline import Deadline, Term, TermUnit
from engine.working_days.dates import read_length
from engine.working_days.loose_dates import day_meant
from presentation.signature_view import covered_pairs

_CAUGHT: Final = (BadValueError, NotFoundError, RefusedError, OvertakenError)


def term_page(visit: Visit) -> Answer:
    """Show a deadline with what can be done with it."""
    return _form(visit, *_asked(visit), refused=None, status=HTTPStatus.OK)


def change_term(visit: Visit) -> Answer:
    """Extend the deadline, ask for that, stop it or let it run again, as the button says that was pressed."""
    case, clock = _asked(visit)
    asked = visit.asked
    if asked.one("_fill"):
        return _form(visit, case, clock, refused=None, status=HTTPStatus.OK)
    why = asked.one("why")
    deeds: dict[str, Callable[[Acting], object]] = {
        "extend": lambda acting: _extended(visit, acting, case, clock),
        "ask": lambda acting: _extension_asked(visit, acting, case, clock),
        "pause": lambda acting: pause(
            acting, case.number, clock.name, reason=asked.one("why"), since=_day(visit, "since")
        ),
        "resume": lambda acting: resume(acting, case.number, clock.name, reason=asked.one("why")),
    }
    deed = deeds.get(asked.one("_deed"), deeds["extend"])
    try:
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        words = {"reason": f"{asked.one('reason')}\n{why}"}
        deed(visit.looked_through(as_seen=(case.number, seen), words=words))
    except _CAUGHT as refused:
        late = isinstance(refused, OvertakenError)
        status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
        return _form(visit, visit.ledger.case(case.number), clock, refused=refused, status=status)
    return GoTo(to=f"/case/{case.number}?done={visit.ledger.case(case.number).revision}")


def _asked(visit: Visit) -> tuple[Case, Clock]:
    """Return which deadline of which case is asked for.

    Raises:
        NotFoundError: If none of that name runs or stands still.
    """
    case = visit.case(Deed.READ, visit.asked.path["number"])
    name = visit.asked.path["deadline"]
    clocks = view_for(visit.acting, case.number).deadlines
    live = [each for each in clocks if each.name == name and each.status in {Status.RUNNING, Status.PAUSED}]
    if not live or name not in visit.ledger.rules_of(case).workflow.deadlines:
        raise NotFoundError(Text("no such deadline runs on this case", "本件没有正在计算的该项期限"))
    return case, live[-1]


def _extended(visit: Visit, acting: Acting, case: Case, clock: Clock) -> object:
    """Extend a deadline."""
    return extend(
        acting,
        case.number,
        clock.name,
        length=_length(visit),
        reason=visit.asked.one("reason"),
        signed_by=visit.asked.one("signed_by"),
        filed_on=_day(visit, "filed_on"),
        exception=bool(visit.asked.one("exception")),
    )


def _extension_asked(visit: Visit, acting: Acting, case: Case, clock: Clock) -> object:
    """Ask for the signature under an extension."""
    return ask_extension(
        acting,
        case.number,
        clock.name,
        visit.asked.one("signed_by"),
        length=_length(visit),
        reason=visit.asked.one("reason"),
        exception=bool(visit.asked.one("exception")),
    )


def _length(visit: Visit) -> Term | date | None:
    """Return by how much or until when, as it was typed: a length such as 1个月, or a day.

    Raises:
        BadValueError: If it is neither.
    """
    words = visit.asked.one("length")
    if not words:
        return None
    try:
        amount, unit = read_length(words)
    except BadValueError:
        return day_meant(words, today=visit.acting.today, due=True)
    if not isinstance(amount, int):
        raise BadValueError(Text(f"{words}: write a whole number", f"{words}：请写整数"))
    return Term(amount=amount, unit=TermUnit(unit))


def _day(visit: Visit, name: str) -> date | None:
    """Return the day that a field holds; None if it is empty."""
    words = visit.asked.one(name)
    return day_meant(words, today=visit.acting.today) if words else None


def _signed(visit: Visit, case: Case, clock: Clock) -> list[tuple[str, str]] | None:
    """Return the extension that was signed and is not entered yet, in words; None if none was."""
    standing = standing_of(visit.ledger, case).get(extension_field(clock.name))
    if standing is None or standing.row.given_seq is None:
        return None
    ledger, title = visit.ledger, str(Text("Signed by", "签批人"))
    pairs = covered_pairs(ledger.rules_of(case).workflow, standing.asked, ledger.naming)
    return [*pairs, (title, ledger.naming.person(standing.row.officer).name)]


def _signatories(visit: Visit, case: Case, declared: Deadline) -> tuple[FieldOption, ...]:
    """Return those who may sign an extension: who may not is refused, so is not offered either."""
    rule = declared.extend
    roles = () if rule is None else rule.signed_by
    officers = () if rule is None else acting_officers(visit.ledger)
    return tuple(
        FieldOption(value=each.code, title=each.name)
        for each in officers
        if not may_sign(visit.ledger, case, roles, each.code)
    )


def _form(visit: Visit, case: Case, clock: Clock, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page of a deadline."""
    declared = visit.ledger.rules_of(case).workflow.deadlines[clock.name]
    since = refused.since if isinstance(refused, OvertakenError) else ()
    reasons = [] if refused is None or since else list(reasons_of(refused))
    filled = visit.asked.one("_fill").partition(":")
    given = {**visit.asked.form, **({filled[0]: (filled[2],)} if filled[1] else {})}
    people = _signatories(visit, case, declared)

    def asks(name: str, title: Text, kind: Kind, options: tuple[FieldOption, ...] = ()) -> Input:
        given_here = given.get(name, ())
        wrong = tuple(str(each.sentence) for each in reasons if each.field == name)
        return Input(
            name=name, title=str(title), kind=kind, given=given_here, required=True, options=options, is_long=True,
            wrong=wrong,
        )  # fmt: skip

    signed = _signed(visit, case, clock)
    filing = asks("filed_on", Text("Filed with the discipline committee on", "备案日期"), "date")
    extending = [
        asks("length", Text("By how much, or until when (1 month)", "延长多久或延至何日（如 1个月）"), "line"),
        asks("reason", Text("Why it is extended", "延期理由"), "area"),
        asks("signed_by", Text("Signed by", "签批人"), "one", people),
        filing,
    ]
    stopping = [
        asks("why", Text("Why", "理由"), "area"),
        asks("since", Text("Since when, if not now", "自何日起，默认现在"), "date"),
    ]
    values = {
        "number": case.number,
        "about": title_of(visit, case),
        "name": clock.name,
        "deadline": deadline_shown(visit, case, clock),
        "why": why_shown(visit, case, clock),
        "extending": [] if declared.extend is None else extending if signed is None else [filing],
        "signed": signed or [],
        "is_fixed": declared.extend is None,
        "stopping": stopping if clock.status is Status.RUNNING else stopping[:1],
        "is_paused": clock.status is Status.PAUSED,
        "exception": bool(visit.asked.one("exception")),
        "said": said(reasons, [each.name for each in (*extending, *stopping)]),
        "changed": entries_shown(visit, visit.ledger.rules_of(case).workflow, since),
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
    }
    return PageShown(template="term.html", values=values, status=status)
