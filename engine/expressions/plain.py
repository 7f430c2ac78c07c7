"""The plain part of the language of expressions, judged without Jinja2, whose loading is a sixth of a cold step.

What most conditions are made of: names, texts and whole numbers, and/or/not, comparisons, the functions of a case and
the filters over children. Python's own parser reads it (where both languages agree on what a text means), and what is
read becomes closures: nothing is compiled or run as code. Whatever is not in the tables here, and whatever cannot be
judged by them, is left to `engine.expressions.sandbox`, whose word counts: a test compares the two.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from engine.language import lazy_pattern

Judge = Callable[[Mapping[str, Any]], Any]
"""Says what an expression comes to in a scope."""

Otherwise = Callable[[Mapping[str, Any]], tuple[Any, ...] | None]
"""Says the same of several, None if one cannot be judged."""

MOST_PARTS: Final = 60
"""More parts are left to the sandbox, which refuses what lies too deep; so few never do."""
LONGEST: Final = 500
"""Characters; what is longer is left to the sandbox too."""

REMEMBERED: Final = 4096
"""Conditions that are kept ready: more than declarations hold, and no more than that of what people search for."""

FUNCTIONS: Final = ("children", "done", "doers", "last_doer")
"""What every expression may call."""

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "children": ("children",),
    "history": ("done", "doers", "last_doer", "came_from"),
    "parent": ("parent",),
}
"""What has to be read, by the names that need it."""

UNJUDGED: Final = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What a sound expression may raise because of what a case holds or lacks."""

_READ_OTHERWISE: Final = lazy_pattern(r"""[\\#{}%\n\r\f]|\'\'\'|\"\"\"""")
"""What the two parsers understand differently: escapes, comments, ends of a template, three quotes in a row."""

_GLUED: Final = lazy_pattern(r"(?<!\w)\d[\d.]*[^\W\d]")
"""A number with a letter behind it (1or x), of which Python's parser complains to those who sit at the terminal."""

_TEXTS: Final = lazy_pattern(r"""(\w?)(?:'[^']*'|"[^"]*")""")
"""A text, and the letter before it if there is one: `r'…'` is Python's alone."""

_CONSTANTS: Final[Mapping[str, object]] = {"true": True, "false": False, "none": None}

_DATE_PARTS: Final[Mapping[str, type]] = {"year": date, "month": date, "day": date, "days": timedelta}
"""What may stand after the dot of a date, or of the time between two."""

_COMPARISONS: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


class _NotPlainError(Exception):
    """Something stands there that is left to the sandbox."""


class PlainExpression:
    """One plain expression."""

    __slots__ = ("called", "judge", "names")

    def __init__(self, judge: Judge, names: frozenset[str], called: frozenset[str]) -> None:
        self.judge = judge
        self.names = names
        """Those that it looks up."""
        self.called = called


