"""What kind of office a unit is (卫生健康, 医疗保障): declared in the list `unit_types`, registered and journaled."""

from collections.abc import Mapping

from engine.errors import BadValueError
from engine.journal.house_events import UNIT_TYPES, UnitTyped
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.workflow.called import called, near


def type_of(ledger: Ledger, code: str) -> str | None:
    """Return the type of a unit: the one registered, else the first declared; None if none is declared."""
    registered = ledger.settings.get(UNIT_TYPES)
    found = registered.get(code) if isinstance(registered, Mapping) else None
    return str(found) if found else next(iter(ledger.workflows.unit_types()), None)


def note_type(acting: Acting, code: str, kind: str, *, reason: str | None = None) -> None:
    """Write the type of a unit; inside `begin` of the caller."""
    ledger = acting.ledger
    house.lock_house(ledger.store)
    before = house.settings(ledger.store).get(UNIT_TYPES)
    known = dict(before) if isinstance(before, Mapping) else {}
    house.put_setting(ledger.store, UNIT_TYPES, {**known, code: kind})
    acting.note_in_house(UnitTyped(code=code, type=kind, was=known.get(code), reason=reason))
    ledger.forget()


def type_called(ledger: Ledger, typed: str) -> str:
    """Return the type that is called so.

    Raises:
        BadValueError: If there is none.
    """
    titles = ledger.workflows.unit_types()
    found = typed if typed in titles else called(typed, titles)
    if found is None:
        guess = near(typed, titles)
        raise BadValueError(
            Text(
                f"no type of units is called '{typed}'{guess.en}; there are: {', '.join(titles)}",
                f"没有名为“{typed}”的单位类型{guess.zh}；可用：{'、'.join(each.zh for each in titles.values())}",
            )
        )
    return found
