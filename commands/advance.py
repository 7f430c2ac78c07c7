"""`qingling advance`: take one case, or many, a step further."""

import click

from commands.console.bilingual import argument, command, json_option, option, pass_as
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, Given, fields_given, given_fields, set_option
from commands.console.names import CASE
from commands.console.output import begin_page, print_json, print_pairs, say, talk
from commands.presentation.verdicts import ManyWords, print_verdicts
from commands.shared.insisting import insist_option, looked_through
from commands.shared.many_cases import ManyAsked, many_options
from engine.errors import BadValueError
from engine.language import Text, t
from engine.workflow.frozen_struct import FrozenStruct
from presentation.case_view import field_pairs, state_words, trigger_called, workflow_asked
from presentation.json_view import case_json


class StepRequest(FrozenStruct, frozen=True, kw_only=True):
    """What was asked for, as it was typed: one case by its number, or many by what holds of them."""

    number: str | None
    trigger: str | None
    settings: tuple[str, ...]
    many: ManyAsked
    dry_run: bool
    as_json: bool


def _triggers(app: AppContext, ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the triggers that can follow: those that leave the case's state, if it is named."""
    number = ctx.params.get("number")
    if number:
        case = app.ledger_read.case(number)
        steps = app.ledger.rules_of(case).machine.leaving(case.state)
        return list(dict.fromkeys(each.trigger for each in steps))
    workflow = app.declarations.latest(workflow_asked(app.declarations, ctx.params.get("workflow")))
    return list(dict.fromkeys(each.trigger for each in workflow.transitions))


@command(
    "advance",
    en="Take a case one step further. What the step needs is given as --FIELD VALUE or --set FIELD=VALUE; "
    "what is missing is named all at once. With --where, many cases take the step, each by its own rules: "
    "a dry run until --apply.",
    zh="办理下一步。所需内容写作 --字段名 值，或 --set 字段=值；缺什么一次说明。"
    "用 --where 可批量办理，逐件按规则核对；加 --apply 才真正写入。",
    example=Text(
        "qingling advance 0101-XS-2019-0001 assign --responsible-leader li --handler wang\n"
        "qingling advance assign --where \"state == 'received'\" --handler wang --responsible-leader li",
        "qingling advance 0101-XS-2019-0001 交办 --责任领导 李某 --责任人 王某\n"
        "qingling advance 交办 --where \"状态=='已受理'\" --责任人 王某 --责任领导 李某",
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
@argument(
    "trigger",
    required=False,
    shell_complete=completing(_triggers),
    en="The step, by its name or title; see: qingling show NUMBER.",
    zh="动作的名称或标题；可用动作见 qingling show 编号。",
)
@set_option
@option("--dry-run", is_flag=True, en="Show what would happen; write nothing.", zh="只显示结果，不写入。")
@insist_option
@many_options
@json_option
@pass_as(StepRequest)
def advance(app: AppContext, asked: StepRequest) -> None:
    """Take the step."""
    given = given_fields(asked.settings)
    if asked.many.is_one:
        _one(app, asked.number, asked.trigger, given, dry_run=asked.dry_run, as_json=asked.as_json)
        return
    if asked.trigger is not None:
        raise BadValueError(Text("write either a number or --where, not both", "编号和 --where 只能写一个"))
    if asked.number is None:
        raise _no_trigger(Text("qingling workflow show", "qingling workflow show"))
    if asked.many.apply and asked.dry_run:
        raise BadValueError(Text("--apply and --dry-run contradict each other", "--apply 与 --dry-run 相互矛盾"))
    _many(app, asked.number, given, asked)


def _one(
    app: AppContext, number: str | None, trigger: str | None, given: list[Given], *, dry_run: bool, as_json: bool
) -> None:
    """Take the step with one case and say what became of it."""
    from engine.operations.cases.casework import advance as operation

    if number is None:
        raise BadValueError(
            Text(
                "say which case: qingling advance NUMBER STEP, or --where for many",
                "请写明事项：qingling advance 编号 动作；批量用 --where",
            )
        )
    ledger = app.ledger_read
    case = ledger.case(number)
    declared = ledger.rules_of(case).workflow
    if trigger is None:
        raise _no_trigger(Text(f"qingling show {number}", f"qingling show {number}"))
    values = fields_given(declared, given)
    outcome = operation(
        looked_through(app, declared, [values]),
        number,
        trigger_called(declared, trigger),
        values,
        given_at=app.given_at,
        dry_run=dry_run,
    )
    after = outcome.case
    if as_json:
        opened = [case_json(ledger, each) for each in outcome.opened]
        along = [case_json(ledger, each.case) for each in outcome.moved]
        found = {**case_json(ledger, after), "from": case.state, "opened": opened, "dry_run": dry_run}
        print_json(found | ({"moved": along} if along else {}))
        return
    moved = f"{state_words(declared, case.state)} → {state_words(declared, after.state)}"
    begin_page()
    say(f"{case.number}  {moved}")
    for each in outcome.opened:
        title = ledger.rules_of(each).workflow.title
        say(t("  opened: {title} {number}", "  生成：{title} {number}", title=title, number=each.number).rstrip())
    for child in (each.case for each in outcome.moved):
        state = ledger.rules_of(child).workflow.states[child.state].title
        say(t("  with it: {child} → {state}", "  一并办理：{child} → {state}", child=child.number, state=state))
    if after.unit != case.unit:
        say(t("  handed over to unit {unit}", "  移交单位 {unit}", unit=ledger.naming.unit(after.unit)))
    changed = {k: v for k, v in after.fields.items() if case.fields.get(k) != v}
    print_pairs(field_pairs(declared, changed, ledger.naming), indent=2)
    if dry_run:
        talk(t("nothing was written; to do it, leave out --dry-run", "尚未写入；去掉 --dry-run 即正式办理"))


def _many(app: AppContext, trigger: str, given: list[Given], asked: StepRequest) -> None:
    """Take the step with all cases that match, and say what became of each.

    Raises:
        RefusedError: If, with --apply, some could not take the step; the others have.
    """
    from engine.operations.cases.bulk import advance_many

    acting = app.acting
    declared, chunks = asked.many.of_app(app, acting, step=lambda workflow: trigger_called(workflow, trigger))
    values = fields_given(declared, given)
    acting = looked_through(app, declared, [values])
    verdicts = advance_many(acting, chunks, trigger_called(declared, trigger), values, apply=asked.many.apply)
    print_verdicts(
        verdicts,
        ManyWords(
            done=Text("{done} moved", "已办理 {done} 件"),
            partly=Text(
                "{done} moved, {refused} refused (named above)", "已办理 {done} 件，{refused} 件不予办理（见上）"
            ),
            tried=Text(
                "{done} would move, {refused} would be refused; nothing was written. To do it: add --apply",
                "可办理 {done} 件，不能办理 {refused} 件；尚未写入。确认后加 --apply 正式办理",
            ),
            counted="moved",
        ),
        becomes=lambda each: f"→ {state_words(declared, each.state)}",
        apply=asked.many.apply,
        as_json=asked.as_json,
    )


def _no_trigger(see: Text) -> BadValueError:
    """Return the refusal for a step that was not named."""
    return BadValueError(Text("say which step; see: {see}", "请写明动作；查看：{see}").format(see=see))
