"""Backups taken while the ledger is in use, each proved by reading it back; `engine.store.restore` brings one back.

A backup is one SQLite file, whichever kind of database it was taken from, with a folder of the
attached files beside it. It holds what the database holds: sealed values as ciphertext, no key.
"""

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from engine.errors import BadFileError, DatabaseError
from engine.journal.house_events import BACKUP_KEYS
from engine.language import Text
from engine.store import encrypted, schema
from engine.store.database import Connection, is_postgres, open_postgres, open_sqlite, place, refusals
from engine.store.table_copy import Contents, contents_if_same, contents_of, copy_rows
from engine.system.whole_files import apart, put
from engine.workflow.frozen_struct import FrozenStruct

_WRITING = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE})
"""What SQLite says of a disk or a quota that takes no more."""

_COPY = "backup_made"
"""Under which name the copy is attached to the ledger that it was made of."""


class Backup(FrozenStruct, frozen=True, kw_only=True):
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
    is_encrypted: bool = False


def back_up(
    url: str,
    target: Path,
    *,
    now: datetime,
    files: Path | None = None,
    keys: Sequence[str] = (),
    in_clear: bool = False,
) -> Backup:
    """Write what the database holds at one moment into the new file *target*, and prove it by reading it back.

    Others may go on writing meanwhile. It is encrypted if the house has declared keys for that, or some are given;
    the name of *target* then ends with .age, and the attached files are in it.

    Args:
        url: The database; it may be of an older version than this program.
        target: Must not exist; readable by its owner only.
        now: Written into the report.
        files: The folder of attached files; they are copied beside *target*.
        keys: Public keys of age to encrypt to, in place of those that the house has declared.
        in_clear: Not encrypted whatever is declared, since it is thrown away at once.

    Raises:
        DatabaseError: If the database cannot be read, or what was written is not what was read.
        BadFileError: If *target* exists or cannot be written.
        BadValueError: If a key is not written as age writes them.
    """
    keys = () if in_clear else keys or declared_keys(url)
    if keys:
        return _back_up_encrypted(url, encrypted_name(target), now=now, files=files, keys=keys)
    if target.exists():
        raise _taken(target)
    with apart(target) as folder, refusals(url), _room_for_copies():
        made = folder / "backup.db"
        read = _from_postgres(url, made) if is_postgres(url) else _from_sqlite(url, made)
        kept, missing = keep_files(made, files, folder / "files")
        _put_folder(folder / "files", files_beside(target))
        try:
            put(made, target, replace=False)
        except FileExistsError:
            raise _taken(target) from None
    return Backup(
        file=target,
        made_at=now,
        digest=digest_of(target),
        version=read.version or "",
        counts=dict(read.counts),
        files=kept,
        missing=missing,
    )


def _not_the_same(url: str) -> DatabaseError:
    """Return what is said of a backup that does not hold what was read."""
    return DatabaseError(
        Text(
            "the backup of {place} does not hold what was read; it was thrown away, try again",
            "{place} 的备份与原库不一致，已丢弃；请重试",
        ).format(place=place(url))
    )


def _taken(target: Path) -> BadFileError:
    """Return the refusal of a name that is taken."""
    return BadFileError(Text("{file} exists; choose another name", "{file} 已存在；请另取文件名").format(file=target))


def encrypted_name(target: Path) -> Path:
    """Return the name of an encrypted backup that would be called *target* in clear."""
    return target if target.suffix == encrypted.SUFFIX else target.with_name(target.name + encrypted.SUFFIX)


def declared_keys(url: str) -> tuple[str, ...]:
    """Return the public keys to which the house has declared that backups are encrypted; empty if to none.

    Raises:
        DatabaseError: If the database cannot be read.
    """
    with refusals(url), closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        if schema.version_of(connection) is None:
            return ()
        row = connection.execute(f"SELECT value FROM settings WHERE name = '{BACKUP_KEYS}'").fetchone()
    return () if row is None else tuple(str(key) for (text,) in [row] for key in json.loads(text))


def _back_up_encrypted(url: str, target: Path, *, now: datetime, files: Path | None, keys: Sequence[str]) -> Backup:
    """Do the same, encrypted; nothing lies on the disk in clear.

    Raises:
        DatabaseError, BadFileError, BadValueError: As for `back_up`.
    """
    recipients, taken = encrypted.recipients_of(keys), _taken(target)
    if target.exists():
        raise taken
    with apart(target) as folder, refusals(url), _room_for_copies():
        ledger, read = _in_memory(url, folder / "empty.db")
        with encrypted.opened(ledger) as connection:
            kept, missing = _whole_files(connection, files)
        made = folder / target.name
        encrypted.write_encrypted(ledger, kept, made, recipients)
        try:
            put(made, target, replace=False)
        except FileExistsError:
            raise taken from None
    return Backup(
        file=target, made_at=now, digest=digest_of(target), version=read.version or "", counts=dict(read.counts),
        files=len(kept), missing=missing, is_encrypted=True,
    )  # fmt: skip


