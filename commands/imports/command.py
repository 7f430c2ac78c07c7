"""`qingling import`: take a ledger that was kept in a spreadsheet into the register."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.console.bilingual import argument, command, json_option, option, pass_as
from commands.console.context import AppContext
from commands.console.output import can_ask, talk
from commands.imports.deciding import asked_about
from commands.imports.mapping_file import read_mapping, write_mapping
from commands.imports.report import ImportReport
from commands.shared.parameters import workflow_option
from engine.errors import BadValueError
from engine.language import Text, t
from presentation.case_view import workflow_asked

if TYPE_CHECKING:
    from documents.ledger_in.intake import Intake
    from documents.ledger_in.layout.recalled import Memory
    from documents.ledger_in.rows import LedgerStream
    from engine.operations.ledger.acting import Acting
    from engine.workflow.model import Workflow

MARKED = ".marked"
"""What the name of a marked copy ends in, before its extension."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRequest:
    """What was asked of an import."""

    file: Path
    workflow: str | None
    unit: str | None
    mapping_file: Path | None
    map_to: Path | None
    settings: tuple[str, ...]
    sheet: str | None
    apply: bool
    strict: bool
    link_duplicates: bool
    add_units: bool
    marked: Path | None
    as_json: bool

    def refuse_marked_in_place(self) -> None:
        """Refuse a marked copy that is no xlsx, or would be written over the ledger itself.

        Raises:
            BadValueError: If so.
        """
        marked = self.marked
        if marked is not None and marked.suffix.lower() != ".xlsx":
            raise BadValueError(
                Text(f"--marked {marked}: name a file that ends in .xlsx", f"--marked {marked}：文件名须以 .xlsx 结尾")
            )
        if marked is not None and marked.exists() and marked.samefile(self.file):
            raise BadValueError(
                Text(f"{marked} is the ledger itself; name another file", f"{marked} 就是原台账，请另起文件名")
            )


@command(
    "import",
    en="Import a ledger kept in a spreadsheet (xlsx, xls, et, ods, csv). A dry run until --apply: it shows how every "
    "heading and row was understood, and each cell that is wrong with what would be right. With --apply all good "
    "rows are written together, and if some were refused a marked copy of the ledger is written beside it "
    "(NAME.marked.xlsx): mend that and import it again; rows known by their number in the ledger, else by "
    "receipt and content, are updated and not doubled. A row belongs to the unit in its unit column; else to "
    "the one its sheet is named by, to --unit, to the reporting unit in the ledger's head, to the only unit, or to "
    "the registered unit where it happened. The marked copy holds whatever the ledger holds: keep it as safe.",
    zh="导入电子表格台账（xlsx、xls、et、ods、csv）。不加 --apply 只预演：列出各表头、各行如何识别，"
    "以及有误单元格的改法。"
    "加 --apply 后，合格各行一次写入；有未导入的行时，在原台账旁生成标注副本（原名.marked.xlsx），改好后再导入即可。"
    "按台账编号（无编号的按收到时间和内容）识别，已有的只更新、不重复。所属单位依次取“单位”栏、工作表名、--unit、"
    "表头上方的填报单位、唯一的单位、已登记的“涉及单位”（发生地点）；单位可写简称（中医院）。"
    "标注副本与原台账内容相同，请同样保管。",
    example=Text(
        "qingling import ledger.xlsx --unit 0101\nqingling import ledger.xlsx --unit 0101 --apply",
        "qingling import 线索台账.xlsx --unit 0101\nqingling import 线索台账.xlsx --unit 0101 --apply",
    ),
)
@argument("file", metavar="FILE", type=click.Path(path_type=Path), en="The ledger.", zh="台账文件。")
@workflow_option
@option("--unit", metavar="UNIT", en="The unit of rows that name none.", zh="未写单位的行归入该单位。")
@option(
    "--map",
    "mapping_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="A YAML file that says which column is what, one per line: HEADING or LETTER: FIELD (also: unit, state; - "
    "passes the column over).",
    zh="YAML 对应关系文件，每行一栏，写作“表头或列号: 字段”（另可用 unit、state；- 表示略过该栏）。",
)
@option(
    "--map-to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Import nothing: write a mapping file here, with what each column seems to be and why, to be edited for --map.",
    zh="不导入，只在此处生成对应关系文件：各列推测是什么、依据是什么，改好后用于 --map。",
)
@option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    en="What a field is in all rows that say nothing of it, such as source=petition; may be repeated. @sheet stands "
    "for the name of the sheet.",
    zh="各行未写时统一填入的内容，如 source=petition，可多次使用；@sheet 表示工作表名。",
)
@option("--sheet", metavar="NAME", en="Read only this sheet.", zh="只读该工作表。")
@option("--apply", is_flag=True, en="Really import.", zh="正式导入。")
@option(
    "--link-duplicates",
    is_flag=True,
    en="Link leads that may be the same as an earlier one to it (they are always named).",
    zh="将疑似重复件关联到首件（不加此项只提示）。",
)
@option(
    "--strict",
    is_flag=True,
    en="Ask nothing: a row with anything unclear is refused, and with one such row nothing is written.",
    zh="不留待核对：有疑问的行即不合格，有一行不合格即全部不导入。",
)
@option(
    "--add-units",
    is_flag=True,
    en="Register units that are not known, code = name.",
    zh="登记新单位，代码同名称。",
)
@option(
    "--marked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Write the marked copy here, in a dry run too. It holds what the ledger holds, the reporters too: it goes back "
    "to its sender only, and is destroyed then.",
    zh="标注副本写到此处（预演时也写）。副本与原台账内容相同，含举报人信息：只退回原报送人，用后销毁。",
)
@json_option
@pass_as(ImportRequest)
def import_(app: AppContext, asked: ImportRequest) -> None:
    """Import the ledger.

    Raises:
        BadFileError: If it is no ledger, or some of its rows are refused.
    """
    from engine.operations.imports.same_leads import link_twins

    asked.refuse_marked_in_place()
    understood = _understood(app, asked)
    if understood is None:
        return
    report, intake = _begun(app, asked, understood)
    out = _import(app.acting, asked, understood, intake, report)
    if asked.link_duplicates and report.to_be_kept:
        report.linked(link_twins(app.acting, report.twins))
    report.tell(out)


