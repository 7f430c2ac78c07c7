"""The cases that keep a campaign from zero: what is missing in each, and which step, by whom, is the nearest.

Thousands of them are alike. What has not changed since the day is read from its row, not from its journal, and what
the rules say of it is kept by all that they look at, so that one more of its kind costs little more than its row.
Who acted in it before and what it opened stand in no row of its own: where that matters it is rebuilt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from engine.campaigns.campaign import LiveExtension, ZeroGroup, is_valid, lacking
from engine.deadlines.clock import Status
from engine.expressions.evaluate import compile_expression, names
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.nearest import Act, nearest
from engine.operations.zero.past import CHUNK, Past, day_bound, families_of, rebuilt
from engine.operations.zero.verdict import Statement
from engine.rules.case import Case, Count, Family, NextStep
from engine.rules.reading_rights import is_masked
from engine.rules.transitions import Rules, steps
from engine.store import shape_rows
from engine.store.shape_rows import LiveTerm

_MAX_ENTRIES: Final = 20_000
"""Cases of different kinds whose judgement is kept; emptied when it is full."""
_RUNNING: Final = int(Status.RUNNING)
"""A member of an enumeration is compared in several times the time of a number, and this is asked of every term."""
_OF_ONE_CASE: Final = frozenset({"number", "came_from"})
"""What expressions may name that stands in none of the values by which cases are alike."""


class Blocker(NamedTuple):
    """One case that keeps the scope from zero."""

    case: Case
    group: ZeroGroup
    due_on: str | None
    """Local date on which the earliest of its deadlines is due."""
    extended_to: str | None
    is_returned: bool
    missing: tuple[Text, ...]
    """What its record, or its clearance, lacks; one object for all that were judged at once."""
    acts: tuple[Act, ...]


def blockers(ledger: Ledger, statement: Statement, *, first: int | None = None) -> Iterator[Blocker]:
    """Yield the cases that block, by unit: what is missing and which step, by whom, is the nearest.

    Args:
        first: Only so many of them; all if None.
    """
    groups = dict(statement.blocking[:first])
    ids = list(groups)
    alike = _Alike(ledger=ledger, statement=statement)
    with ledger.store.reading():
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            still = alike.as_rows_tell(part, groups)
            found = list(
                rebuilt(
                    ledger,
                    [case_id for case_id in part if case_id not in still],
                    end_at=statement.end_at,
                    day=statement.day,
                )
            )
            families = families_of(ledger, found, end_at=statement.end_at)
            changed = {
                past.case.id: _blocker(ledger, statement, past, families[past.case.id], groups[past.case.id])
                for past in found
            }
            yield from ((still.get(each) or changed[each]) for each in part if each in still or each in changed)


def _blocker(ledger: Ledger, statement: Statement, past: Past, family: Family, group: ZeroGroup) -> Blocker:
    """Return what there is to say of one case that was rebuilt and blocks."""
    case, campaign, day = past.case, statement.campaign, statement.day
    rules = ledger.rules_of(case)
    missing = list(lacking(campaign, case.state, case.fields, past.asked))
    acts: list[Act] = []
    if case.clearance == Count.OPEN:
        if case.state in rules.counted:
            scope = rules.scope(case, case.fields, family, by="", today=day)
            missing += rules.lacking(Count.CLEARED, scope)
            for child in family.children:
                if child.clearance == Count.OPEN:
                    its = ledger.rules_of(child)
                    acts += nearest(child, its, steps(its, child, Family(parent=case), today=day))
        acts = acts or nearest(case, rules, steps(rules, case, family, today=day))
    valid = [each.due_on for each in past.extensions if is_valid(campaign, each, day)]
    return Blocker(
        case=case,
        group=group,
        due_on=past.due_on,
        extended_to=max(valid, default=None),
        is_returned=past.was_counted,
        missing=tuple(missing),
        acts=() if is_masked(case.number) else tuple(acts),
    )


class _Judged(NamedTuple):
    """What the rules say of cases that are alike in all that they look at."""

    missing: tuple[Text, ...]
    step: NextStep | None


@dataclass(kw_only=True, slots=True)
class _Alike:
    """Judges cases by their rows, those alike once."""

    ledger: Ledger
    statement: Statement
    _deciding: dict[tuple[str, int, str], tuple[str, ...] | None] = field(default_factory=dict)
    """By workflow, version and state the fields whose values decide; None where more than values does."""
    _judged: dict[tuple[object, ...], _Judged] = field(default_factory=dict)

    def as_rows_tell(self, case_ids: Sequence[int], groups: Mapping[int, ZeroGroup]) -> Mapping[int, Blocker]:
        """Return what there is to say of those of some cases of which their rows tell all."""
        store, statement = self.ledger.store, self.statement
        plain = shape_rows.plain(store, case_ids, end_at=statement.end_at)
        alone = {each.id: each for each in plain if self._decides(each) is not None}
        live: dict[int, list[LiveTerm]] = {}
        for term in shape_rows.live_terms(store, list(alone)):
            live.setdefault(term.case_id, []).append(term)
        return {key: self._blocker(case, groups[key], live.get(key, ())) for key, case in alone.items()}

    def _blocker(self, case: Case, group: ZeroGroup, live: Sequence[LiveTerm]) -> Blocker:
        """Return what there is to say of a case by its row and its deadlines that run or rest."""
        campaign, day = self.statement.campaign, self.statement.day
        due = extended_to = None
        if live:
            theirs = self.ledger.rules_of(case).shapes.theirs
            due = min(
                (each.due_on for each in live if each.status == _RUNNING and each.name not in theirs), default=None
            )
            granted = [LiveExtension(deadline=each.name, due_on=each.due_on) for each in live if each.extended]
            extended_to = max((each.due_on for each in granted if is_valid(campaign, each, day)), default=None)
        judged = self._of(case)
        acts = () if judged.step is None or is_masked(case.number) else (Act(case, judged.step),)
        return Blocker(case, group, due, extended_to, False, judged.missing, acts)

    def _of(self, case: Case) -> _Judged:
        """Return what the rules say of a case, from one that was alike if there was any."""
        fields, deciding = case.fields, self._decides(case) or ()
        key = (
            *(case.workflow, case.version, case.state, case.unit_id, case.clearance),
            *(tuple(fields), tuple(map(fields.get, deciding))),
        )
        try:
            found = self._judged.get(key)
        except TypeError:  # a list cannot be part of a key
            return self._judge(case)
        if found is None:
            if len(self._judged) >= _MAX_ENTRIES:
                self._judged.clear()
            found = self._judged[key] = self._judge(case)
        return found

    def _judge(self, case: Case) -> _Judged:
        """Return what the rules say of a case that neither opened others nor was opened by one."""
        family = Family(after=self.ledger.counting(case.unit_id))
        found = _blocker(self.ledger, self.statement, _bare(case), family, ZeroGroup.OPEN)
        return _Judged(found.missing, found.acts[0].step if found.acts else None)

    def _decides(self, case: Case) -> tuple[str, ...] | None:
        """Return the fields whose values decide what is said of a case in its state; None if more than values does."""
        key = (case.workflow, case.version, case.state)
        if key not in self._deciding:
            self._deciding[key] = _deciding(self.ledger.rules_of(case), case.state)
        return self._deciding[key]


def _deciding(rules: Rules, state: str) -> tuple[str, ...] | None:
    """Return the fields whose values decide which steps leave a state and what they lack; None if more does."""
    workflow = rules.workflow
    possible = rules.machine.leaving(state)
    if state in day_bound(workflow) or any(each.came_from is not None for each in possible):
        return None
    sources = [guard.expression for guard in workflow.cleared.when] if state in rules.counted else []
    for each in possible:
        sources += [guard.expression for guard in each.when]
        sources += rules.computed.get(each.name, {}).values()
        sources += [each.if_] if each.if_ else []
    wanted = frozenset[str]().union(*map(names, sources))
    if wanted & _OF_ONE_CASE or any("history" in compile_expression(each).uses for each in sources):
        return None  # children and parent are none, for those that are judged so
    return tuple(sorted(wanted & workflow.fields.keys()))


def _bare(case: Case) -> Past:
    """Return a case as it stands, of which nothing is asked but its values."""
    return Past(case=case, terms=(), doers={}, moves=(), came_from=None, was_counted=False, came_back=False)
