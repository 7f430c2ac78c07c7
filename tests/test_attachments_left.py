"""A file that is kept stays only with the row that names it: after a kill the next one that is kept clears it away."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ledgers import DAY, START, furnished, opened, register

from engine.errors import ConflictError
from engine.language import Text
from engine.operations.cases import casework
from engine.operations.cases.attachments import content_file, keeping, left_aside, verify_contents
from engine.operations.ledger.acting import Acting
from engine.store import chain_rows
from engine.store.connection import Store

NUMBER = "0101-XS-2019-0001"
KILLED = """
import os, sys
from pathlib import Path
from engine.operations.cases.attachments import keeping
from engine.operations.ledger.access import open_ledger
from workflows.adopted_book import AdoptedDeclarations
ledger = open_ledger(sys.argv[1], AdoptedDeclarations, real_now=None)
with keeping(ledger, Path(sys.argv[2]), sys.argv[3].encode()):
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def ledger_file(tmp_path: Path, sqlite_template: Path) -> str:
    """Return a ledger with a lead."""
    file = str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        register(ledger)
    return file


def kept(folder: Path) -> list[str]:
    """Return the contents that lie in a folder, and what lies beside them."""
    return sorted(each.read_text("utf-8") for each in folder.rglob("*") if each.is_file())


def attached(ledger_file: str, folder: Path, words: str) -> None:
    """Attach a page with these words."""
    page = folder.parent / "page.txt"
    page.write_text(words, "utf-8")
    with opened(ledger_file) as ledger:
        casework.attach(Acting(ledger, "zhou", START + DAY), NUMBER, page, folder=folder, title="page.txt")


def test_what_a_killed_program_left_is_found_and_taken_away_or_used(ledger_file: str, tmp_path: Path) -> None:
    """Killed between file and row: it is counted, taken away by the next, or kept if that is the same; others stay."""
    folder = tmp_path / "files"
    attached(ledger_file, folder, "one")
    (folder / "00").mkdir(exist_ok=True)
    content_file(folder, "0" * 64).write_text("of a newer backup", "utf-8")
    for killed, found, then, left in (
        ("one", 0, "two", ["of a newer backup", "one", "two"]),  # a row names it
        ("three", 1, "two", ["of a newer backup", "one", "two"]),
        ("four", 1, "four", ["four", "of a newer backup", "one", "two"]),
    ):
        done = subprocess.run([sys.executable, "-c", KILLED, ledger_file, str(folder), killed], check=False)
        assert done.returncode == -9
        with opened(ledger_file) as ledger:
            assert len(left_aside(ledger, folder)) == found, killed
        attached(ledger_file, folder, then)
        assert kept(folder) == left, killed
    with opened(ledger_file) as ledger:
        assert left_aside(ledger, folder) == ()
        assert verify_contents(ledger, folder) == (4, ())


def test_a_content_whose_row_is_refused_goes_again_but_not_one_that_others_keep(
    ledger_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left of a refused one; what somebody else keeps just then, or took away, is there after."""
    folder = tmp_path / "files"

    def conflict(*_: object) -> None:
        raise ConflictError(Text("changed", "已变"))

    with monkeypatch.context() as patched:
        patched.setattr(casework, "write_decision", conflict)
        with pytest.raises(ConflictError):
            attached(ledger_file, folder, "one")
        assert kept(folder) == []
        with opened(ledger_file) as ledger, keeping(ledger, folder, b"two") as digest:
            with pytest.raises(ConflictError):
                attached(ledger_file, folder, "two")
            assert content_file(folder, digest).read_bytes() == b"two"
            content_file(folder, digest).unlink()
        assert kept(folder) == ["two"]


def test_a_content_that_another_attaches_while_it_is_taken_away_stays(
    ledger_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question whether a row names it and its removal another has written such a row: it is put back."""
    folder, first, is_attached = tmp_path / "files", iter((True,)), chain_rows.is_attached

    def overtaken(store: Store, digest: str) -> bool:
        found = is_attached(store, digest)
        if next(first, False):
            attached(ledger_file, folder, "same")
        return found

    monkeypatch.setattr(chain_rows, "is_attached", overtaken)
    with pytest.raises(ConflictError), opened(ledger_file) as ledger, keeping(ledger, folder, b"same"):
        raise ConflictError(Text("changed", "已变"))
    assert kept(folder) == ["same"]
