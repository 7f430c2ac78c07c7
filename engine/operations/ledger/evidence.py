"""How the officer who acts is known; no demands."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from engine.workflow.proofs import Proof

if TYPE_CHECKING:
    from engine.operations.ledger.sealed_once import SealedOnce


class Evidence(NamedTuple):
    """How the officer who acts is known; made once for a command, whatever that writes."""

    officer: str
    """The officer's code."""
    proof: Proof
    seq: int
    """The row of the house's chain that tells of the log-in, the account or the key."""
    sign: Callable[[str], str] | None = None
    """Signs the hash of a row; only with a key."""
    house: tuple[int, str] | None = None
    """The row of the house that rows name: of what a passkey has signed already, the one when it did; else None."""

    seals: "SealedOnce | None" = None
    """What seals values where rows are signed that were rehearsed; None: each is sealed for itself."""

    @property
    def said(self) -> tuple[str, int]:
        """What rows say of it."""
        return self.proof.word, self.seq
