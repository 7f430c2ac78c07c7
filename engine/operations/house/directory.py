"""Who belongs to the house, as anyone may look it up: its units, its officers and what roles they have where."""

from collections.abc import Sequence
from unicodedata import normalize

from engine.errors import BadValueError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger, no_officer
from engine.store import house_rows

HouseUnit = house_rows.HouseUnit
Officer = house_rows.Officer


def units(ledger: Ledger) -> list[HouseUnit]:
    """Return all units, by code; closed ones too."""
    return house_rows.units(ledger.store)


def open_units(ledger: Ledger) -> list[HouseUnit]:
    """Return the units that take new cases, by code."""
    return [each for each in units(ledger) if each.closed_at is None]


def officers(ledger: Ledger) -> list[Officer]:
    """Return all officers, by code; those who have left too."""
    return house_rows.officers(ledger.store)


def acting_officers(ledger: Ledger) -> list[Officer]:
    """Return the officers who have not left, by code."""
    return [each for each in officers(ledger) if each.left_at is None]


def roles_given(ledger: Ledger) -> dict[str, list[tuple[str, str]]]:
    """Return the roles of each officer who has any, by code: the role and the unit's code, '' for all units."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in house_rows.grants(ledger.store):
        found.setdefault(each.officer, []).append((each.role, each.unit))
    return found


def names_known(ledger: Ledger) -> list[str]:
    """Return what one who guesses a password knows: the names of the house, its units and officers."""
    found = [str(ledger.settings.get("name") or "")]
    for unit in units(ledger):
        found += [unit.code, unit.name]
    for each in officers(ledger):
        found += [each.code, each.name]
    return found


def unit_called(ledger: Ledger, typed: str) -> str:
    """Return the code of the unit that is called *typed*: by its code, its name, or a part that only its name has.

    What no unit is called is returned as it is.

    Raises:
        BadValueError: If several are called so.
    """
    return _code_called(typed, [(each.code, each.name) for each in units(ledger)])


def officer_called(ledger: Ledger, typed: str) -> str:
    """Return the code of the officer who is called *typed*, by code or name; else *typed* as it is.

    Raises:
        BadValueError: If several are called so.
    """
    return _code_called(typed, [(each.code, each.name) for each in officers(ledger)], whole=True)


def refuse_stranger(url: str, typed: str) -> None:
    """Refuse who is no officer of the ledger at *url*, whose tables may be of an older version.

    Args:
        typed: Who was named, by code or name.

    Raises:
        BadValueError: If several are called so.
        DatabaseError: If the tables cannot be read.
        NotFoundError: If no officer is.
        RefusedError: If the officer has left.
    """
    known = house_rows.officers_in(url)
    code = _code_called(typed, [(code, name) for code, name, _ in known], whole=True)
    left = {each: has_left for each, _, has_left in known}
    if left.get(code, True):
        raise no_officer(code, [name for _, name, _ in known], left=code in left)


def _code_called(typed: str, known: Sequence[tuple[str, str]], *, whole: bool = False) -> str:
    """Return the code that is meant.

    Args:
        known: Codes with their names.
        whole: A name must be written whole: half a person's name is another person's.
    """
    wanted = _plain(typed)
    if typed in (code for code, _ in known):
        return typed
    named = [code for code, name in known if _plain(name) == wanted]
    named = named or [code for code, _ in known if _plain(code) == wanted]
    if not named and not whole and len(wanted) >= 2:
        pieces = [code for code, name in known if wanted in _plain(name)]
        named = pieces or [code for code, name in known if _shortened(wanted, _plain(name))]
    if len(named) > 1:
        names = dict(known)
        raise BadValueError(
            Text(
                "several are called '{typed}'; write the code: {which}", "“{typed}”不止一个，请写代码：{which}"
            ).format(typed=typed[:40], which=", ".join(f"{code} {names[code]}" for code in named[:5]))
        )
    return named[0] if named else typed


def _plain(words: str) -> str:
    """Return the form in which codes and names are compared."""
    return "".join(normalize("NFKC", words).split()).casefold()


def _shortened(short: str, name: str) -> bool:
    """Say whether *short* is the name with characters left out but the last (县中医院)."""
    rest = iter(name)
    return short[-1] == name[-1] and all(each in rest for each in short)
