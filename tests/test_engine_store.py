"""The same calls on both databases: whole commits, one state while reading, and refusals instead of tracebacks."""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from traceback import format_exception
from typing import Any

import psycopg
import pytest
from ledgers import START, dump, furnished, opened, register

from engine.errors import ConflictError, DatabaseError
from engine.journal.case_events import NoteWritten
from engine.language import Text
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.timing import pause
from engine.operations.ledger.acting import Acting
from engine.store import case_rows, clock_rows, house_rows, outbox_rows
from engine.store.connection import Store, open_store
from engine.store.sessions import session
from engine.store.tables import SettingRow
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.instants import instant


def broken_off(store: Store) -> None:
    """Write in a commit and break it off."""
    with store.begin():
        house_rows.put_setting(store, "name", "别名")
        raise KeyboardInterrupt


def test_a_commit_that_breaks_off_leaves_nothing(database_url: str) -> None:
    """Even when somebody presses Ctrl-C in the middle; the connection goes on working."""
    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        with pytest.raises(KeyboardInterrupt):
            broken_off(ledger.store)
        assert dump(ledger.store) == before
        assert register(ledger).number == "0101-XS-2019-0001"


def test_reading_sees_one_state_throughout(database_url: str) -> None:
    """What another commits meanwhile is not seen until the reading is over."""
    with furnished(database_url) as ledger, opened(database_url) as other:
        register(ledger)
        with ledger.store.reading():
            seen = len(case_rows.select(ledger.store))
            register(other, summary="另一件")
            assert len(case_rows.select(ledger.store)) == seen
        assert len(case_rows.select(ledger.store)) == seen + 1


def test_nothing_is_written_while_reading(database_url: str) -> None:
    """A reading ends by undoing: a write within it does not come to be."""
    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        with ledger.store.reading(), suppress(DatabaseError):  # PostgreSQL says so at once
            house_rows.put_setting(ledger.store, "name", "别名")
        assert dump(ledger.store) == before


def test_the_same_thing_written_twice_is_a_conflict(database_url: str) -> None:
    """A second row with the same key is refused as a conflict, not as a fault of the database."""
    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        with pytest.raises(ConflictError) as refused, ledger.store.begin():
            house_rows.add_unit(ledger.store, "0101", "又一", None)
        assert refused.value.exit_code == 22
        assert dump(ledger.store) == before


def test_a_case_is_written_only_over_what_was_read(database_url: str) -> None:
    """With an older revision nothing is written, one by one, among many, or in a part that is undone by itself."""
    with furnished(database_url) as ledger:
        case = register(ledger)
        stale = case._replace(revision=case.revision - 1)
        entry = Acting(ledger, "zhou", instant(case.changed_at)).entry(case, NoteWritten(words="看过"))
        store = ledger.store
        late = partial(ConflictError, Text("late", "迟"))
        wrong = (stale, "x", 0, dict[str, object](), entry, (0, 0))
        for among in ([wrong], [wrong] * 20):
            with pytest.raises(ConflictError, match="迟"), store.begin():
                case_rows.update_many(store, among, otherwise=late)
        with store.begin(), pytest.raises(ConflictError, match="迟"), store.part():
            case_rows.update_many(store, [wrong], otherwise=late)
        assert ledger.case(case.number) == case
        with store.begin():
            case_rows.update_one(
                store,
                case,
                state="received",
                clearance=0,
                fields=case.fields,
                entry=entry,
                shaping=(-1, 0),
                otherwise=late,
            )
        assert ledger.case(case.number).revision == entry.seq


def test_ids_are_nobody_elses(database_url: str) -> None:
    """Two that reserve ids at once get different ones."""
    with furnished(database_url) as ledger, opened(database_url) as other:
        found: list[int] = []

        def reserve(store: Store) -> None:
            with store.begin():
                ids = list(store.reserve("cases", 3))
                case_rows.insert(
                    store, [ledger_case._replace(id=each, number=f"0101-XS-2018-{each:04}") for each in ids], [0] * 3
                )
            found.extend(ids)

        ledger_case = register(ledger)
        reserve(ledger.store)
        reserve(other.store)
        assert len(set(found)) == 6


