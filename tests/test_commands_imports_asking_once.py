"""What a ledger has no column for is asked once at a terminal, for all its rows."""

from collections.abc import Mapping
from datetime import date

import click
import pytest
from click.testing import CliRunner

from commands.imports import asking_once
from commands.imports.asking_once import asked_once
from documents.ledger_in.columns import NUMBER
from documents.ledger_in.constants import FROM_SHEET
from documents.ledger_in.sheet_model import Heading, SheetRead
from engine.language import language, use
from workflows.loader import Declarations

LEAD = Declarations().latest("lead")
TODAY = date(2019, 12, 1)
SOURCE = "没有“线索来源”一栏"
RECEIVED = "没有“收到时间”一栏"


def sheet(*fields: str) -> SheetRead:
    """Return a sheet with columns for these fields."""
    headings = tuple(Heading(text=each, letter="A", field=each, how="title") for each in fields)
    return SheetRead(name="2019年6月", shape="table", header=(1, 1), headings=headings, meta={})


def answered(
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    *sheets: SheetRead,
    known: Mapping[str, object] | None = None,
    terminal: bool = True,
) -> tuple[dict[str, object], str]:
    """Return what is answered by typing that at a terminal, and what was asked there."""
    monkeypatch.setattr(asking_once, "can_ask", lambda: terminal)
    found: dict[str, object] = {}

    @click.command()
    def ask() -> None:
        found.update(asked_once(LEAD, sheets, known or {}, today=TODAY))

    before = language()
    use("zh")
    try:
        result = CliRunner().invoke(ask, input=typed, catch_exceptions=False)
    finally:
        use(before)
    return found, result.stderr


ANSWERS = [
    ("来信\n", {"source": "letter"}),
    ("letter\n", {"source": "letter"}),
    ("12345\n", {"source": "hotline_12345"}),
    ("@sheet\n", {"source": FROM_SHEET}),
    ("\n", {}),
    ("神秘人\n来信\n", {"source": "letter"}),
]


@pytest.mark.parametrize(("typed", "found"), ANSWERS)
def test_an_answer_is_read_as_a_cell_would_be(
    monkeypatch: pytest.MonkeyPatch, typed: str, found: dict[str, object]
) -> None:
    """Titles, values and synonyms will do, the sheet's name by its sign; nothing leaves the question to each lead."""
    answer, said = answered(monkeypatch, typed, sheet("summary", "received_on"))

    assert answer == found
    assert said.count(SOURCE) == typed.count("\n")


def test_what_is_no_choice_is_told_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names what is wrong; the question stands until there is an answer."""
    _, said = answered(monkeypatch, "神秘人\n来信\n", sheet("summary", "received_on"))

    assert "“神秘人”不在可选范围内" in said


def test_each_missing_column_is_asked_about_in_the_order_of_the_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day is read as people write it; what every lead is about is never one for all."""
    answer, said = answered(monkeypatch, "2019年6月3日\n来信\n", sheet("ledger_number"))

    assert answer == {"received_on": date(2019, 6, 3), "source": "letter"}
    assert said.index(RECEIVED) < said.index(SOURCE)
    assert "反映的主要问题" not in said


NOTHING = [
    ("there is a column in one of the sheets", (sheet("summary"), sheet("source", "received_on")), {}, True),
    ("it was named on the command line", (sheet("summary", "received_on"),), {"source": "letter"}, True),
    ("nobody can be asked", (sheet("summary"),), {}, False),
    ("the ledger was exported from here", (sheet(NUMBER, "summary"),), {}, True),
]


@pytest.mark.parametrize(("why", "sheets", "known", "terminal"), NOTHING, ids=[each[0] for each in NOTHING])
def test_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, why: str, sheets: tuple[SheetRead, ...], known: dict[str, object], terminal: bool
) -> None:
    """Who has said it, or cannot be asked, is not asked."""
    assert answered(monkeypatch, "", *sheets, known=known, terminal=terminal) == ({}, "")
