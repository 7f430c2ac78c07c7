"""What every channel keeps to: its role, its patience, and silence about its secrets."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from engine.errors import system_reason
from engine.language import Text
from notifications.messages import Delivery, Message

_ENTRY = re.compile(r"^\d+\. ", re.MULTILINE)
"""How each line of a digest begins."""


class Channel(Protocol):
    """A way out of the house."""

    @property
    def name(self) -> str:
        """Return the name under which people choose it."""

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send *message* to *address* and say how it went; never raises for what the world does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """How long a channel waits, in seconds."""

    connect: float = 5.0
    total: float = 20.0
    """For one delivery from beginning to end, however slowly the other side drips."""


_TELLING = 12  # characters of a path from which on it may be a key rather than a word

PATIENCE = Timeouts()
"""What a channel waits unless its settings say otherwise."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A word that is shown to nobody: not in a repr, not in a log, not in a sentence."""

    _word: str = field(repr=False)

    def reveal(self) -> str:
        """Return the word itself, for the one call that needs it."""
        return self._word

    def __str__(self) -> str:
        return "***"


def redacted(sentence: str, secrets: Iterable[Secret]) -> str:
    """Return *sentence* on one line, without any of *secrets* in any writing they travel in."""
    writings = {form for secret in secrets for form in _writings(secret.reveal())}
    for form in sorted(writings, key=len, reverse=True):
        sentence = sentence.replace(form, "***")
    printable = "".join(sign if sign.isprintable() else " " for sign in sentence)
    return " ".join(printable.split())


def quoted(words: str, secrets: Iterable[Secret]) -> str:
    """Return what the other side said, fit to be repeated: one short line without a secret."""
    return redacted(words, secrets)[:160]


def said(reason: Text, secrets: Iterable[Secret]) -> Text:
    """Return *reason* in both languages without any of *secrets*."""
    known = tuple(secrets)
    return Text(redacted(reason.en, known), redacted(reason.zh, known))


def unreachable(where: str, error: Exception, timeouts: Timeouts) -> Text:
    """Return why nothing could be said to *where*; the error's own words only where they are safe."""
    why: object
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        sentence = Text(
            "{where}: its certificate is not valid ({why}); check the name and `ca`",
            "{where}：证书无效（{why}）；请检查主机名和 ca 设置",
        )
    elif isinstance(error, ssl.SSLError):
        why = error.reason or type(error).__name__
        sentence = Text(
            "{where}: no secure connection ({why}); check port and security",
            "{where}：无法建立加密连接（{why}）；请检查端口和加密方式",
        )
    elif isinstance(error, TimeoutError):
        why = f"{timeouts.total:g}"
        sentence = Text("{where}: no answer within {why} s", "{where}：{why} 秒内没有应答")
    elif isinstance(error, socket.gaierror):
        why = ""
        sentence = Text(
            "{where}: no such host; check the name and the network", "{where}：找不到主机；请检查主机名和网络"
        )
    elif isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        why = ""
        sentence = Text("{where}: closed the connection midway", "{where}：对方中途断开连接")
    else:
        why = system_reason(error) if isinstance(error, OSError) else type(error).__name__
        sentence = Text("{where}: no connection ({why})", "{where}：无法连接（{why}）")
    return sentence.format(where=where, why=why)


def trust(ca: Path | None) -> ssl.SSLContext:
    """Return what certificates are checked against: the system's authorities, and those in *ca*.

    Raises:
        OSError: *ca* cannot be read as certificates.
    """
    return _context(ca, 0 if ca is None else ca.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _context(ca: Path | None, changed: int) -> ssl.SSLContext:  # noqa: ARG001 - a changed file is read again
    """Return the context of `trust`; to load the system's authorities takes longer than a request."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca is not None:
        context.load_verify_locations(ca)
    return context


def shortened(words: str, limit: int, note: str) -> str:
    """Return *words* in at most *limit* bytes of UTF-8, cut between characters and ended by *note*."""
    if len(words.encode()) <= limit:
        return words
    room = limit - len(note.encode())
    return words.encode()[:room].decode(errors="ignore") + note


def shortened_list(words: str, limit: int, note: str) -> str:
    """Return *words* in at most *limit* bytes as `shortened` does, but never with half of a numbered entry."""
    cut = shortened(words, limit, note)
    if cut == words:
        return words
    kept = len(cut) - len(note)
    begins = [found.start() for found in _ENTRY.finditer(words) if found.start() <= kept]
    return cut if len(begins) < 2 else words[: begins[-1]].rstrip() + note


def cut_note(message: Message) -> str:
    """Return the line that ends a message too long for its channel."""
    if message.language == "zh":
        return "\n……内容过长，其余请运行 qingling 期限 列表 查看"
    return "\n… too long for this channel; run qingling deadline list to see the rest"


def address_secrets(address: Secret) -> tuple[Secret, ...]:
    """Return what of an address must not be repeated: all of it but the host, in whole and in parts."""
    parts = urlsplit(address.reveal())
    words = [word for _, word in parse_qsl(parts.query)]
    words += [word for word in (parts.path, *parts.path.split("/")) if len(word) >= _TELLING]
    return (address, *(Secret(word) for word in (parts.query, parts.username, parts.password, *words) if word))


class ConversationLimit:
    """Ends a conversation that goes on beyond its time, at whatever step it hangs.

    Socket timeouts begin again with every byte; a server that drips one byte a second would hold
    a channel for hours. The watch holds a twin of the socket, so it also works below TLS.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._twins: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        for twin in self._twins:
            twin.close()

    def over(self, connection: socket.socket) -> None:
        """Watch over *connection* too."""
        self._twins.append(connection.dup())

    def _end(self) -> None:
        """Hang up on everything watched."""
        self.expired = True
        for twin in tuple(self._twins):
            with suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)


def _writings(word: str) -> Mapping[str, None]:
    """Return the writings in which *word* may come back from a server or a library."""
    encoded = base64.b64encode(word.encode()).decode()
    forms = (word, quote(word), quote(word, safe=""), quote_plus(word), encoded, quote(encoded, safe=""))
    return dict.fromkeys(form for form in forms if form)
