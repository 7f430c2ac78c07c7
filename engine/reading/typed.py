"""A declaration is read into a frozen struct or dataclass by the types of its fields; all faults are found at once.

A small layer of our own rather than a validation library, by measure (least of nine starts, in ms
beyond a bare interpreter; `show` may take 1.5 times what `import sqlalchemy` takes, and reads stored
declarations each time):

    import sqlalchemy 205 | pydantic with the adapter of Workflow 106 | msgspec 30 | this layer 11

pydantic would take all that `show` has left, or need a second, unchecked way for stored versions;
msgspec stops at the first fault. Both speak English only and give no line, so that each of their
messages would be translated by hand; neither reads on past a misspelt key as what it must have
meant, which keeps one slip from making ten problems.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from msgspec import NODEFAULT, structs

from engine.language import Text
from engine.reading.terms import A_NAME, NAME, Part
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import As

Model = TypeVar("Model")
Reader = Callable[[Part, str], Any]
"""Reads from a mapping what stands under a key."""
_Read = Callable[[Part, str, str], Any]
"""The same, knowing the mapping's own name."""

_PLAIN: Final = As()
_NONE: Final = (MISSING, NODEFAULT)
"""What stands in place of a default that is not there."""
NO_TERM: Final = Term(amount=1, unit=TermUnit.DAYS)
_STAND_INS: Final[Mapping[object, object]] = {str: "", Term: NO_TERM, date: date.min, bool: False, int: 1}
"""For what could not be read and is a problem already, so that the rest can still be read."""

_SPECIAL: dict[object, Reader] = {}


class _Slot(FrozenStruct, frozen=True, kw_only=False):
    """How one field of a model is read."""

    field: str
    keys: tuple[str, ...]
    needed: bool
    read: _Read | None
    """None if it is only given."""


def reads(kind: object) -> Callable[[Reader], Reader]:
    """Return a decorator: the function reads values of a type whose form the type alone does not show."""

    def register(read: Reader) -> Reader:
        _SPECIAL[kind] = read
        return read

    return register


def read_as(
    model: type[Model], part: Part, *, name: str = "", given: Callable[[], Mapping[str, object]] = dict
) -> Model:
    """Return the *model* that a mapping writes; of use only if it brought no problems.

    Args:
        part: The mapping; its faults are remembered there.
        name: The name under which it stands, if it has one; also its title if it has none.
        given: Returns the fields that the caller reads; called when the keys of the mapping have been judged.
    """
    keys, needed, slots = _plan(cast("Any", model))
    part.only(keys, needed)
    found = dict(given())
    values = {slot: read(part, key, name) for slot, key, read in slots if slot not in found}
    return model(**values, **found)


def keys_of(model: type) -> tuple[str, ...]:
    """Return the keys that a mapping of a model may have."""
    return _plan(model)[0]


@cache
def _plan(model: type) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str, _Read], ...]]:
    """Return which keys a model has, which of them it needs, and how its fields are read from which key."""
    slots = [_slot(*each) for each in _fields(model)]
    return (
        tuple(dict.fromkeys(key for each in slots for key in each.keys)),
        tuple(dict.fromkeys(key for each in slots if each.needed for key in each.keys)),
        tuple((each.field, each.keys[0] if each.keys else "", each.read) for each in slots if each.read is not None),
    )


def _fields(model: type) -> Iterator[tuple[str, Any, object]]:
    """Yield name, type and default (MISSING if there is none) of each field of a struct or a dataclass."""
    given: Any = structs.fields(model) if issubclass(model, FrozenStruct) else fields(cast("Any", model))
    for each in given:
        # Made once and shared by all that is read, which is safe because nothing of it can be changed.
        default = each.default if each.default_factory in _NONE else each.default_factory()
        yield each.name, each.type, MISSING if default is NODEFAULT else default


def _is_model(kind: object) -> bool:
    """Say whether a type is one that a mapping is read into."""
    return isinstance(kind, type) and (issubclass(kind, FrozenStruct) or is_dataclass(kind))