class PlainTogether:
    """Several plain expressions, asked as the sandbox is asked (`engine.expressions.sandbox.Compiled`)."""

    __slots__ = ("_judges", "_of_truth", "_otherwise", "names", "uses")

    def __init__(self, read: Sequence[PlainExpression], otherwise: Otherwise, *, of_truth: bool) -> None:
        """Take what has been *read*.

        Args:
            otherwise: Asks the sandbox, if one cannot be judged here.
            of_truth: What is asked of each is whether it holds, not what it comes to.
        """
        self._otherwise = otherwise
        self._of_truth = of_truth
        self._judges = tuple(each.judge for each in read)
        self.names = frozenset().union(*(each.names | each.called for each in read))
        self.uses = frozenset(need for need, users in NEEDS.items() if not self.names.isdisjoint(users))

    def values(self, scope: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Return what each comes to; None if the values in *scope* do not let one of them be judged."""
        try:
            found = tuple([judge(scope) for judge in self._judges])
            return tuple(map(bool, found)) if self._of_truth else found
        except UNJUDGED:
            return self._otherwise(scope)

    def settles(self, scope: Mapping[str, object]) -> bool:
        """Say whether each can be judged here by the values in *scope*."""
        try:
            for judge in self._judges:
                judge(scope)
        except UNJUDGED:
            return False
        return True


def together(sources: Iterable[str], otherwise: Otherwise, *, of_truth: bool = True) -> PlainTogether | None:
    """Return *sources* as one, which asks *otherwise* if it cannot judge; None if one of them is not plain."""
    read = []
    for source in sources:
        each = plain(source)
        if each is None:
            return None
        read.append(each)
    return PlainTogether(read, otherwise, of_truth=of_truth)


@lru_cache(maxsize=REMEMBERED)
def plain(source: str) -> PlainExpression | None:
    """Return what *source* says; None if the sandbox has to read it, which may find that it is no expression."""
    if len(source) > LONGEST or _READ_OTHERWISE.search(source) or any(_TEXTS.findall(source)):
        return None
    besides = _TEXTS.sub("", source)
    if not besides.isascii() or _GLUED.search(besides):  # Python takes ｘ for x, Jinja2 does not
        return None
    reading = _Reading()
    try:
        judge = reading.of(ast.parse(source.strip(), mode="eval").body)
    except (_NotPlainError, SyntaxError, ValueError, RecursionError):
        return None
    if reading.parts > MOST_PARTS:
        return None
    return PlainExpression(judge, frozenset(reading.names), frozenset(reading.called))


class _Reading:
    """The reading of one expression; counts its parts as the sandbox's grammar does."""

    def __init__(self) -> None:
        self.parts = 0
        self.names: set[str] = set()
        self.called: set[str] = set()

    def of(self, node: ast.expr) -> Judge:
        """Return what says what *node* comes to.

        Raises:
            _NotPlainError: If it holds anything that is not plain.
        """
        self.parts += 1
        match node:
            case ast.Constant(value=str() | int() | None as value):
                return lambda _: value
            case ast.Name(id=name):
                return self._name(name)
            case ast.List() | ast.UnaryOp() | ast.BoolOp():
                return self._joined(node)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(left, ops, others)
            case ast.BinOp():
                return self._operation(node)
            case ast.Attribute() | ast.Call():
                return self._looked_up(node)
        raise _NotPlainError

    def _joined(self, node: ast.List | ast.UnaryOp | ast.BoolOp) -> Judge:
        """Return what makes a list, turns a truth round, or joins truths."""
        match node:
            case ast.List(elts=items):
                every = [self.of(each) for each in items]
                return lambda scope: [each(scope) for each in every]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.of(operand)
                return lambda scope: not inner(scope)
            case ast.BoolOp(op=op, values=values):
                self.parts += len(values) - 2
                every = [self.of(each) for each in values]
                return _first_false(every) if isinstance(op, ast.And) else _first_true(every)
        raise _NotPlainError

    def _operation(self, node: ast.BinOp) -> Judge:
        """Return what takes one from another, or passes something through a filter."""
        match node:
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                one, other = self.of(left), self.of(right)
                return lambda scope: one(scope) - other(scope)
            case ast.BinOp(op=ast.BitOr(), left=ast.Name() | ast.Call() | ast.BinOp(op=ast.BitOr()) as left):
                return self._filter(left, node.right)
        raise _NotPlainError

    def _looked_up(self, node: ast.Attribute | ast.Call) -> Judge:
        """Return what looks behind a dot, or asks a function of the case."""
        match node:
            case ast.Attribute(value=value, attr=attribute):
                return self._part(value, attribute)
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as given)], keywords=[]):
                if name in FUNCTIONS:
                    self.parts += 2
                    self.called.add(name)
                    return lambda scope: scope[name](given)
        raise _NotPlainError

    def _name(self, name: str) -> Judge:
        """Return what looks up a name; a missing one is a LookupError."""
        if name in _CONSTANTS:
            value = _CONSTANTS[name]
            return lambda _: value
        if name == "self" or name.startswith("_"):
            raise _NotPlainError
        self.names.add(name)
        return operator.itemgetter(name)

    def _comparison(self, left: ast.expr, ops: Iterable[ast.cmpop], others: Iterable[ast.expr]) -> Judge:
        """Return what compares, in a chain as Python does."""
        first = self.of(left)
        chain = []
        for op, other in zip(ops, others, strict=True):
            self.parts += 1
            if type(op) not in _COMPARISONS:
                raise _NotPlainError
            chain.append((_COMPARISONS[type(op)], self.of(other)))
        if len(chain) == 1:
            ((compare, only),) = chain
            return lambda scope: compare(first(scope), only(scope))

        def compared(scope: Mapping[str, Any]) -> Any:
            found, one = True, first(scope)
            for compare, each in chain:
                other = each(scope)
                found = compare(one, other)
                if not found:
                    return found
                one = other
            return found

        return compared

    def _part(self, value: ast.expr, attribute: str) -> Judge:
        """Return what looks behind a dot: into the parent, a child, or a date."""
        inner = self.of(value)
        kind = _DATE_PARTS.get(attribute)
        of_case = isinstance(value, (ast.Call, ast.BinOp)) or (isinstance(value, ast.Name) and value.id == "parent")
        if attribute.startswith("_") or not (of_case or kind):
            raise _NotPlainError

        def part(scope: Mapping[str, Any]) -> Any:
            found = inner(scope)
            if isinstance(found, Mapping):
                return _held(found, attribute)
            if kind is None or not isinstance(found, kind):
                raise AttributeError(attribute)
            return getattr(found, attribute)

        return part

    def _filter(self, left: ast.expr, right: ast.expr) -> Judge:
        """Return what a filter makes of what stands before it."""
        values = self.of(left)
        match right:
            case ast.Name(id="length" | "count"):
                return lambda scope: len(values(scope))
            case ast.Name(id="last"):
                return lambda scope: values(scope)[-1]
            case ast.Call(func=ast.Name(id="all_in"), args=[_, *_] as args, keywords=[]):
                states = self._texts(args)
                return lambda scope: _all_in(values(scope), states)
            case ast.Call(func=ast.Name(id="any_in"), args=[_, *_] as args, keywords=[]):
                states = self._texts(args)
                return lambda scope: any(_held(child, "state") in states for child in values(scope))
            case ast.Call(func=ast.Name(id="among"), args=[ast.Constant(value=str() as field), wanted], keywords=[]):
                self.parts += 1
                of = self.of(wanted)
                return lambda scope: _among(values(scope), field, of(scope))
            case ast.Call(func=ast.Name(id="select"), args=[ast.Constant(value="in"), allowed], keywords=[]):
                self.parts += 1
                of = self.of(allowed)
                return lambda scope: _selected(values(scope), of(scope))
        raise _NotPlainError

    def _texts(self, arguments: Iterable[ast.expr]) -> tuple[str, ...]:
        """Return the texts that *arguments* are."""
        found = tuple(each.value for each in arguments if isinstance(each, ast.Constant) and type(each.value) is str)
        self.parts += len(found)
        if len(found) != len(tuple(arguments)):
            raise _NotPlainError
        return found


