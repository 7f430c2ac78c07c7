"""Judges again what was done: each row by the roles, rules and days that its house had in force at that moment.

What was in force is what the house's own chain says up to the row that an entry names. So a role, a rule or a day that
was changed beside the journal, used, and changed back is found where it was used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from engine.errors import InvalidWorkflowError, NotFoundError, RefusedError
from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    CaseVoided,
    ChildMoved,
    ChildrenOpened,
    DeadlineMoved,
    ReminderSent,
    SealsRenewed,
    StepTaken,
)
from engine.journal.chain import Break, ChainRow
from engine.journal.event import SEALED
from engine.journal.events import read, read_of_case
from engine.journal.house_history import HouseHistory
from engine.journal.kept import ReplayedCase
from engine.journal.replay import SILENT
from engine.language import Text
from engine.operations.house.powers_then import PowersThen
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.unit_calendars import label_of
from engine.rules.case import Actor, Case, Decision, Family, doers_of
from engine.rules.refusals import wrong_hands
from engine.rules.transitions import Rules, advance
from engine.workflow.children import BACK
from engine.workflow.model import Transition
from engine.workflow.powers import PROGRAM as BY_ITSELF
from engine.workflow.powers import Power
from engine.workflow.texts import TextKind
from engine.working_days.instants import local_day

PROGRAM: Final = "qingling"
"""Whom the journal names for what the program does by itself."""

_ITS_OWN: Final = frozenset({CaseOpened.kind, ChildMoved.kind, ChildrenOpened.kind, SealsRenewed.kind})
"""Kinds of rows that the program may write by itself, beside reminders, which are not read here."""
_UNREAD: Final = SILENT | {ReminderSent.kind}
_OF_HISTORY: Final = frozenset({"history"})


class Judge:
    """Judges the chains of cases; made once for all of them."""

    def __init__(self, ledger: Ledger, history: HouseHistory) -> None:
        self.judged = 0
        """Steps that were judged whole."""
        self.in_part = 0
        """Steps of which only hands and states were judged: they look at relatives, or were written before rows said
        how the house stood."""
        self.houses_named = False
        """Some row said how the house stood."""
        self._ledger = ledger
        self._history = history
        self._powers = PowersThen(ledger, history)
        self._labels: dict[tuple[str, int], str | None] = {}

    def of_case(self, case: ReplayedCase, rows: Sequence[ChainRow]) -> Iterator[Break]:
        """Yield what was not allowed when it was done.

        Raises:
            ValueError, LookupError, TypeError, AttributeError: If a body is not what this program writes.
        """
        try:
            rules = self._ledger.rules(case.workflow, case.version)
        except (NotFoundError, InvalidWorkflowError):
            return
        standing = _Standing(case, rules)
        for row in rows:
            if row.kind in _UNREAD:
                continue
            event = read_of_case(row.kind, row.body or b"")
            sentence: Text | None = None
            if event.house is None:
                self.in_part += isinstance(event, StepTaken)
                if standing.names_house:
                    sentence = Text("it names no row of the house", "未注明当时的内务日志行")
            elif not self._history.holds(*event.house):
                yield Break(case=case.number, seq=row.seq, what="another house", which=str(event.house[0]))
            else:
                self.houses_named = standing.names_house = True
                sentence = self._against(standing, row, event, event.house[0])
            if sentence is not None:
                yield Break(case=case.number, seq=row.seq, what="not allowed", which=str(sentence))
            standing.follow(row, event)

    def _against(self, standing: "_Standing", row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return why a row was not allowed after row *seq* of the house; None if it was."""
        if row.by == PROGRAM:
            return self._against_program(standing, row, event)
        unit = standing.unit or (event.unit if isinstance(event, CaseOpened) else "")
        roles = self._history.roles(row.by, unit, seq)
        if roles is None:
            return Text("{by} was no acting officer", "{by} 当时不是在册人员").format(by=row.by)
        if isinstance(event, StepTaken):
            return self._against_step(standing, row, event, Actor(code=row.by, roles=roles))
        sentence = self._against_rules(standing, event, unit, seq)
        if sentence is not None:
            return sentence
        wanted = _wanted(standing, event)
        if not wanted or not roles.isdisjoint(wanted) or self._powers.any_of(row.by, seq, _HANDING_ON):
            return None
        return Text("{by} had none of the roles {roles}", "{by} 当时没有所需角色（{roles}）").format(
            by=row.by, roles=", ".join(wanted)
        )

    def _against_program(self, standing: "_Standing", row: ChainRow, event: CaseEvent) -> Text | None:
        """Return why the program could not have written a row; None if it could."""
        if isinstance(event, StepTaken):
            ran_out = standing.rules.workflow.deadlines.get(event.ran_out or "")
            if ran_out is not None and ran_out.then == event.trigger:
                return self._against_step(standing, row, event, Actor(code=row.by, roles=frozenset({BY_ITSELF})))
        elif row.kind in _ITS_OWN:
            return None
        return Text("the program does not do that by itself", "程序不会自行办理此事")

    def _against_rules(self, standing: "_Standing", event: CaseEvent, unit: str, seq: int) -> Text | None:
        """Return why a row does not go by the rules and days that were in force; None if it does."""
        if isinstance(event, CaseHandedOver):
            return None if event.step is None else standing.against_handing(event)
        if isinstance(event, CaseOpened) and self._history.ever_adopted:
            if event.version not in self._history.adopted(TextKind.WORKFLOW, event.workflow, seq):
                return Text("its workflow was not adopted", "所用流程当时未经采用")
        elif isinstance(event, DeadlineMoved) and self._label(unit, seq) not in {None, event.calendar}:
            return Text("it was counted by other days than were in force", "所依据的工作日与当时有效的不符")
        return None

    def _against_step(self, standing: "_Standing", row: ChainRow, event: StepTaken, actor: Actor) -> Text | None:
        """Return why a step was not allowed; None if it was."""
        rules = standing.rules
        case, moves = standing.case(row.from_state or ""), standing.moves
        family = Family(doers=doers_of(moves), moves=moves, came_from=standing.came_from)
        leading = rules.machine.plan(event.trigger).get(case.state, ())
        named = [each for each in leading if each.name == (event.transition or event.trigger)]
        chosen = next((each for each in named if (each.target or case.state) == row.to_state), None)
        if chosen is None:
            return Text("{step} does not lead from {a} to {b}", "{step} 不能从 {a} 转到 {b}").format(
                step=event.trigger, a=row.from_state or "", b=row.to_state or ""
            )
        if not rules.asks_for(event.trigger) <= _OF_HISTORY:
            self.in_part += 1
            return next(wrong_hands(rules.workflow, chosen, case, actor=actor, family=family), None)
        self.judged += 1
        brought, filled = _brought(rules, chosen, case.fields, event)
        day = local_day(row.at if event.clock_at is None else event.clock_at, self._ledger.zone)
        try:
            decision = advance(
                rules, case, event.trigger, brought, actor=actor, family=family, today=day, filled=filled
            )
        except RefusedError as refused:
            return next(iter(refused.reasons), refused.sentence)
        except NotFoundError as missing:
            return missing.sentence
        if (decision.state, int(decision.clearance)) != (row.to_state, row.clearance):
            return Text("{step} does not lead to where it stands", "{step} 的结果与规则不符").format(step=event.trigger)
        return _otherwise_set(rules.computed.get(chosen.name, ()), case.fields, event, decision)

    def _label(self, unit: str, seq: int) -> str | None:
        """Return what the unit's calendar was called after a row; None if another calendar was used since."""
        key = unit, seq
        if key not in self._labels:
            same = self._history.calendar(seq) == self._history.calendar(self._history.length)
            own = self._history.own_days(unit, seq)
            self._labels[key] = label_of(self._ledger.calendar, unit, own) if same else None
        return self._labels[key]

    def of_house(self, entries: Sequence[ChainRow]) -> Iterator[Break]:
        """Yield what of the house's own chain was done without the power that it takes."""
        for row in entries[1:]:
            if row.by != PROGRAM:
                sentence = self._powers.against(row, read(row.kind, row.body or b""))
                if sentence is not None:
                    yield Break(case="", seq=row.seq, what="not allowed", which=str(sentence))


