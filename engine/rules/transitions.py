"""What may happen to a case: pure decisions over values, no clock and no database.

A rule answers with a Decision, or refuses with every reason at once. The same code says what can
be done next and what is missing for it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType

from engine.errors import Reason
from engine.expressions.evaluate import Guards, compile_expression, guards, names
from engine.journal.case_events import CaseEvent
from engine.journal.event import SEALED
from engine.language import Text
from engine.rules.case import Actor, Case, Count, Decision, Family, NextStep
from engine.rules.computed_values import uses_of, valued, with_computed, written
from engine.rules.gathered_values import born_of, gathered, gathering_fields
from engine.rules.machine import Machine, TakenStep
from engine.rules.naming import Sentences, condition_called
from engine.rules.paired_values import pairs_of, unpaired
from engine.rules.refusals import (
    impossible,
    missing_field,
    not_emptied,
    not_taken,
    refuse_the_dead,
    step_refused,
    wrong_hands,
)
from engine.rules.related_cases import children_seen, seen
from engine.rules.required import failing
from engine.rules.shapes import Shapes
from engine.rules.step_event import event_of
from engine.workflow.computed import COUNTS_DAYS, STANDING_NAMES, computed, literal
from engine.workflow.field_traits import DAY_TYPES, OFFICER_TYPES
from engine.workflow.model import Clearance, FieldType, Guard, Transition, Workflow


class Rules:
    """One workflow version, prepared so that thousands of cases can be judged quickly."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.machine = Machine(workflow)
        self.said = Sentences(workflow)
        self.sealed = frozenset(f.name for f in workflow.fields.values() if f.type is FieldType.SEALED)
        self.texts = frozenset(f.name for f in workflow.fields.values() if f.type is FieldType.TEXT)
        self.unique = frozenset(each.name for each in workflow.fields.values() if each.unique)
        self.by_type = tuple(each for each in workflow.fields.values() if each.lists)
        """The fields whose list goes by the type of the unit and the day of receipt."""
        self._list_of = {each.name: {one.value: one.of_list for one in each.choices} for each in self.by_type}
        self.signatures = frozenset(each.name for each in workflow.fields.values() if each.signature)
        self.held = {each.name: each.held_by for each in workflow.fields.values() if each.held_by}
        """Fields that name officers, and one of which roles these need."""
        self.growing = frozenset(each.name for each in workflow.fields.values() if each.grows)
        self.pairs = pairs_of(workflow)
        self.gathering = gathering_fields(workflow)
        self._people = frozenset(each.name for each in workflow.fields.values() if each.type in OFFICER_TYPES)
        self.required = tuple(each for each in workflow.fields.values() if each.required)
        self.open_by = frozenset(workflow.open_by)
        self._dates = frozenset(f.name for f in workflow.fields.values() if f.type in DAY_TYPES)
        self._blank: dict[str, object] = dict.fromkeys(workflow.fields)
        self.brings = {
            each.name: tuple(dict.fromkeys((*each.asks, *each.needs, *each.takes))) for each in workflow.transitions
        }
        """The fields that a step asks for, needs or takes, each once, in that order."""
        self.takes = {name: frozenset(fields) for name, fields in self.brings.items()}
        self.literals = {each.name: literal(each.sets) for each in workflow.transitions}
        self.computed = {each.name: found for each in workflow.transitions if (found := computed(each.sets))}
        self.guards: dict[str, Guards] = {
            each.name: guards(tuple(guard.expression for guard in each.when)) for each in workflow.transitions
        }
        self._counts: tuple[tuple[Count, Clearance, frozenset[str], Guards], ...] = tuple(
            (count, rule, frozenset(rule.states), guards(tuple(guard.expression for guard in rule.when)))
            for count, rule in (
                (Count.FULLY_CLOSED, workflow.fully_closed),
                (Count.CLEARED, workflow.cleared),
            )
        )

        conditional = {each.name: each.if_ for each in workflow.deadlines.values() if each.if_}
        self._conditional = tuple(conditional)
        self._conditions = guards(tuple(conditional.values()))
        self._unconditional = dict.fromkeys(workflow.deadlines, True)
        self._asked: dict[str, frozenset[str]] = {}
        self._missing: dict[tuple[str, bool], Reason] = {}
        self.ending: dict[tuple[str, str], tuple[str, ...]] = {}
        """The deadlines that a step ends, by the state and its name, as far as asked; see `engine.rules.likely`."""
        self.awaited: dict[str, Sequence[Transition]] = {}
        """The steps that a case waits for, by its state, as far as somebody asked; see `engine.rules.turns`."""
        # What the register fills in is worked out case by case, so that a step which takes it cannot be judged for many
        # at once.
        filled = frozenset().union(*(each.fills for each in workflow.recurs.values()))
        alone = (each for each in workflow.transitions if not (each.bulk and filled.isdisjoint(self.takes[each.name])))
        self._alone = frozenset(each.trigger for each in alone)
        self.names = frozenset((*workflow.fields, *STANDING_NAMES))
        self.counted: frozenset[str] = frozenset().union(*(states for _, _, states, _ in self._counts))

    def people(self, fields: Mapping[str, object]) -> frozenset[str]:
        """Return the codes of the officers whom values name."""
        found: set[str] = set()
        for name, value in fields.items():  # a workflow may have more fields for officers than a case has values
            if name not in self._people:
                continue
            if isinstance(value, str):
                found.add(value)
            elif isinstance(value, list):
                found.update(map(str, value))
        return frozenset(found)

    def named_otherwise(self, event: CaseEvent, after: Mapping[str, object]) -> tuple[frozenset[str], frozenset[str]]:
        """Return whom a case names no more after a change, and whom the change brings.

        Only the values that the change is about are looked at. An officer who leaves one of them may still stand in
        another; one who is brought may have stood there before.

        Args:
            after: All values after it.
        """
        was, brought = self.people(event.replaced), self.people(event.brought)
        gone = was - brought
        return gone - self.people(after) if gone else gone, brought - was

    def list_of(self, name: str, value: object) -> str | None:
        """Return the list in which a value of one of the fields `by_type` stands; None if it is in none."""
        return self._list_of[name].get(value) if isinstance(value, str) else None

    def in_bulk(self, trigger: str) -> bool:
        """Say whether *trigger* may be applied to many cases at once."""
        return trigger not in self._alone

    def asks_for(self, trigger: str) -> frozenset[str]:
        """Return which of children, history and parent have to be read to judge *trigger*."""
        if trigger in self._asked:
            return self._asked[trigger]
        wanted: set[str] = set(self._conditions.uses)
        for state, possible in self.machine.plan(trigger).items():
            for each in possible:
                for _, _, states, expressions in self._counts:
                    if (each.target or state) in states:
                        wanted |= expressions.uses
                wanted |= self.guards[each.name].uses
                for condition in (each.if_, *(opening.if_ for opening in each.opens)):
                    if condition is not None:
                        wanted |= compile_expression(condition).uses
                wanted.update(self._reads(each), *uses_of(each))
        self._asked[trigger] = frozenset(wanted)
        return self._asked[trigger]

    def _reads(self, step: Transition) -> Iterator[str]:
        """Yield which of children, history and parent a step needs beside its expressions."""
        if step.opens and self.gathering:
            yield "children"
        if step.not_by:
            yield "history"
        if any(earlier.of_parent for earlier in step.not_by):
            yield "parent"

    def missing(self, name: str, *, now: bool) -> Reason:
        """Return the reason for a value that is missing, put into words once; *now* if this step must bring it."""
        found = self._missing.get((name, now))
        if found is None:
            found = self._missing[name, now] = missing_field(self.workflow, name, now=now)
        return found

    @cached_property
    def far(self) -> Mapping[str, int]:
        """From how many steps away each state reaches one that is fully closed."""
        far = dict.fromkeys(self.workflow.fully_closed.states, 0)
        for steps_away in range(1, len(self.workflow.states)):
            leading = (s for s in self.workflow.states if any(e.target in far for e in self.machine.leaving(s)))
            far |= dict.fromkeys([state for state in leading if state not in far], steps_away)
        return far

    @cached_property
    def shapes(self) -> Shapes:
        """What gives the shapes of its cases."""
        valued = (e.name for e in self.workflow.fields.values() if e.type in {FieldType.CHOICE, FieldType.FLAG})
        theirs = (each.name for each in self.workflow.deadlines.values() if each.is_theirs)
        return Shapes(self.workflow.version, valued, theirs)

    @cached_property
    def counting(self) -> frozenset[str]:
        """Which of children, history and parent have to be read to say how a case counts and what runs."""
        return frozenset(self._conditions.uses).union(*(expressions.uses for *_, expressions in self._counts))

    @cached_property
    def asked_of_children(self) -> frozenset[str]:
        """Which of children, history and parent have to be read when a child has changed."""
        return self.counting | {"children"} if self.gathering else self.counting

    @cached_property
    def amending(self) -> tuple[tuple[Guard, frozenset[str]], ...]:
        """What must hold after a correction, each with the names in it."""
        return tuple((each, names(each.expression)) for each in self.workflow.amend_when)

    @cached_property
    def asks_to_amend(self) -> frozenset[str]:
        """Which of children, history and parent have to be read to judge a correction."""
        return guards(tuple(each.expression for each in self.workflow.amend_when)).uses

    def scope(
        self,
        case: Case,
        values: Mapping[str, object],
        family: Family,
        *,
        by: str,
        today: date,
    ) -> dict[str, object]:
        """Return what expressions may name, with *values* as the case's values."""
        scope = {**self._blank, **values}
        for name in self._dates.intersection(values):
            written = values[name]
            if written is not None:
                scope[name] = date.fromisoformat(written[:10])  # type: ignore[index]  # days are stored as text
        scope["state"] = case.state
        scope["number"] = case.number
        scope["unit"] = case.unit
        scope["by"] = by
        scope["today"] = today
        scope["parent"] = seen(family.parent) if family.parent else {}
        scope["children"] = children_seen(family)
        scope[COUNTS_DAYS] = family.after
        scope["done"] = family.doers.__contains__
        scope["came_from"] = family.came_from
        scope["last_doer"] = lambda trigger: next((by for done, by in reversed(family.moves) if done == trigger), None)
        scope["doers"] = lambda trigger: sorted(family.doers.get(trigger, ()))
        return scope

    def applies(self, scope: Mapping[str, object]) -> dict[str, bool]:
        """Return of each declared deadline whether its own condition holds."""
        return {**self._unconditional, **dict(zip(self._conditional, self._conditions.truths(scope), strict=True))}

    def count(self, state: str, scope: Mapping[str, object]) -> Count:
        """Return how a case counts in *state* (domain §9.2)."""
        for count, _, states, expressions in self._counts:
            if state in states and expressions.hold(scope):
                return count
        return Count.OPEN

    def lacking(self, count: Count, scope: Mapping[str, object]) -> tuple[Text, ...]:
        """Return the sentences of what keeps a case from counting as *count*; the state apart."""
        for each, rule, _, expressions in self._counts:
            if each is count:
                return tuple(failing(rule.when, expressions, scope, self.said))
        return ()


