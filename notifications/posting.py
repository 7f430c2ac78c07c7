"""One HTTP request, watched from beginning to end; its answer or why there was none."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.language import Text
from notifications.channels import (
    PATIENCE,
    ConversationLimit,
    Secret,
    Timeouts,
    address_secrets,
    quoted,
    said,
    trust,
    unreachable,
)
from notifications.messages import Refused, RetryLater

USUAL_BLOCK = timedelta(minutes=1)
"""How long an endpoint that has had too many requests is left alone if it names no time itself."""

_LARGEST_ANSWER = 65_536  # bytes; no answer to a message is longer
_LATER = (408, 425, 429)  # too slow, too early, too many
_LONGEST_WAIT = 86_400  # seconds; a server that asks for more is asked again after a day


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """How a channel reaches its endpoint."""

    name: str
    """The channel's name."""
    ca: Path | None = None
    proxy: Secret | None = None
    timeouts: Timeouts = PATIENCE
    inside: tuple[IPv4Network | IPv6Network, ...] | None = None
    """Networks that are not the open one and may be reached all the same; None: the endpoint may be anywhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an answer carried: a 2xx, or a no whose JSON object says more than its status."""

    body: bytes

    @property
    def fields(self) -> Mapping[str, Any] | None:
        """Return the JSON object in it; None if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def is_text(self) -> bool:
        """Say whether it is words, or nothing at all; a picture or noise is not what an endpoint says."""
        try:
            words = self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return False
        return all(sign.isprintable() or sign.isspace() for sign in words)


def post(
    url: str,
    body: bytes,
    *,
    route: Route,
    secrets: tuple[Secret, ...],
    headers: Mapping[str, str],
    method: str = "POST",
    reads_refusals: bool = False,
) -> Answer | RetryLater | Refused:
    """Send one request; 429, 408, 5xx and silence mean later, any other answer but 2xx means no.

    Neither path nor query of *url* is ever repeated: bots carry their keys there. Redirects are
    not followed, and nothing is read from the environment.

    Args:
        reads_refusals: A no in a JSON object is an answer too, since this endpoint says there what it means.
    """
    import httpx2

    # The client logs whole addresses, keys included, as soon as somebody sets the root logger to INFO.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    where = place_of(route.name, url)
    proxy = None if route.proxy is None else route.proxy.reveal()
    secrets = secrets if route.proxy is None else (*secrets, *address_secrets(route.proxy))
    limits = httpx2.Timeout(route.timeouts.total, connect=route.timeouts.connect)
    with ConversationLimit(route.timeouts.total) as watch:
        try:
            with (
                httpx2.Client(verify=trust(route.ca), timeout=limits, trust_env=False, proxy=proxy) as client,
                client.stream(
                    method, url, content=body, headers=dict(headers), extensions={"trace": _watching(watch, route)}
                ) as response,
            ):
                answer = bytearray()
                for chunk in response.iter_bytes():
                    answer += chunk
                    if len(answer) > _LARGEST_ANSWER:
                        return RetryLater(reason=_too_long(where), channel_down=True)
                found = Answer(body=bytes(answer))
                is_no = 400 <= response.status_code < 500 and response.status_code not in _LATER
                if reads_refusals and is_no and found.fields is not None:
                    return found
                return _meaning(response, bytes(answer), where, secrets)
        except _InsideError as error:
            return Refused(reason=error.sentence(where))
        except (httpx2.TransportError, httpx2.DecodingError, OSError) as error:
            reason = _broken_off(where, error, watch, route.timeouts)
            return RetryLater(reason=said(reason, secrets), channel_down=True)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            sentence = Text("{where}: the address cannot be asked; check it", "{where}：地址无法访问；请检查地址")
            return Refused(reason=sentence.format(where=where))


def place_of(name: str, url: str) -> str:
    """Return the channel and the host of its endpoint, and nothing else of the address."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return name
    return f"{name} ({parts.hostname or '?'}{port})"


def not_understood(where: str) -> RetryLater:
    """Return what to say of a 2xx answer that is not what this endpoint answers.

    A proxy's login page looks like that; whether the message arrived is unknown, so it goes again.
    """
    sentence = Text(
        "{where}: an answer that cannot be read; is it the right host?",
        "{where}：无法识别的应答；请检查主机是否正确",
    )
    return RetryLater(reason=sentence.format(where=where), channel_down=True)


