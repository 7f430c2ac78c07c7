"""A workbook's archive: what its directory says before it is unpacked, and its parts under the names they should have.

Programs write part names in capitals, with backslashes, in the root, or as `workbook2.xml`; the reader of workbooks
wants one set of names. Which part is which is said by the relations, whatever the parts are called.
"""

import html
import io
import posixpath
import re
import zipfile

from documents.ledger_in.files.found import UnreadableError
from documents.ledger_in.files.limits import MOST_PARTS, MOST_UNPACKED, STEEP_FROM, STEEPEST

_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(r"""\s([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LARGEST_SIDE_PART = 64 << 20
_BINARY = ".bin"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of an XML *tag*, by their names as written."""
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}


class ZipParts:
    """The parts of an archive, found in whatever case and with whatever slashes they are written."""

    def __init__(self, content: bytes) -> None:
        """Look into the archive's directory only.

        Raises:
            UnreadableError: If it has none, or what it says is more than any ledger comes to.
        """
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(content))
            infos = self.archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise UnreadableError("damaged") from error
        steep = any(each.file_size > STEEP_FROM and each.file_size > STEEPEST * each.compress_size for each in infos)
        if steep or len(infos) > MOST_PARTS or sum(each.file_size for each in infos) > MOST_UNPACKED:
            raise UnreadableError("swollen")
        if any(each.flag_bits & 1 for each in infos):
            raise UnreadableError("protected")
        self.names = {_key(each.orig_filename): each for each in reversed(infos)}

    def has(self, name: str) -> bool:
        """Return whether there is such a part."""
        return _key(name) in self.names

    def under(self, folder: str) -> bool:
        """Return whether any part stands in *folder*."""
        return any(name.startswith(_key(folder) + "/") for name in self.names)

    def open(self, name: str) -> io.BufferedIOBase:
        """Open a part for reading.

        Raises:
            KeyError: If there is none.
        """
        return self.archive.open(self.names[_key(name)])  # type: ignore[return-value]  # zipfile calls it IO[bytes]

    def read(self, name: str) -> bytes:
        """Return a part; empty if there is none."""
        info = self.names.get(_key(name))
        if info is None:
            return b""
        if info.file_size > _LARGEST_SIDE_PART:
            raise UnreadableError("swollen")
        return self.archive.read(info)

    def text(self, name: str) -> str:
        """Return a part of XML as text; empty if there is none."""
        content = self.read(name)
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16", "replace")
        return content.decode("utf-8", "replace")

    def relations(self, name: str) -> list[tuple[str, str, str]]:
        """Return the relations of a part: their ids, the last word of their types, the parts that are meant."""
        folder, own = posixpath.split(name)
        found = []
        for tag in _RELATION.findall(self.text(posixpath.join(folder, "_rels", own + ".rels"))):
            said = attributes(tag)
            if said.get("TargetMode") == "External":
                continue
            target = said.get("Target", "").replace("\\", "/")
            place = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = said.get("Type", "").rpartition("/")[2].lower()
            found.append((said.get("Id", ""), kind, posixpath.normpath(place).lstrip("/")))
        return found

    def workbook(self) -> str | None:
        """Return the name of the part that names the sheets; None if there is none."""
        meant = [place for _, kind, place in self.relations("") if kind == "officedocument" and self.has(place)]
        usual = ("xl/workbook.xml", "xl/workbook.bin", "workbook.xml", "xl/workbook2.xml")
        return next((each for each in (*meant, *usual) if self.has(each)), None)


def with_usual_names(parts: ZipParts, workbook: str, content: bytes) -> bytes:
    """Return *content* if its parts are named as usual, else the archive packed again with the usual names."""
    extension = _BINARY if workbook.lower().endswith(_BINARY) else ".xml"
    relations = parts.relations(workbook)
    there = {each.orig_filename for each in parts.names.values()}
    places = [workbook, *(place for _, _, place in relations if parts.has(place))]
    side = {kind: place for _, kind, place in relations if kind in {"sharedstrings", "styles"} and parts.has(place)}
    usual = {"sharedstrings": f"xl/sharedStrings{extension}", "styles": f"xl/styles{extension}"}
    if (
        workbook == f"xl/workbook{extension}"
        and {"_rels/.rels", f"xl/_rels/workbook{extension}.rels"} <= there
        and there.issuperset(places)
        and all(place == usual[kind] for kind, place in side.items())
    ):
        return content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("_rels/.rels", root_relations(f"xl/workbook{extension}"))
        made.writestr(f"xl/workbook{extension}", parts.read(workbook))
        lines = []
        for number, (name, kind, place) in enumerate(relations):
            folder = "worksheets" if kind.endswith("sheet") else "other"
            own = usual[kind].removeprefix("xl/") if kind in usual else f"{folder}/part{number}{extension}"
            kinds = {"sharedstrings": "sharedStrings"}
            lines.append(
                f'<Relationship Id="{html.escape(name)}" Type="{OFFICE}/{kinds.get(kind, kind)}" Target="{own}"/>'
            )
            if parts.has(place):
                with parts.open(place) as source, made.open(f"xl/{own}", "w") as target:
                    while piece := source.read(1 << 20):
                        target.write(piece)
        made.writestr(
            f"xl/_rels/workbook{extension}.rels",
            f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}">{"".join(lines)}</Relationships>',
        )
    return packed.getvalue()


def root_relations(workbook: str) -> str:
    """Return the relations of an archive whose main part is *workbook*."""
    tag = f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="{workbook}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}">{tag}</Relationships>'


def _key(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")
