"""What `doctor` finds of the house: its tables, its backups, its key, its people and the clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from commands.console.context import AppContext
from commands.shared.findings import Finding
from engine.errors import QinglingError
from engine.language import Text
from engine.operations.deadlines.unheard import unheard
from engine.operations.house.checkpoints import coverage
from engine.operations.house.database_roles import are_behind
from engine.operations.house.database_roles import differences as roles_differ
from engine.operations.house.directory import officers
from engine.operations.house.installation import (
    differences,
    has_cases,
    left_with_open,
    newest_backup_at,
    newest_entry_at,
    vacancies,
)
from engine.operations.house.safekeeping import unsaid_upgrade
from engine.operations.house.verifying import of_house
from engine.operations.ledger.demands import least_in
from engine.operations.ledger.hand_clock import allowance, mark_of
from engine.operations.ledger.ledger import Ledger
from engine.workflow.proofs import Proof
from engine.working_days.instants import local_time, microseconds
from presentation.checkpoint_view import coverage_text

NAMED: Final = 5
"""Numbers or units that are named one by one."""
OLD_BACKUP: Final = timedelta(days=7)
"""After which a newer backup is called for."""
CLOCK_TOLERANCE: Final = timedelta(seconds=60)
"""By how much a machine's clock may differ from the database's before it is named."""
STALE_BACKUP: Final = timedelta(days=31)
"""After which the ledger is as good as without one."""


def of_the_tables(ledger: Ledger) -> Iterator[Finding]:
    """Yield how tables, indexes and triggers differ from ours, and the database's roles from those that were made."""
    if roles_differ(ledger):
        yield Finding(
            Text("roles of the database", "数据库角色"),
            "wrong",
            Text(
                "not as they were made; see who changed them, then: qingling database roles --apply",
                "与所建不一致；请查明何人改动后重新建立：qingling database roles --apply",
            ),
        )
    elif are_behind(ledger):
        yield Finding(
            Text("roles of the database", "数据库角色"),
            "attention",
            Text(
                "officers, their roles or the program have changed since they were made; bring them up: qingling"
                " database roles --apply",
                "建立后人员、其角色或程序有变动；请更新：qingling database roles --apply",
            ),
        )
    topic, found = Text("tables", "数据表"), differences(ledger)
    if unsaid_upgrade(ledger) is not None:
        yield Finding(
            topic,
            "attention",
            Text(
                "brought up by an upgrade that was broken off before the journal said so; run: qingling upgrade",
                "升级在记入日志之前中断；请运行：qingling upgrade",
            ),
        )
    for each in found:
        yield Finding(
            topic,
            "wrong",
            Text(f"{each.en}; compare with a backup: qingling restore", f"{each.zh}；请与备份比对：qingling restore"),
        )
    if not found:
        yield Finding(topic, "ok", Text("as this program makes them", "与本程序所建一致"))


def of_the_house(ledger: Ledger, app: AppContext) -> Iterator[Finding]:
    """Yield whether there is a custodian's key and a fresh backup, and whether the clock is before what was written."""
    topic = Text("custodian's key", "保管人密钥")
    key = ledger.settings.get("custodian")
    if isinstance(key, dict):
        yield Finding(topic, "ok", Text(f"sealing to {key['id']}", f"密封到 {key['id']}"))
    else:
        yield Finding(topic, "wrong", Text("there is none: qingling reporter key", "没有：qingling reporter key"))
    yield _of_the_backup(ledger, app.now)
    yield from _of_the_founding(ledger)
    yield from _of_the_clock(ledger, app)


def _of_the_founding(ledger: Ledger) -> Iterator[Finding]:
    """Yield whether the chain that says what the house is holds, and whether the ledger is one for rehearsal."""
    if of_house(ledger):
        yield Finding(
            Text("journal of the house", "内务日志"),
            "wrong",
            Text(
                "the house is not what its journal says; see: qingling journal verify",
                "单位、人员、设置或演练标记与日志不符；请查看：qingling journal verify",
            ),
        )
    yield Finding(Text("coverage", "检查点涵盖"), "note", coverage_text(ledger, coverage(ledger)))
    several = sum(each.left_at is None for each in officers(ledger)) > 1
    if several and not ledger.is_rehearsal and least_in(ledger) is Proof.ASSERTED:
        yield Finding(
            Text("who acts", "办理人身份"),
            "attention",
            Text(
                "several officers act, and a typed name is enough: set passwords, then"
                " qingling credential demand session",
                "有多名人员办理而只需填写姓名：请为各人设口令，再运行 qingling credential demand session",
            ),
        )
    mark = mark_of(ledger)
    if mark is not None:
        yield Finding(Text("kind of ledger", "台账性质"), "note", mark)


