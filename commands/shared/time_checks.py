"""What `doctor` finds of time: the scheduler's last sign of life, provisional dates, messages that failed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from commands.presentation.chores_view import unowed_words
from commands.shared.findings import Finding
from engine.errors import QinglingError
from engine.language import Text
from engine.operations.deadlines.scheduler_lease import LEASE, is_to_come, swept_at, watch
from engine.operations.house.installation import failed_messages, has_cases, old_messages, provisional_dates
from engine.operations.house.own_days import last_published
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.owed import unowed
from engine.working_days.instants import local_time, microseconds

SWEPT_SELDOM = timedelta(hours=26)
"""After which a ledger that is swept once a day by cron was not."""

LISTED = 5
"""Provisional dates that are named one by one."""


def of_the_time(ledger: Ledger, *, now: datetime) -> Iterator[Finding]:
    """Yield how the scheduler, the dates and the outbox stand."""
    yield _of_the_scheduler(ledger, now)
    yield from _of_the_dates(ledger)
    yield from _of_the_returns(ledger)
    yield from _of_the_messages(ledger, now)


def _of_the_messages(ledger: Ledger, now: datetime) -> Iterator[Finding]:
    """Yield whether messages failed, or wait though they should have gone out."""
    topic, failed, old = Text("outbox", "待发箱"), failed_messages(ledger), old_messages(ledger, now=now)
    if failed:
        yield Finding(
            topic,
            "attention",
            Text(
                f"messages that failed: {failed}; see: qingling outbox list --failed",
                f"发送失败的消息：{failed} 条；请查看：qingling outbox list --failed",
            ),
        )
    if old:
        yield Finding(
            topic,
            "attention",
            Text(
                f"messages that should have gone out more than a day ago: {old}; see: qingling outbox list",
                f"应发未发超过一天的消息：{old} 条；请查看：qingling outbox list",
            ),
        )
    if not failed and not old:
        yield Finding(topic, "ok", Text("no message failed or waits for long", "没有发送失败或积压的消息"))


def _of_the_returns(ledger: Ledger) -> Iterator[Finding]:
    """Yield which returns open nowhere, because nobody has a role that owes them."""
    try:
        found = unowed(ledger)
    except QinglingError:
        return  # said among the workflows
    for each in found:
        yield Finding(Text("returns", "报表"), "attention", unowed_words(ledger, each))


def _of_the_scheduler(ledger: Ledger, now: datetime) -> Finding:
    """Return when a scheduler was last seen, and whether the ledger is swept, by that or by cron."""
    topic, seen = Text("scheduler", "值守"), watch(ledger)
    last = swept_at(ledger)
    swept = _swept_words(ledger, last)
    is_ahead = last is not None and is_to_come(last, now)
    if is_ahead:
        swept = Text(
            f"{swept.en}; that is still to come: the clock was ahead then, so sweep again",
            f"{swept.zh}；该时刻尚未到来：当时时钟偏快，请重新巡检",
        )
    if is_ahead or last is None or now - last > SWEPT_SELDOM:
        if last is None and not has_cases(ledger):
            return Finding(topic, "note", swept)
        if seen is None or not seen.holder or now - seen.seen_at <= 2 * LEASE:
            return Finding(topic, "attention" if last is None else "wrong", swept)
    if seen is None:
        return Finding(topic, "ok", swept)
    at = local_time(microseconds(seen.seen_at), ledger.zone).strftime("%Y-%m-%d %H:%M")
    if not seen.holder:
        return Finding(topic, "note", Text(f"stopped at {at}; {swept.en}", f"已于 {at} 停止；{swept.zh}"))
    if now - seen.seen_at > 2 * LEASE:
        return Finding(
            topic,
            "wrong",
            Text(
                f"not heard of since {at} ({seen.holder}); start it again",
                f"自 {at} 起无响应（{seen.holder}）；请重新启动",
            ),
        )
    return Finding(topic, "ok", Text(f"seen at {at} ({seen.holder})", f"{at} 在值守（{seen.holder}）"))


def _swept_words(ledger: Ledger, last: datetime | None) -> Text:
    """Return the sentence about the last sweep."""
    if last is None:
        return Text(
            "never swept, so nobody was reminded; run one, or sweep by cron: qingling run",
            "从未巡检，未发过提醒；请运行 qingling run，或用 cron 定时巡检",
        )
    at = local_time(microseconds(last), ledger.zone).strftime("%Y-%m-%d %H:%M")
    return Text(
        f"last swept at {at}; that is done by: qingling run, or cron",
        f"最近一次巡检：{at}；由 qingling run 或 cron 进行",
    )


def _of_the_dates(ledger: Ledger) -> Iterator[Finding]:
    """Yield the calendar in force, and the dates that were counted without a published one."""
    calendar, last = ledger.calendar, last_published(ledger.calendar)
    until = Text("every year", "所有年度") if last is None else Text(f"up to {last}", f"至 {last} 年")
    yield Finding(
        Text("calendar in use", "所用日历"),
        "ok",
        Text(f"{calendar.label}, {until.en}", f"{calendar.label}，{until.zh}"),
    )
    count, first = provisional_dates(ledger, LISTED)
    if count:
        named = ", ".join(f"{number} {due}" for number, due in first)
        more = "" if count <= LISTED else " …"
        yield Finding(
            Text("provisional dates", "暂估日期"),
            "note",
            Text(
                f"{count}: {named}{more}; once the calendar is loaded: qingling calendar reproject",
                f"{count} 个：{named}{more}；日历到位后运行：qingling calendar reproject",
            ),
        )
