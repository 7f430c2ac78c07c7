"""`doctor` for a monitor: 0 if all is well, 1 if anything is wrong, 2 if something needs attention."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from houses import House, built_house, house

from commands.console.context import AppContext
from commands.shared.machine_checks import LITTLE_ROOM, NO_ROOM_LEFT, of_the_disks
from engine.language import speaking
from engine.operations.house import installation
from engine.store import schema

__all__ = ["built_house", "house"]


def looked(house: House) -> tuple[int, list[dict[str, str]]]:
    """Return with what code `doctor` leaves, and what it found."""
    result = house.run("doctor", "--json")
    return result.exit_code, json.loads(result.stdout)


def of(found: list[dict[str, str]], topic: str) -> dict[str, str]:
    """Return verdicts of a topic with their sentences: the worst one by itself."""
    rank = {"wrong": 0, "attention": 1, "note": 2, "ok": 3}
    return min((each for each in found if each["topic"] == topic), key=lambda each: rank[each["verdict"]])


@pytest.fixture
def kept(house: House) -> House:
    """Return a house that is kept as it should be: backed up, swept, all roles filled, a lead at work."""
    house.assigned(house.lead())
    house.done("backup", str(house.folder / "good.db"))
    house.done("sweep")
    return house


def test_a_house_that_is_well_kept(kept: House) -> None:
    """Nothing is wrong and nothing needs attention: 0, and each finding has the same keys."""
    code, found = looked(kept)

    assert code == 0, found
    assert {tuple(each) for each in found} == {("rehearsal", "topic", "verdict", "sentence")}
    assert {each["verdict"] for each in found} <= {"ok", "note"}


def test_a_large_file_is_read_where_that_is_asked_for(kept: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large file it is said that its pages were not read, and when a backup did; --deep reads them."""
    monkeypatch.setattr(installation, "LARGE", 1)
    kept.done("--now", "2019-07-09T07:30", "backup", str(kept.folder / "morning.db"))  # in UTC it is the day before

    _, found = looked(kept)
    said = [each["sentence"] for each in found if each["topic"] == "database"]
    assert "pages were not read: qingling doctor --deep; the backup of 2019-07-09 did" in said[-1]
    assert "not read" not in kept.run("doctor", "--deep").stdout


def sql(*statements: str) -> Callable[[House], None]:
    """Return what changes rows by hand."""

    def change(house: House) -> None:
        with closing(sqlite3.connect(house.database)) as connection, connection:
            for each in statements:
                connection.execute(each)

    return change


def later(when: str) -> Callable[[House], None]:
    """Return what lets time go by."""

    def wait(house: House) -> None:
        house.now = when

    return wait


def swept_later(when: str) -> Callable[[House], None]:
    """Return what lets time go by with a sweep at its end."""

    def wait(house: House) -> None:
        house.now = when
        house.done("sweep")

    return wait


def zhao_leaves(house: House) -> None:
    """Let the handler leave."""
    house.done("officer", "leave", "zhao")


def without_a_liaison(house: House) -> None:
    """Take the role from the only one who has it in all units, and give it in one."""
    house.done("officer", "grant", "zhao", "liaison", "--unit", "0101")
    house.done("officer", "revoke", "wang", "liaison")


def unswept(house: House) -> None:
    """Forget that the ledger was ever swept."""
    sql("DELETE FROM settings WHERE name = 'swept_at'")(house)


def never_backed_up(house: House) -> None:
    """Have a house with leads and no backup."""
    since = "SELECT min(seq) FROM journal WHERE kind = 'backed_up'"
    sql(f"DELETE FROM journal WHERE case_id = 0 AND seq >= ({since})")(house)
    sql(
        "UPDATE settings SET value = (SELECT json_array(seq, hash) FROM journal WHERE case_id = 0"
        " ORDER BY seq DESC LIMIT 1) WHERE name = 'house_head'"
    )(house)


def open_folder(house: House) -> None:
    """Let everybody write into the folder of the ledger."""
    house.folder.chmod(0o777)


def open_key(house: House) -> None:
    """Let everybody read the custodian's key."""
    (house.folder / "ledger-custodian.key").chmod(0o644)


FUNCTION = (
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
    " CREATE TRIGGER t BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION f()"
)

