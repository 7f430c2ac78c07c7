"""Judges again how each row of a case says that it counts: by the rules, in the state that the row leads into.

What the case's own chain does not tell, as values of the cases that it opened or of its parent, can be so or so: a row
is accused only of a count to which the rules come in no way.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from engine.expressions.evaluate import Expression, compile_expression, names
from engine.journal.break_verdicts import COUNT
from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseLinked,
    CaseOpened,
    CaseUnlinked,
    CaseVoided,
    ChildMoved,
    ChildrenOpened,
    LegacyEntered,
    StepTaken,
)
from engine.journal.chain import Break, ChainRow
from engine.journal.kept import ReplayedCase
from engine.journal.migration_events import CaseMigrated
from engine.language import Text
from engine.operations.house.alike_steps import OF_HISTORY
from engine.rules.case import Case, Count, Family, doers_of
from engine.rules.transitions import Rules
from engine.working_days.instants import local_day

CALLED: Final[Mapping[int, Text]] = {
    Count.OPEN: Text("open", "未办结"),
    Count.CLEARED: Text("cleared", "本单位办结"),
    Count.FULLY_CLOSED: Text("fully closed", "闭环销号"),
    Count.VOID: Text("void", "已作废"),
    Count.REPEATS: Text("repeating another", "重复件"),
}
"""How a case counts, in words."""
_OUT: Final = frozenset({Count.VOID, Count.REPEATS})
_OPEN: Final = frozenset({int(Count.OPEN)})
_COUNTING: Final = frozenset(
    each.kind
    for each in (
        *(CaseOpened, LegacyEntered, StepTaken, CaseAmended, CaseHandedOver, CaseUnlinked, ChildMoved),
        *(ChildrenOpened, CaseMigrated),
    )
)
"""Kinds of rows that count their case again; the others leave it as it was."""
_OF_CHILDREN: Final = frozenset({ChildMoved.kind, ChildrenOpened.kind})
_ENDS: Final = frozenset({CaseVoided.kind, CaseLinked.kind, CaseAmended.kind})
"""Kinds of rows after which a case is not open, and that which may count others again."""
_CHILDREN: Final = frozenset({"children"})
_PARENT: Final = frozenset({"parent"})
_KEYED: Final = frozenset({"today", "parent", "children"})
"""Names beside fields by which answers are kept, as far as they are known."""
MOST: Final = 20_000
"""Of answers that are kept for each state; they are forgotten when there are more."""


class CountedStanding(Protocol):
    """A case as it stands after a row, by its own chain."""

    rules: Rules
    fields: dict[str, object]
    moves: tuple[tuple[str, str], ...]
    unit: str
    came_from: str | None

    def case(self, state: str) -> Case:
        """Return it as rules look at a case."""
        ...


class _Needs(NamedTuple):
    """What decides how a case counts in one state of a version of its workflow, and what is known of it."""

    counts: tuple[tuple[int, tuple[Expression, ...]], ...]
    """In their order: how it counts, if all of these hold."""
    fields: tuple[str, ...]
    more: bool
    """More decides it than values: the day, the officer, the unit, the number or what was done."""
    by_day: bool
    """Of these only the day."""
    known: dict[tuple[object, ...], frozenset[int]]
    """By the values, how the case may count."""


class JudgedCounts:
    """What the rules come to, kept for all cases."""

    def __init__(self, zone: str) -> None:
        """Begin with nothing known.

        Args:
            zone: Name of that in which local days begin.
        """
        self._zone = zone
        self._needs: dict[tuple[Rules, str], _Needs] = {}
        self._day: tuple[int, date] = (0, local_day(0, zone))

    def possible(
        self, standing: CountedStanding, row: ChainRow, event: CaseEvent, unknown: frozenset[str]
    ) -> frozenset[int]:
        """Return how a case may count after a row that counts it.

        Args:
            standing: The case after the row.
            unknown: Which of children and parent the chain does not tell.
        """
        rules, state = standing.rules, row.to_state or ""
        if state not in rules.counted:
            return _OPEN
        needs = self._needs.get((rules, state))
        if needs is None:
            needs = self._needs[rules, state] = _needs_of(rules, state)
        at = row.at if event.clock_at is None else event.clock_at
        if at != self._day[0]:
            self._day = at, local_day(at, self._zone)
        day = self._day[1]
        if needs.more:
            return frozenset(_come_to(needs, standing, state, row.by, day, unknown))
        values = tuple(map(standing.fields.get, needs.fields))
        if list in map(type, values):
            values = tuple(tuple(each) if isinstance(each, list) else each for each in values)
        key = (day if needs.by_day else None, unknown, values)
        try:
            found = needs.known.get(key)
        except TypeError:  # a value that no field holds
            return frozenset(_come_to(needs, standing, state, row.by, day, unknown))
        if found is None:
            if len(needs.known) >= MOST:
                needs.known.clear()
            found = needs.known[key] = frozenset(_come_to(needs, standing, state, row.by, day, unknown))
        return found


def _needs_of(rules: Rules, state: str) -> _Needs:
    """Return what decides how a case counts in a state."""
    workflow = rules.workflow
    of_both = ((Count.FULLY_CLOSED, workflow.fully_closed), (Count.CLEARED, workflow.cleared))
    asked = [(count, rule.when) for count, rule in of_both if state in rule.states]
    expressions = [each.expression for _, when in asked for each in when]
    named = frozenset(name for each in expressions for name in names(each))
    others = named - workflow.fields.keys() - {"state"}
    history = any("history" in compile_expression(each).uses for each in expressions)
    return _Needs(
        counts=tuple(
            (int(count), tuple(compile_expression(each.expression) for each in when)) for count, when in asked
        ),
        fields=tuple(sorted(named & workflow.fields.keys())),
        more=history or not others <= _KEYED,
        by_day="today" in others,
        known={},
    )


class CountsOfCase:
    """How the rows of one case say that it counts; asked row by row, in their order."""

    __slots__ = ("_before", "_has_children", "_has_parent", "_judged", "_wrong")

    def __init__(self, judged: JudgedCounts, case: ReplayedCase) -> None:
        """Begin before its first row."""
        self._judged = judged
        self._before = int(Count.OPEN)
        self._has_children = False
        self._has_parent = case.parent is not None
        self._wrong: dict[int, tuple[str, Text]] = {}

    def follow_silent(self, row: ChainRow) -> None:
        """Look at a row that leaves its case as it is."""
        if row.clearance != self._before:
            self._accuse(row, (self._before,))

    def follow(self, standing: CountedStanding, row: ChainRow, event: CaseEvent, *, is_judged: bool) -> None:
        """Look at a row that happened.

        Args:
            standing: The case after it.
            is_judged: Something else of it was not allowed, or older programs wrote it: its count is not looked at.
        """
        kind, clearance = row.kind, row.clearance
        if kind in _OF_CHILDREN or (kind == StepTaken.kind and isinstance(event, StepTaken) and event.opened):
            self._has_children = True
        # So stand most rows of most cases: open, in a state that counts as nothing else.
        if clearance == 0 == self._before and kind not in _ENDS and row.to_state not in standing.rules.counted:
            return
        if isinstance(event, CaseAmended):
            for seq in event.recounts:
                if self._wrong.get(seq, ("",))[0] == LegacyEntered.kind:  # nothing else was ever counted wrong lawfully
                    del self._wrong[seq]
        if not is_judged and clearance not in (wanted := self._wanted(standing, row, event)):
            self._accuse(row, sorted(wanted))
        self._before = clearance

    def breaks(self, number: str) -> Iterator[Break]:
        """Yield the rows that say a wrong count, and that no later row counts again."""
        for seq, (_, sentence) in self._wrong.items():
            yield Break(case=number, seq=seq, what=COUNT, which=str(sentence))

    def _accuse(self, row: ChainRow, wanted: Sequence[int]) -> None:
        """Remember that a row says another count than it may."""
        self._before = row.clearance  # what follows stays by it, and is not accused besides
        meant = [CALLED[each] for each in wanted]
        sentence = Text("it says {said}, the rules say {meant}", "记为“{said}”，按规则应为“{meant}”").format(
            said=CALLED.get(row.clearance, str(row.clearance)),
            meant=Text(" or ".join(each.en for each in meant), "”或“".join(each.zh for each in meant)),
        )
        self._wrong[row.seq] = row.kind, sentence

    def _wanted(self, standing: CountedStanding, row: ChainRow, event: CaseEvent) -> frozenset[int]:
        """Return how the case may count after a row."""
        before = self._before
        if isinstance(event, CaseVoided):
            return frozenset({int(Count.VOID)})
        if isinstance(event, CaseLinked):
            return frozenset({int(Count.REPEATS)})
        stays = before in _OUT and not (isinstance(event, CaseUnlinked) and before == Count.REPEATS)
        if stays or row.kind not in _COUNTING or row.to_state is None:
            return frozenset({before})
        unknown = (_CHILDREN if self._has_children else frozenset()) | (_PARENT if self._has_parent else frozenset())
        found = self._judged.possible(standing, row, event, unknown)
        # A ledger's values, or its opening, that its state follows in the same commit leave the count to that row, and
        # cases that a reminder opened leave it to theirs.
        leaves = isinstance(event, ChildrenOpened) or (isinstance(event, CaseOpened | CaseAmended) and event.file)
        return found | {before} if leaves else found


def only_recounts(event: CaseEvent) -> bool:
    """Say whether a row corrects no value, but how rows before it count; the program writes such as it upgrades."""
    if not isinstance(event, CaseAmended) or not event.recounts:
        return False
    return not (event.set or event.was or event.sealed or event.dated_on or event.file)


def _come_to(
    needs: _Needs, standing: CountedStanding, state: str, by: str, day: date, unknown: frozenset[str]
) -> Iterator[int]:
    """Yield every count to which the rules may come: the first whose conditions hold."""
    moves = standing.moves
    family = Family(doers=doers_of(moves), moves=moves, came_from=standing.came_from)
    scope = standing.rules.scope(standing.case(state), standing.fields, family, by=by, today=day)
    known_of = OF_HISTORY | (_CHILDREN | _PARENT) - unknown
    for count, conditions in needs.counts:
        known = [each for each in conditions if each.uses <= known_of]
        if all(each.verdict(scope).holds for each in known):
            yield count
            if len(known) == len(conditions):
                return
    yield int(Count.OPEN)
