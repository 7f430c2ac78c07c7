"""Signatures: asked for by the office, given or declined by their officer in person, entered from paper; or void.

A signature covers a step with all that it takes: as it stands, and as the office proposes it. What changes of that
before the step makes the signature void, and it is asked again. All that happens stands in the case's journal; the
table of those that stand is an index to it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.errors import BadValueError, RefusedError
from engine.journal.case_events import CaseEvent, FileAttached, NoteWritten
from engine.journal.signature_events import (
    SignatureAsked,
    SignatureDeclined,
    SignatureGiven,
    SignatureReminded,
    SignatureVoid,
)
from engine.language import Text
from engine.operations.cases.attachments import content_of, keeping
from engine.operations.cases.commit import write_decision
from engine.operations.cases.hands import refuse_strangers
from engine.operations.cases.letter_values import with_letter
from engine.operations.cases.signature_messages import ask_for_it, tell_who_asked
from engine.operations.cases.signed_deeds import covers_now, may_sign
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.figures.prefilling import filled_for
from engine.operations.house.directory import officer_called
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import refuse_words
from engine.operations.ledger.hand_clock import refuse_hand_clock
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.ledger_naming import PROGRAM
from engine.operations.ledger.reasons import reason_given
from engine.rules.case import Case, Count, as_it_is
from engine.rules.naming import steps_called
from engine.rules.refusals import missing_field, not_taken, refuse_the_dead
from engine.rules.signed_values import changed, covered, signing_roles, steps_signed, unproposed
from engine.rules.transitions import Rules, grown
from engine.store import case_rows, signature_rows
from engine.store import house_rows as house
from engine.store.case_columns import AskedSignatureRecord
from engine.workflow.deed_words import DEEDS
from engine.working_days.instants import local_day


class StandingSignature(NamedTuple):
    """A signature that was asked for and stands."""

    row: AskedSignatureRecord
    asked: SignatureAsked
    by: str
    """Code of who asked for it."""
    at: int
    """When, in microseconds since 1970 UTC."""


class Page(NamedTuple):
    """A signature on paper."""

    file: Path
    """Its scanned page."""
    on: date
    """Local date on which it was given."""


def ask(
    acting: Acting,
    number: str,
    field: str,
    officer: str,
    *,
    step: str | None = None,
    values: Mapping[str, object] | None = None,
) -> StandingSignature:
    """Ask an officer to sign a step of a case; asked again, the earlier request stands no more.

    Args:
        officer: Code or name.
        step: The step by its trigger; None if only one that the case can take has this signature.
        values: What the step is to bring, as typed.

    Raises:
        RefusedError: If no such step can follow, what it asks for is missing, or the officer may not sign.
        BadValueError: If values are not what the fields hold.
        NotFoundError: If there is no such case or officer.
        ConflictError: If someone else changed the case first.
    """
    return write_request(acting, *_request(acting, number, field, officer, step, values or {}))


def write_request(acting: Acting, case: Case, event: SignatureAsked) -> StandingSignature:
    """Write a request that is sound, and promise who is to sign a message.

    Raises:
        ConflictError: If someone else changed the case first.
    """
    _refuse_seen(acting, event)
    with acting.ledger.store.begin():
        after = _write_asked(acting, case, event)
        ask_for_it(acting, after, event)
    return standing_of(acting.ledger, after)[event.field]


def enter_paper(
    acting: Acting,
    number: str,
    field: str,
    officer: str,
    page: Page,
    *,
    folder: Path,
    step: str | None = None,
    values: Mapping[str, object] | None = None,
) -> StandingSignature:
    """Enter a signature that an officer gave on paper, with its scanned page.

    Args:
        folder: Where contents are kept.

    Raises:
        QinglingError: As for `ask`; BadFileError if the page cannot be read; BadValueError if its day is to come.
    """
    return write_paper(acting, *_request(acting, number, field, officer, step, values or {}), page, folder=folder)


def ask_or_enter(
    acting: Acting, case: Case, event: SignatureAsked, page: tuple[Page, Path] | None
) -> StandingSignature:
    """Write a request that is sound; with a page, and where contents are kept, also what was signed on paper.

    Raises:
        QinglingError: As for `write_request` and `write_paper`.
    """
    if page is None:
        return write_request(acting, case, event)
    return write_paper(acting, case, event, page[0], folder=page[1])


def write_paper(acting: Acting, case: Case, event: SignatureAsked, page: Page, *, folder: Path) -> StandingSignature:
    """Write a request that is sound with the signature that was given on paper.

    Raises:
        BadFileError: If the page cannot be read.
        BadValueError: If its day is to come.
        ConflictError: If someone else changed the case first.
    """
    ledger, field = acting.ledger, event.field
    if page.on > acting.today:
        raise BadValueError(Text("the day on the paper lies in the future", "纸质签字的日期在今天之后"))
    since = min(case.dated_on, local_day(case.opened_at, ledger.zone).isoformat())  # a return is opened ahead
    if page.on.isoformat() < since:
        raise BadValueError(
            Text(
                f"the day on the paper lies before {case.number} came in ({since})",
                f"纸质签字的日期早于 {case.number} 的收到日期（{since}）",
            )
        )
    _refuse_seen(acting, event)
    refuse_hand_clock(ledger, acting.now)  # before the content is kept
    content = content_of(page.file)
    with keeping(ledger, folder, content) as digest, ledger.store.begin():
        after = _write_asked(acting, case, event)
        asked = after.revision
        after = _write(acting, after, FileAttached(name=page.file.name, digest=digest, size=len(content)))
        case_rows.keep_attachment(ledger.store, case.id, after.revision, digest, page.file.name, len(content))
        given = SignatureGiven(field=field, of=event.of, asked=asked, page=digest, on=page.on.isoformat())
        after = _write(acting, after, given)
        signature_rows.give(ledger.store, case.id, field, after.revision)
    return standing_of(ledger, after)[field]


def give(acting: Acting, number: str, *, only: str | None = None) -> list[StandingSignature]:
    """Give what is asked of the officer who acts on a case.

    Args:
        only: The field of one of them; None for all.

    Raises:
        RefusedError: If nothing is asked of them, or what it covers has changed: then it is asked again.
        NotFoundError: If there is no such case.
        ConflictError: If someone else changed the case first.
    """
    ledger = acting.ledger
    case = acting.case(number)
    _asked_of(acting, case, only)
    # A commit of its own, before the one that signs: the refusal must not take the new request back.
    if renew(acting, case):
        raise RefusedError(
            Text(
                "what was to be signed has changed since; it is asked again as it is now: qingling show {number}",
                "待签内容已有变化，已按现内容重新提请签字：qingling show {number}",
            ).format(number=number)
        )
    with ledger.store.begin():
        case = acting.case(number)
        found = _asked_of(acting, case, only)
        rules = ledger.rules_of(case)
        named = {each.row.field: acting.by for each in found if each.row.field in rules.signatures}
        reasons = objections(ledger, rules, named, unit_id=case.unit_id, case_id=case.id)
        for each in found:
            if each.asked.step in DEEDS:
                reasons += may_sign(ledger, case, signing_roles(rules.workflow, each.asked), acting.by)
        if reasons:
            raise RefusedError(Text("it is not signed", "不能签字"), reasons)
        for each in found:
            case = _write(acting, case, SignatureGiven(field=each.row.field, of=acting.by, asked=each.row.seq))
            signature_rows.give(ledger.store, case.id, each.row.field, case.revision)
    return found


def decline(acting: Acting, number: str, *, reason: str, only: str | None = None) -> list[StandingSignature]:
    """Refuse to sign what is asked of the officer who acts; who asked for it gets a message.

    Raises:
        RefusedError: If nothing is asked of them.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case.
        ConflictError: If someone else changed the case first.
    """
    ledger, words = acting.ledger, reason_given(reason)
    with ledger.store.begin():
        case = acting.case(number)
        found = _asked_of(acting, case, only)
        for each in found:
            case = _write(acting, case, SignatureDeclined(field=each.row.field, asked=each.row.seq, reason=words))
            signature_rows.end(ledger.store, case.id, [each.row.field])
            tell_who_asked(acting, case, each.asked, each.by, "declined")
    return found


def standing_of(ledger: Ledger, case: Case) -> dict[str, StandingSignature]:
    """Return the signatures on a case that stand, by field."""
    rows = signature_rows.of_case(ledger.store, case.id)
    if not rows:
        return {}
    wanted = {each.seq: each for each in rows}
    found: dict[str, StandingSignature] = {}
    for entry in case_rows.entries(ledger.store, case.id):
        row = wanted.get(entry.seq)
        if row is not None and entry.kind == SignatureAsked.kind:
            asked = SignatureAsked.read(entry.body)
            found[row.field] = StandingSignature(row, asked, asked.asked_by or entry.by, entry.at)
    return found


def _refuse_seen(acting: Acting, event: SignatureAsked) -> None:
    """Refuse the reason of an extension or a voiding that shows who somebody is.

    Raises:
        IdentitySeenError: If its writer has not insisted.
    """
    if event.step in DEEDS:
        refuse_words(NoteWritten(words=str(event.covers["reason"])), {"words": acting.seen.get("reason", ())})


def given_under(ledger: Ledger, case: Case, field: str) -> StandingSignature | None:
    """Return the signature that was given under a deed and stands; None if there is none."""
    standing = standing_of(ledger, case).get(field)
    return None if standing is None or standing.row.given_seq is None else standing


def to_sign(ledger: Ledger, officer: str) -> Iterator[tuple[Case, StandingSignature]]:
    """Yield what is asked of an officer and not given yet, with its case."""
    cases: dict[int, None] = {each.case_id: None for each in signature_rows.waiting_for(ledger.store, officer)}
    for case in case_rows.by_ids(ledger.store, list(cases)).values():
        for each in standing_of(ledger, case).values():
            if each.row.officer == officer and each.row.given_seq is None:
                yield case, each


def renew(acting: Acting, case: Case) -> tuple[str, ...]:
    """Let signatures on a case be void whose values have changed, and ask for them again; return their fields.

    One that is for no step any more, or of an officer who has left, is not asked again, and the asker hears of it.
    """
    ledger = acting.ledger
    by_program = Acting(ledger, PROGRAM, acting.now)
    rules, found = ledger.rules_of(case), []
    left = {each.code for each in house.officers(ledger.store) if each.left_at is not None}
    for field, each in standing_of(ledger, case).items():
        covers = _covered_now(ledger, rules, case, each.asked)
        differing = () if covers is None else changed(each.asked.covers, covers)
        gone = covers is None or (each.row.officer in left and each.row.given_seq is None)
        if not gone and not differing:
            continue
        found.append(field)
        with ledger.store.begin():
            case = _write(by_program, case, SignatureVoid(field=field, asked=each.row.seq, changed=differing))
            signature_rows.end(ledger.store, case.id, [field])
            if gone or covers is None:
                tell_who_asked(by_program, case, each.asked, each.by, "void")
            else:
                was = each.asked  # made again: what that row said of its writer and its clock is not this one's
                again = SignatureAsked(
                    field=field, of=was.of, step=was.step, covers=covers, proposed=was.proposed, asked_by=each.by,
                    seen=was.seen,
                )  # fmt: skip
                case = _write_asked(by_program, case, again)
                ask_for_it(by_program, case, again)
    return tuple(found)


def write_reminded(acting: Acting, case: Case, standing: StandingSignature, to: tuple[str, ...]) -> None:
    """Write that who is to sign was reminded; inside `begin`.

    Args:
        to: Codes of who gets a message.
    """
    now = acting.ledger.case(case.number)  # another signature on it may have been reminded of just now
    event = SignatureReminded(field=standing.row.field, asked=standing.row.seq, to=to)
    _write(Acting(acting.ledger, PROGRAM, acting.now), now, event)


def _covered_now(ledger: Ledger, rules: Rules, case: Case, asked: SignatureAsked) -> dict[str, object] | None:
    """Return what a signature would cover as the case stands; None if it is for no step of it."""
    if asked.step in DEEDS:
        return covers_now(ledger, case, asked)
    if case.clearance in {Count.VOID, Count.REPEATS} or asked.step not in steps_signed(rules, case.state, asked.field):
        return None
    return covered(rules, case.state, asked.step, _with_proposed(rules, case, asked.proposed))


def _with_proposed(rules: Rules, case: Case, proposed: Mapping[str, object]) -> dict[str, object]:
    """Return all values that a step is to be taken with."""
    return {**case.fields, **grown(rules, case.fields, proposed)}


def _request(
    acting: Acting, number: str, field: str, officer: str, step: str | None, values: Mapping[str, object]
) -> tuple[Case, SignatureAsked]:
    """Return the case and what is asked, once it is sound.

    Raises:
        QinglingError: As for `ask`.
    """
    ledger = acting.ledger
    case = acting.case(number)
    rules = ledger.rules_of(case)
    refuse_the_dead(case)
    refuse_strangers(acting, case)
    trigger = _step_meant(rules, case, field, step)
    code = officer_called(ledger, officer)
    typed = with_letter(ledger, rules, case, trigger, values)
    checked = checked_values(acting, rules, typed, unit=case.unit, case=case)
    proposed = {**filled_for(ledger, rules, case, trigger, now=acting.now), **checked}
    taken = {name for each in rules.machine.plan(trigger)[case.state] for name in rules.takes[each.name]}
    reasons = objections(ledger, rules, {**checked, field: code}, unit_id=case.unit_id, case_id=case.id)
    reasons += [
        not_taken(rules.workflow, name) for name in checked if name not in taken - rules.signatures - rules.sealed
    ]
    wanted = unproposed(rules, case.state, trigger, proposed)
    reasons += [missing_field(rules.workflow, name, now=True) for name in wanted]
    if reasons:
        raise RefusedError(
            Text("{number}: '{step}' is not ready to be signed", "{number}：“{step_zh}”尚不能提请签字").format(
                number=number, step=trigger, step_zh=steps_called(rules.workflow, [trigger]).zh
            ),
            reasons,
        )
    covers = covered(rules, case.state, trigger, _with_proposed(rules, case, proposed))
    return case, SignatureAsked(field=field, of=code, step=trigger, covers=covers, proposed=proposed)


def _step_meant(rules: Rules, case: Case, field: str, step: str | None) -> str:
    """Return the trigger of the step that is to be signed.

    Raises:
        RefusedError: If no such step can follow, or several and none was named.
    """
    workflow = rules.workflow
    declared = workflow.fields.get(field)
    if declared is None or not declared.signature:
        names = [workflow.fields[each] for each in workflow.fields if each in rules.signatures]
        raise RefusedError(
            Text(
                "'{field}' is no signature here; there are: {names}", "“{field}”不是签字字段；可用：{names_zh}"
            ).format(
                field=field if declared is None else declared.title,
                names=", ".join(str(each.option.en) for each in names) or "-",
                names_zh="、".join(each.title.zh for each in names) or "无",
            )
        )
    possible = steps_signed(rules, case.state, field)
    if step is not None and step in possible:
        return step
    if step is None and len(possible) == 1:
        return possible[0]
    said = steps_called(workflow, possible)
    if not possible:
        raise RefusedError(Text("no step that can follow now is signed so", "目前可办的动作均不需此签字"))
    raise RefusedError(
        Text("say which step is to be signed (--step): {en}", "请写明为哪一动作签字（--step）：{zh}").format(
            en=said.en, zh=said.zh
        )
    )


def _asked_of(acting: Acting, case: Case, only: str | None) -> list[StandingSignature]:
    """Return what is asked of the officer who acts on a case, and not given yet.

    Raises:
        RefusedError: If it is nothing.
    """
    acting.actor(case.unit_id)
    found = [
        each
        for each in standing_of(acting.ledger, case).values()
        if each.row.officer == acting.by and each.row.given_seq is None and only in {None, each.row.field}
    ]
    if not found:
        raise RefusedError(
            Text("no signature of {by} is asked for on {number}", "{number} 没有待 {by} 签字的内容").format(
                by=acting.by, number=case.number
            )
        )
    return found


def _write_asked(acting: Acting, case: Case, event: SignatureAsked) -> Case:
    """Write a request; one that stood for the same field stands no more; inside `begin`."""
    store = acting.ledger.store
    for before in signature_rows.of_case(store, case.id):
        if before.field == event.field:
            case = _write(acting, case, SignatureVoid(field=event.field, asked=before.seq))
            signature_rows.end(store, case.id, [event.field])
    after = _write(acting, case, event)
    row = AskedSignatureRecord(case.id, event.field, after.revision, event.of, None, acting.now_at)
    signature_rows.ask(store, row)
    return after


def _write(acting: Acting, case: Case, event: CaseEvent) -> Case:
    """Write a row that leaves the case as it is; inside `begin`."""
    return write_decision(acting, case, as_it_is(case, event))
