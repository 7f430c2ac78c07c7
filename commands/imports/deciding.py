"""What a user decides about the headings of a ledger: asked at a terminal, remembered for the next of its shape."""

from typing import TYPE_CHECKING, Final, NamedTuple

from commands.console.output import can_ask, talk
from commands.console.prompts import answered, ask_words, normalized
from engine.language import t
from engine.workflow.model import Workflow
from presentation.import_words import every_field, field_title, is_sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.ledger_in.layout.recalled import Memory
    from documents.ledger_in.sheet_model import Heading, SheetRead


def asked_about(workflow: Workflow, sheets: "Sequence[SheetRead]") -> "Memory":
    """Ask about each column that may be a field, one question for a column; nothing where nobody can be asked.

    Returns:
        What was decided, by shape: the field, or None for a column that is none.
    """
    from documents.ledger_in.layout.recalled import shape_of

    decided: dict[str, dict[str, str | None]] = {}
    if not can_ask():
        return decided
    for sheet in sheets:
        shape = shape_of(sheet.headings)
        if shape not in decided:
            decided[shape] = _asked_of_sheet(workflow, sheet)
    return {shape: answers for shape, answers in decided.items() if answers}


def _asked_of_sheet(workflow: Workflow, sheet: "SheetRead") -> dict[str, str | None]:
    """Return what is answered about the columns of one sheet that were taken for no field."""
    unsure = [each for each in sheet.headings if each.how in {"asked", "unmatched"}]
    taken = {each.field for each in sheet.headings if each.field is not None}
    answers: dict[str, str | None] = {}
    for place, each in enumerate(unsure, start=1):
        if each.key in answers:
            continue
        answer = _asked_of_column(workflow, each, taken, t("({n} of {all})", "（{n}/{all}）", n=place, all=len(unsure)))
        if answer is _REST:
            answers.update((rest.key, None) for rest in unsure[place - 1 :])
            break
        answers[each.key] = answer.field
        if answer.field is not None:
            taken.add(answer.field)
    return answers


class _Answer(NamedTuple):
    """The field that a column was said to be; None for none."""

    field: str | None


_REST: Final = _Answer("-")
"""Answers for all columns that are left: none of them is a field."""


def _asked_of_column(workflow: Workflow, heading: "Heading", taken: set[str], count: str) -> _Answer:
    """Ask what one column is until that is understood: by a number, by the name of a field, by yes or no."""
    offered = [each for each in heading.candidates if each not in taken or is_sealed(workflow, each)]
    said = {normalized(str(each)): name for name in every_field(workflow) for each in _names(workflow, name)}
    talk(_question(workflow, heading, offered[0] if offered else None) + count)
    while True:
        talk(_choice(workflow, offered))
        typed = normalized(ask_words(t("which", "请选"), default="1" if offered else "0"))
        if typed.isdecimal() and int(typed) <= len(offered):
            return _Answer(offered[int(typed) - 1] if int(typed) else None)
        agreed = answered(typed)
        if agreed and offered:
            return _Answer(offered[0])
        if agreed is False:
            return _Answer(None)
        if typed == "-":
            return _REST
        near = [said[typed]] if typed in said else [name for word, name in said.items() if typed in word]
        near = [each for each in dict.fromkeys(near) if each not in taken or is_sealed(workflow, each)]
        if len(near) == 1:
            return _Answer(near[0])
        # A word that many fields have, or ?, shows the fields to choose from.
        every = [each for each in every_field(workflow) if each not in taken or is_sealed(workflow, each)]
        offered = near or every


def _choice(workflow: Workflow, offered: "Sequence[str]") -> str:
    """Return the numbered answers of one question."""
    numbered = [f"{place} {field_title(workflow, each)}" for place, each in enumerate(offered, start=1)]
    none = t("0 none of them (kept as it stands)", "0 都不是（原样保留）")
    more = t("? all fields", "? 全部字段")
    rest = t("- this and all that follow: none", "- 以下各列都原样保留")
    return "  " + "  ".join([*numbered, none, more, rest])


def _names(workflow: Workflow, name: str) -> "Sequence[str]":
    """Return what a field may be called in an answer."""
    title = field_title(workflow, name)
    return name, title.en, title.zh


def _question(workflow: Workflow, heading: "Heading", proposal: str | None) -> str:
    """Return what is asked about one column; what stands below is shown unless it may name somebody."""
    samples = t(" ({samples})", "（{samples}）", samples=t(", ", "、").join(heading.samples)) if heading.samples else ""
    asked = t("column {letter} “{text}”{samples}: what is it?", "{letter} 列“{text}”{samples}是哪一项？")
    if proposal is not None:
        asked = t("column {letter} “{text}”{samples}: is it {title}?", "{letter} 列“{text}”{samples}是不是“{title}”？")
    title = "" if proposal is None else field_title(workflow, proposal)
    return asked.format(letter=heading.letter, text=heading.text, samples=samples, title=title)
