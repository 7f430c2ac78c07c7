"""What an xlsx says about its cells beside their values: comments, strike-through, hidden rows and columns.

The reader of workbooks passes these over. They are looked for in the parts of the file itself, and the cells of a
sheet are walked only if the workbook has a struck font or the sheet hides rows.
"""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from documents.ledger_in.sheet_model import column_place

_MOST_BYTES = 64 * 1024 * 1024
"""Of one part; what is larger is left unread rather than taking all memory."""
_OURS = re.compile("；改法：|; right: ")
"""What a marked copy writes beside a cell, whatever program saved it since; its author's name does not survive that."""
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetMarks:
    """The marks of one sheet; rows and columns counted from 0."""

    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    struck: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


NO_MARKS = SheetMarks()


def marks_of(path: Path) -> Mapping[str, SheetMarks]:
    """Return the marks of the sheets of a file by name; nothing of files of other kinds, or that cannot be read so."""
    try:
        with zipfile.ZipFile(path) as book:
            return dict(_sheets(_Parts(book)))
    except (OSError, zipfile.BadZipFile, ET.ParseError, KeyError, ValueError, NotImplementedError):
        return {}


class _Parts:
    """The parts of a workbook, by their names in any case."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book = book
        self._names = {each.filename.replace("\\", "/").lower(): each for each in book.infolist()}

    def read(self, name: str) -> bytes:
        """Return a part; empty if there is none, or it is too large."""
        found = self._names.get(name.lower())
        return b"" if found is None or found.file_size > _MOST_BYTES else self._book.read(found)

    def tree(self, name: str) -> ET.Element | None:
        """Return a part as XML; None if there is none."""
        content = self.read(name)
        if not content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return None
        return ET.fromstring(content)  # noqa: S314 (entities were refused above)

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: id -> the last word of its type, and its name."""
        folder, file = posixpath.split(name)
        tree = self.tree(f"{folder}/_rels/{file}.rels".lstrip("/"))
        found = {}
        for each in [] if tree is None else tree:
            target = each.get("Target", "")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[each.get("Id", "")] = each.get("Type", "").rpartition("/")[2], full
        return found


def _sheets(parts: _Parts) -> list[tuple[str, SheetMarks]]:
    """Return name and marks of each sheet that has any."""
    main = next((name for kind, name in parts.related("").values() if kind == "officeDocument"), "xl/workbook.xml")
    book = parts.tree(main)
    if book is None:
        return []
    related = parts.related(main)
    struck = _struck_styles(parts.tree(next((n for k, n in related.values() if k == "styles"), "xl/styles.xml")))
    found = []
    for each in (e for e in book.iter() if _tag(e) == "sheet"):
        key = next((value for name, value in each.attrib.items() if name.endswith("}id")), "")
        marks = _marks(parts, related.get(key, ("", ""))[1], struck)
        if marks is not None:
            found.append((each.get("name", ""), marks))
    return found


def _marks(parts: _Parts, name: str, struck: frozenset[int]) -> SheetMarks | None:
    """Return the marks of one sheet; None if it has none."""
    comments: dict[tuple[int, int], str] = {}
    for kind, part in parts.related(name).values():
        if kind == "comments":
            comments |= _comments(parts.tree(part))
    content = parts.read(name)
    if not (struck or b"hidden=" in content):
        return SheetMarks(comments=comments) if comments else None
    tree = parts.tree(name)
    crossed: set[tuple[int, int]] = set()
    rows: set[int] = set()
    columns: set[int] = set()
    for each in [] if tree is None else tree.iter():
        tag = _tag(each)
        if tag == "col" and _is_on(each.get("hidden")):
            columns.update(range(int(each.get("min", "1")) - 1, min(int(each.get("max", "1")), 16_384)))
        elif tag == "row" and _is_on(each.get("hidden")):
            rows.add(int(each.get("r", "0")) - 1)
        elif tag == "c" and int(each.get("s", "0")) in struck:
            crossed.add(_place(each.get("r", "")))
    if not (comments or crossed or rows or columns):
        return None
    return SheetMarks(
        comments=comments,
        struck=frozenset(crossed),
        hidden_rows=frozenset(rows),
        hidden_columns=frozenset(columns),
    )


def _comments(tree: ET.Element | None) -> dict[tuple[int, int], str]:
    """Return the comments of a sheet by place; each without the name that stands before it."""
    found = {}
    for each in [] if tree is None else tree.iter():
        if _tag(each) == "comment":
            text = "".join(part.text or "" for part in each.iter() if _tag(part) == "t").strip()
            if text and not _OURS.search(text):
                found[_place(each.get("ref", ""))] = text
    return found


def _struck_styles(tree: ET.Element | None) -> frozenset[int]:
    """Return the styles of cells whose font is struck through."""
    if tree is None:
        return frozenset()
    fonts, styles = (next((e for e in tree if _tag(e) == name), ()) for name in ("fonts", "cellXfs"))
    crossed = {
        place
        for place, font in enumerate(fonts)
        if any(_tag(each) == "strike" and _is_on(each.get("val", "1")) for each in font)
    }
    return frozenset(place for place, each in enumerate(styles) if int(each.get("fontId", "0")) in crossed)


def _place(reference: str) -> tuple[int, int]:
    """Return row and column of a reference such as `B5`; (-1, -1) if it is none."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[2]) - 1, column_place(found[1])) if found else (-1, -1)


def _is_on(value: str | None) -> bool:
    """Say whether a truth of such a file is true."""
    return value in {"1", "true", "on"}


def _tag(element: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
