"""Forms: sheets that hold a record or several, each label with its value to the right of it, below, or in its cell.

A form differs from a table in where its labels stand: spread over the rows, with values between them.
Which field a label means is left to `headings`, what its value comes to to `values`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from documents.ledger_in.layout.below import below_of
from documents.ledger_in.layout.candidates import candidates_of
from documents.ledger_in.layout.composed import Meaning
from documents.ledger_in.layout.header import Header
from documents.ledger_in.layout.headings import Names, bare_leaf, remembered_key
from documents.ledger_in.layout.persons import Side, said_of, side_of_field, side_of_group
from documents.ledger_in.sheet_model import Cell, Heading, column_letter
from documents.ledger_in.skipped import speaks_of_sheet
from documents.ledger_in.text import cell_text, compact
from documents.ledger_in.workbook import Span

TALLEST = 80
"""A longer sheet is a table, unless it repeats one form."""
Labels = Mapping[str, tuple[int, int, Heading]]
"""Where the label of each field stands; a label that means no field is named by its own words."""

_PART: Final = "#"
"""Stands in the name of a further label of a sealed field; no field's name has it."""
_INLINE = re.compile(r"([^:：\s]{1,20})\s*[:：]\s*")
_LABEL = re.compile(r"[\u3400-\u9fffA-Za-z（）()、/\s]{1,16}[:：]?")
"""What may be a label that is not known: a few letters without digits and stops."""
_LONGEST: Final = 40
_SURE: Final = 0.8
_FEWEST: Final = 4
_ROWS: Final = 3


class Label(NamedTuple):
    """One label of a form."""

    row: int
    column: int
    text: str
    inline: bool


def forms_of(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int, header: Header | None
) -> tuple[Labels, ...]:
    """Return the labels of each form on the sheet; none if it is a table.

    Args:
        header: What would be the header if it were a table.
    """
    labels = list(_without_choices(list(_labels(head, names)), merges, names))
    if not _is_form(head, labels, names, header):
        return ()
    found = [_fields_of(each, head, merges, names, left) for each in _one_by_one(labels, names)]
    return tuple(each for each in found if sum(h.field is not None for _, _, h in each.values()) >= min(2, names.count))


def form_cell(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], labels: Labels, field: str
) -> tuple[int, int, Cell]:
    """Return where the value of *field* stands, and what it is: empty if there is none.

    A sealed field has what its further labels say behind its own value.
    """
    row, column, cell = _own_cell(head, merges, labels, field)
    further = [
        f"{labels[name][2].text}：{text}"
        for name in labels
        if name.startswith(f"{field}{_PART}") and (text := cell_text(_own_cell(head, merges, labels, name)[2]))
    ]
    own = cell_text(cell)
    return (row, column, "；".join([own, *further] if own else further)) if further else (row, column, cell)


class Loose(NamedTuple):
    """What stands in a form under no label that is known; kept by the words beside it, or by its place."""

    name: str
    """Its heading and its place, which no other has."""
    heading: str
    spots: tuple[tuple[int, int], ...]
    cell: Cell


def spots_of(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], labels: Labels
) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return by name the cells of each label and of its value; further labels of a sealed field count to it."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for name, (row, column, _) in labels.items():
        at = _own_cell(head, merges, labels, name)[:2]
        own = name.partition(_PART)[0] if labels[name][2].how == "part" else name
        found[own] = (*found.get(own, ()), (row, column), at)
    return found


def loose_cells(
    head: Sequence[Sequence[Cell]],
    merges: Sequence[Span],
    labels: Labels,
    spots: Mapping[str, tuple[tuple[int, int], ...]],
    last: int,
    titles: Collection[str] = (),
) -> tuple[Loose, ...]:
    """Return what stands in a form beside its labels and their values, so that nothing of it is lost.

    Args:
        last: The row in which the next form begins.
        titles: What stands above the first form, and may stand above each.
    """
    if not labels:
        return ()
    used = {at for each in spots.values() for at in each}
    said = {heading.text for _, _, heading in labels.values()}
    found: list[Loose] = []
    for row in range(min(row for row, _, _ in labels.values()), last):
        for column, cell in enumerate(head[row]):
            text = cell_text(cell)
            inline = [(label, value) for label, value in _inline_parts(text) if label not in said and value]
            if (inline and len(inline) == len(_inline_parts(text))) or ((row, column) in used and inline):
                found += [_loose(label, ((row, column),), value) for label, value in inline]
                used.add((row, column))
            if not text or text in titles or (row, column) in used:
                continue
            beside = row, _span(merges, row, column)[3] + 1
            value = None if beside[1] >= len(head[row]) else head[row][beside[1]]
            if cell_text(value) and beside not in used and _LABEL.fullmatch(text):
                used.add(beside)
                found.append(_loose(text, ((row, column), beside), value))
            else:
                found.append(_loose(f"[{column_letter(column)}{row + 1}]", ((row, column),), cell))
    return tuple(found)


