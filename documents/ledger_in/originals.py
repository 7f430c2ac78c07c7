"""Rows as they stood, for the case they become: heading and text in order, marks, and what of it is to be sealed.

Columns that mean none of our fields are kept like the others. What tells who reports is sealed with the reporter,
in whatever column it stands; in doubt it is sealed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from documents.ledger_in.cell_marks import NO_MARKS, SheetMarks
from documents.ledger_in.sheet_model import RESULT_HEADING, Cell, LedgerRow, SheetRead, column_letter, column_place
from documents.ledger_in.text import cell_text, heading_key
from engine.journal.ledger_row import OriginalRow, original_seal

_WHO = re.compile(
    "姓名|电话|手机|联系方式|联系人|通讯|身份证|证件|住址|住所|地址|户籍|籍贯|微信|qq|邮箱|邮编|邮政编码|出生|性别|年龄|民族|职业"
    "|(?:举报|信访|反映|来电|来访|来信|投诉|检举|控告|申诉|上访|诉求|求助|报料|留言|实名|患|当事)(?:人|者|群众|单位)"
    "|phone|mobile|address|reporter|caller|complainant|id ?card|e-?mail|wechat"
)
"""Headings of columns that may tell who reports; those of the one reported mean fields of their own."""
_REPORTED = re.compile("被(?:举报|反映|投诉|检举|控告|信访|申诉)")
_IDENTITY = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-\s—]?\d{7,8}|\d{17}[\dXx])(?![\dXx])|[\w.+-]+@[\w-]+\.[\w.]+")
"""Telephones, ID numbers (GB 11643) and e-mail addresses."""
_NUMBERED = re.compile("编号|文号|单号|序号|编码|number")
_RESULTS = frozenset({heading_key(RESULT_HEADING.zh), heading_key(RESULT_HEADING.en)})


class _Kept(NamedTuple):
    """How one column is kept."""

    place: int
    heading: str
    is_sealed: bool
    is_looked_at: bool
    """Its cells are sealed where they look like an identity."""


class Originals:
    """Makes the originals of the rows of one ledger."""

    def __init__(self, marks: Callable[[], Mapping[str, SheetMarks]]) -> None:
        """Begin.

        Args:
            marks: Gives the comments, strike-through and hidden parts by sheet; asked once.
        """
        self._ask = marks
        self._marks: Mapping[str, SheetMarks] | None = None
        self._plans: dict[str, tuple[_Kept, ...]] = {}

    def of(self, read: LedgerRow) -> tuple[OriginalRow, str | None]:
        """Return a row as it stood, and the part that is to be sealed; None if there is no such part."""
        if self._marks is None:
            self._marks = self._ask()
        marks = self._marks.get(read.sheet, NO_MARKS)
        cells = read.cells
        if isinstance(cells, Mapping):
            return self._of_form(read, cells)
        plan = self._plans.get(read.sheet)
        if plan is None:
            plan = self._plans[read.sheet] = _plan(read.origin)
        kept: list[tuple[str, str]] = []
        places: list[int] = []
        sealed: list[int] = []
        for place, heading, is_sealed, is_looked_at in plan:
            cell = cells[place] if place < len(cells) else None
            if cell is None or cell == "":
                continue
            text = cell if type(cell) is str else cell_text(cell)
            if is_sealed or (is_looked_at and _IDENTITY.search(text)):
                sealed.append(len(kept))
            places.append(place)
            kept.append((heading, text))
        if len(cells) > len(plan):
            self._beyond(read.origin, plan, cells, kept, places, sealed)
        if marks is NO_MARKS and not sealed:
            return OriginalRow(at=read.at, cells=tuple(kept)), None
        return _marked(read, kept, [place + read.origin.first_column for place in places], sealed, marks)

    def _beyond(
        self,
        origin: SheetRead,
        plan: Sequence[_Kept],
        cells: Sequence[Cell],
        kept: list[tuple[str, str]],
        places: list[int],
        sealed: list[int],
    ) -> None:
        """Add what stands under no heading at all, by the letter of its column; in doubt sealed."""
        headed = {each.place for each in plan} | _result_places(origin)
        for place, cell in enumerate(cells):
            if place not in headed and cell is not None and (text := cell_text(cell)):
                if _IDENTITY.search(text):
                    sealed.append(len(kept))
                places.append(place)
                kept.append((f"[{column_letter(place + origin.first_column)}]", text))

    def _of_form(self, read: LedgerRow, cells: Mapping[str, Cell]) -> tuple[OriginalRow, str | None]:
        """Return a form as it stood."""
        titles = {each.field: each.text for each in read.origin.headings}
        found = [(name, titles.get(name, name), text) for name, cell in cells.items() if (text := cell_text(cell))]
        sealed = [place for place, (name, _, _) in enumerate(found) if name in read.origin.sealed]
        kept = [(title, text) for _, title, text in found]
        return _marked(read, kept, [-1] * len(kept), sealed, NO_MARKS)


def _plan(origin: SheetRead) -> tuple[_Kept, ...]:
    """Return how each column of a sheet is kept."""
    found = []
    for each in origin.headings:
        key = heading_key(each.text)
        if key in _RESULTS:
            continue
        is_sealed = each.field in origin.sealed or (each.field is None and tells_who(each.text))
        is_looked_at = each.field is None and not is_sealed and not _NUMBERED.search(key)
        found.append(_Kept(column_place(each.letter) - origin.first_column, each.text, is_sealed, is_looked_at))
    return tuple(sorted(found))


def tells_who(heading: str) -> bool:
    """Say whether a column that means none of our fields may tell who reports."""
    key = _REPORTED.sub("", heading_key(heading))
    return _WHO.search(key) is not None


def _result_places(origin: SheetRead) -> set[int]:
    """Return the places of columns that a marked copy added."""
    return {
        column_place(each.letter) - origin.first_column
        for each in origin.headings
        if heading_key(each.text) in _RESULTS
    }


def _marked(
    read: LedgerRow, kept: list[tuple[str, str]], columns: Sequence[int], sealed: Sequence[int], marks: SheetMarks
) -> tuple[OriginalRow, str | None]:
    """Return an original with its marks, and its sealed part.

    Args:
        columns: The column of each cell in the sheet, counted from 0.
    """
    row = read.row - 1
    hidden = frozenset(sealed)
    said = [(place, text) for place, column in enumerate(columns) if (text := marks.comments.get((row, column)))]
    original = OriginalRow(
        at=read.at,
        cells=tuple((heading, "" if place in hidden else text) for place, (heading, text) in enumerate(kept)),
        sealed_at=tuple(sealed),
        struck=tuple(place for place, column in enumerate(columns) if (row, column) in marks.struck),
        comments=tuple(each for each in said if each[0] not in hidden and not _IDENTITY.search(each[1])),
        concealed=tuple(place for place, column in enumerate(columns) if column in marks.hidden_columns),
        is_hidden=row in marks.hidden_rows,
    )
    secret = [each for each in said if each[0] in hidden or _IDENTITY.search(each[1])]
    if not (sealed or secret):
        return original, None
    return original, original_seal([kept[place][1] for place in sealed], secret)
