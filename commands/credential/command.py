"""`qingling credential`: passwords, accounts and keys of officers; and what is demanded once there are two."""

from pathlib import Path

import click

from commands.console.bilingual import WHOLE, argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.environment import SIGNING_PASSPHRASE, path_given, system_account, variable
from commands.console.names import TYPES, TitledChoice
from commands.console.output import print_json, print_table, say, talk
from commands.shared.confirming import confirm
from commands.shared.custody import refuse_taken, write_key
from commands.shared.parameters import reason_option
from commands.shared.reading import may_do
from commands.shared.secrets_given import new_secret_given, password_given
from engine.errors import BadValueError, RefusedError
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from engine.workflow.proofs import DECLARED_PROOFS, PROOFS
from presentation.house_words import WAYS

TOKEN_KIND = TitledChoice({each: WAYS[each] for each in ("token-read", "token-write", "feed")})
LEAST = TitledChoice({word: PROOFS[word].title for word in DECLARED_PROOFS if word != "signature"})
of_officer = argument(
    "code",
    metavar="OFFICER",
    type=TYPES["OFFICER"],
    required=False,
    en="Whose it is (default: yours).",
    zh="人员（默认本人）。",
)
password_file_option = option(
    "--password-file",
    metavar="FILE",
    en="Read it from the first line of a file, - for standard input; else it is asked for.",
    zh="从文件首行读取，- 表示标准输入；不写则询问。",
)
own_password_file_option = option(
    "--own-password-file",
    metavar="FILE",
    en="Your present password, if you have one, from the first line of a file, - for standard input; else it is asked "
    "for, so that a log-in left open gives nobody anything that outlasts it.",
    zh="本人现用口令（如已设置）从文件首行读取，- 表示标准输入；不写则询问：防止他人趁登录未退出时另设凭据。",
)


@group(
    "credential",
    en="What officers are known by, and what is demanded of them. A password to log in with, an account of this "
    "machine, a key that signs: you set your own; the officer who manages officers sets the first one of others. "
    "No secret is kept or shown as it is.",
    zh="人员的身份凭据，以及对凭据的要求。登录口令、本机系统账户、签名密钥由各人自设；首次可由人员管理者代设。"
    "任何口令均不以原文保存或显示。",
    example="qingling credential list",
)
def credential() -> None:
    """Hold the verbs of credentials."""


@verb(
    credential,
    "password",
    en="Set a password in place of the one before. At least 12 characters, and hard to guess. All log-ins, tokens and "
    "the address of the calendar end with it.",
    zh="设置登录口令，替换原有口令。至少12个字符，且不易猜出。其全部登录、令牌和日历地址随之失效。",
    example="qingling credential password --password-file password.txt",
)
@of_officer
@password_file_option
@own_password_file_option
@option(
    "--keep-tokens",
    is_flag=True,
    en="Let programs and calendars go on with the tokens and the address that they hold.",
    zh="保留已发给程序的令牌和日历地址。",
)
@pass_app
def password(
    app: AppContext, code: str | None, password_file: str | None, own_password_file: str | None, keep_tokens: bool
) -> None:
    """Set the password."""
    from engine.operations.house.directory import names_known
    from engine.operations.identity.credentials import set_password, tokens_in_force

    acting = app.acting
    who = code or acting.by
    confirm(app, who, own_password_file)
    words = t("New password of {who} (not shown)", "{who} 的新口令（不显示）", who=who)
    given = new_secret_given(password_file, words, names_known(app.ledger))
    held = t(", ", "、").join(str(WAYS[each]) for each in tokens_in_force(app.ledger, who))
    set_password(acting, who, given, keeps_tokens=keep_tokens)
    talk(
        t(
            "password of {who} set; to log in: qingling login {who}",
            "已设置 {who} 的口令；登录：qingling login {who}",
            who=who,
        )
    )
    if held and keep_tokens:
        talk(t("still in force: {held}", "仍然有效：{held}", held=held))
    elif held:
        talk(
            t(
                "ended with the password before: {held}; make new ones: qingling credential token",
                "随原口令一并失效：{held}；重新生成：qingling credential token",
                held=held,
            )
        )


