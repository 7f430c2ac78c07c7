"""What stands before every page: headers that bind the browser, and requests from elsewhere that are sent away.

The headers and the order of the checks follow what browsers do: `Sec-Fetch-Site` where it is sent, else `Origin`. A
token in each form of an officer who is known is for browsers that send neither; `visit` compares it. Who is not known
has none: at the door, and for the language, `SameSite` cookies and these checks must do.
"""

from hmac import digest as hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.desk_settings import DeskSettings
from engine.language import Text

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script and no style stands in a page, and none comes from elsewhere."""


def policy_of(settings: DeskSettings) -> str:
    """Return what pages may do; a form may lead on to the provider of log-ins, if there is one."""
    if settings.sign_on is None:
        return POLICY
    place = urlsplit(settings.sign_on.issuer)
    return POLICY.replace("form-action 'self'", f"form-action 'self' {place.scheme}://{place.netloc}")


HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # With `no-referrer` browsers send `Origin: null` with a form, and one's own officers would be sent away.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
KEPT_NOWHERE: Final = "no-store"
"""Of every page: what is read at a shared PC is not found there by the next one."""
ONE_YEAR: Final = "max-age=31536000"
SAFE: Final = frozenset({"GET", "HEAD"})
_FROM_ELSEWHERE: Final = Text(
    "this request came from another page; open the desk itself", "请求来自其他页面，已拒绝；请直接打开本系统"
)
_WRONG_NAME: Final = Text("the desk does not answer under this name", "本系统不以此名称提供服务")


class FrontGuard:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, settings: DeskSettings) -> None:
        """Stand before *app*."""
        self._app = app
        self._settings = settings
        bound = {**HEADERS, "content-security-policy": policy_of(settings)}
        if settings.is_secure:
            bound["strict-transport-security"] = ONE_YEAR
        self._bound = [(name.encode(), value.encode()) for name, value in bound.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let through with headers added to the reply."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                given.setdefault("cache-control", KEPT_NOWHERE)
                given.raw.extend(self._bound)  # no page of ours sets one of these itself
            await send(message)

        headers = Headers(scope=scope)
        if _host_of(headers) not in self._settings.names:
            await PlainTextResponse(str(_WRONG_NAME), 421)(scope, receive, send_with_headers)
        elif scope["method"] not in SAFE and not self._is_ours(scope, headers):
            await PlainTextResponse(str(_FROM_ELSEWHERE), 403)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _is_ours(self, scope: Scope, headers: Headers) -> bool:
        """Say whether a request that may change something is one of our pages, or a program's with a token.

        No browser sends that header by itself, and no cookie is read where programs ask.
        """
        if scope["path"].startswith("/api/") and "authorization" in headers:
            return True
        return is_own(headers, scope["scheme"], is_secure=self._settings.is_secure)


def is_own(headers: Headers, scheme: str, *, is_secure: bool) -> bool:
    """Say whether a request that may change something was made by one of our own pages.

    Args:
        scheme: By which the request reached this process.
        is_secure: Whether the browser came by TLS, if only to a proxy.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin == f"{'https' if is_secure else scheme}://{headers.get('host', '')}"


def form_token(held: str) -> str:
    """Return the token that stands in each form of a session; it is worth nothing without the session's cookie."""
    return hmac(held.encode(), b"form", "sha256").hex()


def _host_of(headers: Headers) -> str:
    """Return the name that was asked for, without the port."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""
