"""Whatever officers do, in whatever order: what must hold after each command, held after each command."""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledgers import DAY, LEAD, OFFICERS, START, Dump, Move, Story, dump, furnished, opened
from paths import ROADS

from engine.deadlines.clock import Clock, Status
from engine.errors import QinglingError
from engine.journal.event import SEALED
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, link, note, void
from engine.operations.cases.unlinking import unlink
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause, resume
from engine.operations.house import verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.store import case_rows, clock_rows, schema
from engine.workflow.deadline import Term, TermUnit, Within
from engine.workflow.model import Field, FieldType, Transition
from engine.working_days.instants import local_day

WHO = st.sampled_from(["zhou", "zhou", "zhou", "feng", "chen", "sun", "bao", "tang", "ji", "gone", "none", "keeper"])
ROAD = st.sampled_from(sorted(ROADS))
SOME = st.integers(0, 99)
DATED = frozenset({"rectifying"})
"""States in which the calendar alone may change how a lead counts."""


class Officers(RuleBasedStateMachine):
    """Officers who do what comes to their mind, and time that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.ending = ExitStack()
        folder = Path(self.ending.enter_context(tempfile.TemporaryDirectory()))
        self.ledger: Ledger = self.ending.enter_context(opened(str(shutil.copy(furnished_file(), folder / "l.db"))))
        self.now = START
        self.stories: list[tuple[Story, list[Move]]] = []

    def teardown(self) -> None:
        """Close the ledger and remove its folder."""
        self.ending.close()

    # ---- what officers do

    @initialize(road=ROAD)
    def begin(self, road: str) -> None:
        """Begin with one lead."""
        self.report(road, real_name=False)

    @rule(road=ROAD, real_name=st.booleans())
    def report(self, road: str, real_name: bool) -> None:
        """Register a lead that is meant to go a road."""
        story = Story(self.ledger, real_name=real_name, reporter="举报人甲" if real_name else "")
        self.stories.append((story, list(ROADS[road])))

    @rule(which=SOME, far=st.integers(1, 5))
    def go_on(self, which: int, far: int) -> None:
        """Take the next steps of a lead on its road, as far as it goes."""
        story, moves = self.stories[which % len(self.stories)]
        for _ in range(min(far, len(moves))):
            self.now += DAY
            story.now = self.now
            if self.done(lambda: story.take(moves[0])):
                moves.pop(0)

    @rule(which=SOME, of=SOME, who=WHO, data=st.data(), honest=st.booleans())
    def step(self, which: int, of: int, who: str, data: st.DataObject, honest: bool) -> None:
        """Take any step with any case: one that leaves its state if honest, else one of any other."""
        case = self.any(which)
        workflow = self.ledger.rules_of(case).workflow
        here = workflow.transitions_from(case.state) if honest else workflow.transitions
        if not here:
            return
        chosen = here[of % len(here)]
        values = data.draw(self.values_for(case, chosen))
        if chosen.by and chosen.by[0] in workflow.fields and honest:
            who = str(case.fields.get(chosen.by[0]) or who)
        self.done(lambda: advance(Acting(self.ledger, who, self.now), case.number, chosen.trigger, values))

    @rule(which=SOME, who=WHO, amount=st.integers(0, 2), summary=st.sampled_from(["甲", "乙", ""]))
    def mend(self, which: int, who: str, amount: int, summary: str) -> None:
        """Amend a case."""
        values = {"summary": summary, "amount": amount} if self.any(which).workflow == "lead" else {"remark": summary}
        self.done(lambda: amend(Acting(self.ledger, who, self.now), self.any(which).number, values, reason="核对"))

    @rule(which=SOME, who=WHO)
    def remark(self, which: int, who: str) -> None:
        """Write a note."""
        self.done(lambda: note(Acting(self.ledger, who, self.now), self.any(which).number, "电话了解"))

    @rule(which=SOME, who=WHO)
    def strike(self, which: int, who: str) -> None:
        """Void a case."""
        self.done(lambda: void(Acting(self.ledger, who, self.now), self.any(which).number, reason="误登"))

    @rule(which=SOME, first=SOME, who=WHO)
    def tie(self, which: int, first: int, who: str) -> None:
        """Link a case to another."""
        one, other = self.any(which).number, self.any(first).number
        self.done(lambda: link(Acting(self.ledger, who, self.now), one, other, reason="重复"))

    @rule(which=SOME, who=WHO)
    def untie(self, which: int, who: str) -> None:
        """Undo a link."""
        self.done(lambda: unlink(Acting(self.ledger, who, self.now), self.any(which).number, reason="误关联"))

    @rule(which=SOME, who=WHO, days=st.integers(-3, 40), exception=st.booleans())
    def prolong(self, which: int, who: str, days: int, exception: bool) -> None:
        """Extend a deadline."""
        number, name = self.any_clock(which)
        term = Term(amount=days, unit=TermUnit.DAYS)
        self.done(
            lambda: extend(
                Acting(self.ledger, who, self.now), number, name, length=term, reason="案情复杂", signed_by="zhao",
                filed_on=self.now.date(), exception=exception,
            )
        )  # fmt: skip

    @rule(which=SOME, who=WHO, back=st.integers(-1, 5), stop=st.booleans())
    def stop(self, which: int, who: str, back: int, stop: bool) -> None:
        """Pause or resume a deadline, perhaps dated back."""
        number, name = self.any_clock(which)
        since = None if not back else (self.now - back * DAY).date()
        act = pause if stop else resume
        self.done(lambda: act(Acting(self.ledger, who, self.now), number, name, reason="鉴定", since=since))

    @rule(who=WHO, state=st.sampled_from(["received", "assigned", "closed"]))
    def in_bulk(self, who: str, state: str) -> None:
        """Take one step with all leads in a state."""
        values = {"handler": "chen", "responsible_leader": "liu"}
        chunks = selection(Acting(self.ledger, "", self.now), "lead", state=state)
        self.done(lambda: list(advance_many(Acting(self.ledger, who, self.now), chunks, "assign", values, apply=True)))

    @rule(key=st.integers(1, 3), state=st.sampled_from(["received", "assigned", "verified", "struck_off"]))
    def take_in(self, key: int, state: str) -> None:
        """Take in a ledger of one row, which may have been taken in before."""
        values = {**LEAD, "ledger_number": f"台账-{key}", "amount": key}
        row = Row(at="A2", values=values, unit="0101", state=state, words=state)
        file = {"name": "台账.xlsx", "digest": "0"}

        def act() -> None:
            with self.ledger.store.begin():
                list(take_in(Acting(self.ledger, "zhou", self.now), "lead", [row], file=file))

        self.done(act)

    @rule(days=st.integers(-2, 60))
    def wait(self, days: int) -> None:
        """Let time pass; the clock may even be set back."""
        self.now += days * DAY

    @rule(days=st.integers(0, 30))
    def remind(self, days: int) -> None:
        """Sweep on some day; a second sweep at the same moment adds nothing."""
        self.now += days * DAY
        sweep(self.ledger, now=self.now)
        before = dump(self.ledger.store)
        assert sweep(self.ledger, now=self.now).reminded == 0
        assert dump(self.ledger.store) == before

    # ---- what holds

    @invariant()
    def chains_hold(self) -> None:
        """Every chain verifies, is dated forward, and leads from state to state and never out of a final one."""
        assert verifying.verify(self.ledger)[1] == ()
        for case in self.cases:
            states = self.ledger.rules_of(case).workflow.states
            rows = case_rows.entries(self.ledger.store, case.id)
            assert case.state in states
            assert [each.from_state for each in rows] == [None, *(each.to_state for each in rows[:-1])]
            assert [each.at for each in rows] == sorted(each.at for each in rows)
            moved = [each for each in rows if each.kind == "moved"]
            assert not [each for each in moved if states[str(each.from_state)].final]

    @invariant()
    def journals_tell_all(self) -> None:
        """The values of a case follow from its journal."""
        for case in self.cases:
            told: dict[str, object] = {}
            for row in case_rows.entries(self.ledger.store, case.id):
                body = json.loads(row.body)
                for name in body.get("was", ()):
                    told.pop(name, None)
                told |= body.get("set", {})
                told |= dict.fromkeys(body.get("sealed", ()), SEALED)
            assert told == case.fields

    @invariant()
    def numbers_run_on(self) -> None:
        """In each series the numbers are 1 to n."""
        series = defaultdict(list)
        for case in self.cases:
            head, _, serial = case.number.rpartition("-")
            series[head].append(int(serial))
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in series.values())

    @invariant()
    def counts_are_right(self) -> None:
        """How a case counts is what its rules say of it; the dead count as such."""
        for case in self.cases:
            if case.clearance in {Count.VOID, Count.REPEATS} or case.state in DATED:
                assert (case.first_id is None) or case.clearance in {Count.VOID, Count.REPEATS}
                continue
            rules = self.ledger.rules_of(case)
            today = local_day(case.changed_at, self.ledger.zone)
            family = self.ledger.family(case, rules.counting)
            assert rules.count(case.state, rules.scope(case, case.fields, family, by="", today=today)) == case.clearance

    @invariant()
    def clocks_belong(self) -> None:
        """One live clock for each deadline, only where the case's state lets it run, never sooner than it was first."""
        for case in self.cases:
            workflow = self.ledger.rules_of(case).workflow
            live: dict[str, Clock] = {}
            for clock in clock_rows.of_case(self.ledger.store, case.id):
                declared = workflow.deadlines[clock.name]
                if isinstance(declared.due, Within):
                    assert clock.due_on >= clock.original_due_on
                assert (clock.next_at is None) or clock.status is Status.RUNNING
                if clock.status in {Status.RUNNING, Status.PAUSED}:
                    assert clock.name not in live
                    assert case.clearance not in {Count.VOID, Count.REPEATS}
                    assert case.state in {*declared.runs_in, *declared.paused_in}
                    assert clock.ended_at is None
                    live[clock.name] = clock
                else:
                    assert clock.ended_at is not None

    @invariant()
    def promises_are_made_once(self) -> None:
        """No message is promised twice, and no rung is taken twice."""
        for asked in ("SELECT key FROM outbox", "SELECT deadline_id, rung, arming FROM reminders"):
            rows = self.ledger.store.query(asked)
            assert len(set(rows)) == len(rows)

    @precondition(lambda self: self.stories)
    @invariant()
    def identities_are_nowhere(self) -> None:
        """Who reported stands in no table."""
        assert "举报人甲" not in repr(dump(self.ledger.store))

    # ---- how they do it

    @property
    def cases(self) -> list[Case]:
        """All cases."""
        return case_rows.select(self.ledger.store)

    def any(self, which: int) -> Case:
        """Return one of the cases."""
        return self.cases[which % len(self.cases)]

    def any_clock(self, which: int) -> tuple[str, str | None]:
        """Return the number of a case, and the name of one of its deadlines."""
        case = self.any(which)
        clocks = clock_rows.of_case(self.ledger.store, case.id)
        return case.number, clocks[which % len(clocks)].name if clocks else None

    def done(self, act: Callable[[], object]) -> bool:
        """Do it; if it is refused, nothing has changed, and the sentence is one line."""
        before: Dump = dump(self.ledger.store)
        try:
            act()
        except QinglingError as refused:
            said = refused.sentence.en + refused.sentence.zh
        else:
            return True
        assert "\n" not in said
        assert "举报人甲" not in said
        assert dump(self.ledger.store) == before
        return False

    def values_for(self, case: Case, chosen: Transition) -> st.SearchStrategy[Mapping[str, object]]:
        """Return values that a step could be given: mostly those it asks for, mostly plausible."""
        fields = self.ledger.rules_of(case).workflow.fields
        asked = {name: self.value_of(case, fields[name]) for name in chosen.asks}
        taken = {name: self.value_of(case, fields[name]) for name in (*chosen.takes, *chosen.needs)}
        return st.fixed_dictionaries(asked, optional=taken)

    def value_of(self, case: Case, field: Field) -> st.SearchStrategy[object]:
        """Return what a field could be given."""
        match field.type:
            case FieldType.DATE:
                return st.sampled_from([0, 0, 0, 30, 60, -1, 400]).map(self.day)
            case FieldType.OFFICER:
                named = case.fields.get("responsible_leader") or "liu"
                return st.sampled_from([str(named), "zhao", *OFFICERS])
            case FieldType.OFFICERS:
                return st.sampled_from([["chen", "wang"], ["sun"], ["zhao", "feng"]])
            case FieldType.FLAG:
                return st.booleans()
            case FieldType.CHOICE | FieldType.CHOICES:
                one = st.sampled_from([each.value for each in field.choices])
                return one if field.type is FieldType.CHOICE else one.map(lambda value: [value])
        return st.sampled_from(["某卫移〔2019〕1号", "某卫移〔2019〕2号", ""])

    def day(self, days: int) -> str:
        """Return the date that lies some days from now."""
        found: date = self.now.date() + days * DAY
        return found.isoformat()


@cache
def furnished_file() -> Path:
    """Return a ledger that is set up, made once."""
    file = Path(tempfile.mkdtemp()) / "ledger.db"
    schema.bring_up(str(file))
    with furnished(str(file)) as ledger:
        ledger.store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


TestOfficers = Officers.TestCase
TestOfficers.settings = settings(
    max_examples=12,
    stateful_step_count=22,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