def test_values_come_back_as_they_went_in(database_url: str) -> None:
    """Text of any script, marks of both databases among it, numbers, lists and flags."""
    values: dict[str, Any] = {
        "summary": "100% 属实? %s 'quoted' \\ 😀",
        "amount": 12.5,
        "real_name": True,
        "remark": "一\n二",
    }
    with furnished(database_url) as ledger:
        case = register(ledger, **values)
        assert {key: case.fields[key] for key in values} == values
        assert ledger.case(case.number) == case


def test_streams_hold_what_queries_hold(database_url: str) -> None:
    """Rows that are streamed are those that are asked for at once, in the same order."""
    with furnished(database_url) as ledger:
        for turn in range(5):
            register(ledger, summary=f"第{turn}件")
        asked = "SELECT number FROM cases WHERE id > ? ORDER BY id"
        assert list(ledger.store.stream(asked, (0,))) == ledger.store.query(asked, (0,))


def test_a_clock_comes_back_with_its_ledger(database_url: str) -> None:
    """Pauses and extensions are read as they were written."""
    with furnished(database_url) as ledger:
        number = register(ledger, handling_due_on="2019-09-01").number
        longer = extend(
            Acting(ledger, "zhou", START),
            number,
            "handling",
            length=Term(amount=5, unit=TermUnit.DAYS),
            reason="鉴定",
            signed_by="zhao",
            filed_on=START.date(),
        )
        still = pause(Acting(ledger, "zhou", START), number, "handling", reason="鉴定")
        found = [each for each in clock_rows.of_case(ledger.store, ledger.case(number).id) if each.name == "handling"]
        assert found == [still]
        assert found[0].extensions == longer.extensions
        assert len(found[0].pauses) == 1