@verb(
    credential,
    "account",
    en="Let an account of this machine be an officer's; only where the ledger is a file on it.",
    zh="将本机系统账户登记为人员的凭据；仅限台账为本机文件时。",
    example=Text("qingling credential account --name wang-office", "qingling credential account --name 王某办公"),
)
@of_officer
@option(
    "--name",
    metavar="NAME",
    en="Name of the account (default: the one that runs this).",
    zh="系统账户名（默认当前账户）。",
)
@own_password_file_option
@pass_app
def account(app: AppContext, code: str | None, name: str | None, own_password_file: str | None) -> None:
    """Register the account."""
    from engine.operations.identity.credentials import set_account

    acting = app.acting
    who, chosen = code or acting.by, system_account() if name is None else name
    confirm(app, who, own_password_file)
    set_account(acting, who, chosen)
    talk(t("the account {name} is that of {who}", "系统账户 {name} 已登记为 {who}", name=chosen, who=who))


@verb(
    credential,
    "key",
    en="Make a key in a file that a passphrase locks, and register its public half. With QINGLING_SIGNING_KEY set to "
    "the file, each row that you write is signed; `credential unlock` asks for its passphrase once.",
    zh="生成签名密钥文件（用口令锁定）并登记公钥。将 QINGLING_SIGNING_KEY 设为该文件后，写入的每行日志均有签名；"
    "`credential unlock` 只问一次口令。",
    example="qingling credential key wang.key --password-file password.txt",
)
@argument("file", metavar="FILE", type=click.Path(), en="The new file.", zh="新文件。")
@password_file_option
@own_password_file_option
@pass_app
def key(app: AppContext, file: str, password_file: str | None, own_password_file: str | None) -> None:
    """Make the key; the file goes again if it cannot be registered."""
    from engine.journal.signing import make_key
    from engine.operations.house.directory import names_known
    from engine.operations.identity.credentials import register_key

    acting, place = app.acting, Path(path_given(file))
    refuse_taken(place)
    confirm(app, acting.by, own_password_file)
    words = t("Passphrase of the new key (not shown)", "新密钥的口令（不显示）")
    public, locked = make_key(new_secret_given(password_file, words, names_known(app.ledger)))
    write_key(place, locked)
    try:
        register_key(acting, acting.by, public)
    except BaseException:
        place.unlink()
        raise
    talk(
        t(
            "{place} signs for {who}: export QINGLING_SIGNING_KEY={place}",
            "{place} 已登记为 {who} 的签名密钥：export QINGLING_SIGNING_KEY={place}",
            place=place,
            who=acting.by,
        )
    )


@verb(
    credential,
    "sign-on",
    en="Let an account of the house's single sign-on be an officer's, by what its provider calls it for ever; it logs "
    "in at the desk and never signs.",
    zh="将统一登录账户登记为人员的凭据，以提供方的 issuer 和 subject 为准；仅用于网页端登录，不能签字。",
    example="qingling credential sign-on wang https://sso.example.org 8f14e45f",
)
@argument("code", metavar="OFFICER", type=TYPES["OFFICER"], en="Whose it is.", zh="人员。")
@argument("issuer", metavar="ISSUER", en="Address of the provider (iss).", zh="提供方地址（iss）。")
@argument("subject", metavar="SUBJECT", en="The account (sub), never a name.", zh="账户标识（sub），不是姓名。")
@own_password_file_option
@pass_app
def sign_on(app: AppContext, code: str, issuer: str, subject: str, own_password_file: str | None) -> None:
    """Register the account."""
    from engine.operations.identity.passkeys import set_sign_on

    confirm(app, code, own_password_file)
    set_sign_on(app.acting, code, issuer, subject)
    talk(t("the account is that of {who}", "该账户已登记为 {who}", who=code))


