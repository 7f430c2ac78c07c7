"""Signatures that are asked for and not given: the page that bears one on paper is entered, and kept with the case."""

from pathlib import Path
from tempfile import TemporaryDirectory

from desk.answers import Answer, GoTo
from desk.pages.cases import case_refused
from desk.pages.remarks import CAUGHT, name_of
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, NotFoundError
from engine.language import Text
from engine.operations.cases.signatures import Page
from engine.operations.deadlines.on_paper import enter_asked
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder
from engine.working_days.loose_dates import day_meant


def enter_page(visit: Visit) -> Answer:
    """Enter a signature on paper, or show the case with why it may not be."""
    asked = visit.asked
    case = visit.case(Deed.READ, asked.path["number"])
    try:
        sent = asked.files.get("page", ())
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        if len(sent) != 1:
            raise BadValueError(Text("choose the scanned page", "请选择签字页的扫描件"))
        name, today = name_of(sent[0]), visit.acting.today
        day = day_meant(asked.one("on"), today=today) if asked.one("on") else today
        acting, folder = visit.looked_through(as_seen=(case.number, seen), words={"title": name}), visit.files_folder
        make_folder(folder, mode=0o700)
        with TemporaryDirectory() as place:
            file = Path(place, name)
            file.write_bytes(sent[0].content)
            enter_asked(acting, case.number, asked.one("only"), Page(file, day), folder=folder)
    except (*CAUGHT, NotFoundError) as refused:
        return case_refused(visit, refused)
    return GoTo(to=f"/case/{case.number}?done={visit.ledger.case(case.number).revision}")
