"""A condition on cases as SQL: what finds every case that meets it or cannot be judged, and few others.

The expression itself is judged row by row, by the sandbox; the SQL only spares it the rows of which it is certain that
they do not meet it. So whatever is not written here lets every row pass. A value that an expression compares by order
and that is missing cannot be judged, which is counted and said: such rows pass too.

Values are looked for as they stand in the canonical JSON of a case, with functions of text that both databases have:
no other text of a value can look like a name and its value, since quotes within a text are escaped there. Of each part
of an expression three things are asked: which rows it may hold for, which it may not hold for, and which it may not be
able to judge; a row may be among several.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from jinja2 import nodes

from engine.expressions.grammar import parse
from engine.language import Text
from engine.workflow.field_traits import DAY_TYPES
from engine.workflow.model import FieldType

COLUMNS: Final[Mapping[str, str]] = {"state": "c.state", "number": "c.number", "unit": "u.code"}
"""What an expression calls a column of cases `c`, or of their unit `u`."""

_TEXTS: Final = frozenset(
    {FieldType.TEXT, FieldType.CHOICE, FieldType.CHOICES, FieldType.OFFICER, FieldType.OFFICERS, FieldType.UNIT}
)
"""Types of fields that hold a text, or several."""
_OFFICERS: Final = frozenset({FieldType.OFFICER, FieldType.OFFICERS})
_MOST: Final = 600
"""Values that a condition has at most, so that SQLite does not find it too deep; of more, some parts let rows pass."""
_LARGEST: Final = 10**15
"""Whole numbers beyond this may be written otherwise."""
_ORDERS: Final = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_TURNED: Final = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq", "ne": "ne"}


class Sql(NamedTuple):
    """A condition and the values of its marks."""

    text: str
    values: tuple[object, ...] = ()


class ConditionNarrowing(NamedTuple):
    """What is known of the cases that meet a condition."""

    condition: Sql
    """Over cases `c` and their units `u`."""
    states: frozenset[str] | None = None
    """The states in which they stand; None if in any."""
    officer: str | None = None
    """An officer whom each of them names."""
    given: tuple[str, str] | None = None
    """A field that is given once, and the value that the only one of them has in it."""


class _Part(NamedTuple):
    """For which rows a part of an expression may hold, may not hold, and may not be judged."""

    holds: Sql
    fails: Sql
    unjudged: Sql


_ALL, _NONE = Sql("1 = 1"), Sql("1 = 0")
_UNKNOWN = _Part(_ALL, _ALL, _ALL)


def narrowing(
    source: str,
    fields: Mapping[str, FieldType],
    *,
    today: date,
    dialect: str,
    written: Callable[[str], str],
    unique: Collection[str] = (),
) -> ConditionNarrowing:
    """Return what finds the cases that meet *source*, or of which it cannot be said.

    Args:
        source: A sound expression.
        fields: The types of those fields that have the same type in every version of the workflow.
        today: The local date that the expression calls so.
        dialect: `sqlite` or `postgresql`.
        written: Says how a text stands in the JSON of a case.
        unique: Fields that every version of the workflow declares unique: then of all cases that are not void, one at
            most is found.
    """
    tree = parse(source)
    if isinstance(tree, Text):
        return ConditionNarrowing(_ALL)
    reading = _Reading(fields, today, dialect, written)
    condition = reading.of(tree).holds
    states: frozenset[str] | None = None
    officer: str | None = None
    given: tuple[str, str] | None = None
    for each in _conjuncts(tree):
        match _written_of(each):
            case name, code if officer is None and fields.get(name) in _OFFICERS:
                officer = code
            case name, value if name in unique and fields.get(name) is FieldType.TEXT:
                given = name, value
        found = _states(each)
        if found is not None:
            states = found if states is None else states & found
        if reading.of(each).unjudged != _NONE:
            break  # what is asked after it is not asked at all of a row in which it cannot be judged
    return ConditionNarrowing(condition, states, officer, given)


def names_cases(source: str) -> bool:
    """Say whether an expression asks for numbers or states, so that its writer means just these cases."""
    tree = parse(source)
    return not isinstance(tree, Text) and any(
        each.name in {"state", "number"} for each in [tree, *tree.find_all(nodes.Name)] if isinstance(each, nodes.Name)
    )


class _Reading:
    """The reading of one expression."""

    def __init__(
        self, fields: Mapping[str, FieldType], today: date, dialect: str, written: Callable[[str], str]
    ) -> None:
        self._written = written
        self._fields = fields
        self._today = today.isoformat()
        self._place = "strpos" if dialect == "postgresql" else "instr"
        self._bytewise = ' COLLATE "C"' if dialect == "postgresql" else ""

    def of(self, node: nodes.Node) -> _Part:
        """Return what is known of a part."""
        match node:
            case nodes.And(left=left, right=right):
                return _and(self.of(left), self.of(right))
            case nodes.Or(left=left, right=right):
                return _turned(_and(_turned(self.of(left)), _turned(self.of(right))))
            case nodes.Not(node=inner):
                return _turned(self.of(inner))
            case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]):
                return self._comparison(left, op, right)
        return self._there(node)

    def _there(self, node: nodes.Node) -> _Part:
        """Return what is known of a part that asks whether a field has a value, or holds."""
        match node:
            case nodes.Test(name="none", node=nodes.Name(name=name)) if name in self._fields:
                return _Part(self._missing(name), self._given(name), _NONE)
            case nodes.Name(name=name) if name in self._fields:
                flag = self._fields[name] is FieldType.FLAG
                return _Part(self._stands(name, "true") if flag else self._given(name), _ALL, _NONE)
        return _UNKNOWN

    def _comparison(self, left: nodes.Node, op: str, right: nodes.Node) -> _Part:
        """Return what is known of a comparison of two."""
        if op in {"in", "notin"}:
            part = self._among(left, right)
            return _turned(part) if op == "notin" else part
        if not isinstance(left, nodes.Name) or left.name == "today":
            left, op, right = right, _TURNED[op], left
        if not isinstance(left, nodes.Name):
            return _UNKNOWN
        if op in _ORDERS:
            return self._order(left.name, _ORDERS[op], right)
        part = self._equal(left.name, right)
        return _turned(part) if op == "ne" else part

    def _equal(self, name: str, other: nodes.Node) -> _Part:
        """Return what is known of `name == other`."""
        day = self._day(other)
        if day is not None and self._fields.get(name) in DAY_TYPES:
            # Without the closing quotation mark: a moment of that day has its time behind it.
            return _Part(self._stands(name, f'"{day}'), _ALL, _NONE)
        if not isinstance(other, nodes.Const):
            return _UNKNOWN
        if name in COLUMNS and isinstance(other.value, str):
            written = (other.value,)
            return _Part(Sql(f"{COLUMNS[name]} = ?", written), Sql(f"{COLUMNS[name]} <> ?", written), _NONE)
        return self._has(name, other.value) if name in self._fields else _UNKNOWN

    def _has(self, name: str, value: object) -> _Part:
        """Return what is known of a field that is compared with a value that is written."""
        match value:
            case None:
                return _Part(self._missing(name), self._given(name), _NONE)
            case str():
                # What looks like the field may stand in somebody's text: to find it proves nothing, not to find it
                # does.
                return _Part(self._stands(name, self._written(value)), _ALL, _NONE)
            case int() if abs(value) < _LARGEST:
                written = [str(int(value))]
                # To an expression true is 1 and false is 0, as to Python.
                written += ["-0", "false"] if value == 0 else ["true"] if value == 1 else []
                return _Part(_any([self._stands(name, each) for each in written]), _ALL, _NONE)
        return _UNKNOWN

    def _among(self, left: nodes.Node, right: nodes.Node) -> _Part:
        """Return what is known of `left in right`."""
        match left, right:
            case nodes.Name(name=name), nodes.List(items=items) | nodes.Tuple(items=items):
                equal = [self._equal(name, each) for each in items]
                fails = _ALL
                for each in equal:
                    fails = _both(fails, each.fails)
                unjudged = _any([each.unjudged for each in equal])
                return _Part(_any([each.holds for each in equal]), fails, unjudged)
            case nodes.Const(value=str() as value), nodes.Name(name=name) if self._fields.get(name) in _TEXTS:
                missing = self._missing(name)
                return _Part(_any([self._holds(self._written(value)[1:-1]), missing]), _ALL, missing)
        return _UNKNOWN

    def _order(self, name: str, sign: str, other: nodes.Node) -> _Part:
        """Return what is known of `name < other` of a day and one that is written."""
        day = self._day(other)
        if day is None or self._fields.get(name) not in DAY_TYPES:
            return _UNKNOWN
        before = f'"{name}":"'
        written = f"substr(c.fields, {self._place}(c.fields, ?) + {len(before)}, 10){self._bytewise}"
        opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[sign]
        missing = self._missing(name)
        ways = [_any([missing, Sql(f"{written} {each} ?", (before, day))]) for each in (sign, opposite)]
        return _Part(ways[0], ways[1], missing)

    def _day(self, node: nodes.Node) -> str | None:
        """Return the day that a part is, as it is stored; None if it is none, or no certain one."""
        match node:
            case nodes.Name(name="today"):
                return self._today
            case nodes.Filter(node=nodes.Const(value=str() as written), name="day"):
                try:
                    return date.fromisoformat(written).isoformat()
                except ValueError:
                    return None
        return None

    def _given(self, name: str) -> Sql:
        return self._holds(f'"{name}":')

    def _missing(self, name: str) -> Sql:
        """Return what finds rows in which a field has no value."""
        return Sql(
            f"({self._place}(c.fields, ?) = 0 OR {self._place}(c.fields, ?) > 0)", (f'"{name}":', f'"{name}":null')
        )

    def _stands(self, name: str, written: str) -> Sql:
        """Return what finds rows in which a field's value begins so."""
        return self._holds(f'"{name}":{written}')

    def _holds(self, words: str) -> Sql:
        return Sql(f"{self._place}(c.fields, ?) > 0", (words,))


