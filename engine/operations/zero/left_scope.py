"""Cases that left the scope of a campaign: by a correction, a step, a handing over or a link, or voided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.campaigns.campaign import Campaign, in_scope, is_undecided
from engine.journal.case_events import CaseHandedOver, CaseLinked, CaseOpened, CaseVoided, StepTaken
from engine.journal.events import legible_of_case
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, change_values, receipt_after
from engine.rules.case import Case, Count
from engine.rules.reading_rights import is_masked
from engine.store import case_rows, zero_history, zero_rows
from engine.store.past_columns import PastEntry
from engine.store.zero_history import Touched

SENTENCE = Text(
    "{count} corrected out of the scope, so this is not zero: {numbers}",
    "{count} 件经更正移出范围，不得视为清零：{numbers}",
)
"""What is said while some were corrected out of the scope."""


_CLEARED = frozenset({Count.CLEARED, Count.FULLY_CLOSED})
_CLEARABLE = frozenset({StepTaken.kind, CaseHandedOver.kind})
"""Rows that take a case out of the scope only until it is cleared there; what a correction takes out stays out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """A case that once belonged to the scope and is not counted in it."""

    number: str
    unit: str
    """The unit's code."""
    by: str
    """Who wrote the row that took it out."""
    reason: str

    def __str__(self) -> str:
        """Return number, officer and reason in one line."""
        return f"{self.number} ({self.by}: {self.reason})"


def touched(ledger: Ledger, campaign: Campaign, *, end_at: int, since_at: int = 0) -> Touched:
    """Return the cases that may have left the scope before *end_at*, or come back into it; inside `reading`.

    Args:
        end_at: Microseconds since 1970 UTC.
        since_at: The same; only rows from it on.
    """
    name = campaign.workflow
    versions = [ledger.rules(name, each) for each in zero_rows.versions(ledger.store, name)] or [ledger.rules(name)]
    states = sorted(frozenset().union(*(each.counted for each in versions)))
    names = (ledger.rules(name).workflow.dated_by, *campaign.deciding)
    return zero_history.touched(ledger.store, campaign, names, states, end_at=end_at, since_at=since_at)


def corrected_out(
    ledger: Ledger, campaign: Campaign, seen: Touched, *, end_at: int, unit: str | None = None
) -> tuple[Left, ...]:
    """Return the cases that were taken out of the scope before *end_at*; inside `reading`.

    Where a case belonged is read from its rows, from the first one on: whatever the receipt is said to
    have been later, it counts what was said before. A step that changes what decides the scope takes a
    case out as a correction does, until the case is cleared; so does handing it over to a unit that the
    campaign leaves out, and a link to a case of another scope. It stands under the unit that held it then.

    Args:
        seen: What `touched` found before *end_at*.
        end_at: Microseconds since 1970 UTC.
        unit: Code of the only unit to look at.
    """
    asked = _Asked(campaign=campaign, end_at=end_at, unit=unit)
    return (*_left(ledger, asked, seen.changed, kinds=None), *_stranded(ledger, asked, seen.linked))


