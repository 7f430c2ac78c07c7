"""A log played through a workflow, case by case: each fits, or its first event that the rules refuse is named.

Events of a case are taken in the order of time, at the same time in the order of the file. The end of a log is the end
of what is known, never a fault: a case that stands open then fits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import permutations
from typing import Final

from engine.errors import BadValueError, QinglingError, RefusedError
from engine.language import Text
from engine.replaying.lean_plan import Accepted, LeanPlan, PlayedCase
from engine.replaying.log_map import NOTHING, EventRule, LogMap
from engine.replaying.logged import CaseReplay, LoggedEvent
from engine.replaying.surroundings import EVERYBODY, counting, in_time
from engine.replaying.terms_watched import WatchedTerms
from engine.replaying.throughput import Throughput
from engine.replaying.unlogged import shown
from engine.rules.case import Actor, Birth, Family
from engine.rules.gathered_values import given
from engine.rules.openings import against_opening, born_with, opening
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from engine.workflow.model import Transition, Workflow
from engine.workflow.proofs import Proof
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day, local_time, quarter_begun

_COMPLETE: Final = frozenset({"", "complete"})
_MOST_TIED: Final = 3
"""Events at one time of which every order is tried: six orders at most."""
_REMEMBERED: Final = 100_000


UNIT: Final = "org:group"
"""The column with the code of a case's unit."""


