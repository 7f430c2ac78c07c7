"""Pages of the desk over very many leads, beside the same framework rendering the same template with constants."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.ground import NOW, OFFICER, build, fill
from benchmarks.measuring import Finding, paired
from benchmarks.sharing import server
from desk.app import desk
from desk.desk_settings import DeskSettings
from desk.rendering import rendered
from engine.language import speaking
from engine.operations.ledger.access import open_ledger
from workflows.adopted_book import AdoptedDeclarations

CASE: Final = "0101-XS-2019-0001"
PAGES: Final = {
    "Today": "/",
    "List": "/list/lead",
    "Case": f"/case/{CASE}",
    "the form of a step": f"/case/{CASE}/do/verify",
}
AT_MOST: Final = 3.0
USERS: Final = 20
HEADERS: Final = [(b"host", b"localhost"), (b"sec-fetch-site", b"same-origin")]


class Reply(NamedTuple):
    """What an application answered."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


async def asked(app: Any, path: str, *, cookie: bytes = b"", form: bytes | None = None) -> Reply:
    """Ask an application for a page as a server does, without a network."""
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
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in sent)
    return Reply(sent[0]["status"], dict(sent[0]["headers"]), body)


def pages(folder: Path, *, leads: int, times: int, rounds: int) -> Iterator[Finding]:
    """Measure the pages on SQLite and on PostgreSQL: processor time each, and waiting under twenty users."""
    file = folder / f"desk-{leads}.db"
    if not file.exists():
        build(str(file))
        fill(str(file), leads, assigned=True, as_made=True)
    yield from _measured(f"SQLite, {leads:,} leads", str(file), times, rounds)
    with server() as url_of:
        build(url_of("postgres"))
        fill(url_of("postgres"), leads, assigned=True, as_made=True)
        yield from _measured(f"PostgreSQL, {leads:,} leads", url_of("postgres"), times, rounds)


def _measured(where: str, url: str, times: int, rounds: int) -> Iterator[Finding]:
    """Yield the findings of one database."""
    with asyncio.Runner() as runner, _opened(runner, url) as (app, cookie):
        plain, sizes = runner.run(_plain(app, cookie))

        def processor(of: Any, path: str) -> float:
            begun = time.process_time()  # of all threads; waiting for other programs is no part of it
            for _ in range(times):
                runner.run(asked(of, path, cookie=cookie))
            return time.process_time() - begun

        for name, path in PAGES.items():
            yield paired(
                f"desk: {name}, {where}",
                "Starlette renders the same with constants",
                partial(processor, app, path),
                partial(processor, plain, path),
                at_most=AT_MOST,
                rounds=rounds,
                remark=partial("{} kB; processor time of {} pages".format, sizes[path] // 1000, times),
            )
        yield paired(
            f"desk: {USERS} users at a time, {where}",
            "the same of constants",
            lambda: runner.run(_waiting(app, cookie)),
            lambda: runner.run(_waiting(plain, cookie)),
            at_most=AT_MOST,
            rounds=rounds,
            remark=lambda: "95 of 100 pages wait no longer; none failed",
        )


async def _waiting(app: Any, cookie: bytes) -> float:
    """Return the seconds that 95 of 100 pages keep twenty users waiting, each of whom opens every page twice.

    Raises:
        RuntimeError: If a page is not answered.
    """
    waited: list[float] = []

    async def user(first: int) -> None:
        paths = [*PAGES.values()] * 2
        for path in (*paths[first:], *paths[:first]):
            begun = time.perf_counter()
            reply = await asked(app, path, cookie=cookie)
            waited.append(time.perf_counter() - begun)
            if reply.status != HTTPStatus.OK:
                raise RuntimeError(f"{path}: {reply.status}")

    await asyncio.gather(*(user(place % len(PAGES)) for place in range(USERS)))
    return sorted(waited)[len(waited) * 95 // 100]


@contextmanager
def _opened(runner: asyncio.Runner, url: str) -> Iterator[tuple[Any, bytes]]:
    """Lend the desk of a ledger, and the cookie of the officer who does everything there."""
    now = NOW + timedelta(days=1)
    app = desk(
        DeskSettings(
            open_ledger=lambda: open_ledger(url, AdoptedDeclarations, real_now=None),
            now=lambda: now,
            real_now=lambda: now,
        )
    )
    running = app.router.lifespan_context(app)
    runner.run(running.__aenter__())
    try:
        reply = runner.run(asked(app, "/login", form=f"chosen={OFFICER}".encode()))
        yield app, reply.headers[b"set-cookie"].partition(b";")[0]
    finally:
        runner.run(running.__aexit__(None, None, None))


async def _plain(app: Any, cookie: bytes) -> tuple[Starlette, dict[str, int]]:
    """Return an application that renders each page from what it was rendered from, and the bytes of each."""
    noted: list[tuple[str, Mapping[str, object]]] = []
    routes, sizes = [], {}

    def note(template: str, values: Mapping[str, object]) -> str:
        noted.append((template, values))
        return rendered(template, values)

    def constant(template: str, values: Mapping[str, object]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(_request: Request) -> Response:
            with speaking("zh"):
                return Response(rendered(template, values), media_type="text/html")

        return endpoint

    with patch("desk.app.rendered", note):
        for path in PAGES.values():
            reply = await asked(app, path, cookie=cookie)
            assert reply.status == HTTPStatus.OK, path
            sizes[path] = len(reply.body)
            routes.append(Route(path, constant(*noted[-1])))
    return Starlette(routes=routes), sizes
