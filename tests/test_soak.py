"""A small year of a province: what `make soak` proves at length."""

import os
from pathlib import Path

import pytest

from benchmarks.ground import build
from tools.soak import Plan, soak


@pytest.mark.skipif(not hasattr(os, "fork"), reason="schedulers are killed by a signal")
def test_a_year_of_sweeps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Two schedulers that are killed twice remind of everything once; zero agrees with a list at every month's end."""
    url = str(tmp_path / "year.db")
    build(url)
    figures = soak(url, Plan(leads=30, schedulers=2, kills=2, days_between_sweeps=7))
    assert (figures.wrong, figures.registered, figures.killed) == ([], 30, 2)
    assert len(figures.memory_kib) == 12
    assert figures.reminders > 40
    assert figures.closed > 0
    assert figures.verified > figures.registered
    assert figures.memory_kib[-1] < 1.25 * figures.memory_kib[5]
