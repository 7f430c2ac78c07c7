"""`qingling upgrade`: bring the ledger's tables to this version of the program."""

from pathlib import Path
from shutil import disk_usage

import click

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext, declarations_of
from commands.console.output import can_ask, talk
from commands.console.prompts import ask_yes
from commands.presentation.backup_view import backup_name, counted_again, print_backup, put_right
from engine.errors import BadFileError, BadValueError, NotFoundError, RefusedError
from engine.language import Text, t

LARGE = 512 * 1024 * 1024
"""Bytes of a ledger above which it is said that the upgrade takes a while."""


@command(
    "upgrade",
    en="Bring the ledger to this version of the program, after a backup. All or nothing; every row is kept. Workflows "
    "and lists of the program that are newer than those adopted are shown with what they change, and adopted only if "
    "the answer is yes.",
    zh="将台账升级到本程序的版本，升级前自动备份。要么全部完成，要么不变；数据全部保留。"
    "程序提供的流程和列表比已采用的新时，列出改动，确认后方予采用。",
    example="qingling upgrade\nqingling upgrade --yes",
)
@option(
    "--backup",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Where to write the backup, instead of beside the ledger (of a server's: in this folder).",
    zh="备份文件位置（默认与台账文件同一文件夹；服务器数据库则为当前文件夹）。",
)
@option("--yes", is_flag=True, en="Adopt the program's newer texts without a question.", zh="不询问，直接采用新文本。")
@pass_app
def upgrade(app: AppContext, target: Path | None, yes: bool) -> None:
    """Back up, run the steps that are missing, then adopt what is newer."""
    from engine.operations.house.safekeeping import newest_tables, tables_version

    version, newest = tables_version(app.database), newest_tables()
    if version != newest:
        _bring_up(app, target, version, newest)
    _tell(app, by_itself=version == newest)
    _say_what_roles_lack(app)
    adopts = _adopt(app, yes=yes)
    if version == newest and not adopts:
        talk(t("nothing to do: the tables are of version {version}", "无需升级：表版本为 {version}", version=version))


def _bring_up(app: AppContext, target: Path | None, version: str, newest: str) -> None:
    """Back up, then run the steps that are missing."""
    from engine.journal.house_events import LedgerUpgraded
    from engine.operations.house.directory import refuse_stranger
    from engine.operations.house.safekeeping import back_up_tables, bring_up_tables, folder_of_file, is_rehearsal

    url, now = app.database, app.now
    if app.clock_set_by_hand and not is_rehearsal(url):
        raise RefusedError(
            Text(
                "a ledger is brought up by the real clock: leave --now and QINGLING_NOW out",
                "升级台账须用真实时间：请去掉 --now 和 QINGLING_NOW",
            )
        )
    if app.officer_named is not None:
        refuse_stranger(url, app.officer_named)  # before minutes have passed, and nothing is changed or left behind
    target = target or folder_of_file(url) / backup_name("before-upgrade", now)
    _see_room(url, target)
    made = back_up_tables(url, target, now=now)
    print_backup(made, with_files=False)
    talk(
        t(
            "attached files are not in it, since an upgrade does not touch them; with them: qingling backup",
            "该备份不含附件（升级不改动附件）；如需连同附件备份，请用：qingling backup",
        )
    )
    bring_up_tables(url, LedgerUpgraded(before=version, after=newest, digest=made.digest))


def _see_room(url: str, target: Path) -> None:
    """Say of a large file how much is copied first; refuse before minutes have passed if that has no room.

    Raises:
        BadFileError: If the disk has less free than the file holds.
    """
    from engine.operations.house.safekeeping import bytes_of_file
    from presentation.plain_words import file_size

    needed, folder = bytes_of_file(url), target.absolute().parent
    if needed is None or not folder.is_dir():
        return
    free = disk_usage(folder).free
    if free < needed:
        raise BadFileError(
            Text(
                f"the backup before the upgrade takes {file_size(needed)} and {file_size(free)} are free in {folder}; "
                "nothing was changed: make room, or name another place by --backup FILE",
                f"升级前的备份需要 {file_size(needed)}，{folder} 只剩 {file_size(free)}；未作任何更改："
                "请腾出空间，或用 --备份 指定其他位置",
            )
        )
    if needed > LARGE:
        talk(
            t(
                "copying {size} first, which takes minutes; until it is done the ledger is as it was",
                "先复制 {size}，需要几分钟；完成之前台账不变",
                size=file_size(needed),
            )
        )


def _tell(app: AppContext, *, by_itself: bool) -> None:
    """Let the journal say that the tables were brought up, if it does not yet: now, or when the program was killed.

    Args:
        by_itself: Nothing was brought up now.
    """
    from engine.operations.cases.recounting import count_again
    from engine.operations.house.installation import refresh_statistics
    from engine.operations.house.safekeeping import note_upgrade, unsaid_upgrade
    from engine.operations.identity.logging_in import SYSTEM
    from engine.operations.ledger.acting import Acting

    upgraded = unsaid_upgrade(app.ledger)
    if upgraded is None:
        return
    refusal = None
    try:
        acting = app.acting
    except (BadValueError, NotFoundError, RefusedError) as error:
        # Older tables cannot say who is known; now they are brought up, and the journal says so in any case.
        refusal, acting = error, Acting(app.ledger, SYSTEM, app.now)
    upgraded = note_upgrade(acting, count_again) or upgraded
    refresh_statistics(acting.ledger)
    if by_itself:
        talk(
            t(
                "an upgrade that was broken off stood in no journal row; now it does",
                "此前升级中断，日志缺少记录，现已补记",
            )
        )
    talk(
        t(
            "brought from version {before} to {after}",
            "已从版本 {before} 升级到 {after}",
            before=upgraded.before,
            after=upgraded.after,
        )
    )
    if upgraded.mended:
        talk(put_right(upgraded.mended))
    if upgraded.recounted:
        talk(counted_again(upgraded.recounted))
    if refusal is not None:
        raise refusal


def _say_what_roles_lack(app: AppContext) -> None:
    """Say that log-ins of the database are refused the new tables until its roles are brought up too."""
    from engine.operations.house.database_roles import are_behind

    if are_behind(app.ledger):
        talk(
            t(
                "the roles of the database are those of before: officers who log in to it, and the watch, are refused "
                "what is new until they are brought up: qingling database roles --apply",
                "数据库角色仍是升级前的：在更新之前，以数据库角色登录的人员和值守不能使用新的部分；"
                "请运行：qingling database roles --apply",
            )
        )


def _adopt(app: AppContext, *, yes: bool) -> bool:
    """Adopt what the ledger worked by if it never adopted anything, else what the program has newer; False if nothing.

    Raises:
        RefusedError: If the officer does not keep the ledger, or nobody can be asked.
    """
    from commands.presentation.changes_printed import print_changes
    from commands.shared.letter_files import not_adopted_yet
    from commands.shared.rule_files import shipped_texts, texts_to_begin_with
    from engine.operations.house.adopting import adopt, adopt_baseline, adopted_versions, newer_shipped
    from workflows.loader import Declarations

    ledger = app.ledger
    if not adopted_versions(ledger):
        books = [Declarations(), declarations_of(app.database)]
        adopted = adopt_baseline(app.acting, texts_to_begin_with(app.database), books=books)
        talk(
            t(
                "adopted what the ledger works by: {n} texts; see: qingling adopt --list",
                "已将台账现行文本登记为采用，共 {n} 份；请查看：qingling adopt --list",
                n=len(adopted),
            )
        )
        return True
    own = not_adopted_yet(app)
    if own:
        talk(
            t(
                "letters are made from no file in a folder any more; adopt the house's own: qingling adopt {files}",
                "文书不再取用文件夹中的模板；本单位的模板请另行采用：qingling adopt {files}",
                files=" ".join(map(str, own)),
            )
        )
    newer = newer_shipped(ledger, shipped_texts())
    if not newer:
        return False
    print_changes(app, newer)
    if not yes and not can_ask():
        raise RefusedError(
            Text(
                "the program has newer texts than the ledger has adopted; adopt them: qingling upgrade --yes",
                "程序提供的文本比已采用的新；如予采用请运行：qingling upgrade --yes",
            )
        )
    if yes or ask_yes(t("Adopt these?", "是否采用？")):
        adopt(app.acting, newer, reason=t("upgrade of the program", "程序升级"))
        talk(t("adopted: {n}", "已采用 {n} 份", n=len(newer)))
    return True
