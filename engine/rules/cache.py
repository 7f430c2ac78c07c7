"""One step for thousands of cases: what is decided by the same values is decided once and remembered.

The rules are asked as for a single case; only what they said is kept, with the values that decided it.
A verdict that rests on more than those values (children, history, a case's own number) is never kept,
nor is a refusal, which names the case.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from engine.deadlines.clock import Clock, after_change
from engine.expressions.evaluate import names
from engine.language import Text
from engine.rules.case import Actor, Case, Count, Decision, Family
from engine.rules.transitions import Rules, advance, grown
from engine.workflow.model import OnField, StartsByField, Transition, Workflow
from engine.working_days.calendars import Calendar

MOST: Final = 2_000
"""Verdicts, or changes of deadlines, that are remembered at a time for each unit; there may be many units."""


class Verdicts:
    """What the rules say of one step with the same values brought, by the same officer on the same day."""

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
        """Begin with nothing remembered.

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
        alike = rules.sealed.isdisjoint(brought) and not empties
        self._decisive = _decisive(rules, trigger) if alike else None
        self._known: dict[tuple[object, ...], _Said] = {}

    def of(self, case: Case, family: Family) -> Decision:
        """Return what the step does to *case*.

        Raises:
            RefusedError: If it may not happen; every reason is named.
        """
        key = self._key(case)
        said = None if key is None else self._known.get(key)
        if said is not None:
            brought = grown(self._rules, case.fields, self._brought) if self._grows else self._brought
            return _decided(case, said, brought)
        decision = advance(
            self._rules,
            case,
            self._trigger,
            self._brought,
            actor=self._actor,
            family=family,
            today=self._today,
            planned=True,
            besides=self._besides,
        )
        if key is not None and not decision.births and not decision.seals:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = _said(self._rules.workflow, decision, self._brought)
        return decision

    def _key(self, case: Case) -> tuple[object, ...] | None:
        """Return the values that decide the step; None if more than they would."""
        if self._decisive is None or case.clearance >= Count.VOID:
            return None
        fields = case.fields
        judged, needed = self._decisive
        values = tuple(map(fields.get, judged))
        if list in map(type, values) or None in fields.values():
            return None
        return case.state, case.unit, values, tuple(map(fields.__contains__, needed))


class Successions:
    """How deadlines go on when cases change at the same instant."""

    def __init__(self, workflow: Workflow, calendar: Calendar, *, now_at: int) -> None:
        """Begin with nothing remembered.

        Args:
            calendar: That of the unit of all cases that will be asked about.
            now_at: Microseconds since 1970 UTC.
        """
        self._workflow = workflow
        self._calendar = calendar
        self._now_at = now_at
        self._dates = tuple(sorted({*dates_of(workflow)}))
        self._known: dict[tuple[object, ...], tuple[tuple[int, Clock], ...]] = {}

    def of(self, case_id: int, decision: Decision, clocks: Sequence[Clock]) -> tuple[tuple[Clock, ...], object]:
        """Return the deadlines that a decision starts, ends, stops or moves, and what they have in common.

        That is one and the same object for all cases whose deadlines go on alike, but for their ids.

        Args:
            clocks: All clocks of the case so far, by id.

        Raises:
            BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
        """
        values = tuple(map(decision.fields.get, self._dates))
        key = (decision.state, tuple(decision.applies.values()), values, tuple([each[2:] for each in clocks]))
        known = self._known.get(key)
        if known is None:
            changed = after_change(
                self._workflow,
                decision.state,
                decision.fields,
                decision.applies,
                clocks,
                case_id=case_id,
                now_at=self._now_at,
                calendar=self._calendar,
            )
            place = {each.id: at for at, each in enumerate(clocks)}
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = tuple((-1 if each.id is None else place[each.id], each) for each in changed)
            return changed, known
        return tuple(
            [Clock._make((None if at < 0 else clocks[at].id, case_id, *each[2:])) for at, each in known]
        ), known


def dates_of(workflow: Workflow) -> Iterator[str]:
    """Yield the fields that deadlines start from or end on."""
    for each in workflow.deadlines.values():
        if isinstance(each.starts, StartsByField):
            yield each.starts.field
        if isinstance(each.due, OnField):
            yield each.due.field


def counting_sources(workflow: Workflow) -> Iterator[str]:
    """Yield the expressions that say how a case counts and which deadlines apply."""
    for each in (workflow.cleared, workflow.fully_closed):
        yield from (guard.expression for guard in each.when)
    yield from (each.if_ for each in workflow.deadlines.values() if each.if_)


class _Said(NamedTuple):
    """What the rules said of all cases with the same deciding values."""

    state: str
    clearance: int
    applies: Mapping[str, bool]
    chosen: Transition
    touched: tuple[str, ...]
    """The fields that the step may change."""
    body: Mapping[str, object]
    """What the journal says of each case that had no value in them; empty if the step does more than add values."""


def _decisive(rules: Rules, trigger: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the fields that decide a step by their values, and those that only must be there; None if more does."""
    workflow = rules.workflow
    if rules.asks_for(trigger):
        return None
    taken = [each for each in workflow.transitions if each.trigger == trigger]
    sources = [*counting_sources(workflow), *(guard.expression for each in taken for guard in each.when)]
    sources += [each.if_ for each in taken if each.if_]
    sources += [opened.if_ for each in taken for opened in each.opens if opened.if_]
    named = {name for source in sources for name in names(source)}
    if "number" in named:
        return None
    named.update(name for each in taken for name in each.by)
    needed = {name for each in taken for name in each.needs} - named
    return tuple(sorted(named & {*workflow.fields})), tuple(sorted(needed))


def _said(workflow: Workflow, decision: Decision, brought: Mapping[str, object]) -> _Said:
    """Return what is to be remembered of a decision."""
    name = decision.body.get("transition", decision.body["trigger"])
    chosen = next(each for each in workflow.transitions if each.name == name)
    only_adds = not chosen.clears and not chosen.sets and None not in brought.values()
    touched = tuple(dict.fromkeys((*brought, *chosen.clears, *chosen.sets)))
    return _Said(
        decision.state,
        decision.clearance,
        decision.applies,
        chosen,
        touched,
        _body(chosen, brought) if only_adds else {},
    )


def _body(chosen: Transition, changed: Mapping[str, object]) -> dict[str, object]:
    """Return what the journal says of a step, but for the values that were there before."""
    body: dict[str, object] = {"trigger": chosen.trigger, "set": changed}
    if chosen.name != chosen.trigger:
        body["transition"] = chosen.name
    return body


def _decided(case: Case, said: _Said, brought: Mapping[str, object]) -> Decision:
    """Return the decision about a case, as `advance` would make it, from what was said of another like it."""
    before, chosen = case.fields, said.chosen
    fields = {**before, **brought}
    if said.body and before.keys().isdisjoint(said.touched):
        return Decision("moved", said.state, fields, said.clearance, said.body, said.applies)
    if chosen.clears or chosen.sets:
        fields = {k: v for k, v in fields.items() if k not in chosen.clears or k in brought}
        fields.update((k, v) for k, v in chosen.sets.items() if v is not None)
    if None in brought.values():
        fields = {k: v for k, v in fields.items() if v is not None}
    changed = {k: fields[k] for k in said.touched if k in fields and (before.get(k) != fields[k] or k in brought)}
    was = {k: before[k] for k in said.touched if k in before and (k in changed or k not in fields)}
    body = _body(chosen, changed)
    if was:
        body["was"] = was
    return Decision("moved", said.state, fields, said.clearance, body, said.applies)
