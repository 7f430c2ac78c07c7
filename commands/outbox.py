"""`qingling outbox`: send what was promised, look at it, send again what failed."""

import sys
from typing import TYPE_CHECKING

from commands.console.bilingual import WHOLE, argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, say, talk
from commands.shared.reading import may_do, viewing
from engine.errors import NotFoundError, UndeliveredError
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from presentation.house_words import MESSAGE_STATUS, MESSAGES

if TYPE_CHECKING:
    from notifications.dispatch import DispatchReport


@group(
    "outbox",
    en="The outbox: messages promised in the commit that caused them, sent at least once.",
    zh="待发箱：与业务同时登记的消息，至少送达一次。",
    example="qingling outbox list",
)
def outbox() -> None:
    """Hold the verbs of the outbox."""


@verb(
    outbox,
    "list",
    en="List messages, the newest first.",
    zh="列出消息，最新的在前。",
    example="qingling outbox list --failed",
)
@option("--failed", is_flag=True, en="Only those given up.", zh="只列已放弃的。")
@option("--limit", type=WHOLE, metavar="COUNT", default=200, en="At most so many.", zh="最多列出条数。")
@json_option
@pass_app
def list_(app: AppContext, failed: bool, limit: int, as_json: bool) -> None:
    """List messages."""
    from engine.operations.outbox.promises import WAITING, promised
    from presentation.case_view import iso, when

    with viewing(app, Deed.OUTBOX) as view:
        found = promised(view.ledger, failed_only=failed, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        view.shown(count=len(found), failed=failed)
    ledger = app.ledger  # the view is closed by now
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "key": each.key,
                    "kind": each.kind,
                    "to": each.recipient,
                    "status": MESSAGE_STATUS[each.status].en.lower(),
                    "attempts": each.attempts,
                    "created_at": iso(ledger, each.created_at),
                    "next_try_at": iso(ledger, each.next_try_at) if each.status == WAITING else None,
                    "sent_at": iso(ledger, each.sent_at) if each.sent_at is not None else None,
                    "remark": each.remark,
                }
                for each in found
            ]
        )
        return
    if not found:
        talk(t("there is none", "没有消息"))
        return
    print_table(
        [
            t("ID", "编号"),
            t("kind", "种类"),
            t("to", "收件人"),
            t("status", "状态"),
            t("tried", "次数"),
            t("when", "时间"),
            t("remark", "说明"),
        ],
        [
            (
                str(each.id),
                str(MESSAGES.get(each.kind, each.kind)),
                str(ledger.naming.officer(each.recipient)),
                str(MESSAGE_STATUS[each.status]),
                str(each.attempts),
                when(ledger, each.sent_at if each.sent_at is not None else each.next_try_at),
                each.remark or "",
            )
            for each in found
        ],
        wide=6,
    )
    if more:
        talk(t("there are more: raise --limit", "还有更多：调高 --limit"))


@verb(
    outbox,
    "deliver",
    en="Send what is due. What is not taken waits longer each time and is given up at last; then the exit code is 40.",
    zh="发送到时的消息。未被接收的隔更长时间再试，最后放弃；有放弃的退出码为 40。",
    example="qingling outbox deliver",
)
@json_option
@pass_app
def deliver(app: AppContext, as_json: bool) -> None:
    """Send once."""
    from commands.presentation.chores_view import sent_words
    from commands.shared.delivery import channels_of
    from commands.shared.delivery import deliver as send

    may_do(app, Deed.SEND)
    settings = channels_of(app.ledger, app.database)
    for why in settings.absent:
        talk(str(why))
    report = send(app.ledger, settings, now=app.now)
    if as_json:
        print_json(
            {
                "sent": [{"key": key, "channel": channel} for key, channel in report.sent],
                "waiting": [
                    {"key": each.key, "to": each.recipient, "why": str(each.reason)} for each in report.waiting
                ],
                "failed": [{"key": each.key, "to": each.recipient, "why": str(each.reason)} for each in report.failed],
                "left": list(report.left),
            }
        )
    else:
        talk(sent_words(report))
        for each in report.waiting:
            talk(t("waits: {to}: {why}", "待重试：{to}：{why}", to=each.recipient, why=each.reason))
    # A reader who went away while messages were shown ends the command as it ends any other.
    sys.stdout.flush()
    refuse_failed(report)


