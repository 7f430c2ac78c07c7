"""Asks at a terminal for what a ledger has no column for, once for all its rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from commands.console.output import can_ask, talk
from engine.errors import BadValueError
from engine.language import t
from engine.workflow.model import Field, Workflow

if TYPE_CHECKING:
    from documents.ledger_in.sheet_model import SheetRead, WantedColumn


def asked_once(
    workflow: Workflow, sheets: "Sequence[SheetRead]", known: Mapping[str, object], *, today: date
) -> dict[str, object]:
    """Return what was answered for fields that every case needs and no sheet has a column for; nothing off a terminal.

    An empty answer leaves the question to each case.

    Args:
        known: What holds for all rows already.
        today: Local date.
    """
    from documents.ledger_in.columns import NUMBER, ledger_columns
    from documents.ledger_in.intake import has_column

    if not can_ask() or any(has_column(each, NUMBER) for each in sheets):
        return {}
    columns = {each.name: each for each in ledger_columns(workflow)}
    found: dict[str, object] = {}
    for field in workflow.fields.values():
        missing = field.required and field.name != workflow.summary and field.name not in known
        if missing and not any(has_column(each, field.name) for each in sheets):
            value = _asked(field, columns[field.name], today=today)
            if value is not None:
                found[field.name] = value
    return found


def _asked(field: Field, column: "WantedColumn", *, today: date) -> object:
    """Ask for one value until it is one, or nothing is answered."""
    from documents.ledger_in.constants import FROM_SHEET, constant

    said = t(
        "no column for {title}; what is it in all rows? (Enter: ask about each lead; {sheet}: the sheet's name)",
        "没有“{title}”一栏；各行统一填什么？（回车：逐件待核对；{sheet}：取工作表名）",
        title=field.title,
        sheet=FROM_SHEET,
    )
    while True:
        typed = click.prompt(said, default="", show_default=False, err=True).strip()
        if not typed or typed == FROM_SHEET:
            return typed or None
        try:
            return constant(column, typed, today=today)
        except BadValueError as error:
            talk(str(error))
