"""The outer form of old office files: a small file system of sectors, read for its streams by name ([MS-CFB])."""

import struct
from itertools import islice

from documents.ledger_in.files.found import UnreadableError

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA
"""Sector numbers from here on mean something else: the end of a chain, a free sector."""
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_MINI_SECTOR = 64


class Compound:
    """The streams of a compound file."""

    def __init__(self, content: bytes) -> None:
        """Read the directory.

        Raises:
            UnreadableError: If the file is cut off or its chains run in a circle.
        """
        if not content.startswith(_SIGNATURE) or len(content) < 512:
            raise UnreadableError("damaged")
        self._content = content
        (shift,) = struct.unpack_from("<H", content, 30)
        if shift not in {9, 12}:
            raise UnreadableError("damaged")
        self._size = 1 << shift
        directory, self._cutoff, mini_start = struct.unpack_from("<I4xII", content, 48)
        self._fat = self._table()
        entries = self._chain(directory)
        self._streams: dict[str, tuple[int, int]] = {}
        self._mini_stream = b""
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            start, size = struct.unpack_from("<II", entries, at + 116)
            name = entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == _ROOT and not self._mini_stream:
                self._mini_stream = self._chain(start)[:size]
            elif kind == _STREAM:
                self._streams.setdefault(name.lower(), (start, size))
        self._mini_fat = _numbers(self._chain(mini_start))

    def has(self, name: str) -> bool:
        """Return whether there is a stream of that *name*, in whatever case."""
        return name.lower() in self._streams

    def stream(self, name: str) -> bytes:
        """Return the stream of that *name*; empty if there is none, as far as it goes if its chain is broken."""
        start, size = self._streams.get(name.lower(), (_LAST, 0))
        if size >= self._cutoff:
            return self._chain(start)[:size]
        pieces: list[bytes] = []
        while start < len(self._mini_fat) and len(pieces) * _MINI_SECTOR < size:
            pieces.append(self._mini_stream[start * _MINI_SECTOR : (start + 1) * _MINI_SECTOR])
            start = self._mini_fat[start]
        return b"".join(pieces)[:size]

    def _table(self) -> list[int]:
        """Return the table that names to each sector the next of its chain."""
        places = list(struct.unpack_from("<109I", self._content, 76))
        (following,) = struct.unpack_from("<I", self._content, 68)
        seen: set[int] = set()
        while following < _LAST and following not in seen:
            seen.add(following)
            further = _numbers(self._sector(following))
            if not further:
                break
            places += further[:-1]
            following = further[-1]
        table: list[int] = []
        for place in islice(dict.fromkeys(places), len(self._content) // self._size + 1):
            if place < _LAST:
                table += _numbers(self._sector(place))
        return table

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._content[start : start + self._size]

    def _chain(self, start: int) -> bytes:
        pieces: list[bytes] = []
        most = len(self._content) // self._size + 1
        while start < len(self._fat):
            if len(pieces) > most:
                raise UnreadableError("damaged")
            pieces.append(self._sector(start))
            start = self._fat[start]
        return b"".join(pieces)


def _numbers(piece: bytes) -> list[int]:
    whole = len(piece) // 4
    return list(struct.unpack_from(f"<{whole}I", piece))
