"""A step on PostgreSQL beside one statement that writes the same, on this machine and behind a slow line.

The floor is what a program would do that knew in advance what to write: one question for the case, one statement with
data-modifying parts for the case, its journal, whom it names, the deadline that ends and the one that begins. It has
no rules, rights, calendars or signatures. A slow line is a relay that holds back whatever the client sends.
"""

import hashlib
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import quote

import psycopg

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, fill, opened
from benchmarks.measuring import Finding, paired
from benchmarks.sharing import run_statement, server
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting

SOCKET = ".s.PGSQL.5432"

_READ = "SELECT id, number, state, fields, revision, head FROM cases WHERE number = %s"
_WRITE = (
    "WITH c AS (UPDATE cases SET state = 'assigned', fields = %(fields)s, changed_at = %(at)s,"
    " revision = revision + 1, head = %(head)s WHERE id = %(id)s AND revision = %(revision)s RETURNING id, revision),"
    " j AS (INSERT INTO journal (case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash)"
    " SELECT id, revision, %(at)s, %(by)s, 'moved', 'received', 'assigned', 0, %(body)s, %(head)s FROM c),"
    " n AS (INSERT INTO named_officers (officer, case_id) SELECT %(by)s, id FROM c),"
    " e AS (UPDATE deadlines SET status = 2, ended_at = %(at)s, next_at = NULL"
    " WHERE case_id = (SELECT id FROM c) RETURNING *)"
    " INSERT INTO deadlines (case_id, name, round, status, starts_at, original_due_on, due_on, due_at, ledger,"
    " calendar, provisional, arming, rung, next_at) SELECT case_id, 'verification', 1, 0, %(at)s, due_on, due_on,"
    " due_at, ledger, calendar, provisional, 1, 0, %(at)s + 1 FROM e"
)


def steps(*, count: int, delay_s: float, rounds: int) -> Finding:
    """Measure steps against the one statement, each over *count* leads of its own."""
    with server() as url_of:
        run_statement(url_of("postgres"), "CREATE DATABASE distant")
        build(url_of("distant"))
        fill(url_of("distant"), count * 2 * (rounds + 1), assigned=False)
        with _relayed(url_of("distant"), delay_s) as url, psycopg.connect(url, autocommit=True) as plain:
            numbers = iter([each for (each,) in plain.execute("SELECT number FROM cases ORDER BY id").fetchall()])
            ledger = opened(url)

            def ours() -> float:
                begun = time.perf_counter()
                for _ in range(count):
                    advance(Acting(ledger, OFFICER, NOW + timedelta(minutes=5)), next(numbers), "assign", ASSIGN)
                return time.perf_counter() - begun

            def floor() -> float:
                begun = time.perf_counter()
                for _ in range(count):
                    _plain_step(plain, next(numbers))
                return time.perf_counter() - begun

            ours(), floor()  # both have prepared what they send
            try:
                where = f"behind a line of {delay_s * 1000:g} ms" if delay_s else "on this machine"
                return paired(
                    f"PostgreSQL {where}: {count} steps", "one question, one statement", ours, floor,
                    at_most=1.5, rounds=rounds,
                )  # fmt: skip
            finally:
                ledger.store.close()


def _plain_step(plain: "psycopg.Connection[tuple[object, ...]]", number: str) -> None:
    """Write a step by one statement; it commits by itself."""
    row = plain.execute(_READ, (number,)).fetchone()
    assert row is not None
    fields = {**json.loads(str(row[3])), **ASSIGN}
    body = json.dumps({"trigger": "assign", "set": ASSIGN}, sort_keys=True)
    head = hashlib.sha256(f"{row[5]}{body}".encode()).hexdigest()
    wanted = {
        "id": row[0], "revision": row[4], "fields": json.dumps(fields, ensure_ascii=False, sort_keys=True),
        "at": 1_561_950_000_000_000, "by": OFFICER, "body": body, "head": head,
    }  # fmt: skip
    assert plain.execute(_WRITE, wanted).rowcount == 1


@contextmanager
def _relayed(url: str, delay_s: float) -> Iterator[str]:
    """Lend the address of a relay that holds back for *delay_s* whatever goes to the server; that of it if none."""
    if not delay_s:
        yield url
        return
    behind = Path(url.partition("host=")[2]) / SOCKET
    with tempfile.TemporaryDirectory(prefix="qingling-relay-") as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(Path(folder) / SOCKET))
        listening.listen()
        threading.Thread(target=_accept, args=(listening, behind, delay_s), daemon=True).start()
        yield url.partition("host=")[0] + f"host={quote(folder)}"


def _accept(listening: socket.socket, behind: Path, delay_s: float) -> None:
    """Relay every connection until the listening socket is closed."""
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        beyond = socket.socket(socket.AF_UNIX)
        beyond.connect(os.fspath(behind))
        for source, target, held_s in ((client, beyond, delay_s), (beyond, client, 0.0)):
            threading.Thread(target=_pass_on, args=(source, target, held_s), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, held_s: float) -> None:
    """Pass on what comes until an end closes, each part *held_s* after it came.

    A part is read while those before it are held back: a line has a length, and is as wide as it must be. One that
    slept after each part would charge a client for each of its system calls, of which a pipeline makes many.
    """
    parts = SimpleQueue[tuple[float, bytes]]()
    threading.Thread(target=_let_out, args=(parts, target), daemon=True).start()
    said = b"?"
    while said:
        try:
            said = source.recv(1 << 16)
        except OSError:
            said = b""
        parts.put((time.perf_counter() + held_s, said))


def _let_out(parts: "SimpleQueue[tuple[float, bytes]]", target: socket.socket) -> None:
    """Send each part when it is time; nothing to send is the end."""
    try:
        while (part := parts.get())[1]:
            time.sleep(max(0.0, part[0] - time.perf_counter()))
            target.sendall(part[1])
    except OSError:
        pass
    finally:
        target.close()
