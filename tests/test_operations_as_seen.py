"""Who says how they saw a case acts on that or on nothing; who presses twice has acted once."""

from collections.abc import Callable
from datetime import date

import pytest
from ledgers import Story, furnished
from paths import ASSIGN

from engine.journal.chain import JournalEntry
from engine.operations.cases.casework import advance, amend, note, void
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.timing import pause, resume
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.overtaken import OvertakenError
from engine.store import case_rows
from engine.workflow.deadline import Term


def test_what_changed_in_between_is_shown_and_nothing_is_written(sqlite_url: str) -> None:
    """Whatever is done on a case that another changed since is refused with the rows that came in between."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play((ASSIGN,))
        seen = story.lead.revision
        note(Acting(ledger, "chen", story.now), story.number, "已约谈")
        amend(Acting(ledger, "zhou", story.now), story.number, {"amount": 5}, reason="补填")
        stands = story.lead
        acting = Acting(ledger, "zhou", story.now, as_seen=(story.number, seen))
        days, filed = Term.of("5 working_days"), date(2019, 7, 2)
        deeds: dict[str, Callable[[], object]] = {
            "advance": lambda: advance(acting, story.number, "recuse", {"recused": "chen", "reason": "亲属"}),
            "amend": lambda: amend(acting, story.number, {"amount": 6}, reason="更正"),
            "note": lambda: note(acting, story.number, "另一句"),
            "void": lambda: void(acting, story.number, reason="误登"),
            "extend": lambda: extend(
                acting, story.number, "verification", length=days, reason="复杂", signed_by="zhao", filed_on=filed
            ),
            "pause": lambda: pause(acting, story.number, "verification", reason="等"),
        }
        wrong = {}
        for name, deed in deeds.items():
            with pytest.raises(OvertakenError) as late:
                deed()
            between = [(each.by, each.kind) for each in late.value.since]
            if between != [("chen", "noted"), ("zhou", "amended")]:
                wrong[name] = between
        assert wrong == {}
        assert story.lead == stands
        as_it_is = Acting(ledger, "zhou", story.now, as_seen=(story.number, stands.revision))
        assert note(as_it_is, story.number, "再看一遍").case.revision == stands.revision + 1


def test_what_was_pressed_twice_is_done_once(sqlite_url: str) -> None:
    """The same by the same officer on the same sight is answered by the row that it left; anything else is late."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger)

        def rows() -> list[JournalEntry]:
            return case_rows.entries(ledger.store, story.lead.id)

        def acting(by: str = "zhou") -> Acting:
            return Acting(ledger, by, story.now, as_seen=(story.number, seen))

        seen = story.lead.revision
        values = {name: story.dated(value) for name, value in ASSIGN.values.items()}
        first = advance(acting(), story.number, "assign", values)
        again = advance(acting(), story.number, "assign", values)
        assert (first.repeated, again.repeated) == (None, rows()[-1])
        assert again.case == first.case
        with pytest.raises(OvertakenError):
            advance(acting(), story.number, "assign", {**values, "handler": "wang"})
        with pytest.raises(OvertakenError):
            note(acting("chen"), story.number, "别人")

        seen = story.lead.revision
        assert note(acting(), story.number, " 一句 ").repeated is None
        amend(Acting(ledger, "zhou", story.now), story.number, {"amount": 5}, reason="后来的")
        twice = note(acting(), story.number, "一句").repeated
        assert twice is not None
        assert twice.seq == seen + 1

        seen = story.lead.revision
        before = len(rows())
        amend(acting(), story.number, {"amount": 7}, reason="更正")
        assert amend(acting(), story.number, {"amount": "7"}, reason="更正").repeated == rows()[-1]
        seen = story.lead.revision
        assert pause(acting(), story.number, "verification", reason="等") == pause(
            acting(), story.number, "verification", reason="等"
        )
        seen = story.lead.revision
        assert resume(acting(), story.number, None, reason="到") == resume(acting(), story.number, None, reason="到")
        assert len(rows()) == before + 3
