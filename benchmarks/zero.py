"""Clearing to zero over very many leads, beside the SQL that sorts them by unit and looks for those that left."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.ground import LEAD, OFFICER, UNITS, build, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.campaigns.campaign import Campaign, ZeroGroup
from engine.operations.cases import casework as cases
from engine.operations.deadlines import extending
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import check_zero
from engine.workflow.deadline import Term, TermUnit
from workflows.campaigns_found import Campaigns

DAY = date(2019, 12, 31)
EARLIER = date(2019, 11, 30)
HANDLER = "officer00"

SHARES = (("struck", 86), ("closed", 8), ("struck_later", 3), ("extended", 1), ("assigned", 1), ("received", 1))
"""Of a hundred leads, how many stand where; those struck off later changed after the earlier day."""

_FLOOR = """
WITH seen(unit_id, code) AS MATERIALIZED (
  SELECT unit_id, CASE
    WHEN state NOT IN ('declining', 'declined')
      AND (instr(fields, '"responsible_leader":') = 0 OR instr(fields, '"handler":') = 0) THEN 5
    WHEN state NOT IN ('received', 'declining', 'declined') AND instr(fields, '"category":') = 0 THEN 5
    WHEN state NOT IN ('received', 'assigned', 'shelved', 'declining', 'declined')
      AND instr(fields, '"finding":') = 0 THEN 5
    WHEN state IN ('closed', 'rectifying', 'rectified', 'struck_off') AND (instr(fields, '"archive_number":') = 0
      OR instr(fields, '"leader_signature":') = 0 OR instr(fields, '"head_signature":') = 0) THEN 5
    WHEN clearance = 2 THEN 1
    WHEN clearance = 1 THEN 2
    WHEN EXISTS (SELECT 1 FROM deadlines d WHERE d.case_id = cases.id AND d.status IN (0, 1)
      AND d.due_on BETWEEN '2019-12-31' AND '2020-01-31' AND d.ledger NOT LIKE '{"extensions":[]%') THEN 3
    ELSE 4 END
    + 8 * (opened_at >= 1561910400000000)
    + 16 * (instr(fields, '"finding":') > 0)
    + 32 * (instr(fields, '"finding":"substantiated"') > 0 OR instr(fields, '"finding":"partly"') > 0)
    + 64 * (state NOT IN ('declining', 'declined'))
    + 128 * (instr(fields, '"real_name":true') > 0)
    + 256 * (instr(fields, '"result_told_on":') > 0)
    + CASE WHEN clearance IN (1, 2) THEN 512 * coalesce((SELECT max(CASE
      WHEN d.status = 2 THEN 1 + (date(d.ended_at / 1000000 + 28800, 'unixepoch') > d.original_due_on)
      WHEN d.status < 2 THEN 2 * (d.original_due_on < '2019-12-31') ELSE 0 END)
      FROM deadlines d WHERE d.case_id = cases.id), 0) ELSE 0 END
  FROM cases WHERE workflow = 'lead' AND dated_on <= '2019-06-30' AND clearance < 3)
SELECT unit_id, code, count(*) FROM seen GROUP BY unit_id, code
"""
"""The five groups and what the rates count, by unit, written by hand for this campaign and its zone."""

_LEFT = """
SELECT count(DISTINCT case_id) FROM journal
WHERE kind = 'linked' OR (kind = 'amended' AND instr(body, '"received_on":') > 0) OR (clearance = 0 AND from_state IN
  ('transferred_police', 'transferred_discipline', 'transferred_both', 'under_review', 'closed', 'rectifying',
   'rectified', 'struck_off', 'declined'))
