"""How versions of a workflow differ, which cases go by which, and the move of running cases to another version."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from commands.console.bilingual import WHOLE, argument, json_option, option, pass_app, verb
from commands.console.command_lines import as_typed
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import counting, heading, print_json, print_table, say, talk
from commands.shared.reading import case_read
from commands.workflow.command import declared_in, group
from engine.errors import BadFileError, BadValueError, ConflictError, NotFoundError
from engine.language import Text, t
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from engine.journal.migration_events import VersionMap
    from engine.operations.migrating.families import CaseMove
    from engine.operations.migrating.plans import MigrationPlan
    from engine.workflow.model import Workflow

__all__ = ["group"]

SHORT: Final = 12
"""Digits of a plan's digest that are typed."""


@verb(
    group,
    "diff",
    en="Say in words what one version of a workflow changes against another: states, steps and who takes them, "
    "conditions, fields, deadlines and reminders, promises. A version is a file, or one that the ledger has adopted, "
    "such as lead@1. With a case each change is said to lie behind it or ahead of it.",
    zh="用文字说明流程的一个版本相对另一版本的改动：状态、动作和办理人、条件、字段、期限和预警、承诺。"
    "版本可以是文件，也可以是台账已采用的版本，如 问题线索@1。写明事项时，逐条说明改动在其已办部分还是待办部分。",
    example=Text(
        "qingling workflow diff complaint@1 complaint@2",
        "qingling workflow diff 投诉@1 投诉@2",
    ),
)
@argument("old", metavar="OLD", en="A file, or NAME@VERSION.", zh="文件，或 名称@版本。")
@argument("new", metavar="NEW", en="A file, or NAME@VERSION.", zh="文件，或 名称@版本。")
@option("--case", "number", metavar="NUMBER", type=CASE, en="A case for which it is said.", zh="就哪一事项说明。")
@json_option
@pass_app
def diff(app: AppContext, old: str, new: str, number: str | None, as_json: bool) -> None:
    """Say what changes."""
    from presentation.text_changes import named_changes

    before, after = _version(app, old), _version(app, new)
    state = None
    if number is not None:
        ledger = case_read(app, Deed.READ, number)
        case = ledger.case(number)
        if case.workflow != after.name:
            raise BadValueError(
                Text(f"{number} is of the workflow {case.workflow}", f"{number} 属于流程 {case.workflow}")
            )
        state = case.state
    found = [
        (each.sentence, _where(before, after, state, each.part, each.name))
        for each in named_changes(before.plain, after.plain)
    ]
    if as_json:
        print_json(
            [{"en": said.en, "zh": said.zh, **({} if where is None else {"ahead": where})} for said, where in found]
        )
        return
    for said, where in found:
        say(said if where is None else f"{_AHEAD if where else _BEHIND} {said}")
    if not found:
        talk(t("nothing changes", "没有改动"))


_AHEAD: Final = Text("ahead: ", "待办部分：")
_BEHIND: Final = Text("behind:", "已办部分：")


def _where(before: "Workflow", after: "Workflow", state: str | None, part: str, name: str) -> bool | None:
    """Say whether a change lies where a case in a state may still come; None if it is about no place, or no case."""
    from engine.workflow.graph import reachable, successors

    if state is None or part not in {"states", "transitions", "deadlines"}:
        return None
    ahead = {state}
    for each in (before, after):
        ahead |= reachable(successors(each), [state]) if state in each.states else set()
    if part == "states":
        return name in ahead
    places: set[str] = set()
    for each in (before, after):
        if part == "transitions":
            places |= {at for step in each.transitions if name in {step.name, step.trigger} for at in step.sources}
        elif name in each.deadlines:
            places |= {*each.deadlines[name].runs_in, *each.deadlines[name].paused_in}
    return not places.isdisjoint(ahead)


