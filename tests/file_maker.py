"""Files as other programs write them, or as nobody should: parts renamed, records patched; all content is invented."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODS_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)


def repacked(
    path: Path,
    renamed: Callable[[str], str],
    *edits: tuple[str, str],
    without: str = "",
    change: Callable[[bytes], bytes] = bytes,
) -> Path:
    """Pack the workbook at *path* again, its parts called as *renamed* says, with each edit made in every XML part."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != without}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            changed = content
            for old, new in edits:
                changed = changed.replace(old.encode(), new.encode())
            info = zipfile.ZipInfo("part")
            info.filename = renamed(name)  # which the constructor would put right
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, change(changed))
    return path


def bare_xlsx(path: Path, sheet: str, *, strings: str = "", styles: str = "") -> Path:
    """Save a workbook of one sheet whose XML is *sheet*, from its start to its end."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="台账" sheetId="1" r:id="a"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{OFFICE}/sharedStrings" '
            f'Target="sharedStrings.xml"/><Relationship Id="c" Type="{OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>",
        )
        if strings:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        if styles:
            archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
        archive.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
    return path


def ods(path: Path, table: str, *, styles: str = "", manifest: str = "") -> Path:
    """Save an open document whose one sheet 台账 holds the XML *table*."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}">{manifest}</manifest:manifest>'
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_SPACES} '
            'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
            f'<table:table table:name="台账">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_rows(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows of an open document; a value that begins with # is an error."""
    return "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)


def _ods_cell(text: str) -> str:
    if text.startswith("#"):
        said = 'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"'
    else:
        said = 'office:value-type="string"'
    return f"<table:table-cell {said}><text:p>{text}</text:p></table:table-cell>" if text else "<table:table-cell/>"


def xlsb(path: Path, rows: Sequence[Sequence[str]], *, comment: str = "") -> Path:
    """Save a binary workbook of one sheet; # begins the error #REF!, ~ a text struck through whole, ± one in part.

    Args:
        comment: Stands on the first cell of the second row.
    """
    book = b"".join(
        (
            _record(131),
            _record(143),
            _record(156, struct.pack("<II", 0, 1) + _wide("a") + _wide("台账")),
            _record(144),
            _record(132),
        )
    )
    cells, shared = [], list[bytes]()
    for number, row in enumerate(rows):
        cells.append(_record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0)))
        for at, text in enumerate(row):
            head = struct.pack("<II", at, 0)
            if text.startswith("±"):
                cells.append(_record(7, head + struct.pack("<I", len(shared))))
                shared.append(_record(19, b"\x01" + _wide(text[1:]) + struct.pack("<IHHHH", 2, 0, 0, 1, 1)))
            elif text.startswith("~"):
                cells.append(_record(6, struct.pack("<II", at, 1) + _wide(text[1:])))
            else:
                cells.append(_record(3, head + b"\x17") if text.startswith("#") else _record(6, head + _wide(text)))
    area = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = b"".join((_record(129), _record(148, area), _record(145), *cells, _record(146), _record(130)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.bin"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/_rels/sheet1.bin.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/comments" '
            'Target="../comments1.bin"/></Relationships>',
        )
        fonts = (
            _record(43, struct.pack("<HHHHBBBB8s", 220, grbit, 400, 0, 0, 0, 0, 0, bytes(8)) + _wide("宋体"))
            for grbit in (0, 8)
        )
        formats = (_record(47, struct.pack("<HHHHHI", 0, 0, font, 0, 0, 0)) for font in (0, 1))
        archive.writestr(
            "xl/styles.bin",
            b"".join((_record(278), *fonts, _record(617, struct.pack("<I", 2)), *formats, _record(618), _record(279))),
        )
        archive.writestr(
            "xl/sharedStrings.bin",
            b"".join((_record(159, struct.pack("<II", len(shared), len(shared))), *shared, _record(160))),
        )
        if comment:
            begun = _record(635, struct.pack("<I4I16s", 0, 1, 1, 0, 0, bytes(16)))
            said = _record(637, b"\x00" + _wide(comment))
            archive.writestr("xl/comments1.bin", b"".join((_record(628), begun, said, _record(636), _record(629))))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def xls(path: Path, rows: Sequence[Sequence[str]], *, from_1904: bool = False) -> Path:
    """Save an old workbook; a value that begins with # is that error."""
    made = xlwt.Workbook()
    made.dates_1904 = from_1904
    page = made.add_sheet("台账")
    for number, row in enumerate(rows):
        for at, text in enumerate(row):
            if text.startswith("#"):
                page.row(number).set_cell_error(at, text)
            elif text:
                page.write(number, at, text)
    made.save(str(path))
    return path


def protected_xls(path: Path) -> Path:
    """Save an old workbook whose records say that it is encrypted."""
    content = bytearray(xls(path, [["线索编号"]]).read_bytes())
    at = content.index(b"\x5c\x00\x70\x00")  # the record of who wrote it, the first that a password leaves in clear
    content[at : at + 2] = b"\x2f\x00"
    path.write_bytes(content)
    return path


def protected_xlsx(path: Path) -> Path:
    """Save what a workbook with a password is: its package, encrypted, as a stream of an old compound file."""
    content = bytearray(xls(path, [["线索编号"]]).read_bytes())
    at = content.index("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le")
    content[at : at + len(name)] = name
    content[at + 64 : at + 66] = struct.pack("<H", len(name) + 2)
    path.write_bytes(content)
    return path


def _record(kind: int, content: bytes = b"") -> bytes:
    return bytes(_sevens(kind)) + bytes(_sevens(len(content))) + content


def _sevens(number: int) -> Iterator[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def archive_of(parts: dict[str, bytes]) -> bytes:
    """Return an archive with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()