_HANDING_ON: Final = (Power.MANAGE_OFFICERS, Power.KEEP_LEDGER)
"""Who has one of these hands cases on as officers leave and units are merged, without a role in the case."""


class _Standing:
    """A case as it stood before a row, by its own chain."""

    def __init__(self, case: ReplayedCase, rules: Rules) -> None:
        self.rules = rules
        self.moves: tuple[tuple[str, str], ...] = ()
        self.unit = ""
        self.came_from: str | None = None
        self._stood: str | None = None
        self.names_house = False
        self._unit_before = ""
        self._last: tuple[str, str] | None = None
        """The step that the row before took, if it took one, and the state that it led from."""
        self._case = case
        self._fields: dict[str, object] = {}
        self._dated_on = ""
        self._clearance = 0

    def case(self, state: str) -> Case:
        """Return it as rules look at a case."""
        case = self._case
        return Case(
            id=case.id, number=case.number, workflow=case.workflow, version=case.version, state=state, unit_id=0,
            unit=self.unit, parent_id=None, first_id=None, dated_on=self._dated_on, opened_at=case.opened_at,
            changed_at=case.changed_at, clearance=self._clearance, fields=dict(self._fields), import_key=None,
            revision=0, head="",
        )  # fmt: skip

    def against_handing(self, event: CaseHandedOver) -> Text | None:
        """Return why the step before did not hand the case over to that unit; None if it did."""
        trigger, state = self._last or ("", "")
        declared = {each.hands_to for each in self.rules.machine.plan(trigger).get(state, ()) if each.hands_to}
        units = {self._unit_before if each == BACK else self._fields.get(each) for each in declared}
        if event.step == trigger and event.unit in units and not event.set:
            return None
        return Text("no step handed it over to unit {unit}", "没有步骤将其移交单位 {unit}").format(unit=event.unit)

    def follow(self, row: ChainRow, event: CaseEvent) -> None:
        """Let a row have happened."""
        for name in event.replaced:
            self._fields.pop(name, None)
        self._fields.update(event.brought)
        self._fields.update(dict.fromkeys((each for each in event.seals if each in self.rules.sealed), SEALED))
        self._dated_on = event.receipt or self._dated_on
        self._clearance = row.clearance
        if not isinstance(event, ChildMoved):  # children that went along leave such rows between
            self._last = (event.trigger, row.from_state or "") if isinstance(event, StepTaken) else None
        if row.to_state != self._stood:
            self.came_from = self._stood if isinstance(event, StepTaken) else None
            self._stood = row.to_state
        if isinstance(event, CaseOpened | CaseHandedOver):
            self._unit_before, self.unit = self.unit, event.unit
        elif isinstance(event, StepTaken):
            self.moves = (*self.moves, (event.trigger, row.by))


