"""The calendar of what falls due: a month, a week or a day, of all that one may read, of a unit or of an officer."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from desk.answers import Answer, PageShown
from desk.case_shown import lamp_shown, title_of
from desk.visit import Visit
from engine.errors import BadValueError
from engine.language import Text, t
from engine.operations.deadlines.due_days import CalendarDay, due_days
from engine.operations.house.directory import acting_officers, open_units
from engine.operations.ledger.acting import Acting
from engine.rules.reading_rights import Deed
from engine.working_days.calendars import WEEKDAYS, DayStatus

WEEK: Final = 7
MOST: Final = {"month": 5, "week": 60, "day": 200}
"""View -> how much of one day is shown in it."""
_CHOSEN: Final = ("unit", "officer")
"""What stands in the address beside the view and its day."""


def calendar_page(visit: Visit) -> Answer:
    """Show what falls due in the days that the address asks for."""
    asked = visit.asked
    view = asked.one("view") if asked.one("view") in MOST else "month"
    today = visit.ledger.today(visit.now)
    anchor = _day_asked(asked.one("day")) or today
    first, days = _span(view, anchor)
    unit, officer = asked.one("unit") or None, asked.one("officer") or None
    asks = {"due_from": first.isoformat(), "days": days, "unit": unit, "named": officer}
    with visit.viewing(Deed.LIST, **asks) as seen:
        acting = Acting(seen.ledger, visit.officer, visit.now)
        found = due_days(acting, first, days, unit=unit, officer=officer, limit=MOST[view])
        seen.shown([each.case.number for day in found for each in day.due], **asks)
        shown = [
            _day_shown(visit, each, today=today, month=anchor.month if view == "month" else None) for each in found
        ]
    kept = [(name, asked.one(name)) for name in _CHOSEN if asked.one(name)]
    back, on = _beside(view, anchor)
    values = {
        "view": view,
        "title": _title(view, anchor, first),
        "weeks": [shown[start : start + WEEK] for start in range(0, len(shown), WEEK)],
        "weekdays": WEEKDAYS,
        "views": [(name, words, [("view", name), ("day", anchor.isoformat()), *kept]) for name, words in _VIEWS],
        "back": [("view", view), ("day", back.isoformat()), *kept],
        "on": [("view", view), ("day", on.isoformat()), *kept],
        "now": [("view", view), *kept],
        "kept": kept,
        "day": anchor.isoformat(),
        "unit": unit,
        "officer": officer,
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "officers": [(each.code, each.name) for each in acting_officers(visit.ledger)],
        "me": visit.officer,
        "unpublished": any(each.standing is DayStatus.NOT_PUBLISHED for each in found),
        "limited": seen.limited,
    }
    return PageShown(template="calendar.html", values=values)


_VIEWS: Final = (("month", Text("month", "月")), ("week", Text("week", "周")), ("day", Text("day", "日")))


def _day_asked(words: str) -> date | None:
    """Return the day that the address names; None if it names none.

    Raises:
        BadValueError: If it is no day.
    """
    if not words:
        return None
    try:
        found = date.fromisoformat(words)
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:  # the weeks around it are days too
        raise BadValueError(
            Text(f"'{words}' is no day; write one such as 2026-11-29", f"“{words}”不是日期，如 2026-11-29")
        )
    return found


def _span(view: str, anchor: date) -> tuple[date, int]:
    """Return the first day of a view, and how many it has: whole weeks that begin on Monday, or one day."""
    if view == "day":
        return anchor, 1
    begin, end = anchor, anchor
    if view == "month":
        begin, end = anchor.replace(day=1), anchor.replace(day=monthrange(anchor.year, anchor.month)[1])
    first = begin - timedelta(days=begin.weekday())
    return first, ((end - first).days // WEEK + 1) * WEEK


def _beside(view: str, anchor: date) -> tuple[date, date]:
    """Return a day of the view before, and one of the view after."""
    if view == "month":
        first = anchor.replace(day=1)
        return (first - timedelta(days=1)).replace(day=1), first + timedelta(
            days=monthrange(first.year, first.month)[1]
        )
    step = timedelta(days=WEEK if view == "week" else 1)
    return anchor - step, anchor + step


def _title(view: str, anchor: date, first: date) -> str:
    """Return which days are shown, in words."""
    if view == "month":
        return t("{month}", "{year} 年 {n} 月", month=f"{anchor:%B} {anchor.year}", year=anchor.year, n=anchor.month)
    if view == "day":
        return anchor.isoformat()
    return t("{first} to {last}", "{first} 至 {last}", first=first, last=first + timedelta(days=WEEK - 1))


def _day_shown(visit: Visit, found: CalendarDay, *, today: date, month: int | None) -> Mapping[str, object]:
    """Return a day as it is shown.

    Args:
        month: The month that is asked for; None if it is not one.
    """
    weekday = WEEKDAYS[found.day.weekday()]
    return {
        "iso": found.day.isoformat(),
        "weekday": weekday,
        "is_off": found.standing is DayStatus.OFF,
        "reason": "" if str(found.reason) == str(weekday) else found.reason,
        "is_today": found.day == today,
        "is_beside": month is not None and found.day.month != month,
        "due": _due_shown(visit, found),
        "is_cut": found.is_cut,
    }


def _due_shown(visit: Visit, found: CalendarDay) -> Sequence[Mapping[str, object]]:
    """Return what is due on a day, as it is shown: with a word for its lamp."""
    return [
        {**lamp_shown(visit.ledger, each), "number": each.case.number, "about": title_of(visit, each.case)}
        for each in found.due
    ]
