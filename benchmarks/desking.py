"""Pages and a step of the desk over very many leads, beside the same framework rendering the same with constants."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from benchmarks.ground import NOW, OFFICER, UNITS, build, copied, fill
from benchmarks.measuring import Finding, paired
from benchmarks.recording import plain_connection
from benchmarks.sharing import server
from desk.app import desk
from desk.desk_settings import DeskSettings
from desk.guard import form_token
from desk.rendering import rendered
from engine.language import speaking
from engine.operations.ledger.access import open_ledger
from engine.working_days.instants import instant
from workflows.adopted_book import AdoptedDeclarations

CASES: Final = 50
"""So many cases are opened again and again, in turn: a page must not be quick because it is the last one."""


def case_path(unit: int, place: int) -> str:
    """Return the page of a lead, by the places of its unit and of itself there; both from 1."""
    return f"/case/{UNITS[unit - 1]}-XS-{NOW.year}-{place:04}"


class Ground(NamedTuple):
    """A ledger, and the pages of its assigned leads; the first of those for steps shows the floor what follows one."""

    where: str
    url: str
    now: datetime
    often: Sequence[str]
    never: Sequence[str]
    """Nobody has opened them yet."""
    stepped: Sequence[str]

    @property
    def pages(self) -> Mapping[str, Sequence[str]]:
        """The addresses of each line."""
        forms = [f"{each}/do/verify" for each in self.often]
        return {"Today": ["/"], "List": ["/list/lead"], "Case": self.often, "the form of a step": forms}


STEP: Final = (
    ("_seen", "2"), ("report_number", "核1号"), ("finding", "substantiated"),
    ("verifiers", "officer00"), ("verifiers", "officer05"),
)  # fmt: skip
"""What is typed into the form of a step, with the revision that the form shows; the day comes besides."""
AT_MOST: Final = 3.0
USERS: Final = 20
READERS: Final = 4
"""Threads of the desk that read."""
HEADERS: Final = [(b"host", b"localhost"), (b"sec-fetch-site", b"same-origin")]


class Reply(NamedTuple):
    """What an application answered."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


async def asked(app: Any, path: str, *, cookie: bytes = b"", form: bytes | None = None) -> Reply:
    """Ask an application for a page as a server does, without a network."""
    path, _, query = path.partition("?")
    sent: list[dict[str, Any]] = []
    headers = [*HEADERS, (b"cookie", cookie)]
    if form is not None:
        headers += [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"%d" % len(form))]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": form or b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET" if form is None else "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in sent)
    return Reply(sent[0]["status"], dict(sent[0]["headers"]), body)


def pages(folder: Path, *, leads: int, times: int, rounds: int, databases: Collection[str]) -> Iterator[Finding]:
    """Measure the pages and a step: processor time each, and waiting under twenty users.

    Args:
        databases: sqlite, postgresql, or both.
    """
    if "sqlite" in databases:
        yield from _on_sqlite(folder, leads, times, rounds)
    if "postgresql" in databases:
        with server() as url_of:
            build(url_of("postgres"))
            fill(url_of("postgres"), leads, assigned=True, as_made=True)
            yield from _measured(
                _filled(f"PostgreSQL, {leads:,} leads", url_of("postgres"), times * rounds), times, rounds
            )


def pages_of(ledger: Path, *, times: int, rounds: int) -> Iterator[Finding]:
    """Measure the pages and a step in a file that `benchmarks.many` made, which is written into."""
    with closing(plain_connection(str(ledger))) as plain:
        asked = "SELECT number FROM cases WHERE workflow = 'lead' AND state = 'assigned' AND revision = 2 LIMIT ?"
        found = [f"/case/{number}" for (number,) in plain.execute(asked, (CASES + 2 * times * rounds + 1,))]
        ((last, count),) = plain.execute("SELECT (SELECT max(at) FROM journal), (SELECT max(id) FROM cases)")
    now, cut = instant(last) + timedelta(days=1), CASES + times * rounds
    where = f"SQLite, {count:,} leads"
    yield from _measured(Ground(where, str(ledger), now, found[:CASES], found[CASES:cut], found[cut:]), times, rounds)


def _filled(where: str, url: str, each: int) -> Ground:
    """Return the ground that `fill` made."""
    often, never, stepped = (
        [case_path(unit, place) for place in range(1, count + 1)]
        for unit, count in ((1, CASES), (2, each), (3, each + 1))
    )
    return Ground(where, url, NOW + timedelta(days=1), often, never, stepped)


def _on_sqlite(folder: Path, leads: int, times: int, rounds: int) -> Iterator[Finding]:
    """Yield the findings of a file, and leave the file as it was for the next run."""
    file = folder / f"desk-{leads}.db"
    if not file.exists():
        build(str(file))
        fill(str(file), leads, assigned=True, as_made=True)
    url = copied(file, f"desk-{leads}-used.db")
    yield from _measured(_filled(f"SQLite, {leads:,} leads", url, times * rounds), times, rounds)


