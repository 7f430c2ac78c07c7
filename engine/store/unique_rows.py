"""Rows of the values that are given once; statements only, no rules.

A row stands for each value that a case which is not void has in a field that the version it goes by declares unique,
under a digest: texts may be longer than a key may be. That no two cases have one is the key of the table itself. A
case of a version that did not yet declare the field unique has no row; such cases are looked through, if there are
such versions.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

from engine.errors import QinglingError
from engine.journal.canonical import parsed
from engine.store.case_columns import CaseFields, UniqueValueRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed, marks

_GIVE: Final = (
    f"{inserted('unique_values', UniqueValueRecord._fields)} ON CONFLICT (workflow, field, digest) DO NOTHING"
)
_TAKE_BACK: Final = "DELETE FROM unique_values WHERE workflow = ? AND field = ? AND digest = ? AND case_id = ?"
_HAS: Final = (
    "SELECT u.digest, c.number FROM unique_values u JOIN cases c ON c.id = u.case_id"
    " WHERE u.workflow = ? AND u.field = ? AND u.digest "
)
_UNDECLARED: Final = {
    "sqlite": "SELECT version FROM workflow_versions WHERE name = ? AND json_extract(plain, ?) IS NOT NULL"
    " AND json_extract(plain, ?) IS NOT 1",
    "postgresql": "SELECT version FROM workflow_versions WHERE name = ? AND plain::jsonb #> ? IS NOT NULL"
    " AND (plain::jsonb #>> ?) IS DISTINCT FROM 'true'",
}
_VALUES: Final = f"SELECT {listed(CaseFields._fields)} FROM cases"
_AT_ONCE: Final = 500


def digest(value: str) -> str:
    """Return under what a value stands: SHA-256 of its text, as hexadecimal."""
    return sha256(value.encode()).hexdigest()


def record(workflow: str, field: str, value: object, case_id: int) -> UniqueValueRecord:
    """Return the row that says that a case has a value."""
    return UniqueValueRecord(workflow, field, digest(str(value)), case_id)


def follow(
    store: Store,
    gone: Sequence[UniqueValueRecord],
    added: Sequence[UniqueValueRecord],
    *,
    otherwise: Callable[[], QinglingError],
) -> None:
    """Write which values cases have no more, and which they have from now on; inside `begin`.

    Args:
        otherwise: Gives what is raised if another case has one of them: the database itself lets nobody give it twice.
    """
    if gone:
        store.change_many(_TAKE_BACK, gone)
    if added:
        store.change_all(_GIVE, added, otherwise=otherwise)


def having(store: Store, workflow: str, field: str, value: object, *, besides: int) -> str | None:
    """Return the number of a case that is not void and has the value; None if there is none.

    Args:
        besides: The id of a case that does not matter.
    """
    asked = f"{_HAS}= ? AND u.case_id <> ?"
    for _, number in store.query(asked, (workflow, field, digest(str(value)), besides)):
        return str(number)
    older = _elsewhere(store, workflow, field)
    return next((each.number for each, had in older if had == value and each.id != besides), None)


def given(store: Store, workflow: str, field: str, values: Iterable[str]) -> dict[str, str]:
    """Return those of some values that cases which are not void have, by the values, each with a case's number."""
    asked = {digest(each): each for each in values}
    digests = list(asked)
    found: dict[str, str] = {}
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        for key, number in store.query(f"{_HAS}IN ({marks(part)})", (workflow, field, *part)):
            found[asked[key]] = str(number)
    return found


def undeclared(store: Store, workflow: str, field: str) -> dict[object, str]:
    """Return what cases have that are not void and of versions by which the field need not be unique: value, number."""
    found: dict[object, str] = {}
    for each, value in _elsewhere(store, workflow, field):
        found.setdefault(value, each.number)
    return found


def _elsewhere(store: Store, workflow: str, field: str) -> Iterable[tuple[CaseFields, object]]:
    """Yield the cases of versions that have the field and do not declare it unique, by id, with its value."""
    if store.dialect == "postgresql":
        place: tuple[object, object] = ["fields", field], ["fields", field, "unique"]
    else:
        place = f'$.fields."{field}"', f'$.fields."{field}".unique'
    versions = store.column(_UNDECLARED[store.dialect], (workflow, *place))
    if not versions:
        return
    asked = f"{_VALUES} WHERE workflow = ? AND version IN ({marks(versions)}) AND clearance <> 3 ORDER BY id"
    for each in map(CaseFields._make, store.query(asked, (workflow, *versions))):
        value = parsed(each.fields).get(field)
        if value is not None:
            yield each, value
