"""`qingling run`: keep watch, so that nothing waits for someone to type a command."""

from datetime import timedelta
from pathlib import Path

import click

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext
from commands.shared.watching import Watchman, stop_on_signal


@command(
    "run",
    en="Keep watch until stopped: sweep, send, open the returns that fall due, warn of a missing calendar, back up. "
    "One scheduler works at a time; a second one waits and takes over. With --once everything is done once, unless "
    "another scheduler keeps watch: then nothing is, and the exit code is 41.",
    zh="值守直至停止：巡检、发送、生成到期报表、提示缺少日历、备份。"
    "同一时间只有一个在值守，后启动的等候接替。加 --once 则各做一遍即结束；另有值守进程时不做任何事，退出码为 41。",
    example="qingling run --once",
)
@option("--once", is_flag=True, en="Do everything once and leave.", zh="各做一遍即结束。")
@option(
    "--every",
    "minutes",
    metavar="MINUTES",
    type=click.IntRange(1, 1440),
    default=5,
    en="Minutes between sweeps.",
    zh="巡检间隔（分钟）。",
)
@option(
    "--backup-to",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    en="Back up daily into this folder.",
    zh="每日备份到此文件夹。",
)
@option(
    "--keep", type=click.IntRange(1, 3660), default=30, en="How many daily backups to keep.", zh="保留的每日备份份数。"
)
@pass_app
def run(app: AppContext, once: bool, minutes: int, folder: Path | None, keep: int) -> None:
    """Keep watch."""
    if app.clock_set_by_hand:
        from engine.operations.ledger.hand_clock import refuse_hand_clock

        refuse_hand_clock(app.ledger, app.now)
    from engine.operations.ledger.need_to_know import refuse_unless_all_seen

    refuse_unless_all_seen(app.ledger)
    watch = Watchman(app, folder=folder, keep=keep)
    if once:
        watch.do_all()
        return
    stop_on_signal(watch.stopping)
    watch.keep(every=timedelta(minutes=minutes))
