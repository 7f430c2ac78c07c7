"""What `doctor` finds of time: the scheduler's last sign of life, provisional dates, messages that failed."""

from collections.abc import Iterator
from datetime import datetime

from commands.console.findings import Finding
from engine.errors import QinglingError
from engine.language import Text
from engine.operations.deadlines.scheduler_lease import LEASE, watch
from engine.operations.house.own_days import last_published
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import Unowed, unowed
from engine.store import clock_rows as clocks
from engine.store import outbox_rows as outbox
from engine.working_days.instants import local_time, microseconds

LISTED = 5
"""Provisional dates that are named one by one."""


def of_the_time(ledger: Ledger, *, now: datetime) -> Iterator[Finding]:
    """Yield how the scheduler, the dates and the outbox stand."""
    yield _of_the_scheduler(ledger, now)
    yield from _of_the_dates(ledger)
    yield from _of_the_returns(ledger)
    failed = outbox.count(ledger.store, outbox.FAILED)
    if failed:
        yield Finding(
            Text("outbox", "待发箱"),
            "note",
            Text(
                f"{failed} messages failed; see: qingling outbox list --failed",
                f"{failed} 条消息发送失败；请查看：qingling outbox list --failed",
            ),
        )


def _of_the_returns(ledger: Ledger) -> Iterator[Finding]:
    """Yield which returns open nowhere, because nobody has a role that owes them."""
    try:
        found = unowed(ledger)
    except QinglingError:
        return  # told among the workflows
    for each in found:
        yield Finding(Text("returns", "报表"), "note", unowed_words(ledger, each))


def unowed_words(ledger: Ledger, unowed: Unowed) -> Text:
    """Return the sentence about returns that do not open, because nobody has a role that owes them."""
    titles = ledger.workflows.roles()
    roles = [titles.get(each) or Text(each, each) for each in unowed.roles]
    return Text(
        "{workflow} ({recurs}): no unit owes it, nobody is {roles}: qingling officer grant CODE {first}",
        "{workflow}（{recurs}）：没有人担任{roles_zh}，不生成：qingling officer grant 人员代码 {first}",
    ).format(
        workflow=unowed.workflow,
        recurs=unowed.recurs,
        roles=" or ".join(each.en for each in roles),
        roles_zh="、".join(each.zh for each in roles),
        first=unowed.roles[0],
    )


def _of_the_scheduler(ledger: Ledger, now: datetime) -> Finding:
    """Return when a scheduler was last seen."""
    topic, seen = Text("scheduler", "值守"), watch(ledger)
    if seen is None:
        return Finding(
            topic,
            "note",
            Text(
                "none ever ran; run one, or sweep by cron: qingling run",
                "从未运行；请运行 qingling run，或用 cron 定时巡检",
            ),
        )
    at = local_time(microseconds(seen.seen_at), ledger.zone).strftime("%Y-%m-%d %H:%M")
    if not seen.holder:
        return Finding(topic, "note", Text(f"stopped at {at}: qingling run", f"已于 {at} 停止：qingling run"))
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


def _of_the_dates(ledger: Ledger) -> Iterator[Finding]:
    """Yield the calendar in force, and the dates that were counted without a published one."""
    calendar, last = ledger.calendar, last_published(ledger.calendar)
    until = Text("every year", "所有年度") if last is None else Text(f"up to {last}", f"至 {last} 年")
    yield Finding(
        Text("calendar in use", "所用日历"),
        "ok",
        Text(f"{calendar.label}, {until.en}", f"{calendar.label}，{until.zh}"),
    )
    count = clocks.provisional(ledger.store)
    if count:
        named = ", ".join(f"{number} {due}" for number, due in clocks.provisional_dates(ledger.store, LISTED))
        more = "" if count <= LISTED else " …"
        yield Finding(
            Text("provisional dates", "暂估日期"),
            "note",
            Text(
                f"{count}: {named}{more}; once the calendar is loaded: qingling calendar reproject",
                f"{count} 个：{named}{more}；日历到位后运行：qingling calendar reproject",
            ),
        )
