"""Invented ledgers of the kinds that offices keep: every row is in, no value is another, and little is asked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tools.intake import LEDGERS, Figures, compared, made, names, read, understood


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> list[Figures]:
    """Return how well each ledger is understood in each of its formats."""
    folder = tmp_path_factory.mktemp("ledgers")
    return [compared(name, read(path)) for name in names() for path in made(name, folder)]


def test_no_value_is_wrong_and_no_row_is_lost(figures: list[Figures]) -> None:
    """What was understood is what stands there, in every format; what was not is asked about or kept."""
    assert [(each.name, each.wrong, each.lost) for each in figures if each.wrong or each.lost] == []


def test_no_cell_is_lost(figures: list[Figures]) -> None:
    """Every text and comment of a record is held by the row as it stood, whatever its column means."""
    assert [(each.name, each.lost_cells) for each in figures if each.lost_cells] == []


def test_the_corpus_covers_what_offices_keep() -> None:
    """At least forty ledgers, of every kind that is kept."""
    kinds = {yaml.safe_load((LEDGERS / f"{name}.yaml").read_text("utf-8"))["kind"] for name in names()}
    assert len(names()) >= 40
    assert kinds >= {"lead", "petition", "hotline", "supervision", "rectification", "report", "screening", "transfer"}


def test_nine_of_ten_fields_need_no_help(figures: list[Figures]) -> None:
    """Of all expected values at least nine of ten are understood without a mapping or an answer."""
    assert sum(each.found for each in figures) >= 0.9 * sum(each.fields for each in figures)


def _cases() -> Iterator[str]:
    yield from names()


@pytest.mark.parametrize("name", list(_cases()))
def test_what_is_left_out_sealed_and_asked(tmp_path: Path, name: str) -> None:
    """Rows that are no lead, columns that say who somebody is, and those asked about are exactly the expected ones."""
    expected = json.loads((LEDGERS / f"{name}.json").read_text("utf-8"))
    for path in made(name, tmp_path):
        got = understood(read(path))
        assert {key: got[key] for key in ("left_out", "kept", "sealed", "asked", "problems")} == {
            key: expected[key] for key in ("left_out", "kept", "sealed", "asked", "problems")
        }
