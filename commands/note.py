"""`qingling note`: write something down about a case."""

from commands.console.bilingual import argument, command, pass_app
from commands.console.context import AppContext
from commands.console.output import talk
from commands.shared.parameters import case_number
from engine.language import t


@command(
    "note",
    en="Write something down about a case. It stays in the journal with who and when.",
    zh="给事项加备注。备注连同人员和时间记入日志。",
    example='qingling note 0101-XS-2019-0001 "called the hospital, no answer yet"',
)
@case_number
@argument("words", en="What to write down.", zh="备注内容。")
@pass_app
def note(app: AppContext, number: str, words: str) -> None:
    """Write the note."""
    from engine.operations.cases.casework import note as operation

    outcome = operation(app.acting, number, words)
    talk(t("noted with {number}", "已给 {number} 加备注", number=outcome.case.number))
