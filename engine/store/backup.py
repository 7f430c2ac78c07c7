"""Backups taken while the ledger is in use, each proved by unpacking it; `engine.store.restore` brings one back.

A backup is one SQLite file, whichever kind of database it was taken from, with a folder of the
attached files beside it. It holds what the database holds: sealed values as ciphertext, no key.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from engine.errors import BadFileError, DatabaseError
from engine.language import Text
from engine.store import schema
from engine.store.database import Connection, is_postgres, open_postgres, open_sqlite, place, refusals
from engine.store.table_copy import Contents, contents_of, copy_rows
from engine.whole_files import apart, put

_WRITING = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE})
"""What SQLite says of a disk or a quota that takes no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup that was proved."""

    file: Path
    made_at: datetime
    digest: str
    """SHA-256 of the file."""
    version: str
    """Of the tables."""
    counts: dict[str, int]
    """How many rows each table has."""
    files: int
    """How many attached files are kept beside it."""
    missing: tuple[str, ...]
    """Digests of attached files that were not found, or not as they should be."""


def back_up(url: str, target: Path, *, now: datetime, files: Path | None = None) -> Backup:
    """Write what the database holds at one moment into the new file *target*, and prove it by unpacking it.

    Others may go on writing meanwhile.

    Args:
        url: The database; it may be of an older version than this program.
        target: Must not exist; readable by its owner only.
        now: Written into the report.
        files: The folder of attached files; they are copied beside *target*.

    Raises:
        DatabaseError: If the database cannot be read, or what was written is not what was read.
        BadFileError: If *target* exists or cannot be written.
    """
    taken = BadFileError(Text("{file} exists; choose another name", "{file} 已存在；请另取文件名").format(file=target))
    if target.exists():
        raise taken
    with apart(target) as folder, refusals(url), _room_for_copies():
        made = folder / "backup.db"
        read = _from_postgres(url, made) if is_postgres(url) else _from_sqlite(url, made)
        tried = folder / "tried.db"
        unpack(made, tried)
        if proved(tried) != read:
            raise DatabaseError(
                Text(
                    "the backup of {place} does not hold what was read; it was thrown away, try again",
                    "{place} 的备份与原库不一致，已丢弃；请重试",
                ).format(place=place(url))
            )
        kept, missing = keep_files(made, files, folder / "files")
        tried.unlink()
        _put_folder(folder / "files", files_beside(target))
        try:
            put(made, target, replace=False)
        except FileExistsError:
            raise taken from None
    return Backup(
        file=target,
        made_at=now,
        digest=digest_of(target),
        version=read.version or "",
        counts=dict(read.counts),
        files=kept,
        missing=missing,
    )


def files_beside(backup: Path) -> Path:
    """Return the folder that keeps the attached files of *backup*."""
    return backup.with_name(f"{backup.stem}-files")


def _put_folder(made: Path, target: Path) -> None:
    """Give a folder of kept files its name; what lies there already from a backup that was broken off is the same."""
    if not made.exists():
        return
    if not target.exists():
        made.rename(target)
        return
    for file in sorted(made.rglob("*")):
        place_of = target / file.relative_to(made)
        if file.is_file():
            place_of.parent.mkdir(mode=0o700, exist_ok=True)
            file.replace(place_of)


def unpack(backup: Path, file: Path) -> None:
    """Make a ledger's file from *backup*."""
    file.touch(mode=0o600)
    with closing(read_only(backup)) as source:
        _copy_pages(source, file)


def proved(file: Path) -> Contents:
    """Return what a SQLite file holds after proving that it is whole.

    Raises:
        sqlite3.DatabaseError: If it is so damaged that it cannot be read.
        DatabaseError: If its pages or indexes do not fit together.
    """
    with closing(read_only(file)) as connection:
        verdict: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise DatabaseError(
                Text("{file} is damaged ({verdict})", "{file} 已损坏（{verdict}）").format(
                    file=file.name, verdict=" ".join(verdict.split())
                )
            )
        return contents_of(connection)


def keep_files(database: Path, source: Path | None, target: Path | None) -> tuple[int, tuple[str, ...]]:
    """Copy the attached files that *database* names; return how many are kept, and the digests of those not.

    A file that lies there already counts only if it still is what its name says.
    """
    with closing(read_only(database)) as connection:
        digests = [
            digest for (digest,) in connection.execute("SELECT DISTINCT digest FROM attachments ORDER BY digest")
        ]
    if target is None:
        return 0, tuple(digests)
    missing = []
    for digest in digests:
        place_of = Path(digest[:2]) / digest
        there = (target / place_of).exists()
        if there and digest_of(target / place_of) == digest:
            continue
        if source is None or not (source / place_of).is_file() or digest_of(source / place_of) != digest:
            missing.append(digest)
            continue
        (target / place_of).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = (target / place_of).with_suffix(".half")
        shutil.copyfile(source / place_of, half)
        half.chmod(0o600)
        if there:  # what lies there is not what its name says: it is put aside, for anyone who wants to know why
            (target / place_of).replace((target / place_of).with_suffix(".changed"))
        half.replace(target / place_of)
    return len(digests) - len(missing), tuple(missing)


def read_only(backup: Path) -> sqlite3.Connection:
    """Open a backup so that nothing is written, not even beside it."""
    return sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


@contextmanager
def _room_for_copies() -> Iterator[None]:
    """Say of a copy that the disk does not take what the system says of any file; the ledger itself is only read.

    Raises:
        OSError: In place of SQLite's own error.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_FULL or code in _WRITING:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def _from_sqlite(url: str, made: Path) -> Contents:
    """Copy a SQLite ledger page by page; return what it holds at that moment."""
    with closing(open_sqlite(url)) as source:
        _refuse_newer(source, url)
        source.execute("BEGIN")
        read = contents_of(source)
        _copy_pages(source, made)
        source.execute("ROLLBACK")
    return read


def _from_postgres(url: str, made: Path) -> Contents:
    """Copy a PostgreSQL ledger row by row from one snapshot; return what it holds at that moment."""
    with closing(open_postgres(url)) as source:
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        version = _refuse_newer(source, url)
        read = contents_of(source)
        schema.bring_up(str(made), version)
        with closing(open_sqlite(str(made))) as target:
            target.execute("PRAGMA foreign_keys=OFF")
            target.execute("BEGIN")
            copy_rows(source, target)
            target.execute("COMMIT")
            target.execute("PRAGMA journal_mode=DELETE")
        source.execute("ROLLBACK")
    return read


def _refuse_newer(connection: Connection, url: str) -> str:
    """Return the version of the tables; refuse one that has none or is newer than this program."""
    version = schema.version_of(connection)
    if version is None or version > schema.HEAD:
        schema.require_current(connection, url)
    return str(version)


def _copy_pages(source: sqlite3.Connection, file: Path) -> None:
    """Copy a whole SQLite database in one go: in small steps, each write by another begins it again."""
    with closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # so that it is one file, readable from a disc too
