"""Photographs of a checklist: what a telephone writes into them goes, the picture and its way up stay."""

import struct
import zlib

import pytest

from engine.errors import BadFileError
from engine.operations.cases.photographs import bare

SECRET = "赵六 30.2N 120.1E".encode()
SCAN = b"\xff\xda\x00\x02scan\xff\x00data\xff\xd0more"
PICTURE = SCAN + b"\xff\xd9"


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


def part(kind: bytes, said: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return kind + struct.pack("<I", len(said)) + said + bytes(len(said) % 2)


def webp(*parts: bytes) -> bytes:
    """Return a WebP."""
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_metadata_goes_and_the_way_up_stays() -> None:
    """EXIF, XMP, IPTC and comments are gone from a JPEG, texts from a PNG; what shows the picture is as it was."""
    tables = segment(0xE0, b"JFIF\0") + segment(0xE2, b"ICC_PROFILE\0colours") + segment(0xDB, b"tables")
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


def test_nothing_else_goes_along() -> None:
    """What makers and other programs write, between scans or behind the picture, is gone from every format."""
    whole = b"\xff\xd8" + SCAN + segment(0xDB, b"tables") + PICTURE
    told = b"".join(segment(kind, SECRET) for kind in (*range(0xE0, 0xF0), 0xFE))  # MPF, maker's notes, XMP, JFXX
    assert bare(b"\xff\xd8" + told + SCAN + told + b"\xff" + segment(0xDB, b"tables") + PICTURE + SECRET) == whole
    unread = segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + SECRET)
    assert bare(b"\xff\xd8" + unread + PICTURE) == b"\xff\xd8" + PICTURE, "EXIF that cannot be read is none that stays"
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"size") + chunk(b"IDAT", b"data") + chunk(b"IEND", b"")
    assert bare(png[:8] + chunk(b"prVt", SECRET) + chunk(b"PRVT", SECRET) + png[8:] + b"<svg>" + SECRET) == png
    assert bare(png[:8] + chunk(b"eXIf", exif(6)[6:]) + png[8:]) == png[:8] + chunk(b"eXIf", exif_left()) + png[8:]
    shows, flagged = part(b"VP8 ", b"odd"), b"\x2c\0\0\0sizes_"
    told = part(b"XMP ", SECRET) + part(b"MINE", SECRET) + part(b"EXIF", exif(6)) + part(b"EXIF", exif(6)[6:])
    found = bare(webp(part(b"VP8X", flagged), shows, told) + SECRET)
    assert found == webp(part(b"VP8X", b"\x28\0\0\0sizes_"), shows, part(b"EXIF", exif_left()))
    assert bare(webp(part(b"VP8X", flagged), shows, part(b"XMP ", SECRET))) == webp(
        part(b"VP8X", b"\x20\0\0\0sizes_"), shows
    )


def exif_left() -> bytes:
    """Return EXIF that says the way up alone, as the specification has it: one entry, of one short number."""
    return b"MM\0*" + bytes((0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0))


def test_what_cannot_be_looked_through_is_refused() -> None:
    """Other formats, and pictures that are cut or broken, are not kept with what they may tell."""
    heif, tiff = b"\0\0\0\x18ftypheic" + SECRET, b"II*\0\x08\0\0\0" + SECRET
    png = b"\x89PNG\r\n\x1a\n"
    cut = [b"\xff\xd8picture", b"\xff\xd8\xff\xe1\x00", b"\xff\xd8" + SCAN, b"\xff\xd8" + segment(0xDB, b"x"), png,
           png + chunk(b"IDAT", b"data"), png + chunk(b"IHDR", SECRET)[:-1], webp(part(b"VP8 ", b"x"))[:-3],
           webp(part(b"XMP ", SECRET)), webp(part(b"ANMF", SECRET)), b"\xff\xd8" + segment(0xE1, exif(6))]  # fmt: skip
    for content in (b"", heif, tiff, b"%PDF", b"<svg>" + SECRET, b"GIF89a" + SECRET, *cut):
        with pytest.raises(BadFileError, match="JPEG"):
            bare(content)
