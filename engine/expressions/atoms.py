"""An expression taken apart: what stands in it between `and`, `or` and `not`, and which parts compare persons.

Those who look at all cases at once ask each part by itself: two values that no part tells apart are one. Of persons
only this can be said in general: that they are, or are not, the same. So each comparison of persons becomes a name
of its own, whose truth is given from outside; everything else is still judged by the sandbox.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from typing import Final, NamedTuple

from jinja2 import nodes

from engine.expressions.grammar import parse
from engine.expressions.sandbox import Compiled
from engine.language import Text

_OFFICERS_OF_STEPS: Final = frozenset({"doers", "last_doer"})
_BETWEEN: Final = (nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)


class SamePerson(NamedTuple):
    """A comparison of persons: whether one is, or is among, others."""

    key: str
    """Equal for two that say the same; the name under which its truth stands in the scope."""
    fields: frozenset[str]
    """The names of fields in it."""
    wanted: frozenset[str]
    """Those without which it cannot be judged at all."""
    steps: frozenset[str]
    """Triggers whose doers are compared."""
    by: bool
    """Whether who acts is compared."""
    equal: tuple[str, str] | None = None
    """The two names of `a == b` or `a != b`, of which the truth is known if one has no value."""
    differs: bool = False
    """It holds if they are others (`!=`, `not in`)."""


class ExpressionPiece(NamedTuple):
    """A part of an expression that is true or false, between its `and`, `or` and `not`."""

    source: str
    """Equal for two that say the same."""
    names: frozenset[str]
    """Names looked up in it, without functions."""
    children: frozenset[str]
    """The workflows whose cases it looks at."""
    words: frozenset[str]
    """The words in quotes, and what is asked after a dot."""
    numbers: frozenset[int]
    """The whole numbers in it."""
    filters: frozenset[str]
    """The filters it goes through, `length` among them."""
    form: str
    """`there`: it asks whether one name has a value; `name`: it compares one with words or numbers; `names`: it
    compares names with one another; else empty."""
    compiled: Compiled


class TakenApart(NamedTuple):
    """What an expression is made of."""

    compiled: Compiled
    """The whole, with `SamePerson.key` where persons are compared."""
    names: frozenset[str]
    people: tuple[SamePerson, ...]
    pieces: tuple[ExpressionPiece, ...]
    """All but comparisons of persons."""
    children: frozenset[str]
    done: frozenset[str]
    """Triggers of which it asks whether they were taken, or by whom."""
    parent: frozenset[str]
    """What it asks of the parent."""
    forms: frozenset[str]
    """What is asked in it in a form that no few values stand for: `arithmetic`, `days`, `calendar`, `wording`."""


@cache
def taken_apart(source: str, officers: frozenset[str]) -> TakenApart:
    """Return the parts of a sound expression.

    Args:
        source: The expression.
        officers: The names of fields that hold officers.
    """
    tree = parse(source)
    assert not isinstance(tree, Text)  # judged before anybody takes it apart
    people: dict[str, SamePerson] = {}
    pieces: dict[str, ExpressionPiece] = {}
    whole = _without_persons(tree, officers, people, pieces)
    everything = [tree, *tree.find_all(nodes.Node)]
    return TakenApart(
        compiled=Compiled([whole]),
        names=frozenset(_names(whole)) - people.keys(),
        people=tuple(people.values()),
        pieces=tuple(pieces.values()),
        children=frozenset(_called(everything, {"children"})),
        done=frozenset(_called(everything, {"done", *_OFFICERS_OF_STEPS})),
        parent=frozenset(
            each.attr
            for each in everything
            if isinstance(each, nodes.Getattr) and isinstance(each.node, nodes.Name) and each.node.name == "parent"
        ),
        forms=frozenset(_forms(everything)),
    )


def _without_persons(
    node: nodes.Expr, officers: frozenset[str], people: dict[str, SamePerson], pieces: dict[str, ExpressionPiece]
) -> nodes.Expr:
    """Return the tree with a name for each comparison of persons; notes those and all other parts."""
    if isinstance(node, nodes.And | nodes.Or):
        left = _without_persons(node.left, officers, people, pieces)
        return type(node)(left, _without_persons(node.right, officers, people, pieces), lineno=1)
    if isinstance(node, nodes.Not):
        return nodes.Not(_without_persons(node.node, officers, people, pieces), lineno=1)
    if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
        test, one, other = (_without_persons(x, officers, people, pieces) for x in (node.test, node.expr1, node.expr2))
        return nodes.CondExpr(test, one, other, lineno=1)
    same = _same_person(node, officers)
    if same is not None:
        people[same.key] = same
        return nodes.Name(same.key, "load", lineno=1)
    parts = [node, *node.find_all(nodes.Node)]
    written = [each.value for each in parts if isinstance(each, nodes.Const)]
    after_dots = {each.attr for each in parts if isinstance(each, nodes.Getattr)}
    pieces.setdefault(
        repr(node),
        ExpressionPiece(
            source=repr(node),
            names=frozenset(_names(node)),
            children=frozenset(_called(parts, {"children"})),
            words=frozenset({each for each in written if isinstance(each, str)} | after_dots),
            numbers=frozenset(each for each in written if isinstance(each, int) and not isinstance(each, bool)),
            filters=frozenset(each.name for each in parts if isinstance(each, nodes.Filter)),
            form=_form(node),
            compiled=Compiled([node]),
        ),
    )
    return node


def _form(node: nodes.Expr) -> str:
    """Return `ExpressionPiece.form`."""
    if _is_name(node) or (isinstance(node, nodes.Test) and node.name == "none" and _is_name(node.node)):
        return "there"
    if isinstance(node, nodes.Compare):
        operands = [node.expr, *(each.expr for each in node.ops)]
        names = [each for each in operands if _is_name(each)]
        if len(names) == len(operands):
            return "names"
        if len(names) == 1 and all(_is_written(each) for each in operands if each not in names):
            return "name"
    return ""


def _is_name(node: nodes.Node) -> bool:
    """Say whether a value is looked up and nothing is done with it."""
    if isinstance(node, nodes.Getattr):
        return isinstance(node.node, nodes.Name) and node.node.name == "parent"
    return isinstance(node, nodes.Name)


def _is_written(node: nodes.Node) -> bool:
    """Say whether a value stands in the expression itself."""
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(map(_is_written, node.items))
    return isinstance(node, nodes.Const) or (isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const))


def _same_person(node: nodes.Expr, officers: frozenset[str]) -> SamePerson | None:
    """Return what is compared, if persons are: not whether there is one, nor how many."""
    parts = [node, *node.find_all(nodes.Node)]
    fields = frozenset(_names(node)) & officers
    steps = frozenset(_called(parts, _OFFICERS_OF_STEPS))
    by = any(isinstance(each, nodes.Name) and each.name == "by" for each in parts)
    if not (fields or steps or by):
        return None
    if isinstance(node, nodes.Compare):
        operands = [node.expr, *(each.expr for each in node.ops)]
        if len(operands) != 2 or any(isinstance(each, nodes.Const) for each in operands) or _counts(operands):
            return None
        ways = {each.op for each in node.ops}
        equal = None
        if ways <= {"eq", "ne"} and all(isinstance(each, nodes.Name) for each in operands):
            equal = (str(getattr(operands[0], "name", "")), str(getattr(operands[1], "name", "")))
        wanted = {operands[1].name} if ways <= {"in", "notin"} and isinstance(operands[1], nodes.Name) else set()
        return SamePerson(_key(node), fields, frozenset(wanted & officers), steps, by, equal, ways <= {"ne", "notin"})
    if isinstance(node, nodes.Filter) and node.name in {"select", "reject"}:
        plain = [each.name for each in (node.node, *node.args) if isinstance(each, nodes.Name)]
        return SamePerson(_key(node), fields, frozenset(plain) & officers, steps, by)
    return None


def _key(node: nodes.Expr) -> str:
    """Return the name of a comparison; no declared name begins with a capital letter."""
    return f"Same_{blake2b(repr(node).encode(), digest_size=8).hexdigest()}"


def _counts(operands: Collection[nodes.Expr]) -> bool:
    """Say whether only the number of persons is asked."""
    return any(isinstance(each, nodes.Filter) and each.name in {"length", "count"} for each in operands)


def _names(node: nodes.Node) -> Iterator[str]:
    """Yield the names that are looked up, without functions."""
    parts = [node, *node.find_all(nodes.Node)]
    heads = {id(each.node) for each in parts if isinstance(each, nodes.Call)}
    yield from (each.name for each in parts if isinstance(each, nodes.Name) and id(each) not in heads)


def _called(parts: Collection[nodes.Node], functions: Collection[str]) -> Iterator[str]:
    """Yield the first argument of each call of some functions."""
    for each in parts:
        if isinstance(each, nodes.Call) and isinstance(each.node, nodes.Name) and each.node.name in functions:
            yield from (str(one.value) for one in each.args[:1] if isinstance(one, nodes.Const))


_FORMS: Final[Mapping[str, Callable[[nodes.Node], bool]]] = {
    "arithmetic": lambda each: isinstance(each, nodes.Mul | nodes.Div | nodes.FloorDiv | nodes.Mod),
    "calendar": lambda each: (
        (isinstance(each, nodes.Filter) and each.name in {"after", "day"})
        or (isinstance(each, nodes.Getattr) and each.attr in {"year", "month", "day"})
    ),
    "wording": lambda each: isinstance(each, nodes.Filter) and each.name in {"lower", "upper", "trim"},
    "sums": lambda each: (
        isinstance(each, nodes.Filter) and each.name in {"total", "earliest", "latest", "sum", "min", "max"}
    ),
}


def _forms(parts: Collection[nodes.Node]) -> Iterator[str]:
    """Yield the forms in it for which a few values do not stand exactly."""
    yield from (name for name, is_one in _FORMS.items() if any(map(is_one, parts)))
