"""`qingling void`: take a mistaken entry out of all counts."""

from commands.console.bilingual import command, pass_app
from commands.console.context import AppContext
from commands.console.output import talk
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number, reason_option
from engine.language import Text, t


@command(
    "void",
    en="Void a mistaken entry; nothing is deleted. Its number is never used again, and who and why stay.",
    zh="作废误登（不删除）。编号不再使用，何人何故留痕。",
    example=Text(
        'qingling void 0101-XS-2019-0001 --reason "registered twice"',
        "qingling void 0101-XS-2019-0001 --reason 重复登记",
    ),
)
@case_number
@reason_option
@insist_option
@pass_app
def void(app: AppContext, number: str, reason: str) -> None:
    """Void the case."""
    from engine.operations.cases.casework import void as operation

    outcome = operation(looked_through(app, reason=reason), number, reason=reason)
    talk(t("{number} is void", "{number} 已作废", number=outcome.case.number))
