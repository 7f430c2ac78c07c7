"""What follows from the type of a field: tables that must say something of every type."""

from typing import Final, Generic, Literal, TypeVar

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import FieldType

T = TypeVar("T")


class ByFieldType(FrozenStruct, Generic[T], frozen=True, kw_only=True):
    """One entry for each type of field, so that mypy finds every table in which a new type is missing."""

    text: T
    date: T
    moment: T
    flag: T
    number: T
    choice: T
    choices: T
    officer: T
    officers: T
    unit: T
    sealed: T

    def __getitem__(self, kind: FieldType) -> T:
        """Return the entry of a type."""
        entry: T = getattr(self, kind)
        return entry


class FieldTraits(FrozenStruct, frozen=True, kw_only=True):
    """What is true of all fields of one type."""

    stored: Literal["text", "day", "number", "truth", "list"]
    """What its value is once it is read: how it is compared, ordered and added up. A day may have a time."""
    chosen: bool = False
    """Has declared choices."""
    officers: bool = False
    """Holds codes of officers."""
    as_text: bool = False
    """Its stored value is a text that says the same when it is copied into a text."""


TRAITS: Final = ByFieldType(
    text=FieldTraits(stored="text", as_text=True),
    date=FieldTraits(stored="day", as_text=True),
    moment=FieldTraits(stored="day", as_text=True),
    flag=FieldTraits(stored="truth"),
    number=FieldTraits(stored="number"),
    choice=FieldTraits(stored="text", chosen=True, as_text=True),
    choices=FieldTraits(stored="list", chosen=True),
    officer=FieldTraits(stored="text", officers=True, as_text=True),
    officers=FieldTraits(stored="list", officers=True),
    unit=FieldTraits(stored="text", as_text=True),
    sealed=FieldTraits(stored="text"),
)

SEVERAL_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].stored == "list")
CHOICE_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].chosen)
OFFICER_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].officers)
TEXT_LIKE_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].as_text)
NUMBER_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].stored == "number")
DAY_TYPES: Final = frozenset(kind for kind in FieldType if TRAITS[kind].stored == "day")
"""What lies on a local day: a term may start from it, and an expression has the day."""
