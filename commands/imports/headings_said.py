"""How the headings of a ledger were understood, as a table of a report."""

from itertools import islice
from typing import TYPE_CHECKING

from commands.console.command_lines import as_typed
from commands.console.output import print_table, say
from engine.language import t
from engine.workflow.model import Workflow
from presentation.import_words import HOWS, field_title

if TYPE_CHECKING:
    from documents.ledger_in.sheet_model import Heading, LedgerReading, SheetRead


def print_headings(workflow: Workflow, reading: "LedgerReading") -> None:
    """Print which field each heading was taken for; sheets with the same headings together."""
    alike: dict[tuple[tuple[str, str, str | None], ...], list[str]] = {}
    said: dict[tuple[tuple[str, str, str | None], ...], SheetRead] = {}
    for sheet in reading.sheets:
        key = tuple((each.letter, each.text, each.field) for each in sheet.headings)
        alike.setdefault(key, [])
        said.setdefault(key, sheet)
        if sheet.name not in alike[key]:  # several forms may stand on one sheet
            alike[key].append(sheet.name)
    for key, names in alike.items():
        sheet = said[key]
        rows = f"{sheet.header[0]}-{sheet.header[1]}" if sheet.header else ""
        where = t("header in row {rows}", "表头在第 {rows} 行", rows=_span(rows)) if rows else t("form", "单页表")
        if sheet.column is not None:
            where = t("turned: a lead in each column", "横排表：每列一条")
        if sheet.runner_up is not None:
            where = t(
                "{where}; it might be a table with its header in row {row}",
                "{where}；也可能是表头在第 {row} 行的台账",
                where=where,
                row=sheet.runner_up,
            )
        shown = t(", ", "、").join(islice(names, 6)) + (t(" and more", " 等") if len(names) > 6 else "")
        say(t("{shown} ({where})", "{shown}（{where}）", shown=shown, where=where))
        print_table(
            [t("column", "列"), t("heading", "表头"), t("field", "字段"), t("known by", "依据")],
            [
                (each.letter, each.text, field_words(workflow, each.field), _known_by(workflow, each))
                for each in sheet.headings
            ],
        )


def _known_by(workflow: Workflow, heading: "Heading") -> str:
    """Return how a heading was matched; of what was not, what it may be, as a line of a mapping says it."""
    if heading.proposal is None:
        return as_typed(str(HOWS[heading.how]))
    said = t(
        "perhaps {title}; to confirm, a line for --map: {text}: {field}",
        "可能是“{title}”；确认请在 --map 文件中写：{text}: {title}",
        title=field_title(workflow, heading.proposal),
        text=heading.text,
        field=heading.proposal,
    )
    return as_typed(said)


def field_words(workflow: Workflow, name: str | None) -> str:
    """Return what is typed for a field, or for a column beside the fields: in Chinese its title, else its name too."""
    if name is None:
        return ""
    title = field_title(workflow, name)
    return t("{title} ({name})", "{title}", title=title, name=name)


def _span(rows: str) -> str:
    """Return the rows of a header, one number if it is one row."""
    first, _, last = rows.partition("-")
    return first if first == last else rows