def test_a_closed_store_can_be_opened_again(database_url: str) -> None:
    """What one connection wrote the next one reads."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
    store = open_store(database_url)
    assert case_rows.find(store, number) is not None
    store.close()


def test_reading_a_damaged_file_is_a_refusal(sqlite_url: str) -> None:
    """A page that is no page any more is told as damage, by every way of reading, not as a fault of the program."""
    with furnished(sqlite_url) as ledger:
        for turn in range(20):
            register(ledger, summary=f"第{turn}件" * 50)
    content = Path(sqlite_url).read_bytes()
    store = open_store(sqlite_url)
    page = store.query("SELECT rootpage FROM sqlite_master WHERE name = 'cases'")[0][0]
    store.close()
    Path(sqlite_url).write_bytes(content[: (page - 1) * 4096] + b"\xff" * 4096 + content[page * 4096 :])
    store = open_store(sqlite_url)
    try:
        for read in (store.query, lambda asked: list(store.stream(asked)), store.change):
            with pytest.raises(DatabaseError, match="restore"):
                read("SELECT fields FROM cases")
    finally:
        store.close()


def test_a_server_that_goes_away_is_a_refusal(postgres_url: str) -> None:
    """A connection that the server ends is told in one sentence, whatever was being done, and never as a fault."""
    with furnished(postgres_url) as ledger, opened(postgres_url) as other:
        own = ledger.store.query("SELECT pg_backend_pid()")[0][0]
        other.store.query("SELECT pg_terminate_backend(?)", (own,))
        for _ in range(2):
            with pytest.raises(DatabaseError) as refused:
                ledger.store.query("SELECT number FROM cases")
            assert refused.value.exit_code == 12
        with pytest.raises(DatabaseError), ledger.store.reading():
            ledger.store.query("SELECT number FROM cases")
        with pytest.raises(DatabaseError):
            ledger.store.change("DELETE FROM cases")


def test_what_a_server_says_of_a_row_is_not_repeated(postgres_url: str) -> None:
    """An error that passes through says what is wrong and no value, in one line as in a traceback."""
    rows = (
        ("INSERT INTO settings VALUES (?, NULL)", ("孙二娘",), "violates not-null constraint"),
        ("INSERT INTO settings VALUES (?, '1'), (?, '2')", ("孙二娘", "孙二娘"), "violates unique constraint"),
    )
    wrong = []
    with closing(open_store(postgres_url)) as store:
        for statement, values, says in rows:
            with pytest.raises((psycopg.Error, ConflictError)) as broken, store.begin():
                store.change(statement, values)
            said = "".join(format_exception(broken.value))
            if says not in said or "孙二娘" in said:
                wrong.append(said[-800:])
    assert wrong == []


def test_what_the_server_undid_is_not_said_to_be_done(postgres_url: str) -> None:
    """Who passes over an error within a transaction learns at its end that nothing was written."""
    import psycopg

    def passed_over(store: Store) -> None:
        with store.begin():
            house_rows.put_setting(store, "mark", 1)
            with suppress(psycopg.errors.NotNullViolation):
                store.change("INSERT INTO cases (id) VALUES (NULL)")

    with furnished(postgres_url) as ledger:
        store = ledger.store
        with pytest.raises(DatabaseError, match="未写入"):
            passed_over(store)
        assert house_rows.setting(store, "mark") is None
        with store.begin():
            house_rows.put_setting(store, "mark", 2)
        assert house_rows.setting(store, "mark") == 2


def test_what_was_asked_ahead_is_forgotten_by_every_write(postgres_url: str) -> None:
    """However something is written, what is asked after it says so."""
    asked = "SELECT value FROM settings WHERE name = ?"
    stale: list[str] = []
    with furnished(postgres_url) as ledger, ledger.store.begin():
        store = ledger.store
        house_rows.put_setting(store, "mark", 0)
        ways: dict[str, Callable[[str], object]] = {
            "put": lambda to: store.put(f"UPDATE settings SET value = '{to}' WHERE name = ?", ("mark",)),
            "change": lambda to: store.change(f"UPDATE settings SET value = '{to}' WHERE name = 'mark'"),
            "many": lambda to: store.change_many("UPDATE settings SET value = ? WHERE name = ?", [(to, "mark")]),
            "returning": lambda to: store.column(f"UPDATE settings SET value = '{to}' RETURNING name"),
            "with": lambda to: store.query(
                f"WITH w AS (UPDATE settings SET value = '{to}' RETURNING 1) SELECT count(*) FROM w"
            ),
            "driver": lambda to: store.driver.execute(f"UPDATE settings SET value = '{to}'"),
        }
        for way, write in ways.items():
            store.foresee([(asked, ("mark",))])
            write(way)
            stale += [] if store.value(asked, ("mark",)) == way else [way]
        for way in ("session", "session again"):
            store.foresee([(asked, ("mark",))])
            with session(store) as written:
                row = written.get_one(SettingRow, "mark")
                row.value = way
            stale += [] if store.value(asked, ("mark",)) == way else [way]

    assert stale == []


def test_nobody_waits_for_ever(postgres_url: str) -> None:
    """Who waits for another's lock longer than a writer of SQLite would is told that the database is in use."""
    with furnished(postgres_url) as ledger, opened(postgres_url) as other:
        assert ledger.store.query("SHOW lock_timeout") == [("30s",)]
        ledger.store.change("SET lock_timeout = '20ms'")
        with other.store.begin():
            house_rows.lock_house(other.store)
            with pytest.raises(DatabaseError, match="占用"), ledger.store.begin():
                house_rows.lock_house(ledger.store)


def test_no_plan_claims_more_than_was_asked_for(postgres_url: str) -> None:
    """Even where the planner joins row by row, two of ten messages are taken, the oldest."""
    with furnished(postgres_url) as ledger:
        store = ledger.store
        with store.begin():
            for turn in range(10):
                outbox_rows.promise(store, f"note/{turn}", "digest", "zhou", {}, turn)
        for road in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "indexscan", "bitmapscan"):
            store.change(f"SET enable_{road} = off")
        assert [each.key for each in outbox_rows.claim(store, now_at=100, limit=2, until_at=200)] == [
            "note/0",
            "note/1",
        ]
