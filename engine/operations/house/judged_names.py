"""Whether officers are kept beside the cases that name them, and beside no others: who is left out finds nothing."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from engine.errors import QinglingError
from engine.journal.chain import Break
from engine.journal.kept import ReplayedCase
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, named_rows

_AT_ONCE: Final = 500


class JudgedNames:
    """Compares whom cases name with whom they are kept to name, many at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self.wanted = 0
        """Rows that there must be."""
        self._ledger = ledger
        self._waiting: dict[str, list[ReplayedCase]] = {}

    def of_case(self, case: ReplayedCase, codes: Iterable[str]) -> Iterator[Break]:
        """Note whom a case names by its journal; now and then yield what is missing of the cases so far."""
        for code in codes:
            waiting = self._waiting.setdefault(code, [])
            waiting.append(case)
            if len(waiting) >= _AT_ONCE:
                yield from self._not_there(code, self._waiting.pop(code))

    def rest(self) -> Iterator[Break]:
        """Yield what is missing of the cases that were noted and not looked for yet."""
        while self._waiting:
            yield from self._not_there(*self._waiting.popitem())

    def _not_there(self, code: str, cases: list[ReplayedCase]) -> Iterator[Break]:
        """Yield the cases beside which an officer is not kept."""
        self.wanted += len(cases)
        there = named_rows.beside(self._ledger.store, code, [each.id for each in cases])
        for case in cases:
            if case.id not in there:
                yield Break(case=case.number, seq=case.revision, what="named", which=code)

    def beside(self) -> Iterator[Break]:
        """Yield the officers who are kept beside cases that never named them; only where rows are left over."""
        if self.wanted == named_rows.count(self._ledger.store):
            return
        store, every = self._ledger.store, named_rows.every(self._ledger.store)
        while part := list(islice(every, _AT_ONCE)):
            cases = case_rows.by_ids(store, sorted({each.case_id for each in part}))
            for code, case_id in part:
                case = cases.get(case_id)
                if case is None or code in self._people(case.workflow, case.version, case.fields):
                    continue  # what belongs to no case is said besides
                # When the table was made, a code in whatever field of a case counted; the journal still says so.
                if not any(f'"{code}"' in row.body for row in case_rows.entries(store, case_id)):
                    yield Break(case=case.number, seq=0, what="named", which=code)

    def _people(self, workflow: str, version: int, fields: Mapping[str, object]) -> frozenset[str]:
        """Return whom a case names; nobody where its workflow was altered, which is said besides."""
        with suppress(QinglingError):
            return self._ledger.rules(workflow, version).people(fields)
        return frozenset()
