"""`python -m benchmarks.peers [--leads N]`: prints what a step costs each peer that is installed."""

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.ground import made, say, timed

PEERS = {
    "plain sqlite3": "plain",
    "Qingling": "ours",
    "transitions + SQLModel": "of_transitions",
    "python-statemachine + SQLAlchemy": "of_statemachine",
    "django-fsm-2": "of_django_fsm",
    "SpiffWorkflow": "of_spiff",
    "DBOS": "of_dbos",
}


def main() -> None:
    """Run what is installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--leads", type=int, default=500)
    parser.add_argument("--only", choices=PEERS)
    asked = parser.parse_args()
    if asked.only:
        _measure(asked.only, asked.leads)
        return
    say("| peer | a step, processor time |\n|---|---|")
    for name in PEERS:  # each in a process of its own: two of them would share the tables of SQLAlchemy
        again = [sys.executable, "-m", "benchmarks.peers", "--only", name, "--leads", str(asked.leads)]
        subprocess.run(again, check=False)


def _measure(name: str, leads: int) -> None:
    """Measure one peer, or say that it is missing."""
    try:
        peer = importlib.import_module(f"benchmarks.peers.{PEERS[name]}")
    except ImportError as missing:
        say(f"| {name} | not installed: {missing.name} |")
        return
    with tempfile.TemporaryDirectory(prefix="qingling-peers-") as folder:
        file = Path(folder) / "peer.db"
        made(file, leads)
        with peer.stepping(file, leads) as step:
            say(f"| {name} | {timed(step, leads) * 1e6:.0f} µs |")


if __name__ == "__main__":
    main()
