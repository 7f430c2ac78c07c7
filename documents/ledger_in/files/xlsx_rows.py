"""The fast way into a plain xlsx: its rows stream from the archive, piece by piece, instead of all at once.

One pattern knows the cells that the usual programs write. A piece is taken only if the pattern has found every cell
in it; whatever else stands there (rich text, namespaces, entities of its own, days before March 1900) sends the sheet
to the reader of workbooks, which knows all of it but parses a whole sheet before it gives the first row. What both
give is the same, cell by cell.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from documents.ledger_in.files.archive import OFFICE, PACKAGE, ZipParts, root_relations
from documents.ledger_in.files.found import Plain
from documents.ledger_in.files.xlsx_parts import column_place

_PIECE = 1 << 17
_LONGEST_ROW = 8 << 20
_NOT_PLAIN = ((b"\r", b"\r"), (b"_", b"_x"), (b"!", b"<!"))
"""What only the reader of workbooks knows, behind a single byte that is looked for much faster."""
_VALUE = r'(?:(?:<v>|<is><t>|<is><t xml:space="preserve">)([^<]*)</(?:v|t></is)></c>)?'
_CELL = re.compile(rf'<c r="([A-Z]{{1,3}})[0-9]+"([^<>]*)>{_VALUE}')
_CALCULATED_CELL = re.compile(rf'<c r="([A-Z]{{1,3}})[0-9]+"([^<>]*)>(?:<f[^<>]*>(?:[^<]*</f>)?)?{_VALUE}')
_SAID = re.compile(r'(?: s="(\d{1,5})")?(?: t="(\w{1,9})")?(/?)')
_ROW = re.compile(r'<row r="(\d{1,7})"[^<>]*>')
_STRING = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>|<si><t\s*/></si>')
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?")
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|(&)")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_FIRST_SURE, _LAST_SURE = 61, 2_958_465
"""Days, as numbers, that every program reads the same: 1 March 1900 to the end of 9999."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's clock has no zone)
_MOST_PATTERNS = 5_000
_FLAGS = {"0": False, "1": True}
_KINDS = ("texts", "shared", "numbers", "days", "flags", "errors")
_KIND_OF = {"inlineStr": "texts", "str": "texts", "s": "shared", "b": "flags", "e": "errors"}
_MOST_DAYS = 50_000
_DAY_MS = 86_400_000
_MOST_STRINGS = 64 << 20
_MOST_STYLES = 4_000


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PROBE_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="a"/></sheets></workbook>'
)
_PROBE_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="b" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


class NotPlainError(Exception):
    """Something stands there that only the reader of workbooks knows."""


class DateStyles:
    """Which styles show their number as a day; asked of the reader of workbooks itself, by a sheet made for that."""

    def __init__(self, parts: ZipParts, styles: str) -> None:
        text = parts.text(styles)
        formats = re.search(r"<cellXfs\b.*?</cellXfs>", text, re.DOTALL)
        self.dated: frozenset[str] = frozenset()
        self.strange: frozenset[str] = frozenset()
        """The styles that show a span of time."""
        if formats is None:
            if "cellXfs" in text:
                raise NotPlainError
            return
        count = len(re.findall(r"<xf\b", formats[0]))
        if count > _MOST_STYLES:
            raise NotPlainError
        shown = list(_shown(parts.read(styles), count))
        self.dated = frozenset(str(at) for at, cell in enumerate(shown) if isinstance(cell, date))
        self.strange = frozenset(
            str(at) for at, cell in enumerate(shown) if not isinstance(cell, (date, int, float)) or cell is True
        )


def shared_strings(parts: ZipParts, name: str) -> list[str]:
    """Return the strings that cells refer to by number.

    Raises:
        NotPlainError: If any of them is more than text.
    """
    if not parts.has(name):
        return []
    if parts.names[name.lower()].file_size > _MOST_STRINGS:
        raise NotPlainError
    text = _decoded(parts.read(name))
    found = _STRING.findall(text)
    # Fewer than there are if one is rich text; `_x000D_` and its like are escapes of this format's own.
    if len(found) != text.count("<si") or "\r" in text or "_x" in text:
        raise NotPlainError
    return [_plain_text(each) for each in found] if "&" in text else found


