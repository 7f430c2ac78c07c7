"""Forms that were begun and not sent: kept a week for their officer, with nothing in them that shows who reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.errors import BadValueError
from engine.journal.canonical import canonical
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import seen_in
from engine.rules.case import Case
from engine.rules.readers import Side, day_on
from engine.rules.values import sides_of
from engine.store import case_rows, draft_rows
from engine.store.case_columns import DraftRecord
from engine.workflow.model import FieldType, Workflow
from engine.working_days.instants import microseconds
from engine.working_days.moments import moment_meant

KEPT: Final = timedelta(days=7)
LONGEST: Final = 200_000
"""Characters of all values of one form, as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A form as it was left."""

    number: str
    """The case's; empty for a case that is not opened yet."""
    trigger: str
    """The step, or the name of the workflow of a new case."""
    values: Mapping[str, object]
    """As typed, by field; a day that was typed as 今天 or 昨天 as a date."""
    revision: int
    """The case's as the form was begun; 0 for a new case."""
    at: int
    """When it was kept last; microseconds since 1970 UTC."""


def save_draft(acting: Acting, number: str, trigger: str, values: Mapping[str, object]) -> None:
    """Keep a form as it stands, for who acts; one that is empty is forgotten.

    Forms that nobody touched for a week go with it. Nothing of it is journaled: nothing has happened yet.

    Args:
        number: The case's; empty for a case that is not opened yet.
        trigger: The step, or the name of the workflow of a new case.
        values: As typed, by field; left out is what is sealed, a text in which somebody's identity is seen, since
            nobody was asked yet whether it may stand in clear, and what is no field of the workflow.

    Raises:
        NotFoundError: If there is no such case or workflow, or none that the officer may read.
        BadValueError: If it is longer than any form could be.
    """
    ledger, store = acting.ledger, acting.ledger.store
    case = ledger.case(number) if number else None
    rules = ledger.rules(trigger) if case is None else ledger.rules_of(case)
    out = rules.sealed | seen_in(rules.workflow, (values,), {}).keys()
    kept = {
        name: _without_today(rules.workflow, name, value, acting.today)
        for name, value in values.items()
        if name in rules.workflow.fields and name not in out and value not in (None, "", [])
    }
    typed = canonical(kept)
    if len(typed) > LONGEST:
        raise BadValueError(Text("the form is too long to be kept", "表单内容过长，无法暂存"))
    case_id, revision = (0, 0) if case is None else (case.id, case.revision)
    with store.begin():
        draft_rows.expire(store, before=_since(acting))
        if kept:
            draft_rows.save(store, DraftRecord(acting.by, case_id, trigger, typed, revision, acting.now_at))
        else:
            draft_rows.drop(store, acting.by, case_id, trigger)


def _without_today(workflow: Workflow, name: str, value: object, today: date) -> object:
    """Return a value as it was meant when it was typed: 昨天 would be another day tomorrow, so it is kept as a day."""
    kind = workflow.fields[name].type
    if not isinstance(value, str) or kind not in {FieldType.DATE, FieldType.MOMENT}:
        return value
    side = sides_of(workflow).get(name, Side.BEHIND)
    try:
        now, later = (_meant(kind, value, day, side) for day in (today, today + timedelta(days=1)))
    except BadValueError:
        return value
    return value if now == later else now


def _meant(kind: FieldType, words: str, today: date, side: Side) -> str:
    """Return the local date or time that *words* mean to somebody who types them *today*.

    Raises:
        BadValueError: If they mean none.
    """
    if kind is FieldType.MOMENT:
        return moment_meant(words, today=today).isoformat(" ", "minutes")
    return day_on(words, today, side).isoformat()


def load_draft(acting: Acting, number: str, trigger: str, *, found: Case | None = None) -> Draft | None:
    """Return the form that who acts has begun; None if there is none, or it is older than a week.

    Args:
        found: The case, if it was read just now.

    Raises:
        NotFoundError: If there is no such case, or none that the officer may read.
    """
    case = acting.ledger.case(number) if number and found is None else found
    case_id = 0 if case is None else case.id
    row = draft_rows.load(acting.ledger.store, acting.by, case_id, trigger, since=_since(acting))
    return None if row is None else _draft(row, number)


def drop_draft(acting: Acting, number: str, trigger: str, *, found: Case | None = None) -> None:
    """Forget a form, as it is sent or given up.

    Args:
        found: The case, if it was read just now.

    Raises:
        NotFoundError: If there is no such case, or none that the officer may read.
    """
    store = acting.ledger.store
    case = acting.ledger.case(number) if number and found is None else found
    case_id = 0 if case is None else case.id
    if draft_rows.load(store, acting.by, case_id, trigger, since=0) is None:
        return  # most steps are taken as they are typed: nothing to commit
    with store.begin():
        draft_rows.drop(store, acting.by, case_id, trigger)


def drafts_of(acting: Acting) -> list[Draft]:
    """Return all forms that who acts has begun within a week, the newest first; of cases they may still read."""
    ledger = acting.ledger
    rows = draft_rows.of_officer(ledger.store, acting.by, since=_since(acting))
    cases = case_rows.by_ids(ledger.store, [each.case_id for each in rows if each.case_id])
    readable = {0: "", **{each.id: each.number for each in cases.values() if ledger.sees(each)}}
    return [_draft(each, readable[each.case_id]) for each in rows if each.case_id in readable]


def _since(acting: Acting) -> int:
    """Return since when forms are kept, in microseconds since 1970 UTC."""
    return microseconds(acting.now - KEPT)


def _draft(row: DraftRecord, number: str) -> Draft:
    """Return a form of a row."""
    return Draft(number=number, trigger=row.trigger, values=json.loads(row.typed), revision=row.revision, at=row.at)
