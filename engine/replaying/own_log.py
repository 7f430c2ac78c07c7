"""Our own event logs, replayed without a map: each row says its kind, its trigger and where the case stood after it.

Cases and those under them are played together, in the order of time. No values leave the house in a log, so what rests
on values is not asked; that the rules lead each case into the very state that the journal has is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from engine.errors import QinglingError, RefusedError
from engine.journal import case_events as happened
from engine.language import Text
from engine.replaying.lean_plan import Accepted, LeanPlan, PlayedCase
from engine.replaying.logged import CaseReplay, LoggedEvent, MissedDeadline
from engine.replaying.throughput import Throughput
from engine.replaying.unlogged import shown
from engine.rules.case import Count
from engine.rules.transitions import Rules
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day

_ENDS: Final[Mapping[str, Count]] = {
    happened.CaseVoided.kind: Count.VOID,
    happened.CaseLinked.kind: Count.REPEATS,
    happened.CaseUnlinked.kind: Count.OPEN,
}
"""What takes a case out of the work, or back into it."""
_PARENT: Final = "case:parent"
"""The case above; empty where there is none. Logs of older versions in XES do not have it."""


def is_own(event: LoggedEvent) -> bool:
    """Say whether an event stands in a log that this program wrote.

    Args:
        event: With all its columns.
    """
    return {"kind", "state"} <= event.values.keys() and _workflow(event) != ""


class OwnLogReplayer:
    """Plays the cases of our own log, each by its workflow."""

    def __init__(self, workflow_of: Callable[[str], Workflow | None], *, zone: str, only: str | None = None) -> None:
        """Prepare it.

        Args:
            workflow_of: Gives a workflow by its name; None if there is none.
            zone: The house's.
            only: Cases of other workflows are played, but nothing is said of them.
        """
        self.flow: dict[str, Throughput] = {}
        self.dropped: tuple[str, ...] = ()
        self.passed = 0
        """Events that are no steps: notes, reminders, letters."""
        self.zone = zone
        self._workflow_of, self._only = workflow_of, only
        self._plans: dict[str, LeanPlan | None] = {}
        self._has_parents = False

    def plan_of(self, name: str) -> LeanPlan | None:
        """Return the plan of a workflow; None if there is none."""
        if name not in self._plans:
            workflow = self._workflow_of(name)
            if workflow is None:
                self._plans[name] = None
            else:
                less = shown(workflow, frozenset(), children_apart=True, children_known=self._has_parents)
                self.dropped = tuple(dict.fromkeys((*self.dropped, *less.dropped)))
                self._plans[name] = LeanPlan(Rules(less.workflow), less.said)
        return self._plans[name]

    def play(self, events: Iterable[LoggedEvent]) -> Iterator[CaseReplay]:
        """Yield what comes of each case, in the order in which they begin in the file."""
        rows: dict[str, list[LoggedEvent]] = {}
        self._has_parents = False
        above: dict[str, str] = {}
        for each in events:
            rows.setdefault(each.case, []).append(each)
            parent = each.values.get(_PARENT, "")
            self._has_parents = self._has_parents or _PARENT in each.values
            if parent:
                above[each.case] = parent
        runs = {case: _OwnRun(self, case, logged) for case, logged in rows.items()}
        families: dict[str, list[str]] = {}
        for case in rows:
            families.setdefault(_root(case, above), []).append(case)
        for members in families.values():
            self._family({each: runs[each] for each in members}, above)
        for run in runs.values():
            if self._only in {None, run.workflow}:
                yield run.result()
                if run.stays:
                    flow = self.flow.setdefault(run.workflow, Throughput(self.zone))
                    flow.add(run.stays, ended=run.ended, fits=run.refused is None)

    def _family(self, runs: Mapping[str, "_OwnRun"], above: Mapping[str, str]) -> None:
        """Play a case and those under it; at one time the upper one goes first, since it opens the lower."""
        depth = {case: _depth(case, above) for case in runs}
        events = sorted(
            ((each.at, depth[case], place, each) for case, run in runs.items() for place, each in enumerate(run.rows)),
            key=lambda one: one[:3],
        )
        for *_, event in events:
            parent = runs.get(above.get(event.case, ""))
            runs[event.case].take(event, parent.case if parent else None)


def _root(case: str, above: Mapping[str, str]) -> str:
    """Return the uppermost case above one."""
    for _ in range(len(above)):
        if case not in above:
            break
        case = above[case]
    return case


def _depth(case: str, above: Mapping[str, str]) -> int:
    depth = 0
    while case in above and depth < len(above):
        case, depth = above[case], depth + 1
    return depth


def _workflow(event: LoggedEvent) -> str:
    return event.values.get("workflow", "") or event.values.get("case:workflow", "")


class _OwnRun:
    """One case of our own log."""

    def __init__(self, log: OwnLogReplayer, number: str, rows: list[LoggedEvent]) -> None:
        self.rows = rows
        self.workflow = _workflow(rows[0])
        self.case: PlayedCase | None = None
        self.refused: Text | None = None
        self.stays: list[tuple[str, int]] = []
        self._log, self._number = log, number
        self._accepted = 0
        self._at = rows[0]

    @property
    def ended(self) -> bool:
        """It stands in a final state."""
        return self.case is not None and self.case.lean.rules.workflow.is_final(self.case.state)

    def take(self, event: LoggedEvent, parent: PlayedCase | None) -> None:
        """Play an event, unless one before it was refused."""
        if self.refused is not None:
            return
        self._at = event
        self.refused = self._taken(event, parent)
        if self.refused is None:
            self._accepted += 1
            case = self.case
            if case is not None and (not self.stays or self.stays[-1][0] != case.state):
                self.stays.append((case.state, event.at))

    def _taken(self, event: LoggedEvent, parent: PlayedCase | None) -> Text | None:
        """Play an event, or return why it is refused."""
        kind, state = event.values.get("kind", ""), event.values.get("state", "")
        if not kind:
            return Text("the event does not say its kind", "该事件未写明种类")
        if kind == happened.CaseOpened.kind:
            return self._opened(event, parent) or self._stands(state)
        if self.case is None:
            return Text("the log has nothing of how it was opened", "日志中没有登记此件的记录")
        if kind == happened.LegacyEntered.kind:
            return self._brought_in(self.case, state)
        if kind == happened.StepTaken.kind:
            return self._step(self.case, event, state)
        if kind in _ENDS:
            self.case.clearance = int(_ENDS[kind])
        else:
            self._log.passed += 1
        return None

    def _opened(self, event: LoggedEvent, parent: PlayedCase | None) -> Text | None:
        """Begin the case, or return why not."""
        plan = self._log.plan_of(self.workflow)
        if plan is None:
            return Text(f"there is no workflow '{self.workflow}'", f"没有流程“{self.workflow}”")
        if self.case is not None:
            return Text("the case is open already", "该件已登记")
        self.case = PlayedCase(plan, self._number, {}, unit=event.values.get("org:group", ""))
        self.case.parent = parent
        if parent is not None:
            parent.children.append(self.case)
        return None

    def _brought_in(self, case: PlayedCase, state: str) -> Text | None:
        """Let a case stand where an earlier ledger had it."""
        workflow = case.lean.rules.workflow
        if state not in workflow.states:
            return Text(f"workflow {workflow.name} has no state '{state}'", f"流程 {workflow.name} 没有状态“{state}”")
        case.state = case.scope["state"] = state
        return None

    def _step(self, case: PlayedCase, event: LoggedEvent, state: str) -> Text | None:
        plan, trigger = case.lean, event.values.get("trigger", "")
        today = local_day(event.at, self._log.zone)
        answer: Accepted | QinglingError | None = None
        before = case.state
        for name in sorted(plan.candidates(before, trigger), key=lambda each: plan.leads(before, each) != state):
            tried = plan.play(case, name, {}, by=event.who, today=today)
            if isinstance(tried, Accepted):
                return self._stands(state)
            answer = answer or tried
        assert isinstance(answer, QinglingError)
        reasons = answer.reasons if isinstance(answer, RefusedError) else ()
        if not reasons:
            return answer.sentence
        return Text("; ".join(each.en for each in reasons), "；".join(each.zh for each in reasons))

    def _stands(self, state: str) -> Text | None:
        """Say if the journal has the case elsewhere than the rules do."""
        assert self.case is not None
        ours = self.case.state
        if state in {"", ours}:
            return None
        return Text(
            f"by the rules it stands in '{ours}' then, the log says '{state}'",
            f"按规则此时状态应为“{ours}”，日志记为“{state}”",
        )

    def result(self) -> CaseReplay:
        """Return what came of it."""
        found = CaseReplay(
            case=self._number,
            workflow=self.workflow,
            events=self._accepted,
            state="" if self.case is None else self.case.state,
            ended=self.ended,
            missed=tuple(missed for each in self.rows for missed in _late(each)),
        )
        if self.refused is None:
            return found
        last = self._at
        return found._replace(refused=self.refused, activity=last.activity, at=last.at, line=last.line)


def _late(event: LoggedEvent) -> Iterator[MissedDeadline]:
    """Yield the deadlines that an event met late, as the log says: extensions and pauses are counted there."""
    columns = [
        (event.values.get(f"deadline{part}", "") or event.values.get(f"deadline{part}".replace(":", "_"), "")).split(
            "; "
        )
        for part in ("", ":due_on", ":met_on", ":late_by")
    ]
    for name, due_on, met_on, late_by in zip(*columns, strict=False):
        if name and not late_by.startswith("0 "):
            yield MissedDeadline(name, due_on, met_on)
