"""Changes of cases that programs outside hear of: promised from the journal, each once for each program.

No step promises anything itself, so that none is slower where a program listens. The tree over the journal gives
every entry one place after its commit; how far each program has been promised stands beside it, and is written in
the same commit as the messages.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from engine.journal.canonical import parsed
from engine.journal.case_events import StepTaken
from engine.operations.ledger.ledger import Ledger
from engine.store import change_rows, outbox_rows, tree_rows
from engine.store import house_rows as house
from engine.store.change_rows import ChangeRecord
from engine.working_days.instants import instant, microseconds

KIND: Final = "change"
"""Of the messages."""
_PREFIX: Final = "channel:"
_PROMISED, _OFF = "changes_promised", "changes_off"
"""Under which names the ledger keeps how far each channel has been promised, and which want no more."""
_AT_ONCE: Final = 1_000
"""Entries of the journal that are looked through in one commit."""


def promise(ledger: Ledger, wanted: Mapping[str, Sequence[str]], *, now: datetime) -> int:
    """Promise the changes since the last time, and return how many messages that are.

    A channel that is seen for the first time hears of what comes from then on. One that is switched off is passed
    over and catches up later. Restricted cases are left out. May be run by several at once: a message has the
    key of its entry.

    Args:
        wanted: Workflows by the name of the channel that hears of them.
        now: Aware instant at which they are promised.
    """
    off = house.setting(ledger.store, _OFF)
    hearing = {name: each for name, each in wanted.items() if name not in (off if isinstance(off, dict) else {})}
    if not hearing:
        return 0
    tree_rows.integrate(ledger.store)
    size = tree_rows.size_of(ledger.store)
    return sum(_promise_to(ledger, name, workflows, size, now) for name, workflows in hearing.items())


def switch(ledger: Ledger, channel: str, *, at: datetime, on: bool) -> None:
    """Remember that a channel wants no more changes from the aware instant *at* on, or that it takes them again."""
    with ledger.store.begin():
        found = house.setting(ledger.store, _OFF)
        known = dict(found) if isinstance(found, dict) else {}
        if on != (channel in known):
            return
        if on:
            del known[channel]
        else:
            known[channel] = microseconds(at)
        house.put_setting(ledger.store, _OFF, known)


def channel_of(recipient: str) -> str:
    """Return the channel to which a message with this recipient goes."""
    return recipient.removeprefix(_PREFIX)


def _promise_to(ledger: Ledger, channel: str, workflows: Sequence[str], size: int, now: datetime) -> int:
    """Promise one channel the entries that have a place below *size*, in commits of some entries each."""
    store, promised = ledger.store, 0
    while True:
        with store.begin():
            found = house.setting(store, _PROMISED)
            places = dict(found) if isinstance(found, dict) else {}
            begin = places.get(channel)
            if begin is not None and begin >= size:
                return promised
            end = size if begin is None else min(begin + _AT_ONCE, size)
            rows = [] if begin is None else change_rows.changes_between(store, begin, end)
            for row in rows:
                if row.workflow in workflows and row.case_id not in ledger.restricted:
                    key, payload = f"{KIND}/{channel}/{row.case_id}/{row.seq}", _payload_of(ledger, row)
                    promised += outbox_rows.promise(store, key, KIND, _PREFIX + channel, payload, microseconds(now))
            house.put_setting(store, _PROMISED, {**places, channel: end})


def _payload_of(ledger: Ledger, row: ChangeRecord) -> Mapping[str, object]:
    """Return what is said of one change; a program is awake at night."""
    trigger = parsed(row.body).get("trigger") if row.kind == StepTaken.kind else row.kind
    at = instant(row.at).astimezone(ledger.calendar.zone)
    return {
        "number": row.number,
        "trigger": str(trigger),
        "revision": row.seq,
        "at": at.isoformat(timespec="seconds"),
        "night": True,
    }
