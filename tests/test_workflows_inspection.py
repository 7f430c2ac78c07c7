"""An inspection by real operations: what is not met becomes a clean-up, and nothing is settled before it."""

from collections.abc import Mapping

import pytest
from ledgers import DAY, START, furnished

from engine.errors import RefusedError
from engine.operations.cases.casework import advance, open_case
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows

MET: Mapping[str, object] = {
    "inspected_on": "2019-07-02",
    "inspectors": ["zhou", "feng"],
    "beds": 400,
    "guards": 20,
    "camera_coverage": 100,
    "footage_days": 30,
    "clock_error": 30,
    "carers_registered": True,
    "ambulances_registered": True,
    "police_room": True,
    "alarm_buttons": True,
    "protective_gear": True,
    "protected_places": True,
    "patrols": True,
    "responsible_leader": "liu",
}
"""A checklist whose every number stands exactly at its limit."""


def planned(ledger: Ledger) -> str:
    """Plan an inspection and return its number."""
    values = {
        "planned_on": "2019-07-01",
        "period": "2019Q3",
        "kind": "inspection",
        "subject": "医疗场所安全防范",
        "due_on": "2019-09-30",
    }
    return open_case(Acting(ledger, "zhou", START), "inspection", values, unit="0101").case.number


@pytest.mark.parametrize(
    ("found", "problems"),
    [
        pytest.param({"other_findings": "无"}, [], id="every limit just met, and nothing beside them"),
        pytest.param({"guards": 19}, ["保安人数不足每二十张床位一名"], id="one guard short"),
        pytest.param({"beds": 401}, ["保安人数不足每二十张床位一名"], id="one bed too many"),
        pytest.param({"camera_coverage": 99.5}, ["重点部位监控未全覆盖"], id="a corner unseen"),
        pytest.param({"footage_days": 29}, ["录像保存不足三十天"], id="footage a day short"),
        pytest.param({"clock_error": 31}, ["录像时钟偏差超过三十秒"], id="clock a second off"),
        pytest.param({"clock_error": -31}, ["录像时钟偏差超过三十秒"], id="clock a second slow"),
        pytest.param(
            {"carers_registered": False, "ambulances_registered": False},
            ["护工未登记造册", "救护车辆未登记造册"],
            id="no registers",
        ),
    ],
)
def test_each_item_that_is_not_met_opens_a_clean_up(
    sqlite_url: str, found: Mapping[str, object], problems: list[str]
) -> None:
    """Each limit of the checklist is exact, and each that is broken has a clean-up of its own."""
    with furnished(sqlite_url) as ledger:
        number = planned(ledger)
        advance(Acting(ledger, "zhou", START + DAY), number, "inspect", {**MET, **found, "rectify_by": "2019-08-01"})
        children = case_rows.children(ledger.store, ledger.case(number).id)

        assert [each.fields["problem"] for each in children] == problems
        assert {each.workflow for each in children} <= {"rectification"}
        assert all(each.fields["due_on"] == "2019-08-01" for each in children)


def test_a_broken_limit_needs_a_day_to_be_put_right(sqlite_url: str) -> None:
    """Without a day by which it is put right, an inspection that found something is refused."""
    with furnished(sqlite_url) as ledger:
        number = planned(ledger)

        with pytest.raises(RefusedError, match="整改期限"):
            advance(Acting(ledger, "zhou", START + DAY), number, "inspect", {**MET, "guards": 1})


@pytest.mark.parametrize(
    ("found", "says"),
    [
        pytest.param({"beds": -5, "guards": 0}, "床位数须大于零", id="fewer than no beds"),
        pytest.param({"guards": -1}, "床位数须大于零", id="fewer than no guards"),
        pytest.param({"camera_coverage": 150}, "须在 0 至 100 之间", id="more than everything"),
    ],
)
def test_numbers_that_cannot_be_are_refused(sqlite_url: str, found: Mapping[str, object], says: str) -> None:
    """A count is no less than nothing, and a share no more than all."""
    with furnished(sqlite_url) as ledger:
        number = planned(ledger)

        with pytest.raises(RefusedError, match=says):
            advance(
                Acting(ledger, "zhou", START + DAY), number, "inspect", {**MET, **found, "rectify_by": "2019-08-01"}
            )


def test_nothing_is_settled_before_it_is_put_right(sqlite_url: str) -> None:
    """An inspection is settled only when every clean-up it opened is accepted."""
    with furnished(sqlite_url) as ledger:
        number = planned(ledger)
        found = {**MET, "clock_error": 45, "rectify_by": "2019-08-01"}
        (child,) = advance(Acting(ledger, "zhou", START + DAY), number, "inspect", found).opened

        with pytest.raises(RefusedError, match="尚未全部整改验收"):
            advance(Acting(ledger, "zhou", START + 2 * DAY), number, "settle", {"signed_by": "zhao"})
        advance(Acting(ledger, "zhou", START + 2 * DAY), child.number, "begin", {"handler": "feng"})
        done = {"done_on": "2019-07-04", "proof": "已校准"}
        advance(Acting(ledger, "feng", START + 3 * DAY), child.number, "report_done", done)
        accepted = {"accepted_on": "2019-07-05", "signed_by": "zhao"}
        advance(Acting(ledger, "zhou", START + 4 * DAY), child.number, "accept", accepted)
        settled = advance(Acting(ledger, "zhou", START + 4 * DAY), number, "settle", {"signed_by": "zhao"})

        assert settled.case.state == "settled"
