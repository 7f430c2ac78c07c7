"""A running case ends by the declarations that it began with, those of its children included."""

from pathlib import Path

import pytest
from houses import COMPLAINT, INQUIRY
from ledgers import START, furnished

from engine.operations.cases.casework import advance, open_case
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from workflows.loader import Declarations

ASKING = """
  ask:
    title: Ask
    from: open
    by: [liaison]
    opens: [{workflow: inquiry, set: {words: =words, asked_on: =received_on}}]
deadlines:"""
NEXT_INQUIRY = INQUIRY.replace("version: 1", "version: 2").replace(
    "states:\n", "  urgency: {type: text, required: true, title: {en: Urgency, zh: 缓急}}\nstates:\n"
)
"""A child that asks for what a running parent does not bring."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a workflow that opens another."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "complaint.yaml").write_text(COMPLAINT.replace("deadlines:", ASKING), "utf-8")
    (tmp_path / "own" / "inquiry.yaml").write_text(INQUIRY, "utf-8")
    return tmp_path / "own"


def reread(ledger: Ledger, folder: Path) -> Ledger:
    """Return the ledger as the next command would open it."""
    store = ledger.store
    return Ledger(store, Declarations([folder], stored=lambda name, version: house.kept_workflow(store, name, version)))


def complain(ledger: Ledger) -> str:
    """Register a complaint and return its number."""
    values = {"received_on": "2019-06-28", "words": "停车乱收费"}
    return open_case(Acting(ledger, "lian", START), "complaint", values, unit="0101").case.number


@pytest.mark.parametrize("asked_before", [False, True], ids=["first child", "another child"])
def test_a_new_version_of_a_child_strands_no_running_parent(
    database_url: str, folder: Path, *, asked_before: bool
) -> None:
    """It opens the version that was there when its own version began, whether it opened one before or not."""
    with furnished(database_url, adopts=False) as bare:
        ledger = reread(bare, folder)
        number = complain(ledger)
        if asked_before:
            advance(Acting(ledger, "lian", START), number, "ask", {})
        (folder / "inquiry.yaml").write_text(NEXT_INQUIRY, "utf-8")
        ledger = reread(bare, folder)
        trial = advance(Acting(ledger, "lian", START), number, "ask", {}, dry_run=True)
        taken = advance(Acting(ledger, "lian", START), number, "ask", {})
        assert [each.opened[0].version for each in (trial, taken)] == [1, 1]
        told = advance(Acting(ledger, "lian", START), taken.opened[0].number, "tell", {})
        assert told.case.state == "told"
        assert verifying.verify(ledger)[1] == ()


def test_a_new_version_of_the_parent_takes_the_new_child(database_url: str, folder: Path) -> None:
    """What begins with the next version of the parent opens the newest child; what runs goes on as it began."""
    with furnished(database_url, adopts=False) as bare:
        first = complain(reread(bare, folder))
        (folder / "inquiry.yaml").write_text(NEXT_INQUIRY, "utf-8")
        parent = (folder / "complaint.yaml").read_text("utf-8").replace("version: 1", "version: 2")
        (folder / "complaint.yaml").write_text(parent.replace("=received_on}", "=received_on, urgency: 急}"), "utf-8")
        ledger = reread(bare, folder)
        second = complain(ledger)
        versions = [
            advance(Acting(ledger, "lian", START), each, "ask", {}).opened[0].version for each in (first, second)
        ]
        assert versions == [1, 2]
        assert verifying.verify(ledger)[1] == ()


def test_a_ledger_from_before_is_pinned_to_what_it_opened_first(sqlite_url: str, folder: Path) -> None:
    """Where the parent was kept before its child, the child's first version is meant, not its latest."""
    with furnished(sqlite_url, adopts=False) as bare:
        ledger = reread(bare, folder)
        number = complain(ledger)
        bare.store.change("UPDATE workflow_versions SET stored_at = 0 WHERE name = ?", ("complaint",))
        (folder / "inquiry.yaml").write_text(NEXT_INQUIRY, "utf-8")
        taken = advance(Acting(reread(bare, folder), "lian", START), number, "ask", {})
        assert taken.opened[0].version == 1
