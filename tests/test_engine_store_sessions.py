"""What goes through a session of the table classes shares the store's transaction with the journal."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ledgers import START, dump, furnished, opened, register

from engine.errors import ConflictError
from engine.journal.house_events import OfficerLeft
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, day_rows, house_rows, outbox_rows
from engine.store.connection import Store
from engine.store.database import altered, is_postgres, open_postgres
from engine.store.sessions import session
from engine.store.tables import GrantRow, OfficerRow, UnitRow

ROOT = Path(__file__).resolve().parent.parent


class BrokenOffError(Exception):
    """What breaks a transaction off in these tests."""


WRITES: dict[str, tuple[str, Callable[[Store], object]]] = {
    "a unit": ("units", lambda store: house_rows.add_unit(store, "0199", "新院", None)),
    "a unit closed": ("units", lambda store: house_rows.close_unit(store, 1, 1)),
    "own days": ("units", lambda store: day_rows.put_own_days(store, 1, {"off": {"2019-10-08": "院庆"}})),
    "an officer": ("officers", lambda store: house_rows.add_officer(store, "neu", "新某", {})),
    "a contact": ("officers", lambda store: house_rows.change_contact(store, 1, {"email": "a@b.c"})),
    "an officer gone": ("officers", lambda store: house_rows.leave(store, 1, 1)),
    "a role": ("grants", lambda store: house_rows.grant(store, 1, "verifier", 2)),
    "a role taken": ("grants", lambda store: house_rows.revoke(store, 1, "office", 0)),
    "a file": ("attachments", lambda store: case_rows.keep_attachment(store, 1, 1, "00", "a.pdf", 3)),
}
"""Each write that goes through a session, with its table; those of messages are commits of their own."""


def noted(ledger: Ledger) -> None:
    """Write an entry of the house's own chain."""
    Acting(ledger, "keeper", START).note_in_house(OfficerLeft(code="zhou"))


def test_a_row_and_its_journal_entry_are_written_together(database_url: str) -> None:
    """Another connection sees neither before the commit, and both after it."""
    with furnished(database_url) as ledger, opened(database_url) as other:
        register(ledger)
        for what, (table, write) in WRITES.items():
            before = dump(other.store)
            with ledger.store.begin():
                write(ledger.store)
                noted(ledger)
                assert dump(other.store) == before, what
            after = dump(other.store)
            written = {name for name in after if after[name] != before[name]}
            assert written == {table, "journal", "settings"}, what  # where the house's chain ends is kept there


def broken_off(store: Store, *writes: Callable[[Store], object]) -> None:
    """Do all of *writes* in a commit and break it off."""
    with store.begin():
        for write in writes:
            write(store)
        raise BrokenOffError


def test_a_failure_undoes_the_row_and_its_journal_entry(database_url: str) -> None:
    """Whatever breaks off after both were written leaves neither, and the store goes on working."""
    with furnished(database_url) as ledger:
        register(ledger)
        for what, (_, write) in WRITES.items():
            before = dump(ledger.store)
            with pytest.raises(BrokenOffError):
                broken_off(ledger.store, write, lambda _: noted(ledger))
            assert dump(ledger.store) == before, what
            with ledger.store.begin():
                write(ledger.store)


def test_a_session_that_fails_undoes_the_journal_entry_before_it(database_url: str) -> None:
    """A row that the database refuses takes with it what was journaled before, and is a conflict as everywhere."""

    def given_twice(store: Store) -> None:
        house_rows.add_unit(store, "0101", "又一", None)

    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        with pytest.raises(ConflictError):
            broken_off(
                ledger.store, lambda _: noted(ledger), lambda store: house_rows.add_unit(store, "0101", "又一", None)
            )
        assert dump(ledger.store) == before


def test_a_session_sees_what_plain_statements_wrote_and_the_other_way_round(database_url: str) -> None:
    """Both are the same connection: neither waits for the other's commit."""
    with furnished(database_url) as ledger, ledger.store.begin():
        store = ledger.store
        house_rows.put_setting(store, "name", "别名")
        new, _ = house_rows.add_officer(store, "neu", "新某", {"email": "a@b.c"})
        found = house_rows.officer(store, "neu")
        assert found is not None
        assert (found.id, found.contact) == (new, {"email": "a@b.c"})
        store.change("UPDATE officers SET name = ? WHERE id = ?", ("改某", new))
        with session(store) as rows:
            assert rows.get_one(OfficerRow, new).name == "改某"
            assert rows.get(GrantRow, (new, "office", 0)) is None


