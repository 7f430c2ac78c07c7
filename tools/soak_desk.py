"""The desk in a year of a province: a server that may be killed at any moment, and officers before their browsers.

An officer logs in, opens Today, the case and the form of a step, and sends it with what the form holds. One whose desk
is gone logs in again when it is back and sends the very same once more, as a browser does when one reloads the page:
whether the step was written before the kill or not, it is written once.
"""

import multiprocessing
import os
import re
import resource
import signal
import socket
import ssl
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from threading import Event, Lock, Thread, local
from typing import Any, Final, NamedTuple

import httpx2

from engine.working_days.instants import instant, microseconds

BROWSERS = 4
"""Officers who are at the desk at a time."""
OFTEN = 20
"""How often a step is taken again that found its case changed."""
_UNUSED: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For browsers that speak without TLS: each would read all certificates of the machine, for the time of three pages."""


class Errand(NamedTuple):
    """A step that an officer is to take at the desk."""

    number: str
    step: str
    by: str
    values: Mapping[str, object]
    """A list stands for a field with several values."""


@dataclass
class AtTheDesk:
    """What came of the work at a desk."""

    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often the desk has said of a step, by number and name, that it is done."""
    killed: int = 0
    repeated: int = 0
    """Forms that were on their way when the desk was killed, and were sent again."""
    found: int = 0
    """Those of them that were in the ledger already and could not be sent again, since a sweep had come."""
    conflicts: int = 0
    """Steps that found their case written by a sweep, and were taken again from a new form."""
    step_s: list[float] = field(default_factory=list)
    """How long each form waited for its answer."""
    memory_kib: list[int] = field(default_factory=list)
    """What the desk held at most by the end of each month."""
    wrong: list[str] = field(default_factory=list)


