"""What is written about many cases at once, outside their steps: corrections and notes, with a verdict for each."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from engine.errors import QinglingError
from engine.language import Text
from engine.operations.cases.bulk import OF_ONE_CASE, BulkResult
from engine.operations.cases.casework import write_correction, write_note
from engine.operations.cases.commit import Outcome
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.undoing import undone_if_refused
from engine.rules.case import Case
from engine.rules.values import check_values


def amend_many(
    acting: Acting,
    workflow: str,
    chunks: Iterator[list[Case]],
    values: Mapping[str, object],
    *,
    reason: str,
    apply: bool = False,
) -> Iterator[BulkResult]:
    """Correct the same values in many cases; yield a verdict for each, after its chunk was committed.

    Without *apply* nothing is written. What is wrong with one case stops none of the others.

    Raises:
        BadValueError: If values are not what the fields hold in the latest version.
    """
    ledger = acting.ledger
    rules = ledger.rules(workflow)
    officers, units = ledger.known_codes()
    by_type = {each.name for each in rules.by_type}  # what these mean depends on the case
    alike = {name: value for name, value in values.items() if name not in by_type}
    check_values(rules.workflow, alike, officers=officers, units=units, today=acting.today)
    yield from _each(acting, chunks, partial(write_correction, values=values, reason=reason), apply=apply)


def note_many(acting: Acting, chunks: Iterator[list[Case]], words: str, *, apply: bool = False) -> Iterator[BulkResult]:
    """Write the same remark with many cases; yield a verdict for each, after its chunk was committed."""
    yield from _each(acting, chunks, partial(write_note, words=words), apply=apply)


class _OnlyTriedError(QinglingError):
    """Undoes what was written to see whether it could be."""


def _undo_unless(apply: bool) -> None:
    """Refuse what was only tried."""
    if not apply:
        raise _OnlyTriedError(Text("only tried", "仅试办"))


def _each(
    acting: Acting, chunks: Iterator[list[Case]], write: Callable[[Acting, str], Outcome], *, apply: bool
) -> Iterator[BulkResult]:
    """Write about each case by itself, a chunk in one commit, or write it and undo it again."""
    for chunk in chunks:
        with acting.ledger.store.begin():
            verdicts = [_verdict(acting, case, write, apply=apply) for case in chunk]
        yield from verdicts


def _verdict(acting: Acting, case: Case, write: Callable[[Acting, str], Outcome], *, apply: bool) -> BulkResult:
    """Return what became of one case, or would; inside `begin`."""
    try:
        with undone_if_refused(acting.ledger):
            write(acting, case.number)
            _undo_unless(apply)
    except _OnlyTriedError:
        return BulkResult(case.number, case.state, None)
    except OF_ONE_CASE as refused:
        return BulkResult(case.number, case.state, refused.sentence)
    return BulkResult(case.number, case.state, None)
