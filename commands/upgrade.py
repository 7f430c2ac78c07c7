"""`qingling upgrade`: bring the ledger's tables to this version of the program."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from commands.backup import journal, print_backup
from commands.console.click_words import command, option, pass_app
from commands.console.context import ZONE, AppContext
from commands.console.output import talk
from engine.language import t


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
    from engine.store import schema
    from engine.store.backup import back_up
    from engine.store.database import is_postgres, open_postgres, open_sqlite

    url, now = app.database, app.now
    with closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        version = schema.version_of(connection)
        if version is None or version > schema.HEAD:
            schema.require_current(connection, url)
    if version == schema.HEAD:
        talk(t("nothing to do: the tables are of version {version}", "无需升级：表版本为 {version}", version=version))
        return
    made = back_up(url, target or _name(now), now=now)
    print_backup(made)
    schema.bring_up(url)
    body = {"from": version, "to": schema.HEAD, "digest": made.digest}
    journal(app, "upgraded", body, now=now)
    talk(
        t(
            "brought from version {before} to {after}",
            "已从版本 {before} 升级到 {after}",
            before=version,
            after=schema.HEAD,
        )
    )


def _name(now: datetime) -> Path:
    """Return where the backup before an upgrade at *now* is written."""
    return Path(f"qingling-before-upgrade-{now.astimezone(ZoneInfo(ZONE)):%Y%m%d-%H%M%S}.db")