TABLE: dict[str, tuple[Callable[[House], None], int, str, str, str]] = {
    "a failed message": (
        sql("INSERT INTO outbox (key, kind, recipient, payload, created_at, status, attempts, next_try_at)"
            " VALUES ('k', 'test', 'wang', '{}', 0, 2, 9, 0)"),
        2, "outbox", "attention", "messages that failed: 1",
    ),
    "a message that waits": (
        sql("INSERT INTO outbox (key, kind, recipient, payload, created_at, status, attempts, next_try_at)"
            " VALUES ('k', 'test', 'wang', '{}', 0, 0, 0, 0)"),
        2, "outbox", "attention", "should have gone out more than a day ago: 1",
    ),
    "swept yesterday morning": (later("2019-07-02T11:00"), 0, "scheduler", "ok", "last swept at 2019-07-01 10:00"),
    "cron that stopped": (later("2019-07-03T10:00"), 1, "scheduler", "wrong", "last swept at 2019-07-01 10:00"),
    "swept by a clock that was ahead": (later("2019-06-30T10:00"), 1, "scheduler", "wrong", "that is still to come"),
    "never swept": (unswept, 2, "scheduler", "attention", "never swept"),
    "no backup": (never_backed_up, 2, "backup", "attention", "none was ever made"),
    "a backup of a week": (swept_later("2019-07-08T10:00"), 0, "backup", "ok", "(7 days old)"),
    "an old backup": (swept_later("2019-07-10T10:00"), 2, "backup", "attention", "(9 days old)"),
    "a stale backup": (swept_later("2019-08-05T10:00"), 1, "backup", "wrong", "(35 days old)"),
    "a trigger": (
        sql("CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM journal WHERE seq = new.seq; END"),
        1, "tables", "wrong", "the trigger t is not of this program",
    ),
    "a view": (sql("CREATE VIEW v AS SELECT 1"), 1, "tables", "wrong", "the view v is not of this program"),
    "an index gone": (
        sql("DROP INDEX ix_cases_alike"),
        1, "tables", "wrong", "the index ix_cases_alike is missing",
    ),
    "a column more": (
        sql("ALTER TABLE units ADD COLUMN secret TEXT"), 1, "tables", "wrong", "the table units was changed",
    ),
    "a handler who left": (
        zhao_leaves,
        2, "people", "attention", "zhao 赵某 has left, and open cases wait for that officer: 0101-XS-2019-0001",
    ),
    "a unit without liaison": (
        without_a_liaison, 2, "people", "attention", "for 0102, so reminders to that role reach nobody there",
    ),
    "an open folder": (open_folder, 1, "permissions", "wrong", "others can replace what lies in"),
    "an open key": (open_key, 1, "permissions", "wrong", "chmod go="),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLE)
def test_what_a_monitor_hears(kept: House, kind: str) -> None:
    """Each thing that can go amiss is found by its topic, with a verdict and a code of its own, in both languages."""
    spoil, code, topic, verdict, words = TABLE[kind]
    spoil(kept)

    left_with, found = looked(kept)

    worst = of(found, topic)
    assert (left_with, worst["verdict"]) == (code, verdict), found
    assert words in " ".join(each["sentence"] for each in found if each["topic"] == topic)
    kept_in_chinese = kept.run("doctor", "--json", lang="zh")
    assert kept_in_chinese.exit_code == code
    assert [(each["topic"], each["verdict"]) for each in json.loads(kept_in_chinese.stdout)] == [
        (each["topic"], each["verdict"]) for each in found
    ]


def test_a_house_without_cases_needs_no_backup_yet(house: House) -> None:
    """Just set up, there is nothing to lose and nobody to remind."""
    assert looked(house)[0] == 0


@pytest.mark.parametrize(
    ("free", "verdict"), [(LITTLE_ROOM * 9, "ok"), (LITTLE_ROOM // 2, "attention"), (NO_ROOM_LEFT // 2, "wrong")]
)
def test_how_much_room_a_disk_has(house: House, free: int, verdict: str) -> None:
    """A disk that fills up is told before it is full."""
    app = AppContext()
    app.database_option = str(house.database)

    (found,) = of_the_disks(app, free=lambda _: free)

    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT 1", []),
        ("CREATE RULE r AS ON INSERT TO journal DO INSTEAD NOTHING", ["the rule r is not of this program"]),
        ("CREATE VIEW v AS SELECT 1 AS a", ["the view v is not of this program"]),
        ("ALTER TABLE units ADD COLUMN secret text", ["the column units.secret is not of this program"]),
        ("CREATE TABLE alien (id integer)", ["the table alien is not of this program"]),
        (
            FUNCTION,
            ["the trigger t is not of this program"],
        ),
    ],
)
def test_tables_on_a_server_are_compared_too(postgres_url: str, statement: str, words: list[str]) -> None:
    """On PostgreSQL a trigger, a rule, a view, a column or a table that is not ours is named as well."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(statement.encode())

    with speaking("en"):
        assert [str(each) for each in schema.differences(postgres_url)] == words


def test_doctor_changes_nothing(kept: House) -> None:
    """What it looks at is the same afterwards, byte by byte."""
    before = _contents(kept.folder)
    looked(kept)
    assert _contents(kept.folder) == before


def _contents(folder: Path) -> dict[str, Any]:
    """Return every file of a folder, but for SQLite's side files, which come and go."""
    return {
        each.name: each.read_bytes()
        for each in folder.iterdir()
        if each.is_file() and "-wal" not in each.name and "-shm" not in each.name
    }
