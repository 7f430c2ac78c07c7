"""Bringing a backup back: proved before it takes the ledger's place, the one before put aside."""

import glob
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engine.errors import BadFileError, DatabaseError, RefusedError
from engine.language import Text
from engine.store import encrypted, schema
from engine.store.backup import digest_of, files_beside, keep_files, proved, read_only, unpack
from engine.store.database import (
    APPLICATION_ID,
    Connection,
    in_schema,
    is_postgres,
    open_postgres,
    open_sqlite,
    place,
    refusals,
    side_files,
    sqlite_file,
)
from engine.store.table_copy import Contents, contents_of, copy_rows
from engine.system.whole_files import apart, give_name, settle, unwritable

STAGE = "qingling_restoring"
"""The PostgreSQL schema in which a backup is unpacked and proved before it takes the ledger's place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What was brought back."""

    place: str
    digest: str
    """SHA-256 of the backup."""
    version: str
    """Of the tables in the backup; the ledger has the newest."""
    counts: dict[str, int]
    aside: str | None
    """Where the ledger is that was there before: a file, or a PostgreSQL schema."""
    put_away: tuple[str, ...]
    """Where side files are that lay beside the place: of a damaged ledger, or of none."""
    files: int
    missing: tuple[str, ...]
    mended: int = 0
    """Of how many cases the backup had wrong whether their terms were kept, which its newer tables put right."""
    recounted: int = 0
    """Of how many cases rows of older programs said a wrong count, which rows of now count again."""


