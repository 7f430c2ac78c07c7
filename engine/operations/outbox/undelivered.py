"""Messages that were given up or came back: those who keep the ledger hear of each, so that somebody mends it."""

from datetime import datetime

from engine.language import t
from engine.operations.ledger.administrators import officers_who_may
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.workflow.powers import Power
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds

KIND = "undelivered"
"""Of the message that reports it; of one that fails itself nobody is warned, or reports would follow reports."""

SHOWN = 50
"""Failures that one message lists; what is more goes in another."""

_LONGEST_REASON = 200
"""Characters."""


def record_bounced(ledger: Ledger, promise_id: int, *, reason: str, now: datetime) -> bool:
    """Record that a message which was sent has come back, and its report; False if no such message was sent.

    Args:
        reason: What the returned mail says.
        now: Aware instant.
    """
    reports = FailureReports(ledger)
    remark = t("came back: {why}", "被退回：{why}", why=" ".join(reason.split()))
    return outbox.mark_bounced(
        ledger.store,
        promise_id,
        remark=remark,
        report=lambda sent: reports.add(sent.id, sent.kind, sent.recipient, remark, now),
    )


class FailureReports:
    """What one run of delivery has to report: one message for each of those who keep the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        """Find out who hears of it."""
        self._store = ledger.store
        self._calendar = ledger.calendar
        self._keepers = sorted(officers_who_may(ledger, Power.KEEP_LEDGER))
        self._names = {each.code: each.name for each in house.officers(ledger.store)}
        self._open: dict[str, tuple[str, int, list[dict[str, object]]]] = {}

    def record_failed(self, promise_id: int, kind: str, recipient: str, reason: str, at: datetime) -> None:
        """Record that a message is given up at an aware instant, and its report in the same commit."""
        outbox.mark_failed(
            self._store, promise_id, remark=reason, report=lambda: self.add(promise_id, kind, recipient, reason, at)
        )

    def add(self, promise_id: int, kind: str, recipient: str, reason: str, at: datetime) -> None:
        """Promise a report of a message that has failed for good; inside `begin`, with what records the failure.

        Args:
            kind: Of the message that failed.
            recipient: Code of the officer who did not get it; that officer is not asked to mend it alone.
            reason: One line, without a secret.
        """
        if kind in (KIND, "test"):
            return
        name = " ".join("".join(each if each.isprintable() else " " for each in self._names.get(recipient, "")).split())
        line: dict[str, object] = {
            "id": promise_id,
            "to": name or recipient,
            "why": " ".join("".join(each if each.isprintable() else " " for each in reason).split())[:_LONGEST_REASON]
            or "?",
        }
        for code in self._keepers:
            if code != recipient or len(self._keepers) == 1:
                self._promise(code, promise_id, line, at)

    def _promise(self, code: str, promise_id: int, line: dict[str, object], at: datetime) -> None:
        """Add a line to the message of one officer, or begin one."""
        if code in self._open:
            key, send_at, lines = self._open[code]
            if len(lines) < SHOWN:
                lines.append(line)
                if outbox.add_to_promise(self._store, key, {"failures": lines}, send_at=send_at):
                    return
        key, lines = f"{KIND}/{promise_id}/{microseconds(at)}/{code}", [line]
        send_at = microseconds(next_working_moment(at, self._calendar))
        outbox.promise(self._store, key, KIND, code, {"failures": lines}, microseconds(at), send_at=send_at)
        self._open[code] = key, send_at, lines
