"""How a deadline stands, in the words that lists, ledgers, reports and letters share; decides nothing."""

from typing import Protocol

from engine.deadlines.clock import Breach, Clock, Status
from engine.language import t
from engine.workflow.lengths import length_said
from engine.working_days.instants import local_time


class Stands(Protocol):
    """How a deadline stands at a moment, in its own unit."""

    @property
    def overdue(self) -> bool:
        """Whether it runs and is past its day or instant."""

    @property
    def left(self) -> int:
        """How much is left; negative when late, 0 on the due day."""

    @property
    def counted_in(self) -> str:
        """Its unit."""

    @property
    def late_by(self) -> int:
        """How late it is, or was when it was met; 0 if it is not or was not."""

    @property
    def theirs(self) -> bool:
        """Whether it is the other side's time."""


def standing_words(clock: Clock, stands: Stands, zone: str) -> str:
    """Return what is left of a deadline or how it ended, in its own unit; the due day itself is never late.

    Args:
        zone: The time zone of its local days.
    """
    if clock.status is Status.PAUSED:
        return t("paused", "暂停中")
    if clock.status > Status.PAUSED:
        return _ended_words(clock, stands, zone)
    if stands.left == 0 and not stands.late_by:
        return t("due today", "今日到期") if clock.due_at is None else t("within the hour", "一小时内到期")
    if stands.overdue:
        return t("{length} late", "已超期 {length}", length=length_said(stands.late_by, stands.counted_in))
    if stands.theirs and stands.late_by:
        over = length_said(stands.late_by, stands.counted_in)
        return t("the other side's time is over by {length}", "对方已逾其期限 {length}", length=over)
    return t("{length} left", "还有 {length}", length=length_said(stands.left, stands.counted_in))


def _ended_words(clock: Clock, stands: Stands, zone: str) -> str:
    """Return how a deadline ended: met on which day and how late, no longer required, or cancelled."""
    if clock.status is Status.CANCELLED:
        return t("cancelled", "已取消")
    if clock.status is Status.LIFTED:
        return _lifted_words(clock, zone)
    on = (clock.met_on or "").replace("T", " ")
    if stands.late_by:
        late = length_said(stands.late_by, stands.counted_in)
        if stands.theirs:
            return t("met {on}, {length} after their time", "{on} 完成，对方逾期 {length}", on=on, length=late)
        return t("met {on}, {length} late", "{on} 完成，超期 {length}", on=on, length=late)
    return t("met {on}, in time", "{on} 按期完成", on=on)


def _lifted_words(clock: Clock, zone: str) -> str:
    """Return since when a deadline is not required, or that it never was so far."""
    if clock.lifted[-1].why == "waiting":
        return t("not required", "暂不要求")
    since = local_time(clock.lifted[-1].from_at, zone).date()
    if clock.lifted[-1].why == "ran_out":
        return t("ran out {due}, the program took the step on {since}", "{due} 期满，{since} 由程序自动转入下一步",
                 due=clock.due_on, since=since)  # fmt: skip
    return t("not required since {since}", "自 {since} 起不再要求", since=since)


def breach_words(breach: Breach) -> str:
    """Return a lateness that is over but stays on record."""
    words = t(
        "was late {first} – {last}, due {due}",
        "{first} 至 {last} 曾超期（原到期日 {due}）",
        first=breach.first_late_on,
        last=breach.ended_on,
        due=breach.due_on,
    )
    return words + (t(" (from the journal)", "（据日志推得）") if breach.derived else "")
