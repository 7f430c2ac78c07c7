"""`qingling database`: what the database itself lets officers do, on PostgreSQL."""

from commands.console.bilingual import group, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import say, talk
from commands.shared.reading import may_do
from engine.language import t
from engine.rules.reading_rights import Deed


@group(
    "database",
    en="Roles of the database, for officers who log in to it (PostgreSQL) with a tool of their own.",
    zh="数据库登录角色（PostgreSQL）：人员用其他工具直接登录数据库时可以做什么。",
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
