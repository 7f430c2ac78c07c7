"""Looks for what a good-looking figure may hide: gaps, leads nobody answers for, hurried closings, a broken journal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.campaigns.campaign import Campaign
from engine.journal.event import Event
from engine.language import Text
from engine.operations.house.safekeeping import unsaid_upgrade
from engine.operations.house.verifying import of_schema, verification, verification_as_needed
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.blocking import Blocker
from engine.operations.zero.counted_wrong import counted_wrong
from engine.operations.zero.left_scope import set_aside
from engine.operations.zero.verdict import Statement
from engine.store import number_rows, zero_rows
from engine.working_days.instants import microseconds

BULK_DAYS = 10
"""Closings in bulk are named when they happened in so many last days."""

COUNTED_WRONG = "counted_wrong"
"""What the concern is called that cases stood as cleared by a count which was found wrong since."""

NOTABLE_CLOCK = 600 * 1_000_000
"""Microseconds by which a clock that was set by hand may differ before it is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """One thing that was looked for, and what was found; nothing found is said as well."""

    name: str
    title: Text
    found: tuple[str, ...]
    """Numbers of cases, or other places, in their order."""
    is_grave: bool = False
    """While it stands, the figures cannot be trusted."""


def concerns(ledger: Ledger, statement: Statement, found: Iterable[Blocker], *, now: datetime) -> tuple[Concern, ...]:
    """Return everything that was looked for in the ledger as it is now.

    Args:
        found: What blocks, as `blockers` tells.
    """
    campaign, store = statement.campaign, ledger.store
    gaps, journal = whole(ledger, now=now)
    with store.reading():
        children = list(zero_rows.open_children(store, campaign))
        unfinished = tuple(zero_rows.unfinished(store, campaign)) if campaign.follow_up else ()
        since_at = microseconds(now - timedelta(days=BULK_DAYS))
        bulk = tuple(zero_rows.bulk_closings(store, campaign, since_at=since_at))
        by_hand = tuple(_set_by_hand(ledger, campaign))
        aside = tuple(map(str, set_aside(ledger, campaign, end_at=statement.end_at, unit=statement.unit)))
    redated = tuple(map(str, statement.left))
    return (
        gaps,
        *_incomplete(statement, found),
        *_children(ledger, children),
        Concern(
            name="answered_never_closed",
            title=Text("all answered, but taken no further", "移送件均已反馈而未办结"),
            found=unfinished,
        ),
        Concern(
            name="bulk_closings",
            title=Text(f"cleared in bulk in the last {BULK_DAYS} days", f"最近 {BULK_DAYS} 天内批量办结"),
            found=bulk,
        ),
        Concern(
            name="dated_out",
            title=Text("corrected out of the scope", "经更正移出范围"),
            found=redated,
            is_grave=bool(redated),
        ),
        Concern(
            name="set_aside",
            title=Text("void, or counted with another", "已作废或并入他件"),
            found=aside,
        ),
        Concern(
            name="clock_set_by_hand", title=Text("written with a clock set by hand", "手工设定时间办理"), found=by_hand
        ),
        journal,
    )


def whole(ledger: Ledger, *, now: datetime) -> tuple[Concern, Concern]:
    """Return whether no number is missing and the journal holds, on which the figures of every day rest.

    Of what was compared not long ago only what is newer is read again; see `verification_as_needed`.
    """
    with ledger.store.reading():
        gaps = tuple(_gaps(ledger))
    # What an older program counted wrong is counted again as the journal says of the upgrade: until then all is read.
    as_needed = unsaid_upgrade(ledger) is None
    verified = verification_as_needed(ledger, now=now) if as_needed else verification(ledger)
    broken = (*verified.breaks, *of_schema(ledger))
    return (
        Concern(name="number_gaps", title=Text("numbers missing in a series", "编号缺号"), found=gaps),
        Concern(
            name="journal",
            title=Text("places where the journal does not hold", "日志校验不符"),
            found=tuple(f"{each.case or '-'}#{each.seq}" for each in broken),
            is_grave=bool(broken),
        ),
    )


def of_the_day(ledger: Ledger, statement: Statement) -> tuple[Concern, ...]:
    """Return which cases stood as cleared on the day of a statement by a count that was found wrong since.

    Nothing if none did: of a ledger that no older program wrote there is nothing to say.
    """
    with ledger.store.reading():
        found = counted_wrong(ledger, statement.campaign, end_at=statement.end_at, unit=statement.unit)
    title = Text("counted as cleared by a fault of an older version", "因旧版差错误计为办结")
    return (Concern(name=COUNTED_WRONG, title=title, found=found, is_grave=True),) if found else ()


def _incomplete(statement: Statement, found: Iterable[Blocker]) -> Iterator[Concern]:
    """Yield for each thing that records must hold which cases lack it."""
    lists: dict[Text, list[str]] = {each.sentence: [] for each in statement.campaign.complete}
    for blocker in found:
        for sentence in blocker.missing:
            if sentence in lists:
                lists[sentence].append(blocker.case.number)
    for place, (sentence, numbers) in enumerate(lists.items(), 1):
        yield Concern(name=f"incomplete_{place}", title=sentence, found=tuple(numbers))


def _children(ledger: Ledger, rows: Sequence[tuple[str, str]]) -> Iterator[Concern]:
    """Yield for each kind of case that others open which are not cleared themselves."""
    by_kind: dict[str, list[str]] = {}
    for workflow, number in rows:
        by_kind.setdefault(workflow, []).append(number)
    for workflow, numbers in sorted(by_kind.items()):
        title = ledger.rules(workflow).workflow.title
        yield Concern(
            name=f"open_{workflow}",
            title=Text(
                "{title}: not cleared itself, no receipt or no acceptance", "{title}本身未办结（无回执或未验收）"
            ).format(title=title),
            found=tuple(numbers),
        )


def _gaps(ledger: Ledger) -> Iterator[str]:
    """Yield the numbers of every series that were given but belong to no case."""
    forms = {ledger.rules(name, version).workflow.number for name, version in zero_rows.all_versions(ledger.store)}
    digits = {r"\{unit\}": ".+", r"\{year\}": r"\d{4}", r"\{month\}": r"\d\d", r"\{day\}": r"\d\d"}
    patterns = []
    for form in forms:
        pattern = re.escape(form)
        for written, meant in digits.items():
            pattern = pattern.replace(written, meant)
        patterns.append(re.compile(pattern))
    ours = [each for each in zero_rows.counters(ledger.store) if any(form.fullmatch(each.series) for form in patterns)]
    heads = {each.series: each.series[: each.series.index("{serial")] for each in ours}
    counted = number_rows.counted(ledger.store, sorted(set(heads.values())))
    for series, last in ours:
        if counted.get(heads[series], (0, 0)) != (last, last):  # else each of them is there
            wanted = [series.format(serial=serial) for serial in range(1, last + 1)]
            there = set(number_rows.beginning(ledger.store, heads[series]))
            yield from (each for each in wanted if each not in there)


def _set_by_hand(ledger: Ledger, campaign: Campaign) -> Iterator[str]:
    """Yield the cases that were changed with a clock that was notably off."""
    seen: set[str] = set()
    for number, at, body in zero_rows.clock_rows(ledger.store, campaign):
        real_at = Event.read(body).real_at
        if number not in seen and real_at is not None and abs(real_at - at) > NOTABLE_CLOCK:
            seen.add(number)
            yield number
