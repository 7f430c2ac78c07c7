"""Steps that verifying takes for judged already: alike in all that decides them, and in nothing less."""

from typing import Any

from engine.journal.case_events import StepTaken
from engine.journal.chain import ChainRow
from engine.operations.house.alike_steps import AlikeSteps
from engine.rules.transitions import Rules
from workflows.loader import Declarations

ROW: dict[str, Any] = {"from_state": "assigned", "to_state": "verified", "by": "chen"}
STEP: dict[str, Any] = {
    "transition": None,
    "roles": frozenset({"verifier"}),
    "moves": (("assign", "zhou"),),
    "fields": {"handler": "chen", "summary": "甲"},
}
DECIDES: dict[str, dict[str, Any]] = {
    "the state it led from": {"from_state": "shelved"},
    "the state it led to": {"to_state": "received"},
    "who took it": {"by": "wang"},
    "the way of its trigger": {"transition": "another"},
    "the roles of who took it": {"roles": frozenset()},
    "who did what before": {"moves": (("assign", "chen"),)},
    "the officer whom a field entitles": {"fields": {"handler": "wang", "summary": "甲"}},
    "that no field entitles anybody": {"fields": {"summary": "甲"}},
}


def test_a_step_judged_by_hands_is_kept_by_all_that_hands_depend_on() -> None:
    """Another value of whatever decides asks the rules again; a value that no check of hands reads does not."""
    alike = AlikeSteps(Rules(Declarations().latest("lead")), "verify")
    assert not alike.is_whole

    def key(**other: Any) -> tuple[object, ...] | None:
        said = {**ROW, **STEP, **other}
        row = ChainRow(1, 3, 0, said["by"], "moved", said["from_state"], said["to_state"], 0, b"", "")
        event = StepTaken(trigger="verify", set={}, transition=said["transition"])
        return alike.key(row, event, said["roles"], ("0101", 0, said["fields"], said["moves"], None), None)

    alike.allow(key())
    assert alike.was_allowed(key(fields={"handler": "chen", "summary": "乙", "amount": 5}))
    assert [what for what, other in DECIDES.items() if alike.was_allowed(key(**other))] == []
    assert key(fields={"handler": {"no": "field"}}) is None
