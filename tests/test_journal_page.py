"""`docs/journal.md` is enough to read and check a journal: a reader that knows nothing but that page finds no fault."""

import re
import sqlite3
from contextlib import closing
from hashlib import sha256

import msgspec
import pytest
from houses import House, built_house, house
from journal_before import SQL
from journal_reader import PAGE, Key, kinds, sections, unlike_the_page

from engine.journal.case_events import CaseEvent
from engine.journal.event import Event
from engine.journal.events import EVENTS_OF_CASES
from engine.journal.house_events import HOUSE_EVENTS
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.ledger_row import OriginalRow, Question

__all__ = ["built_house", "house"]

ENTRIES = "SELECT case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash FROM journal"
CASES = "SELECT id, number, revision, head FROM cases"


def before() -> sqlite3.Connection:
    """Return the ledger of the version before, in memory."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SQL.read_text("utf-8"))
    return connection


def faults(connection: sqlite3.Connection) -> list[str]:
    """Return what the page's reader finds wrong with a SQLite ledger."""
    return [*unlike_the_page(connection.execute(ENTRIES).fetchall(), connection.execute(CASES).fetchall())]


def keys_of(event: type[msgspec.Struct]) -> dict[str, bool]:
    """Return the keys that a type writes, and whether always."""
    return {each.encode_name: each.required for each in msgspec.structs.fields(event)}


def listed(keys: dict[str, Key]) -> dict[str, bool]:
    """Return the keys that the page lists, and whether they are always written."""
    return {name: key.is_always for name, key in keys.items()}


LATER = {
    *("seals_destroyed", "destruction_proposed", "unit_typed", "receipt_given", "receipt_answered"),
    *("signature_asked", "signature_given", "signature_declined", "signature_void"),
    *("signature_reminded", "database_roles_made", "migration_planned", "migrated"),
    *("restricted", "restriction_lifted", "restrictions_changed", "backup_keys_declared"),
    *("proof_demanded", "credential_set", "credential_revoked", "logged_in", "logged_out", "log_in_refused"),
    *("handed_over", "unit_renamed", "officer_renamed", "officer_returned", "clock_allowed", "clock_forbidden"),
    *("row_kept", "question_closed", "verified", "origin_begun", "children_opened", "extension_withdrawn"),
    *("opening_asked", "opening_agreed", "seals_renewed", "escrow_made", "adopted"),
}
"""Kinds that came after that ledger was stored; other tests write them and verify."""


def test_a_journal_of_the_version_before_is_as_the_page_says() -> None:
    """Every hash, kind, key and type of a stored ledger that holds all kinds of its time is what the page says."""
    with closing(before()) as connection:
        of_cases, of_house = kinds()

        assert faults(connection) == []
        assert {row[0] for row in connection.execute("SELECT DISTINCT kind FROM journal")} == {
            *of_cases,
            *of_house,
        } - LATER


def test_a_journal_of_this_version_is_as_the_page_says(house: House) -> None:
    """The same of what the commands write today, on a clock that nobody set."""
    number = house.assigned(house.lead("--reporter", "Reporter Q-773", "--real-name", "yes"))
    house.done("note", number, "已联系")
    house.done("amend", number, "--summary", "停车场有人强行收费", "--reason", "听错了")
    house.now = "2019-12-20T10:00"
    house.done("sweep")
    house.run("zero", "yearly", "--year", "2019", "--freeze", "-o", str(house.folder))
    with closing(sqlite3.connect(house.database)) as connection:
        written = {row[0] for row in connection.execute("SELECT DISTINCT kind FROM journal")}

        assert faults(connection) == []
        assert written >= {"set_up", "opened", "moved", "noted", "amended", "reminded"}


@pytest.mark.parametrize("event", EVENTS_OF_CASES, ids=lambda each: each.kind)
def test_the_page_lists_each_kind_of_case_row(event: type[Event]) -> None:
    """The keys that the program reads and writes are those of the page, no more and no fewer."""
    assert keys_of(event) == listed(kinds()[0][event.kind])


@pytest.mark.parametrize("event", HOUSE_EVENTS, ids=lambda each: each.kind)
def test_the_page_lists_each_kind_of_house_row(event: type[Event]) -> None:
    """The same of the rows of the house."""
    assert keys_of(event) == listed(kinds()[1][event.kind])


def test_the_page_lists_no_other_kind() -> None:
    """The page has a table for each type and for nothing else; what all rows may say stands once."""
    of_cases, of_house = kinds()
    tables = sections()

    assert list(of_cases) == [each.kind for each in EVENTS_OF_CASES]
    assert list(of_house) == [each.kind for each in HOUSE_EVENTS]
    assert keys_of(Event) == listed(tables["Every row"])
    assert keys_of(CaseEvent) == listed({**tables["Every row"], **tables["Every row of a case"]})
    assert keys_of(JournaledDeadline) == listed(tables["A deadline"])
    assert keys_of(OriginalRow) == listed(tables["An original"])
    assert keys_of(Question) == listed(tables["A question"])


def test_the_example_of_the_page_is_a_row_of_that_ledger() -> None:
    """The worked example hashes to what the page says, and such a row is stored."""
    text, digest = re.findall(r"```(?:json|text)\n(.*)\n```", PAGE.read_text("utf-8"))
    with closing(before()) as connection:
        stored = [row[0] for row in connection.execute("SELECT hash FROM journal WHERE case_id = 0 AND seq = 2")]

    assert sha256(text.encode()).hexdigest() == digest
    assert stored == [digest]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE journal SET body = replace(body, '县中医院', '县医院') WHERE case_id = 0 AND seq = 2", "hash"),
        ("UPDATE journal SET at = at + 1 WHERE case_id = 1 AND seq = 2", "hash"),
        ("UPDATE journal SET body = ' ' || body WHERE case_id = 1 AND seq = 1", "not canonical JSON"),
        ("UPDATE journal SET kind = 'guessed' WHERE case_id = 1 AND seq = 2", "does not list this kind"),
        ("UPDATE journal SET body = '{\"mood\":\"good\"}' WHERE case_id = 1 AND seq = 1", "the key 'mood'"),
        ("UPDATE journal SET body = replace(body, '\"trigger\"', '\"trigger_\"') WHERE kind = 'moved'", "is missing"),
        ("UPDATE journal SET body = '{\"words\":7}' WHERE kind = 'noted'", "'words' is no text"),
        ("DELETE FROM journal WHERE case_id = 1 AND seq = 2", "gap"),
        ("DELETE FROM journal WHERE case_id = 1 AND seq = (SELECT revision FROM cases WHERE id = 1)", "ends elsewhere"),
    ],
)  # fmt: skip
def test_the_reader_of_the_page_sees_what_is_wrong(change: str, told: str) -> None:
    """The reader is no rubber stamp: a changed, missing, unknown or malformed row is found."""
    with closing(before()) as connection:
        connection.execute(change)

        assert any(told in each for each in faults(connection))
