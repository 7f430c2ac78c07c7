"""The rates of punctuality: whether every term of a case, or of those declared, was met by its original day.

The database says it of most cases; those of which it cannot be sure, and the terms of what they opened, are
looked at here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from engine.campaigns.campaign import Rate, ZeroGroup
from engine.deadlines.clock import Status
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, PastDeadline, rebuilt
from engine.operations.zero.sorting import SortedCases
from engine.rules.case import Count
from engine.rules.shapes import DOUBTFUL, KEPT, LIVE, MISSED, NONE, TERMS, low_bits
from engine.store import shape_rows, zero_rows


def standing(rate: Rate, past: Past, *, day: date, zone: str) -> int:
    """Return how the terms of a case that was rebuilt stand at the end of a local day, those of its children apart."""
    asked = (each for each in past.terms if rate.every_term or each.name in rate.on_time)
    return max((_kept(each, day, zone) for each in asked), default=NONE)


def _kept(term: PastDeadline, day: date, zone: str) -> int:
    """Return how a term stands; what rests, runs or is lifted past its original day without its act was not kept."""
    kept = term.judged(day=day, zone=zone)
    return NONE if kept is None else KEPT if kept else MISSED


@dataclass(slots=True)
class Terms:
    """What one rate of punctuality counts, while the cases go by."""

    rate: Rate
    counted: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How many cases of a unit, by its id, stand so."""
    own: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Unit and standing by their own terms alone, of cases that must be looked at one by one."""
    unsorted: dict[int, int] = field(default_factory=dict)
    """The units of cases whose shape does not tell how their terms stand."""
    live: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Unit and standing by the terms that are over, of cases that opened no others and have a term that is not."""

    def add_sorted(self, each: SortedCases) -> None:
        """Add cases that were sorted by their shapes, if the bottom counts them."""
        if each.group is None or not (self.rate.bottom.counts_group(each.group) and each.suits(self.rate.bottom)):
            return
        if not self.rate.every_term or (each.has_live and each.has_family):
            self.unsorted |= dict.fromkeys(each.ids(), each.unit_id)
        elif each.has_live and each.terms != MISSED:
            late = None if each.terms == DOUBTFUL else each.late_terms()
            if late is None:
                self.live |= dict.fromkeys(each.ids(), (each.unit_id, each.terms))
            else:
                self.counted[each.unit_id, MISSED] += late
                self.counted[each.unit_id, each.terms] += each.count - late
        elif each.terms == DOUBTFUL or each.has_family:
            self.own |= dict.fromkeys(each.ids(), (each.unit_id, each.terms))
        else:
            self.counted[each.unit_id, each.terms] += each.count

    def add_past(self, group: ZeroGroup, past: Past, day: date, zone: str) -> None:
        """Add a case that was rebuilt, if the bottom counts it."""
        if self.rate.bottom.counts_group(group) and self.rate.bottom.suits(past.case.state, past.case.fields):
            self.own[past.case.id] = (past.case.unit_id, standing(self.rate, past, day=day, zone=zone))

    def sums(self, ledger: Ledger, *, day: date, end_at: int) -> Iterator[tuple[int, int, int]]:
        """Yield units by id, with how many cases kept all their terms and how many had one; inside `reading`."""
        late = frozenset(_late(ledger, list(self.live), day=day))
        self.live |= {case_id: (self.live[case_id][0], MISSED) for case_id in late}
        self.own |= {case_id: each for case_id, each in self.live.items() if each[1] == DOUBTFUL}
        self.counted.update(each for each in self.live.values() if each[1] != DOUBTFUL)
        standing_so = own_terms(ledger, self.rate, list(self.unsorted), day=day)
        self.own |= {case_id: (unit_id, standing_so.get(case_id, NONE)) for case_id, unit_id in self.unsorted.items()}
        found = {case_id: code for case_id, (_, code) in self.own.items()}
        if self.rate.every_term:
            children = children_met(ledger, self.rate, list(found), day=day, end_at=end_at)
            found = {case_id: max(code, children.get(case_id, NONE)) for case_id, code in found.items()}
        doubtful = [case_id for case_id, code in found.items() if code == DOUBTFUL]
        found |= looked_at(ledger, self.rate, doubtful, day, end_at)
        for case_id, code in found.items():
            self.counted[self.own[case_id][0], code] += 1
        for (unit_id, code), count in self.counted.items():
            yield unit_id, count * (code == KEPT), count * (code != NONE)


