"""`qingling restrict`: let only named officers read a case."""

from commands.console.bilingual import argument, command, option, pass_app
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import talk
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import reason_option
from engine.errors import BadValueError
from engine.language import Text, t


@command(
    "restrict",
    en="Let only named officers read a case and what it has opened. To all others it is as if there were none; "
    "figures count it without its number. Roles that may read restricted cases read it too (roles.yaml).",
    zh="限定可查阅事项的人员，含其下属事项；仅指明者可查阅。对其他人如同不存在；统计计入但不显示编号。"
    "具有查阅限制事项权限的角色（roles.yaml）仍可查阅。",
    example=Text(
        'qingling restrict 0101-XS-2019-0001 --to zhao --to li --reason "about the own hospital"\n'
        'qingling restrict 0101-XS-2019-0001 --lift --reason "no longer needed"',
        "qingling restrict 0101-XS-2019-0001 --to zhao --to li --reason 涉及本院\n"
        "qingling restrict 0101-XS-2019-0001 --lift --reason 不再需要",
    ),
)
@argument("number", type=CASE, en="Number of the case.", zh="事项编号。")
@option(
    "--to",
    "officers",
    metavar="OFFICER",
    multiple=True,
    en="Who reads it; may be given several times.",
    zh="可查阅的人员；可多次写。",
)
@option("--lift", is_flag=True, en="Let it be read as any other again.", zh="解除限制。")
@reason_option
@insist_option
@pass_app
def restrict(app: AppContext, number: str, officers: tuple[str, ...], lift: bool, reason: str) -> None:
    """Restrict it, or lift that."""
    from engine.operations.cases import restricting

    if lift == bool(officers):
        raise BadValueError(Text("write either --to OFFICER or --lift", "请写 --to 人员 或 --lift，二者选一"))
    acting = looked_through(app, reason=reason)
    if lift:
        restricting.lift(acting, number, reason=reason)
        talk(t("{number} is read as any other again", "{number} 已解除限制查阅", number=number))
        return
    codes = restricting.restrict(acting, number, officers, reason=reason)
    naming = acting.ledger.naming
    who = t(", ", "、").join(str(naming.officer(each)) for each in codes)
    talk(t("{number} is read by {who} only", "{number} 仅限 {who} 查阅", number=number, who=who))
