"""Brings a database to the tables of this program and says which version it has; leaves rows to the store.

Asking for the version costs one statement and no library. Alembic is loaded only to change tables.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.errors import DatabaseError
from engine.language import Text
from engine.store.database import (
    APPLICATION_ID,
    WAIT_SECONDS,
    Connection,
    is_postgres,
    open_postgres,
    open_sqlite,
    place,
    refusals,
    side_files,
    sqlite_file,
)

if TYPE_CHECKING:
    import sqlalchemy
    from alembic.config import Config

HEAD = "0020"
"""The newest version of the tables."""

BESIDE = frozenset({"access_log"})
"""Tables on a server that the program makes beside the ledger's own; on one computer they stand in another file."""

SEARCH = frozenset({"search", "search_pending", "search_config", "search_data", "search_idx"})
"""The tables of words by which cases are found, and where SQLite keeps one: made of the cases, so never copied."""

LOCK = 0x514C5A30
"""PostgreSQL's advisory lock under which tables are changed."""


UNSAID: Final = "upgrade_unsaid"
"""The setting that holds what the journal must still say of an upgrade."""

MENDED: Final = "mended"
"""What of it says of how many cases a step put right what was kept beside the journal; a step leaves it to Alembic."""


def bring_up(url: str, version: str | None = None, *, unsaid: Mapping[str, str] | None = None) -> None:
    """Make the database's tables, or bring them to *version* (the newest), in one transaction.

    A SQLite file is made if there is none, readable by its owner only; a PostgreSQL database must
    exist. Doing it twice, or from two programs at once, does it once.

    Args:
        unsaid: What the journal must still say of it, with the version `before`; kept as the setting `UNSAID` in the
            same commit, so that it is said later if the program is killed first.

    Raises:
        DatabaseError: If the database is not ours, is newer than this program or cannot be written.
    """
    with refusals(url), closing(open_postgres(url) if is_postgres(url) else _opened_or_made(url)) as connection:
        wanted = version or HEAD
        if version_of(connection) != wanted:
            migrate(connection, url, wanted, unsaid=unsaid)


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables, or None if there are none of ours."""
    if isinstance(connection, sqlite3.Connection):
        asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    else:
        # Not to_regclass: it may still say no after waiting for the one who just made the table.
        asked = (
            "SELECT 1 FROM pg_class WHERE relname = 'alembic_version' AND relnamespace = current_schema()::regnamespace"
        )
    if connection.execute(asked).fetchone() is None:
        return None
    for (version,) in connection.execute("SELECT version_num FROM alembic_version"):
        return str(version)
    return None


def founding_of(url: str) -> str:
    """Return the body of the row by which the house was set up, in tables of any version; empty if there is none.

    Raises:
        DatabaseError: If they cannot be read.
    """
    with refusals(url), closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        for (body,) in connection.execute("SELECT body FROM journal WHERE case_id = 0 AND seq = 1"):
            return str(body)
        return ""


def require_current(connection: Connection, url: str) -> None:
    """Refuse a database whose tables are not exactly those of this program.

    Raises:
        DatabaseError: With what to do: `init`, `upgrade`, or a newer program.
    """
    version = version_of(connection)
    if version == HEAD:
        return
    if version is None:
        raise DatabaseError(
            Text(
                "{place} has no tables of Qingling; make them: qingling init",
                "{place} 中没有清零的数据表；请先建库：qingling init",
            ).format(place=place(url))
        )
    if version < HEAD:
        raise DatabaseError(
            Text(
                "{place} was made by an older version (tables {version}, now {head}); run: qingling upgrade",
                "{place} 由旧版本建立（表版本 {version}，现为 {head}）；请运行：qingling upgrade",
            ).format(place=place(url), version=version, head=HEAD)
        )
    raise _newer(url, version)


def differences(url: str) -> tuple[Text, ...]:
    """Return how tables, indexes, views and triggers differ from those that this program makes; changes nothing.

    Raises:
        DatabaseError: If the database cannot be read.
    """
    if is_postgres(url):
        return _differences_on_postgres(url)
    from engine.store.parts import PARTS

    with refusals(url), closing(open_sqlite(url)) as connection:
        found = {part: digest_of_part(sql) for part, sql in parts(connection).items()}
    wanted = PARTS
    return tuple(
        _missing(*part) if part not in found else _not_ours(*part) if part not in wanted else _changed(*part)
        for part in sorted(wanted.keys() | found.keys())
        if wanted.get(part) != found.get(part)
    )


def digest_of_part(sql: str) -> str:
    """Return by what a part of a database is known: the beginning of the SHA-256 of its statement."""
    return sha256(sql.encode()).hexdigest()[:32]


def parts(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return what a SQLite database is made of: kind and name, and the statement that made it."""
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    kept_in = SEARCH - {"search", "search_pending"}  # how SQLite makes these is its own affair
    found = {(kind, name): " ".join(sql.split()) for kind, name, sql in rows if name not in kept_in}
    return {part: sql for part, sql in found.items() if not part[1].startswith("sqlite_")}


