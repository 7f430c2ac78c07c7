"""How long the program takes to begin, as whole processes, beside Python importing one library."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.ground import NOW, OFFICER, build, fill
from benchmarks.measuring import Finding, paired, seconds


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


def show(folder: Path, *, rounds: int) -> Finding:
    """Measure `qingling show NUMBER`."""
    base = folder / "shown.db"
    if not base.exists():
        build(str(base))
        fill(str(base), 100, assigned=True)
    set_ = {"QINGLING_DATABASE": str(base), "QINGLING_OFFICER": OFFICER, "QINGLING_NOW": NOW.isoformat()}
    return paired(
        "`qingling show NUMBER`",
        '`python -c "import sqlalchemy"`',
        lambda: _seconds(["-m", "cli", "show", "0101-XS-2019-0001"], set_),
        lambda: _seconds(["-c", "import sqlalchemy"], {}),
        at_most=1.5,
        rounds=rounds,
    )


def _seconds(arguments: list[str], set_: dict[str, str]) -> float:
    """Return how long a fresh Python takes for it, from start to end."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run([sys.executable, *arguments], env={**plain, **set_}, stdout=subprocess.DEVNULL, check=True)

    return seconds(run)