class LogReplayer:
    """Plays the cases of a log by one workflow and its children."""

    def __init__(
        self,
        workflow: Workflow,
        log_map: LogMap,
        children: Mapping[str, Workflow],
        *,
        calendar: Calendar,
        of_unit: Callable[[str], Calendar] | None = None,
    ) -> None:
        """Prepare it.

        Args:
            children: The workflows of children that the map or a step names, by name.
            calendar: By which deadlines are counted; its zone is that of local days.
            of_unit: Gives the calendar of the unit whose code stands in the column `org:group`; that one if None.
        """
        self.map = log_map
        self.flow = Throughput(calendar.tz)
        self.dropped: tuple[str, ...] = ()
        self.ignored = self.unknown = self.phases = self.unjudged = 0
        self._calendar = calendar
        self._of_unit = of_unit
        self._children: dict[str, LeanPlan] = {}
        self._of_step: dict[str, tuple[str, ...]] = {}
        self._checked: dict[tuple[object, ...], Mapping[str, object]] = {}
        self._days: dict[int, date] = {}
        carried = log_map.carried() | {workflow.dated_by}
        self._plan = self._prepared(workflow, carried)
        for name, each in children.items():
            self._children[name] = self._prepared(each, log_map.carried(name) | {each.dated_by})
        self._rules = log_map.events or _by_title(workflow)
        self._end = 0

    def _prepared(self, workflow: Workflow, carried: frozenset[str]) -> LeanPlan:
        counts = counting(self._calendar)
        if self.map.unlogged == "refuse":
            return LeanPlan(Rules(workflow), counts=counts)
        less = shown(workflow, carried, children_apart=False)
        self.dropped = tuple(dict.fromkeys((*self.dropped, *less.dropped)))
        return LeanPlan(Rules(less.workflow), less.said, counts)

    def play(self, events: Iterable[LoggedEvent]) -> Iterator[CaseReplay]:
        """Yield what comes of each case, in the order in which they begin in the file."""
        cases: dict[str, list[LoggedEvent]] = {}
        for each in events:
            known = cases.get(each.case)
            if known is None:
                cases[each.case] = [each]
            else:
                known.append(each)
            self._end = max(self._end, each.at)
        for logged in cases.values():
            yield self._of_case(in_time(logged, self._calendar.tz))

    def _of_case(self, events: list[LoggedEvent]) -> CaseReplay:
        run = _CaseRun(self, events)
        found = run.play()
        if found.refused is not None and self.map.same_time == "any":
            found, run = self._other_orders(events, found, run)
        self.ignored += run.ignored
        self.unknown += run.unknown
        self.phases += run.phases
        self.unjudged += run.terms.unjudged
        self.flow.add(run.stays, ended=found.ended, fits=found.fits)
        return found

    def _other_orders(
        self, events: list[LoggedEvent], found: CaseReplay, run: "_CaseRun"
    ) -> tuple[CaseReplay, "_CaseRun"]:
        """Return the best of what comes of other orders of the events at one time where a case is refused."""
        while found.refused is not None:
            tied = [place for place, each in enumerate(events) if each.at == found.at]
            first, last = tied[0], tied[-1] + 1
            if not 1 < len(tied) <= _MOST_TIED:
                break
            for order in permutations(events[first:last]):
                tried = [*events[:first], *order, *events[last:]]
                other = _CaseRun(self, tried)
                result = other.play()
                # Better is only what comes past this instant; then those at the next one may be put in order.
                if result.refused is None or result.at > found.at:
                    events, found, run = tried, result, other
                    break
            else:
                break
        return found, run

    def day(self, at: int) -> date:
        """Return the local day of an instant."""
        quarter = quarter_begun(at)
        day = self._days.get(quarter)
        if day is None:
            day = self._days[quarter] = local_day(at, self._calendar.tz)
        return day

    @property
    def end_at(self) -> int:
        """The last instant of the log."""
        return self._end

    @property
    def plan(self) -> LeanPlan:
        """The workflow's."""
        return self._plan

    def calendar_of(self, event: LoggedEvent) -> Calendar:
        """Return the calendar by which the deadlines of the case of an event are counted."""
        unit = event.values.get(UNIT, "")
        return self._of_unit(unit) if unit and self._of_unit is not None else self._calendar

    @property
    def calendar(self) -> Calendar:
        """The one by which deadlines are counted."""
        return self._calendar

    def rule_of(self, activity: str) -> EventRule | None:
        """Return what an event is; None if nothing says so."""
        return self._rules.get(activity)

    def plan_of(self, child: str) -> LeanPlan | None:
        """Return the plan of a child's workflow."""
        return self._children.get(child)

    def values(self, workflow: Workflow, sets: Mapping[str, object], event: LoggedEvent) -> Mapping[str, object]:
        """Return what an event brings, checked.

        Raises:
            BadValueError: If a field cannot hold it.
        """
        if not sets:
            return NOTHING
        today = self.day(event.at)
        raw = {name: self._taken(value, event) for name, value in sets.items()}
        key = (workflow.name, today, *((name, _hashable(value)) for name, value in raw.items()))
        found = self._checked.get(key)
        if found is None:
            given_values = {name: value for name, value in raw.items() if value not in ("", None)}
            found = check_values(workflow, given_values, officers=EVERYBODY, units=EVERYBODY, today=today)
            if len(self._checked) >= _REMEMBERED:
                self._checked.clear()
            self._checked[key] = found
        return found

    def _taken(self, value: object, event: LoggedEvent) -> object:
        if not isinstance(value, str) or not value.startswith("="):
            return value
        match value[1:]:
            case "day":
                return self.day(event.at).isoformat()
            case "at":
                return local_time(event.at, self._calendar.tz).strftime("%Y-%m-%dT%H:%M")
            case "who":
                return event.who
            case "case":
                return event.case
            case column:
                return event.values.get(column, "")


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _by_title(workflow: Workflow) -> dict[str, EventRule]:
    """Return what events are that are called as steps are: by trigger, name or title; the trigger goes first."""
    found: dict[str, EventRule] = {}
    for each in workflow.transitions:
        for name in (each.trigger, each.name, each.title.en, each.title.zh):
            found.setdefault(name, EventRule(step=each.trigger))
    return found


