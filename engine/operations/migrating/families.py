"""What becomes of a case, and of the cases under it, when it moves to another version: read, judged, not written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from engine.deadlines.carried import Carrying
from engine.deadlines.clock import Clock
from engine.errors import QinglingError
from engine.journal.case_events import CaseEvent, ChangingEvent
from engine.journal.migration_events import VersionMap, line_digest
from engine.language import Text
from engine.operations.cases.commit import counts_from
from engine.operations.cases.journal_body import journaled
from engine.operations.cases.value_checks import objections
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, Count, Family, doers_of
from engine.rules.moving import map_faults, moved
from engine.rules.refusals import not_unique
from engine.rules.transitions import Rules
from engine.store import case_rows, clock_rows, history_rows, question_rows, signature_rows, unique_rows
from engine.store import house_rows as house
from engine.workflow.frozen_struct import FrozenStruct

_SAME: Final = VersionMap()
_OUT: Final = frozenset({Count.VOID, Count.REPEATS})


class CaseMove(FrozenStruct, frozen=True, kw_only=True):
    """What becomes of one case."""

    case: Case
    """As it is."""
    after: Case
    """As it becomes, but for its journal row."""
    was: tuple[Clock, ...]
    """All its deadlines, by id."""
    clocks: tuple[Clock, ...]
    """Those that change or begin, as they become."""
    reasons: tuple[Text, ...]
    """Why it cannot move."""

    @property
    def changes(self) -> CaseEvent:
        """The values that it brings and takes away."""
        before, after = self.case.fields, self.after.fields
        return ChangingEvent(
            set={k: v for k, v in after.items() if before.get(k) != v},
            was={k: v for k, v in before.items() if after.get(k) != v},
        )

    @property
    def digest(self) -> str:
        """The digest of what becomes of it."""
        return line_digest(
            versions=(self.case.version, self.after.version),
            states=(self.case.state, self.after.state),
            clearance=self.after.clearance,
            event=self.changes,
            deadlines=journaled(self.clocks),
        )

    @property
    def due_days(self) -> Iterator[tuple[str, str | None, Clock]]:
        """The deadlines that change: name, the local day before (None if it begins), and as it becomes."""
        newest = {each.name: each for each in self.was}
        for each in self.clocks:
            before = newest.get(each.name)
            yield each.name, None if before is None or before.id != each.id else before.due_on, each


class Migrating:
    """Cases of one workflow that move to one version, by one map; reads, and remembers rules only."""

    def __init__(
        self,
        acting: Acting,
        workflow: str,
        version: int,
        maps: Mapping[str, VersionMap],
        not_before: date,
        *,
        planned_on: date | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            not_before: Local day up to which the move makes nobody late.
            planned_on: Local day of the plan; today if it is planned now.
        """
        self.acting = acting
        self.workflow = workflow
        self.version = version
        self._ledger = acting.ledger
        self._maps = maps
        self._not_before = not_before
        self._grace = not_before - (planned_on or acting.today)
        self._versions: dict[tuple[str, str, int], int] = {}

    def is_alive(self, case: Case) -> bool:
        """Say whether a case has work to do yet: it is no mistake, repeats none, and has not ended."""
        return case.clearance not in _OUT and not self._ledger.rules_of(case).workflow.is_final(case.state)

    def of_family(self, case: Case) -> tuple[CaseMove, ...]:
        """Return what becomes of a case and of those under it that go with it, the case first."""
        return self._of(case, self.version, parent=None)

    def against_parent(self, case: Case) -> Text | None:
        """Return that a case goes by the version of the one that it stands under; None if it may move by itself."""
        if case.parent_id is None:
            return None
        parent = case_rows.by_id(self._ledger.store, case.parent_id)
        if not self.is_alive(parent) or self._ledger.rules_of_child(parent, case.workflow).workflow.version == (
            self.version
        ):
            return None
        return Text(
            f"it goes with {parent.number}, which it stands under; move that: qingling workflow migrate"
            f" {parent.workflow}",
            f"它随上级事项 {parent.number} 迁移；请迁移该件：qingling workflow migrate {parent.workflow}",
        )

    def _pinned(self, workflow: str, by: tuple[str, int]) -> int:
        """Return to which version cases under a parent move: that by which the parent's version opens new ones."""
        key = (workflow, *by)
        if key not in self._versions:
            pinned = house.pinned_version(self._ledger.store, workflow, by=by)
            self._versions[key] = self._ledger.rules(workflow, pinned).workflow.version
        return self._versions[key]

    def _of(self, case: Case, version: int, *, parent: Case | None) -> tuple[CaseMove, ...]:
        """Return what becomes of a case and those under it.

        Args:
            version: To which it moves.
            parent: The case that it stands under, as it becomes.
        """
        ledger = self._ledger
        by = self._maps.get(case.workflow, _SAME)
        old, new = ledger.rules_of(case), ledger.rules(case.workflow, version)
        becomes = moved(old.workflow, new.workflow, by, case)
        shape = case._replace(version=new.workflow.version, state=becomes.state, fields=becomes.fields)
        faults = () if parent is None else map_faults(old.workflow, new.workflow, by)  # of the first, a plan has none
        reasons = [*faults, *becomes.reasons, *self._pending(case, shape, new)]
        below: list[CaseMove] = []
        children = []
        for child in case_rows.children(ledger.store, case.id):
            pinned = self._pinned(child.workflow, (case.workflow, version)) if self.is_alive(child) else child.version
            found = () if pinned == child.version else self._of(child, pinned, parent=shape)
            below += found
            children.append(found[0].after if found else child)
        if reasons:
            stays = CaseMove(case=case, after=shape, was=(), clocks=(), reasons=tuple(reasons))
            return (stays, *below)
        family = self._family(case, by, new, tuple(children), parent)
        return (self._judged(case, shape, (old, new), family), *below)

    def _pending(self, case: Case, shape: Case, new: Rules) -> Iterator[Text]:
        """Yield what waits on a case and rests on how things are called now."""
        store = self._ledger.store
        if signature_rows.of_case(store, case.id):
            yield Text("a signature is asked for or given and not used; finish that first", "有待用的签字，请先办结")
        for each in question_rows.of_case(store, case.id):
            is_lost = case.state != shape.state if each.state is not None else each.field not in new.workflow.fields
            if is_lost:
                yield Text(
                    f"a ledger left a question about '{each.field}'; answer it first",
                    f"台账对“{each.field}”留有疑问，请先答复",
                )

    def _family(
        self, case: Case, by: VersionMap, new: Rules, children: tuple[Case, ...], parent: Case | None
    ) -> Family:
        """Return what the new version's conditions see around a case: all of it as it becomes."""
        found = self._ledger.family(case, new.counting | new.asked_of_children)
        moves = tuple((by.triggers.get(trigger, trigger), who) for trigger, who in found.moves)
        return found.replace(
            children=children if found.children else (),
            parent=found.parent and (parent or found.parent),
            moves=moves,
            doers=doers_of(moves),
            came_from=found.came_from and by.states.get(found.came_from, found.came_from),
        )

    def _judged(self, case: Case, shape: Case, rules: tuple[Rules, Rules], family: Family) -> CaseMove:
        """Return what becomes of a case whose state and values fit the new version."""
        old, new = rules
        acting, ledger = self.acting, self._ledger
        scope = new.scope(shape, shape.fields, family, by=acting.by, today=acting.today)
        after = shape._replace(clearance=int(new.count(shape.state, scope)))
        reasons = list(self._against_values(old, new, case, after))
        if after.clearance < case.clearance:
            reasons.append(_counts_less(case, after, new, scope))
        was = clock_rows.of_case(ledger.store, case.id)
        clocks: tuple[Clock, ...] = ()
        if not reasons:
            entered_at = history_rows.entered_at(ledger.store, case.id, case.state)
            carrying = Carrying(
                old.workflow,
                new.workflow,
                after.state,
                counts_from(ledger, case, after.fields),
                new.applies(scope),
                case.opened_at if entered_at is None else entered_at,
                case.id,
                acting.stamp(case),
                ledger.calendar_of(case.unit_id),
                self._not_before,
                self._grace,
            )
            try:
                clocks, refused = carrying.of(was)
                reasons += refused
            except QinglingError as error:  # a year without a published calendar
                reasons.append(error.sentence)
        return CaseMove(case=case, after=after, was=was, clocks=clocks, reasons=tuple(reasons))

    def _against_values(self, old: Rules, new: Rules, case: Case, after: Case) -> Iterator[Text]:
        """Yield which values the rest of the register does not let the case have in the new version."""
        declared = new.workflow.fields
        for name in sorted(new.unique):
            value = after.fields.get(name)
            if value is None or (name in old.unique and case.fields.get(name) == value):
                continue
            taken = unique_rows.having(self._ledger.store, case.workflow, name, value, besides=case.id)
            if taken is not None:
                yield not_unique(declared[name], self._ledger.called(taken))
        asked = {
            name: after.fields[name]
            for name, held_by in new.held.items()
            if after.fields.get(name) is not None
            and (old.held.get(name) != held_by or case.fields.get(name) != after.fields[name])
        }
        if asked:
            yield from objections(self._ledger, new, asked, unit_id=case.unit_id, case_id=case.id)