def plain_rows(parts: ZipParts, part: str, strings: list[str], styles: DateStyles, width: int) -> Iterator[list[Plain]]:
    """Yield the rows of a sheet from its first on, each *width* cells wide, as far as the last that holds a value.

    Raises:
        NotPlainError: At the first piece that holds anything else; what was given before is right.
    """
    number, blanks = 0, 0
    reading = _Rows(strings, styles, width)
    for text in _pieces(parts, part):
        cell, escaped = _CALCULATED_CELL if "<f" in text else _CELL, "&" in text
        for row in text.split("</row>")[:-1]:
            at = row.rfind("<row")  # those before it that hold nothing close themselves
            opened = _ROW.match(row, at) if at >= 0 else None
            if opened is None or int(opened[1]) <= number:
                raise NotPlainError
            blanks += int(opened[1]) - number - 1
            number = int(opened[1])
            cells = reading.cells(row, cell, escaped=escaped)
            if cells is None:
                blanks += 1
                continue
            for _ in range(blanks):
                yield [""] * width
            blanks = 0
            yield cells


def _pieces(parts: ZipParts, part: str) -> Iterator[str]:
    """Yield the rows of a sheet as text, as many whole ones at a time as stand in one piece."""
    with parts.open(part) as stream:
        rest = _body(stream)
        while True:
            cut = rest.rfind(b"</row>") + 6
            if cut >= 6:
                rows, rest = rest[:cut], rest[cut:]
                if any(byte in rows and sign in rows for byte, sign in _NOT_PLAIN):
                    raise NotPlainError
                yield _decoded(rows)
            if rest.lstrip().startswith(b"</sheetData>"):
                return
            piece = stream.read(_PIECE)
            if not piece or len(rest) > _LONGEST_ROW:
                raise NotPlainError
            rest += piece


def _body(stream: io.BufferedIOBase) -> bytes:
    """Return what stands behind the start of the rows in as much as had to be read to find it."""
    head = b""
    while piece := stream.read(_PIECE):
        head += piece
        before, mark, after = head.partition(b"<sheetData>")
        # A comment or a declaration may hold what looks like the start of the rows.
        if mark and b"<!" not in before:
            return after
        if mark or len(head) > _LONGEST_ROW:
            break
    raise NotPlainError


class _Pattern(NamedTuple):
    """What rows have in common that have the same cells with the same attributes: nearly all of a ledger."""

    places: tuple[int, ...]
    whole: bool
    """Whether every column has a cell."""
    blank: int
    """How many cells hold nothing but their looks."""
    texts: tuple[int, ...]
    shared: tuple[int, ...]
    numbers: tuple[int, ...]
    days: tuple[int, ...]
    flags: tuple[int, ...]
    errors: tuple[int, ...]


