"""`python -m benchmarks [--quick] [--only NAME]`: measures, prints the table and writes it down."""

import argparse
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import (
    advancing,
    desking,
    distant,
    exporting,
    forecasting,
    importing,
    independent,
    proving,
    replaying,
    sharing,
    starting,
    stepping,
    sweeping,
    verifying,
    zero,
)
from benchmarks.measuring import Finding

RESULTS = Path(__file__).with_name("results.md")
NOTES = Path(__file__).with_name("notes.md")
"""What was tried where a target is missed; follows the table."""


class Sizes(NamedTuple):
    """How much is measured."""

    leads: int
    steps: int
    bulk: int
    rows: int
    swept: int
    due: int
    shared: int
    events: int
    rounds: int
    processes: int
    ledger: Path | None = None
    """A file of `benchmarks.many` whose pages are measured instead."""
    pages: tuple[int, ...] = ()
    """Over how many leads pages are measured; none said: a tenth of `leads`, and `leads`."""
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    """On which pages are measured."""


FULL = Sizes(100_000, 500, 100_000, 100_000, 1_000_000, 10_000, 100_000, 1_000_000, 3, 15)
QUICK = Sizes(10_000, 200, 10_000, 10_000, 100_000, 1_000, 10_000, 50_000, 3, 7)

Measure = Callable[[Path, Sizes], Iterable[Finding]]


def _sweeps(folder: Path, sizes: Sizes) -> Iterator[Finding]:
    small = sweeping.once(folder, leads=sizes.swept // 10, due=sizes.due, rounds=sizes.rounds)
    large = sweeping.once(folder, leads=sizes.swept, due=sizes.due, rounds=sizes.rounds)
    yield small
    yield large
    yield sweeping.growth(small, large)
    fewer = sweeping.once(folder, leads=sizes.swept // 10, due=sizes.due // 10, rounds=sizes.rounds)
    yield sweeping.growth_of_both(fewer, large)


def _distant(_: Path, sizes: Sizes) -> Iterator[Finding]:
    for delay_s in (0.0, 0.002):
        yield distant.steps(count=sizes.steps, delay_s=delay_s, rounds=sizes.rounds)


def _pages(folder: Path, sizes: Sizes) -> Iterator[Finding]:
    if sizes.ledger is not None:
        yield from desking.pages_of(sizes.ledger, times=20, rounds=sizes.rounds)
        return
    for leads in sizes.pages or (sizes.leads // 10, sizes.leads):
        yield from desking.pages(folder, leads=leads, times=60, rounds=sizes.rounds, databases=sizes.databases)


MEASURES: dict[str, Measure] = {
    "help": lambda _, sizes: [starting.help_(sizes.processes)],
    "show": lambda folder, sizes: starting.commands(folder, rounds=sizes.processes),
    "steps": lambda folder, sizes: [stepping.mixed(folder, leads=sizes.leads, rounds=5, times=sizes.steps // 20)],
    "remind": lambda folder, sizes: [
        independent.reminders(folder, leads=sizes.swept // 10, due=sizes.due, rounds=sizes.rounds)
    ],
    "advance": lambda folder, sizes: [advancing.one(folder, leads=sizes.leads, steps=sizes.steps, rounds=5)],
    "bulk": lambda folder, sizes: [advancing.many(folder, leads=sizes.bulk, rounds=sizes.rounds)],
    "import": lambda folder, sizes: [importing.ledger(folder, rows=sizes.rows, rounds=sizes.rounds)],
    "export": lambda folder, sizes: [
        exporting.ledger(folder, rows=sizes.rows, rounds=sizes.rounds),
        exporting.bare(folder, rows=sizes.rows, rounds=sizes.rounds),
    ],
    "sweep": _sweeps,
    "share": lambda _, sizes: [sharing.four(leads=sizes.shared, due=sizes.due, rounds=sizes.rounds)],
    "distant": _distant,
    "zero": lambda folder, sizes: zero.by_unit(folder, leads=sizes.swept, rounds=sizes.rounds),
    "desk": _pages,
    "forecast": lambda folder, sizes: forecasting.ahead(folder, leads=10_000, rounds=sizes.rounds),
    "verify": lambda folder, sizes: verifying.journal(folder, events=sizes.events, rounds=sizes.rounds),
    "new": lambda folder, sizes: verifying.newest(folder, events=sizes.events, rounds=sizes.rounds),
    "prove": lambda folder, sizes: [proving.one(folder, events=sizes.events, rounds=sizes.rounds)],
    "replay": lambda _, sizes: [replaying.in_memory(events=sizes.events // 5, rounds=sizes.rounds)],
}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes become seconds")
    parser.add_argument("--only", choices=MEASURES, action="append", help="measure only this; may be repeated")
    parser.add_argument("--folder", type=Path, help="where to make the files; they are kept for the next run")
    parser.add_argument("--leads", type=int, action="append", default=[], help="so many leads for the desk's pages")
    parser.add_argument("--ledger", type=Path, help="the desk over this file of benchmarks.many, which is written into")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append", help="only on this one")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else FULL
    sizes = sizes._replace(ledger=asked.ledger, pages=tuple(asked.leads))
    sizes = sizes._replace(databases=tuple(asked.database or sizes.databases))
    with tempfile.TemporaryDirectory(prefix="qingling-bench-") as made:
        folder = asked.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        for name in asked.only or MEASURES:
            for each in MEASURES[name](folder, sizes):
                sys.stdout.write(f"{row(each)}\n")
                sys.stdout.flush()
                if not asked.quick:
                    RESULTS.write_text(page(_kept() | {each.what: row(each)}), encoding="utf-8")


def row(each: Finding) -> str:
    """Return one line of the table."""
    verdict = "met" if each.met else "**missed**"
    least, greatest = each.spread
    return (
        f"| {each.what} | {each.floor} | {_time(each.ours_s)} | {_time(each.floor_s)} | {each.ratio:.2f} "
        f"({least:.2f}–{greatest:.2f}) | {each.at_most:.2f} | {verdict} | {each.remark} |"
    )


def page(rows: Mapping[str, str]) -> str:
    """Return the page that is kept, from the rows by what was measured."""
    lines = [
        "# What was measured",
        "",
        "`make bench` writes this page. Each measure runs beside its floor in the same run, in turn; the",
        "ratio is the median of the rounds' own ratios (least–greatest), since seconds differ by machine.",
        "",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}.",
        "",
        "| what | floor | ours | floor | ratio | at most | | |",
        "|---|---|---|---|---|---|---|---|",
        *rows.values(),
        "",
    ]
    return "\n".join(lines) + (f"\n{NOTES.read_text(encoding='utf-8')}" if NOTES.exists() else "")


def _kept() -> dict[str, str]:
    """Return the rows that the page has, by what was measured: one measure alone can be done again."""
    if not RESULTS.exists():
        return {}
    measured = RESULTS.read_text(encoding="utf-8").partition("\n## ")[0]  # the notes that follow have tables too
    lines = [line for line in measured.splitlines() if line.startswith("| ")]
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines[1:]}


def _time(taken: float) -> str:
    """Return seconds as people read them."""
    return f"{taken:.2f} s" if taken >= 1 else f"{taken * 1e3:.1f} ms" if taken >= 1e-3 else f"{taken * 1e6:.0f} µs"


if __name__ == "__main__":
    main()
