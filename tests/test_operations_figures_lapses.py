"""A clean-up that ran out comes back on its day, whatever was written of it since; weeks add up to the month."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from zero_house import Office, at, office_in

from engine.operations.cases.casework import note
from engine.operations.figures.figure_values import Figures
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.ledger.acting import Acting

WEEKS = tuple(f"2019-W{week}" for week in range(40, 53))
MONTHS = ("2019-10", "2019-11", "2019-12")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return an office of which three clean-ups ran out on 15 November, and two more were carried out late or in time.

    Of the three, one was noted and paused since, one resumed and noted, and of one nothing was written.
    """
    made = office_in(tmp_path)
    numbers = []
    for _ in range(5):
        numbers.append(made.register("2019-10-01", "2019-10-01", category="A3"))
        made.assign("2019-10-02", numbers[-1])
        made.verify("2019-10-08", numbers[-1])
        made.dismiss(("2019-10-09", "2019-10-10"), numbers[-1])
        made.order_clean_up("2019-10-14", numbers[-1], "2019-11-15")
    noted, rested, _, late, early = numbers
    _noted(made, noted, "2019-11-14", "2019-11-20", "2019-12-04")
    _noted(made, rested, "2019-12-20")
    made.finish_clean_up("2019-12-03", late)
    made.finish_clean_up("2019-11-12", early)
    yield made
    made.close()


def _noted(office: Office, number: str, *days: str) -> None:
    for day in days:
        note(Acting(office.ledger, "chen", at(day)), number, "已催办")


def _told(office: Office, words: str, kind: ReportKind) -> Figures:
    now = at("2020-01-31")
    return figures(office.ledger, "lead", period_of(kind, words, today=now.date()), now=now)


def _flow(*found: Figures) -> tuple[int, int]:
    return sum(each.total.flow.cleared for each in found), sum(each.total.flow.returned for each in found)


def test_weeks_add_up_where_days_alone_change_the_count(office: Office) -> None:
    """Four clean-ups came back the day after theirs, in week, month and year alike; one of them was cleared again."""
    weeks = [_told(office, each, ReportKind.WEEKLY) for each in WEEKS]
    months = [_told(office, each, ReportKind.BULLETIN) for each in MONTHS]
    year = _told(office, "2019", ReportKind.BULLETIN)

    assert (_flow(*weeks), _flow(*months), _flow(year)) == ((6, 4), (6, 4), (6, 4))
    assert {each.since for each in (*months[1].returned, *year.returned)} == {"2019-11-16"}
    assert [each.total.flow.returned for each in weeks if each.total.flow.returned] == [4]
    assert [(each.span.first, each.returned) for each in months[1].weeks if each.returned] == [(date(2019, 11, 11), 4)]
    assert [each.total.flow.open for each in months] == [0, 4, 3]
