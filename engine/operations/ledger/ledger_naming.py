"""What officers, units and roles are called in a ledger: by name and title where that means only one of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from engine.language import Text
from engine.rules.naming import Naming
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.powers import PROGRAM as ACTS
from engine.workflow.powers import PROGRAM_TITLE

PROGRAM = "qingling"
"""Who acts where nobody does: the sweep."""


class LedgerNaming(Naming):
    """The names that a ledger holds, looked up once, when a sentence needs them; those who left are named too."""

    def __init__(self, store: Store, roles: Callable[[], Mapping[str, Text]]) -> None:
        """Remember where the names stand.

        Args:
            roles: Returns the titles of roles by name.
        """
        self._store = store
        self._roles = roles

    def officer(self, code: str) -> Text:
        """Return what an officer is called: by name, unless another has the same."""
        return Text(code, self._officers.get(code, "系统" if code == PROGRAM else code))

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


def _only(registered: Iterable[house.Officer] | Iterable[house.HouseUnit]) -> Mapping[str, str]:
    """Return names by code; where several share one, the code follows it."""
    known = [(each.code, each.name) for each in registered]
    count = Counter(name for _, name in known)
    return {code: name if count[name] == 1 else f"{name}（{code}）" for code, name in known}
