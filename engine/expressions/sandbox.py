"""The sandbox in which expressions run: emptied of all but the tables of `engine.expressions.grammar`, and made fast.

What is not allowed there is refused before anything runs; Jinja2's own sandbox stands behind that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, cast

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.filters import FILTERS as THEIR_FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as THEIR_TESTS
from jinja2.utils import missing

from engine.errors import BadValueError
from engine.expressions.grammar import DATE_PARTS, FILTERS, LISTING, TESTS, forbidden, parse, parts
from engine.expressions.plain import NEEDS, REMEMBERED, UNJUDGED
from engine.language import Text
from engine.workflow.computed import COUNTS_DAYS

LARGEST: Final = 10**15
"""No product may go beyond it, in either direction."""

_UNJUDGED: Final = (TemplateRuntimeError, *UNJUDGED)
"""What a sound expression may raise because of what a case holds or lacks."""


class Compiled:
    """Expressions turned into one function of the scope, when it is first asked for values.

    Many are only asked what has to be read for them, and of a command's start the turning takes a tenth.
    """

    __slots__ = ("_of_truth", "_root", "_trees", "names", "uses")

    def __init__(self, trees: Sequence[nodes.Expr], *, of_truth: bool = True) -> None:
        """Take expressions.

        Args:
            of_truth: What is asked of each is whether it holds, not what it comes to.
        """
        self._trees = trees
        self._of_truth = of_truth
        self._root: Callable[[Context], Iterable[str]] | None = None
        self.names = frozenset(name.name for tree in trees for name in parts(tree, nodes.Name))
        uses = {need for need, users in NEEDS.items() if not self.names.isdisjoint(users)}
        if any(each.name == "after" for tree in trees for each in parts(tree, nodes.Filter)):
            uses.add("calendar")
        self.uses = frozenset(uses)

    def values(self, scope: Mapping[str, object]) -> tuple[bool, ...] | None:
        """Return whether each holds; None if the values in *scope* do not let one of them be judged."""
        root = self._root
        if root is None:
            root = self._root = _as_function(self._trees, of_truth=self._of_truth)
        context = _Ground(scope)
        try:
            for _ in root(context):
                pass
        except _UNJUDGED:
            return None
        return cast("tuple[bool, ...]", context.vars["said"])

    def settles(self, scope: Mapping[str, object]) -> bool:
        """Say whether each can be judged by the values in *scope*."""
        return self.values(scope) is not None


@lru_cache(maxsize=REMEMBERED)
def compiled(sources: tuple[str, ...], *, of_truth: bool = True) -> Compiled:
    """Return *sources* as one function.

    Args:
        of_truth: What is asked of each is whether it holds, not what it comes to.

    Raises:
        BadValueError: If one of them is no sound expression.
    """
    parsed = []
    for source in sources:
        tree = parse(source)
        wrong = (tree,) if isinstance(tree, Text) else tuple(forbidden(tree))
        if wrong:
            raise BadValueError(Text("'{source}': {why}", "“{source}”：{why}").format(source=source[:80], why=wrong[0]))
        assert isinstance(tree, nodes.Expr)
        parsed.append(tree)
    return Compiled(parsed, of_truth=of_truth)


def is_missing(value: object) -> bool:
    """Say whether what an expression came to is Jinja2's mark for no value at all."""
    return isinstance(value, StrictUndefined)


def _as_function(trees: Iterable[nodes.Expr], *, of_truth: bool) -> Callable[[Context], Iterable[str]]:
    """Return what says of a context whether each of *trees* holds, or what it comes to, as `said`."""
    # `not not` makes each a plain truth inside the same call, where a missing value still raises.
    wanted: list[nodes.Expr] = [nodes.Not(nodes.Not(tree)) if of_truth else tree for tree in trees]
    said = nodes.Assign(nodes.Name("said", "store"), nodes.Tuple(wanted, "load"), lineno=1)
    template = nodes.Template([said], lineno=1)
    template.set_environment(_environment)
    scope: dict[str, Any] = {"environment": _environment, "__file__": "expression"}
    try:
        code = _environment.compile(template)
    except TemplateRuntimeError:  # of a part without names, worked out beforehand: it fails when it is asked for
        code = _unprepared.compile(template)
    exec(code, scope)  # noqa: S102 - Jinja2's own output for the allowed nodes
    return cast("Callable[[Context], Iterable[str]]", scope["root"])


