"""What a letter gives to the step that records it: its number and what was entered for it, so that both agree.

Letters are issued in `operations.letters`; here their journal rows are read.
"""

from collections.abc import Mapping, Sequence

from engine.errors import RefusedError
from engine.journal.case_events import LetterIssued
from engine.journal.chain import JournalEntry
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.transitions import Rules
from engine.store import case_rows


def letters_to_record(entries: Sequence[JournalEntry]) -> tuple[LetterIssued, ...]:
    """Return the letters that a step is to record, oldest first: those issued since the case came into its state.

    Args:
        entries: The journal of a case, oldest first; it may leave out what is no letter and moves nothing.
    """
    found: list[LetterIssued] = []
    for each in entries:
        if each.from_state != each.to_state:
            found.clear()  # a letter that was sent, or came back, is behind the case
        elif each.kind == LetterIssued.kind:
            letter = LetterIssued.read(each.body)
            found += [letter] if letter.brings else []
    return tuple(found)


def letters_of(ledger: Ledger, case: Case) -> tuple[LetterIssued, ...]:
    """Return the letters that a step of *case* is to record, oldest first."""
    letters = map(LetterIssued.read, case_rows.newest_letters(ledger.store, case.id))
    return tuple(each for each in letters if each.brings)


def with_letter(
    ledger: Ledger, rules: Rules, case: Case, trigger: str, values: Mapping[str, object]
) -> Mapping[str, object]:
    """Return what a step brings, together with what was entered for the letter that it records.

    Args:
        values: As typed; they go before those of the letter.

    Raises:
        RefusedError: If they give another number than that under which a letter was issued.
    """
    if case.revision == 1:
        return values  # it was only opened: there is no letter yet, and no need to look
    fields = rules.workflow.fields
    takes = rules.machine.taken(case.state, trigger)
    if rules.texts.isdisjoint(takes):
        return values  # no number of a letter, which is text
    letters = letters_of(ledger, case)
    if not letters:
        return values
    newest = letters[-1]
    for name in _numbered(newest) & takes & set(values):
        given, known = str(values[name] or "").strip(), [each.letter_number for each in letters]
        if given not in known:
            title = fields[name].title
            raise RefusedError(
                Text(
                    f"'{title.en}' of {case.number} is {given or 'empty'}, but its letter was issued as {known[-1]};"
                    f" leave it out and that is taken, or issue one more (qingling letter {newest.letter} {case.number}"
                    " --another --reason …)",
                    f"{case.number} 的“{title.zh}”为 {given or '空'}，而登记簿编发的文号是 {known[-1]}；"
                    f"不填即取该文号，确需另发请用 qingling letter {newest.letter} {case.number} --another --reason …",
                )
            )
    return {**{name: value for name, value in newest.brings.items() if name in takes}, **values}


def _numbered(letter: LetterIssued) -> set[str]:
    """Return the field that the number of a letter goes into."""
    return {name for name, value in letter.brings.items() if value == letter.letter_number}
