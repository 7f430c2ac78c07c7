"""Whether a case moved to another version as a plan said, by its map, and without harm to its deadlines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from engine.deadlines.clock import Status
from engine.journal.case_events import CaseEvent, CaseOpened
from engine.journal.chain import ChainRow
from engine.journal.house_history import HouseHistory
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.kept import ReplayedCase
from engine.journal.migration_events import CaseMigrated, MigrationPlanned, VersionMap, line_digest
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Family, doers_of
from engine.rules.moving import moved
from engine.rules.transitions import Rules
from engine.workflow.deadline import Authority
from engine.workflow.texts import TextKind
from engine.working_days.instants import local_day

_OF_HISTORY: Final = frozenset({"history"})
"""What of a case's relatives its own chain tells."""


class StandingCase(Protocol):
    """A case as it stood before a row."""

    rules: Rules
    moves: tuple[tuple[str, str], ...]
    came_from: str | None

    def case(self, state: str) -> Case:
        """Return it as rules look at a case."""


class JudgedMigrations:
    """The moves of one case to other versions, by its chain and by what the house had planned."""

    def __init__(
        self, ledger: Ledger, history: HouseHistory, case: ReplayedCase, events: Sequence[CaseEvent | None]
    ) -> None:
        """Look at nothing yet.

        Args:
            events: What the rows of the case say, in their order.
        """
        self._ledger = ledger
        self._history = history
        self._case = case
        self._events = events

    @property
    def version_begun(self) -> int:
        """The version of its workflow by which the case was opened."""
        first = self._events[0] if self._events else None
        return first.version if isinstance(first, CaseOpened) else self._case.version

    def rules_after(self, event: CaseMigrated) -> Rules:
        """Return the rules by which the case goes on.

        Raises:
            NotFoundError: If that version was not adopted.
        """
        return self._ledger.rules(self._case.workflow, event.version)

    def against(self, standing: StandingCase, row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return why a case may not have moved so after row *seq* of the house; None if it may, or did not."""
        if not isinstance(event, CaseMigrated):
            return None
        adopted = self._history.adopted(TextKind.WORKFLOW, self._case.workflow, seq)
        if self._history.ever_adopted and event.version not in adopted:
            return Text("the version to which it moved was not adopted", "迁移至的版本当时未经采用")
        plan = self._history.plan(event.plan, seq)
        if plan is None:
            return Text("no plan in the journal says so", "日志中没有相应的迁移方案")
        return next(self._wrong(standing, row, event, plan), None)

    def _wrong(
        self, standing: StandingCase, row: ChainRow, event: CaseMigrated, plan: MigrationPlanned
    ) -> Iterator[Text]:
        """Yield what of a move is not as it was planned, or as the rules of moving have it."""
        lines = {each[0]: each[1:] for family in plan.moves for each in family}
        line = line_digest(
            versions=(event.was_version, event.version),
            states=(row.from_state or "", row.to_state or ""),
            clearance=row.clearance,
            event=event,
            deadlines=event.deadlines,
        )
        if lines.get(row.case_id) != (row.seq - 1, line):
            yield Text("it did not move as was planned", "迁移与方案不符")
        old, new = standing.rules, self.rules_after(event)
        if event.was_version != old.workflow.version:
            yield Text("it did not go by the version that it left", "迁移前并非该版本")
        case = standing.case(row.from_state or "")
        becomes = moved(old.workflow, new.workflow, plan.maps.get(self._case.workflow, VersionMap()), case)
        fields = {k: v for k, v in case.fields.items() if k not in event.was} | dict(event.set)
        if becomes.reasons or (becomes.state, becomes.fields) != (row.to_state, fields):
            yield Text("state or values are not as the map says", "迁移后的状态或内容与对照表不符")
        elif new.counting <= _OF_HISTORY:
            moves = tuple((event.triggers.get(name, name), by) for name, by in standing.moves)
            came_from = standing.came_from and event.states.get(standing.came_from, standing.came_from)
            family = Family(doers=doers_of(moves), moves=moves, came_from=came_from)
            day = local_day(row.at if event.clock_at is None else event.clock_at, self._ledger.zone)
            after = case._replace(state=becomes.state, fields=becomes.fields)
            counts = new.count(becomes.state, new.scope(after, becomes.fields, family, by=row.by, today=day))
            if int(counts) != row.clearance:
                yield Text("it counts otherwise by that version", "按该版本的办结认定与记载不符")
        yield from self._deadlines(row, event, (old, new))

    def _deadlines(self, row: ChainRow, event: CaseMigrated, rules: tuple[Rules, Rules]) -> Iterator[Text]:
        """Yield which deadlines a move made late, or which of the law's it gave more time."""
        before = self._before(row.seq)
        today = local_day(row.at, self._ledger.zone).isoformat()
        for name, after in event.deadlines.items():
            was = before.get(name)
            if after.status != Status.RUNNING:
                continue
            if after.due_on < today and (was is None or was.due_on >= today):
                yield Text("'{name}' became late by the move", "期限“{name}”因迁移而超期").format(name=name)
            declared = [each.workflow.deadlines.get(name) for each in rules]
            by_law = any(each is not None and each.authority is Authority.LAW for each in declared)
            if by_law and was is not None and was.round == after.round and after.due_on > was.due_on:
                yield Text("'{name}' is set by law and got more time", "法定期限“{name}”因迁移而延后").format(name=name)

    def _before(self, seq: int) -> Mapping[str, JournaledDeadline]:
        """Return how each deadline stood before row *seq*."""
        found: dict[str, JournaledDeadline] = {}
        for event in self._events[: seq - 1]:
            if event is not None:
                found.update(event.deadlines)
        return found