def refusal(
    where: str,
    code: object,
    words: object,
    secrets: tuple[Secret, ...],
    *,
    later: bool,
    block: timedelta | None = None,
) -> RetryLater | Refused:
    """Return what to say of an answer that carries a no in its body.

    Args:
        later: The same message may be taken later.
        block: How long nothing at all will be taken, since there were too many messages.
    """
    spoken = quoted(f"{code} {words or ''}".strip(), secrets)
    if later or block is not None:
        sentence = Text("{where}: not now, {what}", "{where}：暂时不收，{what}")
        return RetryLater(reason=sentence.format(where=where, what=spoken), wait=block, blocked=block is not None)
    sentence = Text("{where}: refused, {what}", "{where}：拒收，{what}")
    return Refused(reason=sentence.format(where=where, what=spoken))


class _InsideError(Exception):
    """A connection led to a machine inside the house that the file of channels does not name."""

    def __init__(self, address: str) -> None:
        """Keep the *address* that answered."""
        super().__init__(address)
        self.address = address

    def sentence(self, where: str) -> Text:
        """Return what to say of it."""
        sentence = Text(
            "{where}: leads to {address}, which is not on the open network; name it under inside if that is meant",
            "{where}：指向非公网地址 {address}；确需如此请在 inside 中写明",
        )
        return sentence.format(where=where, address=self.address)


def _refuse_inside(connection: Any, route: Route) -> None:
    """Refuse a connection to a machine that may not be reached; nothing has been said to it yet.

    The machine that answered is asked, not the name: a name may lead elsewhere the next time it is looked up.

    Raises:
        _InsideError: If so.
    """
    if route.inside is None or route.proxy is not None:  # a proxy is named in the file, and decides by itself
        return
    address = ip_address(str(connection.getpeername()[0]).partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_global or any(address in network for network in route.inside):
        return
    connection.close()
    raise _InsideError(str(address))


def _watching(watch: ConversationLimit, route: Route) -> Any:  # a callback of httpcore2, untyped there
    """Return the callback that puts each new connection under *watch*, if *route* lets it be."""

    def seen(event: str, found: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            connection = found["return_value"].get_extra_info("socket")
            if connection is not None:
                _refuse_inside(connection, route)
                watch.over(connection)

    return seen


def _meaning(response: Any, body: bytes, where: str, secrets: tuple[Secret, ...]) -> Answer | RetryLater | Refused:
    """Return what an HTTP answer means."""
    code = int(response.status_code)
    if 200 <= code < 300:
        return Answer(body=body)
    if code in _LATER or code >= 500:
        sentence = Text("{where}: not now, HTTP {code}", "{where}：暂时不可用，HTTP {code}")
        wait = _asked_wait(response.headers.get("Retry-After", ""))
        too_many = code == 429
        return RetryLater(
            reason=sentence.format(where=where, code=code),
            channel_down=code >= 500,
            wait=USUAL_BLOCK if wait is None and too_many else wait,
            blocked=too_many,
        )
    if 300 <= code < 400:
        sentence = Text(
            "{where}: HTTP {code} leads elsewhere; enter the new address",
            "{where}：HTTP {code}，地址已变更；请改用新地址",
        )
        return Refused(reason=sentence.format(where=where, code=code))
    spoken = quoted(body.decode(errors="replace"), secrets)
    sentence = Text("{where}: refused with HTTP {code} {what}", "{where}：拒收，HTTP {code} {what}")
    return Refused(reason=said(sentence.format(where=where, code=code, what=spoken), secrets), status=code)


def _broken_off(where: str, error: Exception, watch: ConversationLimit, timeouts: Timeouts) -> Text:
    """Return why there was no answer, from the cause beneath the client's own error."""
    import httpx2

    if watch.expired or isinstance(error, httpx2.TimeoutException):
        return unreachable(where, TimeoutError(), timeouts)
    if isinstance(error, httpx2.ProxyError):
        sentence = Text("{where}: the proxy refused; check proxy", "{where}：代理拒绝；请检查 proxy 设置")
        return sentence.format(where=where)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return unreachable(where, cause, timeouts)
        cause = cause.__cause__ or cause.__context__
    sentence = Text(
        "{where}: closed the connection midway or does not speak HTTP",
        "{where}：对方中途断开连接，或应答不符合 HTTP 协议",
    )
    return sentence.format(where=where)


def _too_long(where: str) -> Text:
    """Return what to say of an answer without end."""
    return Text("{where}: an answer far too long", "{where}：应答过长").format(where=where)


def _asked_wait(header: str) -> timedelta | None:
    """Return the wait that Retry-After asks for in seconds; a date there is not worth a clock."""
    return timedelta(seconds=min(int(header), _LONGEST_WAIT)) if header.isdecimal() else None
