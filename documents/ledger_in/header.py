"""Finding the header of a sheet: where it stands, and which heading means which field.

The header is the block of one to three rows whose headings are known for the most fields. Group
cells over several columns (移送情况 over 移送单位 and 移送时间) belong to the headings below them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from documents.ledger_in.headings import Names
from documents.ledger_in.sheet_model import Cell, Heading, How, column_letter
from documents.ledger_in.text import cell_text, heading_key
from documents.ledger_in.workbook import Span

DEEPEST = 3
"""A header has at most this many rows."""
_GUESS_WORTH = 0.4
_SURELY = 4
"""With so many fields named, rows further down are not looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The header of one sheet; rows and columns counted from 0."""

    first: int
    last: int
    headings: tuple[Heading, ...]
    places: Mapping[str, int]
    """The column of each field that was found."""
    keys: Mapping[int, frozenset[str]]
    """What stands over each column, in the form headings are compared in."""
    score: float


def find_header(head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int) -> Header | None:
    """Return the header among the rows *head*, or None if no row names enough fields.

    Args:
        left: How many columns stand empty at the left, so that letters are those the user sees.
    """
    best = _best(head, merges, names, left, guessing=False) or _best(head, merges, names, left, guessing=True)
    if best is None:
        return None
    return _header(head, merges, names, left, best.first, _last_row(head, merges, best), guessing=True)


def _best(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int, *, guessing: bool
) -> Header | None:
    """Return the block that names the most fields; of equals the one of fewest rows, and of those the first."""
    enough = min(2, names.count)
    best: Header | None = None
    for first in range(len(head)):
        if best is not None and best.score >= _SURELY and first > best.last + DEEPEST:
            break
        if sum(cell != "" and cell is not None for cell in head[first]) < enough:
            continue
        for last in range(first, min(first + DEEPEST, len(head))):
            found = _header(head, merges, names, left, first, last, guessing=guessing)
            if best is None or (found.score, found.first - found.last) > (best.score, best.first - best.last):
                best = found
    return best if best is not None and best.score >= enough else None


def _header(
    head: Sequence[Sequence[Cell]],
    merges: Sequence[Span],
    names: Names,
    left: int,
    first: int,
    last: int,
    *,
    guessing: bool,
) -> Header:
    """Return what the block of rows *first* to *last* would name if it were the header."""
    width = max(len(row) for row in head[first : last + 1])
    stacks = [_stack(head, merges, first, last, column) for column in range(width)]
    settled: dict[int, tuple[str | None, How]] = {}
    places: dict[str, int] = {}
    score = 0.0
    # Known headings first: a guess must not take a field from the column that names it outright.
    for guess in (False, True) if guessing else (False,):
        for column, stack in enumerate(stacks):
            if not stack or column in settled:
                continue
            found = names.guessed(stack) if guess else names.known(stack, column_letter(column + left))
            if found is None:
                continue
            field, how = found
            if field is not None and field in places:
                how, field = "repeated", None
            elif field is not None:
                places[field] = column
                score += _GUESS_WORTH if how == "guessed" else 1.0
            settled[column] = field, how
    headings = []
    for column, stack in enumerate(stacks):
        if stack:
            field, how = settled.get(column, (None, "unmatched"))
            text = "/".join(stack)
            headings.append(Heading(text=text, letter=column_letter(column + left), field=field, how=how))
    keys = {column: frozenset(heading_key(part) for part in stack) for column, stack in enumerate(stacks) if stack}
    return Header(first=first, last=last, headings=tuple(headings), places=places, keys=keys, score=score)


def _stack(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], first: int, last: int, column: int
) -> tuple[str, ...]:
    """Return the texts over *column* from group to heading, each once."""
    parts: list[str] = []
    for row in range(first, last + 1):
        text = _standing_at(head, merges, row, column, first, last)
        if text and text not in parts:
            parts.append(text)
    return tuple(parts)


def _standing_at(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], row: int, column: int, first: int, last: int
) -> str:
    """Return the text that stands over *column* in *row*: its own cell's, or that of the group it belongs to."""
    for r1, c1, r2, c2 in merges:
        if r1 <= row <= r2 and c1 <= column <= c2:
            if column > c1 and r2 >= last:  # a heading, not a group: it names its first column only
                return ""
            return _text(head, r1, c1) if r1 >= first else ""
    text = _text(head, row, column)
    if text or merges or row == last or not _text(head, row + 1, column):
        return text
    # Plain text knows no merged cells: a group stands over its first column and leaves the next ones empty.
    for at in range(column - 1, -1, -1):
        if group := _text(head, row, at):
            return group if _text(head, row + 1, at) else ""
    return ""


def _text(head: Sequence[Sequence[Cell]], row: int, column: int) -> str:
    """Return the text of a cell; empty beyond the end of a row, since rows may be of any length."""
    if row >= len(head) or column >= len(head[row]):
        return ""
    return cell_text(head[row][column])


def _last_row(head: Sequence[Sequence[Cell]], merges: Sequence[Span], header: Header) -> int:
    """Return the last row of *header*, seen by cells that reach below it or groups with headings under them."""
    last = header.last
    reaching = [r2 for r1, _, r2, _ in merges if header.first <= r1 <= header.last < r2]
    if reaching:
        return min(max(reaching), header.first + DEEPEST - 1, len(head) - 1)
    groups = [(c1, c2) for r1, c1, r2, c2 in merges if r1 == r2 == last and c2 > c1]
    below = {column for c1, c2 in groups for column in range(c1, c2 + 1)}
    if not groups or last + 1 >= len(head):
        return last
    filled = {column for column in range(len(head[last + 1])) if _text(head, last + 1, column)}
    return last + 1 if filled and filled <= below else last
