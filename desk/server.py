"""The web server around the desk: where it listens, how long it waits, and how it ends."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from desk.app import desk
from desk.desk_settings import DeskSettings

PATIENCE: Final = 20
"""Seconds in which a request must have come whole; the server itself would wait for ever."""
ENDING: Final = 20
"""Seconds in which what is under way may finish."""
AT_ONCE: Final = 200
"""Connections at a time; who comes later is asked to come again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listening:
    """Where and how a desk listens."""

    host: str
    port: int
    certificate: Path | None = None
    certificate_key: Path | None = None
    proxy: str | None = None
    """The address of the proxy that is believed what it says of the browser; None: nobody is."""


def serve(settings: DeskSettings, listening: Listening) -> None:
    """Serve until a signal ends it."""
    uvicorn.Server(
        uvicorn.Config(
            desk(settings),
            host=listening.host,
            port=listening.port,
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
    ).run()


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which a request does not come whole in time: nothing, half a header, half a body."""

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the rest of a request that has begun."""
        super().on_message_begin()
        self._stop_waiting()
        self._wait()

    def on_message_complete(self) -> None:
        """Wait no more: the request is whole."""
        super().on_message_complete()
        self._stop_waiting()

    def _wait(self) -> None:
        """Close the connection after a while."""
        self._clock = asyncio.get_running_loop().call_later(PATIENCE, self._close)

    def _stop_waiting(self) -> None:
        """Forget to close it."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _close(self) -> None:
        """Close it."""
        transport: Any = self.transport
        if transport is not None and not transport.is_closing():
            transport.close()
