"""Counts again what older programs counted wrong: cases whose state a ledger named later counted by the one before.

No row is rewritten. A row of the program says which rows it counts again, and how the case counts by its rules, its
deadlines and its letters now; figures, lists and clearing to zero follow it.
"""

from collections import defaultdict
from typing import Final

from engine.journal.break_verdicts import COUNT
from engine.journal.case_events import CaseAmended
from engine.operations.cases.commit import write_decision
from engine.operations.house.verifying import breaks_of_cases
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.ledger_naming import PROGRAM
from engine.rules.case import Count, Decision
from engine.store import case_rows, legacy_rows

REASON: Final = "recounted"
"""What the program writes as the reason; it is put into words where it is shown."""


def miscounted(ledger: Ledger) -> dict[int, tuple[int, ...]]:
    """Return the rows of ledgers that count their case otherwise than its rules, and that no row counts again.

    Returns:
        By id of the case, in their order.
    """
    places, found = legacy_rows.named_later(ledger.store), defaultdict[int, list[int]](list)
    numbers = {case_rows.by_id(ledger.store, each).number: each for each in places}
    for each in breaks_of_cases(ledger, sorted(places)):
        case_id = numbers.get(each.case)
        if each.what == COUNT and case_id is not None and each.seq in places[case_id]:
            found[case_id].append(each.seq)
    return {case_id: tuple(rows) for case_id, rows in sorted(found.items())}


def count_again(acting: Acting) -> int:
    """Write a row into each case that a ledger's row counts wrong, and return of how many; inside `begin`."""
    ledger = acting.ledger
    program, wrong = Acting(ledger, PROGRAM, acting.now), miscounted(ledger)
    for case_id, rows in wrong.items():
        case = case_rows.by_id(ledger.store, case_id)
        rules = ledger.rules_of(case)
        scope = rules.scope(case, case.fields, ledger.family(case, rules.counting), by=PROGRAM, today=program.today)
        count = case.clearance if case.clearance > Count.FULLY_CLOSED else int(rules.count(case.state, scope))
        event = CaseAmended(reason=REASON, set={}, was={}, recounts=rows)
        write_decision(program, case, Decision(event, case.state, case.fields, count, rules.applies(scope)))
    return len(wrong)