def advance(
    rules: Rules,
    case: Case,
    trigger: str,
    brought: Mapping[str, object],
    *,
    actor: Actor,
    family: Family,
    today: date,
    filled: Mapping[str, object] = MappingProxyType({}),
    besides: Sequence[Text] = (),
) -> Decision:
    """Decide what *trigger* does to *case*.

    Args:
        brought: Checked values; those of sealed fields in clear, to be sealed as the step is committed.
        today: Local date.
        filled: What the register says of the case's figures; what is brought goes before it.
        besides: What is wrong with the values as the rest of the register shows: reasons among all others.

    Raises:
        NotFoundError: If the workflow has no such trigger.
        RefusedError: If it may not happen; every reason is named.
    """
    refuse_the_dead(case)
    reasons = emptied(rules, case.fields, brought)
    brought = grown(rules, case.fields, brought)
    merged = {**case.fields, **filled, **brought}
    seals = {k: str(v) for k, v in brought.items() if v and k in rules.sealed}
    merged.update(dict.fromkeys(seals, SEALED))
    scope = rules.scope(case, merged, family, by=actor.code, today=today)
    step = _taken(rules, case, trigger, scope)
    chosen = step.transition
    fields = valued(merged)
    if chosen.clears or chosen.sets:
        fields, scope = _left(rules, case, chosen, (merged, brought), family, actor, today, reasons)
    reasons += wrong_hands(rules.workflow, chosen, case, actor=actor, family=family)
    reasons += _wrongly_brought(rules, chosen, brought, fields)
    # Guards are asked of the values after the step: what the step brings may be what they wait for.
    reasons += failing(chosen.when, rules.guards[chosen.name], scope, rules.said, taken=rules.brings[chosen.name])
    births, wrong = born_of(chosen.opens, fields, scope)
    reasons += (*unpaired(rules.pairs, case.fields, fields), *besides, *wrong)
    if reasons:
        raise step_refused(chosen, case, reasons)
    if births and (collected := gathered(fields, rules.gathering, family.children, births)):
        fields = {k: v for k, v in {**fields, **collected}.items() if v is not None}
        scope = rules.scope(case, fields, family, by=actor.code, today=today)
    # How it counts and which terms run is asked of the case as the step leaves it, unborn children included.
    scope |= {"state": step.state, "children": children_seen(family, births)}
    return Decision(
        event=event_of(case, chosen, fields, brought),
        state=step.state,
        fields=fields,
        clearance=rules.count(step.state, scope),
        applies=rules.applies(scope),
        births=births,
        further=chosen if chosen.each or chosen.hands_to else None,
        seals=seals,
        parent=family.parent,
    )