def test_a_session_ends_no_transaction(database_url: str) -> None:
    """Neither its own commit nor its rollback reaches the database: only the store begins and ends."""
    with furnished(database_url) as ledger, opened(database_url) as other:
        before = dump(other.store)

        def committed(store: Store) -> None:
            with session(store) as rows:
                rows.add(UnitRow(code="0199", name="新院", own_days="{}"))
                rows.commit()
            assert dump(other.store) == before

        def rolled_back(store: Store) -> None:
            with session(store) as rows:
                rows.rollback()
            assert house_rows.unit(store, "0199") is not None

        with pytest.raises(BrokenOffError):
            broken_off(ledger.store, committed, rolled_back)
        assert dump(ledger.store) == before


def test_how_a_message_went_is_written_only_while_it_waits(database_url: str) -> None:
    """What was sent stays sent, whatever comes later; only what failed is put back."""
    with furnished(database_url) as ledger:
        store = ledger.store
        with store.begin():
            for key in ("a", "b", "c"):
                outbox_rows.promise(store, key, "test", "zhou", {}, 7)
        sent, failed, gone = (each.id for each in reversed(outbox_rows.promises(store)))
        outbox_rows.mark_sent(store, sent, at=8, remark="ok")
        outbox_rows.mark_failed(store, failed, remark="no", report=lambda: None)
        outbox_rows.mark_cancelled(store, gone, remark="moved")
        for each in (sent, failed, gone):
            outbox_rows.mark_retry(store, each, next_try_at=99, remark="late", counted=True)
            outbox_rows.mark_failed(store, each, remark="late", report=lambda: None)
            outbox_rows.mark_cancelled(store, each, remark="late")

        stands = {each.id: (each.status, each.attempts, each.remark) for each in outbox_rows.promises(store)}
        assert stands == {
            sent: (outbox_rows.SENT, 1, "ok"),
            failed: (outbox_rows.FAILED, 1, "no"),
            gone: (outbox_rows.CANCELLED, 0, "moved"),
        }
        assert outbox_rows.send_again(store, now_at=50, promise_id=sent) == 0
        assert outbox_rows.send_again(store, now_at=50) == 1
        (again,) = outbox_rows.promises(store, status=outbox_rows.WAITING)
        assert (again.id, again.attempts, again.next_try_at) == (failed, 0, 50)


def test_daily_work_loads_no_sqlalchemy(sqlite_url: str) -> None:
    """Showing, listing, registering and advancing a lead are done by records alone."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
    script = (
        "import sys, cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "finally: print({'sqlalchemy', 'sqlmodel', 'pydantic', 'alembic'} & set(sys.modules), file=sys.stderr)"
    )
    for words in (
        ["show", number],
        ["list"],
        ["receive", "--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--summary", "某事"],
        ["advance", number, "assign", "--responsible-leader", "liu", "--handler", "zhao"],
        ["deadline", "list"],
        ["sweep"],
    ):
        said = subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True, text=True, check=False, cwd=ROOT,
            env={**os.environ, "QINGLING_DATABASE": sqlite_url, "QINGLING_OFFICER": "keeper", "QINGLING_LANG": "en"},
        )  # fmt: skip
        assert said.stderr.splitlines()[-1] == "set()", (words, said.stderr)
        assert said.returncode == 0, (words, said.stderr)


def test_a_table_that_is_gone_is_said_as_from_a_plain_statement(sqlite_url: str) -> None:
    """A database that was altered is a sentence about the database, not a fault of the program."""
    with furnished(sqlite_url) as ledger:
        ledger.store.change("PRAGMA foreign_keys = OFF")
        ledger.store.change("DROP TABLE attachments")

        def attached(store: Store) -> None:
            case_rows.keep_attachment(store, 1, 1, "00", "a.pdf", 3)

        with pytest.raises(sqlite3.OperationalError) as failed:
            broken_off(ledger.store, attached)
        assert altered(failed.value) is not None


def test_a_server_may_begin_as_it_likes(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a lock sees what was committed meanwhile, also where the server begins serializable by default."""
    if not is_postgres(database_url):
        pytest.skip("SQLite has one writer")
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_isolation=serializable")
    with closing(open_postgres(database_url)) as connection:
        connection.execute("BEGIN")
        assert connection.execute("SHOW transaction_isolation").fetchone() == ("read committed",)
