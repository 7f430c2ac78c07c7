"""A forecast of ten thousand open leads, reading and backtest included, beside the bare reading of the same rows."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.ground import LEAD, OFFICER, UNITS, build, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from benchmarks.zero import HANDLER, at
from engine.campaigns.forecasting.answers import Foreseen
from engine.operations.cases import casework as cases
from engine.operations.ledger.acting import Acting
from engine.operations.zero.outlook import look_ahead
from engine.operations.zero.verdict import check_zero
from tools.counties import County, lived
from tools.county_ledger import write_county
from workflows.campaigns_found import Campaigns

BEGUN = date(2017, 1, 3)
DAY = date(2019, 9, 30)
_ZONE = "Asia/Shanghai"

_FLOOR = """
SELECT j.case_id, j.at, j.to_state, j.clearance FROM cases c JOIN journal j ON j.case_id = c.id
WHERE c.workflow = 'lead' AND j.at < ? ORDER BY j.case_id, j.seq
"""
"""The rows that any forecast has to look at."""


def ahead(folder: Path, *, leads: int, rounds: int) -> list[Finding]:
    """Measure a forecast over a ledger in which about so many leads are open."""
    base = folder / f"forecast-{leads}.db"
    if not base.exists():
        _fill(str(base), a_day=leads / 110)
    campaigns = Campaigns(workflow=opened(str(base)).workflows.latest)
    campaign = replace(campaigns.campaign("zhengzhou_2019"), received_to=DAY)
    declared = campaigns.measures_of("lead").forecast
    said: list[Foreseen] = []

    def ask() -> float:
        ledger = opened(str(base))
        with closing(ledger.store):

            def forecast() -> None:
                outlook = look_ahead(ledger, statement, declared)
                assert isinstance(outlook.answer, Foreseen), outlook.answer
                said.append(outlook.answer)

            statement = check_zero(ledger, campaign, day=DAY, now=at(DAY))
            return seconds(forecast)

    def floor() -> float:
        with closing(plain_connection(str(base))) as connection:

            def read() -> None:
                rows = connection.execute(_FLOOR, (2**62,)).fetchall()
                assert np.fromiter((each[1] for each in rows), np.int64, len(rows)).size

            return seconds(read)

    return [
        paired(
            f"forecast: about {leads:,} open leads, 10,000 runs",
            "reading the journal's rows of these leads",
            ask,
            floor,
            at_most=20.0,
            rounds=rounds,
            remark=lambda: f"{said[-1].open_now:,} open; {said[-1].backtest.checked} past cut-offs judged",
        )
    ]


def _fill(url: str, *, a_day: float) -> None:
    """Let a county live in a ledger."""
    build(url)
    ledger = opened(url)
    values = {**LEAD, "suspected_crime": False, "received_on": BEGUN.isoformat()}
    number = cases.open_case(Acting(ledger, OFFICER, at(BEGUN)), "lead", values, unit=UNITS[0]).case.number

    def step(trigger: str, by: str = OFFICER, **brought: object) -> None:
        cases.advance(Acting(ledger, by, at(BEGUN)), number, trigger, brought)

    step("assign", responsible_leader=OFFICER, handler=HANDLER)
    step("verify", HANDLER, finding="unsubstantiated", verifiers=HANDLER, verified_on=BEGUN.isoformat(),
         report_number="核〔2017〕1号")  # fmt: skip
    step("waive_review", review_waiver="事实清楚", review_waiver_signed_by=OFFICER)
    step("close", closed_on=BEGUN.isoformat(), archive_number="D-1", leader_signature=OFFICER,
         head_signature=OFFICER, cleanup="waived", cleanup_waiver="无制度漏洞")  # fmt: skip
    county = lived(County(begins=BEGUN, until=DAY, a_day=a_day, units=9), 1)
    write_county(ledger.store, county, ledger.case(number).id, begun=BEGUN, zone=_ZONE)
    ledger.store.change("ANALYZE")
    ledger.store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.store.close()