def _counts_less(case: Case, after: Case, new: Rules, scope: Mapping[str, object]) -> Text:
    """Return why a case would count as less by a version: what is lacking there, and what can be done."""
    workflow = new.workflow
    count = Count(case.clearance)
    states = (workflow.fully_closed if count is Count.FULLY_CLOSED else workflow.cleared).states
    why = [*new.lacking(count, scope)]
    if after.state not in states:
        title = workflow.states[after.state].title
        why = [Text("state '{title}' does not count so there", "该版本中状态“{title}”不如此计").format(title=title)]
    return Text(
        "it counts as {was}, and by that version would only count as {now}: {why}; complete that first, let the map"
        " lead to a state that counts, or bring it back by a step, with its reason, before it moves",
        "本件现计为“{was}”，按该版本仅计为“{now}”：{why}；请先补齐，或将状态对应到同样计数的状态，或先依步骤退回并写明理由，"
        "再行迁移",
    ).format(was=_CALLED[count], now=_CALLED[Count(after.clearance)], why=_listed(why))


def _listed(sentences: Sequence[Text]) -> Text:
    """Return sentences as one."""
    return Text("; ".join(each.en for each in sentences), "；".join(each.zh for each in sentences))


_CALLED: Final = {
    Count.OPEN: Text("open", "未办结"),
    Count.CLEARED: Text("cleared", "本单位办结"),
    Count.FULLY_CLOSED: Text("fully closed", "闭环销号"),
}
"""How a live case counts, in words."""
