"""A desk gives way to a newer one without losing a request, as its `.socket` unit lets it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

from houses import House, built_house, house

__all__ = ["built_house", "house"]

HERE = Path(__file__).resolve().parent.parent
CLIENTS = 10
RESTARTS = max(1, int(os.environ.get("QINGLING_TEST_KILLS", "0")) // 20)
HANDING = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3, inheritable=True);"
    " os.environ |= {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'}; os.execv(sys.executable, sys.argv[2:])"
)
"""What systemd does: the socket becomes descriptor 3 of the process that is named."""


def started(house: House, listening: socket.socket) -> subprocess.Popen[str]:
    """Start a desk on a socket that somebody else holds, and return it once it listens."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    env |= {"QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now, "QINGLING_LANG": "en"}
    typed = [sys.executable, "-c", HANDING, str(listening.fileno()), sys.executable, str(HERE / "cli.py"), "desk"]
    program = subprocess.Popen(
        typed, env=env, cwd=house.folder, stderr=subprocess.PIPE, text=True, pass_fds=[listening.fileno()]
    )
    assert program.stderr is not None
    assert "the desk is open" in program.stderr.readline()
    return program


def asking(port: int, answers: list[bytes], stopping: Event) -> None:
    """Ask again and again, each time by a new connection, as a proxy does, and keep each status line or fault."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    while not stopping.is_set():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(asked)
                answers.append(connection.recv(12))
        except OSError as error:
            answers.append(type(error).__name__.encode())
        time.sleep(0.05)  # a pace, not a wait: ten clients at full speed would only measure each other


def answered(answers: list[bytes], more: int) -> None:
    """Wait until so many more answers have come."""
    wanted, patience = len(answers) + more, time.monotonic() + 60
    while len(answers) < wanted and time.monotonic() < patience:
        time.sleep(0.01)


def test_nobody_is_refused_while_a_desk_is_replaced(house: House) -> None:
    """Ten clients ask on while it is asked to stop, ends, and the next one starts on the same socket: no fault."""
    answers: list[bytes] = []
    stopping = Event()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        program = started(house, listening)
        port = listening.getsockname()[1]
        clients = [Thread(target=asking, args=(port, answers, stopping)) for _ in range(CLIENTS)]
        try:
            for client in clients:
                client.start()
            codes = []
            for _ in range(RESTARTS):
                answered(answers, CLIENTS)
                program.send_signal(signal.SIGTERM)
                program.communicate(timeout=60)
                codes.append(program.returncode)
                program = started(house, listening)
            answered(answers, 2 * CLIENTS)
        finally:
            stopping.set()
            for client in clients:
                client.join(60)
            program.kill()
            program.communicate()

    assert codes == [0] * RESTARTS
    assert set(answers) == {b"HTTP/1.1 200"}, answers
