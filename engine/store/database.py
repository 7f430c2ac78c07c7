"""Where a database is, opening it, and the one line that says why it cannot be opened.

A database is named by one string: the path of a file (SQLite), or an address that begins with
`postgresql://`. Both connections begin and end their transactions by hand. A password is never
part of a sentence.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from engine.errors import DatabaseError
from engine.language import Text
from engine.working_days.instants import instant

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "sqlite3.Connection | psycopg.Connection[tuple[Any, ...]]"

APPLICATION_ID = 0x514C5A30
"""Stands in the header of our SQLite files ("QLZ0"), so that another program's file is known."""
WAIT_SECONDS = 30
"""How long a writer waits for another one."""
ANSWER_SECONDS = 10
"""How long we wait for a server to answer."""
SYNCHRONOUS = "FULL"
"""How SQLite waits for the disk: what was said to be written is there after a power cut too."""
SIDE_TAILS = ("-wal", "-shm", "-journal")
"""What the names of SQLite's side files end in."""

_POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")


def is_postgres(url: str) -> bool:
    """Tell whether *url* names a PostgreSQL database; all else is a file."""
    return url.startswith(_POSTGRES)


def sqlite_file(url: str) -> Path:
    """Return the file that *url* names: a plain path, or `sqlite:///path`.

    Raises:
        DatabaseError: If it names a kind of database that is not supported.
    """
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if "://" in url:
        raise DatabaseError(
            Text(
                "{scheme} is no database that Qingling can use; give the path of a file or postgresql://…",
                "清零不支持 {scheme} 数据库；请给出文件路径或 postgresql://… 地址",
            ).format(scheme=url.partition("://")[0])
        )
    return Path(url)


def side_files(file: Path) -> tuple[Path, ...]:
    """Return the files beside a SQLite database that SQLite would take for parts of it, as far as they are there."""
    return tuple(each for tail in SIDE_TAILS if (each := file.with_name(file.name + tail)).exists())


def in_schema(url: str, schema: str) -> str:
    """Return the address of another schema of the PostgreSQL database that *url* names."""
    parts = urlsplit(_conninfo(url))
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} -csearch_path={schema}".strip()
    return parts._replace(query=urlencode(query, quote_via=quote)).geturl()


def place(url: str) -> str:
    """Return *url* as it may be shown: without a password."""
    if not is_postgres(url):
        return str(sqlite_file(url))
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(_conninfo(url))
    except ProgrammingError:
        return "postgresql://…"
    name = parts.get("dbname") or parts.get("user") or ""
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('host') or 'localhost'}{port}/{name}"


def open_sqlite(url: str) -> sqlite3.Connection:
    """Open the existing SQLite file of ours that *url* names.

    Raises:
        DatabaseError: If it is missing, cannot be read and written, or is not ours.
    """
    file = sqlite_file(url)
    _require_file(file)
    with refusals(url):
        connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=WAIT_SECONDS,
            cached_statements=256,
        )
    try:
        with refusals(url):
            number: int = connection.execute("PRAGMA application_id").fetchone()[0]
            if number != APPLICATION_ID:
                raise _not_ours(file, empty=number == 0 and _is_empty(connection))
            connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
            connection.execute("PRAGMA foreign_keys=ON")
    except DatabaseError:
        connection.close()
        raise
    return connection


