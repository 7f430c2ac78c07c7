"""What stands around every page: who is here, where one can go, and that a rehearsal is one."""

from collections.abc import Mapping

from desk.guard import form_token
from desk.visit import PageRequest, Visit
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.ledger import Ledger


def framed(asked: PageRequest, ledger: Ledger, visit: Visit | None) -> Mapping[str, object]:
    """Return the values that every page shows.

    Args:
        visit: Who is here; None where nobody is known yet.
    """
    return {
        "mark": mark_of(ledger),
        "house": str(ledger.settings.get("name") or ""),
        "here": asked.route,
        "address": asked.address,
        "token": form_token(asked.held),
        "who": None if visit is None else ledger.naming.person(visit.officer).name,
        "ways": [],
    }
