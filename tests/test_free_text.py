"""Free text is looked through in the operations themselves, so that no desk, command or script can forget it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ledgers import LEAD, START, furnished, register
from paths import ASSIGN

from engine.operations.cases.bulk import advance_many
from engine.operations.cases.casework import advance, amend, attach, link, note, open_case, void
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.timing import pause
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import IdentitySeenError
from engine.store import case_rows
from engine.workflow.deadline import Term, TermUnit

MOBILE = "１３９-0000-1111"
PHONE = ("telephone",)
WEEK = Term(amount=7, unit=TermUnit.DAYS)
RECLASSIFIED = {"category": "A2", "signed_by": "zhao"}


def test_every_operation_refuses_and_takes_what_was_insisted_on(sqlite_url: str, tmp_path: Path) -> None:
    """Each names field and kind and repeats nothing; who comes again with that writes it, and it is journaled."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        page = tmp_path / f"{MOBILE}.pdf"
        page.write_bytes(b"x")
        first, number = register(ledger).number, register(ledger, received_on="2019-06-29").number
        running = register(ledger).number
        advance(Acting(ledger, "zhou", START), running, "assign", ASSIGN.values)
        ways: dict[str, tuple[str, str, Callable[[Acting], object]]] = {
            "receive": ("", "summary", lambda by: open_case(by, "lead", {**LEAD, "summary": MOBILE}, unit="0101")),
            "amend": (number, "remark", lambda by: amend(by, number, {"remark": MOBILE}, reason="x")),
            "its reason": (number, "reason", lambda by: amend(by, number, {"remark": "x"}, reason=MOBILE)),
            "note": (number, "words", lambda by: note(by, number, MOBILE)),
            "attach": (number, "file", lambda by: attach(by, number, page, folder=tmp_path / "kept")),
            "its title": (
                number, "file", lambda by: attach(by, number, page, folder=tmp_path / "kept", title=MOBILE),
            ),
            "step": (
                running, "reason", lambda by: advance(by, running, "reclassify", {**RECLASSIFIED, "reason": MOBILE}),
            ),
            "many": (
                running, "reason",
                lambda by: list(advance_many(by, iter([[ledger.case(running)]]), "reclassify", {"reason": MOBILE})),
            ),
            "extend": (
                running, "reason",
                lambda by: extend(
                    by, running, "verification", length=WEEK, reason=MOBILE, signed_by="tang", filed_on=START.date()
                ),
            ),
            "pause": (running, "reason", lambda by: pause(by, running, "verification", reason=MOBILE)),
            "link": (number, "reason", lambda by: link(by, number, first, reason=MOBILE)),
            "void": (number, "reason", lambda by: void(by, number, reason=MOBILE)),
        }  # fmt: skip
        wrong = {}
        for way, (case, name, do) in ways.items():
            by = Acting(ledger, "zhou", START)
            try:
                do(by)
                wrong[way] = "taken"
            except IdentitySeenError as refused:
                if dict(refused.seen) != {name: PHONE} or "0000" in str(refused):
                    wrong[way] = str(refused)
                do(replace(by, seen=refused.seen))
                last = case_rows.last_entry(ledger.store, ledger.case(case).id if case else 4)
                if way != "many" and (last is None or '"seen":{"' not in str(last.body)):
                    wrong[way] = "not journaled"
    assert wrong == {}
