"""One step for many cases: guards case by case, a verdict per case, one commit per chunk.

A run that was broken off goes on where it stopped when it is given again: what has moved no longer
stands where the step begins, and is not found again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from engine.cases import Case, Count, Decision
from engine.deadlines import Clock
from engine.errors import (
    BadValueError,
    ConflictError,
    InvalidWorkflowError,
    NotFoundError,
    QinglingError,
    RefusedError,
)
from engine.expressions import check, compile_expression, names
from engine.instants import microseconds
from engine.language import Text
from engine.operations.cancelling import take_back_many
from engine.operations.commit import clocks_after, commit_step, counts_from, told
from engine.operations.ledger import Ledger
from engine.operations.objections import objections_for_many
from engine.remembering import Successions, Verdicts
from engine.rules import Rules
from engine.store import cases as case_rows
from engine.store import clocks as clock_rows
from engine.values import check_values

CHUNK = 1000
"""Cases per commit."""

_OF_ONE_CASE = (BadValueError, ConflictError, InvalidWorkflowError, NotFoundError, RefusedError)
"""What is wrong with one case only; a database that fails is wrong with all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became, or would become, of one case."""

    number: str
    state: str
    """The state after it, or the present one if it was refused."""
    refusal: Text | None


def selection(
    ledger: Ledger,
    workflow: str,
    *,
    where: str | None = None,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = False,
    now: datetime,
    by: str = "",
    chunk: int = CHUNK,
) -> Iterator[list[Case]]:
    """Yield the cases of a workflow that match, by id, in chunks.

    Args:
        where: Expression over the fields, as in a declaration; void and repeating cases never match.

    Raises:
        BadValueError: If the expression is not sound.
    """
    if where is not None:
        _refuse_unsound(ledger.rules(workflow), where)
    unit_id = None if unit is None else ledger.unit(unit).id
    today = ledger.today(now)
    pages = _open_pages if open_only else _pages
    for found in pages(ledger, workflow, unit_id, state, chunk):
        wanted = [each for each in found if each.clearance not in {Count.VOID, Count.REPEATS}]
        if where is not None:
            expression = compile_expression(where)
            wanted = [
                each
                for each in wanted
                if expression.verdict(
                    ledger.rules_of(each).scope(
                        each, each.fields, ledger.family(each, expression.uses), by=by, today=today
                    )
                ).holds
            ]
        if wanted:
            yield wanted


def advance_many(
    ledger: Ledger,
    chunks: Iterator[list[Case]],
    trigger: str,
    values: Mapping[str, object],
    *,
    by: str,
    now: datetime,
    apply: bool = False,
) -> Iterator[Verdict]:
    """Take one step with many cases; yield a verdict for each, after its chunk was committed.

    A step that opens children, belongs to a family or is not declared for bulk goes the road of a
    single case. Without *apply* nothing is written. What is wrong with one case, such as a deadline
    that cannot be dated, is told of that case and stops none of the others.

    Raises:
        NotFoundError: If the workflow has no such trigger.
        BadValueError: If values are not what the fields hold.
    """
    checked: dict[tuple[str, int], Mapping[str, object] | QinglingError] = {}
    remembered = _Remembered(ledger, trigger, by=by, now=now)
    for chunk in chunks:
        decided: list[_Decided] = []
        verdicts: list[Verdict] = []
        known = clock_rows.of_cases(ledger.store, [case.id for case in chunk])
        for case in chunk:
            key = (case.workflow, case.version)
            if key not in checked:
                checked[key] = _brought(ledger, case, trigger, values, first=not checked, now=now)
            brought = checked[key]
            if isinstance(brought, QinglingError):
                verdicts.append(Verdict(case.number, case.state, brought.sentence))
                continue
            try:
                decision = remembered.decide(case, brought)
                changed = remembered.clocks_after(case, decision, known.get(case.id, ()))
            except _OF_ONE_CASE as refused:
                verdicts.append(Verdict(case.number, case.state, refused.sentence))
                continue
            decided.append(_Decided(case, decision, known.get(case.id, ()), changed))
            verdicts.append(Verdict(case.number, decision.state, None))
        if apply:
            verdicts = _commit(ledger, decided, verdicts, by=by, now_at=microseconds(now))
        yield from verdicts


def _pages(ledger: Ledger, workflow: str, unit_id: int | None, state: str | None, chunk: int) -> Iterator[list[Case]]:
    """Yield the cases that match, by id."""
    after, store = 0, ledger.store
    while found := case_rows.select(
        store, workflow=workflow, unit_id=unit_id, state=state, after_id=after, limit=chunk
    ):
        after = found[-1].id
        yield found


def _open_pages(
    ledger: Ledger, workflow: str, unit_id: int | None, state: str | None, chunk: int
) -> Iterator[list[Case]]:
    """Yield the open cases that match, by id; few of very many, so they are found by their own index."""
    ids = case_rows.open_ids(ledger.store, workflow, unit_id=unit_id, state=state)
    for start in range(0, len(ids), chunk):
        found = case_rows.by_ids(ledger.store, ids[start : start + chunk])
        yield [
            each
            for each in map(found.__getitem__, sorted(found))
            if each.clearance == Count.OPEN and state in {None, each.state}
        ]


class _Remembered:
    """What one run has learnt: of each unit's cases, what the rules say and how deadlines go on."""

    def __init__(self, ledger: Ledger, trigger: str, *, by: str, now: datetime) -> None:
        self._ledger = ledger
        self._trigger = trigger
        self._by = by
        self._today = ledger.today(now)
        self._now_at = microseconds(now)
        self._verdicts: dict[tuple[str, int, int], Verdicts] = {}
        self._successions: dict[tuple[str, int, int], Successions] = {}

    def decide(self, case: Case, checked: Mapping[str, object]) -> Decision:
        """Return what the rules decide for one of many.

        Raises:
            RefusedError: If the step may not happen to it.
        """
        ledger, trigger = self._ledger, self._trigger
        rules = ledger.rules_of(case)
        if not rules.in_bulk(trigger):
            raise RefusedError(
                Text(f"'{trigger}' is done case by case, not in bulk", f"“{trigger}”只能逐件办理，不能批量")
            )
        key = case.workflow, case.version, case.unit_id
        if key not in self._verdicts:
            actor = ledger.actor(self._by, case.unit_id)
            besides = objections_for_many(ledger, rules, checked, unit_id=case.unit_id)
            self._verdicts[key] = Verdicts(rules, trigger, checked, actor=actor, today=self._today, besides=besides)
        return self._verdicts[key].of(case, ledger.family(case, rules.asks_for(trigger)))

    def clocks_after(self, case: Case, decision: Decision, clocks: Sequence[Clock]) -> tuple[Clock, ...]:
        """Return the deadlines that a decision starts, ends, stops or moves."""
        if case.changed_at > self._now_at or counts_from(self._ledger, case, decision.fields) is not decision.fields:
            return clocks_after(self._ledger, case, decision, clocks, now_at=self._now_at)
        key = case.workflow, case.version, case.unit_id
        if key not in self._successions:
            workflow, calendar = self._ledger.rules_of(case).workflow, self._ledger.calendar_of(case.unit_id)
            self._successions[key] = Successions(workflow, calendar, now_at=self._now_at)
        return self._successions[key].of(case.id, decision, clocks)


