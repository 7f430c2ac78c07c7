"""Whether a campaign is cleared to zero on a day: five groups by unit, rates, a verdict, and what blocks it.

Cases that have not changed since the end of the day are sorted by the database in one scan; the others,
and those whose count the passing of days alone may change, are rebuilt from the journal one by one. So
the answer as of a past day is what was said on it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    is_valid,
    lacking,
    rated,
    verdict,
)
from engine.deadlines.clock import Status
from engine.errors import BadValueError, NotFoundError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.left_scope import Left, corrected_out
from engine.operations.zero.past import CHUNK, Past, families_of, rebuilt, watched
from engine.rules.case import Case, Count, Family, NextStep
from engine.rules.transitions import Rules, steps
from engine.store import house_rows as house
from engine.store import zero_rows
from engine.working_days.instants import local_day, microseconds


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
    """Counted as cleared before, and open again (回流)."""
    void: int
    repeats: int
    left: int
    """Taken out of the scope by a correction, a step or a link; in none of the groups."""
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
        return self.instead or verdict(self.groups, left=self.left)


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
            return replace(tally, instead=Verdict.UNCHECKED) if tally.verdict is Verdict.ZERO else tally

        return replace(self, units=tuple(map(of, self.units)), total=of(self.total))


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """The step that is nearest to clearing a case, on itself or on one that it opened."""

    case: Case
    step: NextStep


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocker:
    """One case that keeps the scope from zero."""

    case: Case
    group: ZeroGroup
    due_on: str | None
    """Local date on which the earliest of its deadlines is due."""
    extended_to: str | None
    is_returned: bool
    missing: tuple[Text, ...]
    """What its record, or its clearance, lacks."""
    acts: tuple[Act, ...]


@dataclass(slots=True)
class _Sums:
    """What is summed for one unit."""

    groups: Counter[ZeroGroup] = field(default_factory=Counter)
    alike: list[tuple[ZeroGroup, Callable[[Condition], bool], int]] = field(default_factory=list)
    punctual: dict[str, tuple[int, int]] = field(default_factory=dict)
    late: int = 0
    returned: int = 0
    void: int = 0
    repeats: int = 0
    left: int = 0

    def add_punctual(self, rate: str, top: int, bottom: int) -> None:
        """Add to a rate of punctuality."""
        before = self.punctual.get(rate, (0, 0))
        self.punctual[rate] = (before[0] + top, before[1] + bottom)


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
    store = ledger.store
    end_at, cut_off_at = end_of(day, ledger.zone), end_of(campaign.received_to, ledger.zone)
    units = {each.id: each for each in house.units(store)}
    unit_id = None if unit is None else _unit_id(units.values(), unit)
    sums: dict[int, _Sums] = {}
    blocking: list[tuple[int, int, ZeroGroup]] = []
    with store.reading():
        states = watched(ledger, campaign.workflow)
        sorted_ = zero_rows.sort_scope(
            store,
            campaign,
            day=day.isoformat(),
            end_at=end_at,
            cut_off_at=cut_off_at,
            unit_id=unit_id,
            watched=states,
        )
        for each in sorted_:
            _add_sorted(sums.setdefault(each.unit_id, _Sums()), campaign, each)
            if each.group in BLOCKING:
                blocking += [(each.unit_id, case_id, ZeroGroup(each.group)) for case_id in each.ids]
        _add_punctual(ledger, sums, campaign, sorted_, end_at)
        returned = zero_rows.counted_before(store, [case_id for _, case_id, _ in blocking], end_at=end_at)
        for owner, case_id, _ in blocking:
            sums[owner].returned += case_id in returned
        again = zero_rows.to_rebuild(store, campaign, end_at=end_at, unit_id=unit_id, watched=states)
        for past in rebuilt(ledger, again, end_at=end_at, day=day):
            case = past.case
            if not in_scope(campaign, unit=case.unit, dated_on=case.dated_on, fields=case.fields):
                continue
            group = _add_past(sums.setdefault(case.unit_id, _Sums()), campaign, past, day, cut_off_at, ledger.zone)
            if group in BLOCKING:
                blocking.append((case.unit_id, case.id, group))
        left = corrected_out(ledger, campaign, end_at=end_at, unit=unit)
    by_code = {each.code: each.id for each in units.values()}
    for gone in left:
        sums.setdefault(by_code[gone.unit], _Sums()).left += 1
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
    )


def blockers(ledger: Ledger, statement: Statement) -> Iterator[Blocker]:
    """Yield every case that blocks, by unit: what is missing and which step, by whom, is the nearest."""
    groups = dict(statement.blocking)
    ids = list(groups)
    with ledger.store.reading():
        for start in range(0, len(ids), CHUNK):
            found = list(rebuilt(ledger, ids[start : start + CHUNK], end_at=statement.end_at, day=statement.day))
            families = families_of(ledger, found, end_at=statement.end_at)
            for past in found:
                yield _blocker(ledger, statement, past, families[past.case.id], groups[past.case.id])


def end_of(day: date, zone: str) -> int:
    """Return the end of a local day: the next midnight, in microseconds since 1970 UTC."""
    return microseconds(datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(zone)))


def _blocker(ledger: Ledger, statement: Statement, past: Past, family: Family, group: ZeroGroup) -> Blocker:
    """Return what there is to say of one case that blocks."""
    case, campaign, day = past.case, statement.campaign, statement.day
    rules = ledger.rules_of(case)
    missing = list(lacking(campaign, case.state, case.fields))
    acts: list[Act] = []
    if case.clearance == Count.OPEN:
        if case.state in rules.counted:
            scope = rules.scope(case, case.fields, family, by="", today=day)
            missing += rules.lacking(Count.CLEARED, scope)
            for child in family.children:
                if child.clearance == Count.OPEN:
                    its = ledger.rules_of(child)
                    acts += _nearest(child, its, steps(its, child, Family(parent=case), today=day))
        acts = acts or _nearest(case, rules, steps(rules, case, family, today=day))
    valid = [each.due_on for each in past.extensions if is_valid(campaign, each, day)]
    return Blocker(
        case=case,
        group=group,
        due_on=past.due_on,
        extended_to=max(valid, default=None),
        is_returned=past.was_counted,
        missing=tuple(missing),
        acts=tuple(acts),
    )


def _nearest(case: Case, rules: Rules, possible: Sequence[NextStep]) -> list[Act]:
    """Return the step that leads on towards full closure and lacks least; none if nothing leads on.

    A step that stays in its state leads on if it may open another case, such as a letter that was never written.
    """
    far = _distances(rules)
    most = far.get(case.state, len(rules.workflow.states))
    away = {id(each): far.get(each.target or case.state, most + 1) for each in possible}
    leading = [
        each for each in possible if (each.would_open if each.target in {None, case.state} else away[id(each)] <= most)
    ]
    chosen = min(leading, key=lambda each: (len(each.missing), away[id(each)]), default=None)
    return [] if chosen is None else [Act(case=case, step=chosen)]


def _distances(rules: Rules) -> dict[str, int]:
    """Return from how many steps away each state reaches one that is fully closed."""
    far = dict.fromkeys(rules.workflow.fully_closed.states, 0)
    rim, steps_away = set(far), 0
    while rim:
        steps_away += 1
        rim = {
            state
            for state in rules.workflow.states
            if state not in far and any(each.target in rim for each in rules.machine.leaving(state))
        }
        far |= dict.fromkeys(rim, steps_away)
    return far


def _add_sorted(sums: _Sums, campaign: Campaign, each: zero_rows.Sorted) -> None:
    """Add cases that the database sorted."""
    if each.group == zero_rows.VOID:
        sums.void += each.count
    elif each.group == zero_rows.REPEATS:
        sums.repeats += each.count
    else:
        group = ZeroGroup(each.group)
        sums.groups[group] += each.count
        sums.alike.append((group, _suits(campaign, each.suits), each.count))
        sums.late += each.count * each.is_late


def _add_past(sums: _Sums, campaign: Campaign, past: Past, day: date, cut_off_at: int, zone: str) -> ZeroGroup | None:
    """Add a case that was rebuilt, and return its group."""
    case = past.case
    group = group_of(
        campaign,
        clearance=case.clearance,
        state=case.state,
        fields=case.fields,
        extensions=past.extensions,
        day=day,
    )
    if group is None:
        sums.void += case.clearance == Count.VOID
        sums.repeats += case.clearance == Count.REPEATS
        return None
    sums.groups[group] += 1
    sums.alike.append((group, lambda condition: condition.suits(case.state, case.fields), 1))
    sums.late += case.opened_at >= cut_off_at
    sums.returned += group in BLOCKING and past.was_counted
    for rate in campaign.rates:
        met = [each for each in past.terms if each.name in rate.on_time and each.status is Status.MET]
        if met and rate.bottom.counts_group(group) and rate.bottom.suits(case.state, case.fields):
            on_time = all(local_day(each.told_at, zone).isoformat() <= each.original_due_on for each in met)
            sums.add_punctual(rate.name, int(on_time), 1)
    return group


def _add_punctual(
    ledger: Ledger, sums: Mapping[int, _Sums], campaign: Campaign, sorted_: Sequence[zero_rows.Sorted], end_at: int
) -> None:
    """Add the rates of punctuality over the cases that the database sorted; what is doubtful is looked at."""
    for place, rate in enumerate(each for each in campaign.rates if each.on_time):
        bottom = [
            each
            for each in sorted_
            if each.met[place]
            and each.group <= ZeroGroup.INCOMPLETE
            and rate.bottom.counts_group(ZeroGroup(each.group))
            and _suits(campaign, each.suits)(rate.bottom)
        ]
        doubtful = {case_id: each.unit_id for each in bottom if each.met[place] == 2 for case_id in each.ids}
        late = {
            case_id
            for case_id, due_on, ended_at in zero_rows.met_terms(
                ledger.store, list(doubtful), rate.on_time, end_at=end_at
            )
            if local_day(ended_at, ledger.zone).isoformat() > due_on
        }
        for each in bottom:
            sums[each.unit_id].add_punctual(rate.name, each.count, each.count)
        for case_id in late:
            sums[doubtful[case_id]].add_punctual(rate.name, -1, 0)


def _suits(campaign: Campaign, suits: int) -> Callable[[Condition], bool]:
    """Return what says whether a condition suits cases with these bits."""
    conditions = campaign.conditions

    def holds(condition: Condition) -> bool:
        bare = replace(condition, counts=frozenset())
        return bare.is_bare or bool(suits >> conditions.index(bare) & 1)

    return holds


def _tally(campaign: Campaign, code: str, name: str, sums: _Sums) -> ZeroTally:
    """Return the sums of a unit."""
    rates = rated(campaign, sums.alike)
    return ZeroTally(
        unit=code,
        name=name,
        groups={each: sums.groups[each] for each in ZeroGroup},
        rates={each.name: sums.punctual.get(each.name) or rates.get(each.name, (0, 0)) for each in campaign.rates},
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
