"""Expressions of a declaration: what they name, whether they are sound, and what they say of a case.

They are written in Jinja2's expression language and run in a sandbox of our own
(`engine.expressions.sandbox`, imported only when an expression is really looked at); what is plain needs no sandbox
(`engine.expressions.plain`).
"""

from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from engine.expressions.plain import FUNCTIONS, REMEMBERED, PlainTogether, plain, together
from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct

if TYPE_CHECKING:
    from engine.expressions.sandbox import Compiled

__all__ = [
    "FUNCTIONS",
    "Call",
    "Expression",
    "Guards",
    "Judgement",
    "Scope",
    "all_comparisons",
    "calls",
    "check",
    "comparisons",
    "compile_expression",
    "guards",
    "names",
]

Scope = Mapping[str, object]
"""The values of the names: fields (None if unset), the standing names, and the functions it uses."""


class Call(NamedTuple):
    """A function or filter used by an expression, with its literal arguments."""

    function: str
    arguments: tuple[object, ...]
    workflow: str | None
    """For a filter over `children('x')`: 'x'; else None."""


class Judgement(FrozenStruct, frozen=True, kw_only=True):
    """What an expression says of a case."""

    holds: bool
    judged: bool = True
    """False if a value needed to judge was missing or of the wrong kind; it then does not hold."""
    missing: tuple[str, ...] = ()
    """Names in the expression that have no value, if it could not be judged."""

    @property
    def reason(self) -> Text | None:
        """Why it could not be judged; None if it was."""
        if self.judged:
            return None
        if self.missing:
            names = Text(", ".join(self.missing), "、".join(self.missing))
            return Text("cannot be judged: {names} is missing", "无法判断：缺少 {names}").format(names=names)
        return Text("cannot be judged: the values do not fit together", "无法判断：取值类型不相符")


HOLDS = Judgement(holds=True)
FAILS = Judgement(holds=False)


class Guards:
    """Several expressions judged in one call; one that cannot be judged does not hold up the others."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        self.sources = sources

    @cached_property
    def uses(self) -> frozenset[str]:
        """Which of `children`, `history` and `parent` have to be read to judge them.

        Raises:
            BadValueError: If one of them is no sound expression.
        """
        return self._compiled.uses

    def verdicts(self, scope: Scope) -> tuple[Judgement, ...]:
        """Return what each expression says, in their order; never raises for what a case holds.

        Raises:
            BadValueError: If one of them is no sound expression.
        """
        if not self.sources:
            return ()
        said = self._compiled.values(scope)
        if said is None:
            return tuple(compile_expression(each).verdict(scope) for each in self.sources)
        return tuple(HOLDS if each else FAILS for each in said)

    def truths(self, scope: Scope) -> tuple[bool, ...]:
        """Say of each expression whether it holds, in their order; as `verdicts`, without the reasons.

        Raises:
            BadValueError: If one of them is no sound expression.
        """
        said = self._compiled.values(scope) if self.sources else ()
        return tuple([each.holds for each in self.verdicts(scope)]) if said is None else said

    def hold(self, scope: Scope) -> bool:
        """Say whether all of them hold; never raises for what a case holds.

        Raises:
            BadValueError: If one of them is no sound expression.
        """
        if not self.sources:
            return True
        said = self._compiled.values(scope)
        return said is not None and all(said)

    @cached_property
    def _compiled(self) -> "Compiled | PlainTogether":
        return _ready(self.sources)


class Expression:
    """One expression, ready to be asked about cases."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def uses(self) -> frozenset[str]:
        """Which of `children`, `history` and `parent` have to be read to judge it.

        Raises:
            BadValueError: If it is no sound expression.
        """
        return self._compiled.uses

    def verdict(self, scope: Scope) -> Judgement:
        """Return what the expression says; never raises for what a case holds.

        Raises:
            BadValueError: If it is no sound expression.
        """
        said = self._compiled.values(scope)
        if said is not None:
            return HOLDS if said[0] else FAILS
        return Judgement(holds=False, judged=False, missing=self._missing(scope))

    def is_settled_by(self, scope: Scope) -> bool:
        """Say whether the values in *scope* suffice to judge it; never loads the sandbox for a plain expression.

        Of a plain one that only the sandbox could judge without a value it says that they do not: what is asked then
        is looked at once more than it must be.

        Raises:
            BadValueError: If it is no sound expression.
        """
        return self._compiled.settles(scope)

    def value(self, scope: Scope) -> tuple[object, Judgement]:
        """Return what the expression comes to, and whether that could be judged; None if it could not.

        Raises:
            BadValueError: If it is no sound expression.
        """
        from engine.expressions.sandbox import compiled, is_missing

        said: tuple[object, ...] | None = compiled((self.source,), of_truth=False).values(scope)
        if said is None or is_missing(said[0]):
            return None, Judgement(holds=False, judged=False, missing=self._missing(scope))
        return said[0], HOLDS

    def _missing(self, scope: Scope) -> tuple[str, ...]:
        """Return the names in it that have no value."""
        return tuple(name for name in sorted(self._compiled.names) if scope.get(name) is None)

    @cached_property
    def _compiled(self) -> "Compiled | PlainTogether":
        return _ready((self.source,))


def _ready(sources: tuple[str, ...]) -> "Compiled | PlainTogether":
    """Return what judges *sources*: without the sandbox if all of them are plain."""

    def in_sandbox() -> "Compiled":
        from engine.expressions.sandbox import compiled

        return compiled(sources)

    return together(sources, lambda scope: in_sandbox().values(scope)) or in_sandbox()


@lru_cache(maxsize=REMEMBERED)
def compile_expression(source: str) -> Expression:
    """Return the expression; the work is done when it is first asked, and seldom more than once."""
    return Expression(source)


@lru_cache(maxsize=REMEMBERED)
def guards(sources: tuple[str, ...]) -> Guards:
    """Return the expressions as one; the work is done when they are first asked, and seldom more than once."""
    return Guards(sources)


def check(
    source: str,
    names: Collection[str],
    functions: Collection[str] = FUNCTIONS,
    *,
    parent: Collection[str] | None = None,
) -> tuple[Text, ...]:
    """Return everything that is wrong with *source* as it stands, before any case is looked at.

    Args:
        names: What it may name: the fields of its workflow and the standing names.
        parent: What may stand after `parent.`; None if that is not known and not to be checked.
    """
    from engine.expressions.grammar import faults

    return faults(source, names, functions, parent)


@lru_cache(maxsize=4096)  # bounded, since conditions of searches are typed by people
def names(source: str) -> frozenset[str]:
    """Return the names that *source* looks up, without functions; empty if it cannot be parsed.

    Parsed once: each view of a case asks for the names of every guard that fails.
    """
    known = plain(source)
    if known is not None:
        return known.names
    from engine.expressions.grammar import looked_up

    return looked_up(source)


def calls(source: str) -> tuple[Call, ...]:
    """Return the functions and filters that *source* uses; empty if it cannot be parsed."""
    from engine.expressions.grammar import called

    return tuple(Call(*each) for each in called(source))


def comparisons(source: str) -> tuple[tuple[str, object], ...]:
    """Return each name compared with a literal: `("finding", "partly")`, `("parent.state", "closed")`."""
    from engine.expressions.grammar import compared

    return compared(source)


def all_comparisons(source: str) -> tuple[tuple[str, object], ...]:
    """Return what `comparisons` does, with those by order: `("received_on", "2019-06-03")` of `<`."""
    from engine.expressions.grammar import EQUAL, ORDERED, compared

    return compared(source, EQUAL | ORDERED)