def steps(
    rules: Rules, case: Case, family: Family, *, today: date, by: str = "", known: Collection[str] = ()
) -> tuple[NextStep, ...]:
    """Return the transitions that leave the case's state, and what each still lacks.

    Args:
        known: Fields that need not be brought, since the register has them for the step.
    """
    if case.clearance in {Count.VOID, Count.REPEATS}:
        return ()
    found: list[NextStep] = []
    scope = rules.scope(case, case.fields, family, by=by, today=today)
    for each in rules.machine.leading_on(case.state, family.came_from):
        brought = [name for name in each.asks if name not in known]
        empty = [
            name
            for name in each.needs
            if case.fields.get(name) is None and name not in each.asks and name not in each.sets
        ]
        asked = {*brought, *empty}
        missing = [rules.missing(name, now=True) for name in brought]
        missing += [rules.missing(name, now=False) for name in empty]
        after = {k: v for k, v in {**case.fields, **rules.literals[each.name]}.items() if k not in each.clears}
        view = rules.scope(case, after, family, by=by, today=today) if each.sets or each.clears else scope
        if each.name in rules.computed:
            after, _ = with_computed(rules.workflow, rules.computed[each.name], after, view, today=today)
            view = rules.scope(case, after, family, by=by, today=today)
        taken = rules.brings[each.name]
        against = failing(each.when, rules.guards[each.name], view, rules.said, taken=taken)
        if each.if_ and not compile_expression(each.if_).verdict(view).holds:
            condition = each.declared_if or each.if_
            only = Text(f"only if {condition}", f"仅当 {condition_called(rules.workflow, condition)}")
            field = next((name for name in taken if name in names(each.if_)), None)
            against.append(Reason.of(only, "condition", field=field, basis=each.basis))
        lacks = tuple(map(Reason.of, (*missing, *against)))
        found.append(
            NextStep(
                name=each.name,
                trigger=each.trigger,
                title=each.title,
                target=each.target,
                by=each.by,
                missing=lacks,
                would_open=bool(each.opens) and not against,
                is_barred=any(why.field is None for why in lacks[len(missing) :]),
                asks=tuple(name for name in taken if name in asked),
                takes=tuple(name for name in taken if name not in asked),
            )
        )
    return tuple(found)


