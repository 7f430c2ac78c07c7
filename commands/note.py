"""`qingling note`: write something down about a case, or about many."""

from commands.console.bilingual import argument, command, json_option, pass_app
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import print_json, talk
from commands.presentation.verdicts import ManyWords, print_verdicts
from commands.shared.insisting import insist_option, looked_through
from commands.shared.many_cases import ManyAsked, many_options, refuse_both
from engine.errors import BadValueError
from engine.language import Text, t
from presentation.json_view import case_json

_WORDS = ManyWords(
    done=Text("noted with {done}", "已给 {done} 件加备注"),
    partly=Text("noted with {done}, {refused} refused (named above)", "已给 {done} 件加备注，{refused} 件未加（见上）"),
    tried=Text(
        "would be noted with {done}, {refused} would be refused; nothing was written. To do it: add --apply",
        "可给 {done} 件加备注，{refused} 件不能；尚未写入。确认后加 --apply 正式写入",
    ),
    counted="noted",
)


@command(
    "note",
    en="Write something down about a case. It stays in the journal with who and when. With --where, about many "
    "cases: a dry run until --apply.",
    zh="给事项加备注。备注连同人员和时间记入日志。用 --where 可批量加注；加 --apply 才真正写入。",
    example=Text(
        'qingling note 0101-XS-2019-0001 "called the hospital, no answer yet"\n'
        'qingling note --where "state == \'shelved\'" "looked through at the meeting"',
        'qingling note 0101-XS-2019-0001 "called the hospital, no answer yet"\n'
        'qingling note --where "状态==\'暂存待查\'" "已在例会上逐件过目"',
    ),
)
@argument("number", type=CASE, en="Number of the case; left out with --where.", zh="事项编号；用 --where 时不写。")
@argument("words", required=False, en="What to write down.", zh="备注内容。")
@insist_option
@many_options
@json_option
@pass_app
def note(
    app: AppContext,
    number: str,
    words: str | None,
    many: ManyAsked,
    as_json: bool,
) -> None:
    """Write the note."""
    from engine.operations.cases.casework import note as operation
    from engine.operations.cases.many import note_many

    if many.is_one:
        if words is None:
            raise BadValueError(Text("say what to write down", "请写明备注内容"))
        case = operation(looked_through(app, words=words), number, words).case
        if as_json:
            print_json(case_json(app.ledger, case))
        talk(t("noted with {number}", "已给 {number} 加备注", number=case.number))
        return
    refuse_both(None if words is None else number, many)  # the only word given is the remark
    acting = looked_through(app, words=number)
    _, chunks = many.of_app(app, acting)
    verdicts = note_many(acting, chunks, number, apply=many.apply)
    print_verdicts(verdicts, _WORDS, becomes=lambda _: "✓", apply=many.apply, as_json=as_json)
