"""`qingling link`: say that a case repeats another, or that it does not after all."""

from commands.console.bilingual import argument, command, option, pass_app
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import talk
from commands.shared.insisting import insist_option, looked_through
from engine.errors import BadValueError
from engine.language import Text, t


@command(
    "link",
    en="Say that a case repeats an earlier one. Only the first is acted on and counted; both arrivals stay."
    " A wrong link is undone with --undo: the case then counts again by itself.",
    zh="把重复线索关联到首件。只办理和统计首件，两次来件均留痕。关联有误用 --undo 取消，该件重新单独计数。",
    example=Text(
        'qingling link 0101-XS-2019-0002 0101-XS-2019-0001 --reason "same facts"\n'
        'qingling link 0101-XS-2019-0002 --undo --reason "another hospital"',
        "qingling link 0101-XS-2019-0002 0101-XS-2019-0001 --reason 同一事实\n"
        "qingling link 0101-XS-2019-0002 --undo --reason 并非同一医院",
    ),
)
@argument("number", type=CASE, en="Number of the case that repeats.", zh="重复件的编号。")
@argument("first", type=CASE, metavar="FIRST", required=False, en="Number of the first case.", zh="首件的编号。")
@option("--undo", is_flag=True, en="Undo the link of this case.", zh="取消该件的关联。")
@option("--reason", required=True, en="Why they are the same, or are not.", zh="认定或取消重复的原因。")
@insist_option
@pass_app
def link(app: AppContext, number: str, first: str | None, undo: bool, reason: str) -> None:
    """Link the cases, or undo the link.

    Raises:
        BadValueError: If neither a first case nor --undo is given, or both.
    """
    from engine.operations.cases.casework import link as operation
    from engine.operations.cases.unlinking import unlink

    if undo == (first is not None):
        raise BadValueError(
            Text("give either the first case or --undo", "请给出首件编号，或用 --undo 取消关联，二者择一")
        )
    acting = looked_through(app, reason=reason)
    if first is None:
        unlink(acting, number, reason=reason)
        talk(t("{number} is linked no more", "{number} 已取消关联", number=number))
        return
    operation(acting, number, first, reason=reason)
    talk(t("{number} is linked to {first}", "{number} 已关联到 {first}", number=number, first=first))
