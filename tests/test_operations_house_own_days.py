"""By which days a house counts: China's, a file's or, in one unit, its own; kept in the ledger with its source."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from ledgers import START, furnished, opened, register
from paths import ASSIGN

from engine.deadlines.recurrence import occurrences
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError, NotFoundError, RefusedError
from engine.operations.cases import casework as verbs
from engine.operations.house.own_days import last_published, set_days, use_calendar
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.store import clock_rows as clocks
from engine.store.day_rows import own_days
from engine.workflow.recurring_cases import Recurrence
from engine.working_days.calendars import china
from workflows.loader import Declarations

COUNTY = "base: cn\nname: county\nversion: '2'\nholidays:\n  - {date: 2019-09-02, name: 县庆}\n"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger."""
    with furnished(database_url) as made:
        yield made


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return a county's calendar file, in which 2 September 2019 is off."""
    file = tmp_path / "county.yaml"
    file.write_text(COUNTY, "utf-8")
    return file


def due_on(ledger: Ledger, unit: str = "0101") -> str:
    """Return when the verification of a new lead is due: 2 September 2019, if nothing is off there."""
    number = register(ledger, unit=unit, by="keeper").number
    verbs.advance(Acting(ledger, "keeper", START), number, "assign", ASSIGN.values)
    return clocks.of_case(ledger.store, ledger.case(number).id)[-1].due_on


def last_of_house(ledger: Ledger) -> tuple[str, dict[str, object]]:
    """Return kind and body of the last row of the house's chain."""
    entry = case_rows.last_entry(ledger.store, 0)
    assert entry is not None
    return entry.kind, json.loads(entry.body)


def test_chinas_days_unless_told_otherwise(ledger: Ledger) -> None:
    """A house that said nothing counts by China's days, with their version."""
    assert ledger.calendar is china()
    assert ledger.calendar_of(1) is china()
    assert due_on(ledger) == "2019-09-02"


def test_a_calendar_file(ledger: Ledger, county: Path) -> None:
    """A file is read into the ledger: the file may go, other connections count by it, and the journal tells."""
    use_calendar(Acting(ledger, "keeper", START), county)
    kind, body = last_of_house(ledger)
    county.unlink()

    assert (kind, body["calendar"], body["source"]) == ("calendar_used", "county 2", "county.yaml")
    assert due_on(ledger) == "2019-09-03"
    with opened(ledger.store.url) as other:
        assert other.calendar.label == "county 2"
        assert str(other.calendar.reason(date(2019, 9, 2))) == "县庆"
    use_calendar(Acting(ledger, "keeper", START), None)
    assert due_on(ledger) == "2019-09-02"


def test_days_of_one_unit(ledger: Ledger) -> None:
    """A unit's days count there only, win over the published ones, and can be taken back."""
    monday, sunday = date(2019, 9, 2), date(2019, 9, 1)
    assert set_days(Acting(ledger, "keeper", START), "0101", monday, monday, works=False, reason="台风") == 1
    assert set_days(Acting(ledger, "keeper", START), "0101", monday, monday, works=False, reason="台风") == 0
    assert (due_on(ledger), due_on(ledger, "0102")) == ("2019-09-03", "2019-09-02")
    assert ledger.calendar_of(1).label.startswith("cn 2026.1+0101.")
    assert set_days(Acting(ledger, "keeper", START), "0101", sunday, sunday, works=True, reason="补班") == 1
    assert due_on(ledger) == "2019-09-01"
    assert set_days(Acting(ledger, "keeper", START), "0101", sunday, monday, works=None, reason="取消") == 2
    assert (own_days(ledger.store), due_on(ledger)) == ({}, "2019-09-02")
    assert last_of_house(ledger) == (
        "days_released",
        {"code": "0101", "from": "2019-09-01", "to": "2019-09-02", "reason": "取消"},
    )


def test_refusals(ledger: Ledger, tmp_path: Path) -> None:
    """Who does not keep the house, no such unit, reversed days, no reason, a bad file: each has its sentence."""
    first, last = date(2019, 9, 2), date(2019, 9, 1)
    with pytest.raises(RefusedError, match="不能管理本台账（须在全部单位具有局扫黑办角色）"):
        set_days(Acting(ledger, "chen", START), "0101", last, first, works=False, reason="x")
    with pytest.raises(RefusedError, match="不能管理本台账（须在全部单位具有局扫黑办角色）"):
        use_calendar(Acting(ledger, "zhou", START), None)
    with pytest.raises(NotFoundError, match="没有代码为“0103”的单位"):
        set_days(Acting(ledger, "keeper", START), "0103", last, first, works=False, reason="x")
    with pytest.raises(BadValueError, match="请先写较早的日期"):
        set_days(Acting(ledger, "keeper", START), "0101", first, last, works=False, reason="x")
    with pytest.raises(BadValueError, match="请写明理由"):
        set_days(Acting(ledger, "keeper", START), "0101", last, first, works=False, reason=" ")
    with pytest.raises(BadFileError):
        use_calendar(Acting(ledger, "keeper", START), tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("weekend: [someday]\n", "utf-8")
    with pytest.raises(InvalidWorkflowError):
        use_calendar(Acting(ledger, "keeper", START), tmp_path / "bad.yaml")
    assert ledger.calendar is china()


def test_how_far_it_is_published(ledger: Ledger, county: Path) -> None:
    """The last year that is known is told; a file without years knows every one."""
    assert last_published(ledger.calendar) == 2026
    county.write_text("name: ours\n", "utf-8")
    assert last_published(use_calendar(Acting(ledger, "keeper", START), county)) is None


RETURNS = Declarations().latest("return").recurs


@pytest.mark.parametrize(
    ("recurs", "day", "period", "ends_on", "due_on_"),
    [
        ("weekly", "2019-07-01", "2019-W27", "2019-07-05", "2019-07-05"),
        pytest.param("weekly", "2019-02-04", "2019-W06", "2019-02-11", "2019-02-11", id="the whole week is off"),
        ("weekly", "2019-04-01", "2019-W14", "2019-04-04", "2019-04-04"),
        ("weekly", "2019-12-30", "2020-W01", "2020-01-03", "2020-01-03"),
        ("monthly", "2019-07-01", "2019-06", "2019-06-30", "2019-07-05"),
        ("monthly", "2019-10-01", "2019-09", "2019-09-30", "2019-10-08"),
        ("monthly", "2020-01-01", "2019-12", "2019-12-31", "2020-01-06"),
        ("monthly", "2020-03-01", "2020-02", "2020-02-29", "2020-03-05"),
    ],
)
def test_when_returns_open(recurs: str, day: str, period: str, ends_on: str, due_on_: str) -> None:
    """A return opens on its day, about its period, due on a working day, make-up days included."""
    declared: Recurrence = RETURNS[recurs]
    on = date.fromisoformat(day)
    (found,) = occurrences(declared, on, on, china())

    assert (found.opens_on, found.period) == (on, period)
    assert (found.ends_on.isoformat(), found.due_on.isoformat()) == (ends_on, due_on_)
