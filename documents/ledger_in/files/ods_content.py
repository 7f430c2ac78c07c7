"""A second look into open documents (ods): what the reader of workbooks does not say of them.

One pass over `content.xml`: error values, comments, merged cells, hidden rows and columns, what is struck through.
"""

from io import BufferedIOBase
from xml.parsers import expat

from documents.ledger_in.files.found import Marks

_TABLE, _ROW, _COLUMN = "table:table", "table:table-row", "table:table-column"
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_HIDDEN = frozenset({"collapse", "filter"})
_MOST_REPEATED, _MOST_COLUMNS = 1 << 20, 1 << 10


def marks_of(content: BufferedIOBase) -> dict[str, Marks]:
    """Return the marks of each sheet by its name.

    Raises:
        expat.ExpatError: If it is no XML.
    """
    looking = _Looking()
    parser = expat.ParserCreate()
    parser.StartElementHandler = looking.start
    parser.EndElementHandler = looking.end
    parser.CharacterDataHandler = looking.text
    parser.buffer_text = True
    while piece := content.read(1 << 20):
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return looking.found


class _Looking:
    """Where the parser stands."""

    def __init__(self) -> None:
        self.found: dict[str, Marks] = {}
        self._marks = Marks()
        self._struck_styles: set[str] = set()
        self._style = ""
        self._row = self._column = 0
        self._repeated = 1
        self._in_paragraph = False
        self._cell: dict[str, str] | None = None
        self._words: list[str] = []
        self._comment: list[str] | None = None

    def start(self, tag: str, said: dict[str, str]) -> None:
        """Take note of what begins."""
        if tag in _CELLS:
            self._cell, self._words = said, []
        elif tag == _ROW:
            self._repeated = _count(said, "table:number-rows-repeated")
            self._column = 0
            if said.get("table:visibility") in _HIDDEN and self._repeated < _MOST_REPEATED:
                self._marks.hidden_rows.update(range(self._row, self._row + self._repeated))
        elif tag == _COLUMN:
            number = _count(said, "table:number-columns-repeated")
            if said.get("table:visibility") in _HIDDEN and number < _MOST_COLUMNS:
                self._marks.hidden_columns.extend(range(self._column, self._column + number))
            self._column += number
        elif tag == _TABLE:
            self._marks = self.found.setdefault(said.get("table:name", ""), Marks())
            self._row = self._column = 0
        elif tag == "office:annotation":
            self._comment = []
        else:
            self._start_of_style(tag, said)
        self._in_paragraph = tag.startswith("text:")

    def _start_of_style(self, tag: str, said: dict[str, str]) -> None:
        if tag == "style:style":
            self._style = said.get("style:name", "")
        elif tag == "style:text-properties":
            if any(said.get(f"style:text-line-through-{each}", "none") != "none" for each in ("style", "type")):
                self._struck_styles.add(self._style)
        elif tag == "text:span" and said.get("text:style-name") in self._struck_styles and self._cell is not None:
            self._cell["struck"] = "yes"

    def text(self, words: str) -> None:
        """Take note of text in a cell or its comment."""
        if self._comment is not None:
            if self._in_paragraph:  # and not who wrote it, or when
                self._comment.append(words)
        elif self._cell is not None:
            self._words.append(words)

    def end(self, tag: str) -> None:
        """Take note of what is complete."""
        if tag == "text:p" and self._comment:
            self._comment.append("\n")
        elif tag == "office:annotation" and self._comment is not None:
            if text := "".join(self._comment).strip():
                self._marks.comments.append((self._row, self._column, text))
            self._comment = None
        elif tag in _CELLS and self._cell is not None:
            self._cell_read(self._cell, "".join(self._words).strip())
            self._column += _count(self._cell, "table:number-columns-repeated")
            self._cell = None
        elif tag == _ROW:
            self._row += self._repeated

    def _cell_read(self, said: dict[str, str], text: str) -> None:
        across, down = _count(said, "table:number-columns-spanned"), _count(said, "table:number-rows-spanned")
        if across > 1 or down > 1:
            self._marks.merges.append((self._row, self._column, self._row + down - 1, self._column + across - 1))
        is_error = said.get("calcext:value-type") == "error" or (
            "table:formula" in said and text.startswith(("#", "Err:"))
        )
        struck = "struck" in said or said.get("table:style-name") in self._struck_styles
        if not (is_error or (struck and text)):
            return
        for row in range(self._row, self._row + min(self._repeated, 1000)):
            if is_error:
                self._marks.errors.setdefault(row, []).append((self._column, text or "#ERROR!"))
            if struck and text:
                self._marks.struck.setdefault(row, []).append(self._column)


def _count(said: dict[str, str], name: str) -> int:
    value = said.get(name, "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 1
