"""How the officer of a run is known: by a key, a log-in or the account; the first two are loaded when there is one."""

from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.identity.ways import ACCOUNT, KEY
from engine.operations.ledger.evidence import Evidence
from engine.operations.ledger.ledger import Ledger
from engine.store import identity_rows
from engine.workflow.proofs import Proof

if TYPE_CHECKING:
    from engine.journal.signing import SigningKey


def evidence_of(
    ledger: Ledger, *, named: str | None, held: str, account: str, key: "SigningKey | None", now: datetime
) -> Evidence | None:
    """Return how the officer of a run is known, the strongest of what there is; None if by a typed name at most.

    Args:
        named: The code that was typed; what shows another officer shows nothing. None if nobody was named.
        held: What `log_in` gave to the machine; empty if nothing.
        account: Name of the account under which the program runs; asked only where that is a single machine's.
        key: The key that is to sign.
        now: The clock's aware instant.

    Raises:
        RefusedError: If the key is not one in force, or another officer's.
    """
    if key is not None:
        return _of_key(ledger, key, named)
    if held:
        from engine.operations.identity.logging_in import shown_by_session

        found = shown_by_session(ledger, held, now=now)
        if found is not None and named in {None, found.officer}:
            return found
    if account and ledger.store.dialect == "sqlite":
        own = identity_rows.credential_kept(ledger.store, ACCOUNT, account)
        if own is not None and named in {None, own.officer}:
            return Evidence(own.officer, Proof.OS_ACCOUNT, own.seq)
    return None


def act_as(ledger: Ledger, evidence: Evidence | None) -> None:
    """Let all that is written from now on say how its officer is known, and be signed if it is by a key."""
    ledger.evidence = evidence
    ledger.store.sign = None if evidence is None else evidence.sign
    ledger.store.signs_for = "" if evidence is None else evidence.officer
    ledger.forget_who()


def _of_key(ledger: Ledger, key: "SigningKey", named: str | None) -> Evidence:
    """Return how an officer is known by a key."""
    own = identity_rows.credential_kept(ledger.store, KEY, key.public)
    if own is None:
        raise RefusedError(
            Text(
                "the signing key is not registered here, or was revoked; see: qingling credential list",
                "该签名密钥未在本台账登记，或已吊销；请查看：qingling credential list",
            )
        )
    if named not in {None, own.officer}:
        raise RefusedError(
            Text(
                f"the signing key is that of {own.officer}, not of {named}", f"签名密钥属于 {own.officer}，不是 {named}"
            )
        )
    return Evidence(own.officer, Proof.SIGNATURE, own.seq, key.sign)