def _loose(heading: str, spots: tuple[tuple[int, int], ...], cell: Cell) -> Loose:
    row, column = spots[0]
    return Loose(f"{heading}{_PART}{row}.{column}", heading, spots, cell)


def asked_labels(labels: Labels, loose: Sequence[Loose], names: Names, left: int) -> Iterator[Heading]:
    """Yield the labels to be asked about: those of no known meaning, if none says what the form is about."""
    if names.main_text is None or names.main_text in labels:
        return
    for each in loose:
        if each.heading.startswith("["):
            continue
        (below,) = below_of([[each.cell]], 1)
        meaning = names.composed((each.heading,))
        candidates = candidates_of(meaning.fields if meaning else (), below, names, labels)
        if names.main_text not in candidates and not below.private:
            candidates = (*candidates[:-1], names.main_text)
        who = any(names.kinds[name] == "sealed" for name in candidates[:2])
        yield Heading(
            text=each.heading,
            letter=column_letter(each.spots[0][1] + left),
            field=None,
            how="asked",
            proposal=candidates[0] if candidates else None,
            key=remembered_key((each.heading,)),
            samples=() if who else below.samples,
            candidates=candidates,
        )


def _own_cell(
    head: Sequence[Sequence[Cell]], merges: Sequence[Span], labels: Labels, field: str
) -> tuple[int, int, Cell]:
    """Return where the value of one label stands, and what it is."""
    row, column, heading = labels[field]
    for label, value in _inline_parts(cell_text(head[row][column])):
        if label == heading.text:
            return row, column, value
    taken = {(r, c) for r, c, _ in labels.values()}
    _, _, bottom, right = _span(merges, row, column)
    beside, below = (row, right + 1), (bottom + 1, column)
    for at in (beside, below):
        if at in taken or at[0] >= len(head) or at[1] >= len(head[at[0]]):
            continue
        # What stands below belongs to the label on its left, if there is one.
        if at == below and beside not in taken and (at[0], at[1] - 1) in taken:
            continue
        cell = head[at[0]][at[1]]
        if cell_text(cell):
            return at[0], at[1], cell
    return beside[0], beside[1], None


def _labels(head: Sequence[Sequence[Cell]], names: Names) -> Iterator[Label]:
    """Yield every known label in reading order."""
    known: dict[str, bool] = {}
    for row, cells in enumerate(head):
        for column, cell in enumerate(cells):
            if not isinstance(cell, str) or not cell:
                continue
            text = cell_text(cell)
            parts = _inline_parts(text)
            for label in [label for label, _ in parts] if parts else [text]:
                if len(label) <= _LONGEST and known.setdefault(label, names.is_label(label)):
                    yield Label(row, column, label, bool(parts))


def _without_choices(labels: Sequence[Label], merges: Sequence[Span], names: Names) -> Iterator[Label]:
    """Yield the labels that are no answer to the one at their left, such as 电话 beside 举报方式."""
    fields = {(each.row, each.column): _field_named(each, names) for each in labels if not each.inline}
    for each in labels:
        left = next((m[1] for m in merges if m[0] <= each.row <= m[2] and m[3] == each.column - 1), each.column - 1)
        field = fields.get((each.row, left))
        if field is None or compact(each.text) not in names.choices.get(field, frozenset()):
            yield each


def _field_named(label: Label, names: Names) -> str | None:
    """Return the field that a label names by itself."""
    known = names.known((label.text,), "")
    meaning = names.composed((label.text,)) if known is None else None
    return known[0] if known else meaning.fields[0] if meaning and meaning.fields else None


