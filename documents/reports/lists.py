"""The lists behind the figures of a report: which cases and returns they count, whose they are and since when."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from documents.reports.section import Cell, Section, section
from documents.reports.wording import UNITS_HEAD
from engine.deadlines.clock import Status
from engine.language import Text, t
from engine.operations.figures.figure_values import Figures, Filing, ListedCase, MissedTerm
from engine.workflow.lengths import length_said

LONGEST: Final = 100
"""Rows of a list; of a longer one those that wait longest, with how many there are."""


def overdue(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which cases are overdue, by which deadline and since when."""
    heads = [
        str(UNITS_HEAD), t("number", "编号"), t("state", "当前状态"), t("deadline", "期限"),
        t("due at first", "原定时限"),
        t("due now", "现行时限"), t("late by", "超期时长"),
    ]  # fmt: skip
    rows = [
        (*_which(figures, each), str(each.deadline), each.original_due_on, each.due_on, _length(each))
        for each in figures.overdue
    ]
    count = len(rows) + figures.more["overdue"]
    yield from _listed("overdue", t("Overdue cases: {n}", "超期未结清单（{n} 件）", n=count), heads, rows, count)


def extended(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which open cases were extended, and to which day."""
    heads = [
        str(UNITS_HEAD), t("number", "编号"), t("state", "当前状态"), t("deadline", "期限"),
        t("due at first", "原定时限"),
        t("extended to", "延期后时限"),
    ]  # fmt: skip
    rows = [
        (*_which(figures, each), str(each.deadline), each.original_due_on, each.due_on) for each in figures.extended
    ]
    count = len(rows) + figures.more["extended"]
    yield from _listed("extended", t("Extended cases: {n}", "延期在办清单（{n} 件）", n=count), heads, rows, count)


def missed(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which deadlines were not kept: met late and when, or not met."""
    heads = [
        str(UNITS_HEAD), t("number", "编号"), t("deadline", "期限"), t("due at first", "原定时限"),
        t("due now", "现行时限"), t("met on", "完成日期"), t("late by", "逾期时长"),
    ]  # fmt: skip
    names = _names(figures)
    rows = [
        (
            names.get(each.unit, each.unit), each.number, str(each.deadline), each.original_due_on, each.due_on,
            each.ended_on if each.status is Status.MET else str(_UNMET[each.status]),
            _length(each) if each.late_by else str(_NOT_LATE),
        )
        for each in figures.missed
    ]  # fmt: skip
    count = len(rows) + figures.more["missed"]
    yield from _listed("missed", t("Deadlines not kept: {n}", "逾期期限清单（{n} 个）", n=count), heads, rows, count)


_UNMET: Final = {
    Status.RUNNING: Text("not met", "未完成"),
    Status.PAUSED: Text("not met, paused", "未完成，暂停中"),
    Status.LIFTED: Text("not met, no longer required", "未完成，不再要求"),
}
_NOT_LATE: Final = Text("within the day in force", "在现行时限内")


def returned(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which cases came back, and when."""
    heads = [str(UNITS_HEAD), t("number", "编号"), t("state", "当前状态"), t("came back on", "回流日期")]
    rows = [(*_which(figures, each), each.since) for each in figures.returned]
    count = len(rows) + figures.more["returned"]
    yield from _listed("came_back", t("Came back: {n}", "回流清单（{n} 件次）", n=count), heads, rows, count)


def unfiled(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which returns are missing, or were sent back and not filed again, and since when."""
    heads = [str(UNITS_HEAD), t("return", "报表"), t("period", "报告期"), t("due", "报送时限"), t("stands", "情况")]
    words = {Filing.MISSING: t("missing", "未报"), Filing.SENT_BACK: t("sent back", "退回未补")}
    names = _names(figures)
    rows = [
        (names.get(each.unit, each.unit), str(each.workflow), each.period, each.due_on, words[each.filing])
        for each in figures.owed
        if each.filing in words
    ]
    yield from _listed("unfiled", t("Missing returns: {n}", "未报清单（{n} 份）", n=len(rows)), heads, rows, len(rows))


def _listed(
    name: str, title: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]], count: int
) -> Iterator[Section]:
    """Yield the section of a list of *count* rows, of which the first are given, unless it is empty."""
    more = count - LONGEST
    words = t("The first {n}; {more} more are not listed.", "列前 {n} 行，另有 {more} 行未列。", n=LONGEST, more=more)
    if rows:
        yield section(name, title, heads, rows[:LONGEST], words=words if more > 0 else "")


def _which(figures: Figures, each: ListedCase) -> tuple[Cell, ...]:
    """Return whose a case is, which it is and how it stands."""
    return _names(figures).get(each.unit, each.unit), each.number, str(each.state)


def _names(figures: Figures) -> Mapping[str, str]:
    """Return the names of the units by code."""
    return {each.unit: each.name for each in figures.units}


def _length(each: ListedCase | MissedTerm) -> Cell:
    """Return how late a deadline is by the day in force, in its own unit."""
    return str(length_said(each.late_by, each.counted_in))


def nil(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield what units that had nothing to report have done, in their own words."""
    names = {each.unit: f"{each.unit} {each.name}" for each in figures.units}
    rows = [(names.get(each.unit, each.unit), each.period, each.done or "—") for each in figures.nil]
    heads = [str(UNITS_HEAD), t("period", "报告期"), t("what was done", "开展的工作")]
    yield section("nil", t("Nil returns", "零报告"), heads, rows)
