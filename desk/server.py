"""The web server around the desk: where it listens, how long it waits, and how it ends."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from desk.app import desk
from desk.desk_settings import DeskSettings
from engine.system.secrecy import leave_no_image

PATIENCE: Final = 20
"""Seconds in which a request must have come whole, beside those for its body; the server would wait for ever."""
SLOWEST: Final = 25_000
"""Bytes of a body that must come in a second: a file over a slow line is waited for, a trickle is not."""
ENDING: Final = 20
"""Seconds in which what is under way may finish."""
LAST_WORD: Final = 0.5
"""Seconds in which a connection that was taken just before the end may still ask."""
AT_ONCE: Final = 200
"""Connections at a time; who comes later is asked to come again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listening:
    """Where and how a desk listens."""

    socket: socket
    """On which browsers are heard."""
    certificate: Path | None = None
    certificate_key: Path | None = None
    proxy: str | None = None
    """The address of the proxy that is believed what it says of the browser; None: nobody is."""


def serve(settings: DeskSettings, listening: Listening) -> None:
    """Serve until a signal ends it."""
    leave_no_image()  # passwords and names pass through it all day
    DeskServer(
        uvicorn.Config(
            desk(settings),
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            server_header=False,
            access_log=False,  # an address may hold a number
            log_config=None,
            proxy_headers=listening.proxy is not None,
            forwarded_allow_ips=listening.proxy or "",
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=ENDING,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.certificate_key,
        )
    ).run(sockets=[listening.socket])


class DeskServer(uvicorn.Server):
    """Ends by a signal as by the end of its work: what stands after it in the program is done as well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the server, and nothing besides."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which a request does not come whole in time: nothing, half a header, half a body."""

    _clock: asyncio.TimerHandle | None = None
    _began = 0.0
    _came = 0
    """Bytes of the body."""
    _is_last = False
    """Whether the desk ends: what is asked now is answered, and then no more."""

    @property
    def gives_up_at(self) -> float:
        """When the connection is closed, by the clock of the loop."""
        return self._began + PATIENCE + self._came / SLOWEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End as the server does, but wait for the request of a browser let in already: nobody else will answer it."""
        if self.cycle is not None:
            super().shutdown()
            return
        self._is_last = True
        asyncio.get_running_loop().call_later(LAST_WORD, self._close_unasked)

    def on_headers_complete(self) -> None:
        """Answer no further request on this connection once the desk ends."""
        super().on_headers_complete()
        if self._is_last and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_begin(self) -> None:
        """Wait for the rest of a request that has begun."""
        super().on_message_begin()
        self._stop_waiting()
        self._wait()

    def on_body(self, body: bytes) -> None:
        """Wait longer, by as much as has come."""
        super().on_body(body)
        self._came += len(body)
        if self._clock is not None:
            self._clock.cancel()
            self._clock = asyncio.get_running_loop().call_at(self.gives_up_at, self._close)

    def on_message_complete(self) -> None:
        """Wait no more: the request is whole."""
        super().on_message_complete()
        self._stop_waiting()

    def _wait(self) -> None:
        """Close the connection after a while."""
        loop = asyncio.get_running_loop()
        self._began, self._came = loop.time(), 0
        self._clock = loop.call_at(self.gives_up_at, self._close)

    def _stop_waiting(self) -> None:
        """Forget to close it."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _close_unasked(self) -> None:
        """Close it if nothing was asked."""
        if self.cycle is None:
            self._close()

    def _close(self) -> None:
        """Close it."""
        transport: Any = self.transport
        if transport is not None and not transport.is_closing():
            transport.close()