def open_postgres(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """Connect to the PostgreSQL database that *url* names.

    Raises:
        DatabaseError: If there is no such server or database, or it does not let us in.
    """
    return open_postgres_at(url)[0]


def open_postgres_at(url: str) -> "tuple[psycopg.Connection[tuple[Any, ...]], datetime]":
    """Connect to the PostgreSQL database that *url* names, and return as well what its own clock says (aware, UTC).

    The clock is asked in the statement that is sent in any case.

    Raises:
        DatabaseError: If there is no such server or database, or it does not let us in.
    """
    import psycopg

    with refusals(url):
        connection = psycopg.connect(_conninfo(url), autocommit=True, connect_timeout=ANSWER_SECONDS)
        # Who waits for a lock must see what was committed meanwhile, whatever the server begins by default. The clock
        # as a whole number: the driver would give an instant in the zone of the session.
        asked = (
            f"SELECT set_config('lock_timeout', '{WAIT_SECONDS}s', false),"
            " set_config('default_transaction_isolation', 'read committed', false),"
            " floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        )
        ((_, _, now_at),) = connection.execute(asked)
        return connection, instant(now_at)


def in_one_message(
    connection: "psycopg.Connection[tuple[Any, ...]]", statements: LiteralString, values: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Run two statements of PostgreSQL in one message, which is one transaction; return the rows of the second.

    The values are written into it here: a message with several statements takes none beside them.
    """
    from psycopg import ClientCursor

    cursor = ClientCursor(connection).execute(statements, values)
    cursor.nextset()
    return cursor.fetchall()


@contextmanager
def refusals(url: str) -> Iterator[None]:
    """Turn what a driver raises about the database itself into one sentence about *url*.

    Broken constraints and wrong statements are bugs, and pass through, without the values of rows.

    Raises:
        DatabaseError: In place of the driver's error.
    """
    try:
        yield
    except Exception as error:
        driver = getattr(error, "orig", None) or error  # SQLAlchemy wraps what the driver raised
        refusal = _postgres_refusal(driver, url) if is_postgres(url) else _sqlite_refusal(driver, url)
        if refusal is None:
            raise
        raise refusal from None  # a driver's error may hold the address, password and all


_SQLITE = {
    sqlite3.SQLITE_NOTADB: Text("{place} is not a database; choose another file", "{place} 不是数据库文件；请另选文件"),
    sqlite3.SQLITE_CORRUPT: Text(
        "{place} is damaged; bring back a backup: qingling restore",
        "{place} 已损坏；请用备份恢复：qingling restore",
    ),
    sqlite3.SQLITE_READONLY: Text(
        "{place} cannot be written; give yourself the right to write the file and its folder",
        "{place} 不可写；请取得该文件及其目录的写权限",
    ),
    sqlite3.SQLITE_CANTOPEN: Text(
        "{place} cannot be opened; check that its folder exists and can be written",
        "无法打开 {place}；请确认目录存在且可写",
    ),
    sqlite3.SQLITE_BUSY: Text(
        "{place} is in use by another program; try again in a moment",
        "{place} 正被其他程序占用；请稍后重试",
    ),
    sqlite3.SQLITE_FULL: Text(
        "the disk of {place} is full; nothing was written, make room and try again",
        "{place} 所在磁盘已满；未写入任何内容，请清理后重试",
    ),
    sqlite3.SQLITE_IOERR: Text(
        "{place} cannot be read or written (disk error); check the disk, then try again",
        "{place} 读写失败（磁盘错误）；请检查磁盘后重试",
    ),
}

_NO_TEXT = Text(
    "{place} was altered: it holds a text that is none; bring back a backup: qingling restore",
    "{place} 被改动：其中有无法读取的文字；请用备份恢复：qingling restore",
)

_SQLSTATES = {
    "28": Text(
        "{place} does not let this user in; check the user and the password in the address",
        "{place} 拒绝该用户登录；请核对地址中的用户名和口令",
    ),
    "3D": Text(
        "{place} does not exist on that server; create it: createdb", "服务器上没有 {place}；请先用 createdb 建库"
    ),
    "42501": Text(
        "{place} does not allow this user to do that; ask its owner for the right",
        "{place} 未授予该用户此项权限；请联系库主授权",
    ),
    "53": Text(
        "{place} has no room left (disk, memory or connections); try again later",
        "{place} 资源不足（磁盘、内存或连接数）；请稍后重试",
    ),
    "55": Text(
        "{place} is in use by another program; try again in a moment",
        "{place} 正被其他程序占用；请稍后重试",
    ),
    "57": Text(
        "{place} is being shut down or cancelled the statement; try again later",
        "{place} 正在关闭或已取消操作；请稍后重试",
    ),
    "25006": Text(
        "{place} is read-only (a standby?); use the address of the primary server",
        "{place} 为只读（可能是备机）；请改用主库地址",
    ),
}

_UNREACHABLE = Text(
    "{place} cannot be reached; check the address and that the server runs",
    "无法连接 {place}；请核对地址并确认服务器已启动",
)
_BAD_ADDRESS = Text(
    "the address of the database cannot be read; it looks like postgresql://USER:PASSWORD@HOST/NAME",
    "无法识别数据库地址；格式为 postgresql://用户:口令@主机/库名",
)


def altered(error: BaseException) -> DatabaseError | None:
    """Return what to say of a table or column that is gone, or None if *error* is about something else."""
    gone = getattr(error, "sqlstate", None) in {"42P01", "42703"} or (
        isinstance(error, sqlite3.OperationalError) and str(error).startswith(("no such table", "no such column"))
    )
    if not gone:
        return None
    return DatabaseError(
        Text(
            f"the database was altered: {' '.join(str(error).split()[:6])}; bring back a backup: qingling restore",
            f"数据库被改动（{' '.join(str(error).split()[:6])}）；请用备份恢复：qingling restore",
        )
    )


def _sqlite_refusal(error: BaseException, url: str) -> DatabaseError | None:
    """Return what to say of *error*, or None if it is not about the database itself."""
    code = getattr(error, "sqlite_errorcode", None)
    sentence = _SQLITE.get(code & 0xFF) if code is not None else None
    if str(error).startswith("Could not decode to UTF-8"):  # its words go on with the value itself
        sentence = _NO_TEXT
    return None if sentence is None else DatabaseError(sentence.format(place=place(url)))


def _postgres_refusal(error: BaseException, url: str) -> DatabaseError | None:
    """Return what to say of *error*, or None if it is not about the database itself."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    sentence = _SQLSTATES.get(state) or _SQLSTATES.get(state[:2])
    if sentence is None and error.diag.message_primary:
        # What follows it, detail and context, repeats whole rows: an error goes on to logs and to cron's mail.
        error.args = (error.diag.message_primary,)
    if sentence is None and not state:
        wrong = str(error)
        if isinstance(error, psycopg.OperationalError):
            # While connecting, libpq tells of a refused login or a missing database in words only.
            sentence = _in_words(wrong)
        elif place(url) == "postgresql://…":
            sentence = _BAD_ADDRESS
    return None if sentence is None else DatabaseError(sentence.format(place=place(url)))


def _in_words(message: str) -> Text:
    """Return the sentence for what libpq says while it connects, which carries no code."""
    if any(sign in message for sign in ("password", "authentication", "认证", "pg_hba", "role")):
        return _SQLSTATES["28"]
    if "does not exist" in message or "不存在" in message:
        return _SQLSTATES["3D"]
    return _UNREACHABLE


def _conninfo(url: str) -> str:
    """Return the address as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _require_file(file: Path) -> None:
    """Refuse a path at which there is no file that can be read and written."""
    if file.is_dir():
        raise DatabaseError(
            Text("{file} is a folder; name the database file in it", "{file} 是目录；请给出其中的数据库文件").format(
                file=file
            )
        )
    if not file.exists():
        raise DatabaseError(
            Text(
                "there is no database at {file}; make one: qingling init",
                "{file} 处没有数据库；请先建库：qingling init",
            ).format(file=file)
        )
    if not (os.access(file, os.R_OK | os.W_OK) and os.access(file.absolute().parent, os.W_OK | os.X_OK)):
        raise DatabaseError(_SQLITE[sqlite3.SQLITE_READONLY].format(place=file))


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether nothing was ever made in the file."""
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _not_ours(file: Path, *, empty: bool) -> DatabaseError:
    """Return the refusal of a SQLite file that Qingling did not make."""
    if empty:
        return DatabaseError(
            Text("{file} is empty; make the database: qingling init", "{file} 是空的；请先建库：qingling init").format(
                file=file
            )
        )
    return DatabaseError(
        Text(
            "{file} is a database of another program; choose another file",
            "{file} 是其他程序的数据库；请另选文件",
        ).format(file=file)
    )
