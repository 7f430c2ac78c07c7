"""Rows of adopted texts: the versions of workflows, lists, campaigns and formats by which the ledger works; no rules.

Prepared statements, since every command reads one of them, and a cold one loads no SQLAlchemy.
"""

from collections.abc import Iterable

from engine.journal.chain import HOUSE
from engine.journal.house_events import TextsAdopted
from engine.store.connection import Store
from engine.store.house_columns import AdoptedRecord, AdoptedText, AdoptedVersion
from engine.store.statements import inserted, listed

_ALL = f"SELECT {listed(AdoptedRecord._fields)} FROM adopted ORDER BY kind, name, version"
_NEWEST = (
    f"SELECT {listed(AdoptedVersion._fields, version='max(version)')} FROM adopted"
    " WHERE kind = ? GROUP BY name ORDER BY name"
)
_BODY = "coalesce(j.body, '')"  # nothing if there is no such row
_TEXT = (
    f"SELECT {listed(AdoptedText._fields, 'a', body=_BODY)} FROM adopted a LEFT JOIN journal j"
    f" ON j.case_id = {HOUSE} AND j.seq = a.seq AND j.kind = '{TextsAdopted.kind}'"
    " WHERE a.kind = ? AND a.name = ? AND a.version = ?"
)
_ADOPT = inserted("adopted", AdoptedRecord._fields)


def newest(store: Store, kind: str) -> dict[str, int]:
    """Return the newest version of each text of a kind, by name."""
    return dict(
        store.kept(
            ("adopted", kind),
            lambda: {each.name: each.version for each in map(AdoptedVersion._make, store.query(_NEWEST, (kind,)))},
        )
    )


def text(store: Store, kind: str, name: str, version: int) -> AdoptedText | None:
    """Return a version of a text; None if it was not adopted."""
    row = store.one(_TEXT, (kind, name, version))
    return AdoptedText._make(row) if row else None


def texts(store: Store) -> list[AdoptedRecord]:
    """Return all that was adopted, every version, by kind, name and version."""
    return list(map(AdoptedRecord._make, store.query(_ALL)))


def adopt(store: Store, rows: Iterable[AdoptedRecord]) -> None:
    """Write versions that are adopted; inside `begin`."""
    for each in rows:
        store.change(_ADOPT, each)
