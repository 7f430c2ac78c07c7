"""Cases that hold some words: found by the table of words, compared with what they hold."""

from collections.abc import Iterator
from typing import Final

from engine.errors import BadValueError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, search_rows
from engine.store.search_words import holds, terms_of, wanted

LONGEST: Final = 200
"""Characters of a search."""
AT_ONCE: Final = 1000
"""Cases whose words are taken into the index in one commit."""


def holding(
    ledger: Ledger,
    words: str,
    workflow: str,
    unit_id: int | None,
    state: str | None,
    *,
    open_only: bool,
    after_id: int,
    chunk: int,
) -> Iterator[list[Case]]:
    """Yield the cases of a workflow in whose values each of some words stands, by id, in chunks.

    Sealed values are never searched; of cases that a reader may not see none is found.

    Raises:
        BadValueError: If the words hold no letter or digit, or are too many.
    """
    terms = terms_of(words)
    if len(words) > LONGEST or not wanted(terms):
        raise BadValueError(
            Text(f"search for words, up to {LONGEST} characters", f"请输入要查找的词语，不超过 {LONGEST} 字")
        )
    store = ledger.store
    while ids := search_rows.found(
        store, terms, workflow=workflow, unit_id=unit_id, state=state, open_only=open_only, after_id=after_id,
        limit=chunk,
    ):  # fmt: skip
        after_id = ids[-1]
        cases = case_rows.by_ids(store, ids)
        yield [each for each in map(cases.__getitem__, ids) if holds(each.fields, terms)]


def take_words_in(ledger: Ledger) -> int:
    """Take into the index what cases are found by since the last time; return of how many cases.

    Found is the same with and without it; it is done by the way, in commits of some hundred cases.

    Raises:
        DatabaseError: If it cannot be written.
    """
    count = 0
    while True:
        with ledger.store.begin():
            taken = search_rows.take_in(ledger.store, limit=AT_ONCE)
        count += taken
        if taken < AT_ONCE:
            return count
