"""Which cases stood as cleared on a day by a count that an upgrade found wrong and counted again since.

The journal keeps what was said of that day, and figures as of it are made of that: so they are named, and not trusted.
"""

from collections.abc import Iterable, Sequence

from engine.campaigns.campaign import Campaign, in_scope
from engine.journal.case_events import CaseAmended
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.store import case_rows, legacy_rows
from engine.store.legacy_rows import EntryCount

_CLEARED = frozenset({Count.CLEARED, Count.FULLY_CLOSED})


def counted_wrong(ledger: Ledger, campaign: Campaign, *, end_at: int, unit: str | None) -> tuple[str, ...]:
    """Return the numbers of such cases in a scope, in the order of their registration.

    Args:
        end_at: The end of the day, in microseconds since 1970 UTC.
        unit: The only unit that is asked about.
    """
    found = []
    for again in legacy_rows.counted_again(ledger.store):
        case = case_rows.by_id(ledger.store, again.case_id)
        wrong = CaseAmended.read(again.body).recounts
        if case.workflow != campaign.workflow or unit not in {None, case.unit} or not wrong:
            continue
        rows = legacy_rows.counts_of(ledger.store, case.id)
        if any(_stood(rows, seq, again.seq, end_at) for seq in wrong) and in_scope(
            campaign, unit=case.unit, dated_on=case.dated_on, fields=case.fields, clearance=Count.CLEARED
        ):
            found.append(case.number)
    return tuple(dict.fromkeys(found))


def says(numbers: Iterable[str]) -> Text:
    """Return that cases stood as cleared by a fault, so that what was said of the day is not to be trusted."""
    named = list(numbers)
    return Text(
        "{numbers}: counted as cleared that day by a fault of an older version, and counted again since; the figures"
        " of that day cannot be trusted",
        "{numbers}：当日因旧版差错误计为办结，其后已重新认定；当日数字不可信",
    ).format(numbers=Text(", ".join(named), "、".join(named)))


def _stood(rows: Sequence[EntryCount], wrong: int, again: int, end_at: int) -> bool:
    """Say whether a wrong count stood at an instant, and was that of a cleared case.

    It stands until a row says another count, at the latest until the one that counts it again.
    """
    begun = rows[wrong - 1]
    over = next(each for each in rows[wrong:] if each.clearance != begun.clearance or each.seq == again)
    return begun.clearance in _CLEARED and begun.at < end_at <= over.at
