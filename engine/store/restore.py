"""Bringing a backup back: proved before it takes the ledger's place, the one before put aside."""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import BadFileError, DatabaseError
from engine.language import Text
from engine.store import schema
from engine.store.backup import digest_of, files_beside, keep_files, proved, put_new, read_only, unpack
from engine.store.database import (
    APPLICATION_ID,
    Connection,
    is_postgres,
    open_postgres,
    open_sqlite,
    place,
    refusals,
    sqlite_file,
)
from engine.store.table_copy import Contents, contents_of, copy_rows

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
    files: int
    missing: tuple[str, ...]


def restore(backup: Path, url: str, *, now: datetime, replace: bool = False, files: Path | None = None) -> Restored:
    """Make the database that *url* names from *backup*, brought to the newest version.

    It takes its place only after it was proved. What was there before is put aside, not thrown away.

    Args:
        backup: A file that `back_up` made; it is only read.
        url: A file that does not exist, or a PostgreSQL database without tables; else see *replace*.
        now: Names what is put aside.
        replace: Put aside a ledger that is there.
        files: The folder of attached files; those that lie beside *backup* are copied into it.

    Raises:
        BadFileError: If *backup* is not a backup, is damaged, or was made by a newer program.
        DatabaseError: If a database is there and is not to be replaced, is in use, or cannot be written.
    """
    held = _checked(backup)
    aside = (_into_postgres if is_postgres(url) else _into_sqlite)(backup, held, url, now=now, replace=replace)
    kept, missing = keep_files(backup, files_beside(backup), files)
    return Restored(
        place=place(url),
        digest=digest_of(backup),
        version=held.version or "",
        counts=dict(held.counts),
        aside=aside,
        files=kept,
        missing=missing,
    )


def _checked(backup: Path) -> Contents:
    """Return what *backup* holds after proving that it is a whole backup of ours."""
    if not backup.is_file():
        raise BadFileError(Text("there is no file {file}", "没有文件 {file}").format(file=backup))
    if backup.with_name(f"{backup.name}-wal").exists():
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
        raise BadFileError(
            Text(
                "{file} is damaged or no backup; nothing was changed, take another backup",
                "{file} 已损坏或不是备份；未作任何更改，请换一份备份",
            ).format(file=backup)
        ) from error
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


def _into_sqlite(backup: Path, held: Contents, url: str, *, now: datetime, replace: bool) -> str | None:
    """Make a SQLite ledger from *backup*; return the file to which the one before was moved."""
    file = sqlite_file(url)
    there = file.exists()
    if there and not replace:
        raise _occupied(url)
    try:
        with refusals(url), tempfile.TemporaryDirectory(prefix=f".{file.stem}-", dir=file.absolute().parent) as folder:
            made = Path(folder) / "restored.db"
            unpack(backup, made)
            if proved(made) != held:
                raise _changed(url)
            schema.bring_up(str(made))
            with closing(open_sqlite(str(made))) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            aside = _set_aside(file, now) if there else None
            put_new(made, file)
    except FileExistsError as error:
        raise _occupied(url) from error
    except OSError as error:
        raise DatabaseError(
            Text("{place} cannot be written ({why})", "无法写入 {place}（{why}）").format(
                place=place(url), why=error.strerror
            )
        ) from error
    return aside


def _set_aside(file: Path, now: datetime) -> str:
    """Move a SQLite ledger, damaged or not, to a name of its own beside it."""
    try:
        with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # refused while anyone else has it open
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise
    aside = file.with_name(f"{file.stem}-before-{_stamp(now)}{file.suffix}")
    if aside.exists():
        raise _occupied(str(aside))
    for tail in ("-wal", "-shm", ""):
        if (lying := file.with_name(file.name + tail)).exists():
            lying.rename(aside.with_name(aside.name + tail))
    return str(aside)


def _into_postgres(backup: Path, held: Contents, url: str, *, now: datetime, replace: bool) -> str | None:
    """Make a PostgreSQL ledger from *backup*; return the schema to which the one before was moved."""
    with refusals(url), closing(open_postgres(url)) as connection, closing(read_only(backup)) as source:
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
            schema.migrate(connection, url)
        aside = f"before_{_stamp(now).replace('-', '_')}" if there else None
        with connection.transaction():
            if aside is not None:
                connection.execute(f"CREATE SCHEMA {aside}")
                _move_tables(connection, home, aside)
            _move_tables(connection, STAGE, home)
            connection.execute(f"DROP SCHEMA {STAGE}")
    return aside


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
