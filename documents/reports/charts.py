"""Where the bars of a report's charts stand; plain numbers that the macros draw, whole steps on every axis.

Colours, words and the drawing itself are left to the template of `page`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from documents.reports.paper import age_called
from documents.reports.wording import STANDING_TITLES
from engine.campaigns.campaign import percent
from engine.language import t
from engine.operations.figures.figure_values import AHEAD, Figures, PeriodGroup

WIDE: Final = 360.0
"""Width of every drawing; it is stretched to the room there is, down to a phone's."""
_LEFT, _TOP, _TALL = 26.0, 10.0, 150.0
_HALF_LABEL = 16.0
_WEEKS: Final = AHEAD // 7
_FEW: Final = 20
"""More units than these are shown together with the widest bars first; the table has all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One piece of a bar, in hundredths of the whole room."""

    at: float
    wide: float
    tone: str
    count: int
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One lying bar with its name and its figure."""

    label: str
    figure: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartBar:
    """One standing bar."""

    x: float
    y: float
    wide: float
    tall: float
    tone: str
    pale: bool
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Pairs of standing bars over an axis of whole steps."""

    ticks: tuple[tuple[float, int], ...]
    labels: tuple[tuple[float, str], ...]
    columns: tuple[ChartBar, ...]
    foot: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of a calendar."""

    label: str
    count: int
    depth: int
    """0 to 4: how many fall due, as a shade."""
    off: bool
    past: bool
    title: str


def standing_bars(figures: Figures) -> tuple[Bar, ...]:
    """Return how the caseload of each unit stands, the largest first."""
    most = max((each.caseload for each in figures.units), default=0) or 1
    ordered = sorted((each for each in figures.units if each.caseload), key=lambda each: (-each.caseload, each.unit))
    found = []
    for each in ordered[:_FEW]:
        pieces, at = [], 0.0
        for standing in PeriodGroup:
            count = each.standings[standing]
            wide = 100 * count / most
            if count:
                title = f"{each.name} · {STANDING_TITLES[standing]} {count}"
                pieces.append(Piece(at=_r(at), wide=_r(wide), tone=standing.value, count=count, title=title))
            at += wide
        found.append(Bar(label=each.name, figure=f"{each.cleared} / {each.caseload}", pieces=tuple(pieces)))
    return tuple(found)


def punctual_bars(figures: Figures, places: int) -> tuple[Bar, ...]:
    """Return the on-time rate of each unit."""
    found = []
    for each in [each for each in figures.units if each.judged][:_FEW]:
        rate = percent(each.on_time, each.judged, places)
        wide = 100 * each.on_time / each.judged if each.judged else 0.0
        title = f"{each.name} · {rate}"
        pieces = (Piece(at=0, wide=_r(wide), tone="on_time", count=each.on_time, title=title),) if wide else ()
        found.append(Bar(label=each.name, figure=rate, pieces=pieces))
    return tuple(found)


def age_bars(figures: Figures) -> tuple[Bar, ...]:
    """Return how many are open in each class of age."""
    most = max((count for _, _, count in figures.ages), default=0) or 1
    found = []
    for place, (first, last, count) in enumerate(figures.ages):
        label = age_called(first, last)
        piece = Piece(at=0, wide=_r(100 * count / most), tone=f"age{place}", count=count, title=f"{label}: {count}")
        found.append(Bar(label=label, figure=str(count), pieces=(piece,) if count else ()))
    return tuple(found)


def flow_columns(figures: Figures) -> Columns:
    """Return what was registered and what was cleared, side by side."""
    weeks = figures.weeks
    top, step = _axis([n for each in weeks for n in (each.entered, each.cleared)])
    room = (WIDE - _LEFT) / max(len(weeks), 1)
    bar = min(room * 0.36, 22.0)
    columns, labels = [], []
    every = -(-len(weeks) // 8)
    for place, each in enumerate(weeks):
        middle = _LEFT + room * (place + 0.5)
        for shift, tone, count, name in (
            (-bar, "entered", each.entered, t("registered", "登记")),
            (0.0, "cleared", each.cleared, t("cleared", "办结")),
        ):
            tall = _TALL * count / top
            columns.append(
                ChartBar(
                    x=_r(middle + shift + (0.5 if shift == 0 else -0.5)),
                    y=_r(_TOP + _TALL - tall),
                    wide=_r(bar),
                    tall=_r(tall),
                    tone=tone,
                    pale=not each.span.inside,
                    title=f"{each.span.first} – {each.span.last} · {name} {count}",
                )
            )
        if (len(weeks) - 1 - place) % every == 0:
            labels.append((_r(min(middle, WIDE - _HALF_LABEL)), each.span.label))
    ticks = tuple((_r(_TOP + _TALL - _TALL * n / top), n) for n in range(0, top + 1, step))
    return Columns(ticks=ticks, labels=tuple(labels), columns=tuple(columns), foot=_TOP + _TALL)


def due_weeks(figures: Figures) -> tuple[tuple[Day, ...], ...]:
    """Return the weeks to come, from Monday, with how many deadlines fall due on each day."""
    begins = figures.period.until + timedelta(days=1)
    monday = begins - timedelta(days=begins.weekday())
    most = max(figures.due.values(), default=0)
    return tuple(
        tuple(_day(figures, monday + timedelta(days=7 * week + day), begins, most) for day in range(7))
        for week in range(_WEEKS)
    )


def _day(figures: Figures, day: date, begins: date, most: int) -> Day:
    """Return a day of the calendar."""
    count = figures.due.get(day, 0)
    depth = 0 if count == 0 else max(1, -(-4 * count // most))
    is_first = day == begins or day.day == 1
    label = f"{day.month}-{day.day:02}" if is_first else str(day.day)
    title = t("{day}: {n} due", "{day}：到期 {n} 个", day=day, n=count)
    return Day(label=label, count=count, depth=depth, off=day in figures.days_off, past=day < begins, title=title)


def _axis(counts: Sequence[int]) -> tuple[int, int]:
    """Return the top of an axis and its step, both whole, with at most five steps."""
    most = max([*counts, 1])
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if 5 * step >= most:
                return step * -(-most // step), step
        power *= 10


def _r(number: float) -> float:
    """Return a number with two decimals, for a short file."""
    return round(number, 2)
