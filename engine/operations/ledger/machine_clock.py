"""Whether the clock of the machine can be right, where no database has one of its own; only ever a warning.

An office that repaired its clock must be able to go on: nothing is refused. A case keeps its order by itself, since a
row is never dated before the one that it follows, and bears the clock's own instant beside it where the two differ.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.working_days.instants import local_time, microseconds

_TOLERANCE: Final = 60 * 1_000_000
"""Microseconds; clocks that differ by less are alike."""
_LONG: Final = timedelta(days=31)
"""After so long without an entry a clock that jumped ahead is likelier than a ledger that rested."""


def watch_clock(ledger: Ledger, now: Callable[[], datetime], say: Callable[[Text], None]) -> None:
    """Say once, before anything is written, that the machine's clock may be wrong; never in a ledger for rehearsal.

    Args:
        now: Gives the clock's aware instant.
        say: Says it to the one who writes.
    """

    def look() -> None:
        ledger.store.before_writing = None
        doubt = clock_doubt(ledger, now())
        if doubt is not None:
            say(doubt)

    if not ledger.is_rehearsal:
        ledger.store.before_writing = look


def clock_doubt(ledger: Ledger, now: datetime) -> Text | None:
    """Return why the machine's clock may be wrong, by the newest entry of the journal, and what to do; else None.

    Args:
        now: The clock's aware instant.
    """
    last_at, now_at = case_rows.newest_at(ledger.store), microseconds(now)
    if last_at is None:
        return None
    then = local_time(last_at, ledger.zone).strftime("%Y-%m-%d %H:%M")
    if last_at > now_at + _TOLERANCE:
        return Text(
            f"this machine's clock is before the newest entry of the journal ({then}): if it was set right since, go "
            "on (a case that was dated ahead keeps its order, and each row bears the clock's own instant besides); "
            "otherwise set it first; see: qingling doctor",
            f"本机时钟早于日志最新一行（{then}）：如时钟刚校准，可继续办理（日期已提前的事项仍按先后排列，并另记时钟时间）；"
            "否则请先校准；可查看：qingling doctor",
        )
    days = (now_at - last_at) // (86_400 * 1_000_000)
    if days > _LONG.days:
        return Text(
            f"nothing was written for {days} days, since {then}: if this machine's clock is ahead, set it before you "
            "go on, since what is dated ahead dates all that follows",
            f"自 {then} 起已 {days} 天没有记录：如本机时钟偏快，请先校准再办理，日期提前写入后其后各步都会错",
        )
    return None