def _differences_on_postgres(url: str) -> tuple[Text, ...]:
    """Return the same of PostgreSQL: Alembic compares tables and indexes; we make no triggers, rules or views."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    from engine.store.tables import metadata

    with refusals(url), closing(open_postgres(url)) as connection:
        foreign = connection.execute(
            "SELECT 'trigger', t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
            " UNION ALL SELECT 'rule', rulename FROM pg_rules WHERE schemaname = current_schema()"
            " UNION ALL SELECT 'view', viewname FROM pg_views WHERE schemaname = current_schema() ORDER BY 1, 2"
        ).fetchall()
        database = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
        with database.connect() as looking:
            ours = {"include_name": lambda name, kind, _: kind != "table" or name not in BESIDE | SEARCH}
            compared = compare_metadata(MigrationContext.configure(looking, opts=ours), metadata)
            looking.rollback()
    return (*(_not_ours(kind, name) for kind, name in foreign), *(_of_alembic(each) for each in compared))


def _of_alembic(difference: Any) -> Text:
    """Return the sentence for what Alembic would do to come to our tables."""
    if isinstance(difference, list):  # several about one column
        difference = difference[0]
    what, *about = difference
    names = ".".join(str(getattr(each, "name", each)) for each in about if isinstance(getattr(each, "name", each), str))
    if what.startswith("add_"):
        return _missing(what.removeprefix("add_"), names)
    if what.startswith("remove_"):
        return _not_ours(what.removeprefix("remove_"), names)
    return _changed(what.removeprefix("modify_"), names)


def _missing(kind: str, name: str) -> Text:
    return Text(f"the {kind} {name} is missing", f"缺少 {kind} {name}")


def _not_ours(kind: str, name: str) -> Text:
    return Text(f"the {kind} {name} is not of this program", f"{kind} {name} 不是本程序所建")


def _changed(kind: str, name: str) -> Text:
    return Text(f"the {kind} {name} was changed", f"{kind} {name} 已被改动")


def config() -> "Config":
    """Return Alembic's settings, which stand in the code so that they are found wherever it is installed."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", "engine.store:migrations")
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return settings


