"""One grammar of dates: what one command, ledger or option understands, all of them do."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from houses import House, built_house, house

from commands.console.context import instant_given
from documents.ledger_in.dates import DateRules, day_reader
from engine.errors import BadValueError
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.house.contacts import changed_contact
from engine.rules.values import check_values
from engine.working_days.dates import read_day, read_moment, read_span
from engine.working_days.loose_dates import DayFound, NoDay
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

DAY = date(2019, 6, 3)
TODAY = date(2019, 7, 1)

WRITTEN = {
    "ISO": "2019-06-03",
    "short": "2019-6-3",
    "slashes": "2019/6/3",
    "points": "2019.6.3",
    "Chinese": "2019年6月3日",
    "Chinese, spoken": "2019年6月3号",
    "Chinese with blanks": "2019 年 6 月 3 日",
    "Chinese numerals": "二〇一九年六月三日",
    "full-width digits": "２０１９年６月３日",
    "full-width hyphens": "２０１９－０６－０３",
    "full-width points": "２０１９．６．３",
    "full-width slashes": "２０１９／６／３",
    "long dashes": "2019—6—3",
    "commas of an input method": "2019、6、3",
    "two separators": "2019/6-3",
    "digits alone": "20190603",
    "blanks about it": "  2019.6.3 ",
    "English": "3 June 2019",
    "American": "Jun 3, 2019",
}

NO_DAY = {
    "no such day": "2019-02-30",
    "no such month": "2019.13.1",
    "two digits of a year": "9.6.3",
    "no day": "2019年6月",
    "two days at once": "6/7/2019",
    "about": "2019年6月3日前后",
    "words": "soon",
}


def _field(words: str) -> date:
    """Read a field of a case, as `--received-on` does."""
    lead = Declarations().latest("lead")
    kept = check_values(lead, {"received_on": words}, officers=frozenset(), units=frozenset(), today=TODAY)
    return date.fromisoformat(str(kept["received_on"]))


def _cell(words: str) -> date:
    """Read a cell of a ledger."""
    found = day_reader(DateRules(today=TODAY))(words)
    if isinstance(found, NoDay):
        raise BadValueError(found.wrong)
    assert isinstance(found, DayFound)
    return found.day


def _absence(words: str) -> date:
    """Read an officer's absence, as `--absent` does."""
    absent = changed_contact({}, {}, absent=words, deputy="zhao")["absent"]
    assert isinstance(absent, dict)
    return date.fromisoformat(str(absent["from"]))


PLACES: dict[str, Callable[[str], date]] = {
    "a day": read_day,
    "a day or an instant": lambda words: date.fromisoformat(read_moment(words).isoformat()),
    "the first of a span": lambda words: read_span(f"{words}..2019年6月9日")[0],
    "the last of a span": lambda words: read_span(f"2019.6.1..{words}")[1],
    "--now, --since": lambda words: instant_given(words, where="--now").date(),
    "a field": _field,
    "a cell of a ledger": _cell,
    "--absent": _absence,
    "--period of a day": lambda words: period_of(ReportKind.DAILY, words, today=TODAY).first,
    "--period of a stage": lambda words: period_of(ReportKind.STAGE, f"{words}..2019.6.9", today=TODAY).first,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("written", WRITTEN)
def test_every_place_reads_every_usual_way(place: str, written: str) -> None:
    """All these texts say 3 June 2019, wherever they are written."""
    assert PLACES[place](WRITTEN[written]) == DAY


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("written", NO_DAY)
def test_every_place_refuses_what_is_no_one_day(place: str, written: str) -> None:
    """Nothing is guessed: a text that is not exactly one day is refused, wherever it is written."""
    with pytest.raises(BadValueError):
        PLACES[place](NO_DAY[written])


@pytest.mark.parametrize(
    "words",
    [
        "2019-06-03T15:30", "2019-06-03 15:30", "2019.6.3 15:30", "2019/6/3 15:30:00", "2019年6月3日15时30分",
        "2019年6月3日 15点30分", "２０１９年６月３日　１５：３０", "20190603T1530", "2019-06-03T15:30+08:00",
        "2019年6月3日 15:30+08:00", "2019-06-03T07:30Z",
    ],
)  # fmt: skip
def test_a_time_follows_a_date_in_any_form(words: str) -> None:
    """All these texts say half past three in the afternoon of that day in Shanghai."""
    assert (
        instant_given(words, where="--now").timestamp() == instant_given("20190603T153000", where="--now").timestamp()
    )


@pytest.mark.parametrize(
    ("kind", "words", "first"),
    [
        (ReportKind.MONTHLY, "2019年6月", "2019-06-01"),
        (ReportKind.MONTHLY, "２０１９－０６", "2019-06-01"),
        (ReportKind.MONTHLY, "2019.6", "2019-06-01"),
        (ReportKind.YEAR, "2019年", "2019-01-01"),
    ],
)
def test_a_month_and_a_year_are_written_as_dates_are(kind: ReportKind, words: str, first: str) -> None:
    """A period is named with the same separators and widths as a day."""
    assert period_of(kind, words, today=TODAY).first.isoformat() == first


@pytest.mark.parametrize("words", ["2019.7.3", "2019/7/3", "2019年7月3日", "２０１９．７．３"])
def test_the_program_understands_them_in_every_option(house: House, words: str) -> None:
    """The clock by variable and by option, fields, spans, pauses, extensions, and questions as of a day or since it."""
    house.now = words
    number = house.done("receive", "--unit", "0101", "--received-on", words, "--source", "letter", "--summary", "x")
    house.assigned(number)
    house.done("pause", number, "--since", "2019．7．4", "--reason", "鉴定", "--now", "2019/7/4")
    house.done("resume", number, "--since", "2019年7月5日", "--reason", "鉴定", "--now", "2019.7.5 15:00")
    house.now = "2019年7月6日"
    house.done("extend", number, "--until", "2019年9月16日", "--reason", "x", "--signed-by", "li", "--filed-on", words)
    house.done("officer", "contact", "zhao", "--absent", f"{words}..{words}", "--deputy", "wang")
    house.done("calendar", "close", "0101", f"{words}..{words}", "--reason", "x")
    seen = json.loads(house.done("show", number, "--json"))
    rows = json.loads(house.done("journal", "log", "--since", words, "--json"))

    assert json.loads(house.run("zero", "zhengzhou_2019", "--as-of", words, "--json").stdout)["as_of"] == "2019-07-03"
    assert seen["fields"]["received_on"] == "2019-07-03"
    assert [(each["at"][:10], each["kind"]) for each in seen["timeline"]] == [
        ("2019-07-03", "opened"),
        ("2019-07-03", "moved"),
        ("2019-07-04", "deadline_paused"),
        ("2019-07-05", "deadline_resumed"),
        ("2019-07-06", "deadline_extended"),
        ("2019-07-06", "children_opened"),
    ]
    others = [each["kind"] for each in rows if each["case"] != number]
    assert others == ["contact_changed", "days_closed", "opened"], "the last is the filing of the extension"
    assert len(rows) == len(seen["timeline"]) + len(others)