@verb(
    outbox,
    "preview",
    en="Show what would go out, as it would be read; sends nothing.",
    zh="预览将发出的消息；不发送。",
    example="qingling outbox preview",
)
@argument("number", metavar="NUMBER", type=WHOLE, required=False, en="ID of one message.", zh="消息 ID。")
@pass_app
def preview(app: AppContext, number: int | None) -> None:
    """Render what waits."""
    from commands.shared.delivery import Mailbag, channels_file, channels_of, templates_of
    from engine.operations.ledger.need_to_know import veiled
    from notifications.dispatch import preview as rendered
    from notifications.settings import Settings

    may_do(app, Deed.SEND)
    ledger = app.ledger
    known = channels_file(ledger, app.database) is not None
    settings = channels_of(ledger, app.database) if known else Settings(channels={})
    rows = Mailbag(ledger, settings.channels).waiting(number)
    if not rows and number is not None:
        raise NotFoundError(
            Text(
                f"no message {number} waits; see: qingling outbox list",
                f"没有待发的消息 {number}；请查看：qingling outbox list",
            )
        )
    if not rows:
        talk(t("nothing waits", "没有待发的消息"))
    for each in rendered(rows, templates_of(ledger, settings)):
        route = t(", ", "、").join(name for name in each.row.recipient.addresses if name in settings.channels)
        say(
            t("#{id} to {name} by {route}", "#{id} 发给 {name}，通道：{route}",
              id=each.row.id, name=each.row.recipient.name, route=route or t("none", "无"))
        )  # fmt: skip
        if each.message is None:
            say(str(each.problem))
        else:
            say(veiled(app.reader, each.message.subject))
            say()
            say(veiled(app.reader, each.message.text.rstrip()))
        say("-" * 40)


@verb(
    outbox,
    "retry",
    en="Put messages that failed back into waiting.",
    zh="将失败的消息放回待发。",
    example="qingling outbox retry",
)
@argument(
    "number",
    metavar="NUMBER",
    type=WHOLE,
    required=False,
    en="ID of one message; else all.",
    zh="消息 ID；不写则全部。",
)
@pass_app
def retry(app: AppContext, number: int | None) -> None:
    """Let failed messages be sent again."""
    from engine.operations.outbox.promises import send_again

    may_do(app, Deed.SEND)
    count = send_again(app.ledger, now=app.now, promise_id=number)
    if number is not None and not count:
        raise NotFoundError(
            Text(
                f"no message {number} has failed; see: qingling outbox list --failed",
                f"没有失败的消息 {number}；请查看：qingling outbox list --failed",
            )
        )
    talk(
        t(
            "{n} messages wait again; send them: qingling outbox deliver",
            "{n} 条消息已放回待发；发送：qingling outbox deliver",
            n=count,
        )
    )


@verb(
    outbox,
    "bounced",
    en="Record that a message that was sent came back undelivered. Those who keep the ledger are warned, and it can be "
    "sent again.",
    zh="登记已发出的消息被退回。系统会告知台账管理人员，消息可重新发送。",
    example=Text(
        'qingling outbox bounced 7 --reason "no such mailbox"', "qingling outbox bounced 7 --reason 邮箱不存在"
    ),
)
@argument("number", metavar="NUMBER", type=WHOLE, en="ID of the message.", zh="消息 ID。")
@option("--reason", metavar="TEXT", required=True, en="What the returned mail says.", zh="退信所述原因。")
@pass_app
def bounced(app: AppContext, number: int, reason: str) -> None:
    """Record a message that came back."""
    from engine.operations.outbox.undelivered import record_bounced

    may_do(app, Deed.SEND)
    came_back = record_bounced(app.ledger, number, reason=reason, now=app.now)
    if not came_back:
        raise NotFoundError(
            Text(
                f"no message {number} was sent; see: qingling outbox list",
                f"没有已发出的消息 {number}；请查看：qingling outbox list",
            )
        )
    talk(
        t(
            "message {n} came back; mend the address, then: qingling outbox retry {n}",
            "消息 {n} 已登记为被退回；更正地址后运行：qingling outbox retry {n}",
            n=number,
        )
    )


@verb(
    outbox,
    "test",
    en="Send a test message to an officer now, by each channel in turn until one takes it.",
    zh="立即向某人发送测试消息，按其通道次序逐个尝试。",
    example="qingling outbox test --to li",
)
@option("--to", metavar="OFFICER", required=True, en="Code of the officer.", zh="人员代码。")
@pass_app
def test(app: AppContext, to: str) -> None:
    """Send one test message past the outbox."""
    from commands.shared.delivery import channels_of, deliver_trial
    from engine.operations.house.registration import officer

    may_do(app, Deed.SEND)
    ledger = app.ledger
    settings = channels_of(ledger, app.database)
    officer(ledger, to)
    report = deliver_trial(ledger, settings, to, now=app.now)
    for _, channel in report.sent:
        talk(t("{to}: taken by {channel}", "{to}：已由 {channel} 发出", to=to, channel=channel))
    for each in (*report.waiting, *report.failed):
        raise UndeliveredError(Text(f"{to}: {each.reason.en}", f"{to}：{each.reason.zh}"))


def refuse_failed(report: "DispatchReport") -> None:
    """Say that messages were given up.

    Raises:
        UndeliveredError: If there are any.
    """
    if report.failed:
        first = report.failed[0]
        raise UndeliveredError(
            Text(
                f"{len(report.failed)} messages failed (first to {first.recipient}: {first.reason.en});"
                " see: qingling outbox list --failed",
                f"{len(report.failed)} 条消息发送失败（首条给 {first.recipient}：{first.reason.zh}）；"
                "请查看：qingling outbox list --failed",
            )
        )