class _CaseRun:
    """One case, from its first event to the last that the rules accept."""

    def __init__(self, log: LogReplayer, events: Sequence[LoggedEvent]) -> None:
        self.ignored = self.unknown = self.phases = 0
        self.terms = WatchedTerms(log.calendar_of(events[0]))
        self.stays: list[tuple[str, int]] = []
        """The states that it entered, and when."""
        self._log, self._events = log, events
        self._case: PlayedCase | None = None
        self._anonymous = 0

    def play(self) -> CaseReplay:
        """Play it."""
        log = self._log
        accepted = 0
        refused: Text | None = None
        event = self._events[0]
        for event in self._events:
            try:
                refused = self._event(event)
            except QinglingError as error:
                refused = _said(error)
            if refused is not None:
                break
            accepted += 1
        case = self._case
        state = "" if case is None else case.state
        workflow = log.plan.rules.workflow
        found = CaseReplay(
            case=self._events[0].case,
            workflow=workflow.name,
            events=accepted,
            state=state,
            ended=case is not None and workflow.is_final(state),
            missed=tuple(self.terms.missed(log.end_at if refused is None else event.at)),
        )
        if refused is None:
            return found
        return found._replace(refused=refused, activity=event.activity, at=event.at, line=event.line)

    def _event(self, event: LoggedEvent) -> Text | None:
        """Play one event, or return why it is refused."""
        log = self._log
        opens = event.activity == log.map.open_event
        rule = None if opens else log.rule_of(event.activity)
        if self._passes_over(event, rule, opens=opens):
            return None
        if opens:
            return self._opening(event)
        if rule is None:
            return Text("no step is said to be this event", "没有步骤对应此事件")
        if self._case is None and log.map.open_event is not None:
            name = log.map.open_event
            return Text(f"the case does not begin with '{name}'", f"该件不是以“{name}”开始")
        case = self._open(event, NOTHING, implied=True) if self._case is None else self._case
        trigger = rule.by.get(event.phase) if rule.step is None else rule.step
        if rule.child is not None:
            return self._of_child(case, rule, trigger, event)
        assert trigger is not None
        return self._step(case, trigger, log.values(log.plan.rules.workflow, rule.sets, event), event)

    def _passes_over(self, event: LoggedEvent, rule: EventRule | None, *, opens: bool) -> bool:
        """Say whether an event is none that the workflow is asked about, and count it."""
        if event.activity in self._log.map.ignore:
            self.ignored += 1
        elif rule is None and not opens and self._log.map.unknown == "ignore":
            self.unknown += 1
        elif rule is not None and (rule.by or rule.open is not None):
            if event.phase in rule.by or event.phase == rule.open:
                return False
            self.phases += 1
        elif event.phase and event.phase.casefold() not in _COMPLETE:
            self.phases += 1
        else:
            return False
        return True

    def _opening(self, event: LoggedEvent) -> Text | None:
        """Open the case by the event that is said to do so, or return why not."""
        if self._case is not None:
            return Text("the case is open already", "该件已登记")
        log = self._log
        self._open(event, log.values(log.plan.rules.workflow, log.map.open_sets, event), implied=False)
        return None

    def _step(self, case: PlayedCase, trigger: str, brought: Mapping[str, object], event: LoggedEvent) -> Text | None:
        """Take a step of the case or of a child, or return why it is refused."""
        log = self._log
        before = case.state
        who, roles = self._who(event)
        answer: Accepted | QinglingError | None = None
        for name in case.lean.candidates(case.state, trigger):
            tried = case.lean.play(case, name, brought, by=who, today=log.day(event.at), roles=roles)
            if isinstance(tried, Accepted):
                self._follows(case, tried, event, who)
                if case is self._case:
                    self.terms.changed(case, before, event.at)
                    if case.state != before:
                        self.stays.append((case.state, event.at))
                elif self._case is not None:
                    self.terms.changed(self._case, self._case.state, event.at)
                return None
            answer = answer or tried
        assert isinstance(answer, QinglingError)
        return _said(answer)

    def _who(self, event: LoggedEvent) -> tuple[str, frozenset[str] | None]:
        """Return who did it, somebody else each time if the log does not say, and the roles."""
        if event.who:
            return event.who, self._log.map.roles.get(event.who)
        # One person for all would be barred by the rules about who did an earlier step, which such a log cannot show.
        self._anonymous += 1
        return f"?{self._anonymous}", None

    def _open(self, event: LoggedEvent, brought: Mapping[str, object], *, implied: bool) -> PlayedCase:
        """Open the case, and return it.

        Args:
            implied: The log has no event for it; what is required then is not asked.

        Raises:
            RefusedError: If it may not be opened so.
        """
        log = self._log
        rules = log.plan.rules
        who, roles = self._who(event)
        self._case = _opened(log, log.plan, event, brought, who=who, roles=roles, implied=implied)
        self.terms.changed(self._case, None, event.at)
        self.stays.append((rules.machine.initial, event.at))
        return self._case

    def _follows(self, case: PlayedCase, taken: Accepted, event: LoggedEvent, who: str) -> None:
        """Open the children that a step opens, and let others go along."""
        for birth in taken.births:
            plan = self._log.plan_of(birth.workflow)
            if plan is not None:
                case.children.append(_born(self._log, plan, case, birth, event, who))
        if taken.further is not None:
            self._all_go_along(case, taken.further, event, who)

    def _all_go_along(self, case: PlayedCase, step: Transition, event: LoggedEvent, who: str) -> None:
        along = step.each
        if along is None:
            return
        values, _, _ = given(along.sets, case.fields, case.scope)
        for child in case.children:
            if child.lean.rules.workflow.name == along.children and child.state in along.states:
                today = self._log.day(event.at)
                answer = child.lean.play(child, along.step, values, by=who, today=today)
                if isinstance(answer, QinglingError):
                    raise answer

    def _of_child(self, case: PlayedCase, rule: EventRule, trigger: str | None, event: LoggedEvent) -> Text | None:
        """Open a child or take its step, or return why that is refused."""
        log = self._log
        plan = log.plan_of(str(rule.child))
        assert plan is not None
        workflow = plan.rules.workflow
        match = log.values(workflow, rule.match, event)
        if trigger is None:
            who, roles = self._who(event)
            brought = {**match, **log.values(workflow, rule.sets, event)}
            child = _opened(log, plan, event, brought, who=who, roles=roles, implied=False, parent=case)
            case.children.append(child)
            self.terms.changed(case, case.state, event.at)
            return None
        alike = [
            each
            for each in case.children
            if each.lean is plan and all(each.fields.get(key) == value for key, value in match.items())
        ]
        ready = [each for each in alike if plan.candidates(each.state, trigger, near=False)]
        if not alike:
            return Text("no '{title}' is open under it", "其下没有“{title}”").format(title=workflow.title)
        return self._step((ready or alike)[0], trigger, log.values(workflow, rule.sets, event), event)


