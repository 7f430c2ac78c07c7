"""By whom, by what words and by what is given once many cases are found once a step was taken with all of them."""

from collections.abc import Iterable, Mapping

from engine.operations.cases.uniqueness import ValuesMoved
from engine.operations.cases.uniqueness import follow as follow_given
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Decision
from engine.store import named_rows, search_rows
from engine.store.search_words import differ


def follow_many(ledger: Ledger, decided: Iterable[tuple[Case, Decision]]) -> None:
    """Write by whom, by what words and by what is given once the cases are found from now on; inside `begin`.

    An event says which values it replaced and what it brought. That is all that can differ, and where nothing was
    replaced, one event is shared by all cases that go on alike: a thousand of them are then looked at once. The
    caller holds all events, so that none takes the identity of another.
    """
    known: dict[int, tuple[frozenset[str], frozenset[str], bool, bool]] = {}
    named: list[tuple[int, frozenset[str], frozenset[str]]] = []
    worded: list[tuple[int, Mapping[str, object], Mapping[str, object]]] = []
    moved: list[ValuesMoved] = []
    for case, decision in decided:
        event = decision.event
        found = known.get(id(event))
        if found is None:
            rules = ledger.rules_of(case)
            once = not rules.unique.isdisjoint((*event.replaced, *event.brought))
            people = rules.named_otherwise(event, decision.fields)
            found = *people, differ(event.replaced, event.brought), once
            if not event.replaced:  # else who left this case may still stand in a field of the next
                known[id(event)] = found
        gone, added, words, once = found
        if gone or added:
            named.append((case.id, gone, added))
        if words:
            worded.append((case.id, case.fields, decision.fields))
        if once:
            moved.append(ValuesMoved(case, ledger.rules_of(case), case.id, decision.clearance, decision.fields))
    named_rows.follow(ledger.store, named)
    follow_given(ledger, moved)
    search_rows.follow(ledger.store, worded)
