"""The key that values are sealed to: replaced by one who can open the old one, every value sealed again; its escrow."""

from dataclasses import dataclass
from typing import Literal

from engine.errors import RefusedError
from engine.journal.case_events import SealsRenewed
from engine.journal.house_events import CustodianReplaced, EscrowMade
from engine.journal.sealing import PublicKey, key_id, open_sealed, parted, seal
from engine.language import Text
from engine.operations.cases.commit import write_entry
from engine.operations.cases.journal_body import digests
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.need_to_know import refuse_unless_all_seen
from engine.store import case_rows, outbox_rows, sealed_rows
from engine.store import house_rows as house
from engine.workflow.powers import Power
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class OldKey:
    """The private key that values are sealed to, and how it was shown."""

    private: bytes
    by_way: Literal["passphrase", "escrow"]


def has_custodian(acting: Acting) -> bool:
    """Say whether values are sealed to a key so far."""
    return acting.ledger.settings.get("custodian") is not None


def replace_custodian(acting: Acting, key: PublicKey, *, old: OldKey | None) -> int:
    """Seal to another key from now on, and again all that was sealed; return how many values that were.

    The custodian does it with the old passphrase; the keeper of the ledger may do it with both halves of the escrow, or
    where there was no key. Values of still older keys, which versions before left behind, stay theirs and are named.

    Raises:
        RefusedError: If the officer may not, the old key is not shown or not the one in force, or the database hides
            cases from this log-in, whose values would stay sealed to the old key.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.OPEN_SEALS if old is not None and old.by_way == "passphrase" else Power.KEEP_LEDGER)
    refuse_unless_all_seen(ledger)
    with ledger.store.begin():
        renewed, left = 0, dict[str, None]()
        if has_custodian(acting):
            _refuse_other(ledger.custodian, old)
        if old is not None:
            for case_id in sealed_rows.sealed_cases(ledger.store):
                count, strange = _renew(acting, case_id, key, old.private)
                renewed += count
                left.update(dict.fromkeys(strange))
        house.put_setting(ledger.store, "custodian", {"id": key.id, "value": key.value})
        by_way = None if old is None else old.by_way
        acting.note_in_house(
            CustodianReplaced(custodian=key.id, key=key.value, by_way=by_way, renewed=renewed, left_to=tuple(left))
        )
        _send_to_all(acting, key)
    ledger.forget()
    return renewed


def _send_to_all(acting: Acting, key: PublicKey) -> None:
    """Promise all others a message that the key was replaced, and by whom: who wonders asks; inside `begin`."""
    ledger = acting.ledger
    known = {each.code: each for each in house.officers(ledger.store)}
    name = known[acting.by].name
    payload = {
        "key": key.id,
        "by": name if name.isprintable() else acting.by,
        "replaced_at": acting.now.astimezone(ledger.calendar.zone).isoformat(timespec="seconds"),
    }
    send_at = microseconds(next_working_moment(acting.now, ledger.calendar))
    for code, officer in known.items():
        if officer.left_at is None and code != acting.by:
            fact = f"key_replaced/{key.id}/{code}"
            outbox_rows.promise(ledger.store, fact, "key_replaced", code, payload, acting.now_at, send_at=send_at)


def make_escrow(acting: Acting, private: bytes) -> tuple[bytes, bytes]:
    """Return the two halves of the private key, each of which is nothing alone; that they were made is journaled.

    Raises:
        RefusedError: If the officer may not open seals, or the key is not the one in force.
    """
    refuse_unless(acting, Power.OPEN_SEALS)
    _refuse_other(acting.ledger.custodian, OldKey(private=private, by_way="passphrase"))
    with acting.ledger.store.begin():
        acting.note_in_house(EscrowMade(custodian=key_id(private)))
    return parted(private)


def _refuse_other(key: PublicKey, old: OldKey | None) -> None:
    """Refuse what does not show the private key that belongs to *key*."""
    if old is None:
        raise RefusedError(
            Text(
                "the key is replaced by somebody who can open the old one: its passphrase, or both halves (--half)",
                "更换密钥须能启用旧密钥：旧口令，或两份托管密钥（--half）",
            )
        )
    if key_id(old.private) != key.id:
        raise RefusedError(
            Text(f"this is not the key in force ({key.id})", f"这不是现用的密钥（{key.id}）"),
        )


def _renew(acting: Acting, case_id: int, key: PublicKey, private: bytes) -> tuple[int, list[str]]:
    """Seal again what is sealed in one case; return how many values, and the ids of other keys met."""
    ledger = acting.ledger
    case = case_rows.by_id(ledger.store, case_id)
    mine = key_id(private)
    values = sealed_rows.sealed(ledger.store, case_id)
    renewed = []
    for each in values:
        if each.key_id == mine:
            plain = open_sealed(private, each.ciphertext, case=case.number, field=each.field)
            again = seal(key, case=case.number, field=each.field, value=plain)
            sealed_rows.reseal(ledger.store, case_id, each, key_id=key.id, ciphertext=again)
            renewed.append((each.field, each.seq, digests({"": again})[""]))
    if renewed:
        entry = acting.entry(case, SealsRenewed(renewed=tuple(renewed), sealed_to=key.id))
        write_entry(ledger, case, entry, fields=case.fields, seals={})
    return len(renewed), [each.key_id for each in values if each.key_id != mine]
