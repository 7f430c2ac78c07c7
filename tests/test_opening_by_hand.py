"""Cases that people open under others: alone or not, several of a kind, with values at birth; one for each value."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from language_examples import shown_on, write_example
from ledgers import START, furnished

from engine.errors import BadValueError, ConflictError, QinglingError, RefusedError
from engine.operations.cases.casework import advance, amend, open_case, open_cases
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.store import house_rows as house
from workflows.loader import Declarations


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger of meetings, and of tasks that come of them or of themselves."""
    write_example(tmp_path)
    with furnished(database_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))


ZHOU = "zhou"
GIVEN = {"given_on": "2019-07-01"}


def called(ledger: Ledger) -> str:
    """Call a meeting and return its number."""
    values = {"called_on": "2019-07-01", "agenda": "停车场"}
    return open_case(Acting(ledger, ZHOU, START), "meeting", values, unit="0101").case.number


def rows(ledger: Ledger, number: str) -> list[str]:
    """Return the kinds of rows in the journal of a case."""
    return [each.kind for each in case_rows.entries(ledger.store, ledger.case(number).id)]


def test_people_open_cases_under_others_and_alone(ledger: Ledger) -> None:
    """Several of a kind under one case in one commit, each with its parent's words; alone with its own; all verify."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    trial = open_cases(acting, "task", [("0101", GIVEN)] * 2, under=meeting, dry_run=True)
    assert [(each.case.fields["problem"], each.case.number) for each in trial] == [("停车场", "")] * 2
    wanted = [("0101", GIVEN), ("0101", {**GIVEN, "problem": "另一事", "grade": "urgent"})]
    done = [each.case for each in open_cases(acting, "task", wanted, under=meeting)]
    parent = ledger.case(meeting).id
    assert [(each.parent_id, each.fields["problem"], each.fields["grade"]) for each in done] == [
        (parent, "停车场", "usual"),
        (parent, "另一事", "urgent"),
    ]
    assert rows(ledger, meeting) == ["opened", "children_opened"]
    alone = open_case(acting, "task", {**GIVEN, "problem": "自办"}, unit="0101").case
    assert (alone.parent_id, alone.fields["grade"]) == (None, "usual")
    assert verify(ledger)[1] == ()


def test_each_value_opens_a_case_of_its_own(ledger: Ledger) -> None:
    """A step opens one child for each officer in a field, and its guards see those that people opened as well."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    by_hand = open_case(acting, "task", GIVEN, unit="0101", under=meeting).case.number
    opened = advance(acting, meeting, "hold", {"present": ["chen", "wang"]}).opened
    assert [(each.fields["handler"], each.fields["problem"]) for each in opened] == [
        ("chen", "停车场"),
        ("wang", "停车场"),
    ]
    for each in opened:
        advance(acting, each.number, "finish", {})
    with pytest.raises(RefusedError, match="尚有任务未完成"):
        advance(acting, meeting, "close", {})
    advance(acting, by_hand, "finish", {})
    assert advance(acting, meeting, "close", {}).case.state == "closed"
    with pytest.raises(RefusedError, match="会议已办结"):
        open_case(acting, "task", GIVEN, unit="0101", under=meeting)
    assert verify(ledger)[1] == ()


def test_what_is_refused(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not, where it cannot stand, what it lacks and what its rules forbid, each by name; nothing is written."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    task = open_case(acting, "task", GIVEN, unit="0101", under=meeting).case.number
    before = rows(ledger, meeting)
    refused: list[tuple[str, str, Mapping[str, object], str | None, str, type[QinglingError]]] = [
        ("chen", "task", GIVEN, meeting, "office", RefusedError),
        (ZHOU, "task", GIVEN, task, "cannot stand under", RefusedError),
        (ZHOU, "task", GIVEN, None, "problem", RefusedError),
        (ZHOU, "task", {**GIVEN, "grade": "banned"}, meeting, "no such task", RefusedError),
        (ZHOU, "task", {"given_on": "2019-06-30"}, meeting, "before", BadValueError),
        (ZHOU, "task", {**GIVEN, "ended_on": "2019-07-01"}, meeting, "ended", RefusedError),
        (ZHOU, "meeting", {"called_on": "2019-07-01", "agenda": "x"}, meeting, "nothing", RefusedError),
    ]
    for by, workflow, values, under, words, error in refused:
        with pytest.raises(error) as said:
            open_case(Acting(ledger, by, START), workflow, values, unit="0101", under=under)
        assert words in said.value.sentence.en, (words, said.value.sentence.en)
    assert rows(ledger, meeting) == before
    seen = ledger.case(meeting)
    amend(acting, meeting, {"agenda": "改题"}, reason="r")
    monkeypatch.setattr(ledger, "case", lambda _: seen)
    with pytest.raises(ConflictError):
        open_case(acting, "task", GIVEN, unit="0101", under=meeting)


MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    ("task", "  alone: true\n", "  alone: perhaps\n", "open.alone"),
    ("task", "problem: =parent.agenda", "problem: =parent.agendum", "open.sets.problem"),
    ("task", "problem: =parent.agenda", "problem: =agenda", "open.sets.problem"),
    ("task", "problem: =parent.agenda", "given_on: =parent.agenda", "open.sets.given_on"),
    ("task", "grade: usual", "grade: unusual", "open.sets.grade"),
    ("task", "parent.state != 'closed'", "parent.state != 'shut'", "open.when"),
    ("task", "parent: meeting\n", "", "open.sets.problem"),
    ("task", "parent: meeting\n", "parent: meting\n", "parent"),
    ("meeting", "each: present", "each: agenda", "transitions.hold.opens.0.each"),
    ("meeting", "handler: =it", "grade: =it", "transitions.hold.opens.0.set.grade"),
)
"""Which file, what is written otherwise, and where the problem is."""


def test_mistakes_are_named(tmp_path: Path) -> None:
    """Each key that is written wrongly is found at its place, with its line, in both languages."""
    missed = []
    for name, right, wrong, culprit in MISTAKES:
        write_example(tmp_path)
        text = shown_on("children.md")[name]
        assert right in text, right
        (tmp_path / f"{name}.yaml").write_text(text.replace(right, wrong), "utf-8")
        _, problems = Declarations([tmp_path]).check((tmp_path / f"{name}.yaml",))
        found = [each for each in problems if f"{culprit}" in each.culprit and each.text.en and each.text.zh]
        if not found:
            missed.append((wrong, [each.text.en for each in problems]))
    assert missed == []


def test_both_pages_show_the_same() -> None:
    """The Chinese page has the workflows of the English one."""
    assert shown_on("children.md") == shown_on("children.zh.md")
