"""The whole file of a case as one paper to print, made in a job and journaled before anybody has it."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from desk.answers import Answer, GoTo
from desk.jobs import Job
from desk.made_files import MadeFile, hand_out
from desk.pages.cases import case_refused
from desk.pages.issuing import FILE
from desk.visit import Visit
from engine.errors import BadValueError, RefusedError
from engine.language import Text, t
from engine.operations.cases.exporting import may_export
from engine.operations.cases.file_gathering import gather_file
from engine.operations.ledger.hand_clock import mark_of
from engine.rules.reading_rights import Deed
from engine.working_days.instants import local_time
from presentation.case_file_view import sheets_of

_WHAT: Final = "case-file docx"
"""How the journal says what was handed out, as the command says it."""


def begin_case_file(visit: Visit) -> Answer:
    """Begin to write the file of a case, or show the case with why that may not be."""
    case = visit.case(Deed.PRINT, visit.asked.path["number"])
    try:
        may_export(visit.acting, unit=case.unit)
        job = _begun(visit, case.number, visit.asked.one("reason"))
    except (BadValueError, RefusedError) as refused:
        return case_refused(visit, refused)
    return GoTo(to=job.address)


def _begun(visit: Visit, number: str, reason: str) -> Job:
    """Begin to write the file of a case.

    Raises:
        RefusedError: If the officer has too much begun.
    """
    words = Text("the whole file of the case; in the journal", "案卷已生成，已记入日志")
    name = t("File of {number}.docx", "案卷 {number}.docx", number=number)
    made = MadeFile(name=name, words=words, back=f"/case/{quote(number)}", back_words=Text(number, number))
    title = Text(f"File of case {number}", f"案卷：{number}")
    job = Job(officer=visit.officer, kind=FILE, title=title, subject=made, case=number)

    def work(inside: Visit, _job: Job) -> None:
        from documents.case_file.case_file_docx import write_case_file

        case = inside.case(Deed.PRINT, number, file="case-file")
        may_export(inside.acting, unit=case.unit)  # it may have been handed over since the press
        ledger = inside.ledger
        at = local_time(inside.acting.now_at, ledger.zone).strftime("%Y-%m-%d %H:%M")
        who = ledger.naming.person(inside.officer).name
        said = t("printed {at} by {who}", "{at} 由{who}打印", at=at, who=who)
        filed = gather_file(ledger, case.number, now=inside.now)
        sheets = sheets_of(ledger, filed, now=inside.now, made=said, mark=str(mark_of(ledger) or ""))

        def write(file: Path, _scratch: Path) -> int:
            write_case_file(sheets, file)
            return 1

        made.file, made.count, made.digest = hand_out(
            inside, _WHAT, made.name, write, scope={"case": case.number}, reason=reason, counted=lambda *_: None
        )

    visit.background.jobs.keep(job)
    visit.background.start(visit, job, work)
    return job
