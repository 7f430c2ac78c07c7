"""Cases as one connection has read them, kept from request to request; each holds while its journal ends as it did.

Whatever changes a case writes a row of its journal in the same transaction, so a case whose newest row has the same
hash is the same case. Who may see it is no part of this: that is asked of each request, of a case from here as well.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from engine.rules.case import Case

Made = TypeVar("Made")
MOST: Final = 2_000
"""Cases that are kept; the one that came first goes first."""
PAGES: Final = 1000
"""How much is kept of what pages of single cases show, which is larger than the cases."""


ORDERS: Final = 20
"""Orders of cases that are kept: of so many officers who looked last."""


class CaseMemory:
    """The cases that one connection has read of late."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[int, tuple[Case, dict[str, Any]]] = {}
        self._pages: dict[tuple[int, str], tuple[str, Any]] = {}
        self._orders: dict[tuple[str, ...], Any] = {}

    def order(self, key: tuple[str, ...]) -> Any:
        """Return what `keep_order` kept; None if nothing, or not any more."""
        found = self._orders.pop(key, None)
        if found is not None:
            self._orders[key] = found  # the one that was asked for last goes last
        return found

    def keep_order(self, key: tuple[str, ...], order: object) -> None:
        """Keep an order of cases, which follows the journal by itself."""
        self._orders[key] = order
        while len(self._orders) > ORDERS:
            del self._orders[next(iter(self._orders))]

    def given(self, wanted: Iterable[tuple[int, str]], read: Callable[[list[int]], dict[int, Case]]) -> dict[int, Case]:
        """Return cases by id, those that are known as they stand and those that are read now.

        Args:
            wanted: The id of each, and the hash of its newest row as it stands now.
            read: Reads the cases with some ids.
        """
        found: dict[int, Case] = {}
        unknown: list[int] = []
        known = self._known
        for case_id, head in wanted:
            kept = known.get(case_id)
            if kept is not None and kept[0].head == head:
                found[case_id] = kept[0]
            else:
                unknown.append(case_id)
        for case_id, case in read(unknown).items() if unknown else ():
            found[case_id] = case
            known.pop(case_id, None)
            known[case_id] = (case, {})
        while len(known) > MOST:
            del known[next(iter(known))]
        return found

    def forget(self) -> None:
        """Know no case any more: names and rules by which something was made may be others now."""
        self._known.clear()
        self._pages.clear()
        self._orders.clear()

    def made(self, cases: Iterable[Case], what: str, make: Callable[[Case], Made]) -> dict[int, Made]:
        """Return by id what little follows from each case and its declaration alone, made once while it stands so.

        Args:
            what: What it is.
        """
        found: dict[int, Made] = {}
        known = self._known
        for case in cases:
            kept = known.get(case.id)
            if kept is None or kept[0] is not case:
                found[case.id] = make(case)
            elif what in kept[1]:
                found[case.id] = kept[1][what]
            else:
                found[case.id] = kept[1][what] = make(case)
        return found

    def made_together(
        self, cases: Mapping[int, Case], what: str, make: Callable[[list[int]], Mapping[int, Made]]
    ) -> dict[int, Made]:
        """Return by id what `made` does, where several are cheaper together; what some have nothing of is left out.

        Args:
            make: Makes it for the cases with some ids, ascending.
        """
        found: dict[int, Made] = {}
        unmade: list[int] = []
        known = self._known
        for case_id, case in cases.items():
            kept = known.get(case_id)
            if kept is None or kept[0] is not case or what not in kept[1]:
                unmade.append(case_id)
            elif kept[1][what] is not None:
                found[case_id] = kept[1][what]
        unmade.sort()
        fresh = make(unmade) if unmade else {}
        for case_id in unmade:
            kept = known.get(case_id)
            if kept is not None and kept[0] is cases[case_id]:
                kept[1][what] = fresh.get(case_id)
        return {**found, **fresh}

    def page(self, case: Case, what: str, make: Callable[[], Made]) -> Made:
        """Return what a page shows of a case, made once while the case and the house stand as they do.

        Args:
            what: What it is, with all else that it depends on: the officer, the day, the language, other cases.
        """
        key = (case.id, what)
        kept = self._pages.pop(key, None)
        if kept is None or kept[0] != case.head:
            kept = (case.head, make())
        self._pages[key] = kept
        while len(self._pages) > PAGES:
            del self._pages[next(iter(self._pages))]
        found: Made = kept[1]
        return found
