"""The scope of a campaign sorted by shapes: what is asked of a million cases is asked of one case of each shape.

The index by which cases are alike says how many there are of each; ids are asked for only where a single case
matters. Cases with an open question, and those whose children a rate looks at, are looked at by themselves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

from engine.campaigns.campaign import Campaign, Condition, ZeroGroup, group_of, in_scope
from engine.journal.canonical import parsed
from engine.journal.ledger_row import STATE
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.rules.shapes import EXTENDED, LIVE, TERMS, UNKNOWN, low_bits
from engine.store import question_rows, shape_rows
from engine.store.shape_rows import Besides, CasesAlike, SeenMeanwhile, ShapedCase
from engine.store.zero_rows import CHANGED_SINCE

_CLEARED: Final = (ZeroGroup.CLEARED, ZeroGroup.FULLY_CLOSED)
_PARENTS: Final = "SELECT p.parent_id FROM cases p WHERE p.parent_id IS NOT NULL"
_QUESTIONED: Final = "SELECT q.case_id FROM questions q WHERE q.closed_seq IS NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class SortedCases:
    """Cases of one unit that are alike in all that is counted."""

    unit_id: int
    group: ZeroGroup | None
    """None: void, or they repeat another."""
    clearance: int
    count: int
    late: int
    """How many were registered after the cut-off though received before it."""
    suits: Callable[[Condition], bool]
    """Says whether a condition suits them, how they count apart."""
    terms: int
    """How their own terms stand that are over, as `engine.rules.shapes` says."""
    has_live: bool
    """A term of theirs runs or rests."""
    has_family: bool
    """They opened others, at which a rate looks too."""
    ids: Callable[[], Sequence[int]]


@dataclass(kw_only=True, slots=True)
class ScopeSorting:
    """Sorts the scope of a campaign as of the end of a local day, those cases left out that must be rebuilt."""

    ledger: Ledger
    campaign: Campaign
    day: date
    end_at: int
    """The end of the day, in microseconds since 1970 UTC."""
    cut_off_at: int
    """The end of the day of the cut-off."""
    unit_id: int | None
    watched: Sequence[str]
    """States whose count may change by the passing of days; their cases are left out."""
    meanwhile: SeenMeanwhile
    unit_codes: Mapping[int, str]
    _values: dict[int, tuple[frozenset[str], Mapping[str, object]]] = field(default_factory=dict)
    """By shape the fields whose values it tells, and the values of one of its cases."""

    def sorted(self) -> Iterator[SortedCases]:
        """Yield the cases of the scope; inside `reading`."""
        store, campaign = self.ledger.store, self.campaign
        by_family = any(each.every_term for each in campaign.rates)
        questions = question_rows.open_about(store, campaign.workflow) if self.meanwhile.has_questions else {}
        apart: list[Besides] = [(_PARENTS, ())] if by_family else []
        apart += [(_QUESTIONED, ())] if questions else []
        besides = [*apart, *self._changed()]
        found = shape_rows.alike(
            store,
            campaign,
            cut_off_at=self.cut_off_at,
            unit_id=self.unit_id,
            besides=besides,
            watched=self.watched,
        )
        self._learn({each.shape: each.first_id for each in found})
        for each in found:
            yield from self._of_group(each, besides)
        if apart:
            alone = self._by_themselves(apart)
            of_families = alone if apart == [(_PARENTS, ())] else self._by_themselves([(_PARENTS, ())])
            families = {each.id for each in of_families} if by_family else set[int]()
            self._learn({each.shape: each.id for each in alone})
            for one in alone:
                asked = frozenset(STATE if q.state else q.field for q in questions.get(one.id, ()))
                yield from self._of_one(one, self._known(one), asked=asked, has_family=one.id in families)

    def cleared_after(self, due_at: int) -> list[int]:
        """Return the cases that stand as cleared and have changed since an instant, by id; inside `reading`."""
        if self.end_at <= due_at or not self.meanwhile.is_after_due:
            return []
        alone = self._by_themselves([(CHANGED_SINCE, (due_at,))])
        self._learn({each.shape: each.id for each in alone})
        counted = [each for each in alone if each.clearance in {Count.CLEARED, Count.FULLY_CLOSED}]
        found = (each for one in counted for each in self._of_one(one, self._known(one), asked=(), has_family=False))
        return [case_id for each in found if each.group in _CLEARED for case_id in each.ids()]

    def _changed(self) -> list[Besides]:
        """Return which cases have changed since the day."""
        return [(CHANGED_SINCE, (self.end_at,))] if self.meanwhile.is_past else []

    def _by_themselves(self, among: Sequence[Besides]) -> list[ShapedCase]:
        """Return cases that stand in one of some lists and have not changed since the day."""
        return shape_rows.by_themselves(
            self.ledger.store,
            self.campaign,
            unit_id=self.unit_id,
            among=among,
            but=self._changed(),
            watched=self.watched,
        )

    def _learn(self, examples: Mapping[int, int]) -> None:
        """Learn the values of shapes, each by one of its cases."""
        new = {case_id: shape for shape, case_id in examples.items() if shape not in self._values}
        for case_id, meant in shape_rows.meanings(self.ledger.store, list(new)).items():
            valued = self.ledger.rules(self.campaign.workflow, meant.version).shapes.valued
            self._values[new[case_id]] = frozenset(valued), parsed(meant.fields)

    def _known(self, one: CasesAlike | ShapedCase) -> Mapping[str, object] | None:
        """Return the values of cases of a shape so far as the campaign asks of them; None if it asks for more."""
        valued, values = self._values[one.shape]
        wanted = {*self.campaign.where, *(name for each in self.campaign.conditions for name in each.values)}
        return values if wanted & values.keys() <= valued and one.shape != UNKNOWN else None

    def _of_group(self, group: CasesAlike, besides: Sequence[Besides]) -> Iterator[SortedCases]:
        """Yield those of cases that are alike which the scope holds."""
        campaign, fields = self.campaign, self._known(group)
        span = campaign.falling_due
        if fields is None:
            yield from self._one_by_one(group, besides)
            return
        count, late = group.received, group.received_late
        if campaign.dated_by and fields.get(campaign.dated_by) is None:  # nobody knows yet whether it belongs
            count, late = group.cases, group.late
        if not count or not self._may_hold(group.unit_id, fields):
            return
        held: list[ShapedCase] | None = None
        if span is not None and not (fields.get(span.field) is None and group.clearance == Count.OPEN):
            held = shape_rows.in_group(self.ledger.store, campaign, group, besides=besides)
            count, late = len(held), sum(each.opened_at >= self.cut_off_at for each in held)
        kept: list[tuple[int, ...]] = []

        def ids() -> tuple[int, ...]:
            if not kept:
                cases = held
                if cases is None:
                    cases = shape_rows.in_group(self.ledger.store, campaign, group, besides=besides)
                kept.append(tuple(each.id for each in cases))
            return kept[0]

        if count:
            yield from self._grouped(group, fields, count, late, ids)

    def _grouped(
        self,
        group: CasesAlike,
        fields: Mapping[str, object],
        count: int,
        late: int,
        ids: Callable[[], Sequence[int]],
    ) -> Iterator[SortedCases]:
        """Yield cases that are alike: those whose extension excuses them apart from the others."""
        excused: set[int] = set()
        if low_bits(group.shape) & EXTENDED and group.clearance == Count.OPEN:
            excused = shape_rows.extended_on(self.ledger.store, self.campaign, ids(), day=self.day.isoformat())
        if not excused:
            yield self._sorted(group, fields, count, late, ids)
            return
        for found, is_excused in ((excused, True), (set(ids()) - excused, False)):
            cases = shape_rows.in_group(self.ledger.store, self.campaign, group, besides=()) if found else []
            chosen = tuple(each for each in cases if each.id in found)
            if chosen:
                registered_late = sum(each.opened_at >= self.cut_off_at for each in chosen)
                numbers = partial(tuple, [each.id for each in chosen])
                yield self._sorted(group, fields, len(chosen), registered_late, numbers, is_excused=is_excused)

    def _one_by_one(self, group: CasesAlike, besides: Sequence[Besides]) -> Iterator[SortedCases]:
        """Yield cases of a group by themselves, since their shape does not tell what the campaign asks of values."""
        held = shape_rows.in_group(self.ledger.store, self.campaign, group, besides=besides)
        yield from self._each(held)

    def _each(self, cases: Sequence[ShapedCase]) -> Iterator[SortedCases]:
        """Yield cases by themselves, by their own values."""
        meant = shape_rows.meanings(self.ledger.store, [each.id for each in cases])
        for one in cases:
            yield from self._of_one(one, parsed(meant[one.id].fields), asked=(), has_family=False)

    def _of_one(
        self, one: ShapedCase, fields: Mapping[str, object] | None, *, asked: Collection[str], has_family: bool
    ) -> Iterator[SortedCases]:
        """Yield one case if the scope holds it.

        Args:
            fields: Its values; None to read its own.
            asked: Fields, or `state`, on which a question is open.
            has_family: It opened others, at which a rate looks too.
        """
        if fields is None or self.campaign.falling_due is not None:
            fields = parsed(shape_rows.meanings(self.ledger.store, [one.id])[one.id].fields)
        unit = self.unit_codes[one.unit_id]
        if not in_scope(self.campaign, unit=unit, dated_on=one.dated_on, fields=fields, clearance=one.clearance):
            return
        excused = False
        if low_bits(one.shape) & EXTENDED and one.clearance == Count.OPEN:
            excused = bool(shape_rows.extended_on(self.ledger.store, self.campaign, [one.id], day=self.day.isoformat()))
        late = int(one.opened_at >= self.cut_off_at)
        yield self._sorted(
            one, fields, 1, late, lambda: (one.id,), is_excused=excused, asked=asked, has_family=has_family
        )

    def _sorted(
        self,
        one: CasesAlike | ShapedCase,
        fields: Mapping[str, object],
        count: int,
        late: int,
        ids: Callable[[], Sequence[int]],
        *,
        is_excused: bool = False,
        asked: Collection[str] = (),
        has_family: bool = False,
    ) -> SortedCases:
        """Return cases with the group that they fall into."""
        group = group_of(
            self.campaign,
            clearance=one.clearance,
            state=one.state,
            fields=fields,
            extensions=(),
            day=self.day,
            asked=asked,
        )
        if is_excused and group is ZeroGroup.OPEN:
            group = ZeroGroup.EXTENDED
        return SortedCases(
            unit_id=one.unit_id,
            group=group,
            clearance=one.clearance,
            count=count,
            late=late,
            suits=lambda condition: condition.suits(one.state, fields),
            terms=low_bits(one.shape) & TERMS,
            has_live=bool(low_bits(one.shape) & LIVE),
            has_family=has_family,
            ids=ids,
        )

    def _may_hold(self, unit_id: int, fields: Mapping[str, object]) -> bool:
        """Say whether the scope may hold cases of a unit with these values, whenever they were received or are due."""
        campaign = self.campaign
        if campaign.units and self.unit_codes[unit_id] not in campaign.units:
            return False
        given = ((fields.get(name), wanted) for name, wanted in campaign.where.items())
        return all(value is None or value in wanted for value, wanted in given)