@verb(
    credential,
    "unlock",
    en="Unlock your signing key, the file that QINGLING_SIGNING_KEY names, until you lock it, log out, were idle for "
    "30 minutes, or 10 hours have passed: its passphrase is asked once and not for each row. A process of your own "
    "holds the key, in memory only.",
    zh="解锁 QINGLING_SIGNING_KEY 所指的签名密钥：锁定、退出登录、闲置30分钟或满10小时之前，只需输入一次口令。"
    "密钥仅存于本人进程的内存。",
    example="qingling credential unlock",
)
@password_file_option
@pass_app
def unlock(app: AppContext, password_file: str | None) -> None:
    """Unlock the key."""
    from commands.console.key_agent import hold
    from engine.journal.signing import unlock_key

    locked, limits = _locked_key(), app.ledger.workflows.log_in_limits()
    words = t("Passphrase of your signing key (not shown)", "签名密钥口令（不显示）")
    given = variable(SIGNING_PASSPHRASE) if password_file is None else ""
    given = given or password_given(password_file, words)
    hold(locked, unlock_key(locked, given), idle_s=limits.idle_minutes * 60, longest_s=limits.hours * 3_600)
    talk(t("the signing key is unlocked; lock it: qingling credential lock",
           "签名密钥已解锁；锁定：qingling credential lock"))  # fmt: skip


@verb(
    credential,
    "lock",
    en="Lock your signing key again.",
    zh="重新锁定签名密钥。",
    example="qingling credential lock",
)
@pass_app
def lock(_app: AppContext) -> None:
    """Lock the key."""
    from commands.console.key_agent import lock as end

    if not end(_locked_key()):
        raise RefusedError(Text("the signing key is not unlocked here", "签名密钥未处于解锁状态"))
    talk(t("the signing key is locked again", "签名密钥已重新锁定"))


def _locked_key() -> bytes:
    """Return the content of the file of the officer's signing key.

    Raises:
        BadValueError: If none was named.
        BadFileError: If it cannot be read.
    """
    from commands.console.who_acts import locked_key

    locked = locked_key()
    if locked is None:
        raise BadValueError(
            Text("name the file of your key: set QINGLING_SIGNING_KEY", "请指明签名密钥文件：设置 QINGLING_SIGNING_KEY")
        )
    return locked


@verb(
    credential,
    "token",
    en="Make a secret by which a program acts in your name (`/api/v1` of the desk), or the secret address of the "
    "calendar of your days, in place of the one before. It is shown once; only a digest is kept.",
    zh="生成供其他程序以本人名义使用的令牌（网页端 `/api/v1`），或本人期限日历的保密地址，替换原有的。"
    "只显示一次，仅存摘要。",
    example="qingling credential token token-read",
)
@argument("kind", metavar="KIND", type=TOKEN_KIND, en="token-read, token-write or feed.", zh="种类。")
@own_password_file_option
@pass_app
def token(app: AppContext, kind: str, own_password_file: str | None) -> None:
    """Make the secret and show it."""
    from engine.operations.identity.tokens import make_token
    from engine.operations.identity.ways import FEED

    confirm(app, app.acting.by, own_password_file)
    secret = make_token(app.acting, kind)
    say(f"/feed/{secret}.ics" if kind == FEED else secret)
    talk(
        t(
            "keep it safe, it is not shown again; take it away: qingling credential revoke {kind}",
            "请妥善保存，不再显示；吊销：qingling credential revoke {kind}",
            kind=kind,
        )
    )