def _and(one: _Part, other: _Part) -> _Part:
    """Return what is known of two parts of which the second is asked only if the first holds.

    A row in which a part cannot be judged is among those for which it may hold, and among those for which it may not.
    So nothing stands there twice but what cannot be judged, and what is asked does not double with each part.
    """
    return _Part(
        holds=_both(one.holds, _any([other.holds, one.unjudged])),
        fails=_any([one.fails, other.fails]),
        unjudged=_any([one.unjudged, other.unjudged]),
    )


def _turned(part: _Part) -> _Part:
    """Return what is known of the contrary."""
    return _Part(part.fails, part.holds, part.unjudged)


def _both(one: Sql, other: Sql) -> Sql:
    if _NONE in {one, other}:
        return _NONE
    if _ALL in {one, other}:
        return other if one == _ALL else one
    if len(one.values) + len(other.values) > _MOST:
        # Each alone lets through all that both do, and some more, which is judged by the expression itself.
        return min(one, other, key=lambda each: len(each.values))
    return Sql(f"({one.text} AND {other.text})", one.values + other.values)


def _any(conditions: Sequence[Sql]) -> Sql:
    some = [each for each in dict.fromkeys(conditions) if each != _NONE]
    if not some:
        return _NONE
    if _ALL in some or sum(len(each.values) for each in some) > _MOST:
        return _ALL
    joined = " OR ".join(each.text for each in some)
    return Sql(joined if len(some) == 1 else f"({joined})", tuple(value for each in some for value in each.values))


