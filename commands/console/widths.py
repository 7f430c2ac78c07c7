"""How wide text stands on a screen, and how it is padded, cut and wrapped; Chinese counts double."""

import os
import sys
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

from commands.console.environment import columns

NO_LINE_BEGINS_WITH = frozenset("，。、；：？！）》」』】〕”’…—,.;:?!)]}%")
NO_LINE_ENDS_WITH = frozenset("（《「『【〔“‘([{")
ELLIPSIS = "…"
SCREEN = 80
"""Columns to assume where no screen can be asked."""


def width(text: str) -> int:
    """Return how many columns *text* takes; control and combining characters take none."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_columns(each) for each in text)


def padded(text: str, columns: int) -> str:
    """Return *text* filled with spaces to *columns*."""
    return text + " " * max(0, columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return *text* on one line and within *columns*, with an ellipsis where something was left out."""
    line = " ".join(text.split())
    if width(line) <= columns:
        return line
    kept, used = "", 0
    for each in line:
        used += _columns(each)
        if used > columns - width(ELLIPSIS):
            break
        kept += each
    return kept + ELLIPSIS


def wrapped(text: str, columns: int) -> list[str]:
    """Return *text* as lines within *columns*.

    Latin words stay whole; Chinese may break between any two characters, but no line begins with a
    closing mark or ends with an opening one. What is wider than the line alone stands on its own.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if piece == " ":
            line += " " if line else ""
        elif line and width(line) + width(piece) > columns:
            lines.append(line.rstrip())
            line = piece
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def screen_width() -> int:
    """Return the columns of the screen; 80 if there is none."""
    if said := columns():
        return said
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns or SCREEN
    except (OSError, ValueError):
        return SCREEN


def _columns(character: str) -> int:
    """Return the columns of one character."""
    if east_asian_width(character) in "WF":
        return 2
    return 0 if combining(character) or not character.isprintable() else 1


def _pieces(text: str) -> Iterator[str]:
    """Cut *text* into what may not be broken, with single spaces between."""
    piece = ""
    for each in " ".join(text.split()):
        if each == " ":
            if piece:
                yield piece
            yield " "
            piece = ""
        elif piece and _may_break(piece[-1], each):
            yield piece
            piece = each
        else:
            piece += each
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    """Say whether a line may end between two characters that touch."""
    if after in NO_LINE_BEGINS_WITH or before in NO_LINE_ENDS_WITH:
        return False
    return _columns(before) == 2 or _columns(after) == 2
