"""Takes back reminders that were promised and have not gone out when their deadline ends, moves or stops."""

from collections.abc import Iterable, Sequence

from engine.deadlines.clock import Clock, Status
from engine.language import t
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import Store

Cancelled = tuple[tuple[str, int, str], ...]
"""Reminders that were taken back: deadline, rung, level."""

Change = tuple[Iterable[Clock], Sequence[Clock]]
"""All clocks of one case before a change, and those that it changes as they become."""


def asked_ahead(store: Store) -> tuple[str, ...]:
    """Return what `take_back` asks by the id of one case, to be asked with the case where that spares a way."""
    if not store.gives_ids:
        return ()  # a file answers at once, and few steps ask
    from engine.store import outbox_rows as outbox

    return (outbox.WAITING_OF_CASE,)


def take_back(ledger: Ledger, before: Iterable[Clock], after: Sequence[Clock]) -> Cancelled:
    """Cancel what waits of deadlines that change, and return what was cancelled; inside `begin`.

    A message with nothing left to say is cancelled at once; of others, delivery leaves the line out.
    """
    return take_back_many(ledger, [(before, after)])[0]


def take_back_many(ledger: Ledger, changes: Iterable[Change]) -> list[Cancelled]:
    """Do the same for many cases, and return what was cancelled of each; what waits is looked through once."""
    gone = [_gone(before, after) for before, after in changes]
    wanted = [(int(each.id or 0), each.arming) for clocks in gone for each in clocks]
    if not wanted:
        return [() for _ in gone]
    from engine.store import outbox_rows as outbox

    remark = t("what it said is no longer so", "所提醒的事项已办结、延期或暂停")
    found: dict[int, list[tuple[int, str]]] = {}
    cases = {each.case_id for clocks in gone for each in clocks}
    case_id = cases.pop() if len(cases) == 1 else None
    for deadline_id, rung, level in outbox.take_back(ledger.store, wanted, remark=remark, case_id=case_id):
        found.setdefault(deadline_id, []).append((rung, level))
    return [
        tuple((each.name, rung, level) for each in clocks for rung, level in found.get(int(each.id or 0), ()))
        for clocks in gone
    ]


def _gone(before: Iterable[Clock], after: Sequence[Clock]) -> list[Clock]:
    """Return the clocks whose reminders no longer hold: by now they stand still, have ended or were moved."""
    reminded = [each for each in before if each.rung and each.status is Status.RUNNING]
    if not reminded:
        return reminded
    later = {each.id: each for each in after}
    gone = []
    for each in reminded:
        now = later.get(each.id)
        if now is not None and (now.status is not Status.RUNNING or now.arming != each.arming):
            gone.append(each)
    return sorted(gone, key=lambda each: each.id or 0)
