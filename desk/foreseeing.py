"""What a deed would write about which cases: done, read and undone again, to be looked at before it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.case_shown import entries_shown, title_of
from desk.visit import Visit
from engine.language import Text
from engine.operations.cases.succession import in_charge
from engine.operations.ledger.changed_cases import all_of_unit, written_since
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import digest_of
from engine.rules.case import Case
from engine.rules.reading_rights import Deed

LOOK: Final = "look-"
"""Before the name of a deed on a button by which it is only looked at what that would change."""
LOOK_FIRST: Final = Text("Show first what will change", "先看将改动什么")
MAY_CHANGE: Final[Mapping[str, Callable[[Ledger, str], Sequence[Case]]]] = {
    "leave": lambda ledger, code: list(in_charge(ledger, code)),
    "merge": all_of_unit,
}
"""What of an officer or a unit can be shown before it is done, and all cases that it may change."""
CHANGED_SINCE: Final = Text(
    "the cases are others by now, or stand otherwise, than was shown; look at them, then press again",
    "所示事项已有变化，请核对后再按一次",
)
"""Why a deed of which it was shown what it changes is not done."""
MOST: Final = 100
"""Cases that are shown one by one; more are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WouldChange:
    """What would be written."""

    stand: str
    """By what it is known again that the cases it was asked of stand as they did."""
    count: int
    """Cases that would change."""
    shown: Sequence[Mapping[str, object]]
    """Some of them: number, what it is about, and the rows of its journal that would be written."""
    hidden: int
    """Those of them that the officer may not read."""
    more: int
    """Those of them that have no room."""


def is_as_shown(visit: Visit, deed: str, code: str) -> bool:
    """Say whether what a deed may change stands as it was shown; so it does where nothing was."""
    shown = visit.asked.one("_shown")
    return not shown or shown == _stand_of(MAY_CHANGE[deed](visit.ledger, code))


def _stand_of(cases: Sequence[Case]) -> str:
    """Return by what it is known again that the same cases stand as they did."""
    return digest_of([f"{each.number} {each.revision}" for each in cases])


def foreseen(visit: Visit, cases: Sequence[Case], do: Callable[[], object], **asked: object) -> WouldChange:
    """Return what a deed would write about cases; nothing of it stays.

    Args:
        cases: All that it may change, as they stand.
        do: Does it.
        asked: What the access log says was asked for.

    Raises:
        QinglingError: If the deed is refused.
    """
    ledger = visit.ledger
    try:
        with visit.rehearsing():
            do()
            written = list(written_since(ledger, cases))
    finally:
        ledger.forget()  # the house may have been another for a moment, also where the deed was refused in its midst
    seen = [(case, rows) for case, rows in written if ledger.sees(case)]
    shown = [
        {
            "number": case.number,
            "about": title_of(visit, case),
            "rows": entries_shown(visit, ledger.rules_of(case).workflow, rows),
        }
        for case, rows in seen[:MOST]
    ]
    numbers = [case.number for case, _ in seen[:MOST]]
    visit.write_down(Deed.LIST, "", "shown", count=len(numbers), digest=digest_of(numbers), **asked)
    return WouldChange(
        stand=_stand_of(cases),
        count=len(written),
        shown=shown,
        hidden=len(written) - len(seen),
        more=len(seen) - len(numbers),
    )
