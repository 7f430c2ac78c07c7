"""`qingling desk` opens no door to a network without TLS, and closes connections that bring nothing."""

import asyncio
import socket
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from houses import House, built_house, house
from starlette.applications import Starlette

from commands.shared.serving import is_loopback
from desk import server

__all__ = ["built_house", "house"]


def test_it_refuses_to_listen_where_passwords_would_go_in_clear(house: House, tmp_path: Path) -> None:
    """What does not go together is refused in one line, before anything listens; so is a certificate that is none."""
    file = tmp_path / "own.pem"
    file.write_text("", "utf-8")
    refused = {
        ("--listen", "0.0.0.0:8080"): "in clear",
        ("--listen", "[::]:8080"): "in clear",
        ("--listen", "192.0.2.7:8080"): "in clear",
        ("--listen", "desk.example.org:8080"): "in clear",
        ("--listen", "8080"): "an address and a port",
        ("--listen", "127.0.0.1:0"): "an address and a port",
        ("--listen", "127.0.0.1:http"): "an address and a port",
        ("--certificate", str(file)): "go together",
        ("--certificate", str(file), "--certificate-key", str(file)): "--name",
        ("--proxy", "127.0.0.1"): "--name",
    }
    wrong = [each for each, words in refused.items() if words not in house.refused(2, "desk", *each)]
    assert wrong == []
    named = ("--name", "leads.example.org", "--certificate", str(file), "--certificate-key", str(file))
    assert "is no certificate (PEM)" in house.refused(11, "desk", *named)
    assert "以明文传输" in house.refused(2, "desk", "--listen", "0.0.0.0:80", lang="zh")


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.0.5", False), ("leads.example.org", False), ("localhost.example.org", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(host: str, is_here: bool) -> None:
    """Only addresses that no other machine reaches."""
    assert is_loopback(host) is is_here


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
    ],
)
def test_a_connection_that_brings_no_whole_request_is_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, half a line, half a header, half a body: after a while the desk hangs up."""
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    config = uvicorn.Config(
        Starlette(), port=0, http=server.PatientProtocol, ws="none", lifespan="off", log_config=None
    )
    serving = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=serving.run, args=([listening],))
    thread.start()
    try:
        with socket.create_connection(listening.getsockname(), timeout=20) as caller:
            caller.sendall(sent)
            while caller.recv(1000):
                pass
    finally:
        serving.should_exit = True
        thread.join()


class Line(asyncio.Transport):
    """A line to a browser that brings what a test says."""

    def pause_reading(self) -> None:
        """Bring it all the same."""

    def close(self) -> None:
        """Bring nothing more."""


def test_what_comes_slowly_but_steadily_is_waited_for() -> None:
    """A body gets the time that a slow line needs for it, by what has come of it; a trickle gains next to nothing."""

    async def waits() -> tuple[float, float]:
        config = uvicorn.Config(Starlette(), http=server.PatientProtocol, ws="none", lifespan="off", log_config=None)
        config.load()
        protocol = server.PatientProtocol(config, uvicorn.server.ServerState(), {})
        protocol.connection_made(Line({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}))
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 25000000\r\n\r\n")
        ends = [protocol.gives_up_at]
        for size in (1, 10 * server.SLOWEST):
            protocol.data_received(b"0" * size)
            ends.append(protocol.gives_up_at)
        protocol.connection_lost(None)
        return ends[1] - ends[0], ends[2] - ends[1]

    trickle, steady = asyncio.run(waits())
    assert trickle < 0.001
    assert steady == pytest.approx(10)