def _said(error: QinglingError) -> Text:
    """Return a refusal in one line, with its reasons."""
    reasons = error.reasons if isinstance(error, RefusedError) else ()
    if not reasons:
        return error.sentence
    return Text("; ".join(each.en for each in reasons), "；".join(each.zh for each in reasons))


def _opened(
    log: LogReplayer,
    plan: LeanPlan,
    event: LoggedEvent,
    brought: Mapping[str, object],
    *,
    who: str,
    roles: frozenset[str] | None,
    implied: bool,
    parent: PlayedCase | None = None,
) -> PlayedCase:
    """Return a case as people open it, at an event.

    Raises:
        RefusedError: If it may not be opened so.
    """
    rules, today = plan.rules, log.day(event.at)
    workflow = rules.workflow
    family = Family(parent=parent.as_case() if parent else None, after=plan.counts)
    born, wrong = born_with(rules, brought, family=family, by=who, unit="", today=today)
    values = {workflow.dated_by: today.isoformat(), **born, **brought}
    besides = [*wrong, *against_opening(rules, values, family=family, by=who, unit="", today=today)]
    actor = Actor(code=who, roles=plan.everybody if roles is None else roles, proof=Proof.SIGNATURE)
    if implied:
        made: Mapping[str, object] = values
    else:
        made = opening(rules, values, actor=actor, unit="", besides=besides)
    case = PlayedCase(plan, event.case, made)
    case.parent = parent
    case.scope["by"], case.scope["today"] = who, today
    return case


def _born(
    log: LogReplayer, plan: LeanPlan, parent: PlayedCase, birth: Birth, event: LoggedEvent, who: str
) -> PlayedCase:
    """Return a case that a step of its parent opens."""
    rules, today = plan.rules, log.day(event.at)
    family = Family(parent=parent.as_case(), after=plan.counts)
    born, _ = born_with(rules, birth.values, family=family, by=who, unit="", today=today)
    try:
        own = check_values(rules.workflow, birth.values, officers=EVERYBODY, units=EVERYBODY, today=today)
    except BadValueError:
        own = birth.values
    child = PlayedCase(plan, event.case, {rules.workflow.dated_by: today.isoformat(), **born, **own})
    child.parent = parent
    return child
