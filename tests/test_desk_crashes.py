"""A desk that is killed under its writers loses nothing that it answered; one that is asked to stop ends cleanly."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import httpx2
from houses import House, built_house, house
from ledgers import opened

from desk.guard import form_token
from engine.operations.cases.lookup import log

__all__ = ["built_house", "house"]

HERE = Path(__file__).resolve().parent.parent
KILLS = max(2, int(os.environ.get("QINGLING_TEST_KILLS", "0")) // 4)
WRITERS = 6


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def desk_of(house: House, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the desk of a house as a program, and lend it with its address once it listens."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    env |= {"QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now, "QINGLING_LANG": "en"}
    typed = [sys.executable, str(HERE / "cli.py"), "desk", "--listen", f"127.0.0.1:{port}", *more]
    with subprocess.Popen(typed, env=env, cwd=house.folder, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        assert "the desk is open" in program.stderr.readline()
        try:
            yield program, f"http://localhost:{port}"
        finally:
            program.kill()


def writing(address: str, number: str, officer: str, answered: list[str], stopping: Event, turn: int) -> None:
    """Write notes, one after the other, until the desk is gone; remember each that it answered."""
    with (
        suppress(httpx2.HTTPError),
        httpx2.Client(base_url=address, headers={"sec-fetch-site": "same-origin"}) as client,
    ):
        assert client.post("/login", data={"chosen": officer}).status_code == 303
        held = client.cookies["qingling"]
        for count in range(10_000):
            if stopping.is_set():
                return
            seen = re.search(r'name="_seen" value="(\d+)"', client.get(f"/case/{number}").text)
            assert seen is not None
            words = f"note {turn}-{count}"
            form = {"_token": form_token(held), "_seen": seen[1], "words": words}
            if client.post(f"/case/{number}/note", data=form).status_code == 303:
                answered.append(words)


def test_what_was_answered_is_in_the_journal_once(house: House) -> None:
    """Killed in the midst of writers, again and again, the desk has written each note that it answered, once."""
    numbers = [house.lead() for _ in range(WRITERS)]
    answered: dict[str, list[str]] = {each: [] for each in numbers}
    for turn in range(KILLS):
        with desk_of(house) as (program, address):
            stopping = Event()
            writers = [
                Thread(target=writing, args=(address, number, "wang", answered[number], stopping, turn))
                for number in numbers
            ]
            for each in writers:
                each.start()
            wanted = sum(map(len, answered.values())) + random.randint(3, 12)
            while sum(map(len, answered.values())) < wanted:
                stopping.wait(0.01)
            os.kill(program.pid, signal.SIGKILL)
            stopping.set()
            for each in writers:
                each.join()
    with opened(str(house.database)) as ledger:
        for number, said in answered.items():
            written = [row.body for row in log(ledger, number) if row.kind == "noted"]
            assert [sum(f'"words":"{words}"' in body for body in written) for words in said] == [1] * len(said)
    assert sum(map(len, answered.values())) >= 3 * KILLS
    house.done("journal", "verify")


def test_it_ends_by_a_signal_with_the_watch_it_keeps(house: House) -> None:
    """SIGTERM lets the desk and its watch end with what they have begun, and the exit code is 0."""
    with desk_of(house, "--with-run") as (program, address):
        assert httpx2.get(f"{address}/healthz").text == "ok\n"
        program.send_signal(signal.SIGTERM)
        assert program.stderr is not None
        said = program.stderr.read()
        assert program.wait(60) == 0
    assert "keeping watch" in said
    assert "stopped" in said
