"""Opening a ledger that is there, and making the tables of a new one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from engine.errors import DatabaseError, RefusedError
from engine.language import Text
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.location import file_of, shown
from engine.store import database
from engine.store.connection import Store, open_store
from engine.workflow.registry import Workflows


def altered(error: BaseException) -> DatabaseError | None:
    """Return what to say of a table or column that is gone, or None if *error* is about something else."""
    return database.altered(error)


def open_ledger(url: str, declarations: Callable[[AdoptedTexts], Workflows], *, real_now: datetime | None) -> Ledger:
    """Open a ledger that was set up; `Ledger.close` closes it.

    Args:
        declarations: Makes the book of declarations, given what the ledger has adopted.
        real_now: The machine's aware instant if `now` is set by hand; a database that has a clock goes before it.

    Raises:
        DatabaseError: If there is none, or it cannot be opened.
    """
    store = open_store(url)
    try:
        ledger = Ledger(
            store,
            declarations(AdoptedTexts(store)),
            real_now=_by_the_database(store, real_now),
        )
        _refuse_empty(ledger, url)
    except BaseException:
        store.close()
        raise
    return ledger


def _refuse_empty(ledger: Ledger, url: str) -> None:
    """Refuse tables in which no house was ever set up.

    Raises:
        DatabaseError: If it was not.
    """
    if ledger.settings.get("name") is None:
        raise DatabaseError(
            Text(
                f"{shown(url)} was never set up; do it: qingling init",
                f"{shown(url)} 尚未初始化；请先运行：qingling init",
            )
        )


@contextmanager
def new_ledger(url: str, declarations: Workflows, *, real_now: datetime | None) -> Iterator[Ledger]:
    """Lend a ledger with its tables and nothing in them; a file that was made for it goes again if that fails.

    Args:
        real_now: The machine's aware instant if `now` is set by hand; a database that has a clock goes before it.

    Raises:
        RefusedError: If the database holds a ledger that is set up already.
        DatabaseError: If it cannot be made or opened.
    """
    from engine.store.schema import bring_up

    file = file_of(url)
    ours = () if file is None else (file, *(file.with_name(file.name + tail) for tail in database.SIDE_TAILS))
    is_new = not any(each.exists() for each in ours)
    try:
        bring_up(url)
        store = open_store(url)
        try:
            ledger = Ledger(store, declarations, real_now=_by_the_database(store, real_now))
            if ledger.settings.get("name") is not None:
                raise RefusedError(
                    Text(
                        f"{shown(url)} is set up already; name another place with --database",
                        f"{shown(url)} 已初始化；请用 --database 另指位置",
                    )
                )
            yield ledger
        finally:
            store.close()
    except BaseException:
        if is_new:
            for each in ours:
                each.unlink(missing_ok=True)
        raise


def _by_the_database(store: Store, real_now: datetime | None) -> datetime | None:
    """Return the instant by the database's own clock, if it has one and one is wanted."""
    return real_now if real_now is None or store.opened_at is None else store.opened_at
