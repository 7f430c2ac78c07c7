"""Finding the header of a sheet: where it stands; which heading is which field is left to `assigning`.

A score over the first rows finds the row most like headings: known words, words short enough, other
kinds of cells below. The header is that row with at most two more, above or below, that belong to it:
group cells over several columns (移送情况 over 移送单位 and 移送时间), or headings under a group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from documents.ledger_in.layout.assigning import assigned
from documents.ledger_in.layout.below import below_of, kind_of
from documents.ledger_in.layout.composed import LONGEST
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.layout.likely_rows import is_statistics, likely_rows, looks_like_labels
from documents.ledger_in.sheet_model import Cell, Heading
from documents.ledger_in.text import cell_text, heading_key
from documents.ledger_in.workbook import Span

_FEWEST = 3
_REPEATS = 0.6
_HALF = 0.5
_TOPMOST = 6
_WIDEST = 40
"""A ledger of no known word is looked for in so many rows and columns."""
DEEPEST = 3
"""A header has at most this many rows."""


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
    parts: Mapping[str, tuple[int, ...]]
    """Further columns of a field that is sealed as a whole, such as the telephone beside the name."""
    runner_up: int | None = None
    """The row that would be the next best header, if there is one."""

    @property
    def count(self) -> int:
        """Return how many columns were taken for a field."""
        return len(self.places) + sum(map(len, self.parts.values()))


def find_header(head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int) -> Header | None:
    """Return the header among the rows *head*, or None if no row names enough fields.

    Args:
        left: How many columns stand empty at the left, so that letters are those the user sees.
    """
    enough = min(2, names.count)
    weighed = likely_rows(head, merges, names, left)
    for row in weighed:
        block = _block(head, merges, names, left, row)
        header = _header(head, merges, names, left, block.first, _last_row(head, merges, block), guessing=True)
        if header.count >= enough and not is_statistics(header.headings, head[header.last + 1 :]):
            return replace(header, runner_up=_runner_up(head, merges, names, left, weighed, header))
    return None


def header_by_shape(head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int) -> Header | None:
    """Return what would be the header of a table of which no word is known: labels over days and over texts.

    To be asked about, never taken: which column is what, nothing says.
    """
    for row, cells in enumerate(head[:_TOPMOST]):
        texts = [(column, text) for column, cell in enumerate(cells) if (text := cell_text(cell))]
        if not _FEWEST <= len(texts) <= _WIDEST:
            continue
        if len({text for _, text in texts}) < len(texts) or any(len(text) > LONGEST for _, text in texts):
            continue
        if any(kind_of(cells[column]) in {"date", "number", "phone", "identity"} for column, _ in texts):
            continue
        below = below_of(head[row + 1 :], len(cells))
        said = [below[column].kinds for column, _ in texts if below[column].count]
        if len(said) < _REPEATS * len(texts):
            continue
        dated = any(kinds.get("date", 0.0) >= _HALF for kinds in said)
        worded = any(kinds.get("long", 0.0) + kinds.get("short", 0.0) >= _HALF for kinds in said)
        if dated and worded:
            return _header(head, merges, names, left, row, row, guessing=True)
    return None


def _runner_up(
    head: Sequence[Sequence[Cell]],
    merges: Sequence[Span],
    names: Names,
    left: int,
    weighed: Sequence[int],
    header: Header,
) -> int | None:
    """Return the row that would have been the header without the one that is; none that repeats it."""
    taken = frozenset().union(*header.keys.values())
    for row in weighed:
        keys = {heading_key(text) for cell in head[row] if (text := cell_text(cell))}
        if header.first <= row <= header.last or not keys or len(keys & taken) >= _REPEATS * len(keys):
            continue
        found = _header(head, merges, names, left, row, row, guessing=False)
        if found.count >= _FEWEST:
            return row
    return None


def _block(head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int, row: int) -> Header:
    """Return the block around *row* that names the most fields; of equals the one of fewest rows."""
    best: Header | None = None
    for first in range(row, max(-1, row - DEEPEST), -1):
        if first < row and not looks_like_labels(head[first], names):
            break
        for last in range(row, min(first + DEEPEST, len(head))):
            if last > row and not looks_like_labels(head[last], names):
                break
            found = _header(head, merges, names, left, first, last, guessing=False)
            if best is None or (found.score, found.first - found.last) > (best.score, best.first - best.last):
                best = found
    assert best is not None
    return best


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
    found = assigned(stacks, head[last + 1 :], names, left, guessing=guessing)
    keys = {column: frozenset(heading_key(part) for part in stack) for column, stack in enumerate(stacks) if stack}
    return Header(
        first=first,
        last=last,
        headings=found.headings,
        places=found.places,
        keys=keys,
        score=found.certainty,
        parts=found.parts,
    )


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
