"""What officers, units and roles are called in a ledger: by name and title where that means only one of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from engine.language import Text
from engine.rules.naming import Naming
from engine.rules.reading_rights import Reader
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.powers import PROGRAM as ACTS
from engine.workflow.powers import PROGRAM_TITLE

PROGRAM = "qingling"
"""Who acts where nobody does: the sweep."""


class PersonCalled(NamedTuple):
    """Who a code stands for, as a page shows it in either language."""

    name: str
    units: tuple[str, ...]
    """Names of the units in which the officer has a role, in the order of their codes; none if it is all units."""


class LedgerNaming(Naming):
    """The names that a ledger holds, looked up once, when a sentence needs them; those who left are named too."""

    def __init__(
        self, store: Store, roles: Callable[[], Mapping[str, Text]], reader: Callable[[], Reader | None]
    ) -> None:
        """Remember where the names stand.

        Args:
            roles: Returns the titles of roles by name.
            reader: Returns who reads; None where nothing is hidden.
        """
        self._store = store
        self._roles = roles
        self._reader = reader

    def veiled(self, words: str) -> str:
        """Return words of a case with the numbers of other cases masked that are hidden from who reads."""
        reader = self._reader()
        return words if reader is None or not reader.hidden else reader.veiled(words)

    def unveiled(self, values: Mapping[str, object], held: Mapping[str, object]) -> Mapping[str, object]:
        """Return values that who reads brings back, with the masks of what was shown of *held* written out again."""
        reader = self._reader()
        if reader is None or not reader.hidden:
            return values
        return {
            name: reader.unveiled(value, was)
            if isinstance(value, str) and isinstance(was := held.get(name), str)
            else value
            for name, value in values.items()
        }

    def officer(self, code: str) -> Text:
        """Return what an officer is called: by name, unless another has the same."""
        return Text(code, self._officers.get(code, "系统" if code == PROGRAM else code))

    def person(self, code: str) -> PersonCalled:
        """Return an officer by name and units, in both languages the same: a page never shows a code alone.

        Two statements for all officers of the house, however many are asked for.
        """
        name = self._officers.get(code) or str(Text("the program", "系统") if code == PROGRAM else code)
        return PersonCalled(name, self._units_of.get(code, ()))

    def unit_name(self, code: str) -> str:
        """Return a unit by name, in both languages the same."""
        return self._units.get(code, code)

    def unit(self, code: str) -> Text:
        """Return what a unit is called: by name, unless another has the same."""
        return Text(code, self._units.get(code, code))

    def role(self, name: str) -> Text:
        """Return what a role is called: by its title."""
        title = PROGRAM_TITLE if name == ACTS else self._roles().get(name)
        return Text(name, title.zh if title else name)

    @cached_property
    def _officers(self) -> Mapping[str, str]:
        return _only(house.officers(self._store))

    @cached_property
    def _units(self) -> Mapping[str, str]:
        return _only(house.units(self._store))

    @cached_property
    def _units_of(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for each in sorted(house.grants(self._store), key=lambda each: each.unit):
            if each.unit:
                found.setdefault(each.officer, {})[self.unit_name(each.unit)] = None
        return {code: tuple(names) for code, names in found.items()}


def _only(registered: Iterable[house.Officer] | Iterable[house.HouseUnit]) -> Mapping[str, str]:
    """Return names by code; where several share one, the code follows it."""
    known = [(each.code, each.name) for each in registered]
    count = Counter(name for _, name in known)
    return {code: name if count[name] == 1 else f"{name}（{code}）" for code, name in known}
