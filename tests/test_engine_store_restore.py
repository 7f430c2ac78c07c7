"""What is restored is what the backup holds, wherever it lies, and its journal says so from the first moment."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from houses import House, built_house, house
from tables import fill, rows

from engine.errors import DatabaseError
from engine.language import speaking
from engine.store import restore as restoring
from engine.store.backup import back_up
from engine.store.database import in_schema, open_sqlite
from engine.store.restore import restore
from engine.system import whole_files as files

__all__ = ["built_house", "house"]

NOW = datetime(2019, 6, 30, 1, 0, tzinfo=UTC)


def stray_log(house: House) -> Path:
    """Change a lead, keep SQLite's log of that change, and take the ledger away from it."""
    log = Path(f"{house.database}-wal")
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("UPDATE cases SET fields = replace(fields, '强揽', '别的')")
        content = log.read_bytes()
    house.database.unlink()
    log.write_bytes(content)
    return log


def test_restore_beside_a_stray_log_brings_back_the_backup(house: House) -> None:
    """A log left by a killed program is no part of what is restored: it is put away, and that is said."""
    house.lead()
    backup = house.folder / "good.db"
    house.done("backup", str(backup))
    content = stray_log(house).read_bytes()

    back = house.found("restore", str(backup))

    assert "别的" not in house.done("list", "--json")
    with closing(sqlite3.connect(house.database)) as connection:
        assert connection.execute("SELECT count(*) FROM cases WHERE fields LIKE '%强揽%'").fetchone() == (1,)
    (away,) = back["put_away"]
    assert Path(away).read_bytes() == content
    house.done("journal", "verify")


@pytest.mark.parametrize("tail", ["-wal", "-shm", "-journal"])
def test_restore_says_where_a_stray_side_file_went(house: House, tail: str) -> None:
    """Each kind of side file is put away under a name of its own, and named to whoever restores."""
    backup = house.folder / "good.db"
    house.done("backup", str(backup))
    house.database.unlink()
    Path(f"{house.database}{tail}").write_bytes(b"stray")

    told = house.done("restore", str(backup))

    (away,) = house.folder.glob(f"ledger-before-*.db{tail}")
    assert away.name in told.replace("\n", "")
    assert away.read_bytes() == b"stray"


def test_init_does_not_take_a_stray_log_for_its_own(house: House) -> None:
    """A new ledger is not made over the log of one that is gone, which may hold its last entries."""
    house.lead()
    log = stray_log(house)
    content = log.read_bytes()
    (house.folder / "ledger-custodian.key").unlink()

    said = house.refused(
        12, "init", "--rehearsal", "--not-classified", "--name", "x", "--unit", "1", "--unit-name", "x",
        "--officer", "wang", "--officer-name", "x", "--passphrase-file", str(house.folder / "passphrase.txt"),
    )  # fmt: skip

    assert log.name in said
    assert log.read_bytes() == content
    assert not house.database.exists()


def test_a_backup_with_a_hot_journal_is_no_backup(house: House) -> None:
    """A file beside which SQLite keeps what is half done is a ledger at work."""
    backup = house.folder / "good.db"
    house.done("backup", str(backup))
    Path(f"{backup}-journal").write_bytes(b"half done")

    assert "is a ledger in use" in house.refused(11, "--database", "again.db", "restore", str(backup))


