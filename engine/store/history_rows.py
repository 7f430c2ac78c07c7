"""What was done with a case, as its rules look back on it: by the names that states and steps have by now."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from engine.journal.case_events import StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.migration_events import CaseMigrated
from engine.rules.case import Case
from engine.store.case_columns import LookedBack, StateEntered, StepDone
from engine.store.connection import Store
from engine.store.kind_index import of_kind
from engine.store.statements import listed

_DONE = (
    f"SELECT {listed(StepDone._fields)} FROM journal WHERE case_id = ?"
    f" AND kind IN ('{StepTaken.kind}', '{CaseMigrated.kind}') ORDER BY seq"
)
_STEPS = f"kind IN ('{StepTaken.kind}', '{CaseMigrated.kind}')"
_BODY = f"CASE WHEN {_STEPS} THEN body ELSE '' END"
_LOOKED_BACK = (
    f"SELECT {listed(LookedBack._fields, body=_BODY)} FROM journal WHERE case_id = ?"
    f" AND ({_STEPS} OR from_state IS NULL OR from_state <> to_state) ORDER BY seq"
)
"""What `moves` and `came_from` ask, in one statement; of a row that is no step the body is not asked."""
_ENTERED = (
    f"SELECT {listed(StateEntered._fields)} FROM journal WHERE case_id = ? AND to_state = ?"
    " AND (from_state IS NULL OR from_state <> ?) ORDER BY seq DESC LIMIT 1"
)
_MIGRATED = f"SELECT body FROM journal WHERE case_id = ? AND kind = '{CaseMigrated.kind}' ORDER BY seq"
_ENTERED_AT = (
    f"SELECT {listed(('at', 'kind', 'from_state', 'seq'))} FROM journal WHERE case_id = ? AND to_state = ?"
    " AND (from_state IS NULL OR from_state <> ?) AND seq < ? ORDER BY seq DESC LIMIT 1"
)
_HIGHEST = 2**31 - 1


def moves(store: Store, case_id: int) -> tuple[tuple[str, str], ...]:
    """Return the trigger of each step that was taken on this case and who took it, in their order.

    A step of an older version is called as the case's own version calls it.
    """
    return moves_in(map(StepDone._make, store.query(_DONE, (case_id,))))


def moves_in(rows: Iterable[StepDone | LookedBack | JournalEntry]) -> tuple[tuple[str, str], ...]:
    """Return what `moves` does, of the rows of a case's journal that were read already, the oldest first."""
    found: list[tuple[str, str]] = []
    for each in rows:
        if each.kind not in {StepTaken.kind, CaseMigrated.kind}:
            continue
        body = str(each.body)
        if each.kind == StepTaken.kind:
            found.append((StepTaken.read(body).trigger, each.by))
        else:
            found = renamed(found, CaseMigrated.read(body).triggers)
    return tuple(found)


def looked_back(
    store: Store, case: Case, timeline: Sequence[JournalEntry] | None = None
) -> tuple[tuple[tuple[str, str], ...], str | None]:
    """Return what `moves` and `came_from` do of a case as it stands.

    Args:
        timeline: Its journal, oldest first; None to ask only for the rows that matter.
    """
    rows: Sequence[LookedBack | JournalEntry] | None = timeline
    if rows is None:
        rows = list(map(LookedBack._make, store.query(_LOOKED_BACK, (case.id,))))
    return moves_in(rows), came_from_in(rows, case.state)


def renamed(done: list[tuple[str, str]], triggers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return steps and who took them by other names of the steps."""
    return [(triggers.get(trigger, trigger), by) for trigger, by in done]


def came_from(store: Store, case_id: int, state: str) -> str | None:
    """Return the state from which a step last led a case into *state*; None if it was not led there by a step.

    States of older versions are called as the case's own version calls them.
    """
    return _came_from(
        state,
        lambda into: _entered(store, case_id, into),
        lambda: store.column(_MIGRATED, (case_id,)),
    )


def came_from_in(rows: Sequence[LookedBack | JournalEntry], state: str) -> str | None:
    """Return what `came_from` does, of the rows of a case's journal that were read already, the oldest first."""

    def entered(into: str) -> StateEntered | None:
        found = (each for each in reversed(rows) if each.to_state == into and each.from_state != into)
        return next((StateEntered(kind=each.kind, from_state=each.from_state) for each in found), None)

    return _came_from(state, entered, lambda: [str(each.body) for each in rows if each.kind == CaseMigrated.kind])


def _came_from(
    state: str, entered: Callable[[str], StateEntered | None], migrated: Callable[[], list[str]]
) -> str | None:
    """Return the state from which a step last led a case into *state*.

    Args:
        entered: Returns the row that last led the case into a state.
        migrated: Returns the bodies of the rows by which it was moved to another version, the oldest first.
    """
    last = entered(state)
    if last is None or last.kind not in {StepTaken.kind, CaseMigrated.kind}:
        return None
    renames = [CaseMigrated.read(body).states for body in migrated()]
    if renames and last.kind == CaseMigrated.kind:  # it did not come here, it was only called otherwise
        last = entered(str(last.from_state))
        if last is None or last.kind != StepTaken.kind:
            return None
    return _called(last.from_state, renames)


def _called(state: str | None, renames: list[Mapping[str, str]]) -> str | None:
    """Return what a state of any version is called by now."""
    for states in renames:
        state = None if state is None else states.get(state, state)
    return state


def _entered(store: Store, case_id: int, state: str) -> StateEntered | None:
    """Return the row that last led a case into a state."""
    found = store.one(_ENTERED, (case_id, state, state))
    return None if found is None else StateEntered._make(found)


def entered_at(store: Store, case_id: int, state: str) -> int | None:
    """Return when a case last came into a state, in microseconds since 1970 UTC.

    A move by which the state was only called otherwise does not count: the case was there before.
    """
    before: int = _HIGHEST
    while (row := store.one(_ENTERED_AT, (case_id, state, state, before))) is not None:
        at, kind, from_state, before = row
        if kind != CaseMigrated.kind:
            return int(at)
        state = str(from_state)
    return None


def states_in_use(store: Store, workflow: str, among: Collection[str] | None = None) -> list[str]:
    """Return the states in which cases of a workflow stand.

    Args:
        among: Only these are looked for, each by key; None: all cases are walked.
    """
    if among is None:
        return store.column("SELECT DISTINCT state FROM cases WHERE workflow = ? ORDER BY state", (workflow,))
    # Unit by unit, as the index goes.
    one_in = (
        "SELECT 1 FROM units u CROSS JOIN cases c WHERE c.workflow = ? AND c.unit_id = u.id AND c.state = ? LIMIT 1"
    )
    return [each for each in sorted(among) if store.one(one_in, (workflow, each)) is not None]


def versions(store: Store, workflow: str) -> list[int]:
    """Return the versions of a workflow that cases have begun with or were moved to, the oldest first."""
    return store.column("SELECT version FROM workflow_versions WHERE name = ? ORDER BY version", (workflow,))


def first_at(store: Store, kind: str, words: str) -> int | None:
    """Return when the first journal row of a kind was written whose body has some words, in microseconds; or None."""
    find = "instr" if store.dialect == "sqlite" else "strpos"
    asked = f"SELECT min(at) FROM journal WHERE {of_kind(kind, 'kind')} AND {find}(body, ?) > 0"
    found = store.value(asked, (kind, words))
    return None if found is None else int(found)