class _Understood(NamedTuple):
    """How a ledger was understood, before any of its rows is taken in."""

    workflow: "Workflow"
    stream: "LedgerStream"
    decided: "Memory"
    """What was decided of its headings now, to be remembered with it."""


def _understood(app: AppContext, asked: ImportRequest) -> _Understood | None:
    """Open the ledger and settle what its columns are, if need be by asking; None if only a mapping was to be written.

    What a person answers is no part of the import: it is remembered after a dry run too.

    Raises:
        BadFileError: If no heading of it is known, and nobody is there to be asked.
    """
    from documents.ledger_in.columns import ledger_columns
    from documents.ledger_in.rows import open_ledger
    from documents.ledger_in.sheet_model import UnknownHeadingsError
    from engine.operations.imports.remembered_headings import remember, remembered
    from presentation.import_run import said_by_mapping, together

    acting = app.acting
    declared = app.declarations.latest(workflow_asked(app.declarations, asked.workflow))
    opened = partial(
        open_ledger,
        asked.file,
        ledger_columns(declared),
        today=acting.today,
        mapping=read_mapping(asked.mapping_file),
        sheet=asked.sheet,
        words=app.declarations.heading_words,
    )
    memory = remembered(acting.ledger, declared.name)
    stream = None
    try:
        stream = opened(memory=memory)
        sheets = stream.sheets
    except UnknownHeadingsError as unknown:
        if asked.map_to is None and (asked.as_json or not can_ask()):
            raise
        sheets = unknown.sheets
    if asked.map_to is not None:
        write_mapping(declared, sheets, asked.file, asked.map_to)
        said = Text(
            "written: {out}; look through it, then: qingling import {file} --map {out}",
            "已生成 {out}；核对修改后：qingling import {file} --map {out}",
        )
        talk(said.format(out=asked.map_to, file=asked.file))
        return None
    decided = {} if asked.as_json else asked_about(declared, sheets)
    if decided:
        with acting.ledger.store.begin():
            remember(acting, declared.name, decided)
        acting.ledger.forget()
    if decided or stream is None:
        stream = opened(memory=together(memory, decided))
    return _Understood(declared, stream, said_by_mapping(stream))


