"""Statements that are frozen: written once, digested into the journal, and never changed by what happens later."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final

from engine.campaigns.campaign import VERDICT_TITLES, Campaign, Verdict, ZeroGroup, in_scope
from engine.campaigns.stated_scope import differences, filters, narrowed, plain_scope
from engine.errors import RefusedError
from engine.journal.canonical import canonical
from engine.journal.chain import HOUSE, JournalEntry
from engine.journal.house_events import StatementFrozen
from engine.language import Text
from engine.operations.house.verifying import of_schema, verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled
from engine.operations.zero.blocking import Blocker, blockers
from engine.operations.zero.counted_wrong import counted_wrong, says
from engine.operations.zero.left_scope import touched
from engine.operations.zero.masked import for_everybody
from engine.operations.zero.past import CHUNK, rebuilt
from engine.operations.zero.verdict import Statement, ZeroTally, check_zero, end_of
from engine.rules.case import Count
from engine.rules.readers import is_blank
from engine.rules.reading_rights import Reader, mask
from engine.store import case_rows, zero_rows
from engine.workflow.powers import Power

_CLEARED = frozenset({Count.CLEARED, Count.FULLY_CLOSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Frozen:
    """A statement as it was frozen."""

    seq: int
    """Of its row in the house's journal."""
    at: int
    """Microseconds since 1970 UTC."""
    by: str
    day: date
    unit: str | None
    verdict: str
    digest: str
    """SHA-256 over the statement's canonical JSON."""
    heads: str
    """SHA-256 over the heads of all chains at that moment."""
    text: str
    """The canonical JSON."""
    corrected_out: tuple[str, ...]
    """Numbers of the cases that had left the scope."""
    is_whole: bool
    """The digest is that of the statement, and the row says nothing else of it."""
    printed: str | None
    """SHA-256 of the text that people read; None in rows of older versions, and if none was written."""
    not_shown: int = 0
    """In how many lines a mask stands for a case that the reader may not see; the digest is that of the whole text."""

    @property
    def standing_verdict(self) -> Verdict:
        """What may be said of it; older ones were frozen as zero though cases had left the scope."""
        return Verdict.NOT_ZERO if self.corrected_out else Verdict(self.verdict)


def plain(statement: Statement, found: Iterable[Blocker]) -> dict[str, object]:
    """Return a statement as JSON can hold it; its keys are stable, and texts stand in both languages."""
    campaign = statement.campaign
    return {
        "campaign": campaign.name,
        "year": campaign.year,
        "title": _both(campaign.title),
        "workflow": campaign.workflow,
        "received_to": campaign.received_to.isoformat(),
        "clear_by": campaign.clear_by.isoformat(),
        "extend_to": campaign.extend_to.isoformat() if campaign.extend_to else None,
        "scope": plain_scope(campaign, statement.unit),
        "filters": [_both(each) for each in filters(campaign)],
        "as_of": statement.day.isoformat(),
        "unit": statement.unit,
        "verdict": statement.verdict.value,
        "verdict_title": _both(VERDICT_TITLES[statement.verdict]),
        "total": _tally(statement.total),
        "units": [{"unit": each.unit, "name": each.name, **_tally(each)} for each in statement.units],
        "definitions": {
            each.name: {"title": _both(each.title), "definition": _both(each.definition)} for each in campaign.rates
        },
        "blocking": [_blocker(each) for each in found],
        "cleared_late": [
            {
                "number": each.number,
                "unit": each.unit,
                "cleared_on": each.cleared_on.isoformat(),
                "due_on": each.due_on.isoformat(),
                "days": each.days,
            }
            for each in statement.overdue
        ],
        "came_back": list(statement.returned),
        "corrected_out": [
            {"number": each.number, "unit": each.unit, "by": each.by, "reason": each.reason} for each in statement.left
        ],
    }


