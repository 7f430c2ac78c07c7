"""Every measure still runs on the program as it is; how fast is no matter for a test."""

from pathlib import Path

import pytest

from benchmarks.__main__ import MEASURES, Sizes, page, row

TINY = Sizes(leads=40, steps=4, bulk=40, rows=40, swept=400, due=20, shared=40, events=40, rounds=1, processes=1)


@pytest.mark.parametrize("name", sorted(MEASURES.keys() - {"share"}))  # which starts a server of its own, with fsync
def test_it_measures(name: str, tmp_path: Path) -> None:
    """It does its work and the floor's, and a row of the table can be written of both."""
    found = list(MEASURES[name](tmp_path, TINY))
    assert found
    for each in found:
        assert each.ours_s > 0 < each.floor_s
        assert each.what in page({each.what: row(each)})