def _slot(name: str, written: Any, default: object) -> _Slot:
    """Return how one field is read."""
    kind, how = _annotated(written)
    optional = False
    if get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind):
        optional = True
        kind = Union[tuple(arg for arg in get_args(kind) if arg is not NoneType)]  # noqa: UP007 - made at run time
        inner, inner_how = _annotated(kind)
        kind, how = inner, inner_how if how is _PLAIN else how
    # What is a word of Python bears a bar behind it in the code (`if_`), and none in a declaration.
    keys = (name.rstrip("_"),) if how.keys is None else how.keys
    mild = optional or kind is Text or get_origin(kind) is Mapping or default is not MISSING or not keys
    if default is MISSING:
        default = None if optional else MISSING if kind is Text else _STAND_INS.get(kind)
    needed = not mild if how.needed is None else how.needed
    return _Slot(field=name, keys=keys, needed=needed, read=_reader(kind, how, default))


def _annotated(kind: Any) -> tuple[Any, As]:
    """Return a type without its marker, and the marker."""
    if get_origin(kind) is Annotated:
        bare, *marks = get_args(kind)
        return bare, next((mark for mark in marks if isinstance(mark, As)), _PLAIN)
    return kind, _PLAIN


def _reader(kind: Any, how: As, default: object) -> _Read | None:
    """Return what reads a value of a type."""
    if how.form == "given":
        return None
    if how.form == "own_name":
        return lambda _part, _key, name: name
    if how.form == "named":
        return lambda part, key, name: part.name(key) or name
    if kind in _SPECIAL:
        read = _SPECIAL[kind]
        return lambda part, key, _name: read(part, key)
    if how.form:
        return lambda part, key, _name: _or(getattr(part, how.form)(key, **how.options), default)
    return _by_type(kind, how.options, default)


def _by_type(kind: Any, options: dict[str, Any], default: Any) -> _Read:
    """Return what reads a value whose type says how it is written."""
    plain: Any = {str: Part.name, Term: Part.term, date: Part.day, tuple[str, ...]: Part.names}.get(kind)
    if plain is not None:
        return lambda part, key, _name: _or(plain(part, key, **options), default)
    if kind is bool:
        return lambda part, key, _name: part.flag(key, default=bool(default))
    if kind is int:
        return lambda part, key, _name: (
            None
            if default is None and part.plain.get(key) is None
            else part.whole(key, 1 if default is None else default, **options)
        )
    if kind is Text:
        return lambda part, key, name: part.title(key, name) if default is MISSING else part.sentence(key) or default
    return _worded(kind, default) or _composed(kind)


def _worded(kind: Any, default: Any) -> _Read | None:
    """Return what reads one of some words; None if the type lists none."""
    if get_origin(kind) is Literal:
        words = tuple(word for word in get_args(kind) if word)
        return lambda part, key, _name: part.one_of(key, words, default or "") or default
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        usual = default or next(iter(kind))
        return lambda part, key, _name: kind(part.one_of(key, tuple(kind), usual))
    return None


def _composed(kind: Any) -> _Read:
    """Return what reads a model, a list of them, or a mapping of them by name."""
    match get_args(kind):
        case () if _is_model(kind):
            return lambda part, key, _name: None if (below := part.part(key)) is None else read_as(kind, below)
        case (each, end) if end is Ellipsis and get_origin(each) is Literal:
            return lambda part, key, _name: part.some_of(key, get_args(each))
        case (each, end) if end is Ellipsis:
            return lambda part, key, _name: tuple(read_as(each, row) for row in part.rows(key))
        case (_, each) if each is object:
            return lambda part, key, _name: MappingProxyType(dict(part.values(key)))
        case (_, each) if _is_model(each):
            return lambda part, key, _name: MappingProxyType(
                {name: read_as(each, below, name=name) for name, below in part.parts(key)}
            )
        case (_, each):
            return lambda part, key, _name: MappingProxyType(_lists(part, key, get_args(each)[0]))
        case _:
            raise TypeError(kind)


def _lists(part: Part, key: str, model: type) -> dict[str, tuple[Any, ...]]:
    """Return lists of models by name."""
    found = part.part(key)
    lists: dict[str, tuple[Any, ...]] = {}
    for name in found.plain if found else ():
        if found and isinstance(name, str) and NAME.fullmatch(name):
            lists[name] = tuple(read_as(model, row) for row in found.rows(name))
        else:
            part.wrong(A_NAME, key, str(name))
    return lists


def _or(value: object, default: object) -> object:
    """Return *value*, or *default* if nothing could be read."""
    return default if value is None or (value == () and default is not None) else value
