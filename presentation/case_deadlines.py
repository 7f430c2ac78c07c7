"""A deadline of a case: in one line for people, and whole for scripts."""

from datetime import datetime

from engine.deadlines.acts import day_of
from engine.deadlines.clock import Clock
from engine.language import t
from engine.operations.deadlines.standings import standing
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from presentation.case_view import iso
from presentation.deadline_view import due_words, left_words, remarks


def deadline_pair(ledger: Ledger, case: Case, clock: Clock, *, now: datetime) -> tuple[str, str]:
    """Return a deadline's title and how it stands, in one line: what is left in its own unit, and its remarks."""
    if clock.name not in ledger.rules_of(case).workflow.deadlines:
        return clock.name, due_words(ledger, clock)
    found = standing(ledger, case, clock, now=now)
    parts = [left_words(found), *filter(None, [remarks(ledger, clock)])]
    return str(found.declared.title), f"{due_words(ledger, clock)}  {t('; ', '；').join(parts)}"


def deadline_json(ledger: Ledger, case: Case, clock: Clock, *, now: datetime) -> dict[str, object]:
    """Return a deadline for scripts; lateness in its own unit, months in days."""
    found = standing(ledger, case, clock, now=now)
    return {
        "name": clock.name,
        "round": clock.round,
        "status": clock.status.name.lower(),
        "starts_at": iso(ledger, clock.starts_at),
        "original_due_on": clock.original_due_on,
        "due_on": clock.due_on,
        "due_at": iso(ledger, clock.due_at) if clock.due_at is not None else None,
        "provisional": clock.provisional,
        "met_on": clock.met_on and day_of(clock.met_on),
        "whose": found.declared.whose,
        "late_by": {"amount": found.late_by, "unit": found.counted_in} if found.late_by else None,
        "breaches": [
            {
                "due_on": each.due_on,
                "first_late_on": each.first_late_on,
                "ended_on": each.ended_on,
                "why": each.why or None,
                "provisional": each.provisional,
                "derived": each.derived,
            }
            for each in found.breaches
        ],
        "lifted": [
            {
                "from": iso(ledger, each.from_at),
                "to": None if each.to_at is None else iso(ledger, each.to_at),
                "why": each.why,
            }
            for each in clock.lifted
        ],
        "extensions": len(clock.extensions),
        "pauses": len(clock.pauses),
    }
