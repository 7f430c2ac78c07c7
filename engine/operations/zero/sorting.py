"""The scope of a campaign sorted by shapes: what is asked of a million cases is asked of one case of each shape.

The index by which cases are alike says how many there are of each; ids are asked for only where a single case
matters. Cases with an open question, and those whose children a rate looks at, are looked at by themselves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final

from engine.campaigns.campaign import BLOCKING, Campaign, Condition, ZeroGroup, group_of, in_scope
from engine.journal.canonical import parsed
from engine.journal.ledger_row import STATE
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.rules.shapes import EXTENDED, LIVE, TERMS, UNKNOWN, low_bits
from engine.store import question_rows, shape_rows, zero_rows
from engine.store.shape_rows import Besides, CasesAlike, LateOfGroup, SeenMeanwhile, ShapedCase
from engine.store.zero_rows import CHANGED_SINCE, JOURNALED_SINCE

_CLEARED: Final = (ZeroGroup.CLEARED, ZeroGroup.FULLY_CLOSED)
_PARENTS: Final = "SELECT p.parent_id FROM cases p WHERE p.parent_id IS NOT NULL"
_QUESTIONED: Final = "SELECT q.case_id FROM questions q WHERE q.closed_seq IS NULL"
_MANY: Final = 1_000
"""Of more cases with live terms it is looked at what lives in all, and not at the deadlines of each."""
_LIVE_TO_ONE: Final = 4
"""Unless so many times as many deadlines live."""


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
    late_terms: Callable[[], int | None]
    """Says how many have a live term of ours past its original day; None where that is cheaper asked of each."""


def _unasked() -> None:
    """Say that live terms are asked of each case."""


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
    _held: dict[tuple[int | str, ...], list[ShapedCase]] = field(default_factory=dict)
    """The cases of groups that are looked into, by unit, state, count and shape: read together, not group by group."""
    _excused: set[int] = field(default_factory=set)
    """Those of them whose extension excuses them."""
    _live: int = 0
    """How many cases of groups have live terms."""
    _late: "Mapping[tuple[int | str, ...], LateOfGroup] | None" = None
    """By unit, state, count and shape; None until it is asked for."""

    def sorted(self) -> Iterator[SortedCases]:
        """Yield the cases of the scope; inside `reading`."""
        store, campaign = self.ledger.store, self.campaign
        by_family = any(each.every_term for each in campaign.rates)
        asked = self._asked()
        apart: list[Besides] = [(_PARENTS, ())] if by_family else []
        apart += [(_QUESTIONED, ())] if asked else []
        besides = [*apart, *self._changed()]
        found = shape_rows.alike(
            store,
            campaign,
            cut_off_at=self.cut_off_at,
            unit_id=self.unit_id,
            besides=besides,
            watched=self.watched,
        )
        new = {each.shape: each for each in found if each.shape not in self._values}
        self._learn(shape_rows.examples(store, campaign, list(new.values())))
        self._look_into(found, besides)
        self._live = sum(each.cases for each in found if low_bits(each.shape) & LIVE)
        for each in found:
            yield from self._of_group(each, besides)
        unknown = [one for each in found if self._known(each) is None for one in self._held.get(each[:4], ())]
        yield from self._each(unknown, own=True)
        if apart:
            alone = self._by_themselves(apart)
            of_families = alone if apart == [(_PARENTS, ())] else self._by_themselves([(_PARENTS, ())])
            families = {each.id for each in of_families} if by_family else set[int]()
            self._learn({each.shape: each.id for each in alone})
            yield from self._each(alone, asked=asked, families=families)

    def _asked(self) -> Mapping[int, frozenset[str]]:
        """Return of each case of the workflow on what a question is open: a field, or `state`."""
        if not self.meanwhile.has_questions:
            return {}
        found = question_rows.open_about(self.ledger.store, self.campaign.workflow)
        return {case_id: frozenset(STATE if q.state else q.field for q in about) for case_id, about in found.items()}

    def cleared_after(self, due_at: int) -> list[int]:
        """Return the cases that stand as cleared and have changed since an instant, by id; inside `reading`."""
        if self.end_at <= due_at or not self.meanwhile.is_after_due:
            return []
        alone = self._by_themselves([(JOURNALED_SINCE, (due_at,))])
        self._learn({each.shape: each.id for each in alone})
        counted = [each for each in alone if each.clearance in {Count.CLEARED, Count.FULLY_CLOSED}]
        sorted_ = self._each(counted, asked=self._asked())
        return [case_id for each in sorted_ if each.group in _CLEARED for case_id in each.ids()]

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

    def _look_into(self, found: Sequence[CasesAlike], besides: Sequence[Besides]) -> None:
        """Read the cases of groups that are named, or not counted as one."""
        wanted = [each for each in found if self._is_looked_into(each)]
        for one in shape_rows.in_groups(self.ledger.store, self.campaign, wanted, besides=besides):
            self._held.setdefault(one[1:5], []).append(one)
        extended = [group for group in wanted if self._may_be_excused(group)]
        self._excused = shape_rows.excused_in(
            self.ledger.store, self.campaign, extended, day=self.day.isoformat(), besides=besides
        )

    def _is_looked_into(self, group: CasesAlike) -> bool:
        """Say whether it matters which cases a group holds."""
        fields = self._known(group)
        if fields is None:  # its shape does not tell what the campaign asks of values
            return True
        if not self._may_hold(group.unit_id, fields) or not self._counted(group, fields)[0]:
            return False
        is_apart = self._is_spanned(group, fields) or self._may_be_excused(group)
        return is_apart or self._group_of(group, fields) in BLOCKING

    def _is_spanned(self, group: CasesAlike, fields: Mapping[str, object]) -> bool:
        """Say whether only those of a group belong to the campaign that fall due in its days."""
        span = self.campaign.falling_due
        return span is not None and not (fields.get(span.field) is None and group.clearance == Count.OPEN)

    def _counted(self, group: CasesAlike, fields: Mapping[str, object]) -> tuple[int, int]:
        """Return how many of a group the campaign may hold, and how many of them were registered late."""
        if self.campaign.dated_by and fields.get(self.campaign.dated_by) is None:  # nobody knows yet if it belongs
            return group.cases, group.late
        return group.received, group.received_late

    @staticmethod
    def _may_be_excused(group: CasesAlike | ShapedCase) -> bool:
        return bool(low_bits(group.shape) & EXTENDED) and group.clearance == Count.OPEN

    def _of_group(self, group: CasesAlike, besides: Sequence[Besides]) -> Iterator[SortedCases]:
        """Yield those of cases that are alike which the scope holds."""
        fields = self._known(group)
        if fields is None or not self._may_hold(group.unit_id, fields):
            return
        count, late = self._counted(group, fields)
        if count and self._is_spanned(group, fields):
            count, late = self._sums(self._held.get(group[:4], []))
        if not count:
            return

        def ids() -> tuple[int, ...]:
            cases = self._held.get(group[:4])
            if cases is None:  # none of them is named, but how one by one of them kept its terms
                cases = list(shape_rows.in_groups(self.ledger.store, self.campaign, [group], besides=besides))
            return tuple(each.id for each in cases)

        if self._may_be_excused(group):
            yield from self._excused_apart(group, fields)
        elif self._is_spanned(group, fields):
            yield self._sorted(group, fields, count, late, ids)
        else:
            is_all = count == group.cases
            late_terms = partial(self._late_terms, group, besides, is_all=is_all)
            yield self._sorted(group, fields, count, late, ids, late_terms=late_terms)

    def _late_terms(self, group: CasesAlike, besides: Sequence[Besides], *, is_all: bool) -> int | None:
        """Return how many of a group have a term of ours that is not over and was not met by its original day.

        Asked of all groups at once, unless few cases are meant, or what lives is mostly of others.

        Args:
            is_all: Of all of them, and not only of those received in the days of the campaign.
        """
        store, workflow = self.ledger.store, self.campaign.workflow
        if self._late is None:
            theirs = {self.ledger.rules(workflow, each).shapes.theirs for each in zero_rows.versions(store, workflow)}
            at_most = _LIVE_TO_ONE * self._live
            if self._live <= _MANY or len(theirs) > 1 or shape_rows.live_terms_of_all(store) > at_most:
                self._live, self._late = 0, {}
            else:
                rows = shape_rows.late_in_groups(
                    store,
                    self.campaign,
                    unit_id=self.unit_id,
                    day=self.day.isoformat(),
                    theirs=sorted(*theirs),
                    besides=besides,
                )
                self._late = {each[:4]: each for each in rows}
        if not self._live:
            return None
        late = self._late.get(group[:4])
        return 0 if late is None else late.cases if is_all else late.received

    def _excused_apart(self, group: CasesAlike, fields: Mapping[str, object]) -> Iterator[SortedCases]:
        """Yield cases that are alike: those whose extension excuses them apart from the others."""
        for is_excused in (True, False):
            held = self._held.get(group[:4], [])
            chosen = [each for each in held if (each.id in self._excused) == is_excused]
            if chosen:
                numbers = partial(tuple, [each.id for each in chosen])
                yield self._sorted(group, fields, *self._sums(chosen), numbers, is_excused=is_excused)

    def _sums(self, cases: Sequence[ShapedCase]) -> tuple[int, int]:
        """Return how many cases there are, and how many of them were registered late."""
        return len(cases), sum(each.opened_at >= self.cut_off_at for each in cases)

    def _each(
        self,
        cases: Sequence[ShapedCase],
        *,
        own: bool = False,
        asked: Mapping[int, Collection[str]] = MappingProxyType({}),
        families: Collection[int] = (),
    ) -> Iterator[SortedCases]:
        """Yield those of some cases that the scope holds, each by itself.

        Args:
            own: All by their own values, whatever their shapes tell.
            asked: Fields, or `state`, on which a question about a case is open.
            families: Those that opened others, at which a rate looks too.
        """
        store, campaign = self.ledger.store, self.campaign
        known = {one.id: None if own or campaign.falling_due else self._known(one) for one in cases}
        meant = shape_rows.meanings(store, [case_id for case_id, fields in known.items() if fields is None])
        may_be_excused = [one.id for one in cases if self._may_be_excused(one)]
        excused = shape_rows.extended_on(store, campaign, may_be_excused, day=self.day.isoformat())
        for one in cases:
            fields = known[one.id]
            fields = parsed(meant[one.id].fields) if fields is None else fields
            unit = self.unit_codes[one.unit_id]
            if in_scope(campaign, unit=unit, dated_on=one.dated_on, fields=fields, clearance=one.clearance):
                yield self._sorted(
                    one,
                    fields,
                    1,
                    int(one.opened_at >= self.cut_off_at),
                    partial(tuple, [one.id]),
                    is_excused=one.id in excused,
                    asked=asked.get(one.id, ()),
                    has_family=one.id in families,
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
        late_terms: Callable[[], int | None] = _unasked,
    ) -> SortedCases:
        """Return cases with the group that they fall into."""
        group = self._group_of(one, fields, asked)
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
            late_terms=late_terms,
        )

    def _group_of(
        self, one: CasesAlike | ShapedCase, fields: Mapping[str, object], asked: Collection[str] = ()
    ) -> ZeroGroup | None:
        """Return the group that cases fall into, extensions apart."""
        return group_of(
            self.campaign,
            clearance=one.clearance,
            state=one.state,
            fields=fields,
            extensions=(),
            day=self.day,
            asked=asked,
        )

    def _may_hold(self, unit_id: int, fields: Mapping[str, object]) -> bool:
        """Say whether the scope may hold cases of a unit with these values, whenever they were received or are due."""
        campaign = self.campaign
        if campaign.units and self.unit_codes[unit_id] not in campaign.units:
            return False
        given = ((fields.get(name), wanted) for name, wanted in campaign.where.items())
        return all(value is None or value in wanted for value, wanted in given)