"""
"""Whether any lead may have left the scope, or come back into it."""


def by_unit(folder: Path, *, leads: int, rounds: int) -> list[Finding]:
    """Measure the answer of the last day, and that of an earlier one."""
    base = folder / f"zero-{leads}.db"
    if not base.exists():
        _fill(str(base), leads)
    campaign = Campaigns(workflow=opened(str(base)).workflows.latest).campaign("zhengzhou_2019")

    def floor() -> float:
        with closing(plain_connection(str(base))) as connection:
            return seconds(lambda: _floor(connection, leads))

    return [
        paired(
            f"zero: {leads:,} leads, by unit",
            "SQL for the same groups and rates, and for who left or came back",
            lambda: _asked(base, campaign, DAY, leads),
            floor,
            at_most=1.3,
            rounds=rounds,
            remark=lambda: "ours also names the leads that block and those that came back",
        ),
        paired(
            f"zero as of a past day: {leads:,} leads, by unit",
            "the same SQL, of the last day",
            lambda: _asked(base, campaign, EARLIER, leads),
            floor,
            at_most=3.0,
            rounds=rounds,
            remark=lambda: "4 % of the leads changed after that day and are rebuilt from the journal",
        ),
    ]


def _asked(base: Path, campaign: Campaign, day: date, leads: int) -> float:
    """Return how long the public operation takes."""
    ledger = opened(str(base))
    with closing(ledger.store):

        def ask() -> None:
            statement = check_zero(ledger, campaign, day=day, now=at(DAY))
            assert statement.total.scope == leads, statement.total

        return seconds(ask)


def _floor(connection: sqlite3.Connection, leads: int) -> None:
    """Run the statement, and the one that says whether any lead left."""
    found = connection.execute(_FLOOR).fetchall()
    assert connection.execute(_LEFT).fetchone() == (0,)
    assert sum(count for *_, count in found) == leads
    assert {code & 7 for _, code, _ in found} == {int(each) for each in ZeroGroup}


def _fill(url: str, leads: int) -> None:
    """Write leads like a few that went the real way, in their shares."""
    build(url)
    ledger = opened(url)
    patterns = {name: lived(ledger, name) for name, _ in SHARES}
    store = ledger.store
    turns = [name for name, share in SHARES for _ in range(share)]
    rows = {
        name: [
            store.query(f"SELECT * FROM {table} WHERE {key} = ?", (case_id,))
            for table, key in (("cases", "id"), ("journal", "case_id"), ("deadlines", "case_id"))
        ]
        for name, case_id in patterns.items()
    }
    clock_id = int(store.query("SELECT max(id) FROM deadlines")[0][0])
    # steps open cases of other kinds beside the leads, so ids go on after all of them
    before = int(store.query("SELECT max(id) FROM cases")[0][0]) - len(patterns)
    with store.begin():
        for start in range(len(patterns) + 1, leads + 1, 20_000):
            made: tuple[list[Sequence[object]], ...] = ([], [], [])
            for each in range(start, min(start + 20_000, leads + 1)):
                (case,), entries, clocks = rows[turns[each * 37 % 100]]
                number = f"{UNITS[each % len(UNITS)]}-XS-2019-{each:07}"
                case_id = before + each
                made[0].append((case_id, number, *case[2:5], each % len(UNITS) + 1, *case[6:]))
                made[1].extend((case_id, *entry[1:]) for entry in entries)
                for clock in clocks:
                    clock_id += 1
                    made[2].append((clock_id, case_id, *clock[2:]))
            for table, found in zip(("cases", "journal", "deadlines"), made, strict=True):
                if found:
                    store.change_many(f"INSERT INTO {table} VALUES ({','.join('?' * len(found[0]))})", found)
    store.change("ANALYZE")
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def lived(ledger: Ledger, name: str) -> int:
    """Return the id of a lead that went the real way to where its name says."""
    begun = date(2019, 6, 20)
    values = {**LEAD, "suspected_crime": False, "received_on": begun.isoformat()}
    case = cases.open_case(Acting(ledger, OFFICER, at(begun)), "lead", values, unit=UNITS[0]).case

    def step(trigger: str, day: date, by: str = OFFICER, **brought: object) -> None:
        cases.advance(Acting(ledger, by, at(day)), case.number, trigger, brought)

    if name == "received":
        return case.id
    assigned = date(2019, 10, 21) if name == "extended" else begun + timedelta(days=5)
    step("assign", assigned, responsible_leader=OFFICER, handler=HANDLER)
    if name == "extended":
        extending.extend(
            Acting(ledger, OFFICER, at(date(2019, 11, 20))),
            case.number,
            "verification",
            length=Term(amount=1, unit=TermUnit.MONTHS),
            reason="案情复杂",
            signed_by=OFFICER,
            filed_on=date(2019, 11, 20),
        )
    if name in {"extended", "assigned"}:
        return case.id
    day = date(2019, 8, 1)
    step("verify", day, HANDLER, finding="unsubstantiated", verifiers=HANDLER, verified_on=day.isoformat(),
         report_number=f"核〔2019〕{case.id}号")  # fmt: skip
    step("waive_review", day, review_waiver="事实清楚", review_waiver_signed_by=OFFICER)
    step("close", day, closed_on=day.isoformat(), archive_number=f"D-{case.id}", leader_signature=OFFICER,
         head_signature=OFFICER, cleanup="waived", cleanup_waiver="无制度漏洞")  # fmt: skip
    if name != "closed":
        day = date(2019, 12, 10) if name == "struck_later" else day
        step("waive_rectification", day, signed_by=OFFICER, file_checked_on=day.isoformat())
    return case.id


def at(day: date) -> datetime:
    """Return ten in the morning of a local day."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
