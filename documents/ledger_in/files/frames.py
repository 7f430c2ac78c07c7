"""What the reader's process says, frame by frame: a kind, a length and JSON; never anything that is executed.

JSON knows no dates: those of a block travel beside its rows, by column, and are set in by the side that reads it.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any, BinaryIO, Final

from orjson import JSONDecodeError, JSONEncodeError, dumps, loads

from documents.ledger_in.files.found import Block, Plain
from documents.ledger_in.files.limits import LONGEST_FRAME

READY: Final = b"!"
BOOK: Final = b"B"
HEAD: Final = b"H"
"""The first rows of a sheet: those of all sheets come before any others, so that all can be looked at first."""
ROWS: Final = b"R"
DONE: Final = b"D"
"""A sheet has come to its end; how many rows it had."""
END: Final = b"E"
FAILED: Final = b"F"
FAULT: Final = "fault"
"""Why a reading failed that should not have: the program is wrong, not the file."""

_HEADER: Final = struct.Struct("<cI")
_PLAIN: Final = frozenset({str, float, int, bool, type(None)})
_DATED: Final = frozenset({date, datetime, time, timedelta})


class BrokenFrameError(Exception):
    """What was said is no frame, or not what a frame of its kind holds."""


def frame(kind: bytes, body: object) -> bytes:
    """Return a frame as it is written."""
    payload = dumps(body)
    return _HEADER.pack(kind, len(payload)) + payload


def read_frame(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return the kind and the JSON of the next frame; None if the stream ends before it does.

    Raises:
        BrokenFrameError: If it is longer than any frame may be.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    if length > LONGEST_FRAME:
        raise BrokenFrameError
    payload = stream.read(length)
    return (kind, payload) if len(payload) == length else None


def body_of(payload: bytes) -> dict[str, Any]:
    """Return what a frame's JSON holds.

    Raises:
        BrokenFrameError: If it is no JSON object.
    """
    try:
        body = loads(payload)
    except JSONDecodeError as error:
        raise BrokenFrameError from error
    if not isinstance(body, dict):
        raise BrokenFrameError
    return body


def rows_frame(kind: bytes, sheet: int, block: Block) -> bytes:
    """Return the frame of a *block* of the *sheet*'s rows."""
    body: dict[str, object] = {"sheet": sheet, "rows": block.rows}
    dates = _dates_taken_out(block.rows)
    if dates:
        body["dates"] = dates
    for name in ("errors", "struck", "hidden", "stray"):
        if marks := getattr(block, name):
            body[name] = marks
    try:
        return frame(kind, body)
    except JSONEncodeError:  # a whole number beyond 64 bits, half a character
        for row in block.rows:
            row[:] = [_writable(cell) for cell in row]
        return frame(kind, body)


def block_of(body: Mapping[str, Any]) -> Block:
    """Return the block that a frame holds, every cell of a kind that cells have.

    Raises:
        BrokenFrameError: If it holds anything else: its writer has read a file that may be hostile.
    """
    try:
        rows = body["rows"]
        if set(map(type, rows)) - {list} or not set(map(type, chain.from_iterable(rows))) <= _PLAIN:
            raise BrokenFrameError
        for place, texts in body.get("dates", {}).items():
            at = int(place)
            for row, text in zip(rows, texts, strict=True):
                if text is not None:
                    row[at] = _dated(text)
        errors = [(int(row), int(at), str(code)) for row, at, code in body.get("errors", ())]
        struck = [(int(row), int(at)) for row, at in body.get("struck", ())]
        return Block(
            rows, errors, struck, list(map(int, body.get("hidden", ()))), list(map(int, body.get("stray", ())))
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise BrokenFrameError from error


def _dates_taken_out(rows: Sequence[list[Plain]]) -> dict[str, list[str | None]]:
    """Take the dates, times and what is no number out of *rows*; return the dates by column."""
    found: dict[str, list[str | None]] = {}
    width = max(map(len, rows), default=0)
    columns = zip(*rows, strict=True) if all(len(row) == width for row in rows) else _ragged(rows, width)
    for at, cells in enumerate(columns):
        kinds = set(map(type, cells))
        if not kinds.isdisjoint(_DATED):
            found[str(at)] = [_written(cell) for cell in cells]
            for row, cell in zip(rows, cells, strict=True):
                if type(cell) in _DATED:
                    row[at] = None
        if float in kinds and not all(math.isfinite(cell) for cell in cells if type(cell) is float):
            for row in rows:
                if at < len(row) and isinstance(cell := row[at], float) and not math.isfinite(cell):
                    row[at] = str(cell)
    return found


def _ragged(rows: Sequence[list[Plain]], width: int) -> list[tuple[Plain, ...]]:
    return [tuple(row[at] if at < len(row) else None for row in rows) for at in range(width)]


def _written(cell: Plain) -> str | None:
    if isinstance(cell, timedelta):
        return f"P{cell.total_seconds()!r}"
    if isinstance(cell, time):
        return f"T{cell.isoformat()}"
    return cell.isoformat() if isinstance(cell, date) else None


def _dated(text: str) -> Plain:
    if len(text) == 10 and text[4] == "-":
        return date.fromisoformat(text)
    if text[:1] == "T":
        return time.fromisoformat(text[1:])
    if text[:1] == "P":
        return timedelta(seconds=float(text[1:]))
    return datetime.fromisoformat(text)


def _writable(cell: Plain) -> Plain:
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    return str(cell) if type(cell) is int and cell.bit_length() > 63 else cell
