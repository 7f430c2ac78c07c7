"""How deadlines were kept: ours with their sums, and the other side's in a table of their own."""

from collections.abc import Iterator

from documents.reports.section import Cell, Section, section
from documents.reports.wording import JUDGED, MET_LATE, ON_TIME, ON_TIME_RATE, UNMET
from engine.campaigns.campaign import percent
from engine.language import t
from engine.operations.figures.figure_values import Figures, Punctuality, UnitFigures


def deadlines(figures: Figures, places: int) -> Iterator[Section]:
    """Yield how each declared deadline of ours was kept."""
    ours = [each for each in figures.deadlines if not each.theirs]
    sums = [sum(column) for column in zip(*map(kept, ours), strict=True)] or [0] * 4
    running, overdue = (sum(getattr(each, name) for each in ours) for name in ("running", "overdue"))
    total: tuple[Cell, ...] = (t("total", "合计"), *sums, percent(sums[1], sums[0], places), running, overdue)
    rows = [_deadline(each, places) for each in ours]
    heads = _deadline_heads(t("of these overdue", "其中超期"))
    yield section("deadlines", t("Deadlines", "各类期限"), heads, rows, total)


def theirs(figures: Figures, places: int) -> Iterator[Section]:
    """Yield how the other side kept its deadlines, if it has any: no figure of ours."""
    rows = [_deadline(each, places) for each in figures.deadlines if each.theirs]
    if rows:
        heads = _deadline_heads(t("of these past their day", "其中对方已逾期"))
        yield section("theirs", t("The other side's deadlines", "对方期限"), heads, rows)


def _deadline_heads(past: str) -> list[str]:
    """Return the heads of a table of deadlines."""
    judged = (str(each) for each in (JUDGED, ON_TIME, MET_LATE, UNMET, ON_TIME_RATE))
    return [t("deadline", "期限"), *judged, t("running", "在计"), past]


def _deadline(each: Punctuality, places: int) -> tuple[Cell, ...]:
    """Return how one declared deadline was kept."""
    return str(each.title), *kept(each), percent(each.on_time, each.judged, places), each.running, each.overdue


def kept(each: UnitFigures | Punctuality) -> tuple[int, ...]:
    """Return how many deadlines there were to keep, and how many were kept, met late and not met."""
    return each.judged, each.on_time, each.met - each.on_time, each.unmet
