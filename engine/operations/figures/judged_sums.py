"""Whether the sums that are kept are what the cases come to: counted again, and compared letter by letter."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from engine.campaigns.measures import Measures
from engine.journal.canonical import canonical
from engine.journal.chain import Break
from engine.operations.figures.counted_part import FiguresAsked
from engine.operations.figures.counting import Counting, parts_of
from engine.operations.figures.kept_sums import KeptSums, SumsAsked, asked_in, sums_asked
from engine.operations.figures.part_plain import text_of
from engine.operations.figures.report_figures import begun_part, choice_fields
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import sum_rows

_LATER = datetime.max.replace(tzinfo=UTC)
"""When every day is over: no sum is kept that the hour of asking decides."""


def wrong_sums(ledger: Ledger, measures_of: Callable[[str], Measures]) -> Iterator[Break]:
    """Yield the sums that would be taken into a report and are not what their cases come to.

    What is kept of another declaration, or of cases that have gone on since, is never taken, and not looked at.

    Args:
        measures_of: Gives the rates and times of stages that reports of a workflow count.
    """
    if not ledger.store.sees_all or not sum_rows.is_open_to(ledger.store):
        return
    known = set(ledger.workflows.names())
    with ledger.store.reading():
        for key in sum_rows.all_asked(ledger.store):
            about = asked_in(key)
            if about is not None and about.workflow in known:
                yield from _wrong(ledger, key, about, measures_of(about.workflow))


def _wrong(ledger: Ledger, key: str, about: SumsAsked, measures: Measures) -> Iterator[Break]:
    """Yield the sums of one report that are not what their cases come to."""
    declared = ledger.rules(about.workflow).workflow
    asked = FiguresAsked(workflow=about.workflow, period=about.period, fields=choice_fields(declared), unit_id=None)
    again = sums_asked(ledger, asked, measures, longest=about.longest)
    if again is None or canonical(list(again)) != key:
        return
    kept = KeptSums(ledger, about, now=_LATER)
    texts = dict(kept.texts())
    if not texts:
        return
    whole = begun_part(ledger, asked, house.units(ledger.store), measures, longest=about.longest, now=_LATER)
    counting = Counting(ledger, asked, whole)
    for block, part in parts_of(counting, whole, sorted(texts), counting.looked_at(), bits=kept.bits):
        if text_of(part) != texts[block]:
            which = f"{about.workflow} {about.first}..{about.until} #{block}"
            yield Break(case="", seq=0, what="kept sum", which=which)
