"""`qingling void`: take a mistaken entry out of all counts."""

from pathlib import Path

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext
from commands.console.output import talk
from commands.shared.asked_signer import AskedSigner, page_of, say_asked, signing_options
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number
from engine.language import Text, t


@command(
    "void",
    en="Void a mistaken entry; nothing is deleted. Its number is never used again, and who and why stay. Once it has "
    "taken a step, its workflow may demand that a leader signs: --ask.",
    zh="作废误登（不删除）。编号不再使用，何人何故留痕。办理过的事项，流程可规定须经领导签字（--ask）。",
    example=Text(
        'qingling void 0101-XS-2019-0001 --reason "registered twice"',
        "qingling void 0101-XS-2019-0001 --reason 重复登记",
    ),
)
@case_number
@option("--reason", default="", en="Why; left out, as it was signed.", zh="理由；不写则以所签理由为准。")
@signing_options
@insist_option
@pass_app
def void(app: AppContext, number: str, reason: str, ask: str | None, paper: Path | None, on: str | None) -> None:
    """Void the case."""
    from engine.operations.cases.casework import void as operation
    from engine.operations.cases.voiding import ask_voiding

    acting, signer = looked_through(app, reason=reason), AskedSigner(ask=ask, paper=paper, on=on)
    page = page_of(app, signer)
    if ask is not None:
        ask_voiding(acting, number, ask, reason=reason, page=page)
        say_asked(number, signer)
        return
    outcome = operation(acting, number, reason=reason)
    talk(t("{number} is void", "{number} 已作废", number=outcome.case.number))