def test_the_row_of_a_restore_is_there_before_the_ledger_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes the ledger's place already says that it was restored: no kill comes between the two."""
    house.lead()
    backup = house.folder / "good.db"
    house.done("backup", str(backup))
    seen = []
    settle = files.settle

    def looked(made: Path) -> None:
        with closing(sqlite3.connect(made)) as connection:
            seen.append(connection.execute("SELECT count(*) FROM journal WHERE kind = 'restored'").fetchone())
        settle(made)

    monkeypatch.setattr(restoring, "settle", looked)
    house.done("restore", str(backup), "--replace")

    assert seen == [(1,)]


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_not_as_proved_in_its_place_gives_way(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, replace: bool
) -> None:
    """If the ledger is another than the one that was made, that of before comes back, and nothing is thrown away."""
    fill(sqlite_url)
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    place = sqlite_url if replace else str(tmp_path / "new.db")
    before = rows(sqlite_url)
    settle = files.settle

    def spoilt(file: Path) -> None:
        with closing(open_sqlite(str(file))) as connection:
            connection.execute("UPDATE journal SET body = body || ' ' WHERE seq = 1")
        settle(file)

    monkeypatch.setattr(restoring, "settle", spoilt)
    with speaking("en"), pytest.raises(DatabaseError, match="is not what the backup holds"):
        restore(made.file, place, now=NOW, replace=replace)

    assert rows(sqlite_url) == before
    assert Path(place).exists() is replace
    assert len(list(tmp_path.glob("*-not-proved-*.db"))) == 1


@pytest.mark.parametrize("replace", [False, True])
def test_nobody_writes_between_the_swap_and_the_proof(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, replace: bool
) -> None:
    """Who comes the moment the new ledger has its name waits until it is proved; then what is written stays."""
    fill(sqlite_url)
    made = back_up(sqlite_url, tmp_path / "backup.db", now=NOW)
    place = sqlite_url if replace else str(tmp_path / "new.db")
    give_name = files.give_name
    refused = []
    writing = "INSERT INTO settings (name, value) VALUES ('rival', '1')"

    def in_between(file: Path, target: Path, *, replace: bool) -> None:
        give_name(file, target, replace=replace)
        with (
            closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as rival,
            pytest.raises(sqlite3.OperationalError) as caught,
        ):
            rival.execute(writing)
        refused.append(str(caught.value))

    monkeypatch.setattr(restoring, "give_name", in_between)
    restore(made.file, place, now=NOW, replace=replace)

    assert refused == ["database is locked"]
    with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as rival:
        assert rival.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        rival.execute(writing)
    with closing(open_sqlite(place)) as connection:
        assert connection.execute("SELECT value FROM settings WHERE name = 'rival'").fetchone() == ("1",)


def test_attached_files_are_there_before_the_ledger_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that cannot have its files, for want of room, is not put into its place."""
    number = house.lead()
    paper = house.folder / "paper.txt"
    paper.write_text("what was found", "utf-8")
    house.done("attach", number, str(paper))
    backup = house.folder / "kept" / "good.db"
    backup.parent.mkdir()
    house.done("backup", str(backup))
    before = house.database.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "keep_files", full)
    said = house.refused(11, "restore", str(backup), "--replace")

    assert "No space left on device" in said
    assert house.database.read_bytes() == before
    assert not list(house.folder.glob("ledger-before-*"))


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("postgresql://u@h/d", "postgresql://u@h/d?options=-csearch_path%3Dx"),
        ("postgresql://u@h/d?sslmode=require", "postgresql://u@h/d?sslmode=require&options=-csearch_path%3Dx"),
        ("postgresql://h/d?options=-cgeqo%3Doff", "postgresql://h/d?options=-cgeqo%3Doff%20-csearch_path%3Dx"),
    ],
)
def test_the_address_of_another_schema(address: str, there: str) -> None:
    """A schema is named by an option of the address, beside those that are there."""
    assert in_schema(address, "x") == there


def test_a_restore_on_postgresql_notes_before_it_swaps(postgres_url: str, tmp_path: Path) -> None:
    """The row is written into the schema in which the ledger is made, and comes to its place with it."""
    fill(postgres_url)
    made = back_up(postgres_url, tmp_path / "backup.db", now=NOW)
    seen: list[str] = []
    note: Callable[[str, str, int], None] = lambda staged, _digest, _cases: seen.append(staged)  # noqa: E731

    restore(made.file, postgres_url, now=NOW, replace=True, note=note)

    assert seen == [in_schema(postgres_url, restoring.STAGE)]
    assert rows(postgres_url)["journal"]
