"""`qingling sweep`: find what is due by now and not yet recorded, and promise the reminders."""

from typing import TYPE_CHECKING

from commands.console.bilingual import command, json_option, pass_app
from commands.console.context import AppContext
from commands.console.output import print_json, talk
from commands.presentation.chores_view import swept_words
from commands.shared.reading import may_do
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from engine.operations.deadlines.sweep import Swept


@command(
    "sweep",
    en="Find every reminder that is due by now and record it, once. Run it from cron as often as you like; after a "
    "time without, the highest rung missed is sent and the others are recorded as skipped. Sending is the outbox's.",
    zh="巡检：找出应发而未记录的提醒并登记，每个只登记一次。可由 cron 随意定时运行；"
    "中断之后只发最高一级，其余记为略过。发送由待发箱负责。",
    example="qingling sweep",
)
@json_option
@pass_app
def sweep(app: AppContext, as_json: bool) -> None:
    """Sweep once."""
    from engine.operations.cases.searching import take_words_in
    from engine.operations.deadlines.sweep import sweep as operation

    may_do(app, Deed.SWEEP)
    swept = operation(app.ledger, now=app.now)
    take_words_in(app.ledger)
    if as_json:
        print_json(swept_json(swept))
    else:
        talk(swept_words(swept))


def swept_json(swept: "Swept") -> dict[str, object]:
    """Return what a sweep did, for scripts."""
    return {
        "reminded": swept.reminded,
        "skipped": swept.skipped,
        "papers": swept.papers,
        "unheard": swept.unheard,
        "repeated": swept.repeated,
        "acted": swept.acted,
        "refused": swept.refused,
        "opened": swept.opened,
        "to": sorted(swept.to),
    }
