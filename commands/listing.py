"""`qingling list`: the cases of a workflow, narrowed as asked."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import WHOLE, command, json_option, option, pass_as
from commands.console.command_lines import as_typed
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, talk
from commands.shared.parameters import workflow_option
from commands.shared.reading import viewing
from engine.language import Text, t
from engine.rules.case import Count
from engine.rules.naming import signature_called, step_called
from engine.rules.questions import asked_title
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from engine.workflow.frozen_struct import FrozenStruct
from presentation.case_view import COUNTS, state_called, state_words, workflow_asked
from presentation.deadline_view import names_said
from presentation.json_view import case_json
from presentation.question_view import is_dated, question_json, question_words
from presentation.signature_view import standing_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.operations.cases.open_questions import OpenQuestion
    from engine.operations.deadlines.recipients import Recipients
    from engine.operations.ledger.ledger import Ledger
    from engine.rules.case import Case
    from engine.workflow.model import Field, Workflow


def _states(app: AppContext, ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the states of the workflow."""
    return list(app.declarations.latest(workflow_asked(app.declarations, ctx.params.get("workflow"))).states)


class ListAsked(FrozenStruct, frozen=True, kw_only=True):
    """What was asked for, as it was typed."""

    workflow: str | None
    unit: str | None
    state: str | None
    open_only: bool
    where: str | None
    words: str | None
    questions: bool
    to_sign: bool
    limit: int | None
    as_json: bool


@command(
    "list",
    en="List cases. They stand in the order in which they were registered; void entries and repeats are left out.",
    zh="列出事项。按登记先后排列，作废件和重复件不列。",
    example=Text(
        'qingling list --open --unit 0101\nqingling list --where "suspected_crime and received_on.year == 2019" --json',
        'qingling list --open --unit 县医院\nqingling list --where "涉嫌犯罪 且 收到时间.year == 2019"',
    ),
)
@workflow_option
@option("--unit", metavar="UNIT", en="Only of this unit.", zh="只列该单位。")
@option(
    "--state",
    metavar="STATE",
    shell_complete=completing(_states),
    en="Only in this state, by its name or title.",
    zh="只列该状态（名称或标题）。",
)
@option("--open", "open_only", is_flag=True, en="Only what is not cleared yet.", zh="只列未办结的。")
@option(
    "--where",
    metavar="EXPRESSION",
    en="Only cases for which this holds, such as \"handler == 'wang'\".",
    zh="只列符合条件的，如 \"责任人=='王某'\"。",
)
@option("--search", "words", metavar="WORDS", en="Only cases that hold all these words.", zh="只列含有这些词语的。")
@option(
    "--questions",
    is_flag=True,
    en="Only those on which a ledger left a question, with what is asked.",
    zh="只列待核对的，并列出待核对内容。",
)
@option("--to-sign", is_flag=True, en="What is asked of you to sign, of all workflows.", zh="列出待本人签字的内容。")
@option("--limit", type=WHOLE, metavar="COUNT", en="At most so many.", zh="最多列出多少件。")
@json_option
@pass_as(ListAsked)
def list_(app: AppContext, asked: ListAsked) -> None:
    """List the cases."""
    from engine.operations.cases.lookup import list_asked, list_cases

    limit, as_json = asked.limit, asked.as_json
    if asked.to_sign:
        _list_to_sign(app, limit, as_json=as_json)
        return
    name = workflow_asked(app.declarations, asked.workflow)
    declared = app.declarations.latest(name)
    state = None if asked.state is None else state_called(app.ledger, declared, asked.state)
    unit, open_only, where, words = asked.unit, asked.open_only, asked.where, asked.words
    logged: dict[str, object] = {
        "workflow": name, "unit": unit, "state": state, "open": open_only, "where": where,
        "questions": asked.questions, "search": words,
    }  # fmt: skip
    with viewing(app, Deed.LIST if where is None and words is None else Deed.SEARCH, **logged) as view:
        if asked.questions:
            rows = list_asked(
                view.ledger, name, unit=unit, state=state, open_only=open_only, where=where, words=words, now=app.now
            )
            found = list(islice(rows, limit))
            view.shown([case.number for case, _ in found], **logged)
            _list_asked(view.ledger, declared, found, as_json=as_json)
        else:
            every = list_cases(
                view.ledger, name, unit=unit, state=state, open_only=open_only, where=where, words=words, now=app.now
            )
            cases = list(every if limit is None else islice(every, limit + 1))
            more = limit is not None and len(cases) > limit
            view.shown([each.number for each in cases[:limit]], **logged)
            _list(app, view.ledger, declared, cases[:limit], more=more, as_json=as_json)
        if not as_json:
            view.say_limits()
            if state is not None and asked.state != state:
                say_alike(view.ledger, declared, state)


