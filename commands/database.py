"""`qingling database`: what the database itself lets officers do, on PostgreSQL; and the ledger in another one."""

from functools import partial

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext, known_files_folder
from commands.console.output import print_json, print_pairs, say, talk
from commands.presentation.backup_view import refuse_missing
from commands.shared.journal_notes import known_journal_key
from commands.shared.reading import may_do
from commands.shared.restoring import judges, who_restores
from engine.language import t
from engine.rules.reading_rights import Deed


@group(
    "database",
    en="Copy the ledger to another database; roles of the database, for officers who log in to it (PostgreSQL).",
    zh="将台账复制到另一数据库；数据库登录角色（PostgreSQL）：人员用其他工具直接登录数据库时可以做什么。",
    example="qingling database roles",
)
def database() -> None:
    """Hold the verbs of the database."""


@verb(
    database,
    "roles",
    en="Print the SQL that gives the database a role for each class of people (keeper, writer, reader, auditor, "
    "custodian, scheduler) and each officer a log-in role of their own, named DATABASE.CODE; with --apply run it. "
    "They see the cases that they may read, add to the journal and change none of it, and read no sealed value "
    "unless they open seals. Run it again whenever officers, their roles or the list of roles have changed. Passwords "
    "are the server's: set them with \\password of psql.",
    zh="输出 SQL：为每类人员（管理、办理、查阅、审计、保管、调度）建立数据库角色，"
    "并为每名人员建立名为“库名.人员代码”的登录角色；"
    "加 --apply 则直接执行。各人仅见其可查阅的事项，日志只能追加、不能改动，非启封人员读不到密封内容。"
    "人员、角色授予或角色列表变动后请再次运行。口令由数据库服务器管理：在 psql 中用 \\password 设定。",
    example="qingling database roles\nqingling database roles --apply",
)
@option(
    "--apply",
    is_flag=True,
    en="Run it, all or nothing; as the user who owns the tables and may make roles.",
    zh="直接执行，全部成功才生效；须用数据表的所有者且有权建立角色的用户。",
)
@pass_app
def roles(app: AppContext, apply: bool) -> None:
    """Print the roles, or make them."""
    from engine.operations.house import database_roles

    may_do(app, Deed.HOUSE)
    found = database_roles.roles_of(app.acting)
    if not apply:
        say(";\n".join(found.statements) + ";")
        return
    database_roles.apply(app.acting, found)
    talk(
        t(
            "{count} officers can log in to the database, as {each}; {run} does what is due. Set their passwords: "
            "\\password in psql",
            "{count} 名人员可登录数据库，登录角色为 {each}；定时任务用 {run}。请在 psql 中用 \\password 设定口令",
            count=len(found.officers),
            each=found.named,
            run=found.run,
        )
    )


@verb(
    database,
    "copy",
    en="Copy the whole ledger into another database that has no tables yet: from a SQLite file to PostgreSQL, or back. "
    "Every row is compared, and the journal is checked in both; a database in use is refused, and nothing is changed "
    "here. Stop desk and run before; afterwards let QINGLING_DATABASE name the new one.",
    zh="将整个台账复制到尚无数据表的另一数据库：从 SQLite 文件到 PostgreSQL，或反之。逐行比对，并在两边校验日志；"
    "目标库已在使用的拒绝，原台账不作改动。请先停止网页服务和值守；完成后将 QINGLING_DATABASE 改为新库。",
    example="qingling database copy copied.db",
)
@argument("target", metavar="DATABASE", en="File, or postgresql:// address.", zh="文件，或 postgresql:// 地址。")
@json_option
@pass_app
def copy(app: AppContext, target: str, as_json: bool) -> None:
    """Copy, compare and check."""
    from engine.operations.house.copying import copy_ledger

    may_do(app, Deed.BACKUP)
    files = known_files_folder(app.database)
    files_there = known_files_folder(target) or files  # a server has no folder beside it: they stay where they are
    made = copy_ledger(
        app.acting,
        target,
        declarations=judges,
        who=partial(who_restores, app, app.clock_now, None),
        real_now=app.real_now,
        files=(files, files_there),
        key_file=known_journal_key(target),
    )
    found = made.there
    if as_json:
        rows = {each: found.counts[each] for each in sorted(found.counts)}
        checked = {"here": made.checked_here, "there": made.checked_there}
        missing = list(found.missing)
        print_json({"place": found.place, "rows": rows, "checked": checked, "files": found.files, "missing": missing})
    else:
        print_pairs(
            [
                (t("ledger", "台账"), found.place),
                (t("cases", "事项"), str(found.counts["cases"])),
                (t("rows of all tables, compared", "各表行数（已逐行比对）"), str(sum(found.counts.values()))),
                (t("journal rows that hold here", "原库日志校验无误"), str(made.checked_here)),
                (t("journal rows that hold there", "新库日志校验无误"), str(made.checked_there)),
                (t("attached files", "附件"), str(found.files)),
            ]
        )
        talk(
            t(
                "work there from now on: set QINGLING_DATABASE, then qingling doctor; put this one away",
                "今后请在新库办理：设置 QINGLING_DATABASE 后运行 qingling doctor；原库请另行封存",
            )
        )
        if known_files_folder(target) is None and found.files:
            talk(
                t(
                    "attached files stay in {folder}: set QINGLING_FILES to it",
                    "附件仍在 {folder}：请将 QINGLING_FILES 设为该文件夹",
                    folder=files_there,
                )
            )
    refuse_missing(found.missing)
