"""What a user decides about the headings of a ledger: asked at a terminal, remembered for the next of its shape."""

from typing import TYPE_CHECKING

from commands.console.output import can_ask
from commands.console.prompts import ask_yes
from commands.imports.words import BESIDES
from engine.language import Text, t
from engine.workflow.model import Workflow

if TYPE_CHECKING:
    from documents.ledger_in.layout.recalled import Memory
    from documents.ledger_in.rows import LedgerStream
    from documents.ledger_in.sheet_model import Heading


def field_title(workflow: Workflow, name: str) -> Text:
    """Return what a field, or a column beside the fields, is called."""
    field = workflow.fields.get(name)
    return field.title if field else BESIDES.get(name, Text(name, name))


def asked_about(workflow: Workflow, stream: "LedgerStream") -> "Memory":
    """Ask about each column that may be a field, one question for a column; nothing where nobody can be asked.

    Returns:
        What was decided, by shape: the field, or None for a column that is none.
    """
    from documents.ledger_in.layout.recalled import shape_of

    decided: dict[str, dict[str, str | None]] = {}
    if not can_ask():
        return decided
    for sheet in stream.sheets:
        answers = decided.setdefault(shape_of(sheet.headings), {})
        for each in sheet.headings:
            if each.proposal is not None and each.key not in answers:
                answers[each.key] = each.proposal if ask_yes(_question(workflow, each)) else None
    return {shape: answers for shape, answers in decided.items() if answers}


def said_by_mapping(stream: "LedgerStream") -> "Memory":
    """Return what the user's mapping decided, by shape: it holds for the next ledger of that shape too."""
    from documents.ledger_in.layout.recalled import shape_of

    found = {
        shape_of(sheet.headings): {each.key: each.field for each in sheet.headings if each.how == "mapping"}
        for sheet in stream.sheets
        if sheet.shape == "table"
    }
    return {shape: columns for shape, columns in found.items() if columns}


def together(*memories: "Memory") -> "Memory":
    """Return several memories as one; later ones decide."""
    found: dict[str, dict[str, str | None]] = {}
    for memory in memories:
        for shape, columns in memory.items():
            found.setdefault(shape, {}).update(columns)
    return found


def _question(workflow: Workflow, heading: "Heading") -> str:
    """Return what is asked about one column; what stands below is shown unless it may name somebody."""
    assert heading.proposal is not None
    samples = t(" ({samples})", "（{samples}）", samples=t(", ", "、").join(heading.samples)) if heading.samples else ""
    return t(
        "column {letter} “{text}”{samples}: is it {title}?",
        "{letter} 列“{text}”{samples}是不是“{title}”？",
        letter=heading.letter,
        text=heading.text,
        samples=samples,
        title=field_title(workflow, heading.proposal),
    )
