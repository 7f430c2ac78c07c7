"""How findings are printed: data on stdout, talk on stderr, tables and JSON; decides nothing."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice

import click

from commands.console.command_lines import as_typed
from commands.console.environment import forbids_colour
from commands.console.widths import cut, padded, screen_width, width
from engine.language import Text, language
from presentation.plain_words import harmless

GAP = "  "
"""Between the columns of a plain table."""
INDENT = "    "
"""Before what of a row does not fit on its first line."""
LEGIBLE = 32
"""Columns of the screen in which a sentence can be read; where they are not left, a row takes another line."""
MEASURED = 200
"""Rows of a long table that are held back to find how wide its columns are."""

REHEARSAL_KEY = "rehearsal"
"""The key that stands in every JSON object from a ledger for rehearsal."""


class _Mark:
    """What stands on every page of this run, and whether it stands there already."""

    words: Text | None = None
    is_printed = False


def mark_pages(words: Text | None) -> None:
    """Let *words* stand above the first page of this run, and its key in all JSON; None takes that back."""
    _Mark.words, _Mark.is_printed = words, False


def marked_json(value: object) -> object:
    """Return what is printed as JSON with the mark of a rehearsal ledger in it: in an object, or in each of a list."""
    if _Mark.words is None:
        return value
    if isinstance(value, dict):
        return {REHEARSAL_KEY: True, **value}
    return [marked_json(each) for each in value] if isinstance(value, list) else value


def begin_page() -> None:
    """Print the mark, if there is one, once; what prints a heading, pairs or a table does so by itself."""
    if _Mark.words is not None and not _Mark.is_printed:
        _Mark.is_printed = True
        click.echo(str(_Mark.words))


def say(words: object = "") -> None:
    """Print data."""
    click.echo(harmless(str(words)))


def say_lines(lines: Iterable[str]) -> None:
    """Print data line by line, many of them at once: tens of thousands cost what they are long."""
    waiting = iter(lines)
    while some := list(islice(waiting, 500)):
        click.echo("\n".join(map(harmless, some)))


def talk(words: object) -> None:
    """Say something about the work, apart from the data; commands in it are in the language in use."""
    click.echo(harmless(as_typed(str(words))), err=True)


def print_json(value: object) -> None:
    """Print *value* as JSON that people can read too; Chinese stays Chinese."""
    import json

    click.echo(json.dumps(marked_json(value), ensure_ascii=False, indent=2))


def print_json_rows(rows: Iterable[object]) -> None:
    """Print a JSON list row by row, so that a long one needs no room."""
    import json

    between = "[\n"
    for each in rows:
        click.echo(between + json.dumps(marked_json(each), ensure_ascii=False), nl=False)
        between = ",\n"
    click.echo("[]" if between == "[\n" else "\n]")


def print_table_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print aligned rows as they come; the widths are those of the first rows."""
    begin_page()
    coming = iter(rows)
    first = list(islice(coming, MEASURED))
    rooms = [max(width(row[place]) for row in first) for place in range(len(first[0]))] if first else []
    for row in chain(first, coming):
        say(GAP.join(padded(each, room) for each, room in zip(row, rooms, strict=True)).rstrip())


def on_screen() -> bool:
    """Say whether data goes to a terminal."""
    return sys.stdout.isatty()


