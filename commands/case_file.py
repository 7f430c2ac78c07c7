"""`qingling case-file`: the whole file of a case as one paper to print (一案一档)."""

from pathlib import Path

import click

from commands.console.bilingual import command, json_option, option, pass_app
from commands.console.context import AppContext
from commands.console.output import print_json, say, talk
from commands.shared.handing_out import hand_out, purpose_option, refuse_taken, replace_option
from commands.shared.parameters import case_number
from commands.shared.reading import case_read
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed


@command(
    "case-file",
    en="Write the whole file of a case to print: cover with secrecy and retention, contents, entries, deadlines, "
    "letters, signatures, papers, list of attachments, history, and the same of every case that it opened. Who "
    "reports is sealed and never in it. It is journaled with its digest.",
    zh="将一件事项的全部材料汇成一份可打印的案卷（一案一档）：封面（含密级、保管期限）、卷内目录、登记事项、期限、文书、"
    "签批、文件依据、附件清单、办理经过，以及下属各事项。举报人身份已密封，不写入案卷。每次生成连同文件摘要记入日志。",
    example=Text(
        "qingling case-file 0101-XS-2019-0001 -o file.docx --reason archive",
        "qingling case-file 0101-XS-2019-0001 -o 案卷.docx --reason 归档",
    ),
)
@case_number
@option(
    "-o", "--out", metavar="FILE", required=True, type=click.Path(path_type=Path),
    en="The docx to write.", zh="写到哪个 docx 文件。",
)  # fmt: skip
@replace_option
@purpose_option
@json_option
@pass_app
def case_file(app: AppContext, number: str, out: Path, replace: bool, reason: str, as_json: bool) -> None:
    """Write the file of the case."""
    from documents.case_file.case_file_docx import write_case_file
    from engine.operations.cases.exporting import may_export
    from engine.operations.cases.file_gathering import gather_file
    from engine.operations.ledger.hand_clock import mark_of
    from engine.working_days.instants import local_time
    from presentation.case_file_view import sheets_of

    if out.suffix.lower() != ".docx":
        raise BadValueError(Text(f"{out}: name a file that ends in .docx", f"{out}：文件名须以 .docx 结尾"))
    refuse_taken(out, replace=replace)
    acting = app.acting
    ledger = case_read(app, Deed.PRINT, number)
    case = ledger.case(number)
    may_export(acting, unit=case.unit)
    filed = gather_file(ledger, number, now=app.now)
    at = local_time(acting.now_at, ledger.zone).strftime("%Y-%m-%d %H:%M")
    made = t("printed {at} by {who}", "{at} 由{who}打印", at=at, who=ledger.naming.officer(acting.by))
    sheets = sheets_of(ledger, filed, now=app.now, made=made, mark=str(mark_of(ledger) or ""))

    def write(file: Path, _scratch: Path) -> int:
        write_case_file(sheets, file)
        return 1

    _, digest = hand_out(
        acting, "case-file docx", out, write, scope={"case": case.number}, reason=reason, replace=replace
    )
    if as_json:
        parts = [each.title for each in sheets.parts]
        print_json({"file": str(out), "case": case.number, "sha256": digest, "parts": parts})
        return
    say(str(out))
    talk(t("sha256 {digest}; in the journal", "sha256 {digest}；已记入日志", digest=digest))
