"""Opening what was sealed: with the custodian's key, for a reason, and never without a journal row."""

from dataclasses import dataclass

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import OpeningRefused, SealOpened
from engine.journal.sealing import key_id, open_sealed, unlock
from engine.language import Text
from engine.operations.cases.commit import write_entry
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import lacks_power
from engine.operations.ledger.reasons import NO_REASON
from engine.store import case_rows
from engine.workflow.powers import Power


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """One sealed value, opened; it is shown once and kept nowhere."""

    field: str
    seq: int
    """The journal row that brought it."""
    value: str


def open_reporter(acting: Acting, number: str, *, locked: bytes, passphrase: str, reason: str) -> tuple[Opened, ...]:
    """Open the sealed values of one case; the opening is journaled before anything is shown.

    Args:
        locked: The content of the custodian's key file.

    Raises:
        RefusedError: If the officer may not open seals in the unit, the passphrase or key is wrong, or
            there is no reason.
        NotFoundError: If there is no such case, or nothing sealed in it.
    """
    case = acting.ledger.case(number)
    refusals = []
    lacking = lacks_power(acting, Power.OPEN_SEALS, unit_id=case.unit_id)
    if lacking is not None:
        refusals.append(lacking)
    if not reason.strip():
        refusals.append(NO_REASON)
    if refusals:
        _tell(acting, number, OpeningRefused(reason=reason.strip()))
        raise RefusedError(Text(f"the seal of {number} stays closed", f"{number} 不予启封"), refusals)
    rows = case_rows.sealed(acting.ledger.store, case.id)
    if not rows:
        raise NotFoundError(Text(f"nothing is sealed in {number}", f"{number} 没有密封内容"))
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
    _tell(acting, number, SealOpened(reason=reason.strip()))
    return tuple(
        Opened(
            field=each.field,
            seq=each.seq,
            value=open_sealed(private, each.ciphertext, case=case.number, field=each.field),
        )
        for each in rows
        if each.key_id == mine
    )


def _tell(acting: Acting, number: str, event: OpeningRefused | SealOpened) -> None:
    """Journal that a seal was opened or refused."""
    ledger = acting.ledger
    case = ledger.case(number)
    with ledger.store.begin():
        entry = acting.entry(case, event)
        write_entry(ledger, case, entry, fields=case.fields, seals={})