def _conjuncts(tree: nodes.Node) -> list[nodes.Node]:
    """Return the parts all of which hold if the whole does, those first that are asked first."""
    if isinstance(tree, nodes.And):
        return [*_conjuncts(tree.left), *_conjuncts(tree.right)]
    return [tree]


def _written_of(node: nodes.Node) -> tuple[str, str] | None:
    """Return the name and the text of `name == 'text'`; None if a part is nothing of the kind."""
    match node:
        case nodes.Compare(expr=left, ops=[nodes.Operand(op="eq", expr=right)]):
            pair = (left, right) if isinstance(left, nodes.Name) else (right, left)
            match pair:
                case (nodes.Name(name=name), nodes.Const(value=str() as text)):
                    return name, text
    return None


def _states(node: nodes.Node) -> frozenset[str] | None:
    """Return the only states in which a part holds."""
    match node:
        case nodes.Compare(expr=nodes.Name(name="state"), ops=[nodes.Operand(op="eq", expr=nodes.Const(value=value))]):
            return frozenset({str(value)})
        case nodes.Compare(expr=nodes.Name(name="state"), ops=[nodes.Operand(op="in", expr=nodes.List(items=items))]):
            if all(isinstance(each, nodes.Const) for each in items):
                return frozenset(str(getattr(each, "value", "")) for each in items)
    return None


def same_in_all(versions: Collection[Mapping[str, FieldType]]) -> dict[str, FieldType]:
    """Return the fields that have one type in every version."""
    first, *rest = versions
    return {name: kind for name, kind in first.items() if all(each.get(name) is kind for each in rest)}
