"""By whom, by what words and by what is given once cases are found after a change: one case, or many by one step."""

from collections.abc import Iterable, Mapping

from engine.operations.cases.uniqueness import ValuesMoved, moves_given
from engine.operations.cases.uniqueness import follow as follow_given
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Decision
from engine.store import named_rows, search_rows
from engine.store.search_words import differ


def follow_one(ledger: Ledger, case: Case, decision: Decision) -> None:
    """Write by whom, by what words and by what is given once a case is found from now on; inside `begin`.

    Only what the event replaced and brought is looked at, and not every value that the case has.
    """
    rules, fields, event = ledger.rules_of(case), decision.fields, decision.event
    if moves_given(rules, case, decision.clearance, fields):
        follow_given(ledger, [ValuesMoved(case, rules, case.id, decision.clearance, fields)])
    if fields is case.fields:  # a row that brings no value hands on the same mapping
        return
    gone, added = rules.named_otherwise(event, fields)
    if gone or added:
        named_rows.follow(ledger.store, [(case.id, gone, added)])
    if differ(event.replaced, event.brought):
        search_rows.note(ledger.store, [(case.id, case.fields)])


def follow_many(ledger: Ledger, decided: Iterable[tuple[Case, Decision]]) -> None:
    """Write by whom, by what words and by what is given once the cases are found from now on; inside `begin`.

    An event says which values it replaced and what it brought. That is all that can differ, and where nothing was
    replaced, one event is shared by all cases that go on alike: a thousand of them are then looked at once. The
    caller holds all events, so that none takes the identity of another.
    """
    known: dict[int, tuple[frozenset[str], frozenset[str], bool, bool]] = {}
    named: list[tuple[int, frozenset[str], frozenset[str]]] = []
    worded: list[tuple[int, Mapping[str, object]]] = []
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
            worded.append((case.id, case.fields))
        if once:
            moved.append(ValuesMoved(case, ledger.rules_of(case), case.id, decision.clearance, decision.fields))
    named_rows.follow(ledger.store, named)
    follow_given(ledger, moved)
    search_rows.note(ledger.store, worded)
