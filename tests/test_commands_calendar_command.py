"""The calendar in the terminal: a year drawn, a term counted, a file checked."""

import json
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pytest
from click.testing import CliRunner, Result

from commands.calendar.command import calendar
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError
from engine.language import Language, speaking

HOSPITAL = str(Path(__file__).parent / "data" / "calendar_hospital.yaml")
BAD = str(Path(__file__).parent / "data" / "calendar_bad.yaml")


def run(*words: str, lang: Language = "en", **settings: Any) -> Result:
    """Run the command in a language and return what came of it."""
    with speaking(lang):
        return CliRunner().invoke(calendar, list(words), **settings)


def printed(*words: str, lang: Language = "en") -> str:
    """Return what a command that succeeds prints."""
    result = run(*words, lang=lang)

    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("2019-09-27 3 working_days", {"due": "2019-10-08"}),
        ("2019-10-08 -3 working_days", {"due": "2019-09-27"}),
        ("2019年9月27日 15 工作日", {"due": "2019-10-23"}),
        ("2019-12-31 1 month --end-roll forward", {"due": "2020-02-03"}),
        ("2019-12-31 -1 months", {"due": "2019-11-30"}),
        ("2019-06-03 1 days --count-start", {"due": "2019-06-03"}),
        ("2019-06-01 1 working_days --start-roll forward", {"due": "2019-06-04"}),
        ("2019-06-30T22:00:00+08:00 24 hours", {"due": "2019-07-01T22:00:00+08:00"}),
        ("2019-06-30T14:00:00Z -1.5 hours", {"due": "2019-06-30T20:30:00+08:00"}),
        ("2019-06-30 2 weeks", {"due": "2019-07-14"}),
        ("2026-12-30 3 working_days --unpublished weekdays", {"due": "2027-01-04", "provisional": True}),
        (f"2019-12-27 1 working_days --calendar {HOSPITAL}", {"due": "2019-12-28"}),
        (f"2019-12-23T11:00:00+01:00 2 working_hours --calendar {HOSPITAL}", {"due": "2019-12-23T15:00:00+01:00"}),
    ],
)
def test_a_term_is_counted_for_scripts(words: str, answer: dict[str, object]) -> None:
    """With --json exactly the due date, and whether it is provisional if it is."""
    assert json.loads(printed("add", *words.split(), "--json")) == answer


def test_the_steps_are_told_for_scripts() -> None:
    """With --explain each step has its day, kind and reason."""
    answer = json.loads(printed("add", "2019-09-28", "1", "working_days", "--json", "--explain"))

    assert answer == {
        "due": "2019-09-29",
        "steps": [
            {"on": "2019-09-28", "kind": "start", "reason": "start day, not counted"},
            {
                "on": "2019-09-29",
                "kind": "counted",
                "reason": "make-up working day (National Day)",
                "number": 1,
            },
        ],
    }


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "· 2019-09-29       Sunday  start day, not counted",
                "+ 2019-09-30    1  Monday",
                "- 2019-10-01       Tuesday  National Day",
                "due 2019-10-08, Tuesday",
            ],
        ),
        (
            "zh",
            [
                "· 2019-09-29       周日  起算日，不计入",
                "+ 2019-09-30    1  周一",
                "- 2019-10-01       周二  国庆节",
                "届满 2019-10-08，周二",
            ],
        ),
    ],
)
def test_the_steps_are_told_to_people(lang: Language, lines: list[str]) -> None:
    """A line for each day, in either language, and the due date last."""
    told = printed("add", "2019-09-29", "2", "working_days", "--explain", lang=lang).splitlines()

    assert [told[0], told[1], told[2], told[-1]] == lines


def test_hours_and_provisional_dates_are_told_to_people() -> None:
    """Instants to the minute; a provisional date says so."""
    told = printed("add", "2019-09-27T16:00+08:00", "2", "working_hours", "--explain").splitlines()

    assert told[1] == "+ 2019-09-27 16:00 – 2019-09-27 17:00  1 h"
    assert told[-1] == "due 2019-09-29 10:00:00+08:00, Sunday"
    assert "provisional" in printed("add", "2026-12-31", "1", "working_days", "--unpublished", "weekdays")


@pytest.mark.parametrize(
    ("words", "clue"),
    [
        ("add 2019-02-30 1 days", "there is no 2019-02-30"),
        ("add 2019-06-30T09:00:00 1 hours", "no time zone"),
        ("add 2019-06-30 ten days", "not an amount"),
        ("add 2019-06-30 1 moons", "not a unit"),
        ("add 2019-06-30 1.5 days", "counted whole"),
        ("add 2026-12-31 1 working_days", "2027"),
        ("between 2019-02-30 2019-03-01", "there is no 2019-02-30"),
        ("show 2027", "2027"),
    ],
)
def test_what_cannot_be_done_is_refused_with_one_sentence(words: str, clue: str) -> None:
    """Exit code 2 and one line; the front door prints it."""
    error = run(*words.split()).exception

    assert isinstance(error, BadValueError)
    assert clue in error.sentence.en
    assert error.exit_code == 2