def _in_memory(url: str, empty: Path) -> tuple[bytes, Contents]:
    """Return the ledger as the bytes of a SQLite file, proved to hold what the database held, and that.

    Args:
        empty: Where tables without rows may be made for what is copied from PostgreSQL.
    """
    if not is_postgres(url):
        with closing(open_sqlite(url)) as source:
            _refuse_newer(source, url)
            source.execute(f"ATTACH ':memory:' AS {_COPY}")
            _begin(source)
            ledger = encrypted.in_memory(source)
            source.deserialize(ledger, name=_COPY)
            read = contents_if_same(source, _COPY)
            encrypted.prove_whole(source, _COPY)
            source.execute("ROLLBACK")
        if read is None:
            raise _not_the_same(url)
        return ledger, read
    with closing(open_postgres(url)) as source, closing(sqlite3.connect(":memory:", isolation_level=None)) as target:
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        version = _refuse_newer(source, url)
        if version is not None:
            _refuse_part(source, url)
        read = contents_of(source)
        schema.bring_up(str(empty), version)
        with closing(read_only(empty)) as tables:
            tables.backup(target)
        target.execute("BEGIN")
        copy_rows(source, target)
        target.execute("COMMIT")
        source.execute("ROLLBACK")
        ledger = encrypted.in_memory(target)
    if encrypted.contents_in(ledger) != read:
        raise _not_the_same(url)
    return ledger, read


def _whole_files(ledger: sqlite3.Connection, folder: Path | None) -> tuple[list[tuple[str, Path]], tuple[str, ...]]:
    """Return digest and place of the attached files that are as they were attached, and the digests of the others."""
    kept, missing = [], []
    for (digest,) in ledger.execute("SELECT DISTINCT digest FROM attachments ORDER BY digest"):
        found = None if folder is None else folder / digest[:2] / digest
        if found is not None and found.is_file() and digest_of(found) == digest:
            kept.append((digest, found))
        else:
            missing.append(digest)
    return kept, tuple(missing)


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
        _prove_whole(connection, file)
        return contents_of(connection)


def _prove_whole(connection: sqlite3.Connection, file: Path) -> None:
    """Prove that the pages and indexes of a SQLite file fit together.

    Raises:
        DatabaseError: If they do not.
    """
    verdict: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseError(
            Text("{file} is damaged ({verdict})", "{file} 已损坏（{verdict}）").format(
                file=file.name, verdict=" ".join(verdict.split())
            )
        )


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
        # A file that bears its digest as name is believed to be whole, so it gets the name only when it is.
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


def _refuse_part(source: Connection, url: str) -> None:
    """Refuse to copy as a whole what the database shows this log-in only in part.

    Raises:
        DatabaseError: If so.
    """
    ((narrowed, sealed),) = source.execute(
        "SELECT row_security_active('cases'), has_column_privilege('sealed_values', 'ciphertext', 'SELECT')"
    ).fetchall()
    if not sealed or (narrowed and not source.execute("SELECT ql_sees_all()").fetchall()[0][0]):
        raise DatabaseError(
            Text(
                "{place} does not show everything to this log-in, and a backup is all or nothing; make it with the"
                " log-in that runs what is due, or as the owner",
                "{place} 未向本登录角色开放全部内容，备份须完整；请用定时任务的登录角色或数据库所有者备份",
            ).format(place=place(url))
        )


def _from_sqlite(url: str, made: Path) -> Contents:
    """Copy a SQLite ledger page by page; return what it holds at that moment, after proving that the copy does.

    The file is read as it lies there: unpacking it would be to copy its pages once more.
    """
    made.touch(mode=0o600)
    with closing(open_sqlite(url)) as source:
        _refuse_newer(source, url)
        source.execute(f"ATTACH ? AS {_COPY}", (str(made),))
        _begin(source)
        _copy_pages(source, made)
        read = contents_if_same(source, _COPY)
        source.execute("ROLLBACK")
    if read is None:
        raise _not_the_same(url)
    with closing(read_only(made)) as connection:
        _prove_whole(connection, made)
    return read


def _begin(source: sqlite3.Connection) -> None:
    """Begin to read what a SQLite database holds at this moment; it begins with the first page that is read."""
    source.execute("BEGIN")
    source.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()


def _from_postgres(url: str, made: Path) -> Contents:
    """Copy a PostgreSQL ledger row by row from one snapshot; return what it holds at that moment, once proved."""
    with closing(open_postgres(url)) as source:
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        version = _refuse_newer(source, url)
        if version is not None:
            _refuse_part(source, url)
        read = contents_of(source)
        schema.bring_up(str(made), version)
        with closing(open_sqlite(str(made))) as target:
            # A child may come before its parent within one table; `copy_rows` looks at all references at the end.
            target.execute("PRAGMA foreign_keys=OFF")
            target.execute("BEGIN")
            copy_rows(source, target)
            target.execute("COMMIT")
            # A backup is one file: with a log of its own beside it, the part in the log would be left behind by a copy.
            target.execute("PRAGMA journal_mode=DELETE")
        source.execute("ROLLBACK")
    if proved(made) != read:
        raise _not_the_same(url)
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