def _inline_parts(text: str) -> list[tuple[str, str]]:
    """Return each label with the value behind its colon, of a cell such as `编号：12  登记日期：2019.6.3`."""
    found = list(_INLINE.finditer(text))
    if not found or found[0].start() != 0:
        return []
    ends = [each.start() for each in found[1:]] + [len(text)]
    return [(each[1], text[each.end() : end].strip()) for each, end in zip(found, ends, strict=True)]


def _is_form(head: Sequence[Sequence[Cell]], labels: Sequence[Label], names: Names, header: Header | None) -> bool:
    """Return whether labels are spread over the sheet as in a form, rather than standing in the header of a table."""
    if header is None:
        fields = {found[0] for each in labels if (found := names.known((each.text,), "")) and found[0]}
        composed = {said.fields[0] for each in labels if (said := names.composed((each.text,))) and said.fields}
        rows = {each.row for each in labels}
        spread = len(rows) > 1 or any(
            _alternates(head[row], [each for each in labels if each.row == row]) for row in rows
        )
        return spread and len(fields | composed) >= min(2, names.count)
    # A row that repeats the header belongs to a table with page headers.
    titles = {part for heading in header.headings for part in heading.text.split("/")}
    by_row: dict[int, list[Label]] = {}
    for each in _without_values(head, labels, header, titles):
        by_row.setdefault(each.row, []).append(each)
    inside = sum(header.first <= each.row <= header.last for each in labels)
    outside = 0
    alternating = 0
    lone = 0
    for row, own in by_row.items():
        if header.first <= row <= header.last:
            alternating += _alternates(head[row], own)
            continue
        repeated = sum(each.text in titles for each in own)
        if len(own) > 1 and repeated >= _SURE * len(own) and not _alternates(head[row], own):
            continue
        outside += len(own)
        alternating += _alternates(head[row], own)
        lone += sum(not _label_at_right(each, own) for each in own)
    if len(by_row) < min(_ROWS, 1 + names.count) or inside + outside < min(_FEWEST, names.count):
        return False
    return outside > _SURE * inside and 0.9 * alternating + 0.25 * lone > 0.5 * header.count


def _without_values(
    head: Sequence[Sequence[Cell]], labels: Sequence[Label], header: Header, titles: set[str]
) -> list[Label]:
    """Return the labels that are none of a record's values, such as 电话 under 举报方式.

    A column repeats its values and never its heading; where forms stand one below another, headings come again too.
    """
    # Lines above and below a table, such as 填报单位 and 填表人, have labels too.
    labels = [
        each
        for each in labels
        if header.first <= each.row <= header.last or not (each.inline and speaks_of_sheet(head[each.row]))
    ]
    below = [each for each in labels if not header.first <= each.row <= header.last]
    pages = {row for row in {each.row for each in below} if _repeats(head[row], titles)}
    if any(each.text in titles and each.row not in pages for each in below):
        return list(labels)
    # No value of a table stands above its header too.
    above = {(each.text, each.column) for each in below if each.row < header.first}
    if any((each.text, each.column) in above for each in below if each.row > header.last):
        return list(labels)
    often = Counter((each.text, each.column) for each in below)
    return [each for each in labels if often[each.text, each.column] <= 1]


def _repeats(cells: Sequence[Cell], titles: set[str]) -> bool:
    """Return whether a row repeats the header, as on a printed page."""
    filled = [text for cell in cells if (text := cell_text(cell))]
    return sum(text in titles for text in filled) >= _SURE * len(filled)


def _alternates(cells: Sequence[Cell], labels: Sequence[Label]) -> bool:
    """Return whether in this row values stand between the labels, or in their cells."""
    if any(each.inline for each in labels):
        return True
    columns = {each.column for each in labels}
    filled = [column for column, cell in enumerate(cells) if cell_text(cell)]
    values = [column for column in filled if column not in columns]
    return bool(values) and all(column + 1 not in columns for column in columns) and min(columns) < min(values)


def _label_at_right(label: Label, own: Sequence[Label]) -> bool:
    return any(each.column == label.column + 1 for each in own)


