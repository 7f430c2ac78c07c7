"""What was sealed and is opened, with its titles; shown once, and kept nowhere."""

from collections.abc import Iterable, Iterator

from engine.journal.ledger_row import ORIGINAL_SEAL, opened_original
from engine.language import Text
from engine.operations.cases.lookup import log
from engine.operations.cases.sealed_values import Opened
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from presentation.question_view import originals_of

ORIGINAL = Text("the ledger's row as it stood", "导入时的原行")


def sealed_title(ledger: Ledger, case: Case, field: str) -> Text:
    """Return what a sealed field is called."""
    return ORIGINAL if field == ORIGINAL_SEAL else ledger.rules_of(case).workflow.fields[field].title


def opened_pairs(ledger: Ledger, case: Case, opened: Iterable[Opened]) -> Iterator[tuple[str, str]]:
    """Yield title and text of what was opened; of a ledger's row each cell that was sealed."""
    for each in opened:
        if each.field != ORIGINAL_SEAL:
            yield str(sealed_title(ledger, case, each.field)), each.value
            continue
        for seq, _, row in originals_of(log(ledger, case.number)):
            if seq == each.seq:
                whole = opened_original(row, each.value)
                for place in row.sealed_at:
                    heading, text = whole.cells[place]
                    yield f"{heading} [{row.at}]", text
                for place, comment in set(whole.comments).difference(row.comments):
                    said = Text("{heading} (comment)", "{heading}（批注）").format(heading=row.cells[place][0])
                    yield f"{said} [{row.at}]", comment
