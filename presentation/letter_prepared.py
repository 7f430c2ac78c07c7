"""A letter made ready: its facts gathered and put into words, and its paper, the same from every face of the program.

What it may say is left to `documents.letters`, what may be done to `engine.operations.letters`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from documents.letters.draft import LetterDraft, drafted, places_of, read_given
from documents.letters.fill import KeptTemplate, filled, prove
from documents.letters.kinds import LetterKind
from engine.operations.house.checkpoints import newest
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.letters.gather import LetterFacts, LetterRequest, gather
from engine.rules.case import Case
from presentation.letter_book import LetterBook, letters_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedLetter:
    """A letter that lacks at most its number, or what its draft names."""

    kind: LetterKind
    facts: LetterFacts
    draft: LetterDraft
    template: KeptTemplate
    mark: str
    """Stands above every page of a rehearsal; else empty."""
    code: str
    """The short code of the journal's checkpoint as papers show it; empty if there is none."""
    checkpoint: str
    """That checkpoint as a signed note; empty if there is none."""

    def paper(self, number: str) -> bytes:
        """Return the .docx with its number.

        Raises:
            BadFileError: If the template cannot be filled.
        """
        return filled(
            self.template,
            self.draft.context,
            number=number,
            mark=self.mark,
            code=self.code,
            checkpoint=self.checkpoint,
        )

    def sample(self) -> bytes:
        """Return the .docx without a number.

        Raises:
            BadFileError: If the template cannot be filled.
        """
        return self.paper(f"{self.facts.code or '××'}{self.kind.series}〔{self.facts.today.year}〕　号（样稿）")


def request_of(kind: LetterKind, book: LetterBook | None = None) -> LetterRequest:
    """Return what the engine must know of a kind; without a book not which texts it is made from."""
    return LetterRequest(
        kind=kind.name,
        title=kind.title,
        series=kind.series,
        states=kind.states,
        only=kind.only,
        by=kind.by,
        about=kind.about,
        number_field=kind.number_field,
        places=places_of(kind),
        made_from=() if book is None else book.made_from(kind),
    )


def prepared(
    acting: Acting,
    case: Case,
    kind: LetterKind,
    given: Mapping[str, str],
    *,
    code: str | None = None,
    deadline: str | None = None,
    names: Iterable[str] = (),
    no_names: Iterable[str] = (),
) -> PreparedLetter:
    """Return a letter made ready, from the template that the ledger has adopted.

    Args:
        acting: With what its writer insisted on.
        given: Values by name, as the officer typed them.
        code: Begins its number; None for the one of the letterhead.
        deadline: The declared deadline that it is about; None for the one that asks for it.
        names: Names of those reported that it must shorten.
        no_names: Words that are no names of theirs.

    Raises:
        RefusedError: If the officer may not issue it, or a text shows who somebody is.
        BadValueError: If a value, or the code, is none.
        BadFileError: If the template cannot be used.
        NotFoundError: If there is no such deadline or officer.
    """
    read = read_given(kind, given, today=acting.today)
    book = letters_of(acting.ledger)
    facts = gather(acting, case, request_of(kind, book), read, code=code, deadline=deadline)
    template = book.template(kind)
    draft = drafted(
        kind,
        facts.found,
        facts.given,
        shows=prove(template, kind),
        today=facts.today,
        names=tuple(names),
        no_names=tuple(no_names),
    )
    checkpoint = newest(acting.ledger)
    return PreparedLetter(
        kind=kind,
        facts=facts,
        draft=draft,
        template=template,
        mark=str(mark_of(acting.ledger) or ""),
        code="" if checkpoint is None else f"核验码 {checkpoint.short_code}",
        checkpoint="" if checkpoint is None else str(checkpoint),
    )