def grown(rules: Rules, before: Mapping[str, object], brought: Mapping[str, object]) -> Mapping[str, object]:
    """Return what is brought, with lists that only grow added to what was there.

    Args:
        before: The values of the case so far.
        brought: Checked values.
    """
    if rules.growing.isdisjoint(brought):
        return brought
    after = dict(brought)
    for name in rules.growing.intersection(brought):
        there, more = before.get(name), brought[name]
        if isinstance(there, list) and isinstance(more, list):
            after[name] = [*there, *(each for each in more if each not in there)]
    return after


def emptied(rules: Rules, before: Mapping[str, object], brought: Mapping[str, object]) -> list[Text]:
    """Return why lists that only grow are not emptied; nothing if none is."""
    names = (name for name in rules.growing.intersection(brought) if brought[name] is None and before.get(name))
    return [not_emptied(rules.workflow.fields[name]) for name in sorted(names)]


def _taken(rules: Rules, case: Case, trigger: str, scope: Mapping[str, object]) -> TakenStep:
    """Return the step that the machine takes for *trigger*.

    Raises:
        NotFoundError: If the workflow has no such trigger.
        RefusedError: If none leaves the state that the case is in.
    """
    step = rules.machine.take(case.state, trigger, _chooser(scope))
    if step is None:
        raise impossible(rules.workflow, rules.machine, case, trigger)
    return step


def _left(
    rules: Rules,
    case: Case,
    chosen: Transition,
    values: tuple[Mapping[str, object], Mapping[str, object]],
    family: Family,
    actor: Actor,
    today: date,
    reasons: list[Text],
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values that a step leaves, and what expressions may name by them.

    Args:
        values: All that there are, and those that were brought.
        reasons: Those of a refusal; what could not be worked out is added.
    """
    fields = written(chosen, rules.literals[chosen.name], *values)
    scope = rules.scope(case, fields, family, by=actor.code, today=today)
    if chosen.name in rules.computed:
        fields, wrong = with_computed(rules.workflow, rules.computed[chosen.name], fields, scope, today=today)
        scope = rules.scope(case, fields, family, by=actor.code, today=today)
        reasons += wrong
    return fields, scope


def _wrongly_brought(
    rules: Rules, chosen: Transition, brought: Mapping[str, object], fields: Mapping[str, object]
) -> Iterator[Text]:
    """Yield what the step is given but does not take, and what it asks for or needs and is not there.

    Args:
        fields: The values after the step.
    """
    workflow, takes = rules.workflow, rules.takes[chosen.name]
    yield from (not_taken(workflow, name) for name in brought if name not in takes)
    yield from (missing_field(workflow, name, now=True) for name in chosen.asks if brought.get(name) is None)
    for name in chosen.needs:
        if fields.get(name) is None and name not in chosen.asks:
            yield missing_field(workflow, name, now=False)


def _chooser(scope: Mapping[str, object]) -> Callable[[Transition], bool]:
    """Return what says whether a transition's own condition holds."""

    def applies(each: Transition) -> bool:
        return each.if_ is None or compile_expression(each.if_).verdict(scope).holds

    return applies