def _list(
    app: AppContext, ledger: "Ledger", declared: "Workflow", cases: "list[Case]", *, more: bool, as_json: bool
) -> None:
    """Print cases with who must act, and how many there are."""
    from engine.operations.deadlines.recipients import Recipients

    people = Recipients(ledger, ledger.today(app.now))
    rows = [(each, people.must_act(ledger.rules_of(each), each)) for each in cases]
    if as_json:
        print_json(
            [
                {**case_json(ledger, each), "unit_name": people.unit(each.unit), "must_act": list(who)}
                for each, who in rows
            ]
        )
        return
    if cases:
        _print_cases(ledger, people, declared.fields[declared.summary], rows)
    cleared = sum(each.clearance != Count.OPEN for each in cases)
    talk(
        t(
            "{count} listed; ✓ {cleared} {word}" + (" (there are more: raise --limit)" if more else ""),
            "共 {count} 件；✓ {word} {cleared} 件" + ("（还有更多：调高 --limit）" if more else ""),
            count=len(cases),
            cleared=cleared,
            word=COUNTS[Count.CLEARED],
        )
    )


def say_alike(ledger: "Ledger", workflow: "Workflow", state: str) -> None:
    """Say in which states of older versions cases stand that are called by the same title as one of this version."""
    from engine.operations.ledger.older_versions import older_states

    if state not in workflow.states:
        return
    for name, title in older_states(ledger, workflow).items():
        if title == workflow.states[state].title:
            words = t("cases of older versions stand in a state of the same title: --state {name}",
                      "旧版本的事项另有同名状态，请另查：--state {name}", name=name)  # fmt: skip
            talk(as_typed(words))


def _list_to_sign(app: AppContext, limit: int | None, *, as_json: bool) -> None:
    """Print what is asked of the officer who reads."""
    from engine.operations.cases.signatures import to_sign

    with viewing(app, Deed.LIST, to_sign=True) as view:
        found = list(islice(to_sign(view.ledger, app.reader.code), limit))
        view.shown([case.number for case, _ in found], to_sign=True)
        if as_json:
            print_json([standing_json(case.number, each) for case, each in found])
            return
        naming, rows = view.ledger.naming, []
        for case, each in found:
            workflow = view.ledger.rules_of(case).workflow
            titles = str(signature_called(workflow, each.row.field)), str(step_called(workflow, each.asked.step))
            rows.append((case.number, str(naming.unit(case.unit)), *titles, str(naming.officer(each.by))))
        if rows:
            heads = (
                t("number", "编号"),
                t("unit", "单位"),
                t("signature", "签字"),
                t("step", "动作"),
                t("asked by", "提请人"),
            )
            print_table(list(heads), rows, wide=2)
        talk(
            t(
                "{n} signatures are asked of you; give one: qingling sign NUMBER, or decline it with a reason",
                "共 {n} 项待您签字；签字：qingling sign 编号；不同意的用 qingling decline 并写明理由",
                n=len(rows),
            )
        )


def _print_cases(
    ledger: "Ledger", people: "Recipients", summary: "Field", rows: "Sequence[tuple[Case, Sequence[str]]]"
) -> None:
    """Print cases with who must act on each."""
    print_table(
        [
            t("number", "编号"),
            t("state", "状态"),
            t("unit", "单位"),
            t("received", "收到"),
            t("must act", "责任人"),
            str(summary.title),
        ],
        [
            (
                each.number,
                state_words(ledger.rules_of(each).workflow, each.state)
                + ("" if each.clearance == Count.OPEN else " ✓"),
                people.unit(each.unit),
                each.dated_on if is_dated(ledger.rules_of(each).workflow, each) else t("to be checked", "待核对"),
                names_said(people, who),
                ledger.naming.veiled(shown(summary, each.fields.get(summary.name)))
                if each.fields.get(summary.name)
                else "",
            )
            for each, who in rows
        ],
        wide=5,
    )


def _list_asked(
    ledger: "Ledger",
    workflow: "Workflow",
    found: "list[tuple[Case, tuple[OpenQuestion, ...]]]",
    *,
    as_json: bool,
) -> None:
    """Print cases with the questions that stand on them."""
    if as_json:
        print_json(
            [
                {**case_json(ledger, case), "questions": [question_json(each.question) for each in asked]}
                for case, asked in found
            ]
        )
        return
    rows = [
        (
            case.number,
            str(ledger.naming.unit(case.unit)),
            str(asked_title(workflow, each.question.field)),
            question_words(each.question),
        )
        for case, asked in found
        for each in asked
    ]
    if rows:
        print_table([t("number", "编号"), t("unit", "单位"), t("field", "字段"), t("question", "待核对")], rows, wide=3)
    talk(
        t(
            "{n} questions on {cases} cases; answer one: qingling amend NUMBER --FIELD VALUE, "
            "or --stays-empty FIELD, with --reason",
            "共 {cases} 件、{n} 项待核对；核对后：qingling amend 编号 --字段名 值"
            "（或 --stays-empty 字段）--reason 原因",
            n=len(rows),
            cases=len(found),
        )
    )
