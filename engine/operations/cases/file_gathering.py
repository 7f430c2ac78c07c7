"""Gathers what the printed file of a case holds (一案一档): the case, its letters, signatures, papers and children.

Sealed values are never read, and neither are cases that the reader may not read. How it is laid out is left to
`documents.case_file`, its words to the commands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.journal.case_events import CaseEvent, LetterIssued, StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.events import legible
from engine.operations.cases.lookup import CaseView, view
from engine.operations.ledger.ledger import Ledger
from engine.workflow.case_file_layout import CaseFileLayout
from engine.workflow.model import FieldType, Workflow


@dataclass(frozen=True, kw_only=True, slots=True)
class FiledLetter:
    """A letter that was issued for the case."""

    at: int
    """When, in microseconds since 1970 UTC."""
    letter: str
    """Its kind."""
    number: str
    name: str
    """Of its file among those that are kept with the case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FiledMark:
    """A signature, or the number of a paper, with the act that brought it."""

    at: int
    """When, in microseconds since 1970 UTC."""
    by: str
    """Code of the officer who recorded it."""
    trigger: str | None
    """The step that brought it; None if it came otherwise, as at the opening."""
    field: str
    value: object


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """All that the file of one case holds."""

    view: CaseView
    workflow: Workflow
    """The version that the case goes by."""
    letters: tuple[FiledLetter, ...]
    """Oldest first."""
    signatures: tuple[FiledMark, ...]
    papers: tuple[FiledMark, ...]
    children: tuple["CaseFile", ...]
    """The cases that it opened, in order of registration."""


def gather_file(ledger: Ledger, number: str, *, now: datetime) -> CaseFile:
    """Return what the file of a case holds, with the files of all cases that it opened.

    Args:
        now: Aware instant.

    Raises:
        NotFoundError: If there is no such case.
    """
    with ledger.store.reading():
        seen = view(ledger, number, now=now)
        workflow = ledger.rules_of(seen.case).workflow
        layout = workflow.case_file or CaseFileLayout()
        return CaseFile(
            view=seen,
            workflow=workflow,
            letters=tuple(_letters(seen.timeline)),
            signatures=tuple(_marks(workflow, seen.timeline, layout.signatures)),
            papers=tuple(_marks(workflow, seen.timeline, layout.papers)),
            children=tuple(gather_file(ledger, each.number, now=now) for each in seen.children),
        )


def _letters(timeline: tuple[JournalEntry, ...]) -> Iterator[FiledLetter]:
    """Yield the letters that were issued."""
    for entry in timeline:
        if entry.kind == LetterIssued.kind:
            event = LetterIssued.read(entry.body)
            yield FiledLetter(at=entry.at, letter=event.letter, number=event.letter_number, name=event.name)


def _marks(workflow: Workflow, timeline: tuple[JournalEntry, ...], names: tuple[str, ...]) -> Iterator[FiledMark]:
    """Yield what was brought into the fields of those names, row by row: what a later step wrote over is there too."""
    wanted = [name for name in names if name in workflow.fields and workflow.fields[name].type is not FieldType.SEALED]
    for entry in timeline:
        event = legible(entry.kind, entry.body)
        if not isinstance(event, CaseEvent):
            continue
        trigger = event.trigger if isinstance(event, StepTaken) else None
        for name in wanted:
            value = event.brought.get(name)
            if value is not None:
                yield FiledMark(at=entry.at, by=entry.by, trigger=trigger, field=name, value=value)
