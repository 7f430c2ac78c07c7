"""`qingling show`: one case, what happened to it, and what can be done next, by whom, and what is missing."""

from typing import TYPE_CHECKING

from commands.console.bilingual import command, json_option, option, pass_app
from commands.console.command_lines import lines_as_typed
from commands.console.context import AppContext, files_folder
from commands.console.output import heading, print_json, print_pairs, say
from commands.shared.parameters import case_number
from commands.shared.reading import case_read
from engine.language import t
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count, NextStep
from engine.rules.reading_rights import Deed
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day
from presentation.case_deadlines import deadline_json, deadline_pair
from presentation.case_view import COUNTS, clock_words, entitled, entry_words, field_pairs, state_words, when
from presentation.json_view import case_json, entry_json, step_json
from presentation.plain_words import file_size
from presentation.question_view import (
    original_json,
    original_pairs,
    originals_of,
    question_json,
    question_pairs,
)
from presentation.signature_view import SeenSignature, signature_json, signature_pairs, signatures_of

if TYPE_CHECKING:
    from engine.operations.cases.lookup import CaseView


@command(
    "show",
    en="Show a case, its history and what can be done next. Each possible step says by whom, and all that is "
    "still missing for it.",
    zh="查看事项、经过和下一步。每个可办的动作都说明由谁办理、还缺什么。",
    example="qingling show 0101-XS-2019-0001",
)
@case_number
@option(
    "--original",
    is_flag=True,
    en="Show the rows of ledgers that it came from, as they stood. What is sealed opens with: qingling reporter open.",
    zh="显示来自台账的原始各栏（按原样）。密封内容用 qingling reporter open 启封。",
)
@json_option
@pass_app
def show(app: AppContext, number: str, original: bool, as_json: bool) -> None:
    """Show the case."""
    from engine.operations.cases.lookup import view_for
    from engine.operations.ledger.acting import Acting

    ledger = case_read(app, Deed.READ, number)
    seen = view_for(Acting(ledger, app.reader.code, app.now), number)
    if as_json:
        print_json(_as_json(app, ledger, seen) | (_originals_json(seen) if original else {}))
        return
    if original:
        _say_originals(seen)
        return
    case = seen.case
    workflow = ledger.rules_of(case).workflow
    heading(f"{case.number}  {workflow.title}  {state_words(workflow, case.state)}")
    print_pairs(
        [
            (t("unit", "单位"), str(ledger.naming.unit(case.unit))),
            (t("counts as", "计数"), str(COUNTS[Count(case.clearance)])),
            (t("belongs to", "所属"), _line(ledger, seen.parent) if seen.parent else ""),
            (t("repeats", "首件"), _line(ledger, seen.first) if seen.first else ""),
            (t("repeated by", "重复件"), "\n".join(each.number for each in seen.repeats)),
            *field_pairs(workflow, case.fields, ledger.naming),
        ],
        indent=2,
    )
    if seen.questions:
        say()
        heading(t("To be checked", "待核对"))
        print_pairs(question_pairs(workflow, [each.question for each in seen.questions]), indent=2)
    signed = _signatures(ledger, seen)
    if signed:
        say()
        heading(t("Signatures", "签字"))
        print_pairs(signature_pairs(workflow, signed, ledger.naming), indent=2)
    if seen.deadlines:
        say()
        heading(t("Deadlines", "期限"))
        print_pairs([deadline_pair(ledger, case, each, now=app.now) for each in seen.deadlines], indent=2)
    _say_children(ledger, seen.children)
    _say_files(app, seen)
    say()
    heading(t("History", "经过"))
    print_pairs(
        [
            (
                f"{when(ledger, e.at)}  {ledger.naming.officer(e.by)}",
                entry_words(ledger, workflow, e) + clock_words(ledger, e),
            )
            for e in seen.timeline
        ],
        indent=2,
    )
    _say_steps(ledger, workflow, seen)


def _signatures(ledger: Ledger, seen: "CaseView") -> tuple[SeenSignature, ...]:
    """Return the signatures on a case as they stand."""
    days = {each.seq: local_day(each.at, ledger.zone).isoformat() for each in seen.timeline}
    return signatures_of(seen.timeline, days)


