"""Every kind of journal row with its type, and what reads a row of any kind."""

from collections.abc import Mapping
from typing import Final

from engine.journal.case_events import CASE_EVENTS, CaseEvent
from engine.journal.event import Event, UnreadableEventError, read_as
from engine.journal.house_events import HOUSE_EVENTS
from engine.journal.migration_events import MIGRATION_EVENTS
from engine.journal.reading_events import READING_EVENTS
from engine.journal.receipt_events import RECEIPT_EVENTS
from engine.journal.signature_events import SIGNATURE_EVENTS

EVENTS_OF_CASES: Final[tuple[type[CaseEvent], ...]] = (
    *CASE_EVENTS,
    *SIGNATURE_EVENTS,
    *READING_EVENTS,
    *RECEIPT_EVENTS,
    *MIGRATION_EVENTS,
)

_OF_CASES: Final[Mapping[str, type[CaseEvent]]] = {each.kind: each for each in EVENTS_OF_CASES}

TYPES: Final[Mapping[str, type[Event]]] = {each.kind: each for each in (*EVENTS_OF_CASES, *HOUSE_EVENTS)}
"""Kind -> type."""


def read(kind: str, body: str | bytes) -> Event:
    """Return what a journal row says; of a kind that is not known only what every row may say.

    Raises:
        UnreadableEventError: If the body is not one of that kind, or is of a newer version.
    """
    return read_as(TYPES.get(kind, Event), body)


def read_of_case(kind: str, body: str | bytes) -> CaseEvent:
    """Return what a row in the chain of a case says; of a kind that is not known only what every such row may say.

    Raises:
        UnreadableEventError: If the body is not one of that kind, or is of a newer version.
    """
    return read_as(_OF_CASES.get(kind, CaseEvent), body)


def legible(kind: str, body: str) -> Event:
    """Return what a journal row says; of a body that is not one of its kind only what every row may say.

    For those who show a journal, or judge what it holds and say apart that it was altered.

    Raises:
        UnreadableEventError: If not even that can be read, or the body is of a newer version.
    """
    try:
        return read(kind, body)
    except UnreadableEventError:
        return Event.read(body)


def legible_of_case(kind: str, body: str) -> CaseEvent:
    """Return what a row in the chain of a case says, as `legible` does.

    Raises:
        UnreadableEventError: If not even what every such row may say can be read, or the body is of a newer version.
    """
    try:
        return read_of_case(kind, body)
    except UnreadableEventError:
        return CaseEvent.read(body)
