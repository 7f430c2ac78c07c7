"""One step for many cases: guards case by case, a verdict per case, one commit per chunk.

A run that was broken off goes on where it stopped when it is given again: what has moved no longer
stands where the step begins, and is not found again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.deadlines.clock import Clock
from engine.deadlines.timetable import timetable
from engine.errors import BadValueError, ConflictError, InvalidWorkflowError, NotFoundError, QinglingError, RefusedError
from engine.expressions.evaluate import Expression, compile_expression
from engine.journal.chain import chained
from engine.language import Text
from engine.operations.cases.cancelling import take_back_many
from engine.operations.cases.commit import clocks_after
from engine.operations.cases.found_by import follow_many
from engine.operations.cases.given_days import refuse_more_time
from engine.operations.cases.journal_body import journaled
from engine.operations.cases.searching import holding
from engine.operations.cases.stepping import commit_step
from engine.operations.cases.value_checks import objections_for_many, own_lists
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import refuse_values
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import ALONE, Ledger
from engine.rules.cache import DeadlineCache, DecisionCache, changed_fields
from engine.rules.case import Case, Count, Decision
from engine.rules.naming import step_called, steps_called
from engine.rules.shapes import Shapes
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from engine.store import case_rows, clock_rows

CHUNK = 1000
"""Cases per commit."""

OF_ONE_CASE = (BadValueError, ConflictError, InvalidWorkflowError, NotFoundError, RefusedError)
"""What is wrong with one case only; a database that fails is wrong with all."""


class BulkResult(NamedTuple):
    """What became, or would become, of one case; a named tuple as a case is one."""

    number: str
    state: str
    """The state after it, or the present one if it was refused."""
    refusal: Text | None


def selection(
    acting: Acting,
    workflow: str,
    *,
    where: str | None = None,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = False,
    words: str | None = None,
    after_id: int = 0,
    chunk: int = CHUNK,
    trigger: str | None = None,
) -> Iterator[list[Case]]:
    """Yield the cases of a workflow that match, by id, in chunks.

    Args:
        where: Expression over the fields, as in a declaration; void and repeating cases never match.
        trigger: Only cases in states that this step leaves, unless the expression itself or *state* says which.
        words: Each of them must stand in a value.
        after_id: Only what follows this id.

    Raises:
        BadValueError: If the expression is not sound, or the words hold no letter.
    """
    ledger, today = acting.ledger, acting.today
    if where is not None:
        rules = ledger.rules(workflow)
        from engine.operations.cases.where_words import refuse_unsound, where_meant

        where = where_meant(ledger, rules.workflow, where, today=today)
        refuse_unsound(ledger, rules, where)
    unit_id = None if unit is None else ledger.unit(unit).id
    if words is not None:
        pages = holding(ledger, words, workflow, unit_id, state, open_only=open_only, after_id=after_id, chunk=chunk)
    elif where is not None:
        from engine.operations.cases.narrowing import meeting_pages, states_asked

        pages = meeting_pages(
            acting, workflow, where, unit_id=unit_id, states=states_asked(ledger, workflow, state, trigger, where),
            open_only=open_only, after_id=after_id, chunk=chunk,
        )  # fmt: skip
    else:
        pages = (_open_pages if open_only else _pages)(ledger, workflow, unit_id, state, chunk, after_id)
    for found in pages:
        wanted = [each for each in found if each.clearance not in {Count.VOID, Count.REPEATS} and ledger.sees(each)]
        if where is not None:
            wanted = [each for each in wanted if _meets(acting, each, compile_expression(where))]
        if wanted:
            yield wanted


def _meets(acting: Acting, case: Case, condition: Expression) -> bool:
    """Say whether a case meets a condition; where a value that it names is missing, that is counted."""
    ledger = acting.ledger
    rules = ledger.rules_of(case)
    family = ledger.family(case, condition.uses)
    found = condition.verdict(rules.scope(case, case.fields, family, by=acting.by, today=acting.today))
    if not found.judged:
        for name in rules.workflow.fields.keys() & found.missing:
            ledger.unjudged[rules.workflow.fields[name].title].add(case.id)
    return found.holds


def advance_many(
    acting: Acting,
    chunks: Iterator[list[Case]],
    trigger: str,
    values: Mapping[str, object],
    *,
    apply: bool = False,
) -> Iterator[BulkResult]:
    """Take one step with many cases; yield a verdict for each, after its chunk was committed.

    A step that opens children, belongs to a family or is not declared for bulk goes the road of a
    single case. Without *apply* nothing is written. What is wrong with one case, such as a deadline
    that cannot be dated, is said of that case and stops none of the others.

    Raises:
        NotFoundError: If the workflow has no such trigger.
        BadValueError: If values are not what the fields hold.
    """
    run = _Run(acting, trigger, values)
    for chunk in chunks:
        with seldom_collected():
            decided, verdicts = run.judged(chunk)
            if apply:
                verdicts = _commit(acting, decided, verdicts)
        yield from verdicts


def _pages(
    ledger: Ledger, workflow: str, unit_id: int | None, state: str | None, chunk: int, after: int
) -> Iterator[list[Case]]:
    """Yield the cases that match, by id."""
    store = ledger.store
    while found := case_rows.select(
        store, workflow=workflow, unit_id=unit_id, state=state, after_id=after, limit=chunk
    ):
        after = found[-1].id
        yield found


def _open_pages(
    ledger: Ledger, workflow: str, unit_id: int | None, state: str | None, chunk: int, after: int
) -> Iterator[list[Case]]:
    """Yield the open cases that match, by id; few of very many, so they are found by their own index."""
    ids = [each for each in case_rows.open_ids(ledger.store, workflow, unit_id=unit_id, state=state) if each > after]
    for start in range(0, len(ids), chunk):
        found = case_rows.by_ids(ledger.store, ids[start : start + chunk])
        yield [
            each
            for each in map(found.__getitem__, sorted(found))
            if each.clearance == Count.OPEN and state in {None, each.state}
        ]


class _Decided(NamedTuple):
    """One case with what is decided of it."""

    case: Case
    decision: Decision
    before: Sequence[Clock]
    """All its deadlines so far."""
    clocks: tuple[Clock, ...]
    """The deadlines that change with it."""
    alike: object
    """The same object for all cases whose deadlines change alike; None if its own are computed by themselves."""

    @property
    def goes_alone(self) -> bool:
        """Whether it takes the road of a single case: more follows from it, it seals values or has a parent."""
        decision = self.decision
        return bool(decision.births or decision.further or decision.seals or self.case.parent_id)


class _Alike:
    """Cases of one unit and one version of a workflow, and what a run has learnt of them."""

    def __init__(
        self,
        acting: Acting,
        rules: Rules,
        trigger: str,
        brought: Mapping[str, object],
        *,
        unit_id: int,
        lists: Mapping[str, str],
    ) -> None:
        """Begin with nothing learnt.

        Args:
            lists: By field the list by which all of them are classed.

        Raises:
            NotFoundError: If nobody is registered by that code.
            RefusedError: If the step is not declared for bulk, or who takes it has left.
        """
        ledger = acting.ledger
        if not rules.in_bulk(trigger):
            title = step_called(rules.workflow, trigger).zh
            raise RefusedError(
                Text(f"'{trigger}' is done case by case, not in bulk", f"“{title}”只能逐件办理，不能批量")
            )
        self._acting = acting
        self._asks_for = rules.asks_for(trigger)
        self._workflow = rules.workflow
        self._dated_by = rules.workflow.dated_by
        self._gives_days = not changed_fields(rules, trigger, brought).isdisjoint(timetable(rules.workflow).given)
        self._decisions = DecisionCache(
            rules,
            trigger,
            brought,
            actor=acting.actor(unit_id),
            today=acting.today,
            besides=objections_for_many(ledger, rules, brought, unit_id=unit_id, lists=lists),
        )
        self._deadlines = DeadlineCache(rules.workflow, ledger.calendar_of(unit_id), now_at=acting.now_at)

    def decided(self, case: Case, clocks: Sequence[Clock]) -> _Decided:
        """Return what the rules decide of one of them, and the deadlines that it starts, ends, stops or moves.

        Raises:
            RefusedError: If the step may not happen to it.
            BadValueError: If a deadline cannot be dated.
        """
        asked = self._asks_for
        decision = self._decisions.decide(case, self._acting.ledger.family(case, asked) if asked else ALONE)
        # A clock that was set back, or a receipt lent by a repeat, gives a case days of its own: then nothing is learnt
        # from the others.
        own_instant = case.changed_at > self._acting.now_at
        if own_instant or str(decision.fields.get(self._dated_by, "")) > case.dated_on:
            changed = clocks_after(self._acting, case, decision, clocks)
            return _Decided(case, decision, clocks, changed, None)
        if self._gives_days:
            refuse_more_time(self._acting, self._workflow, case, decision, clocks)
        return _Decided(case, decision, clocks, *self._deadlines.changed(case.id, case.state, decision, clocks))


_Lists = tuple[tuple[str, str], ...]
"""By field the list by which a case is classed."""


class _Run:
    """One step taken with many cases: the values that it brings, and what it has learnt of the cases so far."""

    def __init__(self, acting: Acting, trigger: str, values: Mapping[str, object]) -> None:
        self._acting = acting
        self._trigger = trigger
        self._values = values
        self._today = acting.today
        self._checked: dict[tuple[str, int, _Lists], Mapping[str, object] | QinglingError] = {}
        self._alike: dict[tuple[str, int, int, _Lists], _Alike | QinglingError] = {}
        self._classed: dict[tuple[str, int], bool] = {}

    def judged(self, chunk: Sequence[Case]) -> tuple[list[_Decided], list[BulkResult]]:
        """Return what is decided of those cases that may take the step, and the verdict of each case.

        Raises:
            NotFoundError: If the workflow of the first case has no such trigger.
            BadValueError: If values are not what its fields hold.
        """
        decided: list[_Decided] = []
        verdicts: list[BulkResult] = []
        known = clock_rows.of_cases(self._acting.ledger.store, [case.id for case in chunk])
        for case in chunk:
            lists = self._lists_of(case) if self._values else ()
            alike = self._alike.get((case.workflow, case.version, case.unit_id, lists)) or self._learnt(case, lists)
            if isinstance(alike, QinglingError):
                verdicts.append(BulkResult(case.number, case.state, alike.sentence))
                continue
            try:
                found = alike.decided(case, known.get(case.id, ()))
            except OF_ONE_CASE as refused:
                verdicts.append(BulkResult(case.number, case.state, refused.sentence))
                continue
            decided.append(found)
            verdicts.append(BulkResult(case.number, found.decision.state, None))
        return decided, verdicts

    def _lists_of(self, case: Case) -> _Lists:
        """Return the lists by which a case is classed: cases of one unit may have begun under several."""
        key = (case.workflow, case.version)
        if key not in self._classed:  # whether a value is brought whose list goes by the case
            by_type = self._acting.ledger.rules_of(case).by_type
            self._classed[key] = any(each.name in self._values for each in by_type)
        if not self._classed[key]:
            return ()
        rules = self._acting.ledger.rules_of(case)
        lists = own_lists(self._acting.ledger, rules, self._values, unit=case.unit, today=self._today, case=case)
        return tuple(lists.items())

    def _learnt(self, case: Case, lists: _Lists) -> _Alike | QinglingError:
        """Return what is to be learnt of cases like this one, or what stands against all of them."""
        key = (case.workflow, case.version, lists)
        if key not in self._checked:
            first = not self._checked
            self._checked[key] = _brought(self._acting, case, self._trigger, self._values, dict(lists), first=first)
        brought = self._checked[key]
        found: _Alike | QinglingError
        if isinstance(brought, QinglingError):
            found = brought
        else:
            rules = self._acting.ledger.rules_of(case)
            try:
                found = _Alike(self._acting, rules, self._trigger, brought, unit_id=case.unit_id, lists=dict(lists))
            except OF_ONE_CASE as refused:
                found = refused
        self._alike[case.workflow, case.version, case.unit_id, lists] = found
        return found


def _commit(acting: Acting, decided: Sequence[_Decided], verdicts: list[BulkResult]) -> list[BulkResult]:
    """Write a chunk in one commit; case by case if some need their own road or were overtaken."""
    plain: list[_Decided] = []
    alone: list[_Decided] = []
    for each in decided:
        (alone if each.goes_alone else plain).append(each)
    try:
        _write_many(acting, plain)
    except ConflictError:
        alone = list(decided)
    refusals: dict[str, Text] = {}
    for case, decision, *_ in alone:
        try:
            commit_step(acting, case, _marked(decision))
        except OF_ONE_CASE as refused:
            refusals[case.number] = refused.sentence
    if not refusals:
        return verdicts
    before = {each.case.number: each.case.state for each in decided}
    return [
        BulkResult(each.number, before[each.number], refusals[each.number]) if each.number in refusals else each
        for each in verdicts
    ]


def _write_many(acting: Acting, decided: Sequence[_Decided]) -> None:
    """Write many decisions in one commit.

    Raises:
        ConflictError: If any of the cases was changed since it was read; nothing is written.
    """
    if not decided:
        return
    ledger, by, now_at = acting.ledger, acting.by, acting.now_at
    rows, entries = [], []
    texts, stand = dict[tuple[int, int], str](), dict[int, tuple[Shapes, int]]()
    with ledger.store.begin():
        gone = take_back_many(ledger, [(each.before, each.clocks) for each in decided])
        for (case, decision, before, changed, alike), cancelled in zip(decided, gone, strict=True):
            # What is remembered of another case is the same object, and is held by all that is decided here.
            own = cancelled or alike is None
            key = (case.id, 0) if own else (id(decision.event), id(alike))
            text = texts.get(key)
            if text is None:
                event = decision.event.replace(deadlines=journaled(changed), cancelled=cancelled, bulk=True)
                text = texts[key] = acting.dated(case, event).body()
            at = acting.stamp(case) if own else now_at
            kind, state, clearance = decision.event.kind, decision.state, decision.clearance
            entry = chained(
                case.head, case.id, case.number, case.revision + 1, at, by, kind, case.state, state, clearance, text
            )
            if alike is None or id(alike) not in stand:  # deadlines go on alike within one version only
                shapes = ledger.rules_of(case).shapes
                stand[id(alike)] = shapes, shapes.terms(before, changed)
            shapes, terms = stand[id(alike)]
            shaping = shapes.change(decision.fields, terms, was_counted=case.clearance, counted=clearance)
            rows.append((case, state, clearance, decision.fields, entry, shaping))
            entries.append(entry)
        case_rows.update_many(ledger.store, rows, otherwise=_changed_meanwhile)
        case_rows.append(ledger.store, entries)
        follow_many(ledger, ((each.case, each.decision) for each in decided))
        clock_rows.write(ledger.store, [clock for each in decided for clock in each.clocks])


def _changed_meanwhile() -> ConflictError:
    """Return what is said if one of many was changed since it was read."""
    return ConflictError(Text("a case was changed by someone else", "有事项已被他人更改"))


def _marked(decision: Decision) -> Decision:
    """Return the decision with its mark of having been one of many."""
    return decision._replace(event=decision.event.replace(bulk=True))


def _brought(
    acting: Acting,
    case: Case,
    trigger: str,
    values: Mapping[str, object],
    lists: Mapping[str, str],
    *,
    first: bool,
) -> Mapping[str, object] | QinglingError:
    """Return the values that the step brings, checked once for each workflow version, or what is wrong with them.

    Args:
        lists: By field the list by which the case is classed.
        first: Nothing was done yet: what the latest version does not take either is refused outright.

    Raises:
        NotFoundError: If the first and the latest version have no such trigger.
        BadValueError: If values are not what the fields of either hold.
    """
    try:
        return _checked(acting, acting.ledger.rules_of(case), trigger, values, lists)
    except OF_ONE_CASE as wrong:
        if first:
            _checked(acting, acting.ledger.rules(case.workflow), trigger, values, lists)
        return wrong


def _checked(
    acting: Acting, rules: Rules, trigger: str, values: Mapping[str, object], lists: Mapping[str, str]
) -> Mapping[str, object]:
    """Return the values that the step brings, checked by one version of the workflow."""
    if not rules.machine.plan(trigger):
        name, offers = rules.workflow.name, sorted(rules.machine.triggers)
        raise NotFoundError(
            Text(
                f"workflow {name} has no step '{trigger}'; it has: {', '.join(offers)}",
                f"流程“{rules.workflow.title.zh}”没有动作“{trigger}”；可用：{steps_called(rules.workflow, offers).zh}",
            )
        )
    if not values:
        return {}
    officers, units = acting.ledger.known_codes()
    refuse_values(rules.workflow, values, acting.seen)
    return check_values(
        rules.workflow, values, officers=officers, units=units, today=acting.today, now=acting.local_now, lists=lists
    )
