"""Who keeps watch: one scheduler at a time, by a lease in the ledger; and the warnings that a watch gives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.journal.house_events import LedgerBackedUp
from engine.operations.deadlines.sweep import SWEEPER, SWEPT_AT
from engine.operations.house.own_days import last_published
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import officers_who_may
from engine.operations.ledger.ledger import Ledger
from engine.store import clock_rows as clocks
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.workflow.powers import Power
from engine.working_days.count import next_working_moment
from engine.working_days.instants import instant, microseconds

LEASE = timedelta(seconds=90)
"""How long a scheduler holds the watch after its last sign of life."""

WARN_FROM = 12
"""Month from which on a missing calendar of the next year is warned of."""

_WATCH = "watch"


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulerLease:
    """Who holds the watch, and since when nothing was heard."""

    holder: str
    seen_at: datetime
    until: datetime

    def is_kept(self, now: datetime) -> bool:
        """Say whether the watch is kept at *now*; one that ends later than any could was taken by a wrong clock."""
        return self.holder != "" and now < self.until <= now + LEASE


def hold_watch(ledger: Ledger, holder: str, *, now: datetime) -> bool:
    """Take or keep the watch; False if another holds it.

    A lease that ends later than any could (the clock was set back since) is worth nothing.
    """
    now_at, lease = microseconds(now), LEASE // timedelta(microseconds=1)
    store = ledger.store
    with store.begin():
        house.lock_watch(store)
        held = house.setting(store, _WATCH)
        if isinstance(held, dict) and held["holder"] not in ("", holder) and now_at < held["until"] <= now_at + lease:
            return False
        house.put_setting(store, _WATCH, {"holder": holder, "seen_at": now_at, "until": now_at + lease})
    return True


def leave_watch(ledger: Ledger, holder: str, *, now: datetime) -> None:
    """Give the watch back, so that another need not wait for the lease to end."""
    store = ledger.store
    with store.begin():
        house.lock_watch(store)
        held = house.setting(store, _WATCH)
        if isinstance(held, dict) and held["holder"] == holder:
            now_at = microseconds(now)
            house.put_setting(store, _WATCH, {"holder": "", "seen_at": now_at, "until": now_at})


def watch(ledger: Ledger) -> SchedulerLease | None:
    """Return who keeps watch, or kept it last; None if nobody ever did."""
    held = house.setting(ledger.store, _WATCH)
    if not isinstance(held, dict):
        return None
    return SchedulerLease(holder=str(held["holder"]), seen_at=instant(held["seen_at"]), until=instant(held["until"]))


def swept_at(ledger: Ledger) -> datetime | None:
    """Return when the ledger was last swept, by a scheduler or by hand; None if it never was."""
    found = house.setting(ledger.store, SWEPT_AT)
    return instant(found) if isinstance(found, int) else None


def is_to_come(swept: datetime, now: datetime) -> bool:
    """Say whether a sweep is dated ahead of the clock, by one that was set right since: how old it is nobody knows."""
    return swept - now > LEASE


def warn_of_missing_calendar(ledger: Ledger, *, now: datetime) -> int:
    """From December on, tell the keepers once that next year's working days are not loaded; return how many."""
    today, last = ledger.today(now), last_published(ledger.calendar)
    wanted = today.year + (today.month >= WARN_FROM)
    if last is None or last >= wanted:
        return 0
    store = ledger.store
    payload = {"year": wanted, "last_year": last, "provisional": clocks.provisional(store)}
    send_at = microseconds(next_working_moment(now, ledger.calendar))
    with store.begin():
        return sum(
            outbox.promise(
                store,
                f"calendar_missing/{wanted}/{code}",
                "calendar_missing",
                code,
                payload,
                microseconds(now),
                send_at=send_at,
            )
            for code in sorted(officers_who_may(ledger, Power.KEEP_LEDGER))
        )


def is_backup_due(ledger: Ledger, *, now: datetime) -> bool:
    """Say whether no backup was made yet on this local day."""
    return house.setting(ledger.store, "backup_on") != ledger.today(now).isoformat()


def note_backup(ledger: Ledger, *, digest: str, now: datetime) -> None:
    """Write that the backup of this day was made."""
    with ledger.store.begin():
        house.put_setting(ledger.store, "backup_on", ledger.today(now).isoformat())
        Acting(ledger, SWEEPER, now).note_in_house(LedgerBackedUp(digest=digest))