def _first_false(every: Iterable[Judge]) -> Judge:
    """Return what `and` comes to, as Python has it: the first that does not hold, or the last."""

    def judged(scope: Mapping[str, Any]) -> Any:
        found = None
        for each in every:
            found = each(scope)
            if not found:
                break
        return found

    return judged


def _first_true(every: Iterable[Judge]) -> Judge:
    """Return what `or` comes to, as Python has it: the first that holds, or the last."""

    def judged(scope: Mapping[str, Any]) -> Any:
        found = None
        for each in every:
            found = each(scope)
            if found:
                break
        return found

    return judged


def _held(case: Mapping[str, Any], field: str) -> Any:
    """Return a field of a case; a missing one is a LookupError, whatever the mapping has for it."""
    if field not in case:
        raise KeyError(field)
    return case[field]


def _all_in(children: Iterable[Mapping[str, Any]], states: tuple[str, ...]) -> bool:
    """Say whether there are children and all of them stand in one of *states*."""
    standing = [_held(child, "state") for child in children]
    return bool(standing) and all(state in states for state in standing)


def _among(children: Iterable[Mapping[str, Any]], field: str, value: object) -> list[Any]:
    """Return the children whose *field* has the value, or has it among its values."""
    found = ((child, _held(child, field)) for child in children)
    return [child for child, has in found if (value in has if isinstance(has, (list, tuple)) else has == value)]


def _selected(values: Iterable[Any], allowed: Any) -> list[Any]:
    """Return those of *values* that are *allowed*; a text is allowed by its letters, as in the sandbox."""
    return [each for each in values if each in allowed] if values else []