class _Decided(NamedTuple):
    """One case with what is decided of it."""

    case: Case
    decision: Decision
    before: Sequence[Clock]
    """All its deadlines so far."""
    clocks: tuple[Clock, ...]
    """The deadlines that change with it."""

    @property
    def goes_alone(self) -> bool:
        """Whether it takes the road of a single case: it opens children, seals values or has a parent."""
        return bool(self.decision.births or self.decision.seals or self.case.parent_id)


def _commit(
    ledger: Ledger, decided: Sequence[_Decided], verdicts: list[Verdict], *, by: str, now_at: int
) -> list[Verdict]:
    """Write a chunk in one commit; case by case if some need their own road or were overtaken."""
    plain = [each for each in decided if not each.goes_alone]
    alone = [each for each in decided if each.goes_alone]
    try:
        _write_many(ledger, plain, by=by, now_at=now_at)
    except ConflictError:
        alone = list(decided)
    refusals: dict[str, Text] = {}
    for case, decision, _, _ in alone:
        try:
            commit_step(ledger, case, _marked(decision), by=by, now_at=now_at)
        except _OF_ONE_CASE as refused:
            refusals[case.number] = refused.sentence
    if not refusals:
        return verdicts
    before = {each.case.number: each.case.state for each in decided}
    return [
        Verdict(each.number, before[each.number], refusals[each.number]) if each.number in refusals else each
        for each in verdicts
    ]


