"""What the other processes of the tests of time do: they sweep and deliver for real, and may be killed at any moment.

Run as a script: watchers.py PART DATABASE ARGUMENT…. A line on standard output says that it is ready,
or what it has done; a line on standard input lets it go on.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from ledgers import DAY, START
from notices import DIGEST, row, shipped_templates

from commands.shared.delivery import Mailbag
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.ledger import Ledger
from engine.rules.transitions import Rules
from engine.store.connection import open_store
from engine.working_days.calendars import china
from notifications.channels import trust
from notifications.dispatch import dispatch
from notifications.render import Templates
from notifications.settings import Settings, read_settings
from workflows.loader import Declarations

ROOT = Path(__file__).resolve().parent.parent
DAYS = 130
"""Days that a rehearsal of sweeps goes on for."""

Watcher = subprocess.Popen[str]


def dates() -> list[datetime]:
    """Return the mornings of the rehearsal."""
    return [START + day * DAY for day in range(DAYS)]


@contextmanager
def watchers(*calls: tuple[str, ...]) -> Iterator[tuple[Watcher, ...]]:
    """Start the processes, wait until each says that it is ready, and end what is left of them afterwards."""
    with ExitStack() as ending:
        started = []
        for call in calls:
            watcher = subprocess.Popen(
                [sys.executable, str(Path(__file__)), *call],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            ending.callback(_ended, watcher)
            started.append(watcher)
        for watcher in started:
            assert heard(watcher) == "ready"
        yield tuple(started)


def tell(watcher: Watcher, words: str = "") -> None:
    """Say a line to a waiting process."""
    assert watcher.stdin is not None
    watcher.stdin.write(f"{words}\n")
    watcher.stdin.flush()


def heard(watcher: Watcher) -> str:
    """Return the next line that a process says; empty when it has ended."""
    assert watcher.stdout is not None
    return watcher.stdout.readline().strip()


def _ended(watcher: Watcher) -> None:
    """End a process if it still runs, and close its pipes."""
    watcher.kill()
    watcher.wait()
    for pipe in (watcher.stdin, watcher.stdout):
        if pipe is not None:
            pipe.close()


def _sweep_once(url: str, chunk: str) -> None:
    """Sweep once, late, and say how many reminders were recorded."""
    ledger = Ledger(open_store(url), Declarations())
    print("ready", flush=True)
    sys.stdin.readline()
    swept = sweep(ledger, now=dates()[-1], chunk=int(chunk))
    print(swept.reminded, flush=True)
    ledger.store.close()


def _nursery(url: str, part: str, *args: str) -> None:
    """Fork a process that works until it is killed or done; again for each line, which says which turn it is.

    Forked, each starts at once with all that is read already; it has a connection of its own.
    """
    book = Declarations()
    Rules(book.latest("lead"))
    china()
    templates = shipped_templates()
    templates.render(row("digest", payload=DIGEST))
    import_module("httpx2")
    trust(None)
    settings = read_settings(Path(args[0]), os.environ) if args else None
    print("ready", flush=True)
    while turn := sys.stdin.readline().strip():
        child = os.fork()
        if not child:
            _work(Ledger(open_store(url), book), part, int(turn), templates, settings)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


def _work(ledger: Ledger, part: str, turn: int, templates: Templates, settings: Settings | None) -> None:
    """Work and never come back."""
    try:
        if part == "sweeping":
            for now in dates():
                sweep(ledger, now=now, chunk=2)
        else:
            assert settings is not None
            now = dates()[-1] + turn * timedelta(minutes=10)
            bag = Mailbag(ledger, settings.channels)
            while dispatch(bag, settings.channels, templates, now=now, limit=4).sent:
                pass
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(0)


PARTS: dict[str, Callable[..., None]] = {"sweep": _sweep_once, "nursery": _nursery}

if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    PARTS[sys.argv[1]](*sys.argv[2:])
