"""A field that holds a day with its time: how it is read, kept, counted from, written out and taken in again."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from houses import House, built_house, house
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import START, furnished

from engine.deadlines import change
from engine.deadlines.clock import begins_at
from engine.deadlines.remaining import late_by
from engine.errors import BadValueError, RefusedError
from engine.operations.cases.casework import advance, amend, open_case
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import rebuilt
from engine.rules.values import check_values, shown
from engine.store import case_rows, clock_rows
from engine.working_days.moments import moment_meant
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

TODAY = date(2019, 6, 4)
MEANT = {
    "2019-06-03 14:30": "2019-06-03T14:30",
    "2019-06-03T14:30": "2019-06-03T14:30",
    "2019-06-03T14:30:59": "2019-06-03T14:30",
    "2019-06-03 14时30分": "2019-06-03T14:30",
    "2019年6月3日14时": "2019-06-03T14:00",
    "６月３日１４：３０": "2019-06-03T14:30",
    "6月3日 14:30": "2019-06-03T14:30",
    "昨天下午3点": "2019-06-03T15:00",
    "昨天下午三点半": "2019-06-03T15:30",
    "今天凌晨2点一刻": "2019-06-04T02:15",
    "昨日晚上11点20分": "2019-06-03T23:20",
    "前天中午12点": "2019-06-02T12:00",
    "昨天15点": "2019-06-03T15:00",
    "昨天上午10点整": "2019-06-03T10:00",
    "yesterday 3 pm": "2019-06-03T15:00",
    "3 June 2019 12:05 am": "2019-06-03T00:05",
}
UNCLEAR = (
    "14:30", "昨天", "2019-06-03", "昨天3点", "6月3日24:00", "2019-06-03 25:00", "昨天上午15点", "昨晚上12点",
    "2019-06-31 10:00", "下午3点", "2019-06-03 14:61", "三点", "",
)  # fmt: skip


def test_what_a_moment_is_read_from() -> None:
    """A day in any of its writings with a time behind it; what lacks one of them or has two readings is refused."""
    found = {words: moment_meant(words, today=TODAY).isoformat(timespec="minutes") for words in MEANT}
    read = []
    for words in UNCLEAR:
        try:
            read.append((words, moment_meant(words, today=TODAY)))
        except BadValueError:
            continue
    assert found == MEANT
    assert read == []


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2019, 6, 4)))
def test_what_is_shown_is_read_again(moment: datetime) -> None:
    """Stored, shown and read again a moment stays what it was, to the minute."""
    workflow = Declarations().latest("major_information")

    def kept(value: object) -> object:
        return check_values(workflow, {"discovered_at": value}, officers=(), units=(), today=TODAY)["discovered_at"]

    stored = kept(moment.isoformat())
    assert stored == moment.isoformat(timespec="minutes")
    assert kept(shown(workflow.fields["discovered_at"], stored)) == stored
    assert kept(f"{moment:%Y年%m月%d日%H时%M分}") == stored


VALUES = {"discovered_on": "2019-07-01", "grade": "attack", "facts": "持刀伤医"}


def reporting(ledger: Ledger, case_id: int) -> int | None:
    """Return when the report is due."""
    return next(each.due_at for each in clock_rows.of_case(ledger.store, case_id) if each.name == "reporting")


def test_hours_count_from_the_moment(sqlite_url: str) -> None:
    """Six hours from the discovery, also after a correction; what is still to come is refused to the minute."""
    with furnished(sqlite_url) as ledger:
        acting = Acting(ledger, "zhou", START)
        case = open_case(acting, "major_information", {**VALUES, "discovered_at": "今天8:15"}, unit="0101").case
        assert reporting(ledger, case.id) == begins_at("2019-07-01T14:15", START.tzinfo)
        amend(Acting(ledger, "zhou", START), case.number, {"discovered_at": "2019-07-01 06:00"}, reason="更正")
        assert reporting(ledger, case.id) == begins_at("2019-07-01T12:00", START.tzinfo)
        with pytest.raises(BadValueError, match=r"10:01.*尚未到|10:01.*to come"):
            open_case(acting, "major_information", {**VALUES, "discovered_at": "今天10:01"}, unit="0101")
        with pytest.raises(RefusedError, match=r"同日|that of the moment"):
            open_case(acting, "major_information", {**VALUES, "discovered_at": "昨天9:00"}, unit="0101")


def test_a_ledger_goes_out_and_in(house: House, tmp_path: Path) -> None:
    """Written to a table it is a day and its time, and read from there it is the same; a condition asks for its day."""
    asked = ("--workflow", "major_information", "--unit", "0101")
    house.done(
        "receive", *asked, "--discovered-on", "2019-07-01", "--discovered-at", "2019-07-01 08:15", "--grade", "attack",
        "--facts", "持刀伤医",
    )  # fmt: skip
    found = house.found("list", "--workflow", "major_information", "--where", "discovered_at >= '2019-07-01'")
    assert [each["fields"]["discovered_at"] for each in found] == ["2019-07-01T08:15"]
    table = tmp_path / "out.xlsx"
    house.done("export", "ledger", "--format", "major_information", "-o", str(table))
    changed = house.done("import", str(table), "--workflow", "major_information", "--unit", "0101")
    assert "08:15" in house.done("show", found[0]["number"])
    assert f"unchanged  {found[0]['number']}" in changed


REPORTED = (
    # reported at,       entered at,         hours late; six are allowed from 08:15
    ("2019-07-01T14:00", "2019-07-01T14:05", 0),
    ("2019-07-01T14:00", "2019-07-01T16:30", 0),
    ("2019-07-01T14:00", "2019-07-04T09:00", 0),
    ("2019-07-01T14:15", "2019-07-01T15:00", 0),
    ("2019-07-01T14:16", "2019-07-01T15:00", 1),
    ("2019-07-01T17:20", "2019-07-02T09:00", 3),
    ("2019-07-02T08:15", "2019-07-02T08:20", 18),
)


def test_a_term_is_met_at_the_moment_of_the_act(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: reported in time and entered later is kept, and the entry keeps its own time; a forged act is found."""
    values = {**VALUES, "discovered_at": "2019-07-01T08:15"}
    report = {"reported_to": "县卫健局", "way": "telephone"}
    with furnished(sqlite_url) as ledger:
        found, kept = [], []
        for reported, entered, _ in REPORTED:
            case = open_case(Acting(ledger, "zhou", START), "major_information", values, unit="0101").case
            then = datetime.fromisoformat(entered).replace(tzinfo=START.tzinfo)
            advance(Acting(ledger, "zhou", then), case.number, "report", {**report, "reported_at": reported})
            (clock,) = (each for each in clock_rows.of_case(ledger.store, case.id) if each.name == "reporting")
            declared = ledger.rules("major_information").workflow.deadlines["reporting"]
            late = late_by(declared, clock, now=then, today=then.date(), calendar=ledger.calendar)
            entry = case_rows.entries(ledger.store, case.id)[-1]
            found.append((clock.met_on, datetime.fromtimestamp(entry.at / 1e6, START.tzinfo).isoformat()[:16], late))
            (past,) = rebuilt(ledger, [case.id], end_at=entry.at + 1, day=then.date())
            kept += [each.was_kept(ledger.calendar.tz) for each in past.terms if each.name == "reporting"]
        assert found == list(REPORTED)
        assert kept == [hours == 0 for _, _, hours in REPORTED]
        assert verify(ledger)[1] == ()

        case = open_case(Acting(ledger, "zhou", START), "major_information", values, unit="0101").case
        monkeypatch.setattr(change._Change, "_act", lambda *_: "2019-07-01T09:00")
        tomorrow = Acting(ledger, "zhou", START + timedelta(days=1))
        advance(tomorrow, case.number, "report", {**report, "reported_at": "2019-07-02T09:30"})
        (broken,) = verify(ledger)[1]
        assert (broken.case, broken.what) == (case.number, "not allowed")
        assert "reporting" in broken.which


def test_a_wait_that_the_act_itself_could_end_is_named(house: House, tmp_path: Path) -> None:
    """Written only by the step that leaves, no act is done where one waits; by a step before it may be."""
    shipped = Path(__file__).parents[1].joinpath("workflows/major_information.yaml").read_text("utf-8")
    found = {}
    for what, old, new in (
        ("as shipped", "", ""),
        ("by a correction", "reported_at: {type: moment, amend: false,", "reported_at: {type: moment,"),
        ("by a step before", "takes: [measures, remark]\n", "takes: [reported_at, measures, remark]\n"),
    ):
        file = tmp_path / "major_information.yaml"
        file.write_text(shipped.replace(old, new, 1) if old else shipped, "utf-8")
        result = house.run("workflow", "check", str(file))
        found[what] = (result.exit_code, "states.informed" in result.output)
    assert found == {"as shipped": (0, False), "by a correction": (10, True), "by a step before": (10, True)}
