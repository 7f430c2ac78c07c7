"""A desk for tests: the real application over a furnished ledger, asked as a browser asks it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from httpx2 import Response
from ledgers import START
from starlette.testclient import TestClient

from desk.app import desk
from desk.desk_settings import DeskSettings
from engine.operations.ledger.access import open_ledger
from workflows.adopted_book import AdoptedDeclarations

HERE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a request that one of our own pages made."""


@dataclass
class Clock:
    """A clock that a test turns on."""

    now: datetime = field(default=START + timedelta(days=2))

    def __call__(self) -> datetime:
        """Return the instant that it is."""
        return self.now


class Browser:
    """Somebody's browser."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def come_in(self, officer: str) -> "Browser":
        """Be an officer of a rehearsal from now on."""
        self.client.cookies.clear()
        answer = self.client.post("/login", data={"chosen": officer})
        assert answer.status_code == 303, answer.text
        return self

    def sees(self, path: str, status: int = 200) -> str:
        """Return a page, its references written out."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return unescape(answer.text)

    def sends(self, path: str, values: Mapping[str, Any], *, files: Any = None, page: str | None = None) -> Response:
        """Send a form with the hidden values that its page bears.

        Args:
            page: Where the form stands; its own address if it is not said.
        """
        form = self.sees(page or path)
        hidden = dict(re.findall(r'<input type="hidden" name="(_token|_seen)" value="([^"]*)">', form))
        return self.client.post(path, data={**hidden, **values}, files=files)


@contextmanager
def serving(
    url: str, *, clock: Clock | None = None, real: Clock | None = None, files: Path | None = None, **settings: Any
) -> Iterator[TestClient]:
    """Lend a client of a desk over a ledger that is there; its clocks stand still."""
    acted = clock or Clock()
    chosen = DeskSettings(
        open_ledger=lambda: open_ledger(url, AdoptedDeclarations, real_now=None),
        now=acted,
        real_now=real or acted,
        files=files,
        **{"readers": 1, **settings},
    )
    scheme = "https" if chosen.is_secure else "http"
    with TestClient(desk(chosen), base_url=f"{scheme}://localhost", headers=HERE, follow_redirects=False) as client:
        yield client
