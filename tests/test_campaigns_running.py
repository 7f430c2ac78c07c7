"""A campaign that runs: what opens by its days and the calendar, for whom, when it is due, and how it is recorded."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ledgers import LEAD, START, furnished

from commands.presentation.chores_view import unowed_words
from engine.errors import RefusedError
from engine.journal.case_events import ChildrenOpened
from engine.operations.cases.casework import advance, open_case
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.operations.returns.owed import unowed
from engine.rules.case import Case
from engine.store import case_rows
from engine.store import house_rows as house
from workflows.loader import Declarations

DAYS = """
    2019-07-01 2019-07-09 2019-08-01 2019-08-05 2019-09-01 2019-10-01 2019-10-28 2019-10-31 2019-12-01 2019-12-21
    2020-01-02
"""
"""The days on which the scheduler looks: the rest of the time it was switched off."""

OPENED = {
    ("inspection", "0101", "2019Q3", "2019-09-20"),
    ("inspection", "0101", "2019Q4", "2019-12-20"),
    ("inspection", "0101", "2020Q1", "2020-03-20"),
    ("plan", "0101", "yearly-2019-begin", "2019-08-15"),
    ("plan", "0101", "yearly-2019-end", "2020-01-10"),
    ("return", "0101", "yearly-2019-stage-1", "2019-11-07"),
    ("return", "0101", "yearly-2019-stage-2", "2020-01-07"),
    ("return", "0101", "yearly-2019-report", "2019-12-10"),
    ("circular", "0101", "2019-08", "2019-09-05"),
    ("circular", "0101", "2019-09", "2019-10-08"),
    ("circular", "0101", "2019-10", "2019-11-05"),
    ("circular", "0101", "2019-11", "2019-12-06"),
    ("circular", "0101", "2019-12", "2020-01-06"),
}
"""Workflow, unit, period and due day of what recurs more seldom than each week."""


def at(day: str) -> datetime:
    """Return nine o'clock of a local day."""
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Ledger]:
    """Return a ledger whose scheduler looked on `DAYS`, twice each."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("campaign") / "ledger.db")
    with furnished(str(file)) as made:
        keeping.revoke(Acting(made, "keeper", START), "keeper", "liaison", None)
        for day in DAYS.split():
            open_returns(made, now=at(day))
            open_returns(made, now=at(day))
        yield made


def cases(ledger: Ledger, workflow: str) -> list[Case]:
    """Return the cases of a workflow, the first opened first."""
    return case_rows.select(ledger.store, workflow=workflow)


def test_what_opened_for_whom_and_by_when(ledger: Ledger) -> None:
    """Quarters, stages, plan, summary, report day and bulletins open once where somebody owes them, however late."""
    found = [
        (name, each.unit, str(each.fields["period"]), str(each.fields["due_on"]))
        for name in ("inspection", "plan", "return", "circular")
        for each in cases(ledger, name)
        if each.fields.get("kind") not in {"daily", "weekly", "monthly"}
    ]
    meetings = [str(each.fields["period"]) for each in cases(ledger, "progress_meeting")]

    assert sorted(found) == sorted(OPENED)
    assert (meetings[0], meetings[-1], len(meetings), len(set(meetings))) == ("2019-W31", "2020-W01", 23, 23)


def test_days_of_a_campaign_only(ledger: Ledger) -> None:
    """A daily return is owed on working days while the campaign runs; of a long silence a month is made up for."""
    days = [str(each.fields["period"]) for each in cases(ledger, "return") if each.fields["kind"] == "daily"]

    assert (days[0], days[-1], len(days)) == ("2019-08-01", "2019-12-31", len(set(days)))
    assert not {"2019-08-03", "2019-10-01"} & set(days)


def test_the_row_that_opened_it_tells_and_verifying_compares(ledger: Ledger) -> None:
    """The journal names recurrence and period; a table that says otherwise is found."""
    (first,) = [each for each in cases(ledger, "plan") if each.fields["kind"] == "plan"]
    body = json.loads(case_rows.entries(ledger.store, first.id)[0].body)
    broken = []
    for column, value in (("period", "yearly-2019-begin"), ("recurs", "plan")):
        change = f"UPDATE occurrences SET {column} = ? WHERE case_id = ?"
        with ledger.store.begin():
            ledger.store.change(change, ("never", first.id))
        broken += [each.what for each in verify(ledger)[1]]
        with ledger.store.begin():
            ledger.store.change(change, (value, first.id))

    assert (body["recurs"], body["period"]) == ("plan", "yearly-2019-begin")
    assert broken == ["occurrence", "occurrence"]
    assert verify(ledger)[1] == ()


def test_a_check_in_says_who_came_and_what_was_ordered(ledger: Ledger) -> None:
    """Without who came and what was ordered it is not recorded as held; with them it is settled."""
    acting, meeting = Acting(ledger, "zhou", at("2020-01-02")), cases(ledger, "progress_meeting")[0]
    said = {"held_on": "2019-08-01", "chair": "zhao"}
    with pytest.raises(RefusedError, match="参加人员"):
        advance(acting, meeting.number, "hold", said)
    after = advance(acting, meeting.number, "hold", {**said, "present": ["zhao", "lian"], "ordered": "逐件过堂"}).case

    assert (after.state, after.clearance) == ("held", 2)


def test_a_plan_names_timetable_road_map_and_leader(ledger: Ledger) -> None:
    """A plan without them is refused, a summary does not need them."""
    plan, summary = cases(ledger, "plan")
    liaison = Acting(ledger, "lian", at("2020-01-02"))
    said = {"content": "分三步走", "submitted_on": "2020-01-02", "signed_by": "zhao"}
    with pytest.raises(RefusedError, match="时间表、路线图、责任人"):
        advance(liaison, plan.number, "submit", said)

    assert advance(liaison, summary.number, "submit", said).case.state == "submitted"


def test_the_report_of_the_year_comes_before_the_year_ends(ledger: Ledger) -> None:
    """By hand too it is entered before its period ends, up to its due day; any other receipt stays in the past."""
    acting = Acting(ledger, "zhou", at("2020-01-02"))
    said = {"period": "2020-report", "kind": "annual", "due_on": "2020-12-10"}
    case = open_case(acting, "return", {**said, "period_ends_on": "2020-12-31"}, unit="0101").case

    assert case.dated_on == "2020-12-31"


def test_where_nobody_owes_it(ledger: Ledger) -> None:
    """The unit without a liaison officer is named with what it does not owe, in one line for each workflow."""
    said = [unowed_words(ledger, each).en for each in unowed(ledger)]

    assert said == [
        f"{name}: not opened in 0102 某中医院, nobody there is Liaison officer: "
        "qingling officer grant CODE liaison --unit UNIT"
        for name in (
            "inspection (quarter)",
            "plan (plan, summary)",
            "return (daily, weekly, monthly, stage, annual)",
        )
    ]


def test_the_example_of_the_language_runs(tmp_path: Path, sqlite_url: str) -> None:
    """What docs/language/recurring.md shows is sound, and opens under each case in force, once, while it runs."""
    page = Path(__file__).parents[1] / "docs/language/recurring.md"
    (written,) = re.findall("```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "standing.yaml"
    file.write_text(written, "utf-8")
    book = Declarations([tmp_path])
    wrong = [each.text.en for each in book.check([file])[1]]
    with furnished(sqlite_url, adopts=False) as bare:
        store = bare.store
        book = Declarations([tmp_path], stored=lambda name, version: house.kept_workflow(store, name, version))
        made = Ledger(store, book)
        lead = open_case(Acting(made, "zhou", START), "lead", LEAD, unit="0101").case
        order = {"supervision_form": "direct", "supervision_paper": "督〔2019〕1号", "signed_by": "zhao"}
        advance(Acting(made, "zhou", START), lead.number, "escalate", {**order, "signed_on": "2019-07-01"})
        for day in ("2019-07-02", "2019-08-01", "2019-09-02", "2019-09-03", "2020-02-01"):
            open_returns(made, now=at(day))
        found = cases(made, "standing")
        (supervision,) = cases(made, "supervision")
        rows = [each.body for each in case_rows.entries(store, supervision.id) if each.kind == ChildrenOpened.kind]
        said = map(ChildrenOpened.read, rows)
        heard = [number for each in said if each.workflow == "standing" for number in each.opened]
        broken = verify(made)[1]

    assert wrong == []
    assert heard == [each.number for each in found]
    assert [each.fields["period"] for each in found] == ["2019-08", "2019-09", "2019-10", "2019-11", "2019-12"]
    assert {each.parent_id for each in found} == {supervision.id}
    assert broken == ()


def test_what_check_says_of_recurring_cases(tmp_path: Path) -> None:
    """Each mistake is named with its place and rule, all at once."""
    page = Path(__file__).parents[1] / "docs/language/recurring.md"
    (written,) = re.findall("```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    for right, mistake in (
        ("opens_on: 1\n", "opens_on: 9\n"),
        ("during: zhengzhou_2019", "during: zhengzhou_2091"),
        ("in: [in_force]", "in: [lifted]"),
        ("parent: supervision", "parent: lead"),
        ("period: {type: text,", "period: {type: text, required: true,"),
        ("writes: {period: period, ", "writes: {"),
    ):
        assert right in written
        written = written.replace(right, mistake)
    file = tmp_path / "standing.yaml"
    file.write_text(written, "utf-8")
    said = "\n".join(each.text.en for each in Declarations([tmp_path]).check([file])[1])
    missing = [
        rule
        for rule in (
            "recurs.monthly.due_on: it is due before it opens",
            "recurs.monthly.during: no campaign is called 'zhengzhou_2091' (did you mean 'zhengzhou_2019'?)",
            "recurs.monthly.under.in: 'lifted' is final: nothing opens under what is over",
            "recurs.monthly.under.workflow: 'supervision' is not among the parents of this workflow",
            "recurs.monthly: nothing brings 'period', which must be there from the beginning",
        )
        if rule not in said
    ]

    assert missing == [], said
