"""A desk that is killed under its writers loses nothing that it answered; one that is asked to stop ends cleanly."""

import itertools
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx2
from houses import House, built_house, house
from ledgers import START, furnished, opened, register

from desk.guard import form_token
from engine.operations.cases.lookup import log
from engine.operations.house.verifying import verify
from engine.store import case_rows
from engine.store.database import is_postgres

__all__ = ["built_house", "house"]

HERE = Path(__file__).resolve().parent.parent
MORE = int(os.environ.get("QINGLING_TEST_KILLS", "0"))
KILLS = max(1, MORE // 2)
WRITERS, SHARED = (20, 8) if MORE else (6, 2)
"""How many write at a time, and on how many cases, so that some come second."""
NOW = "2019-07-02T10:00"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def desk_of(database: str, folder: Path, *more: str, now: str = NOW) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the desk of a ledger as a program, and lend it with its address once it listens."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    env |= {"QINGLING_DATABASE": database, "QINGLING_NOW": now, "QINGLING_LANG": "en"}
    typed = [sys.executable, str(HERE / "cli.py"), "desk", "--listen", f"127.0.0.1:{port}", *more]
    with subprocess.Popen(typed, env=env, cwd=folder, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        assert "the desk is open" in program.stderr.readline()
        try:
            yield program, f"http://localhost:{port}"
        finally:
            program.kill()


@dataclass
class Writer:
    """One who writes until the desk is gone, and remembers what it answered: done, or refused."""

    name: str
    number: str
    """Of the case that the writer shares with others."""
    noted: list[str] = field(default_factory=list)
    overtaken: list[str] = field(default_factory=list)
    registered: dict[str, str] = field(default_factory=dict)
    """Numbers of cases by what they are about."""
    assigned: list[str] = field(default_factory=list)

    @property
    def answers(self) -> int:
        """How often the desk said that something is done."""
        return len(self.noted) + len(self.registered) + len(self.assigned)

    def write(self, address: str, stopping: Event) -> None:
        """Note twice on the shared case, register a lead and assign it, and so on."""
        with (
            suppress(httpx2.HTTPError),
            httpx2.Client(base_url=address, headers={"sec-fetch-site": "same-origin"}, timeout=60) as client,
        ):
            assert client.post("/login", data={"chosen": "zhou"}).status_code == 303
            token = {"_token": form_token(client.cookies["qingling"])}
            for count in itertools.count():
                if stopping.is_set():
                    return
                if count % 3 < 2:
                    self._note(client, token, f"note {self.name}-{count}.")
                else:
                    self._register(client, token, f"反映第{self.name}-{count}号停车场被人把持")

    def _note(self, client: httpx2.Client, token: dict[str, str], words: str) -> None:
        seen = re.search(r'name="_seen" value="(\d+)"', client.get(f"/case/{self.number}").text)
        assert seen is not None
        form = {**token, "_seen": seen[1], "words": words}
        status = client.post(f"/case/{self.number}/note", data=form).status_code
        (self.noted if status == 303 else self.overtaken).append(words)
        assert status in {303, 409}

    def _register(self, client: httpx2.Client, token: dict[str, str], words: str) -> None:
        lead = {"received_on": "2019-06-28", "source": "telephone", "summary": words}
        form = {**token, "_form": words, "_unit": "0101", **lead}
        answer = client.post("/new/lead", data=form)
        assert answer.status_code == 303, answer.text
        number = answer.headers["location"].removeprefix("/case/").partition("?")[0]
        self.registered[words] = number
        people = {"responsible_leader": "liu", "handler": "chen"}
        answer = client.post(f"/case/{number}/do/assign", data={**token, "_seen": "1", **people})
        assert answer.status_code == 303, answer.text
        self.assigned.append(number)


def test_what_was_answered_is_in_the_journal_once(database_url: str, tmp_path: Path) -> None:
    """Killed in the midst of writers, the desk has written once what it answered, and nothing that it refused."""
    with furnished(database_url, rehearsal=True) as ledger:
        shared = [register(ledger, now=START).number for _ in range(SHARED)]
    writers: list[Writer] = []
    for turn in range(KILLS):
        with desk_of(database_url, tmp_path) as (program, address):
            here = [Writer(f"{turn}-{place}", shared[place % SHARED]) for place in range(WRITERS)]
            stopping = Event()
            threads = [Thread(target=each.write, args=(address, stopping)) for each in here]
            for thread in threads:
                thread.start()
            wanted = random.randint(3, 2 * WRITERS)
            while sum(each.answers for each in here) < wanted and any(each.is_alive() for each in threads):
                stopping.wait(0.01)
            os.kill(program.pid, signal.SIGKILL)
            stopping.set()
            for thread in threads:
                thread.join()
            assert sum(each.answers for each in here) >= wanted
            writers += here
    with opened(database_url) as ledger:
        notes = [row.body for number in shared for row in log(ledger, number) if row.kind == "noted"]
        assert _wrong(writers, notes) == []
        summaries = [case.fields["summary"] for case in case_rows.select(ledger.store, workflow="lead")]
        for writer in writers:
            for words, number in writer.registered.items():
                assert summaries.count(words) == 1
                assert ledger.case(number).fields["summary"] == words
            for number in writer.assigned:
                assert [row.kind for row in log(ledger, number)].count("moved") == 1
        assert [each.what for each in verify(ledger)[1]] == []
    answers = sum(each.answers for each in writers)
    refused = sum(len(each.overtaken) for each in writers)
    sys.stdout.write(
        f"\n{'PostgreSQL' if is_postgres(database_url) else 'SQLite'}: {KILLS} kills under {WRITERS} writers, "
        f"{answers} answered, {refused} refused, {len(summaries) + len(notes)} leads and notes written\n"
    )


def _wrong(writers: list[Writer], notes: list[str]) -> list[str]:
    """Return the notes that were answered and do not stand there once, and those that were refused and stand there."""
    wrong = []
    for writer in writers:
        for said, times in ((writer.noted, 1), (writer.overtaken, 0)):
            wrong += [words for words in said if sum(f'"words":"{words}"' in body for body in notes) != times]
    return wrong


def test_it_ends_by_a_signal_with_the_watch_it_keeps(house: House) -> None:
    """SIGTERM lets the desk and its watch end with what they have begun, and the exit code is 0."""
    with desk_of(str(house.database), house.folder, "--with-run", now=house.now) as (program, address):
        assert httpx2.get(f"{address}/healthz").text == "ok\n"
        program.send_signal(signal.SIGTERM)
        assert program.stderr is not None
        said = program.stderr.read()
        assert program.wait(60) == 0
    assert "keeping watch" in said
    assert "stopped" in said
