"""A row of a ledger as it is taken in, and what became of it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from engine.journal.ledger_row import OriginalRow, Question
from engine.language import Text


class Row(NamedTuple):
    """One row of a ledger, already read and normalised; a named tuple as a case is one."""

    at: str
    """Where it stands: sheet and row."""
    values: Mapping[str, object]
    unit: str
    """Code of the unit that it belongs to."""
    state: str | None = None
    """The state that the ledger says it is in, as declared; None if it says nothing."""
    words: str | None = None
    """How the ledger writes that state."""
    number: str = ""
    """The case's own number, if the ledger was exported from here."""
    revision: int | None = None
    """How many journal rows the case had when it was exported."""
    original: OriginalRow | None = None
    """The row as it stood, without what is to be sealed of it."""
    seal: str | None = None
    """What is to be sealed of the row as it stood."""
    questions: tuple[Question, ...] = ()
    """What of it could not be understood, or is missing though every case needs it."""

    @property
    def asked(self) -> frozenset[str]:
        """Return the fields that a question is about."""
        return frozenset(each.field for each in self.questions)


class Taken(NamedTuple):
    """What became, or would become, of one row."""

    at: str
    outcome: str
    """opened, updated, unchanged or refused."""
    number: str = ""
    """The case's number; empty before a new case is written, and for a refused row."""
    refusal: Text | None = None
    changed: tuple[str, ...] = ()
    """Fields that an update changes; `state` for a new legacy entry, `original` for the row as it stood."""
    left_out: Text | None = None
    """What the row says and the register, which goes before it, does not take over."""
    questions: tuple[Question, ...] = ()
    """What it asks that was not asked before."""


IDENTITY_ANSWER: Final = Text(
    "write the text without it, or keep it with --insist: qingling amend",
    "改写为不含该信息的文字；确须保留的，用 qingling amend 加 --insist 填写",
)
"""What answers the question about a text in which it could be read who somebody is."""


def is_of_identity(question: Question) -> bool:
    """Say whether a question is about a text in which an identity was masked."""
    return question.answer == (IDENTITY_ANSWER.en, IDENTITY_ANSWER.zh)
