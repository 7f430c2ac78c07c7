"""The rates of punctuality: whether every term of a case, or of those declared, was met by its original day.

The database says it of most cases; those of which it cannot be sure, and the terms of what they opened, are
looked at here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from engine.campaigns.campaign import Condition, Rate, ZeroGroup
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, PastDeadline, rebuilt
from engine.rules.case import Count
from engine.store import house_rows as house
from engine.store import zero_rows

NONE, KEPT, DOUBTFUL, MISSED = range(4)
"""How the terms of a case stand: none met or run out, all kept, not sure, one not kept."""


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

    def add_sorted(
        self, group: ZeroGroup, each: zero_rows.Sorted, suits: Callable[[Condition], bool], place: int
    ) -> None:
        """Add cases that the database sorted, if the bottom counts them."""
        code = each.met[place]
        if not (self.rate.bottom.counts_group(group) and suits(self.rate.bottom)):
            return
        if code == DOUBTFUL or (self.rate.every_term and each.has_family):
            self.own |= dict.fromkeys(each.ids, (each.unit_id, code))
        else:
            self.counted[each.unit_id, code] += each.count

    def add_past(self, group: ZeroGroup, past: Past, day: date, zone: str) -> None:
        """Add a case that was rebuilt, if the bottom counts it."""
        if self.rate.bottom.counts_group(group) and self.rate.bottom.suits(past.case.state, past.case.fields):
            self.own[past.case.id] = (past.case.unit_id, standing(self.rate, past, day=day, zone=zone))

    def sums(self, ledger: Ledger, *, day: date, end_at: int) -> Iterator[tuple[int, int, int]]:
        """Yield units by id, with how many cases kept all their terms and how many had one; inside `reading`."""
        found = {case_id: code for case_id, (_, code) in self.own.items()}
        if self.rate.every_term:
            children = zero_rows.children_met(
                ledger.store, list(found), day=day.isoformat(), end_at=end_at, theirs=theirs_of(ledger)
            )
            found = {case_id: max(code, children.get(case_id, NONE)) for case_id, code in found.items()}
        doubtful = [case_id for case_id, code in found.items() if code == DOUBTFUL]
        found |= looked_at(ledger, self.rate, doubtful, day, end_at)
        for case_id, code in found.items():
            self.counted[self.own[case_id][0], code] += 1
        for (unit_id, code), count in self.counted.items():
            yield unit_id, count * (code == KEPT), count * (code != NONE)


def theirs_of(ledger: Ledger) -> zero_rows.Theirs:
    """Return the terms that are the other side's, of the versions in use: they are in no rate of ours."""
    found = {}
    for name, version in house.workflows_saying(ledger.store, "whose", '"theirs"'):
        declared = ledger.rules(name, version).workflow.deadlines.values()
        found[name, version] = tuple(each.name for each in declared if each.is_theirs)
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
