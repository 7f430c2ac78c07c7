"""Whether a campaign is cleared to zero on a day: five groups by unit, rates, a verdict, and which cases block.

Cases that have not changed since the end of the day are sorted by the database in one scan; the others,
and those whose count the passing of days alone may change, are rebuilt from the journal one by one. So
the answer as of a past day is what was said on it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.campaigns.campaign import (
    BLOCKING,
    Campaign,
    Condition,
    Verdict,
    ZeroGroup,
    group_of,
    in_scope,
    rated,
    verdict,
)
from engine.errors import BadValueError, NotFoundError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.late_leads import ClearedLate, cleared_late
from engine.operations.zero.left_scope import Left, corrected_out, touched
from engine.operations.zero.past import Past, rebuilt, watched
from engine.operations.zero.punctuality import Terms
from engine.operations.zero.sorting import ScopeSorting, SortedCases
from engine.rules.case import Case, Count
from engine.store import house_rows as house
from engine.store import shape_rows, zero_rows
from engine.store.zero_history import Touched
from engine.working_days.instants import microseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class ZeroTally:
    """How many cases of one unit, or of all, fall into each group."""

    unit: str
    """The unit's code; empty for all."""
    name: str
    groups: Mapping[ZeroGroup, int]
    rates: Mapping[str, tuple[int, int]]
    """Top and bottom."""
    late: int
    """Registered after the cut-off though received before it."""
    returned: int
    """Counted as cleared and then as open again (回流), whether they were cleared once more or not."""
    void: int
    repeats: int
    left: int
    """Taken out of the scope by a correction, a step or a link; in none of the groups."""
    overdue: int = 0
    """Cleared, but after their day."""
    instead: Verdict | None = None
    """What is to be said whatever the figures are, since they cannot be trusted, or were not checked."""

    @property
    def scope(self) -> int:
        """How many cases the scope holds: the five groups together."""
        return sum(self.groups.values())

    @property
    def blocking(self) -> int:
        """How many cases keep it from being zero."""
        return sum(self.groups.get(each, 0) for each in BLOCKING)

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        return self.instead or verdict(self.groups, left=self.left, overdue=self.overdue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """The answer as of the end of a local day."""

    campaign: Campaign
    day: date
    unit: str | None
    """The only unit that was asked about."""
    units: tuple[ZeroTally, ...]
    """Those that have cases in the scope, or had some that left it, by code."""
    total: ZeroTally
    left: tuple[Left, ...]
    """Cases that were taken out of the scope, with who and why; while there are any, it is not zero."""
    blocking: tuple[tuple[int, ZeroGroup], ...]
    """Ids of the cases that block, by unit and registration."""
    end_at: int
    """The end of the day, in microseconds since 1970 UTC."""
    overdue: tuple[ClearedLate, ...] = ()
    """Cases that were cleared after their day, by unit and number; without one of them it would be in time."""
    returned: tuple[str, ...] = ()
    """Numbers of cases that were cleared, came back and are in the scope, cleared again or not."""

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        return self.total.verdict

    def doubted(self) -> "Statement":
        """Return the same figures with nothing to be said of them, since the journal does not hold."""
        units = tuple(replace(each, instead=Verdict.UNKNOWN) for each in self.units)
        return replace(self, units=units, total=replace(self.total, instead=Verdict.UNKNOWN))

    def unchecked(self) -> "Statement":
        """Return the same figures where zero is not said of any, since nobody looked at what they rest on."""

        def of(tally: ZeroTally) -> ZeroTally:
            return replace(tally, instead=Verdict.UNCHECKED) if tally.verdict in {Verdict.ZERO, Verdict.LATE} else tally

        return replace(self, units=tuple(map(of, self.units)), total=of(self.total))


@dataclass(slots=True)
class _Sums:
    """What is summed for one unit."""

    groups: Counter[ZeroGroup] = field(default_factory=Counter)
    alike: list[tuple[ZeroGroup, Callable[[Condition], bool], int]] = field(default_factory=list)
    punctual: dict[str, tuple[int, int]] = field(default_factory=dict)
    overdue: int = 0
    late: int = 0
    returned: int = 0
    void: int = 0
    repeats: int = 0
    left: int = 0

    def add_punctual(self, rate: str, top: int, bottom: int) -> None:
        """Add to a rate of punctuality."""
        before = self.punctual.get(rate, (0, 0))
        self.punctual[rate] = (before[0] + top, before[1] + bottom)


@dataclass(kw_only=True, slots=True)
class _Asked:
    """What is asked, and what is gathered while the cases go by."""

    ledger: Ledger
    campaign: Campaign
    day: date
    today: date
    unit_id: int | None
    terms: tuple[Terms, ...]
    unit_codes: Mapping[int, str]
    sums: defaultdict[int, _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    """By the unit's id."""
    blocking: list[tuple[int, int, ZeroGroup]] = field(default_factory=list)
    """Unit, case and group."""
    cleared: list[int] = field(default_factory=list)
    """Ids of those that have changed since the campaign's day was over."""
    returned: list[str] = field(default_factory=list)
    seen: Touched = field(default_factory=Touched)

    @property
    def end_at(self) -> int:
        """The end of the day."""
        return end_of(self.day, self.ledger.zone)

    def gather(self) -> tuple[ClearedLate, ...]:
        """Sort the cases of the scope, rebuild the others, and return those that were cleared late."""
        ledger, campaign, end_at = self.ledger, self.campaign, self.end_at
        due_at = end_of(campaign.clear_by, ledger.zone)
        states = watched(ledger, campaign.workflow)
        meanwhile = shape_rows.seen_meanwhile(ledger.store, end_at=end_at, due_at=due_at)
        if self.day < self.today:  # a case may say of itself that it changed since, though no row of the journal does
            meanwhile = meanwhile._replace(is_past=True)
        scope = ScopeSorting(
            ledger=ledger,
            campaign=campaign,
            day=self.day,
            end_at=end_at,
            cut_off_at=end_of(campaign.received_to, ledger.zone),
            unit_id=self.unit_id,
            watched=states,
            meanwhile=meanwhile,
            unit_codes=self.unit_codes,
        )
        self._add_sorted(scope.sorted())
        self.cleared += scope.cleared_after(due_at)
        self.seen = touched(ledger, campaign, end_at=end_at)
        again = zero_rows.to_rebuild(
            ledger.store, campaign, end_at=end_at, unit_id=self.unit_id, watched=states, is_past=meanwhile.is_past
        )
        for past in rebuilt(ledger, again, end_at=end_at, day=self.day):
            if self.unit_id in {None, past.case.unit_id}:  # else another unit held it on that day
                self._add_past(past, due_at)
        for past in rebuilt(ledger, sorted({*self.seen.reopened}.difference(again)), end_at=end_at, day=self.day):
            self._add_returned(past)
        for each in self.terms:
            for owner, top, bottom in each.sums(ledger, day=self.day, end_at=end_at):
                self.sums[owner].add_punctual(each.rate.name, top, bottom)
        return cleared_late(ledger, campaign, self.cleared, due_at=due_at, end_at=end_at, watched=states)

    def _add_sorted(self, found: Iterable[SortedCases]) -> None:
        """Add cases of the scope that were sorted by their shapes."""
        for each in found:
            sums = self.sums[each.unit_id]
            if each.group is None:
                sums.void += each.count * (each.clearance == Count.VOID)
                sums.repeats += each.count * (each.clearance == Count.REPEATS)
                continue
            sums.groups[each.group] += each.count
            sums.alike.append((each.group, each.suits, each.count))
            sums.late += each.late
            for term in self.terms:
                term.add_sorted(each)
            if each.group in BLOCKING:
                self.blocking += [(each.unit_id, case_id, each.group) for case_id in each.ids()]

    def _add_past(self, past: Past, due_at: int) -> None:
        """Add a case that was rebuilt, if the scope holds it."""
        case, zone = past.case, self.ledger.zone
        if not _holds(self.campaign, case):
            return
        sums = self.sums[case.unit_id]
        group = group_of(
            self.campaign,
            clearance=case.clearance,
            state=case.state,
            fields=case.fields,
            extensions=past.extensions,
            day=self.day,
            asked=past.asked,
        )
        if group is None:
            sums.void += case.clearance == Count.VOID
            sums.repeats += case.clearance == Count.REPEATS
            return
        sums.groups[group] += 1
        sums.alike.append((group, lambda condition: condition.suits(case.state, case.fields), 1))
        sums.late += case.opened_at >= end_of(self.campaign.received_to, zone)
        for term in self.terms:
            term.add_past(group, past, self.day, zone)
        if group in BLOCKING:
            self.blocking.append((case.unit_id, case.id, group))
        elif case.changed_at >= due_at:
            self.cleared.append(case.id)
        self._add_returned(past)

    def _add_returned(self, past: Past) -> None:
        """Add a case that came back, if the scope holds it and it counts still."""
        case = past.case
        counts = past.came_back and case.clearance not in {Count.VOID, Count.REPEATS}
        if counts and self.unit_id in {None, case.unit_id} and _holds(self.campaign, case):
            self.sums[case.unit_id].returned += 1
            self.returned.append(case.number)


def check_zero(
    ledger: Ledger, campaign: Campaign, *, day: date | None = None, unit: str | None = None, now: datetime
) -> Statement:
    """Return how a campaign stands at the end of a local day (domain §9.4).

    Args:
        day: Today if None; a past day is rebuilt from the journal.
        unit: Code of the only unit to look at.

    Raises:
        BadValueError: If the day lies in the future.
        NotFoundError: If there is no such unit.
    """
    today = ledger.today(now)
    day = today if day is None else day
    if day > today:
        raise BadValueError(
            Text(f"{day} lies in the future; nobody knows how it will stand then", f"{day} 在今天之后，尚无从得知")
        )
    units = {each.id: each for each in house.units(ledger.store)}
    asked = _Asked(
        ledger=ledger,
        campaign=campaign,
        day=day,
        today=today,
        unit_id=None if unit is None else _unit_id(units.values(), unit),
        terms=tuple(Terms(rate=each) for each in campaign.rates if each.is_of_terms),
        unit_codes={each.id: each.code for each in units.values()},
    )
    end_at, sums, blocking = asked.end_at, asked.sums, asked.blocking
    with ledger.store.reading():
        # Within one snapshot, or a step in between would put a case into both or into neither.
        overdue = asked.gather()
        left = corrected_out(ledger, campaign, asked.seen, end_at=end_at, unit=unit)
    by_code = {each.code: each.id for each in units.values()}
    for gone in left:
        sums[by_code[gone.unit]].left += 1
    for late in overdue:
        sums[by_code[late.unit]].overdue += 1
    found = {key: each for key, each in sums.items() if each.groups or each.void or each.repeats or each.left}
    tallies = [_tally(campaign, units[key].code, units[key].name, each) for key, each in found.items()]
    blocking.sort(key=lambda each: (units[each[0]].code, each[1]))
    return Statement(
        campaign=campaign,
        day=day,
        unit=unit,
        units=tuple(sorted(tallies, key=lambda each: each.unit)),
        total=_together(campaign, tallies),
        left=left,
        blocking=tuple((case_id, group) for _, case_id, group in blocking),
        end_at=end_at,
        overdue=tuple(sorted(overdue, key=lambda each: (each.unit, each.number))),
        returned=tuple(sorted(asked.returned)),
    )


def end_of(day: date, zone: str) -> int:
    """Return the end of a local day: the next midnight, in microseconds since 1970 UTC."""
    return microseconds(datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(zone)))


def _holds(campaign: Campaign, case: Case) -> bool:
    """Say whether the scope holds a case that was rebuilt."""
    return in_scope(campaign, unit=case.unit, dated_on=case.dated_on, fields=case.fields, clearance=case.clearance)


def _tally(campaign: Campaign, code: str, name: str, sums: _Sums) -> ZeroTally:
    """Return the sums of a unit."""
    rates = rated(campaign, sums.alike)
    return ZeroTally(
        unit=code,
        name=name,
        groups={each: sums.groups[each] for each in ZeroGroup},
        rates={each.name: sums.punctual.get(each.name) or rates.get(each.name, (0, 0)) for each in campaign.rates},
        overdue=sums.overdue,
        late=sums.late,
        returned=sums.returned,
        void=sums.void,
        repeats=sums.repeats,
        left=sums.left,
    )


def _together(campaign: Campaign, tallies: Sequence[ZeroTally]) -> ZeroTally:
    """Return the sums of all units."""
    return ZeroTally(
        unit="",
        name="",
        groups={group: sum(each.groups[group] for each in tallies) for group in ZeroGroup},
        rates={
            rate.name: (sum(each.rates[rate.name][0] for each in tallies), sum(e.rates[rate.name][1] for e in tallies))
            for rate in campaign.rates
        },
        overdue=sum(each.overdue for each in tallies),
        late=sum(each.late for each in tallies),
        returned=sum(each.returned for each in tallies),
        void=sum(each.void for each in tallies),
        repeats=sum(each.repeats for each in tallies),
        left=sum(each.left for each in tallies),
    )


def _unit_id(units: Iterable[house.HouseUnit], code: str) -> int:
    """Return the id of a unit, closed ones included."""
    for each in units:
        if each.code == code:
            return each.id
    raise NotFoundError(
        Text(
            f"no unit has the code '{code}'; see: qingling unit list",
            f"没有代码为“{code}”的单位；请查看：qingling unit list",
        )
    )