def freeze(
    acting: Acting,
    campaign: Campaign,
    *,
    day: date | None = None,
    unit: str | None = None,
    reason: str | None = None,
    prints: Callable[[Statement, tuple[Blocker, ...], str, str], str] | None = None,
    write: Callable[[Frozen, str], None] | None = None,
) -> tuple[Frozen, Statement, tuple[Blocker, ...]]:
    """Write how a campaign stands into the house's journal, with the digest of that and of all chains.

    Figures and chains are those of one state of the database, in which nobody else writes meanwhile.

    Args:
        day: Local day as of whose end it is asked; today if None.
        unit: Code of the only unit to look at.
        reason: Why it is frozen though cases were corrected out of the scope; they are journaled with it.
        prints: Returns the text that people read, of the statement, what blocks, its digest and that of all chains; it
            is digested into the journal too.
        write: Writes the files of the statement before it is committed; what it raises leaves no row.

    Returns:
        What was frozen, as it was written and as it was found, and what blocks.

    Raises:
        BadValueError: If the day lies in the future.
        NotFoundError: If there is no such unit.
        RefusedError: If the officer may not, nothing is in scope, cases were corrected out of the scope
            and no reason is given, or the journal does not hold.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.FREEZE)
    # Before the lock: it reads every row of every table, and others go on working meanwhile.
    _refuse_broken(ledger)
    with ledger.store.begin(steady=True):
        statement = check_zero(ledger, campaign, day=day, unit=unit, now=acting.now)
        statement, found = for_everybody(ledger, statement, tuple(blockers(ledger, statement)))
        _refuse_unfit(ledger, statement, reason)
        said = plain(statement, found) | ({"rehearsal": True} if ledger.is_rehearsal else {})
        digest, heads = sha256(canonical(said).encode()).hexdigest(), _heads(ledger)
        printed = "" if prints is None else prints(statement, found, digest, heads)
        event = StatementFrozen(
            name=campaign.name,
            year=campaign.year,
            as_of=statement.day.isoformat(),
            unit=unit,
            verdict=statement.verdict.value,
            digest=digest,
            heads=heads,
            statement=said,
            corrected_out=tuple(each.number for each in statement.left),
            reason=reason if statement.left else None,
            printed=sha256(printed.encode()).hexdigest() if printed else None,
        )
        entry = acting.note_in_house(event)
        kept = _frozen(entry)
        if write is not None:
            write(kept, printed)
    return kept, statement, found


def _refuse_broken(ledger: Ledger) -> None:
    """Refuse to freeze what does not hold: every row of every table is compared, however lately that was done.

    Raises:
        RefusedError: If it does not.
    """
    if ledger.store.is_rehearsing:  # nothing of it is shown, and it holds the lock already
        return
    _, broken = verify(ledger)
    if broken or of_schema(ledger):
        raise RefusedError(
            Text(
                "the journal does not hold, so nothing is frozen; see: qingling journal verify",
                "日志校验不符，不予封存；请查看：qingling journal verify",
            )
        )


def _refuse_unfit(ledger: Ledger, statement: Statement, reason: str | None) -> None:
    """Refuse to freeze a statement of nothing or of wrong counts; without a reason one that cases were taken out of.

    Raises:
        RefusedError: If so.
    """
    if statement.verdict is Verdict.EMPTY:
        raise RefusedError(
            Text(
                "nothing in scope, so nothing is frozen: check the campaign",
                "范围内没有任何案件，不予封存：请核对专项行动的设置",
            )
        )
    if wrong := counted_wrong(ledger, statement.campaign, end_at=statement.end_at, unit=statement.unit):
        raise RefusedError(says(wrong))
    if statement.left and is_blank(reason or ""):
        numbers = [each.number for each in statement.left]
        raise RefusedError(
            Text(
                "{numbers}: corrected out of the scope; nothing is frozen without a reason (--reason)",
                "{numbers}：经更正移出范围；须写明理由（--reason）方可封存",
            ).format(numbers=", ".join(numbers))
        )


def mark_of(ledger: Ledger, kept: Frozen) -> str:
    """Return by what a frozen statement is known among those of all ledgers."""
    return f"{_first_hash(ledger)}/{kept.seq}/{kept.at}/{kept.digest}"


def was_frozen(ledger: Ledger, mark: str) -> bool | None:
    """Say whether the journal has the statement of that mark; None if it is another ledger's."""
    if mark and not mark.startswith(f"{_first_hash(ledger)}/"):
        return None
    return any(
        mark == f"{_first_hash(ledger)}/{entry.seq}/{entry.at}/{StatementFrozen.read(entry.body).digest}"
        for entry in case_rows.entries(ledger.store, HOUSE)
        if entry.kind == StatementFrozen.kind
    )


