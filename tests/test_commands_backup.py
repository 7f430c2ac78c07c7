"""`backup`, `restore` and `upgrade` as a person runs them: what they say, write down and refuse."""

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from ledgers import opened, shipped
from tables import SECOND, rows, with_step

from commands.backup import backup, restore
from commands.console.context import declarations_of
from commands.doctor.command import doctor
from commands.officer.command import officer
from commands.upgrade import upgrade
from engine.errors import BadFileError, DatabaseError, NotFoundError, QinglingError, RefusedError
from engine.language import speaking
from engine.operations.house import safekeeping
from engine.operations.house.registration import add_officer, leave, set_up
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.hand_clock import REHEARSAL
from engine.operations.ledger.ledger import Ledger
from engine.store import schema
from engine.store.connection import open_store
from engine.store.database import is_postgres, open_postgres, open_sqlite
from engine.store.restore import STAGE

NOW = datetime(2019, 6, 30, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Say everything in English."""
    with speaking("en"):
        yield


@pytest.fixture
def house(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a ledger of each kind that was set up by wang, who works in an empty folder."""
    store = open_store(database_url)
    try:
        set_up(
            Ledger(store, declarations_of(database_url)),
            name="某县卫生健康局",
            unit=("0101", "县人民医院"),
            officer=("wang", "王某"),
            zone="Asia/Shanghai",
            custodian=None,
            now=NOW,
            rehearsal=True,
            adopts=shipped(),
        )
    finally:
        store.close()
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    return database_url


def run(command: click.Command, *args: str, database: str) -> Result:
    """Run a command on a database as wang, with no other settings from outside."""
    bare = {name: None for name in os.environ if name.startswith("QINGLING_")} | {"QINGLING_OFFICER": "wang"}
    return CliRunner().invoke(
        command, [*args, "--now", "2019-06-30T09:00", "--database", database], env=bare, prog_name="qingling"
    )


def refusal(result: Result) -> QinglingError:
    """Return the refusal that ended a command."""
    assert isinstance(result.exception, QinglingError), result.output
    return result.exception


def house_chain(url: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return who did what in the house's own chain, with its body."""
    store = open_store(url)
    try:
        found = store.query("SELECT by, kind, body FROM journal WHERE case_id = 0 ORDER BY seq")
    finally:
        store.close()
    return [(by, kind, json.loads(body)) for by, kind, body in found]


def test_backup_names_the_file_says_what_it_holds_and_is_journaled(house: str) -> None:
    """Without a name the file is named for the local moment; its digest is printed and written down."""
    result = run(backup, database=house)

    file = Path("qingling-backup-20190630-090000.db")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (result.exit_code, result.exception) == (0, None)
    assert result.stdout.splitlines() == [
        str(REHEARSAL.en),
        f"backup          {file}",
        "cases           0",
        "journal rows    2",
        "attached files  0",
        f"SHA-256         {digest}",
    ]
    assert "keep that apart" in result.stderr
    by, kind, body = next(each for each in house_chain(house) if each[1] == "backed_up")
    assert (by, kind, body["digest"]) == ("wang", "backed_up", digest)


def test_backup_takes_a_folder_and_speaks_json(house: str, tmp_path: Path) -> None:
    """A folder gets a file named for the moment; scripts get stable keys."""
    result = run(backup, str(tmp_path), "--json", database=house)

    found = json.loads(result.stdout)
    assert Path(found["file"]) == tmp_path / "qingling-backup-20190630-090000.db"
    assert sorted(found) == ["cases", "file", "files", "journal", "missing", "rehearsal", "sha256", "version"]


def test_backup_is_for_registered_officers(house: str, tmp_path: Path) -> None:
    """A stranger takes none."""
    result = run(backup, "stolen.db", "--by", "nobody", database=house)

    assert isinstance(refusal(result), NotFoundError)
    assert not Path("stolen.db").exists()


def test_backup_says_which_attached_files_are_missing(house: str) -> None:
    """The backup is there, and the exit code says that something is not in it."""
    store = open_store(house)
    with store.begin():
        store.change(
            "INSERT INTO cases (id, number, workflow, version, state, unit_id, dated_on, opened_at, changed_at,"
            " clearance, fields, revision, head) VALUES (1, 'X', 'lead', 1, 'received', 1, '2019-06-30', 1, 1, 0,"
            " '{}', 1, '')"
        )
        store.change("INSERT INTO attachments (case_id, seq, digest, name, size) VALUES (1, 1, 'abc', 'letter', 6)")
    store.close()

    result = run(backup, "out.db", database=house)

    assert isinstance(refusal(result), BadFileError)
    assert "gone or changed: 1 (first abc…)" in str(result.exception)
    assert Path("out.db").exists()


def test_restore_makes_another_ledger_and_says_where_it_came_from(house: str, tmp_path: Path) -> None:
    """What comes back can be worked with, and its chain says that it was brought back."""
    run(backup, "out.db", database=house)
    again = str(tmp_path / "again.db")

    result = run(restore, "out.db", database=again)

    digest = hashlib.sha256(Path("out.db").read_bytes()).hexdigest()
    assert (result.exit_code, result.exception) == (0, None)
    assert f"ledger          {again}" in result.stdout
    assert house_chain(again) == [*house_chain(house)[:2], ("wang", "restored", house_chain(again)[-1][2])]
    assert house_chain(again)[-1][2]["digest"] == digest


MENDING = """
from alembic import context

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    context.config.attributes["mended"] = 3


def downgrade() -> None:
    pass
"""


def test_restore_of_an_older_backup_says_what_newer_tables_put_right(
    house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer hears of how many cases it was, and the journal keeps it beside the row of the restore."""
    run(backup, "out.db", database=house)
    settings = with_step(tmp_path / "later", MENDING)
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)

    done = run(restore, "out.db", "--replace", database=house)

    assert (done.exit_code, done.exception) == (0, None)
    assert "of 3 cases it was kept wrong whether their terms were kept" in done.stderr
    (_, restored, of), (by, upgraded, body) = house_chain(house)[-2:]
    assert (restored, by, upgraded) == ("restored", "wang", "upgraded")
    assert body.items() >= {"from": "0020", "to": "0021", "digest": of["digest"], "mended": 3}.items()


def test_restore_puts_aside_only_when_told(house: str) -> None:
    """A ledger that is there is refused in one line, and put aside with --replace."""
    run(backup, "out.db", database=house)

    refused = run(restore, "out.db", database=house)
    done = run(restore, "out.db", "--replace", "--json", database=house)

    assert isinstance(refusal(refused), DatabaseError)
    assert "--replace" in str(refused.exception)
    assert done.exit_code == 0, (done.exception, done.output)
    assert "20190630" in json.loads(done.stdout)["aside"]


def test_upgrade_has_nothing_to_do_on_a_current_ledger(house: str) -> None:
    """A current ledger is left alone and no backup is made."""
    before = rows(house)

    result = run(upgrade, database=house)

    assert (result.exit_code, result.stderr.strip()) == (0, f"nothing to do: the tables are of version {schema.HEAD}")
    assert rows(house) == before
    assert list(Path().iterdir()) == []


def test_upgrade_backs_up_first_and_is_journaled(house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older ledger is backed up as it is, brought up, and its chain says from where to where."""
    settings = with_step(tmp_path / "later", SECOND.replace('units.drop_column("closed_at")', "pass"))
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)

    result = run(upgrade, database=house)

    beside = Path() if is_postgres(house) else Path(house).parent
    kept = beside / "qingling-before-upgrade-20190630-090000.db"
    assert (result.exit_code, result.exception) == (0, None)
    assert "brought from version 0020 to 0021" in result.stderr
    with closing(open_sqlite(str(kept))) as connection:
        assert schema.version_of(connection) == "0020"
    by, kind, body = house_chain(house)[-1]
    assert (by, kind, body["from"], body["to"]) == ("wang", "upgraded", "0020", "0021")


def test_upgrade_refuses_a_stranger_before_anything(
    house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is no officer, or has left, is refused at once: no backup is written and the tables are as they were."""
    with opened(house) as ledger:
        keeper = Acting(ledger, "wang", NOW)
        add_officer(keeper, "gone", "旧某")
        leave(keeper, "gone")
    before = house_chain(house)
    settings = with_step(tmp_path / "later", SECOND.replace('units.drop_column("closed_at")', "pass"))
    with monkeypatch.context() as newer:
        newer.setattr(schema, "config", lambda: settings)
        newer.setattr(schema, "HEAD", "0021")
        for who, error in {"nobody": NotFoundError, "gone": RefusedError}.items():
            assert isinstance(refusal(run(upgrade, "--by", who, database=house)), error)

    assert house_chain(house) == before
    assert list(tmp_path.rglob("*before-upgrade*")) == []


def test_an_upgrade_that_was_killed_is_journaled_by_the_next(
    house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the tables are brought up and the journal does not say so yet: the next upgrade says it, once."""
    settings = with_step(tmp_path / "later", SECOND.replace('units.drop_column("closed_at")', "pass"))
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)
    with monkeypatch.context() as killed:
        killed.setattr(safekeeping, "note_upgrade", lambda *_: sys.exit(137))
        broken_off = run(upgrade, database=house)
    assert (broken_off.exit_code, house_chain(house)[-1][1] == "upgraded") == (137, False)
    assert "attached files are not in it" in broken_off.stderr
    assert "broken off before the journal said so" in run(doctor, database=house).stdout

    said = [run(upgrade, database=house).stderr for _ in range(2)]

    assert ["now it does" in each for each in said] == [True, False]
    told = [(kind, body["from"], body["to"]) for _, kind, body in house_chain(house) if kind == "upgraded"]
    assert told == [("upgraded", "0020", "0021")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_upgrade_says_what_it_copies_and_refuses_before_it_if_there_is_no_room(
    house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large ledger it is said beforehand; a disk without room for the backup is found before anything is done."""
    settings = with_step(tmp_path / "later", SECOND.replace('units.drop_column("closed_at")', "pass"))
    monkeypatch.setattr(schema, "HEAD", "0021")
    monkeypatch.setattr(schema, "config", lambda: settings)
    held = Path(house).stat().st_size
    with monkeypatch.context() as full:
        full.setattr("commands.upgrade.disk_usage", lambda _: SimpleNamespace(free=held - 1))
        refused = refusal(run(upgrade, database=house))
    assert (refused.exit_code, "--backup FILE" in str(refused), list(Path().glob("*.db"))) == (11, True, [])
    monkeypatch.setattr("commands.upgrade.LARGE", held - 1)

    said = run(upgrade, database=house).stderr

    assert said.index("copying ") < said.index("brought from version")


def test_upgrade_of_nothing_says_what_to_do(tmp_path: Path) -> None:
    """Where there is no ledger there is nothing to bring up."""
    result = run(upgrade, database=str(tmp_path / "none.db"))

    assert "qingling init" in str(refusal(result))


def test_upgrade_refuses_a_newer_ledger(sqlite_url: str) -> None:
    """A ledger of a newer program is not brought down."""
    with closing(sqlite3.connect(sqlite_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()

    assert "install the newer" in str(refusal(run(upgrade, database=sqlite_url)))


@pytest.fixture
def two_hands(house: str) -> str:
    """Return the house with li, who may not restore, and with a backup of it in `out.db`."""
    for args in (("add", "li", "李某"), ("grant", "li", "verifier")):
        assert run(officer, *args, database=house).exit_code == 0
    assert run(backup, "out.db", database=house).exit_code == 0
    return house


REFUSED = "li may not restore a backup (needs role office in all units); ask wang"


def test_restore_asks_the_ledger_that_it_puts_aside(two_hands: str) -> None:
    """Who may not in the ledger that is there is refused, though the backup would allow it; nothing has changed."""
    run(officer, "grant", "li", "office", database=two_hands)
    run(backup, "later.db", database=two_hands)
    run(officer, "revoke", "li", "office", database=two_hands)
    before = rows(two_hands)

    refused = run(restore, "later.db", "--replace", "--by", "li", database=two_hands)
    stranger = run(restore, "later.db", "--replace", "--by", "nobody", database=two_hands)

    assert isinstance(refusal(refused), RefusedError)
    assert str(refused.exception) == REFUSED
    assert isinstance(refusal(stranger), NotFoundError)
    assert rows(two_hands) == before
    assert stages(two_hands) == []


def test_restore_asks_the_backup_where_no_ledger_can_be_read(two_hands: str, tmp_path: Path) -> None:
    """In a new place or over a damaged file the backup is asked; a refusal leaves no ledger and no files."""
    again = tmp_path / "again.db"
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)

    for place in (again, damaged):
        refused = run(restore, "out.db", "--replace", "--by", "li", database=str(place))
        assert isinstance(refusal(refused), RefusedError)
        assert str(refused.exception) == REFUSED
    assert not again.exists()
    assert [each.name for each in tmp_path.glob("*-files")] == []
    done = run(restore, "out.db", "--replace", "--by", "wang", database=str(damaged))
    assert (done.exit_code, done.exception) == (0, None)
    assert house_chain(str(damaged))[-1][:2] == ("wang", "restored")


def test_restore_into_an_empty_server_asks_the_backup(two_hands: str, empty_url: str) -> None:
    """The same on both databases: what was unpacked to be asked is gone after a refusal."""
    refused = run(restore, "out.db", "--by", "li", database=empty_url)
    left = stages(empty_url)
    done = run(restore, "out.db", database=empty_url)

    assert str(refusal(refused)) == REFUSED
    assert left == []
    assert (done.exit_code, done.exception) == (0, None)
    assert house_chain(empty_url)[-1][:2] == ("wang", "restored")


def test_restore_is_done_by_who_holds_the_power_there(two_hands: str) -> None:
    """Who got the power after the backup was made may restore, and stands in the journal of what was restored."""
    run(officer, "grant", "li", "office", database=two_hands)

    done = run(restore, "out.db", "--replace", "--by", "li", database=two_hands)

    assert (done.exit_code, done.exception) == (0, None)
    assert house_chain(two_hands)[-1][:2] == ("li", "restored")


def test_who_restores_may_be_named_by_name(two_hands: str, tmp_path: Path) -> None:
    """As with every command, whether the ledger or the backup is asked; the line says the code."""
    refused = run(restore, "out.db", "--replace", "--by", "李某", database=two_hands)
    elsewhere = run(restore, "out.db", "--by", "李某", database=str(tmp_path / "elsewhere.db"))

    assert str(refusal(refused)) == REFUSED
    assert str(refusal(elsewhere)) == REFUSED


def test_restore_says_what_to_do_where_nobody_may(two_hands: str, tmp_path: Path) -> None:
    """A ledger in which nobody has the power advises to give the role."""
    store = open_store(two_hands)
    with store.begin():
        store.change("DELETE FROM grants WHERE role = 'office'")
    store.close()

    refused = run(restore, "out.db", "--replace", database=two_hands)

    assert "give somebody the role: qingling officer grant" in str(refusal(refused))


def stages(url: str) -> list[str]:
    """Return the schemas of a server that hold what is being restored; a file has none."""
    if not is_postgres(url):
        return []
    with closing(open_postgres(url)) as connection:
        asked = "SELECT nspname FROM pg_namespace WHERE nspname = %s"
        return [name for (name,) in connection.execute(asked, (STAGE,)).fetchall()]
