"""`qingling upgrade`: bring the ledger's tables to this version of the program."""

from pathlib import Path

import click

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext
from commands.console.output import talk
from commands.presentation.backup_view import backup_name, print_backup
from engine.errors import RefusedError
from engine.language import Text, t


@command(
    "upgrade",
    en="Bring the ledger to this version of the program, after a backup. All or nothing; every row is kept.",
    zh="将台账升级到本程序的版本，升级前自动备份。要么全部完成，要么不变；数据全部保留。",
    example="qingling upgrade",
)
@option(
    "--backup",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Where to write the backup, instead of this folder.",
    zh="备份文件位置（默认为当前文件夹）。",
)
@pass_app
def upgrade(app: AppContext, target: Path | None) -> None:
    """Back up, then run the steps that are missing."""
    from engine.journal.house_events import LedgerUpgraded
    from engine.operations.house.safekeeping import (
        back_up_tables,
        bring_up_tables,
        is_rehearsal,
        newest_tables,
        note_in_journal,
        tables_version,
    )

    url, now = app.database, app.now
    version, newest = tables_version(url), newest_tables()
    if version == newest:
        talk(t("nothing to do: the tables are of version {version}", "无需升级：表版本为 {version}", version=version))
        return
    if app.clock_set_by_hand and not is_rehearsal(url):
        raise RefusedError(
            Text(
                "a ledger is brought up by the real clock: leave --now and QINGLING_NOW out",
                "升级台账须用真实时间：请去掉 --now 和 QINGLING_NOW",
            )
        )
    made = back_up_tables(url, target or Path(backup_name("before-upgrade", now)), now=now)
    print_backup(made)
    bring_up_tables(url)
    note_in_journal(app.acting, LedgerUpgraded(before=version, after=newest, digest=made.digest))
    talk(
        t(
            "brought from version {before} to {after}",
            "已从版本 {before} 升级到 {after}",
            before=version,
            after=newest,
        )
    )
