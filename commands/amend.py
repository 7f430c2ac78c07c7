"""`qingling amend`: correct what was written."""

from commands.console.bilingual import command, json_option, pass_app
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, fields_given, given_fields, set_option
from commands.console.output import print_json, print_pairs, talk
from commands.presentation.case_view import case_json, field_pairs
from commands.shared.parameters import case_number, reason_option
from engine.language import t


@command(
    "amend",
    en="Correct what was written, with a reason. The old value stays in the journal. Fields are given as "
    "--FIELD VALUE or --set FIELD=VALUE.",
    zh="更正内容（须写原因）。原值留在日志。字段写作 --字段名 值，或 --set 字段=值。",
    example='qingling amend 0101-XS-2019-0001 --received-on 2019-06-27 --reason "misread the letter"',
    cls=FieldCommand,
)
@case_number
@set_option
@reason_option
@json_option
@pass_app
def amend(app: AppContext, number: str, settings: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Correct the case."""
    from engine.operations.cases.casework import amend as operation

    ledger = app.ledger
    given = given_fields(settings)
    workflow = ledger.rules_of(ledger.case(number)).workflow
    values = fields_given(workflow, given)
    outcome = operation(app.acting, number, values, reason=reason)
    if as_json:
        print_json(case_json(ledger, outcome.case))
        return
    talk(t("{number} is corrected", "{number} 已更正", number=number))
    print_pairs(field_pairs(workflow, {name: outcome.case.fields.get(name) for name in values}), indent=2)
