"""The addresses for other programs, and how a request of one is read, answered in the pool and written out."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk.api import v1
from desk.api.feed import feed_of
from desk.api.figures import figures
from desk.api.replies import PROBLEM, ProblemError, Reply, problem, problem_of
from desk.api.token_door import TokenDoor, secret_in
from desk.api.v1 import ApiAsked, ApiVisit, Operation
from desk.visit import OncePressed, PageRequest, legible
from engine.errors import QinglingError
from engine.language import Language, Text, speaking

if TYPE_CHECKING:
    from desk.desk_settings import DeskSettings
    from desk.pool import LedgerAtHand, Pool

LOG: Final = logging.getLogger("qingling.desk")
BASE: Final = "/api/v1"
SMALL: Final = 1_000_000
"""Bytes of a body that is no file."""
LARGE: Final = 25_000_000
"""Bytes of a file."""
_BROKEN: Final = Text("the body is no JSON object", "请求内容不是 JSON 对象")
_UNSEEN: Final = Text("a text in the body holds control characters", "请求内容的文字含控制字符")
_OURS: Final = Text("something went wrong here, and nothing was written", "系统出错，本次未写入任何内容")


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiAddress:
    """One address of `/api/v1`."""

    name: str
    path: str
    get: Operation | None = None
    post: Operation | None = None
    is_file: bool = False
    """What is sent is a file and no JSON."""


ADDRESSES: Final = (
    ApiAddress(name="api_description", path="/openapi.json", get=v1.description),
    ApiAddress(name="api_cases", path="/workflows/{workflow}/cases", get=v1.listed, post=v1.opened),
    ApiAddress(name="api_step", path="/workflows/{workflow}/cases/{number}/steps/{trigger}", post=v1.step),
    ApiAddress(name="api_case", path="/cases/{number}", get=v1.one),
    ApiAddress(name="api_notes", path="/cases/{number}/notes", post=v1.noted),
    ApiAddress(name="api_attachments", path="/cases/{number}/attachments", post=v1.attached, is_file=True),
    ApiAddress(name="api_attachment", path="/cases/{number}/attachments/{digest}", get=v1.given),
    ApiAddress(name="api_zero", path="/zero/{campaign}", get=v1.zero),
)


def api_routes(settings: "DeskSettings", pool: "Callable[[], Pool]") -> list[Route]:
    """Return all addresses for other programs.

    Args:
        pool: Gives the threads, once the application has started.
    """
    here = _Interface(settings, pool)
    routes = [_route(here, each) for each in ADDRESSES]
    routes.append(Route("/feed/{secret}.ics", here.feed, name="feed"))
    routes.append(Route("/metrics", here.metrics, name="metrics"))
    return routes


def _route(here: "_Interface", way: ApiAddress) -> Route:
    """Return how an address is served."""
    methods = [*(["GET"] if way.get else []), *(["POST"] if way.post else [])]
    limit = Middleware(RequestBodyLimitMiddleware, max_body_size=LARGE if way.is_file else SMALL)

    async def endpoint(request: Request) -> Response:
        return await here.answer(way, request)

    return Route(BASE + way.path, endpoint, methods=methods, name=way.name, middleware=[limit])


class _Interface:
    """What all requests of programs share."""

    def __init__(self, settings: "DeskSettings", pool: "Callable[[], Pool]") -> None:
        self.settings = settings
        self._pool = pool
        self._door = TokenDoor()
        self._once = OncePressed()

    async def answer(self, way: ApiAddress, request: Request) -> Response:
        """Answer a request of a program."""
        language = self._language(request)
        writes = request.method == "POST"
        try:
            asked = await _read(way, request)
            page = self._page(way.name, request)
            made = partial(self._made, way, page, asked, secret_in(request.headers), writes=writes)
            reply = await self._pool().run("write" if writes else "read", made)
        except HTTPException as error:
            with speaking(language):
                words = Text("too large: 1 MB, files 25 MB", "内容过大：一般 1 MB，附件 25 MB")
                reply = problem(error.status_code, words)
        except ProblemError as error:
            with speaking(language):
                reply = problem_of(error, writes=writes)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one request's and ends nothing else
            with speaking(language):
                reply = _failed(way.name, error)
        return _written(reply)

    async def feed(self, request: Request) -> Response:
        """Answer a request for a calendar; an address that leads to none is as if it were not there."""
        secret, language = str(request.path_params["secret"]), self._language(request)
        settings = self.settings

        def made(at_hand: "LedgerAtHand") -> bytes | None:
            with speaking(language):
                return feed_of(at_hand.ledger, secret, now=settings.now(), real_now=settings.real_now())

        try:
            content = await self._pool().run("read", made)
        except Exception as error:  # noqa: BLE001 - as above
            return _written(_failed("feed", error))
        if content is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        tag = f'"{sha256(content).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": tag})
        return Response(content, media_type="text/calendar; charset=utf-8", headers={"etag": tag})

    async def metrics(self, request: Request) -> Response:
        """Answer who asks for figures on this machine itself; to all others there is no such page."""
        host = request.client.host if request.client else ""
        # Behind a proxy all come from this machine; that it speaks for somebody else is what the header says.
        if host not in {"127.0.0.1", "::1"} or "x-forwarded-for" in request.headers:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        settings = self.settings
        try:
            text = await self._pool().run("read", lambda at_hand: figures(at_hand.ledger, now=settings.now()))
        except Exception as error:  # noqa: BLE001 - as above
            return _written(_failed("metrics", error))
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    def _made(
        self, way: ApiAddress, page: PageRequest, asked: ApiAsked, secret: str, at_hand: "LedgerAtHand", *, writes: bool
    ) -> Reply:
        """Return the answer to a request; in a thread of the pool."""
        with speaking(page.language):
            try:
                now = self.settings.real_now()
                officer = self._door.who(at_hand.ledger, secret, writes=writes, now=now)
                visit = ApiVisit(self.settings, page, at_hand, officer, once=self._once)
                operation = way.post if writes else way.get
                assert operation is not None, "the route lets no other method through"
                return operation(visit, asked)
            except QinglingError as error:
                return problem_of(error, writes=writes)

    def _page(self, name: str, request: Request) -> PageRequest:
        """Return the request as all that shows something of the ledger takes it."""
        query: dict[str, tuple[str, ...]] = {}
        for key, value in request.query_params.multi_items():
            query[key] = (*query.get(key, ()), legible(value))
        insists = query.pop("insist", ("",))[0] in {"1", "true"}
        return PageRequest(
            route=name,
            address="",
            path={name: legible(value) for name, value in request.path_params.items()},
            query=query,
            form={"_insist": ("1",)} if insists else {},
            source=request.client.host if request.client else "",
            language=self._language(request),
        )

    def _language(self, request: Request) -> Language:
        """Return the language that a program asks to be spoken to in."""
        wanted = request.headers.get("accept-language", "").strip().lower()
        return "en" if wanted.startswith("en") else "zh" if wanted.startswith("zh") else self.settings.language


async def _read(way: ApiAddress, request: Request) -> ApiAsked:
    """Read what a program sends.

    Raises:
        ProblemError: If it is no JSON object where one is asked.
    """
    if request.method != "POST":
        return ApiAsked()
    content = await request.body()
    body: Mapping[str, Any] = {}
    if not way.is_file:
        try:
            body = json.loads(content or b"{}", parse_constant=_refuse_constant)
            is_plain = all(each == legible(each) for each in _texts(body))
        except (ValueError, RecursionError):
            raise ProblemError(HTTPStatus.BAD_REQUEST, _BROKEN) from None
        if not isinstance(body, dict):
            raise ProblemError(HTTPStatus.BAD_REQUEST, _BROKEN)
        if not is_plain:
            raise ProblemError(HTTPStatus.BAD_REQUEST, _UNSEEN)
    headers = request.headers
    return ApiAsked(
        body=body, content=content, if_match=headers.get("if-match", ""), key=headers.get("idempotency-key", "")[:200]
    )


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _refuse_constant(_words: str) -> None:
    """Refuse what is no number of JSON, such as NaN."""
    raise ValueError


def _failed(name: str, error: Exception) -> Reply:
    """Answer what is our fault; the log says where, and nothing of what was asked."""
    place = extract_tb(error.__traceback__)[-1]
    LOG.error("%s: %s in %s:%s", name, type(error).__name__, place.filename, place.lineno)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _OURS)


def _written(reply: Reply) -> Response:
    """Return an answer as it goes out."""
    kind = f"{reply.kind}; charset=utf-8" if reply.kind == PROBLEM else reply.kind
    return Response(reply.content, reply.status, media_type=kind, headers=dict(reply.headers))
