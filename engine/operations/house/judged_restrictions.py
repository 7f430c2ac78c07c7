"""Whether who reads a case was restricted by the declaration of its workflow, or by one who has the power to."""

from collections.abc import Mapping

from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.events import legible
from engine.journal.house_events import RestrictionsChanged
from engine.journal.house_history import HouseHistory
from engine.journal.reading_events import CaseRestricted, RestrictionLifted
from engine.language import Text
from engine.rules.reading_rights import named_readers
from engine.store import chain_rows
from engine.store.connection import Store
from engine.workflow.model import Workflow


class JudgedReaders:
    """Who reads one case, as its chain tells it row by row."""

    def __init__(self, workflow: Workflow, history: HouseHistory, fields: Mapping[str, object]) -> None:
        """Begin with a case that all may read.

        Args:
            fields: The values of the case, which its owner keeps as they stand before a row.
        """
        self._workflow = workflow
        self._history = history
        self._fields = fields
        self._readers: frozenset[str] | None = None

    def is_declared(self, row: ChainRow, event: CaseRestricted, unit: str, seq: int) -> bool:
        """Say whether the workflow itself let these officers read the case, after row *seq* of the house."""
        if not self._workflow.restricted_to:
            return False
        named = set(named_readers(self._workflow, self._fields))
        if self._readers is not None:
            return self._readers <= set(event.to) <= self._readers | named
        held = frozenset(self._workflow.restricted_to)
        at_birth = row.seq == 2
        return at_birth and all(
            code == row.by or code in named or not held.isdisjoint(self._history.roles(code, unit, seq) or ())
            for code in event.to
        )

    def go_on_by(self, workflow: Workflow) -> None:
        """Judge by another version of the workflow from now on."""
        self._workflow = workflow

    def follow(self, event: Event) -> None:
        """Let a row have happened."""
        if isinstance(event, CaseRestricted):
            self._readers = frozenset(event.to)
        elif isinstance(event, RestrictionLifted):
            self._readers = None


class JudgedRestrictions:
    """Which cases only some officers read, as the house's own chain tells it row by row."""

    def __init__(self, store: Store) -> None:
        """Begin with none."""
        self._store = store
        self._readers: Mapping[int, frozenset[str]] = {}

    def against(self, row: ChainRow, event: RestrictionsChanged, *, has_power: bool) -> Text | None:
        """Return that a row restricts otherwise than its cases say; None if not.

        What a case says of it is judged with the case.

        Args:
            has_power: Its officer could restrict any case.
        """
        by_case: dict[int, set[str]] = {}
        for case_id, code in event.cases:
            by_case.setdefault(case_id, set()).add(code)
        before, self._readers = self._readers, {key: frozenset(codes) for key, codes in by_case.items()}
        if has_power:
            return None
        changed = [key for key in before.keys() | self._readers if before.get(key) != self._readers.get(key)]
        if all(self._is_said(key, row.by) for key in changed):
            return None
        return Text(
            "{by} restricted who reads a case, and the case does not say so", "{by} 所作查阅限制，事项中并无记载"
        ).format(by=row.by)

    def _is_said(self, case_id: int, officer: str) -> bool:
        """Say whether the case has a row of that officer by which just these officers read it."""
        wanted = self._readers.get(case_id)
        found = chain_rows.bodies_by(self._store, case_id, CaseRestricted.kind, officer)
        events = [legible(CaseRestricted.kind, body) for body in found if body]
        return any(isinstance(each, CaseRestricted) and frozenset(each.to) == wanted for each in events)
