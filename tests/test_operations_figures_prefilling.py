"""Returns filled from the register: what it says, what the unit says instead, and that both stay on record."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgers import DAY, START, furnished, register

from engine.errors import RefusedError
from engine.operations.cases.casework import advance
from engine.operations.cases.lookup import view
from engine.operations.house import registration as keeping
from engine.operations.house.registration import set_unit_type
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.operations.returns.owed import unowed
from engine.rules.case import Case
from engine.store import case_rows
from workflows.book import SHIPPED
from workflows.loader import Declarations

SAID = {"work_done": "走访三个科室", "signed_by": "zhao", "submitted_on": "2019-07-03"}
WEDNESDAY = START + 2 * DAY
"""The house is set up on Monday, 2019-07-01."""


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger, on each database."""
    with furnished(database_url) as made:
        yield made


@pytest.fixture
def weekly(ledger: Ledger) -> Case:
    """Return the weekly return of a unit that had one lead when it opened, and another since."""
    register(ledger)
    open_returns(ledger, now=START)
    register(ledger, now=START + DAY)
    every = case_rows.select(ledger.store, workflow="return")
    (found,) = [each for each in every if (each.unit, each.fields["kind"]) == ("0101", "weekly")]
    return found


def submitted(ledger: Ledger, case: Case, **more: object) -> Case:
    """Submit the return on Wednesday."""
    return advance(Acting(ledger, "lian", WEDNESDAY), case.number, "submit", {**SAID, **more}).case


def test_a_return_opens_with_the_figures_of_the_register(weekly: Case) -> None:
    """It bears what had come by then, of its unit, beside what the register keeps."""
    assert [weekly.fields[name] for name in ("leads_found", "register_found", "leads_closed")] == [1, 1, 0]


def test_a_return_is_filled_anew_when_it_is_submitted(ledger: Ledger, weekly: Case) -> None:
    """Whoever brings no figures submits those of that day, which `show` told before."""
    told = view(ledger, weekly.number, now=WEDNESDAY).register
    after = submitted(ledger, weekly)

    assert told["register_found"] == 2
    assert (after.fields["leads_found"], after.fields["register_found"]) == (2, 2)


def test_other_figures_need_a_reason_and_stay_beside_those_of_the_register(ledger: Ledger, weekly: Case) -> None:
    """What differs is refused without a reason; with one, both figures are on the case and in the journal."""
    with pytest.raises(RefusedError, match="与系统登记不一致"):
        submitted(ledger, weekly, leads_found=5)
    after = submitted(ledger, weekly, leads_found=5, difference="三件尚未登记")
    body = json.loads(case_rows.entries(ledger.store, after.id)[-1].body)

    assert (after.fields["leads_found"], after.fields["register_found"]) == (5, 2)
    assert (body["set"]["leads_found"], body["set"]["register_found"]) == (5, 2)
    assert body["set"]["difference"] == "三件尚未登记"


def test_a_nil_return_is_refused_while_the_register_has_leads(ledger: Ledger, weekly: Case) -> None:
    """Nothing to report is not believed against the register, nor zeros, unless it is said why."""
    zeros = {"leads_found": 0, "leads_transferred": 0, "leads_closed": 0}
    with pytest.raises(RefusedError, match="零报告不应填有线索数"):
        submitted(ledger, weekly, nil_return=True)
    with pytest.raises(RefusedError, match="系统登记本期有线索"):
        submitted(ledger, weekly, nil_return=True, **zeros)

    assert submitted(ledger, weekly, nil_return=True, **zeros, difference="均为误登").state == "submitted"


def test_a_lead_that_is_late_bars_no_nil_return(ledger: Ledger) -> None:
    """Nothing found, transferred or closed is nothing to report, though the program fills in how many are overdue."""
    register(ledger)
    later = START + 56 * DAY
    open_returns(ledger, now=later)
    every = case_rows.select(ledger.store, workflow="return")
    (found,) = [each for each in every if (each.unit, each.fields["kind"]) == ("0101", "weekly")]
    said = {**SAID, "submitted_on": later.date().isoformat(), "nil_return": True}
    after = advance(Acting(ledger, "lian", later), found.number, "submit", said).case

    assert (after.state, after.fields["leads_found"], after.fields["leads_overdue"]) == ("submitted", 0, 1)


def test_a_role_in_all_units_owes_the_returns_of_each(ledger: Ledger) -> None:
    """One liaison officer for all units makes each owe; nobody in the role is said, and what an office owes opens."""
    keeping.revoke(Acting(ledger, "keeper", START), "lian", "liaison", "0101")
    keeping.revoke(Acting(ledger, "keeper", START), "keeper", "liaison", None)
    none = unowed(ledger)
    before = open_returns(ledger, now=START)
    keeping.grant(Acting(ledger, "keeper", START), "zhou", "liaison", None)
    after = open_returns(ledger, now=START)
    units = {each.unit for each in case_rows.select(ledger.store, workflow="return")}

    assert [each.recurs for each in none] == ["quarter", "plan, summary", "daily, weekly, monthly, stage, annual"]
    assert (before.numbers, before.unowed) == (("0101-YP-2019-0001",), none)
    assert units == {"0101", "0102"}
    assert after.unowed == ()


def test_what_one_type_of_units_owes(ledger: Ledger) -> None:
    """A bureau of medical insurance owes the return of the fund, its neighbour does not; nobody misses one before."""
    before = [each for each in unowed(ledger) if "insurance" in each.recurs]
    open_returns(ledger, now=START)
    none = of_the_fund(ledger)
    set_unit_type(Acting(ledger, "keeper", START), "0102", "insurance", reason="医保局")
    keeping.grant(Acting(ledger, "keeper", START), "lian", "liaison", "0102")
    open_returns(ledger, now=START)

    assert before == []
    assert none == []
    assert of_the_fund(ledger) == [("0102", "2019Q2")]


def of_the_fund(ledger: Ledger) -> list[tuple[str, object]]:
    """Return unit and period of the returns of the insurance fund."""
    every = case_rows.select(ledger.store, workflow="return")
    return [(each.unit, each.fields["period"]) for each in every if each.fields["kind"] == "insurance"]


@pytest.mark.parametrize(
    ("declared", "wrong"),
    [
        ("{of: leed, counts: entered, kept_in: register_found}", "leed"),
        ("{of: lead, steps: [transfer_polise], kept_in: register_found}", "transfer_polise"),
        ("{of: lead, counts: entred, kept_in: register_found}", "entered"),
        ("{of: lead, counts: entered, steps: [close], kept_in: register_found}", "either"),
        ("{of: lead, kept_in: register_found}", "either"),
        ("{of: lead, counts: entered, kept_in: remark}", "holds no number"),
        ("{of: lead, counts: entered, kept_in: nowhere}", "nowhere"),
    ],
)
def test_what_fills_a_return_is_checked(tmp_path: Path, declared: str, wrong: str) -> None:
    """A figure names a workflow, a sum or steps of it, and number fields; what does not is told with its place."""
    sound = (SHIPPED / "return.yaml").read_text("utf-8")
    (tmp_path / "return.yaml").write_text(
        sound.replace("{of: lead, counts: entered, kept_in: register_found}", declared, 1), "utf-8"
    )
    found = [str(each.text.en) for each in Declarations([tmp_path]).check()[1]]

    assert any(wrong in each for each in found), found
