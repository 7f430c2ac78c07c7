"""`qingling link`: say that a case repeats another."""

from commands.desk import Desk
from commands.shown import talk
from commands.words import argument, command, option, pass_desk
from engine.language import t


@command(
    "link",
    en="Say that a case repeats an earlier one. Only the first is acted on and counted; both arrivals stay.",
    zh="把重复线索关联到首件。只办理和统计首件，两次来件均留痕。",
    example='qingling link 0101-XS-2019-0002 0101-XS-2019-0001 --reason "same facts"',
)
@argument("number", en="Number of the case that repeats.", zh="重复件的编号。")
@argument("first", metavar="FIRST", en="Number of the first case.", zh="首件的编号。")
@option("--reason", required=True, en="Why they are the same.", zh="认定重复的原因。")
@pass_desk
def link(desk: Desk, number: str, first: str, reason: str) -> None:
    """Link the cases."""
    from engine.operations.cases import link as operation

    operation(desk.ledger, number, first, reason=reason, by=desk.officer, now=desk.now)
    talk(t("{number} is linked to {first}", "{number} 已关联到 {first}", number=number, first=first))
