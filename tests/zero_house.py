"""A house whose officers take leads through their year, by the real operations, for the tests of clearing to zero."""

import tempfile
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledgers import shipped

from engine.campaigns.campaign import Campaign
from engine.operations.cases import casework as cases
from engine.operations.deadlines import extending
from engine.operations.house import registration as house
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import Statement, check_zero
from engine.store import case_rows, schema
from engine.store.connection import open_store
from engine.workflow.deadline import Term, TermUnit
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

ZONE: Final = ZoneInfo("Asia/Shanghai")
BOOK: Final = Declarations()
"""Read once for all tests; it keeps nothing of any house."""


def at(day: str | date, hour: int = 10, minute: int = 0) -> datetime:
    """Return a local time of a day."""
    return datetime.combine(date.fromisoformat(str(day)), time(hour, minute), tzinfo=ZONE)


def campaign(name: str = "zhengzhou_2019", year: int | None = None) -> Campaign:
    """Return a shipped campaign."""
    return Campaigns(workflow=BOOK.latest).campaign(name, year=year)


class Office:
    """A ledger of two units, and what its officers do with leads on given days."""

    def __init__(self, url: str) -> None:
        """Open a house that `built` has made."""
        self.ledger = Ledger(open_store(url), BOOK)
        if self.ledger.store.dialect == "sqlite":
            self.ledger.store.query("PRAGMA synchronous = OFF")

    def close(self) -> None:
        """Give the database back."""
        self.ledger.store.close()

    def zero(self, day: str, *, asked: Campaign | None = None, now: datetime | None = None) -> Statement:
        """Return how a campaign stands on a day; asked in its last minute, or later."""
        return check_zero(
            self.ledger,
            asked or campaign(),
            day=date.fromisoformat(day),
            now=now or at(day, 23, 59),
        )

    def register(self, day: str, received_on: str, unit: str = "0101", **more: Any) -> str:
        """Register a lead and return its number."""
        values = {"received_on": received_on, "source": "letter", "summary": "医院门口有人强揽生意", **more}
        return cases.open_case(Acting(self.ledger, "chen", at(day)), "lead", values, unit=unit).case.number

    def step(self, day: str, number: str, trigger: str, by: str = "chen", **values: Any) -> str:
        """Take a step."""
        cases.advance(Acting(self.ledger, by, at(day)), number, trigger, values)
        return number

    def assign(self, day: str, number: str, **more: Any) -> None:
        """Assign a lead to its leader and handler."""
        self.step(day, number, "assign", responsible_leader="li", handler="zhao", **more)

    def verify(self, day: str, number: str, finding: str = "unsubstantiated", **more: Any) -> None:
        """Report the verification."""
        brought: dict[str, Any] = {
            "verifiers": "zhao,qian",
            "verified_on": day,
            "report_number": "核〔2019〕1号",
            **more,
        }
        self.step(day, number, "verify", by="zhao", finding=finding, **brought)

    def waive(self, day: str, number: str) -> None:
        """Waive the re-review of an unsubstantiated lead."""
        self.step(day, number, "waive_review", review_waiver="事实清楚", review_waiver_signed_by="sun")

    def close_lead(self, day: str, number: str, **more: Any) -> None:
        """Close a lead with all its papers."""
        papers: dict[str, Any] = {
            "closed_on": day,
            "archive_number": f"D-{number}",
            "leader_signature": "li",
            "head_signature": "sun",
            "cleanup": "waived",
            "cleanup_waiver": "未发现制度漏洞",
        }
        self.step(day, number, "close", **{**papers, **more})

    def dismiss(self, days: tuple[str, str], number: str) -> None:
        """Waive the re-review and close, on two days."""
        self.waive(days[0], number)
        self.close_lead(days[1], number)

    def strike(self, day: str, number: str) -> None:
        """Strike a closed lead off."""
        self.step(day, number, "waive_rectification", signed_by="li", file_checked_on=day)

    def reopen(self, day: str, number: str, **more: Any) -> None:
        """Reopen a closed lead."""
        self.step(day, number, "reopen", reason="发现新线索", new_facts="新的证人", **more)

    def transfer(self, day: str, number: str) -> str:
        """Transfer a lead to the police and return the number of the letter."""
        self.step(day, number, "transfer_police", signed_by="li", signed_on=day)
        return self.child(number)

    def child(self, number: str) -> str:
        """Return the number of the case that a lead opened last."""
        return case_rows.children(self.ledger.store, self.ledger.case(number).id)[-1].number

    def send(self, day: str, letter: str) -> None:
        """Send a letter."""
        self.step(
            day,
            letter,
            "send",
            letter_number=f"某卫移〔2019〕{letter[:4]}{letter[-4:]}号",
            receiving_body="县公安局",
            sent_on=day,
            material="清单",
        )

    def receipt(self, day: str, letter: str) -> None:
        """Record the receipt of a letter."""
        self.step(day, letter, "receipt", receipted_on=day, received_by="周某")

    def answer(self, day: str, letter: str) -> None:
        """Record the answer to a letter."""
        self.step(day, letter, "answer", answered_on=day, outcome="filed")

    def extend(self, day: str, number: str, months: int = 1) -> None:
        """Extend the verification."""
        extending.extend(
            Acting(self.ledger, "chen", at(day)),
            number,
            "verification",
            length=Term(amount=months, unit=TermUnit.MONTHS),
            reason="案情复杂",
            signed_by="sun",
            filed_on=date.fromisoformat(day),
        )

    def order_clean_up(self, day: str, number: str, due_on: str) -> None:
        """Order the clean-up of a closed lead."""
        self.step(
            day,
            number,
            "start_rectification",
            rectification_problem="门禁缺失",
            rectification_started_on=day,
            rectification_due_on=due_on,
        )

    def finish_clean_up(self, day: str, number: str) -> None:
        """Carry the clean-up out, accept it and strike the lead off."""
        order = self.child(number)
        self.step(day, order, "begin", measures="加装门禁")
        self.step(day, order, "report_done", by="zhao", done_on=day, proof="照片")
        self.step(day, order, "accept", accepted_on=day, signed_by="li")
        self.step(day, number, "finish_rectification", file_checked_on=day)

    def import_closed(self, day: str, received_on: str, count: int) -> list[str]:
        """Take rows of an old ledger in that say no more than that the leads are closed."""
        rows = [
            Row(
                at=f"台账!{place}",
                values={
                    "received_on": date.fromisoformat(received_on),
                    "source": "letter",
                    "summary": f"旧台账第 {place} 件",
                    "category": "A3",
                    "ledger_number": f"旧-{place}",
                },
                unit="0101",
                state="closed",
                words="已办结",
            )
            for place in range(1, count + 1)
        ]
        with self.ledger.store.begin():
            taken = list(
                take_in(
                    Acting(self.ledger, "chen", at(day)), "lead", rows, file={"name": "旧台账.xlsx", "digest": "0" * 64}
                )
            )
        return [each.number for each in taken]


