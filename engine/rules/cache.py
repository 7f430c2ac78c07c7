"""The decision cache of a step in bulk: cases alike in all that decides the step share one decision.

The rules are asked as for a single case; only their decision is kept, with the values that it rests on.
A decision that rests on more than those values (children, history, a case's own number) is never kept,
nor is a refusal, which names the case.

Without it each of thousands of cases would pay for its guards again: 10,000 steps in bulk took 4.6 times
their floor instead of 2.9 (CPU time). The library that moves cases needs no such twin: it is asked once
for all cases that are alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock, as_clock
from engine.expressions.evaluate import names
from engine.journal.case_events import StepTaken
from engine.language import Text
from engine.rules.case import Actor, Case, Count, Decision, Family
from engine.rules.step_event import step_taken
from engine.rules.transitions import Rules, advance, grown
from engine.workflow.deadline import EndsByField, OnField, StartsByField, WithinByValue
from engine.workflow.model import Transition, Workflow
from engine.working_days.calendars import Calendar

MAX_ENTRIES: Final = 2_000
"""Of each cache; there is one for each unit, and there may be many units, so it is emptied when it is full."""


class DecisionCache:
    """Decisions on one step with the same values brought, by the same officer on the same day."""

    def __init__(
        self,
        rules: Rules,
        trigger: str,
        brought: Mapping[str, object],
        *,
        actor: Actor,
        today: date,
        besides: Sequence[Text] = (),
    ) -> None:
        """Begin empty.

        Args:
            brought: Checked values; those of sealed fields in clear.
            actor: Who acts, with the roles in the unit of all cases that will be asked about.
            today: Local date.
            besides: What is wrong with the values as the rest of the register shows.
        """
        self._besides = besides
        self._rules = rules
        self._trigger = trigger
        self._brought = brought
        self._actor = actor
        self._today = today
        self._grows = not rules.growing.isdisjoint(brought)
        empties = any(brought[name] is None for name in rules.growing.intersection(brought))
        # A value to be sealed is sealed for its own case; emptying a list that grows is refused by what it held.
        shareable = rules.sealed.isdisjoint(brought) and not empties
        self._deciding = _deciding_fields(rules, trigger) if shareable else None
        self._entries: dict[tuple[object, ...], _Entry] = {}

    def decide(self, case: Case, family: Family) -> Decision:
        """Return what the step does to *case*.

        Raises:
            RefusedError: If it may not happen; every reason is named.
        """
        key = self._key(case)
        entry = None if key is None else self._entries.get(key)
        if entry is not None:
            brought = grown(self._rules, case.fields, self._brought) if self._grows else self._brought
            return _applied(entry, case, brought)
        decision = advance(
            self._rules,
            case,
            self._trigger,
            self._brought,
            actor=self._actor,
            family=family,
            today=self._today,
            besides=self._besides,
        )
        if key is not None and not (decision.births or decision.further or decision.seals):
            if len(self._entries) >= MAX_ENTRIES:
                self._entries.clear()
            self._entries[key] = self._entry(decision)
        return decision

    def _key(self, case: Case) -> tuple[object, ...] | None:
        """Return the values that decide the step; None if more than they would."""
        if self._deciding is None or case.clearance >= Count.VOID:
            return None
        fields = case.fields
        judged, needed = self._deciding
        values = tuple(map(fields.get, judged))
        # A list cannot be part of a key, and an explicit nothing is not the same as no entry.
        if list in map(type, values) or None in fields.values():
            return None
        return case.state, case.unit, values, tuple(map(fields.__contains__, needed))

    def _entry(self, decision: Decision) -> "_Entry":
        """Return what is kept of a decision."""
        event = decision.event
        assert isinstance(event, StepTaken)
        name = event.transition or event.trigger
        chosen = next(each for each in _transitions_of(self._rules, self._trigger) if each.name == name)
        only_adds = not chosen.clears and not chosen.sets and None not in self._brought.values()
        return _Entry(
            decision.state,
            decision.clearance,
            decision.applies,
            chosen,
            tuple(dict.fromkeys((*self._brought, *chosen.clears, *chosen.sets))),
            step_taken(chosen, self._brought, {}) if only_adds else None,
        )


class DeadlineCache:
    """How deadlines go on when cases change at the same instant."""

    def __init__(self, workflow: Workflow, calendar: Calendar, *, now_at: int) -> None:
        """Begin empty.

        Args:
            calendar: That of the unit of all cases that will be asked about.
            now_at: Microseconds since 1970 UTC.
        """
        self._workflow = workflow
        self._calendar = calendar
        self._now_at = now_at
        self._dates = tuple(sorted({*deadline_fields(workflow)}))
        self._entries: dict[tuple[object, ...], list[tuple[int, Clock]]] = {}

    def changed(
        self, case_id: int, came_from: str, decision: Decision, clocks: Sequence[Clock]
    ) -> tuple[tuple[Clock, ...], object]:
        """Return the deadlines that a decision starts, ends, stops or moves, and what they have in common.

        That is one and the same object for all cases whose deadlines go on alike, but for their ids: what
        writes them may then write one text for all.

        Args:
            came_from: The state before the change.
            clocks: All clocks of the case so far, by id.

        Raises:
            BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
        """
        values = tuple(map(decision.fields.get, self._dates))
        # The first two parts of a clock are its own id and its case's.
        key = (
            came_from,
            decision.state,
            tuple(decision.applies.values()),
            values,
            tuple([each[2:] for each in clocks]),
        )
        entry = self._entries.get(key)
        if entry is None:
            changed = after_change(
                self._workflow,
                decision.state,
                decision.fields,
                decision.applies,
                clocks,
                came_from=came_from,
                case_id=case_id,
                now_at=self._now_at,
                calendar=self._calendar,
            )
            place = {each.id: at for at, each in enumerate(clocks)}
            if len(self._entries) >= MAX_ENTRIES:
                self._entries.clear()
            # A list, though nobody changes it: of tuples all that are empty are one object, which would say that
            # deadlines of which none changes are alike.
            entry = self._entries[key] = [(-1 if each.id is None else place[each.id], each) for each in changed]
            return changed, entry
        return tuple([as_clock((None if at < 0 else clocks[at].id, case_id, *each[2:])) for at, each in entry]), entry


def deadline_fields(workflow: Workflow) -> Iterator[str]:
    """Yield the fields that deadlines start from, are due on or are met by."""
    for each in workflow.deadlines.values():
        if isinstance(each.starts, StartsByField):
            yield each.starts.field
        if isinstance(each.due, OnField | WithinByValue):
            yield each.due.field
        if isinstance(each.ends, EndsByField):
            yield each.ends.field


def counting_expressions(workflow: Workflow) -> Iterator[str]:
    """Yield the expressions that say how a case counts and which deadlines apply."""
    for each in (workflow.cleared, workflow.fully_closed):
        yield from (guard.expression for guard in each.when)
    yield from (each.if_ for each in workflow.deadlines.values() if each.if_)


class _Entry(NamedTuple):
    """What is kept of the decision on all cases with the same deciding values."""

    state: str
    clearance: int
    applies: Mapping[str, bool]
    chosen: Transition
    touched: tuple[str, ...]
    """The fields that the step may change."""
    event: StepTaken | None
    """What the journal says of each case that had no value in them; None if the step does more than add values.

    It is one object for all of them, so that bulk can write one text.
    """


def _deciding_fields(rules: Rules, trigger: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the fields that decide a step by their values, and those that only must be there; None if more does."""
    if rules.asks_for(trigger):
        return None
    named = deciding_names(rules, trigger)
    if "number" in named or any(each.name in rules.computed for each in _transitions_of(rules, trigger)):
        return None
    needed = {name for each in _transitions_of(rules, trigger) for name in each.needs} - named
    return tuple(sorted(named & {*rules.workflow.fields})), tuple(sorted(needed))


