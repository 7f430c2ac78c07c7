"""A backup is of one moment, proved, private and complete; bringing it back throws nothing away."""

import hashlib
import itertools
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from databases import PostgresServer
from tables import SECOND, fill, rows, shape, with_step

from engine.errors import BadFileError, DatabaseError
from engine.journal import sealing as seals
from engine.language import speaking
from engine.store import backup as backups
from engine.store import schema
from engine.store.backup import back_up, files_beside
from engine.store.database import APPLICATION_ID, Connection, is_postgres, open_postgres, open_sqlite
from engine.store.restore import STAGE, restore
from engine.store.table_copy import contents_of, copy_rows

NOW = datetime(2019, 6, 30, 1, 0, tzinfo=UTC)
MARKER = "举报人甲乙丙13900000000"


def opened(url: str) -> Connection:
    """Open a database of either kind."""
    return open_postgres(url) if is_postgres(url) else open_sqlite(url)


@pytest.fixture
def filled_url(database_url: str) -> str:
    """Return a database of each kind with rows in every table."""
    fill(database_url)
    return database_url


@pytest.fixture
def other_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the place for another database of the same kind as `database_url`."""
    if is_postgres(database_url):
        return str(request.getfixturevalue("empty_postgres_url"))
    return str(tmp_path / "another.db")


def test_what_is_brought_back_is_what_was_backed_up(filled_url: str, other_url: str, tmp_path: Path) -> None:
    """Every row of every table and all of the schema come back, on each kind of database."""
    made = back_up(filled_url, tmp_path / "backup.db", now=NOW)
    back = restore(made.file, other_url, now=NOW)

    assert rows(other_url) == rows(filled_url)
    assert shape(other_url) == shape(filled_url)
    assert made.counts == back.counts == dict.fromkeys(made.counts, 2)
    assert made.digest == back.digest == hashlib.sha256(made.file.read_bytes()).hexdigest()
    assert (made.version, made.made_at, back.aside) == (schema.HEAD, NOW, None)


@pytest.mark.parametrize("direction", ["sqlite to postgresql", "postgresql to sqlite"])
def test_a_backup_of_one_kind_can_be_brought_back_as_the_other(
    sqlite_url: str, empty_postgres_url: str, postgres_url: str, tmp_path: Path, direction: str
) -> None:
    """A house that outgrows a file moves to a server by a backup, and may come back."""
    out, home = sqlite_url, empty_postgres_url
    if direction == "postgresql to sqlite":
        out, home = postgres_url, str(tmp_path / "home.db")
    fill(out)

    restore(back_up(out, tmp_path / "backup.db", now=NOW).file, home, now=NOW)

    assert rows(home) == rows(out)


def test_numbers_go_on_after_bringing_back(filled_url: str, other_url: str, tmp_path: Path) -> None:
    """The next key is one that no row has."""
    restore(back_up(filled_url, tmp_path / "backup.db", now=NOW).file, other_url, now=NOW)

    with closing(opened(other_url)) as connection:
        added = connection.execute(
            "INSERT INTO units (code, name, own_days) VALUES ('new', '县三院', '{}') RETURNING id"
        )
        assert added.fetchone() == (3,)


def test_a_backup_is_a_private_file_of_its_own(filled_url: str, tmp_path: Path) -> None:
    """Only its owner may read it, nothing lies beside it, and it needs no log to be read."""
    target = tmp_path / "out" / "backup.db"
    target.parent.mkdir()
    back_up(filled_url, target, now=NOW)

    assert [path.name for path in target.parent.iterdir()] == ["backup.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with closing(sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_sealed_values_stay_sealed(database_url: str, tmp_path: Path) -> None:
    """The reporter's identity is nowhere in a backup in clear, nor in what is restored from it."""
    fill(database_url)
    key, _ = seals.make_keys("passphrase for a test")
    sealed = seals.seal(key, case="X", field="reporter", value=MARKER)
    with closing(opened(database_url)) as connection:
        connection.execute(f"UPDATE sealed_values SET ciphertext = '{sealed}'")

    made = back_up(database_url, tmp_path / "backup.db", now=NOW)
    restore(made.file, str(tmp_path / "again.db"), now=NOW)

    for file in (made.file, tmp_path / "again.db"):
        content = file.read_bytes()
        assert sealed.encode() in content
        assert MARKER.encode() not in content
        assert MARKER.encode("utf-16-le") not in content


