"""`qingling reporter`: what is sealed, opened by its custodian only."""

from typing import TYPE_CHECKING

from commands.console.bilingual import group, json_option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import harmless, print_json, say, talk
from commands.shared.custody import key_options, key_path, new_key, passphrase_given, read_key
from commands.shared.parameters import case_number, reason_option
from engine.journal.ledger_row import ORIGINAL_SEAL
from engine.language import t

if TYPE_CHECKING:
    from engine.operations.cases.sealed_values import Opened
    from engine.operations.ledger.ledger import Ledger


@group(
    "reporter",
    en="Open what is sealed, as the custodian. The reporter's identity is sealed as it is entered; the machine "
    "that keeps it cannot read it.",
    zh="由保管人启封举报人信息。举报人信息录入时即密封，存放它的机器也无法读取。",
    example='qingling reporter open 0101-XS-2019-0001 --reason "protection asked for"',
)
def reporter() -> None:
    """Hold the verbs of the custodian."""


@verb(
    reporter,
    "open",
    en="Open what is sealed in a case and show it once. Who, when and why are journaled first, also when it is "
    "refused.",
    zh="启封并显示一次。何人、何时、何故先记入日志；未准的申请同样记入。",
    example='qingling reporter open 0101-XS-2019-0001 --reason "protection asked for"',
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
        fields = ledger.rules_of(case).workflow.fields
        for each in opened:
            if each.field == ORIGINAL_SEAL:
                _say_original(ledger, number, each)
            else:
                say(f"{fields[each.field].title}{t(': ', '：')}{harmless(each.value)}")
    talk(t("this opening stands in the journal of {number}", "本次启封已记入 {number} 的日志", number=number))


def _say_original(ledger: "Ledger", number: str, opened: "Opened") -> None:
    """Print the sealed cells of a ledger's row, with their headings."""
    from commands.presentation.question_view import originals_of
    from engine.journal.ledger_row import opened_original
    from engine.operations.cases.lookup import log

    for seq, _, row in originals_of(log(ledger, number)):
        if seq == opened.seq:
            whole = opened_original(row, opened.value)
            for place in row.sealed_at:
                heading, text = whole.cells[place]
                say(f"{harmless(heading)} [{row.at}]{t(': ', '：')}{harmless(text)}")
            for place, comment in set(whole.comments).difference(row.comments):
                where = t("{heading} (comment)", "{heading}（批注）", heading=harmless(row.cells[place][0]))
                say(f"{where} [{row.at}]{t(': ', '：')}{harmless(comment)}")


@verb(
    reporter,
    "key",
    en="Make a new custodian's key. What is sealed from now on opens with it; what was sealed before opens with "
    "the old one only, so keep both.",
    zh="更换保管人密钥。此后密封的用新密钥启封；以前的只能用旧密钥，两把都要保管好。",
    example="qingling reporter key --key-file custodian-2020.key",
)
@key_options
@pass_app
def key(app: AppContext, key_file: str | None, passphrase_file: str | None) -> None:
    """Make the key and seal to it from now on."""
    from engine.operations.house.directory import officers, units
    from engine.operations.house.registration import replace_custodian

    acting = app.acting
    place = key_path(key_file, app.database)
    ledger = acting.ledger
    names = [
        str(ledger.settings.get("name") or ""),
        *(e.name for e in officers(ledger)),
        *(e.name for e in units(ledger)),
    ]
    with new_key(place, passphrase_file, known=names) as public:
        replace_custodian(acting, public)
    talk(t("new custodian's key {id}: {place}", "新的保管人密钥 {id}：{place}", id=public.id, place=place))