def deciding_names(rules: Rules, trigger: str) -> frozenset[str]:
    """Return the names whose values decide a step: fields, and what else expressions may name, such as `today`."""
    workflow = rules.workflow
    possible = _transitions_of(rules, trigger)
    expressions = [*counting_expressions(workflow), *(guard.expression for each in possible for guard in each.when)]
    expressions += [each.if_ for each in possible if each.if_]
    expressions += [opened.if_ for each in possible for opened in each.opens if opened.if_]
    named = {name for expression in expressions for name in names(expression)}
    named.update(name for each in possible for name in each.by)
    for pair in rules.pairs:
        if not touched_fields(rules, trigger).isdisjoint({each.name for each in pair}):
            named.update(each.name for each in pair)
    return frozenset(named)


def touched_fields(rules: Rules, trigger: str) -> frozenset[str]:
    """Return the fields that a step needs or may change."""
    possible = _transitions_of(rules, trigger)
    return frozenset().union(*((*each.needs, *each.asks, *each.takes, *each.sets, *each.clears) for each in possible))


def changed_fields(rules: Rules, trigger: str, brought: Iterable[str]) -> frozenset[str]:
    """Return the fields that a step may change if it brings certain ones."""
    return frozenset(brought).union(*((*each.sets, *each.clears) for each in _transitions_of(rules, trigger)))


def _transitions_of(rules: Rules, trigger: str) -> tuple[Transition, ...]:
    """Return the transitions of a trigger from any state, by the machine's plan."""
    by_name = {each.name: each for possible in rules.machine.plan(trigger).values() for each in possible}
    return tuple(by_name.values())


def _applied(entry: _Entry, case: Case, brought: Mapping[str, object]) -> Decision:
    """Return the decision on a case, as `advance` would make it, from the one on another case like it."""
    before, chosen = case.fields, entry.chosen
    fields = {**before, **brought}
    if entry.event is not None and before.keys().isdisjoint(entry.touched):
        return Decision(entry.event, entry.state, fields, entry.clearance, entry.applies)
    if chosen.clears or chosen.sets:
        fields = {k: v for k, v in fields.items() if k not in chosen.clears or k in brought}
        fields.update((k, v) for k, v in chosen.sets.items() if v is not None)
    if None in brought.values():
        fields = {k: v for k, v in fields.items() if v is not None}
    changed = {k: fields[k] for k in entry.touched if k in fields and (before.get(k) != fields[k] or k in brought)}
    was = {k: before[k] for k in entry.touched if k in before and (k in changed or k not in fields)}
    return Decision(step_taken(chosen, changed, was), entry.state, fields, entry.clearance, entry.applies)