def _write_many(ledger: Ledger, decided: Sequence[_Decided], *, by: str, now_at: int) -> None:
    """Write many decisions in one commit.

    Raises:
        ConflictError: If any of the cases was changed since it was read; nothing is written.
    """
    if not decided:
        return
    with ledger.store.begin():
        gone = take_back_many(ledger, [(each.before, each.clocks) for each in decided])
        rows = []
        for (case, decision, _, changed), cancelled in zip(decided, gone, strict=True):
            entry = ledger.entry(
                case,
                kind=decision.kind,
                by=by,
                now_at=now_at,
                body={**decision.body, **told(changed), **cancelled, "bulk": True},
                to_state=decision.state,
                clearance=decision.clearance,
            )
            rows.append((case, decision.state, decision.clearance, decision.fields, entry))
        if not case_rows.update_many(ledger.store, rows):
            raise ConflictError(Text("a case was changed by someone else", "有事项已被他人更改"))
        case_rows.append(ledger.store, [row[4] for row in rows])
        clock_rows.write(ledger.store, [clock for each in decided for clock in each.clocks])


def _marked(decision: Decision) -> Decision:
    """Return the decision with its mark of having been one of many."""
    return replace(decision, body={**decision.body, "bulk": True})


def _brought(
    ledger: Ledger, case: Case, trigger: str, values: Mapping[str, object], *, first: bool, now: datetime
) -> Mapping[str, object] | QinglingError:
    """Return the values that the step brings, checked once for each workflow version, or what is wrong with them.

    Args:
        first: Nothing was done yet: what the latest version does not take either is refused outright.

    Raises:
        NotFoundError: If the first and the latest version have no such trigger.
        BadValueError: If values are not what the fields of either hold.
    """
    try:
        return _checked(ledger, ledger.rules_of(case), trigger, values, now=now)
    except _OF_ONE_CASE as wrong:
        if first:
            _checked(ledger, ledger.rules(case.workflow), trigger, values, now=now)
        return wrong


def _checked(
    ledger: Ledger, rules: Rules, trigger: str, values: Mapping[str, object], *, now: datetime
) -> Mapping[str, object]:
    """Return the values that the step brings, checked by one version of the workflow."""
    if trigger not in rules.triggers:
        name = rules.workflow.name
        raise NotFoundError(
            Text(
                f"workflow {name} has no step '{trigger}'; it has: {', '.join(sorted(rules.triggers))}",
                f"流程 {name} 没有动作“{trigger}”；可用：{'、'.join(sorted(rules.triggers))}",
            )
        )
    if not values:
        return {}
    officers, units = ledger.known_codes()
    return check_values(rules.workflow, values, officers=officers, units=units, today=ledger.today(now))


def _refuse_unsound(rules: Rules, where: str) -> None:
    """Refuse an expression that names what the workflow does not have, or what is sealed."""
    wrong = list(check(where, rules.names))
    wrong += [
        Text(f"'{name}' is sealed and cannot be searched", f"“{name}”是密封字段，不能作为条件")
        for name in sorted(rules.sealed & names(where))
    ]
    if wrong:
        raise BadValueError(
            Text("--where: " + "; ".join(each.en for each in wrong), "--where：" + "；".join(each.zh for each in wrong))
        )
