"""Every measure still runs on the program as it is; how fast is no matter for a test."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import advancing, exporting, importing, starting, sweeping, verifying, zero
from benchmarks.measuring import Finding, paired, peak, peaks


def finding(ratio: float = 1.5) -> Finding:
    """Return what a measure might find."""
    return Finding(
        what="a thing", floor="its floor", ours_s=ratio, floor_s=1, ratio=ratio, spread=(1, 2), at_most=1.6, remark=""
    )


def test_pairs_are_taken_in_turn_and_compared_pair_by_pair() -> None:
    """The ratio is the median of the rounds' own, and whoever went second goes first next."""
    order: list[str] = []
    times = {"ours": iter([2.0, 9.0, 8.0]), "floor": iter([1.0, 3.0, 2.0])}

    def run(who: str) -> float:
        order.append(who)
        return next(times[who])

    found = paired("x", "y", lambda: run("ours"), lambda: run("floor"), at_most=3, rounds=3)

    assert order == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert (found.ratio, found.spread, found.met) == (3.0, (2.0, 4.0), True)


@pytest.mark.parametrize("name", ["advance", "bulk", "import", "export", "sweep", "zero", "verify", "new", "show"])
def test_every_measure_runs_beside_its_floor(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the smallest sizes each measure does its work, its floor writes the same, and both take time."""
    monkeypatch.setattr(importing, "_memory", lambda _base, _file: "")
    monkeypatch.setattr(exporting, "_peak", lambda _base, _folder: 0)
    measures: dict[str, Callable[[], Iterable[Finding]]] = {
        "advance": lambda: [advancing.one(tmp_path, leads=4, steps=2, rounds=1)],
        "bulk": lambda: [advancing.many(tmp_path, leads=4, rounds=1)],
        "import": lambda: [importing.ledger(tmp_path, rows=12, rounds=1)],
        "export": lambda: [exporting.ledger(tmp_path, rows=10, rounds=1)],
        "zero": lambda: zero.by_unit(tmp_path, leads=100, rounds=1),
        "sweep": lambda: [sweeping.once(tmp_path, leads=8, due=2, rounds=1)],
        "verify": lambda: verifying.journal(tmp_path, events=8, rounds=1),
        "new": lambda: verifying.newest(tmp_path, events=200, rounds=1),
        "show": lambda: starting.commands(tmp_path, rounds=1),
    }

    for each in measures[name]():
        assert each.floor
        assert each.ours_s > 0
        assert each.floor_s > 0


def test_a_program_is_charged_with_its_own_memory_only() -> None:
    """What the program that measures holds is no part of the peak."""
    held = bytearray(300 * 1024 * 1024)
    largest, _ = peak([sys.executable, "-c", "pass"], dict(os.environ))
    assert largest < len(held) // 1024 // 2


def test_each_process_of_a_program_is_charged() -> None:
    """The memory of a process that the program begins stands beside its own."""
    inner = "import time; held = bytearray(200 * 1024 * 1024); time.sleep(0.2)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    together, (own, begun), _ = peaks([sys.executable, "-c", outer], dict(os.environ))
    assert own < 100 * 1024
    assert begun > 200 * 1024
    assert together >= begun


def test_growth_is_what_the_floor_does_not_share() -> None:
    """A sweep that grows as its floor does has not grown."""
    large = Finding(what="", floor="", ours_s=3.0, floor_s=2.0, ratio=1.5, spread=(1.5, 1.5), at_most=1.6, remark="")
    assert sweeping.growth(finding(), large).ratio == pytest.approx(1.0)


def test_every_promised_measure_is_there() -> None:
    """What the program offers is what was promised."""
    assert set(program.MEASURES) == {
        "help",
        "new",
        "show",
        "advance",
        "bulk",
        "import",
        "sweep",
        "desk",
        "distant",
        "forecast",
        "prove",
        "replay",
        "share",
        "verify",
        "zero",
        "export",
        "steps",
        "remind",
    }


def test_the_page_keeps_what_was_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One measure alone can be done again; the other rows stay, and tables of the notes are none of them."""
    monkeypatch.setattr(program, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(program, "NOTES", tmp_path / "notes.md")
    program.NOTES.write_text("## Notes\n\n| what | before |\n|---|---|\n| a note | 2 |\n", "utf-8")
    rows = {"another": "| another | f | 1 | 1 | 1 | 1 | met |  |"}
    program.RESULTS.write_text(program.page(rows | {"a thing": program.row(finding(1.2))}), "utf-8")

    text = program.page(program._kept() | {"a thing": program.row(finding(1.9))})

    assert rows["another"] in text
    assert "1.90 (1.00–2.00) | 1.60 | **missed**" in text
    assert text.count("| a note | 2 |") == 1
    assert "1.20 (1.00–2.00)" not in text
