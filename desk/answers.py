"""What a page gives back: something to show, a way to go on, or a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class PageShown:
    """A page to show."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    session: str | None = None
    """What the browser is to keep from now on; None: as before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GoTo:
    """The browser goes on to a page of ours."""

    to: str
    """Its path."""
    session: str | None = None
    """What the browser is to keep from now on; empty: nothing any more; None: as before."""
    language: str | None = None
    """The language to speak from now on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileToKeep:
    """A file to keep; never shown in the browser."""

    name: str
    content: bytes
    kind: Literal["application/octet-stream", "text/csv; charset=utf-8"] = "application/octet-stream"


@dataclass(frozen=True, kw_only=True, slots=True)
class DataGiven:
    """What a script of ours has asked for, as JSON."""

    values: Mapping[str, object]
    status: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class GoOut:
    """The browser goes on to the provider of log-ins, and keeps for it what it comes back with."""

    to: str
    kept: str


Answer = PageShown | GoTo | FileToKeep | DataGiven | GoOut


def is_ours(path: str) -> bool:
    """Say whether a path leads to a page of ours and nowhere else, as a browser reads it."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
