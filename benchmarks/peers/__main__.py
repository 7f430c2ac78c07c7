"""`python -m benchmarks.peers [--leads N] [--on DATABASE]`: prints what each peer costs that is installed."""

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from benchmarks.peers import postgres
from benchmarks.peers.ground import made, say, timed
from benchmarks.sharing import run_statement, server

PEERS = {
    "plain sqlite3": "plain",
    "Qingling": "ours",
    "transitions + SQLModel": "of_transitions",
    "python-statemachine + SQLAlchemy": "of_statemachine",
    "django-fsm-2": "of_django_fsm",
    "SpiffWorkflow": "of_spiff",
    "DBOS": "of_dbos",
}
ON_POSTGRES = {
    "plain psycopg": "plain_on_postgres",
    "Qingling": "ours_on_postgres",
    "DBOS": "of_dbos_on_postgres",
}
REMINDING = {"Qingling": "ours_on_postgres", "APScheduler's store": "of_apscheduler"}


def main() -> None:
    """Run what is installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--leads", type=int, default=500)
    parser.add_argument("--on", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--reminding", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only and asked.url:
        _measure_on_postgres(asked.only, asked.url, asked.leads, reminding=asked.reminding)
    elif asked.only:
        _measure(asked.only, asked.leads)
    else:
        if asked.on != "postgresql":
            say("| on SQLite | a step, processor time |\n|---|---|")
            for name in PEERS:
                _alone(name, asked.leads)
        if asked.on != "sqlite":
            _on_postgres(asked.leads)


def _on_postgres(leads: int) -> None:
    """Run those on a PostgreSQL of our own, each in a database of its own."""
    with server() as url_of:
        for what, peers, more in (("a step", ON_POSTGRES, ()), ("a reminder", REMINDING, ("--reminding",))):
            say(f"| on PostgreSQL | {what}, processor time of the client | by the clock |\n|---|---|---|")
            for name, module in peers.items():
                database = f"{module}{len(more)}"
                run_statement(url_of("postgres"), f"CREATE DATABASE {database}")
                _alone(name, leads, "--url", url_of(database), *more)


def _alone(name: str, leads: int, *more: str) -> None:
    """Measure a peer in a process of its own: two of them would share the tables of SQLAlchemy."""
    again = [sys.executable, "-m", "benchmarks.peers", "--only", name, "--leads", str(leads), *more]
    subprocess.run(again, check=False)


def _measure(name: str, leads: int) -> None:
    """Measure one peer on SQLite, or say that it is missing."""
    peer = _installed(name, PEERS)
    if peer is None:
        return
    with tempfile.TemporaryDirectory(prefix="qingling-peers-") as folder:
        file = Path(folder) / "peer.db"
        made(file, leads)
        with peer.stepping(file, leads) as step:
            say(f"| {name} | {timed(step, leads) * 1e6:.0f} µs |")


def _measure_on_postgres(name: str, url: str, leads: int, *, reminding: bool) -> None:
    """Measure one peer on PostgreSQL, or say that it is missing."""
    peer = _installed(name, REMINDING if reminding else ON_POSTGRES)
    if peer is None:
        return
    if reminding:
        with peer.reminding(url, leads) as remind:
            processor, clock = (each / leads for each in postgres.lasted(remind))
    else:
        if peer.__name__ != "benchmarks.peers.ours_on_postgres":
            postgres.made(url, leads)
        with peer.stepping(url, leads) as step:
            processor, clock = postgres.timed(step, leads)
    say(f"| {name} | {processor * 1e6:.0f} µs | {clock * 1e6:.0f} µs |")


def _installed(name: str, peers: dict[str, str]) -> ModuleType | None:
    """Return the module that measures a peer; None, with a word, if what it needs is missing."""
    try:
        return importlib.import_module(f"benchmarks.peers.{peers[name]}")
    except ImportError as missing:
        say(f"| {name} | not installed: {missing.name} |")
        return None


if __name__ == "__main__":
    main()