def can_ask() -> bool:
    """Say whether there is someone at a terminal to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def print_named(at: int, headings: Sequence[str], rows: Iterable[Sequence[str]], *, wide: int | None = None) -> None:
    """Print a table of which column *at* holds names for scripts; in Chinese the title beside it is what is typed."""
    if language() == "zh":
        headings = [*headings[:at], headings[at + 1] or headings[at], *headings[at + 2 :]]
        rows = [(*row[:at], *row[at + 1 :]) for row in rows]
        wide = None if wide is None else wide - (wide > at)
    print_table(headings, rows, wide=wide)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, wide: int | None = None) -> None:
    """Print a table: boxed on a terminal, plain and aligned into a file or pipe.

    Args:
        wide: The column that is shortened so that a line fits the screen; where that left too little of it to be
            read, each row takes as many lines as its columns need.
    """
    begin_page()
    lines = [tuple(" ".join(harmless(each).split()) for each in row) for row in rows]
    if not on_screen():
        _plain(headings, lines)
        return
    rooms = [max([width(each), *(width(row[place]) for row in lines)]) for place, each in enumerate(headings)]
    if wide is None:
        _boxed(headings, lines)
        return
    room = screen_width() - sum(each + 3 for place, each in enumerate(rooms) if place != wide) - 4
    if room >= min(rooms[wide], LEGIBLE):
        _boxed(headings, [tuple(cut(e, room) if at == wide else e for at, e in enumerate(row)) for row in lines])
    else:
        _folded(headings, lines, rooms, wide)


def print_pairs(pairs: Iterable[tuple[str, str]], *, indent: int = 0) -> None:
    """Print names with their values beside them; a value of several lines stays in its column."""
    begin_page()
    known = [(name, value) for name, value in pairs if value]
    room = max((width(name) for name, _ in known), default=0)
    for name, value in known:
        lines = harmless(value).splitlines() or [""]
        say(f"{'':{indent}}{padded(name, room)}{GAP}{lines[0]}")
        for line in lines[1:]:
            say(f"{'':{indent + room}}{GAP}{line}")


def heading(words: str) -> None:
    """Print a heading; bold on a terminal that has not forbidden it."""
    begin_page()
    click.secho(harmless(words), bold=True) if colourful() else say(words)


def colourful() -> bool:
    """Say whether anything but plain text may be printed."""
    return on_screen() and not forbids_colour()


@contextmanager
def counting(what: str) -> Iterator[Callable[[], None]]:
    """Show on stderr, if only that is a terminal, how far long work has come; yields what counts one on."""
    counted = 0
    shown = sys.stderr.isatty() and not on_screen()

    def one_more() -> None:
        nonlocal counted
        counted += 1
        if shown and counted % 500 == 0:
            click.echo(f"\r{counted:,} {what}", nl=False, err=True)

    yield one_more
    if shown and counted >= 500:
        click.echo(f"\r{counted:,} {what}", err=True)


def _folded(headings: Sequence[str], rows: Sequence[Sequence[str]], rooms: Sequence[int], wide: int) -> None:
    """Print rows of several lines, the columns of each line aligned; a line without anything in it is left out."""
    screen = screen_width()
    folds = _folds([min(each, LEGIBLE) if place == wide else each for place, each in enumerate(rooms)], screen)
    widths = list(rooms)
    for line in folds:
        if wide in line:
            others = sum(rooms[place] + len(GAP) for place in line if place != wide)
            widths[wide] = screen - others - (len(INDENT) if line is not folds[0] else 0)

    def lines(cells: Sequence[str]) -> Iterator[str]:
        for line in folds:
            shown = GAP.join(padded(cut(cells[place], widths[place]), widths[place]) for place in line).rstrip()
            if shown:
                yield shown if line is folds[0] else INDENT + shown

    for each in lines(headings):
        heading(each)
    say("─" * screen)
    for row in rows:
        for each in lines(row):
            say(each)


def _folds(rooms: Sequence[int], screen: int) -> list[list[int]]:
    """Return which columns stand on each line of a row, as many as fit, in their order."""
    folds: list[list[int]] = [[]]
    used = 0
    for place, room in enumerate(rooms):
        if folds[-1] and used + room > screen:
            folds.append([])
            used = len(INDENT)
        folds[-1].append(place)
        used += room + len(GAP)
    return folds


def _plain(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns without a box."""
    rooms = [
        max([width(each), *(width(row[place]) for row in rows)]) if place < len(headings) - 1 else 0
        for place, each in enumerate(headings)
    ]
    for row in (headings, *rows):
        say(GAP.join(padded(each, room) for each, room in zip(row, rooms, strict=True)).rstrip())


def _boxed(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a box drawn by rich, which knows what the terminal can show."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for each in headings:
        table.add_column(each, overflow="fold")
    for row in rows:
        table.add_row(*(RichText(each) for each in row))
    Console().print(table)
