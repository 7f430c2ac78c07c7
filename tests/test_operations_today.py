"""What waits for an officer is there, most urgent first, for nobody else, and no more than is shown."""

from datetime import datetime
from random import Random

from houses import House, built_house, house
from ledgers import Story, furnished, opened
from paths import ASSIGN, CRIME

from engine.operations.deadlines.today import Today, today
from engine.operations.deadlines.urgency import by_urgency
from engine.operations.ledger.acting import Acting
from engine.store import clock_rows, waiting_rows
from engine.working_days.instants import microseconds

__all__ = ["built_house", "house"]


def test_a_lead_waits_for_whose_step_it_is(database_url: str) -> None:
    """From registration on it stands in one officer's day to do and in the office's as owed, as its state has it."""
    with furnished(database_url) as ledger:
        story = Story(ledger)

        def day(code: str) -> Today:
            return today(Acting(ledger, code, story.now))

        def stands(code: str) -> tuple[bool, bool]:
            seen = day(code)
            return tuple(any(each.case.id == story.lead.id for each in part) for part in (seen.do, seen.owed))  # type: ignore[return-value]

        assert {code: stands(code) for code in ("zhou", "chen", "sun")} == {
            "zhou": (True, False),
            "chen": (False, False),
            "sun": (False, False),
        }
        story.play((ASSIGN,))
        assert {code: stands(code) for code in ("zhou", "chen", "sun")} == {
            "zhou": (False, True),
            "chen": (True, False),
            "sun": (False, False),
        }
        (owed,) = (each for each in day("zhou").owed if each.case.id == story.lead.id)
        assert owed.turn.officers == {"chen"}
        assert owed.deadline is not None
        story.play((CRIME,))
        assert stands("zhou") == (True, False)


def test_the_most_urgent_comes_first_and_the_rest_is_said(sqlite_url: str) -> None:
    """By due day, what has none last; of more than is asked for it says that there is more."""
    with furnished(sqlite_url) as ledger:
        stories = [Story(ledger, received_on=f"2019-06-{day}") for day in ("28", "20", "24")]
        now = stories[-1].now
        seen = today(Acting(ledger, "zhou", now))
        due = [each.deadline.clock.due_on for each in seen.do if each.deadline]
        assert due == sorted(due)
        assert len(due) == 3
        assert not seen.more
        cut = today(Acting(ledger, "zhou", now), limit=2)
        assert ([each.case.id for each in cut.do], cut.more) == ([each.case.id for each in seen.do[:2]], True)


def test_within_a_day_an_hour_comes_before_the_end_of_the_day(database_url: str) -> None:
    """A term without an hour runs to the end of its day: Today, pages of lists and terms have it after every hour."""
    with furnished(database_url) as ledger:
        stories = [Story(ledger, received_on="2019-06-20") for _ in range(4)]
        hours = dict(zip((story.lead.id for story in stories), (None, 18, None, 9), strict=True))
        with ledger.store.begin():
            for case_id, hour in hours.items():
                at = None if hour is None else microseconds(datetime.fromisoformat(f"2019-07-01T{hour:02}:00+08:00"))
                ledger.store.change(
                    "UPDATE deadlines SET due_on = '2019-07-01', due_at = ? WHERE status = 0 AND case_id = ?",
                    (at, case_id),
                )
        first, second, third, fourth = hours
        expected = [fourth, second, first, third]
        numbers = {story.lead.id: story.lead.number for story in stories}
        behind = [None, *(numbers[each] for each in expected)]
        acting = Acting(ledger, "zhou", stories[-1].now)

        found = {
            "today": [each.case.id for each in today(acting).do],
            "due first": [case_id for case_id, _ in waiting_rows.due_first(ledger.store, limit=9)],
            "a list": [each.id for each in by_urgency(ledger, "lead", limit=9)],
            "its pages": [each.id for after in behind for each in by_urgency(ledger, "lead", limit=1, after=after)],
            "terms": [each.case_id for each in clock_rows.live(ledger.store, due_by="2019-12-31")],
            "terms of cases": [
                each.case_id for each in clock_rows.live_of(ledger.store, list(hours), due_by="2019-12-31")
            ],
        }

        assert found == dict.fromkeys(found, expected)


def test_what_is_kept_of_an_order_follows_every_change(sqlite_url: str) -> None:
    """A reader that keeps who is due first has it as one that reads it all, after each registration, step and delay."""
    wrong: list[object] = []
    drawn = Random(4)
    with furnished(sqlite_url) as ledger, opened(sqlite_url) as reader:
        reader.store.remember(cases=True)
        waiting_rows.due_first(reader.store, limit=1)  # while there is nothing: the order that is kept is whole
        stories = [Story(ledger, received_on=f"2019-06-{day}") for day in range(10, 28, 3)]
        for turn in range(36):
            if turn % 5 == 4:
                stories.append(Story(ledger, received_on=f"2019-06-{drawn.randint(10, 28)}"))
            story = drawn.choice(stories)
            possible = ledger.rules("lead").machine.leaving(ledger.case(story.lead.number).state)
            if any(each.trigger == "assign" for each in possible):
                story.play((ASSIGN,))
            elif any(each.trigger == CRIME.trigger for each in possible):
                story.play((CRIME,))
            for officer, limit in (("chen", 2), ("zhou", 3), ("chen", 9), ("zhou", 1)):
                kept, read = (
                    (waiting_rows.naming(each, officer, limit=limit), waiting_rows.due_first(each, limit=limit))
                    for each in (reader.store, ledger.store)
                )
                wrong += [(turn, officer, limit, kept, read)] if kept != read else []
        assert reader.store.cases is not None
        assert len(reader.store.cases.order(("due", "1")).rows) <= 4  # it grows with nothing
    assert not wrong


def test_the_command_says_it_in_both_languages(house: House) -> None:
    """`today` shows what to do with its day, in words and as JSON, and says so where nothing waits."""
    number = house.lead()
    assert "To do" in house.done("today", lang="en")
    assert "待办理" in house.done("today", lang="zh")
    found = house.found("today")
    assert [each["number"] for each in found["do"]] == [number]
    assert not found["more"]
