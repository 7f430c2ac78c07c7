"""Opening what was sealed: asked for, agreed to by another officer, journaled before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import OpeningAgreed, OpeningAsked, OpeningRefused, SealOpened
from engine.journal.chain import JournalEntry
from engine.journal.sealing import key_id, open_sealed, unlock
from engine.language import Text
from engine.operations.cases.commit import write_entry
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import lacks_power
from engine.operations.ledger.reasons import NO_REASON, reason_given
from engine.rules.case import Case
from engine.rules.readers import is_blank
from engine.store import case_rows, sealed_rows
from engine.store import house_rows as house
from engine.workflow.powers import Power
from engine.working_days.instants import instant

MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """One sealed value, opened; it is shown once and kept nowhere."""

    field: str
    seq: int
    """The journal row that brought it."""
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningStands:
    """What was asked for last, and not yet used."""

    by: str
    """Code of who asked."""
    at: int
    """When, in microseconds since 1970 UTC."""
    reason: str
    agreed_by: str | None = None
    """Code of who agreed; None if nobody has."""
    until: datetime | None = None
    """Aware instant until which the consent holds."""


def open_reporter(acting: Acting, number: str, *, locked: bytes, passphrase: str, reason: str) -> tuple[Opened, ...]:
    """Open the sealed values of one case; the opening is journaled before anything is shown.

    Args:
        locked: The content of the custodian's key file.

    Raises:
        RefusedError: If the officer may not open seals in the unit, nobody else agreed, the passphrase or key is
            wrong, or there is no reason.
        NotFoundError: If there is no such case, or nothing sealed in it.
    """
    case = acting.ledger.case(number)
    refusals = []
    lacking = lacks_power(acting, Power.OPEN_SEALS, unit_id=case.unit_id)
    if lacking is not None:
        refusals.append(lacking)
    if is_blank(reason):
        refusals.append(NO_REASON)
    if refusals:
        _tell(acting, number, OpeningRefused(reason=reason.strip()))
        raise RefusedError(Text(f"the seal of {number} stays closed", f"{number} 不予启封"), refusals)
    rows = sealed_rows.sealed(acting.ledger.store, case.id)
    if not rows:
        raise NotFoundError(Text(f"nothing is sealed in {number}", f"{number} 没有密封内容"))
    try:
        agreed = _consent(acting, case)
    except RefusedError:
        _tell(acting, number, OpeningRefused(reason=reason.strip()))
        raise
    try:
        private = unlock(locked, passphrase)
    except RefusedError:
        _tell(acting, number, OpeningRefused(reason=reason.strip()))
        raise
    mine = key_id(private)
    if all(each.key_id != mine for each in rows):
        _tell(acting, number, OpeningRefused(reason=reason.strip()))
        raise RefusedError(
            Text(
                f"{number} was sealed to another key ({rows[-1].key_id})",
                f"{number} 由另一把密钥密封（{rows[-1].key_id}）",
            )
        )
    opened = SealOpened(reason=reason.strip(), agreed=agreed, alone=agreed is None)
    _tell(acting, number, opened, unless=lambda case: _refuse_used(acting, case, agreed))
    return tuple(
        Opened(
            field=each.field,
            seq=each.seq,
            value=open_sealed(private, each.ciphertext, case=case.number, field=each.field),
        )
        for each in rows
        if each.key_id == mine
    )


def ask_to_open(acting: Acting, number: str, *, reason: str) -> None:
    """Ask for consent to open the sealed values of one case.

    Raises:
        RefusedError: If the officer may not open seals in the unit.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case, or nothing sealed in it.
    """
    case = acting.ledger.case(number)
    lacking = lacks_power(acting, Power.OPEN_SEALS, unit_id=case.unit_id)
    if lacking is not None:
        raise RefusedError(lacking)
    if not sealed_rows.sealed(acting.ledger.store, case.id):
        raise NotFoundError(Text(f"nothing is sealed in {number}", f"{number} 没有密封内容"))
    _tell(acting, number, OpeningAsked(reason=reason_given(reason)))


def agree_to_open(acting: Acting, number: str) -> str:
    """Agree to the newest asking for the sealed values of one case; return who asked.

    Raises:
        RefusedError: If the officer may not agree in the unit, asked himself, or nobody asks.
        NotFoundError: If there is no such case.
    """
    case = acting.ledger.case(number)
    lacking = lacks_power(acting, Power.AGREE_TO_OPEN, unit_id=case.unit_id)
    if lacking is not None:
        raise RefusedError(lacking)
    asked = _newest(acting, case)
    if asked is None or asked.kind != OpeningAsked.kind:
        raise RefusedError(Text(f"nobody asks to open {number}", f"无人申请启封 {number}"))
    if asked.by == acting.by:
        raise RefusedError(
            Text(
                "nobody agrees to what they asked for themselves; another officer must",
                "不得同意本人的申请，须由他人同意",
            )
        )
    _tell(acting, number, OpeningAgreed(asked=asked.seq))
    return asked.by


def _consent(acting: Acting, case: Case) -> int | None:
    """Return the journal row of the consent to an opening; None if the officer is the only one there is.

    Raises:
        RefusedError: If there is none for this officer, it was used, or it is too old.
    """
    newest = _newest(acting, case)
    number, days = case.number, acting.ledger.workflows.house_terms().opening_days
    if newest is not None and newest.kind == OpeningAgreed.kind:
        asked = OpeningAgreed.read(newest.body).asked
        asker = next(each.by for each in _openings(acting, case) if each.seq == asked)
        if asker == acting.by and acting.now_at - newest.at <= timedelta(days=days) // MICROSECOND:
            return newest.seq
    others = [each for each in house.officers(acting.ledger.store) if each.left_at is None and each.code != acting.by]
    if not others:
        return None
    raise RefusedError(
        Text(
            f"another officer must agree to the opening of {number}, once for each, within {days} days: first"
            f" qingling reporter ask {number}, then by that officer qingling reporter agree {number}",
            f"启封 {number} 须经另一人同意，每次一事，{days} 日内有效：先申请 qingling reporter ask {number}，"
            f"再由其执行 qingling reporter agree {number}",
        )
    )


def sealed_in(acting: Acting, number: str) -> tuple[str, ...]:
    """Return the fields of which something is sealed in a case, without opening any.

    Raises:
        NotFoundError: If there is no such case.
    """
    case = acting.ledger.case(number)
    return tuple(dict.fromkeys(each.field for each in sealed_rows.sealed(acting.ledger.store, case.id)))


def opening_that_stands(acting: Acting, number: str) -> OpeningStands | None:
    """Return the opening of a case that was asked for and not done yet; None if there is none.

    Raises:
        NotFoundError: If there is no such case.
    """
    case = acting.ledger.case(number)
    newest = _newest(acting, case)
    if newest is None or newest.kind == SealOpened.kind:
        return None
    if newest.kind == OpeningAsked.kind:
        return OpeningStands(by=newest.by, at=newest.at, reason=OpeningAsked.read(newest.body).reason)
    seq = OpeningAgreed.read(newest.body).asked
    asked = next(each for each in _openings(acting, case) if each.seq == seq)
    return OpeningStands(
        by=asked.by,
        at=asked.at,
        reason=OpeningAsked.read(asked.body).reason,
        agreed_by=newest.by,
        until=instant(newest.at) + timedelta(days=acting.ledger.workflows.house_terms().opening_days),
    )


def openings_to_agree(acting: Acting) -> list[tuple[Case, OpeningStands]]:
    """Return the openings that wait for the consent of the acting officer, by case; the reasons come with them."""
    ledger, store = acting.ledger, acting.ledger.store
    roles = set(ledger.workflows.roles_that_may(Power.AGREE_TO_OPEN))
    if not any(each.officer == acting.by and each.role in roles for each in house.grants(store)):
        return []
    asked = sorted({case_id for case_id, _ in case_rows.bodies(store, OpeningAsked.kind)})
    kinds = OpeningAsked.kind, OpeningAgreed.kind, SealOpened.kind
    last = {case_id: kind for case_id, kind, _ in case_rows.rows_of_kinds(store, asked, kinds)}
    found = []
    waiting = [case_id for case_id, kind in last.items() if kind == OpeningAsked.kind]
    for case in case_rows.by_ids(store, waiting).values():
        if ledger.sees(case) and lacks_power(acting, Power.AGREE_TO_OPEN, unit_id=case.unit_id) is None:
            stands = opening_that_stands(acting, case.number)
            if stands is not None and stands.by != acting.by:
                found.append((case, stands))
    return found


def _refuse_used(acting: Acting, case: Case, agreed: int | None) -> None:
    """Refuse an opening whose consent was used, or replaced, since it was looked at.

    Raises:
        RefusedError: If so.
    """
    if _consent(acting, case) != agreed:
        raise RefusedError(
            Text(
                f"the consent to open {case.number} is no longer the one that was looked at; try again",
                f"{case.number} 的启封同意已有变化，请重试",
            )
        )


def _newest(acting: Acting, case: Case) -> JournalEntry | None:
    """Return the newest row about the openings of a case that is no refusal."""
    return next((each for each in _openings(acting, case) if each.kind != OpeningRefused.kind), None)


def _openings(acting: Acting, case: Case) -> list[JournalEntry]:
    """Return the rows about openings of a case, newest first."""
    kinds = {OpeningAsked.kind, OpeningAgreed.kind, SealOpened.kind, OpeningRefused.kind}
    return [each for each in reversed(case_rows.entries(acting.ledger.store, case.id)) if each.kind in kinds]


def _tell(
    acting: Acting,
    number: str,
    event: OpeningAsked | OpeningAgreed | OpeningRefused | SealOpened,
    *,
    unless: Callable[[Case], None] = lambda _: None,
) -> None:
    """Journal what became of an opening.

    Args:
        unless: Refuses it in the transaction that writes it, where nobody comes between.
    """
    ledger = acting.ledger
    with ledger.store.begin():
        case = ledger.case(number)
        unless(case)
        entry = acting.entry(case, event)
        write_entry(ledger, case, entry, fields=case.fields, seals={})
