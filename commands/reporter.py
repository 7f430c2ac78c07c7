"""`qingling reporter`: what is sealed, opened by its custodian only."""

from pathlib import Path
from typing import Final

from commands.console.bilingual import group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import print_json, say, talk
from commands.shared.custody import (
    key_options,
    key_path,
    new_key,
    old_passphrase_given,
    passphrase_given,
    read_key,
    refuse_taken,
    write_key,
)
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number, reason_option
from engine.errors import BadValueError
from engine.language import Text, t
from presentation.plain_words import harmless

_HALVES: Final = (1, 2)


@group(
    "reporter",
    en="Open what is sealed, as the custodian. The reporter's identity is sealed as it is entered; the machine "
    "that keeps it cannot read it.",
    zh="由保管人启封举报人信息。举报人信息录入时即密封，存放它的机器也无法读取。",
    example=Text(
        'qingling reporter open 0101-XS-2019-0001 --reason "protection asked for"',
        "qingling reporter open 0101-XS-2019-0001 --reason 举报人申请保护",
    ),
)
def reporter() -> None:
    """Hold the verbs of the custodian."""


@verb(
    reporter,
    "open",
    en="Open what is sealed in a case and show it once. Who, when and why are journaled first, also when it is "
    "refused.",
    zh="启封并显示一次。何人、何时、何故先记入日志；未准的申请同样记入。",
    example=Text(
        'qingling reporter open 0101-XS-2019-0001 --reason "protection asked for"',
        "qingling reporter open 0101-XS-2019-0001 --reason 举报人申请保护",
    ),
)
@case_number
@reason_option
@key_options
@json_option
@pass_app
def open_(
    app: AppContext, number: str, reason: str, key_file: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Open the seal."""
    from engine.operations.cases.sealed_values import open_reporter
    from presentation.sealed_view import opened_pairs

    ledger = app.ledger_read
    case = ledger.case(number)
    locked = read_key(key_path(key_file, app.database))
    opened = open_reporter(
        app.acting,
        number,
        locked=locked,
        passphrase=passphrase_given(passphrase_file),
        reason=reason,
    )
    if as_json:
        print_json([{"case": number, "field": each.field, "seq": each.seq, "value": each.value} for each in opened])
    else:
        for title, value in opened_pairs(ledger, case, opened):
            say(f"{harmless(title)}{t(': ', '：')}{harmless(value)}")
    talk(t("this opening stands in the journal of {number}", "本次启封已记入 {number} 的日志", number=number))


@verb(
    reporter,
    "ask",
    en="Ask for consent to open what is sealed in a case.",
    zh="申请启封：说明理由，由另一人同意。",
    example=Text(
        'qingling reporter ask 0101-XS-2019-0001 --reason "protection asked for"',
        "qingling reporter ask 0101-XS-2019-0001 --reason 举报人申请保护",
    ),
)
@case_number
@reason_option
@insist_option
@pass_app
def ask(app: AppContext, number: str, reason: str) -> None:
    """Ask for it."""
    from engine.operations.cases.sealed_values import ask_to_open

    ask_to_open(looked_through(app, reason=reason), number, reason=reason)
    talk(
        t(
            "asked; another officer now agrees: qingling reporter agree {number}",
            "已申请；请另一人同意：qingling reporter agree {number}",
            number=number,
        )
    )


@verb(
    reporter,
    "agree",
    en="Agree to an opening that another officer asked for. It holds for one opening within the days that "
    "roles.yaml says (opening_days; three, as shipped).",
    zh="同意他人的启封申请；在 roles.yaml 所定天数内（opening_days，默认三日）限启封一次。",
    example="qingling reporter agree 0101-XS-2019-0001",
)
@case_number
@pass_app
def agree(app: AppContext, number: str) -> None:
    """Agree to it."""
    from engine.operations.cases.sealed_values import agree_to_open

    acting = app.acting
    who = agree_to_open(acting, number)
    days = acting.ledger.workflows.house_terms().opening_days
    talk(
        t(
            "{who} may open {number} once, within {days} days",
            "{who} {days} 日内可启封 {number} 一次",
            who=who,
            number=number,
            days=days,
        )
    )


@verb(
    reporter,
    "key",
    en="Replace the custodian's key: all that is sealed is sealed again to the new one. It takes the old passphrase, "
    "or both halves of the escrow.",
    zh="更换保管人密钥：已密封的内容全部改用新密钥密封。须有旧口令，或两份托管密钥。",
    example="qingling reporter key --key-file custodian-2020.key\n"
    "qingling reporter key --key-file custodian-2020.key --half one.half --half two.half",
)
@key_options
@option("--old-key-file", metavar="FILE", en="The key in force (default: as QINGLING_KEY_FILE).", zh="现用的密钥文件。")
@option(
    "--old-passphrase-file",
    metavar="FILE",
    en="Read the old passphrase from the first line of a file.",
    zh="从文件首行读取旧口令。",
)
@option(
    "--half", "halves", metavar="FILE", multiple=True, en="A half of the escrow; twice.", zh="一份托管密钥；写两次。"
)
@pass_app
def key(
    app: AppContext,
    key_file: str | None,
    passphrase_file: str | None,
    old_key_file: str | None,
    old_passphrase_file: str | None,
    halves: tuple[str, ...],
) -> None:
    """Make the key and seal everything to it."""
    from engine.journal.sealing import joined, unlock
    from engine.operations.cases.key_change import OldKey, has_custodian, replace_custodian
    from engine.operations.house.directory import officers, units

    acting = app.acting
    ledger = acting.ledger
    names = [
        str(ledger.settings.get("name") or ""),
        *(e.name for e in officers(ledger)),
        *(e.name for e in units(ledger)),
    ]
    place = key_path(key_file, app.database)
    old = None
    if halves:
        old = OldKey(private=joined([read_key(Path(each)) for each in halves]), by_way="escrow")
    elif has_custodian(acting):
        locked = read_key(key_path(old_key_file, app.database))
        old = OldKey(private=unlock(locked, old_passphrase_given(old_passphrase_file)), by_way="passphrase")
    with new_key(place, passphrase_file, known=names) as public:
        renewed = replace_custodian(acting, public, old=old)
    talk(
        t(
            "new custodian's key {id}: {place}; {count} sealed again. The halves of an escrow are void: make new ones"
            " (qingling reporter escrow)",
            "新的保管人密钥 {id}：{place}；重新密封 {count} 项。原托管作废，请重新托管（qingling reporter escrow）",
            id=public.id,
            place=place,
            count=renewed,
        )
    )


@verb(
    reporter,
    "escrow",
    en="Part the custodian's key into two halves, for two others to keep apart: with both a lost passphrase is got "
    "over, either alone opens nothing.",
    zh="将保管人密钥分成两份，由两人分别保管：口令遗失时合用两份即可更换，单独一份无法启封。",
    example="qingling reporter escrow --half one.half --half two.half",
)
@key_options
@option(
    "--half", "halves", metavar="FILE", multiple=True, en="Where to write a half; twice.", zh="写出的文件；写两次。"
)
@pass_app
def escrow(app: AppContext, key_file: str | None, passphrase_file: str | None, halves: tuple[str, ...]) -> None:
    """Write the halves."""
    from engine.journal.sealing import unlock
    from engine.operations.cases.key_change import make_escrow

    if len(set(halves)) != len(_HALVES):
        raise BadValueError(Text("name two files: --half FILE --half FILE", "请写明两个文件：--half 文件 --half 文件"))
    for each in halves:
        refuse_taken(Path(each))
    private = unlock(read_key(key_path(key_file, app.database)), passphrase_given(passphrase_file))
    for place, content in zip(halves, make_escrow(app.acting, private), strict=True):
        write_key(Path(place), content)
    talk(t("give the two files to two persons, and keep neither", "请将两个文件分别交由两人保管，本机不留存"))


@verb(
    reporter,
    "destroy",
    en="Show of which closed cases the sealed parts may be destroyed (sealed_years in roles.yaml); propose it, and, as "
    "another officer of another role, agree. Cases and journal stay. Backups that were made before still hold the "
    "sealed parts: destroy those too.",
    zh="列出密封内容已到销毁期限（roles.yaml 的 sealed_years）的已办结事项；由一人提出，另一角色的另一人同意后销毁。"
    "事项和日志保留。此前的备份仍含密封内容，请一并销毁。",
    example="qingling reporter destroy",
)
@option("--propose", is_flag=True, en="Propose that all of them be destroyed.", zh="提出全部销毁。")
@option("--reason", en="Why, with --propose.", zh="原因（与 --propose 合用）。")
@option("--agree", is_flag=True, en="Agree to what was proposed: it is gone for ever.", zh="同意销毁，不可恢复。")
@pass_app
def destroy(app: AppContext, propose: bool, reason: str | None, agree: bool) -> None:
    """List, propose or destroy."""
    from engine.operations.cases import retention
    from engine.operations.ledger.administrators import refuse_unless
    from engine.workflow.powers import Power

    acting = app.acting
    if propose and agree:
        raise BadValueError(Text("write either --propose or --agree", "请写 --propose 或 --agree，二者选一"))
    if agree:
        cases, is_scrubbed = retention.agree(acting)
        talk(t("destroyed: the sealed parts of {n} cases", "已销毁 {n} 件事项的密封内容", n=len(cases)))
        if not is_scrubbed:
            talk(
                t(
                    "others have the database open, so its file still holds them: run it again when nobody does",
                    "数据库正被他人使用，文件中仍有残留；请在无人使用时再次执行",
                )
            )
        talk(t("destroy the backups of before as well", "请一并销毁此前的备份"))
        return
    refuse_unless(acting, Power.DESTROY_SEALS)
    cases = retention.propose(acting, reason=reason or "") if propose else retention.due(acting.ledger, app.now)
    for each in cases:
        say(each.number)
    if propose:
        talk(
            t(
                "proposed; another officer of another role now agrees: qingling reporter destroy --agree",
                "已提出；请另一角色的另一人同意：qingling reporter destroy --agree",
            )
        )
    elif not cases:
        talk(t("nothing is due to be destroyed", "没有到期可销毁的密封内容"))
