"""What a year and a crowd came to, and whether what stands in the ledger is that."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.operations.deadlines.sweep import SWEEPER
from engine.store.connection import Store
from tools.soak_desk import AtTheDesk

_RECORDED = "SELECT deadline_id, arming, rung, count(*) FROM reminders GROUP BY deadline_id, arming, rung"
_HIGHEST = "SELECT deadline_id, arming, max(rung) FROM reminders GROUP BY deadline_id, arming, at"
"""Of what was recorded at once for a deadline: the rung that is announced for all of them."""
_MOVED = "SELECT c.number, j.body FROM journal j JOIN cases c ON c.id = j.case_id WHERE j.kind = 'moved' AND j.by <> ?"
_STANDING = "SELECT id, arming, rung, status, next_at FROM deadlines"


@dataclass
class Figures:
    """What a year came to; every list of what is wrong must be empty."""

    registered: int = 0
    closed: int = 0
    reminders: int = 0
    killed: int = 0
    killed_within: int = 0
    """Those of them that had begun a sweep and not ended it."""
    conflicts: int = 0
    """Steps that found their lead written by a sweep, and were taken again."""
    verified: int = 0
    """Rows of the journal that were verified at the end."""
    wrong: list[str] = field(default_factory=list)
    memory_kib: list[int] = field(default_factory=list)
    """The most that any scheduler has held by the end of each month."""
    own_kib: list[int] = field(default_factory=list)
    """The same of the process that registers and counts."""
    open_leads: list[int] = field(default_factory=list)
    """At each month's end."""
    step_s: list[float] = field(default_factory=list)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a step, by number and name, was confirmed other than by the desk."""
    desk: AtTheDesk = field(default_factory=AtTheDesk)

    def p95_s(self) -> float:
        """Return the time within which nineteen of twenty steps were taken."""
        return p95_s(self.step_s)


def p95_s(taken_s: Sequence[float]) -> float:
    """Return the time within which nineteen of twenty were done; 0 if there are none."""
    taken = sorted(taken_s)
    return taken[len(taken) * 95 // 100] if taken else 0.0


def compare_steps(store: Store, figures: Figures) -> None:
    """Look whether every step that was confirmed, at the desk too, is in the journal once, and no other."""
    written = Counter((number, json.loads(body)["trigger"]) for number, body in store.stream(_MOVED, (SWEEPER,)))
    confirmed = figures.steps + figures.desk.steps
    for each in written.keys() | confirmed.keys():
        if not written[each] == confirmed[each] == 1:
            figures.wrong.append(f"{each}: confirmed {confirmed[each]} times, written {written[each]} times")
    figures.wrong += figures.desk.wrong


def judge(store: Store, now_at: int, figures: Figures, *, begun_at_rung: int = 0) -> None:
    """Look whether every rung is recorded once, and every reminder announced once.

    Args:
        begun_at_rung: Which rung comes first where ladders were set by hand.
    """
    recorded: dict[tuple[int, int], set[int]] = {}
    for deadline, arming, rung, count in store.query(_RECORDED):
        recorded.setdefault((deadline, arming), set()).add(rung)
        if count != 1:
            figures.wrong.append(f"deadline {deadline} rung {rung}: {count} times")
    for deadline, arming, rung, status, next_at in store.query(_STANDING):
        found = recorded.get((deadline, arming), set())
        if found != set(range(begun_at_rung, rung)):
            figures.wrong.append(f"deadline {deadline} waits for rung {rung}, recorded {sorted(found)}")
        if status == 0 and next_at is not None and next_at <= now_at:
            figures.wrong.append(f"deadline {deadline} was forgotten")
    announced = Counter(_announced(store))
    figures.reminders = len(announced)
    figures.wrong += [f"announced {count} times: {ref}" for ref, count in announced.items() if count != 1]
    said = {ref for _, ref in announced}
    highest = {tuple(row) for row in store.query(_HIGHEST)}
    figures.wrong += [f"recorded and announced to nobody: {ref}" for ref in highest - said]
    figures.wrong += [f"announced and not recorded: {ref}" for ref in said - highest]


def _announced(store: Store) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield to whom each line of a digest tells of which reminder."""
    for recipient, payload in store.stream("SELECT recipient, payload FROM outbox WHERE kind = 'digest'"):
        for line in json.loads(payload)["entries"]:
            yield recipient, tuple(line["ref"])