def _write(connection: Connection, serial: int) -> None:
    """Write two rows that belong together, in one commit."""
    connection.execute("BEGIN")
    connection.execute(f"INSERT INTO counters (series, last) VALUES ('S-{serial}', {serial})")
    connection.execute(f"INSERT INTO settings (name, value) VALUES ('S-{serial}', '{serial}')")
    connection.execute("COMMIT")


def test_a_backup_taken_while_others_write_is_of_one_moment(database_url: str, tmp_path: Path) -> None:
    """Rows that were committed together are together in the backup or not at all, and writers go on."""
    stop, started, written = threading.Event(), threading.Event(), itertools.count()

    def write() -> None:
        with closing(opened(database_url)) as connection:
            while not stop.is_set():
                _write(connection, next(written))
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    started.wait()
    made = [back_up(database_url, tmp_path / f"backup{serial}.db", now=NOW) for serial in range(5)]
    stop.set()
    writer.join()

    counts = [each.counts["counters"] for each in made]
    assert counts == [each.counts["settings"] for each in made]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] <= next(written)


def test_a_backup_that_is_not_what_was_read_is_thrown_away(
    filled_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If reading it back shows one other row, there is no backup."""
    pages = backups._copy_pages
    altered = "UPDATE journal SET body = body || ' ' WHERE seq = 1"

    def of_rows(source: Connection, target: sqlite3.Connection) -> None:
        copy_rows(source, target)
        target.execute(altered)

    def of_pages(source: sqlite3.Connection, file: Path) -> None:
        pages(source, file)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(altered)
            connection.commit()

    monkeypatch.setattr(backups, "copy_rows", of_rows)
    monkeypatch.setattr(backups, "_copy_pages", of_pages)
    with speaking("en"), pytest.raises(DatabaseError, match="does not hold what was read; it was thrown away"):
        back_up(filled_url, tmp_path / "backup.db", now=NOW)

    assert not (tmp_path / "backup.db").exists()


def test_a_backup_never_overwrites(sqlite_url: str, tmp_path: Path) -> None:
    """A name that is taken is refused, and what has it stays."""
    taken = tmp_path / "taken.db"
    taken.write_text("precious")

    with speaking("en"), pytest.raises(BadFileError, match="exists; choose another name"):
        back_up(sqlite_url, taken, now=NOW)
    assert taken.read_text() == "precious"


def test_a_backup_into_no_folder_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    """A folder that is not there is named in one line."""
    with speaking("en"), pytest.raises(BadFileError, match=r"nowhere.* cannot be written"):
        back_up(sqlite_url, tmp_path / "nowhere" / "backup.db", now=NOW)


def test_a_database_that_is_not_there_gives_no_backup(tmp_path: Path) -> None:
    """Nothing is left behind when there is nothing to back up."""
    with pytest.raises(DatabaseError, match="qingling init"):
        back_up(str(tmp_path / "none.db"), tmp_path / "backup.db", now=NOW)

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def attached(sqlite_url: str, tmp_path: Path) -> tuple[str, Path]:
    """Return a ledger with two attached files, and the folder that keeps them."""
    fill(sqlite_url)
    folder = tmp_path / "ledger-files"
    with closing(open_sqlite(sqlite_url)) as connection:
        for case_id, content in ((1, b"letter"), (2, b"receipt")):
            digest = hashlib.sha256(content).hexdigest()
            (folder / digest[:2]).mkdir(parents=True)
            (folder / digest[:2] / digest).write_bytes(content)
            connection.execute("UPDATE attachments SET digest = ? WHERE case_id = ?", (digest, case_id))
    return sqlite_url, folder


def contents(folder: Path) -> list[bytes]:
    """Return the content of every file in *folder*."""
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_attached_files_go_with_the_backup(attached: tuple[str, Path], tmp_path: Path) -> None:
    """They are copied beside it and brought back with it, readable by their owner only."""
    url, folder = attached
    made = back_up(url, tmp_path / "out.db", now=NOW, files=folder)
    back = restore(made.file, str(tmp_path / "new.db"), now=NOW, files=tmp_path / "new-files")

    assert contents(files_beside(made.file)) == contents(tmp_path / "new-files") == [b"letter", b"receipt"]
    assert (made.files, made.missing, back.files, back.missing) == (2, (), 2, ())
    kept = next(path for path in files_beside(made.file).rglob("*") if path.is_file())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_attached_files_that_are_gone_or_changed_are_named(attached: tuple[str, Path], tmp_path: Path) -> None:
    """What cannot be kept as it was is said, and not copied."""
    url, folder = attached
    gone, changed = (next(folder.rglob(hashlib.sha256(content).hexdigest())) for content in (b"letter", b"receipt"))
    gone.unlink()
    changed.write_bytes(b"receipt, mended")

    made = back_up(url, tmp_path / "out.db", now=NOW, files=folder)

    assert sorted(made.missing) == sorted([gone.name, changed.name])
    assert made.files == 0


def test_a_changed_file_does_not_pass_for_one_that_was_brought_back(attached: tuple[str, Path], tmp_path: Path) -> None:
    """What lies there already counts only if it still is what its name says; else it is put aside, and kept."""
    url, folder = attached
    made = back_up(url, tmp_path / "out.db", now=NOW, files=folder)
    changed = next(folder.rglob(hashlib.sha256(b"receipt").hexdigest()))
    changed.write_bytes(b"receipt, mended")

    back = restore(made.file, str(tmp_path / "new.db"), now=NOW, files=folder)

    assert (back.files, back.missing) == (2, ())
    assert changed.read_bytes() == b"receipt"
    assert contents(folder) == [b"letter", b"receipt", b"receipt, mended"]


def test_a_ledger_is_replaced_only_if_told_to_and_kept_aside(
    filled_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What was there before is refused to be overwritten, and with --replace it is put aside whole."""
    made = back_up(filled_url, tmp_path / "backup.db", now=NOW)
    with closing(opened(filled_url)) as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES ('later', '1')")
    before = rows(filled_url)

    with speaking("en"), pytest.raises(DatabaseError, match=r"there is a database at .*--replace"):
        restore(made.file, filled_url, now=NOW)
    assert rows(filled_url) == before
    back = restore(made.file, filled_url, now=NOW, replace=True)

    assert len(rows(filled_url)["settings"]) == 2
    assert back.aside is not None
    if is_postgres(filled_url):
        aside = f"{filled_url}&options=-csearch_path%3D{back.aside}"
        server: PostgresServer = request.getfixturevalue("postgres")
        assert STAGE not in str(server.run("SELECT schema_name FROM information_schema.schemata"))
    else:
        aside = back.aside
    with closing(opened(aside)) as connection:
        assert schema.version_of(connection) == schema.HEAD
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == (3,)
        assert contents_of(connection).counts["journal"] == 2


def test_a_damaged_ledger_is_put_aside_too(sqlite_url: str, tmp_path: Path) -> None:
    """The day a backup is needed, the ledger may be beyond opening."""
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    Path(sqlite_url).write_bytes(b"\xff" * 9000)

    back = restore(made.file, sqlite_url, now=NOW, replace=True)

    assert Path(str(back.aside)).read_bytes() == b"\xff" * 9000
    open_sqlite(sqlite_url).close()


def test_a_ledger_in_use_is_not_put_aside(sqlite_url: str, tmp_path: Path) -> None:
    """While another program has the ledger open, replacing it is refused and it stays."""
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    with closing(open_sqlite(sqlite_url)) as other:
        other.execute("INSERT INTO settings (name, value) VALUES ('a', '1')")
        with speaking("en"), pytest.raises(DatabaseError, match="in use by another program"):
            restore(made.file, sqlite_url, now=NOW, replace=True)
        other.execute("INSERT INTO settings (name, value) VALUES ('b', '1')")

    assert len(rows(sqlite_url)["settings"]) == 2


def test_a_database_of_another_program_is_never_replaced(
    empty_postgres_url: str, tmp_path: Path, sqlite_url: str
) -> None:
    """A PostgreSQL database with tables that are not ours is left alone."""
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    with psycopg.connect(empty_postgres_url) as connection:
        connection.execute("CREATE TABLE bookmarks (id integer)")

    with speaking("en"), pytest.raises(DatabaseError, match="tables of another program"):
        restore(made.file, empty_postgres_url, now=NOW, replace=True)


def _nothing(file: Path) -> None:
    """Take the backup away."""
    file.unlink()


def _words(file: Path) -> None:
    """Write words in its place."""
    file.write_text("编号,线索内容\n" * 500, encoding="utf-8")


def _foreign(file: Path) -> None:
    """Put another program's database in its place."""
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmarks (id integer)")


def _flipped(file: Path) -> None:
    """Spoil its pages after the first."""
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    file.write_bytes(content)


def _cut(file: Path) -> None:
    """Cut it off in the middle, as a full disk does."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _empty(file: Path) -> None:
    """Empty it."""
    file.write_bytes(b"")


def _newer(file: Path) -> None:
    """Say that a newer program made it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()


def _in_use(file: Path) -> None:
    """Lay a log beside it, as a ledger in use has one."""
    file.with_name(f"{file.name}-wal").touch()


@pytest.mark.parametrize(
    ("spoil", "en"),
    [
        (_nothing, "there is no file"),
        (_words, "damaged or no backup"),
        (_foreign, "is no backup of Qingling"),
        (_flipped, "damaged or no backup"),
        (_cut, "damaged or no backup"),
        (_empty, "is no backup of Qingling"),
        (_newer, "was made by a newer version"),
        (_in_use, "is a ledger in use"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], None], en: str
) -> None:
    """A spoilt backup is refused in one line before the ledger is touched."""
    fill(sqlite_url)
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    spoil(made.file)
    before = rows(sqlite_url)

    with speaking("en"), pytest.raises(BadFileError, match=en):
        restore(made.file, sqlite_url, now=NOW, replace=True)

    assert rows(sqlite_url) == before


def test_a_backup_of_an_older_version_is_brought_up(
    filled_url: str, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later program takes the backup and gives its tables the newest version, rows kept."""
    made = back_up(filled_url, tmp_path / "backup.db", now=NOW)
    settings = with_step(tmp_path / "later", SECOND)
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)
    back = restore(made.file, other_url, now=NOW)

    assert back.version == "0020"
    with closing(opened(other_url)) as connection:
        assert schema.version_of(connection) == "0021"
        assert connection.execute("SELECT count(*) FROM cases WHERE secrecy = 'plain'").fetchone() == (2,)


def test_an_older_database_can_be_backed_up_before_it_is_brought_up(
    filled_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later program backs up what an older one made, as it is."""
    settings = with_step(tmp_path / "later", SECOND)
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)

    made = back_up(filled_url, tmp_path / "backup.db", now=NOW)

    assert made.version == "0020"
    assert rows(str(made.file)) == rows(filled_url)


def test_a_database_without_tables_gives_no_backup(empty_postgres_url: str, tmp_path: Path) -> None:
    """Nothing is made of nothing."""
    with pytest.raises(DatabaseError, match="qingling init"):
        back_up(empty_postgres_url, tmp_path / "backup.db", now=NOW)

    assert list(tmp_path.iterdir()) == []