class _Rows:
    """Turns the text of rows into cells; keeps what it has learnt of them for the next ones."""

    def __init__(self, strings: list[str], styles: DateStyles, width: int) -> None:
        self._strings = strings
        self._styles = styles
        self._width = width
        self._patterns: dict[tuple[tuple[str, ...], tuple[str, ...]], _Pattern] = {}
        self._days: dict[str, Plain] = {}

    def cells(self, row: str, cell: re.Pattern[str], *, escaped: bool) -> list[Plain] | None:
        """Return the cells of the *row*; None if none holds a value."""
        found = cell.findall(row)
        # A cell that is written in another way than the pattern knows must not be missed in silence.
        if len(found) != row.count("<c"):
            raise NotPlainError
        if not found:
            return None
        letters, said, values = zip(*found, strict=True)
        pattern = self._patterns.get((letters, said)) or self._learnt(letters, said)
        if values.count("") != pattern.blank:
            raise NotPlainError
        if pattern.blank == len(values):
            return None
        if pattern.whole:
            cells: list[Plain] = list(values)
        else:
            cells = [""] * self._width
            for at, value in zip(pattern.places, values, strict=True):
                cells[at] = value
        self._convert(cells, pattern, escaped=escaped)
        return cells

    def _convert(self, cells: list[Any], pattern: _Pattern, *, escaped: bool) -> None:
        """Turn the texts in *cells* into what they stand for."""
        strings, days = self._strings, self._days
        try:
            for at in pattern.shared:
                cells[at] = strings[int(cells[at])]
            for at in pattern.flags:
                cells[at] = _FLAGS[cells[at]]
        except (LookupError, ValueError) as error:
            raise NotPlainError from error
        for at in pattern.numbers:
            value = cells[at]
            cells[at] = float(value) if value.isascii() and value.isdigit() else _number(value)
        for at in pattern.days:
            cells[at] = days.get(cells[at]) or self._day(cells[at])
        for at in pattern.errors:  # what they are is said beside the rows
            cells[at] = ""
        if escaped:
            for at in pattern.texts:
                cells[at] = _plain_text(cells[at])

    def _day(self, value: str) -> Plain:
        """Return the day that a number stands for, with its time if it has one."""
        serial = _number(value)
        if not _FIRST_SURE <= serial <= _LAST_SURE:
            raise NotPlainError
        moment = _EPOCH + timedelta(milliseconds=int(serial * _DAY_MS + 0.5))
        found = moment.date() if serial.is_integer() else moment
        if len(self._days) < _MOST_DAYS:
            self._days[value] = found
        return found

    def _learnt(self, letters: tuple[str, ...], said: tuple[str, ...]) -> _Pattern:
        """Return what rows with these columns and attributes hold."""
        places = tuple(column_place(each.encode()) for each in letters)
        if places[-1] >= self._width or any(a >= b for a, b in pairwise(places)):
            raise NotPlainError
        by_kind: dict[str, list[int]] = {}
        for at, each in zip(places, said, strict=True):
            by_kind.setdefault(self._kind(each), []).append(at)
        pattern = _Pattern(
            places,
            places == tuple(range(self._width)),
            len(by_kind.pop("blank", ())),
            *(tuple(by_kind.pop(kind, ())) for kind in _KINDS),
        )
        if len(self._patterns) < _MOST_PATTERNS:
            self._patterns[letters, said] = pattern
        return pattern

    def _kind(self, said: str) -> str:
        """Return what a cell with these attributes holds."""
        known = _SAID.fullmatch(said)
        if known is None:
            raise NotPlainError
        style, kind, closed = known.groups()
        if closed:
            return "blank"
        if kind in {None, "n"}:
            if style in self._styles.strange:
                raise NotPlainError
            return "days" if style in self._styles.dated else "numbers"
        if kind not in _KIND_OF:
            raise NotPlainError
        return _KIND_OF[kind]


def _number(value: str) -> float:
    if not _NUMBER.fullmatch(value):
        raise NotPlainError
    return float(value)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error


def _plain_text(text: str) -> str:
    return _ENTITY.sub(_meant, text) if "&" in text else text


def _meant(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal, other = entity.groups()
    number = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 32
    if other or not (number in {9, 10} or 32 <= number < 0xD800 or 0xE000 <= number < 0x110000):
        raise NotPlainError
    return _NAMED[name] if name else chr(number)


def _shown(styles: bytes, count: int) -> Iterator[Plain]:
    """Yield what a number comes to under each of *count* styles."""
    import python_calamine

    rows = "".join(f'<row r="{n + 1}"><c r="A{n + 1}" s="{n}"><v>43619</v></c></row>' for n in range(count))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("_rels/.rels", root_relations("xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _PROBE_BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _PROBE_RELATIONS)
        archive.writestr("xl/styles.xml", styles)
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made.getvalue())).get_sheet_by_index(0)
    except python_calamine.CalamineError as error:
        raise NotPlainError from error
    rows_read: Mapping[int, Plain] = {number: row[0] for number, row in enumerate(sheet.iter_rows())}
    for number in range(count):
        if number not in rows_read:
            raise NotPlainError
        yield rows_read[number]