class _Ground(Context):
    """What an expression stands on: the scope itself, not a copy of it."""

    def __init__(self, scope: Mapping[str, object]) -> None:
        self.parent = scope  # type: ignore[assignment] # only read
        self.vars = {}
        self.exported_vars = set()
        self.environment = _environment

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of a name, or Jinja2's mark for none."""
        return self.parent.get(key, missing)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with nothing in it but what the tables allow."""

    intercepted_binops = frozenset({"*", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field of a case seen as a mapping, or a part of a date; others have none.

        A method is no value: `children('x').count`, for want of a bar, would hold whatever children there are.
        """
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute) if attribute in DATE_PARTS else self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Do the same for filters that look into children."""
        return self.getattr(obj, str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply and divide numbers only: neither texts to fill memory with, nor formats to fill in."""
        if not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
            raise TypeError(operator)
        found = super().call_binop(context, operator, left, right)
        if abs(found) > LARGEST:
            raise OverflowError(operator)
        return found


def _all_in(children: Iterable[Any], *states: str) -> bool:
    """Say whether there are children and all of them stand in one of *states*."""
    standing = [_environment.getattr(child, "state") for child in children]
    return bool(standing) and all(state in states for state in standing)


def _any_in(children: Iterable[Any], *states: str) -> bool:
    """Say whether a child stands in one of *states*."""
    return any(_environment.getattr(child, "state") in states for child in children)


def _said_of(children: Iterable[Any], field: str) -> list[Any]:
    """Return what the children have in *field*; those without a value say nothing."""
    found = (_environment.getattr(child, field) for child in children)
    return [each for each in found if each is not None and not is_missing(each)]


def _total(children: Iterable[Any], field: str) -> int | float:
    """Return the sum of a field over the children; 0 if there is nothing to add."""
    found: int | float = sum(_said_of(children, field))
    return found


def _earliest(children: Iterable[Any], field: str) -> date | None:
    """Return the first day in a field of the children; None if none has one."""
    return min(map(date.fromisoformat, _said_of(children, field)), default=None)


def _latest(children: Iterable[Any], field: str) -> date | None:
    """Return the last day in a field of the children; None if none has one."""
    return max(map(date.fromisoformat, _said_of(children, field)), default=None)


@pass_context
def _after(context: Context, day: date, term: str) -> date:
    """Return the day that lies a term after *day*, by the calendar of the case's unit."""
    found: date = context.resolve_or_missing(COUNTS_DAYS)(day, term)
    return found


def _among(children: Iterable[Any], field: str, value: object) -> list[Any]:
    """Return the children whose *field* has the value, or has it among its values."""
    return [child for child in children if _has(_environment.getattr(child, field), value)]


def _has(found: object, value: object) -> bool:
    return value in found if isinstance(found, (list, tuple)) else found == value


def _listing(name: str) -> Callable[..., list[Any]]:
    """Return Jinja2's filter of that name so that it gives a list."""
    lazy = THEIR_FILTERS[name]

    @pass_context
    def listed(context: Context, values: Iterable[Any], *arguments: Any) -> list[Any]:
        return list(lazy(context, values, *arguments))

    return listed


def _prepared() -> _Environment:
    """Return the environment, emptied and filled again."""
    made = _Environment(undefined=StrictUndefined, cache_size=0, autoescape=False)
    made.globals.clear()
    made.filters = {name: THEIR_FILTERS[name] for name in FILTERS}
    made.filters |= {name: _listing(name) for name in LISTING}
    made.filters |= {"all_in": _all_in, "any_in": _any_in, "among": _among, "day": date.fromisoformat}
    made.filters |= {"total": _total, "earliest": _earliest, "latest": _latest, "after": _after}
    made.tests = {name: THEIR_TESTS[name] for name in TESTS}
    return made


_environment: Final = _prepared()
_unprepared: Final = _environment.overlay(optimized=False)
"""The same; works nothing out beforehand."""
