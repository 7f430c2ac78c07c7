"""Commands that look at many leads, each as a whole process: `python -m benchmarks.many LEADS [--folder FOLDER]`.

Prints a row for each: CPU seconds of user and system, and the most memory it held. It is no part of `make bench`,
for a million leads are five gigabytes; the leads stand as those of `zero` do, and their chains verify.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks import zero
from benchmarks.ground import OFFICER, UNITS, build, opened
from engine.journal.canonical import canonical
from engine.journal.chain import digest
from engine.store.connection import Row

COMMANDS: Final = (
    "journal verify --tables",
    "journal checkpoint",
    "zero zhengzhou_2019",
    "zero zhengzhou_2019 --quick",
    "report weekly --period 2019-W52 -o {folder}/weekly.html --replace",
    "report monthly --period 2019-12 -o {folder}/monthly.html --replace",
    "report year --period 2019 -o {folder}/year.html --replace",
    "doctor",
    "backup {folder}/backup.db",
)
"""In this order: the first lets `zero` read what is new since, as a house does that verifies every month."""
_TABLES: Final = (("cases", "id"), ("journal", "case_id"), ("deadlines", "case_id"))


def fill(url: str, leads: int) -> None:
    """Bring up a house and write leads like a few that went the real way, in the shares of `zero`."""
    build(url)
    ledger = opened(url)
    store = ledger.store
    patterns = {name: zero.lived(ledger, name) for name, _ in zero.SHARES}
    rows = {
        name: [store.query(f"SELECT * FROM {table} WHERE {key} = ?", (case_id,)) for table, key in _TABLES]
        for name, case_id in patterns.items()
    }
    turns = [name for name, share in zero.SHARES for _ in range(share)]
    clock_id = int(store.query("SELECT max(id) FROM deadlines")[0][0])
    last = int(store.query("SELECT max(id) FROM cases")[0][0])
    form = ledger.rules("lead").workflow.number.replace("{year}", "2019")
    given: dict[str, int] = dict(store.query("SELECT series, last FROM counters"))
    serials = [int(given.get(form.replace("{unit}", unit), 0)) for unit in UNITS]
    with store.begin():
        for start in range(1, leads - len(patterns) + 1, 20_000):
            made: tuple[list[Sequence[object]], ...] = ([], [], [])
            for each in range(start, min(start + 20_000, leads - len(patterns) + 1)):
                (case,), entries, clocks = rows[turns[each * 37 % 100]]
                unit = each % len(UNITS)
                serials[unit] += 1
                number = form.format(unit=UNITS[unit], serial=serials[unit])
                chain = _chained(entries, last + each, number, UNITS[unit])
                made[0].append((last + each, number, *case[2:5], unit + 1, *case[6:-2], chain[-1][-1], case[-1]))
                made[1].extend(chain)
                for place, clock in enumerate(clocks, clock_id + 1):
                    made[2].append((place, last + each, *clock[2:]))
                clock_id += len(clocks)
            for (table, _), found in zip(_TABLES, made, strict=True):
                store.change_many(f"INSERT INTO {table} VALUES ({','.join('?' * len(found[0]))})", found)
        for code, serial in zip(UNITS, serials, strict=True):
            series = form.replace("{unit}", code)
            store.change("DELETE FROM counters WHERE series = ?", (series,))
            store.change("INSERT INTO counters VALUES (?, ?)", (series, serial))
    store.change("ANALYZE")
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _chained(entries: Sequence[Row], case_id: int, number: str, unit: str) -> list[tuple[object, ...]]:
    """Return the journal of a pattern as that of another lead of a unit, with hashes of its own."""
    head, found = "", list[tuple[object, ...]]()
    for _, seq, at, by, kind, before, after, clearance, body, _ in entries:
        said = canonical({**json.loads(body), "unit": unit}) if seq == 1 else body
        head = digest(head, number, seq, at, by, kind, before, after, clearance, said)
        found.append((case_id, seq, at, by, kind, before, after, clearance, said, head))
    return found


def measured(words: Sequence[str], url: str, log: Path) -> tuple[float, float, int]:
    """Run a command as a process of its own; return its CPU seconds, and those of the system, and its memory in MiB."""
    environment = {
        **os.environ, "QINGLING_DATABASE": url, "QINGLING_OFFICER": OFFICER, "QINGLING_LANG": "en",
        "QINGLING_NOW": "2019-12-31T10:00:00+08:00",
    }  # fmt: skip
    child = os.fork()
    if child == 0:
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.execve(sys.executable, [sys.executable, "-m", "cli", *words], environment)
    _, _, used = os.wait4(child, 0)
    return used.ru_utime, used.ru_stime, used.ru_maxrss // 1024


def main() -> None:
    """Make the ledger if it is not there, and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("leads", type=int)
    parser.add_argument("--folder", type=Path, help="where to make the ledger; it is kept for the next run")
    parser.add_argument("--only", action="append", help="measure only commands that begin so; may be repeated")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qingling-many-") as made:
        folder = asked.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        ledger = folder / f"many-{asked.leads}.db"
        if not ledger.exists():  # by another process: what this one holds, its children are said to have held
            filling = get_context("spawn").Process(target=fill, args=(str(ledger), asked.leads))
            filling.start()
            filling.join()
        print("| command | user s | system s | MiB |\n|---|---|---|---|")
        for command in COMMANDS:
            if asked.only and not command.startswith(tuple(asked.only)):
                continue
            (folder / "backup.db").unlink(missing_ok=True)
            user, system, memory = measured(command.format(folder=folder).split(), str(ledger), folder / "said.txt")
            print(f"| `{command.split(' -o')[0].split(' {')[0]}` | {user:.2f} | {system:.2f} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
