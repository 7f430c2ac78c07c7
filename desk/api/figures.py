"""Figures about the desk for who watches the machine, as Prometheus reads them; nothing of a case, and no names."""

from collections.abc import Iterator
from datetime import datetime
from time import process_time

from engine.operations.deadlines.scheduler_lease import is_to_come, swept_at
from engine.operations.house.installation import failed_messages, old_messages
from engine.operations.ledger.ledger import Ledger


def figures(ledger: Ledger, *, now: datetime) -> str:
    """Return the figures.

    Args:
        now: The aware instant by which the house goes, as its sweeps do, be it set by hand.
    """
    return "\n".join(_lines(ledger, now)) + "\n"


def _lines(ledger: Ledger, now: datetime) -> Iterator[str]:
    """Yield help, type and value of each."""
    swept = swept_at(ledger)
    yield from _gauge("qingling_up", "Whether the ledger can be read.", 1)
    # After one by a clock that was ahead nobody knows: an age of 0 would hide for as long that nothing is swept.
    if swept is not None and not is_to_come(swept, now):
        age = max(int((now - swept).total_seconds()), 0)
        yield from _gauge("qingling_sweep_age_seconds", "Since the last sweep.", age)
    yield from _gauge("qingling_outbox_failed", "Messages that could not be sent.", failed_messages(ledger))
    late = old_messages(ledger, now=now)
    yield from _gauge("qingling_outbox_late", "Messages that wait for more than a day.", late)
    yield "# HELP qingling_cpu_seconds_total User and system time of the process."
    yield "# TYPE qingling_cpu_seconds_total counter"
    yield f"qingling_cpu_seconds_total {process_time():.3f}"


def _gauge(name: str, words: str, value: int) -> Iterator[str]:
    """Yield the three lines of one figure."""
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    yield f"{name} {value}"
