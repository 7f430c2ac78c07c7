"""Real servers on the loopback for tests of delivery: sound ones, and ones that misbehave on purpose."""

# ruff: noqa: ARG002, ARG005 - the signatures belong to aiosmtpd and http.server

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of the test's own."""

    ca: trustme.CA = field(default_factory=trustme.CA)

    def file(self, folder: Path) -> Path:
        """Write the authority's certificate into *folder*."""
        path = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def context(self, name: str = HOST) -> ssl.SSLContext:
        """Return a server's side of TLS, with a certificate for *name*."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name).configure_cert(context)
        return context


class MailServer:
    """An SMTP server that keeps what it accepts; its replies can be set step by step."""

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        replies: Mapping[str, str] | None = None,
    ) -> None:
        """Ask for *login* if given; answer RCPT and DATA by *replies* if they say so."""
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self._login = login
        self._replies = dict(replies or {})
        self._starttls = starttls
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer RCPT."""
        if self._login is not None and not session.authenticated:
            return "530 log in first"
        if "rcpt" in self._replies:
            return self._replies["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer DATA, and keep the letter if the answer is yes."""
        reply = self._replies.get("data", "250 OK")
        if reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients += envelope.rcpt_tos
        return reply

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        """Compare a login."""
        assert self._login is not None
        assert isinstance(given, LoginPassword)
        user, password = self._login
        if (given.login, given.password) == (user.encode(), password.encode()):
            return AuthResult(success=True)
        # A careless server, which repeats what it was told.
        return AuthResult(success=False, handled=False, message=f"535 {given.password.decode()} is wrong")

    def _protocol(self) -> SMTP:
        """Return one connection's server."""
        return SMTP(
            self,
            hostname="test.invalid",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self._authenticated if self._login else None,
            auth_require_tls=self._starttls is not None,
            loop=self._loop,
        )

    def _serve(self) -> None:
        """Serve until stopped, then leave nothing open."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, sock=self._listener, ssl=self._tls)
        )
        self._ready.set()
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


Manner = Callable[[socket.socket, threading.Event], None]
"""How a server behaves towards one connection, until the event tells it to go home."""


class RudeServer:
    """A listener that treats each connection in one *manner*."""

    def __init__(self, manner: Manner, *, tls: ssl.SSLContext | None = None) -> None:
        """Speak TLS if *tls* is given."""
        self._manner = manner
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.met = 0
        """How many connections there were."""
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._acceptor, *self._threads):
            thread.join(60)

    def _accept(self) -> None:
        """Take connections until the listener is closed."""
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.met += 1
            thread = threading.Thread(target=self._meet, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _meet(self, connection: socket.socket) -> None:
        """Treat one connection."""
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._manner(connection, self._over)


def hanging(connection: socket.socket, over: threading.Event) -> None:
    """Take the connection and never say a word."""
    over.wait()


def closing(connection: socket.socket, over: threading.Event) -> None:
    """Hang up at once."""


def babbling(connection: socket.socket, over: threading.Event) -> None:
    """Say something that belongs to no protocol."""
    connection.sendall(b"\xff\xfe\x00 lorem ipsum\r\n\r\n" * 3)
    connection.settimeout(1)
    connection.recv(65536)


def dripping(connection: socket.socket, over: threading.Event) -> None:
    """Send one byte at a time, for ever: no socket timeout ever comes true."""
    while not over.wait(0.05):
        connection.sendall(b"2")


def closing_midway(connection: socket.socket, over: threading.Event) -> None:
    """Begin an HTTP answer and hang up in the midst of it."""
    connection.recv(65536)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"errcode"')


def dripping_http(connection: socket.socket, over: threading.Event) -> None:
    """Begin an HTTP answer and let it drip for ever."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    dripping(connection, over)


def mail_talk(*replies: str, then: Manner = closing) -> Manner:
    """Return a manner that says the *replies* of SMTP one by one to whatever comes, then does *then*.

    A letter's text, which ends with a line of one full stop, counts as one line.
    """

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(5)
        stream = connection.makefile("rb")
        with stream:
            for place, reply in enumerate(replies):
                if place:
                    said_before = replies[place - 1]
                    while (line := stream.readline()) and said_before.startswith("354") and line != b".\r\n":
                        pass
                connection.sendall(reply.encode() + b"\r\n")
            stream.readline()
            then(connection, over)

    return talk


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> Any:
        """Return the JSON in the body."""
        return json.loads(self.body)


Answering = Callable[[Request], tuple[int, Mapping[str, str], bytes]]
"""What to answer: status, headers, body."""


class Endpoint:
    """An HTTP endpoint that keeps each request and answers as it is told."""

    def __init__(self, answering: Answering, *, tls: ssl.SSLContext | None = None) -> None:
        """Answer by *answering*; speak TLS if *tls* is given."""
        self.requests: list[Request] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if len(body) < length:
                    self.close_connection = True  # whoever was sending hung up or died: no request has arrived
                    return
                request = Request(
                    method=self.command,
                    path=parts.path,
                    query=parse_qs(parts.query),
                    raw_query=parts.query,
                    headers=dict(self.headers.items()),
                    body=body,
                )
                endpoint.requests.append(request)
                status, headers, said = answering(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(said)
                self.close_connection = True

            do_GET = do_POST  # noqa: N815 - the base class's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Keep quiet."""

        class Quiet(ThreadingHTTPServer):
            """A server that does not print what clients break off."""

            def handle_error(self, request: object, client_address: object) -> None:
                """Keep quiet."""

        self._server = Quiet((HOST, 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        scheme = "https" if tls is not None else "http"
        self.url = f"{scheme}://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)


def answer(fields: object = None, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answering:
    """Return an answering that always says *fields* as JSON."""
    body = json.dumps({} if fields is None else fields, ensure_ascii=False).encode()
    return lambda request: (status, headers or {}, body)


def echoing(status: int) -> Answering:
    """Return an answering that repeats all it was told, secrets included."""

    def repeat(request: Request) -> tuple[int, Mapping[str, str], bytes]:
        told = f"{request.path} {request.raw_query} {request.query} {dict(request.headers)} ".encode()
        return status, {}, told + request.body

    return repeat


def raw(body: bytes, headers: Mapping[str, str] | None = None) -> Answering:
    """Return an answering that says HTTP 200 and *body*, whatever that is."""
    return lambda request: (200, headers or {}, body)
