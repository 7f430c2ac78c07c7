"""Photographs without what a telephone writes into them unasked: where it stood, whose it is, what it was.

Pixels and the way up stay. Only what is taken at a checklist is treated so: a file that somebody attaches may be
evidence, and stays as it came, byte for byte.
"""

import struct
from collections.abc import Iterator
from typing import Final

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_METADATA: Final = frozenset({0xE1, 0xED, 0xFE})
"""Segments of a JPEG that tell something: EXIF and XMP, IPTC, comments."""
_SCAN: Final = 0xDA
_TEXTS: Final = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_ORIENTATION: Final = 0x0112


def bare(content: bytes) -> bytes:
    """Return a photograph without its metadata but for the way up; what is no whole JPEG or PNG as it came."""
    try:
        if content.startswith(_JPEG):
            return b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return _PNG + b"".join(_png(content))
    except (struct.error, IndexError):
        return content
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG that stay."""
    yield _JPEG
    place = len(_JPEG)
    while True:
        mark, kind, length = struct.unpack_from(">BBH", content, place)
        if mark != 0xFF or kind == _SCAN:
            yield content[place:]
            return
        end = place + 2 + length
        if kind not in _METADATA:
            yield content[place:end]
        elif way_up := _way_up(content[place + 4 : end]):
            yield _exif(way_up)
        place = end


def _way_up(segment: bytes) -> int:
    """Return how an EXIF segment says that the picture is turned; 0 if it does not, or not at all."""
    if not segment.startswith(b"Exif\0\0"):
        return 0
    tiff = segment[6:]
    order = "<" if tiff.startswith(b"II") else ">"
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(count):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
        if tag == _ORIENTATION:
            return value if 1 < value <= 8 else 0
    return 0


def _exif(way_up: int) -> bytes:
    """Return an EXIF segment that says the way up and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, way_up, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    said = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG that stay."""
    place = len(_PNG)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 12 + length
        if content[place + 4 : place + 8] not in _TEXTS:
            yield content[place:end]
        place = end
