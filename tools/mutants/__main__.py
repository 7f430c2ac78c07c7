"""Tries the changes of some rooms: python -m tools.mutants [--rooms rules,…] [--sample N] [--seconds N].

What survives is printed as it is found; docs/mutants.md judges it.
"""

import argparse
import importlib
import os
import random
import time
from collections.abc import Iterable, Sequence
from multiprocessing import Pipe
from pathlib import Path

from tools.mutants.changes import HOUSE, Mutant, of_file
from tools.mutants.trying import be_unheard, serve, survives_import

SEED = 7

TESTS = {
    "deadlines": ("operations_deadlines_timing",),
    "journal": ("journal_page", "extension_withdrawn", "operations_as_seen"),
    "rules": (
        "lists_by_type",
        "moments",
        "operations_cases_twins",
        "operations_cases_value_checks",
        "operations_machine",
        "operations_migrating",
        "operations_roads",
        "shapes",
        "workflows_guards",
    ),
    "working_days": ("engine_reading_calendar_file",),
}
"""Room of the engine -> tests that must notice a change in it, beside those that bear its name.

Each change is shown to those of them all that enter its code.
"""

LIBRARIES = ("sqlmodel", "pydantic", "pydantic_core", "yaml", "transitions", "pyrage", "psycopg")
"""What takes long to import and is the same under each change."""


def watched_by(rooms: Iterable[str]) -> tuple[str, ...]:
    """Return the files of tests that must notice a change in rooms."""
    own = (path for room in rooms for path in (HOUSE / "tests").glob(f"test_engine_{room}_*.py"))
    besides = (HOUSE / "tests" / f"test_{name}.py" for room in rooms for name in TESTS[room])
    return tuple(sorted({path.relative_to(HOUSE).as_posix() for path in (*own, *besides)}))


def changes_of(room: str) -> list[Mutant]:
    """Return all changes of a room, in an order drawn with a fixed seed: what is cut short has tried a fair part."""
    found = [each for file in files_of(room) for each in of_file(file)]
    random.Random(SEED).shuffle(found)  # noqa: S311 - no secret
    return found


def files_of(room: str) -> list[Path]:
    """Return the code of a room."""
    return sorted((HOUSE / "engine" / room).rglob("*.py"))


class Warm:
    """Tests that have been imported and run once without any change, in a process of their own."""

    def __init__(self, rooms: Sequence[str]) -> None:
        self._line, there = Pipe()
        self._process = os.fork()
        if self._process == 0:
            self._line.close()
            try:
                be_unheard()
                serve([file for room in rooms for file in files_of(room)], watched_by(rooms), there)
            finally:
                os._exit(1)
        there.close()

    def wait(self) -> tuple[int, list[str]]:
        """Return how many tests there are once all have run, and those that fail without a change: they are left out.

        Raises:
            EOFError: If they could not be collected.
        """
        count, failed = self._line.recv()
        return count, failed

    def survives(self, change: Mutant) -> bool:
        """Say whether a change passes all tests that enter its code."""
        self._line.send(change)
        chosen = self._line.recv()
        return chosen is not None and (not chosen.tests or survives_import(change, chosen))

    def end(self) -> None:
        """Let the process go."""
        self._line.close()
        os.waitpid(self._process, 0)


def main() -> None:
    """Try the changes of the rooms that are asked for."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--rooms", default=",".join(TESTS))
    asked.add_argument("--sample", type=int, default=0, help="how many changes of each room; 0 for all")
    asked.add_argument("--seconds", type=int, default=0, help="how long for each room; 0 for as long as it takes")
    given = asked.parse_args()
    os.chdir(HOUSE)
    os.environ["CI"] = "true"  # by which Hypothesis draws the same each time, and keeps nothing
    for name in LIBRARIES:
        importlib.import_module(name)
    rooms = given.rooms.split(",")
    warm = Warm(rooms)
    count, failed = warm.wait()
    print(f"{count} tests, not asked: {', '.join(failed) or 'none'}", flush=True)
    for room in rooms:
        found = changes_of(room)
        wanted = found[: given.sample] if given.sample else found
        began, tried, lived = time.monotonic(), 0, 0
        for each in wanted:
            if given.seconds and time.monotonic() - began > given.seconds:
                break
            tried += 1
            if warm.survives(each):
                lived += 1
                print(f"{each.file}:{each.line}: {each.was}  ->  {each.now}", flush=True)
        print(f"{room}: {tried} of {len(found)} tried, {lived} survived", flush=True)
    warm.end()


if __name__ == "__main__":
    main()
