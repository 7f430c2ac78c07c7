"""Invented ledgers of the kinds that offices keep: every row is in, no value is another, and little is asked."""

import json
from collections.abc import Iterator, Mapping

import pytest
import yaml

from documents.ledger_in.sheet_model import LedgerReading
from tools.intake import LEDGERS, Figures, compared, made, names, read, understood


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[LedgerReading]]:
    """Return what is read of each ledger in each of its formats."""
    folder = tmp_path_factory.mktemp("ledgers")
    return {name: [read(path) for path in made(name, folder)] for name in names()}


@pytest.fixture(scope="module")
def figures(readings: Mapping[str, list[LedgerReading]]) -> list[Figures]:
    """Return how well each ledger is understood in each of its formats."""
    return [compared(name, reading) for name, each in readings.items() for reading in each]


def test_no_value_is_wrong_and_no_row_is_lost(figures: list[Figures]) -> None:
    """What was understood is what stands there, in every format; what was not is asked about or kept."""
    assert [(each.name, each.wrong, each.lost) for each in figures if each.wrong or each.lost] == []


def test_no_cell_is_lost(figures: list[Figures]) -> None:
    """Every text and comment of a record is held by the row as it stood, whatever its column means."""
    assert [(each.name, each.lost_cells) for each in figures if each.lost_cells] == []


def test_the_corpus_covers_what_offices_keep() -> None:
    """At least sixty ledgers, of every kind that is kept."""
    kinds = {yaml.safe_load((LEDGERS / f"{name}.yaml").read_text("utf-8"))["kind"] for name in names()}
    assert len(names()) >= 60
    assert kinds >= {"lead", "petition", "hotline", "supervision", "rectification", "report", "screening", "transfer"}


def test_nine_of_ten_fields_need_no_help(figures: list[Figures]) -> None:
    """Of all expected values at least nine of ten are understood without a mapping or an answer."""
    assert sum(each.found for each in figures) >= 0.9 * sum(each.fields for each in figures)


def test_most_rows_need_no_help(figures: list[Figures]) -> None:
    """All rows are in; of ten at least eight are understood whole, and at most two come in with a question."""
    rows = sum(each.rows for each in figures)

    assert sum(each.understood for each in figures) >= 0.8 * rows
    assert sum(each.questioned for each in figures) <= 0.2 * rows


def _cases() -> Iterator[str]:
    yield from names()


@pytest.mark.parametrize("name", list(_cases()))
def test_what_is_left_out_sealed_and_asked(readings: Mapping[str, list[LedgerReading]], name: str) -> None:
    """Rows that are no lead, columns that say who somebody is, and those asked about are exactly the expected ones."""
    expected = json.loads((LEDGERS / f"{name}.json").read_text("utf-8"))
    for reading in readings[name]:
        got = understood(reading)
        assert {key: got[key] for key in ("left_out", "kept", "sealed", "asked", "problems")} == {
            key: expected[key] for key in ("left_out", "kept", "sealed", "asked", "problems")
        }
