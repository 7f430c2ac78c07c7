"""A database is made once, opened only if it is ours and current, and refused in one line otherwise."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from databases import PostgresServer

from engine.errors import DatabaseError
from engine.language import Text, speaking
from engine.store import database as places
from engine.store import schema
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

SECRET = "Tr0ub4dor"


def opened(url: str) -> Connection:
    """Open *url* as the program does before it reads a row."""
    connection = open_postgres(url) if is_postgres(url) else open_sqlite(url)
    try:
        schema.require_current(connection, url)
    except DatabaseError:
        connection.close()
        raise
    return connection


def set_version(url: str, version: str) -> None:
    """Pretend that another version of the program made the tables."""
    with closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        connection.execute(f"UPDATE alembic_version SET version_num = '{version}'")


def test_bringing_up_makes_a_database_that_opens(empty_url: str) -> None:
    """What bring_up makes has the newest version and passes the check."""
    schema.bring_up(empty_url)

    with closing(opened(empty_url)) as connection:
        assert schema.version_of(connection) == schema.HEAD


def test_bringing_up_again_keeps_the_rows(database_url: str) -> None:
    """A second bring_up changes nothing."""
    with closing(opened(database_url)) as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES ('zone', '\"Asia/Shanghai\"')")

    schema.bring_up(database_url)

    with closing(opened(database_url)) as connection:
        assert connection.execute("SELECT value FROM settings").fetchall() == [('"Asia/Shanghai"',)]


def test_two_programs_may_bring_up_at_once(empty_url: str) -> None:
    """Of two programs that make the tables at the same time one does it and neither fails."""
    script = f"from engine.store.schema import bring_up; bring_up({empty_url!r})"
    running = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(3)]
    ends = [(program.communicate()[1], program.returncode) for program in running]

    assert ends == [(b"", 0)] * 3
    opened(empty_url).close()


def test_many_may_make_one_file_at_once(tmp_path: Path) -> None:
    """Of four that make the same new file in the same instant none is refused, twenty times over."""
    refused: list[DatabaseError] = []

    def make(url: str, together: threading.Barrier) -> None:
        together.wait()
        try:
            schema.bring_up(url)
        except DatabaseError as error:
            refused.append(error)

    for number in range(20):
        together = threading.Barrier(4)
        url = str(tmp_path / f"{number}.db")
        making = [threading.Thread(target=make, args=(url, together)) for _ in range(4)]
        for each in making:
            each.start()
        for each in making:
            each.join()

    assert refused == []


@pytest.mark.usefixtures("as_shipped")
def test_a_new_file_is_ours_alone(tmp_path: Path) -> None:
    """A new SQLite file bears our mark, keeps a write-ahead log, and nobody else may read it."""
    file = tmp_path / "清零 100%.db"
    schema.bring_up(str(file))

    with closing(open_sqlite(str(file))) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_making_that_was_broken_off_is_taken_up_again(tmp_path: Path) -> None:
    """Files left by an init that died at any moment are finished by the next one."""
    touched, unmarked, marked = (tmp_path / name for name in ("touched.db", "unmarked.db", "marked.db"))
    touched.touch()
    with closing(sqlite3.connect(unmarked)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    with closing(sqlite3.connect(marked)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")

    for file in (touched, unmarked, marked):
        with pytest.raises(DatabaseError, match="qingling init"):
            opened(str(file))
        schema.bring_up(str(file))
        opened(str(file)).close()


def test_a_step_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the last check fails, none of the tables exists."""

    def refuse(connection: Connection) -> None:
        raise DatabaseError(Text("no", "否"))

    monkeypatch.setattr(schema, "_refuse_broken_references", refuse)
    with pytest.raises(DatabaseError):
        schema.bring_up(empty_url)

    with closing(open_postgres(empty_url) if is_postgres(empty_url) else open_sqlite(empty_url)) as connection:
        assert schema.version_of(connection) is None
    monkeypatch.undo()
    schema.bring_up(empty_url)
    opened(empty_url).close()


def _missing(file: Path) -> None:
    """Leave nothing there."""


def _folder(file: Path) -> None:
    """Put a folder there."""
    file.mkdir()


def _words(file: Path) -> None:
    """Put a text there."""
    file.write_text("编号,线索内容\n" * 500, encoding="utf-8")