@verb(
    group,
    "cases",
    en="List how many cases go by which version of a workflow, and in which state they stand: ended ones stay on "
    "theirs. It takes a role that keeps the ledger.",
    zh="列出各流程版本分别有多少事项、处于何种状态；已终结的事项保留原版本。须具有管理台账的角色。",
    example=Text("qingling workflow cases lead", "qingling workflow cases 问题线索"),
)
@argument("workflow", metavar="WORKFLOW", required=False, en="Name of a workflow.", zh="流程名称。")
@json_option
@pass_app
def cases(app: AppContext, workflow: str | None, as_json: bool) -> None:
    """List them."""
    from engine.operations.migrating.versions import versions_in_use

    found = versions_in_use(app.acting, workflow)
    if as_json:
        print_json(
            [
                {
                    "workflow": each.workflow,
                    "version": each.version,
                    "newest": each.is_newest,
                    "state": each.state,
                    "final": each.is_final,
                    "cases": each.cases,
                    "readable": each.why_unreadable is None,
                }
                for each in found
            ]
        )
        return
    if not found:
        talk(t("there is no case of it", "没有该流程的事项"))
        return
    print_table(
        [t("workflow", "流程"), t("version", "版本"), t("state", "状态"), t("cases", "件数"), t("remarks", "说明")],
        [
            (
                str(each.title),
                str(each.version),
                str(each.state_title),
                str(each.cases),
                str(each.why_unreadable) if each.why_unreadable is not None
                else t("ended", "已终结") if each.is_final
                else t("newest version", "最新版本") if each.is_newest
                else t("older version", "旧版本"),
            )
            for each in found
        ],
    )  # fmt: skip


@verb(
    group,
    "migrate",
    en="Move running cases to another version of their workflow. Without --apply it is planned and journaled, and no "
    "case changes: which move, what becomes of their deadlines, which cannot and why. Then --apply moves them as that "
    "plan says, each with the cases under it in one commit; what was changed since stays. It can be broken off and "
    "repeated. Nobody is late by it, what is late stays late. It takes a role that keeps the ledger.",
    zh="将办理中的事项迁移到流程的另一版本。不加 --apply 时只制定方案并记入日志，事项不变：哪些迁移、期限如何变化、"
    "哪些不能及其原因。再以 --apply 按方案迁移，各件连同其下级事项一并提交；方案制定后有变动的不迁移。"
    "可中断后重复执行。迁移不使任何人超期，已超期的仍为超期。须具有管理台账的角色。",
    example=Text(
        "qingling workflow migrate complaint --version 2\n"
        "qingling workflow migrate complaint --version 2 --map open=waiting --set urgency=usual --grace 5",
        "qingling workflow migrate 投诉 --version 2\n"
        "qingling workflow migrate 投诉 --version 2 --map 待答复=待办 --set 缓急=普通 --grace 5",
    ),
)
@argument("workflow", metavar="WORKFLOW", en="Name of the workflow.", zh="流程名称。")
@option(
    "--version",
    metavar="INTEGER",
    type=WHOLE,
    en="The version to move to.",
    zh="迁移到的版本。",
)
@option("--to", metavar="INTEGER", type=WHOLE, hidden=True, en="The same as --version.", zh="同 --version。")
@option(
    "--map",
    "states",
    metavar="STATE=STATE",
    multiple=True,
    en="A state of old, and what it is now.",
    zh="旧状态=新状态。",
)
@option(
    "--map-file", metavar="FILE", type=click.Path(path_type=Path),
    en="What else is called otherwise: states, triggers, new_steps, fields, values, set; under: for the cases below.",
    zh="对照文件：states、triggers、new_steps、fields、values、set；下级事项写在 under 下。",
)  # fmt: skip
@option(
    "--set", "values", metavar="FIELD=VALUE", multiple=True, en="A value where there is none.", zh="没有值时填写的值。"
)
@option("--grace", metavar="INTEGER", type=int, default=0, en="Days in which it makes nobody late.", zh="宽限日数。")
@option("--apply", metavar="TEXT", en="Move by the plan of this digest.", zh="按此摘要的方案迁移。")
@option("--reason", en="Why; needed with --apply.", zh="理由（--apply 时必填）。")
@json_option
@pass_app
def migrate(app: AppContext, workflow: str, as_json: bool, apply: str | None, reason: str | None, **asked: Any) -> None:
    """Plan the move, or do it."""
    if apply is not None:
        if any(asked.values()):
            raise BadValueError(Text("--apply goes with --reason alone: the plan says all else",
                                     "--apply 只与 --reason 连用，其余以方案为准"))  # fmt: skip
        _apply(app, workflow, apply, reason or "", as_json=as_json)
        return
    version = asked["to"] if asked["version"] is None else asked["version"]
    if version is None:
        raise BadValueError(Text("name the version: --version", "请写明版本：--version"))
    from engine.operations.migrating.plans import plan_migration

    maps = _maps(app, workflow, asked["states"], asked["map_file"], asked["values"])
    plan = plan_migration(app.acting, workflow, version, maps, grace=asked["grace"])
    if as_json:
        print_json(_plan_json(app, plan))
    else:
        _print_plan(app, plan)


