"""Clearing to zero: what a campaign declares, into which of five groups a case falls, and what may be said of it.

Pure rules over values. The specification is domain §9: two counts, five groups that add up to the
scope, and a verdict that never makes an unfinished year look finished.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType

from engine.errors import BadValueError
from engine.journal.ledger_row import STATE
from engine.language import Text
from engine.rules.case import Count


class ZeroGroup(IntEnum):
    """Where a case of the scope stands; the five add up to the scope (domain §9.4)."""

    FULLY_CLOSED = 1
    CLEARED = 2
    EXTENDED = 3
    OPEN = 4
    INCOMPLETE = 5


BLOCKING = (ZeroGroup.EXTENDED, ZeroGroup.OPEN, ZeroGroup.INCOMPLETE)
"""The groups that must be empty at zero."""

CLEARED = (ZeroGroup.FULLY_CLOSED, ZeroGroup.CLEARED)
"""The others."""

COUNTED_AS: Mapping[ZeroGroup, Count] = MappingProxyType(
    {
        ZeroGroup.FULLY_CLOSED: Count.FULLY_CLOSED,
        ZeroGroup.CLEARED: Count.CLEARED,
        ZeroGroup.EXTENDED: Count.OPEN,
        ZeroGroup.OPEN: Count.OPEN,
        ZeroGroup.INCOMPLETE: Count.OPEN,
    }
)
"""How rates count the cases of a group; an incomplete record is never a cleared one."""

GROUP_TITLES: Mapping[ZeroGroup, Text] = MappingProxyType(
    {
        ZeroGroup.FULLY_CLOSED: Text("fully closed", "闭环销号"),
        ZeroGroup.CLEARED: Text("cleared by the unit", "本单位办结"),
        ZeroGroup.EXTENDED: Text("validly extended", "有效延期"),
        ZeroGroup.OPEN: Text("overdue or open", "超期或在办未清"),
        ZeroGroup.INCOMPLETE: Text("incomplete records", "数据不全"),
    }
)


class Verdict(StrEnum):
    """What may be said of a scope."""

    ZERO = "zero"
    LATE = "zero_but_late"
    """Nothing is left, but some were cleared after the campaign's day and after any extension of their own."""
    EXTENDED = "zero_but_extended"
    NOT_ZERO = "not_zero"
    EMPTY = "empty"
    """Nothing is in scope, so nothing can be said of it."""
    UNKNOWN = "unknown"
    """The journal does not hold, so no figure can be trusted."""
    UNCHECKED = "unchecked"
    """The figures say zero, and nobody has looked at what they rest on."""


