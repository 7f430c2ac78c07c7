"""How long the program takes to begin, as whole processes, beside Python importing one library."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.ground import NOW, OFFICER, build, fill
from benchmarks.measuring import Finding, paired, seconds

NUMBER = "0101-XS-2019-0001"
VERIFIED = ("report_number=核1", f"verifiers={OFFICER},officer00", "finding=substantiated", f"verified_on={NOW.date()}")
"""What a report of a verification takes."""
COMMANDS = {
    "show NUMBER": ("show", NUMBER),
    "advance NUMBER STEP --dry-run": (
        *("advance", NUMBER, "verify", "--dry-run"),
        *(word for each in VERIFIED for word in ("--set", each)),
    ),
}


def help_(rounds: int) -> Finding:
    """Measure `qingling --help`."""
    return paired(
        "`qingling --help`",
        '`python -c "import click"`',
        lambda: _seconds(["-m", "cli", "--help"], {}),
        lambda: _seconds(["-c", "import click"], {}),
        at_most=1.3,
        rounds=rounds,
    )


def commands(folder: Path, *, rounds: int) -> Iterator[Finding]:
    """Measure `qingling show NUMBER`, and a step on trial with all that it takes, beside importing Click alone."""
    base = folder / "shown.db"
    if not base.exists():
        build(str(base))
        fill(str(base), 100, assigned=True)
    set_ = {"QINGLING_DATABASE": str(base), "QINGLING_OFFICER": OFFICER, "QINGLING_NOW": NOW.isoformat()}
    for what, words in COMMANDS.items():
        yield paired(
            f"`qingling {what}`",
            '`python -c "import click"`',
            partial(_seconds, ["-m", "cli", *words], set_),
            lambda: _seconds(["-c", "import click"], {}),
            at_most=3.0,
            rounds=rounds,
        )


def _seconds(arguments: list[str], set_: dict[str, str]) -> float:
    """Return how long a fresh Python takes for it, from start to end."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run([sys.executable, *arguments], env={**plain, **set_}, stdout=subprocess.DEVNULL, check=True)

    return seconds(run)