def _apply(app: AppContext, workflow: str, digest: str, reason: str, *, as_json: bool) -> None:
    """Move cases by a plan."""
    from engine.operations.migrating.plans import migrate as move
    from engine.operations.migrating.plans import planned

    if not reason.strip():
        raise BadValueError(Text("--apply needs a reason (--reason)", "--apply 须写明理由（--reason）"))
    if planned(app.ledger, digest).workflow != workflow:
        raise NotFoundError(Text(f"that plan is not for {workflow}", f"该方案不属于流程 {workflow}"))
    with counting(t("moved", "已迁移")) as count:
        done = move(app.acting, digest, reason=reason, after_each=lambda _: count())
    if as_json:
        left = [{"number": number, "en": why.en, "zh": why.zh} for number, why in done.left]
        print_json({"moved": done.moved, "before": done.before, "left": left})
    else:
        for number, why in done.left:
            say(as_typed(t("{number}: {why}", "{number}：{why}", number=number, why=why)))
        talk(t("moved: {n}", "已迁移 {n} 件", n=done.moved))
        if done.before:
            talk(t("moved before: {n}", "此前已迁移 {n} 件", n=done.before))
    if done.left:
        click.get_current_context().exit(ConflictError.exit_code)


def _version(app: AppContext, typed: str) -> "Workflow":
    """Return the workflow that a file declares, or a version that the ledger has adopted."""
    name, at, version = typed.partition("@")
    if not at or Path(typed).is_file():
        if Path(typed).suffix or Path(typed).is_file():
            return declared_in(app, typed)
        return app.ledger.workflows.latest(_workflow_named(app, typed))
    if not version.isdecimal():
        raise BadValueError(Text(f"{typed}: a version is a number, as in lead@1", f"{typed}：版本须为数字，如 lead@1"))
    return app.ledger.workflows.at(_workflow_named(app, name), int(version))


def _workflow_named(app: AppContext, typed: str) -> str:
    """Return the name of the workflow that is called so."""
    from commands.console.names import workflow_called

    return workflow_called(app.declarations, typed)


def _maps(
    app: AppContext, workflow: str, states: tuple[str, ...], file: Path | None, values: tuple[str, ...]
) -> "dict[str, VersionMap]":
    """Return what is called otherwise, by workflow."""
    from engine.operations.ledger.older_versions import older_states
    from engine.operations.migrating.map_file import version_maps

    if file is not None and not file.is_file():
        raise BadFileError(Text(f"{file}: there is no such file", f"{file}：没有此文件"))
    newest = app.ledger.workflows.latest(workflow)
    titles = {each.title.zh: each.name for each in newest.states.values()}
    older = {title.zh: name for name, title in older_states(app.ledger, newest).items()}
    fields = {each.title.zh: each.name for each in newest.fields.values()}
    return version_maps(
        file,
        workflow,
        states={older.get(was, titles.get(was, was)): titles.get(now, now) for was, now in _pairs(states)},
        values={fields.get(name, name): value for name, value in _pairs(values)},
    )