def _wanted(standing: _Standing, event: CaseEvent) -> Sequence[str]:
    """Return one of which roles it took to write a row; none if any officer could, or other rows say who could."""
    workflow = standing.rules.workflow
    match event:
        case CaseOpened():
            by_others = event.file or (event.parent is not None and not event.by_hand)
            return () if by_others else workflow.open_by
        case CaseAmended():
            return () if event.file else workflow.amend_by
        case CaseVoided():
            return workflow.void_by if standing.moves else workflow.amend_by
        case CaseHandedOver():
            return () if event.with_parent is not None or event.step is not None else workflow.hand_over_by
        case DeadlineMoved():
            return workflow.amend_by
        case _:
            return ()


def _otherwise_set(
    names: Iterable[str], before: Mapping[str, object], event: StepTaken, decision: Decision
) -> Text | None:
    """Return that a field does not hold what the step's expression comes to; None if all do."""
    for name in names:
        stands = event.set.get(name, None if name in event.was else before.get(name))
        if stands != decision.fields.get(name):
            return Text("'{field}' is not what {step} sets it to", "“{field}”与 {step} 所设定的值不符").format(
                field=name, step=event.trigger
            )
    return None


def _brought(
    rules: Rules, chosen: Transition, before: Mapping[str, object], event: StepTaken
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what an officer brought to a step, and what the program filled in, as far as its row tells them apart."""
    takes = rules.takes[chosen.name]
    brought: dict[str, object] = {name: value for name, value in event.set.items() if name in takes}
    brought.update(dict.fromkeys((name for name in event.seals if name in takes), SEALED))
    emptied = (name for name in event.was if name not in event.set and name in takes and name not in chosen.clears)
    brought.update(dict.fromkeys((name for name in emptied if name not in event.seals and name in before), None))
    filled = {name: value for name, value in event.set.items() if name not in takes and name not in chosen.sets}
    return brought, filled
