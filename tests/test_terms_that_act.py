"""A deadline that acts when it has run out: the declared step, by the program, once, and never on what is ours."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledgers import DAY, START, furnished

from engine.deadlines.clock import Clock, Status
from engine.errors import RefusedError
from engine.journal.chain import JournalEntry
from engine.operations.cases.casework import advance, amend, open_case
from engine.operations.cases.commit import write_decision
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from workflows.loader import Declarations

PETITION = """
workflow: petition
version: 1
title: {en: Petition, zh: 信访}
number: "{unit}-XF-{year}-{serial:03}"
dated_by: received_on
summary: words
open: {by: [office]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到日期}}
  delivered_on: {type: date, title: {en: Answer delivered on, zh: 答复送达日期}}
  words: {type: text, required: true, title: {en: Words, zh: 事由}}
  blocked: {type: flag, title: {en: Blocked, zh: 中止}}
states:
  received: {title: {en: Received, zh: 已收到}}
  answered: {title: {en: Answered, zh: 已答复}}
  reviewed: {title: {en: Under review, zh: 复查中}}
  ended: {title: {en: Ended, zh: 终结}, final: true}
transitions:
  deliver: {title: {en: Deliver, zh: 送达}, from: received, to: answered, by: [office],
    asks: [delivered_on], takes: [blocked]}
  ask_review: {title: {en: A review is asked for, zh: 申请复查}, from: answered, to: reviewed, by: [office]}
  decide: {title: {en: Decide, zh: 复查决定}, from: reviewed, to: ended, by: [office]}
  lapse:
    title: {en: Nobody asked for a review, zh: 逾期未申请复查}
    from: answered
    to: ended
    by: [program]
    when: {"not blocked": {en: it is blocked, zh: 已中止}}
deadlines:
  delivery: {title: {en: Delivery, zh: 送达期限}, starts: {field: received_on}, runs_in: [received], within: 15 days,
    ladder: usual}
  asking_review: {title: {en: Review may be asked for, zh: 申请复查期限}, starts: {field: delivered_on},
    runs_in: [answered], ends: {enter: reviewed}, within: 30 days, whose: theirs, then: lapse, ladder: usual}
  decision: {title: {en: Decision, zh: 复查期限}, starts: {enter: reviewed}, runs_in: [reviewed], within: 30 days,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [office]}]
clearance:
  cleared: {states: [ended]}
  fully_closed: {states: [ended]}
"""
LAST = date(2019, 7, 31)
"""The last day on which a review may be asked for, of an answer delivered on 1 July."""


@pytest.fixture
def ledger(sqlite_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger whose own workflow has a term that acts."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "petition.yaml").write_text(PETITION, "utf-8")
    with furnished(sqlite_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path / "own"], stored=lambda n, v: house.kept_workflow(store, n, v)))


def delivered(ledger: Ledger, **more: object) -> str:
    """Register a petition whose answer was delivered on 1 July, and return its number."""
    values = {"received_on": "2019-07-01", "words": "停车乱收费"}
    number = open_case(Acting(ledger, "zhou", START), "petition", values, unit="0101").case.number
    advance(Acting(ledger, "zhou", START), number, "deliver", {"delivered_on": "2019-07-01", **more})
    return number


def asking(ledger: Ledger, number: str) -> Clock:
    """Return the term that acts."""
    return next(
        each for each in clock_rows.of_case(ledger.store, ledger.case(number).id) if each.name == "asking_review"
    )


def rows(ledger: Ledger, number: str, kind: str) -> list[JournalEntry]:
    """Return what the program wrote of one kind in a case."""
    entries = case_rows.entries(ledger.store, ledger.case(number).id)
    return [each for each in entries if each.by == "qingling" and each.kind == kind]


def test_it_acts_once_after_its_last_day(ledger: Ledger) -> None:
    """Not on the last day; after it at the first sweep, dated by that, named with the deadline and its day."""
    numbers = [delivered(ledger) for _ in range(2)]
    last = START + timedelta(days=(LAST - START.date()).days)
    assert sweep(ledger, now=last).acted == 0
    assert sweep(ledger, now=last + 3 * DAY).acted == 2
    assert sweep(ledger, now=last + 4 * DAY).acted == 0
    for number in numbers:
        (row,) = rows(ledger, number, "moved")
        body = json.loads(row.body)
        assert (row.to_state, body["trigger"], body["ran_out"]) == ("ended", "lapse", "asking_review")
        assert body["ran_out_on"] == LAST.isoformat()
        clock = asking(ledger, number)
        assert (clock.status, clock.met_on, clock.lifted[-1].why) == (Status.LIFTED, None, "ran_out")
    assert verify(ledger)[1] == ()


def test_what_keeps_it_from_acting(ledger: Ledger) -> None:
    """The act of the other side, a rest, and a refusal, which is written down once and tried again."""
    asked, rests, blocked = delivered(ledger), delivered(ledger), delivered(ledger, blocked=True)
    advance(Acting(ledger, "zhou", START + DAY), asked, "ask_review", {})
    pause(Acting(ledger, "zhou", START + DAY), rests, "asking_review", reason="r")
    late = START + 60 * DAY
    assert [(each.acted, each.refused) for each in (sweep(ledger, now=late), sweep(ledger, now=late + DAY))] == [
        (0, 1)
    ] * 2
    assert [ledger.case(each).state for each in (asked, rests, blocked)] == ["reviewed", "answered", "answered"]
    (note,) = rows(ledger, blocked, "noted")
    assert "it is blocked" in json.loads(note.body)["words"]
    with pytest.raises(RefusedError):
        advance(Acting(ledger, "zhou", late), rests, "lapse", {})
    amend(Acting(ledger, "zhou", late + DAY), blocked, {"blocked": False}, reason="r")
    assert sweep(ledger, now=late + 2 * DAY).acted == 1


def test_a_kill_between_two_cases_loses_and_doubles_none(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed before the kill is not done again; the rest is done by the next sweep."""
    numbers = [delivered(ledger) for _ in range(3)]
    late = START + 60 * DAY
    plain, place = write_decision, "engine.operations.deadlines.run_out.write_decision"
    left = iter((True, False))

    def killed(*given: object, **named: object) -> object:
        after = plain(*given, **named)  # type: ignore[arg-type]  # passed on as it came
        if not next(left):
            raise KeyboardInterrupt
        return after

    monkeypatch.setattr(place, killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(ledger, now=late)
    monkeypatch.setattr(place, plain)
    assert sorted(len(rows(ledger, each, "moved")) for each in numbers) == [0, 0, 1]
    assert sweep(ledger, now=late).acted == 2
    assert [len(rows(ledger, each, "moved")) for each in numbers] == [1, 1, 1]
