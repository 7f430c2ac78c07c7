"""Photographs without what a telephone writes into them unasked: where it stood, whose it is, what it was.

Pixels and the way up stay. Only what is taken at a checklist is treated so: a file that somebody attaches may be
evidence, and stays as it came, byte for byte.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SAYING: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Segments of a JPEG that programs and telephones write what they like into: EXIF, XMP, IPTC, notes of makers."""
_SHOWING: Final[tuple[tuple[int, bytes], ...]] = ((0xE0, b"JF"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""Those of them by which the picture looks as it does, and how each begins."""
_SCAN: Final = 0xDA
_END: Final = 0xD9
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends the pixels of a scan: a mark that is neither a byte of them nor one that stands between them."""
_TEXTS: Final = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_ORIENTATION: Final = 0x0112


def bare(content: bytes) -> bytes:
    """Return a photograph without its metadata but for the way up; what is no whole JPEG or PNG as it came."""
    try:
        if content.startswith(_JPEG):
            return b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return _PNG + b"".join(_png(content))
    except (struct.error, IndexError, ValueError):
        return content
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG that stay; nothing of what hangs behind its end."""
    yield _JPEG
    place, kind = len(_JPEG), 0
    while kind != _END:
        while content[place + 1] == 0xFF:  # as many as a writer likes
            place += 1
        mark, kind = content[place], content[place + 1]
        if mark != 0xFF:
            raise ValueError
        end = place + 2 if kind == _END else place + 2 + int(struct.unpack_from(">H", content, place + 2)[0])
        if kind == _SCAN:
            after = _AFTER_SCAN.search(content, end)
            end, kind = (after.start(), kind) if after else (len(content), _END)
        said = content[place + 4 : end]
        if kind not in _SAYING or any(kind == each and said.startswith(begins) for each, begins in _SHOWING):
            yield content[place:end]
        elif way_up := _way_up(said):
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
    """Yield the chunks of a PNG that stay; nothing of what hangs behind its end."""
    place, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if kind not in _TEXTS:
            yield content[place:end]
        place = end
