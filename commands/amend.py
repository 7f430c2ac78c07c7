"""`qingling amend`: correct what was written, in one case or in many."""

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, Given, field_called, fields_given, given_fields, set_option
from commands.console.names import CASE
from commands.console.output import print_json, print_pairs, talk
from commands.presentation.verdicts import ManyWords, print_verdicts
from commands.shared.insisting import insist_option, looked_through
from commands.shared.many_cases import ManyAsked, many_options, refuse_both
from engine.errors import BadValueError
from engine.journal.ledger_row import STATE
from engine.language import Text, t
from engine.rules.questions import asked_title
from presentation.case_view import field_pairs
from presentation.json_view import case_json

_WORDS = ManyWords(
    done=Text("{done} corrected", "已更正 {done} 件"),
    partly=Text("{done} corrected, {refused} refused (named above)", "已更正 {done} 件，{refused} 件不予更正（见上）"),
    tried=Text(
        "{done} would be corrected, {refused} would be refused; nothing was written. To do it: add --apply",
        "可更正 {done} 件，不能更正 {refused} 件；尚未写入。确认后加 --apply 正式更正",
    ),
    counted="corrected",
)


@command(
    "amend",
    en="Correct what was written, with a reason. The old value stays in the journal. Fields are given as "
    "--FIELD VALUE or --set FIELD=VALUE. With --where, many cases are corrected: a dry run until --apply.",
    zh="更正内容（须写原因）。原值留在日志。字段写作 --字段名 值，或 --set 字段=值。"
    "用 --where 可批量更正；加 --apply 才真正写入。",
    example=Text(
        'qingling amend 0101-XS-2019-0001 --received-on 2019-06-27 --reason "misread the letter"\n'
        'qingling amend --where "handler == \'chen\'" --handler wang --reason "chen has moved on"',
        "qingling amend 0101-XS-2019-0001 --收到时间 6月27日 --reason 看错来信日期\n"
        "qingling amend --where \"责任人=='赵某'\" --责任人 王某 --reason 赵某调离",
    ),
    cls=FieldCommand,
)
@argument(
    "number",
    type=CASE,
    required=False,
    en="Number of the case; left out with --where.",
    zh="事项编号；用 --where 时不写。",
)
@set_option
@option("--reason", required=True, en="Why.", zh="原因。")
@option(
    "--stays-empty",
    metavar="FIELD",
    en="Answer the question that a ledger left about this field without a value: it stays empty. State: it stays in "
    "the state that it is in.",
    zh="对台账留下的该栏待核对问题作答：确认留空（“状态”表示维持现状态）。",
)
@insist_option
@many_options
@json_option
@pass_app
def amend(
    app: AppContext,
    number: str | None,
    settings: tuple[str, ...],
    reason: str,
    stays_empty: str | None,
    many: ManyAsked,
    as_json: bool,
) -> None:
    """Correct the case, or the cases."""
    given = given_fields(settings)
    refuse_both(number, many)
    if stays_empty is not None:
        _close(app, number, stays_empty, given, reason=reason, as_json=as_json)
    elif number is None:
        _many(app, given, many, reason=reason, as_json=as_json)
    else:
        _one(app, number, given, reason=reason, as_json=as_json)


def _close(app: AppContext, number: str | None, typed: str, given: list[Given], *, reason: str, as_json: bool) -> None:
    """Close one question without a value."""
    from engine.operations.cases.question_closing import close_question

    if number is None or given:
        raise BadValueError(
            Text("--stays-empty goes with one number and no field", "--stays-empty 只配一个编号，不与其他字段同用")
        )
    ledger = app.ledger_read
    workflow = ledger.rules_of(ledger.case(number)).workflow
    is_state = typed in {STATE, "状态", "State"}
    field = STATE if is_state else field_called(workflow, typed).name
    outcome = close_question(looked_through(app, reason=reason), number, field, reason=reason)
    if as_json:
        print_json(case_json(ledger, outcome.case))
        return
    title = asked_title(workflow, field)
    talk(t("{number}: '{title}' stays as it is", "{number}：“{title}”维持原样", number=number, title=title))


def _one(app: AppContext, number: str, given: list[Given], *, reason: str, as_json: bool) -> None:
    """Correct one case and show what was corrected."""
    from engine.operations.cases.casework import amend as operation

    ledger = app.ledger_read
    workflow = ledger.rules_of(ledger.case(number)).workflow
    values = fields_given(workflow, given)
    outcome = operation(looked_through(app, workflow, [values], reason=reason), number, values, reason=reason)
    if as_json:
        print_json(case_json(ledger, outcome.case))
        return
    talk(t("{number} is corrected", "{number} 已更正", number=outcome.case.number))
    print_pairs(
        field_pairs(workflow, {name: outcome.case.fields.get(name) for name in values}, ledger.naming), indent=2
    )


def _many(app: AppContext, given: list[Given], asked: ManyAsked, *, reason: str, as_json: bool) -> None:
    """Correct all cases that match, and say what became of each."""
    from engine.operations.cases.many import amend_many

    acting = app.acting
    declared, chunks = asked.of_app(app, acting)
    values = fields_given(declared, given)
    acting = looked_through(app, declared, [values], reason=reason)
    verdicts = amend_many(acting, declared.name, chunks, values, reason=reason, apply=asked.apply)
    print_verdicts(verdicts, _WORDS, becomes=lambda _: "✓", apply=asked.apply, as_json=as_json)
