"""A ledger that the version before has written opens, verifies and goes on, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from houses import House
from journal_before import make

from engine.journal.events import TYPES, read
from engine.store.connection import open_store

LATER = {
    *("seals_destroyed", "destruction_proposed", "unit_typed", "receipt_given", "receipt_answered"),
    *("signature_asked", "signature_given", "signature_declined", "signature_void"),
    *("signature_reminded", "database_roles_made", "migration_planned", "migrated"),
    *("restricted", "restriction_lifted", "restrictions_changed", "backup_keys_declared"),
    *("proof_demanded", "credential_set", "credential_revoked", "logged_in", "logged_out", "log_in_refused"),
    *("handed_over", "unit_renamed", "officer_renamed", "officer_returned", "clock_allowed", "clock_forbidden"),
    *("row_kept", "question_closed", "verified", "origin_begun", "adopted", "children_opened", "extension_withdrawn"),
    *("opening_asked", "opening_agreed", "seals_renewed", "escrow_made"),
}
"""Kinds that came after that ledger was stored."""
ENTRIES = "SELECT case_id, seq, kind, body, hash FROM journal ORDER BY case_id, seq"


class Before:
    """That ledger, and the commands of today on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.files = url, folder / "kept"
        make(url, self.files)
        self._house = House(folder)
        self._house.now = "2019-12-17T10:00"
        self.allowed = False
        """Whether its keeper lets officers set the clock back to its time."""

    def run(self, *words: str, code: int = 0, lang: str = "en") -> Result:
        """Run a command and expect it to end with *code*; a question of its time, all else by the clock of today."""
        env = {"QINGLING_DATABASE": self.url, "QINGLING_FILES": str(self.files)}
        env |= {} if words[0] == "zero" or self.allowed else {"QINGLING_NOW": ""}
        result = self._house.run(*words, lang=lang, env=env)
        assert result.exit_code == code, result.output
        return result

    def entries(self) -> list[tuple[Any, ...]]:
        """Return the journal."""
        store = open_store(self.url)
        try:
            return [tuple(row) for row in store.query(ENTRIES)]
        finally:
            store.close()


@pytest.fixture
def before(empty_url: str, tmp_path: Path) -> Before:
    """Return the ledger on each database in turn, brought up to the tables of today."""
    found = Before(empty_url, tmp_path)
    found.run("upgrade", "--backup", str(tmp_path / "before.db"))
    return found


def test_it_verifies_and_goes_on(before: Before) -> None:
    """It holds, a case is shown, campaigns judged, a case advanced; it holds again, and what was there is untouched."""
    stood = before.entries()
    checked = json.loads(before.run("journal", "verify", "--json").stdout)
    shown = json.loads(before.run("show", "0104-YS-2019-0001", "--json").stdout)
    before.run("zero", "yearly", "--year", "2019", code=30)
    before.run("zero", "zhengzhou_2019", code=30)
    before.run("advance", "0104-YS-2019-0001", "receipt", "--receipted-on", "2019-11-04", "--received-by", "吕某")
    again = json.loads(before.run("journal", "verify", "--json").stdout)
    now = before.entries()

    assert shown["state"] == "sent"
    assert again["checked"] > checked["checked"] >= len(stood)
    assert set(stood) <= set(now)
    assert {row[2] for row in set(now) - set(stood)} == {"moved", "child_moved"}


def test_each_row_reads_and_writes_the_same_bytes(before: Before) -> None:
    """The type of each kind reads the body that the version before wrote and writes it again, byte for byte."""
    rows = before.entries()

    assert {row[2] for row in rows} >= {*TYPES} - LATER
    assert [read(kind, body).body() for _, _, kind, body, _ in rows] == [row[3] for row in rows]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_row_has_words(before: Before, language: str) -> None:
    """The log tells every row in words, none by the bare name of its kind and none with a gap to fill."""
    lines = before.run("journal", "log", lang=language).stdout.splitlines()

    assert len(lines) >= len(before.entries())
    assert not [line for line in lines if "{" in line or line.split()[-1] in TYPES]


RESTING = {
    # Late since 2019-09-10, then paused by an officer on 2019-12-15: on record, and no day is won by the rest.
    "0101-XS-2019-0003": (
        ("resume", "verification"),
        ("paused", "2019-09-09", [("2019-09-10", "2019-12-15", "paused", True)]),
        ("running", "2019-09-09", [("2019-09-10", "2019-12-15", "paused", True), ("2019-12-17", None, None, False)]),
    ),
    # Kept pending since 2019-07-26: 144 days later it goes on, due on the first working day after the Spring Festival.
    "0102-XS-2019-0003": (
        ("advance", "take_up"),
        ("paused", "2019-09-09", []),
        ("running", "2020-02-03", []),
    ),
}


@pytest.mark.parametrize("number", RESTING)
def test_what_rested_goes_on(before: Before, number: str) -> None:
    """A term that stood still when the tables were brought up keeps its day and lateness, and runs on from there."""

    def stands() -> Any:
        shown = json.loads(before.run("show", number, "--json").stdout)["deadlines"]
        term = next(each for each in shown if each["name"] == "verification")
        noted = [(b["first_late_on"], b["ended_on"], b["why"], b["derived"]) for b in term["breaches"]]
        return term["status"], term["due_on"], noted

    (verb, what), then, since = RESTING[number]
    assert stands() == then
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    before.run("clock", "allow", "--until", until, "--reason", "补录")
    before.allowed = True
    before.run(verb, number, what, "--reason", "恢复")
    assert stands() == since
    before.run("journal", "verify")
