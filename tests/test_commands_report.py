"""`qingling report`: which files it writes, what it prints and what it keeps."""

import hashlib
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from houses import REPORTER, House, built_house, house

__all__ = ["built_house", "house"]

KINDS = {
    "daily": "2019-06-28",
    "weekly": "2019-W26",
    "monthly": "2019-06",
    "stage": "2019-04-01..2019-06-30",
    "year": "2019",
    "bulletin": "2019-06",
}
SUMMARY, SUBJECT = "门诊大厅的暗号ZX", "被反映人暗号QY"


def journaled(house: House) -> list[dict[str, Any]]:
    """Return what the house's own chain says of exports."""
    with sqlite3.connect(house.database) as database:
        rows = database.execute("SELECT body FROM journal WHERE case_id = 0 AND kind = 'exported' ORDER BY seq")
        return [json.loads(body) for (body,) in rows]


def text_of(file: Path) -> str:
    """Return all text of a file, unpacked if it is an office document."""
    if file.suffix == ".html":
        return file.read_text("utf-8")
    with zipfile.ZipFile(file) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize("ending", ["html", "xlsx", "docx"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_report_tells_who_or_what(house: House, kind: str, ending: str) -> None:
    """Neither reporter nor person reported nor summary is in a report, nor an officer's name."""
    told = ("--summary", SUMMARY, "--subject", SUBJECT, "--reporter", "-", "--real-name", "yes")
    values = ("--received-on", "2019-06-28", "--source", "letter")
    house.assigned(house.done("receive", "--unit", "0101", *values, *told, stdin=REPORTER).split()[0])
    file = house.folder / f"report.{ending}"
    said = house.done("report", kind, "--period", KINDS[kind], "-o", str(file))

    for marker in (REPORTER, SUMMARY, SUBJECT):
        assert marker not in text_of(file)
        assert marker not in said
    assert file.stat().st_mode & 0o077 == 0


def test_making_a_report_is_journaled(house: House) -> None:
    """The journal says what was made, of which days, with which digest, and why; it still holds."""
    file = house.folder / "report.html"
    house.lead()
    house.done("report", "monthly", "--period", "2019-06", "-o", str(file), "--reason", "for the meeting")

    assert journaled(house) == [
        {
            "what": "report monthly html",
            "count": 0,
            "scope": {"workflow": "lead", "from": "2019-06-01", "to": "2019-06-30"},
            "digest": hashlib.sha256(file.read_bytes()).hexdigest(),
            "reason": "for the meeting",
            **{name: value for name, value in journaled(house)[0].items() if name in {"real_at", "clock_at"}},
        }
    ]
    house.done("journal", "verify")


def test_figures_for_scripts(house: House) -> None:
    """--json prints the figures; without a file nothing is written or journaled."""
    house.lead()
    found = house.found("report", "monthly", "--period", "2019-07")

    assert found["file"] is None
    assert (found["from"], found["to"], found["as_of"]) == ("2019-07-01", "2019-07-31", "2019-07-01")
    assert (found["total"]["registered_late"], found["total"]["open"]) == (1, 1)
    assert sum(found["total"]["standings"].values()) == found["total"]["caseload"] == 1
    assert journaled(house) == []


def test_a_report_of_one_unit(house: House) -> None:
    """Only the unit's own cases are counted, and an unknown unit is refused."""
    house.lead()
    found = house.found("report", "year", "--unit", "0101")

    assert [each["unit"] for each in found["units"]] == ["0101"]
    assert "9999" in house.refused(20, "report", "year", "--unit", "9999", "-o", str(house.folder / "x.html"))


@pytest.mark.parametrize(("kind", "period"), [("daily", "0001-01-01"), ("monthly", "0001-01")])
def test_a_period_before_all_leads_is_none(house: House, kind: str, period: str) -> None:
    """A year with too few digits, or none of this age, is refused in one line."""
    assert "names no period" in house.refused(2, "report", kind, "--period", period, "--json")


def test_what_is_there_is_not_written_over(house: House) -> None:
    """A file that is there stays, unless --replace says otherwise."""
    file = house.folder / "report.html"
    file.write_text("mine", "utf-8")

    assert "--replace" in house.refused(11, "report", "year", "-o", str(file))
    assert file.read_text("utf-8") == "mine"
    house.done("report", "year", "-o", str(file), "--replace")
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (("monthly",), "-o"),
        (("monthly", "-o", "report.pdf"), ".html, .xlsx, .docx"),
        (("monthly", "--period", "2019", "-o", "x.html"), "2019-07"),
        (("stage", "-o", "x.html"), "2019-08-01..2019-10-31"),
        (("bulletin", "--rank", "beauty", "-o", "x.html"), "clear_rate"),
        (("monthly", "--rank", "overdue", "-o", "x.html"), "only a bulletin"),
    ],
    ids=["no file", "no such format", "another kind's period", "no stage", "no such indicator", "no bulletin"],
)
def test_what_cannot_be_made_is_said_in_one_line(house: House, args: tuple[str, ...], meant: str) -> None:
    """What is wrong is said with what to write instead."""
    assert meant in house.refused(2, "report", *args)


def test_nobody_without_a_role_gets_one(house: House) -> None:
    """An officer who has no role in all units cannot report on all."""
    house.done("officer", "add", "guest", "Guest")

    assert "guest" in house.refused(21, "report", "year", "-o", str(house.folder / "x.html"), by="guest")


POINTS = """
points: county
title: {en: County points, zh: 县考核计分办法}
items:
  clear_rate: {full: 20}
  overdue: {each: -2, at_most: 3}
  on_time_rate: {full: 10}
"""


def test_an_assessment_gives_figures_with_their_sources_and_scores_by_the_units_own_file_only(house: House) -> None:
    """Without a file of points there is none; with it each figure becomes points as it says, journaled by digest."""
    for _ in range(2):
        house.assigned(house.lead())
    house.now = "2019-12-02T10:00"
    asked = ("report", "assessment", "--period", "2019")
    found = house.found(*asked)["assessment"]
    file = house.folder / "points.yaml"
    file.write_text(POINTS, "utf-8")
    paper = house.folder / "考核.docx"
    scored = house.found(*asked, "--points", str(file), "-o", str(paper))["assessment"]

    units = {each["figure"]: each["units"]["0101"] for each in found["figures"]}
    assert found["points"] is None
    assert units["overdue"] == {"count": 2}
    assert units["clear_rate"] == {"top": 0, "bottom": 2}
    assert units["handling"] == {"days": 0, "of": 0}
    assert all(each["source"]["zh"] and each["source"]["en"] for each in found["figures"])
    assert scored["points"]["units"]["0101"] == {"clear_rate": 0.0, "on_time_rate": 5.0, "overdue": -3.0}
    assert scored["points"]["units"]["0102"] == {"clear_rate": None, "on_time_rate": None, "overdue": 0.0}
    assert "Source of each figure" in text_of(paper)
    assert journaled(house)[-1]["scope"]["points_digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text(POINTS.replace("overdue: {each: -2", "overdu: {full: -2, each: -2"), "utf-8")
    refused = house.run(*asked, "--points", str(file), "--json").stderr
    assert "did you mean 'overdue'?" in refused
    assert "write each or full" in refused
    assert "only an assessment has points" in house.refused(2, "report", "monthly", "--points", str(file), "--json")
