"""Who may read what: the table of deeds, row by row, for every scope that a role may declare."""

from itertools import product

import pytest

from engine.rules.reading_rights import DEEDS, Deed, Reader, Subject, may
from engine.workflow.powers import READS, Power, ReadingScope

OWN, FOREIGN = 1, 2

NOBODY = Reader(code="nobody", scope=ReadingScope.NONE)
NAMED = Reader(code="zhao", scope=ReadingScope.PART)
LOCAL = Reader(code="zhao", scope=ReadingScope.UNIT, units=frozenset({OWN}))
WHOLE = Reader(code="zhao", scope=ReadingScope.ALL)

CASES: tuple[tuple[Reader, int, set[str], bool], ...] = (
    # reader,  unit,    people,    may read it
    (NOBODY, OWN, {"nobody"}, False),
    (NAMED, OWN, set(), False),
    (NAMED, OWN, {"zhao"}, True),
    (NAMED, FOREIGN, {"zhao"}, True),
    (LOCAL, OWN, set(), True),
    (LOCAL, FOREIGN, set(), False),
    (LOCAL, FOREIGN, {"zhao"}, True),
    (LOCAL, FOREIGN, {"li"}, False),
    (WHOLE, FOREIGN, set(), True),
)

AT_ALL = {
    # deed:           nobody, part, unit, all; with every power
    Deed.READ: (False, True, True, True),
    Deed.LIST: (False, True, True, True),
    Deed.SEARCH: (False, True, True, True),
    Deed.JOURNAL: (False, True, True, True),
    Deed.PRINT: (False, True, True, True),
    Deed.OUTBOX: (False, True, True, True),
    Deed.HOUSE: (False, True, True, True),
    Deed.REPORT: (False, False, True, True),
    Deed.ZERO: (False, False, True, True),
    Deed.EXPORT: (False, False, True, True),
    Deed.VERIFY: (False, False, False, True),
    Deed.BACKUP: (False, False, False, True),
    Deed.RESTORE: (False, False, False, True),
    Deed.FREEZE: (False, False, False, True),
    Deed.SWEEP: (False, False, False, True),
    Deed.SEND: (False, False, False, True),
    Deed.ACCESS: (False, False, False, True),
}

POWERS = {
    Deed.SWEEP: Power.KEEP_LEDGER,
    Deed.SEND: Power.KEEP_LEDGER,
    Deed.RESTORE: Power.RESTORE,
    Deed.FREEZE: Power.FREEZE,
    Deed.ACCESS: Power.READ_ACCESS_LOG,
}


@pytest.mark.parametrize(("reader", "unit_id", "people", "allowed"), CASES)
def test_a_case_is_read_by_unit_or_by_part_in_it(reader: Reader, unit_id: int, people: set[str], allowed: bool) -> None:
    """A case is read by those of its unit, by those whom it names, and by those who read all; by nobody else."""
    assert may(reader, Deed.READ, Subject(unit_id=unit_id, people=frozenset(people))) is allowed


RESTRICTED: tuple[tuple[Reader, int, set[str], bool], ...] = (
    # reader,                                                              unit,    restricted to, may read it
    (WHOLE, OWN, {"li"}, False),
    (WHOLE, OWN, {"zhao"}, True),
    (NAMED, FOREIGN, {"zhao"}, True),
    (NOBODY, FOREIGN, {"nobody"}, False),
    (WHOLE.replace(powers=frozenset({Power.READ_RESTRICTED})), FOREIGN, {"li"}, True),
    (LOCAL.replace(trusted_in=frozenset({OWN})), OWN, {"li"}, True),
    (LOCAL.replace(trusted_in=frozenset({OWN})), FOREIGN, {"li"}, False),
    (NAMED.replace(powers=frozenset({Power.READ_RESTRICTED})), OWN, {"li"}, False),
)


def test_a_restricted_case_is_read_by_those_named_and_those_trusted() -> None:
    """Neither unit nor part in the case opens it; being named does, and a power does as far as the role reads."""
    wrong = [
        (reader, unit_id, to)
        for reader, unit_id, to, allowed in RESTRICTED
        if may(reader, Deed.READ, Subject(unit_id=unit_id, restricted_to=frozenset(to))) is not allowed
    ]
    assert not wrong


@pytest.mark.parametrize(("deed", "scope"), tuple(product(Deed, ReadingScope)))
def test_each_deed_takes_its_scope(deed: Deed, scope: ReadingScope) -> None:
    """Each deed is open from the scope on that the table says, and closed below it."""
    reader = Reader(code="zhao", scope=scope, units=frozenset({OWN}), powers=frozenset(Power))
    assert may(reader, deed) is AT_ALL[deed][scope]


@pytest.mark.parametrize("deed", Deed)
def test_each_deed_takes_its_power(deed: Deed) -> None:
    """Who may read all may not yet write, send, or look at who read what: that takes a power of its own."""
    assert may(WHOLE, deed) is (deed not in POWERS)
    if deed in POWERS:
        others = frozenset(Power) - {POWERS[deed]}
        assert not may(Reader(code="zhao", scope=ReadingScope.ALL, powers=others), deed)


def test_the_table_is_whole() -> None:
    """Every deed has its row, and every scope but none has a word that a role may declare."""
    assert set(DEEDS) == set(Deed)
    assert set(READS.values()) == set(ReadingScope) - {ReadingScope.NONE}
