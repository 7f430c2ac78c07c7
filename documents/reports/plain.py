"""The figures of a report for scripts: plain values under stable English keys, which are never renamed.

No sentence stands here; those are left to `paper`.
"""

from engine.deadlines.clock import Status
from engine.language import Text
from engine.operations.figures.figure_values import (
    Figures,
    Filing,
    ListedCase,
    MissedTerm,
    PeriodGroup,
    UnitFigures,
    Week,
)


def plain_of(figures: Figures) -> dict[str, object]:
    """Return the figures as JSON can hold them."""
    period = figures.period
    return {
        "workflow": figures.workflow,
        "kind": period.kind.value,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "as_of": period.until.isoformat(),
        "unit": figures.unit,
        "total": _tally(figures.total),
        "units": [_tally(each) for each in figures.units],
        "flow": [_week(each) for each in figures.weeks],
        "ages": [{"from_days": first, "to_days": last, "open": count} for first, last, count in figures.ages],
        "deadlines": [
            {
                "deadline": each.deadline,
                "whose": "theirs" if each.theirs else "ours",
                "met": each.met,
                "on_time": each.on_time,
                "unmet": each.unmet,
                "running": each.running,
                "overdue": each.overdue,
            }
            for each in figures.deadlines
        ],
        "due": {day.isoformat(): count for day, count in figures.due.items()},
        "due_later": figures.later,
        "fields": [
            {
                "field": split.field,
                **({} if split.of_list is None else {"list": split.of_list}),
                "values": [
                    {"title": _said(each.title), "registered": each.entered, "cleared": each.cleared, "open": each.open}
                    for each in split.shares
                ],
            }
            for split in figures.splits
        ],
        "steps": [{"title": _said(title), "times": times} for title, times in figures.steps],
        "overdue": [_case(each) for each in figures.overdue],
        "extended": [_case(each) for each in figures.extended],
        "returned": [_case(each) for each in figures.returned],
        "missed": [_missed(each) for each in figures.missed],
        "returns": [
            {
                "unit": each.unit,
                "period": each.period,
                "due_on": each.due_on,
                "filing": each.filing.value,
            }
            for each in figures.owed
        ],
        **_measured(figures),
        "mistaken": figures.mistaken,
        "nil_returns": len(figures.nil),
    }


def _measured(figures: Figures) -> dict[str, object]:
    """Return rates and times of stages, of all together and by group."""
    return {
        "rates": [
            {
                "rate": each.rate,
                "title": _said(each.title),
                "by": list(each.by),
                "values": [
                    {"of": dict(zip(each.by, group.values, strict=True)), "top": top, "bottom": bottom}
                    for group, top, bottom in each.rows
                ],
            }
            for each in figures.rates
        ],
        "times": [
            {
                "stage": each.stage,
                "title": _said(each.title),
                "by": list(each.by),
                "values": [
                    {
                        "of": dict(zip(each.by, group.values, strict=True)),
                        "ended": count,
                        "average_days": average,
                        "median_days": middle,
                    }
                    for group, count, average, middle in each.rows
                ],
                "unknown": each.unknown,
            }
            for each in figures.times
        ],
        "sums": [
            {
                "sum": each.sum,
                "title": _said(each.title),
                "by": list(each.by),
                "values": [
                    {"of": dict(zip(each.by, group.values, strict=True)), "sum": float(amount)}
                    for group, amount in each.rows
                ],
            }
            for each in figures.sums
        ],
    }


def _week(week: Week) -> dict[str, object]:
    """Return what came and went in a week."""
    return {
        "from": week.span.first.isoformat(),
        "to": week.span.last.isoformat(),
        "inside": week.span.inside,
        "registered": week.entered,
        "cleared": week.cleared,
        "returned": week.returned,
    }


def _missed(missed: MissedTerm) -> dict[str, object]:
    """Return a term that was not met in time."""
    return {
        "number": missed.number,
        "unit": missed.unit,
        "deadline": _said(missed.deadline),
        "status": missed.status.name.lower(),
        "original_due_on": missed.original_due_on,
        "due_on": missed.due_on,
        "met_on": missed.ended_on if missed.status is Status.MET else None,
        "late_by": _late_by(missed),
    }


def _tally(tally: UnitFigures) -> dict[str, object]:
    """Return the figures of a unit, or of all."""
    flow = tally.flow
    return {
        "unit": tally.unit or None,
        "name": tally.name,
        "open_before": flow.carried,
        "received": flow.received,
        "registered_late": flow.late,
        "returned": flow.returned,
        "cleared": flow.cleared,
        "taken_out": flow.removed,
        "open": flow.open,
        "caseload": tally.caseload,
        "standings": {each.value: tally.standings[each] for each in PeriodGroup},
        "deadlines_met": tally.met,
        "deadlines_on_time": tally.on_time,
        "deadlines_unmet": tally.unmet,
        "returns": {each.value: tally.filings[each] for each in Filing},
    }


def _case(each: ListedCase) -> dict[str, object]:
    """Return a case behind a figure."""
    return {
        "number": each.number,
        "unit": each.unit,
        "state": _said(each.state),
        "deadline": None if each.deadline is None else _said(each.deadline),
        "original_due_on": each.original_due_on or None,
        "due_on": each.due_on or None,
        "since": each.since or None,
        "late_by": _late_by(each),
    }


def _late_by(each: ListedCase | MissedTerm) -> dict[str, object] | None:
    """Return how late a deadline is by the day in force, in its own unit."""
    return {"amount": each.late_by, "unit": each.counted_in} if each.late_by else None


def _said(title: Text) -> dict[str, str]:
    """Return a title in both languages."""
    return {"en": title.en, "zh": title.zh}
