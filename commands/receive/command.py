"""`qingling receive`: register new cases, from options, from JSON, or by asking at the terminal."""

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, fields_given, given_fields, json_given, set_option
from commands.console.names import CASE
from commands.console.output import can_ask, print_json, print_pairs, say, talk
from commands.receive.questions import ask_fields, ask_unit
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import workflow_option
from engine.errors import BadValueError
from engine.language import Text, t
from engine.workflow.model import FieldType, Workflow
from presentation.case_view import field_pairs, workflow_asked
from presentation.json_view import case_json

if TYPE_CHECKING:
    from engine.operations.ledger.acting import Acting
    from engine.operations.ledger.ledger import Ledger
    from engine.rules.case import Case

_YEAR: Final = re.compile(r"\d{4}|[年后]")
"""By what a day that was typed says its year."""


@command(
    "receive",
    en="Register a new case. Fields are given as --FIELD VALUE or --set FIELD=VALUE; at a terminal, what is "
    "missing is asked for. The new number is printed on standard output.",
    zh="登记新线索。字段写作 --字段名 值，或 --set 字段=值；在终端上，缺少的内容会逐项询问。新编号输出到标准输出。",
    example=Text(
        'qingling receive --unit 0101 --received-on 2019-06-28 --source letter --summary "touts at the gate"\n'
        "qingling receive --json leads.json --dry-run",
        "qingling receive --unit 县医院 --收到时间 6月28日 --线索来源 来信 --反映的主要问题 医院门口有人强揽生意\n"
        "qingling receive --json leads.json --dry-run",
    ),
    cls=FieldCommand,
)
@workflow_option
@option("--unit", metavar="UNIT", en="Code of the unit that it belongs to.", zh="所属单位代码。")
@option(
    "--under",
    metavar="NUMBER",
    type=CASE,
    en="Number of the case that it belongs to and is opened under; its unit unless --unit names another.",
    zh="所属事项编号：在该事项下登记；未写 --unit 时随其单位。",
)
@set_option
@option(
    "--json",
    "place",
    metavar="FILE",
    en="Read one object, or a list of them, from a JSON file or standard input (-); answers in JSON.",
    zh="从 JSON 文件或标准输入（-）读取一个或多个对象，并以 JSON 回答。",
)
@option(
    "--receipt-code",
    is_flag=True,
    en="Show a code for the reporter, once; by it the office can answer who gave no name.",
    zh="显示一次查询码，交举报人保存；匿名举报人可凭码获知答复。",
)
@insist_option
@option("--dry-run", is_flag=True, en="Show what would be registered; write nothing.", zh="只显示结果，不登记。")
@pass_app
def receive(
    app: AppContext,
    workflow: str | None,
    unit: str | None,
    under: str | None,
    settings: tuple[str, ...],
    place: str | None,
    receipt_code: bool,
    dry_run: bool,
) -> None:
    """Register the cases.

    Raises:
        BadValueError: If a code is asked for, and several may be registered, or none.
    """
    if receipt_code and (dry_run or place is not None):
        raise BadValueError(
            Text("--receipt-code goes with one new case", "--receipt-code 只用于登记一件，不与 --json、--dry-run 合用")
        )
    from engine.operations.cases.casework import open_cases

    ledger = app.ledger
    parent = None if under is None else ledger.case(under)
    given = given_fields(settings)
    name = workflow_asked(app.declarations, workflow)
    declared = app.declarations.latest(name)
    typed = fields_given(declared, given)
    wanted = [{**each, **typed} for each in json_given(place)] if place is not None else [typed]
    ready = [
        _placed(app, declared, values, unit, position if len(wanted) > 1 else None, parent, ask=place is None)
        for position, values in enumerate(wanted, start=1)
    ]
    acting = looked_through(app, declared, (values for _, values in ready))
    done = open_cases(acting, name, ready, under=under, dry_run=dry_run)
    if place is not None:
        twins = [[] if dry_run else _twins_json(ledger, each.case) for each in done]
        found = [
            {**case_json(ledger, each.case), "dry_run": dry_run} | ({"twins": alike} if alike else {})
            for each, alike in zip(done, twins, strict=True)
        ]
        print_json(found if len(found) != 1 else found[0])
        return
    for each in done:
        if dry_run:
            talk(t("would be registered (nothing was written):", "将登记如下（尚未写入）："))
            print_pairs(field_pairs(declared, each.case.fields, ledger.naming), indent=2)
            talk(t("to register it, leave out --dry-run", "去掉 --dry-run 即正式登记"))
        else:
            say(each.case.number)
            talk(
                t(
                    "registered; see: qingling show {number}",
                    "已登记；查看：qingling show {number}",
                    number=each.case.number,
                )
            )
            _tell_years(declared, typed, each.case, today=app.acting.today)
            _tell_doubts(ledger, declared, each.case)
            if receipt_code:
                _tell_code(acting, each.case.number)


