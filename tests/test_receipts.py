"""Codes for reporters without a name: shown once, answered by, opened by nobody else; wrong ones slow down."""

import sqlite3
from pathlib import Path

from houses import LEAD, House, built_house, house

__all__ = ["built_house", "house"]

ANSWER = "已转公安机关办理"


def test_a_reporter_without_a_name_is_answered(house: House) -> None:
    """The code is shown once and kept nowhere; it opens the answers, and nothing else in the ledger does."""
    given = house.run("receive", "--unit", "0101", *LEAD, "--receipt-code")
    assert given.exit_code == 0, given.output
    code = given.stderr.partition("shown only now: ")[2].strip().splitlines()[0]
    number = given.stdout.split()[-1]
    assert len(code.replace(" ", "")) == 16
    assert "nothing was answered yet" in house.run("receipt", "read", "--code-file", "-", stdin=code).output
    house.done("receipt", "answer", number, "--words-file", "-", stdin=ANSWER)
    shown = house.done("receipt", "read", "--code-file", "-", stdin=code.replace(" ", ""), by="li")
    assert ANSWER in shown
    assert number not in shown
    for words in ("show", "journal log"):
        said = house.done(*words.split(), number)
        assert ANSWER not in said
        assert code not in said
    kept = sqlite3.connect(house.database)
    kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.close()
    content = Path(house.database).read_bytes()
    assert not any(each.encode() in content for each in (ANSWER, code, code.replace(" ", "")))
    access = house.done("journal", "access", "--case", number, "--json")
    assert access.count('"by": "receipt"') == 2
    assert house.run("journal", "verify", "--tables").exit_code == 0
    assert house.run("receipt", "answer", house.lead(), "--words-file", "-", stdin=ANSWER).exit_code == 21


def test_wrong_codes_slow_down(house: House) -> None:
    """After five wrong ones in a row the officer waits; the wrong ones stand in the access log."""
    refused = [
        house.run("receipt", "read", "--code-file", "-", stdin="1234 5678 9012 3456").exit_code for _ in range(6)
    ]
    assert refused == [20] * 5 + [21]
    house.now = "2019-07-03T10:00"
    assert house.run("receipt", "read", "--code-file", "-", stdin="1").exit_code == 20
