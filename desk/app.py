"""The desk as a web application: requests are read here, answered in the pool, and written out again."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import gettempdir
from traceback import extract_tb
from typing import Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.answers import Answer, DataGiven, FileToKeep, GoOut, GoTo, PageShown
from desk.api.routes import api_routes
from desk.assets import assets
from desk.desk_settings import DeskSettings
from desk.door import Door
from desk.framing import framed
from desk.guard import ONE_YEAR, SAFE, FrontGuard
from desk.jobs import UPLOADS, Job, Jobs
from desk.kept_work import look_again
from desk.pages.entrance import log_in_again, to_log_in
from desk.pool import Lane, LedgerAtHand, Pool
from desk.rendering import rendered
from desk.routes import ADDRESSES, Address
from desk.signing import answered
from desk.visit import OncePressed, PageRequest, SentFile, Visit, legible
from desk.wrong import answer_of, fault
from engine.errors import DatabaseError, NotFoundError, QinglingError, RefusedError
from engine.language import LANGUAGES, Language, Text, speaking
from engine.system.whole_files import apart

LOG: Final = logging.getLogger("qingling.desk")
LANGUAGE_KEPT: Final = "qingling-language"
MOST_FIELDS: Final = 400
MOST_FILES: Final = 20
Written = tuple[Answer, str]
"""An answer, with its page as HTML if it has one."""


def desk(settings: DeskSettings) -> Starlette:
    """Return the application; its threads start and end with it."""
    here = _Desk(settings)
    routes = [_route(here, way) for way in ADDRESSES]
    routes += [Route("/static/{name}", _asset, name="asset"), Route("/healthz", here.health, name="health")]
    routes += api_routes(settings, lambda: here.pool)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with apart(Path(gettempdir(), "upload"), begins=UPLOADS) as folder:
            here.pool, here.jobs = Pool(settings.open_ledger, readers=settings.readers), Jobs(folder)
            try:
                yield
            finally:
                here.jobs.close()
                here.pool.close()

    return Starlette(
        routes=routes,
        middleware=[Middleware(FrontGuard, settings=settings)],
        exception_handlers={HTTPException: here.refused},
        lifespan=lifespan,
    )


def _case_of(way: Address, visit: Visit | None, error: QinglingError) -> str | None:
    """Return the number of the case one of whose pages was refused, so that it leads back; None if it cannot."""
    if visit is None or isinstance(error, DatabaseError) or not way.path.startswith("/case/{number}/"):
        return None
    try:
        return visit.ledger.case(visit.asked.path["number"]).number
    except NotFoundError:
        return None


def _route(here: "_Desk", way: Address) -> Route:
    """Return how the address of a page is served."""
    reads, writes = way.show or way.enter, way.do or way.do_enter
    methods = [*(["GET"] if reads else []), *(["POST"] if writes else [])]

    async def endpoint(request: Request) -> Response:
        return await here.answer(way, request)

    limits = [Middleware(_SaysTooLarge, here, way.most), Middleware(RequestBodyLimitMiddleware, max_body_size=way.most)]
    return Route(way.path, endpoint, methods=methods, name=way.name, middleware=limits)


LONGEST_SIZE: Final = 18
"""Digits of a size beyond which it is not read: it is too large."""


class _SaysTooLarge:
    """Answers what says beforehand that it is too large with our page; the limit itself would say it in English."""

    def __init__(self, app: ASGIApp, here: "_Desk", most: int) -> None:
        self._app, self._here, self._most = app, here, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        size = Request(scope).headers.get("content-length", "")
        if size.isdecimal() and (len(size) > LONGEST_SIZE or int(size) > self._most):
            answer = await self._here.refused(Request(scope), HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Desk:
    """What all requests share."""

    def __init__(self, settings: DeskSettings) -> None:
        self.settings = settings
        self.door = Door()
        self.once = OncePressed()
        self.pool: Pool
        self.jobs: Jobs
        # No other host of the same domain can plant a cookie under this prefix.
        self._kept = "__Host-qingling" if settings.is_secure else "qingling"

    async def answer(self, way: Address, request: Request) -> Response:
        """Answer a request for a page."""
        asked = await self._read(way, request)
        writes = request.method not in SAFE
        lane: Lane = "away" if way.goes_away else "read"
        if writes and not way.only_looks:
            lane = "write" if way.do is not None else "door"
        try:
            made = await self.pool.run(lane, partial(self._made, way, asked, writes=writes))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one request's and ends nothing else
            return self._failed(way, asked, error)
        return self._written(*made)

    def start(self, visit: Visit, job: Job, work: Callable[[Visit, Job], None]) -> None:
        """Do a job in the name of who asks, with a ledger of its own.

        Raises:
            RefusedError: If something of it is under way already.
        """
        self.jobs.begin(job)
        asked, officer = visit.asked, visit.officer

        def do(at_hand: LedgerAtHand) -> None:
            def in_the_name() -> None:
                # It may have waited long: its officer may have logged out, left or lost the role since.
                if self.door.who(at_hand.ledger, asked.held, now=self.settings.real_now()) != officer:
                    raise RefusedError(Text("the log-in ended before it began", "登录已结束，未开始处理"))
                visit = Visit(self.settings, asked, at_hand, officer, once=self.once, background=self)
                job.read_as = visit.reader
                work(visit, job)

            with speaking(asked.language):
                try:
                    self.jobs.run(job, in_the_name)
                except Exception as error:
                    self._say_fault(job.kind, error)
                    raise

        self.pool.begin("job", do)

    async def health(self, _request: Request) -> Response:
        """Say whether the ledger can be read; nothing of what stands in it."""
        try:
            await self.pool.run("read", lambda at_hand: at_hand.ledger.zone)
        except QinglingError:
            return PlainTextResponse("the ledger cannot be read\n", HTTPStatus.SERVICE_UNAVAILABLE)
        return PlainTextResponse("ok\n")

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer what no page answers: an unknown address, another method, a form that is too large."""
        assert isinstance(error, HTTPException)
        with speaking(self._language(request)):
            return self._plain(*fault(error.status_code))

    def _failed(self, way: Address, asked: PageRequest, error: Exception) -> Response:
        """Answer what is our fault."""
        self._say_fault(way.name, error)
        gone = isinstance(error, DatabaseError)
        with speaking(asked.language):
            return self._plain(*fault(HTTPStatus.SERVICE_UNAVAILABLE if gone else HTTPStatus.INTERNAL_SERVER_ERROR))

    def _say_fault(self, name: str, error: Exception) -> None:
        """Say in the log where something went wrong, and nothing of what was asked; a refusal is no fault.

        Of a database it says what the command line says, for who reads the log can act on that: `qingling upgrade`.
        """
        if isinstance(error, QinglingError) and not isinstance(error, DatabaseError):
            return
        place = extract_tb(error.__traceback__)[-1]
        said = f": {error}" if isinstance(error, DatabaseError) else ""
        LOG.error("%s: %s in %s:%s%s", name, type(error).__name__, place.filename, place.lineno, said)

    def _made(self, way: Address, asked: PageRequest, at_hand: LedgerAtHand, *, writes: bool) -> Written:
        """Return the answer to a request; in a thread of the pool."""
        ledger = at_hand.ledger
        with speaking(asked.language):
            visit: Visit | None = None
            try:
                entrance = way.do_enter if writes else way.enter
                if entrance is not None:
                    answer = entrance(asked, ledger, self.door, self.settings)
                else:
                    code = self.door.who(ledger, asked.held, now=self.settings.real_now())
                    if code is None and writes:
                        answer = log_in_again(asked, ledger, self.door, self.settings, is_part=way.is_part)
                    elif code is None:
                        return to_log_in(asked, can_show=True), ""
                    else:
                        visit = Visit(self.settings, asked, at_hand, code, once=self.once, background=self)
                        look_again(visit, self.jobs)
                        answer = self._page(way, visit, writes=writes)
                        asked = visit.asked
            except QinglingError as error:
                answer = answer_of(error, case=_case_of(way, visit, error))
            if not isinstance(answer, PageShown):
                return answer, ""
            return answer, rendered(answer.template, {**framed(asked, ledger, visit), **answer.values})

    def _page(self, way: Address, visit: Visit, *, writes: bool) -> Answer:
        """Return what a page answers an officer who is known.

        Raises:
            QinglingError: If it does not catch that itself.
        """
        asked, now = visit.asked, self.settings.real_now()
        if writes:
            visit.refuse_forged()
            kept = self.door.forms.opened(asked.one("_kept"), now=now) if asked.one("_kept") else None
            if kept is not None and kept.officer in {"", visit.officer} and kept.address == asked.address:
                visit.asked = asked = replace(asked, form=kept.form)
        page = way.do if writes else way.show
        assert page is not None, "the route lets no other method through"
        fresh = None
        if not asked.one("_prepare") and not asked.one("_nonce"):  # what is signed is bound to the session as it is
            fresh = self.door.renewed(visit.ledger, asked.held, visit.officer, now=now)
        if fresh is not None:
            visit.asked = replace(asked, held=fresh)
        answer = answered(visit, page, self.door.ceremonies) if writes else page(visit)
        if fresh is None or not isinstance(answer, PageShown | GoTo) or answer.session is not None:
            return answer
        return replace(answer, session=fresh)

    async def _read(self, way: Address, request: Request) -> PageRequest:
        """Read what a browser asks."""
        form: dict[str, tuple[str, ...]] = {}
        files: dict[str, tuple[SentFile, ...]] = {}
        if request.method not in SAFE:
            async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as sent:
                for name, value in sent.multi_items():
                    if not isinstance(value, UploadFile):
                        form[name] = (*form.get(name, ()), legible(value))
                    elif value.filename:
                        file = SentFile(name=value.filename, content=await value.read())
                        files[name] = (*files.get(name, ()), file)
        query: dict[str, tuple[str, ...]] = {}
        for name, value in request.query_params.multi_items():
            query[name] = (*query.get(name, ()), legible(value))
        return PageRequest(
            route=way.name,
            address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            path={name: legible(value) for name, value in request.path_params.items()},
            query=query,
            form=form,
            files=files,
            held=request.cookies.get(self._kept, ""),
            source=request.client.host if request.client else "",
            language=self._language(request),
            origin=f"{'https' if self.settings.is_secure else request.url.scheme}://{request.headers.get('host', '')}",
            going_out=request.cookies.get(f"{self._kept}-out", ""),
        )

    def _language(self, request: Request) -> Language:
        """Return the language that a browser asks to be spoken to in."""
        kept = request.cookies.get(LANGUAGE_KEPT)
        return next((each for each in LANGUAGES if each == kept), self.settings.language)

    def _written(self, answer: Answer, page: str) -> Response:
        """Return an answer as it goes out."""
        if isinstance(answer, FileToKeep):
            return _as_file(answer)
        if isinstance(answer, DataGiven):
            return JSONResponse(answer.values, answer.status)
        response: Response
        if isinstance(answer, PageShown):
            response = Response(page, answer.status, media_type="text/html")
        else:
            response = RedirectResponse(answer.to, HTTPStatus.SEE_OTHER)
        if isinstance(answer, GoOut):
            self._keep(response, f"{self._kept}-out", answer.kept)
            return response
        if answer.session is not None:
            self._keep(response, self._kept, answer.session)
            if answer.session == "":
                response.headers["clear-site-data"] = '"cache", "storage"'
        if isinstance(answer, GoTo) and answer.language is not None:
            self._keep(response, LANGUAGE_KEPT, answer.language)
        return response

    def _keep(self, response: Response, name: str, value: str) -> None:
        """Let the browser keep something until it is closed, out of the reach of scripts and of other sites."""
        secure = self.settings.is_secure
        if value:
            # Not `strict`: then a link in a message would open the desk as if nobody were logged in.
            response.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="lax")
        else:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")

    def _plain(self, status: int, words: Text) -> Response:
        """Return a page that needs no ledger."""
        return Response(rendered("fault.html", {"words": words}), status, media_type="text/html")


def _as_file(given: FileToKeep) -> Response:
    """Return a file that the browser keeps and never shows."""
    plain = "".join(each if (each.isascii() and each.isalnum()) or each in "-._" else "_" for each in given.name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(given.name, safe='')}"
    return Response(given.content, media_type=given.kind, headers={"content-disposition": disposition})


async def _asset(request: Request) -> Response:
    """Answer a request for a file that pages load."""
    found = assets().get(request.path_params["name"])
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    content, kind = found
    headers = {"cache-control": f"public, {ONE_YEAR}, immutable"}
    return Response(content, media_type=kind, headers=headers)
