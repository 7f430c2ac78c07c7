"""What the journal says of cases over time: when each stood in which state, counted how, and in whose hands."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from engine.journal.case_events import CaseHandedOver, CaseOpened, FileAttached, LetterCopied, NoteWritten, ReminderSent
from engine.journal.migration_events import CaseMigrated
from engine.rules.case import Count
from engine.store.connection import Store
from engine.store.kind_index import of_kind
from engine.store.statements import marks

_QUIET = (NoteWritten.kind, FileAttached.kind, LetterCopied.kind, ReminderSent.kind)
"""Kinds of rows that change neither state nor count; they are many, and left out."""


class MoveColumns(NamedTuple):
    """Rows of journals, column by column: there are hundreds of thousands."""

    cases: Sequence[int] = ()
    """Ids."""
    instants: Sequence[int] = ()
    """Microseconds since 1970 UTC."""
    states: Sequence[str] = ()
    units: Sequence[str | None] = ()
    """Codes, where the row says which unit holds the case."""
    open: Sequence[int] = ()
    """Whether the case counts as open after it."""


def moves(store: Store, workflow: str, *, end_at: int) -> MoveColumns:
    """Return what the journal says of all cases of a workflow before an instant, by case and place in its chain."""
    unit = "json_extract(j.body, '$.unit')" if store.dialect == "sqlite" else "CAST(j.body AS jsonb) ->> 'unit'"
    found = store.query(
        "SELECT j.case_id, j.at, j.to_state,"
        f" CASE WHEN j.kind IN ('{CaseOpened.kind}', '{CaseHandedOver.kind}') THEN {unit} END, j.clearance = ?"
        " FROM cases c JOIN journal j ON j.case_id = c.id WHERE c.workflow = ? AND j.at < ?"
        f" AND j.kind NOT IN ({marks(_QUIET)}) ORDER BY j.case_id, j.seq",
        (int(Count.OPEN), workflow, end_at, *_QUIET),
    )
    return MoveColumns._make(zip(*found, strict=True)) if found else MoveColumns()


def renamed_states(store: Store, workflow: str, *, end_at: int) -> dict[str, str]:
    """Return which states moves of cases to other versions, before an instant, have given which other names."""
    states = "json_extract(j.body, '$.states')" if store.dialect == "sqlite" else "CAST(j.body AS jsonb) ->> 'states'"
    found: list[str | None] = store.column(
        f"SELECT DISTINCT {states} FROM journal j JOIN cases c ON c.id = j.case_id"
        f" WHERE {of_kind(CaseMigrated.kind, 'j.kind')} AND c.workflow = ? AND j.at < ?",
        (CaseMigrated.kind, workflow, end_at),
    )
    return {was: now for each in sorted(filter(None, found)) for was, now in json.loads(each).items()}
