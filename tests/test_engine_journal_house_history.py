"""The house as it stood after each row of its own chain: who acted, with which roles, and known by what."""

from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.house_events import (
    HouseSetUp,
    OfficerAdded,
    OfficerLeft,
    OfficerReturned,
    ProofDemanded,
    RoleGranted,
    RoleRevoked,
    TextsAdopted,
)
from engine.journal.house_history import HouseHistory

BEGUN = HouseSetUp(
    name="x",
    zone="Asia/Shanghai",
    unit=("0101", "x"),
    officer=("sun", "x"),
    roles=("keeper",),
    custodian=None,
    key=None,
)
STORY: tuple[tuple[Event, dict[str, object], bool, bool], ...] = (
    (BEGUN, {"sun": {"keeper"}, "liu": None}, True, False),
    (OfficerAdded(code="liu", name="x"), {"sun": {"keeper"}, "liu": set()}, False, False),
    (RoleGranted(code="liu", role="office", unit="0101"), {"sun": {"keeper"}, "liu": {"office"}}, False, False),
    (ProofDemanded(least="session", was="asserted", reason="x"), {"liu": {"office"}}, False, True),
    (OfficerLeft(code="liu"), {"sun": {"keeper"}, "liu": None}, True, False),
    (OfficerReturned(code="liu"), {"liu": {"office"}}, False, True),
    (RoleRevoked(code="liu", role="office", unit="0101"), {"liu": set()}, False, True),
)
"""Row -> the roles of officers in unit 0101 after it (None: does not act), whether sun acts alone, and whether
officers had to be known by more than a typed name."""


def history(*events: Event) -> HouseHistory:
    """Return what a chain with these rows tells."""
    return HouseHistory(
        [
            ChainRow(0, seq, seq, "sun", each.kind, None, None, 0, each.body().encode(), f"{seq:064x}")
            for seq, each in enumerate(events, start=1)
        ]
    )


def test_the_house_stands_after_each_row_as_the_row_left_it() -> None:
    """A role is had from the row that gave it to the row that took it; who leaves and comes back has it still."""
    told = history(*(each for each, *_ in STORY))
    found = [
        (
            {code: told.roles(code, "0101", seq) for code in roles},
            told.acts_alone("sun", seq),
            told.signed_in_person(seq),
        )
        for seq, (_, roles, _, _) in enumerate(STORY, start=1)
    ]

    assert found == [(roles, alone, strict) for _, roles, alone, strict in STORY]


def test_a_role_of_one_unit_is_none_of_another() -> None:
    """Asked for anywhere it is there; a rehearsal demands nothing, so none is."""
    given = OfficerAdded(code="liu", name="x"), RoleGranted(code="liu", role="office", unit="0101")
    told, tried = history(BEGUN, *given), history(BEGUN.replace(rehearsal=True), *given)

    assert told.roles("liu", "0102", 3) == frozenset()
    assert told.roles("sun", "0102", 3) == frozenset({"keeper"})
    assert told.roles_anywhere("liu", 3) == {"office"}
    assert tried.roles_anywhere("liu", 3) == frozenset()


def test_the_text_in_force_is_the_one_adopted_last() -> None:
    """Each row of a case is judged by the texts that the house worked by then."""
    first, second = ("workflow", "lead", 1, "aa"), ("workflow", "lead", 2, "bb")
    told = history(BEGUN, TextsAdopted(texts=(first,)), TextsAdopted(texts=(second,)))

    assert [told.in_force("workflow", "lead", seq) for seq in (1, 2, 3)] == [None, first, second]
    assert [told.adopted("workflow", "lead", seq) for seq in (1, 2, 3)] == [(), (1,), (1, 2)]
