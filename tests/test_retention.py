"""What is sealed is destroyed after its term, by two officers of different roles, and the record still holds."""

from datetime import timedelta
from pathlib import Path

from ledgers import START, furnished, opened, register

from engine.errors import RefusedError
from engine.operations.cases import retention
from engine.operations.cases.casework import void
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import sealed_rows
from engine.store.backup import back_up
from engine.store.database import is_postgres, sqlite_file
from engine.store.restore import restore

LATER = START + timedelta(days=31 * 366)
REASON = "期满"


def sealed_lead(ledger: Ledger, *, closed: bool) -> str:
    """Register a lead with a reporter, closed or open, and return its number."""
    number = register(ledger, by="keeper", reporter="张三", real_name="yes").number
    if closed:
        void(Acting(ledger, "keeper", START), number, reason="重复登记")
    return number


def test_only_what_is_due_and_by_two_roles(database_url: str, tmp_path: Path) -> None:
    """Nothing goes early, of an open case, by one officer, or by two of one role; then exactly that goes, for good."""
    with furnished(database_url) as ledger:
        keeper = Acting(ledger, "keeper", START)
        for officer, role in (("ji", "discipline_office"), ("zhou", "discipline_office"), ("lian", "custodian")):
            keeping.grant(keeper, officer, role, None)
        closed, running = sealed_lead(ledger, closed=True), sealed_lead(ledger, closed=False)
        texts = [each.ciphertext for each in sealed_rows.sealed(ledger.store, ledger.case(closed).id)]
        assert texts
        assert retention.due(ledger, START + timedelta(days=29 * 365)) == ()
        refused = []

        def refuses(by: str, what: str) -> None:
            acting = Acting(ledger, by, LATER)
            try:
                if what == "agree":
                    retention.agree(acting)
                else:
                    retention.propose(acting, reason=REASON)
            except RefusedError:
                refused.append((by, what))

        asked = [("ji", "agree"), ("chen", "propose")]
        for by, what in asked:
            refuses(by, what)
        assert [each.number for each in retention.propose(Acting(ledger, "ji", LATER), reason=REASON)] == [closed]
        for by in ("ji", "zhou", "chen"):
            asked.append((by, "agree"))
            refuses(by, "agree")
        assert refused == asked

        cases, _ = retention.agree(Acting(ledger, "lian", LATER))
        assert [each.number for each in cases] == [closed]
        assert sealed_rows.sealed(ledger.store, ledger.case(closed).id) == []
        assert len(sealed_rows.sealed(ledger.store, ledger.case(running).id)) == len(texts)
        assert ledger.case(closed).fields["reporter"] == "sealed"
        assert verify(ledger)[1] == ()
    if not is_postgres(database_url):
        files = sqlite_file(database_url).parent.glob("*.db*")
        assert [each for each in files if texts[0].encode() in each.read_bytes()] == []
    again = str(tmp_path / "again.db")
    restore(back_up(database_url, tmp_path / "kept.bak", now=LATER).file, again, now=LATER)
    with opened(again) as ledger:
        assert verify(ledger)[1] == ()


def test_seals_that_go_without_a_row_are_found(sqlite_url: str) -> None:
    """Who deletes sealed values behind the program's back is found: no row of two officers says that they went."""
    with furnished(sqlite_url) as ledger:
        number = sealed_lead(ledger, closed=True)
        with ledger.store.begin():
            sealed_rows.destroy_sealed(ledger.store, ledger.case(number).id)
        assert {each.what for each in verify(ledger)[1]} == {"sealed"}


def test_the_file_is_cleared_when_nobody_else_reads(sqlite_url: str) -> None:
    """While another reads in a transaction the file is not cleared, and that is said; done again later it is."""
    with furnished(sqlite_url) as ledger:
        keeper = Acting(ledger, "keeper", START)
        keeping.grant(keeper, "ji", "discipline_office", None)
        keeping.grant(keeper, "lian", "custodian", None)
        sealed_lead(ledger, closed=True)
        retention.propose(Acting(ledger, "ji", LATER), reason=REASON)
        with opened(sqlite_url) as other, other.reading():
            other.case("0101-XS-2019-0001")
            assert not retention.agree(Acting(ledger, "lian", LATER))[1]
        assert retention.agree(Acting(ledger, "lian", LATER)) == ((), True)