@verb(
    credential,
    "list",
    en="List what officers are known by; nothing of a password.",
    zh="列出人员的身份凭据；口令不显示。",
    example="qingling credential list",
)
@json_option
@pass_app
def list_(app: AppContext, as_json: bool) -> None:
    """List them."""
    from engine.operations.identity.credentials import credentials
    from engine.operations.ledger.demands import least_in
    from presentation.case_view import iso, when

    may_do(app, Deed.HOUSE)
    ledger = app.ledger
    found = [each._replace(kept=_shown(each.way, each.kept)) for each in credentials(ledger)]
    if as_json:
        print_json(
            {
                "demanded": least_in(ledger).word,
                "credentials": [
                    {
                        "number": each.seq,
                        "officer": each.officer,
                        "way": each.way,
                        "what": each.kept or None,
                        "ended_at": each.ended_at and iso(ledger, each.ended_at),
                    }
                    for each in found
                ],
            }
        )
        return
    print_table(
        [t("number", "编号"), t("officer", "人员"), t("way", "方式"), t("what", "内容"), t("ended", "失效")],
        [
            (
                str(each.seq),
                str(ledger.naming.officer(each.officer)),
                str(WAYS[each.way]),
                each.kept,
                when(ledger, each.ended_at) if each.ended_at else "",
            )
            for each in found
        ],
        wide=3,
    )
    talk(
        t(
            "demanded at least, once there are two officers: {least}",
            "有两名以上人员时，身份凭据至少为：{least}",
            least=least_in(ledger).title,
        )
    )


@verb(
    credential,
    "revoke",
    en="Take away what an officer is known by; log-ins with it end, what was signed before stays signed.",
    zh="吊销凭据：以其登录的即告失效，此前的签名仍然有效。",
    example=Text(
        "qingling credential revoke key --reason 'laptop lost'", "qingling credential revoke key --reason 电脑遗失"
    ),
)
@argument(
    "way",
    metavar="KIND",
    type=TitledChoice(WAYS),
    en="password, os-account, key, passkey, sign-on, token-read, token-write or feed.",
    zh="凭据种类。",
)
@of_officer
@option(
    "--number",
    metavar="NUMBER",
    type=WHOLE,
    en="Which of several passkeys, as `credential list` numbers them.",
    zh="有多个通行密钥时，写明“credential list”中的编号。",
)
@reason_option
@pass_app
def revoke(app: AppContext, way: str, code: str | None, number: int | None, reason: str) -> None:
    """Take it away."""
    from engine.operations.identity.credentials import revoke as operation

    acting = app.acting
    who = code or acting.by
    operation(acting, who, way, reason=reason, number=number)
    talk(t("{what} of {who} is revoked", "已吊销 {who} 的{what}", what=WAYS[way], who=who))


@verb(
    credential,
    "demand",
    en="Say by what officers must at least be known once there are two, whatever they write or read. It takes who "
    "keeps the ledger, known by that themselves. A ledger from before demands nothing until this is said.",
    zh="规定有两名以上人员时，写入和查阅的身份凭据至少为何种。由台账管理人员办理，且本人须已达到。旧版本建立的台账在此之前不作要求。",
    example=Text(
        "qingling credential demand session --reason 'five officers share it'",
        "qingling credential demand session --reason 五人共用",
    ),
)
@argument("least", metavar="WORDS", type=LEAST, en="asserted, os-account or session.", zh="凭据种类。")
@reason_option
@pass_app
def demand(app: AppContext, least: str, reason: str) -> None:
    """Demand it."""
    from engine.operations.identity.credentials import demand as operation

    was = operation(app.acting, PROOFS[least], reason=reason)
    talk(
        t(
            "demanded at least: {least} (before: {was})",
            "身份凭据至少为：{least}（原为：{was}）",
            least=PROOFS[least].title,
            was=was.title,
        )
    )


def _shown(way: str, kept: str) -> str:
    """Return what may be shown of a credential: of a secret nothing, of a passkey its name and host."""
    from engine.journal.assertions import passkey_kept
    from engine.operations.identity.ways import PASSKEY, PASSWORD, TOKENS

    if way == PASSKEY:
        passkey = passkey_kept(kept)
        return f"{passkey.name} ({passkey.host})"
    return "" if way in {PASSWORD, *TOKENS} else kept
