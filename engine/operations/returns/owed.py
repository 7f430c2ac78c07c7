"""Who owes the cases that open by themselves: units, cases under which they open, or the house once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.operations.house.unit_types import type_of
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.recurring_cases import Recurrence

CHUNK = 500
"""Cases read at a time."""


class Owing(NamedTuple):
    """One that owes the cases of a recurrence."""

    unit: house.HouseUnit
    hear: tuple[str, ...]
    """Codes of the officers who have the role in the unit; if none has, of those who have it in all units."""
    parent: Case | None = None
    """The case under which they open."""
    once: bool = False
    """The whole house owes one."""

    @property
    def unit_id(self) -> int:
        """The unit as an occurrence names it: 0 where the house owes one."""
        return 0 if self.once else self.unit.id

    @property
    def parent_id(self) -> int:
        """The parent as an occurrence names it: 0 where there is none."""
        return self.parent.id if self.parent else 0


class Unowed(NamedTuple):
    """Recurrences of a workflow that open nothing in some units, because nobody has one of their roles there."""

    workflow: str
    recurs: str
    """One recurrence, or several with the same roles."""
    roles: tuple[str, ...]
    units: tuple[house.HouseUnit, ...] = ()
    """In which; empty if nowhere at all."""


def owing(ledger: Ledger, recurs: Recurrence) -> tuple[Owing, ...]:
    """Return who owes the cases of a recurrence."""
    units = owing_units(ledger, recurs)
    if recurs.under is not None:
        return tuple(_under(ledger, recurs, units))
    if recurs.once:
        return tuple(
            Owing(unit, tuple(dict.fromkeys(code for each in units.values() for code in each)), once=True)
            for unit in _of_the_house(ledger, recurs, units)
        )
    return tuple(Owing(unit, hear) for unit, hear in units.items())


def owing_units(ledger: Ledger, recurs: Recurrence) -> dict[house.HouseUnit, tuple[str, ...]]:
    """Return the units in which somebody owes such cases, each with those who hear of it.

    A unit owes them if anybody has one of the roles, there or in all units; those who have it there go before the
    others, as for reminders.
    """
    there: dict[str, list[str]] = {}
    left = {each.code for each in house.officers(ledger.store) if each.left_at is not None}
    for code, role, where in house.grants(ledger.store):
        if role in recurs.units_with and code not in left:
            there.setdefault(where, []).append(code)
    everywhere = there.get("", [])
    return {
        unit: tuple(dict.fromkeys(hear))
        for unit in house.units(ledger.store)
        if unit.closed_at is None and _is_of_type(ledger, recurs, unit) and (hear := there.get(unit.code, everywhere))
    }


def _is_of_type(ledger: Ledger, recurs: Recurrence, unit: house.HouseUnit) -> bool:
    """Say whether a unit is of a type that owes cases of a recurrence."""
    return not recurs.of_type or type_of(ledger, unit.code) in recurs.of_type


def is_of_no_unit(ledger: Ledger, recurs: Recurrence) -> bool:
    """Say whether no open unit is of a type that owes cases of a recurrence: then nobody is missing."""
    if not recurs.of_type:
        return False
    units = (each for each in house.units(ledger.store) if each.closed_at is None)
    return not any(_is_of_type(ledger, recurs, each) for each in units)


def unowed(ledger: Ledger) -> tuple[Unowed, ...]:
    """Return what opens nothing, because nobody has one of its roles: anywhere, or in some units."""
    open_units = [each for each in house.units(ledger.store) if each.closed_at is None]
    found = []
    for rules, recurs in recurrences(ledger):
        owed_by = owing_units(ledger, recurs)
        if is_of_no_unit(ledger, recurs):
            continue
        without = tuple(
            each
            for each in open_units
            if owed_by and not recurs.once and each not in owed_by and _is_of_type(ledger, recurs, each)
        )
        if without or not owed_by:
            found.append(Unowed(rules.workflow.name, recurs.name, recurs.units_with, without))
    return together(found)


def together(found: Iterable[Unowed]) -> tuple[Unowed, ...]:
    """Return what nobody owes, of each workflow those recurrences as one that lack the same roles in the same units."""
    named: dict[Unowed, list[str]] = {}
    for each in found:
        named.setdefault(each._replace(recurs=""), []).append(each.recurs)
    return tuple(each._replace(recurs=", ".join(recurs)) for each, recurs in named.items())


def recurrences(ledger: Ledger) -> tuple[tuple[Rules, Recurrence], ...]:
    """Return everything that opens by itself, with the rules of its workflow."""
    every = (ledger.rules(name) for name in ledger.workflows.names())
    return tuple((rules, recurs) for rules in every for recurs in rules.workflow.recurs.values())


def _under(ledger: Ledger, recurs: Recurrence, units: dict[house.HouseUnit, tuple[str, ...]]) -> Iterator[Owing]:
    """Yield the open cases under which cases of a recurrence open, in units where somebody owes them."""
    assert recurs.under is not None
    by_id = {each.id: each for each in units}
    ids: Sequence[int] = case_rows.open_ids(ledger.store, recurs.under.workflow)
    for start in range(0, len(ids), CHUNK):
        for case in case_rows.by_ids(ledger.store, ids[start : start + CHUNK]).values():
            if case.state in recurs.under.states and case.unit_id in by_id:
                unit = by_id[case.unit_id]
                yield Owing(unit, units[unit], parent=case)


def _of_the_house(
    ledger: Ledger, recurs: Recurrence, units: dict[house.HouseUnit, tuple[str, ...]]
) -> list[house.HouseUnit]:
    """Return the unit that keeps what the house owes once, as one or none.

    The first in which somebody has one of the roles by name, else the first at all: that is where the house was
    set up.
    """
    granted = {where for _, role, where in house.grants(ledger.store) if role in recurs.units_with}
    own = [each for each in units if each.code in granted]
    return sorted(own or units, key=lambda each: each.id)[:1]