def _foreign(file: Path) -> None:
    """Put another program's SQLite file there."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER PRIMARY KEY)")


def _older(file: Path) -> None:
    """Put a ledger of an older program there."""
    schema.bring_up(str(file))
    set_version(str(file), "0000")


def _newer(file: Path) -> None:
    """Put a ledger of a newer program there."""
    schema.bring_up(str(file))
    set_version(str(file), "0999")


def _damaged(file: Path) -> None:
    """Put a ledger there whose first pages were overwritten."""
    schema.bring_up(str(file))
    content = bytearray(file.read_bytes())
    content[100:8192] = b"\xff" * 8092
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("put", "en", "zh"),
    [
        pytest.param(_missing, "no database at {file}; make one: qingling init", "qingling init", id="missing"),
        pytest.param(_folder, "{file} is a folder", "{file} 是目录", id="folder"),
        pytest.param(_words, "{file} is not a database", "{file} 不是数据库文件", id="not a database"),
        pytest.param(_foreign, "{file} is a database of another program", "其他程序的数据库", id="another program"),
        pytest.param(_older, "run: qingling upgrade", "请运行：qingling upgrade", id="older"),
        pytest.param(_newer, "made by a newer version", "由更新的版本建立", id="newer"),
        pytest.param(_damaged, "{file} is damaged", "{file} 已损坏", id="damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, put: Callable[[Path], None], en: str, zh: str
) -> None:
    """Each wrong file has its own sentence, in both languages, and exit code 12."""
    file = tmp_path / "ledger.db"
    put(file)

    with pytest.raises(DatabaseError) as refused:
        opened(str(file))

    assert refused.value.exit_code == 12
    assert en.format(file=file) in refused.value.sentence.en
    assert zh.format(file=file) in refused.value.sentence.zh
    assert "\n" not in refused.value.sentence.en


@pytest.mark.parametrize("put", [_folder, _words, _foreign, _newer, _damaged], ids=lambda put: put.__name__)
def test_bringing_up_never_touches_what_is_not_ours(tmp_path: Path, put: Callable[[Path], None]) -> None:
    """A file that is not an older ledger of ours is left byte for byte as it was."""
    file = tmp_path / "ledger.db"
    put(file)
    before = None if file.is_dir() else file.read_bytes()

    with pytest.raises(DatabaseError):
        schema.bring_up(str(file))

    assert (None if file.is_dir() else file.read_bytes()) == before


def test_bringing_up_needs_the_folder(tmp_path: Path) -> None:
    """A file in a folder that does not exist is refused with the folder's name."""
    with speaking("en"), pytest.raises(DatabaseError, match="there is no folder"):
        schema.bring_up(str(tmp_path / "nowhere" / "ledger.db"))


def test_a_file_that_may_not_be_written_is_refused(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger on a read-only disk is refused before anything is read."""
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)

    with speaking("en"), pytest.raises(DatabaseError, match="cannot be written; give yourself the right"):
        opened(sqlite_url)


def test_a_write_that_the_disk_refuses_is_said_in_one_line(sqlite_url: str) -> None:
    """A file that turns out to be read-only while writing has the same sentence; a wrong statement is a bug."""
    with closing(sqlite3.connect(f"file:{sqlite_url}?mode=ro", uri=True)) as connection:
        with speaking("en"), pytest.raises(DatabaseError, match="cannot be written"), refusals(sqlite_url):
            connection.execute("INSERT INTO settings VALUES ('a', '1')")
        with pytest.raises(sqlite3.OperationalError), refusals(sqlite_url):
            connection.execute("SELECT nonsense FROM settings")


def test_a_database_held_by_another_program_is_said_in_one_line(sqlite_url: str) -> None:
    """A lock that does not open in time is a refusal, not a traceback."""
    with (
        closing(open_sqlite(sqlite_url)) as first,
        closing(sqlite3.connect(sqlite_url, timeout=0, isolation_level=None)) as second,
    ):
        first.execute("BEGIN IMMEDIATE")
        with speaking("en"), pytest.raises(DatabaseError, match="in use by another program"), refusals(sqlite_url):
            second.execute("BEGIN IMMEDIATE")


def test_bringing_up_waits_for_another_program_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock met in the middle of making tables is the same refusal, though Alembic wraps it."""
    file = tmp_path / "ledger.db"
    schema._make(file)
    monkeypatch.setattr(places, "WAIT_SECONDS", 0)
    with closing(open_sqlite(str(file))) as other:
        other.execute("BEGIN IMMEDIATE")
        with speaking("en"), pytest.raises(DatabaseError, match="in use by another program"):
            schema.bring_up(str(file))

    schema.bring_up(str(file))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://clerk:{SECRET}@db.example:5433/ledger", "postgresql://db.example:5433/ledger"),
        (f"postgres://clerk:{SECRET}@db.example/ledger", "postgresql://db.example/ledger"),
        (f"postgresql+psycopg://db.example/ledger?user=clerk&password={SECRET}", "postgresql://db.example/ledger"),
        (f"postgresql://clerk:{SECRET}%zz@db.example/ledger", "postgresql://…"),
        ("/srv/qingling/ledger.db", "/srv/qingling/ledger.db"),
        ("sqlite:////srv/qingling/ledger.db", "/srv/qingling/ledger.db"),
    ],
)
def test_a_place_is_shown_without_its_password(address: str, shown: str) -> None:
    """No way of writing a password into an address brings it to the screen."""
    assert place(address) == shown


