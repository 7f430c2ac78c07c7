"""Photographs of a checklist: what a telephone writes into them goes, the picture and its way up stay."""

import struct
import zlib

import pytest

from engine.operations.cases.photographs import bare

SECRET = "赵六 30.2N 120.1E".encode()
PICTURE = b"\xff\xda\x00\x02scan\xff\xe1data\xff\xd9"


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
    """EXIF, XMP, IPTC and comments are gone from a JPEG, texts from a PNG; what shows the picture is as it was."""
    tables = segment(0xE0, b"JFIF") + segment(0xDB, b"tables")
    told = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET) + segment(0xED, SECRET) + segment(0xFE, SECRET)
    for order in (">", "<"):
        found = bare(b"\xff\xd8" + tables + segment(0xE1, exif(6, order)) + told + PICTURE)
        assert SECRET not in found
        assert found.startswith(b"\xff\xd8" + tables)
        assert found.endswith(PICTURE)
        assert bare(found) == found, "the way up that is left is all that EXIF says"
        assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in found
    assert bare(b"\xff\xd8" + segment(0xE1, exif(1)) + PICTURE) == b"\xff\xd8" + PICTURE
    head, end = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"size"), chunk(b"IDAT", b"data") + chunk(b"IEND", b"")
    assert bare(head + chunk(b"tEXt", SECRET) + chunk(b"eXIf", SECRET) + end) == head + end


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
