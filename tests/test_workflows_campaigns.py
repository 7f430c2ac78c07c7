"""Campaign files: the shipped ones, the year they take, the house's own, and every fault with its line."""

from datetime import date
from pathlib import Path

import pytest
from zero_house import BOOK, campaign

from engine.errors import BadValueError, InvalidWorkflowError, NotFoundError
from workflows.campaigns_found import Campaigns

SOUND = """
campaign: ours
title: 本院清零
workflow: lead
measures: lead
received: {to: 2023-06-30}
clear_by: 2023-12-31
"""


def ours(folder: Path, text: str) -> Campaigns:
    """Return the campaigns with one file of the house's own."""
    (folder / "ours.yaml").write_text(text, "utf-8")
    return Campaigns([folder], workflow=BOOK.latest, units=lambda: {"0101", "0102"})


def test_the_plan_of_2019() -> None:
    """The shipped plan has the days of S2: cut-off, last day, extension at most, report, stages."""
    plan = campaign()

    assert (plan.received_to, plan.clear_by, plan.extend_to, plan.report_on) == (
        date(2019, 6, 30),
        date(2019, 12, 31),
        date(2020, 1, 31),
        date(2019, 12, 10),
    )
    assert [(each.from_on, each.to_on) for each in plan.stages] == [
        (date(2019, 8, 1), date(2019, 10, 31)),
        (date(2019, 11, 1), date(2019, 12, 31)),
    ]
    assert plan.begins_on == date(2019, 8, 1)


def test_a_yearly_campaign_takes_its_year() -> None:
    """The year fills every day and the title; the extension reaches into the next."""
    plan = campaign("yearly", 2024)

    assert (plan.received_to, plan.clear_by, plan.extend_to) == (
        date(2024, 6, 30),
        date(2024, 12, 31),
        date(2025, 1, 31),
    )
    assert plan.title.zh == "2024年度问题线索清零"


def test_leads_assigned_from_above_that_fall_due() -> None:
    """Only such sources and such days; weekly check-in and monthly bulletin (S1-P5)."""
    plan = campaign("assigned_due", 2024)

    assert plan.falling_due is not None
    assert (plan.falling_due.from_on, plan.falling_due.to_on) == (date(2024, 1, 1), date(2024, 12, 31))
    assert plan.where["source"] == ("superior", "superior_transfer", "supervision_group", "inspection")
    assert (plan.check_in, plan.bulletin) == ("weekly", "monthly")
    assert plan.begins_on == date(2024, 1, 1)


@pytest.mark.parametrize(("name", "year"), [("yearly", None), ("zhengzhou_2019", 2019), ("yearly", 1066)])
def test_a_year_where_it_belongs(name: str, year: int | None) -> None:
    """A campaign that takes a year needs one that can be; one with fixed days takes none."""
    with pytest.raises(BadValueError, match="--year"):
        campaign(name, year)


def test_an_unknown_name_is_told_the_near_one() -> None:
    """A slip in the name is answered with what was probably meant."""
    with pytest.raises(NotFoundError, match="zhengzhou_2019"):
        campaign("zhengzhou_2018")


def test_a_house_has_campaigns_of_its_own(tmp_path: Path) -> None:
    """A file in the house's own folder is a campaign too, with the shipped measures."""
    plan = ours(tmp_path, SOUND).campaign("ours")

    assert plan.complete == campaign().complete
    assert plan.extend_to is None
    assert "ours" in {each.name for each in ours(tmp_path, SOUND).listed()}


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("workflow: lead", "workflow: led"), 4, "no workflow is called 'led'"),
        (("clear_by: 2023-12-31", "clear_by: 2023-02-30"), 7, "write a date"),
        (("clear_by: 2023-12-31", "clear_by: 2023-01-31"), 7, "before its cut-off"),
        (("clear_by: 2023-12-31", "cleared_by: 2023-12-31"), 7, "cleared_by"),
        (("received: {to: 2023-06-30}", "received: {}"), 6, "'to' is missing"),
        (("received: {to: 2023-06-30}", "received: {from: 2023-07-01, to: 2023-06-30}"), 6, "after 'to'"),
        (("measures: lead", "extend: {to: 2023-12-30}"), 5, "before the campaign's own day"),
        (("measures: lead", "units: ['0101', '0199']"), 5, "no unit has the code '0199'"),
        (("measures: lead", "measures: leads"), 5, "no file measures/leads.yaml"),
        (("measures: lead", "where: {source: [rumour]}"), 5, "has no 'rumour'"),
        (("measures: lead", "where: {sorce: [letter]}"), 5, "has no 'sorce' (did you mean 'source'?)"),
        (("measures: lead", "falling_due: {field: due, from: 2023-01-01, to: 2023-12-31}"), 5, "has no 'due'"),
        (("measures: lead", "extend: {to: 2024-01-31, deadlines: [verify]}"), 5, "has no 'verify'"),
        (("measures: lead", "check_in: fortnightly"), 5, "write one of daily"),
        (("campaign: ours", "campaign: theirs"), 2, "write one of ours"),
    ],
    ids=lambda each: each[1] if isinstance(each, tuple) else None,
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, says: str) -> None:
    """Whatever is wrong in a campaign is said with file, line and what would be right."""
    with pytest.raises(InvalidWorkflowError) as caught:
        ours(tmp_path, SOUND.replace(*change)).campaign("ours")

    problems = [each.en for each in caught.value.problems]
    assert any(each.startswith(f"ours.yaml:{line}: ") and says in each for each in problems), problems


def test_faults_of_measures_are_told_too(tmp_path: Path) -> None:
    """What the measures name must be of the workflow as well."""
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "lead.yaml").write_text(
        "measures: lead\n"
        "complete:\n"
        "  - {needs: [handlr], sentence: x}\n"
        "rates:\n"
        "  cleared: {title: a, definition: b, top: {counts: [closed]}, on_time: [soon]}\n",
        "utf-8",
    )

    with pytest.raises(InvalidWorkflowError) as caught:
        ours(tmp_path, SOUND).campaign("ours")
    said = "\n".join(each.en for each in caught.value.problems)
    assert all(each in said for each in ("lead.yaml:3", "'handlr'", "lead.yaml:5", "'closed'", "'soon'"))