def _pairs(typed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after the sign."""
    for each in typed:
        left, sign, right = each.replace("＝", "=", 1).partition("=")
        if not (sign and left.strip()):
            raise BadValueError(Text(f"'{each}': write it as one=other", f"“{each}”：请写成 甲=乙"))
        yield left.strip(), right.strip()


def _print_plan(app: AppContext, plan: "MigrationPlan") -> None:
    """Print what a move would do."""
    from engine.operations.ledger.need_to_know import veiled

    event = plan.event
    title = app.ledger.rules(event.workflow, event.version).workflow.title
    heading(
        t(
            "{title}, to version {version}: {n} move, {m} cannot; no case has changed",
            "{title}，迁移到第 {version} 版：可迁移 {n} 件，不能迁移 {m} 件；事项均未改动",
            title=title, version=event.version, n=event.count, m=len(plan.refused),
        )
    )  # fmt: skip
    seen = [each for family in plan.families for each in family if app.ledger.sees(each.case)]
    if seen:
        print_table(
            [
                t("number", "编号"),
                t("version", "版本"),
                t("state", "状态"),
                t("deadlines", "期限"),
                t("values", "内容"),
            ],
            [_row(app, each) for each in seen],
        )
    refused = [(case, why) for case, why in plan.refused if app.ledger.sees(case)]
    if refused:
        heading(t("cannot move", "不能迁移"))
        for case, reasons in refused:
            why = veiled(app.reader, t("; ", "；").join(map(str, reasons)))
            say(as_typed(t("{number}: {why}", "{number}：{why}", number=case.number, why=why)))
    hidden = event.count + len(plan.refused) - len(seen) - len(refused)
    if hidden:
        say(t("and {n} that you may not read", "另有 {n} 件无权查阅", n=hidden))
    if event.count:
        line = f"qingling workflow migrate {event.workflow} --apply {event.digest[:SHORT]} --reason"
        words = Text("journaled; until {day}: {line} WHY", "方案已记入日志；{day} 前（含）可迁移：{line} 理由")
        talk(as_typed(str(words.format(day=event.not_before, line=line))))


def _row(app: AppContext, move: "CaseMove") -> tuple[str, ...]:
    """Return a case that moves as a row."""
    from engine.deadlines.clock import Status

    old, new = app.ledger.rules_of(move.case).workflow, app.ledger.rules_of(move.after).workflow
    was, now = old.states[move.case.state].title, new.states[move.after.state].title
    terms = []
    for name, before, clock in move.due_days:
        title = (new if name in new.deadlines else old).deadlines[name].title
        after = clock.due_on if clock.status in {Status.RUNNING, Status.PAUSED} else t("over", "终止")
        terms.append(f"{title} {after}" if before in {None, after} else f"{title} {before} → {after}")
    changes = move.changes
    values = [f"{new.fields[name].option} = {value}" for name, value in changes.brought.items()]
    values += [
        t("{name} dropped", "舍弃 {name}", name=old.fields[name].option if name in old.fields else name)
        for name in changes.replaced
        if name not in changes.brought
    ]
    return (
        move.case.number,
        f"{move.case.version} → {move.after.version}",
        str(was) if was == now else f"{was} → {now}",
        t("; ", "；").join(terms) or t("as they are", "不变"),
        t("; ", "；").join(values),
    )


def _plan_json(app: AppContext, plan: "MigrationPlan") -> dict[str, Any]:
    """Return a plan for scripts; cases that the reader may not read are counted only."""
    from engine.operations.ledger.need_to_know import veiled_text

    event = plan.event

    def said_of(reasons: Iterable[Text]) -> list[Text]:
        return [veiled_text(app.reader, each) for each in reasons]

    return {
        "workflow": event.workflow,
        "version": event.version,
        "plan": event.digest,
        "good_until": event.not_before,
        "moving": event.count,
        "cannot": len(plan.refused),
        "moves": [
            {
                "number": each.case.number,
                "version": [each.case.version, each.after.version],
                "state": [each.case.state, each.after.state],
                "set": dict(each.changes.brought),
                "was": dict(each.changes.replaced),
                "deadlines": [
                    {"name": name, "was_due_on": before, "due_on": clock.due_on, "status": clock.status.name.lower()}
                    for name, before, clock in each.due_days
                ],
            }
            for family in plan.families
            for each in family
            if app.ledger.sees(each.case)
        ],
        "refused": [
            {"number": case.number, "reasons": [{"en": each.en, "zh": each.zh} for each in said_of(reasons)]}
            for case, reasons in plan.refused
            if app.ledger.sees(case)
        ],
    }
