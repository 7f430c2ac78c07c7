"""What journal rows say of deadlines and of sealed values, whichever verb writes them."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from engine.deadlines.clock import Clock
from engine.journal.journaled_deadline import JournaledDeadline


def journaled(clocks: Sequence[Clock]) -> dict[str, JournaledDeadline]:
    """Return what the journal says of deadlines that changed."""
    return {
        each.name: JournaledDeadline(
            due_on=each.due_on,
            original_due_on=each.original_due_on,
            round=each.round,
            status=int(each.status),
            extended=len(each.extensions),
            due_at=each.due_at,
            met_on=each.met_on,
            breaches=tuple(
                (late.due_on, late.first_late_on, late.ended_on, late.why) for late in each.breaches if not late.derived
            ),
            lifted=tuple((rest.from_at, rest.to_at, rest.why) for rest in each.lifted),
        )
        for each in clocks
    }


def digests(sealed: Mapping[str, str]) -> dict[str, str]:
    """Return what the journal says of sealed values: the SHA-256 of each ciphertext."""
    return {name: sha256(text.encode()).hexdigest() for name, text in sealed.items()}
