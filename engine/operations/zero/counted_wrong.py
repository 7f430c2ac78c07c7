"""Which cases stood as cleared on a day by a count that an upgrade found wrong and counted again since.

The journal keeps what was said of that day, and figures as of it are made of that: so they are named, and not trusted.
"""

from collections.abc import Iterable

from engine.campaigns.campaign import Campaign, in_scope
from engine.journal.case_events import CaseAmended
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.store import case_rows, legacy_rows

_CLEARED = frozenset({Count.CLEARED, Count.FULLY_CLOSED})
_Row = tuple[int, int, int]
"""Number, instant and count of a row."""


def counted_wrong(ledger: Ledger, campaign: Campaign, *, end_at: int, unit: str | None) -> tuple[str, ...]:
    """Return the numbers of such cases in a scope, in the order of their registration.

    Args:
        end_at: The end of the day, in microseconds since 1970 UTC.
        unit: The only unit that is asked about.
    """
    found = []
    for case_id, bodies in legacy_rows.counted_again(ledger.store).items():
        case = case_rows.by_id(ledger.store, case_id)
        if case.workflow != campaign.workflow or unit not in {None, case.unit}:
            continue
        rows = legacy_rows.counts_of(ledger.store, case_id)
        again = ((seq, wrong) for seq, body in bodies for wrong in CaseAmended.read(body).recounts)
        if any(_stood(rows, wrong, seq, end_at) for seq, wrong in again) and in_scope(
            campaign, unit=case.unit, dated_on=case.dated_on, fields=case.fields, clearance=Count.CLEARED
        ):
            found.append(case.number)
    return tuple(found)


def says(numbers: Iterable[str]) -> Text:
    """Return that cases stood as cleared by a fault, so that what was said of the day is not to be trusted."""
    named = list(numbers)
    return Text(
        "{numbers}: counted as cleared that day by a fault of an older version, and counted again since; the figures"
        " of that day cannot be trusted",
        "{numbers}：当日因旧版差错误计为办结，其后已重新认定；当日数字不可信",
    ).format(numbers=Text(", ".join(named), "、".join(named)))


def _stood(rows: list[_Row], wrong: int, again: int, end_at: int) -> bool:
    """Say whether a wrong count stood at an instant, and was that of a cleared case.

    It stands until a row says another count, at the latest until the one that counts it again.
    """
    _, begun_at, count = rows[wrong - 1]
    over_at = next(at for seq, at, other in rows if seq > wrong and (other != count or seq == again))
    return count in _CLEARED and begun_at < end_at <= over_at
