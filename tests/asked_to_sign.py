"""A ledger for earnest in which a leader is asked to sign an extension; some officers have passwords."""

from datetime import datetime

from ledgers import DAY, START, furnished, register

from engine.operations.cases.casework import advance
from engine.operations.deadlines.extending import ask_extension
from engine.operations.identity.credentials import demand, set_password
from engine.operations.identity.logging_in import log_in, shown_by_session
from engine.operations.identity.showing import act_as
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.proofs import Proof

NUMBER, TERM = "0101-XS-2019-0001", "verification"
PASSWORD = "violin gravel sunday maple"
PAGE = f"/case/{NUMBER}"


def known(ledger: Ledger, code: str, now: datetime = START + DAY) -> Acting:
    """Return an officer who has logged in by the password."""
    act_as(ledger, None)
    held, _ = log_in(ledger, code, lambda: PASSWORD, source="here", now=now)
    act_as(ledger, shown_by_session(ledger, held, now=now))
    return Acting(ledger, code, now)


def ask_for_extension(ledger: Ledger, of: str = "tang") -> None:
    """Ask the leader to sign an extension."""
    month = Term(amount=1, unit=TermUnit.MONTHS)
    ask_extension(known(ledger, "zhou"), NUMBER, TERM, of, length=month, reason="证人在外地")


def set_up(file: str) -> None:
    """Set the ledger up in a file with empty tables."""
    with furnished(file) as ledger:
        for code in ("keeper", "zhou", "tang"):
            set_password(Acting(ledger, "keeper", START), code, PASSWORD)
        demand(known(ledger, "keeper", START), Proof.SESSION, reason="shared")
        known(ledger, "zhou", START)
        register(ledger)
        advance(known(ledger, "zhou"), NUMBER, "assign", {"responsible_leader": "liu", "handler": "chen"})
        ask_for_extension(ledger)