def restore(
    backup: Path,
    url: str,
    *,
    now: datetime,
    replace: bool = False,
    files: Path | None = None,
    note: Callable[[str, str, int], None] | None = None,
    identity: "encrypted.Identity | None" = None,
) -> Restored:
    """Make the database that *url* names from *backup*, brought to the newest version.

    It takes its place only after it was proved, and is proved again where it lies then. What was there before is
    put aside, not thrown away; so are side files without their database, which SQLite would take for a part of it.
    Killed at any moment, it leaves the ledger of before or the new one, with the journal's row.

    Args:
        backup: A file that `back_up` made; it is only read.
        url: A file that does not exist, or a PostgreSQL database without tables; else see *replace*.
        now: Names what is put aside.
        replace: Put aside a ledger that is there.
        files: The folder of attached files; those that lie beside *backup* are copied into it.
        note: Writes into the new ledger that it was restored, or refuses, before it takes its place: is given the
            address of that ledger, the SHA-256 of the backup and how many cases it holds.
        identity: The key that opens an encrypted backup.

    Raises:
        BadFileError: If *backup* is not a backup, is damaged, or was made by a newer program, or if attached files
            cannot be written.
        DatabaseError: If a database is there and is not to be replaced, is in use, or cannot be written.
        RefusedError: If *backup* is encrypted, and not to the key that was given.
    """
    source = _source_of(backup, identity)
    held, digest = source.held, source.digest
    kept, missing = 0, tuple[str, ...]()

    def ready(staged: str) -> None:
        nonlocal kept, missing
        if note is not None:  # before the files, so that what it refuses leaves none
            note(staged, digest, held.counts["cases"])
        try:
            kept, missing = source.keep_files(files)
        except OSError as error:
            raise unwritable(error, files or backup) or error from error

    aside, put_away = (_into_postgres if is_postgres(url) else _into_sqlite)(
        source, url, now=now, replace=replace, ready=ready
    )
    return Restored(
        place=place(url),
        digest=digest,
        version=held.version or "",
        counts=dict(held.counts),
        aside=aside,
        put_away=put_away,
        files=kept,
        missing=missing,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A backup that was proved, and how what it holds is had."""

    held: Contents
    digest: str
    unpack: Callable[[Path], None]
    lent: Callable[[], AbstractContextManager[sqlite3.Connection]]
    keep_files: Callable[[Path | None], tuple[int, tuple[str, ...]]]

    @property
    def unsaid(self) -> Mapping[str, str]:
        """What the journal must say of it when its tables are brought to this program's version."""
        return {"before": str(self.held.version), "after": schema.HEAD, "digest": self.digest}


def _source_of(backup: Path, identity: "encrypted.Identity | None") -> _Source:
    """Return a backup, encrypted or not, after proving that it is a whole backup of ours.

    Raises:
        BadFileError, RefusedError: As for `restore`.
    """
    if not encrypted.is_encrypted(backup):
        return _Source(
            held=_checked(backup),
            digest=digest_of(backup),
            unpack=partial(unpack, backup),
            lent=lambda: closing(read_only(backup)),
            keep_files=lambda files: keep_files(backup, files_beside(backup), files),
        )
    if identity is None:
        raise RefusedError(
            Text(
                f"{backup} is encrypted; name the file of the key: --identity FILE",
                f"{backup} 已加密；请指明私钥文件：--identity 文件",
            )
        )
    opened = encrypted.EncryptedBackup(backup, identity)
    try:
        held = encrypted.contents_in(opened.ledger)
    except (sqlite3.DatabaseError, DatabaseError) as error:
        raise _damaged(backup) from error

    def write(file: Path) -> None:
        file.touch(mode=0o600)
        file.write_bytes(opened.ledger)

    return _Source(
        held=_ours(backup, held),
        digest=digest_of(backup),
        unpack=write,
        lent=lambda: encrypted.opened(opened.ledger),
        keep_files=opened.keep_files,
    )


def _damaged(backup: Path) -> BadFileError:
    """Return what is said of a backup that is not whole."""
    return BadFileError(
        Text(
            "{file} is damaged or no backup; nothing was changed, take another backup",
            "{file} 已损坏或不是备份；未作任何更改，请换一份备份",
        ).format(file=backup)
    )


def _checked(backup: Path) -> Contents:
    """Return what *backup* holds after proving that it is a whole backup of ours."""
    if not backup.is_file():
        raise BadFileError(Text("there is no file {file}", "没有文件 {file}").format(file=backup))
    # A file whose log lies beside it opens as `immutable` without the log: what was written last would be lost in
    # silence.
    if any(not each.name.endswith("-shm") for each in side_files(backup)):
        raise BadFileError(
            Text(
                "{file} is a ledger in use, and what was written last is not in it; take a backup: qingling backup",
                "{file} 是正在使用的台账，最近写入的内容不在其中；请先备份：qingling backup",
            ).format(file=backup)
        )
    try:
        with closing(read_only(backup)) as connection:
            ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        held = proved(backup) if ours else None
    except (sqlite3.DatabaseError, DatabaseError) as error:
        raise _damaged(backup) from error
    return _ours(backup, held)


def _ours(backup: Path, held: Contents | None) -> Contents:
    """Return what a backup holds if this program can read it.

    Raises:
        BadFileError: If it is no backup of ours, or a newer program made it.
    """
    if held is None or held.version is None:
        raise BadFileError(Text("{file} is no backup of Qingling", "{file} 不是清零的备份").format(file=backup))
    if held.version > schema.HEAD:
        raise BadFileError(
            Text(
                "{file} was made by a newer version (tables {version}); install the newer Qingling",
                "{file} 由更新的版本生成（表版本 {version}）；请安装新版清零",
            ).format(file=backup, version=held.version)
        )
    return held


def _into_sqlite(
    source: _Source, url: str, *, now: datetime, replace: bool, ready: Callable[[str], None]
) -> tuple[str | None, tuple[str, ...]]:
    """Make a SQLite ledger from *backup*; return where the one before is, and where stray side files are."""
    file = sqlite_file(url)
    if file.exists() and not replace:
        raise _occupied(url)
    try:
        with refusals(url), apart(file.absolute()) as folder:
            made = folder / "restored.db"
            source.unpack(made)
            if proved(made) != source.held:
                raise _changed(url)
            schema.bring_up(str(made), unsaid=source.unsaid)
            ready(str(made))
            with closing(open_sqlite(str(made))) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            wanted = proved(made)
            with _nobody_in(file):
                aside = _linked_aside(file, now, replace=replace)
                put_away = _side_files_away(file, now)
                settle(made)
                with _held(made) as connection:
                    give_name(made, file, replace=aside is not None)
                    _prove_in_place(connection, url, file, wanted, aside, now)
    except FileExistsError as error:
        raise _occupied(url) from error
    return None if aside is None else str(aside), put_away


@contextmanager
def _nobody_in(file: Path) -> Iterator[None]:
    """Keep everybody out of a SQLite ledger, as far as it can be opened at all, while another takes its place.

    What is in its log is taken into it before, so that it is one file. A process that waits for it meanwhile finds
    that it was moved, and is refused by SQLite.
    """
    with ExitStack() as held:
        if file.exists():
            connection = held.enter_context(closing(sqlite3.connect(file, timeout=1, isolation_level=None)))
            try:
                connection.execute("PRAGMA journal_mode=DELETE")  # refused while anyone else has it open
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    raise
        yield


@contextmanager
def _held(made: Path) -> Iterator[sqlite3.Connection]:
    """Lend a finished ledger that nobody else can open, under whatever name it goes, until the end.

    Without this a writer who comes between the swap and the proof makes the proof fail and loses what was written.
    No other file handle on it may be opened and closed meanwhile: the system would give up the lock.
    """
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield connection
        connection.execute("ROLLBACK")


def _linked_aside(file: Path, now: datetime, *, replace: bool) -> Path | None:
    """Give a SQLite ledger, damaged or not, a second name beside it; until it is replaced it keeps the first."""
    if not file.exists():
        return None
    if not replace:
        raise FileExistsError
    aside = _aside_name(file, now)
    for each in file.parent.glob(f"{glob.escape(file.stem)}-before-*{glob.escape(file.suffix)}"):
        if each.samefile(file):
            each.unlink()  # from a restore that was killed before it replaced anything
    try:
        os.link(file, aside)
    except FileExistsError:
        raise _occupied(str(aside)) from None
    except OSError:  # a disk on which a file has only one name
        file.rename(aside)
    return aside


def _side_files_away(file: Path, now: datetime) -> tuple[str, ...]:
    """Move the side files beside *file* to where the ledger of before is or would be; return their new names."""
    aside = _aside_name(file, now)
    moved = []
    for each in side_files(file):
        target = aside.with_name(aside.name + each.name.removeprefix(file.name))
        if target.exists():
            raise _occupied(str(target))
        each.rename(target)
        moved.append(str(target))
    return tuple(moved)


def _prove_in_place(
    connection: sqlite3.Connection, url: str, file: Path, wanted: Contents, aside: Path | None, now: datetime
) -> None:
    """Look at the ledger as everybody will see it; if it is not the one that was made, bring back that of before.

    Args:
        connection: Holds the ledger that was made, which nobody else can have written to.

    Raises:
        DatabaseError: If so; what was made is kept under another name.
    """
    found = contents_of(connection)
    # A log beside the name would be replayed into the ledger by the next to open it.
    if found != wanted or side_files(file):
        file.rename(file.with_name(f"{file.stem}-not-proved-{_stamp(now)}{file.suffix}"))
        if aside is not None:
            aside.rename(file)
        raise _changed(url)


def _aside_name(file: Path, now: datetime) -> Path:
    """Return the name under which a ledger is kept that was replaced at *now*."""
    return file.with_name(f"{file.stem}-before-{_stamp(now)}{file.suffix}")


def _into_postgres(
    backup: _Source, url: str, *, now: datetime, replace: bool, ready: Callable[[str], None]
) -> tuple[str | None, tuple[str, ...]]:
    """Make a PostgreSQL ledger from *backup*; return the schema to which the one before was moved."""
    with refusals(url), closing(open_postgres(url)) as connection, backup.lent() as source:
        held = backup.held
        (home,) = connection.execute("SELECT current_schema()").fetchone() or ("public",)
        connection.execute("SET lock_timeout = '30s'")
        connection.execute(f"SELECT pg_advisory_lock({schema.LOCK} + 1)")
        there = schema.version_of(connection) is not None
        if there and not replace:
            raise _occupied(url)
        if not there:
            schema.refuse_foreign_tables(connection, url)
        connection.execute(f"DROP SCHEMA IF EXISTS {STAGE} CASCADE")
        connection.execute(f"CREATE SCHEMA {STAGE}")
        connection.execute(f"SET search_path TO {STAGE}")
        schema.migrate(connection, url, str(held.version))
        with connection.transaction():
            copy_rows(source, connection)
            if contents_of(connection) != held:
                raise _changed(url)
        if held.version != schema.HEAD:
            schema.migrate(connection, url, unsaid=backup.unsaid)
        try:
            ready(in_schema(url, STAGE))
        except BaseException:
            connection.execute(f"DROP SCHEMA {STAGE} CASCADE")  # a refusal leaves nothing behind
            raise
        wanted = contents_of(connection)
        aside = f"before_{_stamp(now).replace('-', '_')}" if there else None
        with connection.transaction():
            if aside is not None:
                connection.execute(f"CREATE SCHEMA {aside}")
                _move_tables(connection, home, aside)
            _move_tables(connection, STAGE, home)
            connection.execute(f"DROP SCHEMA {STAGE}")
            connection.execute(f'SET LOCAL search_path TO "{home}"')
            if contents_of(connection) != wanted:
                raise _changed(url)
    return aside, ()


def _move_tables(connection: Connection, source: str, target: str) -> None:
    """Move all tables of one PostgreSQL schema to another, with their indexes and counters."""
    asked = f"SELECT tablename FROM pg_tables WHERE schemaname = '{source}'"
    for (table,) in connection.execute(asked).fetchall():
        connection.execute(f'ALTER TABLE "{source}"."{table}" SET SCHEMA "{target}"')


def _stamp(now: datetime) -> str:
    """Return *now* as part of a name, in UTC."""
    return now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")


def _occupied(url: str) -> DatabaseError:
    """Return the refusal of a place where a database is."""
    return DatabaseError(
        Text(
            "there is a database at {place}; choose another place, or put it aside: --replace",
            "{place} 处已有数据库；请另选位置，或用 --replace 将其移开保存",
        ).format(place=place(url))
    )


def _changed(url: str) -> DatabaseError:
    """Return the refusal of a copy that is not what was copied."""
    return DatabaseError(
        Text(
            "what was restored into {place} is not what the backup holds; nothing was replaced, try again",
            "恢复到 {place} 的内容与备份不一致；未替换任何内容，请重试",
        ).format(place=place(url))
    )
