"""A term that is the other side's: watched, listed, and never counted as late here."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledgers import DAY, Story, furnished
from paths import ASSIGN, CRIME, TO_POLICE, letter

from engine.deadlines.phrases import standing_words
from engine.errors import RefusedError
from engine.journal.canonical import parsed
from engine.language import speaking
from engine.operations.deadlines.standings import DeadlineView, standings
from engine.operations.deadlines.sweep import sweep
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.subject import subject_of
from engine.operations.zero.past import rebuilt
from engine.operations.zero.verdict import end_of


@pytest.fixture(scope="module")
def waiting(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ledger, Story, datetime]]:
    """Return a lead handed to the police, whose answer is forty days over its time."""
    url = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("theirs") / "ledger.db"))
    with furnished(url) as ledger:
        story = Story(ledger).play((ASSIGN, CRIME, TO_POLICE, *letter("police", "移函〔2019〕1号")))
        yield ledger, story, story.now + 40 * DAY


def views(ledger: Ledger, number: str, now: datetime) -> dict[str, DeadlineView]:
    """Return how the live deadlines of a case stand, by name."""
    return {each.clock.name: each for each in standings(ledger, number=number, now=now)}


def test_what_is_said_of_it(waiting: tuple[Ledger, Story, datetime]) -> None:
    """Past its day it is listed, by how much, as the other side's; no list of what is late has it."""
    ledger, story, now = waiting
    letter_case = story.case("police")
    found = views(ledger, letter_case.number, now)["police_decision"]

    assert (found.theirs, found.overdue, found.late_by > 30) == (True, False, True)
    with speaking("en"):
        assert (
            standing_words(found.clock, found, ledger.zone) == f"the other side's time is over by {found.late_by} days"
        )
    late = [each.clock.name for each in standings(ledger, overdue=True, now=now)]
    assert {"police_decision", "result", "agency_results"}.isdisjoint(late), late


def test_no_letter_chases_our_own_people_for_it(waiting: tuple[Ledger, Story, datetime]) -> None:
    """A chase letter needs something of ours that is late."""
    ledger, story, now = waiting
    with pytest.raises(RefusedError, match="没有超期的期限"):
        subject_of(Acting(ledger, "zhou", now), story.case("police"), "chase_letter", "deadline", None, asked=False)


def test_it_is_in_no_figure_of_ours(waiting: tuple[Ledger, Story, datetime]) -> None:
    """A report counts it apart; the case is not overdue, the rate has nothing to judge, and zero leaves it out."""
    ledger, story, now = waiting
    day = now.date()
    found = figures(ledger, "referral", period_of(ReportKind.BULLETIN, f"{day:%Y-%m}", today=day), now=now)
    rows = {each.deadline: (each.theirs, each.running, each.overdue, each.unmet) for each in found.deadlines}

    assert rows["police_decision"] == (True, 1, 1, 1)
    assert (found.overdue, found.missed, found.total.unmet) == ((), (), 0)
    past = next(rebuilt(ledger, [story.case("police").id], end_at=end_of(day, ledger.zone), day=day))
    assert [each.judged(day=day, zone=ledger.zone) for each in past.terms if each.theirs] == [None] * 3
    assert ledger.rules("referral", 4).shapes.theirs == {"receipt_due", "police_decision", "result", "objection_answer"}


def test_our_people_are_reminded_to_ask(waiting: tuple[Ledger, Story, datetime]) -> None:
    """Its ladder goes on; the message marks the line as the other side's."""
    ledger, _, now = waiting
    sweep(ledger, now=now + timedelta(hours=1))
    rows = ledger.store.query("SELECT payload FROM outbox WHERE kind = 'digest'", ())
    lines = [line for (payload,) in rows for line in parsed(payload)["entries"]]

    assert {line.get("theirs") for line in lines if line["deadline"]["en"] == "Decision of the police"} == {True}
    assert all("theirs" not in line for line in lines if line["deadline"]["en"] == "Handling limit of the unit")
