"""Takes back reminders that were promised and have not gone out when their deadline ends, moves or stops."""

from collections.abc import Iterable, Sequence

from engine.deadlines import Clock, Status
from engine.language import t
from engine.operations.ledger import Ledger
from engine.store import outbox


def take_back(ledger: Ledger, before: Iterable[Clock], after: Sequence[Clock]) -> dict[str, object]:
    """Cancel what waits of deadlines that change, and return what the journal says of it; inside `begin`.

    A message with nothing left to say is cancelled at once; of others, delivery leaves the line out.
    """
    later = {each.id: each for each in after}
    gone = []
    for each in before:
        now = later.get(each.id)
        if now is None or not each.rung or each.status is not Status.RUNNING:
            continue
        if now.status is not Status.RUNNING or now.arming != each.arming:
            gone.append(each)
    if not gone:
        return {}
    names = {each.id: each.name for each in gone}
    remark = t("what it said is no longer so", "所提醒的事项已办结、延期或暂停")
    found = outbox.take_back(ledger.store, [(int(each.id or 0), each.arming) for each in gone], remark=remark)
    if not found:
        return {}
    return {"cancelled": [[names[deadline_id], rung, level] for deadline_id, rung, level in found]}
