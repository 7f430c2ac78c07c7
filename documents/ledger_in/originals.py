"""Rows as they stood, for the case they become: heading and text in order, marks, and what of it is to be sealed.

Columns that mean none of our fields are kept like the others. What tells who reports is sealed with the reporter,
in whatever column it stands; in doubt it is sealed.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

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
_OURS = re.compile("；改法：|; right: ")
"""What a marked copy writes beside a cell, whatever program saved it since; its author's name does not survive that."""
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

    def __init__(self) -> None:
        """Begin."""
        self._plans: dict[int, tuple[SheetRead, tuple[_Kept, ...]]] = {}
        """By table, since a sheet may hold several; each with its table, so that no other takes its place."""

    def of(self, read: LedgerRow) -> tuple[OriginalRow, str | None]:
        """Return a row as it stood, and the part that is to be sealed; None if there is no such part."""
        cells = read.cells
        if isinstance(cells, Mapping):
            return _of_form(read, cells)
        known = self._plans.get(id(read.origin))
        if known is None:
            known = self._plans[id(read.origin)] = read.origin, _plan(read.origin)
        plan = known[1]
        row = read.row - 1
        marks = read.origin.marks
        said = marks.comments.get(row, ())
        kept: list[tuple[str, str]] = []
        places: list[int] = []
        sealed: list[int] = []
        for place, heading, is_sealed, is_looked_at in plan:
            cell = cells[place] if place < len(cells) else None
            if (cell is None or cell == "") and place not in said:
                continue
            text = cell if type(cell) is str else cell_text(cell)
            if is_sealed or (is_looked_at and _IDENTITY.search(text)):
                sealed.append(len(kept))
            places.append(place)
            kept.append((heading, text))
        if len(cells) > len(plan):
            self._beyond(read.origin, plan, cells, kept, places, sealed, said)
        if not marks.any_in(row):
            if not sealed:
                return OriginalRow(at=read.at, cells=tuple(kept)), None
            seal = original_seal([kept[place][1] for place in sealed], [])
            for place in sealed:
                kept[place] = kept[place][0], ""
            return OriginalRow(at=read.at, cells=tuple(kept), sealed_at=tuple(sealed)), seal
        return _marked(read, kept, [((row, place),) for place in places], sealed)

    def _beyond(
        self,
        origin: SheetRead,
        plan: Sequence[_Kept],
        cells: Sequence[Cell],
        kept: list[tuple[str, str]],
        places: list[int],
        sealed: list[int],
        said: Collection[int],
    ) -> None:
        """Add what stands under no heading at all, by the letter of its column; in doubt sealed."""
        headed = {each.place for each in plan} | _result_places(origin)
        for place, cell in enumerate(cells):
            if place in headed:
                continue
            text = cell_text(cell)
            if text or place in said:
                if _IDENTITY.search(text):
                    sealed.append(len(kept))
                places.append(place)
                kept.append((f"[{column_letter(place + origin.first_column)}]", text))


def _of_form(read: LedgerRow, cells: Mapping[str, Cell]) -> tuple[OriginalRow, str | None]:
    """Return a form as it stood."""
    titles = {each.field or each.text: each.text for each in read.origin.headings if each.how != "part"}
    marks, spots = read.origin.marks, read.origin.spots
    found = [
        (name, titles.get(name) or name.rpartition("#")[0], text)
        for name, cell in cells.items()
        if (text := cell_text(cell)) or any(column in marks.comments.get(row, ()) for row, column in spots[name])
    ]
    sealed = [place for place, (name, _, _) in enumerate(found) if name in read.origin.sealed]
    kept = [(title, text) for _, title, text in found]
    return _marked(read, kept, [spots[name] for name, _, _ in found], sealed)


def _plan(origin: SheetRead) -> tuple[_Kept, ...]:
    """Return how each column of a sheet is kept."""
    found = []
    for each in origin.headings:
        key = heading_key(each.text)
        if key in _RESULTS:
            continue
        # The layout knows by groups and by what stands below, this room by words: sealed is what either says.
        is_sealed = each.sealed or each.field in origin.sealed or (each.field is None and tells_who(each.text))
        is_looked_at = each.field is None and not is_sealed and not _NUMBERED.search(key)
        found.append(_Kept(column_place(each.letter) - origin.first_column, each.text, is_sealed, is_looked_at))
    return tuple(sorted(found))


def tells_who(heading: str) -> bool:
    """Say whether a column that means none of our fields may tell who reports."""
    key = _REPORTED.sub("", heading_key(heading))
    return _WHO.search(key) is not None


def may_tell_who(heading: str, text: str) -> bool:
    """Say whether something under no heading that is known may tell who reports, by its heading or by itself."""
    return tells_who(heading) or (_IDENTITY.search(text) is not None and not _NUMBERED.search(heading_key(heading)))


def _result_places(origin: SheetRead) -> set[int]:
    """Return the places of columns that a marked copy added."""
    return {
        column_place(each.letter) - origin.first_column
        for each in origin.headings
        if heading_key(each.text) in _RESULTS
    }


def _marked(
    read: LedgerRow,
    kept: list[tuple[str, str]],
    spots: Sequence[Sequence[tuple[int, int]]],
    sealed: Sequence[int],
) -> tuple[OriginalRow, str | None]:
    """Return an original with its marks, and its sealed part.

    Args:
        spots: The cells in which each of *kept* stands, by row and column.
    """
    marks = read.origin.marks
    hidden = frozenset(sealed)
    said = [
        (place, text)
        for place, own in enumerate(spots)
        for row, column in dict.fromkeys(own)
        if (text := marks.comments.get(row, {}).get(column)) and not _OURS.search(text)
    ]
    original = OriginalRow(
        at=read.at,
        cells=tuple((heading, "" if place in hidden else text) for place, (heading, text) in enumerate(kept)),
        sealed_at=tuple(sealed),
        struck=_places(spots, lambda row, column: column in marks.struck.get(row, ())),
        comments=tuple(each for each in said if each[0] not in hidden and not _IDENTITY.search(each[1])),
        concealed=_places(spots, lambda _, column: column in marks.hidden_columns),
        is_hidden=read.row - 1 in marks.hidden_rows,
    )
    secret = [each for each in said if each[0] in hidden or _IDENTITY.search(each[1])]
    if not (sealed or secret):
        return original, None
    return original, original_seal([kept[place][1] for place in sealed], secret)


def _places(spots: Sequence[Sequence[tuple[int, int]]], holds: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Return the places of which that holds for one of their cells."""
    return tuple(place for place, own in enumerate(spots) if any(holds(*at) for at in own))