def _one_by_one(labels: Sequence[Label], names: Names) -> Iterator[list[Label]]:
    """Yield the labels of each form: the first label again, in the same column, begins another."""
    first = labels[0]
    # The title of a form may be a label by itself; what repeats is what counts.
    for each in labels[:3]:
        # A part of a person stands more than once in one form: 姓名 of who reports and of who is reported.
        if (
            not _is_part(each.text, names)
            and sum(other.text == each.text and other.column == each.column for other in labels) > 1
        ):
            first = each
            break
    starts = [at for at, each in enumerate(labels) if each.text == first.text and each.column == first.column]
    starts = [0, *starts[1:], len(labels)]
    for begin, end in pairwise(starts):
        yield list(labels[begin:end])


def _fields_of(  # noqa: C901 (one label after another)
    labels: Sequence[Label], head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int
) -> Labels:
    """Return the label of each field in one form; what does not say whose it is goes by the person before it."""
    found: dict[str, tuple[int, int, Heading]] = {}
    doubtful: list[tuple[Label, Heading]] = []
    side: Side | None = None
    # A label with a part of a person right beside it is the group of that part.
    parts = {(each.row, each.column) for each in labels if _is_part(each.text, names)}
    for each in labels:
        letter = column_letter(each.column + left)
        stack: tuple[str, ...] = (each.text,)
        if _is_part(each.text, names):
            group = _group_at_left(head, merges, each)
            own = side_of_group((group, each.text), names) if group else side
            if own is not None:
                stack = said_of(own, bare_leaf((each.text,)))
        known = names.known(stack, "")
        meaning = names.composed(stack) if known is None else None
        field = known[0] if known else meaning.fields[0] if meaning and meaning.fields else None
        certainty = 1.0 if known else meaning.certainty if meaning else 0.0
        how = known[1] if known else "words"
        side = side_of_field(field, sealed=bool(meaning and meaning.sealed and not meaning.whose)) or side
        if (each.row, each.column + 1) in parts:
            continue
        if field is None:
            if each.text not in found and (each.inline or _value_at_right(head, merges, each)):
                found[each.text] = each.row, each.column, _kept(each, letter, meaning)
            continue
        sealed = names.kinds[field] == "sealed"
        if field in found and not sealed:
            continue
        heading = Heading(
            text=each.text,
            letter=letter,
            field=field,
            how=how,
            certainty=certainty,
            sealed=sealed,
            key=remembered_key((each.text,)),
        )
        if field in found:
            found[f"{field}{_PART}{len(found)}"] = each.row, each.column, replace(heading, how="part")
            continue
        if certainty >= _SURE:
            found[field] = each.row, each.column, heading
        else:
            doubtful.append((each, heading))
    for each, heading in doubtful:
        # A form cannot be compared with other rows: the one label that may mean a field is it.
        assert heading.field is not None
        if heading.certainty > 0.5 and heading.field not in found:
            found[heading.field] = each.row, each.column, heading
    return found


def _kept(label: Label, letter: str, meaning: Meaning | None) -> Heading:
    """Return the heading of a label of none of our fields: kept by its own words, sealed if it says who somebody is."""
    return Heading(
        text=label.text,
        letter=letter,
        field=None,
        how="kept",
        sealed=meaning is not None and meaning.sealed,
        key=remembered_key((label.text,)),
    )


def _value_at_right(head: Sequence[Sequence[Cell]], merges: Sequence[Span], label: Label) -> bool:
    """Return whether anything stands at the right of a label; 电话 behind 举报方式 is a value itself."""
    right = _span(merges, label.row, label.column)[3] + 1
    return right < len(head[label.row]) and cell_text(head[label.row][right]) != ""


def _is_part(text: str, names: Names) -> bool:
    """Return whether a label does not say whose it is, such as 姓名."""
    meaning = names.vocabulary.meaning(bare_leaf((text,)))
    return meaning is not None and meaning.whose


def _group_at_left(head: Sequence[Sequence[Cell]], merges: Sequence[Span], label: Label) -> str | None:
    """Return the text of the cell over several rows at the left of a label, such as 举报人 beside 姓名 and 单位."""
    for r1, c1, r2, c2 in merges:
        if r2 > r1 and r1 <= label.row <= r2 and c2 < label.column:
            return cell_text(head[r1][c1]) or None
    return None


def _span(merges: Sequence[Span], row: int, column: int) -> Span:
    """Return the merged range a cell belongs to, or the cell itself."""
    return next((m for m in merges if m[0] <= row <= m[2] and m[1] <= column <= m[3]), (row, column, row, column))
