"""`qingling export`: ledgers and event logs that leave the house; every export is journaled."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.console.bilingual import group, json_option, option, pass_app, pass_as, verb
from commands.console.context import AppContext
from commands.console.output import counting, print_json, say, talk
from commands.shared.handing_out import hand_out, purpose_option, refuse_taken, replace_option
from commands.shared.reading import View, viewing
from engine.errors import BadFileError, BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from engine.workflow.texts import TextKind
from presentation.case_view import state_called
from presentation.report_kinds import DEFAULT_FORMAT

if TYPE_CHECKING:
    from documents.ledger_out.formats import Format
    from engine.operations.cases.exporting import Scope

Each = TypeVar("Each")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRequest:
    """What was asked of a ledger to be written, as it was typed."""

    form_name: str
    unit: str | None
    state: str | None
    open_only: bool
    where: str | None
    with_original: bool
    out: Path
    replace: bool
    reason: str
    as_json: bool


def _out_option(function: Any) -> Any:
    """Add what every export has: where to, why, whether over a file that is there."""
    for each in (
        purpose_option,
        replace_option,
        option(
            "-o",
            "--out",
            metavar="FILE",
            required=True,
            type=click.Path(path_type=Path),
            en="The file to write; readable by its owner only.",
            zh="写到哪个文件；仅文件所有者可读。",
        ),
    ):
        function = each(function)
    return function


@group(
    "export",
    en="Export ledgers and event logs. Every export is journaled, with its digest; what is sealed is in none.",
    zh="导出台账和事件日志。每次导出连同文件摘要记入日志；密封内容一律不导出。",
    example="qingling export formats",
)
def export() -> None:
    """Hold the verbs of export."""


@verb(
    export,
    "ledger",
    en="Write a ledger: xlsx, csv or json by the ending of the file. A unit can fill in an xlsx and send it back: "
    "import takes what was changed, by the Qingling number in each row. Void entries and repeats are left out.",
    zh="导出台账，按文件扩展名写 xlsx、csv 或 json。xlsx 可发给单位填写后报回，用 import 导入，"
    "凭“清零编号”只更新改动过的内容。作废件和重复件不列。",
    example=Text(
        "qingling export ledger -o ledger.xlsx\n"
        "qingling export ledger --format statistics --unit 0101 --open -o 0101.xlsx --reason 'monthly return'",
        "qingling export ledger -o 线索台账.xlsx\n"
        "qingling export ledger --format 统计表 --unit 县医院 --open -o 统计表.xlsx --reason 月报",
    ),
)
@option(
    "--format",
    "form_name",
    metavar="NAME",
    default=DEFAULT_FORMAT,
    en="Which format: one that is adopted (see: qingling export formats; default: full).",
    zh="格式：已采用的格式名称（见 qingling export formats，默认 full）。",
)
@option("--unit", metavar="UNIT", en="Only of this unit.", zh="只导出该单位。")
@option("--state", metavar="STATE", en="Only in this state, by its name or title.", zh="只导出该状态（名称或标题）。")
@option("--open", "open_only", is_flag=True, en="Only what is not cleared yet.", zh="只导出未办结的。")
@option(
    "--where",
    metavar="EXPRESSION",
    en="Only cases for which this holds, such as \"handler == 'wang'\".",
    zh="只导出符合条件的，如 \"责任人=='王某'\"。",
)
@option(
    "--original",
    "with_original",
    is_flag=True,
    en="Also the columns of the ledgers that the cases came from, as they stood; what is sealed as ●●●.",
    zh="另附原台账各栏（按原样）；密封内容显示为 ●●●。",
)
@_out_option
@json_option
@pass_as(LedgerRequest)
def ledger_(app: AppContext, asked: LedgerRequest) -> None:
    """Write the ledger."""
    from documents.ledger_out.write import ENDINGS
    from engine.operations.cases.exporting import Scope, may_export
    from presentation.ledger_prepared import both, rows_asked

    out = asked.out
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise BadValueError(
            Text(
                f"{out}: name a file that ends in {', '.join(ENDINGS)}",
                f"{out}：文件名须以 {'、'.join(ENDINGS)} 结尾",
            )
        )
    may_export(app.acting, unit=asked.unit)
    form = _format(app, asked.form_name)
    declared = app.declarations.latest(form.workflow)
    scope = Scope(
        workflow=form.workflow,
        unit=asked.unit,
        state=None if asked.state is None else state_called(app.ledger, declared, asked.state),
        where=both(form.where, asked.where),
        open_only=asked.open_only,
    )
    said = rows_asked(declared, scope.state, asked.where, open_only=asked.open_only)
    with viewing(app, Deed.EXPORT, **scope.plain()) as view:

        def write(file: Path, scratch: Path) -> int:
            return _write_ledger(app, view, form, scope, file, scratch, said=said, originals=asked.with_original)

        what = f"ledger {form.name} {ending[1:]}"
        _hand_over(
            app,
            view,
            what,
            out,
            write,
            scope=scope.plain(),
            replace=asked.replace,
            reason=asked.reason,
            as_json=asked.as_json,
        )


def _write_ledger(
    app: AppContext,
    view: View,
    form: "Format",
    scope: "Scope",
    file: Path,
    scratch: Path,
    *,
    said: list[str],
    originals: bool,
) -> int:
    """Write the cases in *scope* into a file and return how many they are.

    Args:
        said: Which of them were asked for, in words.
        originals: Write the columns of the ledgers that they came from as well.
    """
    from engine.operations.ledger.acting import Acting
    from presentation.ledger_prepared import write_scope

    acting = Acting(view.ledger, app.reader.code, app.now)
    with counting(t("cases", "件")) as one_more:
        return write_scope(acting, form, scope, file, scratch, said=said, originals=originals, one_more=one_more)


def _counted(found: "Iterable[Each]", one_more: Callable[[], None]) -> "Iterator[Each]":
    """Yield what was found, and count each."""
    for each in found:
        one_more()
        yield each


@verb(
    export,
    "formats",
    en="List the formats of ledgers: those that are shipped, and those of the house that were adopted.",
    zh="列出台账格式：随程序提供的，以及已采用的本单位格式。",
    example="qingling export formats",
)
@json_option
@pass_app
def formats(app: AppContext, as_json: bool) -> None:
    """List the formats."""
    found = [_format(app, name) for name in app.adopted.newest(TextKind.FORMAT)]
    if as_json:
        print_json(
            [
                {
                    "format": each.name,
                    "workflow": each.workflow,
                    "title": {"en": each.title.en, "zh": each.title.zh},
                    "columns": [{"show": c.show, "title": {"en": c.title.en, "zh": c.title.zh}} for c in each.columns],
                }
                for each in found
            ]
        )
        return
    from commands.console.output import print_named

    print_named(
        0,
        [t("format", "格式"), t("title", "标题"), t("workflow", "流程"), t("columns", "栏目")],
        [
            (
                each.name,
                str(each.title),
                _workflow_shown(app, each.workflow),
                t(", ", "、").join(str(c.title) for c in each.columns),
            )
            for each in found
        ],
        wide=3,
    )


def _workflow_shown(app: AppContext, name: str) -> str:
    """Return what a workflow is called in the language in use; in English by its name."""
    return t(name, app.declarations.latest(name).title.zh)


def _log_verb(name: str, *, en: str, zh: str, ending: str) -> None:
    """Add one form of the event log."""

    @verb(
        export,
        name,
        en=en,
        zh=zh,
        example=f"qingling export {name} -o events{ending}",
    )
    @option("--workflow", metavar="WORKFLOW", en=_OF.en, zh=_OF.zh)
    @option("--unit", metavar="UNIT", en="Only of this unit.", zh="只导出该单位。")
    @_out_option
    @json_option
    @pass_app
    def log(
        app: AppContext, workflow: str | None, unit: str | None, out: Path, replace: bool, reason: str, as_json: bool
    ) -> None:
        """Write the event log."""
        from documents.event_log import WRITERS, EventLog
        from engine.operations.cases.exporting import histories, may_export

        may_export(app.acting, unit=unit)
        if workflow is not None:
            app.declarations.latest(workflow)

        scope = {k: v for k, v in {"workflow": workflow, "unit": unit}.items() if v is not None}
        with viewing(app, Deed.EXPORT, **scope) as view:
            ledger = view.ledger

            def write(file: Path, _scratch: Path) -> int:
                log = EventLog(
                    workflow_of=lambda case: ledger.rules_of(case).workflow,
                    calendar_of=ledger.calendar_of,
                    zone=ledger.zone,
                    house=str(ledger.settings.get("name") or ""),
                    rehearsal=ledger.is_rehearsal,
                )
                only = None if workflow is None else frozenset({workflow})
                with ledger.reading(), counting(t("cases", "件")) as one_more:
                    return WRITERS[name](file, log, _counted(histories(ledger, only, unit=unit), one_more))

            _hand_over(
                app, view, f"events {name}", out, write, scope=scope, replace=replace, reason=reason, as_json=as_json
            )


_OF = Text("Only of this kind of case (default: all).", "只导出该流程（默认全部）。")

_log_verb(
    "xes",
    en="Write an event log as XES (IEEE 1849), one trace per case, for process-mining tools. No names, no contents.",
    zh="以 XES（IEEE 1849）格式导出事件日志，每件一条轨迹，供流程挖掘工具使用；不含姓名和内容。",
    ending=".xes",
)
_log_verb(
    "ocel",
    en="Write an event log as OCEL 2.0 (JSON): cases of all kinds as objects, referrals tied to their leads.",
    zh="以 OCEL 2.0（JSON）格式导出事件日志：各类事项为对象，移送件与所属线索相关联。",
    ending=".json",
)
_log_verb(
    "csv",
    en="Write an event log as csv, one row per event.",
    zh="以 csv 格式导出事件日志，每个事件一行。",
    ending=".csv",
)


def _hand_over(
    app: AppContext,
    view: View,
    what: str,
    out: Path,
    write: Callable[[Path, Path], int],
    *,
    scope: Mapping[str, object],
    replace: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Write a file apart, journal it, and only then give it its name.

    Raises:
        BadFileError: If there is such a file already, or it cannot be written.
    """
    if str(out) == "-":
        raise BadFileError(
            Text(
                "what is exported is kept by its digest: name a file, not -",
                "导出须留存文件摘要：请写明文件名，不能用 -",
            )
        )
    refuse_taken(out, replace=replace)

    def counted(count: int, digest: str) -> None:
        view.shown(what=what, count=count, scope=dict(scope), file=out.name, sha256=digest)

    count, digest = hand_out(app.acting, what, out, write, scope=scope, reason=reason, replace=replace, counted=counted)
    if as_json:
        print_json({"file": str(out), "what": what, "count": count, "sha256": digest})
        return
    say(str(out))
    unit = t("events", "个事件") if what.startswith("events") else t("rows", "行")
    view.say_limits()
    talk(t("{n} {unit}; sha256 {digest}", "共 {n} {unit}；sha256 {digest}", n=count, unit=unit, digest=digest))


def _format(app: AppContext, name: str) -> "Format":
    """Return the format called *name*, as the ledger has adopted it.

    Raises:
        NotFoundError: If there is none.
        InvalidWorkflowError: If it is not sound; everything that is wrong is named.
    """
    from documents.ledger_out.called_formats import format_called
    from workflows.adopted_book import adopted_sources

    return format_called(adopted_sources(app.adopted, TextKind.FORMAT), name, app.declarations.latest)
