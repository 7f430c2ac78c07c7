"""Cases that people open under others: alone or not, several of a kind, with values at birth; one for each value."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from language_examples import shown_on, write_example
from ledgers import START, furnished

from engine.errors import BadValueError, ConflictError, QinglingError, RefusedError
from engine.journal.case_events import StepTaken
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
    write_example(tmp_path, "children.md")
    with furnished(database_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))


ZHOU = "zhou"
GIVEN = {"given_on": "2019-07-01"}


def called(ledger: Ledger) -> str:
    """Call a meeting and return its number."""
    values = {"called_on": "2019-07-01", "agenda": "停车场"}
    return open_case(Acting(ledger, ZHOU, START), "briefing", values, unit="0101").case.number


def rows(ledger: Ledger, number: str) -> list[str]:
    """Return the kinds of rows in the journal of a case."""
    return [each.kind for each in case_rows.entries(ledger.store, ledger.case(number).id)]


def test_people_open_cases_under_others_and_alone(ledger: Ledger) -> None:
    """Several of a kind under one case in one commit, each with its parent's words; alone with its own; all verify."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    trial = open_cases(acting, "errand", [("0101", GIVEN)] * 2, under=meeting, dry_run=True)
    assert [(each.case.fields["problem"], each.case.number) for each in trial] == [("停车场", "")] * 2
    wanted = [("0101", GIVEN), ("0101", {**GIVEN, "problem": "另一事", "grade": "urgent"})]
    done = [each.case for each in open_cases(acting, "errand", wanted, under=meeting)]
    parent = ledger.case(meeting).id
    assert [(each.parent_id, each.fields["problem"], each.fields["grade"]) for each in done] == [
        (parent, "停车场", "usual"),
        (parent, "另一事", "urgent"),
    ]
    assert rows(ledger, meeting) == ["opened", "children_opened"]
    alone = open_case(acting, "errand", {**GIVEN, "problem": "自办"}, unit="0101").case
    assert (alone.parent_id, alone.fields["grade"]) == (None, "usual")
    assert verify(ledger)[1] == ()


def test_each_value_opens_a_case_of_its_own(ledger: Ledger) -> None:
    """A step opens one child for each officer in a field, and its guards see those that people opened as well."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    by_hand = open_case(acting, "errand", GIVEN, unit="0101", under=meeting).case.number
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
        open_case(acting, "errand", GIVEN, unit="0101", under=meeting)
    assert verify(ledger)[1] == ()


def test_what_is_refused(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not, where it cannot stand, what it lacks and what its rules forbid, each by name; nothing is written."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    task = open_case(acting, "errand", GIVEN, unit="0101", under=meeting).case.number
    before = rows(ledger, meeting)
    refused: list[tuple[str, str, Mapping[str, object], str | None, str, type[QinglingError]]] = [
        ("chen", "errand", GIVEN, meeting, "office", RefusedError),
        (ZHOU, "errand", GIVEN, task, "cannot stand under", RefusedError),
        (ZHOU, "errand", GIVEN, None, "problem", RefusedError),
        (ZHOU, "errand", {**GIVEN, "grade": "banned"}, meeting, "no such task", RefusedError),
        (ZHOU, "errand", {"given_on": "2019-06-30"}, meeting, "before", BadValueError),
        (ZHOU, "errand", {**GIVEN, "ended_on": "2019-07-01"}, meeting, "ended", RefusedError),
        (ZHOU, "briefing", {"called_on": "2019-07-01", "agenda": "x"}, meeting, "nothing", RefusedError),
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
        open_case(acting, "errand", GIVEN, unit="0101", under=meeting)


def test_all_children_go_along_or_none(ledger: Ledger) -> None:
    """One step finishes every open task in one commit, because of it; if one may not, each that may not is named."""
    meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
    advance(acting, meeting, "hold", {"present": ["chen", "wang"]})
    urgent = {**GIVEN, "grade": "urgent"}
    stuck = [open_case(acting, "errand", urgent, unit="0101", under=meeting).case.number for _ in range(2)]
    before = len(rows(ledger, meeting))
    for dry_run in (True, False):
        with pytest.raises(RefusedError) as said:
            advance(acting, meeting, "finish_all", {"accepted_on": "2019-07-01"}, dry_run=dry_run)
        assert [number in said.value.sentence.en for number in stuck] == [True, True]
    assert (len(rows(ledger, meeting)), ledger.case(stuck[0]).state) == (before, "open")
    for number in stuck:
        amend(acting, number, {"handler": "chen"}, reason="r")
    trial = advance(acting, meeting, "finish_all", {"accepted_on": "2019-07-01"}, dry_run=True)
    done = advance(acting, meeting, "finish_all", {"accepted_on": "2019-07-01"})
    for outcome in (trial, done):
        assert [(each.case.state, each.case.fields["ended_on"]) for each in outcome.moved] == [
            ("done", "2019-07-01")
        ] * 4
    last = case_rows.entries(ledger.store, done.moved[0].case.id)[-1]
    assert StepTaken.read(last.body).because == f"{meeting}#{before + 1}"
    assert rows(ledger, meeting)[before:] == ["moved"] + ["child_moved"] * 4
    assert verify(ledger)[1] == ()


def test_values_of_children_are_worked_out(database_url: str, tmp_path: Path) -> None:
    """What a case has at birth, what a step gives to it and brings to it later can each be an expression."""
    write_example(tmp_path, "children.md")
    edits = {
        "errand": {
            "grade: usual}": """grade: usual, due_by: "=given_on|after('3 days')", rank: "=parent.agenda|length"}""",
            "fields:\n": "fields:\n  due_by: {type: date, title: {en: Due by, zh: 应办日期}}\n"
            "  rank: {type: number, title: {en: Rank, zh: 序}}\n"
            "  origin: {type: text, title: {en: Origin, zh: 来处}}\n",
        },
        "briefing": {
            "{handler: =it}": "{handler: =it, origin: =number}",
            "ended_on: =accepted_on": """ended_on: "=accepted_on|after('1 day')\"""",
        },
    }
    for name, changes in edits.items():
        text = (tmp_path / f"{name}.yaml").read_text("utf-8")
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new, 1)
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    assert Declarations([tmp_path]).check(tuple(tmp_path.glob("*.yaml")))[1] == ()
    with furnished(database_url, adopts=False) as first:
        store = first.store
        ledger = Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))
        meeting, acting = called(ledger), Acting(ledger, ZHOU, START)
        advance(acting, meeting, "hold", {"present": ["chen"]})
        open_case(acting, "errand", GIVEN, unit="0101", under=meeting)
        values = {**GIVEN, "problem": "自办", "due_by": "2019-07-09"}
        alone = open_case(acting, "errand", values, unit="0101").case
        moved = advance(acting, meeting, "finish_all", {"accepted_on": "2019-07-01"}).moved
        wanted = ("due_by", "rank", "origin", "ended_on")
        assert [tuple(map(each.case.fields.get, wanted)) for each in moved] == [
            ("2019-07-04", 3, meeting, "2019-07-02"),
            ("2019-07-04", 3, None, "2019-07-02"),
        ]
        assert (alone.fields["due_by"], alone.fields.get("rank")) == ("2019-07-09", None)
        assert verify(ledger)[1] == ()