def built(url: str) -> str:
    """Set up a house of two units and five officers, and return its place."""
    schema.bring_up(url)
    ledger, begun = Ledger(open_store(url), BOOK), at("2019-01-02", 8)
    house.set_up(
        ledger,
        name="某县卫健局",
        unit=("0101", "县医院"),
        officer=("chen", "陈某"),
        zone="Asia/Shanghai",
        custodian=None,
        now=begun,
        adopts=shipped(),
    )
    house.add_unit(Acting(ledger, "chen", begun), "0102", "县中医院")
    for code, name in (("zhao", "赵某"), ("qian", "钱某"), ("li", "李某"), ("sun", "孙某")):
        house.add_officer(Acting(ledger, "chen", begun), code, name)
    house.grant(Acting(ledger, "chen", begun), "li", "supervising_leader", None)
    house.grant(Acting(ledger, "chen", begun), "sun", "unit_head", None)
    ledger.store.close()
    return url


@cache
def _template() -> bytes:
    """Return a house that nothing has happened in."""
    with tempfile.TemporaryDirectory() as folder:
        return Path(built(str(Path(folder) / "house.db"))).read_bytes()


def office_in(folder: Path) -> Office:
    """Return a fresh office in a folder."""
    file = folder / "year.db"
    file.write_bytes(_template())
    return Office(str(file))