def _measured(ground: Ground, times: int, rounds: int) -> Iterator[Finding]:
    """Yield the findings of one database."""
    where, pages = ground.where, ground.pages
    with asyncio.Runner() as runner, _opened(runner, ground) as (app, cookie):
        plain, sizes = runner.run(_plain(app, cookie, ground))

        def processor(of: Any, paths: Iterator[str]) -> float:
            begun = time.process_time()  # of all threads; waiting for other programs is no part of it
            for path in islice(paths, times):
                runner.run(asked(of, path, cookie=cookie))
            return time.process_time() - begun

        def steps(of: Any, paths: Iterator[str]) -> float:
            begun = time.process_time()
            for path in islice(paths, times):
                runner.run(_stepped(of, path, cookie, ground.now))
            return time.process_time() - begun

        for name, paths in {**pages, "a Case opened for the first time": ground.never}.items():
            for each in paths if name in pages else ():  # as often as there are threads that read
                runner.run(_all_read(app, each, cookie))
            size = sizes.get(name, sizes["Case"])
            yield paired(
                f"desk: {name}, {where}",
                "Starlette renders the same with constants",
                partial(processor, app, cycle(paths)),
                partial(processor, plain, cycle(paths)),
                at_most=AT_MOST,
                rounds=rounds,
                remark=partial("{} kB; processor time of {} pages".format, size // 1000, times),
            )
        yield paired(
            f"desk: a step and the page after it, {where}",
            "Starlette reads the same form, leads on and renders the same page",
            partial(steps, app, iter(ground.stepped[1:])),
            partial(steps, plain, iter(ground.stepped[1:])),
            at_most=AT_MOST,
            rounds=rounds,
            remark=partial("processor time of {} steps, each in a commit".format, times),
        )
        yield paired(
            f"desk: {USERS} users at a time, {where}",
            "the same of constants",
            lambda: runner.run(_waiting(app, cookie, pages)),
            lambda: runner.run(_waiting(plain, cookie, pages)),
            at_most=AT_MOST,
            rounds=rounds,
            remark=lambda: "95 of 100 pages wait no longer; none failed",
        )


async def _waiting(app: Any, cookie: bytes, pages: Mapping[str, Sequence[str]]) -> float:
    """Return the seconds that 95 of 100 pages keep twenty users waiting, each of whom opens every page twice.

    Raises:
        RuntimeError: If a page is not answered.
    """
    waited: list[float] = []

    async def user(first: int) -> None:
        paths = [each[first] if len(each) > 1 else each[0] for each in pages.values()] * 2
        for path in (*paths[first:], *paths[:first]):
            begun = time.perf_counter()
            await asyncio.sleep(0)  # as over a network, all others ask before the first is answered
            reply = await asked(app, path, cookie=cookie)
            waited.append(time.perf_counter() - begun)
            if reply.status != HTTPStatus.OK:
                raise RuntimeError(f"{path}: {reply.status}")

    await asyncio.gather(*(user(place % len(pages)) for place in range(USERS)))
    return sorted(waited)[len(waited) * 95 // 100]


@contextmanager
def _opened(runner: asyncio.Runner, ground: Ground) -> Iterator[tuple[Any, bytes]]:
    """Lend the desk of a ledger, and the cookie of the officer who does everything there."""
    url, now = ground.url, ground.now
    app = desk(
        DeskSettings(
            open_ledger=lambda: open_ledger(url, AdoptedDeclarations, real_now=None),
            now=lambda: now,
            real_now=lambda: now,
            readers=READERS,
        )
    )
    running = app.router.lifespan_context(app)
    runner.run(running.__aenter__())
    try:
        reply = runner.run(asked(app, "/login", form=f"chosen={OFFICER}".encode()))
        yield app, reply.headers[b"set-cookie"].partition(b";")[0]
    finally:
        runner.run(running.__aexit__(None, None, None))


async def _plain(app: Any, cookie: bytes, ground: Ground) -> tuple[Starlette, dict[str, int]]:
    """Return an application that renders each page from what it was rendered from, and the bytes of each."""
    noted: list[tuple[str, Mapping[str, object]]] = []
    shown: dict[str, Callable[[Request], Awaitable[Response]]] = {}
    sizes: dict[str, int] = {}

    def note(template: str, values: Mapping[str, object]) -> str:
        noted.append((template, values))
        return rendered(template, values)

    def constant(template: str, values: Mapping[str, object]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(_request: Request) -> Response:
            with speaking("zh"):
                return Response(rendered(template, values), media_type="text/html")

        return endpoint

    async def form(request: Request) -> Response:
        async with request.form():
            return RedirectResponse(f"{request.url.path.partition('/do/')[0]}?done=3", HTTPStatus.SEE_OTHER)

    with patch("desk.app.rendered", note):
        for name, (path, *_) in ground.pages.items():
            reply = await asked(app, path, cookie=cookie)
            assert reply.status == HTTPStatus.OK, path
            sizes[name] = len(reply.body)
            shown[name] = constant(*noted[-1])
        await _stepped(app, ground.stepped[0], cookie, ground.now)
        after = constant(*noted[-1])
    stepped = frozenset(ground.stepped)

    async def case(request: Request) -> Response:
        return await (after if request.url.path in stepped else shown["Case"])(request)

    ways = {"/": shown["Today"], "/list/lead": shown["List"], "/case/{number}": case}
    routes = [Route(path, endpoint) for path, endpoint in ways.items()]
    routes += [Route("/case/{number}/do/verify", form, methods=["POST"])]
    return Starlette(routes=[*routes, Route("/case/{number}/do/verify", shown["the form of a step"])]), sizes


async def _stepped(app: Any, path: str, cookie: bytes, now: datetime) -> None:
    """Take a step with a case by its form, and open the page to which that leads.

    Raises:
        RuntimeError: If it was not taken.
    """
    held, day = cookie.partition(b"=")[2].decode(), str((now - timedelta(days=1)).date())
    form = urlencode([*STEP, ("verified_on", day), ("_token", form_token(held))]).encode()
    reply = await asked(app, f"{path}/do/verify", cookie=cookie, form=form)
    to = reply.headers.get(b"location", b"").decode()
    if not to.startswith(path):
        raise RuntimeError(f"{path}: {reply.status}")
    await asked(app, to, cookie=cookie)


async def _all_read(app: Any, path: str, cookie: bytes) -> None:
    """Let every thread that reads have opened a page, as after a while of work."""
    await asyncio.gather(*(asked(app, path, cookie=cookie) for _ in range(2 * READERS)))
