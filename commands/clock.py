"""`qingling clock`: which clock dates what is written, and who may set it back by hand for a time."""

from typing import TYPE_CHECKING

from commands.console.bilingual import group, json_option, option, pass_app, verb
from commands.console.context import AppContext, instant_given
from commands.console.output import print_json, print_pairs, talk
from commands.shared.parameters import reason_option
from engine.language import Text, t

if TYPE_CHECKING:
    from datetime import datetime

    from engine.operations.ledger.ledger import Ledger


@group(
    "clock",
    en="Which clock dates what is written, and who may set it by hand. On PostgreSQL the database's clock decides, on "
    "SQLite this machine's. A clock set by hand (--now) may ask anything; it writes only into a rehearsal ledger, or "
    "where the keeper of the ledger allowed it, and is never ahead there.",
    zh="以何时钟记录时间，可否手工设定。PostgreSQL 以数据库时钟为准，SQLite 以本机时钟为准。手工设定的时间（--now）"
    "可用于查询；写入仅限演练台账，或经台账管理人员批准，且只能往回设。",
    example="qingling clock show",
)
def clock() -> None:
    """Hold the verbs of the clock."""


@verb(
    clock,
    "show",
    en="Show the clock by which is written, and whether it may be set by hand.",
    zh="显示记录所用时钟，以及可否手工设定。",
    example="qingling clock show --json",
)
@json_option
@pass_app
def show(app: AppContext, as_json: bool) -> None:
    """Show it."""
    from engine.operations.ledger.hand_clock import allowance
    from engine.working_days.instants import microseconds
    from presentation.case_view import iso

    ledger = app.ledger
    allowed, now, ahead = allowance(ledger), app.clock_now, app.machine_ahead
    stands = allowed is not None and allowed.until >= now
    if as_json:
        print_json(
            {
                "now": iso(ledger, microseconds(now)),
                "clock": "machine" if ahead is None else "database",
                "machine_ahead_seconds": None if ahead is None else round(ahead.total_seconds(), 3),
                "by_hand": {
                    "by": allowed.by,
                    "until": iso(ledger, microseconds(allowed.until)),
                    "reason": allowed.reason,
                }
                if allowed is not None and stands
                else None,
            }
        )
        return
    by_hand = t("any instant: it is a rehearsal ledger", "可任意设定（演练台账）")
    if not ledger.is_rehearsal:
        by_hand = t("not allowed", "不允许")
        if allowed is not None and stands:
            by_hand = t(
                "may be set back until {until}, allowed by {by}: {reason}",
                "可往回设，至 {until} 止，{by} 批准：{reason}",
                until=_when(ledger, allowed.until),
                by=allowed.by,
                reason=allowed.reason,
            )
    print_pairs(
        [
            (t("it is", "现在"), _when(ledger, now)),
            (t("by the clock of", "时钟"), t("this machine", "本机") if ahead is None else t("the database", "数据库")),
            (t("set by hand", "手工设定"), by_hand),
        ]
    )


@verb(
    clock,
    "allow",
    en="Let officers set the clock back by hand for a time, as when steps of days without power are entered later. It "
    "takes an officer who keeps the ledger; every row written so says so, and it is never ahead.",
    zh="在限期内允许手工将时间往回设（如停电数日后补记）。须由台账管理人员批准；如此写入的每行日志都会注明，且不得往后设。",
    example=Text(
        "qingling clock allow --until 2019-07-03 --reason 'steps of two days without power'",
        "qingling clock allow --until 2019-07-03 --reason 停电两日补记",
    ),
)
@option(
    "--until",
    metavar="INSTANT",
    required=True,
    en="Until when, by the real clock; within 31 days.",
    zh="批准至何时（真实时间），不超过31天。",
)
@reason_option
@pass_app
def allow(app: AppContext, until: str, reason: str) -> None:
    """Allow it."""
    from engine.operations.ledger.hand_clock import allow_hand_clock

    end = instant_given(until, where="--until", zone=lambda: app.ledger.zone)
    allowed = allow_hand_clock(app.acting, until=end, reason=reason)
    talk(
        t(
            "until {until} the clock may be set back by hand; every row written so says so",
            "至 {until} 止可手工将时间往回设；如此写入的日志均会注明",
            until=_when(app.ledger, allowed.until),
        )
    )


@verb(
    clock,
    "forbid",
    en="Take back what was allowed.",
    zh="收回批准。",
    example=Text("qingling clock forbid --reason 'all entered'", "qingling clock forbid --reason 已补记完毕"),
)
@reason_option
@pass_app
def forbid(app: AppContext, reason: str) -> None:
    """Take it back."""
    from engine.operations.ledger.hand_clock import forbid_hand_clock

    forbid_hand_clock(app.acting, reason=reason)
    talk(t("the clock may not be set by hand any more", "不再允许手工设定时间"))


def _when(ledger: "Ledger", at: "datetime") -> str:
    """Return an instant as local time, to the minute."""
    from engine.working_days.instants import microseconds
    from presentation.case_view import when

    return when(ledger, microseconds(at))
