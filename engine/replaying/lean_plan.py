"""Steps judged as `engine.rules.transitions.advance` judges them, fast enough for logs of millions of events.

A case is one scope that is changed in place; most steps need no more than a look into a table and, where the
workflow has conditions, one judgement of them. Whatever is rare (children opened, values worked out or sealed, lists
that grow) and whatever would be refused is decided by the rules themselves, which also say why: a lean plan can be
wrong only by accepting, and a test holds that against the rules, event by event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from engine.errors import NotFoundError, RefusedError
from engine.expressions.evaluate import Expression, Guards, compile_expression
from engine.rules.case import Actor, Birth, Case, Count, Decision, Family
from engine.rules.refusals import doers_of
from engine.rules.related_cases import Seen
from engine.rules.transitions import Rules, advance
from engine.workflow.computed import COUNTS_DAYS, STANDING_NAMES
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.field_traits import DAY_TYPES
from engine.workflow.model import Transition
from engine.workflow.proofs import Proof

_REMEMBERED: Final = 100_000
_NOTHING: Final[Mapping[str, object]] = {}


class PlayedCase:
    """A case in memory, as the rules see it; changed in place."""

    __slots__ = (
        "came_from",
        "children",
        "clearance",
        "doers",
        "fields",
        "lean",
        "moves",
        "number",
        "parent",
        "scope",
        "state",
        "unit",
    )  # fmt: skip

    def __init__(
        self, plan: "LeanPlan", number: str, fields: Mapping[str, object], *, unit: str = "", state: str | None = None
    ) -> None:
        """Begin it.

        Args:
            fields: Checked values.
            state: Where it begins; None for the first state.
        """
        self.lean = plan
        self.number = number
        self.unit = unit
        self.state = plan.rules.machine.initial if state is None else state
        self.fields = dict(fields)
        self.moves: list[tuple[str, str]] = []
        self.doers: dict[str, set[str]] = {}
        self.came_from: str | None = None
        self.children: list[PlayedCase] = []
        self.parent: PlayedCase | None = None
        self.clearance = int(Count.OPEN)
        self.scope: dict[str, object] = plan.scope_of(self)

    def as_case(self) -> Case:
        """Return it as the rules take it."""
        workflow = self.lean.rules.workflow
        return Case(
            0, self.number, workflow.name, workflow.version, self.state, 0, self.unit, None, None,
            str(self.fields.get(workflow.dated_by, "")), 0, 0, self.clearance, dict(self.fields), None, 0, "",
        )  # fmt: skip

    def family(self) -> Family:
        """Return what the rules may look at around it."""
        above = self.parent
        return Family(
            children=tuple(each.as_case() for each in self.children),
            parent=above.as_case() if above else None,
            doers={trigger: frozenset(codes) for trigger, codes in self.doers.items()},
            moves=tuple(self.moves),
            parent_doers={k: frozenset(v) for k, v in above.doers.items()} if above else {},
            parent_moves=tuple(above.moves) if above else (),
            came_from=self.came_from,
            after=self.lean.counts,
        )

    @property
    def parent_doers(self) -> Mapping[str, set[str]]:
        """Who did which step of its parent."""
        return {} if self.parent is None else self.parent.doers

    @property
    def parent_moves(self) -> Sequence[tuple[str, str]]:
        """The steps of its parent, in their order."""
        return () if self.parent is None else self.parent.moves

    def enter(self, state: str, trigger: str, by: str) -> None:
        """Let it stand where a step led, and remember who took the step."""
        if state != self.state:
            self.came_from = self.scope["came_from"] = self.state
            self.state = self.scope["state"] = state
        self.moves.append((trigger, by))
        doers = self.doers.get(trigger)
        if doers is None:
            self.doers[trigger] = {by}
        else:
            doers.add(by)

    def hold(self, fields: Mapping[str, object]) -> None:
        """Let it have other values than before."""
        self.fields = dict(fields)
        self.scope = self.lean.scope_of(self)

    def _children_seen(self, workflow: str) -> list[Seen]:
        return [
            Seen(each.fields, state=each.state, number=each.number, unit=each.unit)
            for each in self.children
            if each.lean.rules.workflow.name == workflow and each.clearance != Count.VOID
        ]

    def _last_doer(self, trigger: str) -> str | None:
        return next((by for done, by in reversed(self.moves) if done == trigger), None)


class _LeanStep(NamedTuple):
    """One transition from one state, ready to be judged."""

    declared: Transition
    target: str
    said: str
    """The trigger that the history remembers."""
    by: frozenset[str]
    if_: Expression | None
    when: Guards | None
    not_by: tuple[EarlierStep, ...]
    asks: tuple[str, ...]
    needs: tuple[str, ...]
    takes: frozenset[str]
    sets: tuple[tuple[str, object], ...]
    clears: tuple[str, ...]
    plain: bool
    """Nothing but its state and its officer decides it."""
    rare: bool
    """The rules decide it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a step that the rules themselves decided does besides moving its case."""

    births: tuple[Birth, ...] = ()
    further: Transition | None = None


DONE: Final = Accepted()
"""The step was taken, and nothing else follows."""


class LeanPlan:
    """One workflow, prepared to judge the steps of cases in memory."""

    def __init__(self, rules: Rules, said: Mapping[str, str] = _NOTHING, counts: Any = None) -> None:  # type: ignore[assignment]
        """Prepare it.

        Args:
            said: The trigger that a history remembers, of transitions that are fired by another name.
            counts: Counts a term such as `15 working_days` from a day; None if nothing does.
        """
        self.rules = rules
        self.counts = counts
        workflow = rules.workflow
        self._days = frozenset(each.name for each in workflow.fields.values() if each.type in DAY_TYPES)
        paired = {each.name for pair in rules.pairs for each in pair}
        #: What the rules look at more closely than at a value.
        self._delicate = frozenset(paired) | rules.sealed | rules.growing
        self.everybody = frozenset(role for each in workflow.transitions for role in each.by) | rules.open_by
        self._steps: dict[tuple[str, str], tuple[_LeanStep, ...]] = {}
        self._blank: dict[str, object] = {**dict.fromkeys(workflow.fields), **dict.fromkeys(STANDING_NAMES)}
        self._parsed: dict[str, date] = {}
        self._named: dict[tuple[str, str], tuple[str, ...]] = {}
        # From the last, so that of several steps under one name the one declared first stays.
        self._any = {said.get(each.name, each.trigger): each.trigger for each in reversed(workflow.transitions)}
        for trigger in rules.machine.triggers:
            for state, possible in rules.machine.plan(trigger).items():
                self._steps[state, trigger] = tuple(self._ready(each, state, said) for each in possible)
                for each in possible if said else ():
                    meant = state, said.get(each.name, each.trigger)
                    self._named[meant] = (*self._named.get(meant, ()), each.trigger)

    def candidates(self, state: str, trigger: str, *, near: bool = True) -> tuple[str, ...]:
        """Return by which names a trigger of a log may be fired in a state, in the order in which they are tried.

        Args:
            near: If there is none, return the trigger itself, so that the rules say why.
        """
        if not self._named:
            found: tuple[str, ...] = (trigger,) if (state, trigger) in self._steps else ()
        else:
            found = self._named.get((state, trigger), ())
        return found or ((self._any.get(trigger, trigger),) if near else ())

    def leads(self, state: str, trigger: str) -> str | None:
        """Return where the first transition that a trigger fires in a state leads; None if there is none."""
        possible = self._steps.get((state, trigger))
        return possible[0].target if possible else None

    def _ready(self, each: Transition, state: str, said: Mapping[str, str]) -> _LeanStep:
        workflow, literals = self.rules.workflow, self.rules.literals[each.name]
        by_name = any(name in workflow.fields for name in each.by)
        touches = not self._delicate.isdisjoint((*literals, *each.clears))
        rare = bool(each.opens or each.each or each.hands_to or each.name in self.rules.computed or touches)
        bare = not (each.if_ or each.when or each.not_by or each.asks or each.needs or each.sets or each.clears)
        return _LeanStep(
            declared=each,
            target=each.target or state,
            said=said.get(each.name, each.trigger),
            by=frozenset(each.by),
            if_=compile_expression(each.if_) if each.if_ else None,
            when=self.rules.guards[each.name] if each.when else None,
            not_by=each.not_by,
            asks=each.asks,
            needs=tuple(name for name in each.needs if name not in each.asks),
            takes=self.rules.takes[each.name],
            sets=tuple(literals.items()),
            clears=each.clears,
            plain=bare and not rare and not by_name,
            rare=rare,
        )

    def scope_of(self, case: PlayedCase) -> dict[str, object]:
        """Return what expressions may name of a case; what changes with the step is put in before each is judged."""
        scope = dict(self._blank)
        for name, value in case.fields.items():
            scope[name] = self._seen(name, value)
        scope["state"], scope["number"], scope["unit"] = case.state, case.number, case.unit
        scope["by"], scope["today"], scope["parent"] = "", None, {}
        scope["came_from"] = case.came_from
        scope["children"] = case._children_seen  # noqa: SLF001 - the plan makes the scopes of its own cases
        scope[COUNTS_DAYS] = self.counts
        scope["done"] = case.doers.__contains__
        scope["last_doer"] = case._last_doer  # noqa: SLF001 - as above
        scope["doers"] = lambda trigger: sorted(case.doers.get(trigger, ()))
        return scope

    def _seen(self, name: str, value: object) -> object:
        if name not in self._days or not isinstance(value, str):
            return value
        day = self._parsed.get(value)
        if day is None:
            # A log of many years has few days in use at a time: to begin again costs less than to keep an order.
            if len(self._parsed) >= _REMEMBERED:
                self._parsed.clear()
            day = self._parsed[value] = date.fromisoformat(value[:10])
        return day

    def play(
        self,
        case: PlayedCase,
        trigger: str,
        brought: Mapping[str, object],
        *,
        by: str,
        today: date,
        roles: frozenset[str] | None = None,
    ) -> Accepted | RefusedError | NotFoundError:
        """Take a step, or return why the rules refuse it; the case is as it was then.

        Args:
            brought: Checked values.
            by: Code of the officer.
            today: Local date.
            roles: The officer's roles in the unit of the case; None for all that there are.
        """
        held = self.everybody if roles is None else roles
        possible = self._steps.get((case.state, trigger))
        if possible is None or case.clearance >= Count.VOID:
            return self._by_rules(case, trigger, brought, by, held, today)
        first = possible[0]
        # Most events of most logs end here; the rules would say the same, after all their other questions.
        if first.plain and not brought and not held.isdisjoint(first.by):
            case.enter(first.target, first.said, by)
            return DONE
        if brought and not self._delicate.isdisjoint(brought):
            return self._by_rules(case, trigger, brought, by, held, today)
        step = self._tried(case, possible, brought, by, held, today)
        if step is None:
            return self._by_rules(case, trigger, brought, by, held, today)
        fields = case.fields
        for name, value in brought.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
        for name in step.clears:
            if name not in brought:
                fields.pop(name, None)
        if step.sets:
            fields.update(step.sets)
        case.enter(step.target, step.said, by)
        return DONE

    def _tried(
        self,
        case: PlayedCase,
        possible: tuple[_LeanStep, ...],
        brought: Mapping[str, object],
        by: str,
        held: frozenset[str],
        today: date,
    ) -> _LeanStep | None:
        """Return the step that is taken, with the scope as it leaves it; None, and the scope as before, else."""
        scope = case.scope
        scope["by"], scope["today"] = by, today
        above = case.parent
        if above is not None:
            scope["parent"] = Seen(above.fields, state=above.state, number=above.number, unit=above.unit)
        before: dict[str, object] = {}
        for name, value in brought.items():
            before[name] = scope[name]
            scope[name] = self._seen(name, value)
        step = None
        for each in possible:
            if each.if_ is None or each.if_.verdict(scope).holds:
                step = each
                break
        if step is not None and not step.rare and self._entitled(case, step, brought, by, held):
            for name in step.clears:
                if name not in brought:
                    before.setdefault(name, scope[name])
                    scope[name] = None
            for name, value in step.sets:
                before.setdefault(name, scope[name])
                scope[name] = self._seen(name, value)
            lacking = [name for name in step.needs if scope[name] is None] if step.needs else ()
            if not lacking and (step.when is None or step.when.hold(scope)):
                return step
        scope.update(before)
        return None

    def _entitled(
        self, case: PlayedCase, step: _LeanStep, brought: Mapping[str, object], by: str, held: frozenset[str]
    ) -> bool:
        """Say whether the officer surely may take a step with these values; if not, the rules are asked."""
        if held.isdisjoint(step.by):
            return False
        for earlier in step.not_by:
            if by in doers_of(earlier, case):
                return False
        if brought and not (brought.keys() <= step.takes):
            return False
        for name in step.asks:  # noqa: SIM110 - a generator would cost a fifth of the whole step
            if brought.get(name) is None:
                return False
        return True

    def _by_rules(
        self, case: PlayedCase, trigger: str, brought: Mapping[str, object], by: str, held: frozenset[str], today: date
    ) -> Accepted | RefusedError | NotFoundError:
        """Ask the rules themselves, and move the case as they decide."""
        decision = decided(self.rules, case, trigger, brought, by=by, roles=held, today=today)
        if not isinstance(decision, Decision):
            return decision
        name = getattr(decision.event, "transition", None) or trigger
        chosen = next(each for each in self._steps[case.state, trigger] if each.declared.name == name)
        case.hold(decision.fields)
        case.enter(decision.state, chosen.said, by)
        return Accepted(decision.births, decision.further)


def decided(
    rules: Rules,
    case: PlayedCase,
    trigger: str,
    brought: Mapping[str, object],
    *,
    by: str,
    roles: frozenset[str],
    today: date,
) -> Decision | RefusedError | NotFoundError:
    """Return what the rules themselves decide, or their refusal.

    Args:
        brought: Checked values.
        by: Code of the officer.
        roles: The officer's roles in the unit of the case.
        today: Local date.
    """
    actor = Actor(code=by, roles=roles, proof=Proof.SIGNATURE)
    try:
        return advance(rules, case.as_case(), trigger, brought, actor=actor, family=case.family(), today=today)
    except (RefusedError, NotFoundError) as refused:
        return refused