class Desk:
    """A process that serves a ledger by a clock that is set from here."""

    def __init__(self, url: str) -> None:
        self._url, self.figures = url, AtTheDesk()
        self._context = multiprocessing.get_context("forkserver")
        # Without a lock, which a killed process would keep.
        self._now = self._context.Value("q", 0, lock=False)
        self._browsers = ThreadPoolExecutor(BROWSERS)
        self._held, self._lock = local(), Lock()
        self._back = Event()
        self.sending = 0
        """How many forms are on their way; near enough for the choice of a moment."""
        self._begin()

    def give(self, now: datetime, errands: Sequence[Errand]) -> "list[Future[None]]":
        """Let it be that instant at the desk and let officers log in and take steps; returns at once."""
        self._now.value = microseconds(now)
        return [self._browsers.submit(self._run, each) for each in errands]

    def kill(self, share: float, running: "Sequence[Future[None]]") -> None:
        """Kill the desk that share of an answer's time after a form was sent, if one is still to be, and start it."""
        while not self.sending and not all(each.done() for each in running):
            time.sleep(0.001)
        taken = sorted(self.figures.step_s[-50:])
        time.sleep(share * (taken[len(taken) // 2] if taken else 0.05))
        self._back.clear()
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        self.figures.killed += 1
        self._begin()

    def note_memory(self) -> None:
        """Write down what the desk has held at most since it was started."""
        self._pipe.send(None)
        self.figures.memory_kib.append(self._pipe.recv())

    def close(self) -> None:
        """End it."""
        self._browsers.shutdown()
        self._process.kill()
        self._process.join()

    def _begin(self) -> None:
        """Start a process that serves, and wait until it listens."""
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(self._url, self._now, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._address = f"http://localhost:{self._pipe.recv()}"
        self._back.set()

    def _run(self, errand: Errand) -> None:
        """Take a step, however often the desk is gone meanwhile."""
        form, is_repeated = dict[str, object](), False
        for _ in range(OFTEN):
            self._back.wait()
            try:
                browser = self._browser(errand.by)
                if not form:
                    seen = browser.seen(errand)
                    if seen is None and is_repeated:  # it was written, then a sweep came, and the answer was lost
                        self._count(errand, is_repeated=True, was_there=True)
                        return
                    form = {**errand.values, "_seen": seen}
                begun = time.perf_counter()
                self.sending += 1
                try:
                    answer = browser.send(errand, form)
                finally:
                    self.sending -= 1
            except httpx2.TransportError:
                is_repeated = bool(form)
                continue
            if answer == HTTPStatus.SEE_OTHER:
                self.figures.step_s.append(time.perf_counter() - begun)
                self._count(errand, is_repeated=is_repeated)
                return
            if answer != HTTPStatus.CONFLICT:
                break
            self.figures.conflicts += 1
            form = {}
        self.figures.wrong.append(f"{errand.number} does not take {errand.step} at the desk: {answer}")

    def _count(self, errand: Errand, *, is_repeated: bool, was_there: bool = False) -> None:
        """Count a step that the desk has confirmed."""
        with self._lock:
            self.figures.steps[errand.number, errand.step] += 1
            self.figures.repeated += is_repeated
            self.figures.found += was_there

    def _browser(self, by: str) -> "_Browser":
        """Return the browser of this thread, with that officer logged in at the desk that is there, today."""
        session = self._address, self._now.value, by
        browser: _Browser | None = getattr(self._held, "browser", None)
        if browser is None or browser.session != session:
            if browser is not None:
                browser.client.close()
            browser = self._held.browser = _Browser(session)
        return browser


class _Browser:
    """A browser in which an officer has logged in and opened Today."""

    def __init__(self, session: tuple[str, int, str]) -> None:
        self.session = session
        address, _, by = session
        headers = {"sec-fetch-site": "same-origin"}
        self.client = httpx2.Client(base_url=address, headers=headers, timeout=120, verify=_UNUSED)
        assert self.client.post("/login", data={"chosen": by}).status_code == HTTPStatus.SEE_OTHER, by
        self.client.get("/").raise_for_status()

    def seen(self, errand: Errand) -> str | None:
        """Open the form of a step; return which row of the journal it shows last, None if the case offers no such."""
        page = self.client.get(f"/case/{errand.number}/do/{errand.step}")
        if page.status_code == HTTPStatus.NOT_FOUND:
            return None
        page.raise_for_status()
        return _hidden("_seen", page.text)

    def send(self, errand: Errand, form: Mapping[str, object]) -> int:
        """Send the form of a step; return the status of the answer, SEE_OTHER only if it leads back to the case."""
        case = f"/case/{errand.number}"
        token = _hidden("_token", self.client.get(case).raise_for_status().text)
        answer = self.client.post(f"{case}/do/{errand.step}", data={**form, "_token": token})
        if answer.status_code != HTTPStatus.SEE_OTHER:
            return answer.status_code
        page = self.client.get(answer.headers["location"])
        return answer.status_code if case in str(page.url) else page.status_code


def _hidden(name: str, page: str) -> str:
    """Return what a form of a page bears unseen."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def _serve(url: str, now: Any, pipe: Any) -> None:
    """Serve the ledger on a free port, and say which."""
    # What only this process needs.
    from desk.desk_settings import DeskSettings
    from desk.server import Listening, serve
    from engine.operations.ledger.access import open_ledger
    from workflows.adopted_book import AdoptedDeclarations

    def clock() -> datetime:
        return instant(now.value)

    listening = socket.create_server(("127.0.0.1", 0))
    pipe.send(listening.getsockname()[1])
    Thread(target=_tell_memory, args=(pipe,), daemon=True).start()
    open_one = partial(open_ledger, url, AdoptedDeclarations, real_now=None)
    settings = DeskSettings(open_ledger=open_one, now=clock, real_now=clock, language="en")
    serve(settings, Listening(socket=listening))


def _tell_memory(pipe: Any) -> None:
    """Say how much this process has held at most, as often as asked."""
    while True:
        pipe.recv()
        pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