def own_terms(ledger: Ledger, rate: Rate, case_ids: Sequence[int], *, day: date) -> dict[int, int]:
    """Return how the terms of cases that have not changed since stand at the end of a local day, so far as rows tell.

    A term that has not been met by its original day was not kept, whether it still runs, rests or was lifted later.
    """
    found: dict[int, int] = {}
    for each in shape_rows.terms_of(ledger.store, case_ids):
        shapes, term = ledger.rules(each.workflow, each.version).shapes, each.term
        if not (rate.every_term or term.name in rate.on_time) or term.name in shapes.theirs:
            continue
        if term.status in {Status.RUNNING, Status.PAUSED}:
            code = MISSED if term.original_due_on < day.isoformat() else NONE
        else:
            code = shapes.standing([term])
        found[each.case_id] = max(code, found.get(each.case_id, NONE))
    return found


def _late(ledger: Ledger, case_ids: Sequence[int], *, day: date) -> Iterator[int]:
    """Yield those of some cases with a term of ours that is not over, and was not met by its original day."""
    for each in shape_rows.late_terms(ledger.store, case_ids, day=day.isoformat()):
        if each.term.name not in ledger.rules(each.workflow, each.version).shapes.theirs:
            yield each.case_id


def children_met(ledger: Ledger, rate: Rate, case_ids: Sequence[int], *, day: date, end_at: int) -> dict[int, int]:
    """Return how the terms of what cases opened stand at the end of a local day, by the case that opened it."""
    children = shape_rows.children(ledger.store, case_ids, end_at=end_at)
    live = [each.id for each in children if low_bits(each.shape) & LIVE and each.changed_at < end_at]
    rows_say = own_terms(ledger, rate, live, day=day)
    found: dict[int, int] = {}
    for each in children:
        code = DOUBTFUL if each.changed_at >= end_at else rows_say.get(each.id, low_bits(each.shape) & TERMS)
        found[each.parent_id] = max(code, found.get(each.parent_id, NONE))
    return found


def looked_at(
    ledger: Ledger,
    rate: Rate,
    case_ids: Sequence[int],
    day: date,
    end_at: int,
    *,
    own: Mapping[int, int] = MappingProxyType({}),
) -> dict[int, int]:
    """Return how the terms of cases and of what they opened stand, as the journal tells.

    Args:
        own: How cases that were rebuilt already stand by their own terms; only what they opened is rebuilt then.
    """
    found: dict[int, int] = {}
    for start in range(0, len(case_ids), CHUNK):
        part = case_ids[start : start + CHUNK]
        opened = zero_rows.children_of(ledger.store, part, end_at=end_at) if rate.every_term else {}
        wanted = [case_id for case_id in part if case_id not in own]
        wanted += [child for each in opened.values() for child in each if child not in own]
        codes = dict(own)
        codes.update(_codes(rate, rebuilt(ledger, wanted, end_at=end_at, day=day), day, ledger.zone))
        for case_id in part:
            family = (case_id, *opened.get(case_id, ()))
            found[case_id] = max(codes.get(each, NONE) for each in family)
    return found


def _codes(rate: Rate, pasts: Iterable[Past], day: date, zone: str) -> Iterator[tuple[int, int]]:
    """Yield how the terms of each case that is not void stand."""
    for past in pasts:
        if past.case.clearance != Count.VOID:
            yield past.case.id, standing(rate, past, day=day, zone=zone)
