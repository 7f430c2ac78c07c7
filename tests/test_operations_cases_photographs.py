"""Photographs of a checklist: what a telephone writes into them goes, the picture and its way up stay."""

import struct
import zlib

import pytest

from engine.operations.cases.photographs import bare

SECRET = "赵六 30.2N 120.1E".encode()
SCANS = (b"\xff\xda\x00\x02scan\xff\x00\xff\xd0more", b"\xff\xda\x00\x02last")
PICTURE = b"\xff\xc4\x00\x04\xff\xd9".join(SCANS) + b"\xff\xd9"
"""Two scans with a table between them that looks like the end, and the end."""


def segment(kind: int, said: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes((0xFF, kind)) + struct.pack(">H", len(said) + 2) + said


def exif(way_up: int, order: str = ">") -> bytes:
    """Return EXIF as a telephone writes it: its owner, and how it was held."""
    entries = struct.pack(f"{order}HHII", 0x013B, 2, len(SECRET), 38)
    entries += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, way_up, 0)
    mark = b"MM\0*" if order == ">" else b"II*\0"
    return b"Exif\0\0" + mark + struct.pack(f"{order}IH", 8, 2) + entries + bytes(4) + SECRET


def chunk(kind: bytes, said: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))


def test_metadata_goes_and_the_way_up_stays() -> None:
    """What tells more than the picture is gone from a JPEG and a PNG, also behind its end; what shows it is as it was.

    A telephone hangs a film with its place, or a second picture with its own EXIF, to the end of a photograph.
    """
    colours = segment(0xE2, b"ICC_PROFILE\0\1\1colours") + segment(0xEE, b"Adobe\0d")
    tables = segment(0xE0, b"JFIF") + colours + segment(0xDB, b"tables")
    told = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)
    told += b"".join(segment(each, SECRET) for each in (0xE2, 0xE4, 0xEB, 0xED, 0xEF, 0xFE))
    for order in (">", "<"):
        found = bare(b"\xff\xd8" + tables + segment(0xE1, exif(6, order)) + told + b"\xff" + PICTURE + SECRET)
        assert SECRET not in found
        assert found.startswith(b"\xff\xd8" + tables)
        assert found.endswith(PICTURE)
        assert bare(found) == found, "the way up that is left is all that EXIF says"
        assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in found
    assert bare(b"\xff\xd8" + segment(0xE1, exif(1)) + PICTURE) == b"\xff\xd8" + PICTURE
    head, end = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"size"), chunk(b"IDAT", b"data") + chunk(b"IEND", b"")
    assert bare(head + chunk(b"tEXt", SECRET) + chunk(b"eXIf", SECRET) + end + SECRET) == head + end


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8picture",
        b"\xff\xd8\xff\xe1\x00",
        b"\x89PNG\r\n\x1a\n\0",
        b"%PDF",
        b"\xff\xd8\xff\xe1\0\x08Exif\0\0",
    ],
)
def test_what_is_no_whole_picture_stays_as_it_came(content: bytes) -> None:
    """Nothing that cannot be read is cut, and nothing fails by it."""
    assert bare(content) == content
