"""Judges again what was done: each row by the roles, rules and days that its house had in force at that moment.

What was in force is what the house's own chain says up to the row that an entry names. So a role, a rule or a day that
was changed beside the journal, used, and changed back is found where it was used.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from engine.errors import InvalidWorkflowError, NotFoundError
from engine.journal.case_events import (
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    ChildMoved,
    ChildrenOpened,
    DeadlineExtended,
    DeadlineMoved,
    LegacyEntered,
    LetterIssued,
    OpeningAgreed,
    ReminderSent,
    SealOpened,
    SealsRenewed,
    StepTaken,
)
from engine.journal.chain import Break, ChainRow
from engine.journal.event import SEALED, Event
from engine.journal.events import read
from engine.journal.house_history import HouseHistory
from engine.journal.kept import ReplayedCase
from engine.journal.migration_events import CaseMigrated
from engine.journal.reading_events import CaseRestricted
from engine.journal.signature_events import SignatureAsked, SignatureGiven, SignatureReminded, SignatureVoid
from engine.language import Text
from engine.operations.house.alike_steps import AlikeSteps
from engine.operations.house.judged_counts import CountsOfCase, JudgedCounts, only_recounts
from engine.operations.house.judged_hands import (
    EVERYWHERE,
    HANDED_ON,
    IN_UNIT,
    NAMING,
    OPENINGS,
    JudgedOpenings,
    beyond_rule,
    named_in,
    roles_wanted,
)
from engine.operations.house.judged_migrations import JudgedMigrations
from engine.operations.house.judged_names import JudgedNames
from engine.operations.house.judged_restrictions import JudgedReaders
from engine.operations.house.judged_signatures import JudgedSignatures
from engine.operations.house.judged_steps import StepThen, against_step_rules, brought_by
from engine.operations.house.judged_texts import against_texts
from engine.operations.house.powers_then import PowersThen, powerless
from engine.operations.ledger.demands import EXEMPT
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.unit_calendars import label_of
from engine.rules.case import Actor, Case, Family, doers_of
from engine.rules.refusals import wrong_hands
from engine.rules.transitions import Rules
from engine.workflow.children import BACK
from engine.workflow.powers import PROGRAM as BY_ITSELF
from engine.workflow.powers import Power
from engine.workflow.proofs import PROOFS, Proof
from engine.working_days.instants import local_day

PROGRAM: Final = "qingling"
"""Whom the journal names for what the program does by itself."""

OTHER_DAYS: Final = Text("it was counted by other days than were in force", "所依据的工作日与当时有效的不符")
"""What is said of a row or a deadline that rests on days which were not in force."""
_OF_UNITS: Final = (CaseOpened, CaseHandedOver)
"""Rows that say which unit has the case."""
_ITS_OWN: Final = frozenset(
    each.kind
    for each in (CaseOpened, ChildMoved, ChildrenOpened, SealsRenewed, SignatureAsked, SignatureVoid, SignatureReminded)
)
"""Kinds of rows that the program may write by itself, beside reminders, which are not read here."""


class Judge:
    """Judges the chains of cases; made once for all of them."""

    def __init__(self, ledger: Ledger, history: HouseHistory) -> None:
        self.judged = 0
        """Steps that were judged whole."""
        self.in_part = 0
        """Steps judged by hands and states only: they look at relatives, or rows did not say how the house stood."""
        self.houses_named = False
        """Some row said how the house stood."""
        self.names = JudgedNames(ledger)
        self._ledger = ledger
        self._history = history
        self._powers = PowersThen(ledger, history)
        self._houses = set[tuple[int, str]]()
        """Rows of the house that are as others name them: number and short hash."""
        self._known_enough = set[tuple[str, int, str]]()
        """Officer, row of the house and way of being known that was all that was demanded then."""
        self._in_person: dict[int, bool] = {}
        """Whether officers had to be known by more than a typed name, by the row of the house."""
        self._zone = ledger.zone
        self._counts = JudgedCounts(ledger.zone)
        self._labels: dict[tuple[str, int], str | None] = {}
        self._alike: dict[tuple[str, int, str], AlikeSteps] = {}

    def of_case(
        self, case: ReplayedCase, rows: Sequence[ChainRow], events: Sequence[CaseEvent | None]
    ) -> Iterator[Break]:
        """Yield what was not allowed when it was done.

        Args:
            events: What the rows say; None for silent kinds.

        Raises:
            ValueError, LookupError, TypeError, AttributeError: If the rows are not those that this program writes.
        """
        migrations = JudgedMigrations(self._ledger, self._history, case, events)
        try:
            rules = self._ledger.rules(case.workflow, migrations.version_begun)
        except (NotFoundError, InvalidWorkflowError):
            return
        standing, counts = _Standing(case, rules, self._history, migrations), CountsOfCase(self._counts, case)
        for row, event in zip(rows, events, strict=True):
            if event is None or row.kind == ReminderSent.kind:
                counts.follow_silent(row)
                continue
            sentence: Text | None = None
            if event.house is None:
                self.in_part += isinstance(event, StepTaken)
                # Rows of older programs name none; behind one that does, such a row was written past this program.
                if standing.names_house:
                    sentence = Text("it names no row of the house", "未注明当时的内务日志行")
            elif not self._holds(event.house):
                yield Break(case=case.number, seq=row.seq, what="another house", which=str(event.house[0]))
            else:
                self.houses_named = standing.names_house = True
                seq = event.house[0]
                sentence = self._shown_too_little(row, event, seq) or self._against(standing, row, event, seq)
            if sentence is not None:
                yield Break(case=case.number, seq=row.seq, what="not allowed", which=str(sentence))
            if isinstance(event, CaseMigrated):
                standing.go_on_by(row, event)
            # Only after it was judged: a row is allowed by how the case stood before it.
            standing.follow(row, event)
            # Older programs may have counted by other rules; a ledger's word for the state they counted as later ones.
            is_older = event.house is None and not isinstance(event, LegacyEntered)
            counts.follow(standing, row, event, is_judged=is_older or sentence is not None)
        yield from counts.breaks(case.number)
        yield from self.names.of_case(case, standing.rules.people(standing.fields))

    def _holds(self, house: tuple[int, str]) -> bool:
        """Say whether the row of the house that a row names is the one that is meant; most rows name one of a few."""
        if house in self._houses:
            return True
        if not self._history.holds(*house):
            return False
        self._houses.add(house)
        self._in_person[house[0]] = self._history.signed_in_person(house[0])
        return True

    def _against(self, standing: "_Standing", row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return why a row was not allowed after row *seq* of the house; None if it was."""
        if row.by == PROGRAM:
            return self._against_program(standing, row, event, seq)
        unit = standing.unit_at(event)
        roles = self._history.roles(row.by, unit, seq)
        if roles is None:
            return Text("{by} was no acting officer", "{by} 当时不是在册人员").format(by=row.by)
        sentence = standing.signatures.against(row, event, in_person=self._in_person[seq])
        sentence = sentence or self._against_named(standing, event, unit, seq)
        if sentence is None and isinstance(event, StepTaken):
            return self._against_step(standing, row, event, roles)
        against = standing.migrations.against if isinstance(event, CaseMigrated) else self._against_rules
        return sentence or against(standing, row, event, seq) or self._against_hands(standing, row, event, seq)

    def _against_hands(self, standing: "_Standing", row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return that an officer had neither the role nor the power that a row takes; None if so, or it takes none."""
        unit = standing.unit_at(event)
        roles = self._history.roles(row.by, unit, seq) or frozenset()
        wanted = roles_wanted(standing.rules.workflow, event, moved=bool(standing.moves))
        if wanted is None or not roles.isdisjoint(wanted):
            return self._without_power(standing, row, event, unit, seq)
        if isinstance(event, HANDED_ON) and self._powers.any_of(row.by, seq, _HANDING_ON):
            return None
        return _roleless(row.by, wanted)

    def _without_power(
        self, standing: "_Standing", row: ChainRow, event: CaseEvent, unit: str, seq: int
    ) -> Text | None:
        """Return that an officer lacked the power that a row takes; None if it takes none, or they had it."""
        kind = type(event)
        if isinstance(event, CaseRestricted) and standing.readers.is_declared(row, event, unit, seq):
            return None
        power, where = IN_UNIT.get(kind), unit
        if power is None:
            power, where = EVERYWHERE.get(kind), ""
        if power is None or self._powers.any_of(row.by, seq, (power,), where):
            return None
        return powerless(row.by, power)

    def _against_named(self, standing: "_Standing", event: CaseEvent, unit: str, seq: int) -> Text | None:
        """Return that a row names an officer, or one who signed, without a role that this takes; None if none."""
        for code, wanted in self._named_by(standing, event):
            roles = self._history.roles(code, unit, seq)
            if roles is None or (wanted and roles.isdisjoint(wanted)):
                return _roleless(code, wanted)
        return None

    def _named_by(self, standing: "_Standing", event: CaseEvent) -> Sequence[tuple[str, Sequence[str]]]:
        """Return the officers whom a row names, or who signed, with one of which roles they need for it."""
        kind = event.__class__
        if kind in NAMING:
            held = standing.rules.held
            return named_in(held, event) if held else ()
        if isinstance(event, SignatureGiven):
            return [(event.of, standing.signatures.roles_for(event))]
        return ()

    def _shown_too_little(self, row: ChainRow, event: Event, seq: int) -> Text | None:
        """Return that an officer was known by less than a role of theirs demanded after row *seq* of the house."""
        way = event.proof[0] if event.proof else ""
        if (row.by, seq, way) in self._known_enough:
            return None
        wanted = self._powers.demanded_of(row.by, seq)
        if PROOFS.get(way, Proof.ASSERTED) >= wanted:
            self._known_enough.add((row.by, seq, way))
            return None
        if row.kind in EXEMPT:
            return None
        return Text("{by} was known by less than {wanted}", "{by} 当时的身份凭据低于所需（{wanted}）").format(
            by=row.by, wanted=wanted.title
        )

    def _against_program(self, standing: "_Standing", row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return why the program could not have written a row; None if it could."""
        if isinstance(event, StepTaken):
            ran_out = standing.rules.workflow.deadlines.get(event.ran_out or "")
            if ran_out is not None and ran_out.then == event.trigger:
                return self._against_step(standing, row, event, frozenset({BY_ITSELF}))
        elif isinstance(event, CaseRestricted):
            if standing.readers.is_declared(row, event, standing.unit_at(event), seq):
                return None
        elif row.kind in _ITS_OWN or only_recounts(event):
            return None
        return Text("the program does not do that by itself", "程序不会自行办理此事")

    def _against_rules(self, standing: "_Standing", row: ChainRow, event: CaseEvent, seq: int) -> Text | None:
        """Return why a row does not go by the rules and days that were in force; None if it does."""
        if isinstance(event, CaseHandedOver):
            return None if event.step is None else standing.against_handing(event)
        if isinstance(event, CaseOpened | LetterIssued):
            return against_texts(self._history, event, seq)
        if isinstance(event, DeadlineExtended):
            return beyond_rule(standing.rules.workflow, event)
        if isinstance(event, OpeningAgreed | SealOpened):
            return standing.openings.against(row, event, seq)
        if isinstance(event, DeadlineMoved) and self._label(standing.unit, seq) not in {None, event.calendar}:
            return OTHER_DAYS
        return None

    def _against_step(
        self, standing: "_Standing", row: ChainRow, event: StepTaken, roles: frozenset[str]
    ) -> Text | None:
        """Return why a step was not allowed; None if it was."""
        rules, state, name = standing.rules, row.from_state or "", event.transition or event.trigger
        alike = self._alike_steps(rules, event.trigger)
        at = row.at if event.clock_at is None else event.clock_at
        before = (standing.unit, standing.clearance, standing.fields, standing.moves, standing.came_from)
        key = alike.key(row, event, roles, before, local_day(at, self._zone) if alike.by_today else None)
        if alike.was_allowed(key):
            self._count(alike)
            return None
        leading = rules.machine.plan(event.trigger).get(state, ())
        chosen = next((each for each in leading if each.name == name and (each.target or state) == row.to_state), None)
        if chosen is None:
            return Text("{step} does not lead from {a} to {b}", "{step} 不能从 {a} 转到 {b}").format(
                step=event.trigger, a=row.from_state or "", b=row.to_state or ""
            )
        self._count(alike)
        actor = Actor(code=row.by, roles=roles, proof=Proof.SIGNATURE)  # `judged_proofs` judges what was shown
        case, moves = standing.case(state), standing.moves
        family = Family(doers=doers_of(moves), moves=moves, came_from=standing.came_from)
        if alike.is_whole:
            brought, filled = brought_by(rules, chosen, case.fields, event)
            step = StepThen(event.trigger, brought, filled, local_day(at, self._zone))
            sentence = against_step_rules(rules, case, (row, event, chosen), step, actor=actor, family=family)
        else:
            sentence = next(wrong_hands(rules.workflow, chosen, case, actor=actor, family=family), None)
        if sentence is None:
            alike.allow(key)
        return sentence

    def _count(self, alike: AlikeSteps) -> None:
        """Count a step, by how it is judged."""
        self.judged += alike.is_whole
        self.in_part += not alike.is_whole

    def _alike_steps(self, rules: Rules, trigger: str) -> AlikeSteps:
        """Return what is kept of the steps of one trigger."""
        key = rules.workflow.name, rules.workflow.version, trigger
        if key not in self._alike:
            self._alike[key] = AlikeSteps(rules, trigger)
        return self._alike[key]

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
                event = read(row.kind, row.body or b"")
                # The house as it stood before the row: one that gives itself a power is not allowed by it.
                sentence = self._powers.against(row, event) or self._shown_too_little(row, event, row.seq - 1)
                if sentence is not None:
                    yield Break(case="", seq=row.seq, what="not allowed", which=str(sentence))


def _roleless(code: str, wanted: Sequence[str]) -> Text:
    """Return that an officer had none of some roles."""
    return Text("{by} had none of the roles {roles}", "{by} 当时没有所需角色（{roles}）").format(
        by=code, roles=", ".join(wanted)
    )


_HANDING_ON: Final = (Power.MANAGE_OFFICERS, Power.KEEP_LEDGER)
"""Who has one of these hands cases on as officers leave and units are merged, without a role in the case."""


class _Standing:
    """A case as it stood before a row, by its own chain."""

    def __init__(self, case: ReplayedCase, rules: Rules, history: HouseHistory, migrations: JudgedMigrations) -> None:
        self.rules = rules
        self.migrations = migrations
        self.openings = JudgedOpenings(history)
        self.moves: tuple[tuple[str, str], ...] = ()
        self.unit = ""
        self.came_from: str | None = None
        self._stood: str | None = None
        self.names_house = False
        self._unit_before = ""
        self._last: tuple[str, str] | None = None
        """The step that the row before took, if it took one, and the state that it led from."""
        self._case = case
        self.fields: dict[str, object] = {}
        self.signatures = JudgedSignatures(rules, self.fields)
        self.readers = JudgedReaders(rules.workflow, history, self.fields)
        self._dated_on = ""
        self.clearance = 0

    def unit_at(self, event: CaseEvent) -> str:
        """Return the code of the unit whose case it was when a row was written."""
        return self.unit or (event.unit if isinstance(event, CaseOpened) else "")

    def case(self, state: str) -> Case:
        """Return it as rules look at a case."""
        case = self._case
        return Case(
            id=case.id, number=case.number, workflow=case.workflow, version=case.version, state=state, unit_id=0,
            unit=self.unit, parent_id=None, first_id=None, dated_on=self._dated_on, opened_at=case.opened_at,
            changed_at=case.changed_at, clearance=self.clearance, fields=dict(self.fields), import_key=None,
            revision=0, head="",
        )  # fmt: skip

    def against_handing(self, event: CaseHandedOver) -> Text | None:
        """Return why the step before did not hand the case over to that unit; None if it did."""
        trigger, state = self._last or ("", "")
        declared = {each.hands_to for each in self.rules.machine.plan(trigger).get(state, ()) if each.hands_to}
        units = {self._unit_before if each == BACK else self.fields.get(each) for each in declared}
        if event.step == trigger and event.unit in units and not event.set:
            return None
        return Text("no step handed it over to unit {unit}", "没有步骤将其移交单位 {unit}").format(unit=event.unit)

    def go_on_by(self, row: ChainRow, event: CaseMigrated) -> None:
        """Let what was done be called as the version calls it by which the case goes on."""
        self.rules = self.migrations.rules_after(event)
        self.signatures.go_on_by(self.rules)
        self.readers.go_on_by(self.rules.workflow)
        self.moves = tuple((event.triggers.get(name, name), by) for name, by in self.moves)
        self.came_from = self.came_from and event.states.get(self.came_from, self.came_from)
        self._stood = row.to_state

    def follow(self, row: ChainRow, event: CaseEvent) -> None:
        """Let a row have happened."""
        self.signatures.follow(row, event)
        for name in event.replaced:
            self.fields.pop(name, None)
        brought = event.brought
        if brought:
            self.fields.update(brought)
        if sealed := event.seals:
            self.fields.update(dict.fromkeys((each for each in sealed if each in self.rules.sealed), SEALED))
        self.clearance = row.clearance
        stood, self._stood = self._stood, row.to_state
        if isinstance(event, StepTaken):
            if row.to_state != stood:
                self.came_from = stood
            self._last = event.trigger, row.from_state or ""
            self.moves = (*self.moves, (event.trigger, row.by))
        else:
            if row.to_state != stood:
                self.came_from = None
            self._follow_other(row, event)

    def _follow_other(self, row: ChainRow, event: CaseEvent) -> None:
        """Let a row have happened that is no step."""
        self.readers.follow(event)
        if row.kind in OPENINGS:
            self.openings.follow(row, event)
        self._dated_on = event.receipt or self._dated_on
        if not isinstance(event, ChildMoved):  # children that went along leave such rows between
            self._last = None
        if isinstance(event, _OF_UNITS):
            self._unit_before, self.unit = self.unit, event.unit
