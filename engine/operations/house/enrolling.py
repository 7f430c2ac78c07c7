"""Units and officers registered from a list: tried first, and all of them or none."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from engine.errors import QinglingError
from engine.language import Text
from engine.operations.house.registration import enrol_officer, enrol_unit
from engine.operations.house.unit_types import note_type, type_called
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.undoing import undone_if_refused


class Enrolment(NamedTuple):
    """One unit or officer of a list, and what became of it."""

    code: str
    name: str
    refusal: Text | None


class ListedOfficer(NamedTuple):
    """An officer as a list has them."""

    code: str
    name: str
    roles: tuple[str, ...]
    unit: str | None
    """Where the roles hold; None for all units."""
    contact: Mapping[str, object]


class _NotKeptError(QinglingError):
    """Undoes a list that was only tried, or has a row that is refused."""


class ListedUnit(NamedTuple):
    """A unit as a list has it."""

    code: str
    name: str
    type: str | None
    """Name or title of its type; None if the list says nothing, so that it counts as of the first declared."""


def enrol_units(acting: Acting, listed: Sequence[ListedUnit], *, apply: bool) -> list[Enrolment]:
    """Register units; return what became of each. Nothing is written if one of them is refused."""
    wanted = [(each.code, each.name, partial(_enrol_unit, acting, each)) for each in listed]
    return _enrolled(acting, wanted, apply=apply)


def _enrol_unit(acting: Acting, each: ListedUnit) -> None:
    """Register one unit with its type; inside `begin`."""
    kind = None if each.type is None else type_called(acting.ledger, each.type)
    enrol_unit(acting, each.code, each.name)
    if kind is not None:
        note_type(acting, each.code, kind)


def enrol_officers(acting: Acting, listed: Sequence[ListedOfficer], *, apply: bool) -> list[Enrolment]:
    """Register officers with their roles; return what became of each. Nothing is written if one is refused.

    An officer who stands there again gets the roles of that row as well.
    """
    seen: set[str] = set()
    wanted: list[tuple[str, str, Callable[[], object]]] = []
    for each in listed:
        again = each.code in seen
        seen.add(each.code)
        wanted.append((each.code, each.name, partial(_enrol, acting, each, again=again)))
    return _enrolled(acting, wanted, apply=apply)


def _enrol(acting: Acting, each: ListedOfficer, *, again: bool) -> None:
    """Register one officer, or give more roles to one who stands in the list already; inside `begin`."""
    enrol_officer(acting, each.code, each.name, contact=each.contact, roles=each.roles, unit=each.unit, known=again)


def _enrolled(
    acting: Acting, wanted: Sequence[tuple[str, str, Callable[[], object]]], *, apply: bool
) -> list[Enrolment]:
    """Do all of it in one commit, or nothing."""
    found: list[Enrolment] = []
    try:
        with acting.ledger.store.begin():
            for code, name, write in wanted:
                found.append(Enrolment(code, name, _refusal(acting, write)))
            if not apply or any(each.refusal for each in found):
                _undo()
    except _NotKeptError:
        pass
    acting.ledger.forget()
    return found


def _refusal(acting: Acting, write: Callable[[], object]) -> Text | None:
    """Write one row; return why it is refused, if it is."""
    try:
        with undone_if_refused(acting.ledger):
            write()
    except QinglingError as refused:
        return refused.sentence
    return None


def _undo() -> None:
    """Take back whatever was written."""
    raise _NotKeptError(Text("only tried", "仅试办"))