def _first_hash(ledger: Ledger) -> str:
    """Return the hash of the first row of the house's chain, which no other ledger has."""
    return case_rows.entries(ledger.store, HOUSE)[0].hash


def frozen(ledger: Ledger, campaign: Campaign) -> tuple[Frozen, ...]:
    """Return the statements of a campaign that were frozen, oldest first."""
    found = []
    for entry in case_rows.entries(ledger.store, HOUSE):
        if entry.kind == StatementFrozen.kind:
            event = StatementFrozen.read(entry.body)
            if (event.name, event.year) == (campaign.name, campaign.year):
                found.append(_frozen(entry))
    return tuple(as_read(each, ledger.reader) for each in found)


def as_read(kept: Frozen, reader: Reader | None) -> Frozen:
    """Return a frozen statement as the policy of now lets it be read: cases that were restricted since are masked.

    They are counted in it as they were. Its digest stays that of the whole, which who reads all of it can compute.
    """
    masks = {} if reader is None else {number: mask(each) for each, number in reader.hidden.items()}
    if not any(number in kept.text for number in masks):
        return kept
    said = json.loads(kept.text)
    lines = [line for name in _NAMING for line in said.get(name, ())]
    hidden = [line for line in lines if (line["number"] if isinstance(line, dict) else line) in masks]
    for line in hidden:
        if isinstance(line, dict):
            line.update({name: nothing for name, nothing in _UNSAID.items() if name in line})
    text = veiled(reader, canonical(said))  # what waits for another case names it in a sentence
    corrected_out = tuple(masks.get(each, each) for each in kept.corrected_out)
    return replace(kept, text=text, corrected_out=corrected_out, not_shown=len(hidden))


_NAMING: Final = ("blocking", "cleared_late", "came_back", "corrected_out")
"""Under which names a statement has lines about single cases."""
_UNSAID: Final[Mapping[str, object]] = {"by": "—", "reason": "—", "next": [], "missing": []}
"""What such a line says of a case beside how it is counted, and what stands there if it is not to be seen."""


def changed_since(was: Frozen, campaign: Campaign) -> tuple[Text, ...]:
    """Return in which filters the campaign differs from what a frozen statement answered for; nothing if in none.

    An older one kept its days alone, so that nobody can say whether its filters were the same.
    """
    kept = json.loads(was.text)
    scope = kept.get("scope")
    if scope is not None:
        return tuple(differences(scope, plain_scope(campaign, was.unit)))
    days = {name: kept[name] for name in ("workflow", "received_to", "clear_by", "extend_to")}
    now = plain_scope(campaign, was.unit)
    is_late_unknown = was.day > date.fromisoformat(str(kept["clear_by"])) and was.verdict == Verdict.ZERO
    return (
        *differences(days, {name: now[name] for name in days}),
        *(
            (Text("whether any was cleared late was not looked at when it was frozen", "封存时未核对是否逾期清零"),)
            if is_late_unknown
            else ()
        ),
        *(
            (Text("its filters were not kept when it was frozen", "封存时未记录其限定条件"),)
            if any(filters(campaign))
            else ()
        ),
    )


