"""Whatever is toggled, moved, stopped, granted or left alone: nobody falls silent, and nobody is told twice."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ledgers import DAY, START, Move, Story, opened
from paths import ROADS
from test_properties import furnished_file

from engine.deadlines.clock import Status
from engine.errors import QinglingError
from engine.operations.cases.casework import amend
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause, resume
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.store import outbox_rows as outbox
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.instants import microseconds

LONGEST_SILENCE = timedelta(days=45)
"""A month, its end moved over the longest holidays."""

SOME = st.integers(0, 99)


class Neglect(RuleBasedStateMachine):
    """A few leads, officers who now and then do something, and a scheduler that runs when it likes."""

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

    @initialize(roads=st.lists(st.sampled_from(sorted(ROADS)), min_size=1, max_size=3))
    def begin(self, roads: list[str]) -> None:
        """Register leads that are meant to go some road."""
        for road in roads:
            story = Story(self.ledger, real_name=True, reporter="举报人甲", handling_due_on="2019-08-15")
            self.stories.append((story, list(ROADS[road])))

    @rule(which=SOME)
    def go_on(self, which: int) -> None:
        """Take the next step of a lead."""
        story, moves = self.stories[which % len(self.stories)]
        story.now = self.now
        if moves and self.done(lambda: story.take(moves[0])):
            moves.pop(0)

    @rule(
        which=SOME,
        change=st.sampled_from(
            [{"handling_due_on": None}, {"handling_due_on": "2019-09-10"}, {"real_name": False}, {"real_name": True}]
        ),
    )
    def toggle(self, which: int, change: dict[str, object]) -> None:
        """Let the condition of a term cease or hold again."""
        number = self.any(which).number
        self.done(lambda: amend(Acting(self.ledger, "zhou", self.now), number, change, reason="核对"))

    @rule(which=SOME, stop=st.booleans())
    def rest(self, which: int, stop: bool) -> None:
        """Stop a deadline's clock, or let it go on."""
        case = self.any(which)
        clocks = clock_rows.of_case(self.ledger.store, case.id)
        if clocks:
            act = pause if stop else resume
            name = clocks[which % len(clocks)].name
            self.done(lambda: act(Acting(self.ledger, "tang", self.now), case.number, name, reason="鉴定"))

    @rule(which=SOME, days=st.integers(1, 30))
    def prolong(self, which: int, days: int) -> None:
        """Extend a deadline."""
        self.done(
            lambda: extend(
                Acting(self.ledger, "zhou", self.now), self.any(which).number, None,
                length=Term(amount=days, unit=TermUnit.DAYS), reason="案情复杂", signed_by="zhao",
                filed_on=self.now.date(),
            )
        )  # fmt: skip

    @rule(
        who=st.sampled_from([("lian", "liaison"), ("zhao", "unit_head"), ("tang", "leading_group")]),
        gives=st.booleans(),
    )
    def appoint(self, who: tuple[str, str], gives: bool) -> None:
        """Give somebody a role, or take it away."""
        act = keeping.grant if gives else keeping.revoke
        self.done(lambda: act(Acting(self.ledger, "keeper", self.now), *who, "0101"))

    @rule(days=st.integers(0, 90), hour=st.integers(0, 23))
    def stand_still(self, days: int, hour: int) -> None:
        """Let time pass without a scheduler."""
        self.now = max(self.now, datetime.combine((self.now + days * DAY).date(), time(hour), tzinfo=START.tzinfo))

    @rule(days=st.integers(0, 40), hour=st.integers(0, 23))
    def remind(self, days: int, hour: int) -> None:
        """Sweep at any hour; all that was due is taken then, and everything taken has somebody who hears of it."""
        self.stand_still(days, hour)
        sweep(self.ledger, now=self.now)
        for case in self.cases:
            for clock in clock_rows.of_case(self.ledger.store, case.id):
                assert clock.next_at is None or clock.next_at > microseconds(self.now)
            rows = [each for each in case_rows.entries(self.ledger.store, case.id) if each.kind == "reminded"]
            assert all(json.loads(each.body)["to"] for each in rows)

    @invariant()
    def nobody_falls_silent(self) -> None:
        """A deadline that runs has a next reminder, and it is not farther away than the longest silence."""
        for case in self.cases:
            for clock in clock_rows.of_case(self.ledger.store, case.id):
                if clock.status is not Status.RUNNING:
                    continue
                assert clock.next_at is not None
                late = max(self.now.date(), date.fromisoformat(clock.due_on))
                latest = datetime.combine(late, time(0), tzinfo=START.tzinfo) + LONGEST_SILENCE
                assert clock.next_at <= microseconds(latest)

    @invariant()
    def each_reminder_is_promised_once(self) -> None:
        """No officer is promised the same reminder in two lines."""
        lines = Counter(
            (each.recipient, outbox.reference(line))
            for each in outbox.promises(self.ledger.store)
            for line in outbox.lines_of(each.payload)
        )
        assert set(lines.values()) <= {1}

    @property
    def cases(self) -> list[Case]:
        """All cases."""
        return case_rows.select(self.ledger.store)

    def any(self, which: int) -> Case:
        """Return one of the cases."""
        return self.cases[which % len(self.cases)]

    def done(self, act: Callable[[], object]) -> bool:
        """Do it, unless it is refused."""
        with suppress(QinglingError):
            act()
            return True
        return False


TestNeglect = Neglect.TestCase
TestNeglect.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