MISTAKES: tuple[dict[tuple[str, str, str], str], ...] = (
    {
        ("errand", "problem: =parent.agenda", "problem: =parent.agendum"): "open.sets.problem",
        ("errand", "grade: usual", "grade: unusual"): "open.sets.grade",
        ("errand", "parent.state != 'closed'", "parent.state != 'shut'"): "open.when",
        ("briefing", "workflow: talk,", "workflow: tlk,"): "ladders.usual.0.opens.workflow",
        ("briefing", "step: finish,", "step: finsh,"): "transitions.finish_all.each.step",
        ("briefing", "each: present", "each: agenda"): "transitions.hold.opens.0.each",
        ("briefing", "handler: =it", "grade: =it"): "transitions.hold.opens.0.set.grade",
    },
    {
        ("errand", "problem: =parent.agenda", "problem: =agenda"): "open.sets.problem",
        ("briefing", "{reason: =number}", "{reason: =nmber}"): "ladders.usual.0.opens.set.reason",
        ("briefing", "in: [open]", "in: [opn, done]"): "transitions.finish_all.each.in",
        ("briefing", "ended_on: =accepted_on", "ended_on: =agenda"): "transitions.finish_all.each.sets.ended_on",
        ("errand", "takes: [ended_on]", "asks: [ended_on, handler]"): "transitions.finish_all.each.sets",
    },
    {
        ("errand", "problem: =parent.agenda", "given_on: =parent.agenda"): "open.sets.given_on",
        ("briefing", "children: errand", "children: meeting"): "transitions.finish_all.each.children",
    },
    {
        ("errand", "parent: briefing\n", ""): "open.sets.problem",
        ("briefing", "ended_on: =accepted_on", "grade: usual"): "transitions.finish_all.each.children",
    },
    {("errand", "  alone: true\n", "  alone: perhaps\n"): "open.alone"},
    {("errand", "within: 30 days,", "within: 30 days, if: parent.agenda == 'x',"): "deadlines.ending.if"},
)
"""Which file and what is written otherwise, and where the problem is; those that do not hide each other together."""


def test_mistakes_are_named(tmp_path: Path) -> None:
    """Each key that is written wrongly is found at its place, with its line, in both languages."""
    missed = []
    for batch in MISTAKES:
        texts = dict(shown_on("children.md"))
        for name, right, wrong in batch:
            assert right in texts[name], right
            texts[name] = texts[name].replace(right, wrong)
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        _, problems = Declarations([tmp_path]).check((tmp_path / "briefing.yaml", tmp_path / "errand.yaml"))
        found = {each.culprit for each in problems if each.text.en and each.text.zh}
        missed += [each for each in batch.items() if not any(said.startswith(each[1]) for said in found)]
    assert missed == []


def test_both_pages_show_the_same() -> None:
    """The Chinese page has the workflows of the English one."""
    assert shown_on("children.md") == shown_on("children.md", "zh")
