"""A ledger that leaves the house, for every face of the program: which cases, in which words, into which file."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from documents.ledger_out.formats import Format
from documents.ledger_out.write import LedgerHouse, write_ledger
from engine.language import t
from engine.operations.cases.exporting import ExportedCase, Scope, house_names, original_cells, standings
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.older_versions import deadline_then
from engine.workflow.model import Workflow
from engine.working_days.instants import local_time
from presentation.case_view import state_words


def write_scope(
    acting: Acting,
    form: Format,
    scope: Scope,
    file: Path,
    scratch: Path,
    *,
    said: list[str],
    originals: bool,
    one_more: Callable[[], None],
) -> int:
    """Write the cases in *scope* into a file and return how many they are.

    Args:
        acting: Over the ledger as its reader may see it.
        file: Its ending says how.
        scratch: A private folder for what is on its way.
        said: Which of them were asked for, in words.
        originals: Write the columns of the ledgers that they came from as well.
        one_more: Called for each case.

    Raises:
        RefusedError: If the expression is not sound.
    """
    ledger, ending = acting.ledger, file.suffix.lower()
    with ledger.reading():
        kept = original_cells(acting, scope) if originals else {}
        house = LedgerHouse(
            name=str(ledger.settings.get("name") or ""),
            unit=scope.unit,
            names=house_names(ledger),
            workflow_of=lambda case: ledger.rules_of(case).workflow,
            calendar_of=ledger.calendar_of,
            today=acting.today,
            now=local_time(acting.now_at, ledger.zone),
            scope=said,
            mark=str(mark_of(ledger) or ""),
            headings=tuple(dict.fromkeys(heading for cells in kept.values() for heading in cells)),
            original=lambda case: kept.get(case.id, {}),
            older=partial(deadline_then, ledger),
            veiled=ledger.naming.veiled if acting.ledger.reader is not None and acting.ledger.reader.hidden else str,
        )
        found = standings(acting, scope, ended=ending == ".json" or form.shows_ended)
        return write_ledger(house, form, _counted(found, one_more), file, ending, scratch=scratch)


def _counted(found: Iterable[ExportedCase], one_more: Callable[[], None]) -> Iterator[ExportedCase]:
    """Yield what was found, and count each."""
    for each in found:
        one_more()
        yield each


def both(first: str | None, second: str | None) -> str | None:
    """Return the expression for which both hold."""
    asked = [each for each in (first, second) if each is not None]
    return asked[0] if len(asked) == 1 else " and ".join(f"({each})" for each in asked) or None


def rows_asked(workflow: Workflow, state: str | None, where: str | None, *, open_only: bool) -> list[str]:
    """Return which rows were asked for, in words, so that a part of a ledger is not taken for the whole."""
    said = [t("only what is not cleared", "仅未办结的")] if open_only else []
    if state is not None:
        said.append(t("only in the state '{state}'", "仅“{state}”的", state=state_words(workflow, state)))
    if where is not None:
        said.append(t("only where {where}", "仅符合条件的：{where}", where=where))
    return said