def _tell_code(acting: "Acting", number: str) -> None:
    """Give a code to the reporter of the case that was registered, and show it."""
    from engine.operations.cases.receipts import give_receipt

    talk(
        t(
            "code for the reporter, shown only now: {code}",
            "举报人查询码（仅显示这一次）：{code}",
            code=give_receipt(acting, number),
        )
    )


def _twins_json(ledger: "Ledger", case: "Case") -> list[dict[str, str]]:
    """Return which leads may be the same as the one that was registered, for scripts."""
    from engine.operations.cases.twins import twins_of

    return [{"name": each.name, "why": str(each.why)} for each in twins_of(ledger, case)]


def _tell_years(declared: Workflow, typed: Mapping[str, object], case: "Case", *, today: date) -> None:
    """Say which day was registered where one without a year was typed, and it lies in another year than today."""
    for name, written in typed.items():
        field, day = declared.fields.get(name), str(case.fields.get(name, ""))
        if field is None or field.type is not FieldType.DATE or not day or _YEAR.search(str(written)):
            continue
        if day[:4] != f"{today:%Y}":
            talk(
                t(
                    "{title} “{written}” is registered as {day}; if that is wrong: qingling amend {number}",
                    "{title}“{written}”按 {day} 登记；如有误，请更正：qingling amend {number}",
                    title=field.title,
                    written=written,
                    day=day,
                    number=case.number,
                )
            )


def _tell_doubts(ledger: "Ledger", declared: Workflow, case: "Case") -> None:
    """Say whether what was registered may be a lead that is there already, or two leads."""
    _tell_twins(ledger, case)
    _tell_two(declared, case)


def _tell_twins(ledger: "Ledger", case: "Case") -> None:
    """Say which leads may be the same as the one that was registered."""
    from engine.operations.cases.twins import twins_of
    from presentation.twin_view import twin_words

    found = twins_of(ledger, case)
    if found:
        talk(twin_words(case.number, found))


def _tell_two(declared: Workflow, case: "Case") -> None:
    """Say that what was registered may be two leads."""
    from documents.ledger_in.two_in_one import two_in_one

    field = two_in_one(declared, case.fields)
    if field is not None:
        talk(
            t(
                "{title}: this may be two leads; if so, register the second by itself and correct this one: "
                "qingling amend {number}",
                "{title}：疑有两条线索；如是，请另行登记第二条，并更正本条：qingling amend {number}",
                title=declared.fields[field].title,
                number=case.number,
            )
        )


def _placed(
    app: AppContext,
    declared: Workflow,
    values: Mapping[str, object],
    unit: str | None,
    position: int | None,
    parent: "Case | None",
    *,
    ask: bool,
) -> tuple[str, dict[str, object]]:
    """Return the unit of a new case and its values, asking for what is missing if someone can answer.

    Raises:
        BadValueError: If the unit is not named and there are several.
    """
    from engine.operations.cases.batch_errors import counted
    from engine.rules.case import Family
    from engine.rules.openings import born_with

    brought = dict(values)
    own = brought.pop("unit", None) if "unit" not in declared.fields else None
    code = str(own) if own is not None else unit
    if code is None and parent is not None:
        code = parent.unit
    if code is None:
        code = ask_unit(app.ledger, ask=ask and can_ask())
    if code is None:
        sentence = Text("say which unit it belongs to: --unit CODE", "请写明所属单位：--unit 代码")
        raise BadValueError(sentence if position is None else counted(position, sentence))
    if ask and can_ask():
        acting = app.acting
        where = app.ledger.unit(code)
        family = Family(parent=parent, after=app.ledger.counting(where.id))
        rules = app.ledger.rules(declared.name)
        born, _ = born_with(rules, brought, family=family, by=acting.by, unit=code, today=acting.today)
        known = {**born, **brought}
        ask_fields(app.ledger, declared, known, unit=code, today=app.ledger.today(app.now))
        brought = {name: value for name, value in known.items() if name in brought or name not in born}
    return code, brought
