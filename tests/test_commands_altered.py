"""What a command says when its output finds no room or the database was altered: one line and a code, no fault."""

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from houses import House, built_house, house

from engine.journal.canonical import canonical
from engine.journal.chain import digest

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent
FIRST = "0101-XS-2019-0001"


def in_shell(house: House, command: str) -> tuple[int, str]:
    """Run a command with its redirections by a shell; return its code and what it says on stderr."""
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'cli.py'))}"
    done = subprocess.run(
        ["/bin/sh", "-c", f"{program} {command}"],
        check=False,
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "QINGLING_DATABASE": str(house.database),
            "QINGLING_LANG": "en",
            "QINGLING_OFFICER": "wang",
            "HOME": str(house.folder),
        },
    )
    return done.returncode, done.stderr


def altered(house: House, *statements: str) -> None:
    """Change the database with plain SQL."""
    with closing(sqlite3.connect(house.database)) as connection, connection:
        for each in statements:
            connection.execute(each)


@pytest.mark.parametrize("command", ["list >&-", "list --json >&-", "list >&- 2>&-", "list <&- >&-"])
def test_closed_streams_are_no_fault(house: House, command: str) -> None:
    """What is closed takes nothing; the work is done all the same."""
    house.lead()
    code, said = in_shell(house, command)
    assert (code, "fault" in said) == (0, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", ["list", "--version", "journal log --json"])
def test_a_full_disk_is_told(house: House, command: str) -> None:
    """Output that cannot be written is said to be so, once."""
    house.lead()
    code, said = in_shell(house, f"{command} >/dev/full")
    assert code == 11
    assert said.startswith("Error: the output cannot be written")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", [["list"], ["show", FIRST]], ids=["list", "show"])
def test_values_that_are_no_json_are_told(house: House, command: list[str]) -> None:
    """The case is named, and where to look further; the journal's check finds it as well."""
    house.lead()
    altered(house, "UPDATE cases SET fields = '{'")
    assert f"the database was altered: the values of {FIRST}" in house.refused(12, *command)
    result = house.run("journal", "verify")
    assert (result.exit_code, f"{FIRST}, row 1: the values of the case" in result.output) == (12, True)


def test_a_table_that_is_gone_is_told(house: House) -> None:
    """It is named, and a backup is the way back."""
    house.lead()
    altered(house, "DROP TABLE deadlines")
    assert "the database was altered: no such table: deadlines" in house.refused(12, "show", FIRST)


@pytest.mark.parametrize("command", [["journal", "log", FIRST], ["show", FIRST]], ids=["log", "show"])
def test_a_row_that_was_altered_does_not_hide_the_others(house: House, command: list[str]) -> None:
    """The row is shown with what is left of it, the rows beside it whole; the journal's check names it."""
    house.lead()
    house.done("note", FIRST, "as it was said")
    altered(house, "UPDATE journal SET body = '{}' WHERE case_id = 1 AND seq = 1")
    said = house.done(*command)
    assert "registered" in said
    assert "as it was said" in said
    result = house.run("journal", "verify")
    assert (result.exit_code, f"{FIRST}, row 1: " in result.output) == (12, True)


def test_rows_of_a_newer_program_are_not_called_altered(house: House) -> None:
    """A chain that holds, with a schema of tomorrow, is for the newer program to judge; other cases are verified."""
    house.lead()
    house.lead()
    with closing(sqlite3.connect(house.database)) as raw, raw:
        row = raw.execute("SELECT at, by, kind, from_state, to_state, clearance, body FROM journal WHERE case_id = 1")
        at, by, kind, before, after, clearance, body = row.fetchone()
        body = canonical({**json.loads(body), "schema": 2})
        newer = digest("", FIRST, 1, at, by, kind, before, after, clearance, body)
        raw.execute("UPDATE journal SET body = ?, hash = ? WHERE case_id = 1", (body, newer))
        raw.execute("UPDATE cases SET head = ? WHERE id = 1", (newer,))
    altered(house, "UPDATE cases SET unit_id = 2 WHERE id = 2")

    said = house.run("journal", "verify").output

    assert f"{FIRST}, row 1: the rows up to it were written by a newer version" in said
    assert "0101-XS-2019-0002" in said
    assert "changed" not in said


def test_a_case_whose_journal_is_gone_is_named(house: House) -> None:
    """It is not told as a row of the house."""
    house.lead()
    altered(house, "DELETE FROM journal WHERE case_id = 1")
    assert f"{FIRST}, row 1: is missing" in house.run("journal", "verify").output


def test_a_case_that_is_gone_is_named(house: House) -> None:
    """With all its rows deleted, its number is still missed."""
    house.lead()
    house.lead()
    gone = [f"DELETE FROM {each} WHERE case_id = 1" for each in ("journal", "deadlines")]
    altered(house, *gone, "DELETE FROM cases WHERE id = 1")
    assert f"{FIRST}: the number was given" in house.run("journal", "verify").output


def test_a_link_is_undone(house: House) -> None:
    """The case stands by itself again and both pages say so; a second undoing is refused."""
    house.lead()
    second = house.lead()
    house.done("link", second, FIRST, "--reason", "same facts")
    house.done("link", second, "--undo", "--reason", "another hospital")
    assert house.found("show", second)["clearance"] == "open"
    assert f"repeats {FIRST} no more: another hospital" in house.done("show", second)
    assert f"{second} repeats it no more" in house.done("show", FIRST)
    assert "is not linked" in house.refused(21, "link", second, "--undo", "--reason", "x")
    assert "either the first case or --undo" in house.refused(2, "link", second, FIRST, "--undo", "--reason", "x")
    assert "either the first case or --undo" in house.refused(2, "link", second, "--reason", "x")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_bytes(b"another"), "the file kept is not the one that was attached (报告.pdf)"),
        (Path.unlink, "the file kept is gone or cannot be read (报告.pdf)"),
    ],
    ids=["changed", "gone"],
)
def test_an_attached_file_that_is_not_what_was_attached_is_named(
    house: House, spoil: Callable[[Path], object], said: str
) -> None:
    """The journal's check names the case and the file, and `doctor` sees it as well; before, both are content."""
    house.lead()
    report = house.folder / "报告.pdf"
    report.write_bytes(b"as it was signed")
    house.done("attach", FIRST, str(report))
    assert house.found("journal", "verify")["files"] == 1
    (kept,) = (each for each in (house.folder / "ledger-files").rglob("*") if each.is_file())
    spoil(kept)
    result = house.run("journal", "verify")
    assert (result.exit_code, f"{FIRST}, row 2: {said}" in result.stdout) == (12, True)
    assert "1 of 1 are gone or changed" in house.run("doctor").output