@pytest.mark.parametrize("words", ["add 2019-06-30 1", "add 2019-06-30 1 days --end-roll up", "add a b c d e", "show"])
def test_wrong_usage_exits_with_2(words: str) -> None:
    """Click's own refusals keep their code, though amounts may begin with a minus."""
    assert run(*words.split()).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("2019-09-27 2019-10-08", "11 days"),
        ("2019-09-27 2019-10-08 --working-days", "3 working days"),
        ("2019-10-08 2019-09-27 --working-days", "-3 working days"),
        ("2019-09-27 2019-10-08 --working-days --json", '{"working_days": 3}'),
        ("2019-09-27 2019-10-08 --json", '{"days": 11}'),
    ],
)
def test_days_between_two_dates_are_counted(words: str, said: str) -> None:
    """After the first up to and including the last."""
    assert printed("between", *words.split()).strip() == said


@pytest.mark.parametrize("columns", [30, 64, 100, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_drawn_year_keeps_its_columns(lang: Language, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However wide the terminal, Chinese counts double and no line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = printed("show", "2019", lang=lang).splitlines()
    months = lines[: lines.index(next(line for line in lines if line.startswith(("* ", "休 "))))]

    assert max(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line) for line in months) <= columns
    assert sum("30" in line for line in months)


def test_a_drawn_year_marks_names_and_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days off, make-up days, their names, the notices and the number of working days."""
    monkeypatch.setenv("COLUMNS", "80")
    year = printed("show", "2019", lang="zh")

    assert " 1休 2休 3休 4休 5休 6休" in year
    assert "12班13" in year
    assert "休 10-01..10-07 国庆节" in year
    assert "班 09-29        调休上班（国庆节）" in year
    assert "依据：国办发明电〔2018〕15号、国办发明电〔2019〕3号" in year
    assert "2019 年共 250 个工作日（cn 2026.1）" in year
    assert "October 2019" in printed("show", "2019")


def test_holidays_that_touch_are_named_apart() -> None:
    """In October 2025 the Mid-Autumn Festival lies inside the National Day holiday."""
    year = printed("show", "2025")

    assert "* 10-01..10-05 National Day" in year
    assert "* 10-06        Mid-Autumn Festival" in year


@pytest.mark.parametrize(("no_color", "expected"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(no_color: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes it away; so does a pipe."""
    monkeypatch.setenv("NO_COLOR", no_color)

    assert ("\x1b[" in run("show", "2019", color=True).output) is expected
    assert "\x1b[" not in run("show", "2019").output


def test_a_year_is_shown_for_scripts() -> None:
    """Days off, make-up days, the number of working days and the notices."""
    year = json.loads(printed("show", "2019", "--json", lang="zh"))

    assert (year["year"], year["calendar"], year["version"], year["working_days"]) == (2019, "cn", "2026.1", 250)
    assert {"date": "2019-10-01", "name": "国庆节"} in year["off"]
    assert {"date": "2019-09-29", "name": "调休上班（国庆节）"} in year["extra_working_days"]
    assert year["notices"] == ["国办发明电〔2018〕15号", "国办发明电〔2019〕3号"]


def test_a_year_of_an_own_calendar_is_drawn() -> None:
    """With its own days and no notices."""
    year = printed("show", "2019", "--calendar", HOSPITAL)

    assert "Second day of Christmas" in year
    assert "Source" not in year


def test_sound_files_are_said_to_be_sound() -> None:
    """One line for each."""
    assert printed("check", HOSPITAL).endswith(
        "calendar_hospital.yaml: sound (hospital 3; 8 days off, 1 extra working days)\n"
    )


def test_all_problems_of_all_files_are_shown_at_once() -> None:
    """The sound file is still named, the bad ones are listed together with exit code 10."""
    result = run("check", BAD, HOSPITAL, BAD)

    assert isinstance(result.exception, InvalidWorkflowError)
    assert len(result.exception.problems) == 28
    assert "calendar_hospital.yaml: sound" in result.output


def test_a_missing_file_is_refused() -> None:
    """As a file that cannot be read."""
    assert isinstance(run("add", "2019-06-30", "1", "days", "--calendar", "nowhere.yaml").exception, BadFileError)


@pytest.mark.parametrize("verb", ["show", "add", "between", "check"])
def test_every_verb_has_help(verb: str) -> None:
    """Also the one whose amounts may begin with a minus."""
    assert "Usage" in printed(verb, "--help")
