"""Commands that look at many leads, each as a whole process: `python -m benchmarks.many LEADS [--folder FOLDER]`.

Prints a row for each: CPU seconds of user and system, the most memory it held, and its exit code. It is no part of
`make bench`, for a million leads are five gigabytes; the leads stand as those of `zero` do, and their chains verify.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks import zero
from benchmarks.ground import OFFICER, UNITS, build, copied, opened
from benchmarks.recording import plain_connection
from engine.journal.canonical import canonical
from engine.journal.chain import digest
from engine.operations.cases.casework import amend
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import unique_rows
from engine.store.connection import Row

REPORTS: Final = (
    "report weekly --period 2019-W52 -o {folder}/weekly.html --replace",
    "report monthly --period 2019-12 -o {folder}/monthly.html --replace",
    "report year --period 2019 -o {folder}/year.html --replace",
)
"""Asked for three times: for the first time, again, and after so many leads as `CHANGED` have gone on."""
CHANGED: Final = 1_000
COMMANDS: Final = (
    "journal verify --tables",
    "journal checkpoint",
    "journal verify",
    *("journal verify --baseline {folder}/baseline",) * 2,
    "zero zhengzhou_2019",
    "zero zhengzhou_2019 --quick",
    "zero zhengzhou_2019 --quick --limit 100",
    *REPORTS,
    "doctor",
    "backup {folder}/backup.db",
    "show {closed}",
    "today",
    "list --open --limit 50",
    "list --where 'amount == 99'",
    "list --open --where 'amount == 99'",
    "list --where 'handler == \"officer00\"' --limit 50",
    "list --where 'archive_number == \"D-5000\"'",
    "deadline list --overdue --limit 100",
    "journal log --kind amended",
    "export ledger --where 'amount == 99' -o {folder}/found.csv --replace",
)
"""In this order: the first lets `zero` read what is new since, as a house does that verifies every month; the second
time a baseline is there."""
WRITING: Final = (
    "advance {waiting} assign --set responsible_leader=chen --set handler=chen",
    "advance assign --where 'amount == 99' --set responsible_leader=chen --set handler=chen --apply",
    "amend {closed} --set archive_number=R-1 --reason 'the shelf was numbered again'",
    "receive --unit 0101 --received_on 2019-12-31 --source letter --summary 有人强揽病人转诊",
)
"""Of a copy, so that the ledger stays as it is."""
MARK: Final = 99
MARKED: Final = 100
"""So many leads that wait for the first step have this amount, and no others."""
_FIELDS: Final = 12
"""Where the values stand in the row of a case."""
_TABLES: Final = (
    ("cases", "id"), ("journal", "case_id"), ("deadlines", "case_id"), ("named_officers", "case_id"),
    ("unique_values", "case_id"),
)  # fmt: skip


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
            made: tuple[list[Sequence[object]], ...] = ([], [], [], [], [])
            for each in range(start, min(start + 20_000, leads - len(patterns) + 1)):
                (case,), entries, clocks, named, given_once = rows[turns[each * 37 % 100]]
                unit = each % len(UNITS)
                serials[unit] += 1
                number = form.format(unit=UNITS[unit], serial=serials[unit])
                filed = f'"D-{case[0]}"', f'"D-{last + each}"'  # a number that is given once
                chain = _chained(entries, last + each, number, UNITS[unit], filed)
                row = [last + each, number, *case[2:5], unit + 1, *case[6:-2], chain[-1][-1], case[-1]]
                row[_FIELDS] = row[_FIELDS].replace(*filed)
                made[0].append(row)
                made[1].extend(chain)
                for place, clock in enumerate(clocks, clock_id + 1):
                    made[2].append((place, last + each, *clock[2:]))
                clock_id += len(clocks)
                made[3].extend((officer, last + each) for officer, _ in named)
                made[4].extend((*said[:2], unique_rows.digest(f"D-{last + each}"), last + each) for said in given_once)
            for (table, _), found in zip(_TABLES, made, strict=True):
                store.change_many(f"INSERT INTO {table} VALUES ({','.join('?' * len(found[0]))})", found)
        for code, serial in zip(UNITS, serials, strict=True):
            series = form.replace("{unit}", code)
            store.change("DELETE FROM counters WHERE series = ?", (series,))
            store.change("INSERT INTO counters VALUES (?, ?)", (series, serial))
    _mark(ledger)
    store.change("ANALYZE")
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _mark(ledger: Ledger) -> None:
    """Give some of the leads that wait for the first step a value that no other has, by real corrections."""
    asked = "SELECT number FROM cases WHERE workflow = 'lead' AND state = 'received' ORDER BY id LIMIT ?"
    for number in ledger.store.column(asked, (MARKED,)):
        amend(Acting(ledger, OFFICER, zero.at(zero.DAY)), number, {"amount": MARK}, reason="the letter names it")


def _chained(
    entries: Sequence[Row], case_id: int, number: str, unit: str, filed: tuple[str, str]
) -> list[tuple[object, ...]]:
    """Return the journal of a pattern as that of another lead of a unit, with hashes and a file number of its own."""
    head, found = "", list[tuple[object, ...]]()
    for _, seq, at, by, kind, before, after, clearance, body, _ in entries:
        said = canonical({**json.loads(body), "unit": unit}) if seq == 1 else body.replace(*filed)
        head = digest(head, number, seq, at, by, kind, before, after, clearance, said)
        found.append((case_id, seq, at, by, kind, before, after, clearance, said, head))
    return found


def change(url: str) -> None:
    """Correct leads all over the ledger on the second day after the year."""
    ledger = opened(url)
    numbers = ledger.store.column("SELECT number FROM cases WHERE workflow = 'lead' AND clearance < 3 ORDER BY id")
    for number in numbers[:: max(1, len(numbers) // CHANGED)][:CHANGED]:
        amend(Acting(ledger, OFFICER, zero.at(date(2020, 1, 2))), number, {"amount": MARK + 1}, reason="counted again")
    ledger.store.close()


def measured(
    words: Sequence[str], url: str, log: Path, *, now: str = "2019-12-31T10:00:00+08:00"
) -> tuple[float, float, int, int]:
    """Run a command as a process of its own; return its CPU seconds, and those of the system, MiB and exit code."""
    environment = {
        **os.environ, "QINGLING_DATABASE": url, "QINGLING_OFFICER": OFFICER, "QINGLING_LANG": "en",
        "QINGLING_NOW": now,
    }  # fmt: skip
    child = os.fork()
    if child == 0:
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.execve(sys.executable, [sys.executable, "-m", "cli", *words], environment)
    _, status, used = os.wait4(child, 0)
    return used.ru_utime, used.ru_stime, used.ru_maxrss // 1024, os.waitstatus_to_exitcode(status)


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
        print("| command | user s | system s | MiB | exit code |\n|---|---|---|---|---|")
        _print_rows(COMMANDS, ledger, folder, asked.only)
        _print_rows(REPORTS, ledger, folder, asked.only, which=", again")
        used = Path(copied(ledger, f"{ledger.stem}-used.db")) if _wanted((*REPORTS, *WRITING), asked.only) else ledger
        if _wanted(REPORTS, asked.only):
            change(str(used))
            which = f", after {CHANGED:,} leads changed"
            _print_rows(REPORTS, used, folder, asked.only, which=which, now="2020-01-03T10:00:00+08:00")
        _print_rows(WRITING, used, folder, asked.only)


def _print_rows(
    commands: Sequence[str],
    ledger: Path,
    folder: Path,
    only: Sequence[str] | None,
    *,
    which: str = "",
    now: str = "2019-12-31T10:00:00+08:00",
) -> None:
    """Run those of the commands that are wanted, and print a row for each."""
    with closing(plain_connection(str(ledger))) as connection:
        found = connection.execute("SELECT state, number FROM cases WHERE id BETWEEN 2000 AND 4000").fetchall()
    waiting, closed = (next(number for state, number in found if state == each) for each in ("received", "struck_off"))
    for command in _wanted(commands, only):
        (folder / "backup.db").unlink(missing_ok=True)
        words = shlex.split(command.format(folder=folder, waiting=waiting, closed=closed))
        user, system, memory, code = measured(words, str(ledger), folder / "said.txt", now=now)
        print(f"| `{command.split(' -o')[0]}`{which} | {user:.2f} | {system:.2f} | {memory} | {code} |", flush=True)


def _wanted(commands: Sequence[str], only: Sequence[str] | None) -> list[str]:
    """Return the commands that begin as asked; all if nothing is asked."""
    return [each for each in commands if not only or each.startswith(tuple(only))]


if __name__ == "__main__":
    main()