VERDICT_TITLES: Mapping[Verdict, Text] = MappingProxyType(
    {
        Verdict.ZERO: Text("ZERO", "清零"),
        Verdict.LATE: Text("zero, but late", "逾期清零"),
        Verdict.EXTENDED: Text("zero but for extensions", "基本清零（有延期）"),
        Verdict.NOT_ZERO: Text("NOT zero", "未清零"),
        Verdict.UNKNOWN: Text("NOT KNOWN, the journal does not hold", "无法认定（日志校验不符）"),
        Verdict.UNCHECKED: Text("none open by the figures, NOT checked", "数字上无未清，未经核查"),
        Verdict.EMPTY: Text("nothing in scope: check the campaign", "范围内没有任何案件：请核对专项行动的设置"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FallingDue:
    """Only cases whose date in a field lies in a span of local dates."""

    field: str
    from_on: date
    to_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """What a case must hold so that it can be counted at all; without it the record is incomplete."""

    fields: tuple[str, ...]
    """All of them must have a value."""
    sentence: Text
    states: frozenset[str] = frozenset()
    """Only in these states; empty: in every state."""
    apart: frozenset[str] = frozenset()
    """Not in these states."""
    basis: str | None = None

    def applies(self, state: str) -> bool:
        """Say whether it is asked of a case in *state*."""
        return (not self.states or state in self.states) and state not in self.apart

    def lacks(self, state: str, fields: Mapping[str, object]) -> bool:
        """Say whether a case in *state* with these values lacks something."""
        return self.applies(state) and any(fields.get(name) is None for name in self.fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Which cases one side of a rate counts."""

    counts: frozenset[int] = frozenset()
    """Values of Count; empty: all."""
    has: tuple[str, ...] = ()
    """Fields that must have a value."""
    values: Mapping[str, tuple[str | bool, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Fields that must have one of the values."""
    apart: frozenset[str] = frozenset()
    """States that do not count."""

    @property
    def is_bare(self) -> bool:
        """Whether it asks nothing of state and values."""
        return not (self.has or self.values or self.apart)

    def counts_group(self, group: ZeroGroup) -> bool:
        """Say whether cases of a group may count."""
        return not self.counts or COUNTED_AS[group] in self.counts

    def suits(self, state: str, fields: Mapping[str, object]) -> bool:
        """Say whether state and values are those of a case that counts."""
        return (
            state not in self.apart
            and all(fields.get(name) is not None for name in self.has)
            and all(fields.get(name) in wanted for name, wanted in self.values.items())
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A rate with its definition (domain §9.3); the top counts only what the bottom counts too."""

    name: str
    title: Text
    definition: Text
    top: Condition
    bottom: Condition
    on_time: tuple[str, ...] = ()
    """Terms that were met by their original day; then top and bottom count only cases that had one."""
    every_term: bool = False
    """The same of every term of a case and of the cases that it opened."""
    basis: str | None = None

    @property
    def is_of_terms(self) -> bool:
        """Whether it looks at terms; a term that ran out unmet was not met by its day."""
        return self.every_term or bool(self.on_time)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage of a campaign, both days included."""

    title: Text
    from_on: date
    to_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """A scope of cases, a cut-off and a day by which all are cleared."""

    name: str
    title: Text
    year: int | None
    workflow: str
    received_from: date | None
    received_to: date
    """Local date of receipt, whatever day the case was registered (domain §9.4)."""
    units: frozenset[str]
    """Codes; empty: all."""
    where: Mapping[str, tuple[str | bool, ...]]
    """Fields that must have one of the values, such as the source."""
    falling_due: FallingDue | None
    clear_by: date
    extend_to: date | None
    """No extension is valid beyond this day; None: none is valid at all."""
    extend_deadlines: frozenset[str]
    """Deadlines whose extension counts; empty: any."""
    report_on: date | None
    check_in: str | None
    bulletin: str | None
    stages: tuple[Stage, ...]
    complete: tuple[Requirement, ...]
    follow_up: frozenset[str]
    """States that a case should have left once all its children are fully closed."""
    rates: tuple[Rate, ...]
    words: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    """What people call its fields (by name), their values (`field=value`) and its deadlines (by name)."""
    dated_by: str = ""
    """The field of receipt; a case without it may belong to any scope."""
    mattering: frozenset[str] = frozenset()
    """Fields, and `state`, on which no question may be open: without them nobody knows how a case counts."""
    declared_to: date | None = None
    """The cut-off of its file, if another was asked for."""
    basis: str | None = None

    @property
    def deciding(self) -> tuple[str, ...]:
        """The fields that decide the scope, receipt apart."""
        due = (self.falling_due.field,) if self.falling_due else ()
        return (*sorted(self.where), *due)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What its rates ask of state and values, each once."""
        found: list[Condition] = []
        for rate in self.rates:
            for each in (rate.bottom, rate.top):
                bare = replace(each, counts=frozenset())
                if not bare.is_bare and bare not in found:
                    found.append(bare)
        return tuple(found)

    @property
    def begins_on(self) -> date:
        """The first day of work: of the first stage, else from which cases fall due, else the cut-off."""
        otherwise = self.falling_due.from_on if self.falling_due else self.received_to
        return min((each.from_on for each in self.stages), default=otherwise)


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveExtension:
    """A live deadline that was extended, as it stood on the day of the check."""

    deadline: str
    due_on: str
    """Local date."""


def in_scope(
    campaign: Campaign, *, unit: str, dated_on: str, fields: Mapping[str, object], clearance: int = Count.OPEN
) -> bool:
    """Say whether a case belongs to the scope; whether it is void or repeats another apart.

    A value that is missing takes no case out: nobody knows yet whether it belongs, so it is in and its record is
    incomplete. Of a date in a span that holds for what was received from its first day on, and for what is still
    open; what was cleared before cannot fall into it.

    Args:
        dated_on: Local date of receipt.
        clearance: How it counts, as a value of Count.
    """
    if (campaign.units and unit not in campaign.units) or not _may_be_received(campaign, dated_on, fields):
        return False
    given = ((fields.get(name), wanted) for name, wanted in campaign.where.items())
    if any(value is not None and value not in wanted for value, wanted in given):
        return False
    span = campaign.falling_due
    if span is None:
        return True
    due = fields.get(span.field)
    if due is None:
        return clearance == Count.OPEN or dated_on >= span.from_on.isoformat()
    return isinstance(due, str) and span.from_on.isoformat() <= due <= span.to_on.isoformat()


def _may_be_received(campaign: Campaign, dated_on: str, fields: Mapping[str, object]) -> bool:
    """Say whether a case was received in the days of a campaign, or nobody knows when."""
    if campaign.dated_by and fields.get(campaign.dated_by) is None:
        return True
    begins_in_time = campaign.received_from is None or dated_on >= campaign.received_from.isoformat()
    return begins_in_time and dated_on <= campaign.received_to.isoformat()


def with_cut_off(campaign: Campaign, day: date) -> Campaign:
    """Return a campaign with another cut-off; what its file says is kept, so that a statement can say both.

    Raises:
        BadValueError: If nothing could be in scope, or the day lies after that of clearing.
    """
    if day > campaign.clear_by:
        raise BadValueError(
            Text(
                f"--received-to: {day} lies after the day of clearing, {campaign.clear_by}",
                f"--received-to：{day} 晚于清零日 {campaign.clear_by}",
            )
        )
    if campaign.received_from is not None and day < campaign.received_from:
        raise BadValueError(
            Text(
                f"--received-to: {day} lies before {campaign.received_from}, from which on leads are in scope",
                f"--received-to：{day} 早于纳入起始日 {campaign.received_from}",
            )
        )
    if day == campaign.received_to:
        return campaign
    return replace(campaign, received_to=day, declared_to=campaign.received_to)


def is_undecided(campaign: Campaign, fields: Mapping[str, object]) -> bool:
    """Say whether a value is missing that decides the scope."""
    return any(fields.get(name) is None for name in campaign.deciding)


def lacking(
    campaign: Campaign, state: str, fields: Mapping[str, object], asked: Collection[str] = ()
) -> tuple[Text, ...]:
    """Return what makes a record incomplete, with the open questions about what is *asked*; nothing if it is not."""
    undecided = (
        Text("{title} ({name}) decides the scope and is not set", "决定纳入范围的“{title}”未填").format(
            title=campaign.words.get(name, Text(name, name)), name=name
        )
        for name in campaign.deciding
        if fields.get(name) is None
    )
    unanswered = (
        Text("'{title}' ({name}) is still to be checked", "“{title}”待核对").format(
            title=campaign.words.get(name, Text("State", "状态") if name == STATE else Text(name, name)), name=name
        )
        for name in sorted(campaign.mattering.intersection(asked))
    )
    return (*undecided, *unanswered, *(each.sentence for each in campaign.complete if each.lacks(state, fields)))


def group_of(
    campaign: Campaign,
    *,
    clearance: int,
    state: str,
    fields: Mapping[str, object],
    extensions: Iterable[LiveExtension],
    day: date,
    asked: Collection[str] = (),
) -> ZeroGroup | None:
    """Return the group of a case of the scope on a local day; None if it is void or repeats another.

    An incomplete record is never counted as cleared, whatever its state says. An extension is valid
    up to its own day, and never beyond the campaign's (S2 二(一)). A question is open about what is *asked*.
    """
    if clearance in {Count.VOID, Count.REPEATS}:
        return None
    if is_undecided(campaign, fields) or any(each.lacks(state, fields) for each in campaign.complete):
        return ZeroGroup.INCOMPLETE
    if not campaign.mattering.isdisjoint(asked):
        return ZeroGroup.INCOMPLETE
    if clearance == Count.FULLY_CLOSED:
        return ZeroGroup.FULLY_CLOSED
    if clearance == Count.CLEARED:
        return ZeroGroup.CLEARED
    return ZeroGroup.EXTENDED if any(is_valid(campaign, each, day) for each in extensions) else ZeroGroup.OPEN


def is_valid(campaign: Campaign, extension: LiveExtension, day: date) -> bool:
    """Say whether an extension still excuses a case on a local day."""
    if campaign.extend_to is None:
        return False
    if campaign.extend_deadlines and extension.deadline not in campaign.extend_deadlines:
        return False
    # Days are compared as they are written: ISO days sort as texts just as they do as days.
    return day.isoformat() <= extension.due_on <= campaign.extend_to.isoformat()


def own_day(campaign: Campaign, extensions: Iterable[LiveExtension]) -> date:
    """Return the last day on which a case is cleared in time: the campaign's, or that of its own extension.

    An extension beyond the campaign's last day for extensions counts as none (S2 二(一)).

    Args:
        extensions: Those that it was granted, whether what was extended has been met since or not.
    """
    eve = campaign.clear_by.isoformat()
    granted = (each.due_on for each in extensions if is_valid(campaign, each, campaign.clear_by))
    return date.fromisoformat(max(granted, default=eve))


def rated(
    campaign: Campaign, alike: Iterable[tuple[ZeroGroup, Callable[[Condition], bool], int]]
) -> dict[str, tuple[int, int]]:
    """Return top and bottom of each rate, punctuality apart.

    Args:
        alike: Cases that are alike: their group, what says whether a condition suits them, and how many.
    """
    found = {each.name: (0, 0) for each in campaign.rates if not each.is_of_terms}
    for group, suits, count in alike:
        for rate in campaign.rates:
            if rate.is_of_terms or not rate.bottom.counts_group(group) or not suits(rate.bottom):
                continue
            top, bottom = found[rate.name]
            found[rate.name] = (top + count * (rate.top.counts_group(group) and suits(rate.top)), bottom + count)
    return found


def verdict(counts: Mapping[ZeroGroup, int], *, left: int = 0, overdue: int = 0) -> Verdict:
    """Return what may be said: zero only if nothing is extended, open or incomplete (domain §9.4), and nothing left.

    Of an empty scope nothing may be said: a slip in a campaign must not look like zero. Nor must a day that
    was missed look like one that was kept.

    Args:
        left: Cases that were taken out of the scope.
        overdue: Cases that were cleared after their day.
    """
    # Before anything is counted: a scope from which every case was taken must not pass for an empty one.
    if left:
        return Verdict.NOT_ZERO
    if not any(counts.values()):
        return Verdict.EMPTY
    if counts.get(ZeroGroup.OPEN) or counts.get(ZeroGroup.INCOMPLETE):
        return Verdict.NOT_ZERO
    if counts.get(ZeroGroup.EXTENDED):
        return Verdict.EXTENDED
    return Verdict.LATE if overdue else Verdict.ZERO


def percent(top: int, bottom: int, places: int = 2) -> str:
    """Return a share as people read it: rounded, but never 100 below 100; nothing of nothing is a dash.

    Args:
        places: Decimals; 2 inside the house, 1 in bulletins (domain §9.3).
    """
    if bottom == 0:
        return "—"
    scale = 10**places
    # In whole numbers: halves go up, as people round; `round` takes the even neighbour, and a float may miss the half.
    rounded = (top * 200 * scale + bottom) // (2 * bottom)
    if top < bottom:
        rounded = min(rounded, 100 * scale - 1)
    # Nor does what was done, however little, vanish in a zero.
    if top > 0:
        rounded = max(rounded, 1)
    whole, part = divmod(rounded, scale)
    return f"{whole}.{part:0{places}d}%" if places else f"{whole}%"


def needed_per_day(left: int, working_days: int) -> int | None:
    """Return how many must be cleared on each working day that is left; None if none is left."""
    if working_days <= 0:
        return None
    return -(-left // working_days)
