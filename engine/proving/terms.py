"""Promise 7: terms are consistent: parts fit in the whole, a fixed day is not past, no year is needed too early."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final

from engine.language import Text
from engine.proving.alive import way_into
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.search import Search
from engine.workflow.deadline import Deadline, OnDate, StartsByEntering, StartsByField, Term, TermUnit
from engine.workflow.model import Workflow
from engine.working_days.dates import add_months

_DAYS: Final = {
    TermUnit.MINUTES: 1 / 1_440,
    TermUnit.HOURS: 1 / 24,
    TermUnit.WORKING_HOURS: 1 / 8 * 7 / 5,
    TermUnit.DAYS: 1.0,
    TermUnit.WORKING_DAYS: 7 / 5,
    TermUnit.MONTHS: 30.44,
}
"""Calendar days of one unit, in the mean."""

_CLEARLY: Final = 1.2
"""By more than a fifth one term is longer than another as a rule, though not in each year."""
_A_YEAR: Final = 365
_BY_WORK: Final = frozenset({TermUnit.WORKING_DAYS, TermUnit.WORKING_HOURS})

_MADE_UP: Final = 3
"""Days off at most that a calendar makes working days (调休) beyond the holidays in the same stretch."""
_AWAY: Final = 12
"""Days at most by which holidays lengthen a few working days: those of Spring Festival with its weekends."""
_WORKED: Final = 365 / 245
"""Calendar days of a working day in a year with all its holidays."""


def inconsistent(search: Search, today: date) -> Iterator[PromiseVerdict]:
    """Yield what does not fit together.

    Args:
        today: Local date, by which a fixed day is past.
    """
    yield from longer_than_whole(search)
    for part in search.space.workflow.deadlines.values():
        if isinstance(part.due, OnDate) and part.due.on < today:
            sentence = Text(f"{part.due.on} is past", f"{part.due.on} 已过")
            yield PromiseVerdict(
                7, f"deadlines.{part.name}.on", PromiseAnswer.REFUTED, sentence, way_into(search, part.runs_in)
            )
        if part.unpublished == "refuse" and any(least_days(each) >= _A_YEAR for each in part.lengths):
            sentence = Text(
                "it always ends in a year whose calendar is not published, and refuses such years",
                "其到期日必在日历未公布的年度，而该期限不予推算",
            )
            path = way_into(search, part.runs_in)
            yield PromiseVerdict(7, f"deadlines.{part.name}.unpublished", PromiseAnswer.REFUTED, sentence, path)


def longer_than_whole(search: Search) -> Iterator[PromiseVerdict]:
    """Yield the terms that last longer than one of which they are a part."""
    workflow = search.space.workflow
    for part in workflow.deadlines.values():
        whole = next((each for each in workflow.deadlines.values() if _is_whole(workflow, each, part)), None)
        if whole is not None:
            sentence = Text(
                f"it lasts longer than '{whole.name}', of which it is a part",
                f"时长超过其所属的“{whole.name}”",
            )
            path = way_into(search, part.runs_in)
            yield PromiseVerdict(
                7, f"deadlines.{part.name}.within", PromiseAnswer.REFUTED, sentence, path, warning=True
            )


def _is_whole(workflow: Workflow, whole: Deadline, part: Deadline) -> bool:
    """Say whether one term spans another that is longer: the part runs only where the whole does, and begins later."""
    if whole is part or not (whole.lengths and part.lengths) or whole.is_theirs or part.is_theirs:
        return False
    conditional = (whole.if_ is not None and whole.if_ != part.if_) or whole.paused_in or whole.reopen != "restart"
    if conditional or not set(part.runs_in) < set(whole.runs_in) or part.paused_in:
        return False
    first = isinstance(whole.starts, StartsByField) and whole.starts.field == workflow.dated_by
    first |= isinstance(whole.starts, StartsByEntering) and workflow.initial in whole.starts.states
    inside = isinstance(part.starts, StartsByEntering) and set(part.starts.states) <= set(whole.runs_in)
    longer = all(_is_longer(each, than) for each in part.lengths for than in whole.lengths)
    return first and inside and longer


def _is_longer(term: Term, than: Term) -> bool:
    """Say whether one term is longer than another: surely, on whatever day both begin, or by far as a rule."""
    if term.unit is than.unit:
        return term.amount > than.amount
    return least_days(term) > most_days(than) or _mean(term) > _mean(than) * _CLEARLY


def is_no_longer(term: Term, than: Term) -> bool:
    """Say whether one term is no longer than another, on whatever day both begin; of working days, as a rule."""
    if term.unit is than.unit:
        return term.amount <= than.amount
    if _BY_WORK.isdisjoint({term.unit, than.unit}):
        return most_days(term) <= least_days(than)
    return _mean(term) <= _mean(than)


@cache
def _months(amount: int) -> tuple[int, int]:
    """Return how many days so many months have at least and at most."""
    days = (date(2001, 1, 1) + timedelta(days=each) for each in range(4 * 365 + 1))
    found = [(add_months(day, amount) - day).days for day in days]
    return min(found), max(found)


def _mean(term: Term) -> float:
    """Return about how many calendar days a term has."""
    return term.amount * _DAYS[term.unit]


def least_days(term: Term) -> float:
    """Return how many calendar days a term has at least."""
    match term.unit:
        case TermUnit.MONTHS:
            return _months(term.amount)[0]
        case TermUnit.WORKING_DAYS:
            return term.amount + 2 * ((term.amount - 1) // 5) - 1 - (_MADE_UP if term.amount > 1 else 0)
        case TermUnit.WORKING_HOURS:
            return term.amount / 24
    return _mean(term)


def most_days(term: Term) -> float:
    """Return how many calendar days a term has at most."""
    match term.unit:
        case TermUnit.MONTHS:
            return _months(term.amount)[1]
        case TermUnit.WORKING_DAYS | TermUnit.WORKING_HOURS:
            days = term.amount / (8 if term.unit is TermUnit.WORKING_HOURS else 1)
            return days * _WORKED + _AWAY
    return _mean(term)
