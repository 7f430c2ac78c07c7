"""What a service outside the house may carry of a message: numbers, terms and days, and where the desk shows the rest.

A brief is made of a row from which every name of a person or a unit has been taken out beforehand, so that no template,
the user's own included, can put one in.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from engine.language import Language
from notifications.messages import OutboxMessage
from notifications.payloads import KINDS, Key
from notifications.views import due_said

NAMING = frozenset({"acting_for", "by", "of", "to", "unit", "whose", "why", "lacking"})
"""Keys of payloads whose values name an officer or a unit, or were typed by somebody."""

_LISTS = ("entries", "returns", "signatures")
_PAGES: Mapping[str, str] = {"returns_due": "/returns", "undelivered": "/house/outbox"}


def without_names(row: OutboxMessage) -> OutboxMessage:
    """Return *row* without recipient, unit, and whatever else names somebody; what a kind must have becomes a dash."""
    payload = _cleared(KINDS[row.kind], row.payload)
    return replace(row, payload=payload, unit="", recipient=replace(row.recipient, name=""))


def brief_of(subject: str, view: Mapping[str, object], made_at: datetime, language: Language) -> str:
    """Return the *subject*, when the message was made, and one line for each thing it lists.

    The minute makes two messages differ that would else say the same: DingTalk shows a text once a day.

    Args:
        subject: As its template says it of a row without names.
        view: What the templates see of that row.
        made_at: Instant in the zone of the house.
    """
    at = due_said(made_at.isoformat(timespec="minutes"), language)
    head = f"{subject}（{at}）" if language == "zh" else f"{subject} ({at})"
    lines = [_line(place, each) for place, each in enumerate(_listed(view), start=1)]
    return "\n".join([head, *lines])


def link_of(desk: str | None, row: OutboxMessage) -> str | None:
    """Return where the desk at the address *desk* shows what *row* is about: its only case, else the page for it."""
    if desk is None:
        return None
    lines = [each for key in _LISTS if isinstance(found := row.payload.get(key), list | tuple) for each in found]
    numbers = {str(each["number"]) for each in (*lines, row.payload) if each.get("number") is not None}
    if len(numbers) == 1 and len(lines) <= 1:
        return f"{desk}/case/{quote(numbers.pop(), safe='')}"
    return desk + _PAGES.get(row.kind, "/")


def _cleared(keys: Mapping[str, Key], given: Mapping[str, object]) -> dict[str, object]:
    """Return a payload without what names somebody, in its lists too."""
    found: dict[str, object] = {}
    for name, value in given.items():
        rows = keys[name].each
        if name in NAMING:
            found |= {name: "-"} if keys[name].needed else {}
        elif rows is not None and isinstance(value, list | tuple):
            found[name] = [_cleared(rows, each) for each in value]
        else:
            found[name] = value
    return found


def _listed(view: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what the view lists."""
    lists = [view.get(key) for key in _LISTS]
    return [each for found in lists if isinstance(found, list | tuple) for each in found]


def _line(place: int, each: Mapping[str, object]) -> str:
    """Return one thing in a line: its number, which term or paper, when it is due, and what is left."""
    keys = ("number", "deadline", "title", "period", "signature", "due", "left")
    return f"{place}. " + " ".join(str(each[key]) for key in keys if each.get(key))