def _say_originals(seen: "CaseView") -> None:
    """Print the rows of ledgers that a case came from, the newest last."""
    found = list(originals_of(seen.timeline))
    if not found:
        say(
            t(
                "{number} came from no ledger's row that was kept",
                "{number} 没有留存的台账原行",
                number=seen.case.number,
            )
        )
    for _, file, row in found:
        hidden = t("  (hidden row)", "  （隐藏行）") if row.is_hidden else ""
        heading(f"{file}  {row.at}{hidden}")
        print_pairs(original_pairs(row), indent=2)


def _originals_json(seen: "CaseView") -> dict[str, object]:
    """Return the rows of ledgers that a case came from, for scripts."""
    return {"originals": [original_json(*each) for each in originals_of(seen.timeline)]}


def _say_children(ledger: Ledger, children: tuple[Case, ...]) -> None:
    """Print the cases that this one opened."""
    if children:
        say()
        heading(t("Opened from it", "下属事项"))
        for each in children:
            say(f"  {_line(ledger, each)}")


def _say_files(app: AppContext, seen: "CaseView") -> None:
    """Print the files that are kept with the case, and where."""
    if seen.attachments:
        say()
        heading(t("Files", "附件"))
        folder = files_folder(app.database)
        print_pairs(
            [
                (each.name, f"{file_size(each.size)}  {folder / each.digest[:2] / each.digest}")
                for each in seen.attachments
            ],
            indent=2,
        )


def _say_steps(ledger: Ledger, workflow: Workflow, seen: "CaseView") -> None:
    """Print what can be done next, by whom, and what is missing for it."""
    case = seen.case
    say()
    heading(t("What can be done next", "下一步"))
    if not seen.steps:
        say("  " + t("nothing: this is where it ends", "无：到此为止"))
    for step in seen.steps:
        target = f" → {state_words(workflow, step.target)}" if step.target else ""
        say("  " + t(f"{step.trigger}  ", "") + f"{step.title}{target}")
        say("      " + t("by {who}", "办理人：{who}", who=entitled(ledger, workflow, step.by, case.fields)))
        _say_missing(step)
    if seen.register:
        say()
        heading(t("What the register says today", "目前系统登记数"))
        print_pairs(field_pairs(workflow, seen.register, ledger.naming), indent=2)
    if seen.uncleared:
        say()
        heading(t("It does not count as cleared yet", "尚不能计为办结"))
        for each in seen.uncleared:
            say(f"  {each}")


def _say_missing(step: NextStep) -> None:
    """Print what a step still lacks."""
    if not step.missing:
        say("      " + t("nothing is missing", "条件已具备"))
    for each in step.missing:
        say(f"      - {lines_as_typed(str(each))}")


def _line(ledger: Ledger, case: Case) -> str:
    """Return one line about a related case."""
    workflow = ledger.rules_of(case).workflow
    return f"{case.number}  {workflow.title}  {state_words(workflow, case.state)}"


def _as_json(app: AppContext, ledger: Ledger, seen: "CaseView") -> dict[str, object]:
    """Return the whole view for scripts."""
    folder = files_folder(app.database) if seen.attachments else None
    return {
        **case_json(ledger, seen.case),
        "parent": seen.parent.number if seen.parent else None,
        "first": seen.first.number if seen.first else None,
        "repeats": [each.number for each in seen.repeats],
        "deadlines": [deadline_json(ledger, seen.case, each, now=app.now) for each in seen.deadlines],
        "children": [case_json(ledger, each) for each in seen.children],
        "next": [step_json(each) for each in seen.steps],
        "questions": [question_json(each.question) for each in seen.questions],
        "signatures": [signature_json(each, ledger.naming) for each in _signatures(ledger, seen)],
        "uncleared": [str(each) for each in seen.uncleared],
        "register": dict(seen.register),
        "files": [
            {"seq": seq, "name": name, "size": size, "digest": digest, "path": str(folder / digest[:2] / digest)}
            for seq, digest, name, size in seen.attachments
            if folder is not None
        ],
        "timeline": [entry_json(ledger, each) for each in seen.timeline],
    }