def _begun(app: AppContext, asked: ImportRequest, understood: _Understood) -> tuple[ImportReport, "Intake"]:
    """Begin the report, and make what turns rows into what can be taken in."""
    from commands.imports.asking_once import asked_once, asked_unit
    from documents.ledger_in.constants import constants_typed
    from documents.ledger_in.registered_names import UnitUnsaid
    from engine.operations.house.directory import units
    from presentation.import_run import intake_for

    declared, stream, _ = understood
    today = app.acting.today
    report = ImportReport(declared, stream, asked.file, apply=asked.apply, strict=asked.strict, detailed=asked.as_json)
    constants = dict(constants_typed(declared, asked.settings, today=today))
    if not (asked.strict or asked.as_json):
        constants |= asked_once(declared, stream.sheets, constants, today=today)
    known, last = units(app.ledger), None
    if asked.unit is None and not (asked.strict or asked.as_json):
        last = asked_unit(stream.sheets, known)
    unsaid = UnitUnsaid(asked.unit, last)
    intake = intake_for(app.acting, declared, unsaid, known, constants, add_units=asked.add_units, strict=asked.strict)
    report.lacking(dict.fromkeys(problem for each in stream.sheets for problem in intake.lacking(each)))
    return report, intake


def _import(
    acting: "Acting", asked: ImportRequest, understood: _Understood, intake: "Intake", report: ImportReport
) -> Path | None:
    """Take all rows in, in one transaction that is kept only if it is to be, and only once the marked copy is written.

    Returns:
        Where the marked copy is.
    """
    from commands.imports.masking import agree_to_masking
    from engine.operations.imports.remembered_headings import remember
    from engine.operations.imports.transaction import all_or_nothing
    from presentation.import_run import take_all_in

    # The marked copy comes to its place after the transaction, so its stack is the outer one.
    with (
        ExitStack() as marking,
        _progress(understood.stream.expected) as one_more,
        all_or_nothing(acting.ledger) as fate,
    ):
        take_all_in(
            acting,
            understood.stream,
            intake,
            report,
            one_more,
            file=asked.file,
            name=asked.file.name,
            add_units=asked.add_units,
        )
        if report.to_be_kept and not asked.as_json:
            agree_to_masking(understood.workflow, report.masked)
        report.enrolled(intake)
        out = asked.marked or (_beside(asked.file) if asked.apply and report.to_be_marked else None)
        if out is not None:
            _mark(asked.file, marking.enter_context(_marked_copy(out)), understood.stream, report)
        if report.to_be_kept:
            remember(acting, understood.workflow.name, understood.decided)
            fate.keep()
    return out


def _beside(file: Path) -> Path:
    """Return a free name for the marked copy, beside the ledger: an earlier one may be half mended."""
    stem = file.stem.partition(MARKED)[0]
    found, count = file.with_name(f"{stem}{MARKED}.xlsx"), 1
    while found.exists():
        count += 1
        found = file.with_name(f"{stem}{MARKED}-{count}.xlsx")
    return found


def _marked_copy(out: Path) -> AbstractContextManager[Path]:
    """Lend the path of a marked copy, which holds all that the ledger holds: only its owner may read it.

    It comes to its place after what was imported is kept; before, nothing is kept either.

    Raises:
        BadFileError: If its folder cannot be made.
    """
    from engine.system.whole_files import make_folder, written

    make_folder(out.parent)
    return written(out)


def _mark(file: Path, out: Path, stream: "LedgerStream", report: ImportReport) -> None:
    """Write the marked copy."""
    from documents.ledger_in.marked_copy import write_marked

    write_marked(file, out, stream.reading(), problems=report.marks, outcomes=report.outcomes)


@contextmanager
def _progress(expected: int) -> Iterator[Callable[[], None]]:
    """Show a bar on stderr, if that is a terminal; yields what counts one row on."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    counted = 0
    with click.progressbar(length=max(expected, 1), label=t("importing", "导入"), file=sys.stderr) as bar:

        def one_more() -> None:
            nonlocal counted
            counted += 1
            if counted % 100 == 0:
                bar.update(100)

        yield one_more
        bar.update(max(expected - counted + counted % 100, 0))
