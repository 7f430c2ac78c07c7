"""Units or officers from a spreadsheet: shown row by row as they would be registered, then all of them or none."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from desk.answers import Answer, PageShown
from desk.pages.house import CAUGHT, refused_on, status_of
from desk.visit import Visit
from engine.errors import BadFileError, BadValueError, NotFoundError, QinglingError
from engine.language import Text
from engine.operations.house.enrolling import Enrolment
from engine.operations.ledger.administrators import refuse_unless
from engine.workflow.powers import Power

KINDS: Final = {
    "officer": (Text("Officers from a spreadsheet", "用电子表格登记人员"), Power.MANAGE_OFFICERS),
    "unit": (Text("Units from a spreadsheet", "用电子表格登记单位"), Power.KEEP_LEDGER),
}
"""What can be listed, what that is called, and by which power it is registered."""
_BROKEN: Final = Text("the form is broken; choose the file again", "表单内容有误，请重新选择文件")

Rows = Sequence[tuple[str, Mapping[str, str]]]
"""Where each row stands, and its values by column."""


def enrol(visit: Visit) -> Answer:
    """Show what becomes of each row of a list that was sent, or register them."""
    asked, tools = visit.asked, visit.settings.tools
    if tools is None or asked.one("kind") not in KINDS:
        raise NotFoundError(Text("this desk cannot do that", "本系统未提供此功能"))
    kind, is_applied = asked.one("kind"), bool(asked.one("_apply"))
    rows: Rows = ()
    found: Sequence[Enrolment] = ()
    refused: QinglingError | None = None
    try:
        refuse_unless(visit.acting, KINDS[kind][1])
        sent = asked.files.get("file", ())
        rows = tools.listed(kind, sent[0].name, sent[0].content) if sent else _brought(asked.one("_rows"))
        found = tools.enrol(visit.acting, kind, rows, is_applied)
    except (*CAUGHT, BadFileError) as error:
        refused = error
    judged = zip(rows if found else (), found, strict=True)
    bad = sum(each.refusal is not None for each in found)
    values = {
        **refused_on(visit, refused),
        "kind": kind,
        "title": KINDS[kind][0],
        "rows": [(at, each.code, each.name, each.refusal) for (at, _), each in judged],
        "bad": bad,
        "brought": json.dumps([[at, dict(each)] for at, each in rows], ensure_ascii=False),
        "is_done": is_applied and bool(found) and not bad,
    }
    return PageShown(template="house_enrolment.html", values=values, status=status_of(refused))


def _brought(words: str) -> Rows:
    """Return the rows that the form brings back after they were looked at.

    Raises:
        BadFileError: If no file was chosen.
        BadValueError: If they are none.
    """
    if not words:
        raise BadFileError(Text("choose a file", "请选择文件"))
    try:
        found = [(at, dict(each)) for at, each in json.loads(words)]
    except (ValueError, TypeError) as error:
        raise BadValueError(_BROKEN) from error
    if not all(isinstance(each, str) for at, row in found for each in (at, *row, *row.values())):
        raise BadValueError(_BROKEN)
    return found
