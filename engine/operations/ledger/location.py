"""Where a database lies: in a file, or on a server; nothing is opened here."""

from pathlib import Path


def file_of(database: str) -> Path | None:
    """Return the file that holds *database*; None if a server holds it.

    Raises:
        DatabaseError: If it names a kind of database that is not supported.
    """
    from engine.store.database import is_postgres, sqlite_file

    return None if is_postgres(database) else sqlite_file(database)


def shown(database: str) -> str:
    """Return *database* as it may be shown: without a password."""
    from engine.store.database import place

    return place(database)
