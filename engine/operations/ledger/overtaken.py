"""The refusal for a case that somebody changed since an officer saw it, with all that was done in between."""

from engine.errors import ConflictError
from engine.journal.chain import JournalEntry
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows
from engine.working_days.instants import local_time


class OvertakenError(ConflictError):
    """Someone else changed the case first; nothing was written (exit 22)."""

    def __init__(self, sentence: Text, since: tuple[JournalEntry, ...]) -> None:
        """Make the error.

        Args:
            since: What was done to the case since it was seen, oldest first; at least one row.
        """
        super().__init__(sentence)
        self.since = since


def overtaken(ledger: Ledger, case: Case, *, seen: int | None = None) -> OvertakenError:
    """Return the refusal for a case that someone else changed first, naming who did what.

    Args:
        seen: Its revision as the officer saw it; None: its newest row alone is what came in between.
    """
    last = case_rows.last_entry(ledger.store, case.id)
    assert last is not None
    rows = [last] if seen is None else case_rows.entries(ledger.store, case.id, after=min(seen, last.seq - 1))
    when = local_time(last.at, ledger.zone).strftime("%Y-%m-%d %H:%M:%S")
    return OvertakenError(
        Text(
            f"{case.number} was changed by {last.by} at {when} ({last.kind}); nothing was written,"
            f" look again: qingling show {case.number}",
            f"{case.number} 已于 {when} 被 {last.by} 更改（{last.kind}）；本次未写入任何内容，"
            f"请重新查看：qingling show {case.number}",
        ),
        tuple(rows),
    )
