"""What journal rows say of deadlines and of sealed values, whichever verb writes them."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from engine.deadlines.clock import Breach, Clock
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
            breaches=_as_journaled(each.breaches) if each.breaches else (),
            lifted=tuple((rest.from_at, rest.to_at, rest.why) for rest in each.lifted) if each.lifted else (),
        )
        for each in clocks
    }


def _as_journaled(breaches: Sequence[Breach]) -> tuple[tuple[str, str, str | None, str], ...]:
    """Return what the journal says of breaches, but for those that follow from other rows."""
    return tuple((each.due_on, each.first_late_on, each.ended_on, each.why) for each in breaches if not each.derived)


def digests(sealed: Mapping[str, str]) -> dict[str, str]:
    """Return what the journal says of sealed values: the SHA-256 of each ciphertext."""
    return {name: sha256(text.encode()).hexdigest() for name, text in sealed.items()}
