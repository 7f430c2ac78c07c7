"""`qingling login` and `logout`: who acts from this machine until it is idle, or ended."""

from commands.console.bilingual import argument, command, option, pass_app
from commands.console.context import AppContext
from commands.console.environment import system_account
from commands.console.names import TYPES
from commands.console.output import talk
from commands.shared.secrets_given import password_given
from engine.errors import BadValueError, RefusedError
from engine.language import Text, t


@command(
    "login",
    en="Log in with your password. Until you log out, were idle for 30 minutes, or 10 hours have passed, what you "
    "write from this machine says that you had logged in, and nobody need name you. After 5 failures in a row who "
    "tries from this account must wait, longer each time.",
    zh="用口令登录。退出前（闲置30分钟或满10小时自动退出），本机写入的内容均注明已登录，且无须再写经办人。"
    "连续输错5次后，本账户须等待，逐次延长。",
    example=Text(
        "qingling login wang --password-file password.txt", "qingling login 王某 --password-file password.txt"
    ),
)
@argument("code", metavar="OFFICER", type=TYPES["OFFICER"], required=False, en="Who you are.", zh="登录人。")
@option(
    "--password-file",
    metavar="FILE",
    en="Read the password from the first line of a file, - for standard input; else it is asked for.",
    zh="从文件首行读取口令，- 表示标准输入；不写则询问。",
)
@pass_app
def login(app: AppContext, code: str | None, password_file: str | None) -> None:
    """Log in."""
    from socket import gethostname

    from commands.console.who_acts import held_for, keep
    from engine.operations.house.directory import officer_called
    from engine.operations.identity.logging_in import log_in, shown_by_session

    typed = code or app.officer_named
    if not typed:
        raise BadValueError(Text("say who logs in: qingling login OFFICER", "请写明登录人：qingling login 人员"))
    who = officer_called(app.ledger, typed)
    held, _ = log_in(
        app.ledger,
        who,
        lambda: password_given(password_file, t("Password of {who} (not shown)", "{who} 的口令（不显示）", who=who)),
        source=f"{system_account()}@{gethostname()}",
        now=app.clock_now,
    )
    before = shown_by_session(app.ledger, held_for(app.database), now=app.clock_now)
    keep(app.database, held)
    talk(t("{who} is logged in", "{who} 已登录", who=who))
    if before is not None and before.officer != who:
        talk(
            t(
                "{before} is no longer logged in here: one at a time acts from this account",
                "{before} 在本机的登录已被替换：本机同一系统账户同时只有一人登录",
                before=before.officer,
            )
        )


@command(
    "logout",
    en="Log out: what this machine keeps of your log-in is worth nothing any more, and an unlocked signing key is "
    "locked again.",
    zh="退出登录：本机保存的登录信息即告失效，已解锁的签名密钥同时锁定。",
    example="qingling logout",
)
@pass_app
def logout(app: AppContext) -> None:
    """Log out."""
    from commands.console.key_agent import lock
    from commands.console.who_acts import held_for, let_go, locked_key
    from engine.operations.identity.logging_in import log_out, shown_by_session
    from engine.operations.identity.showing import act_as
    from engine.operations.ledger.acting import Acting

    found = shown_by_session(app.ledger, held_for(app.database), now=app.clock_now)
    let_go(app.database)
    locked = locked_key()
    if locked is not None and lock(locked):
        talk(t("the signing key is locked again", "签名密钥已重新锁定"))
        if found is None:
            return
    if found is None:
        raise RefusedError(Text("nobody is logged in from this machine", "本机无人登录"))
    act_as(app.ledger, found)
    log_out(Acting(app.ledger, found.officer, app.now), found.seq)
    talk(t("{who} is logged out", "{who} 已退出登录", who=found.officer))