def migrate(
    connection: Connection,
    url: str,
    target: str = "head",
    settings: "Config | None" = None,
    *,
    unsaid: Mapping[str, str] | None = None,
) -> None:
    """Change the tables behind *connection* to version *target*, all in one transaction.

    Args:
        connection: Open and outside a transaction; stays open.
        url: For sentences only.
        target: A version, `head`, or `base` with a step back.
        settings: Other steps than those of this program.
        unsaid: As for `bring_up`.

    Raises:
        DatabaseError: If there are steps that this program does not know, or tables that are not ours.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    settings = settings or config()
    script = ScriptDirectory.from_config(settings)
    known = {step.revision for step in script.walk_revisions()}
    backwards = target == "base" or target < (version_of(connection) or "")
    with _transaction(connection) as changing:
        version = version_of(connection)
        if version is not None and version not in known:
            raise _newer(url, version)
        if version is None:
            refuse_foreign_tables(connection, url)
        settings.attributes["connection"] = changing
        (command.downgrade if backwards else command.upgrade)(settings, target)
        if unsaid is not None:
            _keep_unsaid(changing, unsaid, mended=settings.attributes.get(MENDED, 0))
        _refuse_broken_references(connection)


def _keep_unsaid(changing: "sqlalchemy.Connection", unsaid: Mapping[str, str], *, mended: int) -> None:
    """Keep what the journal must still say of an upgrade; one before it that it does not say either is part of it.

    Args:
        mended: Of how many cases a step put right what was kept beside the journal.
    """
    import json

    from sqlalchemy import insert, text

    from engine.journal.canonical import canonical
    from engine.store.tables import SettingRow

    before = changing.execute(text("SELECT value FROM settings WHERE name = :name"), {"name": UNSAID}).scalar()
    earlier = {} if before is None else json.loads(before)
    said: dict[str, object] = {**unsaid, **{name: earlier[name] for name in earlier if name == "before"}}
    if mended := mended + earlier.get(MENDED, 0):
        said[MENDED] = mended
    changing.execute(text("DELETE FROM settings WHERE name = :name"), {"name": UNSAID})
    changing.execute(insert(SettingRow).values(name=UNSAID, value=canonical(said)))


def refuse_foreign_tables(connection: Connection, url: str) -> None:
    """Refuse a database that has tables but none of our versions.

    Raises:
        DatabaseError: With the name of one of them.
    """
    if isinstance(connection, sqlite3.Connection):
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1"
    else:
        asked = (
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' LIMIT 1"
        )
    for (table,) in connection.execute(asked):
        raise DatabaseError(
            Text(
                "{place} holds tables of another program ({table}); give Qingling a database of its own",
                "{place} 中已有其他程序的数据表（{table}）；请为清零单独建库",
            ).format(place=place(url), table=table)
        )


def _opened_or_made(url: str) -> sqlite3.Connection:
    """Open the SQLite file, after making it if it is missing or empty."""
    file = sqlite_file(url)
    stray = side_files(file)
    if stray and not file.exists():
        raise DatabaseError(
            Text(
                "{stray} lies there without its database and may hold what was written last; move it away first",
                "{stray} 是缺了主文件的数据库残留，可能含最近写入的内容；请先移开",
            ).format(stray=stray[0])
        )
    if not file.exists() or file.stat().st_size == 0 or _is_half_made(file):
        _make(file)
    return open_sqlite(url)


def _make(file: Path) -> None:
    """Make a SQLite file that bears our mark and no tables yet."""
    if not file.absolute().parent.is_dir():
        raise DatabaseError(
            Text("there is no folder {folder}; make it first", "目录 {folder} 不存在；请先建立").format(
                folder=file.absolute().parent
            )
        )
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        _keep_a_write_ahead_log(connection)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")


def _keep_a_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file to a write-ahead log, waiting for other programs as long as for any lock.

    SQLite does not wait here by itself: it takes a shared lock first, and a holder of one is refused
    the exclusive lock at once, whatever the timeout.
    """
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _is_half_made(file: Path) -> bool:
    """Tell whether the making of *file* was broken off before it bore our mark."""
    with closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
        marked: int = connection.execute("PRAGMA application_id").fetchone()[0]
        return not marked and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


@contextmanager
def _transaction(connection: Connection) -> Iterator["sqlalchemy.Connection"]:
    """Lend *connection* to Alembic for one transaction that keeps other writers away."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import StaticPool

    on_sqlite = isinstance(connection, sqlite3.Connection)

    def lend() -> Any:
        return connection

    database = create_engine("sqlite://" if on_sqlite else "postgresql+psycopg://", creator=lend, poolclass=StaticPool)

    @event.listens_for(database, "begin")
    def begin(started: "sqlalchemy.Connection") -> None:
        started.exec_driver_sql("BEGIN IMMEDIATE" if on_sqlite else "BEGIN")
        if not on_sqlite:
            started.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")

    if on_sqlite:
        connection.execute("PRAGMA foreign_keys=OFF")  # tables are rebuilt by copying; checked before the commit
    try:
        with database.begin() as changing:
            yield changing
    finally:
        if on_sqlite:
            connection.execute("PRAGMA foreign_keys=ON")


def _refuse_broken_references(connection: Connection) -> None:
    """Refuse to commit a step after which a row refers to nothing (PostgreSQL sees to it itself)."""
    if isinstance(connection, sqlite3.Connection):
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise DatabaseError(
                Text(
                    "a row of {table} refers to a row that is not there; nothing was changed, "
                    "bring back a backup: qingling restore",
                    "{table} 中有一行引用了不存在的记录；未作任何更改，请用备份恢复：qingling restore",
                ).format(table=broken[0])
            )


def _newer(url: str, version: str) -> DatabaseError:
    """Return the refusal of tables that this program does not know."""
    return DatabaseError(
        Text(
            "{place} was made by a newer version (tables {version}, this program knows {head}); "
            "install the newer Qingling",
            "{place} 由更新的版本建立（表版本 {version}，本程序只到 {head}）；请安装新版清零",
        ).format(place=place(url), version=version, head=HEAD)
    )