def test_a_kind_of_database_that_is_not_supported_is_refused() -> None:
    """An address of another kind of database is not taken for a file."""
    with speaking("en"), pytest.raises(DatabaseError, match="mysql is no database that Qingling can use"):
        sqlite_file("mysql://localhost/ledger")


@pytest.mark.parametrize(
    ("url", "en"),
    [
        pytest.param(f"postgresql://clerk:{SECRET}@127.0.0.1:1/ledger", "cannot be reached", id="nobody listens"),
        pytest.param(f"postgresql://clerk:{SECRET}%zz@127.0.0.1/x", "address of the database", id="bad address"),
        pytest.param(f"postgresql://c:{SECRET}@localhost/x?no=1", "address of the database", id="bad parameter"),
    ],
)
def test_a_server_that_cannot_be_reached_is_refused_without_the_password(url: str, en: str) -> None:
    """What is wrong with the address is said, and the password is not."""
    with pytest.raises(DatabaseError) as refused:
        open_postgres(url)

    assert en in refused.value.sentence.en
    assert SECRET not in repr(refused.value) + repr(refused.value.__cause__)


def test_a_login_that_postgres_refuses_is_refused_without_the_password(postgres: PostgresServer) -> None:
    """A wrong password, an unknown user and a database that is not there each have their sentence."""
    postgres.run(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
    rules = Path(str(postgres.run("SHOW hba_file")[0][0]))
    rules.write_text("local all clerk scram-sha-256\n" + rules.read_text(encoding="utf-8"), encoding="utf-8")
    postgres.run("SELECT pg_reload_conf()")
    table = {
        postgres.url_of("postgres", "clerk", f"{SECRET}x"): "does not let this user in",
        postgres.url_of("postgres", "stranger", SECRET): "does not let this user in",
        postgres.url_of("nowhere"): "does not exist on that server",
        postgres.url_of("postgres", "clerk", SECRET): "has no tables of Qingling; make them: qingling init",
    }

    for url, en in table.items():
        with pytest.raises(DatabaseError) as refused:
            opened(url)
        assert en in refused.value.sentence.en
        assert SECRET not in repr(refused.value)


@pytest.mark.parametrize(("version", "en"), [("0000", "run: qingling upgrade"), ("0999", "a newer version")])
def test_tables_of_another_version_are_refused_on_postgres_too(postgres_url: str, version: str, en: str) -> None:
    """An older or newer schema is refused with what to do."""
    set_version(postgres_url, version)

    with pytest.raises(DatabaseError) as refused:
        opened(postgres_url)
    assert en in refused.value.sentence.en


def test_a_postgres_database_of_another_program_is_left_alone(empty_postgres_url: str) -> None:
    """Tables are not added to those of another program."""
    with psycopg.connect(empty_postgres_url) as connection:
        connection.execute("CREATE TABLE bookmarks (id integer)")

    with speaking("en"), pytest.raises(DatabaseError, match=r"tables of another program \(bookmarks\)"):
        schema.bring_up(empty_postgres_url)


def test_asking_for_the_version_loads_no_library() -> None:
    """The everyday commands never pay for Alembic, SQLAlchemy or psycopg."""
    heavy = "{'alembic', 'sqlalchemy', 'sqlmodel', 'psycopg'} & set(sys.modules)"
    script = f"import sys, engine.store.schema; print({heavy})"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "set()"