def _of_the_clock(ledger: Ledger, app: AppContext) -> Iterator[Finding]:
    """Yield which clock dates what is written, whether it may be set by hand, and whether it is right."""
    topic = Text("clock", "时钟")
    last, ahead = newest_entry_at(ledger), app.machine_ahead
    allowed = allowance(ledger)
    if allowed is not None and allowed.until >= app.clock_now:
        until = local_time(microseconds(allowed.until), ledger.zone).strftime("%Y-%m-%d %H:%M")
        yield Finding(
            topic,
            "attention",
            Text(
                f"may be set back by hand until {until}, allowed by {allowed.by}; end it: qingling clock forbid",
                f"{allowed.by} 批准可手工设定时间，至 {until} 止；提前终止：qingling clock forbid",
            ),
        )
    if ahead is not None and abs(ahead) > CLOCK_TOLERANCE:
        seconds = round(abs(ahead).total_seconds())
        en, zh = ("ahead of", "快") if ahead > timedelta(0) else ("behind", "慢")
        yield Finding(
            topic,
            "attention",
            Text(
                f"this machine's is {seconds} seconds {en} the database's, by which all is dated; set it",
                f"本机时钟比数据库{zh} {seconds} 秒；记录以数据库时钟为准，请校准本机时钟",
            ),
        )
    if app.clock_set_by_hand:
        here = _time_here(app.now, ledger.zone)
        yield Finding(topic, "note", Text(f"set by hand: {here.en}", f"人为设定：{here.zh}"))
    elif last is not None and last > microseconds(app.now):
        then = local_time(last, ledger.zone).strftime("%Y-%m-%d %H:%M")
        yield Finding(
            topic,
            "wrong",
            Text(
                f"it is before the newest entry of the journal ({then}); set the clock of this machine",
                f"早于日志最新一行（{then}）；请校准本机时钟",
            ),
        )
    else:
        yield Finding(topic, "ok", _time_here(app.now, ledger.zone))


def of_the_people(ledger: Ledger) -> Iterator[Finding]:
    """Yield which officers left with open cases, and which roles nobody has for which units."""
    try:
        left, vacant, silent = left_with_open(ledger), vacancies(ledger), unheard(ledger)
    except QinglingError:
        return  # said among the workflows
    topic = Text("people", "人员")
    for each in left:
        numbers = _named(each.numbers)
        yield Finding(
            topic,
            "attention",
            Text(
                f"{each.code} {each.name} has left, and open cases wait for that officer: {numbers.en}; name another "
                "in each",
                f"{each.code} {each.name} 已离任，仍有未办结事项由其承办：{numbers.zh}；请逐件改由他人承办",
            ),
        )
    for vacancy in vacant:
        units = _named(vacancy.units)
        yield Finding(
            topic,
            "attention",
            Text(
                f"nobody is {vacancy.title.en} for {units.en}, so reminders to that role reach nobody there: "
                f"qingling officer grant CODE {vacancy.role}",
                f"{units.zh} 无人担任{vacancy.title.zh}，发给该角色的提醒无人接收："
                f"qingling officer grant 人员代码 {vacancy.role}",
            ),
        )
    if silent:
        numbers = _named(tuple(dict.fromkeys(each.number for each in silent)))
        yield Finding(
            topic,
            "attention",
            Text(
                f"{len(silent)} deadlines run of which a reminder found nobody and went to those who keep the ledger "
                f"instead: {numbers.en}; give somebody the role and it is said again",
                f"{len(silent)} 个期限的提醒无人可收，已转报台账管理人员：{numbers.zh}；授予相应角色后将补发",
            ),
        )
    if not left and not vacant and not silent:
        yield Finding(topic, "ok", Text("every role that is reminded is filled", "应接收提醒的角色均有人担任"))


def _of_the_backup(ledger: Ledger, now: datetime) -> Finding:
    """Return how old the newest backup is."""
    topic, last = Text("backup", "备份"), newest_backup_at(ledger)
    if last is None:
        needed = has_cases(ledger)
        return Finding(
            topic,
            "attention" if needed else "note",
            Text("none was ever made: qingling backup", "从未备份：qingling backup"),
        )
    at = local_time(microseconds(last), ledger.zone).strftime("%Y-%m-%d %H:%M")
    days = max((now - last).days, 0)
    words = Text(f"the newest is of {at} ({days} days old)", f"最近一次：{at}（{days} 天前）")
    if now - last <= OLD_BACKUP:
        return Finding(topic, "ok", words)
    return Finding(
        topic,
        "wrong" if now - last > STALE_BACKUP else "attention",
        Text(f"{words.en}: qingling backup", f"{words.zh}：qingling backup"),
    )


def _named(all_of_them: tuple[str, ...]) -> Text:
    """Return the first few of a list, and how many there are if not all are named."""
    first = all_of_them[:NAMED]
    more = len(all_of_them) - len(first)
    en, zh = ", ".join(first), "、".join(first)
    return Text(f"{en} and {more} more", f"{zh} 等 {len(all_of_them)} 个") if more else Text(en, zh)


def _time_here(now: datetime, zone: str) -> Text:
    """Return what time it is in the house, with its zone."""
    words = f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
    return Text(words, words)