def returned_since(ledger: Ledger, was: Frozen, statement: Statement) -> tuple[str, ...]:
    """Return the numbers of cases that a frozen statement counted as cleared and that came back since (回流).

    Of those hidden from the reader it returns the masks. They are named whether they block now or have been cleared
    once more; only those of the unit and of the scope that was frozen. Clearing, freezing and reopening may share
    one instant. Then the rows of that instant are looked at one by one: what counted as cleared by one of them, and
    did not block in the frozen statement, was cleared.
    """
    then_at, kept = end_of(was.day, ledger.zone), json.loads(was.text)
    campaign = narrowed(statement.campaign, kept["scope"]) if "scope" in kept else statement.campaign
    blocked = {str(each["number"]) for each in kept["blocking"]}
    hidden = {} if ledger.reader is None else ledger.reader.hidden
    found: list[str] = []
    with ledger.store.reading():
        reopened = touched(ledger, campaign, end_at=statement.end_at, since_at=min(then_at, was.at)).reopened
        asked = sorted({*reopened, *(case_id for case_id, _ in statement.blocking)})
        for start in range(0, len(asked), CHUNK):
            part = asked[start : start + CHUNK]
            entries = zero_rows.rows_of(ledger.store, part, end_at=min(then_at, was.at + 1))
            cleared = {
                key
                for key, rows in entries.items()
                if any(row.at == was.at and row.clearance in _CLEARED for row in rows)
            }
            before = rebuilt(ledger, part, end_at=min(then_at, was.at), day=was.day)
            cleared |= {past.case.id for past in before if past.case.clearance in _CLEARED}
            held = {
                past.case.id: past.case
                for past in rebuilt(ledger, sorted(cleared), end_at=min(then_at, was.at + 1), day=was.day)
                if was.unit in {None, past.case.unit}
            }
            found += [
                mask(case.id) if case.id in hidden else case.number
                for case in held.values()
                # A case may have been restricted, or freed again, since: either name of it may stand there.
                if not blocked & {case.number, mask(case.id)}
                and in_scope(
                    campaign,
                    unit=case.unit,
                    dated_on=case.dated_on,
                    fields=case.fields,
                    clearance=Count.CLEARED,
                )
            ]
    return tuple(found)


def _frozen(entry: JournalEntry) -> Frozen:
    """Return what a row of the journal froze."""
    event = StatementFrozen.read(entry.body)
    text = canonical(event.statement)
    return Frozen(
        seq=entry.seq,
        at=entry.at,
        by=entry.by,
        day=date.fromisoformat(event.as_of),
        unit=event.unit,
        verdict=event.verdict,
        digest=event.digest,
        heads=event.heads,
        text=text,
        corrected_out=event.corrected_out,
        is_whole=sha256(text.encode()).hexdigest() == event.digest and _agrees(event),
        printed=event.printed,
    )


def _agrees(event: StatementFrozen) -> bool:
    """Say whether the row says of the statement what that says itself: only the statement is in its digest."""
    beside = {
        "campaign": event.name, "year": event.year, "as_of": event.as_of, "unit": event.unit, "verdict": event.verdict,
    }  # fmt: skip
    said = event.statement
    left = said.get("corrected_out", event.corrected_out)
    return {name: said.get(name, of) for name, of in beside.items()} == beside and (
        isinstance(left, Sequence) and len(left) == len(event.corrected_out)
    )


def _heads(ledger: Ledger) -> str:
    """Return a digest over the heads of all cases' chains."""
    said = sha256()
    for each in zero_rows.heads(ledger.store):
        said.update(f"{each.number} {each.revision} {each.head}\n".encode())
    return said.hexdigest()


def _tally(tally: ZeroTally) -> dict[str, object]:
    """Return the figures of a unit, or of all."""
    return {
        "scope": tally.scope,
        "groups": {each.name.lower(): tally.groups[each] for each in ZeroGroup},
        "verdict": tally.verdict.value,
        "rates": {name: {"top": top, "bottom": bottom} for name, (top, bottom) in tally.rates.items()},
        "cleared_late": tally.overdue,
        "registered_late": tally.late,
        "returned": tally.returned,
        "void": tally.void,
        "repeats": tally.repeats,
        "corrected_out": tally.left,
    }


def _blocker(each: Blocker) -> dict[str, object]:
    """Return one case that blocks."""
    return {
        "number": each.case.number,
        "unit": each.case.unit,
        "group": each.group.name.lower(),
        "state": each.case.state,
        "received_on": each.case.dated_on,
        "due_on": each.due_on,
        "extended_to": each.extended_to,
        "returned": each.is_returned,
        "missing": [_both(sentence) for sentence in each.missing],
        "next": [
            {
                "number": act.case.number,
                "step": act.step.trigger,
                "title": _both(act.step.title),
                "by": list(act.step.by),
                "missing": [_both(sentence) for sentence in act.step.missing],
            }
            for act in each.acts
        ],
    }


def _both(text: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"en": text.en, "zh": text.zh}
