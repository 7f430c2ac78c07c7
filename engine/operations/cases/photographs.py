"""Photographs without what a telephone writes into them unasked: where it stood, whose it is, what it was.

Pixels, colours and the way up stay; of all else only what is known to show the picture. Only what is taken at a
checklist is treated so: a file that somebody attaches may be evidence, and stays as it came, byte for byte.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final
from zlib import crc32

from engine.errors import BadFileError
from engine.language import Text

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_APPLICATION: Final = range(0xE0, 0xF0)
"""Segments of a JPEG in which programs write what they like: EXIF, XMP, IPTC, maker's notes, further pictures."""
_SHOWS: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""Those of them by which the picture is shown, and how each begins."""
_AFTER_SCAN: Final = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""Where the data of a scan end: at a mark that is neither a filled byte nor a restart."""
_EXIF: Final = 0xE1
_CHUNKS: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD hIST pHYs".split()
)  # fmt: skip
"""Chunks of a PNG that show the picture."""
_PARTS: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
"""Chunks of a WebP that show it."""
_PICTURES: Final = frozenset((b"VP8 ", b"VP8L"))
_HAS_EXIF, _HAS_XMP = 0x08, 0x04
_ORIENTATION: Final = 0x0112


def bare(content: bytes) -> bytes:
    """Return a photograph without its metadata but for the way up, and without what stands behind the picture.

    Raises:
        BadFileError: If it is no whole JPEG, PNG or WebP: what cannot be read cannot be looked through.
    """
    try:
        if content.startswith(_JPEG):
            return b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return b"".join(_png(content))
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        pass
    raise BadFileError(
        Text(
            "a photograph is a whole JPEG, PNG or WebP; attach any other file to the case itself",
            "照片须为完整的 JPEG、PNG 或 WebP 文件；其他文件请在事项页面作为附件保存",
        )
    )


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG that stay."""
    yield _JPEG
    place = len(_JPEG)
    while True:
        if content[place] != 0xFF:
            raise struct.error
        while content[place + 1] == 0xFF:  # filled up
            place += 1
        kind = content[place + 1]
        if kind == _END:
            yield bytes((0xFF, _END))
            return
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        said = content[place + 4 : end]
        if length < 2 or end >= len(content):
            raise struct.error
        yield _segment(kind, said, content[place:end])
        place = end
        if kind == _SCAN:
            found = _AFTER_SCAN.search(content, end)
            if found is None:
                raise struct.error
            yield content[end : found.start()]
            place = found.start()


def _segment(kind: int, said: bytes, whole: bytes) -> bytes:
    """Return what stays of a segment of a JPEG."""
    if kind == _EXIF and said.startswith(b"Exif\0\0"):
        way_up = _way_up(said[6:])
        return _exif_segment(way_up) if way_up else b""
    if kind in _APPLICATION:
        return whole if any(kind == each and said.startswith(by) for each, by in _SHOWS) else b""
    return b"" if kind == _COMMENT else whole


def _way_up(tiff: bytes) -> int:
    """Return how EXIF says that the picture is turned; 0 if it does not, cannot be read, or not at all."""
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return value if 1 < value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _exif(way_up: int) -> bytes:
    """Return EXIF that says the way up and nothing else."""
    return b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHIHH", _ORIENTATION, 3, 1, way_up, 0) + bytes(4)


def _exif_segment(way_up: int) -> bytes:
    """Return the segment of a JPEG that says the way up."""
    said = b"Exif\0\0" + _exif(way_up)
    return bytes((0xFF, _EXIF)) + struct.pack(">H", len(said) + 2) + said


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the parts of a PNG that stay."""
    yield _PNG
    place = len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content):
            raise struct.error
        if kind in _CHUNKS:
            yield content[place:end]
        elif kind == b"eXIf" and (way_up := _way_up(content[place + 8 : end - 4])):
            said = kind + _exif(way_up)
            yield struct.pack(">I", len(said) - 4) + said + struct.pack(">I", crc32(said))
        if kind == b"IEND":
            return
        place = end


def _webp(content: bytes) -> bytes:
    """Return a WebP with the parts that stay."""
    (size,) = struct.unpack_from("<I", content, 4)
    place, parts, way_up, found = 12, list[tuple[bytes, bytes]](), 0, set[bytes]()
    while place < 8 + size:
        kind, length = struct.unpack_from("<4sI", content, place)
        said = content[place + 8 : place + 8 + length]
        if len(said) != length:
            raise struct.error
        if kind == b"EXIF":
            way_up = _way_up(said.removeprefix(b"Exif\0\0"))
        elif kind in _PARTS:
            parts.append((kind, said))
            found.add(kind)
        place += 8 + length + length % 2
    if not found & _PICTURES:  # what moves is no photograph
        raise struct.error
    if way_up:
        parts.append((b"EXIF", _exif(way_up)))
    body = b"WEBP"
    for kind, said in parts:
        flags = (said[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if way_up else 0),) if kind == b"VP8X" else ()
        body += kind + struct.pack("<I", len(said)) + bytes(flags) + said[len(flags) :] + bytes(len(said) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body
