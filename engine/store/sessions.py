"""A session of the table classes on the store's own connection, within the store's own transaction.

SQLAlchemy is loaded on first use. It never begins or ends a transaction here: `Store.begin` does, so
what a session writes and the journal entry beside it are in one commit, or neither is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from engine.store.connection import Store

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

_ENGINES: "WeakKeyDictionary[Store, Engine]" = WeakKeyDictionary()
"""What lends a store's connection to SQLAlchemy; making it costs more than a statement."""


@contextmanager
def session(store: Store) -> "Iterator[Session]":
    """Lend a session; what was put into it is written when the block ends well. Inside `begin`.

    The driver's errors come through as they do from a plain statement.
    """
    from sqlalchemy.exc import DBAPIError
    from sqlmodel import Session

    with Session(_engine(store), expire_on_commit=False) as opened:
        try:
            yield opened
            opened.flush()
        except DBAPIError as error:
            raise (error.orig or error) from None


def _engine(store: Store) -> "Engine":
    """Return what lends the store's connection to SQLAlchemy."""
    if store not in _ENGINES:
        from sqlalchemy import create_engine
        from sqlalchemy.pool import StaticPool

        lent = _Lent(store)
        if store.dialect == "sqlite":
            address, options = "sqlite://", {}
        else:  # it would look for a type of its own, in a transaction of its own
            address, options = "postgresql+psycopg://", {"use_native_hstore": False}
        _ENGINES[store] = create_engine(
            address, creator=lambda: lent, poolclass=StaticPool, hide_parameters=True, **options
        )
    return _ENGINES[store]


class _Lent:
    """A driver's connection whose transactions are none of SQLAlchemy's business."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        """Return what the connection has under that name."""
        return getattr(self._store.driver, name)  # what was put there before comes first

    def commit(self) -> None:
        """Leave the commit to the store."""

    def rollback(self) -> None:
        """Leave the undoing to the store."""

    def close(self) -> None:
        """Leave the connection open."""