def set_aside(ledger: Ledger, campaign: Campaign, *, end_at: int, unit: str | None = None) -> tuple[Left, ...]:
    """Return the cases of the scope that were voided, or linked to another, with who and why; inside `reading`.

    Args:
        end_at: Microseconds since 1970 UTC.
        unit: Code of the only unit to look at.
    """
    ids = zero_rows.uncounted(ledger.store, campaign)
    asked = _Asked(campaign=campaign, end_at=end_at, unit=unit)
    return tuple(_left(ledger, asked, ids, kinds=(CaseVoided.kind, CaseLinked.kind)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """Of which scope it is asked, and until when."""

    campaign: Campaign
    end_at: int
    unit: str | None


def _left(ledger: Ledger, asked: _Asked, ids: Sequence[int], *, kinds: tuple[str, ...] | None) -> Iterator[Left]:
    """Yield those that once belonged to the scope: out of it by their rows, or last set aside by one of *kinds*."""
    for start in range(0, len(ids), CHUNK):
        rows = zero_rows.rows_of(ledger.store, ids[start : start + CHUNK], end_at=asked.end_at)
        known = case_rows.by_ids(ledger.store, list(rows))
        for case_id, history in rows.items():
            case = known[case_id]
            ever, out, unit = _standing(asked.campaign, _replayed(ledger, case, history))
            if asked.unit not in {None, unit}:
                continue
            if kinds is None:
                found = None if out is None else _for_good(out, history[-1].clearance)
            else:
                found = next((row for row in reversed(history) if ever and row.kind in kinds), None)
            if found is not None:
                yield _of(case, unit, found)


def _stranded(ledger: Ledger, asked: _Asked, ids: Sequence[int]) -> Iterator[Left]:
    """Yield those of the scope that count with a first which the scope does not hold, and which is not cleared.

    The earliest receipt decides for both, so the days of the first are not asked.
    """
    campaign, end_at = asked.campaign, asked.end_at
    for start in range(0, len(ids), CHUNK):
        rows = zero_rows.rows_of(ledger.store, ids[start : start + CHUNK], end_at=end_at)
        known = case_rows.by_ids(ledger.store, list(rows))
        for case_id, history in rows.items():
            if history[-1].clearance != Count.REPEATS:
                continue
            *_, last = _replayed(ledger, known[case_id], history)
            if asked.unit not in {None, last.unit}:
                continue
            link = next(row for row in reversed(history) if row.kind == CaseLinked.kind)
            first = case_rows.find(ledger.store, CaseLinked.read(link.body).first)
            if first is None:  # of another unit, or restricted: who reads a part cannot know how it stands
                continue
            of_first = zero_rows.rows_of(ledger.store, [first.id], end_at=end_at)[first.id]
            *_, its = _replayed(ledger, first, of_first)
            counted = its.row.clearance
            belonged = in_scope(
                campaign, unit=last.unit, dated_on=last.dated_on, clearance=Count.OPEN, fields=last.fields
            )
            is_held = in_scope(campaign, unit=its.unit, dated_on=last.dated_on, clearance=counted, fields=its.fields)
            if belonged and not is_held and counted not in _CLEARED:
                yield _of(known[case_id], last.unit, link)


def _of(case: Case, unit: str, row: PastEntry) -> Left:
    """Return a case with the row that took it out; the reason of a step stands among its values."""
    event = legible_of_case(row.kind, row.body)
    reason = getattr(event, "reason", None) or event.brought.get("reason")
    if is_masked(case.number):
        return Left(number=case.number, unit=unit, by="—", reason="—")
    return Left(number=case.number, unit=unit, by=row.by, reason=str(reason or "—"))


class _Standing(NamedTuple):
    """How a case stood after one row of its journal."""

    row: PastEntry
    unit: str
    """Code of the unit that held it."""
    dated_on: str
    """The receipt from which it counted."""
    fields: Mapping[str, object]
    """Its values, until the next row is asked for."""


def _for_good(out: PastEntry, clearance: int) -> PastEntry | None:
    """Return the row that took a case out for good; None if it was set aside, or cleared where the step led."""
    if clearance in {Count.VOID, Count.REPEATS} or (out.kind in _CLEARABLE and clearance in _CLEARED):
        return None
    return out


def _standing(campaign: Campaign, standings: Iterable[_Standing]) -> tuple[bool, PastEntry | None, str]:
    """Return whether a case ever belonged to the scope, the row since which it does not, and which unit held it last.

    While a value is missing it is in the scope without anybody knowing that it belongs; so a value that is
    filled in takes nothing out.
    """
    ever, out, unit = False, None, ""
    for row, unit, dated_on, fields in standings:
        if in_scope(campaign, unit=unit, dated_on=dated_on, clearance=row.clearance, fields=fields):
            ever, out = ever or not is_undecided(campaign, fields), None
        elif ever and out is None:
            out = row
    return ever, out, unit


def _replayed(ledger: Ledger, case: Case, rows: Sequence[PastEntry]) -> Iterator[_Standing]:
    """Yield how a case stood after each row: whose it was then is read from its rows as well."""
    dated_by = ledger.rules_of(case).workflow.dated_by
    fields: dict[str, object] = {}
    unit, dated_on = case.unit, case.dated_on
    for row in rows:
        event = legible_of_case(row.kind, row.body)
        change_values(fields, event)
        dated_on = receipt_after(event, dated_by) or dated_on
        if isinstance(event, CaseOpened | CaseHandedOver):
            unit = event.unit
        yield _Standing(row, unit, dated_on, fields)
