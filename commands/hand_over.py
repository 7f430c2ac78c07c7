"""`qingling hand-over`: let another unit have a case."""

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, fields_given, given_fields, set_option
from commands.console.names import CASE
from commands.console.output import begin_page, print_json, print_pairs, say, talk
from commands.shared.insisting import insist_option, looked_through
from engine.language import Text, t
from presentation.case_view import field_pairs
from presentation.json_view import case_json


@command(
    "hand-over",
    en="Hand a case over to another unit, with what it has opened. Those in charge are named again as --FIELD "
    "VALUE; number and deadlines stay, and what was counted before stays with the unit that had it.",
    zh="将事项连同其下属事项移交其他单位。责任人等须重新指定，写作 --字段名 值；"
    "编号和期限不变，此前的统计仍计入原单位。",
    example=Text(
        'qingling hand-over 0101-XS-2019-0001 0102 --reason "it happened there" --handler zhao --responsible-leader li',
        "qingling hand-over 0101-XS-2019-0001 县中医院 --reason 事发在该院 --责任人 赵某 --责任领导 李某",
    ),
    cls=FieldCommand,
)
@argument("number", type=CASE, en="Number of the case.", zh="事项编号。")
@argument("unit", metavar="UNIT", en="Code of the unit that has it from now on.", zh="接收单位代码。")
@set_option
@option("--reason", required=True, en="Why.", zh="原因。")
@insist_option
@option("--dry-run", is_flag=True, en="Show what would happen; write nothing.", zh="只显示结果，不写入。")
@json_option
@pass_app
def hand_over(
    app: AppContext, number: str, unit: str, settings: tuple[str, ...], reason: str, dry_run: bool, as_json: bool
) -> None:
    """Hand the case over."""
    from engine.operations.cases.handing_over import hand_over as operation

    ledger = app.ledger_read
    given = given_fields(settings)
    workflow = ledger.rules_of(ledger.case(number)).workflow
    values = fields_given(workflow, given)
    acting = looked_through(app, workflow, [values], reason=reason)
    case = operation(acting, number, unit, values, reason=reason, dry_run=dry_run).case
    if as_json:
        print_json({**case_json(ledger, case), "dry_run": dry_run})
        return
    begin_page()
    say(f"{case.number}  → {app.ledger.naming.unit(case.unit)}")
    print_pairs(field_pairs(workflow, {name: case.fields.get(name) for name in values}, app.ledger.naming), indent=2)
    if dry_run:
        talk(t("nothing was written; to do it, leave out --dry-run", "尚未写入；去掉 --dry-run 即正式办理"))
