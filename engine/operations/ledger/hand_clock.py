"""A clock set by hand: free in a rehearsal ledger; elsewhere only where its keeper allowed it, and never ahead.

What is allowed stands in the journal alone, so that no row of another table can be changed to allow it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engine.errors import BadValueError, RefusedError
from engine.journal.events import read
from engine.journal.house_events import HandClockAllowed, HandClockForbidden
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.store import case_rows
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.powers import Power
from engine.working_days.instants import instant, microseconds

LONGEST: Final = timedelta(days=31)
"""For how long a clock set by hand is allowed at most, so that it is not forgotten."""

REHEARSAL: Final = Text("REHEARSAL LEDGER: proves nothing", "演练台账，不作实据")
"""What stands on every page and paper of a ledger that was founded for rehearsal."""

_KINDS: Final = (HandClockAllowed.kind, HandClockForbidden.kind)


class Allowance(FrozenStruct, frozen=True, kw_only=True):
    """That the clock may be set back by hand for a time."""

    by: str
    """Code of the officer who allowed it."""
    since: datetime
    """Aware instant."""
    until: datetime
    """Aware instant."""
    reason: str


def mark_of(ledger: Ledger) -> Text | None:
    """Return the sentence that stands on every page and paper; None for a ledger that is not for rehearsal."""
    return REHEARSAL if ledger.is_rehearsal else None


def guard(ledger: Ledger, now: Callable[[], datetime]) -> None:
    """Let nothing be written into *ledger* at an instant set by hand, unless `refuse_hand_clock` lets it pass.

    Args:
        now: Gives the instant that was set by hand, when something is about to be written.
    """
    ledger.store.before_writing = lambda: refuse_hand_clock(ledger, now())


def refuse_hand_clock(ledger: Ledger, now: datetime) -> None:
    """Refuse an instant set by hand in a ledger that is not for rehearsal, unless its keeper allowed to set it back.

    A step dated ahead would date every later one ahead as well, so that is allowed to nobody.

    Args:
        now: The instant that was set by hand.

    Raises:
        RefusedError: If so; it says what to do.
    """
    real_at = ledger.real_at
    if real_at is None or ledger.is_rehearsal:
        return
    allowed = allowance(ledger)
    if allowed is None or microseconds(allowed.until) < real_at:
        raise RefusedError(
            Text(
                "this ledger is no rehearsal, so nothing is written at an instant set by hand: leave --now and "
                "QINGLING_NOW out, or let its keeper allow it: qingling clock allow",
                "本台账不是演练台账，不得手工设定时间写入：请去掉 --now 和 QINGLING_NOW，"
                "或由台账管理人员批准：qingling clock allow",
            )
        )
    if microseconds(now) > real_at:
        raise RefusedError(
            Text(
                "the clock may only be set back here, never ahead (--now): what is dated ahead dates all that follows",
                "此处只能将时间往回设，不得往后设（--now）：日期提前写入，其后各步都会错",
            )
        )


def allowance(ledger: Ledger) -> Allowance | None:
    """Return what was allowed last, over or not; None if nothing was, or it was forbidden since.

    Raises:
        UnreadableEventError: If the row that says so was altered.
    """
    row = case_rows.last_of_house(ledger.store, _KINDS)
    event = None if row is None else read(row.kind, row.body)
    if row is None or not isinstance(event, HandClockAllowed):
        return None
    return Allowance(by=row.by, since=instant(row.at), until=instant(event.until), reason=event.reason)


def allow_hand_clock(acting: Acting, *, until: datetime, reason: str) -> Allowance:
    """Allow for a time to set the clock back by hand, and journal it.

    Args:
        until: Aware instant.

    Raises:
        RefusedError: If the officer does not keep the ledger, it is for rehearsal, or the clock is set by hand now.
        BadValueError: If *until* is over, or too far ahead, or there is no reason.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    if acting.ledger.is_rehearsal:
        raise RefusedError(
            Text("a rehearsal ledger takes any clock; nothing to allow", "演练台账可任意设定时间，无须批准")
        )
    if acting.ledger.real_at is not None:
        raise RefusedError(Text("allow it by the real clock: leave --now out", "批准本身须用真实时间：请去掉 --now"))
    if not acting.now < until <= acting.now + LONGEST:
        raise BadValueError(
            Text(
                f"--until must lie ahead, and within {LONGEST.days} days",
                f"--until 须在今后 {LONGEST.days} 天之内",
            )
        )
    reason = reason_given(reason)
    with acting.ledger.store.begin():
        acting.note_in_house(HandClockAllowed(until=microseconds(until), reason=reason))
    return Allowance(by=acting.by, since=acting.now, until=until, reason=reason)


def forbid_hand_clock(acting: Acting, *, reason: str) -> None:
    """Take back what was allowed, and journal it.

    Raises:
        BadValueError: If there is no reason.
        RefusedError: If the officer does not keep the ledger, or nothing is allowed.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    allowed = allowance(acting.ledger)
    if allowed is None or allowed.until < acting.now:
        raise RefusedError(Text("no clock set by hand is allowed", "目前并未批准手工设定时间"))
    with acting.ledger.store.begin():
        acting.note_in_house(HandClockForbidden(reason=reason_given(reason)))
