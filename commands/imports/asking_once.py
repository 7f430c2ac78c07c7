"""Asks at a terminal for what a ledger has no column for, once for all its rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from commands.console.output import can_ask, talk
from engine.errors import BadValueError
from engine.language import t
from engine.workflow.model import Field, Workflow
from engine.workflow.problems import did_you_mean

if TYPE_CHECKING:
    from documents.ledger_in.registered_names import RegisteredUnit
    from documents.ledger_in.sheet_model import SheetRead, WantedColumn

_SHOWN: Final = 9
"""So many units are named in a question."""


def asked_once(
    workflow: Workflow, sheets: "Sequence[SheetRead]", known: Mapping[str, object], *, today: date
) -> dict[str, object]:
    """Return what was answered for fields that every case needs and no sheet has a column for; nothing off a terminal.

    An empty answer leaves the question to each case.

    Args:
        known: What holds for all rows already.
        today: Local date.
    """
    from documents.ledger_in.columns import ledger_columns
    from presentation.import_run import fields_unsaid

    if not can_ask():
        return {}
    columns = {each.name: each for each in ledger_columns(workflow)}
    found: dict[str, object] = {}
    for field in fields_unsaid(workflow, sheets, known.keys()):
        value = _asked(field, columns[field.name], today=today)
        if value is not None:
            found[field.name] = value
    return found


def asked_unit(sheets: "Sequence[SheetRead]", units: "Sequence[RegisteredUnit]") -> str | None:
    """Return the code of the unit that a sheet without a column for it was said to belong to; None off a terminal.

    An empty answer leaves it open: the rows are then refused, since a lead without a unit is nobody's.
    """
    from documents.ledger_in.registered_names import RegisteredNames
    from presentation.import_run import is_unit_unsaid

    open_ones = [each for each in units if each.closed_at is None]
    if not can_ask() or not is_unit_unsaid(sheets, open_ones):
        return None
    named = RegisteredNames(((each.code, each.name) for each in open_ones), places=True)
    some = t(", ", "、").join(f"{each.name}（{each.code}）" for each in open_ones[:_SHOWN])
    more = t(" and more", " 等") if len(open_ones) > _SHOWN else ""
    said = t(
        "no column for the unit; whose are the rows that name none? code or name: {some}{more}",
        "没有“所属单位”一栏；未写明的各行归哪个单位？填代码或名称：{some}{more}",
        some=some,
        more=more,
    )
    while typed := click.prompt(said, default="", show_default=False, err=True, prompt_suffix=t(": ", "：")).strip():
        if (found := named.code(typed)) is not None:
            return found
        near = did_you_mean(typed, named.words)
        talk(t("no unit is registered as “{it}”{near}", "没有登记单位“{it}”{near}", it=typed, near=near))
    return None


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
        typed = click.prompt(said, default="", show_default=False, err=True, prompt_suffix=t(": ", "：")).strip()
        if not typed or typed == FROM_SHEET:
            return typed or None
        try:
            return constant(column, typed, today=today, said="")
        except BadValueError as error:
            talk(error)
